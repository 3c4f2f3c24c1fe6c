/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the client share: sign_in.h's play as Azure Resource Manager itself, a token from a
 * file, and the requests that were sent.
 */
#ifndef TESTS_UNIT_ARM_PLAY_H
#define TESTS_UNIT_ARM_PLAY_H

#include "sign_in.h"

#include "arm/client.h"
#include "base/json.h"

struct arm_play {
	struct play play;
	struct arm *arm;
	struct strv warnings;
};

static inline void arm_play_warned(void *ctx, const char *text)
{
	struct arm_play *arm = ctx;

	strv_push(&arm->warnings, text);
}

/* As a principal signs in: the first reply, and each that it gives again, are the token's. */
static inline void arm_play_begin(
	struct arm_play *play, const struct play_reply *replies, size_t count, bool principal)
{
	struct arm_options options = {.cloud = &play->play.cloud,
		.user_agent = "agent/1",
		.on_warning = arm_play_warned,
		.warning_ctx = play};

	play->warnings = (struct strv)STRV_INIT;
	play_begin(&play->play, replies, count);
	str_replace(&play->play.cloud.endpoint, play->play.server.url);
	if (principal) {
		play_principal();
	} else {
		autofree char *file = play_write(&play->play, "token", TOKEN);

		setenv("PLAY_TOKEN_FILE", file, 1);
		play->play.login.token_file = getenv("PLAY_TOKEN_FILE");
	}
	options.tokens = play->play.tokens;
	play->arm = arm_new(&options);
}

/* No more requests come; they can be looked at. */
static inline void arm_play_stop(struct arm_play *play)
{
	arm_free(play->arm);
	play->arm = NULL;
	play_stop(&play->play);
}

static inline void arm_play_end(struct arm_play *play)
{
	if (play->arm)
		arm_play_stop(play);
	strv_clear(&play->warnings);
	play_end(&play->play);
}

static inline size_t arm_play_count(const struct arm_play *play)
{
	return play->play.server.requests.len;
}

static inline const char *arm_play_asked(const struct arm_play *play, size_t number)
{
	return number < arm_play_count(play) ? play->play.server.requests.items[number] : "";
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the az program has signed in: it is asked for a token, without a shell. */
#include "base/base.h"

#include <ctype.h>

#include "arm/auth.h"
#include "arm/jwt.h"
#include "base/alloc.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/os.h"
#include "base/time.h"

#define TIMEOUT_MS 13000
#define STEP_MS 200
#define MAX_OUTPUT ((size_t)256 << 10)
#define MAX_WORDS 250

static char *absent(const struct auth *auth)
{
	(void)auth;
	return NULL;
}

/* On some systems az is a script for a command interpreter: nothing that one could misread goes in. */
static bool harmless(const char *word)
{
	for (; *word; word++)
		if (!isalnum((unsigned char)*word) && !strchr(".:/_-", *word))
			return false;
	return true;
}

static int command(const struct auth *auth, struct strv *argv, struct error *err)
{
	static const char *const words[] = {
		"az", "account", "get-access-token", "--output", "json", "--scope", NULL};
	/* Not the environment's, which is for those who sign in by it. */
	const char *tenant = auth->login->tenant;

	for (size_t i = 0; words[i]; i++)
		strv_push(argv, words[i]);
	strv_pushf(argv, "%s/.default", auth->audience);
	if (tenant) {
		strv_push(argv, "--tenant");
		strv_push(argv, tenant);
	}
	for (size_t i = 0; i < argv->len; i++)
		if (!harmless(argv->items[i]) || (tenant && *tenant == '-'))
			return error_set(err, ERROR_CONFIG,
				"a tenant or cloud with such a name is not passed to az");
	return 0;
}

/* Read what it prints until it ends; its stderr is kept apart. */
static int drain(
	const struct auth *auth, struct os_child *child, struct buf *output, struct error *err)
{
	int64_t deadline = time_monotonic() + TIMEOUT_MS;
	bool ended = false;

	buf_grow(output, JWT_MAX_BYTES);
	while (!ended) {
		struct os_child_step step = {.timeout_ms = STEP_MS};

		buf_grow(output, 4096);
		step.in = output->ptr + output->len;
		step.in_len = 4096;
		if (os_child_step(child, &step, err) < 0)
			return -1;
		buf_commit(output, step.got);
		ended = step.ended;
		if (auth->http.tick && auth->http.tick(auth->http.tick_ctx, err) < 0)
			return -1;
		if (time_monotonic() >= deadline)
			return error_set(err, ERROR_NOT_FOUND, "az gave no answer within %d s",
				TIMEOUT_MS / 1000);
		if (output->len > MAX_OUTPUT)
			return error_set(err, ERROR_NOT_FOUND, "az printed too much");
	}
	return 0;
}

/* The last line is the error's own as a rule: "ERROR: Please run 'az login' to setup account." */
static int refused(struct os_child *child, int status, struct error *err)
{
	const char *text = os_child_stderr(child);
	const char *mark = strstr(text, "ERROR: ");
	autofree char *words = auth_clean_text(mark ? mark + strlen("ERROR: ") : text, MAX_WORDS);

	error_set(err, ERROR_NOT_FOUND, "az says: %s", *words ? words : "nothing");
	if (!*words)
		error_set(err, ERROR_NOT_FOUND, "az ended with status %d", status);
	if (strstr(text, "az login"))
		error_hint(err, "az login");
	return -1;
}

/* "2026-01-02 03:04:05.000000", by the local clock, as older ones say it alone. */
static int64_t local_moment(const char *text)
{
	struct tm tm = {.tm_isdst = -1};
	time_t moment;

	/* NOLINTNEXTLINE(cert-err34-c): mktime() puts what is out of range right */
	if (!text || sscanf(text, "%4d-%2d-%2d %2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
			     &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return TIME_NONE;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	moment = mktime(&tm);
	return moment < 0 ? TIME_NONE : (int64_t)moment * 1000;
}

static int take(const struct auth *auth, const struct buf *output, struct auth_token *ret,
	struct error *err)
{
	autojson struct json_object *reply = NULL;
	struct json_object *text;
	int64_t seconds;

	if (json_parse(output->ptr, output->len, &reply, NULL) < 0)
		return error_set(err, ERROR_NOT_FOUND, "az printed no JSON");
	text = json_get(reply, "accessToken");
	if (json_kind(text) != JSON_STRING ||
		!auth_is_token(json_text(text), json_string_len(text)))
		return error_set(err, ERROR_NOT_FOUND, "az printed no token");
	ret->text = xstrdup(json_text(text));
	seconds = json_int(reply, -1, "expires_on");
	ret->expires = seconds > 0 && seconds < INT64_MAX / 1000
			       ? seconds * 1000
			       : local_moment(json_str(reply, "expiresOn"));
	if (ret->expires > auth_now(auth))
		ret->life_ms = ret->expires - auth_now(auth);
	return 0;
}

/* az answers out of its store, whatever ARM wants to see anew. */
static int cannot_answer(const struct auth *auth, struct error *err)
{
	autobuf claims = BUF_INIT;

	base64_encode(auth->claims, strlen(auth->claims), &claims);
	error_set(err, ERROR_UNAUTHORIZED,
		"Azure wants a new sign-in, with further claims, which az has to do itself");
	return error_hint(err, "az login --claims-challenge %s", claims.ptr);
}

static int get(struct auth *auth, struct auth_token *ret, struct error *err)
{
	autostrv argv = STRV_INIT;
	CLEANUP(buf_wipe) struct buf output = BUF_INIT;
	struct os_child *child = NULL;
	int result;
	int status;

	if (auth->claims)
		return cannot_answer(auth, err);
	if (command(auth, &argv, err) < 0)
		return -1;
	if (os_child_start(argv.items, NULL, &child, err) < 0)
		return error_set(err, ERROR_NOT_FOUND, "az cannot be run: %s", err->message);
	os_child_end_input(child);
	result = drain(auth, child, &output, err);
	status = result < 0 ? -1 : os_child_wait(child, TIMEOUT_MS);
	if (result == 0 && status != 0)
		result = refused(child, status, err);
	os_child_free(child);
	return result < 0 ? -1 : take(auth, &output, ret, err);
}

const struct auth_source auth_az = {absent, get};

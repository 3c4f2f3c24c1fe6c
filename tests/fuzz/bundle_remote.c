/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server's answers to fetch and push. The first byte says which, and by which protocol; the second
 * is the size of the pieces. A carrier that has only these bytes stands for http and ssh.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/remote_internal.h"

#define CAPABILITIES \
	"multi_ack_detailed side-band-64k ofs-delta thin-pack report-status atomic delete-refs"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct answer {
	const char *data;
	size_t size, piece;
	size_t packed; /* bytes handed out */
};

static int talk(struct remote *remote, const struct exchange *exchange, struct error *err)
{
	const struct answer *answer = remote->link;
	int result = 0;

	for (size_t at = 0; at < answer->size && result == 0; at += answer->piece)
		result = exchange->take(exchange->ctx, answer->data + at,
			answer->size - at < answer->piece ? answer->size - at : answer->piece, err);
	return result < 0 ? -1 : 0;
}

static const struct carrier carrier = {.talk = talk};

static int on_pack(void *ctx, const void *data, size_t len, struct error *err)
{
	struct answer *answer = ctx;

	(void)err;
	if (!len || (!answer->packed && (len < 4 || memcmp(data, "PACK", 4) != 0)))
		abort();
	answer->packed += len;
	return 0;
}

static void on_progress(void *ctx, const char *text)
{
	(void)ctx;
	if (!*text || strpbrk(text, "\r\n"))
		abort();
}

static void fetch(struct remote *remote, struct answer *answer)
{
	struct oid oid = {{1}};
	const struct remote_fetch request = {.wants = &oid,
		.want_count = 1,
		.haves = &oid,
		.have_count = 1,
		.thin = true,
		.on_pack = on_pack,
		.on_progress = on_progress,
		.ctx = answer};
	autoerror err = ERROR_INIT;

	if ((remote_fetch(remote, &request, &err) < 0) != (err.kind != ERROR_NONE))
		abort();
}

static void push(struct remote *remote)
{
	struct remote_update updates[] = {
		{.name = "refs/heads/a", .wanted = {{1}}},
		{.name = "refs/heads/b", .old = {{2}}},
	};
	struct remote_push request = {
		.updates = updates, .update_count = countof(updates), .on_progress = on_progress};
	autoerror err = ERROR_INIT;
	bool rejected = false;
	int result = remote_push(remote, &request, &err);

	for (size_t i = 0; i < countof(updates); i++) {
		rejected = rejected || updates[i].rejected;
		free(updates[i].rejected);
	}
	if ((result < 0) != (err.kind != ERROR_NONE) || (result == 0 && rejected))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct remote_options options = {.user_agent = "fuzz"};
	char name[] = "https://server.test/x.git";
	struct remote remote = {.options = &options, .carrier = &carrier, .name = name};
	struct answer answer = {.data = (const char *)data + 2};

	if (size < 2)
		return 0;
	answer.size = size - 2;
	answer.piece = data[1] + 1U;
	remote.link = &answer;
	advert_init(&remote.advert, "git-upload-pack", NULL);
	remote.advert.version = data[0] & 1 ? 2 : 0;
	/* Without channels too. */
	strv_split(&remote.advert.capabilities,
		data[0] & 4 ? "report-status delete-refs" : CAPABILITIES, " ", false);
	if (data[0] & 2)
		push(&remote);
	else
		fetch(&remote, &answer);
	advert_clear(&remote.advert);
	return 0;
}

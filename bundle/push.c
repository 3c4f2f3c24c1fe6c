/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be pushed where, and doing it in order. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/push_internal.h"

const char *push_change_name(enum push_change change)
{
	static const char *const names[] = {
		[PUSH_NOTHING] = "there",
		[PUSH_NEW] = "new",
		[PUSH_FORWARD] = "fast-forward",
		[PUSH_REPLACE] = "replaced",
	};

	return names[change];
}

void push_init(struct push *push, const struct push_options *options)
{
	*push = (struct push){.options = options, .skipped = STRV_INIT, .receipt = RECEIPT_INIT};
}

static void source_clear(struct push_source *source)
{
	remote_free(source->remote);
	oid_map_clear(&source->tips);
	git_credentials_clear(&source->login);
	free(source->target);
	free(source->shown);
	free(source->refs);
}

void push_clear(struct push *push)
{
	for (size_t i = 0; i < push->source_count; i++)
		source_clear(&push->sources[i]);
	free(push->sources);
	strv_clear(&push->skipped);
	receipt_clear(&push->receipt);
}

/* ---- which sources */

static void add(struct push *push, const struct lock_git *git, const char *target)
{
	struct push_source *source;

	push->sources =
		xreallocarray(push->sources, push->source_count + 1, sizeof(*push->sources));
	source = &push->sources[push->source_count++];
	*source = (struct push_source){
		.git = git,
		.target = xstrdup(target),
		.shown = git_url_public(target),
		.login = GIT_CREDENTIALS_INIT,
	};
}

int push_add(struct push *push, const struct lock_git *git, const char *target, struct error *err)
{
	if (!git->bundle.text[0]) {
		error_set(err, ERROR_NOT_FOUND, "source '%s' has no pack, only files", git->name);
		return error_hint(err, "'kubectl flux-arc bundle extract' gives its files");
	}
	add(push, git, target);
	return 0;
}

/* Up to an element's end, so that "…/team" is no beginning of "…/teams". */
static bool begins(const char *url, const char *from)
{
	size_t len = strlen(from);

	return len && strncmp(url, from, len) == 0 &&
	       (strchr("/:", from[len - 1]) || strchr("/", url[len]));
}

/* What a map makes of a URL; NULL if none fits. */
static char *map_url(const char *url, const struct strv *maps)
{
	size_t best = 0;
	char *target = NULL;

	for (size_t i = 0; i < maps->len; i++) {
		const char *equals = strchr(maps->items[i], '=');
		size_t len = (size_t)(equals - maps->items[i]);
		autofree char *from = xstrndup(maps->items[i], len);

		if (len <= best || !begins(url, from))
			continue;
		best = len;
		free(target);
		target = xasprintf("%s%s", equals + 1, url + len);
	}
	return target;
}

static int check_maps(const struct strv *maps, struct error *err)
{
	for (size_t i = 0; i < maps->len; i++) {
		const char *equals = strchr(maps->items[i], '=');

		if (!equals || equals == maps->items[i] || !equals[1])
			return error_set(
				err, ERROR_USAGE, "--map '%s' is not FROM=TO", maps->items[i]);
	}
	return 0;
}

static int check_distinct(const struct push *push, struct error *err)
{
	for (size_t i = 0; i < push->source_count; i++)
		for (size_t j = i + 1; j < push->source_count; j++)
			if (streq(push->sources[i].target, push->sources[j].target))
				return error_set(err, ERROR_USAGE,
					"'%s' and '%s' would both go to '%s'",
					push->sources[i].git->name, push->sources[j].git->name,
					push->sources[i].shown);
	return 0;
}

int push_map(struct push *push, const struct strv *maps, struct error *err)
{
	const struct lock *lock = &push->options->bundle->lock;
	autostrv missing = STRV_INIT;

	if (check_maps(maps, err) < 0)
		return -1;
	for (size_t i = 0; i < lock->git_count; i++) {
		const struct lock_git *git = &lock->git[i];
		autofree char *target = map_url(git->url, maps);

		if (!git->bundle.text[0])
			strv_push(&push->skipped, git->name);
		else if (target)
			add(push, git, target);
		else
			strv_pushf(&missing, "'%s' (%s)", git->name, git->url);
	}
	if (missing.len) {
		autofree char *names = strv_join(&missing, ", ");

		error_set(err, ERROR_USAGE, "no --map says where these go: %s", names);
		return error_hint(err, "--source NAME --to URL pushes one alone");
	}
	return check_distinct(push, err);
}

/* ---- the receipt */

/* Whether it can be written is tried before anything is pushed. */
static int try_receipt(const char *path, struct error *err)
{
	struct file_output output;

	if (file_output_begin(path, &output, err) < 0) {
		error_hint(err, "name another file with --receipt");
		return error_wrap(err, "the receipt");
	}
	file_output_abandon(&output);
	return 0;
}

/* What an earlier run of the same bundle has brought there stays in it. */
static int begin_receipt(struct push *push, struct error *err)
{
	const struct bundle *bundle = push->options->bundle;
	const char *path = push->options->receipt;

	if (path && try_receipt(path, err) < 0)
		return -1;
	if (path && os_file_exists(path)) {
		if (receipt_read(path, &push->receipt, err) < 0) {
			error_hint(err, "it would be replaced: name another file with --receipt");
			return error_wrap(err, "the receipt");
		}
		if (streq(push->receipt.lock.text, bundle->id.text))
			return 0;
		receipt_clear(&push->receipt);
	}
	push->receipt.lock = bundle->id;
	push->receipt.sequence = bundle->lock.sequence;
	return 0;
}

static int note_receipt(struct push *push, const struct push_source *source, struct error *err)
{
	struct receipt_source *noted = receipt_source(&push->receipt, source->git->name);

	str_replace(&noted->url, source->git->url);
	str_replace(&noted->target, source->shown);
	receipt_clear_refs(noted);
	for (size_t i = 0; i < source->ref_count; i++)
		receipt_add_ref(noted, source->refs[i].name, &source->refs[i].wanted);
	if (!push->options->receipt)
		return 0;
	if (receipt_write(push->options->receipt, &push->receipt, err) < 0)
		return error_wrap(err, "the receipt");
	return 0;
}

/* ---- doing it */

/* A run that was killed may be at work at the server still, and an answer may be lost on its way. */
static bool arrived_anyhow(struct push *push, struct push_source *source, struct error *err)
{
	if ((err->kind != ERROR_SERVER && err->kind != ERROR_NETWORK) ||
		!push_arrived(push, source))
		return false;
	error_clear(err);
	return true;
}

static int push_one(struct push *push, struct push_source *source, struct error *err)
{
	const struct push_options *options = push->options;
	int result = 0;

	if (options->on_source)
		options->on_source(options->ctx, source, NULL);
	if (source->changes)
		result = push_send(push, source, err);
	if (result < 0 && arrived_anyhow(push, source, err))
		result = 0;
	source->state = result < 0 ? PUSH_FAILED : PUSH_DONE;
	remote_free(TAKE(source->remote));
	if (options->on_source)
		options->on_source(options->ctx, source, result < 0 ? err : NULL);
	return result;
}

int push_run(struct push *push, struct error *err)
{
	autoerror first = ERROR_INIT;
	size_t failed = 0;

	if (begin_receipt(push, err) < 0)
		return -1;
	for (size_t i = 0; i < push->source_count; i++) {
		struct push_source *source = &push->sources[i];
		autoerror why = ERROR_INIT;

		if (push_one(push, source, &why) == 0) {
			if (note_receipt(push, source, err) < 0)
				return -1;
		} else if (!failed++) {
			error_move(&first, &why);
		}
		if (os_interrupted())
			break;
	}
	if (!failed)
		return 0;
	error_move(err, &first);
	if (push->source_count > 1)
		error_wrap(err, "%zu of %zu sources not pushed", failed, push->source_count);
	return -1;
}

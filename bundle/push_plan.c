/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing targets with the bundle: what would change, and what stands in the way. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/push_internal.h"

/* ---- the target */

static int find_login(const struct push *push, struct push_source *source, struct error *err)
{
	const struct push_options *options = push->options;

	git_credentials_clear(&source->login);
	source->login.own_ssh = options->own_ssh;
	if (!options->credentials)
		return 0;
	return credentials_find(options->credentials, source->target, &source->login, err) < 0 ? -1
											       : 0;
}

int push_connect(const struct push *push, struct push_source *source, struct error *err)
{
	const struct push_options *options = push->options;

	if (source->remote)
		return 0;
	if (find_login(push, source, err) < 0)
		return -1;
	source->remote_options = (struct remote_options){
		.url = source->target,
		.service = REMOTE_PUSH,
		.credentials = &source->login,
		.user_agent = options->user_agent,
		.tick = options->tick,
		.tick_ctx = options->ctx,
	};
	return remote_open(&source->remote_options, &source->remote, err);
}

static void note_tips(struct push_source *source)
{
	size_t count;
	const struct remote_ref *refs = remote_refs(source->remote, &count);

	oid_map_clear(&source->tips);
	for (size_t i = 0; i < count; i++)
		*oid_map_put(&source->tips, &refs[i].oid) = 1;
}

bool push_arrived(const struct push *push, struct push_source *source)
{
	remote_free(TAKE(source->remote));
	if (push_connect(push, source, NULL) < 0)
		return false;
	for (size_t i = 0; i < source->ref_count; i++) {
		const struct remote_ref *there = remote_ref(source->remote, source->refs[i].name);

		if (!there || !oid_equal(&there->oid, &source->refs[i].wanted))
			return false;
	}
	return true;
}

/* ---- what would change */

static void compare(struct push_source *source)
{
	const struct lock_git *git = source->git;

	free(source->refs);
	source->refs = xcalloc(git->ref_count + 1, sizeof(*source->refs));
	source->ref_count = git->ref_count;
	source->changes = 0;
	for (size_t i = 0; i < git->ref_count; i++) {
		const struct remote_ref *there = remote_ref(source->remote, git->refs[i].name);
		struct push_ref *ref = &source->refs[i];

		*ref = (struct push_ref){.name = git->refs[i].name, .wanted = git->refs[i].oid};
		if (there)
			ref->old = there->oid;
		if (!there)
			ref->change = PUSH_NEW;
		else if (!oid_equal(&ref->old, &ref->wanted))
			ref->change = PUSH_REPLACE;
		source->changes += ref->change != PUSH_NOTHING;
	}
}

/* Without the pack where every wanted object is the tip of something there. */
static int choose_pack(const struct push *push, struct push_source *source, struct error *err)
{
	struct bundle *holder;
	struct source place;
	bool needed = false;

	for (size_t i = 0; i < source->ref_count; i++)
		needed = needed || (source->refs[i].change != PUSH_NOTHING &&
					   !oid_map_get(&source->tips, &source->refs[i].wanted));
	source->pack_size = 0;
	if (!needed)
		return 0;
	if (push_find_pack(push, source->git, &holder, &place, err) < 0)
		return -1;
	source->pack_size = place.pack_size;
	return 0;
}

/* ---- tips that would be lost */

static int refuse(const struct push_source *source, const struct push_ref *ref, struct error *err)
{
	char old[OID_HEX_LEN + 1];
	char wanted[OID_HEX_LEN + 1];

	oid_hex(&ref->old, old);
	oid_hex(&ref->wanted, wanted);
	error_set(err, ERROR_FAILED,
		"'%s': '%s' is at %s there, and %s of the bundle does not lead back to it%s",
		source->shown, ref->name, old, wanted,
		starts_with(ref->name, "refs/tags/") ? " (a tag is never moved)" : "");
	return error_hint(err, "look at what is there; to replace it: --force-with-lease %s:%s",
		ref->name, old);
}

/* A tag that exists is not moved, as git does it; any other ref goes forward. */
static int judge(const struct push *push, const struct push_source *source, struct push_ref *ref,
	struct push_history **history, struct error *err)
{
	bool allowed = false;
	bool forward = false;

	if (push_lease(push, source, ref, &allowed, err) < 0)
		return -1;
	if (allowed)
		return 0;
	if (starts_with(ref->name, "refs/tags/"))
		return refuse(source, ref, err);
	if (!*history && push_history_open(push, source->git, history, err) < 0)
		return -1;
	if (push_leads_to((*history)->odb, &ref->wanted, &ref->old, &forward, err) < 0)
		return error_wrap(err, "'%s' of '%s'", ref->name, source->git->name);
	if (!forward)
		return refuse(source, ref, err);
	ref->change = PUSH_FORWARD;
	return 0;
}

static int judge_all(const struct push *push, struct push_source *source, struct error *err)
{
	autohistory *history = NULL;

	for (size_t i = 0; i < source->ref_count; i++)
		if (source->refs[i].change == PUSH_REPLACE &&
			judge(push, source, &source->refs[i], &history, err) < 0)
			return -1;
	return 0;
}

/* ---- what a delta builds on */

static int no_pack(void *ctx, const void *data, size_t len, struct error *err)
{
	(void)ctx;
	(void)data;
	(void)len;
	return error_set(err, ERROR_SERVER, "a pack where none was asked for");
}

/* A connection for reading, which knows more commits than the tips that pushing lists. */
static int connect_reader(const struct push_source *source, const struct strv *prefixes,
	struct remote_options *options, struct remote **ret, struct error *err)
{
	*options = source->remote_options;
	options->service = REMOTE_FETCH;
	options->prefixes = prefixes;
	return remote_open(options, ret, err);
}

/*
 * Whether the target has a commit that is the tip of nothing: it is wanted and had at once, so that
 * nothing is sent. Only protocol 2 answers for others than tips, so 1: it has, or may have.
 */
static int ask_for(struct remote *reader, const struct oid *oid, struct error *err)
{
	const struct remote_fetch fetch = {
		.wants = oid, .want_count = 1, .haves = oid, .have_count = 1, .on_pack = no_pack};
	autoerror why = ERROR_INIT;

	if (remote_protocol(reader) < 2 || remote_fetch(reader, &fetch, &why) == 0)
		return 1;
	return why.kind == ERROR_NOT_FOUND ? 0 : error_move(err, &why);
}

static int refuse_delta(const struct push *push, const struct push_source *source,
	const struct oid *oid, struct error *err)
{
	char hex[OID_HEX_LEN + 1];

	oid_hex(oid, hex);
	error_set(err, ERROR_INCOMPLETE, "'%s' lacks commit %s, which '%s' of the bundle builds on",
		source->shown, hex, source->git->name);
	return error_hint(err, "push the bundle before this one (sequence %llu) first",
		(unsigned long long)push->options->bundle->lock.base_sequence);
}

static int check_prerequisites(
	const struct push *push, const struct push_source *source, struct error *err)
{
	const struct lock_git *git = source->git;
	struct remote_options options;
	autostrv prefixes = STRV_INIT;
	autoremote *reader = NULL;

	strv_push(&prefixes, "HEAD");
	for (size_t i = 0; source->pack_size && i < git->prerequisite_count; i++) {
		const struct oid *oid = &git->prerequisites[i];
		int found;

		if (oid_map_get(&source->tips, oid))
			continue;
		if (!reader && connect_reader(source, &prefixes, &options, &reader, err) < 0)
			return -1;
		found = ask_for(reader, oid, err);
		if (found <= 0)
			return found < 0 ? -1 : refuse_delta(push, source, oid, err);
	}
	return 0;
}

/* ---- all of them */

static int plan_one(const struct push *push, struct push_source *source, struct error *err)
{
	if (push_connect(push, source, err) < 0)
		return -1;
	note_tips(source);
	compare(source);
	if (!source->changes)
		return 0;
	if (choose_pack(push, source, err) < 0 || check_prerequisites(push, source, err) < 0)
		return -1;
	return judge_all(push, source, err);
}

/* Put another problem behind those that were found; the first decides kind and hint. */
static void collect(struct error *all, struct error *err)
{
	autofree char *before = xstrdup_or_null(all->message);

	if (all->kind == ERROR_NONE) {
		error_move(all, err);
		return;
	}
	free(all->message);
	all->message = xasprintf("%s\n%s", before, err->message);
	if (!all->hint)
		all->hint = TAKE(err->hint);
}

int push_plan(struct push *push, struct error *err)
{
	autoerror all = ERROR_INIT;

	for (size_t i = 0; i < push->source_count; i++) {
		struct push_source *source = &push->sources[i];
		autoerror why = ERROR_INIT;

		if (push->options->tick && push->options->tick(push->options->ctx, err) < 0)
			return -1;
		if (plan_one(push, source, &why) < 0)
			collect(&all, &why);
		/* Of many, connections are not held meanwhile. */
		if (push->source_count > 1)
			remote_free(TAKE(source->remote));
	}
	return all.kind == ERROR_NONE ? 0 : error_move(err, &all);
}

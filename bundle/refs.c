/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/ref_name.h"
#include "bundle/refs.h"
#include "bundle/semver.h"

#define HEADS "refs/heads/"
#define TAGS "refs/tags/"

/* ---- texts */

bool revision_parse(const char *text, size_t *ref_len, struct oid *oid)
{
	const char *colon = strrchr(text, ':');
	const char *hex = colon ? colon + 1 : strrchr(text, '/');
	const char *at;

	if (!hex)
		return false;
	hex += !colon;
	if (strlen(hex) != OID_HEX_LEN || !oid_parse(hex, OID_HEX_LEN, oid))
		return false;
	if (!colon) {
		*ref_len = (size_t)(hex - 1 - text);
		return true;
	}
	at = colon - strlen("sha1");
	if (at < text || strncmp(at, "sha1", 4) != 0 || (at > text && at[-1] != '@'))
		return false;
	*ref_len = at > text ? (size_t)(at - 1 - text) : 0;
	return true;
}

void ref_want_clear(struct ref_want *want)
{
	free(want->commit);
	free(want->name);
	free(want->semver);
	free(want->tag);
	free(want->branch);
	free(want->any);
	free(want->revision);
	*want = (struct ref_want){.commit = NULL};
}

void ref_want_text(const struct ref_want *want, struct buf *out)
{
	if (want->commit)
		buf_addf(out, "commit %.12s", want->commit);
	else if (want->name)
		buf_adds(out, want->name);
	else if (want->semver)
		buf_addf(out, "semver %s", want->semver);
	else if (want->tag)
		buf_addf(out, "tag %s", want->tag);
	else if (want->branch)
		buf_addf(out, "branch %s", want->branch);
	else
		buf_adds(out, want->any ? want->any : "the default branch");
}

void refs_clear(struct refs *refs)
{
	for (size_t i = 0; i < refs->count; i++)
		free(refs->items[i].name);
	free(refs->items);
	free(refs->in_use);
	free(refs->head);
	*refs = (struct refs){.items = NULL};
}

/* ---- asking */

void refs_prefixes(const struct ref_want *wants, size_t count, bool all, struct strv *ret)
{
	strv_push(ret, "HEAD");
	if (all) {
		strv_push(ret, HEADS);
		strv_push(ret, TAGS);
	}
	for (size_t i = 0; i < count; i++) {
		const struct ref_want *want = &wants[i];

		if (want->name)
			strv_push(ret, want->name);
		else if (want->semver)
			strv_push(ret, TAGS);
		else if (want->tag)
			strv_pushf(ret, TAGS "%s", want->tag);
		else if (want->branch)
			strv_pushf(ret, HEADS "%s", want->branch);
		else if (want->any) {
			strv_pushf(ret, HEADS "%s", want->any);
			strv_pushf(ret, TAGS "%s", want->any);
			if (starts_with(want->any, "refs/"))
				strv_push(ret, want->any);
		} else
			strv_push(ret, HEADS);
	}
}

/* ---- choosing */

struct choice {
	const struct refs_server *server;
	struct refs *refs;
	struct error *err;
};

static const struct remote_ref *find_remote(const struct refs_server *server, const char *name)
{
	for (size_t i = 0; i < server->count; i++)
		if (streq(server->refs[i].name, name))
			return &server->refs[i];
	return NULL;
}

static struct lock_ref *find_chosen(struct refs *refs, const char *name)
{
	for (size_t i = 0; i < refs->count; i++)
		if (streq(refs->items[i].name, name))
			return &refs->items[i];
	return NULL;
}

static void add(struct refs *refs, const char *name, const struct oid *oid)
{
	/* Room doubles whenever the count is a power of two. */
	if ((refs->count & (refs->count - 1)) == 0)
		refs->items = xreallocarray(
			refs->items, refs->count ? refs->count * 2 : 1, sizeof(*refs->items));
	refs->items[refs->count++] = (struct lock_ref){.name = xstrdup(name), .oid = *oid};
}

static void add_anchor(struct refs *refs, const struct oid *oid)
{
	char name[sizeof(REFS_ANCHOR) + OID_HEX_LEN] = REFS_ANCHOR;

	oid_hex(oid, name + strlen(REFS_ANCHOR));
	if (!find_chosen(refs, name))
		add(refs, name, oid);
}

static void use(struct refs *refs, const struct oid *oid)
{
	for (size_t i = 0; i < refs->in_use_count; i++)
		if (oid_equal(&refs->in_use[i], oid))
			return;
	refs->in_use = xreallocarray(refs->in_use, refs->in_use_count + 1, sizeof(*refs->in_use));
	refs->in_use[refs->in_use_count++] = *oid;
}

/* A ref of the bundle that is no want's own. */
static int put_more(struct choice *choice, const char *name, const struct oid *oid)
{
	const struct remote_ref *remote = find_remote(choice->server, name);
	struct lock_ref *there = find_chosen(choice->refs, name);

	if (!ref_name_valid(name, strlen(name)))
		return error_set(choice->err, ERROR_USAGE, "'%s' is no name of a ref", name);
	if (!there) {
		add(choice->refs, name, oid);
	} else if (!oid_equal(&there->oid, oid)) {
		struct oid other = *oid;

		if (remote && oid_equal(&remote->oid, oid)) {
			other = there->oid;
			there->oid = *oid;
		}
		add_anchor(choice->refs, &other);
	}
	return 0;
}

static int put(struct choice *choice, const char *name, const struct oid *oid)
{
	use(choice->refs, oid);
	return put_more(choice, name, oid);
}

static int missing(struct choice *choice, const char *what, const char *name)
{
	return error_set(choice->err, ERROR_NOT_FOUND, "the server has no %s '%s'", what, name);
}

/* A ref by name: at the commit that is applied, else where it is now. */
static int put_named(
	struct choice *choice, const char *what, const char *name, const struct oid *applied)
{
	const struct remote_ref *remote = find_remote(choice->server, name);

	if (!remote && !applied)
		return missing(choice, what, name);
	/* The tag object itself, where it still names that commit. */
	if (remote && (!applied || oid_equal(&remote->peeled, applied)))
		return put(choice, name, &remote->oid);
	return put(choice, name, applied);
}

static int put_prefixed(struct choice *choice, const char *prefix, const char *what,
	const char *name, const struct oid *applied)
{
	autofree char *full = xasprintf("%s%s", prefix, name);

	return put_named(choice, what, full, applied);
}

static bool tag_version(const struct remote_ref *ref, struct semver *version)
{
	return starts_with(ref->name, TAGS) && semver_parse(ref->name + strlen(TAGS), version);
}

/* All tags in the range, but none that is newer than what is applied. */
static int put_range(struct choice *choice, const struct ref_want *want, const struct oid *applied,
	size_t applied_len)
{
	autorange *range = NULL;
	autofree char *tag = applied ? xstrndup(want->revision, applied_len) : NULL;
	const char *short_tag = tag && starts_with(tag, TAGS) ? tag + strlen(TAGS) : tag;
	struct semver newest;
	bool bounded = short_tag && semver_parse(short_tag, &newest);
	const struct remote_ref *best = NULL;
	struct semver highest;

	if (semver_range_parse(want->semver, &range, choice->err) < 0)
		return -1;
	if (bounded && put_prefixed(choice, TAGS, "tag", short_tag, applied) < 0)
		return -1;
	for (size_t i = 0; i < choice->server->count; i++) {
		const struct remote_ref *ref = &choice->server->refs[i];
		struct semver version;

		if (!tag_version(ref, &version) || !semver_range_has(range, &version))
			continue;
		if (bounded && semver_compare(&version, &newest) > 0)
			continue;
		if (!best || semver_compare(&version, &highest) > 0) {
			best = ref;
			highest = version;
		}
		if (!find_chosen(choice->refs, ref->name) &&
			put_more(choice, ref->name, &ref->oid) < 0)
			return -1;
	}
	if (!best && !bounded)
		return error_set(choice->err, ERROR_NOT_FOUND,
			"no tag of the server matches semver '%s'", want->semver);
	if (!bounded)
		use(choice->refs, &best->oid);
	return 0;
}

static int put_commit(struct choice *choice, const char *text, const char *branch)
{
	struct oid oid;

	if (strlen(text) != OID_HEX_LEN || !oid_parse(text, OID_HEX_LEN, &oid))
		return error_set(choice->err, ERROR_USAGE,
			"'%s' is no commit of 40 lower-case hex digits", text);
	if (branch)
		return put_prefixed(choice, HEADS, "branch", branch, &oid);
	use(choice->refs, &oid);
	add_anchor(choice->refs, &oid);
	return 0;
}

/* HEAD's branch; without one whatever HEAD is. */
static int put_head(struct choice *choice)
{
	const struct remote_ref *head = find_remote(choice->server, "HEAD");

	if (!head)
		return error_set(choice->err, ERROR_NOT_FOUND,
			"the server names no default branch, or the repository is empty");
	if (head->symref)
		return put_named(choice, "branch", head->symref, NULL);
	use(choice->refs, &head->oid);
	add_anchor(choice->refs, &head->oid);
	return 0;
}

static int put_typed(struct choice *choice, const char *text)
{
	autofree char *branch = xasprintf(HEADS "%s", text);
	autofree char *tag = xasprintf(TAGS "%s", text);
	struct oid oid;

	if (find_remote(choice->server, branch))
		return put_named(choice, "branch", branch, NULL);
	if (find_remote(choice->server, tag))
		return put_named(choice, "tag", tag, NULL);
	if (starts_with(text, "refs/"))
		return put_named(choice, "ref", text, NULL);
	if (strlen(text) == OID_HEX_LEN && oid_parse(text, OID_HEX_LEN, &oid))
		return put_commit(choice, text, NULL);
	return missing(choice, "branch or tag", text);
}

static int put_want(struct choice *choice, const struct ref_want *want)
{
	struct oid oid;
	size_t ref_len = 0;
	const struct oid *applied = NULL;

	if (want->revision && revision_parse(want->revision, &ref_len, &oid))
		applied = &oid;
	if (want->commit)
		return put_commit(choice, want->commit, want->branch);
	if (want->name)
		return put_named(choice, "ref", want->name, applied);
	if (want->semver)
		return put_range(choice, want, applied, ref_len);
	if (want->tag)
		return put_prefixed(choice, TAGS, "tag", want->tag, applied);
	if (want->branch)
		return put_prefixed(choice, HEADS, "branch", want->branch, applied);
	return want->any ? put_typed(choice, want->any) : put_head(choice);
}

static int put_everything(struct choice *choice)
{
	for (size_t i = 0; i < choice->server->count; i++) {
		const struct remote_ref *ref = &choice->server->refs[i];

		if (!starts_with(ref->name, HEADS) && !starts_with(ref->name, TAGS))
			continue;
		if (!find_chosen(choice->refs, ref->name) && put(choice, ref->name, &ref->oid) < 0)
			return -1;
	}
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	const struct lock_ref *a = left;
	const struct lock_ref *b = right;

	return strcmp(a->name, b->name);
}

static int compare_oids(const void *left, const void *right)
{
	return oid_compare(left, right);
}

/* The server's default branch if it was chosen, else the first branch. */
static void choose_head(struct choice *choice)
{
	const struct remote_ref *head = find_remote(choice->server, "HEAD");
	struct refs *refs = choice->refs;

	if (head && head->symref && find_chosen(refs, head->symref)) {
		refs->head = xstrdup(head->symref);
		return;
	}
	for (size_t i = 0; i < refs->count && !refs->head; i++)
		if (starts_with(refs->items[i].name, HEADS))
			refs->head = xstrdup(refs->items[i].name);
}

int refs_choose(const struct refs_server *server, const struct ref_want *wants, size_t count,
	bool all, struct refs *ret, struct error *err)
{
	struct choice choice = {.server = server, .refs = ret, .err = err};

	*ret = (struct refs){.items = NULL};
	for (size_t i = 0; i < count; i++)
		if (put_want(&choice, &wants[i]) < 0)
			goto fail;
	if (all && put_everything(&choice) < 0)
		goto fail;
	if (!ret->count) {
		error_set(err, ERROR_NOT_FOUND, "the repository has no branch and no tag");
		goto fail;
	}
	qsort(ret->items, ret->count, sizeof(*ret->items), compare_names);
	if (ret->in_use_count)
		qsort(ret->in_use, ret->in_use_count, sizeof(*ret->in_use), compare_oids);
	choose_head(&choice);
	return 0;
fail:
	refs_clear(ret);
	return -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Commits and tags. */
#include "base/base.h"

#include <errno.h>

#include "base/alloc.h"
#include "bundle/object_check.h"

const char *object_type_name(enum object_type type)
{
	static const char *const names[] = {
		[OBJECT_NONE] = "none",
		[OBJECT_COMMIT] = "commit",
		[OBJECT_TREE] = "tree",
		[OBJECT_BLOB] = "blob",
		[OBJECT_TAG] = "tag",
	};

	return names[type];
}

/* ---- header lines */

struct lines {
	const char *at, *end;
};

/* The line "WORD value" LF; `*value` is where it begins. */
static bool line_take(struct lines *lines, const char *word, const char **value, size_t *len)
{
	size_t skip = strlen(word);
	size_t left = (size_t)(lines->end - lines->at);
	const char *stop;

	if (left <= skip || memcmp(lines->at, word, skip) != 0 || lines->at[skip] != ' ')
		return false;
	*value = lines->at + skip + 1;
	stop = memchr(*value, '\n', (size_t)(lines->end - *value));
	if (!stop)
		return false;
	*len = (size_t)(stop - *value);
	lines->at = stop + 1;
	return true;
}

static bool line_take_oid(struct lines *lines, const char *word, struct oid *ret)
{
	struct lines next = *lines;
	const char *value;
	size_t len;

	if (!line_take(&next, word, &value, &len) || len != OID_HEX_LEN ||
		!oid_parse(value, len, ret))
		return false;
	*lines = next;
	return true;
}

/* Past the other header lines and the empty line that ends them, which may be missing. False if a
 * line is not ended or has a NUL. */
static bool lines_skip(struct lines *lines)
{
	while (lines->at < lines->end) {
		size_t left = (size_t)(lines->end - lines->at);
		const char *stop = memchr(lines->at, '\n', left);

		if (!stop || memchr(lines->at, '\0', (size_t)(stop - lines->at)))
			return false;
		if (stop == lines->at) {
			lines->at = stop + 1;
			return true;
		}
		lines->at = stop + 1;
	}
	return true;
}

/* ---- commits */

static int bad_commit(struct error *err, const char *what)
{
	return error_set(err, ERROR_DAMAGED, "a commit has no good %s", what);
}

int commit_layout(const char *data, size_t len, struct commit_layout *ret, struct error *err)
{
	struct lines lines = {.at = data, .end = data + len};
	struct oid parent;
	size_t size;

	if (!line_take_oid(&lines, "tree", &ret->tree))
		return bad_commit(err, "tree");
	ret->parents = lines.at;
	ret->parent_count = 0;
	while (line_take_oid(&lines, "parent", &parent))
		ret->parent_count++;
	if (!line_take(&lines, "author", &ret->author, &size) || memchr(ret->author, '\0', size))
		return bad_commit(err, ret->parent_count ? "author" : "parent or author");
	if (!line_take(&lines, "committer", &ret->committer, &size) ||
		memchr(ret->committer, '\0', size))
		return bad_commit(err, "committer");
	if (!lines_skip(&lines))
		return bad_commit(err, "header");
	ret->message = lines.at;
	return 0;
}

/* "Name <email> 1700000000 +0100", read as leniently as git log does: public repositories hold
 * lines without a name, a zone or a date, and nothing here depends on them. */
static void person(const char *line, char **name, char **email)
{
	const char *stop = strchr(line, '\n');
	size_t len = (size_t)(stop - line);
	const char *open = memchr(line, '<', len);
	const char *close = open ? memchr(open, '>', (size_t)(stop - open)) : NULL;
	size_t name_len = open ? (size_t)(open - line) : len;

	while (name_len && line[name_len - 1] == ' ')
		name_len--;
	*name = xstrndup(line, name_len);
	*email = close ? xstrndup(open + 1, (size_t)(close - open - 1)) : xstrdup("");
}

static int64_t person_time(const char *line)
{
	const char *stop = strchr(line, '\n');
	const char *at = stop;
	long long time;

	while (at > line && at[-1] != '>')
		at--;
	errno = 0;
	time = strtoll(at, NULL, 10);
	return at == line || errno || time < 0 ? 0 : (int64_t)time;
}

static char *subject(const char *message, const char *end)
{
	const char *stop;

	while (message < end && *message == '\n')
		message++;
	stop = memchr(message, '\n', (size_t)(end - message));
	if (!stop)
		stop = end;
	if (memchr(message, '\0', (size_t)(stop - message)))
		stop = memchr(message, '\0', (size_t)(stop - message));
	return xstrndup(message, (size_t)(stop - message));
}

static void parent_at(const struct commit_layout *layout, size_t i, struct oid *ret)
{
	const char *line = layout->parents + i * COMMIT_PARENT_LINE;

	(void)oid_parse(line + strlen("parent "), OID_HEX_LEN, ret);
}

int commit_parse(const char *data, size_t len, struct commit *ret, struct error *err)
{
	struct commit_layout layout;

	*ret = (struct commit){0};
	if (commit_layout(data, len, &layout, err) < 0)
		return -1;
	ret->tree = layout.tree;
	ret->parent_count = layout.parent_count;
	ret->parents = xcalloc(layout.parent_count, sizeof(*ret->parents));
	for (size_t i = 0; i < layout.parent_count; i++)
		parent_at(&layout, i, &ret->parents[i]);
	person(layout.author, &ret->author, &ret->email);
	ret->time = person_time(layout.committer);
	ret->subject = subject(layout.message, data + len);
	return 0;
}

void commit_clear(struct commit *commit)
{
	free(commit->parents);
	free(commit->author);
	free(commit->email);
	free(commit->subject);
	*commit = (struct commit){0};
}

static int commit_check(
	const char *data, size_t len, object_names names, void *ctx, struct error *err)
{
	struct commit_layout layout = {.parents = NULL};

	if (commit_layout(data, len, &layout, err) < 0)
		return -1;
	for (size_t i = 0; i < layout.parent_count; i++) {
		struct oid parent;

		parent_at(&layout, i, &parent);
		if (names(ctx, &parent, OBJECT_COMMIT, err) < 0)
			return -1;
	}
	return names(ctx, &layout.tree, OBJECT_TREE, err);
}

/* ---- tags */

static enum object_type type_named(const char *name, size_t len)
{
	for (enum object_type type = OBJECT_COMMIT; type <= OBJECT_TAG; type++)
		if (strlen(object_type_name(type)) == len &&
			memcmp(object_type_name(type), name, len) == 0)
			return type;
	return OBJECT_NONE;
}

int tag_parse(
	const char *data, size_t len, struct oid *target, enum object_type *type, struct error *err)
{
	struct lines lines = {.at = data, .end = data + len};
	const char *value;
	size_t size;

	if (!line_take_oid(&lines, "object", target))
		return error_set(err, ERROR_DAMAGED, "a tag has no good object");
	*type = line_take(&lines, "type", &value, &size) ? type_named(value, size) : OBJECT_NONE;
	if (*type == OBJECT_NONE)
		return error_set(err, ERROR_DAMAGED, "a tag has no good type");
	if (!line_take(&lines, "tag", &value, &size) || memchr(value, '\0', size) ||
		!lines_skip(&lines))
		return error_set(err, ERROR_DAMAGED, "a tag has no good header");
	return 0;
}

static int tag_check(const char *data, size_t len, object_names names, void *ctx, struct error *err)
{
	struct oid target;
	enum object_type type;

	if (tag_parse(data, len, &target, &type, err) < 0)
		return -1;
	return names(ctx, &target, type, err);
}

int object_check(enum object_type type, const char *data, size_t len, object_names names, void *ctx,
	struct error *err)
{
	switch (type) {
	case OBJECT_COMMIT:
		return commit_check(data, len, names, ctx, err);
	case OBJECT_TREE:
		return tree_check(data, len, names, ctx, err);
	case OBJECT_TAG:
		return tag_check(data, len, names, ctx, err);
	default:
		return 0;
	}
}

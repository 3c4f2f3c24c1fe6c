/* SPDX-License-Identifier: Apache-2.0 */
/* Sources named by hand, without a cluster. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "base/url.h"
#include "base/yaml.h"
#include "bundle/git_url.h"
#include "bundle/plan.h"

#define MAX_SOURCES_FILE ((size_t)16 << 20)

/* Where the path begins in which "@REF" may stand: behind the host. */
static const char *path_of(const char *text)
{
	const char *scheme = strstr(text, "://");
	const char *path = scheme ? strchr(scheme + 3, '/') : strchr(text, ':');

	return path ? path : text + strlen(text);
}

/* A password on a command line is seen by everybody on the machine. */
static int check_url(const char *url, struct error *err)
{
	autogiturl parsed = GIT_URL_INIT;
	autofree char *public = NULL;

	if (git_url_parse(url, &parsed, err) < 0)
		return -1;
	if (!parsed.password)
		return 0;
	public = git_url_public(url);
	error_set(err, ERROR_USAGE, "a password in the URL of %s", public);
	return error_hint(err, "put it into a file for --credentials");
}

int plan_add_url(struct plan *plan, const char *text, struct error *err)
{
	const char *at = strchr(path_of(text), '@');
	autofree char *url = at ? xstrndup(text, (size_t)(at - text)) : xstrdup(text);
	struct plan_want want = {.used_by = NULL};

	if (check_url(url, err) < 0)
		return -1;
	if (at && !at[1])
		return error_set(err, ERROR_USAGE, "no ref after '@' in '%s'", url);
	want.ref.any = at ? xstrdup(at + 1) : NULL;
	plan_add_want(plan, url, &want);
	return 0;
}

/* ---- files */

struct reader {
	const char *path, *what; /* "sources" */
	size_t index;
	struct error *err;
};

static int fail(const struct reader *reader, const char *why, const char *key)
{
	return error_set(reader->err, ERROR_CONFIG, "%s: %s[%zu]: %s%s", reader->path, reader->what,
		reader->index, why, key);
}

/* Text at a key into `*ret`; absent is NULL. */
static int read_text(
	const struct reader *reader, struct json_object *row, const char *key, char **ret)
{
	struct json_object *value = json_get(row, key);

	if (value && json_kind(value) != JSON_STRING)
		return fail(reader, "not text: ", key);
	*ret = xstrdup_or_null(json_str(row, key));
	return 0;
}

/* A misspelt key would silently mean something else. */
static int check_keys(
	const struct reader *reader, struct json_object *row, const char *const *known)
{
	struct json_iter iter = JSON_ITER_INIT;

	if (json_kind(row) != JSON_OBJECT)
		return fail(reader, "not a mapping", "");
	while (json_next(row, &iter)) {
		const char *const *key = known;

		while (*key && !streq(*key, iter.key))
			key++;
		if (!*key)
			return fail(reader, "unknown key ", iter.key);
	}
	return 0;
}

static int read_ref(const struct reader *reader, struct json_object *ref, struct ref_want *ret)
{
	static const char *const known[] = {"branch", "tag", "semver", "name", "commit", NULL};

	if (!ref)
		return 0;
	if (check_keys(reader, ref, known) < 0)
		return -1;
	if (read_text(reader, ref, "branch", &ret->branch) < 0 ||
		read_text(reader, ref, "tag", &ret->tag) < 0 ||
		read_text(reader, ref, "semver", &ret->semver) < 0 ||
		read_text(reader, ref, "name", &ret->name) < 0 ||
		read_text(reader, ref, "commit", &ret->commit) < 0)
		return -1;
	return 0;
}

static int read_source(const struct reader *reader, struct json_object *row, struct plan *plan)
{
	static const char *const known[] = {"url", "ref", "recurseSubmodules", NULL};
	struct json_object *recurse = json_get(row, "recurseSubmodules");
	const char *url = json_str(row, "url");
	struct plan_want want = {.submodules = json_bool(row, "recurseSubmodules")};

	if (check_keys(reader, row, known) < 0)
		return -1;
	if (!url)
		return fail(reader, "no url", "");
	if (recurse && json_kind(recurse) != JSON_BOOL)
		return fail(reader, "neither true nor false: ", "recurseSubmodules");
	if (check_url(url, reader->err) < 0)
		return error_wrap(
			reader->err, "%s: %s[%zu]", reader->path, reader->what, reader->index);
	if (read_ref(reader, json_get(row, "ref"), &want.ref) < 0) {
		ref_want_clear(&want.ref);
		return -1;
	}
	plan_add_want(plan, url, &want);
	return 0;
}

static int check_repository(const struct reader *reader, const char *text)
{
	autourl url = URL_INIT;

	if (!url_parse(text, &url) || !*url.host ||
		(!streq(url.scheme, "https") && !streq(url.scheme, "http")))
		return fail(reader, "no http URL: ", "repository");
	return url.password ? fail(reader, "a password in ", "repository") : 0;
}

static int read_chart(const struct reader *reader, struct json_object *row, struct plan *plan)
{
	static const char *const known[] = {"repository", "name", "version", NULL};

	if (check_keys(reader, row, known) < 0)
		return -1;
	for (size_t i = 0; known[i]; i++)
		if (!str_set(json_str(row, known[i])))
			return fail(reader, "no ", known[i]);
	if (check_repository(reader, json_str(row, "repository")) < 0)
		return -1;
	plan_add_chart(plan, json_str(row, "repository"), json_str(row, "name"),
		json_str(row, "version"), NULL);
	return 0;
}

static int read_rows(struct reader *reader, struct json_object *document, const char *what,
	int (*read)(const struct reader *reader, struct json_object *row, struct plan *plan),
	struct plan *plan)
{
	struct json_object *rows = json_get(document, what);

	reader->what = what;
	if (rows && json_kind(rows) != JSON_ARRAY)
		return error_set(
			reader->err, ERROR_CONFIG, "%s: %s is no list", reader->path, what);
	for (reader->index = 0; reader->index < json_len(rows); reader->index++)
		if (read(reader, json_item(rows, reader->index), plan) < 0)
			return -1;
	return 0;
}

int plan_add_file(struct plan *plan, const char *path, struct error *err)
{
	static const char *const known[] = {"sources", "charts"};
	struct reader reader = {.path = path, .what = known[0], .err = err};
	struct json_iter iter = JSON_ITER_INIT;
	autojson struct json_object *document = NULL;
	autobuf text = BUF_INIT;

	if (os_read_file(path, MAX_SOURCES_FILE, &text, err) < 0)
		return -1;
	if (yaml_parse(text.ptr, text.len, &document, err) < 0)
		return error_wrap(err, "%s", path);
	while (json_next(document, &iter))
		if (!streq(iter.key, known[0]) && !streq(iter.key, known[1]))
			return error_set(err, ERROR_CONFIG, "%s: unknown key '%s'", path, iter.key);
	if (!json_get(document, "sources") && !json_get(document, "charts"))
		return error_set(
			err, ERROR_CONFIG, "%s: neither sources nor charts are listed", path);
	if (read_rows(&reader, document, known[0], read_source, plan) < 0)
		return -1;
	return read_rows(&reader, document, known[1], read_chart, plan);
}

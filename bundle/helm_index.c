/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/yaml.h"
#include "bundle/helm_index.h"
#include "bundle/semver.h"
#include "bundle/web.h"

struct reading {
	struct helm_entry *wanted;
	size_t count;
	int64_t (*read)(void *ctx, void *data, size_t len, struct error *err);
	void *ctx;
};

static int64_t read_text(void *ctx, void *data, size_t len, struct error *err)
{
	struct reading *reading = ctx;

	return reading->read(reading->ctx, data, len, err);
}

static bool is_wanted(void *ctx, const char *name)
{
	struct reading *reading = ctx;

	for (size_t i = 0; i < reading->count; i++)
		if (streq(reading->wanted[i].name, name))
			return true;
	return false;
}

/* "v1.2.3" and "1.2.3" are one version, and so are those that differ in build metadata alone. */
static bool same_version(const char *left, const char *right)
{
	struct semver a;
	struct semver b;

	return semver_parse(left, &a) && semver_parse(right, &b) && semver_compare(&a, &b) == 0;
}

static struct json_object *find_version(struct json_object *entries, const char *version)
{
	struct json_object *near = NULL;

	for (size_t i = 0; i < json_len(entries); i++) {
		struct json_object *entry = json_item(entries, i);
		const char *has = json_str(entry, "version");

		if (streq(has, version))
			return entry;
		if (has && !near && same_version(has, version))
			near = entry;
	}
	return near;
}

static int on_chart(void *ctx, const char *name, struct json_object *entries, struct error *err)
{
	struct reading *reading = ctx;

	(void)err;
	for (size_t i = 0; i < reading->count; i++) {
		struct helm_entry *wanted = &reading->wanted[i];
		struct json_object *entry;

		if (!streq(wanted->name, name))
			continue;
		wanted->versions = json_len(entries);
		entry = find_version(entries, wanted->version);
		json_free(wanted->entry);
		wanted->entry = json_ref(entry);
	}
	return 0;
}

int helm_index_read(int64_t (*read)(void *ctx, void *data, size_t len, struct error *err),
	void *ctx, struct helm_entry *wanted, size_t count, struct error *err)
{
	struct reading reading = {.wanted = wanted, .count = count, .read = read, .ctx = ctx};
	struct yaml_members members = {
		.read = read_text,
		.key = "entries",
		.wanted = is_wanted,
		.on_member = on_chart,
		.ctx = &reading,
	};

	return yaml_members_read(&members, err);
}

const char *helm_entry_url(struct json_object *entry)
{
	struct json_object *url = json_item(json_get(entry, "urls"), 0);

	return json_kind(url) == JSON_STRING ? json_text(url) : NULL;
}

/* The repository is a folder, whether its URL ends in a slash or not (repo.ResolveReferenceURL). */
char *helm_chart_url(const char *repository, const char *reference)
{
	size_t end = strcspn(repository, "?#");
	bool slash = end && repository[end - 1] == '/';
	autofree char *folder = xasprintf("%.*s%s", (int)end, repository, slash ? "" : "/");
	autofree char *url = web_resolve(folder, reference);

	if (!url || repository[end] != '?' || strstr(reference, "://") || strchr(reference, '?'))
		return TAKE(url);
	return xasprintf("%s%s", url, repository + end);
}

const char *helm_entry_digest(struct json_object *entry)
{
	const char *digest = json_str(entry, "digest");

	if (digest && starts_with(digest, "sha256:"))
		digest += strlen("sha256:");
	if (!digest || strlen(digest) != SHA256_HEX_LEN ||
		strspn(digest, "0123456789abcdef") != SHA256_HEX_LEN)
		return NULL;
	return digest;
}

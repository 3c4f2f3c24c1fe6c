/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "base/yaml.h"
#include "bundle/credentials.h"
#include "bundle/limits.h"

enum key {
	URL,
	USERNAME,
	PASSWORD,
	PASSWORD_FILE,
	BEARER_FILE,
	CA_FILE,
	CERT_FILE,
	KEY_FILE,
	PROXY,
	IDENTITY_FILE,
	KNOWN_HOSTS_FILE,
	KEYS
};

enum use {
	HTTPS = 1,
	SSH = 2
};

/* clang-format off */
static const struct {
	const char *name;
	unsigned use;
	bool secret; /* of a file: its owner alone may read it */
} keys[KEYS] = {
	[URL] = {"url", HTTPS | SSH, false},
	[USERNAME] = {"username", HTTPS | SSH, false},
	[PASSWORD] = {"password", HTTPS, false},
	[PASSWORD_FILE] = {"passwordFile", HTTPS, true},
	[BEARER_FILE] = {"bearerTokenFile", HTTPS, true},
	[CA_FILE] = {"caFile", HTTPS, false},
	[CERT_FILE] = {"certFile", HTTPS, false},
	[KEY_FILE] = {"keyFile", HTTPS, true},
	[PROXY] = {"proxy", HTTPS, false},
	[IDENTITY_FILE] = {"identityFile", SSH, true},
	[KNOWN_HOSTS_FILE] = {"knownHostsFile", SSH, false},
};
/* clang-format on */

struct row {
	struct git_url url;
	char *values[KEYS]; /* NULL: not given */
};

struct credentials {
	char *folder; /* that relative names are relative to */
	struct row *rows;
	size_t count;
};

void git_credentials_clear(struct git_credentials *credentials)
{
	str_wipe(&credentials->username);
	str_wipe(&credentials->password);
	str_wipe(&credentials->bearer);
	str_wipe(&credentials->proxy);
	buf_wipe(&credentials->ca);
	buf_wipe(&credentials->cert);
	buf_wipe(&credentials->key);
	buf_wipe(&credentials->identity);
	buf_wipe(&credentials->known_hosts);
	credentials->own_ssh = false;
}

void credentials_free(struct credentials *credentials)
{
	if (!credentials)
		return;
	for (size_t i = 0; i < credentials->count; i++) {
		git_url_clear(&credentials->rows[i].url);
		for (size_t key = 0; key < KEYS; key++)
			str_wipe(&credentials->rows[i].values[key]);
	}
	free(credentials->rows);
	free(credentials->folder);
	free(credentials);
}

void credentials_free_pointer(struct credentials **slot)
{
	credentials_free(*slot);
}

/* ---- reading the file */

static int take_value(
	struct row *row, const char *name, struct json_object *value, struct error *err)
{
	for (size_t key = 0; key < KEYS; key++) {
		if (!streq(name, keys[key].name))
			continue;
		if (json_kind(value) != JSON_STRING ||
			json_string_len(value) != strlen(json_text(value)))
			return error_set(err, ERROR_CONFIG, "'%s' is not a text", name);
		str_replace(&row->values[key], json_text(value));
		return 0;
	}
	return error_set(err, ERROR_CONFIG, "'%.100s' is not known", name);
}

/* Keys that need or exclude each other. */
static int check_pairs(char *const *values, struct error *err)
{
	bool password = values[PASSWORD] || values[PASSWORD_FILE];

	if (values[PASSWORD] && values[PASSWORD_FILE])
		return error_set(err, ERROR_CONFIG, "either 'password' or 'passwordFile'");
	if (password && values[BEARER_FILE])
		return error_set(err, ERROR_CONFIG, "either a password or 'bearerTokenFile'");
	if (!values[CERT_FILE] != !values[KEY_FILE])
		return error_set(err, ERROR_CONFIG, "'certFile' and 'keyFile' go together");
	return 0;
}

static int check_row(const struct row *row, struct error *err)
{
	unsigned use = row->url.scheme == GIT_SSH ? SSH : HTTPS;

	if (row->url.password)
		return error_set(err, ERROR_CONFIG, "a password stands in 'url'");
	for (size_t key = 0; key < KEYS; key++) {
		if (!row->values[key] || (keys[key].use & use))
			continue;
		return error_set(err, ERROR_CONFIG, "'%s' is not for %s", keys[key].name,
			use == SSH ? "ssh" : "https");
	}
	/* A proxy is no secret: all else is not sent in the clear. */
	for (size_t key = URL + 1; row->url.scheme == GIT_HTTP && key < KEYS; key++)
		if (row->values[key] && key != PROXY)
			return error_set(err, ERROR_CONFIG, "credentials are for https and ssh");
	return check_pairs(row->values, err);
}

/* A prefix: the host alone is one too, which as a repository's URL would lack its path. */
static int parse_prefix(const char *text, struct git_url *ret, struct error *err)
{
	const char *mark = strstr(text, "://");
	bool host_alone = mark && !strchr(mark + 3, '/');
	autofree char *whole =
		xasprintf("%s%s", text, host_alone || ends_with(text, "/") ? "/-" : "");

	if (git_url_parse(whole, ret, err) < 0) {
		err->kind = ERROR_CONFIG;
		return -1;
	}
	if (!streq(whole, text)) {
		char *cut = strrchr(ret->path, '-');

		*cut = '\0';
	}
	return 0;
}

static int read_row(struct json_object *object, struct row *row, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;

	if (json_kind(object) != JSON_OBJECT)
		return error_set(err, ERROR_CONFIG, "it is not a map");
	while (json_next(object, &iter))
		if (take_value(row, iter.key, iter.value, err) < 0)
			return -1;
	if (!row->values[URL])
		return error_set(err, ERROR_CONFIG, "it has no 'url'");
	if (parse_prefix(row->values[URL], &row->url, err) < 0)
		return -1;
	return check_row(row, err);
}

static int check_unique(const struct credentials *credentials, struct error *err)
{
	for (size_t i = 0; i < credentials->count; i++)
		for (size_t j = i + 1; j < credentials->count; j++)
			if (git_url_covers(&credentials->rows[i].url, &credentials->rows[j].url) &&
				git_url_covers(
					&credentials->rows[j].url, &credentials->rows[i].url))
				return error_set(err, ERROR_CONFIG,
					"rows %zu and %zu are for the same URL", i + 1, j + 1);
	return 0;
}

static int read_rows(
	struct credentials *credentials, struct json_object *document, struct error *err)
{
	struct json_object *rows = json_get(document, "credentials");
	struct json_iter iter = JSON_ITER_INIT;
	size_t count = json_len(rows);

	while (json_kind(document) == JSON_OBJECT && json_next(document, &iter))
		if (!streq(iter.key, "credentials"))
			return error_set(err, ERROR_CONFIG, "'%.100s' is not known", iter.key);
	if (json_kind(rows) != JSON_ARRAY || count > LIMIT_CREDENTIALS)
		return error_set(err, ERROR_CONFIG,
			"it has no list 'credentials' of at most %d rows", LIMIT_CREDENTIALS);
	credentials->rows = xcalloc(count + 1, sizeof(*credentials->rows));
	credentials->count = count;
	for (size_t i = 0; i < count; i++)
		if (read_row(json_item(rows, i), &credentials->rows[i], err) < 0)
			return error_wrap(err, "row %zu", i + 1);
	return check_unique(credentials, err);
}

int credentials_open(const char *path, struct credentials **ret, struct error *err)
{
	autocredentials *credentials = xcalloc(1, sizeof(*credentials));
	autojson struct json_object *document = NULL;
	CLEANUP(buf_wipe) struct buf text = BUF_INIT;
	autofree char *folder = os_dirname(path);

	if (os_read_secret(path, LIMIT_CREDENTIALS_FILE, &text, err) < 0)
		return -1;
	credentials->folder = os_absolute(folder, NULL);
	if (yaml_parse(text.ptr, text.len, &document, err) < 0 ||
		read_rows(credentials, document, err) < 0)
		return error_wrap(err, "credentials '%s'", path);
	*ret = TAKE(credentials);
	return 0;
}

/* ---- answering */

static const struct row *best_row(const struct credentials *credentials, const struct git_url *url)
{
	const struct row *best = NULL;

	for (size_t i = 0; i < credentials->count; i++) {
		const struct row *row = &credentials->rows[i];

		if (!git_url_covers(&row->url, url))
			continue;
		if (!best || strlen(row->url.path) > strlen(best->url.path) ||
			(!best->url.user && row->url.user))
			best = row;
	}
	return best;
}

static int load(const struct credentials *credentials, const struct row *row, enum key key,
	struct buf *ret, struct error *err)
{
	autofree char *path = NULL;
	int result;

	if (!row->values[key])
		return 0;
	path = os_absolute(row->values[key], credentials->folder);
	result = keys[key].secret ? os_read_secret(path, LIMIT_CREDENTIALS_FILE, ret, err)
				  : os_read_file(path, LIMIT_CREDENTIALS_FILE, ret, err);
	if (result < 0)
		return error_wrap(err, "'%s' of '%s'", keys[key].name, row->values[URL]);
	if (!ret->len)
		return error_set(err, ERROR_CONFIG, "'%s' of '%s': %s is empty", keys[key].name,
			row->values[URL], path);
	return 0;
}

/* A file's one line. */
static int load_line(const struct credentials *credentials, const struct row *row, enum key key,
	char **ret, struct error *err)
{
	CLEANUP(buf_wipe) struct buf text = BUF_INIT;

	if (!row->values[key])
		return 0;
	if (load(credentials, row, key, &text, err) < 0)
		return -1;
	*ret = xstrndup(text.ptr, strcspn(text.ptr, "\r\n"));
	return 0;
}

int credentials_find(const struct credentials *credentials, const char *url,
	struct git_credentials *ret, struct error *err)
{
	autogiturl parsed = GIT_URL_INIT;
	const struct row *row;

	if (git_url_parse(url, &parsed, err) < 0)
		return -1;
	row = best_row(credentials, &parsed);
	if (!row)
		return 0;
	str_replace(&ret->username, row->values[USERNAME]);
	str_replace(&ret->password, row->values[PASSWORD]);
	str_replace(&ret->proxy, row->values[PROXY]);
	if (load_line(credentials, row, PASSWORD_FILE, &ret->password, err) < 0 ||
		load_line(credentials, row, BEARER_FILE, &ret->bearer, err) < 0 ||
		load(credentials, row, CA_FILE, &ret->ca, err) < 0 ||
		load(credentials, row, CERT_FILE, &ret->cert, err) < 0 ||
		load(credentials, row, KEY_FILE, &ret->key, err) < 0 ||
		load(credentials, row, IDENTITY_FILE, &ret->identity, err) < 0 ||
		load(credentials, row, KNOWN_HOSTS_FILE, &ret->known_hosts, err) < 0)
		return -1;
	return 1;
}

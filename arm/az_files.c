/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "arm/az_files.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/os.h"
#include "base/strv.h"

#define MAX_BYTES ((size_t)4 << 20)
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* The path of one file; NULL without a home directory. */
static char *path_of(const char *file)
{
	const char *folder = os_env("AZURE_CONFIG_DIR");
	autofree char *home = NULL;

	if (folder)
		return xasprintf("%s/%s", folder, file);
	home = os_home();
	return home ? xasprintf("%s/.azure/%s", home, file) : NULL;
}

/* False in `*there` if the file is not there. */
static int read_file(const char *file, struct buf *ret, bool *there, struct error *err)
{
	autofree char *path = path_of(file);
	autoerror failure = ERROR_INIT;

	*there = false;
	if (!path)
		return 0;
	*there = os_read_file(path, MAX_BYTES, ret, &failure) == 0;
	if (*there || failure.kind == ERROR_NOT_FOUND)
		return 0;
	return error_set(err, ERROR_CONFIG, "%s", failure.message);
}

/* ---- INI */

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t\r");
}

/* "[name]" */
static bool is_header(const char *line, const char *section)
{
	size_t len = strlen(section);

	return line[0] == '[' && strncmp(line + 1, section, len) == 0 && line[1 + len] == ']';
}

/* What stands behind "key =" or "key:"; NULL if the line is of another key. */
static const char *value_of(const char *line, const char *key)
{
	size_t len = strlen(key);
	const char *rest;

	if (strncasecmp(line, key, len) != 0)
		return NULL;
	rest = skip_blanks(line + len);
	return *rest == '=' || *rest == ':' ? skip_blanks(rest + 1) : NULL;
}

/* Owned; NULL if it is not there or empty. */
static char *find(const char *text, const char *section, const char *key)
{
	autostrv lines = STRV_INIT;
	autobuf value = BUF_INIT;
	bool inside = false;

	strv_split(&lines, text, "\n", false);
	for (size_t i = 0; i < lines.len; i++) {
		const char *line = skip_blanks(lines.items[i]);
		const char *found = inside ? value_of(line, key) : NULL;

		if (*line == '[')
			inside = is_header(line, section);
		if (found) {
			buf_reset(&value);
			buf_adds(&value, found);
		}
	}
	buf_trim(&value);
	return value.len ? buf_detach(&value) : NULL;
}

int az_files_setting(
	const char *file, const char *section, const char *key, char **ret, struct error *err)
{
	autobuf text = BUF_INIT;
	bool there;

	*ret = NULL;
	if (read_file(file, &text, &there, err) < 0)
		return -1;
	if (there)
		*ret = find(text.ptr, section, key);
	return 0;
}

/* ---- the profile */

int az_files_profile(struct json_object **ret, struct error *err)
{
	autobuf text = BUF_INIT;
	const char *start;
	bool there;

	*ret = NULL;
	if (read_file("azureProfile.json", &text, &there, err) < 0)
		return -1;
	if (!there)
		return 0;
	start = text.ptr;
	if (starts_with(start, BYTE_ORDER_MARK))
		start += strlen(BYTE_ORDER_MARK);
	if (json_parse(start, text.len - (size_t)(start - text.ptr), ret, err) < 0)
		return error_wrap(err, "az's azureProfile.json");
	return 0;
}

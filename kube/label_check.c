/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand in a label: apimachinery pkg/util/validation/validation.go. */
#include "base/base.h"

#include "base/buf.h"
#include "kube/selector.h"

#define MAX_NAME 63
#define MAX_PREFIX 253
#define NAME_EXAMPLES                                                                 \
	"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " \
	"'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

static bool is_lower(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_word(char byte)
{
	return is_lower(byte) || (byte >= 'A' && byte <= 'Z');
}

/* Letters and digits at both ends, '-', '_' and '.' between them. */
static bool is_name(const char *text, size_t len)
{
	if (!len || !is_word(text[0]) || !is_word(text[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_word(text[i]) && !strchr("-_.", text[i]))
			return false;
	return true;
}

/* Lower-case words of a DNS name. */
static bool is_subdomain(const char *text, size_t len)
{
	size_t start = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && (is_lower(text[i]) || text[i] == '-'))
			continue;
		if (i == start || (i < len && text[i] != '.') || text[start] == '-' ||
			text[i - 1] == '-')
			return false;
		start = i + 1;
	}
	return true;
}

/* Several faults of one text stand behind each other. */
static void add(struct buf *why, const char *text)
{
	buf_addf(why, "%s%s", why->len ? "; " : "", text);
}

static void check_prefix(const char *text, size_t len, struct buf *why)
{
	if (!len) {
		add(why, "prefix part must be non-empty");
		return;
	}
	if (len > MAX_PREFIX)
		add(why, "prefix part must be no more than 253 bytes");
	if (!is_subdomain(text, len))
		add(why, "prefix part a lowercase RFC 1123 subdomain must consist of lower case "
			 "alphanumeric characters, '-' or '.', and must start and end with an "
			 "alphanumeric character (e.g. 'example.com', regex used for validation is "
			 "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");
}

void label_check_key(const char *key, struct buf *why)
{
	const char *slash = strchr(key, '/');
	const char *name = slash ? slash + 1 : key;

	if (strchr(name, '/')) {
		add(why, "a valid label key must consist of alphanumeric characters, '-', '_' or "
			 "'.', and must start and end with an alphanumeric character " NAME_EXAMPLES
			 " with an optional DNS subdomain prefix and '/' (e.g. "
			 "'example.com/MyName')");
		return;
	}
	if (slash)
		check_prefix(key, (size_t)(slash - key), why);
	if (!*name)
		add(why, "name part must be non-empty");
	else if (strlen(name) > MAX_NAME)
		add(why, "name part must be no more than 63 bytes");
	if (!is_name(name, strlen(name)))
		add(why, "name part must consist of alphanumeric characters, '-', '_' or '.', and "
			 "must start and end with an alphanumeric character " NAME_EXAMPLES);
}

void label_check_value(const char *value, struct buf *why)
{
	if (strlen(value) > MAX_NAME)
		add(why, "must be no more than 63 bytes");
	if (*value && !is_name(value, strlen(value)))
		add(why, "a valid label must be an empty string or consist of alphanumeric "
			 "characters, '-', '_' or '.', and must start and end with an alphanumeric "
			 "character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
			 "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
}

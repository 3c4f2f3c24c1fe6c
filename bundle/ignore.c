/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/strv.h"
#include "bundle/ignore.h"
#include "bundle/limits.h"

/* sourceignore.go: ExcludeVCS; ExcludeExt, ExcludeCI, ExcludeExtra. */
static const char *const version_control[] = {
	".git/", ".gitignore", ".gitmodules", ".gitattributes"};
static const char *const usual[] = {"*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv",
	"*.tar.gz", "*.zip", ".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml",
	"appveyor.yml", ".drone.yml", "cloudbuild.yaml", "codeship-services.yml",
	"codeship-steps.yml", "**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"};

struct rule {
	char *folder;      /* whose contents it is for; "" for all */
	struct strv parts; /* between slashes */
	bool include;      /* "!" */
	bool folder_only;  /* "/" at the end */
	bool path;         /* has a slash within: matched from the folder on, part by part */
};

/* ---- one name: filepath.Match of Go, without slashes */

/* The character at `text` as Go decodes it: what is no UTF-8 is U+FFFD and one byte long. */
static size_t decode(const char *text, size_t len, uint32_t *ret)
{
	const unsigned char *b = (const unsigned char *)text;
	size_t need = *b < 0x80   ? 1
		      : *b < 0xc2 ? 0
		      : *b < 0xe0 ? 2
		      : *b < 0xf0 ? 3
		      : *b < 0xf5 ? 4
				  : 0;

	*ret = 0xfffd;
	if (!need || need > len)
		return 1;
	uint32_t code = need == 1 ? *b : *b & (0xffU >> (need + 1));

	for (size_t i = 1; i < need; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 1;
		code = code << 6 | (b[i] & 0x3f);
	}
	if ((need == 3 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) ||
		(need == 4 && (code < 0x10000 || code > 0x10ffff)))
		return 1;
	*ret = code;
	return need;
}

/* A character of a class, maybe behind a backslash; NULL if there is none or nothing after it. */
static const char *class_char(const char *at, uint32_t *ret)
{
	size_t len;

	if (!*at || *at == '-' || *at == ']')
		return NULL;
	if (*at == '\\' && !*++at)
		return NULL;
	len = decode(at, strlen(at), ret);
	if (*ret == 0xfffd && len == 1)
		return NULL;
	return at[len] ? at + len : NULL;
}

/* Behind the class that begins at `at` (after '['), and whether `code` is in it; NULL if malformed. */
static const char *read_class(const char *at, uint32_t code, bool *matched)
{
	bool negated = *at == '^';
	bool in = false;

	at += negated;
	for (bool first = true; first || *at != ']'; first = false) {
		uint32_t low, high;

		at = class_char(at, &low);
		if (!at)
			return NULL;
		high = low;
		if (*at == '-')
			at = class_char(at + 1, &high);
		if (!at)
			return NULL;
		in = in || (low <= code && code <= high);
	}
	*matched = in != negated;
	return at + 1;
}

/* A malformed pattern matches nothing. */
static bool valid(const char *pattern)
{
	bool matched;

	while (pattern && *pattern) {
		if (*pattern == '[')
			pattern = read_class(pattern + 1, 0, &matched);
		else if (*pattern == '\\')
			pattern = pattern[1] ? pattern + 2 : NULL;
		else
			pattern++;
	}
	return pattern != NULL;
}

/* Behind the pattern's next element, which is no star, if it matches at `*name`, which is then
 * advanced; else NULL. */
static const char *match_element(const char *pattern, const char **name, const char *end)
{
	uint32_t code;
	bool matched;
	size_t len;

	if (*name == end)
		return NULL;
	if (*pattern == '?' || *pattern == '[') {
		len = decode(*name, (size_t)(end - *name), &code);
		*name += len;
		if (*pattern == '?')
			return pattern + 1;
		pattern = read_class(pattern + 1, code, &matched);
		return matched ? pattern : NULL;
	}
	pattern += *pattern == '\\';
	return *pattern == *(*name)++ ? pattern + 1 : NULL;
}

/* A valid pattern against the whole of a name: where it fails, the last star takes one byte more. */
static bool match_name(const char *pattern, const char *name, const char *end)
{
	const char *star = NULL;
	const char *resume = NULL;

	while (*pattern || name != end) {
		const char *next = NULL;
		const char *at = name;

		if (*pattern == '*') {
			star = ++pattern;
			resume = name;
			continue;
		}
		if (*pattern)
			next = match_element(pattern, &at, end);
		if (next) {
			pattern = next;
			name = at;
		} else if (star && resume != end) {
			pattern = star;
			name = ++resume;
		} else {
			return false;
		}
	}
	return true;
}

/* ---- rules */

static void rule_clear(struct rule *rule)
{
	free(rule->folder);
	strv_clear(&rule->parts);
}

static void rule_parse(struct rule *rule, const char *text, size_t len, const char *folder)
{
	autofree char *pattern = NULL;

	memset(rule, 0, sizeof(*rule));
	rule->parts = (struct strv)STRV_INIT;
	rule->folder = xstrdup(folder);
	rule->include = len && *text == '!';
	text += rule->include;
	len -= rule->include;
	if (len < 2 || memcmp(text + len - 2, "\\ ", 2) != 0)
		while (len && text[len - 1] == ' ')
			len--;
	rule->folder_only = len && text[len - 1] == '/';
	pattern = xstrndup(text, len - rule->folder_only);
	rule->path = strchr(pattern, '/') != NULL;
	strv_split(&rule->parts, pattern, "/", true);
}

/* "**" within a name of a path, and what is malformed: such a rule matches nothing. */
static bool rule_lives(const struct rule *rule)
{
	for (size_t i = 0; i < rule->parts.len; i++) {
		const char *part = rule->parts.items[i];

		if (!valid(part) || (rule->path && strstr(part, "**") && !streq(part, "**")))
			return false;
	}
	return true;
}

/* A rule without a slash is for any name on the way. */
static bool match_any_name(const struct rule *rule, const char *path, bool is_folder)
{
	const char *end;

	for (; *path; path = *end ? end + 1 : end) {
		end = path + strcspn(path, "/");
		if (match_name(rule->parts.items[0], path, end))
			return *end || is_folder || !rule->folder_only;
	}
	return false;
}

/* Part by part from the top; "**" lets the next part match further down. What is left of the path is
 * below what matched. */
static bool match_path(const struct rule *rule, const char *path, bool is_folder)
{
	bool matched = false;
	bool further = false;

	for (size_t i = 0; i < rule->parts.len; i++) {
		const char *part = rule->parts.items[i];

		if (!*part || streq(part, "**")) {
			further = *part != '\0';
			continue;
		}
		if (!*path)
			return false;
		do {
			const char *end = path + strcspn(path, "/");

			matched = match_name(part, path, end);
			path = *end ? end + 1 : end;
		} while (further && !matched && *path);
		if (!matched && !further)
			return false;
		further = false;
	}
	return matched && (*path || is_folder || !rule->folder_only);
}

static bool rule_match(const struct rule *rule, const char *path, bool is_folder)
{
	size_t len = strlen(rule->folder);

	if (len && (!starts_with(path, rule->folder) || path[len++] != '/'))
		return false;
	path += len;
	return rule->path ? match_path(rule, path, is_folder)
			  : match_any_name(rule, path, is_folder);
}

/* ---- all of them */

struct rules {
	struct rule *items;
	size_t count, capacity;
};

struct ignore {
	struct rules always, usual, given;
	size_t seen; /* rules given, those that match nothing too */
};

static void rules_add(struct rules *rules, const char *text, size_t len, const char *folder)
{
	struct rule *rule;

	if (rules->count == rules->capacity) {
		rules->capacity = 2 * rules->capacity + 32;
		rules->items = xreallocarray(rules->items, rules->capacity, sizeof(*rules->items));
	}
	rule = &rules->items[rules->count];
	rule_parse(rule, text, len, folder);
	if (rule_lives(rule))
		rules->count++;
	else
		rule_clear(rule);
}

static void rules_clear(struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		rule_clear(&rules->items[i]);
	free(rules->items);
}

/* The last rule that matches; NULL: none. */
static const struct rule *rules_match(const struct rules *rules, const char *path, bool is_folder)
{
	for (size_t i = rules->count; i > 0; i--)
		if (rule_match(&rules->items[i - 1], path, is_folder))
			return &rules->items[i - 1];
	return NULL;
}

struct ignore *ignore_new(void)
{
	struct ignore *ignore = xcalloc(1, sizeof(*ignore));

	for (size_t i = 0; i < countof(version_control); i++)
		rules_add(&ignore->always, version_control[i], strlen(version_control[i]), "");
	for (size_t i = 0; i < countof(usual); i++)
		rules_add(&ignore->usual, usual[i], strlen(usual[i]), "");
	return ignore;
}

void ignore_free(struct ignore *ignore)
{
	if (!ignore)
		return;
	rules_clear(&ignore->always);
	rules_clear(&ignore->usual);
	rules_clear(&ignore->given);
	free(ignore);
}

void ignore_free_pointer(struct ignore **slot)
{
	ignore_free(*slot);
}

static bool is_blank(const char *text, size_t len)
{
	return strspn(text, " \t\v\f\r") >= len;
}

int ignore_add(
	struct ignore *ignore, const char *folder, const char *text, size_t len, struct error *err)
{
	autofree char *all = xstrndup(text, len);
	const char *end = all + len;

	for (const char *line = all; line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t line_len = (size_t)((newline ? newline : end) - line);
		const char *rule = line;

		line += line_len + 1;
		if (line_len && rule[line_len - 1] == '\r')
			line_len--;
		if (*rule == '#' || is_blank(rule, line_len))
			continue;
		if (line_len > LIMIT_IGNORE_RULE || ++ignore->seen > LIMIT_IGNORE_RULES)
			return error_set(err, ERROR_DAMAGED,
				"more than %d rules, or one of more than %d bytes",
				LIMIT_IGNORE_RULES, LIMIT_IGNORE_RULE);
		rules_add(&ignore->given, rule, line_len, folder);
	}
	return 0;
}

bool ignore_match(const struct ignore *ignore, const char *path, bool is_folder)
{
	const struct rule *rule =
		rules_match(ignore->seen ? &ignore->given : &ignore->usual, path, is_folder);

	if (!rule)
		rule = rules_match(&ignore->always, path, is_folder);
	return rule && !rule->include;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/time.h"
#include "bundle/allowed_signers.h"

#define BLANK " \t"
#define PATTERN_STEPS 100000 /* of one match: a pattern of stars may not take for ever */

void allowed_signer_clear(struct allowed_signer *signer)
{
	free(signer->principals);
	free(signer->namespaces);
	ssh_public_clear(&signer->key);
	*signer = (struct allowed_signer)ALLOWED_SIGNER_INIT;
}

/* ---- patterns */

/* The usual one: on a mismatch behind a star the star takes one more character. */
static bool match_one(const char *text, const char *pattern, size_t len)
{
	const char *end = pattern + len;
	const char *star = NULL;
	const char *resume = text;

	for (size_t steps = 0; *text; steps++) {
		if (steps == PATTERN_STEPS)
			return false;
		if (pattern < end && *pattern == '*') {
			star = ++pattern;
			resume = text;
		} else if (pattern < end && (*pattern == '?' || *pattern == *text)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}

bool allowed_signers_match(const char *text, const char *patterns)
{
	bool found = false;

	while (*patterns) {
		size_t len = strcspn(patterns, ",");
		bool negated = *patterns == '!';

		if (match_one(text, patterns + negated, len - negated)) {
			if (negated)
				return false;
			found = true;
		}
		patterns += len + (patterns[len] == ',');
	}
	return found;
}

/* ---- times */

/* `count` digits as a number; -1 if they are none. */
static int digits(const char *text, size_t count)
{
	int value = 0;

	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = 10 * value + text[i] - '0';
	}
	return value;
}

int64_t allowed_signers_time(const char *text)
{
	size_t len = strspn(text, "0123456789");
	bool utc = strcasecmp(text + len, "Z") == 0 || strcasecmp(text + len, "UTC") == 0;
	struct tm tm = {.tm_isdst = -1};
	time_t moment;

	if ((text[len] && !utc) || (len != 8 && len != 12 && len != 14))
		return 0;
	tm.tm_year = digits(text, 4) - 1900;
	tm.tm_mon = digits(text + 4, 2) - 1;
	tm.tm_mday = digits(text + 6, 2);
	tm.tm_hour = len > 8 ? digits(text + 8, 2) : 0;
	tm.tm_min = len > 8 ? digits(text + 10, 2) : 0;
	tm.tm_sec = len > 12 ? digits(text + 12, 2) : 0;
	if (tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
		tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return 0;
	moment = utc ? timegm(&tm) : mktime(&tm);
	return moment > 0 ? moment : 0;
}

/* ---- lines */

/* Past `name`, whatever its case, if it stands at `*at`. */
static bool skip_name(const char **at, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(*at, name, len) != 0)
		return false;
	*at += len;
	return true;
}

/* The text in quotes at `*at`, \" in it being a quote; NULL if there is none. The caller frees. */
static char *quoted(const char **at)
{
	autobuf text = BUF_INIT;

	if (*(*at)++ != '"')
		return NULL;
	for (; **at != '"'; (*at)++) {
		if (!**at)
			return NULL;
		if ((*at)[0] == '\\' && (*at)[1] == '"')
			(*at)++;
		buf_addc(&text, **at);
	}
	(*at)++;
	return buf_detach(&text);
}

/* The moment in quotes; what is wrong with it, or NULL. */
static const char *read_time(const char **at, int64_t *ret, const char *twice, const char *bad)
{
	autofree char *text = NULL;

	if (*ret)
		return twice;
	text = quoted(at);
	*ret = text ? allowed_signers_time(text) : 0;
	return *ret ? NULL : bad;
}

static const char *read_option(const char **at, struct allowed_signer *ret)
{
	if (skip_name(at, "cert-authority")) {
		ret->authority = true;
		return NULL;
	}
	if (skip_name(at, "namespaces=")) {
		if (ret->namespaces)
			return "namespaces are given twice";
		ret->namespaces = quoted(at);
		return ret->namespaces ? NULL : "namespaces without quotes around them";
	}
	if (skip_name(at, "valid-after="))
		return read_time(at, &ret->valid_after, "valid-after is given twice",
			"malformed valid-after");
	if (skip_name(at, "valid-before="))
		return read_time(at, &ret->valid_before, "valid-before is given twice",
			"malformed valid-before");
	return "neither a type of key that is supported nor an option that is known stands "
	       "after the principals";
}

/* Options up to the blank that ends them; what is wrong with them, or NULL. */
static const char *read_options(const char **at, struct allowed_signer *ret)
{
	for (;;) {
		const char *wrong = read_option(at, ret);

		if (wrong)
			return wrong;
		if (**at == ' ' || **at == '\t')
			break;
		if (!**at)
			return "no key";
		if (*(*at)++ != ',')
			return "malformed options";
	}
	if (ret->valid_after && ret->valid_before && ret->valid_before <= ret->valid_after)
		return "valid-before is not later than valid-after";
	return NULL;
}

/* The first word, or what stands in quotes; NULL if nothing follows it. */
static char *read_principals(const char **at)
{
	size_t len = strcspn(*at, BLANK "\"");
	autobuf text = BUF_INIT;
	const char *end;

	buf_add(&text, *at, len);
	*at += len;
	if (**at == '"') {
		end = strchr(*at + 1, '"');
		if (!end)
			return NULL;
		buf_add(&text, *at + 1, (size_t)(end - *at - 1));
		*at = end + 1;
	}
	*at += strspn(*at, BLANK);
	return **at && text.len ? buf_detach(&text) : NULL;
}

static int read_line(const char *line, struct allowed_signer *ret, struct error *err)
{
	const char *wrong;
	size_t word;

	ret->principals = read_principals(&line);
	if (!ret->principals)
		return error_set(err, ERROR_SYNTAX, "no key");
	word = strcspn(line, BLANK);
	if (!ssh_key_type((struct sign_bytes){(const unsigned char *)line, word})) {
		wrong = read_options(&line, ret);
		if (wrong)
			return error_set(err, ERROR_SYNTAX, "%s", wrong);
		line += strspn(line, BLANK);
	}
	return ssh_public_read(line, &ret->key, err);
}

int allowed_signers_next(
	struct allowed_signers *file, struct allowed_signer *ret, struct error *err)
{
	allowed_signer_clear(ret);
	while (*file->at) {
		size_t len = strcspn(file->at, "\n");
		autofree char *line = xstrndup(file->at, len);
		const char *text = line + strspn(line, BLANK "\r");

		file->at += len + (file->at[len] == '\n');
		file->line++;
		if (len && line[len - 1] == '\r')
			line[len - 1] = '\0';
		if (!*text || *text == '#')
			continue;
		ret->line = file->line;
		if (read_line(text, ret, err) < 0)
			return error_wrap(err, "allowed signers, line %u", file->line);
		return 1;
	}
	return 0;
}

/* ---- who */

/* Why an entry for the key does not let it sign; NULL if it does. The caller frees. */
static char *refusal(const struct signature_trust *trust, const struct allowed_signer *signer)
{
	autobuf text = BUF_INIT;

	if (signer->authority)
		return xasprintf("line %u trusts it to certify other keys, and certificates are "
				 "not supported",
			signer->line);
	if (trust->principal && !allowed_signers_match(trust->principal, signer->principals))
		return xasprintf(
			"it belongs to '%s' and not to '%s'", signer->principals, trust->principal);
	if (signer->namespaces && !allowed_signers_match(SIGNATURE_NAMESPACE, signer->namespaces))
		return xasprintf("'%s' is trusted for '%s' only, not for '%s'", signer->principals,
			signer->namespaces, SIGNATURE_NAMESPACE);
	if (signer->valid_after && trust->now < signer->valid_after) {
		buf_addf(&text, "'%s' is trusted only after ", signer->principals);
		time_format_utc(&text, signer->valid_after * 1000);
		return buf_detach(&text);
	}
	if (signer->valid_before && trust->now > signer->valid_before) {
		buf_addf(&text, "'%s' was trusted only before ", signer->principals);
		time_format_utc(&text, signer->valid_before * 1000);
		return buf_detach(&text);
	}
	return NULL;
}

int allowed_signers_find(const struct signature_trust *trust, const struct ssh_public *key,
	char **principals, char **why, struct error *err)
{
	struct allowed_signers file = {.at = trust->text};
	CLEANUP(allowed_signer_clear) struct allowed_signer signer = ALLOWED_SIGNER_INIT;
	autofree char *first = NULL;
	autofree char *found = NULL;
	int next;

	while ((next = allowed_signers_next(&file, &signer, err)) > 0) {
		autofree char *no = NULL;

		if (found || signer.key.blob.len != key->blob.len ||
			memcmp(signer.key.blob.ptr, key->blob.ptr, key->blob.len) != 0)
			continue;
		no = refusal(trust, &signer);
		if (!no)
			found = TAKE(signer.principals);
		else if (!first)
			first = TAKE(no);
	}
	if (next < 0)
		return -1;
	if (!found && !first)
		first = xstrdup(
			*trust->text ? "its key is not among those trusted" : "nobody is trusted");
	*why = found ? NULL : TAKE(first);
	*principals = TAKE(found);
	return 0;
}

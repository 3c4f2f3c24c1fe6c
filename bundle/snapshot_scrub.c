/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials in any text: user and password of a URL, tokens behind "Bearer" and "Basic", JSON web
 * tokens, signatures in the query of a URL. The text may be JSON: what is replaced never reaches
 * beyond a quote, and the replacement needs no escape.
 */
#include "base/base.h"

#include <ctype.h>
#include <strings.h>

#include "bundle/snapshot_private.h"

/* Shorter ones are words: "bearer token". */
#define MIN_TOKEN 8
#define LONG_TOKEN 24
#define MIN_JWT 32

struct scrub {
	const char *start, *end; /* of the whole text */
	struct buf *out;
	uint64_t *count;
};

static size_t token_len(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && (isalnum((unsigned char)*p) || strchr("-._~+/=", *p)) && *p)
		p++;
	return (size_t)(p - start);
}

/* A word of prose has no digits, no capitals within, and is not long. */
static bool is_token(const char *p, size_t len)
{
	if (len < MIN_TOKEN)
		return false;
	for (size_t i = 0; i < len; i++)
		if (isdigit((unsigned char)p[i]) || p[i] == '=' ||
			(i && isupper((unsigned char)p[i])))
			return true;
	return len >= LONG_TOKEN;
}

static bool at_word(const struct scrub *scrub, const char *p, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(scrub->end - p) > len && strncasecmp(p, word, len) == 0;
}

/* How many bytes of `p` are kept in front of how many that are replaced. */
struct found {
	size_t keep, replace;
};

static struct found find_scheme(const struct scrub *scrub, const char *p, const char *word)
{
	struct found found = {strlen(word), 0};
	size_t len;

	if (!at_word(scrub, p, word))
		return found;
	len = token_len(p + found.keep, scrub->end);
	if (is_token(p + found.keep, len))
		found.replace = len;
	return found;
}

static struct found find_jwt(const struct scrub *scrub, const char *p)
{
	struct found found = {0, 0};
	size_t len = starts_with(p, "eyJ") ? token_len(p, scrub->end) : 0;

	if (len >= MIN_JWT && memchr(p, '.', len))
		found.replace = len;
	return found;
}

/* "sig=" of a signed Azure URL and its like, behind '?' or '&' (in JSON also \u0026), and keys of
 * connection strings, behind ';'. */
static struct found find_signature(const struct scrub *scrub, const char *p)
{
	static const char *const keys[] = {
		"sig=", "access_token=", "X-Amz-Signature=", "AccountKey=", "SharedAccessKey="};
	struct found found = {0, 0};

	if (p == scrub->start || !p[-1] || !strchr("?&6;", p[-1]))
		return found;
	for (size_t i = 0; i < countof(keys) && !found.replace; i++) {
		const char *value = p + strlen(keys[i]);

		if (!at_word(scrub, p, keys[i]))
			continue;
		found.keep = strlen(keys[i]);
		while (value + found.replace < scrub->end &&
			(isalnum((unsigned char)value[found.replace]) ||
				strchr("-._~+/%=", value[found.replace])) &&
			value[found.replace])
			found.replace++;
	}
	return found;
}

/* As git reads a URL: what is no URL by the book may still be somebody's password. */
static bool ends_authority(const char *p)
{
	/* \u0026 and its like are bytes of JSON text; any other escape ends the URL. */
	return (unsigned char)*p <= ' ' || strchr("/?#\"", *p) || (*p == '\\' && p[1] != 'u');
}

/* Behind "scheme:": user and password up to the last '@' of the authority. A name alone is a secret
 * with http ("https://TOKEN@host"), with ssh it is "git". */
static struct found find_userinfo(const struct scrub *scrub, const char *p)
{
	struct found found = {3, 0};
	bool http;
	bool password = false;

	if (p[1] != '/' || p[2] != '/')
		return found;
	http = p - scrub->start >= 4 &&
	       (strncasecmp(p - 4, "http", 4) == 0 || strncasecmp(p - 4, "ttps", 4) == 0);
	for (const char *at = p + 3; at < scrub->end && !ends_authority(at); at++) {
		if (*at == '@' && (http || password))
			found.replace = (size_t)(at - (p + 3));
		password |= *at == ':';
	}
	return found;
}

static struct found find(const struct scrub *scrub, const char *p)
{
	switch (*p) {
	case ':':
		return find_userinfo(scrub, p);
	case 'B':
	case 'b':
		if ((p[1] | ' ') != 'e' && (p[1] | ' ') != 'a')
			return (struct found){0, 0};
		return at_word(scrub, p, "bearer ") ? find_scheme(scrub, p, "bearer ")
						    : find_scheme(scrub, p, "basic ");
	case 'e':
		return find_jwt(scrub, p);
	case 's':
	case 'S':
	case 'a':
	case 'A':
	case 'X':
		return find_signature(scrub, p);
	default:
		return (struct found){0, 0};
	}
}

void snapshot_scrub(const char *text, size_t len, struct buf *out, uint64_t *count)
{
	struct scrub scrub = {.start = text, .end = text + len, .out = out, .count = count};
	const char *kept = text;

	for (const char *p = text; p < scrub.end;) {
		struct found found = find(&scrub, p);

		if (!found.replace) {
			p++;
			continue;
		}
		buf_add(out, kept, (size_t)(p + found.keep - kept));
		buf_adds(out, REDACTED);
		++*count;
		p += found.keep + found.replace;
		kept = p;
	}
	buf_add(out, kept, (size_t)(scrub.end - kept));
}

/* The second byte is looked for, since the first is often a quote, of which there are many. */
bool snapshot_mentions(const char *text, size_t len, const char *word)
{
	size_t word_len = strlen(word);
	size_t sought = word_len > 1;
	const char *last = text + len - word_len;

	if (len < word_len)
		return false;
	for (const char *p = text; p <= last; p++) {
		p = memchr(p + sought, word[sought], (size_t)(last - p) + 1);
		if (!p)
			return false;
		p -= sought;
		if (memcmp(p, word, word_len) == 0)
			return true;
	}
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Unfolding refusals. What to do about them stands in arm/advice.c. */
#include "base/base.h"

#include <strings.h>

#include "arm/error.h"
#include "base/alloc.h"
#include "base/json.h"

#define MAX_LEVELS 12
#define MAX_TEXT 4096
#define MAX_PAGE_TITLE 200

void arm_failure_clear(struct arm_failure *failure)
{
	free(failure->code);
	free(failure->message);
	free(failure->target);
	buf_clear(&failure->whole);
	*failure = (struct arm_failure)ARM_FAILURE_INIT;
}

/* ---- one level */

/* At most MAX_TEXT bytes, not cut inside a character, without white space around. */
static char *bounded(const char *text)
{
	struct buf copy = BUF_INIT;
	size_t len = strlen(text);
	bool cut = len > MAX_TEXT;

	if (cut)
		for (len = MAX_TEXT; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
	buf_add(&copy, text, len);
	if (cut)
		buf_adds(&copy, "…");
	buf_trim(&copy);
	return buf_detach(&copy);
}

/* A deeper level replaces what a shallower one said, if it says something. */
static void say(struct arm_failure *failure, const char *code, const char *message)
{
	if (str_set(code)) {
		free(failure->code);
		failure->code = bounded(code);
	}
	if (str_set(message)) {
		free(failure->message);
		failure->message = bounded(message);
	}
	if (failure->whole.len > (size_t)4 * MAX_TEXT || (!str_set(code) && !str_set(message)))
		return;
	buf_addf(&failure->whole, "%s: %.*s\n", code ? code : "", MAX_TEXT, message ? message : "");
}

/* The member by its name in any case: InnerError, innererror. */
static struct json_object *member(struct json_object *object, const char *name)
{
	struct json_iter iter = JSON_ITER_INIT;

	if (json_kind(object) != JSON_OBJECT)
		return NULL;
	while (json_next(object, &iter))
		if (strcasecmp(iter.key, name) == 0)
			return iter.value;
	return NULL;
}

static const char *member_text(struct json_object *object, const char *name)
{
	struct json_object *value = member(object, name);

	return json_kind(value) == JSON_STRING ? json_text(value) : NULL;
}

/* ---- from level to level */

static void unfold(struct arm_failure *failure, struct json_object *detail, unsigned level);
static void unfold_text(struct arm_failure *failure, const char *text, unsigned level);

/* A document that begins somewhere in the text and reaches to its last brace. */
static bool unfold_json(struct arm_failure *failure, const char *text, unsigned level)
{
	const char *end = strrchr(text, '}');
	const char *start = strchr(text, '{');
	autojson struct json_object *inner = NULL;
	autoerror ignored = ERROR_INIT;

	if (!start || !end || end < start ||
		json_parse(start, (size_t)(end - start) + 1, &inner, &ignored) < 0)
		return false;
	if (!member(inner, "error") && !member(inner, "message") && !member(inner, "code"))
		return false;
	unfold(failure, inner, level + 1);
	return true;
}

/* The last "InnerError [text]" of an extension's message, as far as its bracket reaches. */
static bool unfold_inner(struct arm_failure *failure, const char *text, unsigned level)
{
	static const char marker[] = "InnerError";
	const char *at = NULL;
	size_t len = 0;
	int depth = 1;

	for (const char *next = text; (next = strstr(next, marker)) != NULL;)
		at = next += sizeof(marker) - 1;
	if (!at)
		return false;
	at += strspn(at, " :=");
	if (*at == '[' || *at == '{')
		at++;
	for (; at[len]; len++) {
		depth += at[len] == '[' ? 1 : at[len] == ']' ? -1 : 0;
		if (!depth)
			break;
	}
	autofree char *inner = xstrndup(at, len);
	if (len < 3)
		return false;
	say(failure, NULL, inner);
	(void)unfold_json(failure, inner, level + 1);
	return true;
}

static void unfold_text(struct arm_failure *failure, const char *text, unsigned level)
{
	if (level < MAX_LEVELS && !unfold_json(failure, text, level))
		(void)unfold_inner(failure, text, level);
}

/* The first that says something. */
static struct json_object *first_detail(struct json_object *details)
{
	for (size_t i = 0; i < json_len(details); i++) {
		struct json_object *item = json_item(details, i);

		if (str_set(member_text(item, "message")) || str_set(member_text(item, "code")))
			return item;
	}
	return NULL;
}

static struct json_object *inner_of(struct json_object *detail)
{
	struct json_object *inner = member(detail, "error");

	if (json_kind(inner) != JSON_OBJECT)
		inner = first_detail(member(detail, "details"));
	if (!inner)
		inner = member(detail, "innererror");
	return json_kind(inner) == JSON_OBJECT ? inner : NULL;
}

static void unfold(struct arm_failure *failure, struct json_object *detail, unsigned level)
{
	struct json_object *inner = inner_of(detail);
	const char *message = member_text(detail, "message");
	const char *code = member_text(detail, "code");
	const char *target = member_text(detail, "target");

	/* As sign-in words it. */
	if (!code)
		code = member_text(detail, "error");
	if (!message)
		message = member_text(detail, "error_description");
	say(failure, code, message);
	if (str_set(target)) {
		free(failure->target);
		failure->target = bounded(target);
	}
	if (message)
		unfold_text(failure, message, level);
	if (inner && level < MAX_LEVELS)
		unfold(failure, inner, level + 1);
}

void arm_failure_of(struct json_object *detail, struct arm_failure *ret)
{
	arm_failure_clear(ret);
	if (json_kind(detail) == JSON_STRING) {
		say(ret, NULL, json_text(detail));
		unfold_text(ret, json_text(detail), 0);
	} else {
		unfold(ret, detail, 0);
	}
	if (!ret->message)
		ret->message = xstrdup("");
}

/* ---- bodies that are no error of ARM's */

/* Of a page: its title. */
static char *page_title(const char *page)
{
	const char *start = arm_text_find(page, "<title>");
	const char *end = start ? arm_text_find(start, "</title>") : NULL;
	size_t len = end ? (size_t)(end - start) - strlen("<title>") : 0;

	if (!len)
		return xstrdup("a web page in place of Azure's answer");
	if (len > MAX_PAGE_TITLE)
		len = MAX_PAGE_TITLE;
	return xasprintf("a web page in place of Azure's answer: '%.*s'", (int)len,
		start + strlen("<title>"));
}

static void read_text(const char *text, struct arm_failure *ret)
{
	const char *start = text + strspn(text, " \t\r\n\xef\xbb\xbf");

	if (*start == '<')
		ret->message = page_title(start);
	else
		say(ret, NULL, start);
}

void arm_failure_read(const char *body, size_t len, int status, struct arm_failure *ret)
{
	autojson struct json_object *root = NULL;
	autoerror ignored = ERROR_INIT;
	autofree char *text = NULL;

	(void)status;
	arm_failure_clear(ret);
	if (len && json_parse(body, len, &root, &ignored) == 0 &&
		(json_kind(root) == JSON_OBJECT || json_kind(root) == JSON_STRING)) {
		arm_failure_of(root, ret);
		return;
	}
	text = xstrndup(body ? body : "", len);
	read_text(text, ret);
	if (!ret->message)
		ret->message = xstrdup("");
}

/* ---- the error */

static enum error_kind kind_of(int status)
{
	switch (status) {
	case 401:
		return ERROR_UNAUTHORIZED;
	case 403:
		return ERROR_FORBIDDEN;
	case 404:
		return ERROR_NOT_FOUND;
	case 408:
	case 504:
		return ERROR_TIMEOUT;
	default:
		return ERROR_SERVER;
	}
}

int arm_failure_error(
	const struct arm_failure *failure, int status, const char *ids, struct error *err)
{
	const struct arm_advice *advice = arm_advice_find(failure);
	const char *code = failure->code;
	autobuf text = BUF_INIT;

	if (str_set(failure->message))
		buf_adds(&text, failure->message);
	else
		buf_adds(&text, "Azure refused, and gave no reason");
	if (text.len > 1 && ends_with(text.ptr, ".") && !ends_with(text.ptr, ".."))
		buf_truncate(&text, text.len - 1);
	if (code && status)
		buf_addf(&text, " (%s, status %d)", code, status);
	else if (code)
		buf_addf(&text, " (%s)", code);
	else if (status)
		buf_addf(&text, " (status %d)", status);
	if (str_set(ids))
		buf_addf(&text, "\n%s", ids);
	error_set(err, advice && advice->kind != ERROR_NONE ? advice->kind : kind_of(status), "%s",
		text.ptr);
	return advice ? error_hint(err, "%s", advice->hint) : -1;
}

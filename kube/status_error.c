/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/strv.h"
#include "kube/status_error.h"

/* As client-go: more of a text body than this is not repeated. */
#define MAX_TEXT 2048

/* What client-go says where the server did not send a Status. */
struct generic {
	int http_status;
	const char *reason;
	const char *message; /* NULL: the body's text */
};

/* clang-format off */
static const struct generic generics[] = {
	{400, "BadRequest", "the server rejected our request for an unknown reason"},
	{401, "Unauthorized", "the server has asked for the client to provide credentials"},
	{403, "Forbidden", NULL},
	{404, "NotFound", "the server could not find the requested resource"},
	{405, "MethodNotAllowed", "the server does not allow this method on the requested resource"},
	{406, "NotAcceptable", "the server was unable to respond with a content type that the client supports"},
	{409, "Conflict", "the server reported a conflict"},
	{410, "Gone", "the requested resource is gone"},
	{415, "UnsupportedMediaType", NULL},
	{422, "Invalid", "the server rejected our request due to an error in our request"},
	{429, "TooManyRequests", "the server has received too many requests and has asked us to try again later"},
	{503, "ServiceUnavailable", "the server is currently unable to handle the request"},
	{504, "Timeout", "the server was unable to return a response in the time allotted, but may still be processing the request"},
};
/* clang-format on */

static enum error_kind kind_of(int http_status)
{
	switch (http_status) {
	case 401:
		return ERROR_UNAUTHORIZED;
	case 403:
		return ERROR_FORBIDDEN;
	case 404:
		return ERROR_NOT_FOUND;
	case 409:
		return ERROR_CONFLICT;
	case 410:
		return ERROR_GONE;
	case 504:
		return ERROR_TIMEOUT;
	default:
		return ERROR_SERVER;
	}
}

/* Go's %q, as far as it matters: quotes, backslashes and control characters are escaped. */
static void add_quoted(struct buf *out, const char *text)
{
	buf_addc(out, '"');
	for (const char *p = text; *p; p++) {
		unsigned char byte = (unsigned char)*p;

		if (byte == '"' || byte == '\\')
			buf_addf(out, "\\%c", byte);
		else if (byte == '\n')
			buf_adds(out, "\\n");
		else if (byte == '\r')
			buf_adds(out, "\\r");
		else if (byte == '\t')
			buf_adds(out, "\\t");
		else if (byte < 0x20 || byte == 0x7f)
			buf_addf(out, "\\x%02x", byte);
		else
			buf_addc(out, *p);
	}
	buf_addc(out, '"');
}

/* ---- without a Status */

/* The text of a body that is not JSON, cut and trimmed; "unknown" for JSON of another shape. */
static void body_text(const char *body, size_t len, struct buf *out)
{
	buf_add(out, body, len > MAX_TEXT ? MAX_TEXT : len);
	/* Stop at a zero byte, as everything after it would. */
	buf_truncate(out, strlen(out->ptr));
	buf_trim(out);
	if (*out->ptr == '{' || *out->ptr == '[') {
		buf_reset(out);
		buf_adds(out, "unknown");
	}
}

static int generic_error(
	int http_status, const char *body, size_t len, const char *what, struct error *err)
{
	const char *reason = http_status >= 500 ? "InternalError" : NULL;
	autobuf text = BUF_INIT;
	autobuf message = BUF_INIT;

	body_text(body, len, &text);
	for (size_t i = 0; i < countof(generics); i++) {
		if (generics[i].http_status != http_status)
			continue;
		reason = generics[i].reason;
		buf_adds(&message, generics[i].message ? generics[i].message : text.ptr);
	}
	if (http_status >= 500 && !message.len) {
		buf_adds(&message, "an error on the server (");
		add_quoted(&message, text.ptr);
		buf_adds(&message, ") has prevented the request from succeeding");
	} else if (!reason) {
		buf_addf(&message,
			"the server responded with the status code %d but did not return more "
			"information",
			http_status);
	}
	if (str_set(what))
		buf_addf(&message, "%s(%s)", message.len ? " " : "", what);
	if (http_status == 401)
		return error_set(err, ERROR_UNAUTHORIZED,
			"You must be logged in to the server (%s)", message.ptr);
	if (!reason)
		return error_set(err, ERROR_SERVER, "Error from server: %s", message.ptr);
	return error_set(
		err, kind_of(http_status), "Error from server (%s): %s", reason, message.ptr);
}

/* ---- with a Status */

/* "field: message" of each cause, each once. */
static void collect_causes(struct json_object *status, struct strv *causes)
{
	struct json_object *list = json_get(status, "details", "causes");

	for (size_t i = 0; i < json_len(list); i++) {
		const char *field = json_str(json_item(list, i), "field");
		const char *message = json_str(json_item(list, i), "message");
		autofree char *cause =
			xasprintf("%s: %s", field ? field : "", message ? message : "");

		if (!strv_contains(causes, cause))
			strv_push(causes, cause);
	}
}

/* The Kustomization "x" is invalid: spec.path: Required value */
static int invalid_error(struct json_object *status, struct error *err)
{
	const char *kind = json_str(status, "details", "kind");
	const char *name = json_str(status, "details", "name");
	const char *message = json_str(status, "message");
	autostrv causes = STRV_INIT;
	autobuf text = BUF_INIT;

	collect_causes(status, &causes);
	if (str_set(kind) || str_set(name)) {
		buf_addf(&text, "The %s ", kind ? kind : "");
		add_quoted(&text, name ? name : "");
		buf_adds(&text, " is invalid");
	} else {
		buf_adds(&text, "The request is invalid");
		if (str_set(message) && !causes.len)
			buf_addf(&text, ": %s", message);
	}
	if (causes.len == 1)
		buf_addf(&text, ": %s", causes.items[0]);
	else if (causes.len > 1)
		buf_adds(&text, ": ");
	for (size_t i = 0; causes.len > 1 && i < causes.len; i++)
		buf_addf(&text, "\n* %s", causes.items[i]);
	return error_set(err, ERROR_SERVER, "%s", text.ptr);
}

static int failure_error(struct json_object *status, int http_status, struct error *err)
{
	const char *reason = json_str(status, "reason");
	const char *message = json_str(status, "message");

	if (!message)
		message = "";
	if (streq(reason, "Invalid"))
		return invalid_error(status, err);
	if (streq(reason, "Unauthorized"))
		return error_set(err, ERROR_UNAUTHORIZED,
			"You must be logged in to the server (%s)", message);
	if (!str_set(reason))
		return error_set(err, kind_of(http_status), "Error from server: %s", message);
	return error_set(err, kind_of(http_status), "Error from server (%s): %s", reason, message);
}

int kube_status_error(
	int http_status, const char *body, size_t len, const char *what, struct error *err)
{
	autojson struct json_object *status = NULL;

	if (json_parse(body, len, &status, NULL) < 0 ||
		!streq(json_str(status, "kind"), "Status") ||
		!streq(json_str(status, "status"), "Failure"))
		return generic_error(http_status, body, len, what, err);
	return failure_error(status, http_status, err);
}

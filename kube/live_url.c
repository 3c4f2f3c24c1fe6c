/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/time.h"
#include "base/url.h"
#include "kube/live.h"

static void add_parameter(struct buf *out, char *separator, const char *name, const char *value)
{
	if (!str_set(value))
		return;
	buf_addf(out, "%c%s=", *separator, name);
	url_encode(out, value);
	*separator = '&';
}

char *live_url(const struct exchange *exchange)
{
	const struct kube_request *request = exchange->request;
	int64_t timeout_ns = exchange->live->target->timeout_ns;
	char separator = strchr(request->path, '?') ? '&' : '?';
	struct buf url = BUF_INIT;
	autobuf timeout = BUF_INIT;
	autobuf limit = BUF_INIT;

	if (request->chunk_size > 0 && !exchange->unpaged)
		buf_addf(&limit, "%d", request->chunk_size);
	if (timeout_ns > 0)
		duration_format(&timeout, timeout_ns);
	buf_adds(&url, exchange->live->target->server);
	buf_adds(&url, request->path);
	/* In the order of Go's url.Values: by name. */
	add_parameter(&url, &separator, "continue", exchange->token);
	add_parameter(&url, &separator, "fieldSelector", request->field_selector);
	add_parameter(&url, &separator, "labelSelector", request->label_selector);
	add_parameter(&url, &separator, "limit", limit.ptr);
	if (str_set(request->query)) {
		buf_addf(&url, "%c%s", separator, request->query);
		separator = '&';
	}
	add_parameter(&url, &separator, "timeout", timeout.ptr);
	return buf_detach(&url);
}

const char *live_method(const struct kube_request *request)
{
	if (request->method)
		return request->method;
	return request->body ? "POST" : "GET";
}

/* Lower case, since kubectl shows "get". */
static void add_verb(struct buf *out, const char *method)
{
	for (const char *p = method; *p; p++)
		buf_addc(out, (char)tolower((unsigned char)*p));
}

char *live_what(const char *method, const char *path)
{
	autostrv parts = STRV_INIT;
	struct buf what = BUF_INIT;
	const char *group = NULL;
	size_t at;

	strv_split(&parts, path, "/", false);
	if (parts.len >= 3 && streq(parts.items[0], "api")) {
		at = 2;
	} else if (parts.len >= 4 && streq(parts.items[0], "apis")) {
		group = parts.items[1];
		at = 3;
	} else {
		return NULL;
	}
	if (parts.len > at + 2 && streq(parts.items[at], "namespaces"))
		at += 2;
	add_verb(&what, method);
	buf_addf(&what, " %s", parts.items[at]);
	if (group)
		buf_addf(&what, ".%s", group);
	if (parts.len > at + 1)
		buf_addf(&what, " %s", parts.items[at + 1]);
	return buf_detach(&what);
}

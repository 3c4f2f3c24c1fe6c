/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/strv.h"
#include "kube/path.h"

void kube_path_clear(struct kube_path *path)
{
	free(path->group);
	free(path->version);
	free(path->namespace);
	free(path->plural);
	free(path->name);
	free(path->subresource);
	*path = (struct kube_path)KUBE_PATH_INIT;
}

static char *decoded(const char *segment)
{
	struct buf out = BUF_INIT;

	for (const char *p = segment; *p; p++) {
		char digits[3] = {0};

		if (*p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])) {
			memcpy(digits, p + 1, 2);
			p += 2;
		}
		buf_addc(&out, *digits ? (char)strtol(digits, NULL, 16) : *p);
	}
	return buf_detach(&out);
}

/* The next segment, or NULL. */
static char *take(const struct strv *parts, size_t *at)
{
	return *at < parts->len ? decoded(parts->items[(*at)++]) : NULL;
}

bool kube_path_parse(const char *path, struct kube_path *ret)
{
	autostrv parts = STRV_INIT;
	size_t at = 1;

	kube_path_clear(ret);
	strv_split(&parts, path, "/", false);
	if (parts.len >= 3 && streq(parts.items[0], "api"))
		ret->group = xstrdup("");
	else if (parts.len >= 4 && streq(parts.items[0], "apis"))
		ret->group = take(&parts, &at);
	else
		return false;
	ret->version = take(&parts, &at);
	/* A namespace itself is "/api/v1/namespaces/NAME". */
	if (parts.len > at + 2 && streq(parts.items[at], "namespaces")) {
		at++;
		ret->namespace = take(&parts, &at);
	}
	ret->plural = take(&parts, &at);
	ret->name = take(&parts, &at);
	ret->subresource = take(&parts, &at);
	return true;
}

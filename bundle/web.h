/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files over http, from chart repositories: redirects followed, credentials sent to the
 * repository's own host alone (unless its object says passCredentials), over https only.
 */
#ifndef BUNDLE_WEB_H
#define BUNDLE_WEB_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/remote.h"

struct web {
	/* All borrowed. */
	const char *home; /* URL of the repository: whose host the credentials are for */
	const struct git_credentials *credentials; /* NULL: none */
	bool pass_credentials;                     /* also to other hosts that the index names */
	const char *user_agent;
	int (*tick)(void *ctx, struct error *err);
	void *tick_ctx;
};

struct web_file {
	const char *url;
	uint64_t limit; /* bytes */
	/* The file as it comes; not called for what is no file (redirects, refusals). */
	int (*on_data)(void *ctx, const void *data, size_t len, struct error *err);
	void *ctx;
	/* Results. */
	uint64_t total; /* as the server announced it; 0: it did not. Set before on_data */
	uint64_t received;
};
/* ERROR_NOT_FOUND, ERROR_UNAUTHORIZED, ERROR_FORBIDDEN, ERROR_NETWORK…: with the URL, without what may
 * be secret in it. */
int web_get(const struct web *web, struct web_file *file, struct error *err) MUST_CHECK;

/* `reference` (absolute or relative) against a URL, as a browser does it. NULL: it is no http URL. The
 * caller frees. */
char *web_resolve(const char *base, const char *reference);

#endif

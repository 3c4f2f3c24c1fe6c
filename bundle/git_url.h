/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a repository is: https://, http://, ssh://, or scp-like user@host:path (git-fetch(1), GIT
 * URLS). Whatever parses here can be handed to a program: nothing in it is read as an option, by us,
 * by ssh, or by the shell at the other end.
 */
#ifndef BUNDLE_GIT_URL_H
#define BUNDLE_GIT_URL_H

#include "base/base.h"
#include "base/error.h"

enum git_scheme {
	GIT_HTTPS,
	GIT_HTTP,
	GIT_SSH
};

struct git_url {
	enum git_scheme scheme;
	char *user, *password; /* decoded; NULL: none */
	char *host, *port;     /* port: NULL: the scheme's own */
	char *path; /* https: as written, with its "?…"; ssh: as the other end's shell gets it
		       once unquoted */
	bool ipv6;
};
#define GIT_URL_INIT         \
	{                    \
		.host = NULL \
	}
void git_url_clear(struct git_url *url);
#define autogiturl CLEANUP(git_url_clear) struct git_url

/* ERROR_USAGE says what is wrong; the text is shown without its password. */
int git_url_parse(const char *text, struct git_url *ret, struct error *err) MUST_CHECK;
/* "443", "80", "22" or its own; borrowed. */
const char *git_url_port(const struct git_url *url);
/* Same scheme, host and port, and the path of `prefix` is that of `url` or a folder above it. A user
 * in `prefix` has to be the same. */
bool git_url_covers(const struct git_url *prefix, const struct git_url *url);

/* The URL without user and password (of ssh the user stays: it is no secret), control characters
 * as "?"; owned by the caller. Works on any text. */
char *git_url_public(const char *url);

#endif

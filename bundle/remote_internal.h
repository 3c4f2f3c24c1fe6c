/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of bundle/remote*.c share; nobody else includes this. */
#ifndef BUNDLE_REMOTE_INTERNAL_H
#define BUNDLE_REMOTE_INTERNAL_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "bundle/advert.h"
#include "bundle/git_url.h"
#include "bundle/remote.h"

/* One request and its answer. */
struct exchange {
	const struct buf *head; /* what is sent first */
	/* Then these bytes, `next_size` in all; NULL: none. */
	int64_t (*next)(void *ctx, void *data, size_t len, struct error *err);
	uint64_t next_size;
	/* The answer as it comes. 0: go on; 1: it is complete; -1: failed. */
	int (*take)(void *ctx, const char *data, size_t len, struct error *err);
	void *ctx;
};

/* How bytes get there and back. Errors do not name the remote yet. */
struct carrier {
	/* The first answer, fed to remote->advert. */
	int (*open)(struct remote *remote, struct error *err);
	/* 0 does not mean that the answer was complete: who takes it knows. */
	int (*talk)(struct remote *remote, const struct exchange *exchange, struct error *err);
	void (*close)(struct remote *remote);
	bool stateless; /* each exchange stands alone, and an empty one is allowed */
};
extern const struct carrier remote_http, remote_ssh;

struct remote {
	const struct remote_options *options;
	const struct carrier *carrier;
	void *link; /* the carrier's */
	struct git_url url;
	char *name; /* for messages */
	struct advert advert;
};

#define REMOTE_STALL_SECONDS 120

/* "git-upload-pack", "git-receive-pack". */
const char *remote_service_name(const struct remote *remote);
/* What this program calls itself in front of a Git server. Servers look for "git/". */
char *remote_agent(const struct remote *remote);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Git server, over https (libcurl, with the program's one policy of TLS and proxies) or ssh (the
 * `ssh` program). Packs pass through as bytes in both directions: nothing is unpacked here.
 *
 * Why not libgit2's transport: Debian's does TLS by mbedTLS without TLS 1.3, it repacks whatever it
 * pushes (six times slower than git), and it unpacks whatever it fetches.
 */
#ifndef BUNDLE_REMOTE_H
#define BUNDLE_REMOTE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "bundle/git_url.h"
#include "bundle/oid.h"

/*
 * How to log in. All owned, all secret: nothing of it may reach argv, a log, an error or a file
 * that stays. Credentials go to the host of the URL they are for, over https or ssh only.
 */
struct git_credentials {
	char *username, *password; /* basic */
	char *bearer;
	struct buf ca, cert, key; /* PEM */
	struct buf identity;      /* an OpenSSH or PEM private key */
	struct buf known_hosts;   /* required for ssh */
	char *proxy;              /* URL; NULL: the environment's rules */
	bool own_ssh; /* without `identity`: the caller's own keys, agent, config and known_hosts */
};
#define GIT_CREDENTIALS_INIT                                                             \
	{                                                                                \
		.ca = BUF_INIT, .cert = BUF_INIT, .key = BUF_INIT, .identity = BUF_INIT, \
		.known_hosts = BUF_INIT                                                  \
	}
/* Wipes what it frees. */
void git_credentials_clear(struct git_credentials *credentials);

struct remote_ref {
	char *name;             /* "refs/heads/main", "HEAD" */
	struct oid oid, peeled; /* `peeled`: what an annotated tag names; zero: not a tag */
	char *symref;           /* "refs/heads/main" of HEAD; NULL: none */
};

enum remote_service {
	REMOTE_FETCH,
	REMOTE_PUSH
};

struct remote_options {
	const char *url; /* https, http (without credentials), ssh, or scp-like user@host:path */
	enum remote_service service;
	const struct git_credentials *credentials; /* NULL: none */
	const char *user_agent;
	/* Only refs that begin with one of these are asked for; NULL: all. */
	const struct strv *prefixes;
	int stall_seconds; /* nothing comes or goes for so long: given up; 0: 120 */
	/* As in base/http.h; may be NULL. */
	int (*tick)(void *ctx, struct error *err);
	void *tick_ctx;
};

struct remote;
/*
 * Connects and reads the refs. All of `options` is borrowed and must outlive the remote. Errors say
 * where, why and what helps: ERROR_UNAUTHORIZED, ERROR_FORBIDDEN, ERROR_NOT_FOUND (no such
 * repository), ERROR_NETWORK, ERROR_TIMEOUT, ERROR_SERVER, ERROR_CONFIG (unusable credentials),
 * ERROR_USAGE (no URL).
 */
int remote_open(
	const struct remote_options *options, struct remote **ret, struct error *err) MUST_CHECK;
void remote_free(struct remote *remote);
void remote_free_pointer(struct remote **slot);
#define autoremote CLEANUP(remote_free_pointer) struct remote
/* Sorted by name ("HEAD" first). Names are those of Git (bundle/ref_name.h) or "HEAD"; what is not
 * UTF-8 is left out. */
const struct remote_ref *remote_refs(const struct remote *remote, size_t *count);
/* By name, or NULL. */
const struct remote_ref *remote_ref(const struct remote *remote, const char *name);

struct remote_fetch {
	const struct oid *wants;
	size_t want_count;
	const struct oid *haves; /* commits of which the other end of the gap has everything */
	size_t have_count;
	bool thin;
	/* The wanted commits without their parents, where the server can do that by protocol 2; else all. */
	bool tip_only;
	/* The pack as the server sends it; not called at all if there is nothing to send. */
	int (*on_pack)(void *ctx, const void *data, size_t len, struct error *err);
	/* What the server says of its progress, one line; may be NULL. */
	void (*on_progress)(void *ctx, const char *text);
	void *ctx;
};
/*
 * Thin packs and deltas by offset are taken. ERROR_NOT_FOUND: the server does not give a wanted
 * object; ERROR_NETWORK: the pack was cut.
 */
int remote_fetch(
	struct remote *remote, const struct remote_fetch *fetch, struct error *err) MUST_CHECK;

struct remote_update {
	const char *name;       /* "refs/heads/main" */
	struct oid old, wanted; /* zero: create, delete */
	char *rejected;         /* result: the server's reason; NULL: done. Owned. */
};
struct remote_push {
	struct remote_update *updates;
	size_t update_count;
	/* The pack: gives the next at most `len` bytes, 0 at its end. NULL: an empty pack. */
	int64_t (*next_pack)(void *ctx, void *data, size_t len, struct error *err);
	uint64_t pack_size;
	bool thin;
	void (*on_progress)(void *ctx, const char *text);
	void *ctx;
};
/* The version of Git's protocol that it speaks: 0, 1 or 2. */
int remote_protocol(const struct remote *remote);
/* Whether a pushed pack may have deltas against objects that the server has ("no-thin" unsaid). */
bool remote_takes_thin(const struct remote *remote);
/* All updates or none. */
bool remote_is_atomic(const struct remote *remote);
/* Atomic where the server can. 0 if every update was done; else -1, and `rejected` of each says why. */
int remote_push(struct remote *remote, struct remote_push *push, struct error *err) MUST_CHECK;

#endif

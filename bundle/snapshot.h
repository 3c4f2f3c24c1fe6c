/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cluster as it was: all that the Look commands read, so that they print from a bundle what they
 * printed live. Recorded through `struct kube`, and read through another `struct kube`.
 *
 * Secrets are never read. Values of ConfigMaps and HelmReleases, patches, substitutions and literal
 * environment variables are replaced by "<redacted>" unless they are wanted, also in the annotations
 * that repeat them. Bearer tokens, and user and password in a URL, are replaced in any case.
 *
 * The blob is gzip of one JSON text a line, in several members, so that one list can be read without
 * those before it: `zcat` and `jq` read it as one stream. docs/bundle-format.md describes it.
 *
 *	member 1: the index
 *	  {"apiVersion":"cluster.flux-arc.io/v1","now":"2026-11-24T07:13:30Z","context":"arc",
 *	   "namespace":"default","kubernetes":"v1.36.3","values":false}
 *	  one line for each answer of the server, in the order of the members that follow:
 *	  {"path":"/version","status":200,"reply":{…}}
 *	  {"path":"…/selfsubjectaccessreviews","body":{…},"status":201,"reply":{…}}
 *	  {"path":"/apis/apps/v1/deployments","form":"list","status":200,"envelope":{…},"items":7,
 *	   "size":1234}                                 size: bytes of its member
 *	  {"path":"/api/v1/namespaces/x/pods/y/log?container=z","form":"log","status":200,"items":500,
 *	   "size":567}
 *	  {"path":"/api/v1/nodes","form":"list","status":403,"error":{"kind":"forbidden",
 *	   "message":"Error from server (Forbidden): …"}}     no member
 *	each other member: a line {"path":…}, then the items of the list as the server wrote them, in its
 *	order, or the lines of the log as JSON strings
 */
#ifndef BUNDLE_SNAPSHOT_H
#define BUNDLE_SNAPSHOT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "bundle/bundle.h"
#include "kube/kube.h"

#define SNAPSHOT_API_VERSION "cluster.flux-arc.io/v1"

struct snapshot_options {
	bool include_values;
	int log_lines; /* of each container of the controllers; 0: 500 */
	/* Namespaces that are read one by one where a kind may not be listed in all, beside the
	 * current one and those of Flux and Arc; may be NULL. */
	const struct strv *namespaces;
};
/* The blob, and what was and was not read, for the caller to tell. */
struct snapshot_report {
	struct sha256_text digest;
	uint64_t size;
	uint64_t objects, events, logs, redacted;
	struct strv unread; /* "Kustomization: forbidden: …" */
};
#define SNAPSHOT_REPORT_INIT        \
	{                           \
		.unread = STRV_INIT \
	}
void snapshot_report_clear(struct snapshot_report *report);

/* Record the cluster into the store. Fails only where the cluster cannot be reached or the store not
 * be written; what may not be read is noted. */
int snapshot_record(struct kube *kube, const struct snapshot_options *options, struct store *store,
	struct snapshot_report *report, struct error *err) MUST_CHECK;

/* Where a snapshot's bytes are: `read` gives all of `len` bytes at `offset`. */
struct snapshot_bytes {
	int (*read)(void *ctx, uint64_t offset, void *data, size_t len, struct error *err);
	void *ctx;
	uint64_t size;
	const char *name; /* for messages */
};
/* A cluster out of a snapshot; what `bytes` points to is borrowed. ERROR_DAMAGED. */
int kube_snapshot_new(
	const struct snapshot_bytes *bytes, struct kube **ret, struct error *err) MUST_CHECK;
/* The same out of a bundle, which is borrowed. The blob's digest is checked first. ERROR_NOT_FOUND:
 * the bundle has no snapshot; ERROR_INCOMPLETE: it is in the base. */
int kube_bundle_new(struct bundle *bundle, struct kube **ret, struct error *err) MUST_CHECK;
/* The same out of a file: a bundle, or the snapshot that was taken out of one. `folders`: where else
 * parts of the bundle are looked for, may be NULL. */
int kube_file_new(const char *path, const struct strv *folders, struct kube **ret,
	struct error *err) MUST_CHECK;

#endif

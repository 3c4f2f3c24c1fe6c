/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of objects in a cluster. A change is sent once: after a connection that broke, nobody knows
 * whether it was made, and the error says so. What the server refuses before it looks at it (429,
 * a Retry-After) is sent again as every request is.
 *
 * Errors are in kubectl's words. ERROR_CONFLICT: somebody else was first, either the object is there
 * already (POST) or it changed since it was read (PUT with metadata.resourceVersion, PATCH that tests);
 * read again and decide anew.
 */
#ifndef KUBE_WRITE_H
#define KUBE_WRITE_H

#include "base/base.h"
#include "base/error.h"
#include "kube/kube.h"

/* X(NAME, method, content type) */
#define KUBE_WRITES(X)                                                        \
	X(CREATE, "POST", "application/json")                                 \
	X(REPLACE, "PUT", "application/json")                                 \
	X(PATCH_MERGE, "PATCH", "application/merge-patch+json")               \
	X(PATCH_STRATEGIC, "PATCH", "application/strategic-merge-patch+json") \
	X(PATCH_JSON, "PATCH", "application/json-patch+json")                 \
	X(DELETE, "DELETE", "application/json")

enum kube_write_how {
#define X(name, method, type) KUBE_##name,
	KUBE_WRITES(X)
#undef X
};

struct kube_write {
	enum kube_write_how how;
	const char *path; /* of the collection for KUBE_CREATE, else of the object */
	struct json_object
		*body; /* borrowed; of KUBE_DELETE: preconditions and the like, or NULL */
	bool dry_run;  /* the server checks and admits, and keeps nothing */
};

/* `*ret` (owned; may be NULL) is the object as it now is, of KUBE_DELETE what the server answered. */
int kube_write(struct kube *kube, const struct kube_write *write, struct json_object **ret,
	struct error *err) MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of cataloged kinds whatever versions the server has: asks for the newest known version and,
 * on 404, learns from GET /apis/GROUP which one is served, then asks again. The common case costs
 * one request a kind and no discovery.
 */
#ifndef KUBE_LISTER_H
#define KUBE_LISTER_H

#include "base/base.h"
#include "kube/kinds.h"
#include "kube/kube.h"

struct kind_list {
	const struct kind *kind; /* NULL: request.path is the caller's, asked as it is */
	const char *namespace;   /* NULL: all */
	const char *name;        /* one object by name: a GET, whose answer is handed to on_item or
					on_object like a list of one; NULL: a list */
	struct kube_request request; /* selectors, fields, callbacks, ctx: set by the caller; path
					and outcome by us */
	char *version;               /* the one that answered (owned); NULL if none did */
	bool not_installed; /* the server does not know the kind: error.kind is ERROR_NOT_FOUND */
	char *path;         /* owned */
};
#define KIND_LIST_INIT                       \
	{                                    \
		.request = KUBE_REQUEST_INIT \
	}
void kind_list_clear(struct kind_list *list);
/* Run all lists side by side. Each keeps its outcome in request.error. */
int kind_lists_run(
	struct kube *kube, struct kind_list *lists[], size_t count, struct error *err) MUST_CHECK;

/*
 * Lists of Kubernetes' own kinds leave out apiVersion and kind of each item, which a GET has and
 * kubectl puts back. Append the item as it has to be.
 */
int kind_complete_item(const struct kind *kind, const char *version, const char *json, size_t len,
	struct buf *out, struct error *err) MUST_CHECK;

#endif

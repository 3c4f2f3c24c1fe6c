/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long-running operations: PUT, PATCH and DELETE of extensions and fluxConfigurations end at
 * `Azure-AsyncOperation`, which is polled as it is given, on the ARM host alone. `Location` points at
 * a regional host that is not ARM and is never followed. Where there is no such address although the
 * resource is not ready, the resource itself is polled.
 */
#ifndef ARM_OPERATION_H
#define ARM_OPERATION_H

#include "arm/client.h"
#include "base/base.h"
#include "base/error.h"

struct arm_operation {
	char *url;         /* what is polled; owned; NULL: nothing to wait for */
	char *resource;    /* the resource's path, for the last GET; owned; NULL: unknown */
	char *api_version; /* of that GET; owned */
	bool deletes;      /* 404 of operation or resource is success */
	bool by_resource;  /* the resource itself is polled */
	int64_t delay_ms;  /* until the next poll */
	/* Results. */
	char *status;              /* as ARM says it: "Succeeded" */
	struct json_object *reply; /* the resource at the end, owned; NULL after a DELETE */
};
#define ARM_OPERATION_INIT  \
	{                   \
		.url = NULL \
	}
void arm_operation_clear(struct arm_operation *operation);
/*
 * Send the request; `*ret` is what it has begun (url NULL if it is done already, with its reply). A poll
 * address on another host is refused, as by arm_url().
 */
int arm_operation_begin(struct arm *arm, struct arm_request *request, struct arm_operation *ret,
	struct error *err) MUST_CHECK;
/*
 * What a poll address on the ARM host belongs to, as somebody gives it: ".../NAME/operations/ID?…", or a
 * resource. The resource and its api-version are taken from it.
 */
int arm_operation_resume(
	struct arm *arm, const char *url, struct arm_operation *ret, struct error *err) MUST_CHECK;
/*
 * Poll until it has ended, then read the resource. `on_poll` (may be NULL) hears each state. A failed
 * operation gives its innermost cause and what the resource says of it; an interrupt leaves the
 * operation running: the error says so, and the hint how to wait for it again.
 */
int arm_operation_wait(struct arm *arm, struct arm_operation *operation,
	void (*on_poll)(void *ctx, const char *status), void *ctx, struct error *err) MUST_CHECK;

/* What a resource says of its failure: properties.errorMessage, statuses[], errorInfo. Owned; NULL:
 * nothing. */
char *arm_resource_problem(struct json_object *resource);

#endif

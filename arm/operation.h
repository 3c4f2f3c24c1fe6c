/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long-running operations: PUT, PATCH and DELETE of extensions and fluxConfigurations end at
 * `Azure-AsyncOperation`, which is polled as it is given, on the ARM host alone. `Location` points at
 * a regional host that is not ARM and is never followed.
 */
#ifndef ARM_OPERATION_H
#define ARM_OPERATION_H

#include "arm/client.h"
#include "base/base.h"
#include "base/error.h"

struct arm_operation {
	char *url;         /* owned; NULL: nothing to wait for */
	char *resource;    /* the resource's path, for the last GET; owned; NULL: unknown */
	char *api_version; /* of that GET; owned */
	bool deletes;      /* 404 of operation or resource is success */
	int64_t delay_ms;  /* until the first poll */
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
 * What a request has begun (`*ret` is filled; url NULL if it is done already, with its reply). A poll
 * address on another host is refused: ERROR_NOT_TRUSTED.
 */
int arm_operation_begin(struct arm *arm, struct arm_request *request, struct arm_operation *ret,
	struct error *err) MUST_CHECK;
/*
 * Poll until it has ended, then read the resource. `on_poll` (may be NULL) hears each state. A failed
 * operation gives its innermost cause and what the resource says of it; an interrupt leaves the
 * operation running: the error says so, and the hint how to wait for it again.
 */
int arm_operation_wait(struct arm *arm, struct arm_operation *operation,
	void (*on_poll)(void *ctx, const char *status), void *ctx, struct error *err) MUST_CHECK;

#endif

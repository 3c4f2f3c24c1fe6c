/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests of sign-in: one at a time, small replies, over https by the system's trust, retried as
 * Azure's libraries do. The services of the machine itself (managed identity) speak http, without a
 * proxy. No redirect is followed, no body is traced, all that was received is wiped.
 */
#ifndef ARM_AUTH_HTTP_H
#define ARM_AUTH_HTTP_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

/* Whose requests they are; borrowed. All may be NULL. */
struct auth_http {
	const char *user_agent;
	int (*tick)(void *ctx, struct error *err);
	void *tick_ctx;
};

struct auth_call {
	const char *method;  /* NULL: GET */
	const char *url;     /* borrowed */
	struct strv headers; /* besides Accept and the content type */
	struct buf form;     /* the body, by auth_form_add(); empty: none */
	int64_t delay_ms;    /* before it is sent */
	/* A service of this machine: http to an address of the machine or its network is allowed, no
	 * proxy, a second to connect, not tried again if nobody is there. */
	bool local;
	/* Statuses that are tried again besides those of arm/retry.h. */
	bool (*retry)(const struct auth_call *call);
	/* Results. */
	int status;
	struct strv reply_headers;
	struct buf reply;
	int64_t date; /* the reply's Date; TIME_NONE if it has none */
};
#define AUTH_CALL_INIT                                                              \
	{                                                                           \
		.headers = STRV_INIT, .form = BUF_INIT, .reply_headers = STRV_INIT, \
		.reply = BUF_INIT,                                                  \
	}
/* Wipes what was sent and received. */
void auth_call_clear(struct auth_call *call);
/* Add "name=value" to the form; NULL adds nothing. */
void auth_form_add(struct auth_call *call, const char *name, const char *value);
/* Any status is a success here. ERROR_NETWORK, ERROR_TIMEOUT, ERROR_CONFIG (not https). */
int auth_http_send(
	const struct auth_http *http, struct auth_call *call, struct error *err) MUST_CHECK;
/* Value of the first reply header with this name, borrowed; NULL. */
const char *auth_reply_header(const struct auth_call *call, const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the client share (arm/client.c, arm/exchange.c, arm/versions.c, arm/operation.c); besides
 * them only their tests include this. */
#ifndef ARM_CLIENT_INTERNAL_H
#define ARM_CLIENT_INTERNAL_H

#include "arm/client.h"
#include "arm/operation.h"
#include "base/buf.h"
#include "base/http.h"
#include "base/strv.h"

struct arm {
	struct arm_options options;
	struct http *http;
	char *proxy;
	char *chosen[ARM_TYPES_COUNT];     /* by the user; NULL */
	char *negotiated[ARM_TYPES_COUNT]; /* with the provider; NULL */
	struct strv asked;                 /* providers whose list was asked for */
	int64_t throttled_ms;              /* waited because of 429 so far */
	bool said_throttled;
};

/* What has to happen before a request can be sent again. */
enum exchange_wants {
	EXCHANGE_ENDED,
	EXCHANGE_TOKEN,   /* a new one; with `claims` if there are any */
	EXCHANGE_VERSION, /* another api-version */
};

/* One request on its way, through all its tries. */
struct exchange {
	struct arm *arm;
	struct arm_request *request;
	struct http_call call;
	struct strv headers;
	struct buf body, reply;
	char *url, *id; /* id: x-ms-client-request-id */
	char *claims;   /* of a challenge, decoded; NULL */
	const char *api_version;
	enum arm_type type; /* of what it asks for; ARM_TYPES_COUNT: unknown */
	unsigned attempt;
	bool renewed, challenged, negotiated; /* each is done once */
	enum exchange_wants wants;
};

/* URL and body. False if the request cannot be sent: its error says why. */
bool exchange_init(struct exchange *exchange, struct arm *arm, struct arm_request *request);
/* Queue it, with this token. */
void exchange_send(struct exchange *exchange, const char *token);
/* Its outcome into the request. Frees what it holds. */
void exchange_clear(struct exchange *exchange);

/* The type of what a path names; ARM_TYPES_COUNT if unknown. */
enum arm_type arm_type_of(const char *path);
/* Agree on another api-version for a type after `refused` was. False if there is none, or the user chose. */
bool arm_negotiate(struct arm *arm, const char *path, enum arm_type type, const char *refused);
/* Decoded claims of a WWW-Authenticate header that says insufficient_claims, owned; NULL: none. */
char *arm_claims_of(const char *header);
/* Append a page's items to the list; `*next` (owned) is its nextLink, NULL at the end. */
int arm_list_page(struct json_object *list, struct json_object *page, char **next,
	struct error *err) MUST_CHECK;
/* What the answer to a poll says. Returns 1 at the end, 0 while it runs. `*unknown` counts polls that found
 * no operation. */
int arm_operation_look(struct arm_operation *operation, const struct arm_request *poll,
	unsigned *unknown, struct error *err) MUST_CHECK;

#endif

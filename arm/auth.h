/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sources of tokens share (arm/auth_*.c); nobody but arm/token.c includes this. A source says
 * whether anything asks for it, and gets a token. It fails with ERROR_NOT_FOUND where it is not there or
 * knows nobody, so that the next one is asked; any other failure ends the chain, since somebody meant
 * this source to work.
 */
#ifndef ARM_AUTH_H
#define ARM_AUTH_H

#include "arm/auth_http.h"
#include "arm/token.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

/* Lives at the moment of its receipt. */
struct auth_token {
	char *text;         /* owned, a secret */
	int64_t life_ms;    /* from now; -1: unknown */
	int64_t refresh_ms; /* until it should be renewed; -1: not said */
	int64_t expires;    /* the moment; TIME_NONE: unknown */
};
#define AUTH_TOKEN_INIT                         \
	{                                       \
		.life_ms = -1, .refresh_ms = -1 \
	}
void auth_token_clear(struct auth_token *token);

/* One question of the chain. */
struct auth {
	const struct arm_login *login;
	struct auth_http http;
	const char *audience; /* as for arm_token() */
	const char *claims;   /* NULL: none */
	bool named;           /* this source alone is asked: it may take its time */
	int64_t skew_ms;      /* what the servers' clock is ahead of ours, as far as it is known */
	struct buf given;     /* what came from a descriptor, which can be read once only */
};
/* The moment, by the servers' clock where it is known. */
int64_t auth_now(const struct auth *auth);
/* Remember the servers' clock from a reply. */
void auth_saw(struct auth *auth, const struct auth_call *call);

struct auth_source {
	/* NULL if it is to be asked, else why not: owned. */
	char *(*absent)(const struct auth *auth);
	int (*get)(struct auth *auth, struct auth_token *ret, struct error *err);
};
extern const struct auth_source auth_file, auth_secret, auth_certificate, auth_workload,
	auth_github, auth_pipelines, auth_managed, auth_device, auth_az;

/* ---- settings: --tenant, --client-id and the variables of Azure's libraries and of Terraform */

const char *auth_tenant(const struct auth *auth);    /* NULL: not set */
const char *auth_client_id(const struct auth *auth); /* NULL: not set */
/* The first of the variables (NULL-terminated) that is set; NULL. */
const char *auth_env(const char *const names[]);
/* "NAME is not set" for absent(); NULL if `value` is set. */
char *auth_missing(const char *value, const char *name);
/* Client and tenant: what is not set, NULL if both are. */
char *auth_missing_principal(const struct auth *auth);
/* Does ARM_USE_OIDC say yes, or no? */
bool auth_oidc_wanted(void);
bool auth_oidc_refused(void);

/* ---- the authority (arm/auth_authority.c) */

/* "{authority}/{tenant}/oauth2/v2.0/token": owned. ERROR_CONFIG: a tenant that is none. `endpoint`:
 * "token" or "devicecode". */
int auth_endpoint(struct auth *auth, const char *tenant, const char *endpoint, char **ret,
	struct error *err) MUST_CHECK;
/* Add what every request of a token says: client, scope, claims. */
void auth_form_begin(struct auth *auth, struct auth_call *call, const char *client_id);
/*
 * Send it and read the token. `*code` (may be NULL) is the authority's number ("700024") or its word
 * ("authorization_pending") where it refused, owned. ERROR_UNAUTHORIZED with its text and a hint.
 */
int auth_ask(struct auth *auth, struct auth_call *call, struct auth_token *ret, char **code,
	struct error *err) MUST_CHECK;
/* A token for another's: a JWT of ours, or one that a workload was given. */
int auth_ask_assertion(struct auth *auth, const char *endpoint, const char *assertion,
	struct auth_token *ret, char **code, struct error *err) MUST_CHECK;
/* The same at the tenant that is set; wraps errors with the name of what gave the assertion. */
int auth_ask_federated(struct auth *auth, const char *assertion, struct auth_token *ret,
	struct error *err) MUST_CHECK;

/* ---- replies (arm/auth_reply.c) */

/*
 * A reply with a token, of the authority or of a machine's service: expiry as `expires_in` (number or
 * text) or `expires_on` (seconds since 1970, RFC 3339, or a date as the oldest service has it), which is
 * counted from `date`, the reply's (TIME_NONE: the own clock, by which nothing is taken for expired);
 * `refresh_in`. ERROR_SERVER; no message has a part of the reply.
 */
int auth_reply_read(const char *body, size_t len, int64_t date, struct auth_token *ret,
	struct error *err) MUST_CHECK;
/* The error of a reply without one: "AADSTS7000215: Invalid client secret…" with a hint of the catalog.
 * `*code` (may be NULL) as for auth_ask(). Returns -1. */
int auth_reply_refusal(const char *body, size_t len, int status, char **code, struct error *err);
/* Is it a token by its form: printable ASCII without blanks, not too long? */
bool auth_is_token(const char *text, size_t len);
/* Text from outside for an error: at most `limit` bytes, what looks like a token masked. */
char *auth_clean_text(const char *text, size_t limit);

#endif

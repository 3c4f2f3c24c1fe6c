/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-in: a chain of sources of access tokens, asked in order until one has a token. Tokens live in
 * memory alone, are renewed before they expire, and are wiped; none of them, no assertion and no
 * secret ever enters an error, a trace or another program's arguments.
 *
 * The order is that of Azure's own libraries (DefaultAzureCredential), which AZURE_TOKEN_CREDENTIALS
 * ("prod", "dev", or a source's name) and --auth restrict: a given token, the environment (secret,
 * certificate), workload identity and the OIDC of pipelines, managed identity, az. Device code is
 * asked for by name alone, since it waits for a person.
 */
#ifndef ARM_TOKEN_H
#define ARM_TOKEN_H

#include "arm/cloud.h"
#include "base/base.h"
#include "base/error.h"

/* Where a token comes from. X(NAME, its name for --auth, what it is) */
#define ARM_SOURCES(X)                                                             \
	X(TOKEN_FILE, "token", "a token in a file or on a descriptor")             \
	X(SECRET, "secret", "a service principal's secret")                        \
	X(CERTIFICATE, "certificate", "a service principal's certificate")         \
	X(WORKLOAD, "workload-identity", "a service account's token, as in a pod") \
	X(GITHUB, "github", "the identity of a GitHub workflow")                   \
	X(PIPELINES, "azure-pipelines", "the identity of an Azure pipeline")       \
	X(MANAGED, "managed-identity", "the identity of this machine")             \
	X(AZ, "az", "whom the az program has signed in")                           \
	X(DEVICE, "device-code", "a person with a browser elsewhere")

enum arm_source {
#define X(name, word, text) ARM_SOURCE_##name,
	ARM_SOURCES(X)
#undef X
	ARM_SOURCES_COUNT
};

struct arm_login {
	const struct arm_cloud *cloud;
	const char *auth;   /* --auth: a source's name; NULL: the chain */
	const char *tenant; /* NULL: AZURE_TENANT_ID, or what the source knows */
	const char *
		client_id; /* of a managed identity or of a device code; NULL: from the environment */
	const char *token_file; /* NULL: none */
	int token_fd;           /* -1: none */
	const char *user_agent;
	/* Called at least every 250 ms while waiting; may be NULL. */
	int (*tick)(void *ctx, struct error *err);
	void *tick_ctx;
	/* What a person has to do for a device code, one line; NULL: device code is refused. */
	void (*say)(void *ctx, const char *text);
	void *say_ctx;
};

struct arm_tokens;
/* `login` is borrowed and must outlive it. Nothing is read or sent yet. */
struct arm_tokens *arm_tokens_new(const struct arm_login *login);
void arm_tokens_free(struct arm_tokens *tokens);
/*
 * A token for `audience` ("https://management.azure.com"), valid for at least two minutes. `claims` is
 * the decoded challenge of a 401 that said insufficient_claims, or NULL; with it a new token is asked
 * for. Borrowed until the next call. ERROR_UNAUTHORIZED with what each source said, and a hint.
 */
int arm_token(struct arm_tokens *tokens, const char *audience, const char *claims, const char **ret,
	struct error *err) MUST_CHECK;

/* For `login status`: how the chain went, after arm_token(). */
struct arm_source_report {
	enum arm_source source;
	bool asked; /* false: nothing in the environment asks for it */
	bool used;
	char *why; /* why it was passed over; NULL if it was used or not reached */
};
/* Whom the token is for, read from the token itself (not verified: that is the server's work). */
struct arm_identity {
	enum arm_source source;
	char *name;      /* upn, unique_name, or app_displayname; NULL */
	char *object_id; /* oid; NULL */
	char *app_id;    /* appid or azp; NULL */
	char *tenant;    /* tid; NULL */
	bool is_user;    /* idtyp, or has a upn */
	int64_t expires; /* moment; TIME_NONE if unknown */
};
void arm_identity_clear(struct arm_identity *identity);
size_t arm_tokens_report(const struct arm_tokens *tokens, const struct arm_source_report **ret);
/* Of the last token; false if there is none. `ret` is to be cleared. */
bool arm_tokens_identity(const struct arm_tokens *tokens, struct arm_identity *ret);

/*
 * The default subscription of az's profile (azureProfile.json in AZURE_CONFIG_DIR or ~/.azure), for
 * this cloud: `*id` owned; NULL if there is none. A file that cannot be read is an error.
 */
int arm_default_subscription(
	const struct arm_cloud *cloud, char **id, char **name, struct error *err) MUST_CHECK;

/* The Date header of a reply of ARM (NULL: none): expiry is judged by the servers' clock. */
void arm_tokens_saw_date(struct arm_tokens *tokens, const char *date);
/* Now, by that clock: for ages of what the servers date. */
int64_t arm_tokens_now(const struct arm_tokens *tokens);
/* ARM refused the token (401): the next call asks for a new one. False if the source can only give the
 * same again. */
bool arm_tokens_refused(struct arm_tokens *tokens);

const char *arm_source_name(enum arm_source source);
const char *arm_source_text(enum arm_source source);

#endif

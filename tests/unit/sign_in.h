/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of sign-in share: an authority on 127.0.0.1 that plays a list of replies, an
 * environment in which nothing of this machine is seen, and a folder for files.
 */
#ifndef TESTS_UNIT_SIGN_IN_H
#define TESTS_UNIT_SIGN_IN_H

#include "test.h"

#include "loopback.h"

#include "arm/token.h"
#include "base/error.h"
#include "base/file.h"
#include "base/time.h"

#define TENANT "11111111-1111-1111-1111-111111111111"
#define CLIENT "22222222-2222-2222-2222-222222222222"
#define AUDIENCE "https://management.azure.com"
/* Planted: none of these may ever be seen. */
#define SECRET "s3cr3t-of-the-principal~"
#define TOKEN "eyJhbGciOiJub25lIn0.eyJvaWQiOiJvIiwidGlkIjoidCJ9.signature"
#define GRANTED "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"" TOKEN "\"}"

struct play_reply {
	int status;
	const char *headers, *body;
};

/* Replies in order, the last one again and again. */
struct play {
	struct loopback server;
	const struct play_reply *replies;
	size_t count;
	char *folder;
	struct arm_cloud cloud;
	struct arm_login login;
	struct arm_tokens *tokens;
	struct error error;
};

static inline enum loopback_action play_handle(
	struct loopback *server, size_t number, const char *request, struct buf *reply)
{
	struct play *play = server->ctx;
	const struct play_reply *chosen =
		&play->replies[number < play->count ? number : play->count - 1];

	(void)request;
	if (!chosen->status)
		return LOOPBACK_RESET;
	loopback_reply(reply, chosen->status, chosen->headers ? chosen->headers : "",
		chosen->body ? chosen->body : "");
	return LOOPBACK_KEEP;
}

static inline void play_set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

/* Nothing of the machine's own; managed identity at an address where nobody is. */
static inline void play_environment(const struct play *play)
{
	static const char *const names[] = {"AZURE_TENANT_ID", "AZURE_CLIENT_ID",
		"AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH",
		"AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
		"AZURE_FEDERATED_TOKEN_FILE", "AZURE_AUTHORITY_HOST", "AZURE_TOKEN_CREDENTIALS",
		"AZURE_CLOUD_NAME", "ARM_CLOUD_METADATA_URL", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET",
		"ARM_TENANT_ID", "ARM_USE_OIDC", "ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH",
		"ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
		"SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN",
		"AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "IDENTITY_ENDPOINT", "IDENTITY_HEADER",
		"IMDS_ENDPOINT", "MSI_ENDPOINT", "MSI_SECRET", "IDENTITY_SERVER_THUMBPRINT",
		"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"};

	for (size_t i = 0; i < countof(names); i++)
		unsetenv(names[i]);
	setenv("AZURE_CONFIG_DIR", play->folder, 1);
	setenv("PATH", play->folder, 1);
	setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1", 1);
}

static inline char *play_write(const struct play *play, const char *name, const char *content)
{
	char *path = xasprintf("%s/%s", play->folder, name);
	autoerror err = ERROR_INIT;

	assert_int_equal(file_write(path, content, strlen(content), &err), 0);
	return path;
}

static inline void play_begin(struct play *play, const struct play_reply *replies, size_t count)
{
	autoerror err = ERROR_INIT;

	*play = (struct play){.replies = replies, .count = count, .error = ERROR_INIT};
	play->server = (struct loopback){.handle = play_handle, .ctx = play};
	assert_int_equal(folder_temporary(&play->folder, &err), 0);
	play_environment(play);
	loopback_start(&play->server, "IP:127.0.0.1");
	autofree char *ca = play_write(play, "ca.pem", play->server.ca_pem);
	setenv("SSL_CERT_FILE", ca, 1);
	play->cloud = (struct arm_cloud){
		.name = xstrdup("AzureCloud"),
		.authority = xstrdup(play->server.url),
		.endpoint = xstrdup(AUDIENCE),
		.audience = xstrdup(AUDIENCE),
		.suffix = xstrdup(""),
	};
	play->login =
		(struct arm_login){.cloud = &play->cloud, .token_fd = -1, .user_agent = "agent/1"};
	play->tokens = arm_tokens_new(&play->login);
}

/* One token; NULL with play->error. Nothing planted may stand in it. */
static inline const char *play_token(struct play *play)
{
	const char *token = NULL;

	error_clear(&play->error);
	if (arm_token(play->tokens, AUDIENCE, NULL, &token, &play->error) == 0)
		return token;
	assert_null(strstr(play->error.message, SECRET));
	assert_null(strstr(play->error.message, TOKEN));
	return NULL;
}

/* No more requests come; play->server.requests can be read. */
static inline void play_stop(struct play *play)
{
	arm_tokens_free(play->tokens);
	play->tokens = NULL;
	loopback_stop(&play->server);
}

static inline void play_end(struct play *play)
{
	time_set_clock(NULL);
	if (play->tokens)
		play_stop(play);
	loopback_clear(&play->server);
	arm_cloud_clear(&play->cloud);
	error_clear(&play->error);
	folder_remove(play->folder);
	free(play->folder);
}

/* A service principal by its secret. */
static inline void play_principal(void)
{
	setenv("AZURE_TENANT_ID", TENANT, 1);
	setenv("AZURE_CLIENT_ID", CLIENT, 1);
	setenv("AZURE_CLIENT_SECRET", SECRET, 1);
}

/* Begin a test whose server plays these replies. */
#define ONCE(...)                                                 \
	static const struct play_reply replies[] = {__VA_ARGS__}; \
	struct play play;                                         \
	(void)state;                                              \
	play_begin(&play, replies, countof(replies))

/* A clock that a test sets; time_set_clock(play_clock) uses it. */
static int64_t play_moment UNUSED = 1764000000000;

static inline int64_t play_clock(void)
{
	return play_moment;
}

#endif

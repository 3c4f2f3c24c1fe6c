/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/os.h"
#include "base/time.h"
#include "kube/credentials.h"
#include "kube/exec.h"
#include "kube/resolution.h"

/* A token file is read again when its token is this old: a minute less ten seconds of leeway. */
#define TOKEN_FILE_FRESH_MS 50000

struct kube_credentials {
	const struct kube_target *target;
	char *file_token;  /* the last that could be read, or NULL */
	int64_t file_read; /* when */
	struct exec_reply reply;
	bool have_reply;
};

struct kube_credentials *kube_credentials_new(const struct kube_target *target)
{
	struct kube_credentials *credentials = xcalloc(1, sizeof(*credentials));

	credentials->target = target;
	credentials->reply = (struct exec_reply)EXEC_REPLY_INIT;
	return credentials;
}

void kube_credentials_free(struct kube_credentials *credentials)
{
	if (!credentials)
		return;
	free(credentials->file_token);
	exec_reply_clear(&credentials->reply);
	free(credentials);
}

/* ---- headers */

/* Go refuses control characters in a header's value before it sends anything. */
static bool valid_value(const char *value)
{
	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;

		if ((byte < ' ' && byte != '\t') || byte == 0x7f)
			return false;
	}
	return true;
}

/* The value is not repeated: it may be a secret. */
static int add_header(struct strv *headers, const char *name, const char *value, struct error *err)
{
	if (!valid_value(value))
		return error_set(err, ERROR_CONFIG,
			"Unable to connect to the server: net/http: invalid header field value for "
			"\"%s\"",
			name);
	strv_pushf(headers, "%s: %s", name, value);
	return 0;
}

static int add_bearer(struct strv *headers, const char *token, struct error *err)
{
	autofree char *value = xasprintf("Bearer %s", token);

	return add_header(headers, "Authorization", value, err);
}

static int add_basic(struct strv *headers, const struct kube_target *target, struct error *err)
{
	autofree char *pair =
		xasprintf("%s:%s", target->username, target->password ? target->password : "");
	autobuf value = BUF_INIT;

	buf_adds(&value, "Basic ");
	base64_encode(pair, strlen(pair), &value);
	return add_header(headers, "Authorization", value.ptr, err);
}

/* ---- token files */

static void read_token_file(struct kube_credentials *credentials)
{
	autobuf content = BUF_INIT;
	autoerror failure = ERROR_INIT;

	if (os_read_file(credentials->target->token_file, KUBE_MAX_TOKEN_BYTES, &content,
		    &failure) < 0) {
		log_trace(1, "unable to rotate token: %s", failure.message);
		return;
	}
	buf_trim(&content);
	if (content.len == 0)
		return;
	free(credentials->file_token);
	credentials->file_token = buf_detach(&content);
	credentials->file_read = time_now();
}

/* The file's token beats the given one; where it cannot be read, the last that could be stands. */
static const char *current_token(struct kube_credentials *credentials)
{
	const struct kube_target *target = credentials->target;

	if (target->token_file &&
		(!credentials->file_token ||
			time_now() - credentials->file_read >= TOKEN_FILE_FRESH_MS))
		read_token_file(credentials);
	return credentials->file_token ? credentials->file_token : target->token;
}

/* ---- credential plugins */

static bool reply_usable(const struct kube_credentials *credentials)
{
	return credentials->have_reply && (credentials->reply.expires == TIME_NONE ||
						  time_now() <= credentials->reply.expires);
}

/* An answer that has expired already is used once: for this request. */
static int run_plugin(struct kube_credentials *credentials, struct error *err)
{
	struct exec_reply reply = EXEC_REPLY_INIT;

	if (reply_usable(credentials))
		return 0;
	if (exec_run(&credentials->target->exec, &reply, err) < 0) {
		exec_reply_clear(&reply);
		return error_wrap(err, "Unable to connect to the server: getting credentials");
	}
	exec_reply_clear(&credentials->reply);
	credentials->reply = reply;
	credentials->have_reply = true;
	return 0;
}

static int add_authorization(
	struct kube_credentials *credentials, struct strv *headers, struct error *err)
{
	const struct kube_target *target = credentials->target;
	const char *token = current_token(credentials);

	if (str_set(token))
		return add_bearer(headers, token, err);
	if (str_set(target->username))
		return add_basic(headers, target, err);
	if (!target->exec.command)
		return 0;
	if (run_plugin(credentials, err) < 0)
		return -1;
	return credentials->reply.token ? add_bearer(headers, credentials->reply.token, err) : 0;
}

/* ---- impersonation */

/* What may not stand in a header's name is written %xx, and so is '%' itself. */
static char *extra_header(const char *key)
{
	struct buf name = BUF_INIT;

	buf_adds(&name, "Impersonate-Extra-");
	for (; *key; key++) {
		unsigned char byte = (unsigned char)*key;

		if (byte < 0x80 && (isalnum(byte) || strchr("!#$&'*+-.^_`|~", *key)))
			buf_addc(&name, *key);
		else
			buf_addf(&name, "%%%02X", byte);
	}
	return buf_detach(&name);
}

static int add_impersonation(
	const struct kube_target *target, struct strv *headers, struct error *err)
{
	const struct strv *extra = &target->impersonate_extra;

	if (!str_set(target->impersonate_user))
		return 0;
	if (add_header(headers, "Impersonate-User", target->impersonate_user, err) < 0)
		return -1;
	if (str_set(target->impersonate_uid) &&
		add_header(headers, "Impersonate-Uid", target->impersonate_uid, err) < 0)
		return -1;
	for (size_t i = 0; i < target->impersonate_groups.len; i++) {
		if (add_header(headers, "Impersonate-Group", target->impersonate_groups.items[i],
			    err) < 0)
			return -1;
	}
	for (size_t i = 0; i + 1 < extra->len; i += 2) {
		autofree char *name = extra_header(extra->items[i]);

		if (add_header(headers, name, extra->items[i + 1], err) < 0)
			return -1;
	}
	return 0;
}

int kube_credentials_headers(
	struct kube_credentials *credentials, struct strv *headers, struct error *err)
{
	if (credentials->target->https && add_authorization(credentials, headers, err) < 0)
		return -1;
	return add_impersonation(credentials->target, headers, err);
}

void kube_credentials_certificate(
	const struct kube_credentials *credentials, const char **cert_pem, const char **key_pem)
{
	bool given = credentials->have_reply && credentials->reply.cert_pem.len;

	*cert_pem = given ? credentials->reply.cert_pem.ptr : NULL;
	*key_pem = given ? credentials->reply.key_pem.ptr : NULL;
}

bool kube_credentials_refused(struct kube_credentials *credentials)
{
	if (!credentials->have_reply)
		return false;
	credentials->have_reply = false;
	return true;
}

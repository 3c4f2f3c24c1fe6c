/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "base/pem.h"
#include "base/time.h"
#include "base/yaml.h"
#include "kube/exec.h"
#include "kube/schema.h"

#define GROUP "client.authentication.k8s.io"

void exec_reply_clear(struct exec_reply *reply)
{
	free(reply->token);
	buf_clear(&reply->cert_pem);
	buf_clear(&reply->key_pem);
	*reply = (struct exec_reply)EXEC_REPLY_INIT;
}

void kube_exec_clear(struct kube_exec *exec)
{
	free(exec->command);
	free(exec->api_version);
	free(exec->install_hint);
	free(exec->interactive_mode);
	strv_clear(&exec->args);
	strv_clear(&exec->env);
	json_free(exec->cluster_info);
	*exec = (struct kube_exec)KUBE_EXEC_INIT;
}

/* ---- reading the answer */

struct credential_status {
	char *token, *certificate, *key, *expires;
};

struct credential {
	struct credential_status *status;
};

/* clang-format off */
#define STATUS(member)  offsetof(struct credential_status, member), NULL, NULL

static const struct schema_field status_fields[] = {
	{"clientCertificateData", SCHEMA_STRING, STATUS(certificate)},
	{"clientKeyData",         SCHEMA_STRING, STATUS(key)},
	{"expirationTimestamp",   SCHEMA_STRING, STATUS(expires)},
	{"token",                 SCHEMA_STRING, STATUS(token)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
static const struct schema status_schema = {
	"v1", "ExecCredentialStatus", sizeof(struct credential_status), status_fields,
};
static const struct schema_field credential_fields[] = {
	{"status", SCHEMA_POINTER, offsetof(struct credential, status), &status_schema, NULL},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
static const struct schema credential_schema = {
	"v1", "ExecCredential", sizeof(struct credential), credential_fields,
};
/* clang-format on */

static void credential_clear(struct credential *credential)
{
	schema_clear(&credential_schema, credential);
}

static int decode(const char *text, size_t len, struct json_object **ret, struct error *err)
{
	size_t start = strspn(text, " \t\r\n");

	if (text[start] == '{')
		return json_parse(text, len, ret, err);
	return yaml_parse(text, len, ret, err);
}

static int check_type(struct json_object *document, const char *wanted, struct error *err)
{
	const char *version;
	const char *kind;

	if (schema_type_meta(document, &version, &kind, err) < 0)
		return error_wrap(err, "decoding stdout");
	if (*version == '\0')
		version = GROUP "/__internal";
	if ((*kind && !streq(kind, "ExecCredential")) || !starts_with(version, GROUP "/"))
		return error_set(err, ERROR_CONFIG,
			"decoding stdout: no kind \"%s\" is registered for version \"%s\" in "
			"scheme \"pkg/runtime/scheme.go:111\"",
			*kind ? kind : "ExecCredential", version);
	if (streq(version, wanted))
		return 0;
	return error_set(err, ERROR_CONFIG,
		"exec plugin is configured to use API version %s, plugin returned version %s",
		wanted, version);
}

/* Tokens and keys never enter a message. */
static int take_status(struct credential_status *status, struct exec_reply *ret, struct error *err)
{
	bool certificate = str_set(status->certificate);
	bool key = str_set(status->key);

	if (!str_set(status->token) && !certificate && !key)
		return error_set(
			err, ERROR_CONFIG, "exec plugin didn't return a token or cert/key pair");
	if (certificate != key)
		return error_set(err, ERROR_CONFIG,
			"exec plugin returned only certificate or key, not both");
	if (str_set(status->token))
		ret->token = TAKE(status->token);
	if (!certificate)
		return 0;
	buf_adds(&ret->cert_pem, status->certificate);
	buf_adds(&ret->key_pem, status->key);
	if (pem_check_pair(&ret->cert_pem, &ret->key_pem, err) < 0)
		return error_wrap(err, "failed parsing client key/certificate");
	return 0;
}

static int take_expiry(const char *text, int64_t *ret, struct error *err)
{
	*ret = TIME_NONE;
	if (!text)
		return 0;
	*ret = time_parse(text);
	if (*ret != TIME_NONE)
		return 0;
	return error_set(err, ERROR_CONFIG,
		"decoding stdout: parsing time \"%.64s\" as \"2006-01-02T15:04:05Z07:00\"", text);
}

int exec_parse(const char *api_version, const char *text, size_t len, struct exec_reply *ret,
	struct error *err)
{
	autojson struct json_object *document = NULL;
	CLEANUP(credential_clear) struct credential credential = {NULL};

	if (decode(text, len, &document, err) < 0)
		return error_wrap(err, "decoding stdout");
	if (check_type(document, api_version, err) < 0)
		return -1;
	if (schema_read(&credential_schema, document, &credential, err) < 0)
		return error_wrap(err, "decoding stdout");
	if (!credential.status)
		return error_set(err, ERROR_CONFIG, "exec plugin didn't return a status field");
	if (take_expiry(credential.status->expires, &ret->expires, err) < 0)
		return -1;
	return take_status(credential.status, ret, err);
}

/* ---- running */

char *exec_info(const struct kube_exec *exec, bool interactive)
{
	autojson struct json_object *info = json_new_object();
	struct json_object *spec = json_new_object();
	struct buf text = BUF_INIT;

	if (exec->cluster_info)
		json_set(spec, "cluster", json_ref(exec->cluster_info));
	json_set(spec, "interactive", json_new_bool(interactive));
	json_set_str(info, "kind", "ExecCredential");
	json_set_str(info, "apiVersion", exec->api_version);
	json_set(info, "spec", spec);
	json_write(&text, info);
	return buf_detach(&text);
}

static int choose_interactive(const struct kube_exec *exec, bool *ret, struct error *err)
{
	bool terminal = os_is_terminal(STDIN_FILENO);

	*ret = terminal && !streq(exec->interactive_mode, "Never");
	if (terminal || !streq(exec->interactive_mode, "Always"))
		return 0;
	return error_set(err, ERROR_CONFIG,
		"exec plugin cannot support interactive mode: standard input is not a terminal");
}

static int fail_not_found(const struct kube_exec *exec, struct error *err)
{
	return error_set(err, ERROR_CONFIG,
		"exec: executable %s not found\n\n"
		"It looks like you are trying to use a client-go credential plugin that is not "
		"installed.\n\n"
		"To learn more about this feature, consult the documentation available at:\n"
		"      https://kubernetes.io/docs/reference/access-authn-authz/authentication/"
		"#client-go-credential-plugins%s%s",
		exec->command, exec->install_hint ? "\n\n" : "",
		exec->install_hint ? exec->install_hint : "");
}

static int fail_start(const struct kube_exec *exec, int number, struct error *err)
{
	bool path = strchr(exec->command, '/') != NULL;

	/* What is on PATH but cannot be executed does not count as found. */
	if (!path && (number == ENOENT || number == EACCES || number == ENOTDIR))
		return fail_not_found(exec, err);
	return error_set(err, ERROR_CONFIG, "exec: fork/exec %s: %s", exec->command,
		number == ENOENT    ? "no such file or directory"
		: number == EACCES  ? "permission denied"
		: number == ENOEXEC ? "exec format error"
				    : strerror(number));
}

static int run(const struct kube_exec *exec, struct os_process *process, struct error *err)
{
	autoerror failure = ERROR_INIT;

	if (os_run(process, &failure) < 0) {
		if (process->start_errno)
			return fail_start(exec, process->start_errno, err);
		return error_set(err, ERROR_CONFIG, "exec: %s", failure.message);
	}
	if (process->exit_code != 0)
		return error_set(err, ERROR_CONFIG, "exec: executable %s failed with exit code %d",
			exec->command, process->exit_code);
	return 0;
}

int exec_run(const struct kube_exec *exec, struct exec_reply *ret, struct error *err)
{
	autostrv argv = STRV_INIT;
	autostrv env = STRV_INIT;
	autofree char *info = NULL;
	CLEANUP(os_process_clear)
	struct os_process process = {
		.env_set = &env, .max_output = EXEC_MAX_OUTPUT, .output = BUF_INIT};

	if (choose_interactive(exec, &process.inherit_stdin, err) < 0)
		return -1;
	info = exec_info(exec, process.inherit_stdin);
	strv_push(&argv, exec->command);
	strv_push_all(&argv, &exec->args);
	strv_push_all(&env, &exec->env);
	strv_pushf(&env, "KUBERNETES_EXEC_INFO=%s", info);
	process.argv = argv.items;
	if (run(exec, &process, err) < 0)
		return -1;
	return exec_parse(exec->api_version, process.output.ptr, process.output.len, ret, err);
}

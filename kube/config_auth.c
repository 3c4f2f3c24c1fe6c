/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of a user's credentials are sent (client-go's getUserIdentificationPartialConfig and
 * rest.TransportConfig): tokens and passwords, credential plugins, what is left of the old
 * auth-provider.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/os.h"
#include "base/time.h"
#include "kube/exec.h"
#include "kube/resolution.h"

/* An id-token that ends within this time is not used any more. */
#define ID_TOKEN_LEEWAY_MS 10000

static bool has_token(const struct kubeconfig_user *user)
{
	return str_set(user->token) || str_set(user->token_file);
}

static bool has_certificate(const struct kubeconfig_user *user)
{
	return (str_set(user->cert_file) || user->cert_data.len) &&
	       (str_set(user->key_file) || user->key_data.len);
}

/* A tokenFile is read now, so that a missing one is told before anything is sent; an empty one
 * gives no credentials. */
static int take_tokens(struct kubeconfig_user *user, struct kube_target *ret, struct error *err)
{
	autobuf content = BUF_INIT;

	if (has_token(user) && str_set(user->username))
		return error_set(err, ERROR_CONFIG,
			"username/password or bearer token may be set, but not both");
	if (str_set(user->token)) {
		ret->token = xstrdup(user->token);
	} else if (str_set(user->token_file)) {
		if (os_read_file(user->token_file, KUBE_MAX_TOKEN_BYTES, &content, err) < 0)
			return -1;
		buf_trim(&content);
		ret->token = buf_detach(&content);
	}
	if (str_set(user->token_file))
		ret->token_file = xstrdup(user->token_file);
	if (str_set(user->username)) {
		ret->username = xstrdup(user->username);
		ret->password = xstrdup_or_null(user->password);
	}
	return 0;
}

/* ---- credential plugins */

static struct json_object *cluster_info(
	const struct kubeconfig_cluster *cluster, const struct buf *ca)
{
	struct json_object *info = json_new_object();
	struct kubeconfig_extension *extension = cluster->extensions.items;
	struct json_object *config = NULL;

	json_set_str(info, "server", cluster->server);
	if (str_set(cluster->tls_server_name))
		json_set_str(info, "tls-server-name", cluster->tls_server_name);
	if (cluster->insecure)
		json_set(info, "insecure-skip-tls-verify", json_new_bool(true));
	if (ca->len) {
		autobuf text = BUF_INIT;

		base64_encode(ca->ptr, ca->len, &text);
		json_set_str(info, "certificate-authority-data", text.ptr);
	}
	if (str_set(cluster->proxy_url))
		json_set_str(info, "proxy-url", cluster->proxy_url);
	if (cluster->disable_compression)
		json_set(info, "disable-compression", json_new_bool(true));
	for (size_t i = 0; i < cluster->extensions.len; i++) {
		if (streq(extension[i].name, "client.authentication.k8s.io/exec"))
			config = extension[i].value;
	}
	json_set(info, "config", config ? json_ref(config) : NULL);
	return info;
}

static int fill_cluster_info(
	const struct kubeconfig_cluster *cluster, struct kube_exec *exec, struct error *err)
{
	autobuf ca = BUF_INIT;

	if (cluster->ca_data.len)
		buf_add(&ca, cluster->ca_data.ptr, cluster->ca_data.len);
	else if (str_set(cluster->ca_file) &&
		 os_read_file(cluster->ca_file, KUBE_MAX_PEM_BYTES, &ca, err) < 0)
		return error_wrap(err, "failed to load CA bundle for execProvider");
	exec->cluster_info = cluster_info(cluster, &ca);
	return 0;
}

static int take_exec(struct resolution *resolution, struct kube_target *ret, struct error *err)
{
	struct kubeconfig_user *user = &resolution->user;
	struct kubeconfig_exec *exec = user->exec;
	const struct kubeconfig_env *env = exec->env.items;

	if (!streq(exec->api_version, "client.authentication.k8s.io/v1") &&
		!streq(exec->api_version, "client.authentication.k8s.io/v1beta1"))
		return error_set(err, ERROR_CONFIG, "exec plugin: invalid apiVersion \"%s\"",
			exec->api_version);
	if (exec->provide_cluster_info &&
		fill_cluster_info(&resolution->cluster, &ret->exec, err) < 0)
		return -1;
	/* Other credentials make the plugin needless: it never runs. */
	if (has_token(user) || str_set(user->username) || has_certificate(user))
		return 0;
	ret->exec.command = TAKE(exec->command);
	ret->exec.api_version = TAKE(exec->api_version);
	ret->exec.interactive_mode = TAKE(exec->interactive_mode);
	if (str_set(exec->install_hint))
		ret->exec.install_hint = exec_clean_text(exec->install_hint);
	strv_push_all(&ret->exec.args, &exec->args);
	for (size_t i = 0; i < exec->env.len; i++)
		strv_pushf(&ret->exec.env, "%s=%s", env[i].name, env[i].value ? env[i].value : "");
	return 0;
}

/* ---- auth-provider */

static const char *provider_value(const struct kubeconfig_auth_provider *provider, const char *key)
{
	const char *value = NULL;

	for (size_t i = 0; i + 1 < provider->config.len; i += 2) {
		if (streq(provider->config.items[i], key))
			value = provider->config.items[i + 1];
	}
	return str_set(value) ? value : NULL;
}

/* When a JWT ends, from its payload, or TIME_NONE: it is only looked at, the server judges it. */
static int64_t token_expiry(const char *token)
{
	autostrv parts = STRV_INIT;
	autobuf payload = BUF_INIT;
	autojson struct json_object *claims = NULL;
	int64_t seconds;

	strv_split(&parts, token, ".", true);
	if (parts.len != 3 || !base64url_decode(parts.items[1], strlen(parts.items[1]), &payload) ||
		json_parse(payload.ptr, payload.len, &claims, NULL) < 0)
		return TIME_NONE;
	/* Go takes a fraction too; it is cut off. */
	seconds = strtoll(json_text(json_get(claims, "exp")), NULL, 10);
	return seconds > 0 && seconds < INT64_MAX / 2000 ? seconds * 1000 : 0;
}

static int take_id_token(
	const struct kubeconfig_auth_provider *provider, struct kube_target *ret, struct error *err)
{
	const char *token = provider_value(provider, "id-token");
	int64_t expiry = token ? token_expiry(token) : 0;

	if (token && expiry == TIME_NONE)
		return error_set(err, ERROR_CONFIG,
			"Unable to connect to the server: ID Token is not a valid JWT");
	if (token && expiry > time_now() + ID_TOKEN_LEEWAY_MS) {
		if (!ret->token && !ret->username)
			ret->token = xstrdup(token);
		return 0;
	}
	if (!provider_value(provider, "refresh-token"))
		return error_set(err, ERROR_CONFIG,
			"Unable to connect to the server: No valid id-token, and cannot refresh "
			"without refresh-token");
	error_set(err, ERROR_CONFIG, "the id-token of auth-provider \"oidc\" has expired");
	return error_hint(err, "run `kubectl get ns` once, which refreshes it, or use kubelogin");
}

static int take_auth_provider(
	const struct kubeconfig_user *user, struct kube_target *ret, struct error *err)
{
	const struct kubeconfig_auth_provider *provider = user->auth_provider;

	if (streq(provider->name, "gcp"))
		return error_set(err, ERROR_CONFIG,
			"The gcp auth plugin has been removed.\n"
			"Please use the \"gke-gcloud-auth-plugin\" kubectl/client-go credential "
			"plugin instead.\n"
			"See https://cloud.google.com/blog/products/containers-kubernetes/"
			"kubectl-auth-changes-in-gke for further details");
	if (streq(provider->name, "azure"))
		return error_set(err, ERROR_CONFIG,
			"The azure auth plugin has been removed.\n"
			"Please use the https://github.com/Azure/kubelogin kubectl/client-go "
			"credential plugin instead.\n"
			"See https://kubernetes.io/docs/reference/access-authn-authz/"
			"authentication/#client-go-credential-plugins for further details");
	if (!streq(provider->name, "oidc"))
		return error_set(err, ERROR_CONFIG, "no Auth Provider found for name \"%s\"",
			provider->name ? provider->name : "");
	if (!provider_value(provider, "idp-issuer-url"))
		return error_set(err, ERROR_CONFIG, "Must provide idp-issuer-url");
	if (!provider_value(provider, "client-id"))
		return error_set(err, ERROR_CONFIG, "Must provide client-id");
	/* Another credential beats the provider's. */
	if (has_token(user) || str_set(user->username))
		return 0;
	return take_id_token(provider, ret, err);
}

int resolution_credentials(
	struct resolution *resolution, struct kube_target *ret, struct error *err)
{
	struct kubeconfig_user *user = &resolution->user;

	if (take_tokens(user, ret, err) < 0)
		return -1;
	if (user->exec && take_exec(resolution, ret, err) < 0)
		return -1;
	if (user->auth_provider && take_auth_provider(user, ret, err) < 0)
		return -1;
	return 0;
}

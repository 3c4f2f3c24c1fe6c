/* SPDX-License-Identifier: Apache-2.0 */
/* How to reach the server: address, proxy, certificates, time-out (client-go's rest and transport). */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "base/pem.h"
#include "base/time.h"
#include "base/url.h"
#include "kube/resolution.h"

#define NS_PER_SECOND INT64_C(1000000000)

/* ParseTimeout: a whole number of seconds, or a Go duration. Negative durations mean none. Both hold
 * 292 years at most. */
static int parse_timeout(const char *text, int64_t *ret_ns, struct error *err)
{
	const char *digits = *text == '+' ? text + 1 : text;
	size_t len = strspn(digits, "0123456789");

	*ret_ns = 0;
	if (len && len < 11 && !digits[len] &&
		strtoll(digits, NULL, 10) <= INT64_MAX / NS_PER_SECOND)
		*ret_ns = strtoll(digits, NULL, 10) * NS_PER_SECOND;
	else if (!duration_parse(text, ret_ns) || (len && !digits[len]))
		return error_set(err, ERROR_CONFIG,
			"Invalid timeout value. Timeout must be a single integer in seconds, or an "
			"integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)");
	if (*ret_ns < 0)
		*ret_ns = 0;
	return 0;
}

int resolution_target_common(
	struct resolution *resolution, struct kube_target *ret, struct error *err)
{
	struct kubeconfig_user *user = &resolution->user;

	if (str_set(resolution->flags->request_timeout) &&
		parse_timeout(resolution->flags->request_timeout, &ret->timeout_ns, err) < 0)
		return -1;
	ret->disable_compression = resolution->cluster.disable_compression;
	if (!str_set(user->as))
		return 0;
	ret->impersonate_user = TAKE(user->as);
	ret->impersonate_uid = TAKE(user->as_uid);
	strv_push_all(&ret->impersonate_groups, &user->as_groups);
	strv_push_all(&ret->impersonate_extra, &user->as_extra.pairs);
	return 0;
}

void resolution_target_proxy(struct kube_target *ret)
{
	autourl url = URL_INIT;

	ret->proxy = url_parse(ret->server, &url) ? url_proxy_from_environment(&url) : xstrdup("");
}

int resolution_target_ca(
	struct kube_target *ret, const char *file, const struct buf *data, struct error *err)
{
	autobuf content = BUF_INIT;

	if (data->len)
		buf_add(&content, data->ptr, data->len);
	else if (str_set(file)) {
		if (os_read_file(file, KUBE_MAX_PEM_BYTES, &content, err) < 0)
			return -1;
	} else {
		return 0;
	}
	buf_reset(&ret->ca_pem);
	if (pem_certificates(content.ptr, content.len, &ret->ca_pem, err) < 0)
		return error_wrap(err, "unable to load root certificates");
	return 0;
}

static int read_pem(const char *file, const struct buf *data, struct buf *ret, struct error *err)
{
	if (data->len) {
		buf_add(ret, data->ptr, data->len);
		return 0;
	}
	return os_read_file(file, KUBE_MAX_PEM_BYTES, ret, err);
}

/* A key without a certificate is ignored; the other way round was refused before. */
static int read_client_certificate(
	const struct kubeconfig_user *user, struct kube_target *ret, struct error *err)
{
	if (!str_set(user->cert_file) && !user->cert_data.len)
		return 0;
	if (read_pem(user->cert_file, &user->cert_data, &ret->cert_pem, err) < 0 ||
		read_pem(user->key_file, &user->key_data, &ret->key_pem, err) < 0)
		return -1;
	if (pem_check_pair(&ret->cert_pem, &ret->key_pem, err) == 0)
		return 0;
	/* client-go reads files alone when it connects. */
	if (!user->cert_data.len && !user->key_data.len)
		error_wrap(err, "Unable to connect to the server");
	return -1;
}

static int fill_tls(struct resolution *resolution, struct kube_target *ret, struct error *err)
{
	struct kubeconfig_cluster *cluster = &resolution->cluster;

	ret->tls_server_name =
		str_set(cluster->tls_server_name) ? TAKE(cluster->tls_server_name) : NULL;
	ret->insecure = cluster->insecure;
	if (ret->insecure && (str_set(cluster->ca_file) || cluster->ca_data.len))
		return error_set(err, ERROR_CONFIG,
			"specifying a root certificates file with the insecure flag is not "
			"allowed");
	if (resolution_target_ca(ret, cluster->ca_file, &cluster->ca_data, err) < 0)
		return -1;
	return read_client_certificate(&resolution->user, ret, err);
}

/* A user that stands in the address beats all others, as Go's HTTP client has it. */
static void take_address_user(struct server *server, struct kube_target *ret)
{
	if (!server->user)
		return;
	str_replace(&ret->token, NULL);
	str_replace(&ret->token_file, NULL);
	str_replace(&ret->username, server->user);
	str_replace(&ret->password, server->password);
	kube_exec_clear(&ret->exec);
}

/* Where the connection will not be encrypted nothing of the user is read: client-go sends no
 * credentials then. */
static int fill_secure(struct resolution *resolution, struct server *server,
	struct kube_target *ret, struct error *err)
{
	if (!server->https)
		return 0;
	if (resolution_credentials(resolution, ret, err) < 0 || fill_tls(resolution, ret, err) < 0)
		return -1;
	take_address_user(server, ret);
	return 0;
}

int resolution_target(struct resolution *resolution, struct kube_target *ret, struct error *err)
{
	CLEANUP(server_clear) struct server server = {NULL, false, NULL, NULL, NULL};
	struct kubeconfig_cluster *cluster = &resolution->cluster;

	if (server_parse(cluster->server, &server, err) < 0)
		return -1;
	ret->server = TAKE(server.url);
	ret->https = server.https;
	if (str_set(cluster->proxy_url))
		ret->proxy = xstrdup(cluster->proxy_url);
	else
		resolution_target_proxy(ret);
	str_replace(&cluster->server, server.host_and_path);
	return fill_secure(resolution, &server, ret, err);
}

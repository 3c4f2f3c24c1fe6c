/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of Secrets: fluxcd.io/flux/components/source/gitrepositories (Secret reference),
 * …/helmrepositories (Secret reference, Cert secret reference), and proxySecretRef.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/url.h"
#include "bundle/access.h"
#include "bundle/helm_index.h"

struct secret {
	char *name; /* "namespace/name" */
	struct json_object *data;
	struct json_object *document;
};

static void secret_clear(struct secret *secret)
{
	free(secret->name);
	json_free(secret->document);
	*secret = (struct secret){.name = NULL};
}

/* ---- reading */

static int no_secret(const char *name, const char *url, struct error *err)
{
	error_wrap(err, "reading Secret %s", name);
	return error_hint(err,
		"give the login of %s in a file with --credentials, or take what source-controller "
		"holds with --from-artifacts",
		url);
}

static int read_secret(const struct access *access, const char *namespace, const char *name,
	const char *url, struct secret *ret, struct error *err)
{
	autobuf path = BUF_INIT;
	CLEANUP(kube_request_clear) struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&request};

	ret->name = xasprintf("%s/%s", namespace, name);
	if (!access->kube)
		return error_set(err, ERROR_CONFIG, "no cluster to read Secret %s from", ret->name);
	kind_path(kind_find("Secret", ""), "v1", namespace, name, &path);
	request.path = path.ptr;
	request.secret = true;
	if (kube_run(access->kube, requests, countof(requests), err) < 0)
		return -1;
	if (request.error.kind != ERROR_NONE) {
		error_move(err, &request.error);
		return no_secret(ret->name, url, err);
	}
	if (json_parse(request.reply.ptr, request.reply.len, &ret->document, NULL) < 0)
		error_set(err, ERROR_SERVER, "the answer is no JSON");
	ret->data = json_get(ret->document, "data");
	wipe(request.reply.ptr, request.reply.len);
	return ret->document ? 0 : no_secret(ret->name, url, err);
}

/* A value into `ret`, which stays empty if the key is not there. */
static int take_bytes(
	const struct secret *secret, const char *key, struct buf *ret, struct error *err)
{
	const char *text = json_str(secret->data, key);
	size_t bad;

	if (!text || ret->len)
		return 0;
	if (base64_decode(text, strlen(text), ret, &bad))
		return 0;
	buf_wipe(ret);
	return error_set(err, ERROR_CONFIG, "Secret %s: '%s' is no base64", secret->name, key);
}

static int take_text(const struct secret *secret, const char *key, char **ret, struct error *err)
{
	struct buf text = BUF_INIT;

	if (*ret || !json_str(secret->data, key))
		return 0;
	if (take_bytes(secret, key, &text, err) < 0)
		return -1;
	/* A line break at the end is echo's, not the password's. */
	while (text.len && strchr("\r\n", text.ptr[text.len - 1]))
		buf_truncate(&text, text.len - 1);
	if (strlen(text.ptr) != text.len || strpbrk(text.ptr, "\r\n")) {
		buf_wipe(&text);
		return error_set(err, ERROR_CONFIG, "Secret %s: '%s' is not one line of text",
			secret->name, key);
	}
	*ret = buf_detach(&text);
	return 0;
}

/* ---- kinds of Secrets */

/* The keys of every version: tls.crt and ca.crt since Flux 2.0, the others before. */
static int take_tls(const struct secret *secret, struct git_credentials *ret, struct error *err)
{
	if (take_bytes(secret, "ca.crt", &ret->ca, err) < 0 ||
		take_bytes(secret, "caFile", &ret->ca, err) < 0 ||
		take_bytes(secret, "tls.crt", &ret->cert, err) < 0 ||
		take_bytes(secret, "certFile", &ret->cert, err) < 0 ||
		take_bytes(secret, "tls.key", &ret->key, err) < 0 ||
		take_bytes(secret, "keyFile", &ret->key, err) < 0)
		return -1;
	if (!ret->cert.len == !ret->key.len)
		return 0;
	return error_set(err, ERROR_CONFIG,
		"Secret %s: a certificate without its key, or the "
		"other way round",
		secret->name);
}

static int take_git(const struct secret *secret, struct git_credentials *ret, struct error *err)
{
	if (json_str(secret->data, "githubAppID"))
		return error_set(err, ERROR_CONFIG,
			"Secret %s holds a GitHub App, which only source-controller logs in with",
			secret->name);
	if (take_text(secret, "bearerToken", &ret->bearer, err) < 0 ||
		take_bytes(secret, "identity", &ret->identity, err) < 0 ||
		take_bytes(secret, "known_hosts", &ret->known_hosts, err) < 0 ||
		take_tls(secret, ret, err) < 0)
		return -1;
	/* The password of an ssh key is none of a user's; a bearer token goes before both. */
	if (ret->identity.len || ret->bearer)
		return 0;
	if (take_text(secret, "username", &ret->username, err) < 0)
		return -1;
	return take_text(secret, "password", &ret->password, err);
}

static int take_helm(const struct secret *secret, struct git_credentials *ret, struct error *err)
{
	if (take_text(secret, "username", &ret->username, err) < 0 ||
		take_text(secret, "password", &ret->password, err) < 0)
		return -1;
	return take_tls(secret, ret, err);
}

/* The URL of a proxy from "address" with "username" and "password" put into it. */
static char *proxy_url(char *const parts[3])
{
	const char *mark = strstr(parts[0], "://");
	struct buf out = BUF_INIT;
	size_t scheme = mark ? (size_t)(mark + 3 - parts[0]) : 0;

	buf_add(&out, parts[0], scheme);
	if (parts[1]) {
		url_encode(&out, parts[1]);
		buf_addc(&out, ':');
		url_encode(&out, parts[2] ? parts[2] : "");
		buf_addc(&out, '@');
	}
	buf_adds(&out, parts[0] + scheme);
	return buf_detach(&out);
}

static int take_proxy(const struct secret *secret, struct git_credentials *ret, struct error *err)
{
	static const char *const keys[] = {"address", "username", "password"};
	char *parts[countof(keys)] = {NULL};
	int result = 0;

	for (size_t i = 0; i < countof(keys) && result == 0; i++)
		result = take_text(secret, keys[i], &parts[i], err);
	if (parts[0] && result == 0)
		ret->proxy = proxy_url(parts);
	else if (result == 0)
		result = error_set(err, ERROR_CONFIG, "Secret %s: no 'address'", secret->name);
	for (size_t i = 0; i < countof(keys); i++)
		str_wipe(&parts[i]);
	return result;
}

/* One login that is being put together. */
struct login {
	const struct access *access;
	const char *url;
	const struct plan_access *wanted;
	struct git_credentials *ret;
};

static int use_secret(const struct login *login, const char *name,
	int (*take)(const struct secret *secret, struct git_credentials *ret, struct error *err),
	struct error *err)
{
	CLEANUP(secret_clear) struct secret secret = {.name = NULL};

	if (!name)
		return 0;
	if (read_secret(login->access, login->wanted->namespace, name, login->url, &secret, err) <
		0)
		return -1;
	return take(&secret, login->ret, err);
}

/* 1: a row of --credentials fits, and it alone counts. */
static int use_row(const struct access *access, const char *url, struct git_credentials *ret,
	struct error *err)
{
	return access->credentials ? credentials_find(access->credentials, url, ret, err) : 0;
}

/* A login that stands in the object's URL. */
static void use_url(const struct plan_access *wanted, struct git_credentials *ret)
{
	if (wanted->secret || !wanted->password)
		return;
	ret->username = xstrdup_or_null(wanted->user);
	ret->password = xstrdup(wanted->password);
}

int access_git(const struct access *access, const char *url, const struct plan_access *wanted,
	struct git_credentials *ret, struct error *err)
{
	const struct login login = {access, url, wanted, ret};
	int found = use_row(access, url, ret, err);

	if (found)
		return found < 0 ? -1 : 0;
	if (wanted->provider) {
		error_set(err, ERROR_CONFIG,
			"%s is logged in to by provider %s, an identity that only the cluster has",
			url, wanted->provider);
		return error_hint(err, "give a login in a file with --credentials, or take what "
				       "source-controller holds with --from-artifacts");
	}
	if (use_secret(&login, wanted->secret, take_git, err) < 0 ||
		use_secret(&login, wanted->proxy_secret, take_proxy, err) < 0)
		return -1;
	use_url(wanted, ret);
	ret->own_ssh = access->own_ssh && !ret->identity.len;
	return 0;
}

int access_chart(const struct access *access, const char *url, const struct plan_access *wanted,
	struct git_credentials *ret, struct error *err)
{
	/* The repository may be all of a host: rows are compared with what is asked for. */
	autofree char *index = helm_chart_url(url, "index.yaml");
	const struct login login = {access, url, wanted, ret};
	int found = use_row(access, index ? index : url, ret, err);

	if (found)
		return found < 0 ? -1 : 0;
	if (use_secret(&login, wanted->cert_secret, take_tls, err) < 0 ||
		use_secret(&login, wanted->secret, take_helm, err) < 0)
		return -1;
	use_url(wanted, ret);
	return 0;
}

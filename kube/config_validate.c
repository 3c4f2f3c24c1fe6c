/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with the cluster and user in use, in the words and the order of client-go's
 * tools/clientcmd/validation.go. Entries that are not in use are never looked at.
 */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/os.h"
#include "base/url.h"
#include "kube/resolution.h"

static const char *name_or_empty(const char *name)
{
	return name ? name : "";
}

/* The reason if `path` cannot be opened, else NULL; what opens but cannot be read shows later. */
static char *open_problem(const char *path)
{
	autobuf content = BUF_INIT;
	autoerror failure = ERROR_INIT;

	if (!str_set(path) || os_read_file(path, KUBE_MAX_PEM_BYTES, &content, &failure) == 0 ||
		!starts_with(failure.message, "open "))
		return NULL;
	return xstrdup(failure.message);
}

/* ---- context */

/*
 * kubectl falls back to http://localhost:8080 and asks for a user name where these are missing; we
 * say what is missing.
 */
static void check_references(const struct resolution *resolution, struct strv *problems)
{
	const struct kube_flags *flags = resolution->flags;
	bool by_flag = str_set(flags->user) || str_set(flags->token) || str_set(flags->username) ||
		       str_set(flags->client_certificate);
	CLEANUP(server_clear) struct server server = {NULL, false, NULL, NULL, NULL};
	bool https = str_set(resolution->cluster.server) &&
		     server_parse(resolution->cluster.server, &server, NULL) == 0 && server.https;

	if (!resolution->has_context || resolution->in_pod)
		return;
	if (!by_flag && !resolution->has_user && https) {
		if (!str_set(resolution->user_name))
			strv_pushf(problems, "user was not specified for context \"%s\"",
				resolution->context_name);
		else
			strv_pushf(problems, "user \"%s\" was not found for context \"%s\"",
				resolution->user_name, resolution->context_name);
	}
	if (str_set(flags->cluster) || str_set(resolution->cluster.server))
		return;
	if (!str_set(resolution->cluster_name))
		strv_pushf(problems, "cluster was not specified for context \"%s\"",
			resolution->context_name);
	else if (!resolution->has_cluster)
		strv_pushf(problems, "cluster \"%s\" was not found for context \"%s\"",
			resolution->cluster_name, resolution->context_name);
}

/* ---- user */

static void check_certificate(
	const struct kubeconfig_user *user, const char *name, struct strv *problems)
{
	autofree char *cert_problem = NULL;
	autofree char *key_problem = NULL;

	if (!str_set(user->cert_file) && !user->cert_data.len)
		return;
	if (str_set(user->cert_file) && user->cert_data.len)
		strv_pushf(problems,
			"client-cert-data and client-cert are both specified for %s. "
			"client-cert-data will override.",
			name);
	if (str_set(user->key_file) && user->key_data.len)
		strv_pushf(problems,
			"client-key-data and client-key are both specified for %s; "
			"client-key-data will override",
			name);
	if (!str_set(user->key_file) && !user->key_data.len)
		strv_pushf(problems,
			"client-key-data or client-key must be specified for %s to use the "
			"clientCert authentication method.",
			name);
	cert_problem = open_problem(user->cert_file);
	if (cert_problem)
		strv_pushf(problems, "unable to read client-cert %s for %s due to %s",
			user->cert_file, name, cert_problem);
	key_problem = open_problem(user->key_file);
	if (key_problem)
		strv_pushf(problems, "unable to read client-key %s for %s due to %s",
			user->key_file, name, key_problem);
}

static void check_exec(const struct kubeconfig_user *user, const char *name, struct strv *problems)
{
	const struct kubeconfig_exec *exec = user->exec;
	const struct kubeconfig_env *env;

	if (!exec)
		return;
	env = exec->env.items;
	if (user->auth_provider)
		strv_pushf(problems,
			"authProvider cannot be provided in combination with an exec plugin for "
			"%s",
			name);
	if (!str_set(exec->command))
		strv_pushf(problems,
			"command must be specified for %s to use exec authentication plugin", name);
	if (!str_set(exec->api_version))
		strv_pushf(problems,
			"apiVersion must be specified for %s to use exec authentication plugin",
			name);
	for (size_t i = 0; i < exec->env.len; i++) {
		if (!str_set(env[i].name))
			strv_pushf(problems,
				"env variable name must be specified for %s to use exec "
				"authentication plugin",
				name);
	}
	if (!str_set(exec->interactive_mode))
		strv_pushf(problems,
			"interactiveMode must be specified for %s to use exec authentication "
			"plugin",
			name);
	else if (!streq(exec->interactive_mode, "Never") &&
		 !streq(exec->interactive_mode, "IfAvailable") &&
		 !streq(exec->interactive_mode, "Always"))
		strv_pushf(problems, "invalid interactiveMode for %s: \"%s\"", name,
			exec->interactive_mode);
}

static void check_user(const struct resolution *resolution, struct strv *problems)
{
	const struct kubeconfig_user *user = &resolution->user;
	const char *name = name_or_empty(resolution->user_name);

	check_certificate(user, name, problems);
	check_exec(user, name, problems);
	if (str_set(user->token) && (str_set(user->username) || str_set(user->password)))
		strv_pushf(problems,
			"more than one authentication method found for %s; found [token "
			"basicAuth], only one is allowed",
			name);
	if ((str_set(user->as_uid) || user->as_groups.len || user->as_extra.any) &&
		!str_set(user->as))
		strv_pushf(problems,
			"requesting uid, groups or user-extra for %s without impersonating a user",
			name);
}

/* ---- cluster */

/*
 * The scheme as Go's net/url sees it, so that "proxy:3128" has the scheme "proxy"; NULL where it
 * cannot be parsed ("10.0.0.1:3128"). The caller frees.
 */
static char *scheme_of(const char *text)
{
	size_t len =
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
	char *scheme;

	if (len && isalpha((unsigned char)*text) && text[len] == ':') {
		scheme = xstrndup(text, len);
		for (char *c = scheme; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		return scheme;
	}
	/* Without a scheme its first part may hold no colon. */
	return text[strcspn(text, ":/?#")] == ':' ? NULL : xstrdup("");
}

/* What stands in the way of using `text` as proxy-url, or NULL. The caller frees. */
static char *find_proxy_problem(const char *text)
{
	autourl url = URL_INIT;
	autofree char *scheme = scheme_of(text);

	if (!scheme || (strstr(text, "://") && !url_parse(text, &url))) {
		autofree char *shown = server_redact(text);

		return xasprintf("could not parse: %s", shown);
	}
	if (streq(scheme, "http") || streq(scheme, "https") || streq(scheme, "socks5"))
		return NULL;
	return xasprintf("unsupported scheme \"%s\", must be http, https, or socks5", scheme);
}

static void check_cluster(const struct resolution *resolution, struct strv *problems)
{
	const struct kubeconfig_cluster *cluster = &resolution->cluster;
	const char *name = name_or_empty(resolution->cluster_name);
	autofree char *proxy_problem = NULL;
	autofree char *ca_problem = NULL;

	if (!str_set(cluster->server) && !resolution->in_pod &&
		(resolution->has_cluster || str_set(resolution->flags->cluster)))
		strv_pushf(problems, "no server found for cluster \"%s\"", name);
	if (str_set(cluster->proxy_url))
		proxy_problem = find_proxy_problem(cluster->proxy_url);
	if (proxy_problem) {
		autofree char *shown = server_redact(cluster->proxy_url);

		strv_pushf(problems, "invalid 'proxy-url' \"%s\" for cluster \"%s\": %s", shown,
			name, proxy_problem);
	}
	if (str_set(cluster->ca_file) && cluster->ca_data.len)
		strv_pushf(problems,
			"certificate-authority-data and certificate-authority are both specified "
			"for %s. certificate-authority-data will override.",
			name);
	ca_problem = open_problem(cluster->ca_file);
	if (ca_problem)
		strv_pushf(problems, "unable to read certificate-authority %s for %s due to %s",
			cluster->ca_file, name, ca_problem);
}

void resolution_confirm(const struct resolution *resolution, struct strv *problems)
{
	if (str_set(resolution->context_name) && !resolution->has_context)
		strv_pushf(problems, "context was not found for specified context: %s",
			resolution->context_name);
	check_references(resolution, problems);
	check_user(resolution, problems);
	check_cluster(resolution, problems);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From files and flags to one target: client-go's DirectClientConfig and
 * DeferredLoadingClientConfig (tools/clientcmd), asked in the order in which kubectl does, since
 * that decides which of several mistakes is named.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "kube/kinds.h"
#include "kube/resolution.h"

static void resolution_clear(struct resolution *resolution)
{
	kubeconfig_set_clear(&resolution->set);
	schema_clear(&kubeconfig_context_schema, &resolution->context);
	schema_clear(&kubeconfig_cluster_schema, &resolution->cluster);
	schema_clear(&kubeconfig_user_schema, &resolution->user);
}

static void resolution_init(struct resolution *resolution, const struct kube_flags *flags)
{
	*resolution = (struct resolution){.flags = flags, .set = KUBECONFIG_SET_INIT};
	schema_init(&kubeconfig_context_schema, &resolution->context);
	schema_init(&kubeconfig_cluster_schema, &resolution->cluster);
	schema_init(&kubeconfig_user_schema, &resolution->user);
}

/* ---- overrides */

static void override(char **value, const char *flag)
{
	if (str_set(flag))
		str_replace(value, flag);
}

static void override_cluster(struct kubeconfig_cluster *cluster, const struct kube_flags *flags)
{
	/* Another server has another name, unless it is given too. */
	if (str_set(flags->server) || str_set(flags->tls_server_name))
		str_replace(&cluster->tls_server_name, flags->tls_server_name);
	override(&cluster->server, flags->server);
	override(&cluster->proxy_url, flags->proxy_url);
	if (flags->insecure_skip_tls_verify || str_set(flags->certificate_authority)) {
		cluster->insecure = flags->insecure_skip_tls_verify;
		str_replace(&cluster->ca_file, flags->certificate_authority);
		buf_clear(&cluster->ca_data);
	}
	if (flags->disable_compression)
		cluster->disable_compression = true;
}

/* Whether a "key=value" item has this key. */
static bool has_key(const struct strv *extra, const char *key)
{
	for (size_t i = 0; i < extra->len; i++) {
		const char *equals = strchr(extra->items[i], '=');

		if (equals && strlen(key) == (size_t)(equals - extra->items[i]) &&
			starts_with(extra->items[i], key))
			return true;
	}
	return false;
}

/* Per key the command line's values replace those of the file. */
static void override_extra(struct schema_map *extra, const struct strv *flags)
{
	autostrv kept = STRV_INIT;

	for (size_t i = 0; i + 1 < extra->pairs.len; i += 2) {
		if (has_key(flags, extra->pairs.items[i]))
			continue;
		strv_push(&kept, extra->pairs.items[i]);
		strv_push(&kept, extra->pairs.items[i + 1]);
	}
	for (size_t i = 0; i < flags->len; i++) {
		const char *equals = strchr(flags->items[i], '=');

		if (!equals)
			continue;
		extra->any = true;
		strv_push_owned(
			&kept, xstrndup(flags->items[i], (size_t)(equals - flags->items[i])));
		strv_push(&kept, equals + 1);
	}
	strv_clear(&extra->pairs);
	strv_push_all(&extra->pairs, &kept);
}

static void override_user(struct kubeconfig_user *user, const struct kube_flags *flags)
{
	if (str_set(flags->client_certificate)) {
		str_replace(&user->cert_file, flags->client_certificate);
		buf_clear(&user->cert_data);
	}
	if (str_set(flags->client_key)) {
		str_replace(&user->key_file, flags->client_key);
		buf_clear(&user->key_data);
	}
	override(&user->token, flags->token);
	/* In client-go a tokenFile beats --token, which asks for another identity than was asked
	 * for. */
	if (str_set(flags->token))
		str_replace(&user->token_file, NULL);
	override(&user->username, flags->username);
	override(&user->password, flags->password);
	override(&user->as, flags->as);
	override(&user->as_uid, flags->as_uid);
	if (flags->as_groups.len) {
		strv_clear(&user->as_groups);
		strv_push_all(&user->as_groups, &flags->as_groups);
	}
	override_extra(&user->as_extra, &flags->as_extra);
}

/* ---- choosing */

static const char *either(const char *flag, const char *value)
{
	return str_set(flag) ? flag : value;
}

/* Find the entries in use and lay the flags over them. */
static void choose(struct resolution *resolution)
{
	const struct kube_flags *flags = resolution->flags;

	resolution->context_name =
		either(flags->context, kubeconfig_current_context(&resolution->set));
	resolution->has_context = kubeconfig_take_context(
		&resolution->set, resolution->context_name, &resolution->context);
	resolution->cluster_name = either(flags->cluster, resolution->context.cluster);
	resolution->user_name = either(flags->user, resolution->context.user);
	resolution->has_cluster = kubeconfig_take_cluster(
		&resolution->set, resolution->cluster_name, &resolution->cluster);
	resolution->has_user =
		kubeconfig_take_user(&resolution->set, resolution->user_name, &resolution->user);
	/* A name from the command line that stands for nothing is an error of its own: client-go
	 * lays no flags over it. */
	if (resolution->has_cluster || !str_set(flags->cluster)) {
		override_cluster(&resolution->cluster, flags);
		if (!str_set(resolution->cluster.server))
			str_replace(&resolution->cluster.server, os_env("KUBERNETES_MASTER"));
	}
	if (resolution->has_user || !str_set(flags->user))
		override_user(&resolution->user, flags);
	resolution->in_pod =
		(!str_set(resolution->cluster.server) ||
			streq(resolution->cluster.server, os_env("KUBERNETES_MASTER"))) &&
		!str_set(resolution->cluster.proxy_url) &&
		(resolution->has_cluster || !str_set(flags->cluster)) && pod_possible();
}

/* ---- failing */

/*
 * One problem is told as it is, several as a list. kubectl's checkErr puts its words in front of one
 * too where it comes wrapped: a context that is not there, and whatever is found after -n.
 */
static int confirm(const struct resolution *resolution, struct error *err)
{
	autostrv problems = STRV_INIT;
	autofree char *lines = NULL;
	bool wrapped;

	resolution_confirm(resolution, &problems);
	if (problems.len == 0)
		return 0;
	wrapped = str_set(resolution->flags->namespace) ||
		  starts_with(problems.items[0], "context was not found");
	if (problems.len == 1)
		return error_set(err, ERROR_CONFIG, "%s%s",
			wrapped ? "Error in configuration: " : "", problems.items[0]);
	lines = strv_join(&problems, "\n* ");
	return error_set(err, ERROR_CONFIG, "Error in configuration: \n* %s", lines);
}

static int check_names(const struct resolution *resolution, struct error *err)
{
	const struct kube_flags *flags = resolution->flags;

	if (str_set(flags->user) && !resolution->has_user)
		return error_set(err, ERROR_CONFIG, "auth info \"%s\" does not exist", flags->user);
	if (str_set(flags->context) && !resolution->has_context)
		return error_set(
			err, ERROR_CONFIG, "context \"%s\" does not exist", flags->context);
	if (str_set(flags->cluster) && !resolution->has_cluster)
		return error_set(
			err, ERROR_CONFIG, "cluster \"%s\" does not exist", flags->cluster);
	return 0;
}

/* Up to this many names are shown. */
#define SHOWN_CONTEXTS 8

static char *join_contexts(const struct strv *names)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < names->len && i < SHOWN_CONTEXTS; i++)
		buf_addf(&out, "%s%s", i ? ", " : "", names->items[i]);
	if (names->len > SHOWN_CONTEXTS)
		buf_addf(&out, " and %zu more", names->len - SHOWN_CONTEXTS);
	return buf_detach(&out);
}

/* Nothing says which server: kubectl would try http://localhost:8080. */
static int fail_no_server(const struct resolution *resolution, struct error *err)
{
	autostrv names = STRV_INIT;
	autofree char *missing = strv_join(&resolution->set.missing, ", ");
	autofree char *shown = NULL;

	kubeconfig_context_names(&resolution->set, &names);
	if (names.len) {
		shown = join_contexts(&names);
		error_set(err, ERROR_CONFIG, "no context chosen: current-context is not set");
		return error_hint(err,
			"--context NAME, or kubectl config use-context NAME; there are: %s", shown);
	}
	if (*missing)
		error_set(err, ERROR_CONFIG,
			"no configuration has been provided: there is no file %s", missing);
	else
		error_set(err, ERROR_CONFIG, "no configuration has been provided");
	return error_hint(err,
		"name a kubeconfig with --kubeconfig FILE or in KUBECONFIG, or put it into "
		"~/.kube/config");
}

/* What to type where the context's parts are not there: kubectl would prompt or go elsewhere. */
static int hint_parts(const struct resolution *resolution, struct error *err)
{
	const char *context = resolution->context_name;

	if (starts_with(err->message, "cluster "))
		return error_hint(err,
			"kubectl config set-context %s --cluster=NAME (kubectl config get-clusters "
			"lists them), or --cluster NAME",
			context);
	if (starts_with(err->message, "user "))
		return error_hint(err,
			"kubectl config set-context %s --user=NAME (kubectl config get-users lists "
			"them), or --user NAME or --token",
			context);
	if (starts_with(err->message, "no server found") && resolution->has_cluster)
		return error_hint(err,
			"kubectl config set-cluster %s --server=URL, or --server URL",
			resolution->cluster_name);
	return -1;
}

/* What a user can do about the commonest mistakes. Always returns -1. */
static int add_hint(const struct resolution *resolution, struct error *err)
{
	autostrv names = STRV_INIT;
	autofree char *shown = NULL;

	if (!err || err->hint || !str_set(resolution->context_name))
		return -1;
	if (resolution->has_context)
		return hint_parts(resolution, err);
	kubeconfig_context_names(&resolution->set, &names);
	if (!names.len)
		return -1;
	shown = join_contexts(&names);
	return error_hint(err, "--context NAME; there are: %s", shown);
}

/* kubectl asks for the namespace first, which confirms the whole, unless -n was given. */
static int check(const struct resolution *resolution, struct error *err)
{
	bool namespace_given = str_set(resolution->flags->namespace);

	if (!namespace_given && confirm(resolution, err) < 0)
		return add_hint(resolution, err);
	if (check_names(resolution, err) < 0)
		return add_hint(resolution, err);
	if (namespace_given && confirm(resolution, err) < 0)
		return add_hint(resolution, err);
	if (!str_set(resolution->cluster.server) && !resolution->in_pod)
		return fail_no_server(resolution, err);
	return 0;
}

/* ---- namespace */

static int check_namespace(const char *name, struct error *err)
{
	autobuf why = BUF_INIT;

	if (kind_name_fits(name, &why))
		return 0;
	return error_set(err, ERROR_CONFIG, "invalid namespace \"%s\": [%s]", name, why.ptr);
}

/* The flag, the context's, in a pod that of its service account, "default". */
static char *choose_namespace(const struct resolution *resolution)
{
	if (str_set(resolution->flags->namespace))
		return xstrdup(resolution->flags->namespace);
	if (str_set(resolution->context.namespace))
		return xstrdup(resolution->context.namespace);
	if (pod_possible())
		return pod_namespace();
	return xstrdup("default");
}

static int fill(struct resolution *resolution, struct kube_target *ret, struct error *err)
{
	if (resolution_target_common(resolution, ret, err) < 0)
		return -1;
	if (resolution->in_pod) {
		if (pod_target(resolution, ret, err) < 0)
			return -1;
	} else {
		ret->context =
			xstrdup_or_null(resolution->has_context ? resolution->context_name : NULL);
		ret->cluster = xstrdup_or_null(resolution->cluster_name);
		ret->user = xstrdup_or_null(resolution->user_name);
		if (resolution_target(resolution, ret, err) < 0)
			return -1;
	}
	ret->namespace = choose_namespace(resolution);
	return check_namespace(ret->namespace, err);
}

static void target_init(struct kube_target *target)
{
	*target = (struct kube_target)KUBE_TARGET_INIT;
}

void kube_target_clear(struct kube_target *target)
{
	char *const owned[] = {target->context, target->cluster, target->user, target->server,
		target->tls_server_name, target->proxy, target->token, target->token_file,
		target->username, target->password, target->impersonate_user,
		target->impersonate_uid, target->namespace};

	for (size_t i = 0; i < countof(owned); i++)
		free(owned[i]);
	buf_clear(&target->ca_pem);
	buf_clear(&target->cert_pem);
	buf_clear(&target->key_pem);
	strv_clear(&target->impersonate_groups);
	strv_clear(&target->impersonate_extra);
	kube_exec_clear(&target->exec);
	target_init(target);
}

int kube_target_resolve(const struct kube_flags *flags, struct kube_target *ret, struct error *err)
{
	struct resolution resolution;
	int result;

	target_init(ret);
	resolution_init(&resolution, flags);
	result = kubeconfig_set_load(&resolution.set, flags->kubeconfig, err);
	if (result == 0) {
		choose(&resolution);
		result = check(&resolution, err);
	}
	if (result == 0)
		result = fill(&resolution, ret, err);
	resolution_clear(&resolution);
	if (result < 0)
		kube_target_clear(ret);
	return result;
}

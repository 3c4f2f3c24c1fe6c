/* SPDX-License-Identifier: Apache-2.0 */
/* Settings as they were asked: pairs, files, and shortcuts that stand for pairs. */
#include "base/base.h"

#include "arm/settings.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "base/yaml.h"
#include "plugin/config.h"
#include "plugin/extension.h"

#define MAX_FILE ((size_t)1 << 20)
#define RSA_SHA2 "--ssh-hostkey-algos=rsa-sha2-512,rsa-sha2-256"

static void set(struct json_object **settings, const char *key, const char *value)
{
	if (!*settings)
		*settings = json_new_object();
	json_set_str(*settings, key, value);
}

/* ---- shortcuts */

enum shortcut_kind {
	SHORT_SWITCH, /* `on` or `off` (NULL: taken away) becomes the value of `key` */
	SHORT_NAMES,  /* each word is a controller; `on` becomes the value of its `key` */
	SHORT_PAIRS,  /* "CONTROLLER=VALUE", or VALUE alone for the controller `on` */
	SHORT_PARTS,  /* "A,B": `key` becomes true, `on` and `off` get the parts; "false" */
};

struct shortcut {
	enum shortcut_kind kind;
	const char *option; /* for messages */
	size_t offset;      /* of the field in struct extension_opts */
	const char *key;    /* with "*" for the controller */
	const char *on, *off;
};

#define AT(field) offsetof(struct extension_opts, field)

/* CATALOG of the options that stand for settings. */
/* clang-format off */
static const struct shortcut shortcuts[] = {
	{SHORT_NAMES,  "enable",                 AT(enable),                 "*.enabled",                                    "true",  NULL},
	{SHORT_NAMES,  "disable",                AT(disable),                "*.enabled",                                    "false", NULL},
	{SHORT_PAIRS,  "log-level",              AT(log_level),              "*.log-level",                                  NULL,    NULL},
	{SHORT_PAIRS,  "memory-limit",           AT(memory_limit),           "*.resources.limits.memory",                    NULL,    NULL},
	{SHORT_PAIRS,  "cpu-limit",              AT(cpu_limit),              "*.resources.limits.cpu",                       NULL,    NULL},
	{SHORT_PAIRS,  "concurrent",             AT(concurrent),             "*.concurrent",                                 NULL,    NULL},
	{SHORT_PAIRS,  "requeue-dependency",     AT(requeue_dependency),     "*.requeue-dependency",                         "kustomize-controller", NULL},
	{SHORT_SWITCH, "in-memory-build",        AT(in_memory_build),        "kustomize-controller.enable-in-memory-build",  "true",  "false"},
	{SHORT_SWITCH, "kube-service-host-fqdn", AT(kube_service_host_fqdn), "setKubeServiceHostFqdn",                       "true",  "false"},
	{SHORT_SWITCH, "kubelet-identity",       AT(kubelet_identity),       "useKubeletIdentity",                           "true",  "false"},
	{SHORT_SWITCH, "no-multi-tenancy",       AT(no_multi_tenancy),       "multiTenancy.enforce",                         "false", "true"},
	{SHORT_SWITCH, "ssh-rsa-sha2",           AT(ssh_rsa_sha2),           "source-controller.ssh-host-key-args",          RSA_SHA2, NULL},
	{SHORT_SWITCH, "ssh-rsa-sha2",           AT(ssh_rsa_sha2),           "image-automation-controller.ssh-host-key-args", RSA_SHA2, NULL},
	{SHORT_SWITCH, "strict-substitution",    AT(strict_substitution),    "kustomize-controller.strict-substitution-mode", "true", "false"},
	{SHORT_PARTS,  "oom-watch",              AT(oom_watch),              "helm-controller.outOfMemoryWatch.enabled",     "helm-controller.outOfMemoryWatch.memoryThreshold", "helm-controller.outOfMemoryWatch.interval"},
	{SHORT_PARTS,  "workload-identity",      AT(workload_identity),      "workloadIdentity.enable",                      "workloadIdentity.azureClientId", "workloadIdentity.azureTenantId"},
};
/* clang-format on */

static void set_of(struct json_object **settings, const char *controller, size_t len,
	const char *key, const char *value)
{
	autofree char *whole = xasprintf("%.*s%s", (int)len, controller, key + 1);

	set(settings, whole, value);
}

static int expand_pair(const struct shortcut *row, const char *text, struct json_object **settings,
	struct error *err)
{
	const char *equals = strchr(text, '=');

	if (equals)
		set_of(settings, text, (size_t)(equals - text), row->key, equals + 1);
	else if (row->on)
		set_of(settings, row->on, strlen(row->on), row->key, text);
	else
		return error_set(
			err, ERROR_USAGE, "--%s %s: CONTROLLER=VALUE is wanted", row->option, text);
	return 0;
}

static void expand_parts(
	const struct shortcut *row, const char *text, struct json_object **settings)
{
	const char *comma = strchr(text, ',');
	autofree char *first = comma ? xstrndup(text, (size_t)(comma - text)) : xstrdup(text);
	bool off = streq(text, "false");

	set(settings, row->key, off ? "false" : "true");
	if (!off && !streq(text, "true") && str_set(first))
		set(settings, row->on, first);
	if (comma && str_set(comma + 1))
		set(settings, row->off, comma + 1);
}

static int expand(const struct shortcut *row, const struct extension_opts *opts,
	struct json_object **settings, struct error *err)
{
	const void *field = (const char *)opts + row->offset;
	const struct strv *words = field;

	if (row->kind == SHORT_SWITCH) {
		enum option_switch position = *(const enum option_switch *)field;

		if (position != SWITCH_UNSET)
			set(settings, row->key, position == SWITCH_ON ? row->on : row->off);
		return 0;
	}
	if (row->kind == SHORT_PARTS) {
		const char *text = *(const char *const *)field;

		if (text)
			expand_parts(row, text, settings);
		return 0;
	}
	for (size_t i = 0; i < words->len; i++) {
		const char *word = words->items[i];

		if (row->kind == SHORT_NAMES)
			set_of(settings, word, strlen(word), row->key, row->on);
		else if (expand_pair(row, word, settings, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- pairs and files */

/* "KEY=VALUE"; a protected value may stand in a file. */
static int take_pair(struct extension *extension, const char *option, const char *word,
	struct json_object **settings, struct error *err)
{
	const char *equals = strchr(word, '=');
	bool secret = settings == &extension->secrets;
	autofree char *key = equals ? xstrndup(word, (size_t)(equals - word)) : NULL;
	CLEANUP(buf_wipe) struct buf value = BUF_INIT;
	bool from_file = false;

	if (!key || !*key)
		return error_set(err, ERROR_USAGE, "--%s %s: KEY=VALUE is wanted", option,
			secret ? "…" : word);
	if (!secret) {
		set(settings, key, equals + 1);
		return 0;
	}
	if (config_read_value(key, equals + 1, &value, &from_file, err) < 0)
		return -1;
	if (from_file)
		buf_trim(&value);
	else
		app_warn(extension->app,
			"--%s: every user of this machine can see a program's arguments; %s=@FILE "
			"keeps it from them",
			option, key);
	set(settings, key, value.ptr);
	return 0;
}

static int take_pairs(struct extension *extension, const char *option, const struct strv *words,
	struct json_object **settings, struct error *err)
{
	for (size_t i = 0; i < words->len; i++)
		if (!streq(words->items[i], "--") &&
			take_pair(extension, option, words->items[i], settings, err) < 0)
			return -1;
	return 0;
}

/* An object of plain values; ARM wants each as text. */
static int take_file(
	const char *option, const char *path, struct json_object **settings, struct error *err)
{
	CLEANUP(buf_wipe) struct buf text = BUF_INIT;
	autojson struct json_object *tree = NULL;
	struct json_iter iter = JSON_ITER_INIT;

	if (os_read_file(path, MAX_FILE, &text, err) < 0 ||
		yaml_parse(text.ptr, text.len, &tree, err) < 0)
		return error_wrap(err, "--%s", option);
	if (json_kind(tree) != JSON_OBJECT)
		return error_set(
			err, ERROR_USAGE, "--%s: '%s' is no object of settings", option, path);
	while (json_next(tree, &iter)) {
		enum json_kind kind = json_kind(iter.value);

		if (kind == JSON_OBJECT || kind == JSON_ARRAY)
			return error_set(err, ERROR_USAGE,
				"--%s: '%s' of '%s' is no plain value: write the key with dots",
				option, iter.key, path);
		set(settings, iter.key, kind == JSON_NULL ? NULL : json_text(iter.value));
	}
	return 0;
}

static int take_settings(struct extension *extension, struct error *err)
{
	const struct extension_opts *opts = extension->opts;

	if (opts->config.len && opts->config_file)
		return error_set(err, ERROR_USAGE, "--config and --config-file exclude each other");
	if (opts->config_protected.len && opts->config_protected_file)
		return error_set(err, ERROR_USAGE,
			"--config-protected and --config-protected-file exclude each other");
	if (opts->config_file &&
		take_file("config-file", opts->config_file, &extension->settings, err) < 0)
		return -1;
	if (opts->config_protected_file &&
		take_file("config-protected-file", opts->config_protected_file, &extension->secrets,
			err) < 0)
		return -1;
	for (size_t i = 0; i < countof(shortcuts); i++)
		if (expand(&shortcuts[i], opts, &extension->settings, err) < 0)
			return -1;
	if (take_pairs(extension, "config", &opts->config, &extension->settings, err) < 0)
		return -1;
	for (size_t i = 0; i < opts->unset.len; i++)
		set(&extension->settings, opts->unset.items[i], NULL);
	return take_pairs(
		extension, "config-protected", &opts->config_protected, &extension->secrets, err);
}

/* ---- the extension itself */

static int check_scope(const struct extension_opts *opts, struct error *err)
{
	bool namespaced = streq(opts->scope, "namespace");

	if (namespaced && !opts->target_namespace)
		return error_set(err, ERROR_USAGE, "--scope namespace needs --target-namespace");
	if (!namespaced && opts->target_namespace)
		return error_set(
			err, ERROR_USAGE, "--target-namespace goes with --scope namespace");
	if (namespaced && opts->release_namespace)
		return error_set(err, ERROR_USAGE, "--release-namespace goes with --scope cluster");
	return 0;
}

int extension_ask(const struct extension_opts *opts, struct extension *extension, struct error *err)
{
	extension->opts = opts;
	if (check_scope(opts, err) < 0 || take_settings(extension, err) < 0)
		return -1;
	extension->asked = (struct arm_extension_asked){
		.type = opts->extension_type,
		.version = opts->version,
		.train = opts->train,
		.upgrade_mode = opts->upgrade_mode,
		.upgrade = opts->upgrade == SWITCH_UNSET ? -1 : opts->upgrade == SWITCH_ON,
		.scope = streq(opts->scope, "namespace") ? EXTENSION_SCOPE_NAMESPACE
							 : EXTENSION_SCOPE_CLUSTER,
		.namespace =
			opts->target_namespace ? opts->target_namespace : opts->release_namespace,
		.plan_name = opts->plan_name,
		.plan_publisher = opts->plan_publisher,
		.plan_product = opts->plan_product,
		.settings = extension->settings,
		.secrets = extension->secrets,
	};
	return arm_extension_check(&extension->asked, err);
}

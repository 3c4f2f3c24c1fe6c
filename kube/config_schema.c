/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of kubeconfig's structs, and reading one file. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/yaml.h"
#include "kube/kubeconfig.h"

/* clang-format off */
#define FIELD(type, member)  offsetof(struct kubeconfig_##type, member), NULL, NULL
#define NESTED(type, member, schema)  offsetof(struct kubeconfig_##type, member), &(schema), NULL

static const struct schema_field extension_fields[] = {
	{"extension", SCHEMA_ANY,    FIELD(extension, value)},
	{"name",      SCHEMA_STRING, FIELD(extension, name)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
const struct schema kubeconfig_extension_schema = {
	"v1", "NamedExtension", sizeof(struct kubeconfig_extension), extension_fields,
};

static const struct schema_field cluster_fields[] = {
	{"certificate-authority",      SCHEMA_STRING, FIELD(cluster, ca_file)},
	{"certificate-authority-data", SCHEMA_BYTES,  FIELD(cluster, ca_data)},
	{"disable-compression",        SCHEMA_BOOL,   FIELD(cluster, disable_compression)},
	{"extensions",                 SCHEMA_LIST,   NESTED(cluster, extensions, kubeconfig_extension_schema)},
	{"insecure-skip-tls-verify",   SCHEMA_BOOL,   FIELD(cluster, insecure)},
	{"proxy-url",                  SCHEMA_STRING, FIELD(cluster, proxy_url)},
	{"server",                     SCHEMA_STRING, FIELD(cluster, server)},
	{"tls-server-name",            SCHEMA_STRING, FIELD(cluster, tls_server_name)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
static const struct schema cluster_schema = {
	"v1", "Cluster", sizeof(struct kubeconfig_cluster), cluster_fields,
};
static const struct schema_field named_cluster_fields[] = {
	{"cluster", SCHEMA_STRUCT, 0, &cluster_schema, NULL},
	{"name",    SCHEMA_STRING, FIELD(cluster, name)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
const struct schema kubeconfig_cluster_schema = {
	"v1", "NamedCluster", sizeof(struct kubeconfig_cluster), named_cluster_fields,
};

static const struct schema_field env_fields[] = {
	{"name",  SCHEMA_STRING, FIELD(env, name)},
	{"value", SCHEMA_STRING, FIELD(env, value)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
const struct schema kubeconfig_env_schema = {
	"v1", "ExecEnvVar", sizeof(struct kubeconfig_env), env_fields,
};

static const struct schema_field exec_fields[] = {
	{"apiVersion",         SCHEMA_STRING,  FIELD(exec, api_version)},
	{"args",               SCHEMA_STRINGS, FIELD(exec, args)},
	{"command",            SCHEMA_STRING,  FIELD(exec, command)},
	{"env",                SCHEMA_LIST,    NESTED(exec, env, kubeconfig_env_schema)},
	{"installHint",        SCHEMA_STRING,  FIELD(exec, install_hint)},
	{"interactiveMode",    SCHEMA_STRING,  offsetof(struct kubeconfig_exec, interactive_mode), NULL,
	                                       "v1.ExecInteractiveMode"},
	{"provideClusterInfo", SCHEMA_BOOL,    FIELD(exec, provide_cluster_info)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
static const struct schema exec_schema = {
	"v1", "ExecConfig", sizeof(struct kubeconfig_exec), exec_fields,
};

static const struct schema_field auth_provider_fields[] = {
	{"config", SCHEMA_STRING_MAP, FIELD(auth_provider, config)},
	{"name",   SCHEMA_STRING,     FIELD(auth_provider, name)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
static const struct schema auth_provider_schema = {
	"v1", "AuthProviderConfig", sizeof(struct kubeconfig_auth_provider), auth_provider_fields,
};

static const struct schema_field user_fields[] = {
	{"as",                      SCHEMA_STRING,      FIELD(user, as)},
	{"as-groups",               SCHEMA_STRINGS,     FIELD(user, as_groups)},
	{"as-uid",                  SCHEMA_STRING,      FIELD(user, as_uid)},
	{"as-user-extra",           SCHEMA_STRINGS_MAP, FIELD(user, as_extra)},
	{"auth-provider",           SCHEMA_POINTER,     NESTED(user, auth_provider, auth_provider_schema)},
	{"client-certificate",      SCHEMA_STRING,      FIELD(user, cert_file)},
	{"client-certificate-data", SCHEMA_BYTES,       FIELD(user, cert_data)},
	{"client-key",              SCHEMA_STRING,      FIELD(user, key_file)},
	{"client-key-data",         SCHEMA_BYTES,       FIELD(user, key_data)},
	{"exec",                    SCHEMA_POINTER,     NESTED(user, exec, exec_schema)},
	{"extensions",              SCHEMA_LIST,        NESTED(user, extensions, kubeconfig_extension_schema)},
	{"password",                SCHEMA_STRING,      FIELD(user, password)},
	{"token",                   SCHEMA_STRING,      FIELD(user, token)},
	{"tokenFile",               SCHEMA_STRING,      FIELD(user, token_file)},
	{"username",                SCHEMA_STRING,      FIELD(user, username)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
static const struct schema user_schema = {
	"v1", "AuthInfo", sizeof(struct kubeconfig_user), user_fields,
};
static const struct schema_field named_user_fields[] = {
	{"name", SCHEMA_STRING, FIELD(user, name)},
	{"user", SCHEMA_STRUCT, 0, &user_schema, NULL},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
const struct schema kubeconfig_user_schema = {
	"v1", "NamedAuthInfo", sizeof(struct kubeconfig_user), named_user_fields,
};

static const struct schema_field context_fields[] = {
	{"cluster",    SCHEMA_STRING, FIELD(context, cluster)},
	{"extensions", SCHEMA_LIST,   NESTED(context, extensions, kubeconfig_extension_schema)},
	{"namespace",  SCHEMA_STRING, FIELD(context, namespace)},
	{"user",       SCHEMA_STRING, FIELD(context, user)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
static const struct schema context_schema = {
	"v1", "Context", sizeof(struct kubeconfig_context), context_fields,
};
static const struct schema_field named_context_fields[] = {
	{"context", SCHEMA_STRUCT, 0, &context_schema, NULL},
	{"name",    SCHEMA_STRING, FIELD(context, name)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
const struct schema kubeconfig_context_schema = {
	"v1", "NamedContext", sizeof(struct kubeconfig_context), named_context_fields,
};

#define TOP(member, schema)  offsetof(struct kubeconfig, member), schema, NULL

static const struct schema_field preferences_fields[] = {
	{"colors",     SCHEMA_BOOL, TOP(colors, NULL)},
	{"extensions", SCHEMA_LIST, TOP(preferences_extensions, &kubeconfig_extension_schema)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
static const struct schema preferences_schema = {
	"v1", "Preferences", sizeof(struct kubeconfig), preferences_fields,
};
static const struct schema_field config_fields[] = {
	{"apiVersion",      SCHEMA_STRING, TOP(api_version, NULL)},
	{"clusters",        SCHEMA_LIST,   TOP(clusters, &kubeconfig_cluster_schema)},
	{"contexts",        SCHEMA_LIST,   TOP(contexts, &kubeconfig_context_schema)},
	{"current-context", SCHEMA_STRING, TOP(current_context, NULL)},
	{"extensions",      SCHEMA_LIST,   TOP(extensions, &kubeconfig_extension_schema)},
	{"kind",            SCHEMA_STRING, TOP(kind, NULL)},
	{"preferences",     SCHEMA_STRUCT, 0, &preferences_schema, NULL},
	{"users",           SCHEMA_LIST,   TOP(users, &kubeconfig_user_schema)},
	{NULL, SCHEMA_ANY, 0, NULL, NULL},
};
static const struct schema config_schema = {
	"v1", "Config", sizeof(struct kubeconfig), config_fields,
};
/* clang-format on */

void kubeconfig_init(struct kubeconfig *config)
{
	config->path = NULL;
	schema_init(&config_schema, config);
}

void kubeconfig_clear(struct kubeconfig *config)
{
	free(config->path);
	config->path = NULL;
	schema_clear(&config_schema, config);
}

/* ---- duplicate names */

/* Every named struct begins with its name. */
static const char *entry_name(
	const struct schema *schema, const struct schema_list *list, size_t index)
{
	char *name;

	memcpy(&name, schema_item(schema, list, index), sizeof(name));
	return name ? name : "";
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Go prints the whole list here, secrets included; we stop at the name. */
static int check_unique(const struct schema *schema, const struct schema_list *list,
	const char *internal, struct error *err)
{
	autofree const char **names = NULL;

	if (list->len < 2)
		return 0;
	names = xcalloc(list->len, sizeof(*names));
	for (size_t i = 0; i < list->len; i++)
		names[i] = entry_name(schema, list, i);
	qsort(names, list->len, sizeof(*names), compare_names);
	for (size_t i = 1; i < list->len; i++) {
		if (streq(names[i - 1], names[i]))
			return error_set(err, ERROR_SYNTAX,
				"error converting *[]%s into *map[string]%s: duplicate name "
				"\"%s\" in list",
				schema->name, internal, names[i]);
	}
	return 0;
}

static int check_extensions(const struct schema_list *list, struct error *err)
{
	return check_unique(&kubeconfig_extension_schema, list, "runtime.Object", err);
}

static int check_duplicates(struct kubeconfig *config, struct error *err)
{
	int result = check_extensions(&config->preferences_extensions, err);

	for (size_t i = 0; result == 0 && i < config->clusters.len; i++) {
		struct kubeconfig_cluster *cluster = config->clusters.items;

		result = check_extensions(&cluster[i].extensions, err);
	}
	if (result == 0)
		result = check_unique(
			&kubeconfig_cluster_schema, &config->clusters, "*api.Cluster", err);
	for (size_t i = 0; result == 0 && i < config->users.len; i++) {
		struct kubeconfig_user *user = config->users.items;

		result = check_extensions(&user[i].extensions, err);
	}
	if (result == 0)
		result =
			check_unique(&kubeconfig_user_schema, &config->users, "*api.AuthInfo", err);
	for (size_t i = 0; result == 0 && i < config->contexts.len; i++) {
		struct kubeconfig_context *context = config->contexts.items;

		result = check_extensions(&context[i].extensions, err);
	}
	if (result == 0)
		result = check_unique(
			&kubeconfig_context_schema, &config->contexts, "*api.Context", err);
	if (result == 0)
		result = check_extensions(&config->extensions, err);
	return result;
}

/* ---- reading */

/* apiVersion and kind may be absent; present, they have to be those of a kubeconfig. */
static int check_type(struct json_object *document, struct error *err)
{
	const char *version;
	const char *kind;
	const char *slash;

	if (schema_type_meta(document, &version, &kind, err) < 0)
		return -1;
	slash = strchr(version, '/');
	if (slash && strchr(slash + 1, '/'))
		return error_set(err, ERROR_SYNTAX, "unexpected GroupVersion string: %s", version);
	if (*version == '\0')
		version = "v1";
	if (*kind == '\0')
		kind = "Config";
	if (streq(version, "v1") && streq(kind, "Config"))
		return 0;
	return error_set(err, ERROR_SYNTAX,
		"no kind \"%s\" is registered for version \"%s\" in scheme "
		"\"pkg/runtime/scheme.go:111\"",
		kind, version);
}

/* The interactive mode that old versions of the protocol leave out (SetDefaults_ExecConfig). */
static void set_defaults(struct kubeconfig *config)
{
	struct kubeconfig_user *user = config->users.items;

	for (size_t i = 0; i < config->users.len; i++) {
		struct kubeconfig_exec *exec = user[i].exec;

		if (!exec || str_set(exec->interactive_mode))
			continue;
		if (streq(exec->api_version, "client.authentication.k8s.io/v1beta1") ||
			streq(exec->api_version, "client.authentication.k8s.io/v1alpha1"))
			str_replace(&exec->interactive_mode, "IfAvailable");
	}
}

int kubeconfig_parse(struct kubeconfig *config, const char *text, size_t len, struct error *err)
{
	autojson struct json_object *document = NULL;

	if (yaml_parse(text, len, &document, err) < 0 || check_type(document, err) < 0 ||
		schema_read(&config_schema, document, config, err) < 0 ||
		check_duplicates(config, err) < 0)
		return -1;
	set_defaults(config);
	return 0;
}

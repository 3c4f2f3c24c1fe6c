/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/output.h"
#include "plugin/provider.h"
#include "plugin/table.h"

struct show_opts {
	struct azure_flags azure;
	const char *output;
};

/* clang-format off */
static const struct option options[] = {
	AZURE_OPT_AUTH(struct show_opts),
	AZURE_OPT_CLOUD(struct show_opts),
	OPT_CHOICE(struct show_opts, output, 'o', "output", "FORMAT", "json, yaml or wide", OUTPUT_FORMATS " wide"),
	AZURE_OPT_SUBSCRIPTION(struct show_opts),
	AZURE_OPT_TENANT(struct show_opts),
	AZURE_OPT_TOKEN_FILE(struct show_opts),
	OPT_END,
};
/* clang-format on */

/* The provider's own row of a type that this program asks for; NULL: it does not offer it. */
static struct json_object *offered(const struct provider *provider, enum arm_type type)
{
	struct json_object *types = json_get(provider->reply, "resourceTypes");

	for (size_t i = 0; i < json_len(types); i++) {
		const char *name = json_str(json_item(types, i), "resourceType");

		if (name && strcasecmp(name, arm_type_resource(type)) == 0)
			return json_item(types, i);
	}
	return NULL;
}

static bool offers(struct json_object *row, const char *version)
{
	struct json_object *versions = json_get(row, "apiVersions");

	for (size_t i = 0; i < json_len(versions); i++)
		if (strcasecmp(json_text(json_item(versions, i)), version) == 0)
			return true;
	return false;
}

/* The api-version that would be used; NULL: none that both know. */
static const char *used(struct azure *azure, const struct provider *provider, enum arm_type type)
{
	const char *version = arm_api_version(azure->arm, type);

	if (offers(offered(provider, type), version))
		return version;
	return arm_version_choose(type, provider->reply);
}

static bool belongs(const struct provider *provider, enum arm_type type)
{
	return strcasecmp(arm_type_provider(type), provider->namespace) == 0;
}

/* ---- as a tree */

static struct json_object *type_tree(
	struct azure *azure, const struct provider *provider, enum arm_type type)
{
	struct json_object *row = offered(provider, type);
	struct json_object *tree = json_new_object();

	json_set_str(tree, "resourceType", arm_type_resource(type));
	json_set_str(tree, "apiVersion", row ? used(azure, provider, type) : NULL);
	json_set(tree, "apiVersions", json_ref(json_get(row, "apiVersions")));
	json_set(tree, "locations", json_ref(json_get(row, "locations")));
	return tree;
}

static struct json_object *provider_tree(struct azure *azure, const struct provider *provider)
{
	struct json_object *tree = json_new_object();
	struct json_object *types = json_new_array();

	for (int i = 0; i < ARM_TYPES_COUNT; i++)
		if (belongs(provider, (enum arm_type)i))
			json_push(types, type_tree(azure, provider, (enum arm_type)i));
	json_set_str(tree, "namespace", provider->namespace);
	json_set_str(tree, "registrationState", provider_state(provider));
	json_set(tree, "resourceTypes", types);
	return tree;
}

static int print_tree(struct azure *azure, const struct providers *providers, const char *format,
	struct error *err)
{
	autojson struct json_object *list = json_new_array();

	for (size_t i = 0; i < providers->len; i++)
		json_push(list, provider_tree(azure, &providers->items[i]));
	return output_tree(azure->app, format, list, err);
}

/* ---- as a table */

static void add_state(struct table *table, const struct provider *provider)
{
	const char *cells[] = {provider->namespace, provider_state(provider)};

	table_add(table, cells, provider_registered(provider) ? STYLE_GOOD : STYLE_WARN, 1);
}

static void add_type(struct table *table, struct azure *azure, const struct provider *provider,
	enum arm_type type)
{
	struct json_object *row = offered(provider, type);
	autofree char *regions = xasprintf("%zu", json_len(json_get(row, "locations")));
	const char *version = row ? used(azure, provider, type) : NULL;
	struct json_object *newest = json_item(json_get(row, "apiVersions"), 0);
	const char *cells[] = {provider->namespace, provider_state(provider),
		arm_type_resource(type), version ? version : "none",
		newest ? json_text(newest) : "", regions};

	table_add(table, cells, provider_registered(provider) ? STYLE_GOOD : STYLE_WARN, 1);
}

static void print_table(struct azure *azure, const struct providers *providers, bool wide)
{
	static const struct table_column columns[] = {
		{"NAMESPACE", false, false},
		{"STATE", false, false},
		{"TYPE", false, false},
		{"API-VERSION", false, false},
		{"NEWEST", false, false},
		{"REGIONS", false, true},
	};
	CLEANUP(table_free_pointer)
	struct table *table = table_new(columns, wide ? countof(columns) : 2);

	for (size_t i = 0; i < providers->len; i++) {
		const struct provider *provider = &providers->items[i];
		bool any = false;

		for (int type = 0; wide && type < ARM_TYPES_COUNT; type++) {
			if (!belongs(provider, (enum arm_type)type))
				continue;
			add_type(table, azure, provider, (enum arm_type)type);
			any = true;
		}
		if (wide && !any) {
			const char *cells[] = {
				provider->namespace, provider_state(provider), "", "", "", ""};

			table_add(table, cells, STYLE_PLAIN, 1);
		} else if (!wide) {
			add_state(table, provider);
		}
	}
	table_print(table, azure->app, true, 0);
}

/* ---- the command */

static void say_missing(struct azure *azure, const struct providers *providers)
{
	autobuf names = BUF_INIT;

	for (size_t i = 0; i < providers->len; i++)
		if (!provider_registered(&providers->items[i]))
			buf_addf(&names, " %s", providers->items[i].namespace);
	if (names.len)
		fprintf(azure->app->err,
			"not registered yet: kubectl flux-arc provider register%s\n", names.ptr);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct show_opts *wanted = opts;
	CLEANUP(providers_clear) struct providers providers = PROVIDERS_INIT;

	if (providers_choose(args, &providers, err) < 0 ||
		azure_find_subscription(app->azure, err) < 0)
		return -1;
	app_progress(app, "Azure to say which resource providers are registered");
	if (providers_read(app->azure, &providers, 0, err) < 0)
		return -1;
	app_progress_end(app);
	if (wanted->output && !streq(wanted->output, "wide"))
		return print_tree(app->azure, &providers, wanted->output, err);
	print_table(app->azure, &providers, wanted->output != NULL);
	say_missing(app->azure, &providers);
	return 0;
}

static const struct example examples[] = {
	{"whether the subscription has what the extension needs", "provider show"},
	{"the same with the api-versions that are spoken", "provider show -o wide"},
	{"another resource provider", "provider show Microsoft.ManagedIdentity"},
	{NULL, NULL},
};

const struct command cmd_provider_show = {
	.name = "provider show",
	.args = "[NAMESPACE...]",
	.max_args = -1,
	.needs = NEEDS_ARM,
	.summary = "Show whether the resource providers of Flux are registered",
	.description = "Without names: Microsoft.Kubernetes, Microsoft.ContainerService and "
		       "Microsoft.KubernetesConfiguration. "
		       "With -o wide each resource type that this program asks for, the "
		       "api-version that it "
		       "uses, and the "
		       "newest that this subscription has.",
	.options = options,
	.opts_size = sizeof(struct show_opts),
	.examples = examples,
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "arm/extension.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/url.h"
#include "kube/releases.h"
#include "plugin/extension.h"
#include "plugin/output.h"
#include "plugin/table.h"

typedef struct extension_show_opts T;

/* clang-format off */
static const struct option options[] = {
	AZURE_OPT_AUTH(T),
	AZURE_OPT_CLOUD(T),
	AZURE_OPT_CLUSTER(T),
	AZURE_OPT_PROVIDER(T),
	OPT_ALIAS("cluster-rp", "cluster-resource-provider"),
	AZURE_OPT_TYPE(T),
	OPT_CHOICE(T, output, 'o', "output", "FORMAT", "json or yaml", OUTPUT_FORMATS),
	OPT_STRING(T, train, 0, "release-train", "TRAIN", "release train to look at: stable without it"),
	AZURE_OPT_GROUP(T),
	AZURE_OPT_SUBSCRIPTION(T),
	AZURE_OPT_TENANT(T),
	AZURE_OPT_TOKEN_FILE(T),
	OPT_END,
};
/* clang-format on */

/* What is known of the releases. */
struct versions {
	struct app *app;
	struct json_object *served; /* by Azure to this cluster; owned; NULL: not asked */
	char *installed;            /* owned; NULL: none, or not asked */
};

/* ---- asking */

static int ask(
	struct versions *versions, const struct extension_show_opts *wanted, struct error *err)
{
	struct app *app = versions->app;
	autoextension extension = EXTENSION_INIT;
	autofree char *base = NULL;
	autobuf path = BUF_INIT;

	if (azure_open(app, &wanted->azure, true, &app->azure, err) < 0 ||
		extension_read(app->azure, NULL, &extension, err) < 0)
		return -1;
	if (json_str(extension.now, "properties", "currentVersion"))
		versions->installed =
			xstrdup(json_str(extension.now, "properties", "currentVersion"));
	base = arm_target_child(&app->azure->target, "extensionTypes", ARM_FLUX_EXTENSION);
	buf_addf(&path, "%s/versions?releaseTrain=", base);
	url_encode(&path, wanted->train ? wanted->train : "stable");
	app_progress(app, "asking Azure which releases there are");
	if (arm_list(app->azure->arm, path.ptr,
		    arm_api_version(app->azure->arm, ARM_EXTENSION_TYPES), &versions->served,
		    err) < 0)
		return -1;
	app_progress_end(app);
	return 0;
}

static const char *served_version(struct json_object *item)
{
	const char *version = json_str(item, "properties", "version");

	return version ? version : json_str(item, "name");
}

static const char *is_served(const struct versions *versions, const char *version)
{
	if (!versions->served)
		return "-";
	for (size_t i = 0; i < json_len(versions->served); i++)
		if (streq(served_version(json_item(versions->served, i)), version))
			return "yes";
	return "no";
}

/* ---- rows */

static struct json_object *row_of(const struct versions *versions, const char *version)
{
	const struct extension_release *release = extension_release_find(version);
	struct json_object *row = json_new_object();
	bool supported = extension_release_minors_behind(version) <= EXTENSION_SUPPORTED_BEHIND;

	json_set_str(row, "version", version);
	json_set_str(row, "month", release ? release->month : NULL);
	json_set_str(row, "flux", release ? release->flux : NULL);
	json_set_str(row, "support", supported ? "supported" : "not supported");
	json_set_str(row, "offered", is_served(versions, version));
	json_set(row, "installed", json_new_bool(streq(version, versions->installed)));
	return row;
}

static int newest_first(const void *a, const void *b)
{
	return version_compare(*(const char *const *)b, *(const char *const *)a);
}

/* The program's list, what Azure offers beyond it, and what runs if neither has it. */
static struct json_object *all_rows(const struct versions *versions)
{
	size_t most = extension_releases_count + json_len(versions->served) + 1;
	const char **names = xcalloc(most, sizeof(*names));
	struct json_object *rows = json_new_array();
	size_t count = 0;

	for (size_t i = 0; i < extension_releases_count; i++)
		names[count++] = extension_releases[i].version;
	for (size_t i = 0; i < json_len(versions->served); i++) {
		const char *version = served_version(json_item(versions->served, i));

		if (version && !extension_release_find(version))
			names[count++] = version;
	}
	if (versions->installed && !extension_release_find(versions->installed) &&
		!streq(is_served(versions, versions->installed), "yes"))
		names[count++] = versions->installed;
	qsort(names, count, sizeof(*names), newest_first);
	for (size_t i = 0; i < count; i++)
		json_push(rows, row_of(versions, names[i]));
	free(names);
	return rows;
}

static void print_rows(const struct versions *versions, struct json_object *rows)
{
	static const struct table_column columns[] = {{"VERSION", false, false},
		{"MONTH", false, false}, {"FLUX", false, false}, {"SUPPORT", false, false},
		{"OFFERED", false, false}, {"INSTALLED", false, false}};
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, countof(columns));

	for (size_t i = 0; i < json_len(rows); i++) {
		struct json_object *row = json_item(rows, i);
		const char *month = json_str(row, "month");
		const char *flux = json_str(row, "flux");
		bool supported = streq(json_str(row, "support"), "supported");
		const char *cells[] = {json_str(row, "version"), month ? month : "-",
			flux ? flux : "-", json_str(row, "support"), json_str(row, "offered"),
			json_bool(row, "installed") ? "installed" : ""};

		table_add(table, cells, supported ? STYLE_GOOD : STYLE_DIM, 3);
	}
	table_print(table, versions->app, true, 0);
	fprintf(versions->app->out, "\nFlux and support by the list of %s.\n",
		extension_releases_as_of());
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct extension_show_opts *wanted = opts;
	struct versions versions = {.app = app};
	autojson struct json_object *rows = NULL;
	autoerror why = ERROR_INIT;
	int result = 0;

	(void)args;
	if (ask(&versions, wanted, &why) < 0) {
		app_progress_end(app);
		app_warn(app, "Azure was not asked which releases it offers: %s", why.message);
	}
	rows = all_rows(&versions);
	if (wanted->output)
		result = output_tree(app, wanted->output, rows, err);
	else
		print_rows(&versions, rows);
	json_free(versions.served);
	free(versions.installed);
	return result;
}

static const struct example examples[] = {
	{"which releases there are, and which one is installed", "extension versions"},
	{"of another release train", "extension versions -g flux-demo-rg -c flux-demo-arc -t "
				     "connectedClusters --release-train preview"},
	{NULL, NULL},
};

const struct command cmd_extension_versions = {
	.name = "extension versions",
	.summary = "List the releases of the extension and which Flux each ships",
	.description = "The program's own list of releases beside what Azure offers to the "
		       "cluster. Where Azure "
		       "cannot be asked, the list alone is shown, and that is said.",
	.options = options,
	.opts_size = sizeof(struct extension_show_opts),
	.examples = examples,
	.run = run,
};

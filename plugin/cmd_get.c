/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/get.h"

/* clang-format off */
static const struct option options[] = {
	OPT_FLAG(struct get_opts, all_namespaces, 'A', "all-namespaces", "list every namespace"),
	OPT_INT(struct get_opts, chunk_size, 0, "chunk-size", "N",
		"ask for lists in pages of so many objects; 0 asks for all at once, which costs the server least"),
	OPT_STRING(struct get_opts, field_selector, 0, "field-selector", "SELECTOR",
		"only objects with these fields, such as metadata.name=podinfo"),
	OPT_LIST(struct get_opts, label_columns, 'L', "label-columns", "LABEL",
		"show this label as a column; may be repeated"),
	OPT_FLAG(struct get_opts, no_headers, 0, "no-headers", "leave out the headings of tables"),
	OPT_STRING(struct get_opts, output, 'o', "output", "FORMAT",
		"table, wide, json, yaml, name or jsonpath=TEMPLATE"),
	OPT_STRING(struct get_opts, selector, 'l', "selector", "SELECTOR",
		"only objects with these labels, such as app=podinfo,tier!=test"),
	OPT_FLAG(struct get_opts, show_labels, 0, "show-labels", "show all labels as the last column"),
	OPT_FLAG(struct get_opts, show_managed_fields, 0, "show-managed-fields",
		"keep metadata.managedFields in json and yaml"),
	OPT_STRING(struct get_opts, sort_by, 0, "sort-by", "PATH",
		"sort by the value at this JSONPath, such as .metadata.creationTimestamp; all objects are held in memory for it"),
	OPT_STRING(struct get_opts, state, 0, "state", "STATES",
		"only objects in these states: notready, or words of the column STATE with commas between"),
	OPT_END,
};
/* clang-format on */

static void split_labels(struct get_opts *opts)
{
	struct strv split = STRV_INIT;

	for (size_t i = 0; i < opts->label_columns.len; i++)
		strv_split(&split, opts->label_columns.items[i], ",", false);
	strv_clear(&opts->label_columns);
	opts->label_columns = split;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	CLEANUP(get_clear) struct get get = {.count = 0};

	split_labels(opts);
	if (get_init(&get, app, opts, args, err) < 0)
		return -1;
	if (app->kube->context_name)
		app_progress(app, "listing %s on %s",
			get.several_kinds ? "several kinds" : get.targets[0].kind->plural,
			app->kube->context_name);
	if (get.format == GET_TABLE || get.format == GET_WIDE)
		return get_tables(&get, err);
	return get_stream(&get, err);
}

static const struct example examples[] = {
	{"all of Flux and Azure in the current namespace", "get all"},
	{"what is not ready, in every namespace", "get all -A --state notready"},
	{"two kinds, with their sources and versions", "get ks,hr -A -o wide"},
	{"one object as YAML", "get hr/podinfo -n apps -o yaml"},
	{"sources, as flux users type it", "get sources git -A"},
	{"the pods of flux-system and azure-arc", "get pods"},
	{"the definitions of Flux's and Azure's kinds", "get crds"},
	{"names and revisions for a script",
		"get ks -A -o 'jsonpath={range .items[*]}{.metadata.name} "
		"{.status.lastAppliedRevision}{\"\\n\"}{end}'"},
	{NULL, NULL},
};

const struct command cmd_get = {
	.name = "get",
	.args = "KIND[,KIND...]|all [NAME...]",
	.min_args = 1,
	.max_args = -1,
	.needs = NEEDS_KUBE,
	.complete_args = COMPLETE_KIND,
	.summary = "List objects of Flux and Azure, and their state",
	.description =
		"KIND is a plural, singular or short name (kustomizations, kustomization, ks), "
		"also "
		"with its group, or flux's own words (sources git, images policy, sources all). "
		"KIND/NAME names one object. 'all' is every kind of Flux, FluxConfigs and "
		"ExtensionConfigs.\n\n"
		"STATE is one of Deleting, Suspended, Stalled, Failing, Blocked, Progressing, "
		"Stale, "
		"Ready and Static; SINCE is how long, '-' where nobody knows. 'notready' is all "
		"but "
		"Ready and Static. REVISION is what an object holds or applied; what it tried last "
		"is in -o wide.\n\n"
		"Any Flux version from 0.41 to 2.9 can be read. Pods and workloads without -n are "
		"those of flux-system and azure-arc; crds are those of Flux and Azure.",
	.options = options,
	.opts_size = sizeof(struct get_opts),
	.examples = examples,
	.run = run,
};

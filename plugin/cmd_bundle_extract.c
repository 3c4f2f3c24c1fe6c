/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "bundle/extract.h"
#include "bundle/source.h"
#include "bundle/trust.h"
#include "plugin/app.h"
#include "plugin/bundle_options.h"
#include "plugin/output.h"
#include "plugin/table.h"
#include "plugin/text.h"

struct extract_opts {
	struct strv base, form, parts, source;
	bool allow_unsigned;
	const char *output, *ref, *trust;
};

/* clang-format off */
static const struct option options[] = {
	OPT_BASES(struct extract_opts, base),
	OPT_LIST(struct extract_opts, form, 0, "form", "FORMS",
		"git, bundle, tree, artifact, charts, snapshot, with commas between; may be repeated"),
	OPT_ALLOW_UNSIGNED(struct extract_opts, allow_unsigned),
	OPT_CHOICE(struct extract_opts, output, 'o', "output", "FORMAT", "print it for programs", OUTPUT_FORMATS),
	OPT_PARTS(struct extract_opts, parts),
	OPT_STRING(struct extract_opts, ref, 0, "ref", "REF",
		"the branch, tag or commit of trees and artifacts; without it what HEAD names"),
	OPT_LIST(struct extract_opts, source, 0, "source", "NAME", "only this Git source; may be repeated"),
	OPT_TRUST(struct extract_opts, trust),
	OPT_END,
};

static const struct table_column columns[] = {
	{"FORM", false, false}, {"NAME", false, false}, {"PATH", false, false}, {"NOTE", true, false},
};
/* clang-format on */

static int read_forms(const struct strv *given, unsigned *ret, struct error *err)
{
	autostrv words = STRV_INIT;

	for (size_t i = 0; i < given->len; i++)
		strv_split(&words, given->items[i], ",", true);
	for (size_t i = 0; i < words.len; i++) {
		unsigned form = extract_form(words.items[i]);

		if (!form)
			return error_set(err, ERROR_USAGE,
				"invalid argument \"%s\" for \"--form\" flag: one of git, bundle, "
				"tree, artifact, charts, snapshot",
				words.items[i]);
		*ret |= form;
	}
	return 0;
}

/* ---- the answer */

static void print_text(struct app *app, const char *folder, const struct extract_report *report)
{
	struct table *table = table_new(columns, countof(columns));

	for (size_t i = 0; i < report->count; i++) {
		const struct extract_row *row = &report->rows[i];
		autofree char *path = xasprintf("%s/%s", folder, row->path);
		const char *cells[] = {row->form, row->name ? row->name : "-", path, row->note};

		table_add(table, cells, STYLE_PLAIN, 0);
	}
	table_print(table, app, true, 0);
	table_free(table);
}

static void set_signer(struct json_object *tree, const struct signer *signer)
{
	struct json_object *object = json_new_object();

	if (signer->principal)
		json_set_str(object, "principal", signer->principal);
	json_set_str(object, "fingerprint", signer->fingerprint);
	json_set(object, "trusted", json_new_bool(signer->principal != NULL));
	json_set(tree, "signer", object);
}

static int print(struct app *app, const struct extract_opts *opts, const char *folder,
	const struct extract_report *report, const struct signer *signer, struct error *err)
{
	autojson struct json_object *tree = json_new_object();
	struct json_object *items = json_new_array();

	json_set_str(tree, "folder", folder);
	json_set(tree, "extracted", items);
	if (signer->fingerprint)
		set_signer(tree, signer);
	if (!opts->output) {
		print_text(app, folder, report);
		return 0;
	}
	for (size_t i = 0; i < report->count; i++) {
		const struct extract_row *row = &report->rows[i];
		struct json_object *item = json_new_object();

		json_set_str(item, "form", row->form);
		if (row->name)
			json_set_str(item, "name", row->name);
		json_set_str(item, "path", row->path);
		if (row->note)
			json_set_str(item, "note", row->note);
		json_push(items, item);
	}
	return output_tree(app, opts->output, tree, err);
}

/* ---- work */

struct opened {
	struct bundle *bundle;
	struct bundle **bases;
	size_t base_count;
	struct signer signer;
};

static void opened_clear(struct opened *opened)
{
	bundle_bases_free(opened->bases, opened->base_count);
	bundle_free(opened->bundle);
	signer_clear(&opened->signer);
}

static void tell_signer(struct app *app, const struct signer *signer)
{
	autobuf safe = BUF_INIT;

	text_safe(&safe, signer->principal);
	fprintf(app->err, "Signed by %s, %s\n", safe.ptr, signer->fingerprint);
}

/* The lock names what it builds on by digest: whoever signed it has signed its bases too. */
static int open_trusted(struct app *app, const struct extract_opts *opts, const char *path,
	struct opened *ret, struct error *err)
{
	const struct trust_options trust = {
		.allowed_signers = opts->trust, .allow_unsigned = opts->allow_unsigned};

	if (bundle_open(path, &opts->parts, &ret->bundle, err) < 0 ||
		bundle_require_trust(ret->bundle, &trust, &ret->signer, err) < 0)
		return -1;
	if (ret->signer.principal)
		tell_signer(app, &ret->signer);
	else
		app_warn(app, "nobody who is trusted has signed %s", path);
	if (!opts->base.len)
		return 0;
	return bundle_bases_open(ret->bundle, &opts->base, &ret->bases, &ret->base_count, err);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct extract_opts *wanted = opts;
	CLEANUP(opened_clear) struct opened opened = {.bundle = NULL};
	CLEANUP(extract_report_clear) struct extract_report report = {.count = 0};
	struct extract_options wanted_options = {
		.sources = &wanted->source, .ref = wanted->ref, .tick = app_tick, .tick_ctx = app};

	if (read_forms(&wanted->form, &wanted_options.forms, err) < 0)
		return -1;
	os_interrupt_watch();
	if (open_trusted(app, wanted, args->items[0], &opened, err) < 0)
		return -1;
	wanted_options.bases = opened.bases;
	wanted_options.base_count = opened.base_count;
	app_progress(app, "extracting %s", args->items[0]);
	if (bundle_extract(opened.bundle, args->items[1], &wanted_options, &report, err) < 0)
		return -1;
	app_progress_end(app);
	return print(app, wanted, args->items[1], &report, &opened.signer, err);
}

static const struct example examples[] = {
	{"repositories, charts and the snapshot", "bundle extract site.tar out"},
	{"the files of one source at a tag",
		"bundle extract site.tar out --form tree --source fleet --ref v1.2.0"},
	{"what source-controller would serve", "bundle extract site.tar out --form artifact"},
	{"a delta, with the bundle that it builds on",
		"bundle extract tuesday.tar out --base monday.tar"},
	{NULL, NULL},
};

const struct command cmd_bundle_extract = {
	.name = "bundle extract",
	.args = "FILE FOLDER",
	.min_args = 2,
	.max_args = 2,
	.complete_args = COMPLETE_FILE,
	.summary = "Lay out what a bundle holds for other tools",
	.description =
		"Forms: git (bare repositories that git clones), bundle (git bundle files), tree "
		"(the "
		"files of a commit), artifact (a tar.gz as source-controller makes it), charts "
		"(with an "
		"index.yaml: any web server serves them as a HelmRepository), snapshot (which "
		"--bundle "
		"reads). Without --form: git, or artifact where there is no pack, charts and the "
		"snapshot.\n\n"
		"In trees symbolic links become files that hold their target, and submodules that "
		"are not in the bundle empty folders: nothing that was extracted leads elsewhere. "
		"Artifacts leave out what "
		".sourceignore files exclude; what spec.ignore of the GitRepository says is not "
		"known here.\n\n"
		"The signature is checked first. The folder must not exist, or be empty; it "
		"appears when "
		"all is there.",
	.options = options,
	.opts_size = sizeof(struct extract_opts),
	.examples = examples,
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "bundle/verify.h"
#include "plugin/app.h"
#include "plugin/bundle_options.h"
#include "plugin/command.h"
#include "plugin/output.h"
#include "plugin/text.h"

#define FAULTS_SHOWN 20

struct verify_opts {
	bool allow_unsigned;
	const char *output, *trust;
	struct strv base, parts;
};

/* clang-format off */
static const struct option options[] = {
	OPT_BASES(struct verify_opts, base),
	OPT_ALLOW_UNSIGNED(struct verify_opts, allow_unsigned),
	OPT_CHOICE(struct verify_opts, output, 'o', "output", "FORMAT", "print it for programs", OUTPUT_FORMATS),
	OPT_PARTS(struct verify_opts, parts),
	OPT_TRUST(struct verify_opts, trust),
	OPT_END,
};
/* clang-format on */

/* The verdict, by the first stage that is bad. */
static const char *verdict(const struct error *outcome)
{
	switch (outcome->kind) {
	case ERROR_NONE:
		return "GOOD";
	case ERROR_NOT_TRUSTED:
		return "NOT TRUSTED";
	case ERROR_INCOMPLETE:
		return "INCOMPLETE";
	case ERROR_DAMAGED:
		return "DAMAGED";
	default:
		return "UNCHECKED";
	}
}

static void print_faults(const struct app *app, const struct verify_stage *stage)
{
	for (size_t i = 0; i < stage->faults.len && i < FAULTS_SHOWN; i++) {
		autobuf line = BUF_INIT;

		text_safe(&line, stage->faults.items[i]);
		fprintf(app->out, "            %s\n", line.ptr);
	}
	if (stage->faults.len > FAULTS_SHOWN)
		fprintf(app->out, "            and %zu more: -o json\n",
			stage->faults.len - FAULTS_SHOWN);
}

static void print_stage(
	const struct app *app, const struct verify_report *report, enum verify_stage_id id)
{
	static const enum app_style styles[] = {
		[VERIFY_NONE] = STYLE_DIM,
		[VERIFY_GOOD] = STYLE_GOOD,
		[VERIFY_OPEN] = STYLE_WARN,
		[VERIFY_BAD] = STYLE_BAD,
	};
	const struct verify_stage *stage = &report->stages[id];
	bool fault_is_text = stage->faults.len == 1 && streq(stage->faults.items[0], stage->text);
	autobuf text = BUF_INIT;

	text_safe(&text, stage->text ? stage->text : "");
	fprintf(app->out, "%-10s  %s%-9s%s  %s\n", verify_stage_name(id),
		app_style(app, styles[stage->state]), verify_state_name(stage->state),
		app_style_end(app), text.ptr);
	if (!fault_is_text)
		print_faults(app, stage);
}

static void print_text(const struct app *app, const struct bundle *bundle,
	const struct verify_report *report, const struct error *outcome)
{
	enum app_style style = outcome->kind == ERROR_NONE ? STYLE_GOOD : STYLE_BAD;
	autobuf name = BUF_INIT;

	text_cell(&name, media_name(bundle->media));
	fprintf(app->out, "%s%s%s%s  %s: sequence %" PRIu64 ", lock %s\n\n", app_style(app, style),
		verdict(outcome), app_style_end(app),
		report->stages[VERIFY_SIGNATURE].state == VERIFY_OPEN ? " (not signed by anybody "
									"who is trusted)"
								      : "",
		name.ptr, bundle->lock.sequence, bundle->id.text);
	for (size_t i = 0; i < VERIFY_STAGES; i++)
		print_stage(app, report, (enum verify_stage_id)i);
}

static struct json_object *stage_tree(const struct verify_report *report, enum verify_stage_id id)
{
	const struct verify_stage *stage = &report->stages[id];
	struct json_object *tree = json_new_object();
	struct json_object *faults = json_new_array();

	for (size_t i = 0; i < stage->faults.len; i++)
		json_push(faults, json_new_string(stage->faults.items[i]));
	json_set(tree, "faults", faults);
	json_set_str(tree, "name", verify_stage_name(id));
	json_set_str(tree, "state", verify_state_name(stage->state));
	json_set_str(tree, "text", stage->text ? stage->text : "");
	return tree;
}

static struct json_object *report_tree(const struct bundle *bundle,
	const struct verify_report *report, const struct error *outcome)
{
	struct json_object *tree = json_new_object();
	struct json_object *stages = json_new_array();

	for (size_t i = 0; i < VERIFY_STAGES; i++)
		json_push(stages, stage_tree(report, (enum verify_stage_id)i));
	json_set_str(tree, "file", media_name(bundle->media));
	json_set_str(tree, "lock", bundle->id.text);
	json_set(tree, "sequence", json_new_uint(bundle->lock.sequence));
	if (report->signer.fingerprint)
		json_set_str(tree, "signedBy", report->signer.fingerprint);
	if (report->signer.principal)
		json_set_str(tree, "signer", report->signer.principal);
	json_set(tree, "stages", stages);
	json_set_str(tree, "verdict", verdict(outcome));
	return tree;
}

static int print(struct app *app, const struct verify_opts *opts, const struct bundle *bundle,
	const struct verify_report *report, struct error *outcome)
{
	autojson struct json_object *tree = NULL;

	if (!opts->output) {
		print_text(app, bundle, report, outcome);
		return 0;
	}
	tree = report_tree(bundle, report, outcome);
	return output_tree(app, opts->output, tree, outcome);
}

static void add_hint(const struct bundle *bundle, struct error *err)
{
	if (err->kind == ERROR_NOT_TRUSTED)
		error_hint(err, bundle->signature.len
					? "'kubectl flux-arc bundle keys trust' adds a signer; "
					  "--insecure-allow-unsigned takes the bundle as it is"
					: "--insecure-allow-unsigned checks a bundle that nobody "
					  "signed");
	else if (err->kind == ERROR_INCOMPLETE && *bundle->lock.base.text)
		error_hint(err, "--base FILE names the bundle with sequence %" PRIu64,
			bundle->lock.base_sequence);
	else if (err->kind == ERROR_DAMAGED)
		error_hint(err, "copy it again from where it came; a part that is damaged is "
				"enough, and 'bundle join' mends one with the parity part");
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct verify_opts *wanted = opts;
	autofree char *what = xasprintf("verifying %s", args->items[0]);
	struct bundle_progress progress = {.app = app, .what = what};
	struct verify_options verify_options = {
		.trust = {.allowed_signers = wanted->trust,
			.allow_unsigned = wanted->allow_unsigned},
		.bases = &wanted->base,
		.progress = bundle_progress,
		.progress_ctx = &progress,
	};
	CLEANUP(verify_report_clear) struct verify_report report = {0};
	autobundle *bundle = NULL;

	os_interrupt_watch();
	app_progress(app, "%s", what);
	if (bundle_open(args->items[0], &wanted->parts, &bundle, err) < 0 ||
		bundle_verify(bundle, &verify_options, &report, err) < 0)
		return -1;
	app_progress_end(app);
	if (verify_outcome(bundle, &report, err) < 0)
		add_hint(bundle, err);
	if (print(app, wanted, bundle, &report, err) < 0)
		return -1;
	return err->kind == ERROR_NONE ? 0 : -1;
}

static const struct example examples[] = {
	{"all that can be known of a bundle", "bundle verify site-a.tar"},
	{"a delta, with the bundle before it",
		"bundle verify site-a-0007.tar --base site-a-0006.tar"},
	{"parts on two media", "bundle verify /media/one/site-a.parts.json --parts /media/two"},
	{NULL, NULL},
};

const struct command cmd_bundle_verify = {
	.name = "bundle verify",
	.args = "FILE",
	.min_args = 1,
	.max_args = 1,
	.complete_args = COMPLETE_FILE,
	.summary = "Check a bundle to the last byte, and say who signed it",
	.description =
		"Stage by stage: the signature and who made it; each part's digest; every header, "
		"padding and blob of the file; what it builds on, with --base; every object of "
		"every "
		"Git pack, and that all which the locked refs reach is there; the sequence. What "
		"is "
		"wrong is named with the blob and the part that it is in.\n\n"
		"The exit status is 4 if it is not signed by somebody who is trusted, 5 if it is "
		"damaged, 6 if something is missing: of several, that of the first stage. The file "
		"is "
		"read once from its first byte to its last, never unpacked.",
	.options = options,
	.opts_size = sizeof(struct verify_opts),
	.examples = examples,
	.run = run,
};

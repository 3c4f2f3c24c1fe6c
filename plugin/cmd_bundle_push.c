/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "bundle/push.h"
#include "bundle/source.h"
#include "bundle/trust.h"
#include "plugin/bundle_options.h"
#include "plugin/bundle_push.h"
#include "plugin/command.h"
#include "plugin/output.h"
#include "plugin/text.h"
#include "plugin/version.h"

struct push_opts {
	bool allow_unsigned, dry_run, own_ssh;
	const char *credentials, *output, *receipt, *source, *to, *trust;
	struct strv base, leases, maps, parts;
};

static const struct option options[] = {
	OPT_BASES(struct push_opts, base),
	OPT_STRING_FROM(struct push_opts, credentials, 0, "credentials", "FILE",
		"how to log in where", COMPLETE_FILE),
	OPT_FLAG(struct push_opts, dry_run, 0, "dry-run", "say what would be pushed, and stop"),
	OPT_LIST(struct push_opts, leases, 0, "force-with-lease", "REF:COMMIT",
		"replace this ref if it is at this commit there; or a receipt that says where refs "
		"are; may be repeated"),
	OPT_ALLOW_UNSIGNED(struct push_opts, allow_unsigned),
	OPT_LIST(struct push_opts, maps, 0, "map", "FROM=TO",
		"push all sources: the beginning FROM of their URLs becomes TO; may be repeated"),
	OPT_CHOICE(struct push_opts, output, 'o', "output", "FORMAT", "text, json or yaml",
		"text json yaml"),
	OPT_FLAG(struct push_opts, own_ssh, 0, "own-ssh",
		"use your own ssh keys, agent, configuration and known_hosts"),
	OPT_PARTS(struct push_opts, parts),
	OPT_STRING_FROM(struct push_opts, receipt, 0, "receipt", "FILE",
		"where to write what has arrived; without it beside the bundle", COMPLETE_FILE),
	OPT_STRING(struct push_opts, source, 0, "source", "NAME",
		"the source to push; not needed if the bundle has only one"),
	OPT_STRING(struct push_opts, to, 0, "to", "URL",
		"the repository to push to: https, http or ssh"),
	OPT_TRUST(struct push_opts, trust),
	OPT_END,
};

static const struct example examples[] = {
	{"one source into a repository inside",
		"bundle push site.tar --source app --to https://git.inside/team/app.git "
		"--credentials login.yaml"},
	{"all of them", "bundle push site.tar --map https://github.com/=ssh://git@git.inside/"},
	{"what would happen",
		"bundle push site.tar --map https://github.com/=https://git.inside/ --dry-run"},
	{NULL, NULL},
};

/* What is open while it runs. */
struct pushing {
	struct app *app;
	struct bundle *bundle;
	struct bundle **bases;
	size_t base_count;
	struct credentials *credentials;
	char *receipt;
	struct push_options options;
	struct push push;
	struct bundle_progress progress;
	char *doing; /* "pushing app" */
};

static void pushing_clear(struct pushing *pushing)
{
	push_clear(&pushing->push);
	bundle_bases_free(pushing->bases, pushing->base_count);
	bundle_free(pushing->bundle);
	credentials_free(pushing->credentials);
	free(pushing->receipt);
	free(pushing->doing);
}

/* ---- while it runs */

static void on_source(void *ctx, const struct push_source *source, const struct error *failed)
{
	struct pushing *pushing = ctx;

	app_progress_end(pushing->app);
	if (failed && pushing->push.source_count > 1)
		app_warn(pushing->app, "%s", failed->message);
	if (source->state != PUSH_PLANNED)
		return;
	free(pushing->doing);
	pushing->doing = xasprintf("pushing %s", source->git->name);
	app_progress(pushing->app, "%s to %s", pushing->doing, source->shown);
	pushing->progress = (struct bundle_progress){.app = pushing->app, .what = pushing->doing};
}

static int on_sent(void *ctx, const struct push_source *source, uint64_t sent, struct error *err)
{
	struct pushing *pushing = ctx;

	return bundle_progress(&pushing->progress, sent, source->pack_size, err);
}

/* Hooks speak to people; percentages, which come a hundred times, do not. */
static void on_said(void *ctx, const struct push_source *source, const char *line)
{
	struct pushing *pushing = ctx;
	autobuf safe = BUF_INIT;

	(void)source;
	if (strstr(line, "% (") || !*line)
		return;
	text_cell(&safe, line);
	app_progress_end(pushing->app);
	fprintf(pushing->app->err, "remote: %s\n", safe.ptr);
}

static int on_tick(void *ctx, struct error *err)
{
	struct pushing *pushing = ctx;

	return app_tick(pushing->app, err);
}

/* ---- before it runs */

static int require_trust(struct pushing *pushing, const struct push_opts *given, struct error *err)
{
	const struct trust_options trust = {
		.allowed_signers = given->trust, .allow_unsigned = given->allow_unsigned};
	CLEANUP(signer_clear) struct signer signer = {.principal = NULL};

	if (bundle_require_trust(pushing->bundle, &trust, &signer, err) < 0)
		return -1;
	if (!signer.principal)
		app_warn(pushing->app, "nobody who is trusted signed '%s'",
			media_name(pushing->bundle->media));
	return 0;
}

static int open_all(
	struct pushing *pushing, const struct push_opts *given, const char *path, struct error *err)
{
	if (bundle_open(path, &given->parts, &pushing->bundle, err) < 0 ||
		require_trust(pushing, given, err) < 0)
		return -1;
	if (given->base.len && bundle_bases_open(pushing->bundle, &given->base, &pushing->bases,
				       &pushing->base_count, err) < 0)
		return -1;
	if (given->credentials &&
		credentials_open(given->credentials, &pushing->credentials, err) < 0)
		return -1;
	pushing->receipt =
		given->receipt ? xstrdup(given->receipt) : xasprintf("%s.receipt.json", path);
	return 0;
}

static const struct lock_git *find_source(
	const struct lock *lock, const char *name, struct error *err)
{
	const struct lock_git *found = name ? lock_git_find(lock, name) : NULL;
	autostrv names = STRV_INIT;
	autofree char *list = NULL;

	if (found)
		return found;
	if (!name && lock->git_count == 1)
		return &lock->git[0];
	for (size_t i = 0; i < lock->git_count; i++)
		strv_push(&names, lock->git[i].name);
	list = strv_join(&names, ", ");
	if (name)
		error_set(err, ERROR_NOT_FOUND, "the bundle has no Git source named '%s'", name);
	else
		error_set(err, ERROR_USAGE, "the bundle has %zu Git sources", lock->git_count);
	if (names.len)
		error_hint(err, "--source NAME, of: %s; or all with --map FROM=TO", list);
	return NULL;
}

static int choose(struct pushing *pushing, const struct push_opts *given, struct error *err)
{
	const struct lock_git *git;

	if (given->maps.len)
		return push_map(&pushing->push, &given->maps, err);
	git = find_source(&pushing->bundle->lock, given->source, err);
	return git ? push_add(&pushing->push, git, given->to, err) : -1;
}

static int check_usage(const struct push_opts *given, struct error *err)
{
	if (given->maps.len && (given->to || given->source))
		return error_set(err, ERROR_USAGE, "either --to (with --source) or --map");
	if (!given->maps.len && !given->to)
		return error_set(err, ERROR_USAGE, "where to? --to URL, or --map FROM=TO for all");
	return 0;
}

static int print(struct pushing *pushing, const struct push_opts *given, struct error *err)
{
	autojson struct json_object *tree = NULL;

	app_progress_end(pushing->app);
	if (!given->output || streq(given->output, "text")) {
		bundle_push_print(pushing->app, &pushing->push, given->dry_run);
		return 0;
	}
	tree = bundle_push_json(&pushing->push, given->dry_run);
	return output_tree(pushing->app, given->output, tree, err);
}

/* What was done is printed also where not all of it was. */
static int execute(struct pushing *pushing, const struct push_opts *given, struct error *err)
{
	autoerror failed = ERROR_INIT;
	int result = 0;

	app_progress(pushing->app, "comparing with the repositories");
	if (push_plan(&pushing->push, err) < 0)
		return -1;
	if (!given->dry_run)
		result = push_run(&pushing->push, &failed);
	if (print(pushing, given, err) < 0)
		return -1;
	return result < 0 ? error_move(err, &failed) : 0;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct push_opts *given = opts;
	CLEANUP(pushing_clear) struct pushing pushing = {.app = app};

	push_init(&pushing.push, &pushing.options);
	if (check_usage(given, err) < 0)
		return -1;
	os_interrupt_watch();
	if (open_all(&pushing, given, args->items[0], err) < 0)
		return -1;
	pushing.options = (struct push_options){
		.bundle = pushing.bundle,
		.bases = pushing.bases,
		.base_count = pushing.base_count,
		.credentials = pushing.credentials,
		.own_ssh = given->own_ssh,
		.leases = given->leases,
		.user_agent = version_user_agent(),
		.receipt = pushing.receipt,
		.on_source = on_source,
		.on_sent = on_sent,
		.on_said = on_said,
		.tick = on_tick,
		.ctx = &pushing,
	};
	if (choose(&pushing, given, err) < 0)
		return -1;
	return execute(&pushing, given, err);
}

const struct command cmd_bundle_push = {
	.name = "bundle push",
	.args = "FILE",
	.min_args = 1,
	.max_args = 1,
	.complete_args = COMPLETE_FILE,
	.summary = "Push the Git sources of a bundle into repositories",
	.description =
		"The packs go into the repositories as they stand in the file. First everything is "
		"compared: repositories that are not there, commits that a delta builds on and a "
		"repository lacks, and branches that the bundle does not lead back to are named, "
		"and "
		"nothing is changed. Then each source is pushed, all of its refs or none. What is "
		"there already is not pushed again; refs that the bundle does not have are left "
		"alone.\n\n"
		"The signature is checked before anything else. What has arrived is written into a "
		"receipt, which 'bundle create --base' takes so that the next bundle carries only "
		"the difference.\n\n"
		"--credentials FILE is YAML or JSON that its owner alone may read: a list "
		"'credentials' whose rows have a url, which stands for all below it, and username "
		"with password or passwordFile, or bearerTokenFile; caFile, certFile with keyFile, "
		"proxy; for ssh identityFile and knownHostsFile. Names of files are relative to "
		"it. "
		"Of several rows that fit a URL the longest counts.",
	.options = options,
	.opts_size = sizeof(struct push_opts),
	.examples = examples,
	.run = run,
};

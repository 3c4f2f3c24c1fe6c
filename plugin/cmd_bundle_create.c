/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/bundle.h"
#include "bundle/limits.h"
#include "plugin/bundle_options.h"
#include "plugin/command.h"
#include "plugin/create.h"
#include "plugin/version.h"

/* clang-format off */
static const struct option options[] = {
	OPT_FLAG(struct create_opts, all_namespaces, 'A', "all-namespaces",
		"sources of every namespace, as without -n"),
	OPT_FLAG(struct create_opts, all_refs, 0, "all-refs",
		"all branches and tags of each repository, not only what the cluster uses"),
	OPT_STRING_FROM(struct create_opts, base, 0, "base", "FILE",
		"only what has changed since this lock, bundle, or receipt of a push", COMPLETE_FILE),
	OPT_FLAG(struct create_opts, canonical, 0, "canonical",
		"make packs anew: the same bytes however a server has packed them; slow, and takes memory"),
	OPT_STRING_FROM(struct create_opts, credentials, 0, "credentials", "FILE",
		"how to log in where: this goes before the cluster's Secrets", COMPLETE_FILE),
	OPT_FLAG(struct create_opts, dry_run, 0, "dry-run",
		"print what would be packed, with sizes as far as they can be known, and pack nothing"),
	OPT_FLAG(struct create_opts, from_artifacts, 0, "from-artifacts",
		"what source-controller holds, through the API server: no repository is asked"),
	OPT_LIST(struct create_opts, git, 0, "git", "URL[@REF]",
		"pack this repository, without looking at a cluster; may be repeated"),
	OPT_CHOICE(struct create_opts, history, 0, "history", "full|tip",
		"tip: only the trees in use, without their history; smaller, but nothing to push", "full tip"),
	OPT_FLAG(struct create_opts, include_values, 0, "include-values",
		"keep the values of ConfigMaps and HelmReleases in the snapshot"),
	OPT_STRING_FROM(struct create_opts, key, 0, "key", "FILE",
		"sign with this OpenSSH key, or with the one that the agent holds for FILE.pub", COMPLETE_FILE),
	OPT_FLAG(struct create_opts, latest, 0, "latest",
		"the newest revision of each source, not the one that is applied"),
	OPT_FLAG(struct create_opts, no_snapshot, 0, "no-snapshot",
		"leave out the snapshot of the cluster"),
	OPT_FLAG(struct create_opts, own_ssh, 0, "own-ssh",
		"log in by ssh with your own keys, agent and known_hosts"),
	OPT_PARITY(struct create_opts, parity),
	OPT_PART_SIZE(struct create_opts, part_size),
	OPT_STRING(struct create_opts, selector, 'l', "selector", "SELECTOR",
		"only objects with these labels, such as app=podinfo"),
	OPT_STRING_FROM(struct create_opts, sources, 0, "sources", "FILE",
		"pack what this file lists, without looking at a cluster", COMPLETE_FILE),
	OPT_FLAG(struct create_opts, strict, 0, "strict",
		"fail if anything in use cannot be packed"),
	OPT_END,
};
/* clang-format on */

/* ---- options */

static bool by_hand(const struct create_opts *opts)
{
	return opts->git.len || opts->sources;
}

static int check_hand(const struct create *create, struct error *err)
{
	const struct create_opts *opts = create->opts;
	const char *wrong = create->names->len > 1 ? "names of sources"
			    : opts->all_namespaces ? "--all-namespaces"
			    : opts->selector       ? "--selector"
			    : opts->latest         ? "--latest"
			    : opts->include_values ? "--include-values"
			    : opts->from_artifacts ? "--from-artifacts"
						   : NULL;

	if (!by_hand(opts) || !wrong)
		return 0;
	return error_set(err, ERROR_USAGE,
		"%s: about a cluster, and with --git and --sources none is looked at", wrong);
}

/* What is about history, where there will be none. */
static int check_history(const struct create_opts *opts, struct error *err)
{
	const char *none = opts->from_artifacts          ? "--from-artifacts"
			   : streq(opts->history, "tip") ? "--history tip"
							 : NULL;
	const char *wrong = opts->all_refs                          ? "--all-refs"
			    : opts->from_artifacts && opts->latest  ? "--latest"
			    : opts->from_artifacts && opts->history ? "--history"
								    : NULL;

	if (!none || !wrong)
		return 0;
	return error_set(err, ERROR_USAGE, "%s does not go with %s", wrong, none);
}

static int check_parts(struct create *create, struct error *err)
{
	if (bundle_part_size(create->opts->part_size, &create->part_size, err) < 0)
		return -1;
	if (create->opts->parity && !create->part_size)
		return error_set(err, ERROR_USAGE, "--parity is about parts: give --part-size too");
	return 0;
}

/* What would only fail after hours of downloading is looked at first. */
static int prepare(struct create *create, struct error *err)
{
	const struct create_opts *opts = create->opts;

	if (check_hand(create, err) < 0 || check_history(opts, err) < 0 ||
		check_parts(create, err) < 0)
		return -1;
	if (opts->key && signing_key_open(opts->key, &create->key, err) < 0)
		return -1;
	if (opts->credentials && credentials_open(opts->credentials, &create->credentials, err) < 0)
		return -1;
	if (by_hand(opts))
		os_interrupt_watch();
	else if (app_open_kube(create->app, err) < 0)
		return -1;
	return 0;
}

/* ---- work */

static int on_tick(void *ctx, struct error *err)
{
	struct create *create = ctx;

	return app_tick(create->app, err);
}

static enum collect_history history_of(const struct create_opts *opts)
{
	if (opts->from_artifacts)
		return HISTORY_ARTIFACT;
	return streq(opts->history, "tip") ? HISTORY_TIP : HISTORY_FULL;
}

static void prepare_collect(struct create *create)
{
	create->collect = (struct collect){
		.plan = &create->plan,
		.store = create->store,
		.access =
			{
				.kube = create->app->kube,
				.credentials = create->credentials,
				.own_ssh = create->opts->own_ssh,
			},
		.base = create->base,
		.canonical = create->opts->canonical,
		.user_agent = version_user_agent(),
		.history = history_of(create->opts),
		.all_refs = create->opts->all_refs,
		.tick = on_tick,
		.on_progress = create_on_collect,
		.ctx = create,
	};
}

/* Logs that are not there are the rule of a cluster that was just started: one line for all. */
static void tell_unread(struct app *app, const struct strv *unread)
{
	size_t logs = 0;

	for (size_t i = 0; i < unread->len; i++) {
		if (strstr(unread->items[i], "/log?"))
			logs++;
		else
			app_warn(app, "not in the snapshot: %s", unread->items[i]);
	}
	if (logs)
		app_warn(app, "not in the snapshot: logs of %zu container%s", logs,
			logs == 1 ? "" : "s");
}

static int add_snapshot(struct create *create, struct error *err)
{
	struct lock *lock = &create->collect.lock;
	const char *namespace = create->app->globals->kube.namespace;
	autostrv namespaces = STRV_INIT;
	CLEANUP(snapshot_report_clear) struct snapshot_report report = SNAPSHOT_REPORT_INIT;
	struct snapshot_options snapshot = {
		.include_values = create->opts->include_values,
		.namespaces = &namespaces,
	};

	if (by_hand(create->opts) || create->opts->no_snapshot)
		return 0;
	if (namespace)
		strv_push(&namespaces, namespace);
	app_progress(create->app, "the snapshot of the cluster");
	if (snapshot_record(create->app->kube, &snapshot, create->store, &report, err) < 0)
		return error_wrap(err, "recording the cluster");
	lock->snapshot = report.digest;
	create->snapshot_size = report.size;
	app_progress_end(create->app);
	tell_unread(create->app, &report.unread);
	lock_add_blob(lock, &lock->snapshot, create->snapshot_size, MEDIA_CLUSTER, LOCK_SELF);
	return 0;
}

static int sign(void *ctx, const struct buf *text, struct buf *signature, struct error *err)
{
	struct create *create = ctx;

	return signing_key_sign(create->key, text, signature, err);
}

/* A receipt names the lock by its digest alone. */
static int keep_lock(struct create *create, struct error *err)
{
	autobuf text = BUF_INIT;
	struct sha256_text digest;

	lock_write(&create->collect.lock, &text);
	return store_add(create->store, text.ptr, text.len, &digest, err);
}

static int write_bundle(struct create *create, struct error *err)
{
	struct bundle_output output = {
		.path = create->file,
		.part_size = create->part_size,
		.parity = create->opts->parity,
		.sign = create->key ? sign : NULL,
		.sign_ctx = create,
		.progress = create_on_write,
		.progress_ctx = create,
	};
	struct sha256_text id;

	if (bundle_write(&create->collect.lock, create->store, &output, &id, err) < 0 ||
		keep_lock(create, err) < 0)
		return -1;
	store_trim(create->store, LIMIT_STORE, LIMIT_STORE_DAYS);
	app_progress_end(create->app);
	create_tell_unresolved(create);
	create_print_done(create, &id);
	return 0;
}

/* A folder that is not there, or may not be written to, is told before anything is downloaded. */
static int check_output(const struct create *create, struct error *err)
{
	struct file_output probe;
	autostrv names = STRV_INIT;

	if (folder_list(create->file, &names, NULL) == 0)
		return error_set(err, ERROR_USAGE, "%s is a folder", create->file);
	if (file_output_begin(create->file, &probe, err) < 0)
		return -1;
	file_output_abandon(&probe);
	return 0;
}

static int create_bundle(struct create *create, struct error *err)
{
	struct collect *collect = &create->collect;

	if (create_check_strict(
		    create, create->plan.unresolved, create->plan.unresolved_count, err) < 0)
		return -1;
	if (check_output(create, err) < 0 || collect_run(collect, err) < 0)
		return -1;
	app_progress_end(create->app);
	for (size_t i = 0; i < collect->warnings.len; i++)
		app_warn(create->app, "%s", collect->warnings.items[i]);
	if (create_check_strict(
		    create, collect->lock.unresolved, collect->lock.unresolved_count, err) < 0)
		return -1;
	if (add_snapshot(create, err) < 0)
		return -1;
	return write_bundle(create, err);
}

static void create_clear(struct create *create)
{
	collect_clear(&create->collect);
	plan_clear(&create->plan);
	store_free(create->store);
	credentials_free(create->credentials);
	base_free(create->base);
	signing_key_free(create->key);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	CLEANUP(create_clear)
	struct create create = {
		.app = app,
		.opts = opts,
		.file = args->items[0],
		.names = args,
		.plan = PLAN_INIT,
	};

	if (prepare(&create, err) < 0 || create_read_plan(&create, err) < 0)
		return -1;
	create_tell_secrets(&create);
	if (store_open(&create.store, err) < 0)
		return -1;
	if (create.opts->base && base_open(create.opts->base, create.store, &create.base, err) < 0)
		return -1;
	prepare_collect(&create);
	return create.opts->dry_run ? create_dry_run(&create, err) : create_bundle(&create, err);
}

static const struct example examples[] = {
	{"all that the cluster takes from Git, at the applied revisions, signed",
		"bundle create site-a.tar --key ~/.ssh/id_ed25519"},
	{"what that would be", "bundle create site-a.tar --dry-run"},
	{"two sources only", "bundle create apps.tar -n apps podinfo ks/backend"},
	{"a repository by hand",
		"bundle create app.tar --git https://github.com/example/app@v1.2.0"},
	{"what has changed since the other side confirmed the last one",
		"bundle create site-a-2.tar --base site-a.tar.receipt.json"},
	{"on DVDs, of which one may be lost",
		"bundle create site-a.tar --part-size 4400M --parity"},
	{NULL, NULL},
};

const struct command cmd_bundle_create = {
	.name = "bundle create",
	.args = "FILE [SOURCE...]",
	.min_args = 1,
	.max_args = -1,
	.needs = NEEDS_LIVE,
	.summary = "Pack what the cluster takes from Git into one file",
	.description =
		"Packs the Git repositories of GitRepositories and FluxConfigs, with their "
		"history, at the revision that is applied now; the charts of HelmReleases; and a "
		"snapshot of the cluster, from which every command that looks prints with --bundle "
		"what it prints now. SOURCE is a name or KIND/NAME of a source, a Kustomization or "
		"a HelmRelease; without any, everything in all namespaces, or in that of -n.\n\n"
		"Repositories are logged in to with the Secrets that their objects name, read with "
		"your own rights; which ones is said before they are read. --credentials goes "
		"before them. Your own ssh keys and agent are not used unless --own-ssh says so. "
		"Secrets are never packed.\n\n"
		"What was downloaded before is not downloaded again: it stays in a cache, "
		"kubectl-flux-arc/store under $XDG_CACHE_HOME or ~/.cache, which may be deleted at "
		"any time. What no run has used for 90 days goes by itself, and of more than 20 "
		"GiB what was used the longest time ago. What is in use and cannot be packed (OCI "
		"artifacts, "
		"buckets, container images) is listed in the bundle; --strict fails on it, with "
		"exit status 6.\n\n"
		"--sources FILE is YAML or JSON: a list 'sources' of url, ref (branch, tag, "
		"semver, "
		"name or commit, as in a GitRepository) and recurseSubmodules; and a list 'charts' "
		"of repository, name and version.\n\n"
		"--base takes what the other side has: the lock or the bundle that was sent last, "
		"or better the receipt of a push, which says what has arrived.",
	.options = options,
	.opts_size = sizeof(struct create_opts),
	.examples = examples,
	.run = run,
};

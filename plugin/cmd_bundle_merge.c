/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "bundle/merge.h"
#include "bundle/trust.h"
#include "plugin/app.h"
#include "plugin/bundle_options.h"
#include "plugin/command.h"
#include "plugin/text.h"

struct merge_opts {
	bool allow_unsigned, parity;
	struct strv parts;
	const char *key, *part_size, *trust;
};

/* clang-format off */
static const struct option options[] = {
	OPT_ALLOW_UNSIGNED(struct merge_opts, allow_unsigned),
	OPT_STRING_FROM(struct merge_opts, key, 0, "key", "FILE",
		"sign with this OpenSSH key, or with the one that the agent holds for FILE.pub", COMPLETE_FILE),
	OPT_PARITY(struct merge_opts, parity),
	OPT_PART_SIZE(struct merge_opts, part_size),
	OPT_PARTS(struct merge_opts, parts),
	OPT_TRUST(struct merge_opts, trust),
	OPT_END,
};
/* clang-format on */

struct merging {
	struct app *app;
	const struct merge_opts *opts;
	const char *file;
	struct bundle *base, *delta;
	struct store *store;
	struct signing_key *key;
	struct lock lock;
	uint64_t part_size;
	uint64_t written;
	struct bundle_progress progress;
};

static void merging_clear(struct merging *merging)
{
	bundle_free(merging->base);
	bundle_free(merging->delta);
	store_free(merging->store);
	signing_key_free(merging->key);
	lock_clear(&merging->lock);
}

/* What is signed with a key of ours has to be somebody's whom we trust. */
static int open_trusted(
	const struct merging *merging, const char *path, struct bundle **ret, struct error *err)
{
	const struct trust_options trust = {
		.allowed_signers = merging->opts->trust,
		.allow_unsigned = merging->opts->allow_unsigned,
	};
	struct signer signer = {.principal = NULL};
	int result;

	if (bundle_open(path, &merging->opts->parts, ret, err) < 0)
		return -1;
	result = bundle_require_trust(*ret, &trust, &signer, err);
	signer_clear(&signer);
	return result;
}

static int on_write(void *ctx, uint64_t done, uint64_t total, struct error *err)
{
	struct merging *merging = ctx;

	merging->written = total;
	return bundle_progress(&merging->progress, done, total, err);
}

static int sign(void *ctx, const struct buf *text, struct buf *signature, struct error *err)
{
	struct merging *merging = ctx;

	return signing_key_sign(merging->key, text, signature, err);
}

static int write_bundle(struct merging *merging, struct error *err)
{
	autofree char *what = xasprintf("writing %s", merging->file);
	struct bundle_output output = {
		.path = merging->file,
		.part_size = merging->part_size,
		.parity = merging->opts->parity,
		.sign = merging->key ? sign : NULL,
		.sign_ctx = merging,
		.progress = on_write,
		.progress_ctx = merging,
	};
	struct sha256_text id;
	autobuf size = BUF_INIT;

	merging->progress = (struct bundle_progress){.app = merging->app, .what = what};
	if (bundle_write(&merging->lock, merging->store, &output, &id, err) < 0)
		return -1;
	app_progress_end(merging->app);
	text_bytes(&size, merging->written);
	fprintf(merging->app->out,
		"%s: number %llu, builds on nothing; %s; lock %s; next: kubectl flux-arc bundle "
		"verify %s\n",
		merging->file, (unsigned long long)merging->lock.sequence, size.ptr, id.text,
		merging->file);
	return 0;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	CLEANUP(merging_clear)
	struct merging merging = {
		.app = app,
		.opts = opts,
		.file = args->items[2],
		.lock = LOCK_INIT,
	};
	struct merge merge = {.tick = app_tick, .ctx = app};

	if (bundle_part_size(merging.opts->part_size, &merging.part_size, err) < 0)
		return -1;
	if (merging.opts->parity && !merging.part_size)
		return error_set(err, ERROR_USAGE, "--parity is about parts: give --part-size too");
	if (merging.opts->key && signing_key_open(merging.opts->key, &merging.key, err) < 0)
		return -1;
	if (open_trusted(&merging, args->items[0], &merging.base, err) < 0 ||
		open_trusted(&merging, args->items[1], &merging.delta, err) < 0 ||
		store_open(&merging.store, err) < 0)
		return -1;
	merge.base = merging.base;
	merge.delta = merging.delta;
	merge.store = merging.store;
	os_interrupt_watch();
	app_progress(app, "merging %s and %s", args->items[0], args->items[1]);
	if (bundle_merge(&merge, &merging.lock, err) < 0)
		return -1;
	return write_bundle(&merging, err);
}

static const struct example examples[] = {
	{"one bundle of last month's and what has changed since",
		"bundle merge site-a.tar site-a-2.tar site-a-whole.tar --key ~/.ssh/id_ed25519"},
	{NULL, NULL},
};

const struct command cmd_bundle_merge = {
	.name = "bundle merge",
	.args = "BASE DELTA FILE",
	.min_args = 3,
	.max_args = 3,
	.complete_args = COMPLETE_FILE,
	.summary = "Make one bundle of a bundle and the delta on top of it",
	.description =
		"BASE is a bundle that builds on nothing, DELTA one that 'bundle create --base' "
		"made on top of it. FILE is as if DELTA had been made without a base: it keeps "
		"DELTA's number, sources and snapshot. Of several deltas merge one after the "
		"other.\n\n"
		"The same two bundles give the same bytes, so that both sides of a gap can merge "
		"and go on from the same lock. The result is signed only with --key.",
	.options = options,
	.opts_size = sizeof(struct merge_opts),
	.examples = examples,
	.run = run,
};

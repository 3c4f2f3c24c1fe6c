/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/json.h"
#include "bundle/parts.h"
#include "bundle/snapshot_head.h"
#include "bundle/trust.h"
#include "plugin/app.h"
#include "plugin/bundle_options.h"
#include "plugin/command.h"
#include "plugin/output.h"
#include "plugin/table.h"
#include "plugin/text.h"

#define SHORT_OID 8
#define LABEL_LEAST 9 /* "signature" */
#define LABEL_MOST 30
#define MOST_USES 4 /* of which each is told; -o json has all */
#define SHORT_LOCK (sizeof(SHA256_PREFIX) - 1 + 8)

struct inspect_opts {
	const char *output, *trust;
	struct strv parts;
};

/* clang-format off */
static const struct option options[] = {
	OPT_CHOICE(struct inspect_opts, output, 'o', "output", "FORMAT",
		"wide (every ref, URL and image), json (all, and the lock) or yaml", "wide json yaml"),
	OPT_PARTS(struct inspect_opts, parts),
	OPT_TRUST(struct inspect_opts, trust),
	OPT_END,
};

/* A delta says what is new; URL is for -o wide. */
enum { SOURCE, REF, COMMIT, HISTORY, SIZE, NEW, USED_BY, URL, COLUMNS };
static const struct table_column all_columns[COLUMNS] = {
	{"SOURCE", false, false}, {"REF", false, false}, {"COMMIT", false, false}, {"HISTORY", false, false},
	{"SIZE", false, false}, {"NEW", false, false}, {"USED BY", true, false}, {"URL", false, false},
};

static const struct table_column missing_columns[] = {
	{"KIND", false, false}, {"REFERENCE", false, false}, {"USED BY", true, false}, {"WHY", true, false},
};
/* clang-format on */

struct inspect {
	struct app *app;
	struct bundle *bundle;
	struct json_object *head; /* of the snapshot; NULL: not known */
	struct signer signer;
	struct error signature; /* why it is bad */
	bool wide;
};

static void inspect_clear(struct inspect *inspect)
{
	json_free(inspect->head);
	signer_clear(&inspect->signer);
	error_clear(&inspect->signature);
}

/* ---- the head */

/* The name of the file goes first, and the rest of the head beside it, under one another. */
static void print_line(const struct inspect *inspect, const char *name, const char *text)
{
	size_t width = text_width(media_name(inspect->bundle->media));
	autobuf label = BUF_INIT;
	autobuf safe = BUF_INIT;

	if (width < LABEL_LEAST || width > LABEL_MOST)
		width = LABEL_LEAST;
	text_cell(&label, name);
	text_cell(&safe, text);
	if (text_width(label.ptr) > width)
		fprintf(inspect->app->out, "%s\n%*s   %s\n", label.ptr, (int)width, "", safe.ptr);
	else
		fprintf(inspect->app->out, "%s%*s   %s\n", label.ptr,
			(int)(width - text_width(label.ptr)), "", safe.ptr);
}

static void print_file(const struct inspect *inspect)
{
	const struct lock *lock = &inspect->bundle->lock;
	const struct media *media = inspect->bundle->media;
	autobuf text = BUF_INIT;

	text_bytes(&text, media_size(media));
	if (media_list(media))
		buf_addf(&text, " in %zu parts", media_parts(media));
	buf_addf(&text, ", sequence %" PRIu64, lock->sequence);
	if (*lock->base.text)
		buf_addf(&text, ", a delta: the other side must have %" PRIu64 " (lock %.*s)",
			lock->base_sequence, (int)SHORT_LOCK, lock->base.text);
	print_line(inspect, media_name(media), text.ptr);
	print_line(inspect, "lock", inspect->bundle->id.text);
}

static void print_packed(const struct inspect *inspect)
{
	const struct lock *lock = &inspect->bundle->lock;
	const char *now = json_str(inspect->head, "now");
	const char *context = json_str(inspect->head, "context");
	autobuf text = BUF_INIT;

	if (now)
		buf_addf(&text, "%s from %s", now, str_set(context) ? context : "a cluster");
	if (lock->flux)
		buf_addf(&text, "%sFlux %s", text.len ? ", " : "", lock->flux);
	if (lock->kubernetes)
		buf_addf(&text, "%sKubernetes %s", text.len ? ", " : "", lock->kubernetes);
	if (text.len)
		print_line(inspect, "packed", text.ptr);
}

static void print_signature(const struct inspect *inspect)
{
	const struct signer *signer = &inspect->signer;
	autobuf text = BUF_INIT;

	if (inspect->signature.kind != ERROR_NONE)
		buf_addf(&text, "BAD: %s", inspect->signature.message);
	else if (!signer->fingerprint)
		buf_adds(&text, "none: nobody vouches for it");
	else if (signer->principal)
		buf_addf(&text, "good, trusted: %s, %s %s (contents unchecked)", signer->principal,
			signer->key_type, signer->fingerprint);
	else
		buf_addf(&text, "good, but of nobody who is trusted: %s %s (%s)", signer->key_type,
			signer->fingerprint, signer->why ? signer->why : "not trusted");
	print_line(inspect, "signature", text.ptr);
}

/* ---- what is inside */

static const char *short_ref(const char *name)
{
	static const char *const prefixes[] = {"refs/heads/", "refs/tags/", "refs/"};

	for (size_t i = 0; i < countof(prefixes); i++)
		if (starts_with(name, prefixes[i]))
			return name + strlen(prefixes[i]);
	return name;
}

/* The branch that HEAD names, else the first. */
static const struct lock_ref *main_ref(const struct lock_git *git)
{
	for (size_t i = 0; i < git->ref_count; i++)
		if (streq(git->refs[i].name, git->head))
			return &git->refs[i];
	return git->ref_count ? git->refs : NULL;
}

/* A row being made; the texts are its own. */
struct row {
	char *cells[COLUMNS];
};

static void row_clear(struct row *row)
{
	for (size_t i = 0; i < COLUMNS; i++)
		free(row->cells[i]);
}

static void add_row(const struct inspect *inspect, struct table *table, const struct row *row)
{
	const char *cells[COLUMNS];
	size_t count = 0;

	for (size_t i = 0; i < COLUMNS; i++) {
		if ((i == NEW && !*inspect->bundle->lock.base.text) || (i == URL && !inspect->wide))
			continue;
		cells[count++] = row->cells[i] ? row->cells[i] : "";
	}
	table_add(table, cells, STYLE_PLAIN, 0);
}

static char *join_uses(const struct strv *uses)
{
	size_t shown = uses->len > MOST_USES + 1 ? MOST_USES : uses->len;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < shown; i++)
		buf_addf(&text, "%s%s", i ? ", " : "", uses->items[i]);
	if (shown < uses->len)
		buf_addf(&text, " … and %zu more", uses->len - shown);
	if (!uses->len)
		buf_addc(&text, '-');
	return buf_detach(&text);
}

/* The size of blobs of which either may be none. */
static char *blob_size(
	const struct lock *lock, const struct sha256_text *first, const struct sha256_text *second)
{
	const struct lock_blob *blobs[] = {lock_blob(lock, first), lock_blob(lock, second)};
	autobuf text = BUF_INIT;
	uint64_t size = 0;

	for (size_t i = 0; i < countof(blobs); i++)
		size += blobs[i] ? blobs[i]->size : 0;
	text_bytes(&text, size);
	return buf_detach(&text);
}

static bool is_in_base(const struct lock *lock, const struct sha256_text *digest)
{
	const struct lock_blob *blob = lock_blob(lock, digest);

	return blob && blob->where == LOCK_BASE;
}

static char *new_objects(const struct lock *lock, const struct lock_git *git)
{
	if (is_in_base(lock, *git->bundle.text ? &git->bundle : &git->snapshot))
		return xstrdup("nothing");
	if (git->prerequisite_count)
		return xasprintf("%" PRIu64 " objects", git->objects);
	return xstrdup("all");
}

/* A row for one ref; the first of a source tells of the source, too. */
static void add_ref(const struct inspect *inspect, struct table *table, const struct lock_git *git,
	const struct lock_ref *ref, bool first)
{
	const struct lock *lock = &inspect->bundle->lock;
	CLEANUP(row_clear) struct row row = {{NULL}};
	char hex[OID_HEX_LEN + 1] = "";

	if (ref) {
		oid_hex(&ref->oid, hex);
		row.cells[COMMIT] = xstrndup(hex, inspect->wide ? OID_HEX_LEN : SHORT_OID);
		row.cells[REF] =
			git->ref_count > 1 && !inspect->wide
				? xasprintf("%s +%zu", short_ref(ref->name), git->ref_count - 1)
				: xstrdup(short_ref(ref->name));
	} else {
		row.cells[REF] = xstrdup(git->revision ? git->revision : "-");
		row.cells[COMMIT] = xstrdup("-");
	}
	if (first) {
		row.cells[SOURCE] = xstrdup(git->name);
		row.cells[HISTORY] = xstrdup(git->history);
		row.cells[SIZE] = blob_size(lock, &git->bundle, &git->snapshot);
		row.cells[NEW] = new_objects(lock, git);
		row.cells[USED_BY] = join_uses(&git->used_by);
		row.cells[URL] = xstrdup(git->url);
	}
	add_row(inspect, table, &row);
}

static void add_git(const struct inspect *inspect, struct table *table, const struct lock_git *git)
{
	const struct lock_ref *shown = main_ref(git);

	add_ref(inspect, table, git, shown, true);
	for (size_t i = 0; inspect->wide && i < git->ref_count; i++)
		if (&git->refs[i] != shown)
			add_ref(inspect, table, git, &git->refs[i], false);
}

static void add_chart(
	const struct inspect *inspect, struct table *table, const struct lock_chart *chart)
{
	const struct lock *lock = &inspect->bundle->lock;
	CLEANUP(row_clear)
	struct row row = {{
		[SOURCE] = xasprintf("chart %s", chart->name),
		[REF] = xstrdup(chart->version),
		[COMMIT] = xstrdup("-"),
		[HISTORY] = xstrdup("-"),
		[SIZE] = blob_size(lock, &chart->blob, &chart->entry),
		[NEW] = xstrdup(is_in_base(lock, &chart->blob) ? "nothing" : "all"),
		[USED_BY] = join_uses(&chart->used_by),
		[URL] = xstrdup(chart->repository),
	}};

	add_row(inspect, table, &row);
}

static void add_snapshot(const struct inspect *inspect, struct table *table)
{
	const struct lock *lock = &inspect->bundle->lock;
	const struct sha256_text none = {""};
	CLEANUP(row_clear) struct row row = {{NULL}};

	if (!*lock->snapshot.text)
		return;
	row.cells[SOURCE] = xstrdup("snapshot");
	row.cells[REF] = xstrdup("-");
	row.cells[COMMIT] = xstrdup("-");
	row.cells[HISTORY] = xstrdup("-");
	row.cells[URL] = xstrdup("-");
	row.cells[SIZE] = blob_size(lock, &lock->snapshot, &none);
	row.cells[NEW] = xstrdup(is_in_base(lock, &lock->snapshot) ? "nothing" : "all");
	row.cells[USED_BY] = xstrdup("--bundle of get, status, check, describe");
	add_row(inspect, table, &row);
}

static void print_contents(const struct inspect *inspect)
{
	const struct lock *lock = &inspect->bundle->lock;
	struct table_column columns[COLUMNS];
	autofree char *since = xasprintf("NEW SINCE %" PRIu64, lock->base_sequence);
	CLEANUP(table_free_pointer) struct table *table = NULL;
	size_t count = 0;

	for (size_t i = 0; i < COLUMNS; i++) {
		if ((i == NEW && !*lock->base.text) || (i == URL && !inspect->wide))
			continue;
		columns[count++] = all_columns[i];
		if (i == NEW)
			columns[count - 1].heading = since;
	}
	table = table_new(columns, count);
	for (size_t i = 0; i < lock->git_count; i++)
		add_git(inspect, table, &lock->git[i]);
	for (size_t i = 0; i < lock->chart_count; i++)
		add_chart(inspect, table, &lock->charts[i]);
	add_snapshot(inspect, table);
	fputc('\n', inspect->app->out);
	table_print(table, inspect->app, true, 0);
}

/* ---- what is not */

static void print_missing(const struct inspect *inspect)
{
	const struct lock *lock = &inspect->bundle->lock;
	CLEANUP(table_free_pointer)
	struct table *table =
		table_new(missing_columns, inspect->wide ? 4 : countof(missing_columns) - 1);
	size_t images = 0;

	for (size_t i = 0; i < lock->unresolved_count; i++) {
		const struct lock_unresolved *item = &lock->unresolved[i];
		autofree char *uses = join_uses(&item->used_by);
		autofree char *ref = item->digest && inspect->wide
					     ? xasprintf("%s %s", item->ref, item->digest)
					     : xstrdup(item->ref);
		const char *cells[] = {item->kind, ref, uses, item->why};

		if (streq(item->kind, "image") && !inspect->wide)
			images++;
		else
			table_add(table, cells, STYLE_PLAIN, 0);
	}
	if (!lock->unresolved_count)
		return;
	fputs("\nNOT IN THIS BUNDLE, and asked for by what is:\n", inspect->app->out);
	if (table_rows(table))
		table_print(table, inspect->app, false, 2);
	if (images)
		fprintf(inspect->app->out, "  %zu image%s: -o wide\n", images,
			images == 1 ? "" : "s");
}

static void print_end(const struct inspect *inspect)
{
	struct json_object *values = json_get(inspect->head, "values");
	autobuf name = BUF_INIT;

	text_cell(&name, media_name(inspect->bundle->media));
	fputc('\n', inspect->app->out);
	if (*inspect->bundle->lock.snapshot.text)
		fprintf(inspect->app->out, "left out: Secrets (always)%s\n",
			values && !json_bool(inspect->head, "values")
				? ", values of ConfigMaps and HelmReleases (--include-values packs "
				  "them)"
				: "");
	fprintf(inspect->app->out, "next: kubectl flux-arc bundle verify %s\n", name.ptr);
}

/* ---- for programs */

static struct json_object *signature_tree(const struct inspect *inspect)
{
	const struct signer *signer = &inspect->signer;
	struct json_object *tree = json_new_object();
	bool bad = inspect->signature.kind != ERROR_NONE;

	json_set_str(tree, "fingerprint", signer->fingerprint);
	json_set_str(tree, "principal", signer->principal);
	json_set_str(tree, "state",
		bad                    ? "bad"
		: !signer->fingerprint ? "none"
		: signer->principal    ? "trusted"
				       : "untrusted");
	return tree;
}

static int print_tree(const struct inspect *inspect, const char *format, struct error *err)
{
	const struct bundle *bundle = inspect->bundle;
	autojson struct json_object *tree = json_new_object();
	struct json_object *lock = NULL;

	if (json_parse(bundle->lock_text.ptr, bundle->lock_text.len, &lock, err) < 0)
		return -1;
	json_set_str(tree, "file", media_name(bundle->media));
	json_set(tree, "lock", lock);
	json_set_str(tree, "lockDigest", bundle->id.text);
	json_set(tree, "parts",
		json_new_uint(media_list(bundle->media) ? media_parts(bundle->media) : 0));
	json_set(tree, "signature", signature_tree(inspect));
	json_set(tree, "size", json_new_uint(media_size(bundle->media)));
	json_set(tree, "snapshot", json_ref(inspect->head));
	return output_tree(inspect->app, format, tree, err);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct inspect_opts *wanted = opts;
	struct trust_options trust = {.allowed_signers = wanted->trust, .allow_unsigned = true};
	CLEANUP(inspect_clear)
	struct inspect inspect = {.app = app, .wide = streq(wanted->output, "wide")};
	autobundle *bundle = NULL;

	if (bundle_open(args->items[0], &wanted->parts, &bundle, err) < 0)
		return -1;
	inspect.bundle = bundle;
	inspect.head = snapshot_head(bundle);
	if (bundle_require_trust(bundle, &trust, &inspect.signer, &inspect.signature) < 0)
		signer_clear(&inspect.signer);
	if (wanted->output && !inspect.wide) {
		if (print_tree(&inspect, wanted->output, err) < 0)
			return -1;
	} else {
		print_file(&inspect);
		print_packed(&inspect);
		print_signature(&inspect);
		print_contents(&inspect);
		print_missing(&inspect);
		print_end(&inspect);
	}
	return inspect.signature.kind == ERROR_NONE ? 0 : error_move(err, &inspect.signature);
}

static const struct example examples[] = {
	{"what is inside, and what it needs", "bundle inspect site-a.tar"},
	{"digests of the images that are not inside", "bundle inspect site-a.tar -o wide"},
	{"the lock as it is signed", "bundle inspect site-a.tar -o json"},
	{NULL, NULL},
};

const struct command cmd_bundle_inspect = {
	.name = "bundle inspect",
	.args = "FILE",
	.min_args = 1,
	.max_args = 1,
	.complete_args = COMPLETE_FILE,
	.summary = "Show what a bundle holds, what it needs, and what it lacks",
	.description =
		"Reads the head of the file only, so that it takes no longer for 100 GB than for "
		"100 KB; 'bundle verify' reads the rest.",
	.options = options,
	.opts_size = sizeof(struct inspect_opts),
	.examples = examples,
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "plugin/bundle_push.h"
#include "plugin/text.h"

#define SHORT_OID 8

/* ---- for people */

static void print_safe(const struct app *app, const char *text)
{
	autobuf safe = BUF_INIT;

	text_cell(&safe, text);
	fputs(safe.ptr, app->out);
}

static void print_ref(const struct app *app, const struct push_ref *ref)
{
	char old[OID_HEX_LEN + 1];
	char wanted[OID_HEX_LEN + 1];

	oid_hex(&ref->old, old);
	oid_hex(&ref->wanted, wanted);
	fputs("  ", app->out);
	print_safe(app, ref->name);
	if (ref->change == PUSH_NEW)
		fprintf(app->out, "  new at %.*s\n", SHORT_OID, wanted);
	else
		fprintf(app->out, "  %.*s -> %.*s  %s\n", SHORT_OID, old, SHORT_OID, wanted,
			push_change_name(ref->change));
}

static const char *outcome(const struct push_source *source, bool dry_run)
{
	if (source->state == PUSH_FAILED)
		return "failed";
	if (!source->changes)
		return "nothing to do";
	if (dry_run)
		return "would be pushed";
	return source->state == PUSH_DONE ? "pushed" : "not tried";
}

static void print_source(const struct app *app, const struct push_source *source, bool dry_run)
{
	autobuf size = BUF_INIT;

	print_safe(app, source->git->name);
	fputs(" -> ", app->out);
	print_safe(app, source->shown);
	text_bytes(&size, source->pack_size);
	fprintf(app->out, ": %s", outcome(source, dry_run));
	if (source->changes && source->pack_size)
		fprintf(app->out, ", %s", size.ptr);
	if (!source->changes)
		fprintf(app->out, ", %zu ref%s there", source->ref_count,
			source->ref_count == 1 ? " is" : "s are");
	fputs(dry_run ? " (dry run)\n" : "\n", app->out);
	for (size_t i = 0; i < source->ref_count; i++)
		if (source->refs[i].change != PUSH_NOTHING)
			print_ref(app, &source->refs[i]);
}

void bundle_push_print(const struct app *app, const struct push *push, bool dry_run)
{
	for (size_t i = 0; i < push->source_count; i++)
		print_source(app, &push->sources[i], dry_run);
	for (size_t i = 0; i < push->skipped.len; i++) {
		print_safe(app, push->skipped.items[i]);
		fputs(": has no pack, only files\n", app->out);
	}
	if (!dry_run && push->receipt.source_count && push->options->receipt)
		fprintf(app->out, "receipt: %s\n", push->options->receipt);
}

/* ---- for programs */

static void set_oid(struct json_object *tree, const char *key, const struct oid *oid)
{
	char hex[OID_HEX_LEN + 1];

	oid_hex(oid, hex);
	if (!oid_is_zero(oid))
		json_set_str(tree, key, hex);
}

static struct json_object *ref_json(const struct push_ref *ref)
{
	struct json_object *tree = json_new_object();

	json_set_str(tree, "name", ref->name);
	json_set_str(tree, "change", push_change_name(ref->change));
	set_oid(tree, "old", &ref->old);
	set_oid(tree, "new", &ref->wanted);
	return tree;
}

static struct json_object *source_json(const struct push_source *source, bool dry_run)
{
	struct json_object *tree = json_new_object();
	struct json_object *refs = json_new_array();

	for (size_t i = 0; i < source->ref_count; i++)
		json_push(refs, ref_json(&source->refs[i]));
	json_set_str(tree, "name", source->git->name);
	json_set_str(tree, "url", source->git->url);
	json_set_str(tree, "target", source->shown);
	json_set_str(tree, "outcome", outcome(source, dry_run));
	json_set(tree, "packBytes", json_new_uint(source->pack_size));
	json_set(tree, "refs", refs);
	return tree;
}

struct json_object *bundle_push_json(const struct push *push, bool dry_run)
{
	const struct bundle *bundle = push->options->bundle;
	struct json_object *tree = json_new_object();
	struct json_object *sources = json_new_array();
	struct json_object *skipped = json_new_array();

	for (size_t i = 0; i < push->source_count; i++)
		json_push(sources, source_json(&push->sources[i], dry_run));
	for (size_t i = 0; i < push->skipped.len; i++)
		json_push(skipped, json_new_string(push->skipped.items[i]));
	json_set_str(tree, "bundle", media_name(bundle->media));
	json_set_str(tree, "lock", bundle->id.text);
	json_set(tree, "sequence", json_new_uint(bundle->lock.sequence));
	json_set(tree, "dryRun", json_new_bool(dry_run));
	json_set(tree, "sources", sources);
	json_set(tree, "skipped", skipped);
	if (!dry_run && push->receipt.source_count)
		json_set_str(tree, "receipt", push->options->receipt);
	return tree;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Cells of the kinds of Flux and Azure. */
#include "base/base.h"

#include "base/json.h"
#include "base/time.h"
#include "kube/state_azure.h"
#include "plugin/get.h"

static void add_age(struct buf *out, int64_t moment, int64_t now)
{
	if (moment != TIME_NONE && now != TIME_NONE)
		time_format_age(out, now - moment);
}

static void add_text(struct buf *out, struct json_object *value)
{
	if (json_kind(value) != JSON_OBJECT && json_kind(value) != JSON_ARRAY)
		buf_adds(out, json_text(value));
}

void get_cell_state(struct buf *out, const struct get_cell *cell)
{
	buf_adds(out, object_state_word(cell->reading->state));
}

void get_cell_revision(struct buf *out, const struct get_cell *cell)
{
	const char *revision = object_revision(cell->kind, cell->object);

	if (revision)
		revision_short(out, revision);
}

void get_cell_since(struct buf *out, const struct get_cell *cell)
{
	add_age(out, cell->reading->since, cell->now);
}

static void add_finalizers(struct buf *out, struct json_object *finalizers)
{
	for (size_t i = 0; i < json_len(finalizers); i++)
		buf_addf(out, "%s%s", i > 0 ? ", " : "waits for finalizer ",
			json_text(json_item(finalizers, i)));
}

/* The controller's own words, and what it cannot know before them. */
void get_cell_message(struct buf *out, const struct get_cell *cell)
{
	const struct state_reading *reading = cell->reading;

	if (reading->state == STATE_DELETING) {
		add_finalizers(out, get_value_at(cell->object, cell->path));
		if (out->len > 0)
			return;
	}
	if (reading->state == STATE_STALE)
		buf_adds(out, reading->stale_because);
	if (reading->unseen)
		buf_adds(out, "no controller has looked at it yet");
	if (!str_set(reading->message))
		return;
	if (out->len > 0)
		buf_adds(out, "; ");
	revision_short(out, reading->message);
}

void get_cell_age(struct buf *out, const struct get_cell *cell)
{
	add_age(out, time_parse(json_text(get_value_at(cell->object, cell->path))), cell->now);
}

void get_cell_short(struct buf *out, const struct get_cell *cell)
{
	revision_short(out, json_text(get_value_at(cell->object, cell->path)));
}

void get_cell_count(struct buf *out, const struct get_cell *cell)
{
	buf_addf(out, "%zu", json_len(get_value_at(cell->object, cell->path)));
}

/* ---- references */

/* What of a reference decides, most telling first, as source-controller takes it. */
void get_cell_ref(struct buf *out, const struct get_cell *cell)
{
	static const char *const keys[] = {"commit", "digest", "name", "semver", "tag", "branch"};
	struct json_object *ref = get_value_at(cell->object, cell->path);

	if (!ref)
		ref = json_get(cell->object, "spec", "ociRepository", "ref");
	for (size_t i = 0; i < countof(keys); i++) {
		const char *value = json_str(ref, keys[i]);

		if (!str_set(value))
			continue;
		if (!streq(keys[i], "branch") && !streq(keys[i], "name"))
			buf_addf(out, "%s ", keys[i]);
		revision_short(out, value);
		return;
	}
}

/* "GitRepository/cluster-config", with the namespace if it is another one. */
static void add_reference(struct buf *out, struct json_object *object, struct json_object *ref)
{
	const char *namespace = json_str(ref, "namespace");

	if (!json_str(ref, "name"))
		return;
	buf_addf(out, "%s/", json_str(ref, "kind") ? json_str(ref, "kind") : "GitRepository");
	if (str_set(namespace) && !streq(namespace, json_str(object, "metadata", "namespace")))
		buf_addf(out, "%s/", namespace);
	buf_adds(out, json_str(ref, "name"));
}

void get_cell_source(struct buf *out, const struct get_cell *cell)
{
	struct json_object *ref = get_value_at(cell->object, cell->path);

	if (!ref)
		ref = json_get(cell->object, "spec", "chartRef");
	add_reference(out, cell->object, ref);
}

void get_cell_chart(struct buf *out, const struct get_cell *cell)
{
	add_text(out, get_value_at(cell->object, cell->path));
	if (out->len == 0)
		add_text(out, json_get(cell->object, "spec", "chartRef", "name"));
}

/* ---- Azure */

void get_cell_compliance(struct buf *out, const struct get_cell *cell)
{
	const char *message;
	const char *compliance = fluxconfig_compliance(cell->object, &message);

	if (compliance)
		buf_adds(out, compliance);
}

/* How long ago Azure was told, and that it was not. */
void get_cell_synced(struct buf *out, const struct get_cell *cell)
{
	struct json_object *sync = get_value_at(cell->object, cell->path);
	struct json_object *synced = json_get(sync, "isSyncedWithAzure");
	const char *when = json_str(sync, "lastSyncedTime");

	if (!when)
		when = json_str(sync, "lastSyncTime");
	add_age(out, time_parse(when), cell->now);
	if (out->len > 0)
		buf_adds(out, " ago");
	if (json_kind(synced) != JSON_BOOL || json_bool(sync, "isSyncedWithAzure"))
		return;
	if (out->len > 0)
		buf_adds(out, ", ");
	buf_adds(out, "not synced");
}

void get_cell_config_source(struct buf *out, const struct get_cell *cell)
{
	static const char *const sources[] = {
		"gitRepository", "bucket", "azureBlob", "ociRepository"};

	for (size_t i = 0; i < countof(sources) && out->len == 0; i++)
		add_text(out, json_get(cell->object, "spec", sources[i], "url"));
}

/* ---- definitions of kinds */

/* Served versions; the one that is stored has a star, as in Flux's own lists. */
void get_cell_served(struct buf *out, const struct get_cell *cell)
{
	struct json_object *versions = json_get(cell->object, "spec", "versions");

	for (size_t i = 0; i < json_len(versions); i++) {
		struct json_object *version = json_item(versions, i);
		const char *name = json_str(version, "name");

		if (!json_bool(version, "served") || !name)
			continue;
		buf_addf(out, "%s%s%s", out->len > 0 ? "," : "", name,
			json_bool(version, "storage") ? "*" : "");
	}
}

void get_cell_list(struct buf *out, const struct get_cell *cell)
{
	struct json_object *list = get_value_at(cell->object, cell->path);

	for (size_t i = 0; i < json_len(list); i++)
		buf_addf(out, "%s%s", i > 0 ? "," : "", json_text(json_item(list, i)));
}

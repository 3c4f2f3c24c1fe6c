/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/bundle_diff.h"
#include "plugin/text.h"

#define SHORT_OID 8
#define DAY_LEN 10 /* "2026-11-24" */

/* ---- pieces */

static void add_oid(struct buf *out, const struct oid *oid, size_t digits)
{
	char hex[OID_HEX_LEN + 1];

	oid_hex(oid, hex);
	if (!oid_is_zero(oid))
		buf_add(out, hex, digits);
}

static void add_day(struct buf *out, int64_t seconds)
{
	autobuf moment = BUF_INIT;

	/* A commit may claim any time; RFC 3339 ends with the year 9999. */
	if (seconds < 0 || seconds > 253402300799)
		seconds = 0;
	time_format_utc(&moment, seconds * 1000);
	buf_add(out, moment.ptr, DAY_LEN);
}

static void add_count(struct buf *out, size_t count, const char *word, bool more)
{
	buf_addf(out, "%zu%s %s%s", count, more ? " or more" : "", word, count == 1 ? "" : "s");
}

/* A line that is fitted to the terminal, made safe. */
static void print_line(const struct app *app, const char *indent, const struct buf *text)
{
	autobuf safe = BUF_INIT;
	autobuf line = BUF_INIT;
	size_t used = strlen(indent);

	text_cell(&safe, text->ptr);
	if (app->width > 0 && (size_t)app->width > used + 20)
		text_cut(&line, safe.ptr, (size_t)app->width - used);
	else
		buf_adds(&line, safe.ptr);
	fprintf(app->out, "%s%s\n", indent, line.ptr);
}

/* ---- refs */

static void print_ref_line(const struct app *app, const struct diff_ref *ref)
{
	autobuf line = BUF_INIT;

	buf_addf(&line, "%s  ", ref->name);
	if (oid_is_zero(&ref->before)) {
		buf_adds(&line, "new at ");
		add_oid(&line, &ref->after, SHORT_OID);
	} else if (oid_is_zero(&ref->after)) {
		buf_adds(&line, "gone, was at ");
		add_oid(&line, &ref->before, SHORT_OID);
	} else {
		add_oid(&line, &ref->before, SHORT_OID);
		buf_adds(&line, " -> ");
		add_oid(&line, &ref->after, SHORT_OID);
	}
	if (!ref->unread) {
		buf_adds(&line, "  ");
		add_count(&line, ref->commit_count, "commit", ref->more_commits);
		buf_adds(&line, ", ");
		add_count(&line, ref->files_changed, "file", false);
	}
	print_line(app, "  ", &line);
}

static void print_note(const struct app *app, const char *text)
{
	autobuf line = BUF_INIT;

	buf_adds(&line, text);
	fputs(app_style(app, STYLE_WARN), app->out);
	print_line(app, "    ", &line);
	fputs(app_style_end(app), app->out);
}

static void print_commits(const struct app *app, const struct diff_ref *ref)
{
	for (size_t i = 0; i < ref->commit_count; i++) {
		const struct diff_commit *commit = &ref->commits[i];
		autobuf line = BUF_INIT;

		add_oid(&line, &commit->oid, SHORT_OID);
		buf_adds(&line, "  ");
		add_day(&line, commit->time);
		buf_addf(&line, "  %s  %s", commit->author, commit->subject);
		print_line(app, "    ", &line);
	}
	if (ref->more_commits)
		fputs("    … and older ones: --all shows them\n", app->out);
}

static void print_files(const struct app *app, const struct diff_ref *ref)
{
	for (size_t i = 0; i < ref->file_count; i++) {
		autobuf line = BUF_INIT;

		buf_addf(&line, "%c %s", ref->files[i].status, ref->files[i].path);
		print_line(app, "    ", &line);
	}
	if (ref->files_changed > ref->file_count)
		fprintf(app->out, "    … and %zu more: --all shows them\n",
			ref->files_changed - ref->file_count);
}

static void print_ref(const struct app *app, const struct diff_ref *ref)
{
	print_ref_line(app, ref);
	if (ref->rewound)
		print_note(app, "history was rewritten: commits of before are not in it any more");
	if (ref->unread)
		print_note(app, ref->unread);
	print_commits(app, ref);
	print_files(app, ref);
}

/* ---- sources, charts, bytes */

static void print_source(const struct app *app, const struct diff_source *source)
{
	static const char *const words[] = {
		[DIFF_ADDED] = "new source ",
		[DIFF_REMOVED] = "gone: source ",
		[DIFF_CHANGED] = "",
	};
	autobuf line = BUF_INIT;

	fputs("\n", app->out);
	buf_addf(&line, "%s%s  %s", words[source->change], source->name, source->url);
	if (source->url_before)
		buf_addf(&line, " (was %s)", source->url_before);
	print_line(app, "", &line);
	for (size_t i = 0; i < source->ref_count; i++) {
		if (source->change == DIFF_CHANGED)
			print_ref(app, &source->refs[i]);
		else
			print_ref_line(app, &source->refs[i]);
	}
}

static void print_chart(const struct app *app, const struct diff_chart *chart)
{
	autobuf line = BUF_INIT;

	buf_addf(&line, "chart %s  ", chart->name);
	if (!chart->before)
		buf_addf(&line, "new: %s", chart->after);
	else if (!chart->after)
		buf_addf(&line, "gone: %s", chart->before);
	else
		buf_addf(&line, "%s -> %s", chart->before, chart->after);
	buf_addf(&line, "  %s", chart->repository);
	print_line(app, "", &line);
}

static void print_bytes(const struct app *app, const struct diff *diff)
{
	autobuf line = BUF_INIT;

	text_bytes(&line, diff->bytes_before);
	buf_adds(&line, " -> ");
	text_bytes(&line, diff->bytes_after);
	buf_adds(&line, ": ");
	add_count(&line, diff->blobs_new, "blob", false);
	buf_adds(&line, " new (");
	text_bytes(&line, diff->bytes_new);
	buf_addf(&line, "), %zu gone", diff->blobs_gone);
	fprintf(app->out, "\n%s\n", line.ptr);
}

void bundle_diff_print(
	const struct app *app, const struct diff *diff, const char *before, const char *after)
{
	autobuf line = BUF_INIT;

	buf_addf(&line, "%s -> %s", before, after);
	if (diff_is_empty(diff))
		buf_adds(&line, ": no difference");
	print_line(app, "", &line);
	for (size_t i = 0; i < diff->source_count; i++)
		print_source(app, &diff->sources[i]);
	if (diff->chart_count)
		fputs("\n", app->out);
	for (size_t i = 0; i < diff->chart_count; i++)
		print_chart(app, &diff->charts[i]);
	if (diff->snapshot)
		fputs("\nthe snapshots of the cluster differ\n", app->out);
	if (diff->has_bytes && !diff_is_empty(diff))
		print_bytes(app, diff);
}

/* ---- JSON */

static void set_oid(struct json_object *object, const char *key, const struct oid *oid)
{
	autobuf hex = BUF_INIT;

	add_oid(&hex, oid, OID_HEX_LEN);
	json_set(object, key, hex.len ? json_new_string(hex.ptr) : NULL);
}

static void set_bytes(struct json_object *object, const char *key, const char *text)
{
	json_set(object, key, json_new_string_of_bytes(text, strlen(text)));
}

static struct json_object *commits_json(const struct diff_ref *ref)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < ref->commit_count; i++) {
		const struct diff_commit *commit = &ref->commits[i];
		struct json_object *object = json_new_object();

		set_oid(object, "commit", &commit->oid);
		json_set(object, "time", json_new_int(commit->time));
		set_bytes(object, "author", commit->author);
		set_bytes(object, "subject", commit->subject);
		json_push(array, object);
	}
	return array;
}

static struct json_object *files_json(const struct diff_ref *ref)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < ref->file_count; i++) {
		char status[] = {ref->files[i].status, '\0'};
		struct json_object *object = json_new_object();

		json_set_str(object, "status", status);
		set_bytes(object, "path", ref->files[i].path);
		json_push(array, object);
	}
	return array;
}

static struct json_object *refs_json(const struct diff_source *source)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < source->ref_count; i++) {
		const struct diff_ref *ref = &source->refs[i];
		struct json_object *object = json_new_object();

		json_set_str(object, "ref", ref->name);
		set_oid(object, "before", &ref->before);
		set_oid(object, "after", &ref->after);
		if (ref->unread)
			json_set_str(object, "unread", ref->unread);
		json_set(object, "rewritten", json_new_bool(ref->rewound));
		json_set(object, "commits", commits_json(ref));
		json_set(object, "moreCommits", json_new_bool(ref->more_commits));
		json_set(object, "files", files_json(ref));
		json_set(object, "filesChanged", json_new_uint(ref->files_changed));
		json_push(array, object);
	}
	return array;
}

static struct json_object *sources_json(const struct diff *diff)
{
	static const char *const words[] = {
		[DIFF_ADDED] = "added",
		[DIFF_REMOVED] = "removed",
		[DIFF_CHANGED] = "changed",
	};
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < diff->source_count; i++) {
		const struct diff_source *source = &diff->sources[i];
		struct json_object *object = json_new_object();

		json_set_str(object, "name", source->name);
		json_set_str(object, "url", source->url);
		if (source->url_before)
			json_set_str(object, "urlBefore", source->url_before);
		json_set_str(object, "change", words[source->change]);
		json_set(object, "refs", refs_json(source));
		json_push(array, object);
	}
	return array;
}

static struct json_object *charts_json(const struct diff *diff)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < diff->chart_count; i++) {
		const struct diff_chart *chart = &diff->charts[i];
		struct json_object *object = json_new_object();

		json_set_str(object, "repository", chart->repository);
		json_set_str(object, "name", chart->name);
		json_set_str(object, "before", chart->before);
		json_set_str(object, "after", chart->after);
		json_push(array, object);
	}
	return array;
}

struct json_object *bundle_diff_json(const struct diff *diff, const char *before, const char *after)
{
	struct json_object *root = json_new_object();

	json_set_str(root, "before", before);
	json_set_str(root, "after", after);
	json_set(root, "differ", json_new_bool(!diff_is_empty(diff)));
	json_set(root, "sources", sources_json(diff));
	json_set(root, "charts", charts_json(diff));
	json_set(root, "snapshotsDiffer", json_new_bool(diff->snapshot));
	if (diff->has_bytes) {
		json_set(root, "bytesBefore", json_new_uint(diff->bytes_before));
		json_set(root, "bytesAfter", json_new_uint(diff->bytes_after));
		json_set(root, "bytesNew", json_new_uint(diff->bytes_new));
		json_set(root, "blobsNew", json_new_uint(diff->blobs_new));
		json_set(root, "blobsGone", json_new_uint(diff->blobs_gone));
	}
	return root;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * -o json, yaml, name and jsonpath: each object is printed when it arrives and then forgotten. Lists
 * come one after the other, since a second one would have to be held until the first is through;
 * names, and objects that are asked for by name, are few or short, and asked for side by side.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/get.h"
#include "plugin/get_seen.h"
#include "plugin/get_writer.h"
#include "plugin/text.h"

struct stream {
	struct get *get;
	const struct get_target *target;
	struct kind_list list;
	struct get_outcome *outcome;
	struct get_writer *writer;
	struct get_sorter *sorter;
	struct get_seen seen; /* of a list in pages: what was printed */
	struct buf held;      /* names, or one named object: printed when all have answered */
};

struct streaming {
	struct get *get;
	struct stream *streams;
	struct get_outcome *outcomes;
	struct get_writer writer;
	struct get_sorter sorter;
};

/* ---- items */

/* Whether --state, and what `get crds` is about, let an item through, and whether it came before. */
static int examine(
	struct stream *stream, const char *json, size_t len, bool *wanted, struct error *err)
{
	bool paged = stream->list.request.chunk_size > 0;
	autojson struct json_object *object = NULL;
	autofree char *key = NULL;
	const char *name;

	*wanted = true;
	if (!stream->get->states && stream->target->kind->family != FAMILY_CRD && !paged)
		return 0;
	if (json_parse(json, len, &object, err) < 0)
		return -1;
	name = json_text(json_get(object, "metadata", "name"));
	key = xasprintf("%s/%s", json_text(json_get(object, "metadata", "namespace")), name);
	*wanted = get_name_wanted(stream->target, name) &&
		  get_state_wanted(stream->get, stream->target->kind, object) &&
		  (!paged || get_seen_add(&stream->seen, key));
	return 0;
}

static bool is_builtin(const struct kind *kind)
{
	return kind->family == FAMILY_CORE || kind->family == FAMILY_CRD;
}

static int take_item(struct stream *stream, const char *json, size_t len, struct error *err)
{
	if (stream->sorter)
		return get_sorter_add(stream->sorter, stream->get, stream->target, json, len, err);
	if (!stream->target->name)
		return get_writer_item(stream->writer, json, len, err);
	buf_add(&stream->held, json, len);
	return 0;
}

static int on_item(struct kube_request *request, const char *json, size_t len, struct error *err)
{
	struct stream *stream = request->ctx;
	autobuf item = BUF_INIT;
	bool wanted;

	if (examine(stream, json, len, &wanted, err) < 0)
		return -1;
	if (!wanted)
		return 0;
	stream->outcome->shown++;
	if (!is_builtin(stream->target->kind))
		return take_item(stream, json, len, err);
	if (kind_complete_item(stream->target->kind, stream->list.version, json, len, &item, err) <
		0)
		return -1;
	return take_item(stream, item.ptr, item.len, err);
}

static int add_name(const struct get_target *target, const char *json, size_t len, struct buf *out,
	struct error *err)
{
	autojson struct json_object *object = NULL;

	if (json_parse(json, len, &object, err) < 0)
		return -1;
	kind_full_name(target->kind, out);
	buf_addc(out, '/');
	text_safe(out, json_text(json_get(object, "metadata", "name")));
	buf_addc(out, '\n');
	return 0;
}

static int on_name(struct kube_request *request, const char *json, size_t len, struct error *err)
{
	struct stream *stream = request->ctx;
	bool wanted;

	if (examine(stream, json, len, &wanted, err) < 0)
		return -1;
	if (!wanted)
		return 0;
	stream->outcome->shown++;
	return add_name(stream->target, json, len, &stream->held, err);
}

/* ---- the run */

static const char *const name_fields[] = {"metadata.name", "metadata.namespace", NULL};

static void stream_init(struct streaming *streaming, size_t index)
{
	struct stream *stream = &streaming->streams[index];

	stream->get = streaming->get;
	stream->target = &streaming->get->targets[index];
	stream->outcome = &streaming->outcomes[index];
	stream->writer = &streaming->writer;
	stream->sorter = streaming->get->sort ? &streaming->sorter : NULL;
	stream->held = (struct buf)BUF_INIT;
	get_list_init(stream->get, stream->target, &stream->list);
	stream->list.request.ctx = stream;
	stream->list.request.on_item = on_item;
}

/* Only the names are wanted, and nothing else has to be known to choose them. */
static bool names_alone(const struct get *get)
{
	return get->format == GET_NAME && !get->sort;
}

/* All requests side by side. */
static int run_together(struct streaming *streaming, struct error *err)
{
	struct get *get = streaming->get;
	struct kind_list **lists = xcalloc(get->count, sizeof(struct kind_list *));
	struct projection *projection = projection_new(name_fields);
	int result;

	for (size_t i = 0; i < get->count; i++) {
		struct kube_request *request = &streaming->streams[i].list.request;

		lists[i] = &streaming->streams[i].list;
		if (names_alone(get))
			request->on_item = on_name;
		if (names_alone(get) && !get->states)
			request->fields = projection;
	}
	result = kind_lists_run(get->app->kube, lists, get->count, err);
	projection_free(projection);
	free(lists);
	return result;
}

static int run_in_turn(struct streaming *streaming, struct error *err)
{
	for (size_t i = 0; i < streaming->get->count; i++) {
		struct kind_list *list = &streaming->streams[i].list;

		if (kind_lists_run(streaming->get->app->kube, &list, 1, err) < 0)
			return -1;
	}
	return 0;
}

static int write_held(struct streaming *streaming, struct error *err)
{
	for (size_t i = 0; i < streaming->get->count; i++) {
		const struct stream *stream = &streaming->streams[i];

		if (stream->held.len == 0)
			continue;
		if (streaming->get->format == GET_NAME)
			fwrite(stream->held.ptr, 1, stream->held.len, streaming->get->app->out);
		else if (get_writer_item(
				 &streaming->writer, stream->held.ptr, stream->held.len, err) < 0)
			return -1;
	}
	return 0;
}

/* How many answers are complete; whether a list was cut in the middle. */
static size_t count_complete(const struct streaming *streaming, bool *cut)
{
	size_t complete = 0;

	*cut = false;
	for (size_t i = 0; i < streaming->get->count; i++) {
		const struct stream *stream = &streaming->streams[i];

		if (stream->list.request.error.kind == ERROR_NONE)
			complete++;
		else if (stream->outcome->shown > 0)
			*cut = true;
	}
	return complete;
}

static int write_sorted(struct streaming *streaming, struct error *err)
{
	struct get_sorter *sorter = &streaming->sorter;
	bool cut;
	bool complete = count_complete(streaming, &cut) == streaming->get->count;

	if (get_sorter_sort(sorter, streaming->get, complete, err) < 0)
		return -1;
	for (size_t i = 0; i < sorter->len; i++) {
		const struct get_sorted *item = &sorter->items[i];
		autobuf name = BUF_INIT;

		if (streaming->get->format != GET_NAME) {
			if (get_writer_item(&streaming->writer, item->json, item->len, err) < 0)
				return -1;
			continue;
		}
		if (add_name(item->target, item->json, item->len, &name, err) < 0)
			return -1;
		fwrite(name.ptr, 1, name.len, streaming->get->app->out);
	}
	return 0;
}

static int run(struct streaming *streaming, struct error *err)
{
	struct get *get = streaming->get;
	bool cut;
	int result;

	if (get->named || get->sort || get->format == GET_NAME)
		result = run_together(streaming, err);
	else
		result = run_in_turn(streaming, err);
	app_progress_end(get->app);
	if (result < 0)
		return -1;
	if (get->sort)
		result = write_sorted(streaming, err);
	else
		result = write_held(streaming, err);
	if (result < 0 || count_complete(streaming, &cut) == 0 || cut)
		return result;
	return get->format == GET_NAME ? 0 : get_writer_end(&streaming->writer, err);
}

static void streaming_clear(struct streaming *streaming)
{
	for (size_t i = 0; i < streaming->get->count; i++) {
		struct stream *stream = &streaming->streams[i];

		error_clear(&streaming->outcomes[i].error);
		kind_list_clear(&stream->list);
		get_seen_clear(&stream->seen);
		buf_clear(&stream->held);
	}
	free(streaming->streams);
	free(streaming->outcomes);
	get_writer_clear(&streaming->writer);
	get_sorter_clear(&streaming->sorter);
}

int get_stream(struct get *get, struct error *err)
{
	struct streaming streaming = {
		.get = get,
		.streams = xcalloc(get->count, sizeof(*streaming.streams)),
		.outcomes = xcalloc(get->count, sizeof(*streaming.outcomes)),
		.sorter = GET_SORTER_INIT,
	};
	int result;

	get_writer_init(&streaming.writer, get);
	for (size_t i = 0; i < get->count; i++)
		stream_init(&streaming, i);
	result = run(&streaming, err);
	for (size_t i = 0; i < get->count; i++) {
		struct stream *stream = &streaming.streams[i];

		error_move(&stream->outcome->error, &stream->list.request.error);
		stream->outcome->not_installed = stream->list.not_installed;
	}
	if (result == 0)
		result = get_conclude(get, streaming.outcomes, err);
	streaming_clear(&streaming);
	return result;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/get_writer.h"

static const char *const managed_fields[] = {"metadata.managedFields", NULL};

static const char *const *dropped(const struct get *get)
{
	return get->opts->show_managed_fields ? NULL : managed_fields;
}

static void flush(struct get_writer *writer)
{
	fwrite(writer->out.ptr, 1, writer->out.len, writer->get->app->out);
	buf_reset(&writer->out);
}

void get_writer_init(struct get_writer *writer, struct get *get)
{
	*writer = (struct get_writer){.get = get, .alone = get->single, .out = BUF_INIT};
	if (get->format != GET_JSONPATH)
		return;
	writer->fits =
		!get->single && jsonpath_streams(get->template, &writer->before, &writer->after);
	if (!get->single && !writer->fits)
		writer->items = json_new_array();
}

void get_writer_clear(struct get_writer *writer)
{
	buf_clear(&writer->out);
	json_free(writer->items);
}

static void begin(struct get_writer *writer)
{
	if (writer->begun)
		return;
	writer->begun = true;
	app_progress_end(writer->get->app);
	if (writer->alone)
		return;
	if (writer->get->format == GET_JSON)
		buf_adds(&writer->out, "{\n    \"apiVersion\": \"v1\",\n    \"items\": [");
	else if (writer->get->format == GET_YAML)
		buf_adds(&writer->out, "apiVersion: v1\nitems:");
	else if (writer->fits)
		buf_adds(&writer->out, writer->before);
}

static int write_json(struct get_writer *writer, const char *json, size_t len, struct error *err)
{
	if (!writer->alone)
		buf_adds(&writer->out, writer->any ? ",\n        " : "\n        ");
	if (scan_print_json(
		    json, len, writer->alone ? 0 : 2, dropped(writer->get), &writer->out, err) < 0)
		return -1;
	if (writer->alone)
		buf_addc(&writer->out, '\n');
	return 0;
}

static int write_yaml(struct get_writer *writer, const char *json, size_t len, struct error *err)
{
	if (!writer->alone)
		buf_adds(&writer->out, writer->any ? "- " : "\n- ");
	if (scan_print_yaml(
		    json, len, writer->alone ? 0 : 2, dropped(writer->get), &writer->out, err) < 0)
		return -1;
	if (writer->out.len > 0 && writer->out.ptr[writer->out.len - 1] != '\n')
		buf_addc(&writer->out, '\n');
	return 0;
}

static int write_template(
	struct get_writer *writer, const char *json, size_t len, struct error *err)
{
	autojson struct json_object *object = NULL;
	const struct jsonpath *template = writer->get->template;

	if (json_parse(json, len, &object, err) < 0)
		return -1;
	if (writer->items) {
		json_push(writer->items, TAKE(object));
		return 0;
	}
	if (writer->fits)
		return jsonpath_print_item(template, object, &writer->spaced, &writer->out, err);
	return jsonpath_print(template, object, &writer->out, err);
}

int get_writer_item(struct get_writer *writer, const char *json, size_t len, struct error *err)
{
	int result;

	begin(writer);
	if (writer->get->format == GET_JSON)
		result = write_json(writer, json, len, err);
	else if (writer->get->format == GET_YAML)
		result = write_yaml(writer, json, len, err);
	else
		result = write_template(writer, json, len, err);
	if (result < 0)
		return -1;
	writer->any = true;
	flush(writer);
	return 0;
}

static int write_whole_list(struct get_writer *writer, struct error *err)
{
	autojson struct json_object *list = json_new_object();
	struct json_object *metadata = json_new_object();

	json_set_str(list, "apiVersion", "v1");
	json_set(list, "items", TAKE(writer->items));
	json_set_str(list, "kind", "List");
	json_set_str(metadata, "resourceVersion", "");
	json_set(list, "metadata", metadata);
	return jsonpath_print(writer->get->template, list, &writer->out, err);
}

int get_writer_end(struct get_writer *writer, struct error *err)
{
	if (writer->alone)
		return 0;
	begin(writer);
	if (writer->get->format == GET_JSON)
		buf_addf(&writer->out,
			"%s],\n    \"kind\": \"List\",\n    \"metadata\": {\n"
			"        \"resourceVersion\": \"\"\n    }\n}\n",
			writer->any ? "\n    " : "");
	else if (writer->get->format == GET_YAML)
		buf_addf(&writer->out, "%skind: List\nmetadata:\n  resourceVersion: \"\"\n",
			writer->any ? "" : " []\n");
	else if (writer->items && write_whole_list(writer, err) < 0)
		return -1;
	else if (writer->fits)
		buf_adds(&writer->out, writer->after);
	flush(writer);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as YAML: what is read can be written as JSON, and reads as the same from there. */
#include "base/base.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/scan.h"
#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whether quoting and typing agree: what reads as text does so as a document. */
static void check_scalar(const char *text, size_t size)
{
	autojson struct json_object *value = NULL;
	struct yaml_value resolved;

	yaml_resolve_value(text, size, &resolved);
	if (yaml_reads_as_text(text, size) && resolved.type != YAML_STRING)
		abort();
	if (resolved.type < YAML_BOOL || memchr(text, '\0', size))
		return;
	if (yaml_parse(text, size, &value, NULL) < 0)
		return;
	if (json_kind(value) == JSON_STRING)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	autojson struct json_object *object = NULL;
	autojson struct json_object *again = NULL;
	autobuf json = BUF_INIT;
	autobuf yaml = BUF_INIT;
	autobuf printed = BUF_INIT;

	check_scalar(text, size);
	if (yaml_parse(text, size, &object, NULL) < 0)
		return 0;
	json_write(&json, object);
	if (scan_check(json.ptr, json.len, NULL) < 0)
		abort();
	if (scan_print_yaml(json.ptr, json.len, 0, NULL, &yaml, NULL) < 0 ||
		yaml_parse(yaml.ptr, yaml.len, &again, NULL) < 0)
		abort();
	buf_reset(&json);
	json_write(&json, again);
	if (scan_print_yaml(json.ptr, json.len, 0, NULL, &printed, NULL) < 0 ||
		!streq(printed.ptr, yaml.ptr))
		abort();
	return 0;
}

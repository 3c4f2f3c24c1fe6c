/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the libyaml wrapper share (base/yaml*.c); nobody else includes this. */
#ifndef BASE_YAML_INTERNAL_H
#define BASE_YAML_INTERNAL_H

#include "base/base.h"

#include <yaml.h>

#include "base/error.h"
#include "base/yaml.h"

/* A value that aliases may name. */
struct yaml_anchor {
	char *name;
	struct json_object *value;
	size_t nodes;    /* in it, aliases expanded */
	bool is_mapping; /* null does not tell */
	bool open;       /* still being read */
};

struct yaml_reader {
	yaml_parser_t parser;
	struct yaml_anchor *anchors;
	size_t anchors_len, anchors_cap;
	size_t nodes;
	unsigned depth;
	struct error *err;
};

/* One event, released when it leaves the scope. */
#define autoevent CLEANUP(yaml_event_delete) yaml_event_t

void yaml_reader_clear(struct yaml_reader *reader);
int yaml_fail(struct yaml_reader *reader, const char *format, ...) PRINTF(2, 3);
/* The next event; what `event` held before is released. */
int yaml_next(struct yaml_reader *reader, yaml_event_t *event);
/* The value that begins with `event`. */
int yaml_read_node(struct yaml_reader *reader, const yaml_event_t *event, struct json_object **ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Single members of a document that is too large for a tree. */
#include "base/base.h"

#include <limits.h>

#include "base/json.h"
#include "base/yaml_internal.h"

struct members {
	const struct yaml_members *wanted;
	struct yaml_reader reader;
	struct error unreadable; /* why the text could not be read */
};

/* libyaml's read handler: 0 is a failure, a size of 0 the end. */
static int read_piece(void *data, unsigned char *buffer, size_t size, size_t *size_read)
{
	struct members *members = data;
	int64_t got =
		members->wanted->read(members->wanted->ctx, buffer, size, &members->unreadable);

	*size_read = got < 0 ? 0 : (size_t)got;
	return got >= 0;
}

/* A text that cannot be read is malformed to libyaml. */
static int next(struct members *members, yaml_event_t *event)
{
	if (yaml_next(&members->reader, event) == 0)
		return 0;
	if (members->unreadable.kind != ERROR_NONE)
		error_move(members->reader.err, &members->unreadable);
	return -1;
}

/* Pass over the value that begins with an event of this type. */
static int skip(struct members *members, yaml_event_type_t type)
{
	size_t depth = 0;

	for (;;) {
		autoevent event = {.type = YAML_NO_EVENT};

		if (type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT)
			depth++;
		if (type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT)
			depth--;
		if (!depth)
			return 0;
		if (next(members, &event) < 0)
			return -1;
		type = event.type;
	}
}

static int read_member(struct members *members, const yaml_event_t *event, const char *name)
{
	const struct yaml_members *wanted = members->wanted;
	autojson struct json_object *value = NULL;

	/* Each is a tree of its own, with its own limits. */
	members->reader.nodes = 0;
	if (yaml_read_node(&members->reader, event, &value) < 0) {
		if (members->unreadable.kind != ERROR_NONE)
			error_move(members->reader.err, &members->unreadable);
		return -1;
	}
	return wanted->on_member(wanted->ctx, name, value, members->reader.err);
}

/* The members of a mapping that has begun: each to `take`, whose event is the value's first. */
static int each_member(struct members *members,
	int (*take)(struct members *members, const char *name, const yaml_event_t *event))
{
	for (;;) {
		autoevent key = {.type = YAML_NO_EVENT};
		autoevent value = {.type = YAML_NO_EVENT};
		const char *name = "";

		if (next(members, &key) < 0)
			return -1;
		if (key.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (key.type == YAML_SCALAR_EVENT)
			name = (const char *)key.data.scalar.value;
		else if (skip(members, key.type) < 0)
			return -1;
		if (next(members, &value) < 0 || take(members, name, &value) < 0)
			return -1;
	}
}

static int take_inner(struct members *members, const char *name, const yaml_event_t *event)
{
	const struct yaml_members *wanted = members->wanted;

	if (wanted->wanted(wanted->ctx, name))
		return read_member(members, event, name);
	return skip(members, event->type);
}

static int take_outer(struct members *members, const char *name, const yaml_event_t *event)
{
	if (!streq(name, members->wanted->key))
		return skip(members, event->type);
	if (event->type != YAML_MAPPING_START_EVENT)
		return yaml_fail(&members->reader, "'%s' is no mapping", name);
	return each_member(members, take_inner);
}

static int read_document(struct members *members)
{
	autoevent event = {.type = YAML_NO_EVENT};

	do {
		if (next(members, &event) < 0)
			return -1;
		if (event.type == YAML_STREAM_END_EVENT)
			return 0;
	} while (event.type != YAML_DOCUMENT_START_EVENT);
	if (next(members, &event) < 0)
		return -1;
	if (event.type != YAML_MAPPING_START_EVENT)
		return yaml_fail(&members->reader, "the document is no mapping");
	return each_member(members, take_outer);
}

int yaml_members_read(const struct yaml_members *wanted, struct error *err)
{
	struct members members = {.wanted = wanted, .reader = {.err = err}};
	int result;

	if (!yaml_parser_initialize(&members.reader.parser))
		abort();
	yaml_parser_set_input(&members.reader.parser, read_piece, &members);
	result = read_document(&members);
	yaml_reader_clear(&members.reader);
	error_clear(&members.unreadable);
	return result;
}

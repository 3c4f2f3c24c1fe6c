/* SPDX-License-Identifier: Apache-2.0 */
/* What `get` writes of whole objects: a list that is begun, filled and closed, or one object alone. */
#ifndef PLUGIN_GET_WRITER_H
#define PLUGIN_GET_WRITER_H

#include "base/base.h"
#include "plugin/get.h"

struct get_writer {
	struct get *get;
	bool begun;
	bool alone;  /* one object and no list around it */
	bool any;    /* an item was written */
	bool fits;   /* the template sees one item after another */
	bool spaced; /* of a template: something was printed */
	const char *before, *after;
	struct buf out;
	struct json_object *items; /* of a template that wants the whole list; owned */
};

void get_writer_init(struct get_writer *writer, struct get *get);
void get_writer_clear(struct get_writer *writer);
/* One object, complete. */
int get_writer_item(
	struct get_writer *writer, const char *json, size_t len, struct error *err) MUST_CHECK;
/* The list is complete: close it. One that was cut short stays open, so that nobody takes it for
 * the whole. */
int get_writer_end(struct get_writer *writer, struct error *err) MUST_CHECK;

#endif

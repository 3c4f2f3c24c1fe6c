/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the screen of `describe`, from top to bottom; each prints itself to app->out. */
#ifndef PLUGIN_DESCRIBE_H
#define PLUGIN_DESCRIBE_H

#include "base/base.h"
#include "plugin/look.h"

struct json_object;

struct describe {
	struct app *app;
	struct look look;
	const struct kind *kind;
	const char *namespace; /* "" for cluster scope */
	const char *name;
	struct json_object *tree;   /* the whole object; owned */
	struct json_object *events; /* the list of its events; NULL: not read; owned */
	struct error events_error;
	/* Its record; NULL for kinds that a survey leaves out. */
	const struct survey_object *object;
	bool *gap; /* an empty line is due before the next one */
};

/* Text with a label in front, wrapped beside it. */
void describe_line(const struct describe *describe, const char *label, const char *text);
/*
 * A table whose last column is wrapped and not cut: messages are shown whole. `cells` has `count`
 * rows of `columns` texts, the headings first; NULL is an empty cell.
 */
void describe_rows(
	const struct describe *describe, const char *const *cells, size_t columns, size_t count);
/* State and message, what is in the way, remarks. */
void describe_print_state(const struct describe *describe);
/* What it is made of: source, revision, intervals, who made it, what it needs, who needs it. */
void describe_print_facts(const struct describe *describe);
void describe_print_conditions(const struct describe *describe);
/* What it applied or made. */
void describe_print_inventory(const struct describe *describe);
/* A FluxConfig: all that was made from it, with Azure's word and every difference. */
void describe_print_config(const struct describe *describe);
void describe_print_history(const struct describe *describe);
void describe_print_events(const struct describe *describe);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled form that base/jsonpath_parse.c builds and base/jsonpath_eval.c runs. */
#ifndef BASE_JSONPATH_INTERNAL_H
#define BASE_JSONPATH_INTERNAL_H

#include "base/base.h"
#include "base/error.h"

struct json_object;

enum path_type {
	PATH_TEXT,   /* outside braces; value holds it */
	PATH_ACTION, /* inside braces; children are its steps */
	PATH_VALUE,  /* quoted text or number or bool inside an action */
	PATH_FIELD,
	PATH_SLICE,
	PATH_WILDCARD,
	PATH_RECURSIVE,
	PATH_FILTER, /* left operator right */
	PATH_UNION,  /* children are actions */
};

enum path_operator {
	PATH_EXISTS,
	PATH_EQUAL,
	PATH_NOT_EQUAL,
	PATH_LESS,
	PATH_LESS_EQUAL,
	PATH_GREATER,
	PATH_GREATER_EQUAL,
};

struct path_bound {
	bool known, derived;
	long value;
};

struct path_node {
	enum path_type type;
	char *key;                 /* PATH_FIELD, owned */
	struct json_object *value; /* PATH_TEXT, PATH_VALUE, owned */
	struct path_bound bounds[3];
	enum path_operator operator;
	struct path_node *left, *right; /* actions, owned */
	struct path_node **children;    /* owned */
	size_t count;
	bool range, end;  /* an action that begins or ends a range */
	size_t range_end; /* index of its {end}; its own index if there is none */
};

struct jsonpath {
	char *text;
	struct path_node root;
};

struct path_parser {
	const char *whole; /* for messages */
	const char *at;
	const char *end; /* the text of a filter or union ends before the template does */
};

/* ---- base/jsonpath.c */

void jsonpath_node_free(struct path_node *node);

/* ---- base/jsonpath_parse.c */

/* A new last child. */
struct path_node *jsonpath_append(struct path_node *parent, enum path_type type);
/* Steps up to the end of the text or the brace that closes the action, which is left. */
int jsonpath_parse_steps(struct path_parser *parser, struct path_node *action, struct error *err);
int jsonpath_fail(const struct path_parser *parser, const char *what, struct error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `get` share: options, what is asked for, columns. */
#ifndef PLUGIN_GET_H
#define PLUGIN_GET_H

#include "base/base.h"
#include "base/jsonpath.h"
#include "kube/lister.h"
#include "kube/state.h"
#include "plugin/app.h"

struct get_opts {
	bool all_namespaces, no_headers, show_labels, show_managed_fields;
	const char *selector, *field_selector, *output, *sort_by, *state;
	struct strv label_columns;
	int chunk_size;
};

enum get_format {
	GET_TABLE,
	GET_WIDE,
	GET_JSON,
	GET_YAML,
	GET_NAME,
	GET_JSONPATH,
};

/* One request: a list of a kind, or one object of it by name. */
struct get_target {
	const struct kind *kind;
	const char *namespace; /* NULL: all; borrowed */
	char *name;            /* NULL: a list; owned */
	/*
	 * Targets of one question follow each other and have the same number: both groups of
	 * ExtensionConfig, Pods of two namespaces. Something is missing only if all of them miss it.
	 */
	unsigned question;
	bool by_all; /* not named by the user but part of `all`: may be absent */
};

struct get {
	struct app *app;
	const struct get_opts *opts;
	enum get_format format;
	struct jsonpath *template, *sort;
	unsigned states; /* bits of 1 << enum object_state; 0: any */
	struct get_target *targets;
	size_t count;
	bool named;          /* objects by name */
	bool single;         /* one object by name: printed alone, not as a list */
	bool several_kinds;  /* names are shown with their kind */
	bool show_namespace; /* the first column */
	bool agents;         /* both namespaces of Flux and Arc, since none was given */
	/* What the server said about the caller's rights, and in which namespace; owned. */
	struct json_object *rules;
	char *rules_namespace;
};

/* ---- plugin/get_args.c: what the words on the command line ask for */

int get_init(struct get *get, struct app *app, const struct get_opts *opts, const struct strv *args,
	struct error *err) MUST_CHECK;
void get_clear(struct get *get);

/* ---- plugin/get_columns.c: what is told of a kind */

struct get_cell {
	const struct kind *kind;
	struct json_object *object;
	const struct state_reading *reading; /* NULL for kinds without a state */
	const char *path;                    /* the column's first field, or NULL */
	int64_t now;
};

enum get_column_flags {
	COLUMN_WIDE = 1 << 0,     /* with -o wide only */
	COLUMN_FLEXIBLE = 1 << 1, /* may be cut to fit the terminal */
	COLUMN_RIGHT = 1 << 2,
	COLUMN_STYLED = 1 << 3, /* takes the colour of the row */
	COLUMN_EMPTY = 1 << 4,  /* nothing to say is "", not "-" */
};

struct get_column {
	const char *heading;
	const char *
		fields; /* paths of base/scan.h with spaces between; NULL: none beside the state's */
	/* Append the cell; nothing means unknown. NULL: the text at the first field. */
	void (*cell)(struct buf *out, const struct get_cell *cell);
	unsigned flags;
};

struct get_view {
	const char *kind;
	bool has_state;
	enum app_style (*style)(const struct get_cell *cell); /* NULL: by state */
	const struct get_column *columns;                     /* ends without a heading */
};

/* Never NULL: what is not described has name and age. */
const struct get_view *get_view_of(const struct kind *kind);
/* Paths for a projection, NULL-terminated, of all that a table of this kind needs. */
void get_view_fields(const struct get *get, const struct get_view *view, struct strv *ret);
/* The value at a path like those of base/scan.h, without arrays; borrowed. */
struct json_object *get_value_at(struct json_object *object, const char *path);
enum app_style get_state_style(enum object_state state);

/* ---- plugin/get_cells.c, plugin/get_core.c: cells that are more than the text at a path */

void get_cell_state(struct buf *out, const struct get_cell *cell);
void get_cell_revision(struct buf *out, const struct get_cell *cell);
void get_cell_since(struct buf *out, const struct get_cell *cell);
void get_cell_message(struct buf *out, const struct get_cell *cell);
void get_cell_age(struct buf *out, const struct get_cell *cell);
void get_cell_short(struct buf *out, const struct get_cell *cell);
void get_cell_count(struct buf *out, const struct get_cell *cell);
void get_cell_ref(struct buf *out, const struct get_cell *cell);
void get_cell_source(struct buf *out, const struct get_cell *cell);
void get_cell_chart(struct buf *out, const struct get_cell *cell);
void get_cell_compliance(struct buf *out, const struct get_cell *cell);
void get_cell_synced(struct buf *out, const struct get_cell *cell);
void get_cell_config_source(struct buf *out, const struct get_cell *cell);
void get_cell_served(struct buf *out, const struct get_cell *cell);
void get_cell_list(struct buf *out, const struct get_cell *cell);

void get_cell_pod_ready(struct buf *out, const struct get_cell *cell);
void get_cell_pod_status(struct buf *out, const struct get_cell *cell);
void get_cell_pod_restarts(struct buf *out, const struct get_cell *cell);
void get_cell_replicas(struct buf *out, const struct get_cell *cell);
void get_cell_number(struct buf *out, const struct get_cell *cell);
void get_cell_images(struct buf *out, const struct get_cell *cell);
void get_cell_node_status(struct buf *out, const struct get_cell *cell);
void get_cell_node_roles(struct buf *out, const struct get_cell *cell);
enum app_style get_style_pod(const struct get_cell *cell);
enum app_style get_style_replicas(const struct get_cell *cell);
enum app_style get_style_phase(const struct get_cell *cell);

/* ---- plugin/get_rows.c: tables */

int get_tables(struct get *get, struct error *err) MUST_CHECK;

/* ---- plugin/get_stream.c: json, yaml, names and templates, printed while they arrive */

int get_stream(struct get *get, struct error *err) MUST_CHECK;

/* ---- plugin/get_ask.c: the requests of both */

/* A list ready to run, but for its callback; `list` is to be cleared with kind_list_clear(). */
void get_list_init(const struct get *get, const struct get_target *target, struct kind_list *list);
/* True if the object's state is one that was asked for. */
bool get_state_wanted(const struct get *get, const struct kind *kind, struct json_object *object);
/* `get crds` shows those of Flux and of Azure, unless they are named. */
bool get_name_wanted(const struct get_target *target, const char *name);

/* ---- plugin/get_sort.c: --sort-by, which holds all objects */

struct get_sorted {
	char *json; /* owned */
	size_t len;
	const struct get_target *target;
	char *key; /* text of the value, owned; NULL: the object has none */
	size_t index;
};
struct get_sorter {
	struct get_sorted *items;
	size_t len, cap;
};
#define GET_SORTER_INIT       \
	{                     \
		.items = NULL \
	}
int get_sorter_add(struct get_sorter *sorter, const struct get *get,
	const struct get_target *target, const char *json, size_t len,
	struct error *err) MUST_CHECK;
/*
 * kubectl's order: numbers and quantities by value, all else byte by byte. Fails if no object has
 * the value, unless objects are missing because their list is not `complete`.
 */
int get_sorter_sort(struct get_sorter *sorter, const struct get *get, bool complete,
	struct error *err) MUST_CHECK;
void get_sorter_clear(struct get_sorter *sorter);
/* Order of two keys: <0, 0, >0. */
int get_sort_compare(const char *a, const char *b);

/* ---- plugin/get_outcome.c: what failed, what was empty */

/* The outcome of one target, kept until all of its question are known. */
struct get_outcome {
	struct error error; /* owned */
	bool not_installed;
	uint64_t shown;
};
/*
 * Say what could not be read and where nothing was found; `outcomes` has one a target and is
 * emptied. Fails if a kind or name that the user gave failed, or all did.
 */
int get_conclude(struct get *get, struct get_outcome *outcomes, struct error *err) MUST_CHECK;

/* ---- plugin/get_elsewhere.c: further questions when an answer was empty or forbidden */

/* How many objects of the kinds asked for there are in all namespaces; 0 also if nobody knows. */
uint64_t get_count_elsewhere(const struct get *get);
/* What would be allowed in place of what was forbidden, as a hint; false if the server does not
 * say. */
bool get_allowed(struct get *get, const struct get_target *target, struct buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree read into C structs with the strict typing of Go's encoding/json, described by tables: a
 * number where text is wanted is an error in Go's words ("json: cannot unmarshal number into Go
 * struct field AuthInfo.users.user.token of type string"), unknown keys are skipped, null leaves a
 * field empty. Serves kubeconfig files and the replies of credential plugins.
 */
#ifndef KUBE_SCHEMA_H
#define KUBE_SCHEMA_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"

struct json_object;

/* What a field is in C, by type. */
enum schema_type {
	SCHEMA_STRING,      /* char *; NULL if absent or null */
	SCHEMA_BOOL,        /* bool */
	SCHEMA_BYTES,       /* struct buf, from base64 text */
	SCHEMA_STRINGS,     /* struct strv */
	SCHEMA_STRING_MAP,  /* struct strv: key, value, key, value … */
	SCHEMA_STRINGS_MAP, /* struct schema_map */
	SCHEMA_STRUCT,      /* the fields of `schema`, in place */
	SCHEMA_POINTER,     /* void *: a struct of `schema`, NULL if absent */
	SCHEMA_LIST,        /* struct schema_list of `schema` */
	SCHEMA_ANY,         /* struct json_object *, one reference */
};

/* A map of lists of text, flattened. */
struct schema_map {
	struct strv pairs; /* key, value, key, value …: one pair a value, so keys repeat */
	bool any;          /* it has a key, be its list empty */
};

struct schema_list {
	void *items; /* `len` structs one behind the other */
	size_t len;
};

struct schema;
struct schema_field {
	const char *key; /* NULL ends the table */
	enum schema_type type;
	size_t offset;               /* from the start of the struct */
	const struct schema *schema; /* of STRUCT, POINTER and LIST */
	const char *go_type;         /* where Go has a name of its own for text; else NULL */
};

struct schema {
	const char *package; /* "v1", as Go prints types */
	const char *name;    /* "AuthInfo" */
	size_t size;
	/* Sorted by key, bytewise: Go reports the first error in that order. */
	const struct schema_field *fields;
};

/* Make a struct empty; schema_clear() does so again and releases what it held. */
void schema_init(const struct schema *schema, void *target);
void schema_clear(const struct schema *schema, void *target);
/* Item `index` of a list of `schema`; it must exist. */
void *schema_item(const struct schema *schema, const struct schema_list *list, size_t index);

/*
 * Fill an initialised struct from an object (NULL leaves it empty). On failure it is partly filled
 * and still to be cleared. ERROR_SYNTAX; no value is repeated in the message.
 */
int schema_read(const struct schema *schema, struct json_object *object, void *target,
	struct error *err) MUST_CHECK;

/*
 * What Go's runtime.Serializer does first: apiVersion and kind of a document as text, whatever else
 * it holds. Borrowed from it, "" if absent. ERROR_SYNTAX if it is no object or they are no text.
 */
int schema_type_meta(struct json_object *document, const char **api_version, const char **kind,
	struct error *err) MUST_CHECK;

#endif

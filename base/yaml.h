/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML text to a JSON tree, with the typing of YAML 1.1 as Go's sigs.k8s.io/yaml does it (facts:
 * libyaml resolves no types; y/n/on/off/yes/no are booleans, 0o17, 0b1, 0x1, 1_000 and .5 are
 * numbers, ~ is null). The wrapper of libyaml.
 *
 * Only the first document counts. Anchors, aliases and `<<` work, with a bound on expansion; of a
 * duplicate key the last value stands; a key that is a boolean or number becomes its text. A byte
 * order mark is skipped. Errors name the line.
 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/base.h"
#include "base/error.h"

struct json_object;

#define YAML_MAX_BYTES ((size_t)16 << 20)
#define YAML_MAX_NODES 500000 /* after expansion of aliases */

/* `*ret` is owned by the caller; NULL for an empty document (or null). */
int yaml_parse(
	const char *text, size_t len, struct json_object **ret, struct error *err) MUST_CHECK;

/*
 * Of a document that is too large for a tree: members of the mapping that stands at `key` of its
 * top, each as a tree of its own (YAML_MAX_NODES), in their order. The text is read in pieces; its
 * length is the caller's to bound.
 */
struct yaml_members {
	/* The next at most `len` bytes; 0 at the end, -1 with an error. */
	int64_t (*read)(void *ctx, void *data, size_t len, struct error *err);
	const char *key;
	bool (*wanted)(void *ctx, const char *name);
	/* `value` is borrowed; NULL is null. */
	int (*on_member)(void *ctx, const char *name, struct json_object *value, struct error *err);
	void *ctx;
};
int yaml_members_read(const struct yaml_members *wanted, struct error *err) MUST_CHECK;

enum yaml_type {
	YAML_STRING,
	YAML_TIMESTAMP, /* read as text, but other readers see a date */
	YAML_NULL,
	YAML_BOOL,
	YAML_INT,
	YAML_FLOAT
};

/* A scalar with its value: the member that `type` names. */
struct yaml_value {
	enum yaml_type type;
	bool truth;         /* YAML_BOOL */
	bool negative;      /* YAML_INT; within int64 if set, else within uint64 */
	uint64_t magnitude; /* YAML_INT */
	double number;      /* YAML_FLOAT; also infinite and NaN */
};

/* What a plain (unquoted) scalar is in YAML 1.1. */
enum yaml_type yaml_resolve(const char *text, size_t len);
enum yaml_type yaml_resolve_value(const char *text, size_t len, struct yaml_value *ret);
/* Whether it stays text without quotes, for emitters: numbers of base 60 do not either. */
bool yaml_reads_as_text(const char *text, size_t len);

/* Of libyaml: "0.2.5", for `version`. */
const char *yaml_library_version(void);

/*
 * The order in which yaml.v2 writes keys: runs of digits by their value, letters behind all else.
 * Beyond ASCII every character counts as a letter.
 */
int yaml_key_compare(const char *a, size_t a_len, const char *b, size_t b_len);

/* A float as a tree's value: what Go reads out of the JSON that it writes, so an integer if it looks
 * like one. Fails for what JSON has no words for. */
int yaml_new_number(double number, struct json_object **ret, struct error *err) MUST_CHECK;

#endif

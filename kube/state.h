/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of one Flux object, read from its own document. Pure.
 *
 * Most telling first: Deleting, Suspended, Stalled, Failing, Blocked, Progressing, Stale, Ready,
 * Static. Traps that this file knows (seen in recordings): observedGeneration stays at the last
 * good generation (or -1) while an object fails, so it alone never means "not looked at"; Ready and
 * Reconciling are independent; of a stalled HelmRelease the Ready message of "Failed to install
 * after 1 attempt(s)" hides the cause, which the Released condition has; a quiet healthy object has
 * no clock but its interval fields.
 */
#ifndef KUBE_STATE_H
#define KUBE_STATE_H

#include "base/base.h"
#include "kube/kinds.h"

struct json_object;

/* X(NAME, "Word", is this not ready?) in order of precedence. */
#define OBJECT_STATES(X)                    \
	X(DELETING, "Deleting", true)       \
	X(SUSPENDED, "Suspended", true)     \
	X(STALLED, "Stalled", true)         \
	X(FAILING, "Failing", true)         \
	X(BLOCKED, "Blocked", true)         \
	X(PROGRESSING, "Progressing", true) \
	X(STALE, "Stale", true)             \
	X(READY, "Ready", false)            \
	X(STATIC, "Static", false)

enum object_state {
#define X(name, word, bad) STATE_##name,
	OBJECT_STATES(X)
#undef X
	STATE_COUNT
};

const char *object_state_word(enum object_state state);
/* True for all that a user has to look at. */
bool object_state_not_ready(enum object_state state);
/* From a word in any case; also "notready" and "all" are for callers. False if unknown. */
bool object_state_parse(const char *word, enum object_state *ret);

struct state_reading {
	enum object_state state;
	const char *reason;  /* borrowed from the document; NULL if none */
	const char *message; /* borrowed; the controller's own words; NULL if none */
	int64_t since;       /* moment of the condition that decides, or TIME_NONE */
	int64_t generation, observed_generation; /* -1 unknown */
	bool retrying;             /* a failing object that will be tried again by itself */
	const char *stale_because; /* static text when STATE_STALE */
	bool unseen;               /* Progressing because no controller has looked at it yet */
};

/* The paths that object_state_read() needs, for a projection. NULL-terminated. */
extern const char *const object_state_fields[];

void object_state_read(const struct kind *kind, struct json_object *object, int64_t now,
	struct state_reading *ret);

/* The condition of a type, or NULL. Borrowed. */
struct json_object *object_condition(struct json_object *object, const char *type);
/* What the object holds or applied: "main@sha1:…", "1.2.3"; NULL if nothing. Borrowed. */
const char *object_revision(const struct kind *kind, struct json_object *object);
/* Commits and digests of 40 to 128 hex digits cut to 8, as flux prints them. */
void revision_short(struct buf *out, const char *revision);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Small documents written by hand, and the state that each is to read as. */
#ifndef TESTS_UNIT_STATE_ROWS_H
#define TESTS_UNIT_STATE_ROWS_H

#include "test.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"
#include "kube/state.h"

#define NOW "2026-11-24T08:00:00Z"

static inline struct json_object *parse(const char *text)
{
	struct json_object *object = NULL;
	autoerror err = ERROR_INIT;

	if (json_parse(text, strlen(text), &object, &err) < 0)
		fail_msg("%s in %s", err.message, text);
	return object;
}

#define COND(type, status, reason, message, more)                               \
	"{\"type\":\"" type "\",\"status\":\"" status "\",\"reason\":\"" reason \
	"\",\"message\":\"" message "\",\"lastTransitionTime\":\"2026-11-24T07:59:00Z\"" more "}"
#define READY(status, reason, message) COND("Ready", status, reason, message, "")
#define STATUS(conditions, more) "\"status\":{\"conditions\":[" conditions "]" more "}"
#define META(generation) "\"metadata\":{\"generation\":" generation "}"
#define SEEN(generation) ",\"observedGeneration\":" generation

struct row {
	const char *kind, *object;
	enum object_state state;
	const char *message; /* NULL: not looked at */
};

static inline void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autojson struct json_object *object = parse(rows[i].object);
		struct state_reading reading;

		object_state_read(kind_find(rows[i].kind, NULL), object, time_parse(NOW), &reading);
		if (reading.state != rows[i].state)
			fail_msg("row %zu is %s, not %s: %s", i, object_state_word(reading.state),
				object_state_word(rows[i].state), rows[i].object);
		if (rows[i].message)
			assert_string_equal(
				reading.message ? reading.message : "", rows[i].message);
	}
}

#endif

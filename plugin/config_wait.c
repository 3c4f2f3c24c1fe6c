/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for compliance: what Azure is told of every object, said whenever it changes. */
#include "base/base.h"

#include <strings.h>

#include "arm/duration.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/config.h"
#include "plugin/text.h"

#define DEFAULT_TIMEOUT 600 /* seconds */
#define FIRST_PAUSE_MS 1000
#define LONGEST_PAUSE_MS 5000
#define REPORT_MS 90000 /* the agent reports once a minute at most */

struct wait {
	struct config *config;
	char *report;     /* statusUpdatedAt before the change; NULL: any report counts */
	int64_t begun;    /* time_monotonic() */
	int64_t deadline; /* time_monotonic() */
	struct strv seen; /* "KIND NAMESPACE/NAME: STATE", as said last */
};

static void wait_clear(struct wait *wait)
{
	strv_clear(&wait->seen);
	free(wait->report);
}

int config_check_wait(const struct azure *azure, bool wait, const char *timeout, struct error *err)
{
	int64_t seconds;

	if (wait && azure->flags->no_wait)
		return error_set(err, ERROR_USAGE, "--wait and --no-wait: only one of them");
	if (timeout && !wait)
		return error_set(err, ERROR_USAGE, "--wait-timeout needs --wait");
	return timeout ? arm_duration_parse("--wait-timeout", timeout, &seconds, err) : 0;
}

static bool is(const char *text, const char *word)
{
	return text && strcasecmp(text, word) == 0;
}

/* ---- objects */

static char *object_label(struct json_object *status)
{
	const char *namespace = json_str(status, "namespace");

	return xasprintf("%s %s%s%s", json_text(json_get(status, "kind")),
		namespace ? namespace : "", namespace ? "/" : "",
		json_text(json_get(status, "name")));
}

static const char *object_message(struct json_object *status)
{
	const char *message = json_str(config_condition(status), "message");

	return str_set(message) ? message : json_str(config_condition(status), "reason");
}

static bool is_well(struct json_object *status)
{
	return is(json_str(status, "complianceState"), "Compliant");
}

/* The first that is not well, one that failed before one that waits. */
static struct json_object *worst(struct json_object *statuses)
{
	struct json_object *found = NULL;

	for (size_t i = 0; i < json_len(statuses); i++) {
		struct json_object *status = json_item(statuses, i);
		const char *reason = json_str(config_condition(status), "reason");

		if (is(json_str(status, "complianceState"), "Non-Compliant") &&
			!is(reason, "DependencyNotReady"))
			return status;
		if (!is_well(status) && !found)
			found = status;
	}
	return found;
}

static void say_object(struct wait *wait, struct json_object *status)
{
	const struct app *app = wait->config->app;
	autofree char *label = object_label(status);
	const char *message = is_well(status) ? NULL : object_message(status);
	autofree char *line =
		xasprintf("%s: %s%s%s", label, json_text(json_get(status, "complianceState")),
			str_set(message) ? ": " : "", str_set(message) ? message : "");
	autobuf safe = BUF_INIT;

	if (strv_contains(&wait->seen, line))
		return;
	for (size_t i = wait->seen.len; i > 0; i--)
		if (starts_with(wait->seen.items[i - 1], label) &&
			wait->seen.items[i - 1][strlen(label)] == ':')
			strv_remove(&wait->seen, i - 1);
	strv_push(&wait->seen, line);
	text_cell(&safe, line);
	app_progress_end(wait->config->app);
	fprintf(app->err, "%s\n", safe.ptr);
}

static void say_progress(struct wait *wait, struct json_object *properties)
{
	struct json_object *statuses = json_get(properties, "statuses");
	const char *state = json_str(properties, "complianceState");
	size_t well = 0;

	for (size_t i = 0; i < json_len(statuses); i++) {
		say_object(wait, json_item(statuses, i));
		well += is_well(json_item(statuses, i));
	}
	app_progress(wait->config->app, "'%s' is %s, %zu of %zu objects are Compliant",
		wait->config->name, state ? state : "Unknown", well, json_len(statuses));
}

/* ---- the end */

static int not_compliant(
	struct wait *wait, struct json_object *properties, const char *when, struct error *err)
{
	const char *state = json_str(properties, "complianceState");
	const char *message = json_str(properties, "errorMessage");
	struct json_object *object = worst(json_get(properties, "statuses"));
	autofree char *label = object ? object_label(object) : NULL;
	autobuf why = BUF_INIT;

	app_progress_end(wait->config->app);
	if (object)
		buf_addf(&why, ": %s is %s%s%s", label,
			json_text(json_get(object, "complianceState")),
			object_message(object) ? ": " : "",
			object_message(object) ? object_message(object) : "");
	else if (str_set(message))
		buf_addf(&why, ": %s", message);
	error_set(err, ERROR_FINDINGS, "'%s' is %s%s%s", wait->config->name,
		state ? state : "Unknown", when, why.ptr);
	return error_hint(err, "'kubectl flux-arc status' and 'config object show' say more");
}

/* What is said of the time before the change does not count. */
static bool is_stale(const struct wait *wait, struct json_object *properties)
{
	return wait->report && streq(wait->report, json_str(properties, "statusUpdatedAt")) &&
	       time_monotonic() - wait->begun < REPORT_MS;
}

/* 1: go on; 0: Compliant; -1: never will be. */
static int judge(struct wait *wait, struct json_object *properties, struct error *err)
{
	const char *state = json_str(properties, "complianceState");

	if (is(state, "Compliant") && !is_stale(wait, properties))
		return 0;
	if (is(state, "Suspended"))
		return not_compliant(wait, properties, "", err);
	return time_monotonic() < wait->deadline
		       ? 1
		       : not_compliant(wait, properties, " when the time was up", err);
}

/* Until the next look; never past the deadline. */
static int64_t next_pause(const struct wait *wait, int64_t pause)
{
	int64_t left = wait->deadline - time_monotonic();

	if (pause > LONGEST_PAUSE_MS)
		pause = LONGEST_PAUSE_MS;
	return left < 0 ? 0 : pause < left ? pause : left;
}

int config_wait(struct config *config, const char *timeout, struct json_object **resource,
	struct error *err)
{
	CLEANUP(wait_clear) struct wait wait = {.config = config, .seen = STRV_INIT};
	int64_t seconds = DEFAULT_TIMEOUT;
	int64_t pause = FIRST_PAUSE_MS;

	if (timeout && arm_duration_parse("--wait-timeout", timeout, &seconds, err) < 0)
		return -1;
	wait.begun = time_monotonic();
	wait.deadline = wait.begun + seconds * 1000;
	if (*resource != config->resource)
		wait.report = xstrdup_or_null(
			json_str(config->resource, "properties", "statusUpdatedAt"));
	config->delay_ms = 0;
	for (;;) {
		struct json_object *properties;
		int verdict;

		if (config_read_existing(config, err) < 0)
			return -1;
		json_free(*resource);
		*resource = json_ref(config->resource);
		properties = json_get(config->resource, "properties");
		config_tell_key(config, properties);
		say_progress(&wait, properties);
		verdict = judge(&wait, properties, err);
		if (verdict <= 0)
			return verdict;
		config->delay_ms = next_pause(&wait, pause);
		if (pause < LONGEST_PAUSE_MS)
			pause *= 2;
	}
}

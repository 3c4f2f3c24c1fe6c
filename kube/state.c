/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/json.h"
#include "base/time.h"
#include "kube/state.h"
#include "kube/state_azure.h"

#define GENERATOR_OFF "source.extensions.fluxcd.io/reconcile"

const char *const object_state_fields[] = {
	"apiVersion",
	"kind",
	"metadata.creationTimestamp",
	"metadata.deletionTimestamp",
	"metadata.generation",
	"metadata.annotations.[" GENERATOR_OFF "]",
	"spec.suspend",
	"spec.interval",
	"spec.type",
	"spec.softDelete",
	"spec.gitRepository.syncInterval",
	"spec.bucket.syncInterval",
	"spec.azureBlob.syncInterval",
	"spec.ociRepository.syncInterval",
	"status.conditions",
	"status.observedGeneration",
	"status.artifact.revision",
	"status.history[].lastReconciled",
	"status.history[].status",
	"status.history[].version",
	"status.history[].chartVersion",
	"status.lastAppliedRevision",
	"status.latestRef.tag",
	"status.latestImage",
	"status.lastPushCommit",
	"status.lastSyncedCommit",
	"status.provisioningState",
	"status.dataplaneStatus",
	"status.managedStatuses",
	"status.status",
	"status.message",
	"status.extensionState",
	"status.reconciliationError",
	"status.configAppliedTime",
	"status.lastSuccessfulReconciledTime",
	"status.helmReleaseStatus.installedChartVersion",
	"status.syncStatus",
	NULL,
};

static const struct {
	const char *word;
	bool not_ready;
} states[] = {
#define X(name, word, bad) {word, bad},
	OBJECT_STATES(X)
#undef X
};

const char *object_state_word(enum object_state state)
{
	return states[state].word;
}

bool object_state_not_ready(enum object_state state)
{
	return states[state].not_ready;
}

bool object_state_parse(const char *word, enum object_state *ret)
{
	for (size_t i = 0; i < countof(states); i++)
		if (strcasecmp(states[i].word, word) == 0) {
			*ret = (enum object_state)i;
			return true;
		}
	return false;
}

struct json_object *object_condition(struct json_object *object, const char *type)
{
	struct json_object *conditions = json_get(object, "status", "conditions");

	for (size_t i = 0; i < json_len(conditions); i++) {
		struct json_object *condition = json_item(conditions, i);

		if (streq(json_str(condition, "type"), type))
			return condition;
	}
	return NULL;
}

static bool is_status(struct json_object *condition, const char *status)
{
	return streq(json_str(condition, "status"), status);
}

static void take_condition(struct state_reading *ret, struct json_object *condition)
{
	ret->reason = json_str(condition, "reason");
	ret->message = json_str(condition, "message");
	ret->since = time_parse(json_str(condition, "lastTransitionTime"));
}

/*
 * What Ready=False means, where it is not simply failing. An object that waits for another says so
 * by its reason; where that other is named and does not exist, nothing else will ever be at fault,
 * so the object itself fails.
 */
static const struct {
	const char *reason;
	const char *text; /* in the message; NULL: any */
	enum object_state state;
} meanings[] = {
	{"Progressing", NULL, STATE_PROGRESSING},
	{"ProgressingWithRetry", NULL, STATE_PROGRESSING},
	{"NewRevision", NULL, STATE_PROGRESSING},
	{"NewChart", NULL, STATE_PROGRESSING},
	{"NewGeneration", NULL, STATE_PROGRESSING},
	{"HealthCheckCanceled", NULL, STATE_PROGRESSING},
	{"ReconciliationDisabled", NULL, STATE_SUSPENDED},
	{"DependencyNotReady", "not found", STATE_FAILING},
	{"DependencyNotReady", "does not exist", STATE_FAILING},
	{"DependencyNotReady", NULL, STATE_BLOCKED},
	{"SourceNotReady", NULL, STATE_BLOCKED},
	{"NoSourceArtifact", NULL, STATE_BLOCKED},
	{"NoArtifact", NULL, STATE_BLOCKED},
	{"SourceUnavailable", "not found", STATE_FAILING},
	{"SourceUnavailable", NULL, STATE_BLOCKED},
	{"ArtifactFailed", "artifact not found", STATE_BLOCKED},
	{"ArtifactFailed", "is not ready", STATE_BLOCKED},
	{"SourceFetchFailed", "artifact not found", STATE_BLOCKED},
	{"SourceFetchFailed", "is not ready", STATE_BLOCKED},
};

static enum object_state meaning_of(struct json_object *ready, enum object_state otherwise)
{
	const char *reason = json_str(ready, "reason");
	const char *message = json_str(ready, "message");

	for (size_t i = 0; reason && i < countof(meanings); i++)
		if (streq(meanings[i].reason, reason) &&
			(!meanings[i].text || (message && strstr(message, meanings[i].text))))
			return meanings[i].state;
	return otherwise;
}

/* helm-controller's summaries say how often it tried, not what went wrong. */
static bool hides_cause(const char *message)
{
	return message &&
	       ((starts_with(message, "Failed to ") && ends_with(message, " attempt(s)")) ||
		       ends_with(message, "retries exhausted"));
}

static void uncover_cause(struct json_object *object, struct state_reading *ret)
{
	static const char *const types[] = {"Released", "TestSuccess", "Remediated"};

	for (size_t i = 0; hides_cause(ret->message) && i < countof(types); i++) {
		struct json_object *condition = object_condition(object, types[i]);

		if (is_status(condition, "False") && json_str(condition, "message"))
			ret->message = json_str(condition, "message");
	}
}

static void read_stalled(
	struct json_object *object, struct json_object *stalled, struct state_reading *ret)
{
	struct json_object *ready = object_condition(object, "Ready");

	ret->state = STATE_STALLED;
	take_condition(ret, stalled);
	if (is_status(ready, "False") && json_str(ready, "message"))
		ret->message = json_str(ready, "message");
	uncover_cause(object, ret);
}

static void read_false(
	struct json_object *object, struct json_object *ready, struct state_reading *ret)
{
	take_condition(ret, ready);
	ret->state = meaning_of(ready, STATE_FAILING);
	/* Flux before 2.2 has no Stalled for a release that is not tried again. */
	if (ret->message && ends_with(ret->message, "retries exhausted"))
		ret->state = STATE_STALLED;
	ret->retrying = ret->state == STATE_FAILING;
	uncover_cause(object, ret);
}

/* The newest moment at which status.history says that a reconcile ended. */
static int64_t last_reconciled(struct json_object *object)
{
	struct json_object *history = json_get(object, "status", "history");
	int64_t newest = TIME_NONE;

	for (size_t i = 0; i < json_len(history); i++) {
		int64_t moment = time_parse(json_str(json_item(history, i), "lastReconciled"));

		if (moment != TIME_NONE && (newest == TIME_NONE || moment > newest))
			newest = moment;
	}
	return newest;
}

bool object_overdue(int64_t moment, const char *interval, int64_t now)
{
	int64_t interval_ns;

	if (moment == TIME_NONE || now == TIME_NONE || !interval ||
		!duration_parse(interval, &interval_ns) || interval_ns <= 0)
		return false;
	/* In milliseconds, which cannot overflow for any interval that duration_parse() takes. */
	return now - moment > 3 * (interval_ns / 1000000);
}

static void set_stale(struct state_reading *ret, const char *because, int64_t since)
{
	ret->state = STATE_STALE;
	ret->stale_because = because;
	ret->since = since;
}

/*
 * Ready=True is old when the spec is newer than what it speaks of. A condition's own
 * observedGeneration counts too: some controllers raise it first.
 */
static void read_true(struct json_object *object, struct json_object *ready, int64_t now,
	struct state_reading *ret)
{
	struct json_object *reconciling = object_condition(object, "Reconciling");
	int64_t seen = json_int(ready, -1, "observedGeneration");
	int64_t reconciled = last_reconciled(object);

	ret->state = STATE_READY;
	take_condition(ret, ready);
	if (seen < ret->observed_generation)
		seen = ret->observed_generation;
	if (seen >= 0 && seen < ret->generation) {
		if (is_status(reconciling, "True") &&
			json_int(reconciling, -1, "observedGeneration") == ret->generation) {
			ret->state = STATE_PROGRESSING;
			take_condition(ret, reconciling);
			return;
		}
		set_stale(ret, "the spec is newer than what the controller has seen", TIME_NONE);
		return;
	}
	if (object_overdue(reconciled, json_str(object, "spec", "interval"), now))
		set_stale(ret, "not reconciled for over three intervals", reconciled);
}

/* Kinds whose newest version has no conditions, and HelmRepositories of type oci since Flux 2.2. */
static bool is_static(const struct kind *kind, struct json_object *object)
{
	const char *version = json_str(object, "apiVersion");

	if (kind->flags & KIND_STATIC)
		return !version || ends_with(version, "/v1beta3") ||
		       json_len(json_get(object, "status", "conditions")) == 0;
	if (streq(kind->name, "HelmRepository"))
		return streq(json_str(object, "spec", "type"), "oci") &&
		       json_len(json_get(object, "status", "conditions")) == 0;
	return !(kind->flags & KIND_FLUX);
}

static void read_without_ready(
	const struct kind *kind, struct json_object *object, struct state_reading *ret)
{
	struct json_object *reconciling = object_condition(object, "Reconciling");

	if (is_static(kind, object)) {
		ret->state = STATE_STATIC;
		return;
	}
	/* Whoever makes ExternalArtifacts need not write conditions. */
	if (streq(kind->name, "ExternalArtifact") &&
		json_str(object, "status", "artifact", "revision")) {
		ret->state = STATE_READY;
		return;
	}
	ret->state = STATE_PROGRESSING;
	if (is_status(reconciling, "True")) {
		take_condition(ret, reconciling);
		return;
	}
	ret->unseen = true;
	ret->since = time_parse(json_str(object, "metadata", "creationTimestamp"));
}

static void read_conditions(
	const struct kind *kind, struct json_object *object, int64_t now, struct state_reading *ret)
{
	struct json_object *ready = object_condition(object, "Ready");
	struct json_object *stalled = object_condition(object, "Stalled");

	if ((kind->flags & KIND_STATIC) && is_static(kind, object)) {
		ret->state = STATE_STATIC;
	} else if (is_status(stalled, "True")) {
		read_stalled(object, stalled, ret);
	} else if (!ready) {
		read_without_ready(kind, object, ret);
	} else if (is_status(ready, "True")) {
		read_true(object, ready, now, ret);
	} else if (is_status(ready, "False")) {
		read_false(object, ready, ret);
	} else {
		take_condition(ret, ready);
		ret->state = meaning_of(ready, STATE_PROGRESSING);
		ret->retrying = streq(json_str(object_condition(object, "Reconciling"), "reason"),
			"ProgressingWithRetry");
	}
}

static bool is_suspended(const struct kind *kind, struct json_object *object)
{
	if (json_bool(object, "spec", "suspend"))
		return true;
	return streq(kind->name, "ArtifactGenerator") &&
	       streq(json_str(object, "metadata", "annotations", GENERATOR_OFF), "disabled");
}

void object_state_read(
	const struct kind *kind, struct json_object *object, int64_t now, struct state_reading *ret)
{
	const char *deleted = json_str(object, "metadata", "deletionTimestamp");

	*ret = (struct state_reading){
		.since = TIME_NONE,
		.generation = json_int(object, -1, "metadata", "generation"),
		.observed_generation = json_int(object, -1, "status", "observedGeneration"),
	};
	if (kind->family == FAMILY_AZURE)
		azure_state_read(kind, object, now, ret);
	else
		read_conditions(kind, object, now, ret);
	if (deleted) {
		ret->state = STATE_DELETING;
		ret->since = time_parse(deleted);
	} else if (is_suspended(kind, object)) {
		ret->state = STATE_SUSPENDED;
		ret->since = TIME_NONE;
	} else {
		return;
	}
	ret->retrying = false;
	ret->unseen = false;
	ret->stale_because = NULL;
}

/*
 * The chart version that runs: of the newest release that Helm calls deployed, since a failed
 * upgrade stands before it in the history.
 */
static const char *deployed_version(struct json_object *object)
{
	struct json_object *history = json_get(object, "status", "history");
	const char *version = NULL;
	int64_t newest = -1;

	for (size_t i = 0; i < json_len(history); i++) {
		struct json_object *release = json_item(history, i);
		int64_t number = json_int(release, 0, "version");

		if (streq(json_str(release, "status"), "deployed") && number > newest) {
			newest = number;
			version = json_str(release, "chartVersion");
		}
	}
	return version;
}

const char *object_revision(const struct kind *kind, struct json_object *object)
{
	const char *revision = NULL;

	if (kind->family == FAMILY_SOURCE)
		revision = json_str(object, "status", "artifact", "revision");
	else if (streq(kind->name, "FluxConfig"))
		revision = json_str(object, "status", "lastSyncedCommit");
	else if (streq(kind->name, "ExtensionConfig"))
		revision = json_str(object, "status", "helmReleaseStatus", "installedChartVersion");
	else if (streq(kind->name, "ImagePolicy"))
		revision = json_str(object, "status", "latestRef", "tag");
	else if (streq(kind->name, "ImageUpdateAutomation"))
		revision = json_str(object, "status", "lastPushCommit");
	else if (streq(kind->name, "HelmRelease"))
		revision = deployed_version(object);
	if (!revision && kind->family == FAMILY_APPLIER)
		revision = json_str(object, "status", "lastAppliedRevision");
	if (!revision && streq(kind->name, "ImagePolicy"))
		revision = json_str(object, "status", "latestImage");
	return str_set(revision) ? revision : NULL;
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

void revision_short(struct buf *out, const char *revision)
{
	const char *at = revision;

	while (*at) {
		size_t word = 0;
		size_t hex = strspn(at, "0123456789abcdef");

		while (is_word(at[word]))
			word++;
		if (word > 0 && word == hex && hex >= 40 && hex <= 128)
			buf_add(out, at, 8);
		else
			buf_add(out, at, word > 0 ? word : 1);
		at += word > 0 ? word : 1;
	}
}

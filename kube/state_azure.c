/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/json.h"
#include "base/time.h"
#include "kube/state_azure.h"

/* Worst first. Waiting for another part is worse than well and better than what it waits for. */
static const struct {
	const char *word;
	enum object_state state;
} compliances[] = {
	{"Non-Compliant", STATE_FAILING},
	{"Pending", STATE_PROGRESSING},
	{"Unknown", STATE_PROGRESSING},
	{"Suspended", STATE_SUSPENDED},
	{"Compliant", STATE_READY},
};

static size_t compliance_rank(const char *word)
{
	for (size_t i = 0; i < countof(compliances); i++)
		if (strcasecmp(compliances[i].word, word) == 0)
			return i;
	return 2; /* a word of a later version: unknown to us */
}

struct worst {
	size_t rank;
	bool waits; /* only for another part */
	const char *word, *message;
};

static void weigh(struct json_object *part, struct worst *worst)
{
	const char *word = json_str(part, "complianceState");
	const char *message = json_str(part, "message");
	bool waits = message && starts_with(message, "dependency '");
	size_t rank;

	if (!str_set(word))
		return;
	rank = compliance_rank(word);
	if (worst->word &&
		(rank > worst->rank || (rank == worst->rank && (waits || !worst->waits))))
		return;
	*worst = (struct worst){rank, waits, word, message};
}

const char *fluxconfig_compliance(struct json_object *object, const char **message)
{
	struct json_object *managed = json_get(object, "status", "managedStatuses");
	struct json_iter iter = JSON_ITER_INIT;
	struct worst worst = {.word = NULL};

	while (json_next(managed, &iter)) {
		struct json_iter parts = JSON_ITER_INIT;

		if (!streq(iter.key, "kustomizations")) {
			weigh(iter.value, &worst);
			continue;
		}
		while (json_next(iter.value, &parts))
			weigh(parts.value, &worst);
	}
	*message = worst.message;
	return worst.word;
}

/* How often the source is fetched, whatever its kind; NULL if not said. */
static const char *sync_interval(struct json_object *object)
{
	static const char *const sources[] = {
		"gitRepository", "bucket", "azureBlob", "ociRepository"};
	const char *interval = NULL;

	for (size_t i = 0; !interval && i < countof(sources); i++)
		interval = json_str(object, "spec", sources[i], "syncInterval");
	return interval;
}

static void set_stale(struct state_reading *ret, const char *because, int64_t since)
{
	if (ret->state != STATE_READY)
		return;
	ret->state = STATE_STALE;
	ret->stale_because = because;
	ret->since = since;
}

static void check_synced(struct json_object *sync, int64_t synced, const char *interval,
	int64_t now, struct state_reading *ret)
{
	struct json_object *is_synced = json_get(sync, "isSyncedWithAzure");

	if (json_kind(is_synced) == JSON_BOOL && !json_bool(sync, "isSyncedWithAzure"))
		set_stale(ret, "not synced with Azure", synced);
	else if (object_overdue(synced, interval, now))
		set_stale(ret, "not synced with Azure for over three intervals", synced);
}

static void read_provisioning(const char *provisioning, struct state_reading *ret)
{
	if (!provisioning)
		ret->state = STATE_PROGRESSING;
	else if (strcasecmp(provisioning, "Failed") == 0)
		ret->state = STATE_FAILING;
	else if (strcasecmp(provisioning, "Deleting") == 0)
		ret->state = STATE_DELETING;
	else if (strcasecmp(provisioning, "Succeeded") != 0)
		ret->state = STATE_PROGRESSING;
}

static void read_fluxconfig(struct json_object *object, int64_t now, struct state_reading *ret)
{
	struct json_object *sync = json_get(object, "status", "dataplaneStatus");
	const char *provisioning = json_str(object, "status", "provisioningState");
	const char *compliance = fluxconfig_compliance(object, &ret->message);

	ret->state = STATE_READY;
	ret->reason = provisioning;
	read_provisioning(provisioning, ret);
	if (ret->state == STATE_READY && compliance) {
		ret->state = compliances[compliance_rank(compliance)].state;
		ret->reason = compliance;
	}
	ret->unseen = !provisioning && !compliance;
	if (ret->observed_generation >= 0 && ret->observed_generation < ret->generation)
		set_stale(ret, "the spec is newer than what the controller has seen", TIME_NONE);
	check_synced(sync, time_parse(json_str(sync, "lastSyncedTime")), sync_interval(object), now,
		ret);
	if (json_bool(object, "spec", "softDelete"))
		ret->state = STATE_DELETING;
	ret->retrying = ret->state == STATE_FAILING;
}

/* Both what older agents wrote as whole sentences and the words of newer ones. */
static const struct {
	const char *begins;
	enum object_state state;
} extension_states[] = {
	{"Installed", STATE_READY},
	{"Succeeded", STATE_READY},
	{"Successfully", STATE_READY},
	{"Failed to delete", STATE_DELETING},
	{"Failed", STATE_FAILING},
	{"Deleting", STATE_DELETING},
};

static void read_extension(struct json_object *object, struct state_reading *ret)
{
	struct json_object *sync = json_get(object, "status", "syncStatus");
	const char *error = json_str(object, "status", "reconciliationError");
	const char *word = json_str(object, "status", "extensionState");

	if (!str_set(word))
		word = json_str(object, "status", "status");
	ret->state = STATE_PROGRESSING;
	for (size_t i = 0; word && i < countof(extension_states); i++)
		if (strncasecmp(word, extension_states[i].begins,
			    strlen(extension_states[i].begins)) == 0) {
			ret->state = extension_states[i].state;
			break;
		}
	ret->reason = word;
	ret->message = str_set(error) ? error : json_str(object, "status", "message");
	ret->since = time_parse(json_str(object, "status", "lastSuccessfulReconciledTime"));
	if (ret->since == TIME_NONE)
		ret->since = time_parse(json_str(object, "status", "configAppliedTime"));
	if (ret->state == STATE_FAILING)
		ret->since = TIME_NONE;
	ret->unseen = !str_set(word);
	ret->retrying = ret->state == STATE_FAILING;
	check_synced(sync, time_parse(json_str(sync, "lastSyncTime")), NULL, TIME_NONE, ret);
}

void azure_state_read(
	const struct kind *kind, struct json_object *object, int64_t now, struct state_reading *ret)
{
	if (streq(kind->name, "FluxConfig"))
		read_fluxconfig(object, now, ret);
	else if (streq(kind->name, "ExtensionConfig"))
		read_extension(object, ret);
	else
		ret->state = STATE_STATIC;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>
#include <strings.h>

#include "arm/settings.h"
#include "base/alloc.h"
#include "base/nearest.h"
#include "base/quantity.h"
#include "base/strv.h"
#include "base/time.h"

#define FLUX ARM_FLUX_CONTROLLERS
#define AGENTS ARM_FLUX_AGENTS
#define ON_ITSELF "source-controller kustomize-controller helm-controller notification-controller"
#define IMAGE "image-automation-controller image-reflector-controller"
#define NOT_SOURCE                                                      \
	"kustomize-controller helm-controller notification-controller " \
	"image-automation-controller image-reflector-controller"
#define SSH "source-controller image-automation-controller"
#define SCALED "kustomize-controller source-controller helm-controller"
#define APPLYING "kustomize-controller helm-controller"

/* clang-format off */
const struct arm_setting arm_settings[] = {
	{"*.concurrent", APPLYING, SETTING_INT, NULL, 1, 1000, "4", "1.12.0", "1.12.0", NULL, NULL, false, false,
		"how many objects are reconciled at once (--concurrent)"},
	{"*.enabled", ON_ITSELF, SETTING_BOOL, NULL, 0, 0, "true", "", "", NULL, NULL, false, false,
		"whether the controller is deployed"},
	{"*.enabled", IMAGE, SETTING_BOOL, NULL, 0, 0, "false", "", "", NULL, NULL, false, false,
		"whether the controller is deployed"},
	{"*.log-level", FLUX, SETTING_CHOICE, "debug info error", 0, 0, "info", "1.8.3", "1.8.3", NULL, NULL, false, false,
		"how much the controller logs (--log-level)"},
	{"*.log-level", AGENTS, SETTING_CHOICE, "info error", 0, 0, "info", "1.9.1", "1.9.1", NULL, NULL, false, false,
		"how much the extension's own agent logs"},
	{"*.requeue-dependency", SCALED, SETTING_DURATION, NULL, 0, 0, "30s", "1.12.0", "1.12.0", NULL, NULL, false, false,
		"how soon a dependency that is not ready is looked at again (--requeue-dependency)"},
	{"*.resources.limits.cpu", FLUX, SETTING_QUANTITY, NULL, 0, 0, "1000m", "1.12.0", "1.12.0", NULL, NULL, false, false,
		"most processor time the container may take"},
	{"*.resources.limits.memory", FLUX, SETTING_QUANTITY, NULL, 0, 0, "1Gi", "1.12.0", "1.12.0", NULL, NULL, false, false,
		"most memory the container may take before it is ended"},
	{"*.resources.requests.cpu", NOT_SOURCE, SETTING_QUANTITY, NULL, 0, 0, "100m", "1.12.0", "1.12.0", NULL, NULL, false, false,
		"processor time that a node has to have free"},
	{"*.resources.requests.memory", FLUX, SETTING_QUANTITY, NULL, 0, 0, "64Mi", "1.12.0", "1.12.0", NULL, NULL, false, false,
		"memory that a node has to have free"},
	{"*.ssh-host-key-args", SSH, SETTING_TEXT, NULL, 0, 0, "empty", "1.9.1", "1.9.1", NULL, NULL, false, false,
		"an argument of the controller: which host keys of SSH it takes (--ssh-hostkey-algos=…)"},
	{"helm-controller.detectDrift", NULL, SETTING_BOOL, NULL, 0, 0, "false", "1.7.5", "1.7.5", "1.11.1", "spec.driftDetection.mode of each HelmRelease", false, false,
		"undoes changes made by hand to what a HelmRelease installed (DetectDrift)"},
	{"helm-controller.outOfMemoryWatch.enabled", NULL, SETTING_BOOL, NULL, 0, 0, "false", "1.7.5", "1.7.5", NULL, NULL, false, false,
		"ends helm-controller in order before it is out of memory (OOMWatch)"},
	{"helm-controller.outOfMemoryWatch.interval", NULL, SETTING_DURATION, NULL, 0, 0, "500ms", "1.7.5", "1.7.5", NULL, NULL, false, false,
		"how often its memory is looked at (--oom-watch-interval)"},
	{"helm-controller.outOfMemoryWatch.memoryThreshold", NULL, SETTING_INT, NULL, 0, 100, "95", "1.7.5", "1.7.5", NULL, NULL, false, false,
		"at how many percent of the limit (--oom-watch-memory-threshold)"},
	{"kustomize-controller.enable-in-memory-build", NULL, SETTING_BOOL, NULL, 0, 0, "false", "1.12.0", "1.12.0", NULL, NULL, false, false,
		"builds in a memory volume, which counts as the pod's memory"},
	{"kustomize-controller.strict-substitution-mode", NULL, SETTING_BOOL, NULL, 0, 0, "false", "1.13.1", "1.13.1", NULL, NULL, false, false,
		"a variable without a value fails the Kustomization (StrictPostBuildSubstitutions)"},
	{"multiTenancy.enforce", NULL, SETTING_BOOL, NULL, 0, 0, "true", "1.0.0", "1.0.0", NULL, NULL, false, false,
		"references across namespaces are refused, and flux-applier's rights are used"},
	{"setKubeServiceHostFqdn", NULL, SETTING_BOOL, NULL, 0, 0, "false", "1.11.1", "1.11.1", NULL, NULL, false, false,
		"pods reach the API server by its name, for firewalls that go by names"},
	{"source-controller.concurrent", NULL, SETTING_INT, NULL, 1, 1000, "2", "1.12.0", "1.12.0", NULL, NULL, false, false,
		"how many objects are reconciled at once (--concurrent)"},
	{"source-controller.resources.requests.cpu", NULL, SETTING_QUANTITY, NULL, 0, 0, "50m", "1.12.0", "1.12.0", NULL, NULL, false, false,
		"processor time that a node has to have free"},
	{"toleration-keys", NULL, SETTING_TEXT, NULL, 0, 0, "none", "", "", NULL, NULL, false, true,
		"tolerations of the pods, such as CriticalAddonsOnly=true:NoSchedule"},
	{"useKubeletIdentity", NULL, SETTING_BOOL, NULL, 0, 0, "false", "1.6.1", "1.6.1", NULL, NULL, true, false,
		"sources log in to Azure as the kubelet's identity"},
	{"workloadIdentity.azureClientId", NULL, SETTING_GUID, NULL, 0, 0, "none", "1.8.0", "1.15.1", NULL, NULL, false, false,
		"client id of the managed identity that the controllers act as"},
	{"workloadIdentity.azureTenantId", NULL, SETTING_GUID, NULL, 0, 0, "the cluster's", "1.16.1", "1.16.1", NULL, NULL, false, false,
		"tenant of that identity"},
	{"workloadIdentity.enable", NULL, SETTING_BOOL, NULL, 0, 0, "false", "1.8.0", "1.15.1", NULL, NULL, false, false,
		"controllers log in to Azure by workload identity"},
};
/* clang-format on */
const size_t arm_settings_count = countof(arm_settings);

/* ---- keys */

static bool is_word(const char *words, const char *word, size_t len)
{
	for (const char *at = words; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		if (n == len && memcmp(at, word, len) == 0)
			return true;
		at += n;
	}
	return false;
}

static bool matches(const struct arm_setting *setting, const char *key)
{
	size_t controller = strcspn(key, ".");

	if (!setting->controllers)
		return streq(setting->key, key);
	return streq(setting->key + 1, key + controller) &&
	       is_word(setting->controllers, key, controller);
}

const struct arm_setting *arm_setting_find(const char *key)
{
	for (size_t i = 0; i < arm_settings_count; i++)
		if (matches(&arm_settings[i], key))
			return &arm_settings[i];
	return NULL;
}

void arm_settings_each(
	void (*each)(void *ctx, const struct arm_setting *setting, const char *key), void *ctx)
{
	for (size_t i = 0; i < arm_settings_count; i++) {
		const struct arm_setting *setting = &arm_settings[i];
		autostrv controllers = STRV_INIT;

		if (!setting->controllers) {
			each(ctx, setting, setting->key);
			continue;
		}
		strv_split(&controllers, setting->controllers, " ", false);
		for (size_t k = 0; k < controllers.len; k++) {
			autofree char *key =
				xasprintf("%s%s", controllers.items[k], setting->key + 1);

			each(ctx, setting, key);
		}
	}
}

/* Keys are written out for the time of a call: the nearest so far is kept. */
struct keeper {
	struct nearest nearest;
	char *kept;
};

static void offer_key(void *ctx, const struct arm_setting *setting, const char *key)
{
	struct keeper *keeper = ctx;

	(void)setting;
	keeper->nearest.best = keeper->kept;
	nearest_offer(&keeper->nearest, key);
	if (keeper->nearest.best != key)
		return;
	free(keeper->kept);
	keeper->kept = xstrdup(key);
}

char *arm_setting_nearest(const char *key)
{
	struct keeper keeper = {.nearest = {.word = key}};

	arm_settings_each(offer_key, &keeper);
	return keeper.kept;
}

/* ---- values */

void arm_setting_allowed(const struct arm_setting *setting, struct buf *out)
{
	autostrv words = STRV_INIT;

	switch (setting->type) {
	case SETTING_BOOL:
		buf_adds(out, "true or false");
		return;
	case SETTING_INT:
		buf_addf(out, "a whole number from %d to %d", setting->min, setting->max);
		return;
	case SETTING_QUANTITY:
		buf_adds(out, "a quantity such as 500m or 2Gi");
		return;
	case SETTING_DURATION:
		buf_adds(out, "a duration such as 30s or 500ms");
		return;
	case SETTING_GUID:
		buf_adds(out, "an id such as 00000000-0000-0000-0000-000000000000");
		return;
	case SETTING_TEXT:
		buf_adds(out, "text");
		return;
	case SETTING_CHOICE:
		break;
	}
	strv_split(&words, setting->choices, " ", false);
	for (size_t i = 0; i < words.len; i++)
		buf_addf(out, "%s%s",
			i == 0               ? ""
			: i + 1 == words.len ? " or "
					     : ", ",
			words.items[i]);
}

static bool is_whole(const char *text, int min, int max)
{
	char *end;
	long value = strtol(text, &end, 10);

	return isdigit((unsigned char)*text) && !*end && strlen(text) < 10 && value >= min &&
	       value <= max;
}

static bool is_guid(const char *text)
{
	static const char pattern[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(text) != sizeof(pattern) - 1)
		return false;
	for (size_t i = 0; text[i]; i++)
		if (pattern[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != '-')
			return false;
	return true;
}

static bool fits(const struct arm_setting *setting, const char *value)
{
	int64_t amount;

	switch (setting->type) {
	case SETTING_BOOL:
		return strcasecmp(value, "true") == 0 || strcasecmp(value, "false") == 0;
	case SETTING_CHOICE:
		return is_word(setting->choices, value, strlen(value));
	case SETTING_INT:
		return is_whole(value, setting->min, setting->max);
	case SETTING_QUANTITY:
		return quantity_parse(value, &amount) && amount > 0;
	case SETTING_DURATION:
		return duration_parse(value, &amount) && amount > 0;
	case SETTING_GUID:
		return is_guid(value);
	case SETTING_TEXT:
		break;
	}
	return true;
}

bool arm_setting_allows(const struct arm_setting *setting, const char *value, struct buf *why)
{
	if (fits(setting, value))
		return true;
	buf_addf(why, "'%s' is not ", value);
	arm_setting_allowed(setting, why);
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the installation as a whole: extension, versions, settings, configurations. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "kube/fluxconfig.h"
#include "plugin/check.h"

/* The agents report about once a minute; an hour of silence is no hiccup. */
#define SYNC_SILENCE_MS (60 * 60 * 1000)

static void rule_no_flux(struct check *check, const struct check_rule *rule);
static void rule_two_installations(struct check *check, const struct check_rule *rule);
static void rule_extension_state(struct check *check, const struct check_rule *rule);
static void rule_extension_sync(struct check *check, const struct check_rule *rule);
static void rule_extension_support(struct check *check, const struct check_rule *rule);
static void rule_dead_setting(struct check *check, const struct check_rule *rule);
static void rule_out_of_step(struct check *check, const struct check_rule *rule);
static void rule_kubernetes(struct check *check, const struct check_rule *rule);
static void rule_config_sync(struct check *check, const struct check_rule *rule);
static void rule_managed_source(struct check *check, const struct check_rule *rule);

/* clang-format off */
const struct check_rule check_install_rules[] = {
	{ "flux-not-installed",     SEVERITY_ERROR,   "nothing reconciles this cluster", rule_no_flux, 0 },
	{ "two-installations",      SEVERITY_ERROR,   "two sets of controllers apply the same objects against each other", rule_two_installations, 0 },
	{ "extension-failed",       SEVERITY_ERROR,   "Azure did not get the extension into the wanted state", rule_extension_state, 0 },
	{ "extension-not-synced",   SEVERITY_WARNING, "what is changed in Azure does not reach the cluster, and Azure shows an old state", rule_extension_sync, 0 },
	{ "extension-unsupported",  SEVERITY_WARNING, "Microsoft supports the newest minor release and the two before it", rule_extension_support, 0 },
	{ "extension-dead-setting", SEVERITY_WARNING, "the setting has no effect since 1.11.1; HelmRelease spec.driftDetection.mode has", rule_dead_setting, 0 },
	{ "images-out-of-step",     SEVERITY_WARNING, "the controllers were not released together: somebody changed an image, or an upgrade stopped half-way", rule_out_of_step, 0 },
	{ "kubernetes-too-old",     SEVERITY_ERROR,   "this Flux release is not made for so old an API server", rule_kubernetes, 0 },
	{ "fluxconfig-not-synced",  SEVERITY_WARNING, "Azure shows an old state of this configuration", rule_config_sync, 0 },
	{ "managed-source-not-git", SEVERITY_WARNING, "clusterconfig.azure.com/use-managed-source works with GitRepository sources only", rule_managed_source, 0 },
};
/* clang-format on */
const size_t check_install_rules_count = countof(check_install_rules);

static void rule_no_flux(struct check *check, const struct check_rule *rule)
{
	if (check->pre || !check->install->known ||
		check->install->distribution != DISTRIBUTION_NONE)
		return;
	check_found(check, rule, xstrdup("cluster"),
		xstrdup("no controller of Flux in any namespace"),
		xstrdup("kubectl flux-arc check --pre"));
}

static void rule_two_installations(struct check *check, const struct check_rule *rule)
{
	const struct survey_list *list = survey_list(check->survey, "Deployment", NULL);
	const struct survey_object *first = NULL;

	for (size_t i = 0; list && i < list->count; i++) {
		const struct survey_object *object = &list->objects[i];

		if (!streq(object->name, "source-controller"))
			continue;
		if (first && !streq(first->namespace, object->namespace)) {
			check_found(check, rule,
				xasprintf("Deployment %s/%s", object->namespace, object->name),
				xasprintf("another one is in namespace %s", first->namespace),
				xasprintf("kubectl -n %s get deployments --show-labels",
					object->namespace));
			return;
		}
		first = object;
	}
}

/* ExtensionConfigs say "Installed" or, in older agents, "Successfully installed the extension". */
static bool says_installed(const char *state)
{
	return streq(state, "Installed") || (state && starts_with(state, "Successfully"));
}

static void rule_extension_state(struct check *check, const struct check_rule *rule)
{
	const struct survey_object *object = check->install->extension;
	autojson struct json_object *tree = object ? survey_tree(object) : NULL;
	const char *state;
	const char *error;

	if (!tree)
		return;
	state = json_str(tree, "status", "extensionState");
	if (!str_set(state))
		state = json_str(tree, "status", "status");
	error = json_str(tree, "status", "reconciliationError");
	if (!str_set(error))
		error = json_str(tree, "status", "message");
	if (says_installed(state)) {
		check_passed(check, "extension %s %s",
			check->install->extension_version ? check->install->extension_version : "",
			state);
		return;
	}
	check_found(check, rule,
		xasprintf("ExtensionConfig %s/%s", object->namespace, object->name),
		xasprintf("state %s%s%s", str_set(state) ? state : "not reported",
			str_set(error) ? ": " : "", str_set(error) ? error : ""),
		xasprintf("kubectl -n %s describe extensionconfigs.clusterconfig.azure.com %s",
			object->namespace, object->name));
}

static void rule_extension_sync(struct check *check, const struct check_rule *rule)
{
	const struct survey_object *object = check->install->extension;
	autojson struct json_object *tree = object ? survey_tree(object) : NULL;
	struct json_object *sync = json_get(tree, "status", "syncStatus", "isSyncedWithAzure");
	autobuf when = BUF_INIT;
	int64_t last = time_parse(json_str(tree, "status", "syncStatus", "lastSyncTime"));

	if (!sync || json_bool(tree, "status", "syncStatus", "isSyncedWithAzure"))
		return;
	if (last != TIME_NONE)
		time_format_short(&when, last, check->survey->now);
	check_found(check, rule,
		xasprintf("ExtensionConfig %s/%s", object->namespace, object->name),
		xasprintf("status.syncStatus.isSyncedWithAzure is false%s%s",
			when.len ? ", last at " : "", when.ptr),
		xstrdup("kubectl -n azure-arc get pods"));
}

static void rule_extension_support(struct check *check, const struct check_rule *rule)
{
	const char *version = check->install->extension_version;
	size_t behind;

	if (check->install->distribution != DISTRIBUTION_AZURE || !version)
		return;
	behind = extension_release_minors_behind(version);
	if (behind <= EXTENSION_SUPPORTED_BEHIND) {
		check_passed(check, "extension release supported (list of %s)",
			extension_releases_as_of());
		return;
	}
	check_found(check, rule, xasprintf("extension microsoft.flux %s", version),
		xasprintf("%zu minor releases behind %s (list of %s)", behind,
			extension_releases[0].version, extension_releases_as_of()),
		check_az_update(check, "--auto-upgrade-minor-version true"));
}

static void rule_dead_setting(struct check *check, const struct check_rule *rule)
{
	const struct survey_object *object = check->install->extension;
	autojson struct json_object *tree = object ? survey_tree(object) : NULL;
	const char *value = json_str(tree, "spec", "parameter", "helm-controller.detectDrift");
	const char *version = check->install->extension_version;

	if (!streq(value, "true") || (version && version_compare(version, "1.11.1") < 0))
		return;
	check_found(check, rule,
		xasprintf("ExtensionConfig %s/%s", object->namespace, object->name),
		xstrdup("spec.parameter helm-controller.detectDrift is true"), NULL);
}

/* The tag that the extension's release ships for a controller; NULL if it is not one of the six. */
static const char *shipped_tag(const struct extension_release *release, const char *controller)
{
	const struct {
		const char *name, *tag;
	} rows[] = {
		{"source-controller", release->source},
		{"kustomize-controller", release->kustomize},
		{"helm-controller", release->helm},
		{"notification-controller", release->notification},
		{"image-automation-controller", release->image_automation},
		{"image-reflector-controller", release->image_reflector},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		if (streq(rows[i].name, controller))
			return rows[i].tag;
	}
	return NULL;
}

static bool same_tag(const char *a, const char *b)
{
	return streq(*a == 'v' ? a + 1 : a, *b == 'v' ? b + 1 : b);
}

static void compare_with_release(struct check *check, const struct check_rule *rule)
{
	const struct extension_release *release = check->install->release;
	size_t compared = 0;
	bool found = false;

	for (size_t i = 0; i < check->install->count; i++) {
		const struct controller *controller = &check->install->controllers[i];
		const char *wanted = shipped_tag(release, controller->name);

		if (controller->role != ROLE_FLUX || !controller->tag || !wanted)
			continue;
		compared++;
		if (same_tag(controller->tag, wanted))
			continue;
		found = true;
		check_found(check, rule,
			xasprintf("Deployment %s/%s", controller->deployment->namespace,
				controller->deployment->name),
			xasprintf("image tag %s; extension %s ships v%s", controller->tag,
				release->version, wanted),
			xasprintf("kubectl -n %s describe deployment %s",
				controller->deployment->namespace, controller->deployment->name));
	}
	if (compared && !found)
		check_passed(check, "images in step");
}

/* Without a release row: all controllers have to be of one Flux minor. */
static void compare_minors(struct check *check, const struct check_rule *rule)
{
	const struct flux_release *first = NULL;
	const char *first_name = NULL;

	for (size_t i = 0; i < check->install->count; i++) {
		const struct controller *controller = &check->install->controllers[i];
		const struct flux_release *flux;

		if (controller->role != ROLE_FLUX || !controller->tag)
			continue;
		flux = flux_release_of_image(controller->name, controller->tag);
		if (!flux)
			continue;
		if (first && flux != first) {
			check_found(check, rule,
				xasprintf("Deployment %s/%s", controller->deployment->namespace,
					controller->name),
				xasprintf("image tag %s is of Flux %s, %s is of Flux %s",
					controller->tag, flux->minor, first_name, first->minor),
				xasprintf("kubectl -n %s get deployments -o wide",
					controller->deployment->namespace));
			return;
		}
		first = flux;
		first_name = controller->name;
	}
	if (first)
		check_passed(check, "images in step (Flux %s)", first->minor);
}

static void rule_out_of_step(struct check *check, const struct check_rule *rule)
{
	if (check->install->release)
		compare_with_release(check, rule);
	else
		compare_minors(check, rule);
}

static void rule_kubernetes(struct check *check, const struct check_rule *rule)
{
	const char *server = json_str(check->survey->version, "gitVersion");
	const struct flux_release *flux = check->install->flux;

	if (!server)
		return; /* the unread /version is said already */
	if (check->pre && !flux)
		flux = flux_release_of_image("source-controller", extension_releases[0].source);
	if (!flux) {
		check_unanswered(
			check, "Kubernetes %s: minimum of an unknown Flux release", server);
		return;
	}
	if (*server != 'v' || server[1] < '1' || server[1] > '9') {
		check_unanswered(check, "Kubernetes version '%s' is no version number", server);
		return;
	}
	if (version_compare(server, flux->kubernetes_min) >= 0) {
		check_passed(check, "Kubernetes %s (Flux %s needs %s)", server, flux->minor,
			flux->kubernetes_min);
		return;
	}
	check_found(check, rule, xstrdup("/version"),
		xasprintf("gitVersion %s; Flux %s needs %s", server, flux->minor,
			flux->kubernetes_min),
		NULL);
}

static void rule_config_sync(struct check *check, const struct check_rule *rule)
{
	const struct survey_list *list = survey_list(check->survey, "FluxConfig", NULL);

	for (size_t i = 0; list && i < list->count; i++) {
		struct fluxconfig config;
		autobuf age = BUF_INIT;
		bool silent;

		if (!list->objects[i].json)
			continue;
		fluxconfig_read(check->survey, &list->objects[i], &config);
		silent = config.synced_at != TIME_NONE &&
			 check->survey->now - config.synced_at > SYNC_SILENCE_MS;
		if (config.synced_at != TIME_NONE)
			time_format_age(&age, check->survey->now - config.synced_at);
		if (!config.synced || silent)
			check_found(check, rule,
				xasprintf("FluxConfig %s/%s", list->objects[i].namespace,
					list->objects[i].name),
				xasprintf("%s%s%s",
					config.synced ? "synced" : "isSyncedWithAzure is false",
					age.len ? ", last report before " : "", age.ptr),
				check->install->namespace
					? xasprintf(
						  "kubectl -n %s logs deployment/fluxconfig-agent "
						  "-c fluxconfig-agent",
						  check->install->namespace)
					: NULL);
		fluxconfig_clear(&config);
	}
}

/* The FluxConfig that made the Kustomization that made this HelmRelease, or NULL. */
static struct survey_object *config_of(
	const struct check *check, const struct survey_object *release)
{
	struct survey_object *owner = survey_find_ref(check->survey, &release->owner);

	for (int depth = 0; owner && depth < 8; depth++) {
		if (streq(owner->kind->name, "FluxConfig"))
			return owner;
		owner = owner->owner.name ? survey_find_ref(check->survey, &owner->owner) : NULL;
	}
	return NULL;
}

static void rule_managed_source(struct check *check, const struct check_rule *rule)
{
	const struct survey_list *list = survey_list(check->survey, "HelmRelease", NULL);

	for (size_t i = 0; list && i < list->count; i++) {
		const struct survey_object *release = &list->objects[i];
		autojson struct json_object *tree = survey_tree(release);
		const char *managed = json_str(tree, "metadata", "annotations",
			"clusterconfig.azure.com/use-managed-source");
		struct survey_object *config =
			streq(managed, "true") ? config_of(check, release) : NULL;
		autojson struct json_object *spec = config ? survey_tree(config) : NULL;
		const char *source = json_str(spec, "spec", "sourceKind");

		if (!source || streq(source, "GitRepository"))
			continue;
		check_found(check, rule,
			xasprintf("HelmRelease %s/%s", release->namespace, release->name),
			xasprintf("annotation use-managed-source is true, FluxConfig %s has source "
				  "kind %s",
				config->name, source),
			NULL);
	}
}

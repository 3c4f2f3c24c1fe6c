/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "kube/install.h"

const char *controller_fault_words(enum controller_fault fault)
{
	static const char *const words[] = {
#define X(name, words) words,
		CONTROLLER_FAULTS(X)
#undef X
	};

	return words[fault];
}

/* The controllers that are looked for, in the order in which they are shown. */
static const struct known {
	const char *name;
	enum controller_role role;
} known[] = {
	/* clang-format off */
	{"source-controller",           ROLE_FLUX},
	{"kustomize-controller",        ROLE_FLUX},
	{"helm-controller",             ROLE_FLUX},
	{"notification-controller",     ROLE_FLUX},
	{"image-reflector-controller",  ROLE_FLUX},
	{"image-automation-controller", ROLE_FLUX},
	{"source-watcher",              ROLE_FLUX},
	{"fluxconfig-controller",       ROLE_CONFIG},
	{"fluxconfig-agent",            ROLE_CONFIG},
	{"flux-operator",               ROLE_OPERATOR},
	/* clang-format on */
};

/* "registry:5000/a/source-controller:v1@sha256:…" → name and tag. */
static void image_split(const char *image, const char **name, size_t *name_len, const char **tag)
{
	const char *slash = strrchr(image, '/');

	*name = slash ? slash + 1 : image;
	*name_len = strcspn(*name, ":@");
	*tag = (*name)[*name_len] == ':' ? *name + *name_len + 1 : NULL;
}

static const struct known *known_of_image(const char *image, const char **tag)
{
	const char *name;
	size_t len;

	if (!image)
		return NULL;
	image_split(image, &name, &len, tag);
	for (size_t i = 0; i < countof(known); i++)
		if (strlen(known[i].name) == len && memcmp(known[i].name, name, len) == 0)
			return &known[i];
	return NULL;
}

const char *controller_of_image(const char *image)
{
	const char *tag;
	const struct known *found = known_of_image(image, &tag);

	return found ? found->name : NULL;
}

static struct controller *push(struct install *install)
{
	install->controllers = xreallocarray(
		install->controllers, install->count + 1, sizeof(*install->controllers));
	install->controllers[install->count] =
		(struct controller){.exited_at = TIME_NONE, .exit_code = -1};
	return &install->controllers[install->count++];
}

/* ---- Deployments */

static const char *tag_of(struct survey *survey, const char *tag)
{
	autofree char *text = xstrndup(tag ? tag : "", tag ? strcspn(tag, "@") : 0);

	return *text ? survey_intern(survey, text) : NULL;
}

static void set_image(
	struct survey *survey, struct controller *controller, struct json_object *container)
{
	const char *image = json_str(container, "image");
	const char *name;
	const char *tag;
	size_t len;

	if (!image)
		return;
	image_split(image, &name, &len, &tag);
	controller->image = survey_intern(survey, image);
	controller->tag = tag_of(survey, tag);
}

static bool is_agent(const struct survey_object *object, struct json_object *tree)
{
	return streq(object->namespace, "azure-arc") ||
	       streq(json_str(tree, "metadata", "labels", "app.kubernetes.io/name"),
		       "extension-manager");
}

/* What a Deployment is, by the first of its images that is known, else by where it stands. */
static void read_deployment(
	struct survey *survey, struct install *install, const struct survey_object *object)
{
	autojson struct json_object *tree = survey_tree(object);
	struct json_object *containers = json_get(tree, "spec", "template", "spec", "containers");
	struct json_object *own = json_item(containers, 0);
	const struct known *found = NULL;
	struct controller *controller;

	for (size_t i = 0; !found && i < json_len(containers); i++) {
		const char *tag;

		found = known_of_image(json_str(json_item(containers, i), "image"), &tag);
		if (found)
			own = json_item(containers, i);
	}
	if (!tree || (!found && !is_agent(object, tree)))
		return;
	controller = push(install);
	controller->name = found ? found->name : object->name;
	controller->role = found ? found->role : ROLE_AGENT;
	controller->deployment = object;
	controller->ready = object->ready;
	controller->wanted = object->wanted;
	set_image(survey, controller, own);
	if (found && found->role == ROLE_FLUX &&
		(!install->namespace || streq(found->name, "source-controller")))
		install->namespace = object->namespace;
}

/* ---- pods */

/* Is the pod one of this Deployment's? By its ReplicaSet "NAME-HASH", else by its own name. */
static bool pod_of(const struct survey_object *pod, struct json_object *tree,
	const struct survey_object *deployment)
{
	struct json_object *owner = json_item(json_get(tree, "metadata", "ownerReferences"), 0);
	const char *name = json_str(owner, "name");
	size_t len = strlen(deployment->name);
	const char *rest;

	if (!streq(pod->namespace, deployment->namespace))
		return false;
	if (!name)
		name = pod->name;
	if (strncmp(name, deployment->name, len) != 0 || name[len] != '-')
		return false;
	rest = strchr(name + len + 1, '-');
	return !rest || (name == pod->name && !strchr(rest + 1, '-'));
}

static enum controller_fault fault_of_waiting(const char *reason, const char *exit_reason)
{
	if (streq(reason, "CrashLoopBackOff"))
		return streq(exit_reason, "OOMKilled") ? CONTROLLER_OUT_OF_MEMORY
						       : CONTROLLER_CRASH_LOOP;
	if (streq(reason, "ImagePullBackOff") || streq(reason, "ErrImagePull") ||
		streq(reason, "InvalidImageName") || streq(reason, "ErrImageNeverPull"))
		return CONTROLLER_IMAGE_PULL;
	return CONTROLLER_NOT_READY;
}

/* How a container ended last: before it was started again, or now for good. */
static void read_exit(
	struct survey *survey, struct controller *controller, struct json_object *container)
{
	struct json_object *ended = json_get(container, "lastState", "terminated");
	int64_t at;

	if (!ended)
		ended = json_get(container, "state", "terminated");
	at = time_parse(json_str(ended, "finishedAt"));
	if (!ended || (controller->exited && at <= controller->exited_at))
		return;
	controller->exited = true;
	controller->exit_reason = survey_intern(survey, json_str(ended, "reason"));
	controller->exit_code = (int)json_int(ended, -1, "exitCode");
	controller->exited_at = at;
}

static void read_container(struct survey *survey, struct controller *controller,
	const struct survey_object *pod, struct json_object *container)
{
	const char *waiting = json_str(container, "state", "waiting", "reason");

	controller->restarts += json_count(container, 0, "restartCount");
	read_exit(survey, controller, container);
	if (json_bool(container, "ready") || controller->ready >= controller->wanted)
		return;
	if (waiting) {
		controller->fault = fault_of_waiting(
			waiting, json_str(container, "lastState", "terminated", "reason"));
		controller->waiting = survey_intern(survey, waiting);
		controller->waiting_message =
			survey_intern(survey, json_str(container, "state", "waiting", "message"));
	}
	if (waiting || !controller->pod) {
		controller->pod = pod->name;
		controller->container = survey_intern(survey, json_str(container, "name"));
	}
}

static size_t read_pods(
	struct survey *survey, struct controller *controller, const struct survey_list *pods)
{
	size_t found = 0;

	for (size_t i = 0; pods && i < pods->count; i++) {
		const struct survey_object *pod = &pods->objects[i];
		autojson struct json_object *tree = NULL;
		struct json_object *statuses;

		if (!starts_with(pod->name, controller->deployment->name))
			continue;
		tree = survey_tree(pod);
		if (!pod_of(pod, tree, controller->deployment))
			continue;
		found++;
		statuses = json_get(tree, "status", "containerStatuses");
		for (size_t k = 0; k < json_len(statuses); k++)
			read_container(survey, controller, pod, json_item(statuses, k));
		if (!json_len(statuses) && !controller->pod &&
			controller->ready < controller->wanted)
			controller->pod = pod->name;
	}
	return found;
}

static void judge(struct survey *survey, struct controller *controller)
{
	const struct survey_list *pods = survey_list(survey, "Pod", "");
	size_t found;

	if (controller->wanted == 0) {
		controller->fault = CONTROLLER_SCALED_TO_ZERO;
	} else if (controller->ready < controller->wanted) {
		controller->fault = CONTROLLER_NOT_READY;
	}
	found = read_pods(survey, controller, pods);
	if (!found && controller->fault == CONTROLLER_NOT_READY && pods &&
		pods->outcome == SURVEY_OK)
		controller->fault = CONTROLLER_NO_PODS;
	controller->down = controller->ready == 0;
}

/* ---- the whole */

/* Those that are looked for and are not there get a row too. */
static void add_missing(struct install *install)
{
	for (size_t i = 0; i < countof(known); i++) {
		struct controller *controller;

		if (install_find(install, known[i].name) || known[i].role == ROLE_OPERATOR ||
			(known[i].role == ROLE_CONFIG &&
				install->distribution != DISTRIBUTION_AZURE))
			continue;
		controller = push(install);
		controller->name = known[i].name;
		controller->role = known[i].role;
		controller->fault = install->known ? CONTROLLER_MISSING : CONTROLLER_UNKNOWN;
		controller->down = install->known;
	}
}

static size_t rank(const struct controller *controller)
{
	for (size_t i = 0; i < countof(known); i++)
		if (streq(known[i].name, controller->name))
			return i;
	return countof(known);
}

static int compare(const void *a, const void *b)
{
	const struct controller *x = a;
	const struct controller *y = b;
	size_t i = rank(x);
	size_t k = rank(y);

	if (i != k)
		return i < k ? -1 : 1;
	if (x->deployment && y->deployment)
		return strcmp(x->deployment->name, y->deployment->name);
	return strcmp(x->name, y->name);
}

static const struct survey_object *find_extension(const struct survey *survey)
{
	for (size_t i = 0; i < survey->list_count; i++) {
		const struct survey_list *list = &survey->lists[i];

		for (size_t k = 0; streq(list->kind->name, "ExtensionConfig") && k < list->count;
			k++) {
			autojson struct json_object *tree = survey_tree(&list->objects[k]);
			const char *type = json_str(tree, "spec", "extensionType");

			if (type && strcasecmp(type, "microsoft.flux") == 0)
				return &list->objects[k];
		}
	}
	return NULL;
}

static bool by_operator(const struct survey *survey, const struct install *install)
{
	const struct controller *source = install_find(install, "source-controller");
	autojson struct json_object *tree = NULL;

	(void)survey;
	if (install_find(install, "flux-operator"))
		return true;
	tree = source && source->deployment ? survey_tree(source->deployment) : NULL;
	return streq(json_str(tree, "metadata", "labels", "app.kubernetes.io/managed-by"),
		"flux-operator");
}

static enum distribution find_distribution(
	const struct survey *survey, const struct install *install)
{
	if (install->extension || install_find(install, "fluxconfig-agent") ||
		install_find(install, "fluxconfig-controller"))
		return DISTRIBUTION_AZURE;
	if (by_operator(survey, install))
		return DISTRIBUTION_OPERATOR;
	if (survey_find(survey, "Kustomization", "flux-system", "flux-system"))
		return DISTRIBUTION_BOOTSTRAP;
	return survey_has_flux(survey) || install->namespace ? DISTRIBUTION_UPSTREAM
							     : DISTRIBUTION_NONE;
}

static void find_extension_version(struct survey *survey, struct install *install)
{
	const struct controller *agent = install_find(install, "fluxconfig-agent");

	if (install->extension) {
		autojson struct json_object *tree = survey_tree(install->extension);
		const char *version =
			json_str(tree, "status", "helmReleaseStatus", "installedChartVersion");

		if (!str_set(version))
			version = json_str(tree, "spec", "version");
		install->extension_version =
			str_set(version) ? survey_intern(survey, version) : NULL;
	}
	if (!install->extension_version && agent)
		install->extension_version = agent->tag;
	if (install->extension_version)
		install->release = extension_release_find(install->extension_version);
}

/* Which Flux runs: what the extension's release ships, else the label of upstream's manifests, else
 * the minor that the image belongs to. */
static void find_flux_version(struct survey *survey, struct install *install)
{
	/* Extensions 1.8.4 to 1.10.0 ship a source-controller of the next minor: it is asked last. */
	static const char *const asked[] = {
		"kustomize-controller", "helm-controller", "source-controller"};

	/* Some releases ship controllers of two minors: their own word goes first. */
	if (install->release)
		install->flux = flux_release_of_version(install->release->flux);
	for (size_t i = 0; !install->flux && i < countof(asked); i++) {
		const struct controller *controller = install_find(install, asked[i]);

		if (!controller || !controller->tag)
			continue;
		install->flux = flux_release_of_image(controller->name, controller->tag);
		if (!install->flux_version && controller->deployment) {
			autojson struct json_object *tree = survey_tree(controller->deployment);
			const char *label =
				json_str(tree, "metadata", "labels", "app.kubernetes.io/version");

			if (label && label[0] == 'v' && !strstr(label, controller->tag))
				install->flux_version = survey_intern(survey, label + 1);
		}
	}
	if (install->release)
		install->flux_version = install->release->flux;
	if (!install->flux_version && install->flux)
		install->flux_version = install->flux->minor;
}

struct install *install_read(struct survey *survey)
{
	struct install *install = xcalloc(1, sizeof(*install));
	const struct survey_list *deployments = survey_list(survey, "Deployment", "apps");

	install->known = deployments && deployments->outcome == SURVEY_OK;
	for (size_t i = 0; deployments && i < deployments->count; i++)
		if (deployments->objects[i].json)
			read_deployment(survey, install, &deployments->objects[i]);
	for (size_t i = 0; i < install->count; i++)
		judge(survey, &install->controllers[i]);
	install->extension = find_extension(survey);
	install->distribution = find_distribution(survey, install);
	find_extension_version(survey, install);
	find_flux_version(survey, install);
	if (install->distribution != DISTRIBUTION_NONE)
		add_missing(install);
	if (install->count)
		qsort(install->controllers, install->count, sizeof(*install->controllers), compare);
	return install;
}

void install_free(struct install *install)
{
	if (!install)
		return;
	free(install->controllers);
	free(install);
}

void install_free_pointer(struct install **slot)
{
	install_free(*slot);
}

const struct controller *install_find(const struct install *install, const char *name)
{
	const struct controller *found = NULL;

	for (size_t i = 0; i < install->count; i++)
		if (streq(install->controllers[i].name, name) && (!found || !found->down))
			if (!found || install->controllers[i].down)
				found = &install->controllers[i];
	return found;
}

const struct controller *install_of(
	const struct install *install, const struct survey_object *deployment)
{
	for (size_t i = 0; i < install->count; i++)
		if (install->controllers[i].deployment == deployment)
			return &install->controllers[i];
	return NULL;
}

bool install_down(const struct install *install, const struct kind *kind)
{
	bool found = false;

	if (!kind || !kind->controller || !install->known)
		return false;
	for (size_t i = 0; i < install->count; i++) {
		if (!streq(install->controllers[i].name, kind->controller))
			continue;
		if (!install->controllers[i].down)
			return false;
		found = true;
	}
	return found;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the Deployments of Flux, of the extension and of Azure's agents. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/check.h"

/* A controller that restarted this often is worth a look even while it runs. */
#define MANY_RESTARTS 5

static void rule_fault(struct check *check, const struct check_rule *rule);
static void rule_restarts(struct check *check, const struct check_rule *rule);
static void rule_unused(struct check *check, const struct check_rule *rule);

#define WHY_DOWN "its objects stay as it left them: nothing new is fetched, applied or reported"

/* clang-format off */
const struct check_rule check_controller_rules[] = {
	/* id                         severity          why                                run           which */
	{ "controller-missing",       SEVERITY_ERROR,   WHY_DOWN,                          rule_fault,   CONTROLLER_MISSING },
	{ "controller-scaled-to-zero", SEVERITY_ERROR,  WHY_DOWN,                          rule_fault,   CONTROLLER_SCALED_TO_ZERO },
	{ "controller-crash-loop",    SEVERITY_ERROR,   WHY_DOWN,                          rule_fault,   CONTROLLER_CRASH_LOOP },
	{ "controller-out-of-memory", SEVERITY_ERROR,   "it is killed at its memory limit and starts again from nothing", rule_fault, CONTROLLER_OUT_OF_MEMORY },
	{ "controller-image-pull",    SEVERITY_ERROR,   "the container cannot start without its image", rule_fault, CONTROLLER_IMAGE_PULL },
	{ "controller-no-pods",       SEVERITY_ERROR,   "a quota, a policy or an admission webhook keeps its pods from being made", rule_fault, CONTROLLER_NO_PODS },
	{ "controller-not-ready",     SEVERITY_ERROR,   WHY_DOWN,                          rule_fault,   CONTROLLER_NOT_READY },
	{ "controller-restarts",      SEVERITY_WARNING, "work in progress is lost at each restart", rule_restarts, 0 },
	{ "kind-without-controller",  SEVERITY_ERROR,   "nobody looks at these objects: the controller of their kind is not installed", rule_unused, 0 },
};
/* clang-format on */
const size_t check_controller_rules_count = countof(check_controller_rules);

/* "helm-controller.enabled" is "false" among the extension's settings. */
static bool switched_off(const struct check *check, const char *name)
{
	const struct survey_object *extension = check->install->extension;
	autojson struct json_object *tree = extension ? survey_tree(extension) : NULL;
	autofree char *setting = xasprintf("%s.enabled", name);

	return streq(json_str(tree, "spec", "parameter", setting), "false");
}

/*
 * Whether an installation is broken without this controller. The extension brings four and its own two
 * unless they are switched off; others may be made of parts, but nothing works without sources.
 */
static bool required(const struct check *check, const struct controller *controller)
{
	static const char *const defaults[] = {
		"kustomize-controller", "helm-controller", "notification-controller"};

	if (check->install->distribution == DISTRIBUTION_NONE ||
		switched_off(check, controller->name))
		return false;
	if (streq(controller->name, "source-controller") || controller->role == ROLE_CONFIG)
		return true;
	for (size_t i = 0; i < countof(defaults); i++) {
		if (streq(controller->name, defaults[i]))
			return check->install->distribution == DISTRIBUTION_AZURE;
	}
	return false;
}

/* "container manager: CrashLoopBackOff, 7 restarts, last exit 1 (Error) at 07:30:34Z". */
static void describe_container(
	const struct check *check, const struct controller *controller, struct buf *out)
{
	if (controller->pod)
		buf_addf(out, "; pod %s", controller->pod);
	if (controller->container)
		buf_addf(out, ", container %s", controller->container);
	if (controller->waiting)
		buf_addf(out, ": %s", controller->waiting);
	if (controller->restarts)
		buf_addf(out, ", %lld restarts", (long long)controller->restarts);
	if (!controller->exited)
		return;
	buf_addf(out, ", last exit %d", controller->exit_code);
	if (controller->exit_reason)
		buf_addf(out, " (%s)", controller->exit_reason);
	if (controller->exited_at != TIME_NONE) {
		buf_adds(out, " at ");
		time_format_short(out, controller->exited_at, check->survey->now);
	}
}

/* The objects that are left alone, for "why" to be concrete. */
static size_t objects_of(const struct check *check, const char *controller)
{
	size_t count = 0;

	for (size_t i = 0; i < check->survey->list_count; i++) {
		const struct survey_list *list = &check->survey->lists[i];

		if (streq(list->kind->controller, controller))
			count += list->count;
	}
	return count;
}

static char *seen_fault(const struct check *check, const struct controller *controller)
{
	struct buf out = BUF_INIT;
	size_t objects = objects_of(check, controller->name);

	if (controller->fault == CONTROLLER_MISSING)
		buf_adds(&out, "no Deployment of that name");
	else
		buf_addf(&out, "%d of %d ready", controller->ready, controller->wanted);
	if (controller->fault == CONTROLLER_SCALED_TO_ZERO)
		buf_adds(&out, ", spec.replicas 0");
	describe_container(check, controller, &out);
	if (controller->waiting_message && controller->fault == CONTROLLER_IMAGE_PULL)
		buf_addf(&out, " (%s)", controller->waiting_message);
	if (objects)
		buf_addf(&out, "; %zu object%s to look after", objects, objects == 1 ? "" : "s");
	return buf_detach(&out);
}

static char *command_for(const struct check *check, const struct controller *controller)
{
	const char *namespace = controller->deployment ? controller->deployment->namespace
						       : check->install->namespace;
	const char *name = controller->deployment ? controller->deployment->name : controller->name;

	if (!namespace)
		return NULL;
	switch (controller->fault) {
	case CONTROLLER_SCALED_TO_ZERO:
		return xasprintf("kubectl -n %s scale deployment %s --replicas=1", namespace, name);
	case CONTROLLER_CRASH_LOOP:
	case CONTROLLER_OUT_OF_MEMORY:
		if (controller->pod)
			return xasprintf("kubectl -n %s logs %s%s%s --previous", namespace,
				controller->pod, controller->container ? " -c " : "",
				controller->container ? controller->container : "");
		break;
	case CONTROLLER_MISSING:
		return xasprintf("kubectl -n %s get deployments", namespace);
	case CONTROLLER_NO_PODS:
		return xasprintf(
			"kubectl -n %s get events --field-selector reason=FailedCreate", namespace);
	default:
		break;
	}
	if (controller->pod)
		return xasprintf("kubectl -n %s describe pod %s", namespace, controller->pod);
	return xasprintf("kubectl -n %s describe deployment %s", namespace, name);
}

static char *object_of(const struct check *check, const struct controller *controller)
{
	if (controller->deployment)
		return xasprintf("Deployment %s/%s", controller->deployment->namespace,
			controller->deployment->name);
	return xasprintf("Deployment %s/%s",
		check->install->namespace ? check->install->namespace : "?", controller->name);
}

static void count_controllers(const struct check *check, size_t *ready, size_t *agents)
{
	for (size_t i = 0; i < check->install->count; i++) {
		const struct controller *controller = &check->install->controllers[i];

		if (controller->fault != CONTROLLER_NONE)
			continue;
		if (controller->role == ROLE_AGENT)
			(*agents)++;
		else
			(*ready)++;
	}
}

static void pass_controllers(struct check *check)
{
	size_t ready = 0;
	size_t agents = 0;

	count_controllers(check, &ready, &agents);
	if (ready)
		check_passed(check, "%zu controllers ready", ready);
	if (agents)
		check_passed(check, "%zu Azure agents ready", agents);
}

static void rule_fault(struct check *check, const struct check_rule *rule)
{
	const struct install *install = check->install;

	if (!install->known)
		return; /* the unread list of Deployments is said already */
	for (size_t i = 0; i < install->count; i++) {
		const struct controller *controller = &install->controllers[i];

		if ((int)controller->fault != rule->which)
			continue;
		if (controller->fault != CONTROLLER_MISSING || required(check, controller))
			check_found(check, rule, object_of(check, controller),
				seen_fault(check, controller), command_for(check, controller));
	}
	if (rule->which == CONTROLLER_NOT_READY)
		pass_controllers(check);
}

static void rule_restarts(struct check *check, const struct check_rule *rule)
{
	for (size_t i = 0; i < check->install->count; i++) {
		const struct controller *controller = &check->install->controllers[i];
		struct buf seen = BUF_INIT;

		if (controller->fault != CONTROLLER_NONE || controller->restarts < MANY_RESTARTS)
			continue;
		buf_addf(&seen, "%d of %d ready", controller->ready, controller->wanted);
		describe_container(check, controller, &seen);
		check_found(check, rule, object_of(check, controller), buf_detach(&seen),
			controller->pod
				? xasprintf("kubectl -n %s logs %s --previous",
					  controller->deployment->namespace, controller->pod)
				: NULL);
	}
}

/* The first object of a list, to name one. */
static char *example_of(const struct survey_list *list)
{
	return xasprintf(
		"%s %s/%s", list->kind->name, list->objects[0].namespace, list->objects[0].name);
}

static char *command_to_enable(const struct check *check, const char *controller)
{
	autofree char *setting = xasprintf("--config %s.enabled=true", controller);

	return check->install->distribution == DISTRIBUTION_AZURE ? check_az_update(check, setting)
								  : NULL;
}

static void rule_unused(struct check *check, const struct check_rule *rule)
{
	bool found = false;
	bool unread = false;

	if (!check->install->known || check->install->distribution == DISTRIBUTION_NONE)
		return;
	for (size_t i = 0; i < check->survey->list_count; i++) {
		const struct survey_list *list = &check->survey->lists[i];
		const char *name = list->kind->controller;
		const struct controller *controller;

		unread |= (list->kind->flags & KIND_FLUX) && !check_read(list);
		if (!(list->kind->flags & KIND_FLUX) || !list->count || !name)
			continue;
		controller = install_find(check->install, name);
		if (controller &&
			(controller->fault != CONTROLLER_MISSING || required(check, controller)))
			continue; /* there, or missed by its own rule */
		found = true;
		check_found(check, rule, example_of(list),
			xasprintf("%zu objects of kind %s, no Deployment %s", list->count,
				list->kind->name, name),
			command_to_enable(check, name));
	}
	if (!found && !unread)
		check_passed(check, "no kind in use without its controller");
}

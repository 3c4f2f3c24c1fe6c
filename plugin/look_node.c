/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of one thing that is not ready: state, message, remarks, the command that helps. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/look.h"
#include "plugin/rules.h"

/* What stands still while a controller does not run. */
static const struct effect {
	const char *controller, *text;
} effects[] = {
	/* clang-format off */
	{"fluxconfig-agent",            "nothing is exchanged with Azure: its view is old, changes made there do not arrive"},
	{"fluxconfig-controller",       "FluxConfigs are not turned into sources and Kustomizations"},
	{"helm-controller",             "no release is installed, upgraded or removed"},
	{"image-automation-controller", "no image update is written to Git"},
	{"image-reflector-controller",  "no image registry is scanned"},
	{"kustomize-controller",        "nothing from Git is applied, and nothing is corrected"},
	{"notification-controller",     "no alert is sent, and no webhook is received"},
	{"source-controller",           "nothing is fetched, and no artifact can be downloaded"},
	{"source-watcher",              "no artifact is generated"},
	/* clang-format on */
};

static const char *effect_of(const char *controller)
{
	for (size_t i = 0; i < countof(effects); i++)
		if (streq(effects[i].controller, controller))
			return effects[i].text;
	return NULL;
}

/* ---- the state */

static void controller_state(
	const struct look *look, const struct controller *controller, struct buf *out)
{
	autobuf words = BUF_INIT;

	buf_adds(&words, controller_fault_words(controller->fault));
	words.ptr[0] = (char)(words.ptr[0] - 'a' + 'A');
	buf_adds(out, words.ptr);
	if (controller->fault == CONTROLLER_SCALED_TO_ZERO)
		buf_adds(out, " (spec.replicas 0)");
	else if (controller->fault != CONTROLLER_MISSING)
		buf_addf(out, ", %d of %d ready", controller->ready, controller->wanted);
	if (controller->restarts > 0) {
		buf_adds(out, ", ");
		look_count(out, (size_t)controller->restarts, "restart");
	}
	if (!controller->exited)
		return;
	buf_addf(out, ", last exit %d (%s)", controller->exit_code,
		controller->exit_reason ? controller->exit_reason : "no reason");
	if (controller->exited_at != TIME_NONE) {
		buf_adds(out, " at ");
		time_format_short(out, controller->exited_at, look->survey->now);
	}
}

static void object_state_text(
	const struct look *look, const struct graph_node *node, struct buf *out)
{
	const struct survey_object *object = node->object;

	buf_adds(out, object_state_word(node->state));
	if (node->state == STATE_STALE) {
		if (object->observed_generation >= 0 &&
			object->generation > object->observed_generation)
			buf_addf(out, ": generation %lld, last seen %lld",
				(long long)object->generation,
				(long long)object->observed_generation);
		else if (node->because)
			buf_addf(out, ": %s", node->because);
		return;
	}
	if (object->since != TIME_NONE) {
		buf_addc(out, ' ');
		look_age(out, look, object->since);
	}
	if (object->retrying)
		buf_adds(out, ", retrying");
	else if (node->state == STATE_STALLED && object->reason)
		buf_addf(out, ", %s", object->reason);
	if (node->in_cycle)
		buf_adds(out, ", in a cycle");
}

void look_state(const struct look *look, const struct graph_node *node, struct buf *out)
{
	if (node->controller)
		controller_state(look, node->controller, out);
	else if (node->missing)
		buf_adds(out, "does not exist");
	else if (node->object->wanted > 0)
		buf_addf(out, "%d of %d ready", node->object->ready, node->object->wanted);
	else if (node->object->kind->family == FAMILY_AZURE && node->because &&
		 node->state != STATE_STALE)
		buf_adds(out, node->because);
	else
		object_state_text(look, node, out);
}

/* Of an object that is being deleted, is suspended or is not in sync, the last word may be of a
 * success, which explains nothing. */
static bool says_ready(const struct survey_object *object)
{
	autojson struct json_object *tree = survey_tree(object);

	return streq(json_str(object_condition(tree, "Ready"), "status"), "True") ||
	       streq(object->message, "Resource is Ready");
}

const char *look_message(const struct graph_node *node)
{
	if (node->controller)
		return node->controller->waiting_message;
	if (!node->object || !node->object->message || node->state == STATE_STALE)
		return NULL;
	return says_ready(node->object) ? NULL : node->object->message;
}

/* ---- remarks */

static bool is_kind(const struct graph_node *node, const char *kind)
{
	return streq(node->ref.kind, kind);
}

/* Who feeds on an object that fails and yet stays ready, thanks to what it holds. */
static void still_ready(
	const struct look *look, const struct survey_object *object, struct buf *out)
{
	autostrv names = STRV_INIT;

	for (size_t i = 0; i < look->survey->list_count; i++) {
		const struct survey_list *list = &look->survey->lists[i];

		for (size_t k = 0; k < list->count && names.len < 1000; k++) {
			const struct survey_object *user = &list->objects[k];
			bool feeds = user->source.name == object->name &&
				     user->source.namespace == object->namespace &&
				     streq(user->source.kind, object->kind->name);

			if (feeds && graph_state(look->graph, user) == STATE_READY)
				strv_pushf(&names, "%s %s", list->kind->name, user->name);
		}
	}
	if (!names.len)
		return;
	buf_adds(out, ", so ");
	look_names(out, &names, 3);
	buf_adds(out, names.len == 1 ? " stays Ready" : " stay Ready");
}

/* What a source still serves of better times. */
static void remark_holds(const struct look *look, const struct graph_node *node,
	struct json_object *tree, struct strv *ret)
{
	const char *at = json_str(tree, "status", "artifact", "lastUpdateTime");
	bool index = is_kind(node, "HelmRepository");
	autobuf line = BUF_INIT;

	if (node->object->kind->family != FAMILY_SOURCE || !node->object->revision)
		return;
	if (node->state == STATE_STALE)
		buf_adds(&line, "Ready=True is old: holds ");
	else
		buf_adds(&line, index ? "keeps its index" : "keeps ");
	if (!index || node->state == STATE_STALE)
		look_revision(&line, node->object->revision);
	if (at && time_parse(at) != TIME_NONE) {
		buf_adds(&line, " of ");
		time_format_short(&line, time_parse(at), look->survey->now);
	}
	if (node->state != STATE_STALE)
		still_ready(look, node->object, &line);
	else if (json_str(tree, "spec", "ref", "branch"))
		buf_addf(&line, ", spec asks for branch %s",
			json_str(tree, "spec", "ref", "branch"));
	strv_push(ret, line.ptr);
}

/* What an applier has applied, what it is trying, what its source offers. */
static void remark_applied(const struct look *look, const struct graph_node *node,
	struct json_object *tree, struct strv *ret)
{
	const char *applied = json_str(tree, "status", "lastAppliedRevision");
	const char *tries = json_str(tree, "status", "lastAttemptedRevision");
	const struct survey_object *source = survey_find_ref(look->survey, &node->object->source);
	autobuf line = BUF_INIT;

	if (!is_kind(node, "Kustomization"))
		return;
	if (node->state == STATE_STALE || node->state == STATE_SUSPENDED)
		tries = source ? source->revision : NULL;
	if (!tries || streq(applied, tries))
		return;
	buf_adds(&line, applied ? "applied " : "nothing applied yet");
	if (applied)
		look_revision(&line, applied);
	buf_adds(&line, node->state == STATE_STALE || node->state == STATE_SUSPENDED
				? ", its source holds "
				: ", tries ");
	look_revision(&line, tries);
	strv_push(ret, line.ptr);
}

/* What a controller is doing just now: the Ready message only says that it does something. */
static void remark_phase(const struct graph_node *node, struct json_object *tree, struct strv *ret)
{
	const char *phase = json_str(object_condition(tree, "Reconciling"), "message");
	autobuf line = BUF_INIT;

	if (node->state != STATE_PROGRESSING || !phase || streq(phase, node->object->message))
		return;
	revision_short(&line, phase);
	strv_push(ret, line.ptr);
}

/* A workload that is short of replicas, and why its pods cannot be made, if that is it. */
static void push_workload(const struct survey_object *object, struct strv *ret)
{
	autojson struct json_object *tree = survey_tree(object);
	const char *message = json_str(object_condition(tree, "ReplicaFailure"), "message");

	strv_pushf(ret, "%s %s/%s: %d of %d ready%s%s", object->kind->name, object->namespace,
		object->name, object->ready, object->wanted, message ? ": " : "",
		message ? message : "");
}

static void remark_workloads(
	const struct look *look, const struct graph_node *node, struct strv *ret)
{
	size_t before = ret->len;

	for (size_t i = 0; i < look->survey->list_count; i++) {
		const struct survey_list *list = &look->survey->lists[i];

		for (size_t k = 0; streq(list->kind->group, "apps") && k < list->count; k++) {
			const struct survey_object *object = &list->objects[k];
			const struct survey_ref *owner = &object->owner;

			if (object->ready >= object->wanted || ret->len >= before + 5 ||
				owner->name != node->object->name ||
				owner->namespace != node->object->namespace ||
				!streq(owner->kind, node->object->kind->name))
				continue;
			push_workload(object, ret);
		}
	}
}

/* Changed behind Azure's back: what the FluxConfig says and the object does not. */
static void remark_differences(
	const struct look *look, const struct graph_node *node, struct strv *ret)
{
	for (size_t i = 0; i < look->config_count; i++)
		for (size_t k = 0; k < look->configs[i].count; k++) {
			const struct fluxconfig_part *part = &look->configs[i].parts[k];

			for (size_t n = 0;
				part->object == node->object && n < part->differences.len; n++)
				strv_pushf(ret, "%s: changed in the cluster, not in Azure",
					part->differences.items[n]);
		}
}

/* Where the object is written, so where it has to be mended. */
static void remark_mend(const struct look *look, const struct graph_node *node, struct strv *ret)
{
	const struct survey_ref *owner = &node->object->owner;
	const struct survey_object *maker = survey_find_ref(look->survey, owner);
	autojson struct json_object *tree = maker ? survey_tree(maker) : NULL;
	const char *path = json_str(tree, "spec", "path");

	if (node->parent || (node->state != STATE_FAILING && node->state != STATE_STALLED) ||
		!owner->name)
		return;
	if (streq(owner->kind, "Kustomization"))
		strv_pushf(ret, "mend it in Git: applied by Kustomization %s/%s%s%s",
			owner->namespace, owner->name, path ? " from " : "", path ? path : "");
	else
		strv_pushf(ret, "mend it where it comes from: made by %s %s/%s", owner->kind,
			owner->namespace, owner->name);
}

static void remark_stalled(const struct look *look, const struct graph_node *node, struct strv *ret)
{
	autobuf line = BUF_INIT;

	if (node->state == STATE_STALLED)
		buf_adds(&line, is_kind(node, "HelmRelease")
					? "not tried again until its spec, chart or values change"
					: "not tried again until its spec changes");
	if (look->config_count && !look_fluxconfig(look, node->object) &&
		node->state < STATE_BLOCKED && node->state != STATE_SUSPENDED)
		buf_addf(&line, "%sof no FluxConfig: Azure does not see it", line.len ? "; " : "");
	if (line.len)
		strv_push(ret, line.ptr);
}

static void remark_finalizers(
	const struct graph_node *node, struct json_object *tree, struct strv *ret)
{
	struct json_object *finalizers = json_get(tree, "metadata", "finalizers");
	autostrv names = STRV_INIT;

	for (size_t i = 0; i < json_len(finalizers) && i < 5; i++)
		strv_push(&names, json_text(json_item(finalizers, i)));
	if (node->state != STATE_DELETING)
		return;
	if (names.len) {
		autobuf line = BUF_INIT;

		look_names(&line, &names, 5);
		strv_pushf(ret, "held by %s %s", names.len == 1 ? "finalizer" : "finalizers",
			line.ptr);
	} else if (is_kind(node, "Namespace")) {
		strv_push(ret, "waits for what is left in it");
	}
}

static void remark_needed_by(const struct graph_node *node, struct strv *ret)
{
	autostrv names = STRV_INIT;
	autobuf line = BUF_INIT;

	for (const struct graph_node *child = node->first_child; child; child = child->next) {
		autobuf name = BUF_INIT;

		look_ref(&name, &child->ref);
		strv_push(&names, name.ptr);
	}
	look_names(&line, &names, 3);
	if (names.len)
		strv_pushf(ret, "named by %s", line.ptr);
}

static void remark_cycle(const struct graph_node *node, struct strv *ret)
{
	autobuf line = BUF_INIT;

	if (!node->in_cycle || node->parent)
		return;
	for (const struct graph_node *child = node->first_child; child; child = child->next)
		if (child->edge == EDGE_CYCLE)
			buf_addf(&line, "%s/%s on ", child->ref.namespace, child->ref.name);
	strv_pushf(ret, "they depend on each other: %s/%s on %s%s/%s; none can start",
		node->ref.namespace, node->ref.name, line.ptr, node->ref.namespace, node->ref.name);
}

static void remark_config(const struct look *look, const struct graph_node *node, struct strv *ret)
{
	for (size_t i = 0; i < look->config_count; i++) {
		const struct fluxconfig *config = &look->configs[i];
		const struct fluxconfig_part *part;
		autobuf line = BUF_INIT;

		if (config->object != node->object)
			continue;
		part = fluxconfig_missing(look->survey, config);
		if (part && node->edge != EDGE_PART) {
			look_ref(&line, &part->ref);
			strv_pushf(ret, "%s does not exist", line.ptr);
		}
		if (config->synced)
			return;
		buf_reset(&line);
		buf_adds(&line, "last synced ");
		if (config->synced_at == TIME_NONE)
			buf_addc(&line, '-');
		else
			time_format_short(&line, config->synced_at, look->survey->now);
		strv_push(ret, line.ptr);
	}
}

void look_remarks(const struct look *look, const struct graph_node *node, struct strv *ret)
{
	autojson struct json_object *tree = NULL;

	if (node->missing) {
		remark_needed_by(node, ret);
		return;
	}
	if (node->controller) {
		if (node->controller->down && effect_of(node->controller->name))
			strv_push(ret, effect_of(node->controller->name));
		return;
	}
	tree = survey_tree(node->object);
	if (node->object->kind->family == FAMILY_AZURE) {
		remark_config(look, node, ret);
	} else if (node->object->kind->flags & KIND_FLUX) {
		remark_cycle(node, ret);
		remark_holds(look, node, tree, ret);
		remark_phase(node, tree, ret);
		remark_applied(look, node, tree, ret);
		remark_workloads(look, node, ret);
		remark_differences(look, node, ret);
		remark_mend(look, node, ret);
		remark_stalled(look, node, ret);
		message_rule_remark(look_message(node), ret);
	} else if (node->object->owner.name) {
		strv_pushf(ret, "deployed by %s %s/%s, which says Ready", node->object->owner.kind,
			node->object->owner.namespace, node->object->owner.name);
	}
	remark_finalizers(node, tree, ret);
}

/* ---- commands */

static void controller_command(const struct controller *controller, struct buf *out)
{
	const struct survey_object *deployment = controller->deployment;

	if (!deployment)
		return;
	switch (controller->fault) {
	case CONTROLLER_SCALED_TO_ZERO:
		buf_addf(out, "kubectl -n %s scale deployment %s --replicas=1",
			deployment->namespace, deployment->name);
		return;
	case CONTROLLER_CRASH_LOOP:
	case CONTROLLER_OUT_OF_MEMORY:
		if (controller->pod)
			buf_addf(out, "kubectl -n %s logs %s -c %s --previous",
				deployment->namespace, controller->pod, controller->container);
		return;
	default:
		if (controller->pod)
			buf_addf(out, "kubectl -n %s describe pod %s", deployment->namespace,
				controller->pod);
		else
			buf_addf(out, "kubectl -n %s describe deployment %s", deployment->namespace,
				deployment->name);
	}
}

/* The namespace of the first workload of an object that is short of replicas. */
static const char *short_namespace(const struct look *look, const struct survey_object *owner)
{
	for (size_t i = 0; i < look->survey->list_count; i++) {
		const struct survey_list *list = &look->survey->lists[i];

		for (size_t k = 0; streq(list->kind->group, "apps") && k < list->count; k++)
			if (list->objects[k].ready < list->objects[k].wanted &&
				list->objects[k].owner.name == owner->name &&
				list->objects[k].owner.namespace == owner->namespace &&
				streq(list->objects[k].owner.kind, owner->kind->name))
				return list->objects[k].namespace;
	}
	return NULL;
}

/* What may be pasted into a shell: the characters of names that an API server lets pass. */
static bool is_plain(const char *name)
{
	return !name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.:-") == strlen(name);
}

void look_command(const struct look *look, const struct graph_node *node, struct buf *out)
{
	const struct survey_object *object = node->object;
	const char *namespace;

	if (!is_plain(node->ref.namespace) || !is_plain(node->ref.name))
		return;
	if (node->controller) {
		if (is_plain(node->controller->pod) && is_plain(node->controller->container))
			controller_command(node->controller, out);
		return;
	}
	if (!object)
		return;
	if (object->wanted > 0) {
		buf_addf(out, "kubectl -n %s describe pods", object->namespace);
		return;
	}
	if (node->state == STATE_SUSPENDED && streq(object->kind->name, "ArtifactGenerator")) {
		buf_addf(out, "kubectl -n %s annotate ", object->namespace);
		look_resource(out, object->kind);
		buf_addf(out, " %s source.extensions.fluxcd.io/reconcile-", object->name);
		return;
	}
	if (node->state == STATE_SUSPENDED) {
		buf_addf(out, "kubectl -n %s patch ", object->namespace);
		look_resource(out, object->kind);
		buf_addf(out, " %s --type merge -p '{\"spec\":{\"suspend\":false}}'", object->name);
		return;
	}
	namespace = short_namespace(look, object);
	if (namespace && is_plain(namespace))
		buf_addf(out, "kubectl -n %s describe pods", namespace);
}

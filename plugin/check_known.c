/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about what objects say themselves, where a setting or a command of ours mends it. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/check.h"
#include "plugin/rules.h"

static void rule_known(struct check *check, const struct check_rule *rule);
static void rule_two_identities(struct check *check, const struct check_rule *rule);

/* clang-format off */
const struct check_rule check_known_rules[] = {
	{ "known-failure",     SEVERITY_WARNING, "this is known, and a setting or a command mends it", rule_known, 0 },
	{ "two-identities",    SEVERITY_WARNING, "the controllers would sign in by two ways at once: choose one", rule_two_identities, 0 },
};
/* clang-format on */
const size_t check_known_rules_count = countof(check_known_rules);

static void judge_object(
	struct check *check, const struct check_rule *rule, const struct survey_object *object)
{
	const struct message_rule *known = message_rule_find(object->message);
	bool command;

	if (!known)
		return;
	command = message_rule_is_command(known);
	check_found(check, rule,
		xasprintf("%s %s%s%s", object->kind->name, object->namespace,
			*object->namespace ? "/" : "", object->name),
		xasprintf("%s: %s%s%s", known->id, known->cause, command ? "" : ": ",
			command ? "" : known->remedy),
		command ? xstrdup(known->remedy) : NULL);
}

/* A FluxConfig repeats what its objects say, so it is left out. */
static void rule_known(struct check *check, const struct check_rule *rule)
{
	for (size_t i = 0; i < check->survey->list_count; i++) {
		const struct survey_list *list = &check->survey->lists[i];

		if (list->kind->family == FAMILY_AZURE)
			continue;
		for (size_t k = 0; list->ill && k < list->count; k++)
			judge_object(check, rule, &list->objects[k]);
	}
}

static void rule_two_identities(struct check *check, const struct check_rule *rule)
{
	const struct survey_object *object = check->install->extension;
	autojson struct json_object *tree = object ? survey_tree(object) : NULL;

	if (!streq(json_str(tree, "spec", "parameter", "workloadIdentity.enable"), "true") ||
		!streq(json_str(tree, "spec", "parameter", "useKubeletIdentity"), "true"))
		return;
	check_found(check, rule,
		xasprintf("ExtensionConfig %s/%s", object->namespace, object->name),
		xstrdup("spec.parameter workloadIdentity.enable and useKubeletIdentity are true"),
		xstrdup("kubectl flux-arc extension update --kubelet-identity=false"));
}

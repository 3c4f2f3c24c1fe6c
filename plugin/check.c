/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/check.h"
#include "plugin/check_azure.h"

void check_clear(struct check *check)
{
	for (size_t i = 0; i < check->count; i++) {
		free(check->findings[i].object);
		free(check->findings[i].seen);
		free(check->findings[i].command);
	}
	free(check->findings);
	strv_clear(&check->passed);
	strv_clear(&check->unanswered);
	check_azure_free(check->azure);
	install_free(check->install);
	survey_free(check->survey);
}

void check_found(
	struct check *check, const struct check_rule *rule, char *object, char *seen, char *command)
{
	/* Names in a command come from the cluster, and it is there to be copied into a shell. */
	if (command && strpbrk(command, "`$;|&<>\"\\\r\n"))
		free(TAKE(command));
	check->findings =
		xreallocarray(check->findings, check->count + 1, sizeof(*check->findings));
	check->findings[check->count++] =
		(struct finding){.rule = rule, .object = object, .seen = seen, .command = command};
}

void check_passed(struct check *check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strv_push_owned(&check->passed, xvasprintf(format, args));
	va_end(args);
}

void check_unanswered(struct check *check, const char *format, ...)
{
	va_list args;
	autofree char *text = NULL;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	if (!strv_contains(&check->unanswered, text))
		strv_push(&check->unanswered, text);
}

static void check_run(struct check *check, const struct check_rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		rules[i].run(check, &rules[i]);
}

/* Lists that could not be read are questions without an answer, whatever rule wanted them. */
static void note_unread(struct check *check)
{
	for (size_t i = 0; i < check->survey->question_count; i++) {
		const struct survey_question *question = &check->survey->questions[i];

		if (question->outcome == SURVEY_FORBIDDEN || question->outcome == SURVEY_FAILED)
			check_unanswered(check, "%s: %s", question->what,
				question->error.message ? question->error.message
							: survey_outcome_word(question->outcome));
	}
}

void check_all(struct check *check)
{
	note_unread(check);
	check_run(check, check_controller_rules, check_controller_rules_count);
	if (!check->pre)
		check_run(check, check_crd_rules, check_crd_rules_count);
	check_run(check, check_install_rules, check_install_rules_count);
	if (!check->pre)
		check_run(check, check_known_rules, check_known_rules_count);
	if (check->pre)
		check_run(check, check_pre_rules, check_pre_rules_count);
	check_run(check, check_access_rules, check_access_rules_count);
	if (!check->pre)
		return;
	check_run(check, check_azure_rules, check_azure_rules_count);
	check_run(check, check_endpoint_rules, check_endpoint_rules_count);
}

bool check_read(const struct survey_list *list)
{
	return list && (list->outcome == SURVEY_OK || list->outcome == SURVEY_NOT_INSTALLED);
}

char *check_az_update(const struct check *check, const char *setting)
{
	struct json_object *arc = check->survey->arc_config;
	struct json_object *aks = check->survey->aks_config;
	struct json_object *config = arc ? arc : aks;
	const char *group = config ? json_str(config, "AZURE_RESOURCE_GROUP") : NULL;
	const char *name = config ? json_str(config, "AZURE_RESOURCE_NAME") : NULL;
	const struct survey_object *extension = check->install->extension;
	const char *quote;

	if (!str_set(group) || !str_set(name) || strchr(group, '\'') || strchr(name, '\''))
		return NULL;
	/* A group's name may hold parentheses. */
	quote = strpbrk(group, "()") ? "'" : "";
	return xasprintf("az k8s-extension update -g %s%s%s -c %s -t %s -n %s %s", quote, group,
		quote, name, arc ? "connectedClusters" : "managedClusters",
		extension ? extension->name : "flux", setting);
}

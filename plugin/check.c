/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/check.h"

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
	install_free(check->install);
	survey_free(check->survey);
}

void check_found(
	struct check *check, const struct check_rule *rule, char *object, char *seen, char *command)
{
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

void check_run(struct check *check, const struct check_rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		rules[i].run(check, &rules[i]);
}

bool check_read(const struct check *check, const struct survey_list *list)
{
	(void)check;
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

	if (!str_set(group) || !str_set(name))
		return NULL;
	return xasprintf("az k8s-extension update -g %s -c %s -t %s -n %s %s", group, name,
		arc ? "connectedClusters" : "managedClusters", extension ? extension->name : "flux",
		setting);
}

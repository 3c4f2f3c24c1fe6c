/* SPDX-License-Identifier: Apache-2.0 */
/* What does not go with --bundle. */
#include "base/base.h"

#include "plugin/options.h"

static bool is_set(const void *base, const struct option *option)
{
	const void *field = (const char *)base + option->offset;

	switch (option->type) {
	case OPTION_FLAG:
		return *(const bool *)field;
	case OPTION_STRING:
	case OPTION_OPTIONAL:
		return *(const char *const *)field != NULL;
	case OPTION_SWITCH:
		return *(const enum option_switch *)field != SWITCH_UNSET;
	case OPTION_ALIAS:
		return false;
	case OPTION_LIST:
	case OPTION_WORDS:
		return ((const struct strv *)field)->len > 0;
	case OPTION_INT:
		break;
	}
	return *(const int *)field != 0;
}

/* They choose a cluster, a user, or a way to it; the namespace chooses what is looked at. */
static bool is_about_cluster(const struct option *option)
{
	size_t start = offsetof(struct globals, kube);

	return option->offset >= start && option->offset < start + sizeof(struct kube_flags) &&
	       !streq(option->name, "namespace");
}

int options_check_bundle(const struct parsed *parsed, struct error *err)
{
	const struct command *command = parsed->command;

	if (!parsed->globals.bundle || !command)
		return 0;
	if (command->needs & (NEEDS_LIVE | MUTATES | NEEDS_ARM | NEEDS_AZURE_CLUSTER))
		return error_set(err, ERROR_USAGE,
			"'%s' needs a cluster that runs: it does not go with --bundle",
			command->name);
	for (const struct option *option = command->options; option && option->name; option++)
		if (option->live && is_set(parsed->opts, option))
			return error_set(err, ERROR_USAGE,
				"--%s looks at a cluster and a network as they are now: it does "
				"not go with --bundle",
				option->name);
	for (const struct option *option = global_options; option->name; option++)
		if (is_about_cluster(option) && is_set(&parsed->globals, option))
			return error_set(err, ERROR_USAGE,
				"--%s is about a cluster that runs: it does not go with --bundle",
				option->name);
	return 0;
}

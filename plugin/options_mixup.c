/* SPDX-License-Identifier: Apache-2.0 */
/* Words of az and kubectl in the wrong place: what to write instead. */
#include "base/base.h"

#include "plugin/options.h"
#include "plugin/options_internal.h"

#define AZURE (NEEDS_ARM | NEEDS_AZURE_CLUSTER)

/* CATALOG: options that are not known, and values that are not taken. */
/* clang-format off */
static const struct mixup {
	bool azure;         /* on the Azure side, or everywhere else */
	const char *option; /* without dashes */
	const char *value;  /* NULL: the option itself is unknown */
	const char *hint;
} mixups[] = {
	{true,  "query",             NULL,    "az's --query: '-o json' and jq do that, as in -o json | jq -r .properties.provisioningState"},
	{true,  "only-show-errors",  NULL,    "az's --only-show-errors: warnings go to standard error, 2>/dev/null drops them"},
	{true,  "debug",             NULL,    "az's --debug: -v 8"},
	{true,  "verbose",           NULL,    "az's --verbose: -v 6"},
	{true,  "auth-mode",         NULL,    "--auth says how to sign in: 'login status' lists the ways"},
	{true,  "ids",               NULL,    "az's --ids: give -g, -c and -t"},
	{true,  "output",            "tsv",   "az's tsv: '-o json' and jq -r do that, as in -o json | jq -r '.[].name'"},
	{true,  "output",            "jsonc", "az's jsonc: -o json"},
	{true,  "output",            "yamlc", "az's yamlc: -o yaml"},
	{true,  "output",            "none",  "az's none: >/dev/null"},
	{true,  "output",            "table", "without -o a table is printed"},
	{false, "output",            "tsv",   "az's tsv: '-o json' and jq -r do that"},
	{false, "output",            "table", "without -o a table is printed"},
	{false, "g",                 NULL,    "-g, -c and -t name a cluster to 'extension', 'config' and 'identity'; here --context does"},
	{false, "resource-group",    NULL,    "-g, -c and -t name a cluster to 'extension', 'config' and 'identity'; here --context does"},
	{false, "cluster-name",      NULL,    "-g, -c and -t name a cluster to 'extension', 'config' and 'identity'; here --context does"},
	{false, "subscription",      NULL,    "--subscription is for 'extension', 'config', 'identity' and 'provider'; here --context chooses the cluster"},
};
/* clang-format on */

const char *options_mixup(const struct command *command, const char *option, const char *value)
{
	bool azure = command && (command->needs & AZURE);

	for (size_t i = 0; command && i < countof(mixups); i++)
		if (mixups[i].azure == azure && streq(mixups[i].option, option) &&
			streq(mixups[i].value, value))
			return mixups[i].hint;
	return NULL;
}

/* ---- what is taken, and meant otherwise */

/* The value that was given for the command's own option; NULL. */
static const char *text_of(const struct parsed *parsed, const char *name)
{
	const struct option *option = options_find(parsed->command->options, name, strlen(name));

	if (!option || option->type != OPTION_STRING)
		return NULL;
	return *(const char *const *)((const char *)parsed->opts + option->offset);
}

/* "-n flux-system" of the extension, which is called flux in the namespace flux-system. */
static bool names_namespace(const struct parsed *parsed)
{
	return starts_with(parsed->command->name, "extension ") &&
	       streq(text_of(parsed, "name"), "flux-system");
}

int options_check_mixups(const struct parsed *parsed, struct error *err)
{
	const struct command *command = parsed->command;

	if (!command || !(command->needs & NEEDS_AZURE_CLUSTER))
		return 0;
	if (parsed->globals.kube.namespace) {
		error_set(err, ERROR_USAGE, "'%s' takes no namespace", command->name);
		return error_hint(err, "on the Azure side -n is --name, as in az");
	}
	if (!names_namespace(parsed))
		return 0;
	error_set(err, ERROR_USAGE,
		"-n is the extension's name here, and 'flux-system' is its namespace");
	return error_hint(err, "the extension is called 'flux' as a rule: -n flux");
}

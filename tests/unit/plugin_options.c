/* SPDX-License-Identifier: Apache-2.0 */
/* The parser over the real global options and the real commands `version` and `help`. */
#include "test.h"

#include "base/alloc.h"
#include "plugin/options.h"

/* Words of a row, parsed; returns what options_parse() did. */
static int parse(const char *line, struct parsed *parsed, struct strv *words, struct error *err)
{
	strv_push(words, "kubectl-flux_arc");
	strv_split(words, line, " ", false);
	return options_parse((int)words->len, words->items, parsed, err);
}

/* The words, the message, the hint. */
static void check_refused(const char *const row[3])
{
	CLEANUP(parsed_clear) struct parsed parsed = PARSED_INIT;
	autostrv words = STRV_INIT;
	autoerror err = ERROR_INIT;

	if (parse(row[0], &parsed, &words, &err) == 0)
		fail_msg("'%s' was taken", row[0]);
	assert_int_equal(err.kind, ERROR_USAGE);
	assert_string_equal(err.message, row[1]);
	assert_string_equal(err.hint, row[2]);
}

static void test_refused(void **state)
{
	static const char *const rows[][3] = {
		/* words, message, hint */
		{"nosuch", "unknown command \"nosuch\" for \"kubectl flux-arc\"",
			"See 'kubectl flux-arc --help' for usage."},
		{"hlep", "unknown command \"hlep\" for \"kubectl flux-arc\"",
			"did you mean help?\nSee 'kubectl flux-arc --help' for usage."},
		{"version --foo", "unknown flag: --foo",
			"See 'kubectl flux-arc version --help' for usage."},
		{"--foo", "unknown flag: --foo", "See 'kubectl flux-arc --help' for usage."},
		{"version --clinet=x", "unknown flag: --clinet",
			"did you mean --client?\nSee 'kubectl flux-arc version --help' for usage."},
		{"version --cli", "unknown flag: --cli",
			"See 'kubectl flux-arc version --help' for usage."},
		{"version --=x", "unknown flag: --",
			"See 'kubectl flux-arc version --help' for usage."},
		{"version -x", "unknown shorthand flag: 'x' in -x",
			"See 'kubectl flux-arc version --help' for usage."},
		{"version --context", "flag needs an argument: --context",
			"See 'kubectl flux-arc version --help' for usage."},
		{"version -n", "flag needs an argument: 'n' in -n",
			"See 'kubectl flux-arc version --help' for usage."},
		{"version --client=maybe",
			"invalid argument \"maybe\" for \"--client\" flag: neither true nor false",
			"See 'kubectl flux-arc version --help' for usage."},
		{"version --color red",
			"invalid argument \"red\" for \"--color\" flag: not one of: auto always "
			"never",
			"See 'kubectl flux-arc version --help' for usage."},
		{"version -v -1",
			"invalid argument \"-1\" for \"-v, --v\" flag: not a whole number",
			"See 'kubectl flux-arc version --help' for usage."},
		{"version -v 99999999999",
			"invalid argument \"99999999999\" for \"-v, --v\" flag: not a whole number",
			"See 'kubectl flux-arc version --help' for usage."},
		{"version much", "'version' does not take the argument 'much'",
			"See 'kubectl flux-arc version --help' for usage."},
		{"version -- --client", "'version' does not take the argument '--client'",
			"See 'kubectl flux-arc version --help' for usage."},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		check_refused(rows[i]);
}

/* Words of az, and of kubectl, where they mean something else. */
static void test_mixed_up(void **state)
{
	static const char *const rows[][3] = {
		{"provider show --query x", "unknown flag: --query",
			"az's --query: '-o json' and jq do that, as in -o json | jq -r "
			".properties.provisioningState\n"
			"See 'kubectl flux-arc provider show --help' for usage."},
		{"provider show -o tsv",
			"invalid argument \"tsv\" for \"-o, --output\" flag: not one of: json yaml "
			"wide",
			"az's tsv: '-o json' and jq -r do that, as in -o json | jq -r '.[].name'\n"
			"See 'kubectl flux-arc provider show --help' for usage."},
		{"status -g rg", "unknown shorthand flag: 'g' in -g",
			"-g, -c and -t name a cluster to 'extension', 'config' and 'identity'; "
			"here "
			"--context does\nSee 'kubectl flux-arc status --help' for usage."},
		{"config show --namespace flux-system", "'config show' takes no namespace",
			"on the Azure side -n is --name, as in az"},
		{"config list -z", "unknown shorthand flag: 'z' in -z",
			"See 'kubectl flux-arc config list --help' for usage."},
		{"config kustomization create --prune=maybe",
			"invalid argument \"maybe\" for \"--prune\" flag: neither true nor false",
			"See 'kubectl flux-arc config kustomization create --help' for usage."},
		{"config create -k", "flag needs an argument: 'k' in -k",
			"See 'kubectl flux-arc config create --help' for usage."},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		check_refused(rows[i]);
}

/* What the words come to, as text that a row can hold. */
static char *told(const struct parsed *parsed)
{
	const struct globals *globals = &parsed->globals;
	const struct kube_flags *kube = &globals->kube;
	autofree char *groups = strv_join(&kube->as_groups, "+");
	autofree char *args = strv_join(&parsed->args, "+");
	bool client = parsed->opts && *(bool *)parsed->opts; /* the only option of `version` */

	return xasprintf("%s|%s|n=%s|context=%s|groups=%s|v=%d|%s%s%s",
		parsed->command ? parsed->command->name : "-", args,
		kube->namespace ? kube->namespace : "-", kube->context ? kube->context : "-",
		groups, globals->verbosity, globals->help ? "help " : "", client ? "client " : "",
		kube->insecure_skip_tls_verify ? "insecure" : "");
}

static void test_taken(void **state)
{
	static const char *const rows[][2] = {
		{"", "-||n=-|context=-|groups=|v=0|"},
		{"--help", "-||n=-|context=-|groups=|v=0|help "},
		{"version -n a", "version||n=a|context=-|groups=|v=0|"},
		{"version -na", "version||n=a|context=-|groups=|v=0|"},
		{"version -n=a", "version||n=a|context=-|groups=|v=0|"},
		{"-n version version", "version||n=version|context=-|groups=|v=0|"},
		{"--context=c version", "version||n=-|context=c|groups=|v=0|"},
		{"--context c version --context d", "version||n=-|context=d|groups=|v=0|"},
		{"version --as-group a --as-group=b", "version||n=-|context=-|groups=a+b|v=0|"},
		{"--client version", "version||n=-|context=-|groups=|v=0|client "},
		{"version --client=false", "version||n=-|context=-|groups=|v=0|"},
		{"version --client --client=F", "version||n=-|context=-|groups=|v=0|"},
		{"version -hv8", "version||n=-|context=-|groups=|v=8|help "},
		{"version -h=false -v=6", "version||n=-|context=-|groups=|v=6|"},
		{"version --v=6", "version||n=-|context=-|groups=|v=6|"},
		{"version --insecure-skip-tls-verify",
			"version||n=-|context=-|groups=|v=0|insecure"},
		{"version much --help", "version|much|n=-|context=-|groups=|v=0|help "},
		{"help a b", "help|a+b|n=-|context=-|groups=|v=0|"},
		{"help -- -n", "help|-n|n=-|context=-|groups=|v=0|"},
		{"help -", "help|-|n=-|context=-|groups=|v=0|"},
		{"help --context -- -n x", "help||n=x|context=--|groups=|v=0|"},
		{"version --context=", "version||n=-|context=|groups=|v=0|"},
		{"__complete get -o --foo", "__complete|get+-o+--foo|n=-|context=-|groups=|v=0|"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(parsed_clear) struct parsed parsed = PARSED_INIT;
		autostrv words = STRV_INIT;
		autoerror err = ERROR_INIT;
		autofree char *is = NULL;

		if (parse(rows[i][0], &parsed, &words, &err) < 0)
			fail_msg("'%s' was refused: %s", rows[i][0], err.message);
		is = told(&parsed);
		assert_string_equal(is, rows[i][1]);
	}
}

/* An option of the command as text, whatever its type. */
static char *option_told(const struct parsed *parsed, const char *name)
{
	const struct option *option = parsed->command->options;
	const char *field;

	while (option->name && !streq(option->name, name))
		option++;
	if (!option->name)
		fail_msg("%s has no --%s", parsed->command->name, name);
	field = (const char *)parsed->opts + option->offset;
	switch (option->type) {
	case OPTION_FLAG:
		return xstrdup(*(const bool *)field ? "true" : "false");
	case OPTION_SWITCH:
		return xasprintf("%d", (int)*(const enum option_switch *)field);
	case OPTION_STRING:
	case OPTION_OPTIONAL:
		return xstrdup(*(const char *const *)field ? *(const char *const *)field : "-");
	case OPTION_LIST:
	case OPTION_WORDS:
		return strv_join((const struct strv *)field, " ");
	case OPTION_INT:
	case OPTION_ALIAS:
		break;
	}
	return xstrdup("?");
}

/* The kinds that az has: switches, lists of words, second names. */
static void test_of_az(void **state)
{
	static const struct {
		const char *line, *command, *option, *told;
	} rows[] = {
		{"config kustomization create --prune", "config kustomization create", "prune",
			"2"},
		{"config kustomization create --prune true", "config kustomization create", "prune",
			"2"},
		{"config kustomization create --prune=false", "config kustomization create",
			"prune", "1"},
		{"config kustomization create --prune false -n x", "config kustomization create",
			"prune", "1"},
		{"config kustomization create", "config kustomization create", "prune", "0"},
		{"--prune false config kustomization create", "config kustomization create",
			"prune", "1"},
		{"config create -k name=a path=./b -k name=c", "config create", "kustomization",
			"-- name=a path=./b -- name=c"},
		{"config create --kustomization=name=a path=./b -g x", "config create",
			"kustomization", "-- name=a path=./b"},
		{"-k name=a prune=true -g x config create", "config create", "kustomization",
			"-- name=a prune=true"},
		{"config create --local-ref s", "config create", "local-auth-ref", "s"},
		{"config create --cluster-rp=Microsoft.Kubernetes", "config create",
			"cluster-resource-provider", "Microsoft.Kubernetes"},
		{"--ns x config create", "config create", "namespace", "x"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(parsed_clear) struct parsed parsed = PARSED_INIT;
		autostrv words = STRV_INIT;
		autoerror err = ERROR_INIT;
		autofree char *is = NULL;

		if (parse(rows[i].line, &parsed, &words, &err) < 0)
			fail_msg("'%s' was refused: %s", rows[i].line, err.message);
		assert_string_equal(parsed.command->name, rows[i].command);
		is = option_told(&parsed, rows[i].option);
		if (!streq(is, rows[i].told))
			fail_msg("'%s' came to '%s'", rows[i].line, is);
		assert_int_equal(parsed.args.len, 0);
	}
}

/* A symbolic link of this name is all that kubectl's completion needs. */
static void test_called_as_completion(void **state)
{
	char program[] = "/usr/bin/kubectl_complete-flux_arc";
	char word[] = "--nam";
	char *argv[] = {program, word, NULL};
	CLEANUP(parsed_clear) struct parsed parsed = PARSED_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(options_parse(2, argv, &parsed, &err), 0);
	assert_string_equal(parsed.command->name, "__complete");
	assert_int_equal(parsed.args.len, 1);
	assert_string_equal(parsed.args.items[0], "--nam");
}

static void test_no_words_at_all(void **state)
{
	char *argv[] = {NULL};
	CLEANUP(parsed_clear) struct parsed parsed = PARSED_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(options_parse(0, argv, &parsed, &err), 0);
	assert_null(parsed.command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_mixed_up),
		cmocka_unit_test(test_of_az),
		cmocka_unit_test(test_called_as_completion),
		cmocka_unit_test(test_no_words_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/get.h"

/* Words for several kinds at once; `family` -1 is every family. */
static const struct {
	const char *words;
	int family;
} groups[] = {
	{"all", -1},
	{"sources all", FAMILY_SOURCE},
	{"source all", FAMILY_SOURCE},
	{"images all", FAMILY_IMAGE},
	{"image all", FAMILY_IMAGE},
};

/* Where Flux and Azure's agents run: what `get pods` means without a namespace. */
static const char *const agent_namespaces[] = {"flux-system", "azure-arc"};

struct parsing {
	struct get *get;
	const struct get_opts *opts;
	size_t cap;
	unsigned question;
};

static void push(struct parsing *parsing, const struct kind *kind, const char *namespace,
	const char *name, bool by_all)
{
	struct get *get = parsing->get;

	if (get->count == parsing->cap) {
		parsing->cap = parsing->cap ? parsing->cap * 2 : 16;
		get->targets = xreallocarray(get->targets, parsing->cap, sizeof(*get->targets));
	}
	get->targets[get->count++] = (struct get_target){
		.kind = kind,
		.namespace = namespace,
		.name = xstrdup_or_null(name),
		.question = parsing->question,
		.by_all = by_all,
	};
}

static bool is_agents(const struct parsing *parsing, const struct kind *kind)
{
	return kind->family == FAMILY_CORE && !(kind->flags & KIND_CLUSTER) &&
	       !parsing->opts->all_namespaces && parsing->get->agents;
}

/* The targets of one kind: both namespaces of the agents, or the one that counts. */
static void ask_kind(
	struct parsing *parsing, const struct kind *kind, const char *name, bool by_all)
{
	const struct app *app = parsing->get->app;
	bool everywhere = parsing->opts->all_namespaces || (kind->flags & KIND_CLUSTER);

	if (is_agents(parsing, kind)) {
		for (size_t i = 0; i < countof(agent_namespaces); i++)
			push(parsing, kind, agent_namespaces[i], name, by_all);
		return;
	}
	push(parsing, kind, everywhere ? NULL : app->kube->namespace, name, by_all);
}

/* One question: a kind, and where its name is that of two groups, both unless one was meant. */
static void ask(struct parsing *parsing, const struct kind *kind, const char *word,
	const char *name, bool by_all)
{
	const struct kind *other = kind_next_named(kind);

	parsing->question++;
	ask_kind(parsing, kind, name, by_all);
	if (other && !strchr(word, '.') && strcasecmp(word, kind->short_names) != 0)
		ask_kind(parsing, other, name, by_all);
}

static bool ask_group(struct parsing *parsing, const char *word)
{
	for (size_t i = 0; i < countof(groups); i++) {
		if (strcasecmp(groups[i].words, word) != 0)
			continue;
		for (size_t k = 0; k < kinds_count; k++) {
			if (!(kinds[k].flags & KIND_ALL))
				continue;
			if (groups[i].family >= 0 && (int)kinds[k].family != groups[i].family)
				continue;
			/* Both groups of one name are one question. */
			if (k == 0 || !streq(kinds[k].name, kinds[k - 1].name))
				parsing->question++;
			ask_kind(parsing, &kinds[k], NULL, true);
		}
		return true;
	}
	return false;
}

static int unknown_kind(const char *word, struct error *err)
{
	const char *near = kind_suggest(word);

	error_set(err, ERROR_USAGE, "unknown kind '%s'", word);
	if (strcasecmp(word, "source") == 0 || strcasecmp(word, "sources") == 0)
		return error_hint(
			err, "one of: sources all, git, oci, helm, chart, bucket, external");
	if (strcasecmp(word, "image") == 0 || strcasecmp(word, "images") == 0)
		return error_hint(err, "one of: images all, repository, policy, update");
	if (near)
		return error_hint(err, "did you mean '%s'?", near);
	return error_hint(err, "what there is: kubectl flux-arc get --help");
}

static const struct kind *get_kind(const char *word)
{
	const struct kind *kind = kind_by_word(word);

	return kind && (kind->flags & KIND_GET) ? kind : NULL;
}

/* "ks/apps": the kind and the name in one word. */
static int ask_slashed(struct parsing *parsing, const char *word, struct error *err)
{
	const char *slash = strchr(word, '/');
	autofree char *kind_word = NULL;
	const struct kind *kind;

	if (!slash)
		return error_set(err, ERROR_USAGE,
			"arguments in resource/name form may not be mixed with others: '%s'", word);
	kind_word = xstrndup(word, (size_t)(slash - word));
	kind = get_kind(kind_word);
	if (!kind)
		return unknown_kind(kind_word, err);
	if (kind_check_name(slash + 1, err) < 0)
		return -1;
	ask(parsing, kind, kind_word, slash + 1, false);
	return 0;
}

/* "gitrepo,ks": every kind, or every name of every kind. */
static int ask_kinds(struct parsing *parsing, const char *list, char *const names[], size_t count,
	struct error *err)
{
	autostrv words = STRV_INIT;

	strv_split(&words, list, ",", true);
	for (size_t i = 0; i < words.len; i++) {
		const char *word = words.items[i];
		const struct kind *kind = get_kind(word);

		if (!kind && ask_group(parsing, word)) {
			if (count > 0)
				return error_set(err, ERROR_USAGE,
					"'%s' takes no names: name the kind", word);
			continue;
		}
		if (!kind)
			return unknown_kind(word, err);
		if (count == 0)
			ask(parsing, kind, word, NULL, false);
		for (size_t j = 0; j < count; j++)
			if (kind_check_name(names[j], err) < 0)
				return -1;
			else
				ask(parsing, kind, word, names[j], false);
	}
	return 0;
}

/* flux users type two words for a kind: "sources git". */
static char *flux_words(const struct strv *args)
{
	autofree char *words = NULL;

	if (args->len < 2 || get_kind(args->items[0]))
		return NULL;
	words = xasprintf("%s %s", args->items[0], args->items[1]);
	if (get_kind(words))
		return TAKE(words);
	for (size_t i = 0; i < countof(groups); i++)
		if (strcasecmp(groups[i].words, words) == 0)
			return TAKE(words);
	return NULL;
}

static int parse_words(struct parsing *parsing, const struct strv *args, struct error *err)
{
	autofree char *words = flux_words(args);
	size_t first = words ? 2 : 1;

	if (words)
		return ask_kinds(parsing, words, args->items + first, args->len - first, err);
	if (!strchr(args->items[0], '/')) {
		for (size_t i = 1; i < args->len; i++)
			if (strchr(args->items[i], '/'))
				return error_set(err, ERROR_USAGE,
					"there is no need to specify a resource type as a separate "
					"argument when passing arguments in resource/name form "
					"(e.g. 'get %s' instead of 'get %s %s')",
					args->items[i], args->items[0], args->items[i]);
		return ask_kinds(
			parsing, args->items[0], args->items + first, args->len - first, err);
	}
	for (size_t i = 0; i < args->len; i++)
		if (ask_slashed(parsing, args->items[i], err) < 0)
			return -1;
	return 0;
}

/* ---- options */

static int parse_format(struct get *get, struct error *err)
{
	static const char *const formats[] = {"table", "wide", "json", "yaml", "name"};
	const char *output = get->opts->output;

	get->format = GET_TABLE;
	if (!str_set(output))
		return 0;
	if (strncasecmp(output, "jsonpath=", 9) == 0) {
		get->format = GET_JSONPATH;
		return jsonpath_compile(output + 9, &get->template, err);
	}
	if (strcasecmp(output, "jsonpath") == 0)
		return error_set(err, ERROR_USAGE,
			"template format specified but no template given: -o jsonpath=TEMPLATE");
	for (size_t i = 0; i < countof(formats); i++)
		if (strcasecmp(output, formats[i]) == 0) {
			get->format = (enum get_format)i;
			return 0;
		}
	return error_set(err, ERROR_USAGE,
		"unable to match a printer suitable for the output format \"%s\", allowed formats "
		"are: json,jsonpath,name,table,wide,yaml",
		output);
}

static int unknown_state(const char *word, struct error *err)
{
	autobuf words = BUF_INIT;

	for (int i = 0; i < STATE_COUNT; i++)
		buf_addf(&words, ", %s", object_state_word((enum object_state)i));
	error_set(err, ERROR_USAGE, "unknown state '%s'", word);
	return error_hint(
		err, "one or more with commas between, in any case: notready%s", words.ptr);
}

static int parse_states(struct get *get, struct error *err)
{
	autostrv words = STRV_INIT;

	if (!get->opts->state)
		return 0;
	strv_split(&words, get->opts->state, ",", true);
	for (size_t i = 0; i < words.len; i++) {
		enum object_state state;

		if (object_state_parse(words.items[i], &state)) {
			get->states |= 1U << state;
			continue;
		}
		if (strcasecmp(words.items[i], "notready") != 0 &&
			strcasecmp(words.items[i], "not-ready") != 0)
			return unknown_state(words.items[i], err);
		for (int k = 0; k < STATE_COUNT; k++)
			if (object_state_not_ready((enum object_state)k))
				get->states |= 1U << k;
	}
	return 0;
}

static int check_names(const struct get *get, struct error *err)
{
	const struct get_opts *opts = get->opts;

	if (!get->named)
		return 0;
	if (opts->selector || opts->field_selector)
		return error_set(
			err, ERROR_USAGE, "name cannot be provided when a selector is specified");
	if (opts->all_namespaces)
		return error_set(err, ERROR_USAGE,
			"a resource cannot be retrieved by name across all namespaces");
	return 0;
}

/* --state is about kinds that have one. */
static int check_states(const struct get *get, struct error *err)
{
	for (size_t i = 0; get->states && i < get->count; i++)
		if (!get_view_of(get->targets[i].kind)->has_state)
			return error_set(err, ERROR_USAGE,
				"%s have no state of Flux: --state does "
				"not go with them",
				get->targets[i].kind->plural);
	return 0;
}

static bool in_namespaces(const struct get *get)
{
	for (size_t i = 0; i < get->count; i++)
		if (!(get->targets[i].kind->flags & KIND_CLUSTER))
			return true;
	return false;
}

static void describe(struct get *get)
{
	const char *namespace = get->targets[0].namespace;
	unsigned questions = 0;

	for (size_t i = 0; i < get->count; i++) {
		get->named |= get->targets[i].name != NULL;
		get->several_kinds |=
			!streq(get->targets[i].kind->name, get->targets[0].kind->name);
		get->show_namespace |= !streq(get->targets[i].namespace, namespace);
		questions = get->targets[i].question;
	}
	get->show_namespace |= get->opts->all_namespaces && in_namespaces(get);
	get->single = get->named && questions == 1;
}

int get_init(struct get *get, struct app *app, const struct get_opts *opts, const struct strv *args,
	struct error *err)
{
	struct parsing parsing = {.get = get, .opts = opts};

	*get = (struct get){.app = app, .opts = opts};
	get->agents = !str_set(app->globals->kube.namespace);
	if (parse_format(get, err) < 0 || parse_states(get, err) < 0)
		return -1;
	if (opts->sort_by && jsonpath_compile_relaxed(opts->sort_by, &get->sort, err) < 0)
		return -1;
	if (parse_words(&parsing, args, err) < 0)
		return -1;
	describe(get);
	if (check_names(get, err) < 0)
		return -1;
	return check_states(get, err);
}

void get_clear(struct get *get)
{
	for (size_t i = 0; i < get->count; i++)
		free(get->targets[i].name);
	free(get->targets);
	jsonpath_free(get->template);
	jsonpath_free(get->sort);
	json_free(get->rules);
	free(get->rules_namespace);
}

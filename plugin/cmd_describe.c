/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/url.h"
#include "kube/lister.h"
#include "plugin/command.h"
#include "plugin/describe.h"

struct describe_opts {
	const char *output;
};

/* clang-format off */
static const struct option describe_options[] = {
	OPT_CHOICE(struct describe_opts, output, 'o', "output", "FORMAT", "wide: everything, however long", "wide"),
	OPT_END,
};
/* clang-format on */

/* What was asked beside the survey: the object in each group that has such a kind, its events. */
struct asked {
	struct kind_list objects[2];
	size_t count;
	struct kind_list events;
	char *selector;
};

/* ---- arguments */

static int unknown_kind(const char *word, struct error *err)
{
	const char *near = kind_suggest(word);

	error_set(err, ERROR_USAGE, "no kind of Flux or Azure is called '%s'", word);
	return near ? error_hint(err, "did you mean '%s'?", near) : -1;
}

/* "ks/apps", "ks apps", "source git apps". */
static int parse_args(
	const struct strv *args, const struct kind **kind, char **name, struct error *err)
{
	const char *slash = strchr(args->items[0], '/');
	autofree char *word = NULL;

	if (args->len == 1 && slash) {
		word = xstrndup(args->items[0], (size_t)(slash - args->items[0]));
		*name = xstrdup(slash + 1);
	} else if (args->len == 2 && !slash) {
		word = xstrdup(args->items[0]);
		*name = xstrdup(args->items[1]);
	} else if (args->len == 3) {
		word = xasprintf("%s %s", args->items[0], args->items[1]);
		*name = xstrdup(args->items[2]);
	} else {
		return error_set(err, ERROR_USAGE, "one object is named: KIND/NAME or KIND NAME");
	}
	*kind = kind_by_word(word);
	if (!*kind || !((*kind)->flags & KIND_GET))
		return unknown_kind(word, err);
	return kind_check_name(*name, err);
}

/* ---- asking */

static void ask_object(
	struct asked *asked, const struct kind *kind, const char *namespace, const char *name)
{
	struct kind_list *list = &asked->objects[asked->count++];

	*list = (struct kind_list)KIND_LIST_INIT;
	list->kind = kind;
	list->namespace = kind->flags & KIND_CLUSTER ? NULL : namespace;
	list->name = name;
}

static void ask(
	struct asked *asked, const struct kind *kind, const char *namespace, const char *name)
{
	const struct kind *other = kind_next_named(kind);

	*asked = (struct asked){.events = KIND_LIST_INIT};
	ask_object(asked, kind, namespace, name);
	if (other)
		ask_object(asked, other, namespace, name);
	asked->selector =
		xasprintf("involvedObject.kind=%s,involvedObject.name=%s", kind->name, name);
	asked->events.kind = kind_find("Event", "");
	asked->events.namespace = kind->flags & KIND_CLUSTER ? "default" : namespace;
	asked->events.request.field_selector = asked->selector;
}

static void asked_clear(struct asked *asked)
{
	for (size_t i = 0; i < asked->count; i++)
		kind_list_clear(&asked->objects[i]);
	kind_list_clear(&asked->events);
	free(asked->selector);
}

/* ---- taking the answers */

/* Not there: perhaps in another namespace. */
static int not_found(struct describe *describe, struct error *cause, struct error *err)
{
	const struct survey *survey = describe->look.survey;

	error_move(err, cause);
	for (size_t i = 0; i < survey->list_count; i++)
		for (size_t k = 0; k < survey->lists[i].count; k++) {
			const struct survey_object *object = &survey->lists[i].objects[k];

			if (streq(object->kind->name, describe->kind->name) &&
				streq(object->name, describe->name) &&
				!streq(object->namespace, describe->namespace))
				return error_hint(err, "there is one in %s: -n %s",
					object->namespace, object->namespace);
		}
	return -1;
}

static int take_object(struct describe *describe, struct asked *asked, struct error *err)
{
	for (size_t i = 0; i < asked->count; i++) {
		struct kube_request *request = &asked->objects[i].request;

		if (request->error.kind != ERROR_NONE)
			continue;
		describe->kind = asked->objects[i].kind;
		if (json_parse(request->reply.ptr, request->reply.len, &describe->tree, err) < 0)
			return error_wrap(
				err, "reading %s '%s'", describe->kind->name, describe->name);
		describe->object = survey_find(describe->look.survey, describe->kind->name,
			describe->namespace, describe->name);
		return 0;
	}
	if (asked->objects[0].request.error.kind == ERROR_NOT_FOUND)
		return not_found(describe, &asked->objects[0].request.error, err);
	return error_move(err, &asked->objects[0].request.error);
}

static void take_events(struct describe *describe, struct asked *asked)
{
	struct kube_request *request = &asked->events.request;

	if (request->error.kind != ERROR_NONE || json_parse(request->reply.ptr, request->reply.len,
							 &describe->events, &request->error) < 0)
		error_move(&describe->events_error, &request->error);
}

static void describe_clear(struct describe *describe)
{
	json_free(describe->tree);
	json_free(describe->events);
	error_clear(&describe->events_error);
	look_clear(&describe->look);
}

/* A cause may hide behind what was not read. */
static void print_unread(const struct describe *describe)
{
	autostrv lines = STRV_INIT;

	look_unread_lines(&describe->look, &lines);
	*describe->gap = lines.len > 0;
	for (size_t i = 0; i < lines.len; i++)
		describe_line(describe, "not read", lines.items[i]);
}

static void print(const struct describe *describe)
{
	describe_print_state(describe);
	describe_print_facts(describe);
	describe_print_config(describe);
	describe_print_conditions(describe);
	describe_print_inventory(describe);
	describe_print_history(describe);
	describe_print_events(describe);
	print_unread(describe);
	look_print_unread(&describe->look);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct describe_opts *describe_opts = opts;
	bool gap = false;
	CLEANUP(describe_clear)
	struct describe describe = {.app = app, .look = LOOK_INIT, .gap = &gap};
	CLEANUP(asked_clear) struct asked asked = {.count = 0, .events = KIND_LIST_INIT};
	struct kind_list *extra[countof(asked.objects) + 1];
	struct survey_options options = {.extra = extra,
		.parts = SURVEY_FLUX | SURVEY_AZURE | SURVEY_WORKLOADS | SURVEY_PODS |
			 SURVEY_CLUSTER};
	autofree char *name = NULL;

	if (parse_args(args, &describe.kind, &name, err) < 0)
		return -1;
	describe.name = name;
	describe.namespace = describe.kind->flags & KIND_CLUSTER ? "" : app->kube->namespace;
	ask(&asked, describe.kind, app->kube->namespace, name);
	for (size_t i = 0; i < asked.count; i++)
		extra[options.extra_count++] = &asked.objects[i];
	extra[options.extra_count++] = &asked.events;
	if (look_read(&describe.look, app, &options, err) < 0)
		return -1;
	describe.look.wide = streq(describe_opts->output, "wide");
	if (take_object(&describe, &asked, err) < 0)
		return -1;
	take_events(&describe, &asked);
	print(&describe);
	return 0;
}

static const struct example examples[] = {
	{"why a Kustomization is not ready", "describe ks/cluster-config-infra -n cluster-config"},
	{"a FluxConfig with all that was made from it",
		"describe fluxconfig/cluster-config -n cluster-config"},
	{NULL, NULL},
};

const struct command cmd_describe = {
	.name = "describe",
	.args = "KIND/NAME",
	.min_args = 1,
	.max_args = 3,
	.needs = NEEDS_KUBE,
	.complete_args = COMPLETE_KIND,
	.summary = "Show one object: its state and why, what it needs, what it applied",
	.description = "The state and the reason for it, up to the cause where that is another "
		       "object; source, "
		       "revision, dependencies and what depends on it; every condition; what it "
		       "applied, with "
		       "pods ready of wanted; its history and its events.\n\n"
		       "Of a FluxConfig: everything that was made from it, Azure's last word on "
		       "each, and where "
		       "they differ from it.",
	.options = describe_options,
	.opts_size = sizeof(struct describe_opts),
	.examples = examples,
	.run = run,
};

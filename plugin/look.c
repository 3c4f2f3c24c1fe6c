/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/look.h"
#include "plugin/table.h"

/* ---- reading */

static void read_configs(struct look *look)
{
	const struct survey_list *list = survey_list(look->survey, "FluxConfig", NULL);

	if (!list || !list->count)
		return;
	look->configs = xcalloc(list->count, sizeof(*look->configs));
	for (size_t i = 0; i < list->count; i++)
		fluxconfig_read(
			look->survey, &list->objects[i], &look->configs[look->config_count++]);
}

bool look_unread(const struct survey_question *question)
{
	if (question->outcome == SURVEY_FORBIDDEN)
		return question->kind != NULL;
	return question->outcome == SURVEY_FAILED;
}

int look_read(
	struct look *look, struct app *app, const struct survey_options *options, struct error *err)
{
	const char *context = app->kube->context_name;

	*look = (struct look){.app = app};
	app_progress(app, "reading %s", context ? context : "the cluster");
	if (survey_read(app->kube, options, &look->survey, err) < 0)
		return -1;
	app_progress_end(app);
	look->install = install_read(look->survey);
	look->graph = graph_new(look->survey, look->install);
	read_configs(look);
	for (size_t i = 0; i < look->survey->question_count; i++)
		look->unread += look_unread(&look->survey->questions[i]);
	return 0;
}

void look_clear(struct look *look)
{
	for (size_t i = 0; i < look->config_count; i++)
		fluxconfig_clear(&look->configs[i]);
	free(look->configs);
	graph_free(look->graph);
	install_free(look->install);
	survey_free(look->survey);
	*look = (struct look)LOOK_INIT;
}

void look_print_unread(const struct look *look)
{
	const struct survey *survey = look->survey;
	autostrv names = STRV_INIT;
	autobuf text = BUF_INIT;
	autobuf lines = BUF_INIT;

	for (size_t i = 0; i < survey->question_count; i++)
		if (survey->questions[i].outcome > SURVEY_NOT_INSTALLED)
			strv_push(&names, survey->questions[i].what);
	if (!names.len)
		return;
	buf_adds(&text, "not read: ");
	look_names(&text, &names, look->wide ? names.len : 3);
	buf_adds(&text, ": what depends on them is not told here");
	text_wrap(&lines, text.ptr, (size_t)look->app->width, 10);
	fprintf(look->app->out, "%s%s%s\n", app_style(look->app, STYLE_WARN), lines.ptr,
		app_style_end(look->app));
}

#define MAX_QUESTIONS 3 /* that get a line each; more share one */

static void push_question(const struct survey_question *question, struct strv *ret)
{
	const char *message = question->error.message;

	strv_pushf(ret, "%s (%s): %s", question->what, survey_outcome_word(question->outcome),
		message ? message : "no reason");
}

/* Many questions with one fate, as a user without rights has them: one line, the words of the first. */
static void push_group(const struct survey *survey, enum survey_outcome outcome, struct strv *ret)
{
	const struct survey_question *first = NULL;
	autostrv names = STRV_INIT;
	autobuf text = BUF_INIT;

	for (size_t i = 0; i < survey->question_count; i++) {
		const struct survey_question *question = &survey->questions[i];

		if (question->outcome != outcome)
			continue;
		first = first ? first : question;
		if (!strv_contains(&names, question->what))
			strv_push(&names, question->what);
	}
	look_names(&text, &names, names.len);
	strv_pushf(ret, "%s (%s). The first: %s", text.ptr, survey_outcome_word(outcome),
		first->error.message ? first->error.message : "no reason");
}

void look_unread_lines(const struct look *look, struct strv *ret)
{
	static const enum survey_outcome outcomes[] = {SURVEY_FORBIDDEN, SURVEY_FAILED};
	const struct survey *survey = look->survey;

	for (size_t i = 0; i < countof(outcomes); i++) {
		size_t count = 0;

		for (size_t k = 0; k < survey->question_count; k++)
			count += survey->questions[k].outcome == outcomes[i];
		if (count > MAX_QUESTIONS && !look->wide) {
			push_group(survey, outcomes[i], ret);
			continue;
		}
		for (size_t k = 0; k < survey->question_count; k++)
			if (survey->questions[k].outcome == outcomes[i])
				push_question(&survey->questions[k], ret);
	}
}

/* ---- words */

void look_revision(struct buf *out, const char *revision)
{
	static const char mark[] = "sha1:";
	autobuf text = BUF_INIT;
	const char *at;

	if (!str_set(revision)) {
		buf_addc(out, '-');
		return;
	}
	revision_short(&text, revision);
	at = strstr(text.ptr, mark);
	if (at) {
		buf_add(out, text.ptr, (size_t)(at - text.ptr));
		at += strlen(mark);
	}
	buf_adds(out, at ? at : text.ptr);
}

void look_age(struct buf *out, const struct look *look, int64_t moment)
{
	if (moment == TIME_NONE)
		buf_addc(out, '-');
	else
		time_format_age(out, look->survey->now - moment);
}

void look_count(struct buf *out, size_t count, const char *word)
{
	bool irregular = count != 1 && ends_with(word, "y") && !ends_with(word, "ay");

	buf_addf(out, "%zu ", count);
	buf_add(out, word, strlen(word) - irregular);
	buf_adds(out, irregular ? "ies" : count == 1 ? "" : "s");
}

void look_names(struct buf *out, const struct strv *names, size_t most)
{
	size_t shown = names->len > most ? most : names->len;

	for (size_t i = 0; i < shown; i++)
		buf_addf(out, "%s%s",
			i == 0                                      ? ""
			: i + 1 == names->len && names->len <= most ? " and "
								    : ", ",
			names->items[i]);
	if (names->len > most)
		buf_addf(out, " and %zu more", names->len - most);
}

void look_ref(struct buf *out, const struct survey_ref *ref)
{
	buf_addf(out, "%s %s%s%s", ref->kind, ref->namespace, str_set(ref->namespace) ? "/" : "",
		ref->name);
}

void look_resource(struct buf *out, const struct kind *kind)
{
	buf_addf(out, "%s%s%s", kind->plural, *kind->group ? "." : "", kind->group);
}

void look_word(struct buf *out, const struct look *look, const struct survey_object *object)
{
	if (streq(object->kind->group, "apps")) {
		buf_addf(out, "%d of %d ready", object->ready, object->wanted);
	} else if (streq(object->kind->name, "Namespace")) {
		autojson struct json_object *tree = survey_tree(object);

		buf_adds(out, json_text(json_get(tree, "status", "phase")));
	} else {
		buf_adds(out, object_state_word(graph_state(look->graph, object)));
	}
}

enum object_state look_part_state(const struct look *look, const struct fluxconfig_part *part)
{
	return part->object ? graph_state(look->graph, part->object) : STATE_FAILING;
}

enum object_state look_config_state(const struct look *look, const struct fluxconfig *config)
{
	enum object_state worst = STATE_READY;

	if (config->object->state <= STATE_SUSPENDED)
		return config->object->state;
	for (size_t i = 0; i < config->count; i++) {
		enum object_state state = look_part_state(look, &config->parts[i]);

		if (state < worst)
			worst = state;
	}
	return worst;
}

enum app_style look_style(enum object_state state)
{
	switch (state) {
	case STATE_READY:
		return STYLE_GOOD;
	case STATE_STATIC:
		return STYLE_PLAIN;
	case STATE_BLOCKED:
	case STATE_PROGRESSING:
	case STATE_SUSPENDED:
	case STATE_STALE:
		return STYLE_WARN;
	default:
		return STYLE_BAD;
	}
}

#define MAX_MAKERS 32 /* a chain of makers that is longer goes round in circles */

const struct survey_object *look_fluxconfig(
	const struct look *look, const struct survey_object *object)
{
	for (int i = 0; object && i < MAX_MAKERS; i++) {
		if (streq(object->kind->name, "FluxConfig"))
			return object;
		object = survey_find_ref(look->survey, &object->owner);
	}
	return NULL;
}

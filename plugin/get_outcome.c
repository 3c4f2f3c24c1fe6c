/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/get.h"
#include "plugin/report.h"

/* The targets of one question, from `from` up to `to`. */
struct question {
	size_t from, to;
};

static bool next_question(const struct get *get, struct question *question)
{
	question->from = question->to;
	if (question->from >= get->count)
		return false;
	while (question->to < get->count &&
		get->targets[question->to].question == get->targets[question->from].question)
		question->to++;
	return true;
}

/* Not being there is no failure while another target of the question has it. */
static bool is_absence(const struct get_outcome *outcome)
{
	return outcome->not_installed || outcome->error.kind == ERROR_NOT_FOUND;
}

/* The outcome that speaks for a question: a failure before an absence, and both before success only
 * if nothing succeeded. NULL if all is well. */
static struct get_outcome *failure_of(struct get_outcome *outcomes, const struct question *question)
{
	struct get_outcome *absent = NULL;
	bool succeeded = false;

	for (size_t i = question->from; i < question->to; i++) {
		if (outcomes[i].error.kind == ERROR_NONE)
			succeeded = true;
		else if (!is_absence(&outcomes[i]))
			return &outcomes[i];
		else if (!absent || (absent->not_installed && !outcomes[i].not_installed))
			absent = &outcomes[i];
	}
	return succeeded ? NULL : absent;
}

static bool is_table(const struct get *get)
{
	return get->format == GET_TABLE || get->format == GET_WIDE;
}

/* ---- what was forbidden */

static void hint_forbidden(struct get *get, const struct get_target *target, struct error *error)
{
	autobuf allowed = BUF_INIT;

	if (error->kind != ERROR_FORBIDDEN || error->hint || (target->kind->flags & KIND_CLUSTER))
		return;
	if (get_allowed(get, target, &allowed))
		error_hint(error, "%s", allowed.ptr);
}

/* ---- saying it */

struct conclusion {
	struct get *get;
	size_t questions, succeeded;
	size_t incomplete;        /* kinds of `all` without which the answer is none */
	bool failed;              /* anything but an absence from `all` */
	struct strv absent;       /* kinds of `all` that are not installed */
	struct get_outcome *last; /* the failure that main() says */
	char *hint;               /* the last one said; owned */
};

/* The same hint under many lines is said once. */
static void say(struct conclusion *conclusion, const char *prefix, struct error *error)
{
	autobuf report = BUF_INIT;

	if (error->hint && streq(conclusion->hint, error->hint))
		free(TAKE(error->hint));
	else if (error->hint)
		str_replace(&conclusion->hint, error->hint);
	report_error(&report, error);
	fprintf(conclusion->get->app->err, "%s%s", prefix, report.ptr);
}

static void note_failure(struct conclusion *conclusion, struct get_outcome *outcome, size_t index)
{
	struct get *get = conclusion->get;
	const struct get_target *target = &get->targets[index];

	if (target->by_all && outcome->not_installed) {
		strv_push(&conclusion->absent, target->kind->plural);
		return;
	}
	conclusion->failed = true;
	hint_forbidden(get, target, &outcome->error);
	if (target->by_all) {
		/* A person reads what was left out; a program takes what it gets for all there is. */
		conclusion->incomplete += !is_table(get) || outcome->error.kind != ERROR_FORBIDDEN;
		autofree char *prefix = xasprintf("not read: %s: ", target->kind->plural);

		say(conclusion, prefix, &outcome->error);
		return;
	}
	if (conclusion->last)
		say(conclusion, "", &conclusion->last->error);
	conclusion->last = outcome;
}

static int fail(struct conclusion *conclusion, struct error *err)
{
	if (conclusion->last)
		return error_move(err, &conclusion->last->error);
	if (conclusion->succeeded > 0 && conclusion->incomplete > 0)
		return error_set(err, ERROR_FAILED,
			"the answer is not complete: %zu of %zu kinds could not be read",
			conclusion->incomplete, conclusion->questions);
	if (conclusion->succeeded > 0)
		return 0;
	if (conclusion->absent.len == conclusion->questions)
		return error_set(
			err, ERROR_NOT_FOUND, "no kind of Flux is installed in this cluster");
	return error_set(err, ERROR_FAILED, "nothing could be read");
}

/* ---- nothing there */

/* "default", "flux-system and azure-arc"; nothing where all namespaces were asked. */
static void add_place(const struct get *get, struct buf *out)
{
	const char *first = get->targets[0].namespace;
	const char *last = get->targets[get->count - 1].namespace;

	if (first)
		buf_adds(out, first);
	if (first && last && !streq(first, last))
		buf_addf(out, " and %s", last);
}

static void say_nothing(const struct get *get)
{
	FILE *err = get->app->err;
	autobuf place = BUF_INIT;
	uint64_t elsewhere;

	add_place(get, &place);
	fputs("No resources found", err);
	if (get->states)
		fprintf(err, " in state %s", get->opts->state);
	if (place.len > 0)
		fprintf(err, " in %s namespace%s.", place.ptr, strchr(place.ptr, ' ') ? "s" : "");
	fputc('\n', err);
	if (get->states || get->named || place.len == 0)
		return;
	elsewhere = get_count_elsewhere(get);
	if (elsewhere > 0)
		fprintf(err, "none in %s; %llu in other namespaces: -A\n", place.ptr,
			(unsigned long long)elsewhere);
}

static void say_absent(const struct get *get, const struct strv *absent)
{
	autofree char *joined = strv_join(absent, ", ");

	if (absent->len > 0)
		fprintf(get->app->err, "not installed: %s\n", joined);
}

int get_conclude(struct get *get, struct get_outcome *outcomes, struct error *err)
{
	struct conclusion conclusion = {.get = get, .absent = STRV_INIT};
	struct question question = {.to = 0};
	uint64_t shown = 0;
	int result;

	/* What was found stands before what was not, where both go to one terminal. */
	fflush(get->app->out);
	while (next_question(get, &question)) {
		struct get_outcome *failed = failure_of(outcomes, &question);

		conclusion.questions++;
		for (size_t i = question.from; i < question.to; i++)
			shown += outcomes[i].shown;
		if (failed)
			note_failure(&conclusion, failed, (size_t)(failed - outcomes));
		else
			conclusion.succeeded++;
	}
	result = fail(&conclusion, err);
	if (is_table(get) && conclusion.succeeded > 0)
		say_absent(get, &conclusion.absent);
	if (!conclusion.failed && result == 0 && shown == 0 && is_table(get))
		say_nothing(get);
	strv_clear(&conclusion.absent);
	free(conclusion.hint);
	return result;
}

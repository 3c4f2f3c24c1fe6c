/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/survey.h"
#include "kube/survey_private.h"

const char *survey_outcome_word(enum survey_outcome outcome)
{
	static const char *const words[] = {
		[SURVEY_NOT_ASKED] = "not-asked",
		[SURVEY_OK] = "ok",
		[SURVEY_NOT_INSTALLED] = "not-installed",
		[SURVEY_FORBIDDEN] = "forbidden",
		[SURVEY_FAILED] = "failed",
	};

	return words[outcome];
}

struct survey *survey_new(int64_t now, unsigned parts)
{
	struct survey *survey = xcalloc(1, sizeof(*survey));

	survey->now = now;
	survey->parts = parts;
	survey->private = xcalloc(1, sizeof(*survey->private));
	survey->private->pool = intern_new();
	survey->private->scratch = (struct buf)BUF_INIT;
	return survey;
}

void survey_free(struct survey *survey)
{
	if (!survey)
		return;
	for (size_t i = 0; i < survey->list_count; i++)
		free(survey->lists[i].objects);
	for (size_t i = 0; i < survey->question_count; i++) {
		free(survey->questions[i].what);
		error_clear(&survey->questions[i].error);
	}
	free(survey->lists);
	free(survey->questions);
	json_free(survey->version);
	json_free(survey->arc_config);
	json_free(survey->aks_config);
	intern_free(survey->private->pool);
	free(survey->private->index);
	buf_clear(&survey->private->scratch);
	free(survey->private);
	free(survey);
}

void survey_free_pointer(struct survey **slot)
{
	survey_free(*slot);
}

const char *survey_intern(struct survey *survey, const char *text)
{
	return intern(survey->private->pool, text);
}

/* Lists stand in the order of the catalog, whatever answered first. */
struct survey_list *survey_list_for(struct survey *survey, const struct kind *kind)
{
	size_t at = 0;

	while (at < survey->list_count && survey->lists[at].kind < kind)
		at++;
	if (at < survey->list_count && survey->lists[at].kind == kind)
		return &survey->lists[at];
	survey->lists =
		xreallocarray(survey->lists, survey->list_count + 1, sizeof(*survey->lists));
	memmove(&survey->lists[at + 1], &survey->lists[at],
		(survey->list_count - at) * sizeof(*survey->lists));
	survey->lists[at] = (struct survey_list){.kind = kind, .outcome = SURVEY_NOT_ASKED};
	survey->list_count++;
	return &survey->lists[at];
}

const struct survey_list *survey_list(
	const struct survey *survey, const char *kind, const char *group)
{
	for (size_t i = 0; i < survey->list_count; i++) {
		const struct kind *have = survey->lists[i].kind;

		if (streq(have->name, kind) && (!group || streq(have->group, group)))
			return &survey->lists[i];
	}
	return NULL;
}

void survey_note(struct survey *survey, const struct kind *kind, const char *what,
	enum survey_outcome outcome, struct error *error)
{
	struct survey_question *question;

	if (kind) {
		struct survey_list *list = survey_list_for(survey, kind);

		if (outcome > list->outcome)
			list->outcome = outcome;
	}
	survey->questions = xreallocarray(
		survey->questions, survey->question_count + 1, sizeof(*survey->questions));
	question = &survey->questions[survey->question_count++];
	*question =
		(struct survey_question){.what = xstrdup(what), .kind = kind, .outcome = outcome};
	if (error)
		error_move(&question->error, error);
}

/* ---- finding */

static size_t name_hash(const char *kind, const char *namespace, const char *name)
{
	const char *const parts[] = {kind, namespace, name};
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < countof(parts); i++)
		for (const char *p = parts[i]; p && *p; p++)
			hash = (hash ^ (unsigned char)*p) * 1099511628211U;
	return (size_t)(hash ^ hash >> 32);
}

static struct survey_object **index_slot(
	const struct survey *survey, const char *kind, const char *namespace, const char *name)
{
	struct survey_private *private = survey->private;
	size_t at = name_hash(kind, namespace, name) & (private->index_size - 1);

	for (struct survey_object *object; (object = private->index[at]);
		at = (at + 1) & (private->index_size - 1))
		if (streq(object->name, name) && streq(object->namespace, namespace) &&
			streq(object->kind->name, kind))
			break;
	return &private->index[at];
}

static void index_build(const struct survey *survey)
{
	struct survey_private *private = survey->private;
	size_t total = 0;
	size_t size = 64;

	for (size_t i = 0; i < survey->list_count; i++)
		total += survey->lists[i].count;
	free(private->index);
	while (size < total * 2)
		size *= 2;
	private->index_size = size;
	private->index = xcalloc(private->index_size, sizeof(struct survey_object *));
	for (size_t i = 0; i < survey->list_count; i++)
		for (size_t k = 0; k < survey->lists[i].count; k++) {
			struct survey_object *object = &survey->lists[i].objects[k];

			*index_slot(survey, object->kind->name, object->namespace, object->name) =
				object;
		}
	private->index_stale = false;
}

struct survey_object *survey_find(
	const struct survey *survey, const char *kind, const char *namespace, const char *name)
{
	if (!survey->private->index || survey->private->index_stale)
		index_build(survey);
	return *index_slot(survey, kind, namespace ? namespace : "", name);
}

struct survey_object *survey_find_ref(const struct survey *survey, const struct survey_ref *ref)
{
	return ref->name ? survey_find(survey, ref->kind, ref->namespace, ref->name) : NULL;
}

struct json_object *survey_tree(const struct survey_object *object)
{
	struct json_object *tree = NULL;

	if (!object->json || json_parse(object->json, object->json_len, &tree, NULL) < 0)
		return NULL;
	return tree;
}

bool survey_has_flux(const struct survey *survey)
{
	for (size_t i = 0; i < survey->list_count; i++) {
		const struct survey_list *list = &survey->lists[i];

		/* A kind that may not be read need not be there: 403 comes before 404. */
		if ((list->kind->flags & KIND_FLUX) && (list->outcome == SURVEY_OK || list->count))
			return true;
		if (list->kind->family == FAMILY_AZURE && list->count)
			return true;
	}
	return false;
}

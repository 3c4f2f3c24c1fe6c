/* SPDX-License-Identifier: Apache-2.0 */
/* Which lists a plan asks a cluster for: one round of lists, then single objects of other namespaces
 * that these name. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "bundle/plan_link.h"
#include "kube/install.h"
#include "kube/lister.h"
#include "kube/survey.h"

#define MAX_ROUNDS 4
#define MAX_MISSING 10000
#define PAGE 500 /* as kubectl's */

/* clang-format off */
#define NAMES "metadata.name", "metadata.namespace"
static const char *const source_fields[] = {
	NAMES, "spec", "status.artifact", NULL,
};
static const char *const release_fields[] = {
	NAMES, "spec.chart", "spec.chartRef", "status.history", "status.lastAppliedRevision", NULL,
};
static const char *const kustomization_fields[] = {NAMES, "spec.sourceRef", NULL};
static const char *const pod_fields[] = {
	NAMES, "metadata.labels.pod-template-hash", "metadata.ownerReferences",
	"spec.containers[].name", "spec.containers[].image",
	"spec.initContainers[].name", "spec.initContainers[].image", "status.phase",
	"status.containerStatuses[].name", "status.containerStatuses[].imageID",
	"status.initContainerStatuses[].name", "status.initContainerStatuses[].imageID", NULL,
};

static const struct {
	const char *kind;
	bool selected; /* by labels */
	const char *const *fields;
} rows[] = {
	{"GitRepository",    true,  source_fields},
	{"FluxConfig",       true,  source_fields},
	{"OCIRepository",    true,  source_fields},
	{"Bucket",           true,  source_fields},
	{"ExternalArtifact", true,  source_fields},
	{"HelmRepository",   false, source_fields},
	{"HelmChart",        false, source_fields},
	{"HelmRelease",      true,  release_fields},
	{"Kustomization",    true,  kustomization_fields},
	{"Pod",              false, pod_fields},
};
/* clang-format on */

#define POD_ROW (countof(rows) - 1)

struct reading {
	struct kube *kube;
	const struct plan_options *options;
	struct plan *plan;
	struct projection *fields[countof(rows)];
};

/* One list or GET. */
struct question {
	struct reading *reading;
	struct kind_list list;
	const struct plan_options *options;
	char *namespace, *name; /* of a GET */
	/* "NAMESPACE/NAME" of what came; the first `known` sorted, which are not taken again. */
	struct strv came;
	size_t known;
};

static int compare_texts(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The list begins anew. */
static void know_what_came(struct question *question)
{
	strv_sort(&question->came);
	question->known = question->came.len;
}

static bool came_before(struct question *question, struct json_object *object)
{
	const char *namespace = json_str(object, "metadata", "namespace");
	const char *name = json_str(object, "metadata", "name");
	char *text = xasprintf("%s/%s", namespace ? namespace : "", name ? name : "");
	bool found = question->known && bsearch(&text, question->came.items, question->known,
						sizeof(*question->came.items), compare_texts);

	strv_push_owned(&question->came, text);
	return found;
}

static int on_object(struct kube_request *request, struct json_object *object, struct error *err)
{
	struct question *question = request->ctx;

	(void)err;
	if (request->restarted) {
		request->restarted = false;
		know_what_came(question);
	}
	if (came_before(question, object))
		return 0;
	plan_take(question->reading->plan, question->options, question->list.kind, object);
	return 0;
}

static void ask(struct question *question, struct reading *reading, size_t row)
{
	*question = (struct question){
		.reading = reading,
		.list = KIND_LIST_INIT,
		.options = reading->options,
		.came = STRV_INIT,
	};
	question->list.kind = kind_find(rows[row].kind, NULL);
	question->list.namespace = reading->options->namespace;
	question->list.request.fields = reading->fields[row];
	question->list.request.on_object = on_object;
	question->list.request.ctx = question;
	if (rows[row].selected)
		question->list.request.label_selector = reading->options->selector;
}

static void questions_free(struct question *questions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		kind_list_clear(&questions[i].list);
		free(questions[i].namespace);
		free(questions[i].name);
		strv_clear(&questions[i].came);
	}
	free(questions);
}

/* Without GitRepositories there is no plan; all else that could not be read is told. */
static int note_outcome(struct question *question, struct error *err)
{
	struct kind_list *list = &question->list;
	struct error *failure = &list->request.error;

	if (failure->kind == ERROR_NONE || list->not_installed)
		return 0;
	if (streq(list->kind->name, "GitRepository") && !list->name) {
		if (failure->kind == ERROR_FORBIDDEN && !list->namespace)
			error_hint(failure, "-n NAMESPACE packs the sources of one namespace");
		return error_move(err, failure);
	}
	if (list->name && failure->kind == ERROR_NOT_FOUND)
		return 0;
	strv_pushf(&question->reading->plan->unread, "%s%s%s: %s", list->kind->name,
		list->name ? " " : "", list->name ? list->name : "", failure->message);
	return 0;
}

/* ---- rounds */

static bool wants_pods(const struct plan_options *options)
{
	return !options->selector && (!options->names || !options->names->len);
}

/* It was answered, and did not come to its end: a server gives a minute to one answer. */
static bool broke_off(const struct kube_request *request)
{
	return request->status == 200 &&
	       (request->error.kind == ERROR_NETWORK || request->error.kind == ERROR_TIMEOUT);
}

/* Lists that broke off once more, in pages, each of which has a minute of its own. */
static int ask_in_pages(
	struct reading *reading, struct question *questions, size_t count, struct error *err)
{
	struct kind_list *lists[countof(rows)];
	size_t asked = 0;

	for (size_t i = 0; i < count; i++) {
		if (!broke_off(&questions[i].list.request))
			continue;
		know_what_came(&questions[i]);
		questions[i].list.request.chunk_size = PAGE;
		lists[asked++] = &questions[i].list;
	}
	return asked ? kind_lists_run(reading->kube, lists, asked, err) : 0;
}

/* The versions of Flux and of the cluster come along with the lists. */
static int first_round(struct reading *reading, struct error *err)
{
	size_t count = wants_pods(reading->options) ? countof(rows) : POD_ROW;
	struct question *questions = xcalloc(count, sizeof(*questions));
	struct kind_list *lists[countof(rows)];
	struct survey_options options = {
		.parts = SURVEY_WORKLOADS | SURVEY_CLUSTER,
		.extra = lists,
		.extra_count = count,
	};
	autosurvey *survey = NULL;
	int result;

	for (size_t i = 0; i < count; i++) {
		ask(&questions[i], reading, i);
		lists[i] = &questions[i].list;
	}
	result = survey_read(reading->kube, &options, &survey, err);
	if (result == 0)
		result = ask_in_pages(reading, questions, count, err);
	for (size_t i = 0; result == 0 && i < count; i++)
		result = note_outcome(&questions[i], err);
	if (result == 0) {
		struct install *install = install_read(survey);

		str_replace(&reading->plan->flux, install->flux_version);
		str_replace(&reading->plan->kubernetes, json_str(survey->version, "gitVersion"));
		install_free(install);
	}
	questions_free(questions, count);
	return result;
}

/* "KIND/NAMESPACE/NAME" to a GET; false for a kind that is not ours to read. */
static bool ask_for(struct question *question, struct reading *reading, const char *text,
	const struct plan_options *options)
{
	const char *slash = strchr(text, '/');
	const char *last = strrchr(text, '/');
	size_t kind_len = (size_t)(slash - text);
	autobuf why = BUF_INIT;

	for (size_t i = 0; i < POD_ROW; i++) {
		if (strlen(rows[i].kind) != kind_len || strncmp(rows[i].kind, text, kind_len) != 0)
			continue;
		ask(question, reading, i);
		question->options = options;
		question->namespace = xstrndup(slash + 1, (size_t)(last - slash - 1));
		question->name = xstrdup(last + 1);
		question->list.namespace = question->namespace;
		question->list.name = question->name;
		question->list.request.label_selector = NULL;
		return *question->name && *question->namespace &&
		       kind_name_fits(question->name, &why) &&
		       kind_name_fits(question->namespace, &why);
	}
	return false;
}

/* Single objects that others name. */
static int next_round(struct reading *reading, const struct strv *missing, struct error *err)
{
	struct plan_options options = {.latest = reading->options->latest};
	struct question *questions = xcalloc(missing->len, sizeof(*questions));
	struct kind_list **lists = xcalloc(missing->len, sizeof(struct kind_list *));
	size_t count = 0;
	size_t asked = 0;
	int result = 0;

	for (size_t i = 0; i < missing->len; i++, count++)
		if (ask_for(&questions[count], reading, missing->items[i], &options))
			lists[asked++] = &questions[count].list;
	if (asked)
		result = kind_lists_run(reading->kube, lists, asked, err);
	for (size_t i = 0; result == 0 && i < count; i++)
		if (questions[i].name)
			result = note_outcome(&questions[i], err);
	questions_free(questions, count);
	free(lists);
	return result;
}

/* What one round brings may name others (a HelmChart its HelmRepository); each is asked for once. */
static int read_missing(struct reading *reading, struct error *err)
{
	autostrv asked = STRV_INIT;

	for (int round = 0; round < MAX_ROUNDS; round++) {
		autostrv all = STRV_INIT;
		autostrv missing = STRV_INIT;

		plan_missing(reading->plan, &all);
		for (size_t i = 0; i < all.len && asked.len < MAX_MISSING; i++) {
			if (strv_contains(&asked, all.items[i]))
				continue;
			strv_push(&missing, all.items[i]);
			strv_push(&asked, all.items[i]);
		}
		if (!missing.len)
			return 0;
		if (next_round(reading, &missing, err) < 0)
			return -1;
	}
	return 0;
}

/* Every name of the command line must have been something. */
static int check_names(const struct reading *reading, struct error *err)
{
	const struct strv *names = reading->options->names;
	const struct strv *taken = &plan_link(reading->plan)->taken;

	for (size_t i = 0; names && i < names->len; i++) {
		const char *slash = strchr(names->items[i], '/');
		autofree char *end = xasprintf("/%s", slash ? slash + 1 : names->items[i]);
		bool found = false;

		for (size_t j = 0; j < taken->len && !found; j++)
			found = ends_with(taken->items[j], end) &&
				!starts_with(taken->items[j], "HelmRepository/") &&
				!starts_with(taken->items[j], "HelmChart/");
		if (!found) {
			error_set(err, ERROR_NOT_FOUND, "nothing named '%s' takes from a source",
				names->items[i]);
			return error_hint(err, "kubectl flux-arc get sources all,hr,ks -A");
		}
	}
	return 0;
}

int plan_read(
	struct kube *kube, const struct plan_options *options, struct plan *plan, struct error *err)
{
	struct reading reading = {.kube = kube, .options = options, .plan = plan};
	int result;

	for (size_t i = 0; i < countof(rows); i++)
		reading.fields[i] = projection_new(rows[i].fields);
	result = first_round(&reading, err);
	if (result == 0)
		result = read_missing(&reading, err);
	if (result == 0)
		result = check_names(&reading, err);
	for (size_t i = 0; i < countof(rows); i++)
		projection_free(reading.fields[i]);
	if (result == 0)
		plan_complete(plan);
	return result;
}

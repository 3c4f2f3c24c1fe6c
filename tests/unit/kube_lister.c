/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/lister.h"

/* ---- a cluster of files: path and answer */

struct answer {
	const char *path;
	enum error_kind kind; /* NONE: the reply */
	const char *reply;    /* or the error's message; of a list: one item */
};

struct fake {
	struct kube kube;
	const struct answer *answers;
	struct strv asked; /* the paths, one string a run */
};

static void serve(struct fake *fake, struct kube_request *request)
{
	const struct answer *answer = fake->answers;

	request->status = 404;
	while (answer->path && !streq(answer->path, request->path))
		answer++;
	if (!answer->path) {
		error_set(&request->error, ERROR_NOT_FOUND,
			"Error from server (NotFound): the server could not find the requested "
			"resource");
		return;
	}
	if (answer->kind != ERROR_NONE) {
		error_set(&request->error, answer->kind, "%s", answer->reply);
		return;
	}
	request->status = 200;
	if (request->on_item)
		request->on_item(request, answer->reply, strlen(answer->reply), &request->error);
	else
		buf_adds(&request->reply, answer->reply);
}

static int fake_run(
	struct kube *kube, struct kube_request *requests[], size_t count, struct error *err)
{
	struct fake *fake = (struct fake *)kube;
	autostrv paths = STRV_INIT;

	(void)err;
	for (size_t i = 0; i < count; i++) {
		strv_push(&paths, requests[i]->path);
		serve(fake, requests[i]);
	}
	strv_push_owned(&fake->asked, strv_join(&paths, " "));
	return 0;
}

static struct fake fake_for(const struct answer *answers)
{
	static const struct kube_ops ops = {.run = fake_run};

	return (struct fake){.kube.ops = &ops, .answers = answers, .asked = STRV_INIT};
}

/* ---- lists */

static int take(struct kube_request *request, const char *json, size_t len, struct error *err)
{
	(void)err;
	buf_add(request->ctx, json, len);
	return 0;
}

static int take_object(struct kube_request *request, struct json_object *object, struct error *err)
{
	(void)err;
	buf_adds(request->ctx, json_str(object, "metadata", "name"));
	return 0;
}

static struct kind_list list_of(const char *kind, struct buf *taken)
{
	struct kind_list list = KIND_LIST_INIT;

	list.kind = kind_find(kind, NULL);
	assert_non_null(list.kind);
	list.request.on_item = take;
	list.request.ctx = taken;
	return list;
}

#define SOURCE "/apis/source.toolkit.fluxcd.io"
#define GROUP(preferred, versions)                       \
	"{\"kind\":\"APIGroup\",\"versions\":[" versions \
	"],\"preferredVersion\":{\"version\":\"" preferred "\"}}"
#define VERSION(name) "{\"groupVersion\":\"g/" name "\",\"version\":\"" name "\"}"

/* What is asked in how many rounds, and which version answers in the end. */
static const struct answer newest[] = {
	{SOURCE "/v1/buckets", ERROR_NONE, "b"}, {NULL, ERROR_NONE, NULL}};
static const struct answer older[] = {
	{SOURCE, ERROR_NONE, GROUP("v1", VERSION("v1") "," VERSION("v1beta2"))},
	{SOURCE "/v1beta2/buckets", ERROR_NONE, "b"}, {NULL, ERROR_NONE, NULL}};
static const struct answer oldest[] = {
	{SOURCE, ERROR_NONE,
		GROUP("v1", VERSION("v1") "," VERSION("v1beta2") "," VERSION("v1beta1"))},
	{SOURCE "/v1beta1/buckets", ERROR_NONE, "b"}, {NULL, ERROR_NONE, NULL}};
static const struct answer unknown_version[] = {{SOURCE, ERROR_NONE, GROUP("v2", VERSION("v2"))},
	{SOURCE "/v2/buckets", ERROR_NONE, "b"}, {NULL, ERROR_NONE, NULL}};
static const struct answer no_group[] = {{NULL, ERROR_NONE, NULL}};
static const struct answer not_in_group[] = {
	{SOURCE, ERROR_NONE, GROUP("v1", VERSION("v1"))}, {NULL, ERROR_NONE, NULL}};
static const struct answer hidden_group[] = {{SOURCE, ERROR_FORBIDDEN, "no"},
	{SOURCE "/v1beta1/buckets", ERROR_NONE, "b"}, {NULL, ERROR_NONE, NULL}};
static const struct answer broken_group[] = {
	{SOURCE, ERROR_NONE, "not JSON"}, {NULL, ERROR_NONE, NULL}};
static const struct {
	const struct answer *answers;
	const char *version; /* NULL: not installed */
	size_t runs;
} fallbacks[] = {
	{newest, "v1", 1},
	{older, "v1beta2", 3},
	{oldest, "v1beta1", 4},
	{unknown_version, "v2", 3},
	{no_group, NULL, 2},
	{not_in_group, NULL, 2},
	{hidden_group, "v1beta1", 4},
	{broken_group, NULL, 2},
};

static void test_falls_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(fallbacks); i++) {
		struct fake fake = fake_for(fallbacks[i].answers);
		autobuf taken = BUF_INIT;
		struct kind_list list = list_of("Bucket", &taken);
		struct kind_list *lists[] = {&list};
		autoerror err = ERROR_INIT;

		assert_int_equal(kind_lists_run(&fake.kube, lists, 1, &err), 0);
		assert_int_equal(fake.asked.len, fallbacks[i].runs);
		assert_int_equal(list.not_installed, !fallbacks[i].version);
		if (fallbacks[i].version) {
			assert_string_equal(list.version, fallbacks[i].version);
			assert_int_equal(list.request.error.kind, ERROR_NONE);
			assert_string_equal(taken.ptr, "b");
		} else {
			assert_null(list.version);
			assert_int_equal(list.request.error.kind, ERROR_NOT_FOUND);
			assert_string_equal(list.request.error.message,
				"the server doesn't have a resource type \"buckets\"");
		}
		kind_list_clear(&list);
		strv_clear(&fake.asked);
	}
}

static void test_asks_a_group_once(void **state)
{
	static const struct answer answers[] = {
		{SOURCE "/v1/gitrepositories", ERROR_NONE, "g"},
		{SOURCE, ERROR_NONE, GROUP("v1", VERSION("v1") "," VERSION("v1beta2"))},
		{SOURCE "/v1beta2/buckets", ERROR_NONE, "b"},
		{SOURCE "/v1beta2/helmcharts", ERROR_NONE, "h"},
		{"/api/v1/pods", ERROR_FORBIDDEN, "not you"},
		{NULL, ERROR_NONE, NULL},
	};
	struct fake fake = fake_for(answers);
	autobuf taken = BUF_INIT;
	struct kind_list git = list_of("GitRepository", &taken);
	struct kind_list bucket = list_of("Bucket", &taken);
	struct kind_list chart = list_of("HelmChart", &taken);
	struct kind_list pod = list_of("Pod", &taken);
	struct kind_list *lists[] = {&git, &bucket, &chart, &pod};
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(kind_lists_run(&fake.kube, lists, countof(lists), &err), 0);
	assert_int_equal(fake.asked.len, 3);
	assert_string_equal(fake.asked.items[1], SOURCE);
	assert_string_equal(
		fake.asked.items[2], SOURCE "/v1beta2/buckets " SOURCE "/v1beta2/helmcharts");
	assert_string_equal(git.version, "v1");
	assert_string_equal(taken.ptr, "gbh");
	/* Forbidden is no reason to look for other versions. */
	assert_int_equal(pod.request.error.kind, ERROR_FORBIDDEN);
	for (size_t i = 0; i < countof(lists); i++)
		kind_list_clear(lists[i]);
	strv_clear(&fake.asked);
}

static void test_group_that_fails(void **state)
{
	static const struct answer answers[] = {
		{SOURCE, ERROR_SERVER, "Error from server: etcd is sad"},
		{NULL, ERROR_NONE, NULL},
	};
	struct fake fake = fake_for(answers);
	autobuf taken = BUF_INIT;
	struct kind_list list = list_of("Bucket", &taken);
	struct kind_list *lists[] = {&list};
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(kind_lists_run(&fake.kube, lists, 1, &err), 0);
	assert_false(list.not_installed);
	assert_string_equal(list.request.error.message, "Error from server: etcd is sad");
	kind_list_clear(&list);
	strv_clear(&fake.asked);
}

static void test_one_object_by_name(void **state)
{
	static const char *const paths[] = {"metadata.name", NULL};
	static const struct answer answers[] = {
		{SOURCE "/v1/namespaces/n/buckets/x", ERROR_NONE,
			"{\"metadata\":{\"name\":\"x\",\"uid\":\"1\"}}"},
		{SOURCE "/v1/namespaces/n/buckets/y", ERROR_NOT_FOUND,
			"Error from server (NotFound): buckets \"y\" not found"},
		{SOURCE "/v1/namespaces/n/buckets/z", ERROR_NONE, "{\"metadata\":"},
		{NULL, ERROR_NONE, NULL},
	};
	struct fake fake = fake_for(answers);
	struct projection *fields = projection_new(paths);
	autobuf text = BUF_INIT;
	autobuf object = BUF_INIT;
	struct kind_list found = list_of("Bucket", &text);
	struct kind_list tree = list_of("Bucket", &object);
	struct kind_list missing = list_of("Bucket", &text);
	struct kind_list broken = list_of("Bucket", &text);
	struct kind_list *lists[] = {&found, &tree, &missing, &broken};
	static const char *const names[] = {"x", "x", "y", "z"};
	autoerror err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < countof(lists); i++) {
		lists[i]->namespace = "n";
		lists[i]->name = names[i];
	}
	found.request.fields = fields;
	broken.request.fields = fields;
	tree.request.on_item = NULL;
	tree.request.on_object = take_object;
	assert_int_equal(kind_lists_run(&fake.kube, lists, countof(lists), &err), 0);
	assert_int_equal(fake.asked.len, 1);
	assert_string_equal(text.ptr, "{\"metadata\":{\"name\":\"x\"}}");
	assert_string_equal(object.ptr, "x");
	assert_int_equal(found.request.items, 1);
	assert_ptr_equal(found.request.on_item, take);
	assert_false(missing.not_installed);
	assert_string_equal(missing.request.error.message,
		"Error from server (NotFound): buckets \"y\" not found");
	assert_true(starts_with(broken.request.error.message,
		"the answer to " SOURCE "/v1/namespaces/n/buckets/z cannot be read: "));
	for (size_t i = 0; i < countof(lists); i++)
		kind_list_clear(lists[i]);
	projection_free(fields);
	strv_clear(&fake.asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_falls_back),
		cmocka_unit_test(test_asks_a_group_once),
		cmocka_unit_test(test_group_that_fails),
		cmocka_unit_test(test_one_object_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

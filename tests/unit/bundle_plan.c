/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/json.h"
#include "bundle/plan.h"

#define OID "c6e00d0813798d40af289c1bd201bf17280459f4"
#define SHA "71c5b5212403158a2b2975e9bb8f0732f6f37f2bbc3795e6078b9945996bcd34"

static void take(struct plan *plan, const struct plan_options *options, const char *kind,
	const char *namespace, const char *name, const char *rest)
{
	autofree char *text = xasprintf(
		"{\"metadata\":{\"namespace\":\"%s\",\"name\":\"%s\"},%s}", namespace, name, rest);
	autojson struct json_object *object = NULL;

	assert_int_equal(json_parse(text, strlen(text), &object, NULL), 0);
	plan_take(plan, options, kind_find(kind, NULL), object);
}

/* All of a plan in lines. */
static char *text_of(const struct plan *plan)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < plan->git_count; i++) {
		const struct plan_git *git = &plan->git[i];
		autofree char *users = strv_join(&git->used_by, ",");

		buf_addf(&out, "git %s used by %s\n", git->url, users);
		for (size_t j = 0; j < git->want_count; j++) {
			buf_adds(&out, "  ");
			ref_want_text(&git->wants[j].ref, &out);
			buf_addf(&out, " at %s\n",
				git->wants[j].ref.revision ? git->wants[j].ref.revision : "newest");
		}
	}
	for (size_t i = 0; i < plan->chart_count; i++) {
		const struct plan_chart *chart = &plan->charts[i];
		autofree char *users = strv_join(&chart->used_by, ",");

		buf_addf(&out, "chart %s %s %s used by %s\n", chart->repository, chart->name,
			chart->version, users);
	}
	for (size_t i = 0; i < plan->unresolved_count; i++) {
		const struct lock_unresolved *row = &plan->unresolved[i];
		autofree char *users = strv_join(&row->used_by, ",");

		buf_addf(&out, "unresolved %s %s %s used by %s\n", row->kind, row->ref,
			row->digest ? row->digest : "-", users);
	}
	return buf_detach(&out);
}

static void expect(struct plan *plan, const char *expected)
{
	autofree char *text = NULL;

	plan_complete(plan);
	text = text_of(plan);
	assert_string_equal(text, expected);
}

static const struct plan_options everything = {.namespace = NULL};

#define GIT(url, ref)                                                               \
	"\"spec\":{\"url\":\"" url "\",\"ref\":" ref "},\"status\":{\"artifact\":{" \
	"\"revision\":\"main@sha1:" OID "\"}}"

static void test_one_url_is_one_source(void **state)
{
	autoplan plan = PLAN_INIT;

	(void)state;
	take(&plan, &everything, "GitRepository", "b", "two",
		GIT("https://h/r", "{\"tag\":\"v1\"}"));
	take(&plan, &everything, "GitRepository", "a", "one",
		GIT("https://h/r", "{\"branch\":\"main\"}"));
	take(&plan, &everything, "GitRepository", "a", "other",
		"\"spec\":{\"url\":\"ssh://git@h/o\"}");
	expect(&plan, "git https://h/r used by GitRepository/a/one,GitRepository/b/two\n"
		      "  branch main at main@sha1:" OID "\n"
		      "  tag v1 at main@sha1:" OID "\n"
		      "git ssh://git@h/o used by GitRepository/a/other\n"
		      "  branch master at newest\n");
}

/* commit, name, semver, tag, branch: the API's order of precedence. */
static void test_precedence(void **state)
{
	static const struct {
		const char *ref, *expected;
	} rows[] = {
		{"{\"branch\":\"b\",\"tag\":\"t\",\"semver\":\"1.x\",\"name\":\"refs/heads/"
		 "n\",\"commit\":\"" OID "\"}",
			"commit c6e00d081379"},
		{"{\"branch\":\"b\",\"tag\":\"t\",\"semver\":\"1.x\",\"name\":\"refs/heads/n\"}",
			"refs/heads/n"},
		{"{\"branch\":\"b\",\"tag\":\"t\",\"semver\":\"1.x\"}", "semver 1.x"},
		{"{\"branch\":\"b\",\"tag\":\"t\"}", "tag t"},
		{"{\"branch\":\"b\"}", "branch b"},
		{"{}", "branch master"},
		{"null", "branch master"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoplan plan = PLAN_INIT;
		autobuf text = BUF_INIT;
		autofree char *rest =
			xasprintf("\"spec\":{\"url\":\"https://h/r\",\"ref\":%s}", rows[i].ref);

		take(&plan, &everything, "GitRepository", "a", "one", rest);
		ref_want_text(&plan.git[0].wants[0].ref, &text);
		assert_string_equal(text.ptr, rows[i].expected);
	}
}

static void test_latest(void **state)
{
	const struct plan_options latest = {.latest = true};
	autoplan plan = PLAN_INIT;

	(void)state;
	take(&plan, &latest, "GitRepository", "a", "one",
		GIT("https://h/r", "{\"branch\":\"main\"}"));
	expect(&plan, "git https://h/r used by GitRepository/a/one\n  branch main at newest\n");
}

/* What stands in a URL logs in, and goes nowhere else. */
static void test_userinfo(void **state)
{
	autoplan plan = PLAN_INIT;

	(void)state;
	take(&plan, &everything, "GitRepository", "a", "one",
		GIT("https://ada:s3cret@h/r", "{\"branch\":\"main\"}"));
	assert_string_equal(plan.git[0].url, "https://h/r");
	assert_string_equal(plan.git[0].wants[0].access.user, "ada");
	assert_string_equal(plan.git[0].wants[0].access.password, "s3cret");
}

static void test_flux_configs(void **state)
{
	autoplan plan = PLAN_INIT;

	(void)state;
	take(&plan, &everything, "FluxConfig", "c", "there",
		"\"spec\":{\"gitRepository\":{\"url\":\"https://h/"
		"r\",\"ref\":{\"branch\":\"main\"}}}");
	take(&plan, &everything, "FluxConfig", "c", "alone",
		"\"spec\":{\"gitRepository\":{\"url\":\"https://h/"
		"alone\",\"ref\":{\"branch\":\"b\"},"
		"\"localAuthRef\":\"token\"}}");
	take(&plan, &everything, "FluxConfig", "c", "bucket",
		"\"spec\":{\"bucket\":{\"url\":\"x\"}}");
	take(&plan, &everything, "GitRepository", "c", "there",
		GIT("https://h/r", "{\"branch\":\"main\"}"));
	expect(&plan, "git https://h/alone used by FluxConfig/c/alone\n"
		      "  branch b at newest\n"
		      "git https://h/r used by FluxConfig/c/there,GitRepository/c/there\n"
		      "  branch main at main@sha1:" OID "\n");
	assert_string_equal(plan.git[0].wants[0].access.secret, "token");
}

#define RELEASE(source, status)                                                             \
	"\"spec\":{\"chart\":{\"spec\":{\"chart\":\"podinfo\",\"sourceRef\":" source "}}}," \
	"\"status\":" status
#define FROM(kind, name) "{\"kind\":\"" kind "\",\"name\":\"" name "\",\"namespace\":\"s\"}"

static void test_charts(void **state)
{
	autoplan plan = PLAN_INIT;

	(void)state;
	take(&plan, &everything, "HelmRepository", "s", "plain",
		"\"spec\":{\"url\":\"https://c/x\"}");
	take(&plan, &everything, "HelmRepository", "s", "oci",
		"\"spec\":{\"url\":\"oci://c/x\",\"type\":\"oci\"}");
	/* The deployed revision, not the newest, which failed. */
	take(&plan, &everything, "HelmRelease", "a", "v2",
		RELEASE(FROM("HelmRepository", "plain"),
			"{\"history\":[{\"chartVersion\":\"2.0.0\",\"version\":3,\"status\":"
			"\"failed\"},"
			"{\"chartVersion\":\"1.0.0\",\"version\":2,\"status\":\"deployed\"}]}"));
	take(&plan, &everything, "HelmRelease", "a", "v2beta1",
		RELEASE(FROM("HelmRepository", "plain"), "{\"lastAppliedRevision\":\"1.0.0\"}"));
	/* Nothing deployed yet: what its HelmChart holds. */
	take(&plan, &everything, "HelmRelease", "a", "fresh",
		RELEASE(FROM("HelmRepository", "plain"), "{}"));
	take(&plan, &everything, "HelmChart", "s", "a-fresh",
		"\"spec\":{\"chart\":\"podinfo\"},\"status\":{\"artifact\":{\"revision\":\"3.0.0\"}"
		"}");
	take(&plan, &everything, "HelmRelease", "a", "never",
		RELEASE(FROM("HelmRepository", "plain"), "{}"));
	take(&plan, &everything, "HelmRelease", "a", "oci",
		RELEASE(FROM("HelmRepository", "oci"), "{\"lastAppliedRevision\":\"1.0.0\"}"));
	take(&plan, &everything, "HelmRelease", "a", "gone",
		RELEASE(FROM("HelmRepository", "gone"), "{\"lastAppliedRevision\":\"1.0.0\"}"));
	/* Part of its Git source. */
	take(&plan, &everything, "HelmRelease", "a", "git",
		RELEASE(FROM("GitRepository", "x"), "{\"lastAppliedRevision\":\"1.0.0\"}"));
	expect(&plan,
		"chart https://c/x podinfo 1.0.0 used by HelmRelease/a/v2,HelmRelease/a/v2beta1\n"
		"chart https://c/x podinfo 3.0.0 used by HelmRelease/a/fresh\n"
		"unresolved chart HelmRepository/s/gone/podinfo 1.0.0 - used by "
		"HelmRelease/a/gone\n"
		"unresolved chart https://c/x/podinfo - used by HelmRelease/a/never\n"
		"unresolved chart oci://c/x/podinfo 1.0.0 - used by HelmRelease/a/oci\n");
}

static void test_chart_references(void **state)
{
	autoplan plan = PLAN_INIT;
	autostrv missing = STRV_INIT;
	autofree char *text = NULL;

	(void)state;
	take(&plan, &everything, "HelmRelease", "a", "app",
		"\"spec\":{\"chartRef\":{\"kind\":\"HelmChart\",\"name\":\"c\",\"namespace\":\"s\"}"
		"},"
		"\"status\":{\"lastAppliedRevision\":\"1.0.0\"}");
	plan_missing(&plan, &missing);
	text = strv_join(&missing, " ");
	assert_string_equal(text, "HelmChart/s/c");
	take(&plan, &everything, "HelmChart", "s", "c",
		"\"spec\":{\"chart\":\"podinfo\",\"sourceRef\":{\"kind\":\"HelmRepository\","
		"\"name\":\"r\"}}");
	strv_clear(&missing);
	plan_missing(&plan, &missing);
	free(text);
	text = strv_join(&missing, " ");
	assert_string_equal(text, "HelmRepository/s/r");
	take(&plan, &everything, "HelmRepository", "s", "r", "\"spec\":{\"url\":\"https://c/x\"}");
	expect(&plan, "chart https://c/x podinfo 1.0.0 used by HelmRelease/a/app\n");
}

static void test_not_packed(void **state)
{
	autoplan plan = PLAN_INIT;

	(void)state;
	take(&plan, &everything, "OCIRepository", "a", "new",
		"\"spec\":{\"url\":\"oci://r/"
		"x\"},\"status\":{\"artifact\":{\"revision\":\"1.0@sha256:" SHA "\"}}");
	take(&plan, &everything, "OCIRepository", "a", "old",
		"\"spec\":{\"url\":\"oci://r/y\"},\"status\":{\"artifact\":{\"revision\":\"1.0/" SHA
		"\"}}");
	take(&plan, &everything, "OCIRepository", "a", "none",
		"\"spec\":{\"url\":\"oci://r/z\",\"ref\":{\"tag\":\"2\"}}");
	take(&plan, &everything, "Bucket", "a", "b",
		"\"spec\":{\"endpoint\":\"s3.example.com\",\"bucketName\":\"x\"},"
		"\"status\":{\"artifact\":{\"revision\":\"sha256:" SHA "\"}}");
	expect(&plan, "unresolved bucket s3.example.com/x sha256:" SHA " used by Bucket/a/b\n"
		      "unresolved oci oci://r/x:1.0 sha256:" SHA " used by OCIRepository/a/new\n"
		      "unresolved oci oci://r/y:1.0 sha256:" SHA " used by OCIRepository/a/old\n"
		      "unresolved oci oci://r/z:2 - used by OCIRepository/a/none\n");
}

#define POD(image, id)                                                 \
	"\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"" image \
	"\"}]},\"status\":{\"phase\":"                                 \
	"\"Running\",\"containerStatuses\":[{\"name\":\"c\",\"imageID\":\"" id "\"}]}"

static void test_images(void **state)
{
	static const char owned[] =
		"{\"metadata\":{\"namespace\":\"a\",\"name\":\"web-5d4-x\",\"labels\":{\"pod-"
		"template-hash\":"
		"\"5d4\"},\"ownerReferences\":[{\"kind\":\"ReplicaSet\",\"name\":\"web-5d4\"}]}"
		"," POD("nginx:1", "docker-pullable://nginx@sha256:" SHA) "}";
	autoplan plan = PLAN_INIT;
	autojson struct json_object *object = NULL;

	(void)state;
	assert_int_equal(json_parse(owned, strlen(owned), &object, NULL), 0);
	for (int i = 0; i < 2; i++)
		plan_take(&plan, &everything, kind_find("Pod", NULL), object);
	take(&plan, &everything, "Pod", "a", "bare", POD("nginx:1", "sha256:" SHA));
	take(&plan, &everything, "Pod", "a", "done",
		"\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"job:1\"}]},\"status\":{"
		"\"phase\":\"Succeeded\"}");
	expect(&plan, "unresolved image nginx:1 - used by Pod/a/bare\n"
		      "unresolved image nginx:1 sha256:" SHA " used by Deployment/a/web\n");
}

static void test_names(void **state)
{
	autostrv names = STRV_INIT;
	const struct plan_options options = {.names = &names};
	autoplan plan = PLAN_INIT;
	autostrv missing = STRV_INIT;
	autofree char *text = NULL;

	(void)state;
	strv_push(&names, "one");
	strv_push(&names, "ks/apps");
	take(&plan, &options, "GitRepository", "a", "one", GIT("https://h/one", "null"));
	take(&plan, &options, "GitRepository", "a", "two", GIT("https://h/two", "null"));
	take(&plan, &options, "GitRepository", "a", "apps", GIT("https://h/apps", "null"));
	take(&plan, &options, "Kustomization", "a", "apps",
		"\"spec\":{\"sourceRef\":{\"kind\":\"GitRepository\",\"name\":\"two\"}}");
	plan_missing(&plan, &missing);
	text = strv_join(&missing, " ");
	assert_string_equal(text, "GitRepository/a/two");
	expect(&plan, "git https://h/one used by GitRepository/a/one\n"
		      "  branch master at main@sha1:" OID "\n");
}

static void test_secrets(void **state)
{
	autoplan plan = PLAN_INIT;
	struct plan_secret *secrets;
	size_t count;

	(void)state;
	take(&plan, &everything, "GitRepository", "b", "two",
		"\"spec\":{\"url\":\"https://h/"
		"2\",\"secretRef\":{\"name\":\"s\"},\"proxySecretRef\":{\"name\":\"p\"}}");
	take(&plan, &everything, "GitRepository", "a", "one",
		"\"spec\":{\"url\":\"https://h/1\",\"secretRef\":{\"name\":\"s\"}}");
	take(&plan, &everything, "GitRepository", "a", "more",
		"\"spec\":{\"url\":\"https://h/1\",\"secretRef\":{\"name\":\"s\"}}");
	plan_complete(&plan);
	count = plan_secrets(&plan, NULL, NULL, &secrets);
	assert_int_equal(count, 3);
	assert_string_equal(secrets[0].name, "a/s");
	assert_int_equal(secrets[0].used_by.len, 2);
	assert_string_equal(secrets[1].name, "b/p");
	assert_string_equal(secrets[2].name, "b/s");
	plan_secrets_free(secrets, count);
}

/* ---- by hand */

static void test_urls(void **state)
{
	static const struct {
		const char *text, *expected; /* NULL: refused */
	} rows[] = {
		{"https://h/o/r", "git https://h/o/r used by \n  the default branch at newest\n"},
		{"https://h/o/r.git@feature/x@1",
			"git https://h/o/r.git used by \n  feature/x@1 at newest\n"},
		{"https://ada@h/o/r@main", "git https://h/o/r used by \n  main at newest\n"},
		{"git@h:o/r@v1", "git git@h:o/r used by \n  v1 at newest\n"},
		{"ssh://git@h:22/o/r@main", "git ssh://git@h:22/o/r used by \n  main at newest\n"},
		{"https://ada:secret@h/o/r", NULL},
		{"https://h/o/r@", NULL},
		{"file:///etc", NULL},
		{"/srv/r", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoplan plan = PLAN_INIT;
		autoerror err = ERROR_INIT;
		autofree char *text = NULL;

		if (plan_add_url(&plan, rows[i].text, &err) != (rows[i].expected ? 0 : -1))
			fail_msg("%s", rows[i].text);
		text = text_of(&plan);
		assert_string_equal(text, rows[i].expected ? rows[i].expected : "");
		assert_null(err.message ? strstr(err.message, "secret") : NULL);
	}
}

static int add_file(struct plan *plan, const char *text, struct error *err)
{
	char path[] = "/tmp/flux-arc-sources-XXXXXX";
	int fd = mkstemp(path);
	int result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	result = plan_add_file(plan, path, err);
	unlink(path);
	return result;
}

static void test_file(void **state)
{
	autoplan plan = PLAN_INIT;

	(void)state;
	assert_int_equal(
		add_file(&plan,
			"sources:\n- url: https://h/b\n  ref: {semver: '>=1.0'}\n"
			"  recurseSubmodules: true\n- url: https://h/a\n"
			"charts:\n- repository: https://c/x\n  name: podinfo\n  version: '6.5'\n",
			NULL),
		0);
	assert_true(plan.git[0].wants[0].submodules);
	expect(&plan, "git https://h/a used by \n  the default branch at newest\n"
		      "git https://h/b used by \n  semver >=1.0 at newest\n"
		      "chart https://c/x podinfo 6.5 used by \n");
}

static void test_bad_files(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"", "neither sources nor charts"},
		{"[]", "neither sources nor charts"},
		{"source: []\n", "unknown key 'source'"},
		{"sources: {}\n", "sources is no list"},
		{"sources: [x]\n", "sources[0]: not a mapping"},
		{"sources:\n- ref: {branch: x}\n", "sources[0]: no url"},
		{"sources:\n- url: https://h/a\n- url: https://h/b\n  reff: x\n",
			"sources[1]: unknown key reff"},
		{"sources:\n- url: https://h/a\n  ref: {branch: [1]}\n", "not text: branch"},
		{"sources:\n- url: https://h/a\n  ref: {tag: 1.0}\n", "not text: tag"},
		{"sources:\n- url: https://h/a\n  recurseSubmodules: 'yes'\n",
			"neither true nor false"},
		{"sources:\n- url: https://a:secret@h/a\n", "a password in the URL"},
		{"charts:\n- repository: https://c\n  name: x\n", "charts[0]: no version"},
		{"sources: [\n", "yaml"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoplan plan = PLAN_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(add_file(&plan, rows[i].text, &err), -1);
		if (!strstr(err.message, rows[i].message) || strstr(err.message, "secret"))
			fail_msg("%s: %s", rows[i].text, err.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_url_is_one_source),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_latest),
		cmocka_unit_test(test_userinfo),
		cmocka_unit_test(test_flux_configs),
		cmocka_unit_test(test_charts),
		cmocka_unit_test(test_chart_references),
		cmocka_unit_test(test_not_packed),
		cmocka_unit_test(test_images),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_bad_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

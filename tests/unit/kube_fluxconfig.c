/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "kube/fluxconfig.h"

static void add(struct survey *survey, const char *kind, const char *json)
{
	autojson struct json_object *object = NULL;
	autoerror err = ERROR_INIT;

	if (json_parse(json, strlen(json), &object, &err) < 0)
		fail_msg("%s: %s", json, err.message);
	survey_note(survey, kind_find(kind, NULL), kind, SURVEY_OK, NULL);
	survey_add(survey, kind_find(kind, NULL), object);
}

static const struct survey_object *config_of(struct survey *survey)
{
	return &survey_list(survey, "FluxConfig", NULL)->objects[0];
}

#define META(name) "\"metadata\":{\"name\":\"" name "\",\"namespace\":\"ns\"}"
#define CONFIG(spec, status)                                                          \
	"{" META("c") ",\"spec\":{" spec "},\"status\":{\"managedStatuses\":{" status \
		      "},\"dataplaneStatus\":{\"isSyncedWithAzure\":true}}}"
#define GIT                                     \
	"\"gitRepository\":{\"url\":\"https://" \
	"a\",\"ref\":{\"branch\":\"main\"},\"syncInterval\":\"600s\"}"

/* What is asked for, what is there, and what is said of the difference. */
static const struct {
	const char *asked, *kind, *made, *difference;
} difference_rows[] = {
	{GIT, "GitRepository",
		"{" META("c") ",\"spec\":{\"url\":\"https://"
			      "a\",\"ref\":{\"branch\":\"main\"},"
			      "\"interval\":\"10m0s\"}}",
		NULL},
	{GIT, "GitRepository",
		"{" META("c") ",\"spec\":{\"url\":\"https://"
			      "b\",\"ref\":{\"branch\":\"main\"},"
			      "\"interval\":\"10m\"}}",
		"spec.url is https://b, FluxConfig asks for https://a"},
	{GIT, "GitRepository",
		"{" META("c") ",\"spec\":{\"url\":\"https://a\",\"ref\":{\"tag\":\"v1\"},"
			      "\"interval\":\"10m\"}}",
		"spec.ref.branch is not set, FluxConfig asks for main"},
	{GIT, "GitRepository",
		"{" META("c") ",\"spec\":{\"suspend\":true,\"url\":\"https://a\",\"ref\":{"
			      "\"branch\":\"main\"},\"interval\":\"10m\"}}",
		"spec.suspend is true, FluxConfig asks for false"},
	{"\"kustomizations\":[{\"name\":\"k\",\"path\":\"./apps\",\"prune\":true}]",
		"Kustomization",
		"{" META("c-k") ",\"spec\":{\"path\":\"apps/"
				"\",\"prune\":true,\"sourceRef\":{"
				"\"name\":\"c\"}}}",
		NULL},
	{"\"kustomizations\":[{\"name\":\"k\",\"path\":\"./apps\",\"prune\":true}]",
		"Kustomization", "{" META("c-k") ",\"spec\":{\"path\":\"./apps\"}}",
		"spec.prune is false, FluxConfig asks for true"},
	{"\"kustomizations\":{\"k\":{\"path\":\"./apps\"}}", "Kustomization",
		"{" META("c-k") ",\"spec\":{\"path\":\"./app\"}}",
		"spec.path is ./app, FluxConfig asks for ./apps"},
	{"\"kustomizations\":[{\"name\":\"k\"}]", "Kustomization",
		"{" META("c-k") ",\"spec\":{\"sourceRef\":{\"name\":\"other\"}}}",
		"spec.sourceRef is other, FluxConfig asks for c"},
};

static void test_differences(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(difference_rows); i++) {
		struct survey *survey = survey_new(0, SURVEY_FLUX | SURVEY_AZURE);
		autofree char *json =
			xasprintf("{" META("c") ",\"spec\":{%s}}", difference_rows[i].asked);
		CLEANUP(fluxconfig_clear) struct fluxconfig config = FLUXCONFIG_INIT;

		add(survey, "FluxConfig", json);
		add(survey, difference_rows[i].kind, difference_rows[i].made);
		fluxconfig_read(survey, config_of(survey), &config);
		assert_int_equal(config.count, 1);
		assert_non_null(config.parts[0].object);
		if (!difference_rows[i].difference) {
			assert_int_equal(config.differing, 0);
		} else {
			assert_int_equal(config.differing, 1);
			assert_true(strv_contains(
				&config.parts[0].differences, difference_rows[i].difference));
		}
		survey_free(survey);
	}
}

static void test_worst_compliance_and_missing_part(void **state)
{
	struct survey *survey = survey_new(0, SURVEY_FLUX | SURVEY_AZURE);
	CLEANUP(fluxconfig_clear) struct fluxconfig config = FLUXCONFIG_INIT;

	(void)state;
	add(survey, "FluxConfig",
		CONFIG(GIT ",\"kustomizations\":[{\"name\":\"k\"}]",
			"\"gitRepository\":{\"complianceState\":\"Compliant\"},\"kustomizations\":{"
			"\"ns/c-k\":{\"complianceState\":\"Non-Compliant\"}}"));
	add(survey, "GitRepository", "{" META("c") ",\"spec\":{}}");
	fluxconfig_read(survey, config_of(survey), &config);
	assert_int_equal(config.count, 2);
	assert_string_equal(config.compliance, "Non-Compliant");
	assert_string_equal(config.parts[1].label, "k");
	assert_string_equal(config.parts[1].ref.name, "c-k");
	assert_true(config.synced);
	/* Kustomizations were not read, so nothing is known to be missing. */
	assert_null(fluxconfig_missing(survey, &config));
	survey_note(survey, kind_find("Kustomization", NULL), "Kustomization", SURVEY_OK, NULL);
	assert_ptr_equal(fluxconfig_missing(survey, &config), &config.parts[1]);
	survey_free(survey);
}

static void test_other_sources(void **state)
{
	static const char *const rows[][2] = {
		{"\"bucket\":{\"url\":\"https://b\"}", "Bucket"},
		{"\"azureBlob\":{\"url\":\"https://b\"}", "Bucket"},
		{"\"ociRepository\":{\"url\":\"oci://o\"}", "OCIRepository"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct survey *survey = survey_new(0, SURVEY_FLUX | SURVEY_AZURE);
		autofree char *json = xasprintf("{" META("c") ",\"spec\":{%s}}", rows[i][0]);
		CLEANUP(fluxconfig_clear) struct fluxconfig config = FLUXCONFIG_INIT;

		add(survey, "FluxConfig", json);
		fluxconfig_read(survey, config_of(survey), &config);
		assert_int_equal(config.count, 1);
		assert_string_equal(config.parts[0].ref.kind, rows[i][1]);
		assert_string_equal(config.parts[0].label, "source c");
		assert_null(config.compliance);
		survey_free(survey);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_worst_compliance_and_missing_part),
		cmocka_unit_test(test_other_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

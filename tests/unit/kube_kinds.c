/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buf.h"
#include "kube/kinds.h"

static void test_words(void **state)
{
	static const struct {
		const char *word, *plural, *group;
	} rows[] = {
		{"gitrepositories", "gitrepositories", "source.toolkit.fluxcd.io"},
		{"gitrepository", "gitrepositories", "source.toolkit.fluxcd.io"},
		{"GitRepository", "gitrepositories", "source.toolkit.fluxcd.io"},
		{"gitrepo", "gitrepositories", "source.toolkit.fluxcd.io"},
		{"ks", "kustomizations", "kustomize.toolkit.fluxcd.io"},
		{"HR", "helmreleases", "helm.toolkit.fluxcd.io"},
		{"imgauto", "imageupdateautomations", "image.toolkit.fluxcd.io"},
		{"kustomization.kustomize.toolkit.fluxcd.io", "kustomizations",
			"kustomize.toolkit.fluxcd.io"},
		{"hr.helm", "helmreleases", "helm.toolkit.fluxcd.io"},
		{"deploy.apps", "deployments", "apps"},
		{"extensionconfig", "extensionconfigs", "clusterconfig.azure.com"},
		{"extensionconfigs.aks.clusterconfig.azure.com", "extensionconfigs",
			"aks.clusterconfig.azure.com"},
		{"extensionconfigs.aks", "extensionconfigs", "aks.clusterconfig.azure.com"},
		{"aksec", "extensionconfigs", "aks.clusterconfig.azure.com"},
		{"crds", "customresourcedefinitions", "apiextensions.k8s.io"},
		{"crd", "customresourcedefinitions", "apiextensions.k8s.io"},
		{"po", "pods", ""},
		{"sources git", "gitrepositories", "source.toolkit.fluxcd.io"},
		{"source git", "gitrepositories", "source.toolkit.fluxcd.io"},
		{"Source OCI", "ocirepositories", "source.toolkit.fluxcd.io"},
		{"sources chart", "helmcharts", "source.toolkit.fluxcd.io"},
		{"images policy", "imagepolicies", "image.toolkit.fluxcd.io"},
		{"image policies", "imagepolicies", "image.toolkit.fluxcd.io"},
		{"images repository", "imagerepositories", "image.toolkit.fluxcd.io"},
		{"image update", "imageupdateautomations", "image.toolkit.fluxcd.io"},
		{"artifacts generators", "artifactgenerators", "source.extensions.fluxcd.io"},
		{"alert-providers", "providers", "notification.toolkit.fluxcd.io"},
		{"", NULL, NULL},
		{".", NULL, NULL},
		{"git", NULL, NULL},
		{"sources", NULL, NULL},
		{"sources all", NULL, NULL},
		{"ks.helm.toolkit.fluxcd.io", NULL, NULL},
		{"ks.kustomize.toolkit.fluxcd.iox", NULL, NULL},
		{"provisioners", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const struct kind *kind = kind_by_word(rows[i].word);

		if (!rows[i].plural) {
			assert_null(kind);
			continue;
		}
		assert_non_null(kind);
		assert_string_equal(kind->plural, rows[i].plural);
		assert_string_equal(kind->group, rows[i].group);
	}
}

static void test_suggestions(void **state)
{
	static const struct {
		const char *word, *suggestion;
	} rows[] = {
		{"kustomisations", "kustomizations"},
		{"kustomizatoin", "kustomization"},
		{"helmrelease s", "helmreleases"},
		{"GitRepositorys", "gitrepository"},
		{"pds", "pods"},
		{"buckts", "buckets"},
		{"ingresses", NULL},
		{"x", NULL},
		{"a-word-that-is-longer-than-any-kind-that-there-is", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const char *suggestion = kind_suggest(rows[i].word);

		if (rows[i].suggestion)
			assert_string_equal(suggestion ? suggestion : "", rows[i].suggestion);
		else
			assert_null(suggestion);
	}
}

static void test_paths_and_names(void **state)
{
	static const struct {
		const char *word, *version, *namespace, *name, *path, *full;
	} rows[] = {
		{"ks", "v1", NULL, NULL, "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations",
			"kustomization.kustomize.toolkit.fluxcd.io"},
		{"hr", "v2beta1", "apps", "web",
			"/apis/helm.toolkit.fluxcd.io/v2beta1/namespaces/apps/helmreleases/web",
			"helmrelease.helm.toolkit.fluxcd.io"},
		{"hr", "v2", "a/b", "..?x",
			"/apis/helm.toolkit.fluxcd.io/v2/namespaces/a%2Fb/helmreleases/..%3Fx",
			"helmrelease.helm.toolkit.fluxcd.io"},
		{"hr", "v2/../x?y", NULL, NULL,
			"/apis/helm.toolkit.fluxcd.io/v2%2F..%2Fx%3Fy/helmreleases",
			"helmrelease.helm.toolkit.fluxcd.io"},
		{"pods", "v1", "flux-system", NULL, "/api/v1/namespaces/flux-system/pods", "pod"},
		{"crds", "v1", "ignored", "x.y",
			"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x.y",
			"customresourcedefinition.apiextensions.k8s.io"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const struct kind *kind = kind_by_word(rows[i].word);
		autobuf path = BUF_INIT;
		autobuf full = BUF_INIT;

		kind_path(kind, rows[i].version, rows[i].namespace, rows[i].name, &path);
		assert_string_equal(path.ptr, rows[i].path);
		kind_full_name(kind, &full);
		assert_string_equal(full.ptr, rows[i].full);
	}
}

static void test_every_row_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < kinds_count; i++) {
		const struct kind *kind = &kinds[i];

		assert_true(str_set(kind->name) && str_set(kind->plural));
		assert_true(str_set(kind->versions));
		assert_non_null(kind->group);
		assert_non_null(kind->short_names);
		assert_ptr_equal(kind_find(kind->name, kind->group), kind);
		/* Nothing shadows a name but the other group of the same kind. */
		assert_string_equal(kind_by_word(kind->plural)->name, kind->name);
		assert_string_equal(kind_by_word(kind->singular)->name, kind->name);
		if (kind->flags & KIND_FLUX)
			assert_true(kind->flags & KIND_ALL);
		for (size_t j = i + 1; j < kinds_count; j++)
			assert_false(streq(kind->plural, kinds[j].plural) &&
				     streq(kind->group, kinds[j].group));
	}
}

static void test_the_other_group(void **state)
{
	const struct kind *arc = kind_find("ExtensionConfig", NULL);
	const struct kind *aks = kind_next_named(arc);

	(void)state;
	assert_string_equal(arc->group, "clusterconfig.azure.com");
	assert_non_null(aks);
	assert_string_equal(aks->group, "aks.clusterconfig.azure.com");
	assert_null(kind_next_named(aks));
	assert_null(kind_next_named(kind_by_word("ks")));
	assert_null(kind_find("Ingress", NULL));
	assert_null(kind_find("Kustomization", "kustomize.config.k8s.io"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_suggestions),
		cmocka_unit_test(test_paths_and_names),
		cmocka_unit_test(test_every_row_is_complete),
		cmocka_unit_test(test_the_other_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

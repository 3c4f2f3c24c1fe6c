/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/access.h"

/* clang-format off */
const struct access_row access_rows[] = {
	{ "list",   "source.toolkit.fluxcd.io",       "gitrepositories",   NULL,  NULL,          false },
	{ "list",   "source.toolkit.fluxcd.io",       "helmrepositories",  NULL,  NULL,          false },
	{ "list",   "source.toolkit.fluxcd.io",       "helmcharts",        NULL,  NULL,          false },
	{ "list",   "source.toolkit.fluxcd.io",       "ocirepositories",   NULL,  NULL,          false },
	{ "list",   "source.toolkit.fluxcd.io",       "buckets",           NULL,  NULL,          false },
	{ "list",   "kustomize.toolkit.fluxcd.io",    "kustomizations",    NULL,  NULL,          false },
	{ "list",   "helm.toolkit.fluxcd.io",         "helmreleases",      NULL,  NULL,          false },
	{ "list",   "notification.toolkit.fluxcd.io", "alerts",            NULL,  NULL,          false },
	{ "list",   "clusterconfig.azure.com",        "fluxconfigs",       NULL,  NULL,          false },
	{ "list",   "clusterconfig.azure.com",        "extensionconfigs",  NULL,  NULL,          false },
	{ "list",   "apps",                           "deployments",       NULL,  NULL,          false },
	{ "list",   "",                               "pods",              NULL,  "flux-system", false },
	{ "get",    "",                               "pods",              "log", "flux-system", false },
	{ "list",   "",                               "events",            NULL,  NULL,          false },
	{ "list",   "apiextensions.k8s.io",           "customresourcedefinitions", NULL, NULL,   false },
	{ "patch",  "kustomize.toolkit.fluxcd.io",    "kustomizations",    NULL,  NULL,          false },
	{ "create", "",                               "namespaces",        NULL,  NULL,          true },
	{ "create", "apiextensions.k8s.io",           "customresourcedefinitions", NULL, NULL,   true },
	{ "create", "rbac.authorization.k8s.io",      "clusterrolebindings", NULL, NULL,         true },
	{ "create", "apps",                           "deployments",       NULL,  "flux-system", true },
};
const size_t access_rows_count = countof(access_rows);

/* The service accounts that the tutorial gives the SCC nonroot. */
const char *const access_scc_accounts[] = {
	"kustomize-controller", "helm-controller", "source-controller", "notification-controller",
	"image-automation-controller", "image-reflector-controller",
};
const size_t access_scc_accounts_count = countof(access_scc_accounts);
const char *const access_scc_names[] = { "nonroot", "nonroot-v2" };
const size_t access_scc_names_count = countof(access_scc_names);
/* clang-format on */

/* {"apiVersion": "authorization.k8s.io/v1", "kind": KIND, "spec": SPEC}. */
static void add_review(const char *kind, struct json_object *spec, struct buf *out)
{
	autojson struct json_object *body = json_new_object();

	json_set_str(body, "apiVersion", "authorization.k8s.io/v1");
	json_set_str(body, "kind", kind);
	json_set(body, "spec", spec);
	json_write(out, body);
}

void access_body(const struct access_row *row, struct buf *out)
{
	struct json_object *attributes = json_new_object();
	struct json_object *spec = json_new_object();

	json_set_str(attributes, "verb", row->verb);
	json_set_str(attributes, "group", row->group);
	json_set_str(attributes, "resource", row->resource);
	if (row->subresource)
		json_set_str(attributes, "subresource", row->subresource);
	if (row->namespace)
		json_set_str(attributes, "namespace", row->namespace);
	json_set(spec, "resourceAttributes", attributes);
	add_review("SelfSubjectAccessReview", spec, out);
}

void access_scc_body(const char *account, const char *scc, struct buf *out)
{
	struct json_object *attributes = json_new_object();
	struct json_object *spec = json_new_object();
	autofree char *user = xasprintf("system:serviceaccount:flux-system:%s", account);

	json_set_str(attributes, "verb", "use");
	json_set_str(attributes, "group", "security.openshift.io");
	json_set_str(attributes, "resource", "securitycontextconstraints");
	json_set_str(attributes, "name", scc);
	json_set_str(attributes, "namespace", "flux-system");
	json_set(spec, "resourceAttributes", attributes);
	json_set_str(spec, "user", user);
	add_review("SubjectAccessReview", spec, out);
}

void access_rules_body(const char *namespace, struct buf *out)
{
	struct json_object *spec = json_new_object();

	json_set_str(spec, "namespace", namespace);
	add_review("SelfSubjectRulesReview", spec, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/nearest.h"
#include "base/url.h"
#include "kube/kinds.h"

#define SOURCE "source.toolkit.fluxcd.io"
#define KUSTOMIZE "kustomize.toolkit.fluxcd.io"
#define HELM "helm.toolkit.fluxcd.io"
#define NOTIFY "notification.toolkit.fluxcd.io"
#define IMAGE "image.toolkit.fluxcd.io"
#define AZURE "clusterconfig.azure.com"
#define FLUX (KIND_GET | KIND_FLUX | KIND_ALL)
#define GET_CLUSTER (KIND_GET | KIND_CLUSTER)
#define V1_BETAS "v1 v1beta2 v1beta1"

/*
 * In the order in which lists show them: what Azure made, sources, what applies them, images,
 * notifications, then what is only read. Versions: Flux 0.41 to 2.9, newest first.
 */
/* clang-format off */
const struct kind kinds[] = {
	/* name, plural, singular, group, versions, short names, flux's words, controller, since, until, family, flags */
	{"FluxConfig", "fluxconfigs", "fluxconfig", AZURE, "v1alpha1", "fc", NULL, "fluxconfig-controller", NULL, NULL, FAMILY_AZURE, KIND_GET | KIND_ALL},
	{"ExtensionConfig", "extensionconfigs", "extensionconfig", AZURE, "v1beta1", "ec", NULL, NULL, NULL, NULL, FAMILY_AZURE, KIND_GET | KIND_ALL},
	{"ExtensionConfig", "extensionconfigs", "extensionconfig", "aks." AZURE, "v1beta1", "aksec", NULL, NULL, NULL, NULL, FAMILY_AZURE, KIND_GET | KIND_ALL},
	{"FluxConfigSyncStatus", "fluxconfigsyncstatuses", "fluxconfigsyncstatus", AZURE, "v1beta1", "", NULL, NULL, NULL, NULL, FAMILY_AZURE, KIND_GET},
	{"GitRepository", "gitrepositories", "gitrepository", SOURCE, V1_BETAS, "gitrepo", "source git", "source-controller", NULL, NULL, FAMILY_SOURCE, FLUX},
	{"OCIRepository", "ocirepositories", "ocirepository", SOURCE, "v1 v1beta2", "ocirepo", "source oci", "source-controller", NULL, NULL, FAMILY_SOURCE, FLUX},
	{"HelmRepository", "helmrepositories", "helmrepository", SOURCE, V1_BETAS, "helmrepo", "source helm", "source-controller", NULL, NULL, FAMILY_SOURCE, FLUX},
	{"HelmChart", "helmcharts", "helmchart", SOURCE, V1_BETAS, "hc", "source chart", "source-controller", NULL, NULL, FAMILY_SOURCE, FLUX},
	{"Bucket", "buckets", "bucket", SOURCE, V1_BETAS, "", "source bucket", "source-controller", NULL, NULL, FAMILY_SOURCE, FLUX},
	{"ExternalArtifact", "externalartifacts", "externalartifact", SOURCE, "v1", "ea", "source external", NULL, "2.7", NULL, FAMILY_SOURCE, FLUX},
	{"ArtifactGenerator", "artifactgenerators", "artifactgenerator", "source.extensions.fluxcd.io", "v1beta1", "ag", "artifact generator", "source-watcher", "2.7", NULL, FAMILY_SOURCE, FLUX},
	{"Kustomization", "kustomizations", "kustomization", KUSTOMIZE, V1_BETAS, "ks", NULL, "kustomize-controller", NULL, NULL, FAMILY_APPLIER, FLUX},
	{"HelmRelease", "helmreleases", "helmrelease", HELM, "v2 v2beta2 v2beta1", "hr", NULL, "helm-controller", NULL, NULL, FAMILY_APPLIER, FLUX},
	{"ImageRepository", "imagerepositories", "imagerepository", IMAGE, V1_BETAS, "imgrepo imagerepo", "image repository", "image-reflector-controller", NULL, NULL, FAMILY_IMAGE, FLUX},
	{"ImagePolicy", "imagepolicies", "imagepolicy", IMAGE, V1_BETAS, "imgpol imagepol", "image policy", "image-reflector-controller", NULL, NULL, FAMILY_IMAGE, FLUX},
	{"ImageUpdateAutomation", "imageupdateautomations", "imageupdateautomation", IMAGE, V1_BETAS, "iua imgupd imgauto", "image update", "image-automation-controller", NULL, NULL, FAMILY_IMAGE, FLUX},
	{"Receiver", "receivers", "receiver", NOTIFY, V1_BETAS, "", NULL, "notification-controller", NULL, NULL, FAMILY_NOTIFY, FLUX},
	{"Alert", "alerts", "alert", NOTIFY, "v1beta3 v1beta2 v1beta1", "", NULL, "notification-controller", NULL, NULL, FAMILY_NOTIFY, FLUX | KIND_STATIC},
	{"Provider", "providers", "provider", NOTIFY, "v1beta3 v1beta2 v1beta1", "", "alert-provider", "notification-controller", NULL, NULL, FAMILY_NOTIFY, FLUX | KIND_STATIC},
	{"CustomResourceDefinition", "customresourcedefinitions", "customresourcedefinition", "apiextensions.k8s.io", "v1", "crd crds", NULL, NULL, NULL, NULL, FAMILY_CRD, GET_CLUSTER},
	{"Pod", "pods", "pod", "", "v1", "po", NULL, NULL, NULL, NULL, FAMILY_CORE, KIND_GET},
	{"Deployment", "deployments", "deployment", "apps", "v1", "deploy", NULL, NULL, NULL, NULL, FAMILY_CORE, KIND_GET},
	{"StatefulSet", "statefulsets", "statefulset", "apps", "v1", "sts", NULL, NULL, NULL, NULL, FAMILY_CORE, KIND_GET},
	{"DaemonSet", "daemonsets", "daemonset", "apps", "v1", "ds", NULL, NULL, NULL, NULL, FAMILY_CORE, KIND_GET},
	{"ReplicaSet", "replicasets", "replicaset", "apps", "v1", "rs", NULL, NULL, NULL, NULL, FAMILY_CORE, KIND_GET},
	{"Job", "jobs", "job", "batch", "v1", "", NULL, NULL, NULL, NULL, FAMILY_CORE, 0},
	{"CronJob", "cronjobs", "cronjob", "batch", "v1", "cj", NULL, NULL, NULL, NULL, FAMILY_CORE, 0},
	{"Namespace", "namespaces", "namespace", "", "v1", "ns", NULL, NULL, NULL, NULL, FAMILY_CORE, GET_CLUSTER},
	{"Node", "nodes", "node", "", "v1", "no", NULL, NULL, NULL, NULL, FAMILY_CORE, GET_CLUSTER},
	{"Event", "events", "event", "", "v1", "ev", NULL, NULL, NULL, NULL, FAMILY_CORE, 0},
	{"ResourceQuota", "resourcequotas", "resourcequota", "", "v1", "quota", NULL, NULL, NULL, NULL, FAMILY_CORE, 0},
	{"LimitRange", "limitranges", "limitrange", "", "v1", "limits", NULL, NULL, NULL, NULL, FAMILY_CORE, 0},
	{"Service", "services", "service", "", "v1", "svc", NULL, NULL, NULL, NULL, FAMILY_CORE, 0},
	{"ServiceAccount", "serviceaccounts", "serviceaccount", "", "v1", "sa", NULL, NULL, NULL, NULL, FAMILY_CORE, 0},
	{"ConfigMap", "configmaps", "configmap", "", "v1", "cm", NULL, NULL, NULL, NULL, FAMILY_CORE, 0},
	{"Secret", "secrets", "secret", "", "v1", "", NULL, NULL, NULL, NULL, FAMILY_CORE, 0},
	{"PersistentVolumeClaim", "persistentvolumeclaims", "persistentvolumeclaim", "", "v1", "pvc", NULL, NULL, NULL, NULL, FAMILY_CORE, 0},
	{"NetworkPolicy", "networkpolicies", "networkpolicy", "networking.k8s.io", "v1", "netpol", NULL, NULL, NULL, NULL, FAMILY_CORE, 0},
	{"ValidatingWebhookConfiguration", "validatingwebhookconfigurations", "validatingwebhookconfiguration", "admissionregistration.k8s.io", "v1", "", NULL, NULL, NULL, NULL, FAMILY_CORE, KIND_CLUSTER},
	{"MutatingWebhookConfiguration", "mutatingwebhookconfigurations", "mutatingwebhookconfiguration", "admissionregistration.k8s.io", "v1", "", NULL, NULL, NULL, NULL, FAMILY_CORE, KIND_CLUSTER},
	{"ClusterRole", "clusterroles", "clusterrole", "rbac.authorization.k8s.io", "v1", "", NULL, NULL, NULL, NULL, FAMILY_CORE, KIND_CLUSTER},
	{"ClusterRoleBinding", "clusterrolebindings", "clusterrolebinding", "rbac.authorization.k8s.io", "v1", "", NULL, NULL, NULL, NULL, FAMILY_CORE, KIND_CLUSTER},
	{"SecurityContextConstraints", "securitycontextconstraints", "securitycontextconstraints", "security.openshift.io", "v1", "scc", NULL, NULL, NULL, NULL, FAMILY_CORE, KIND_CLUSTER},
};
/* clang-format on */
const size_t kinds_count = countof(kinds);

const struct kind *kind_find(const char *name, const char *group)
{
	for (size_t i = 0; i < kinds_count; i++)
		if (streq(kinds[i].name, name) && (!group || streq(kinds[i].group, group)))
			return &kinds[i];
	return NULL;
}

/* Is `word`, `len` bytes long, one of the space separated `words`, in any case? */
static bool one_of(const char *words, const char *word, size_t len)
{
	while (*words) {
		size_t n = strcspn(words, " ");

		if (n == len && strncasecmp(words, word, n) == 0)
			return true;
		words += n;
		words += strspn(words, " ");
	}
	return false;
}

static bool is_named(const struct kind *kind, const char *word, size_t len)
{
	return one_of(kind->plural, word, len) || one_of(kind->singular, word, len) ||
	       one_of(kind->short_names, word, len);
}

/* A word in the plural read as its singular: "policies" is "policy", "sources" is "source". */
static void add_singular(struct buf *out, const char *word, size_t len)
{
	if (len > 3 && strncasecmp(word + len - 3, "ies", 3) == 0) {
		buf_add(out, word, len - 3);
		buf_addc(out, 'y');
	} else if (len > 1 && (word[len - 1] | ' ') == 's') {
		buf_add(out, word, len - 1);
	} else {
		buf_add(out, word, len);
	}
}

static const struct kind *by_flux_words(const char *words)
{
	autobuf singular = BUF_INIT;

	while (*words) {
		size_t len = strcspn(words, " ");

		if (singular.len > 0)
			buf_addc(&singular, ' ');
		add_singular(&singular, words, len);
		words += len;
		words += strspn(words, " ");
	}
	for (size_t i = 0; i < kinds_count; i++)
		if (kinds[i].flux_names && strcasecmp(kinds[i].flux_names, singular.ptr) == 0)
			return &kinds[i];
	return NULL;
}

/* An exact group is better than one that only begins so, as kubectl has it. */
static const struct kind *by_group(const char *word, size_t len, const char *group, bool exact)
{
	size_t n = strlen(group);

	for (size_t i = 0; i < kinds_count; i++) {
		if (!is_named(&kinds[i], word, len) || strncasecmp(kinds[i].group, group, n) != 0)
			continue;
		if (!exact || kinds[i].group[n] == '\0')
			return &kinds[i];
	}
	return NULL;
}

const struct kind *kind_by_word(const char *word)
{
	size_t len = strcspn(word, ".");

	if (word[len] == '.') {
		const struct kind *kind = by_group(word, len, word + len + 1, true);

		return kind ? kind : by_group(word, len, word + len + 1, false);
	}
	for (size_t i = 0; i < kinds_count; i++)
		if (is_named(&kinds[i], word, len))
			return &kinds[i];
	return by_flux_words(word);
}

const struct kind *kind_next_named(const struct kind *kind)
{
	for (const struct kind *next = kind + 1; next < kinds + kinds_count; next++)
		if (streq(next->name, kind->name))
			return next;
	return NULL;
}

const char *kind_suggest(const char *word)
{
	struct nearest nearest = {.word = word};

	for (size_t i = 0; i < kinds_count; i++) {
		if (!(kinds[i].flags & KIND_GET))
			continue;
		nearest_offer(&nearest, kinds[i].plural);
		nearest_offer(&nearest, kinds[i].singular);
	}
	return nearest.best;
}

bool kind_name_fits(const char *name, struct buf *why)
{
	if (streq(name, ".") || streq(name, ".."))
		buf_addf(why, "may not be '%s'", name);
	for (const char *bad = "/%"; *bad; bad++)
		if (strchr(name, *bad))
			buf_addf(why, "%smay not contain '%c'", why->len ? " " : "", *bad);
	return why->len == 0;
}

int kind_check_name(const char *name, struct error *err)
{
	autobuf why = BUF_INIT;

	if (!*name)
		return error_set(err, ERROR_USAGE, "resource name may not be empty");
	if (kind_name_fits(name, &why))
		return 0;
	return error_set(err, ERROR_USAGE, "invalid resource name \"%s\": [%s]", name, why.ptr);
}

/* What comes from outside is encoded, so that it stays one segment. */
static void add_segment(struct buf *out, const char *before, const char *segment)
{
	buf_adds(out, before);
	url_encode(out, segment);
}

void kind_path(const struct kind *kind, const char *version, const char *namespace,
	const char *name, struct buf *out)
{
	if (*kind->group)
		buf_addf(out, "/apis/%s", kind->group);
	else
		buf_adds(out, "/api");
	/* It may be one that the server named. */
	add_segment(out, "/", version);
	if (str_set(namespace) && !(kind->flags & KIND_CLUSTER))
		add_segment(out, "/namespaces/", namespace);
	buf_addf(out, "/%s", kind->plural);
	if (str_set(name))
		add_segment(out, "/", name);
}

void kind_full_name(const struct kind *kind, struct buf *out)
{
	buf_adds(out, kind->singular);
	if (*kind->group)
		buf_addf(out, ".%s", kind->group);
}

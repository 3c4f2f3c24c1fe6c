/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of a cluster, read into the plan. Fields across versions: GitRepository v1beta1 to v1,
 * HelmRelease v2beta1 to v2; what is absent reads as not set.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/url.h"
#include "bundle/git_url.h"
#include "bundle/plan_link.h"

struct taking {
	struct plan *plan;
	const struct plan_options *options;
	struct json_object *object;
	const char *namespace, *name;
	char *self; /* "GitRepository/ns/name" */
};

static char *text_at(struct json_object *object, const char *key)
{
	return xstrdup_or_null(json_str(object, key));
}

static char *reference(struct json_object *spec, const char *key)
{
	return xstrdup_or_null(json_str(spec, key, "name"));
}

/* ---- parts that several kinds have */

static struct plan_ref self_ref(const struct taking *taking, const char *kind)
{
	return (struct plan_ref){
		.kind = xstrdup(kind),
		.namespace = xstrdup(taking->namespace),
		.name = xstrdup(taking->name),
	};
}

/* {kind, name, namespace}, the object's own namespace if none is said. */
static struct plan_ref ref_at(const struct taking *taking, struct json_object *value)
{
	const char *kind = json_str(value, "kind");
	const char *name = json_str(value, "name");
	const char *namespace = json_str(value, "namespace");

	if (!kind || !name)
		return (struct plan_ref){.kind = NULL};
	return (struct plan_ref){
		.kind = xstrdup(kind),
		.namespace = xstrdup(str_set(namespace) ? namespace : taking->namespace),
		.name = xstrdup(name),
	};
}

static struct plan_access access_of(const struct taking *taking, struct json_object *spec)
{
	const char *provider = json_str(spec, "provider");

	return (struct plan_access){
		.namespace = xstrdup(taking->namespace),
		.secret = reference(spec, "secretRef"),
		.cert_secret = reference(spec, "certSecretRef"),
		.proxy_secret = reference(spec, "proxySecretRef"),
		.provider =
			str_set(provider) && !streq(provider, "generic") ? xstrdup(provider) : NULL,
		.pass_credentials = json_bool(spec, "passCredentials"),
		.insecure = json_bool(spec, "insecure"),
	};
}

static struct plan_artifact artifact_of(struct json_object *object)
{
	struct json_object *artifact = json_get(object, "status", "artifact");
	const char *digest = json_str(artifact, "digest");
	const char *checksum = json_str(artifact, "checksum");

	return (struct plan_artifact){
		.url = text_at(artifact, "url"),
		.revision = text_at(artifact, "revision"),
		/* Before Flux 2.0 the plain SHA-256. */
		.digest = digest     ? xstrdup(digest)
			  : checksum ? xasprintf("sha256:%s", checksum)
				     : NULL,
		.size = (uint64_t)json_int(artifact, 0, "size"),
	};
}

static void ref_of(struct json_object *spec, struct ref_want *ret)
{
	struct json_object *ref = json_get(spec, "ref");

	*ret = (struct ref_want){
		.commit = text_at(ref, "commit"),
		.name = text_at(ref, "name"),
		.semver = text_at(ref, "semver"),
		.tag = text_at(ref, "tag"),
		.branch = text_at(ref, "branch"),
	};
	if (!ret->commit && !ret->name && !ret->semver && !ret->tag && !ret->branch)
		ret->branch = xstrdup("master");
}

static void add_source(const struct taking *taking, struct plan_ref ref)
{
	struct plan_link *link = plan_link(taking->plan);

	if (!ref.kind)
		return;
	link->sources =
		xreallocarray(link->sources, link->source_count + 1, sizeof(*link->sources));
	link->sources[link->source_count++] = ref;
}

/* ---- kinds */

static void take_git(const struct taking *taking)
{
	struct json_object *spec = json_get(taking->object, "spec");
	struct json_object *includes = json_get(spec, "include");
	const char *url = json_str(spec, "url");
	autogiturl parsed = GIT_URL_INIT;
	struct plan_want want = {
		.used_by = xstrdup(taking->self),
		.access = access_of(taking, spec),
		.artifact = artifact_of(taking->object),
		.ignore = text_at(spec, "ignore"),
		.submodules = json_bool(spec, "recurseSubmodules"),
		.composed = json_len(includes) || json_len(json_get(spec, "sparseCheckout")),
	};

	ref_of(spec, &want.ref);
	if (!taking->options->latest)
		want.ref.revision = xstrdup_or_null(want.artifact.revision);
	if (git_url_parse(url ? url : "", &parsed, NULL) == 0 && parsed.scheme != GIT_SSH) {
		want.access.user = TAKE(parsed.user);
		want.access.password = TAKE(parsed.password);
	}
	plan_add_want(taking->plan, url ? url : "", &want);
	for (size_t i = 0; i < json_len(includes); i++) {
		const char *name = json_str(json_item(includes, i), "repository", "name");

		if (name)
			add_source(taking, (struct plan_ref){
						   .kind = xstrdup("GitRepository"),
						   .namespace = xstrdup(taking->namespace),
						   .name = xstrdup(name),
					   });
	}
}

/* "6.5.0@sha256:…", "latest/HEX" before Flux 0.41, "sha256:…". */
static char *digest_of(const char *revision)
{
	const char *mark = revision ? strstr(revision, "sha256:") : NULL;
	const char *slash = revision ? strrchr(revision, '/') : NULL;

	if (mark)
		return xstrdup(mark);
	if (slash && strlen(slash + 1) == 64)
		return xasprintf("sha256:%s", slash + 1);
	return xstrdup_or_null(revision);
}

static void take_oci(const struct taking *taking)
{
	const char *url = json_str(taking->object, "spec", "url");
	const char *revision = json_str(taking->object, "status", "artifact", "revision");
	const char *tag = json_str(taking->object, "spec", "ref", "tag");
	autofree char *digest = digest_of(revision);
	size_t tag_len = revision ? strcspn(revision, "@/") : 0;
	bool tagged = revision && revision[tag_len];
	autofree char *ref = tagged ? xasprintf("%s:%.*s", url ? url : "", (int)tag_len, revision)
			     : tag  ? xasprintf("%s:%s", url ? url : "", tag)
				    : xstrdup(url ? url : "");

	plan_add_unresolved(
		taking->plan, "oci", ref, digest, taking->self, "OCI artifacts are not packed");
}

static void take_bucket(const struct taking *taking)
{
	struct json_object *spec = json_get(taking->object, "spec");
	const char *endpoint = json_str(spec, "endpoint");
	const char *bucket = json_str(spec, "bucketName");
	autofree char *ref = xasprintf("%s/%s", endpoint ? endpoint : "", bucket ? bucket : "");
	autofree char *digest =
		digest_of(json_str(taking->object, "status", "artifact", "revision"));

	plan_add_unresolved(
		taking->plan, "bucket", ref, digest, taking->self, "buckets are not packed");
}

static void take_external(const struct taking *taking)
{
	autofree char *digest = digest_of(json_str(taking->object, "status", "artifact", "digest"));

	plan_add_unresolved(taking->plan, "external", taking->self, digest, taking->self,
		"external artifacts are not packed");
}

static void take_repository(const struct taking *taking)
{
	struct plan_link *link = plan_link(taking->plan);
	struct json_object *spec = json_get(taking->object, "spec");
	const char *url = json_str(spec, "url");
	autourl parsed = URL_INIT;
	struct plan_repository *repository;

	link->repositories = xreallocarray(
		link->repositories, link->repository_count + 1, sizeof(*link->repositories));
	repository = &link->repositories[link->repository_count++];
	*repository = (struct plan_repository){
		.self = self_ref(taking, "HelmRepository"),
		.url = git_url_public(url ? url : ""),
		.oci = streq(json_str(spec, "type"), "oci"),
		.access = access_of(taking, spec),
		.artifact = artifact_of(taking->object),
	};
	if (url && url_parse(url, &parsed)) {
		repository->access.user = TAKE(parsed.user);
		repository->access.password = TAKE(parsed.password);
	}
}

static void take_helmchart(const struct taking *taking)
{
	struct plan_link *link = plan_link(taking->plan);
	struct json_object *spec = json_get(taking->object, "spec");

	link->helmcharts = xreallocarray(
		link->helmcharts, link->helmchart_count + 1, sizeof(*link->helmcharts));
	link->helmcharts[link->helmchart_count++] = (struct plan_helmchart){
		.self = self_ref(taking, "HelmChart"),
		.source = ref_at(taking, json_get(spec, "sourceRef")),
		.chart = text_at(spec, "chart"),
		.artifact = artifact_of(taking->object),
	};
}

/* The entry of status.history that runs: deployed, else the newest. */
static struct json_object *deployed(struct json_object *history)
{
	struct json_object *best = NULL;
	int64_t best_rank = -1;

	for (size_t i = 0; i < json_len(history); i++) {
		struct json_object *entry = json_item(history, i);
		int64_t rank = json_int(entry, 0, "version");

		rank += streq(json_str(entry, "status"), "deployed") ? INT64_C(1) << 40 : 0;
		if (rank > best_rank) {
			best = entry;
			best_rank = rank;
		}
	}
	return best;
}

static char *release_version(const struct taking *taking)
{
	struct json_object *status = json_get(taking->object, "status");
	const char *version = json_str(deployed(json_get(status, "history")), "chartVersion");

	if (taking->options->latest)
		return NULL; /* that of its HelmChart */
	return xstrdup_or_null(version ? version : json_str(status, "lastAppliedRevision"));
}

static void take_release(const struct taking *taking)
{
	struct plan_link *link = plan_link(taking->plan);
	struct json_object *spec = json_get(taking->object, "spec");
	struct json_object *chart = json_get(spec, "chart", "spec");
	struct plan_release *release;

	link->releases =
		xreallocarray(link->releases, link->release_count + 1, sizeof(*link->releases));
	release = &link->releases[link->release_count++];
	*release = (struct plan_release){
		.self = self_ref(taking, "HelmRelease"),
		.source = ref_at(taking, json_get(chart, "sourceRef")),
		.chart_ref = ref_at(taking, json_get(spec, "chartRef")),
		.chart = text_at(chart, "chart"),
		.version = release_version(taking),
	};
	if (!release->source.kind)
		return;
	free(release->chart_ref.kind);
	free(release->chart_ref.namespace);
	free(release->chart_ref.name);
	release->chart_ref = (struct plan_ref){
		.kind = xstrdup("HelmChart"),
		.namespace = xstrdup(release->source.namespace),
		.name = xasprintf("%s-%s", taking->namespace, taking->name),
	};
}

static void take_kustomization(const struct taking *taking)
{
	add_source(taking, ref_at(taking, json_get(taking->object, "spec", "sourceRef")));
}

static void take_config(const struct taking *taking)
{
	struct plan_link *link = plan_link(taking->plan);
	struct json_object *git = json_get(taking->object, "spec", "gitRepository");
	const char *url = json_str(git, "url");
	const char *local = json_str(git, "localAuthRef", "name");
	struct plan_config *config;

	if (!url)
		return;
	link->configs =
		xreallocarray(link->configs, link->config_count + 1, sizeof(*link->configs));
	config = &link->configs[link->config_count++];
	*config = (struct plan_config){
		.self = self_ref(taking, "FluxConfig"),
		.url = xstrdup(url),
		.secret = xstrdup_or_null(local ? local : json_str(git, "localAuthRef")),
	};
	ref_of(git, &config->ref);
	add_source(taking, (struct plan_ref){
				   .kind = xstrdup("GitRepository"),
				   .namespace = xstrdup(taking->namespace),
				   .name = xstrdup(taking->name),
			   });
}

/* ---- pods */

/* Who made the pod, above its ReplicaSet: "Deployment/ns/name". */
static char *pod_owner(const struct taking *taking)
{
	struct json_object *owner =
		json_item(json_get(taking->object, "metadata", "ownerReferences"), 0);
	const char *kind = json_str(owner, "kind");
	const char *name = json_str(owner, "name");
	const char *hash = json_str(taking->object, "metadata", "labels", "pod-template-hash");

	if (!kind || !name)
		return xstrdup(taking->self);
	if (streq(kind, "ReplicaSet") && str_set(hash) && ends_with(name, hash) &&
		strlen(name) > strlen(hash) + 1)
		return xasprintf("Deployment/%s/%.*s", taking->namespace,
			(int)(strlen(name) - strlen(hash) - 1), name);
	return xasprintf("%s/%s/%s", kind, taking->namespace, name);
}

/* The digest of the image that a container runs: "REPOSITORY@sha256:…" of its status; of a bare
 * "sha256:…" nobody knows what it is the digest of. */
static const char *image_digest(struct json_object *statuses, const char *container)
{
	for (size_t i = 0; i < json_len(statuses); i++) {
		struct json_object *status = json_item(statuses, i);
		const char *id = json_str(status, "imageID");
		const char *at = id ? strrchr(id, '@') : NULL;

		if (streq(json_str(status, "name"), container))
			return at && starts_with(at + 1, "sha256:") ? at + 1 : NULL;
	}
	return NULL;
}

static void take_images(const struct taking *taking, const char *containers, const char *statuses)
{
	struct json_object *list = json_get(taking->object, "spec", containers);
	autofree char *owner = pod_owner(taking);

	for (size_t i = 0; i < json_len(list); i++) {
		struct json_object *container = json_item(list, i);
		const char *image = json_str(container, "image");
		const char *digest = image_digest(
			json_get(taking->object, "status", statuses), json_str(container, "name"));

		if (image)
			plan_add_unresolved(taking->plan, "image", image, digest, owner,
				"container images are not packed");
	}
}

static void take_pod(const struct taking *taking)
{
	const char *phase = json_str(taking->object, "status", "phase");

	if (streq(phase, "Succeeded") || streq(phase, "Failed"))
		return;
	take_images(taking, "initContainers", "initContainerStatuses");
	take_images(taking, "containers", "containerStatuses");
}

/* clang-format off */
static const struct {
	const char *kind;
	bool chosen; /* only those that were named are taken */
	void (*take)(const struct taking *taking);
} takers[] = {
	{"FluxConfig",       true,  take_config},
	{"GitRepository",    true,  take_git},
	{"OCIRepository",    true,  take_oci},
	{"Bucket",           true,  take_bucket},
	{"ExternalArtifact", true,  take_external},
	{"HelmRelease",      true,  take_release},
	{"Kustomization",    true,  take_kustomization},
	{"HelmRepository",   false, take_repository},
	{"HelmChart",        false, take_helmchart},
	{"Pod",              false, take_pod},
};
/* clang-format on */

/* Whether a name of the command line ("NAME" or "KIND/NAME") means this object. */
static bool is_named(const char *typed, const struct kind *kind, const char *name)
{
	const char *slash = strchr(typed, '/');
	autofree char *word = slash ? xstrndup(typed, (size_t)(slash - typed)) : NULL;

	if (!slash)
		return streq(typed, name);
	return kind_by_word(word) == kind && streq(slash + 1, name);
}

static bool is_chosen(const struct plan_options *options, const struct kind *kind, const char *name)
{
	if (!options->names || !options->names->len)
		return true;
	for (size_t i = 0; i < options->names->len; i++)
		if (is_named(options->names->items[i], kind, name))
			return true;
	return false;
}

void plan_take(struct plan *plan, const struct plan_options *options, const struct kind *kind,
	struct json_object *object)
{
	const char *namespace = json_str(object, "metadata", "namespace");
	struct taking taking = {
		.plan = plan,
		.options = options,
		.object = object,
		.namespace = namespace ? namespace : "",
		.name = json_str(object, "metadata", "name"),
	};
	autofree char *self = NULL;

	if (!taking.name)
		return;
	self = xasprintf("%s/%s/%s", kind->name, taking.namespace, taking.name);
	taking.self = self;
	for (size_t i = 0; i < countof(takers); i++) {
		if (!streq(takers[i].kind, kind->name))
			continue;
		if (takers[i].chosen && !is_chosen(options, kind, taking.name))
			return;
		if (takers[i].take != take_pod)
			strv_push(&plan_link(plan)->taken, self);
		takers[i].take(&taking);
	}
}

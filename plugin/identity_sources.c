/* SPDX-License-Identifier: Apache-2.0 */
/* Which objects of the cluster fetch from Azure, and whether the identity may pull from their registries. */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/url.h"
#include "kube/lister.h"
#include "plugin/identity.h"

#define REGISTRIES_VERSION "2023-07-01"

/* Kinds with a spec.provider, and the field that says where they fetch from. */
static const struct {
	const char *kind, *field;
} fetching[] = {
	{"GitRepository", "url"},
	{"OCIRepository", "url"},
	{"HelmRepository", "url"},
	{"Bucket", "endpoint"},
	{"ImageRepository", "image"},
};

/* Hosts that take a token of Microsoft Entra. */
static const char *const azure_hosts[] = {
	".azurecr.io",
	".azurecr.us",
	".azurecr.cn",
	".visualstudio.com",
	".blob.core.windows.net",
	".blob.core.usgovcloudapi.net",
	".blob.core.chinacloudapi.cn",
};

static bool is_registry(const char *host)
{
	return ends_with(host, ".azurecr.io") || ends_with(host, ".azurecr.us") ||
	       ends_with(host, ".azurecr.cn");
}

static bool is_devops(const char *host)
{
	return streq(host, "dev.azure.com") || ends_with(host, ".visualstudio.com");
}

static bool is_azure(const char *host)
{
	for (size_t i = 0; i < countof(azure_hosts); i++)
		if (ends_with(host, azure_hosts[i]))
			return true;
	return is_devops(host);
}

/* ---- reading the cluster */

/* The host of a URL, or of an image, which has no scheme. The caller frees; NULL if there is none, and
 * of SSH, where no token is of use. */
static char *host_of(const char *place)
{
	autofree char *whole =
		strstr(place, "://") ? xstrdup(place) : xasprintf("https://%s", place);
	autourl url = URL_INIT;

	if (!url_parse(whole, &url) || !str_set(url.host) || streq(url.scheme, "ssh"))
		return NULL;
	return xstrdup(url.host);
}

static int take_object(struct kube_request *request, struct json_object *object, struct error *err)
{
	struct kind_list *list =
		(struct kind_list *)((char *)request - offsetof(struct kind_list, request));
	struct identity *identity = request->ctx;
	const char *place = NULL;
	autofree char *host = NULL;
	struct identity_source *source;

	(void)err;
	for (size_t i = 0; i < countof(fetching); i++)
		if (streq(fetching[i].kind, list->kind->name))
			place = json_str(object, "spec", fetching[i].field);
	host = place ? host_of(place) : NULL;
	if (!host || !is_azure(host))
		return 0;
	identity->sources =
		xreallocarray(identity->sources, identity->source_count + 1, sizeof(*source));
	source = &identity->sources[identity->source_count++];
	*source = (struct identity_source){.host = TAKE(host)};
	source->object = xasprintf("%s %s/%s", list->kind->name,
		json_str(object, "metadata", "namespace"), json_str(object, "metadata", "name"));
	if (json_str(object, "spec", "provider"))
		source->provider = xstrdup(json_str(object, "spec", "provider"));
	return 0;
}

static void note_unknown(struct identity *identity, const char *what, const struct error *error)
{
	if (!identity->sources_unknown)
		identity->sources_unknown = xasprintf("%s: %s", what, error->message);
}

void identity_read_sources(struct identity *identity)
{
	struct app *app = identity->azure->app;
	struct kind_list lists[countof(fetching)];
	struct kind_list *pointers[countof(fetching)];
	autoerror err = ERROR_INIT;

	/* Those of another cluster would tell nothing. */
	if (!azure_cluster_at_hand(identity->azure, &err)) {
		note_unknown(identity, "the cluster could not be asked", &err);
		return;
	}
	for (size_t i = 0; i < countof(fetching); i++) {
		lists[i] = (struct kind_list)KIND_LIST_INIT;
		lists[i].kind = kind_find(fetching[i].kind, NULL);
		lists[i].request.on_object = take_object;
		lists[i].request.ctx = identity;
		pointers[i] = &lists[i];
	}
	if (kind_lists_run(app->kube, pointers, countof(lists), &err) < 0)
		note_unknown(identity, "the cluster", &err);
	for (size_t i = 0; i < countof(lists); i++) {
		const struct error *error = &lists[i].request.error;

		if (error->kind != ERROR_NONE && !lists[i].not_installed)
			note_unknown(identity, lists[i].kind->plural, error);
		kind_list_clear(&lists[i]);
	}
}

/* ---- registries */

static struct json_object *find_registry(struct json_object *list, const char *host)
{
	for (size_t i = 0; i < json_len(list); i++) {
		const char *server = json_str(json_item(list, i), "properties", "loginServer");

		if (server && strcasecmp(server, host) == 0)
			return json_item(list, i);
	}
	return NULL;
}

static void judge_role(struct identity *identity, const char *host, const char *id,
	const struct arm_request *asked)
{
	struct json_object *value = json_get(asked->reply, "value");
	const struct arm_pull_role *role = arm_pull_role_find(value);
	char *what = xasprintf("role on %s", host);

	if (asked->error.kind != ERROR_NONE)
		identity_step(
			identity, IDENTITY_UNKNOWN, what, xstrdup(asked->error.message), NULL);
	else if (role)
		identity_step(identity, IDENTITY_DONE, what,
			xasprintf("%s%s", role->name,
				role->repository ? ", which counts where the registry asks for "
						   "permissions on repositories"
						 : ""),
			NULL);
	else
		identity_step(identity, IDENTITY_MISSING, what,
			xstrdup("neither AcrPull nor Container Registry Repository Reader"),
			xasprintf("az role assignment create --assignee-object-id %s "
				  "--assignee-principal-type ServicePrincipal --role AcrPull "
				  "--scope %s",
				identity_property(identity, "principalId"), id));
}

/* The assignments of this identity that reach the registry, from whatever scope. */
static int ask_role(struct identity *identity, const char *host, const char *id, struct error *err)
{
	struct azure *azure = identity->azure;
	autofree char *path = xasprintf("%s/providers/Microsoft.Authorization/roleAssignments", id);
	autofree char *query = xasprintf("%%24filter=assignedTo%%28%%27%s%%27%%29",
		identity_property(identity, "principalId"));
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	struct arm_request *list[] = {&request};

	request.path = path;
	request.query = query;
	request.api_version = arm_api_version(azure->arm, ARM_ROLE_ASSIGNMENTS);
	if (arm_run(azure->arm, list, 1, err) < 0)
		return -1;
	judge_role(identity, host, id, &request);
	return 0;
}

static int judge_registry(struct identity *identity, struct json_object *registries,
	const char *host, struct error *err)
{
	struct json_object *registry = find_registry(registries, host);

	if (registry && json_str(registry, "id"))
		return ask_role(identity, host, json_str(registry, "id"), err);
	identity_step(identity, IDENTITY_UNKNOWN, xasprintf("role on %s", host),
		xstrdup("the registry is not among those of this subscription that you may see"),
		NULL);
	return 0;
}

/* Each host once. */
static bool is_first(const struct identity *identity, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (streq(identity->sources[i].host, identity->sources[index].host))
			return false;
	return true;
}

static void judge_devops(struct identity *identity)
{
	const char *client = identity_property(identity, "clientId");

	for (size_t i = 0; i < identity->source_count; i++) {
		if (!is_devops(identity->sources[i].host))
			continue;
		identity_step(identity, IDENTITY_PERSON, xstrdup("Azure DevOps"),
			xasprintf("an administrator of the organization adds '%s'%s%s as a user, "
				  "with the access "
				  "level Basic and read access to the repositories",
				identity->name, client ? ", client id " : "", client ? client : ""),
			NULL);
		return;
	}
}

int identity_judge_registries(struct identity *identity, struct error *err)
{
	struct azure *azure = identity->azure;
	autofree char *path =
		xasprintf("/subscriptions/%s/providers/Microsoft.ContainerRegistry/registries",
			azure->target.subscription);
	autojson struct json_object *registries = NULL;
	autoerror refused = ERROR_INIT;

	judge_devops(identity);
	for (size_t i = 0; i < identity->source_count; i++) {
		if (!is_registry(identity->sources[i].host) || !is_first(identity, i) ||
			!identity->resource)
			continue;
		if (!registries && refused.kind == ERROR_NONE &&
			arm_list(azure->arm, path, REGISTRIES_VERSION, &registries, &refused) < 0)
			identity_step(identity, IDENTITY_UNKNOWN, xstrdup("registries"),
				xstrdup(refused.message), NULL);
		if (refused.kind == ERROR_NONE &&
			judge_registry(identity, registries, identity->sources[i].host, err) < 0)
			return -1;
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/provider.h"

/* What a cluster, Arc-enabled or AKS, and Flux in it need. */
static const char *const needed[] = {
	"Microsoft.Kubernetes",
	"Microsoft.ContainerService",
	"Microsoft.KubernetesConfiguration",
};

void providers_clear(struct providers *providers)
{
	for (size_t i = 0; i < providers->len; i++) {
		free(providers->items[i].namespace);
		json_free(providers->items[i].reply);
	}
	*providers = (struct providers)PROVIDERS_INIT;
}

/* It becomes part of a path: letters, digits and dots. */
static bool is_namespace(const char *text)
{
	const char *at = text;

	while (isalnum((unsigned char)*at) || *at == '.')
		at++;
	return *text && !*at && !strstr(text, "..");
}

static void add(struct providers *providers, const char *name)
{
	for (size_t i = 0; i < providers->len; i++)
		if (strcasecmp(providers->items[i].namespace, name) == 0)
			return;
	providers->items[providers->len++] = (struct provider){.namespace = xstrdup(name)};
}

int providers_choose(const struct strv *names, struct providers *ret, struct error *err)
{
	if (names->len > PROVIDERS_MAX)
		return error_set(
			err, ERROR_USAGE, "more than %d resource providers", PROVIDERS_MAX);
	for (size_t i = 0; !names->len && i < countof(needed); i++)
		add(ret, needed[i]);
	for (size_t i = 0; i < names->len; i++) {
		if (!is_namespace(names->items[i]))
			return error_set(err, ERROR_USAGE,
				"'%s' is no resource provider: they are called like %s",
				names->items[i], needed[2]);
		add(ret, names->items[i]);
	}
	return 0;
}

char *provider_path(const struct azure *azure, const struct provider *provider)
{
	return xasprintf(
		"/subscriptions/%s/providers/%s", azure->target.subscription, provider->namespace);
}

static int take_reply(struct provider *provider, struct arm_request *request, struct error *err)
{
	const char *name;

	if (request->error.kind != ERROR_NONE)
		return error_move(err, &request->error),
		       error_wrap(err, "reading resource provider '%s'", provider->namespace);
	json_free(provider->reply);
	provider->reply = TAKE(request->reply);
	name = json_str(provider->reply, "namespace");
	if (name && strcasecmp(name, provider->namespace) == 0)
		str_replace(&provider->namespace, name);
	return 0;
}

int providers_read(
	struct azure *azure, struct providers *providers, int64_t delay_ms, struct error *err)
{
	struct arm_request items[PROVIDERS_MAX];
	struct arm_request *requests[PROVIDERS_MAX];
	char *paths[PROVIDERS_MAX];
	int result;

	for (size_t i = 0; i < providers->len; i++) {
		items[i] = (struct arm_request)ARM_REQUEST_INIT;
		requests[i] = &items[i];
		paths[i] = provider_path(azure, &providers->items[i]);
		items[i].path = paths[i];
		items[i].api_version = arm_api_version(azure->arm, ARM_PROVIDERS);
		items[i].delay_ms = delay_ms;
	}
	result = arm_run(azure->arm, requests, providers->len, err);
	for (size_t i = 0; i < providers->len; i++) {
		if (result == 0)
			result = take_reply(&providers->items[i], &items[i], err);
		arm_request_clear(&items[i]);
		free(paths[i]);
	}
	return result;
}

const char *provider_state(const struct provider *provider)
{
	const char *state = json_str(provider->reply, "registrationState");

	return state ? state : "Unknown";
}

bool provider_registered(const struct provider *provider)
{
	return strcasecmp(provider_state(provider), "Registered") == 0;
}

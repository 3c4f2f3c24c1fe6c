/* SPDX-License-Identifier: Apache-2.0 */
/* What was read, told as steps. */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "kube/releases.h"
#include "plugin/identity.h"
#include "plugin/table.h"

static const char *const state_words[] = {
#define X(name, words) [IDENTITY_##name] = (words),
	IDENTITY_STATES(X)
#undef X
};

void identity_step(
	struct identity *identity, enum identity_state state, char *what, char *detail, char *next)
{
	identity->steps =
		xreallocarray(identity->steps, identity->step_count + 1, sizeof(*identity->steps));
	identity->steps[identity->step_count++] = (struct identity_step){
		.what = what,
		.detail = detail,
		.next = next,
		.state = state,
	};
}

/* "-g G -n C" of az's commands about the cluster. */
static char *az_command(const struct identity *identity, const char *options)
{
	const struct arm_target *target = &identity->azure->target;
	const char *group = streq(target->type->name, "managedClusters") ? "aks" : "connectedk8s";

	return xasprintf(
		"az %s update -g %s -n %s %s", group, target->group, target->cluster, options);
}

/* ---- the cluster */

static void judge_cluster(struct identity *identity)
{
	const struct arm_issuer *issuer = &identity->issuer;

	if (issuer->url)
		identity_step(identity, IDENTITY_DONE, xstrdup("OIDC issuer"), xstrdup(issuer->url),
			NULL);
	else
		identity_step(identity, IDENTITY_MISSING, xstrdup("OIDC issuer"),
			xstrdup("the cluster has none"),
			az_command(identity, "--enable-oidc-issuer --enable-workload-identity"));
	if (issuer->workload_identity)
		identity_step(identity, IDENTITY_DONE, xstrdup("workload identity"),
			xstrdup("enabled on the cluster"), NULL);
	else
		identity_step(identity, IDENTITY_MISSING, xstrdup("workload identity"),
			xstrdup("not enabled on the cluster"),
			az_command(identity, "--enable-oidc-issuer --enable-workload-identity"));
}

/* ---- the identity and its credentials */

static char *federate_command(const struct identity *identity)
{
	const struct arm_target *target = &identity->azure->target;
	bool same = strcasecmp(identity->group, target->group) == 0;

	return xasprintf("kubectl flux-arc identity federate -g %s -c %s -t %s -n %s%s%s",
		target->group, target->cluster, target->type->name, identity->name,
		same ? "" : " --identity-group ", same ? "" : identity->group);
}

static void judge_credential(struct identity *identity, const struct arm_federation_row *row)
{
	autofree char *subject = arm_federation_subject(row->controller);
	const char *name = identity->issuer.url ? arm_federation_find(identity->credentials,
							  identity->issuer.url, subject)
						: NULL;

	if (name)
		identity_step(identity, IDENTITY_DONE,
			xasprintf("credential of %s", row->controller), xstrdup(name), NULL);
	else
		identity_step(identity, IDENTITY_MISSING,
			xasprintf("credential of %s", row->controller),
			xasprintf("no federated credential for %s", subject),
			federate_command(identity));
}

static void judge_identity(struct identity *identity)
{
	const char *client = identity_property(identity, "clientId");

	if (identity->resource)
		identity_step(identity, IDENTITY_DONE, xstrdup("managed identity"),
			xasprintf("%s, client id %s", identity->name, client ? client : "not told"),
			NULL);
	else
		identity_step(identity, IDENTITY_MISSING, xstrdup("managed identity"),
			xasprintf(
				"no '%s' in resource group '%s'", identity->name, identity->group),
			federate_command(identity));
	for (size_t i = 0; i < arm_federation_rows_count; i++)
		if (identity_wants(identity, &arm_federation_rows[i]))
			judge_credential(identity, &arm_federation_rows[i]);
}

/* ---- the extension */

static void judge_setting(struct identity *identity, const char *key, const char *wanted)
{
	const char *value = identity_setting(identity, key);

	if (value && wanted && strcasecmp(value, wanted) == 0)
		identity_step(identity, IDENTITY_DONE, xstrdup(key), xstrdup(value), NULL);
	else
		identity_step(identity, IDENTITY_MISSING, xstrdup(key),
			value ? xasprintf("is %s%s%s", value, wanted ? ", not " : "",
					wanted ? wanted : "")
			      : xstrdup("not set"),
			federate_command(identity));
}

static void judge_extension(struct identity *identity)
{
	const char *version = json_str(identity->extension, "properties", "currentVersion");
	const char *kubelet = identity_setting(identity, "useKubeletIdentity");
	const struct arm_target *target = &identity->azure->target;

	if (!identity->extension) {
		identity_step(identity, IDENTITY_MISSING, xstrdup("extension"),
			xstrdup("microsoft.flux is not installed"),
			xasprintf("kubectl flux-arc extension create -g %s -c %s -t %s",
				target->group, target->cluster, target->type->name));
		return;
	}
	identity_step(identity, IDENTITY_DONE, xstrdup("extension"),
		xasprintf("microsoft.flux %s", version ? version : "of unknown version"), NULL);
	judge_setting(identity, "workloadIdentity.enable", "true");
	judge_setting(identity, "workloadIdentity.azureClientId",
		identity_property(identity, "clientId"));
	if (!version || version_compare(version, "1.16.1") >= 0)
		judge_setting(identity, "workloadIdentity.azureTenantId",
			identity_property(identity, "tenantId"));
	if (kubelet && strcasecmp(kubelet, "true") == 0)
		identity_step(identity, IDENTITY_MISSING, xstrdup("useKubeletIdentity"),
			xstrdup("is true, which excludes workload identity"),
			xasprintf("kubectl flux-arc extension update -g %s -c %s -t %s "
				  "--kubelet-identity=false",
				target->group, target->cluster, target->type->name));
}

/* ---- sources */

static void judge_sources(struct identity *identity)
{
	size_t right = 0;

	if (identity->sources_unknown)
		identity_step(identity, IDENTITY_UNKNOWN, xstrdup("sources"),
			xstrdup(identity->sources_unknown), NULL);
	for (size_t i = 0; i < identity->source_count; i++) {
		const struct identity_source *source = &identity->sources[i];

		if (source->provider && strcasecmp(source->provider, "azure") == 0) {
			right++;
			continue;
		}
		identity_step(identity, IDENTITY_MISSING, xstrdup(source->object),
			xasprintf("spec.provider is %s, and %s asks for a token: set it to azure",
				source->provider ? source->provider : "not set", source->host),
			NULL);
	}
	if (right)
		identity_step(identity, IDENTITY_DONE, xstrdup("sources"),
			xasprintf("%zu with spec.provider azure", right), NULL);
	else if (!identity->sources_unknown && !identity->source_count)
		identity_step(identity, IDENTITY_DONE, xstrdup("sources"),
			xstrdup("none fetches from Azure"), NULL);
}

int identity_judge(struct identity *identity, struct error *err)
{
	identity_read_sources(identity);
	judge_cluster(identity);
	judge_extension(identity);
	judge_identity(identity);
	judge_sources(identity);
	return identity_judge_registries(identity, err);
}

/* ---- the answer */

static enum app_style style_of(enum identity_state state)
{
	static const enum app_style styles[] = {
		[IDENTITY_DONE] = STYLE_GOOD,
		[IDENTITY_MISSING] = STYLE_BAD,
		[IDENTITY_UNKNOWN] = STYLE_WARN,
		[IDENTITY_PERSON] = STYLE_WARN,
	};

	return styles[state];
}

static bool told_before(const struct identity *identity, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (streq(identity->steps[i].next, identity->steps[index].next))
			return true;
	return false;
}

static void print_next(const struct identity *identity)
{
	bool first = true;

	for (size_t i = 0; i < identity->step_count; i++) {
		if (!identity->steps[i].next || told_before(identity, i))
			continue;
		fputs(first ? "\nNext:\n" : "", identity->azure->app->out);
		fprintf(identity->azure->app->out, "  %s\n", identity->steps[i].next);
		first = false;
	}
}

void identity_print(const struct identity *identity)
{
	static const struct table_column columns[] = {
		{"STEP", false, false},
		{"STATE", false, false},
		{"DETAIL", true, false},
	};
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, countof(columns));

	for (size_t i = 0; i < identity->step_count; i++) {
		const struct identity_step *step = &identity->steps[i];
		const char *cells[] = {step->what, state_words[step->state], step->detail};

		table_add(table, cells, style_of(step->state), 1);
	}
	table_print(table, identity->azure->app, true, 0);
	print_next(identity);
}

struct json_object *identity_json(const struct identity *identity)
{
	struct json_object *tree = json_new_object();
	struct json_object *steps = json_new_array();

	json_set_str(tree, "identity", identity->name);
	json_set_str(tree, "resourceGroup", identity->group);
	json_set_str(tree, "clientId", identity_property(identity, "clientId"));
	json_set_str(tree, "principalId", identity_property(identity, "principalId"));
	json_set_str(tree, "issuer", identity->issuer.url);
	for (size_t i = 0; i < identity->step_count; i++) {
		const struct identity_step *step = &identity->steps[i];
		struct json_object *row = json_new_object();

		json_set_str(row, "step", step->what);
		json_set_str(row, "state", state_words[step->state]);
		json_set_str(row, "detail", step->detail);
		json_set_str(row, "next", step->next);
		json_push(steps, row);
	}
	json_set(tree, "steps", steps);
	return tree;
}

int identity_outcome(const struct identity *identity, struct error *err)
{
	size_t missing = 0;
	size_t unknown = 0;

	for (size_t i = 0; i < identity->step_count; i++) {
		missing += identity->steps[i].state == IDENTITY_MISSING;
		unknown += identity->steps[i].state == IDENTITY_UNKNOWN;
	}
	if (unknown)
		app_warn(identity->azure->app, "%zu of the steps could not be looked at", unknown);
	return missing ? error_set(err, ERROR_FINDINGS, "%s", "") : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "plugin/azure_target.h"
#include "plugin/text.h"

#define TYPE_HINT "-t connectedClusters (Arc), managedClusters (AKS) or provisionedClusters"

/* ---- the subscription */

static bool is_id(const char *text)
{
	struct arm_target target = ARM_TARGET_INIT;
	autoerror ignored = ERROR_INIT;
	bool fits;

	target.subscription = xstrdup(text);
	fits = arm_target_check(&target, &ignored) == 0;
	arm_target_clear(&target);
	return fits;
}

/* az takes a subscription's name, too. */
static int id_of_name(struct azure *azure, const char *name, char **ret, struct error *err)
{
	autojson struct json_object *list = NULL;
	const char *version = arm_api_version(azure->arm, ARM_SUBSCRIPTIONS);
	const char *found = NULL;

	if (arm_list(azure->arm, "/subscriptions", version, &list, err) < 0)
		return error_wrap(err, "looking for the subscription '%s'", name);
	for (size_t i = 0; i < json_len(list); i++) {
		const char *id = json_str(json_item(list, i), "subscriptionId");
		const char *title = json_str(json_item(list, i), "displayName");

		if (!id || !title || strcasecmp(title, name) != 0 || !is_id(id))
			continue;
		if (found)
			return error_set(err, ERROR_USAGE,
				"two subscriptions are called '%s': %s and %s", name, found, id);
		found = id;
	}
	if (!found)
		return error_set(err, ERROR_NOT_FOUND,
			"'%s' is no subscription's id, and none that you see has this name", name);
	*ret = xstrdup(found);
	return 0;
}

/* Typed, or named by the environment; NULL: neither. */
static int named_subscription(struct azure *azure, char **ret, struct error *err)
{
	const char *name = azure->flags->subscription;

	if (!name)
		name = os_env("AZURE_SUBSCRIPTION_ID");
	if (!name)
		name = os_env("ARM_SUBSCRIPTION_ID");
	if (!name)
		return 0;
	if (!is_id(name))
		return id_of_name(azure, name, ret, err);
	*ret = xstrdup(name);
	return 0;
}

static int default_subscription(struct azure *azure, char **ret, struct error *err)
{
	autofree char *name = NULL;

	return arm_default_subscription(&azure->cloud, ret, &name, err);
}

static int no_subscription(const struct error *why, struct error *err)
{
	error_set(err, ERROR_USAGE, "which subscription? None was given%s%s",
		why->message ? ", and the kubeconfig's cluster does not tell: " : "",
		why->message ? why->message : "");
	return error_hint(err, "--subscription ID, or AZURE_SUBSCRIPTION_ID; 'az account list' and "
			       "the portal show the ids");
}

int azure_find_subscription(struct azure *azure, struct error *err)
{
	CLEANUP(azure_candidates_clear)
	struct azure_candidates candidates = AZURE_CANDIDATES_INIT;
	struct arm_target *target = &azure->target;
	const struct arm_target *found = NULL;
	autoerror why = ERROR_INIT;

	if (named_subscription(azure, &target->subscription, err) < 0 ||
		(!target->subscription &&
			default_subscription(azure, &target->subscription, err) < 0))
		return -1;
	if (target->subscription)
		return 0;
	if (azure_infer(azure, NULL, &candidates, &why) < 0 ||
		!azure_match(&candidates, target, &found))
		return os_interrupted() ? error_move(err, &why) : no_subscription(&why, err);
	target->subscription = xstrdup(found->subscription);
	azure->inferred = true;
	return 0;
}

/* ---- the type */

static int read_type(struct azure *azure, struct error *err)
{
	const struct azure_flags *flags = azure->flags;
	const struct arm_cluster_type *type;

	if (!flags->type)
		return 0;
	type = arm_cluster_type_find(flags->type);
	if (!type) {
		error_set(err, ERROR_USAGE, "'%s' is no type of cluster", flags->type);
		return error_hint(err, "%s", TYPE_HINT);
	}
	if (flags->provider && strcasecmp(flags->provider, type->provider) != 0)
		return error_set(err, ERROR_USAGE, "%s are of the resource provider %s, not '%s'",
			type->name, type->provider, flags->provider);
	azure->target.type = type;
	return 0;
}

/* There is one of that name as Arc and one as AKS, or only one of them. */
static int ask_type(struct azure *azure, struct error *err)
{
	static const enum arm_type kinds[] = {ARM_CONNECTED_CLUSTERS, ARM_MANAGED_CLUSTERS};
	struct arm_request items[countof(kinds)] = {ARM_REQUEST_INIT, ARM_REQUEST_INIT};
	struct arm_request *requests[] = {&items[0], &items[1]};
	struct arm_target *target = &azure->target;
	struct buf paths[countof(kinds)] = {BUF_INIT, BUF_INIT};
	const struct arm_cluster_type *found[countof(kinds)] = {NULL, NULL};
	int result;

	app_progress(azure->app, "Azure to say what kind of cluster %s is", target->cluster);
	for (size_t i = 0; i < countof(kinds); i++) {
		target->type = arm_cluster_type_find(arm_type_resource(kinds[i]));
		arm_target_path(target, &paths[i]);
		items[i].path = paths[i].ptr;
		items[i].api_version = arm_api_version(azure->arm, kinds[i]);
		items[i].absent_ok = true;
	}
	target->type = NULL;
	result = arm_run(azure->arm, requests, countof(kinds), err);
	for (size_t i = 0; i < countof(kinds); i++) {
		if (result == 0 && items[i].error.kind != ERROR_NONE)
			result = error_move(err, &items[i].error);
		if (items[i].status == 200)
			found[i] = arm_cluster_type_find(arm_type_resource(kinds[i]));
		arm_request_clear(&items[i]);
		buf_clear(&paths[i]);
	}
	if (result < 0)
		return error_wrap(err, "looking for the cluster '%s'", target->cluster);
	if (found[0] && found[1]) {
		error_set(err, ERROR_USAGE,
			"'%s' is the name of an Arc-enabled and of an AKS cluster in %s",
			target->cluster, target->group);
		return error_hint(err, "say which: -t connectedClusters or -t managedClusters");
	}
	target->type = found[0] ? found[0] : found[1];
	if (target->type)
		return 0;
	error_set(err, ERROR_NOT_FOUND,
		"there is no cluster '%s' in resource group '%s', neither Arc-enabled nor AKS",
		target->cluster, target->group);
	return error_hint(
		err, "check -c, -g and --subscription; -t provisionedClusters is to be typed");
}

/* ---- the whole */

/* One line: what was taken from where. */
static void say_inferred(const struct azure *azure, const struct azure_candidates *candidates,
	const struct arm_target *found)
{
	const char *source = candidates->sources[found - candidates->items];
	struct app *app = azure->app;
	autobuf safe = BUF_INIT;
	autobuf text = BUF_INIT;

	buf_addf(&text, "cluster %s (%s) in %s, subscription %s: from ", found->cluster,
		found->type->name, found->group, found->subscription);
	if (candidates->context)
		buf_addf(&text, "context '%s', ", candidates->context);
	buf_adds(&text, source);
	text_safe(&safe, text.ptr);
	app_progress_end(app);
	if (candidates->unknown.kind != ERROR_NONE)
		app_warn(app, "the cluster may have another name in Azure, too: %s",
			candidates->unknown.message);
	fprintf(app->err, "%s\n", safe.ptr);
}

static void add_choice(struct buf *out, const struct arm_target *item)
{
	buf_addf(out, "\n  -g %s -c %s -t %s --subscription %s", item->group, item->cluster,
		item->type->name, item->subscription);
}

static int refuse_candidates(struct azure_candidates *candidates, size_t fitting, struct error *err)
{
	autobuf list = BUF_INIT;

	/* What was given may fit what could not be asked. */
	if (!fitting && candidates->unknown.kind != ERROR_NONE)
		return error_move(err, &candidates->unknown);
	for (size_t i = 0; i < candidates->len; i++)
		add_choice(&list, &candidates->items[i]);
	if (fitting > 1)
		error_set(err, ERROR_USAGE,
			"the kubeconfig's cluster is known to Azure in more than one way:%s",
			list.ptr);
	else if (candidates->len)
		error_set(err, ERROR_USAGE,
			"what was given does not fit the kubeconfig's cluster:%s", list.ptr);
	else
		error_set(err, ERROR_USAGE,
			"which cluster? The kubeconfig's does not say what it is called in Azure");
	return error_hint(err, "%s",
		candidates->len ? "give one of these" : "-g GROUP -c CLUSTER and " TYPE_HINT);
}

static int infer(struct azure *azure, struct error *err)
{
	CLEANUP(azure_candidates_clear)
	struct azure_candidates candidates = AZURE_CANDIDATES_INIT;
	struct arm_target *target = &azure->target;
	const struct arm_target *found = NULL;
	autofree char *subscription = NULL;
	size_t fitting;

	if (named_subscription(azure, &subscription, err) < 0 ||
		(!subscription && default_subscription(azure, &subscription, err) < 0))
		return -1;
	if (azure_infer(azure, subscription, &candidates, err) < 0) {
		if (os_interrupted())
			return -1;
		error_wrap(err, "which cluster? Without -g and -c the kubeconfig's is asked");
		return error_hint(err, "-g GROUP -c CLUSTER and " TYPE_HINT);
	}
	fitting = azure_match(&candidates, target, &found);
	if (fitting != 1)
		return refuse_candidates(&candidates, fitting, err);
	say_inferred(azure, &candidates, found);
	azure->inferred = true;
	str_replace(&target->subscription, found->subscription);
	str_replace(&target->group, found->group);
	str_replace(&target->cluster, found->cluster);
	target->type = found->type;
	return 0;
}

int azure_find_cluster(struct azure *azure, struct error *err)
{
	const struct azure_flags *flags = azure->flags;
	struct arm_target *target = &azure->target;

	target->group = xstrdup_or_null(flags->group);
	target->cluster = xstrdup_or_null(flags->cluster);
	if (read_type(azure, err) < 0 || arm_target_check(target, err) < 0)
		return -1;
	/* The environment's subscription does not say which cluster is meant; a typed one does. */
	if (flags->subscription && named_subscription(azure, &target->subscription, err) < 0)
		return -1;
	if (!target->group || !target->cluster)
		return infer(azure, err);
	if (!target->subscription && named_subscription(azure, &target->subscription, err) < 0)
		return -1;
	if (!target->subscription && default_subscription(azure, &target->subscription, err) < 0)
		return -1;
	if (!target->subscription)
		return infer(azure, err);
	return target->type ? 0 : ask_type(azure, err);
}

int azure_require_typed(const struct azure *azure, struct error *err)
{
	const struct arm_target *target = &azure->target;

	if (!azure->inferred || !azure->flags->yes)
		return 0;
	error_set(err, ERROR_USAGE,
		"with --yes nobody is asked, so the cluster has to be named: it was taken from the "
		"kubeconfig");
	return error_hint(err, "-g %s -c %s -t %s --subscription %s", target->group,
		target->cluster, target->type->name, target->subscription);
}

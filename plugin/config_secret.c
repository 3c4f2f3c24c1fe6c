/* SPDX-License-Identifier: Apache-2.0 */
/* The Secret of --local-auth-ref, looked at in the cluster: names of its keys, no value. */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/url.h"
#include "plugin/config.h"

static struct json_object *read_object(
	struct config *config, const char *path, bool secret, struct error *err)
{
	struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&request};
	struct json_object *object = NULL;

	request.path = path;
	request.secret = secret;
	if (kube_run(config->app->kube, requests, 1, err) == 0) {
		if (request.error.kind != ERROR_NONE)
			error_move(err, &request.error);
		else
			(void)!json_parse(request.reply.ptr, request.reply.len, &object, err);
	}
	buf_wipe(&request.reply);
	kube_request_clear(&request);
	return object;
}

static int judge(struct json_object *properties, struct json_object *secret, struct error *err)
{
	autostrv keys = STRV_INIT;
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(json_get(secret, "data"), &iter))
		strv_push(&keys, iter.key);
	return arm_config_check_secret(properties, json_str(secret, "type"), &keys, err);
}

static int tell(struct config *config, const char *name, const char *namespace, bool unchecked,
	struct error *err)
{
	if (err->kind == ERROR_NOT_FOUND)
		error_set(err, ERROR_FAILED, "it is not there");
	error_wrap(err, "Secret '%s' in namespace '%s'", name, namespace);
	if (!unchecked)
		return error_hint(err, "it has to be in the configuration's namespace; --unchecked "
				       "goes on without it");
	app_warn(config->app, "%s", err->message);
	error_clear(err);
	return 0;
}

int config_check_secret(
	struct config *config, struct json_object *properties, bool unchecked, struct error *err)
{
	const char *member = arm_config_kind_of(properties)->member;
	const char *name = json_str(properties, member, "localAuthRef");
	const char *namespace = json_str(properties, "namespace");
	autobuf path = BUF_INIT;
	autojson struct json_object *secret = NULL;
	autoerror why = ERROR_INIT;

	if (!str_set(name))
		return 0;
	app_progress(config->app, "looking for the Secret '%s'", name);
	buf_adds(&path, "/api/v1/namespaces/");
	url_encode(&path, namespace ? namespace : "default");
	buf_adds(&path, "/secrets/");
	url_encode(&path, name);
	if (azure_cluster_at_hand(config->azure, &why))
		secret = read_object(config, path.ptr, true, &why);
	app_progress_end(config->app);
	if (secret && judge(properties, secret, &why) == 0)
		return 0;
	if (secret || (why.kind == ERROR_NOT_FOUND && config->app->kube &&
			      strstr(why.message, "secrets"))) {
		error_move(err, &why);
		return tell(config, name, namespace ? namespace : "default", unchecked, err);
	}
	app_warn(config->app, "the Secret '%s' was not looked at: %s", name,
		why.message ? why.message : "the cluster could not be asked");
	return 0;
}

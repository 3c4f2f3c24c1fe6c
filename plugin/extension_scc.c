/* SPDX-License-Identifier: Apache-2.0 */
/* OpenShift refuses the controllers' pods without a security context constraint, and the installation then fails
 * after many minutes with words that do not say so. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/access.h"
#include "plugin/extension.h"

/* May the account use one of the constraints? 1 yes, 0 no, -1 it could not be asked. */
static int may_run(struct kube *kube, const char *account)
{
	for (size_t i = 0; i < access_scc_names_count; i++) {
		struct kube_request request = KUBE_REQUEST_INIT;
		struct kube_request *requests[] = {&request};
		autojson struct json_object *answer = NULL;
		autoerror err = ERROR_INIT;
		autobuf body = BUF_INIT;
		bool told;

		access_scc_body(account, access_scc_names[i], &body);
		request.path = ACCESS_SUBJECT_PATH;
		request.body = body.ptr;
		told = kube_run(kube, requests, 1, &err) == 0 && request.error.kind == ERROR_NONE &&
		       json_parse(request.reply.ptr, request.reply.len, &answer, &err) == 0;
		kube_request_clear(&request);
		if (!told)
			return -1;
		if (json_bool(answer, "status", "allowed"))
			return 1;
	}
	return 0;
}

/* -1 with the error where one of them may use none. */
static int check_accounts(struct extension *extension, struct error *err)
{
	for (size_t i = 0; i < access_scc_accounts_count; i++) {
		int allowed = may_run(extension->app->kube, access_scc_accounts[i]);

		if (allowed == 1)
			continue;
		if (allowed < 0) {
			app_warn(extension->app, "this is OpenShift, and whether the controllers "
						 "may run there could not be asked: "
						 "'kubectl flux-arc scc status'");
			return 0;
		}
		error_set(err, ERROR_FAILED,
			"this is OpenShift, where %s of flux-system may use neither SCC nonroot "
			"nor nonroot-v2: "
			"its pods would be refused",
			access_scc_accounts[i]);
		return error_hint(err,
			"kubectl flux-arc scc enable    (--ignore-scc creates it all the same)");
	}
	return 0;
}

int extension_check_scc(struct extension *extension, struct error *err)
{
	autojson struct json_object *group = NULL;
	autoerror why = ERROR_INIT;

	if (extension->opts->ignore_scc || !azure_cluster_at_hand(extension->azure, &why))
		return 0;
	if (kube_get(extension->app->kube, ACCESS_OPENSHIFT_PATH, &group, &why) < 0)
		return 0;
	return check_accounts(extension, err);
}

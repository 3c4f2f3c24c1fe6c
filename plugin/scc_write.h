/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the two objects that give an SCC to the six service accounts. */
#ifndef PLUGIN_SCC_WRITE_H
#define PLUGIN_SCC_WRITE_H

#include "base/base.h"
#include "plugin/scc.h"

/* The ClusterRole and the ClusterRoleBinding as they are now; NULL in `*ret`: not there. Owned. */
int scc_get_role(struct kube *kube, const char *name, struct json_object **ret,
	struct error *err) MUST_CHECK;
int scc_get_binding(struct kube *kube, const char *name, struct json_object **ret,
	struct error *err) MUST_CHECK;
/* Fails where the binding is to another role than its name says. */
int scc_check_binding(struct json_object *binding, const char *name, struct error *err) MUST_CHECK;

/* Make or complete them; who else changes them meanwhile is not overrun. What was done is printed on
 * app->out, as kubectl does. */
int scc_enable(struct app *app, const char *name, bool dry_run, struct error *err) MUST_CHECK;
/* Take the six out of the binding. */
int scc_disable(struct app *app, const char *name, bool dry_run, struct error *err) MUST_CHECK;

#endif

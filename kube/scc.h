/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenShift's security context constraints: who may use one, and the objects that give it. Pure.
 *
 * `oc adm policy add-scc-to-user NAME system:serviceaccount:NS:ACCOUNT` (oc 4.5 and newer) makes the
 * ClusterRole "system:openshift:scc:NAME" if it is absent, and adds a subject to the ClusterRoleBinding of
 * the same name. Older ones wrote `.users` of the SecurityContextConstraints. Source: openshift/oc,
 * pkg/cli/admin/policy/modify_scc.go and modify_roles.go.
 */
#ifndef KUBE_SCC_H
#define KUBE_SCC_H

#include "base/base.h"
#include "base/strv.h"

struct json_object;

#define SCC_GROUP "security.openshift.io"
#define SCC_LIST_PATH "/apis/" SCC_GROUP "/v1/securitycontextconstraints"
#define SCC_NAMESPACE "flux-system" /* of the service accounts in kube/access.h */
#define SCC_ROLE_PREFIX "system:openshift:scc:"

/* Nothing that could leave its place in a URL or in a role's name. */
bool scc_name_valid(const char *name);
/* A Role or ClusterRole has a rule that lets its holders use the SCC; `scc` NULL: any. */
bool scc_role_uses(struct json_object *role, const char *scc);
/* A subject of a binding means this service account: by its name, as a user, or by one of its groups. */
bool scc_subject_is(struct json_object *subject, const char *account);
/* A binding has such a subject for this account; NULL: for any of the six. */
bool scc_binding_has(struct json_object *binding, const char *account);
/* The SCC itself names the account: "users" or "groups"; NULL: it does not. */
const char *scc_names_account(struct json_object *scc, const char *account);

/* The objects that oc makes; owned by the caller. A binding with all six accounts. */
struct json_object *scc_new_role(const char *scc);
struct json_object *scc_new_binding(const char *scc);
/* The binding is one to the ClusterRole of this SCC. */
bool scc_binding_is(struct json_object *binding, const char *scc);
/* Add those of the six subjects that are missing, or take all of them out; each changed one's name is
 * appended. What others bound stays. */
void scc_binding_add(struct json_object *binding, struct strv *changed);
void scc_binding_remove(struct json_object *binding, struct strv *changed);
/* Nobody is left in it, and nobody asked that it be kept (annotation autoupdate=false, as oc has it). */
bool scc_binding_is_over(struct json_object *binding);

#endif

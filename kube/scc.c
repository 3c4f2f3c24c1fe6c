/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/access.h"
#include "kube/scc.h"

#define RBAC "rbac.authorization.k8s.io"
#define RESOURCE "securitycontextconstraints"
#define AUTOUPDATE "rbac.authorization.kubernetes.io/autoupdate"
#define ACCOUNT_PREFIX "system:serviceaccount:" SCC_NAMESPACE ":"

bool scc_name_valid(const char *name)
{
	return str_set(name) && strlen(name) <= 253 &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.")];
}

/* ---- who may use one */

static bool list_has(struct json_object *list, const char *text)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (streq(json_text(json_item(list, i)), text))
			return true;
	return false;
}

static bool list_has_or_all(struct json_object *list, const char *text)
{
	return list_has(list, text) || list_has(list, "*");
}

static bool rule_uses(struct json_object *rule, const char *scc)
{
	struct json_object *names = json_get(rule, "resourceNames");

	return list_has_or_all(json_get(rule, "verbs"), "use") &&
	       list_has_or_all(json_get(rule, "apiGroups"), SCC_GROUP) &&
	       list_has_or_all(json_get(rule, "resources"), RESOURCE) &&
	       (!scc || !json_len(names) || list_has(names, scc));
}

bool scc_role_uses(struct json_object *role, const char *scc)
{
	struct json_object *rules = json_get(role, "rules");

	for (size_t i = 0; i < json_len(rules); i++)
		if (rule_uses(json_item(rules, i), scc))
			return true;
	return false;
}

static bool user_is(const char *user, const char *account)
{
	return user && starts_with(user, ACCOUNT_PREFIX) &&
	       streq(user + strlen(ACCOUNT_PREFIX), account);
}

/* Groups that every service account of the namespace is in. */
static bool group_is(const char *group)
{
	return streq(group, "system:serviceaccounts:" SCC_NAMESPACE) ||
	       streq(group, "system:serviceaccounts") || streq(group, "system:authenticated");
}

bool scc_subject_is(struct json_object *subject, const char *account)
{
	const char *kind = json_str(subject, "kind");
	const char *name = json_str(subject, "name");

	if (streq(kind, "ServiceAccount"))
		return streq(name, account) && streq(json_str(subject, "namespace"), SCC_NAMESPACE);
	return streq(kind, "User") ? user_is(name, account)
				   : streq(kind, "Group") && group_is(name);
}

bool scc_binding_has(struct json_object *binding, const char *account)
{
	struct json_object *subjects = json_get(binding, "subjects");

	if (!account) {
		for (size_t i = 0; i < access_scc_accounts_count; i++)
			if (scc_binding_has(binding, access_scc_accounts[i]))
				return true;
		return false;
	}
	for (size_t i = 0; i < json_len(subjects); i++)
		if (scc_subject_is(json_item(subjects, i), account))
			return true;
	return false;
}

const char *scc_names_account(struct json_object *scc, const char *account)
{
	struct json_object *users = json_get(scc, "users");
	struct json_object *groups = json_get(scc, "groups");

	for (size_t i = 0; i < json_len(users); i++)
		if (user_is(json_text(json_item(users, i)), account))
			return "users";
	for (size_t i = 0; i < json_len(groups); i++)
		if (group_is(json_text(json_item(groups, i))))
			return "groups";
	return NULL;
}

/* ---- what gives it */

static struct json_object *new_object(const char *kind, const char *scc)
{
	struct json_object *object = json_new_object();
	struct json_object *metadata = json_new_object();
	autofree char *name = xasprintf(SCC_ROLE_PREFIX "%s", scc);

	json_set_str(object, "apiVersion", RBAC "/v1");
	json_set_str(object, "kind", kind);
	json_set_str(metadata, "name", name);
	json_set(object, "metadata", metadata);
	return object;
}

static void set_list_of_one(struct json_object *object, const char *key, const char *text)
{
	struct json_object *list = json_new_array();

	json_push(list, json_new_string(text));
	json_set(object, key, list);
}

struct json_object *scc_new_role(const char *scc)
{
	struct json_object *role = new_object("ClusterRole", scc);
	struct json_object *rules = json_new_array();
	struct json_object *rule = json_new_object();

	set_list_of_one(rule, "apiGroups", SCC_GROUP);
	set_list_of_one(rule, "resourceNames", scc);
	set_list_of_one(rule, "resources", RESOURCE);
	set_list_of_one(rule, "verbs", "use");
	json_push(rules, rule);
	json_set(role, "rules", rules);
	return role;
}

struct json_object *scc_new_binding(const char *scc)
{
	struct json_object *binding = new_object("ClusterRoleBinding", scc);
	struct json_object *role = json_new_object();
	autostrv added = STRV_INIT;

	json_set_str(role, "apiGroup", RBAC);
	json_set_str(role, "kind", "ClusterRole");
	json_set_str(role, "name", json_str(binding, "metadata", "name"));
	json_set(binding, "roleRef", role);
	scc_binding_add(binding, &added);
	return binding;
}

bool scc_binding_is(struct json_object *binding, const char *scc)
{
	autofree char *name = xasprintf(SCC_ROLE_PREFIX "%s", scc);

	return streq(json_str(binding, "roleRef", "kind"), "ClusterRole") &&
	       streq(json_str(binding, "roleRef", "name"), name);
}

/* The subject is one that scc_binding_add() makes: its account, or NULL. */
static const char *own_account(struct json_object *subject)
{
	for (size_t i = 0; i < access_scc_accounts_count; i++)
		if (streq(json_str(subject, "kind"), "ServiceAccount") &&
			scc_subject_is(subject, access_scc_accounts[i]))
			return access_scc_accounts[i];
	return NULL;
}

static bool has_own(struct json_object *subjects, const char *account)
{
	for (size_t i = 0; i < json_len(subjects); i++)
		if (streq(own_account(json_item(subjects, i)), account))
			return true;
	return false;
}

static struct json_object *new_subject(const char *account)
{
	struct json_object *subject = json_new_object();

	json_set_str(subject, "kind", "ServiceAccount");
	json_set_str(subject, "name", account);
	json_set_str(subject, "namespace", SCC_NAMESPACE);
	return subject;
}

void scc_binding_add(struct json_object *binding, struct strv *changed)
{
	if (json_kind(json_get(binding, "subjects")) != JSON_ARRAY)
		json_set(binding, "subjects", json_new_array());
	for (size_t i = 0; i < access_scc_accounts_count; i++) {
		struct json_object *subjects = json_get(binding, "subjects");

		if (has_own(subjects, access_scc_accounts[i]))
			continue;
		json_push(subjects, new_subject(access_scc_accounts[i]));
		strv_push(changed, access_scc_accounts[i]);
	}
}

void scc_binding_remove(struct json_object *binding, struct strv *changed)
{
	struct json_object *subjects = json_get(binding, "subjects");
	struct json_object *rest = json_new_array();

	for (size_t i = 0; i < json_len(subjects); i++) {
		const char *account = own_account(json_item(subjects, i));

		if (account)
			strv_push(changed, account);
		else
			json_push(rest, json_ref(json_item(subjects, i)));
	}
	json_set(binding, "subjects", rest);
}

bool scc_binding_is_over(struct json_object *binding)
{
	return !json_len(json_get(binding, "subjects")) &&
	       !streq(json_str(binding, "metadata", "annotations", AUTOUPDATE), "false");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several files read as one: per name the first file's entry stands as a whole, and of
 * current-context the first value that says something.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "kube/kubeconfig.h"

const char *kubeconfig_current_context(const struct kubeconfig_set *set)
{
	for (size_t i = 0; i < set->len; i++) {
		if (str_set(set->files[i].current_context))
			return set->files[i].current_context;
	}
	return NULL;
}

/* Move the entry called `name` out of a list; its place stays, empty and without that name. */
static bool take_entry(
	const struct schema *schema, const struct schema_list *list, const char *name, void *ret)
{
	for (size_t i = 0; i < list->len; i++) {
		void *entry = schema_item(schema, list, i);
		char *found;

		memcpy(&found, entry, sizeof(found));
		if (!streq(found ? found : "", name))
			continue;
		memcpy(ret, entry, schema->size);
		schema_init(schema, entry);
		return true;
	}
	return false;
}

bool kubeconfig_take_context(
	struct kubeconfig_set *set, const char *name, struct kubeconfig_context *ret)
{
	schema_init(&kubeconfig_context_schema, ret);
	for (size_t i = 0; i < set->len; i++) {
		if (take_entry(&kubeconfig_context_schema, &set->files[i].contexts,
			    name ? name : "", ret))
			return true;
	}
	return false;
}

/* A relative path is meant against the directory of its file. */
static void resolve(char **path, const char *file)
{
	autofree char *relative = NULL;
	autofree char *folder = NULL;
	autofree char *base = NULL;

	if (!str_set(*path) || **path == '/')
		return;
	relative = *path;
	folder = os_dirname(file);
	base = os_absolute(folder, NULL);
	*path = os_absolute(relative, base);
}

bool kubeconfig_take_cluster(
	struct kubeconfig_set *set, const char *name, struct kubeconfig_cluster *ret)
{
	schema_init(&kubeconfig_cluster_schema, ret);
	for (size_t i = 0; i < set->len; i++) {
		if (!take_entry(&kubeconfig_cluster_schema, &set->files[i].clusters,
			    name ? name : "", ret))
			continue;
		resolve(&ret->ca_file, set->files[i].path);
		return true;
	}
	return false;
}

bool kubeconfig_take_user(struct kubeconfig_set *set, const char *name, struct kubeconfig_user *ret)
{
	schema_init(&kubeconfig_user_schema, ret);
	for (size_t i = 0; i < set->len; i++) {
		const char *file = set->files[i].path;

		if (!take_entry(
			    &kubeconfig_user_schema, &set->files[i].users, name ? name : "", ret))
			continue;
		resolve(&ret->cert_file, file);
		resolve(&ret->key_file, file);
		resolve(&ret->token_file, file);
		/* A command without a slash is looked up on PATH. */
		if (ret->exec && ret->exec->command && strchr(ret->exec->command, '/'))
			resolve(&ret->exec->command, file);
		return true;
	}
	return false;
}

void kubeconfig_context_names(const struct kubeconfig_set *set, struct strv *ret)
{
	autostrv all = STRV_INIT;

	for (size_t i = 0; i < set->len; i++) {
		const struct schema_list *list = &set->files[i].contexts;
		struct kubeconfig_context *context = list->items;

		for (size_t j = 0; j < list->len; j++) {
			if (str_set(context[j].name))
				strv_push(&all, context[j].name);
		}
	}
	strv_sort(&all);
	for (size_t i = 0; i < all.len; i++) {
		if (i == 0 || !streq(all.items[i], all.items[i - 1]))
			strv_push(ret, all.items[i]);
	}
}

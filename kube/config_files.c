/* SPDX-License-Identifier: Apache-2.0 */
/* Which kubeconfig files count (client-go tools/clientcmd/loader.go), and reading them. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "base/yaml.h"
#include "kube/kubeconfig.h"

void kubeconfig_set_clear(struct kubeconfig_set *set)
{
	for (size_t i = 0; i < set->len; i++)
		kubeconfig_clear(&set->files[i]);
	free(set->files);
	strv_clear(&set->missing);
	*set = (struct kubeconfig_set)KUBECONFIG_SET_INIT;
}

/* KUBECONFIG, split; empty elements are skipped, of equal ones the first counts. */
static void split_list(const char *list, struct strv *ret)
{
	autostrv all = STRV_INIT;

	strv_split(&all, list, OS_PATH_LIST_SEPARATOR, false);
	for (size_t i = 0; i < all.len; i++) {
		if (!strv_contains(ret, all.items[i]))
			strv_push(ret, all.items[i]);
	}
}

static void list_files(struct strv *ret)
{
	const char *list = os_env("KUBECONFIG");
	autofree char *home = NULL;

	if (list) {
		split_list(list, ret);
		return;
	}
	home = os_home();
	/* Without HOME client-go looks below the working directory. */
	strv_push_owned(ret, home ? os_absolute(".kube/config", home) : xstrdup(".kube/config"));
}

/*
 * One file into the set. `*missing` is set, and nothing added, if it does not exist. The error is
 * without the file's name.
 */
static int load_file(struct kubeconfig_set *set, const char *path, bool *missing, struct error *err)
{
	autobuf text = BUF_INIT;
	struct kubeconfig config;
	int result;

	*missing = false;
	if (os_read_file(path, YAML_MAX_BYTES, &text, err) < 0) {
		*missing = err->kind == ERROR_NOT_FOUND;
		return -1;
	}
	kubeconfig_init(&config);
	config.path = xstrdup(path);
	result = kubeconfig_parse(&config, text.ptr, text.len, err);
	if (result < 0) {
		kubeconfig_clear(&config);
		return -1;
	}
	set->files = xreallocarray(set->files, set->len + 1, sizeof(*set->files));
	set->files[set->len++] = config;
	return 0;
}

static int load_all(struct kubeconfig_set *set, const struct strv *paths, struct error *err)
{
	autostrv failures = STRV_INIT;
	autofree char *lines = NULL;

	for (size_t i = 0; i < paths->len; i++) {
		autoerror failure = ERROR_INIT;
		bool missing;

		if (load_file(set, paths->items[i], &missing, &failure) == 0)
			continue;
		if (missing)
			strv_push(&set->missing, paths->items[i]);
		else
			strv_pushf(&failures, "error loading config file \"%s\": %s",
				paths->items[i], failure.message);
	}
	if (failures.len == 0)
		return 0;
	lines = strv_join(&failures, "\n");
	return error_set(err, ERROR_CONFIG, "%s", lines);
}

int kubeconfig_set_load(struct kubeconfig_set *set, const char *path, struct error *err)
{
	autostrv paths = STRV_INIT;

	if (!str_set(path)) {
		list_files(&paths);
		return load_all(set, &paths, err);
	}
	strv_push(&paths, path);
	if (load_all(set, &paths, err) < 0)
		return -1;
	if (set->missing.len)
		return error_set(err, ERROR_CONFIG, "stat %s: no such file or directory", path);
	return 0;
}

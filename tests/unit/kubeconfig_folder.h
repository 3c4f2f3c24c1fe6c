/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of kube/config_*.c share: a folder, a bare environment, and resolving. */
#ifndef TESTS_UNIT_KUBECONFIG_FOLDER_H
#define TESTS_UNIT_KUBECONFIG_FOLDER_H

#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/strv.h"
#include "kube/config.h"
#include "kube/resolution.h"

/* A folder of its own for each test, which is the working directory too. */
struct fixture {
	char folder[64];
};

static const char *const variables[] = {"KUBECONFIG", "KUBERNETES_MASTER",
	"KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "POD_NAMESPACE", "HTTPS_PROXY",
	"https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"};

static inline int set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));

	memcpy(fixture->folder, "/tmp/kube_config.XXXXXX", 24);
	if (!mkdtemp(fixture->folder) || chdir(fixture->folder) < 0)
		return -1;
	for (size_t i = 0; i < countof(variables); i++)
		unsetenv(variables[i]);
	setenv("HOME", fixture->folder, 1);
	*state = fixture;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *fixture = *state;
	autofree char *command = xasprintf("rm -rf '%s'", fixture->folder);

	if (chdir("/") < 0 || system(command) != 0)
		return -1;
	free(fixture);
	return 0;
}

static inline void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* Resolve with `flags`; the error's message, owned, or NULL. */
static inline char *resolve(const struct kube_flags *flags, struct kube_target *target)
{
	struct error err = ERROR_INIT;
	char *message;

	if (kube_target_resolve(flags, target, &err) == 0)
		return NULL;
	assert_int_equal(error_exit_status(err.kind), 1);
	message = xstrdup(err.message);
	error_clear(&err);
	return message;
}

static inline void assert_fails(const struct kube_flags *flags, const char *wanted)
{
	struct kube_target target;
	autofree char *message = resolve(flags, &target);

	assert_non_null(message);
	assert_string_equal(message, wanted);
}

static inline void assert_resolves(const struct kube_flags *flags, struct kube_target *target)
{
	autofree char *message = resolve(flags, target);

	if (message)
		print_error("%s\n", message);
	assert_null(message);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#define CLUSTER "clusters: [{name: oak, cluster: {server: 'https://h:1'}}]\n"
#define USER "users: [{name: ivy, user: {token: t}}]\n"
#define CONTEXT "contexts: [{name: k, context: {cluster: oak, user: ivy}}]\ncurrent-context: k\n"

#endif

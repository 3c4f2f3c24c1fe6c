/* SPDX-License-Identifier: Apache-2.0 */
#include "kubeconfig_folder.h"

/* ---- files */

static void test_first_file_wins_with_its_whole_entry(void **state)
{
	const struct kube_flags flags = {.kubeconfig = NULL};
	struct kube_target target;

	(void)state;
	mkdir("d", 0700);
	write_file("d/1",
		"clusters: [{name: oak, cluster: {tls-server-name: one}}]\nusers: [{name: ivy, "
		"user: {exec: {command: ./p, apiVersion: "
		"client.authentication.k8s.io/v1beta1}}}]\n");
	write_file("2", "clusters: [{name: oak, cluster: {server: 'https://two'}}]\n" USER CONTEXT);
	setenv("KUBECONFIG", "gone:d/1::2:d/1", 1);
	assert_fails(&flags, "no server found for cluster \"oak\"");
	setenv("KUBECONFIG", "2:d/1", 1);
	assert_resolves(&flags, &target);
	assert_string_equal(target.server, "https://two");
	assert_null(target.tls_server_name);
	assert_null(target.exec.command);
	kube_target_clear(&target);
}

static void test_paths_belong_to_their_file(void **state)
{
	struct fixture *fixture = *state;
	const struct kube_flags flags = {.kubeconfig = "d/../d/a"};
	struct kube_target target;
	autofree char *wanted = xasprintf("%s/p.sh", fixture->folder);

	mkdir("d", 0700);
	write_file("d/a", "users: [{name: ivy, user: {exec: {command: ../d/.././p.sh, apiVersion: "
			  "client.authentication.k8s.io/v1beta1}}}]\n" CLUSTER CONTEXT);
	assert_resolves(&flags, &target);
	assert_string_equal(target.exec.command, wanted);
	assert_string_equal(target.exec.interactive_mode, "IfAvailable");
	kube_target_clear(&target);
	write_file("d/a", "users: [{name: ivy, user: {exec: {command: p.sh, apiVersion: "
			  "client.authentication.k8s.io/v1beta1}}}]\n" CLUSTER CONTEXT);
	assert_resolves(&flags, &target);
	assert_string_equal(target.exec.command, "p.sh");
	kube_target_clear(&target);
}

static void test_files_that_are_not_there(void **state)
{
	const struct kube_flags named = {.kubeconfig = "gone"};
	const struct kube_flags none = {.kubeconfig = NULL};

	(void)state;
	assert_fails(&named, "stat gone: no such file or directory");
	setenv("HOME", "/gone/x", 1);
	assert_fails(&none, "no configuration has been provided: there is no file "
			    "/gone/x/.kube/config");
	setenv("KUBECONFIG", "no1:no2", 1);
	assert_fails(&none, "no configuration has been provided: there is no file no1, no2");
	setenv("KUBECONFIG", ":", 1);
	assert_fails(&none, "no configuration has been provided");
	write_file("bad1", "kind: Foo");
	write_file("bad2", "[");
	setenv("KUBECONFIG", "bad1:.:bad2", 1);
	assert_fails(&none,
		"error loading config file \"bad1\": no kind \"Foo\" is registered for version "
		"\"v1\" in scheme \"pkg/runtime/scheme.go:111\"\nerror loading config file "
		"\".\": read .: is a directory\nerror loading config file \"bad2\": yaml: "
		"line 1: did not find expected node content");
}

/* ---- the server's address */

struct server_row {
	const char *given, *url;
	bool https;
};

/* clang-format off */
static const struct server_row server_rows[] = {
	{"https://h", "https://h", true},
	{"https://h:6443/", "https://h:6443", true},
	{"HTTPS://h:6443/a/b/?q#f", "https://h:6443/a/b", true},
	{"http://h?x=1", "http://h", false},
	{"h:8080", "http://h:8080", false},
	{"h", "http://h", false},
	{"h/", "http://h", false},
	{"127.0.0.1:80", "http://127.0.0.1:80", false},
	{"[::1]:80", "http://[::1]:80", false},
	{"https://[fd00::1]:443/p", "https://[fd00::1]:443/p", true},
	{"https://u:p@h/x", "https://h/x", true},
	{"https://h/a%20b", "https://h/a%20b", true},
	{"https://", NULL, false},
	{"https://h:port", NULL, false},
	{"", NULL, false},
	{"a b", NULL, false},
};
/* clang-format on */

static void test_server_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(server_rows); i++) {
		CLEANUP(server_clear) struct server server;
		autoerror err = ERROR_INIT;
		int result = server_parse(server_rows[i].given, &server, &err);

		if (!server_rows[i].url) {
			assert_int_equal(result, -1);
			continue;
		}
		assert_int_equal(result, 0);
		assert_string_equal(server.url, server_rows[i].url);
		assert_int_equal(server.https, server_rows[i].https);
	}
}

static void test_timeouts(void **state)
{
	static const struct {
		const char *text;
		int64_t ns; /* -1: refused */
	} rows[] = {{"0", 0}, {"90", INT64_C(90000000000)}, {"1.5h", INT64_C(5400000000000)},
		{"1m30s", INT64_C(90000000000)}, {"250ms", 250000000}, {"-5s", 0}, {"-5", -1},
		{"abc", -1}, {"5 s", -1}, {"99999999999999999999", -1}, {"0x5", -1},
		{"9223372036", INT64_C(9223372036000000000)}, {"9223372037", -1}};

	(void)state;
	write_file("a", CLUSTER USER CONTEXT);
	for (size_t i = 0; i < countof(rows); i++) {
		const struct kube_flags flags = {
			.kubeconfig = "a", .request_timeout = rows[i].text};
		struct kube_target target;
		autofree char *message = resolve(&flags, &target);

		if (rows[i].ns < 0) {
			assert_non_null(message);
			assert_true(starts_with(message, "Invalid timeout value."));
			continue;
		}
		assert_null(message);
		assert_int_equal(target.timeout_ns, rows[i].ns);
		kube_target_clear(&target);
	}
}

/* ---- flags over files */

static void test_server_flag_drops_the_name(void **state)
{
	const struct kube_flags rows[] = {
		{.kubeconfig = "a"},
		{.kubeconfig = "a", .server = "https://h:2"},
		{.kubeconfig = "a", .server = "https://h:2", .tls_server_name = "y"},
		{.kubeconfig = "a", .tls_server_name = "y"},
	};
	static const char *const names[] = {"x", NULL, "y", "y"};

	(void)state;
	write_file("a", "clusters: [{name: oak, cluster: {server: 'https://h:1', tls-server-name: "
			"x, proxy-url: "
			"'http://p:1'}}]\n" USER CONTEXT);
	for (size_t i = 0; i < countof(rows); i++) {
		struct kube_target target;

		assert_resolves(&rows[i], &target);
		assert_true(streq(target.tls_server_name, names[i]));
		assert_string_equal(target.proxy, "http://p:1");
		kube_target_clear(&target);
	}
}

static void test_impersonation_merges(void **state)
{
	struct kube_flags flags = {.kubeconfig = "a", .as_extra = STRV_INIT};
	struct kube_target target;
	autofree char *extra = NULL;

	(void)state;
	write_file("a",
		"users: [{name: ivy, user: {as: zoe, as-groups: [g], as-user-extra: {k=: ['1'], "
		"both: ['2', '3']}}}]\n" CLUSTER CONTEXT);
	strv_push(&flags.as_extra, "both=4=5");
	strv_push(&flags.as_extra, "ignored");
	assert_resolves(&flags, &target);
	extra = strv_join(&target.impersonate_extra, "|");
	assert_string_equal(extra, "k=|1|both|4=5");
	assert_string_equal(target.impersonate_user, "zoe");
	assert_int_equal(target.impersonate_groups.len, 1);
	kube_target_clear(&target);
	strv_clear(&flags.as_extra);
}

static void test_nothing_secret_over_http(void **state)
{
	const struct kube_flags flags = {.kubeconfig = "a", .server = "http://h"};
	struct kube_target target;

	(void)state;
	write_file("a", "users: [{name: ivy, user: {token: t, as: zoe, auth-provider: {name: "
			"gcp}}}]\n" CLUSTER CONTEXT);
	assert_resolves(&flags, &target);
	assert_false(target.https);
	assert_null(target.token);
	assert_string_equal(target.impersonate_user, "zoe");
	kube_target_clear(&target);
}

static void test_user_in_the_address(void **state)
{
	const struct kube_flags flags = {.kubeconfig = "a", .server = "https://u:p@h/x"};
	const struct kube_flags plain = {.kubeconfig = "a", .server = "http://u:p@h/x"};
	struct kube_target target;

	(void)state;
	write_file("a", CLUSTER USER CONTEXT);
	assert_resolves(&flags, &target);
	assert_string_equal(target.server, "https://h/x");
	assert_string_equal(target.username, "u");
	assert_string_equal(target.password, "p");
	assert_null(target.token);
	kube_target_clear(&target);
	assert_resolves(&plain, &target);
	assert_null(target.username);
	kube_target_clear(&target);
}

static void test_proxy_of_the_environment(void **state)
{
	const struct kube_flags flags = {.kubeconfig = "a"};
	struct kube_target target;

	(void)state;
	write_file("a", CLUSTER USER CONTEXT);
	setenv("HTTPS_PROXY", "p:3128", 1);
	assert_resolves(&flags, &target);
	assert_string_equal(target.proxy, "http://p:3128");
	kube_target_clear(&target);
	setenv("NO_PROXY", "h", 1);
	assert_resolves(&flags, &target);
	assert_string_equal(target.proxy, "");
	kube_target_clear(&target);
}

static void test_kubernetes_master(void **state)
{
	const struct kube_flags flags = {.kubeconfig = NULL};
	struct kube_target target;

	(void)state;
	setenv("KUBERNETES_MASTER", "http://m:8080", 1);
	assert_resolves(&flags, &target);
	assert_string_equal(target.server, "http://m:8080");
	kube_target_clear(&target);
}

/* ---- in a pod */

struct pod_row {
	struct kube_flags flags;
	const char *file;          /* kubeconfig, or NULL */
	const char *pod_namespace; /* environment */
	const char *server, *token, *namespace;
};

/* clang-format off */
static const struct pod_row pod_rows[] = {
	{{.token = NULL}, NULL, NULL, "https://10.0.0.1:443", "st", "sn"},
	{{.namespace = "zz"}, NULL, "pn", "https://10.0.0.1:443", "st", "zz"},
	{{.token = NULL}, NULL, "pn", "https://10.0.0.1:443", "st", "pn"},
	{{.token = "cli"}, NULL, NULL, "https://10.0.0.1:443", "cli", "sn"},
	{{.as = "carol", .request_timeout = "5"}, NULL, NULL, "https://10.0.0.1:443", "st", "sn"},
	{{.server = "https://h", .token = "cli"}, NULL, NULL, "https://h", "cli", "sn"},
	{{.server = "https://h"}, NULL, NULL, "https://h", NULL, "sn"},
	{{.token = NULL}, CLUSTER USER CONTEXT, NULL, "https://h:1", "t", "sn"},
	{{.token = NULL}, CLUSTER USER "contexts: [{name: k, context: {cluster: oak, user: ivy, namespace: default}}]\ncurrent-context: k\n", NULL, "https://h:1", "t", "default"},
	{{.token = NULL}, CLUSTER USER, NULL, "https://10.0.0.1:443", "st", "sn"},
	{{.token = NULL}, USER CONTEXT, NULL, "https://10.0.0.1:443", "st", "sn"},
};
/* clang-format on */

static void test_in_a_pod(void **state)
{
	(void)state;
	mkdir("account", 0700);
	write_file("account/token", "st\n");
	write_file("account/namespace", " sn\n");
	kube_service_account_folder = "account";
	setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
	setenv("KUBERNETES_SERVICE_PORT", "443", 1);
	for (size_t i = 0; i < countof(pod_rows); i++) {
		const struct pod_row *row = &pod_rows[i];
		struct kube_flags flags = row->flags;
		struct kube_target target;

		if (row->file)
			write_file("a", row->file);
		flags.kubeconfig = row->file ? "a" : NULL;
		setenv("POD_NAMESPACE", row->pod_namespace ? row->pod_namespace : "", 1);
		assert_resolves(&flags, &target);
		assert_string_equal(target.server, row->server);
		assert_true(streq(target.token, row->token));
		assert_string_equal(target.namespace, row->namespace);
		assert_true(streq(target.impersonate_user, row->flags.as));
		kube_target_clear(&target);
	}
}

static void test_pod_needs_both_variables(void **state)
{
	const struct kube_flags flags = {.kubeconfig = NULL};

	(void)state;
	mkdir("account", 0700);
	kube_service_account_folder = "account";
	setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
	setenv("KUBERNETES_SERVICE_PORT", "443", 1);
	setenv("KUBECONFIG", "gone", 1);
	assert_fails(&flags, "no configuration has been provided: there is no file gone");
	write_file("account/token", "st");
	struct kube_target target;
	assert_resolves(&flags, &target);
	assert_string_equal(target.server, "https://[fd00::1]:443");
	assert_true(target.in_cluster);
	kube_target_clear(&target);
	setenv("KUBERNETES_SERVICE_PORT", "", 1);
	assert_fails(&flags, "no configuration has been provided: there is no file gone");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_file_wins_with_its_whole_entry),
		TEST(test_paths_belong_to_their_file),
		TEST(test_files_that_are_not_there),
		TEST(test_server_addresses),
		TEST(test_timeouts),
		TEST(test_server_flag_drops_the_name),
		TEST(test_impersonation_merges),
		TEST(test_nothing_secret_over_http),
		TEST(test_user_in_the_address),
		TEST(test_proxy_of_the_environment),
		TEST(test_kubernetes_master),
		TEST(test_in_a_pod),
		TEST(test_pod_needs_both_variables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "kubeconfig_folder.h"

/* ---- typing */

struct load_row {
	const char *text, *error; /* the cause, after `error loading config file "a": ` */
};

#define STRUCT_FIELD "json: cannot unmarshal "
#define NO_OBJECT                                            \
	" into Go value of type struct { APIVersion string " \
	"\"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }"
#define IN_CLUSTER(entry) "clusters: [{name: a, cluster: {" entry "}}]"
#define IN_USER(entry) "users: [{name: a, user: {" entry "}}]"

/* clang-format off */
static const struct load_row load_rows[] = {
	{"bogus value", "couldn't get version/kind; json parse error: json: cannot unmarshal string" NO_OBJECT},
	{"- a", "couldn't get version/kind; json parse error: json: cannot unmarshal array" NO_OBJECT},
	{"42", "couldn't get version/kind; json parse error: json: cannot unmarshal number" NO_OBJECT},
	{"kind: 3", "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string"},
	{"apiVersion: 1", "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .apiVersion of type string"},
	{"apiVersion: a/b/c", "unexpected GroupVersion string: a/b/c"},
	{"kind: Foo", "no kind \"Foo\" is registered for version \"v1\" in scheme \"pkg/runtime/scheme.go:111\""},
	{"apiVersion: v2", "no kind \"Config\" is registered for version \"v2\" in scheme \"pkg/runtime/scheme.go:111\""},
	{"clusters: {}", STRUCT_FIELD "object into Go struct field Config.clusters of type []v1.NamedCluster"},
	{"clusters: [a]", STRUCT_FIELD "string into Go struct field Config.clusters of type v1.NamedCluster"},
	{"clusters: [{name: 42}]", STRUCT_FIELD "number into Go struct field NamedCluster.clusters.name of type string"},
	{"clusters: [{name: a, cluster: []}]", STRUCT_FIELD "array into Go struct field NamedCluster.clusters.cluster of type v1.Cluster"},
	{IN_CLUSTER("server: [1]"), STRUCT_FIELD "array into Go struct field Cluster.clusters.cluster.server of type string"},
	{IN_CLUSTER("server: on"), STRUCT_FIELD "bool into Go struct field Cluster.clusters.cluster.server of type string"},
	{IN_CLUSTER("server: 1, insecure-skip-tls-verify: 3"), STRUCT_FIELD "number into Go struct field Cluster.clusters.cluster.insecure-skip-tls-verify of type bool"},
	{IN_CLUSTER("insecure-skip-tls-verify: \"true\""), STRUCT_FIELD "string into Go struct field Cluster.clusters.cluster.insecure-skip-tls-verify of type bool"},
	{IN_CLUSTER("certificate-authority-data: 1"), STRUCT_FIELD "number into Go struct field Cluster.clusters.cluster.certificate-authority-data of type []uint8"},
	{IN_CLUSTER("certificate-authority-data: [a]"), STRUCT_FIELD "string into Go struct field Cluster.clusters.cluster.certificate-authority-data of type uint8"},
	{IN_CLUSTER("certificate-authority-data: {}"), STRUCT_FIELD "object into Go struct field Cluster.clusters.cluster.certificate-authority-data of type []uint8"},
	{IN_CLUSTER("certificate-authority-data: Zm9v!"), "illegal base64 data at input byte 4"},
	{IN_CLUSTER("certificate-authority-data: Zm9vYg"), "illegal base64 data at input byte 4"},
	{IN_CLUSTER("extensions: [{name: 3}]"), STRUCT_FIELD "number into Go struct field NamedExtension.clusters.cluster.extensions.name of type string"},
	{IN_CLUSTER("extensions: [{name: e, extension: 1}, {name: e, extension: 2}]"), "error converting *[]NamedExtension into *map[string]runtime.Object: duplicate name \"e\" in list"},
	{IN_USER("token: 42"), STRUCT_FIELD "number into Go struct field AuthInfo.users.user.token of type string"},
	{IN_USER("as-groups: x"), STRUCT_FIELD "string into Go struct field AuthInfo.users.user.as-groups of type []string"},
	{IN_USER("as-groups: [1]"), STRUCT_FIELD "number into Go struct field AuthInfo.users.user.as-groups of type string"},
	{IN_USER("as-user-extra: []"), STRUCT_FIELD "array into Go struct field AuthInfo.users.user.as-user-extra of type map[string][]string"},
	{IN_USER("as-user-extra: {k: v}"), STRUCT_FIELD "string into Go struct field AuthInfo.users.user.as-user-extra of type []string"},
	{IN_USER("as-user-extra: {k: [1]}"), STRUCT_FIELD "number into Go struct field AuthInfo.users.user.as-user-extra of type string"},
	{IN_USER("auth-provider: 42"), STRUCT_FIELD "number into Go struct field AuthInfo.users.user.auth-provider of type v1.AuthProviderConfig"},
	{IN_USER("auth-provider: {config: 1}"), STRUCT_FIELD "number into Go struct field AuthProviderConfig.users.user.auth-provider.config of type map[string]string"},
	{IN_USER("auth-provider: {config: {k: 1}}"), STRUCT_FIELD "number into Go struct field AuthProviderConfig.users.user.auth-provider.config of type string"},
	{IN_USER("exec: 42"), STRUCT_FIELD "number into Go struct field AuthInfo.users.user.exec of type v1.ExecConfig"},
	{IN_USER("exec: {args: [42]}"), STRUCT_FIELD "number into Go struct field ExecConfig.users.user.exec.args of type string"},
	{IN_USER("exec: {env: {}}"), STRUCT_FIELD "object into Go struct field ExecConfig.users.user.exec.env of type []v1.ExecEnvVar"},
	{IN_USER("exec: {env: [{name: 42}]}"), STRUCT_FIELD "number into Go struct field ExecEnvVar.users.user.exec.env.name of type string"},
	{IN_USER("exec: {interactiveMode: 3}"), STRUCT_FIELD "number into Go struct field ExecConfig.users.user.exec.interactiveMode of type v1.ExecInteractiveMode"},
	{"users: [{name: a},{name: a}]", "error converting *[]NamedAuthInfo into *map[string]*api.AuthInfo: duplicate name \"a\" in list"},
	{"contexts: [{name: a},{}, {name: a}]", "error converting *[]NamedContext into *map[string]*api.Context: duplicate name \"a\" in list"},
	{"clusters: [{}, {name: ''}]", "error converting *[]NamedCluster into *map[string]*api.Cluster: duplicate name \"\" in list"},
	{"preferences: 3", STRUCT_FIELD "number into Go struct field Config.preferences of type v1.Preferences"},
	{"preferences: {colors: 3}", STRUCT_FIELD "number into Go struct field Preferences.preferences.colors of type bool"},
	{"current-context: 3", STRUCT_FIELD "number into Go struct field Config.current-context of type string"},
	{"current-context: .inf", "json: unsupported value: +Inf"},
	{"a: [1", "yaml: line 1: did not find expected ',' or ']'"},
};
/* clang-format on */

static void test_typing_is_gos(void **state)
{
	const struct kube_flags flags = {.kubeconfig = "a"};

	(void)state;
	for (size_t i = 0; i < countof(load_rows); i++) {
		autofree char *wanted =
			xasprintf("error loading config file \"a\": %s", load_rows[i].error);

		write_file("a", load_rows[i].text);
		assert_fails(&flags, wanted);
	}
}

static void test_null_and_unknown_fields_are_left_out(void **state)
{
	const struct kube_flags flags = {.kubeconfig = "a"};
	struct kube_target target;

	(void)state;
	write_file("a",
		"users: [{name: ivy, user: {token: ~, username: null, new-field: {a: [1]}}}]\n"
		"extensions:\npreferences: {}\n" CLUSTER CONTEXT);
	assert_resolves(&flags, &target);
	assert_null(target.token);
	assert_string_equal(target.server, "https://h:1");
	kube_target_clear(&target);
}

/* ---- validation */

struct confirm_row {
	const char *cluster, *user, *error;
};

#define EXEC(fields) \
	"exec: {command: c, apiVersion: client.authentication.k8s.io/v1beta1, " fields "}"

/* clang-format off */
static const struct confirm_row confirm_rows[] = {
	{"", "token: t", "no server found for cluster \"oak\""},
	{"server: 'https://h', proxy-url: 'socks6://p:1'", "token: t", "invalid 'proxy-url' \"socks6://p:1\" for cluster \"oak\": unsupported scheme \"socks6\", must be http, https, or socks5"},
	{"server: 'https://h', proxy-url: 'proxy:3128'", "token: t", "invalid 'proxy-url' \"proxy:3128\" for cluster \"oak\": unsupported scheme \"proxy\", must be http, https, or socks5"},
	{"server: 'https://h', proxy-url: '10.0.0.1:3128'", "token: t", "invalid 'proxy-url' \"10.0.0.1:3128\" for cluster \"oak\": could not parse: 10.0.0.1:3128"},
	{"server: 'https://h', proxy-url: 'foo'", "token: t", "invalid 'proxy-url' \"foo\" for cluster \"oak\": unsupported scheme \"\", must be http, https, or socks5"},
	{"server: 'https://h', proxy-url: '/x:1'", "token: t", "invalid 'proxy-url' \"/x:1\" for cluster \"oak\": unsupported scheme \"\", must be http, https, or socks5"},
	{"server: 'https://h', proxy-url: ':1'", "token: t", "invalid 'proxy-url' \":1\" for cluster \"oak\": could not parse: :1"},
	{"server: 'https://h', proxy-url: 'http://[::1'", "token: t", "invalid 'proxy-url' \"http://[::1\" for cluster \"oak\": could not parse: http://[::1"},
	{"server: 'https://h', proxy-url: 'ftp://u:hush@p:1'", "token: t", "invalid 'proxy-url' \"ftp://u:xxxxx@p:1\" for cluster \"oak\": unsupported scheme \"ftp\", must be http, https, or socks5"},
	{"server: 'https://h', certificate-authority: /gone, certificate-authority-data: Zm9v", "token: t", "Error in configuration: \n* certificate-authority-data and certificate-authority are both specified for oak. certificate-authority-data will override.\n* unable to read certificate-authority /gone for oak due to open /gone: no such file or directory"},
	{"server: 'https://h', certificate-authority-data: Zm9v", "token: t", "unable to load root certificates: unable to parse bytes as PEM block"},
	{"server: 'https://h', certificate-authority-data: Zm9v, insecure-skip-tls-verify: true", "token: t", "specifying a root certificates file with the insecure flag is not allowed"},
	{"server: 'https://h'", "client-certificate: /gone.crt, client-key: /gone.key", "Error in configuration: \n* unable to read client-cert /gone.crt for ivy due to open /gone.crt: no such file or directory\n* unable to read client-key /gone.key for ivy due to open /gone.key: no such file or directory"},
	{"server: 'https://h'", "client-certificate-data: Zm9v", "client-key-data or client-key must be specified for ivy to use the clientCert authentication method."},
	{"server: 'https://h'", "client-certificate-data: Zm9v, client-key-data: Zm9v", "tls: failed to find any PEM data in certificate input"},
	{"server: 'https://h'", "token: t, username: u", "more than one authentication method found for ivy; found [token basicAuth], only one is allowed"},
	{"server: 'https://h'", "tokenFile: /gone, password: p", "open /gone: no such file or directory"},
	{"server: 'https://h'", "tokenFile: /dev/null, username: u", "username/password or bearer token may be set, but not both"},
	{"server: 'https://h'", "token: t, as-user-extra: {k: []}", "requesting uid, groups or user-extra for ivy without impersonating a user"},
	{"server: 'https://h'", "token: t, as-groups: [g]", "requesting uid, groups or user-extra for ivy without impersonating a user"},
	{"server: 'https://h'", "exec: {}", "Error in configuration: \n* command must be specified for ivy to use exec authentication plugin\n* apiVersion must be specified for ivy to use exec authentication plugin\n* interactiveMode must be specified for ivy to use exec authentication plugin"},
	{"server: 'https://h'", EXEC("interactiveMode: Sometimes"), "invalid interactiveMode for ivy: \"Sometimes\""},
	{"server: 'https://h'", EXEC("env: [{value: v}]"), "env variable name must be specified for ivy to use exec authentication plugin"},
	{"server: 'https://h'", EXEC("args: []") ", auth-provider: {name: x}", "authProvider cannot be provided in combination with an exec plugin for ivy"},
	{"server: 'https://h'", "exec: {command: c, apiVersion: client.authentication.k8s.io/v1alpha1}", "exec plugin: invalid apiVersion \"client.authentication.k8s.io/v1alpha1\""},
	{"server: 'https://h'", "auth-provider: {name: foo}", "no Auth Provider found for name \"foo\""},
	{"server: 'https://h'", "auth-provider: {name: oidc}", "Must provide idp-issuer-url"},
	{"server: 'https://h'", "auth-provider: {name: oidc, config: {idp-issuer-url: u}}", "Must provide client-id"},
	{"server: 'https://h'", "auth-provider: {name: oidc, config: {idp-issuer-url: u, client-id: c, id-token: a.b}}", "Unable to connect to the server: ID Token is not a valid JWT"},
	{"server: 'https://[::1'", "token: t", "host must be a URL or a host:port pair: \"https://[::1\""},
	{"server: h/path", "token: t", "host must be a URL or a host:port pair: \"h/path\""},
	{"server: 'ftp://h'", "token: t", "Unable to connect to the server: unsupported protocol scheme \"ftp\""},
};
/* clang-format on */

static void test_validation_texts(void **state)
{
	const struct kube_flags flags = {.kubeconfig = "a"};

	(void)state;
	for (size_t i = 0; i < countof(confirm_rows); i++) {
		autofree char *text = xasprintf("clusters: [{name: oak, cluster: {%s}}]\n"
						"users: [{name: ivy, user: {%s}}]\n" CONTEXT,
			confirm_rows[i].cluster, confirm_rows[i].user);

		write_file("a", text);
		assert_fails(&flags, confirm_rows[i].error);
	}
}

/* Only what is in use is looked at. */
static void test_bad_neighbours_do_not_matter(void **state)
{
	const struct kube_flags flags = {.kubeconfig = "a"};
	struct kube_target target;

	(void)state;
	write_file("a",
		"clusters: [{name: bad, cluster: {certificate-authority: /gone}}, {name: oak, "
		"cluster: "
		"{server: 'https://h:1'}}]\n"
		"users: [{name: ivy, user: {token: t}}, {name: bad, user: {client-certificate: "
		"/gone}}]\n" CONTEXT);
	assert_resolves(&flags, &target);
	assert_string_equal(target.token, "t");
	kube_target_clear(&target);
}

/* ---- names that stand for nothing */

struct name_row {
	struct kube_flags flags;
	const char *file, *error;
};

/* clang-format off */
static const struct name_row name_rows[] = {
	{{.context = "x"}, CLUSTER USER CONTEXT, "Error in configuration: context was not found for specified context: x"},
	{{.context = "x", .namespace = "n"}, CLUSTER USER CONTEXT, "context \"x\" does not exist"},
	{{.user = "x"}, CLUSTER USER CONTEXT, "auth info \"x\" does not exist"},
	{{.user = "x", .context = "y", .namespace = "n"}, CLUSTER USER CONTEXT, "auth info \"x\" does not exist"},
	{{.cluster = "x"}, CLUSTER USER CONTEXT, "no server found for cluster \"x\""},
	{{.cluster = "x", .namespace = "n"}, CLUSTER USER CONTEXT, "cluster \"x\" does not exist"},
	{{.cluster = "x", .server = "https://h"}, CLUSTER USER CONTEXT, "no server found for cluster \"x\""},
	{{.namespace = "a/b"}, CLUSTER USER CONTEXT, "invalid namespace \"a/b\": [may not contain '/']"},
	{{.namespace = ".."}, CLUSTER USER CONTEXT, "invalid namespace \"..\": [may not be '..']"},
	{{.namespace = NULL}, CLUSTER USER, "no configuration has been provided"},
	{{.namespace = NULL}, CLUSTER USER "contexts: [{name: k}]\n", "no context chosen: current-context is not set"},
	{{.namespace = NULL}, USER CONTEXT, "cluster \"oak\" was not found for context \"k\""},
	{{.namespace = NULL}, CLUSTER CONTEXT, "user \"ivy\" was not found for context \"k\""},
	{{.namespace = NULL}, CONTEXT, "cluster \"oak\" was not found for context \"k\""},
	{{.server = "https://h"}, CONTEXT, "user \"ivy\" was not found for context \"k\""},
	{{.namespace = NULL}, CLUSTER USER "contexts: [{name: k, context: {cluster: oak}}]\ncurrent-context: k\n", "user was not specified for context \"k\""},
	{{.namespace = NULL}, CLUSTER USER "contexts: [{name: k, context: {user: ivy}}]\ncurrent-context: k\n", "cluster was not specified for context \"k\""},
};
/* clang-format on */

static void test_missing_parts_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(name_rows); i++) {
		struct kube_flags flags = name_rows[i].flags;

		flags.kubeconfig = "a";
		write_file("a", name_rows[i].file);
		assert_fails(&flags, name_rows[i].error);
	}
}

static void test_hints_say_what_to_type(void **state)
{
	static const char *const rows[][2] = {
		{USER CONTEXT, "kubectl config set-context k --cluster=NAME"},
		{CLUSTER CONTEXT, "kubectl config set-context k --user=NAME"},
		{"clusters: [{name: oak}]\n" USER CONTEXT,
			"kubectl config set-cluster oak --server=URL"},
		{CLUSTER USER "contexts: [{name: b}, {name: a}]\n", "there are: a, b"},
		{CLUSTER USER "contexts: [{name: b}]\ncurrent-context: x\n",
			"--context NAME; there are: b"},
		{"", "--kubeconfig FILE"},
	};
	const struct kube_flags flags = {.kubeconfig = "a"};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct kube_target target;
		autoerror err = ERROR_INIT;

		write_file("a", rows[i][0]);
		assert_int_equal(kube_target_resolve(&flags, &target, &err), -1);
		assert_non_null(err.hint);
		assert_non_null(strstr(err.hint, rows[i][1]));
	}
}

/* What the user of a context cannot be is not needed where flags say who we are, or over http. */
static void test_flags_make_up_for_missing_parts(void **state)
{
	const struct kube_flags rows[] = {
		{.kubeconfig = "a", .server = "https://h:2", .token = "t"},
		{.kubeconfig = "a", .server = "http://h:2"},
		{.kubeconfig = "a", .server = "https://h:2", .username = "u"},
	};

	(void)state;
	write_file("a", CONTEXT);
	for (size_t i = 0; i < countof(rows); i++) {
		struct kube_target target;

		assert_resolves(&rows[i], &target);
		assert_string_equal(target.server, rows[i].server);
		kube_target_clear(&target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_typing_is_gos),
		TEST(test_null_and_unknown_fields_are_left_out),
		TEST(test_validation_texts),
		TEST(test_bad_neighbours_do_not_matter),
		TEST(test_missing_parts_are_named),
		TEST(test_hints_say_what_to_type),
		TEST(test_flags_make_up_for_missing_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

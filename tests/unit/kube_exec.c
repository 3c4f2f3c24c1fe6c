/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "kube/exec.h"

#define V1 "client.authentication.k8s.io/v1"
#define REPLY(status) \
	"{\"apiVersion\":\"" V1 "\",\"kind\":\"ExecCredential\",\"status\":" status "}"

/* clang-format off */
static const char *const refused[][2] = {
	{"{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"x\"}}", "exec plugin is configured to use API version " V1 ", plugin returned version client.authentication.k8s.io/__internal"},
	{"", "exec plugin is configured to use API version " V1 ", plugin returned version client.authentication.k8s.io/__internal"},
	{"{\"apiVersion\":\"" V1 "\",\"kind\":\"Foo\"}", "decoding stdout: no kind \"Foo\" is registered for version \"" V1 "\" in scheme \"pkg/runtime/scheme.go:111\""},
	{"{\"apiVersion\":\"foo/v1\"}", "decoding stdout: no kind \"ExecCredential\" is registered for version \"foo/v1\" in scheme \"pkg/runtime/scheme.go:111\""},
	{"{\"apiVersion\":\"" V1 "beta1\",\"status\":{\"token\":\"x\"}}", "exec plugin is configured to use API version " V1 ", plugin returned version " V1 "beta1"},
	{"{\"apiVersion\":5}", "decoding stdout: couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .apiVersion of type string"},
	{REPLY("null"), "exec plugin didn't return a status field"},
	{REPLY("{}"), "exec plugin didn't return a token or cert/key pair"},
	{REPLY("{\"token\":\"\"}"), "exec plugin didn't return a token or cert/key pair"},
	{REPLY("{\"token\":5}"), "decoding stdout: json: cannot unmarshal number into Go struct field ExecCredentialStatus.status.token of type string"},
	{REPLY("5"), "decoding stdout: json: cannot unmarshal number into Go struct field ExecCredential.status of type v1.ExecCredentialStatus"},
	{REPLY("{\"token\":\"x\",\"clientKeyData\":\"k\"}"), "exec plugin returned only certificate or key, not both"},
	{REPLY("{\"token\":\"x\",\"expirationTimestamp\":\"foo\"}"), "decoding stdout: parsing time \"foo\" as \"2006-01-02T15:04:05Z07:00\""},
	{REPLY("{\"clientCertificateData\":\"c\",\"clientKeyData\":\"k\"}"), "failed parsing client key/certificate: tls: failed to find any PEM data in certificate input"},
};
/* clang-format on */

static void test_answers_that_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(refused); i++) {
		CLEANUP(exec_reply_clear) struct exec_reply reply = EXEC_REPLY_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(
			exec_parse(V1, refused[i][0], strlen(refused[i][0]), &reply, &err), -1);
		assert_string_equal(err.message, refused[i][1]);
	}
}

static void test_answers_that_are_taken(void **state)
{
	static const struct {
		const char *text, *token;
		int64_t expires;
	} rows[] = {
		{REPLY("{\"token\":\"x\"}"), "x", TIME_NONE},
		{REPLY("{\"token\":\"x\",\"expirationTimestamp\":null,\"new\":[1]}"), "x",
			TIME_NONE},
		{REPLY("{\"token\":\"x\",\"expirationTimestamp\":\"1970-01-01T00:00:01Z\"}"), "x",
			1000},
		{"  {\"apiVersion\":\"" V1 "\",\"status\":{\"token\":\"x\"}}\n", "x", TIME_NONE},
		{"apiVersion: " V1 "\nkind: ExecCredential\nstatus:\n  token: 'on'\n", "on",
			TIME_NONE},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(exec_reply_clear) struct exec_reply reply = EXEC_REPLY_INIT;
		autoerror err = ERROR_INIT;

		if (exec_parse(V1, rows[i].text, strlen(rows[i].text), &reply, &err) < 0)
			fail_msg("%s", err.message);
		assert_string_equal(reply.token, rows[i].token);
		assert_int_equal(reply.expires, rows[i].expires);
	}
}

static void test_messages_hold_no_secret(void **state)
{
	static const char *const rows[] = {
		"{\"apiVersion\":\"" V1 "\",\"status\":{\"token\":\"hush\"}} more",
		"{\"apiVersion\":\"" V1 "\",\"status\":{\"token\":\"hush",
		"{\"apiVersion\":\"" V1 "\",\"status\":{\"token\":\"hush\",\"token\":\"hush\"}}",
		REPLY("{\"token\":[\"hush\"]}"),
		REPLY("{\"token\":\"hush\",\"clientKeyData\":\"hush\"}"),
		"status: {token: hush\n",
		"hush",
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(exec_reply_clear) struct exec_reply reply = EXEC_REPLY_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(exec_parse(V1, rows[i], strlen(rows[i]), &reply, &err), -1);
		assert_null(strstr(err.message, "hush"));
	}
}

static void test_what_the_plugin_is_told(void **state)
{
	struct kube_exec exec = KUBE_EXEC_INIT;
	autofree char *plain = NULL;
	autofree char *full = NULL;

	(void)state;
	exec.api_version = xstrdup(V1);
	plain = exec_info(&exec, true);
	assert_string_equal(plain, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1
				   "\",\"spec\":{\"interactive\":true}}");
	exec.cluster_info = json_new_object();
	json_set_str(exec.cluster_info, "server", "https://h/a\"b");
	full = exec_info(&exec, false);
	assert_string_equal(full, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1
				  "\",\"spec\":{\"cluster\":{\"server\":\"https://h/"
				  "a\\\"b\"},\"interactive\":false}}");
	kube_exec_clear(&exec);
}

/* TestCreateAuthConfigExecInstallHintCleanup */
static void test_hints_are_cleaned(void **state)
{
	static const char *const rows[][2] = {
		{"brew install foo", "brew install foo"},
		{"\t\n\v\f\r kept", "\t\n\v\f\r kept"},
		{"\x1b[1mbold\x1b[0m", "U+001B[1mboldU+001B[0m"},
		{"\x07\x7f", "U+0007U+007F"},
		{"gr\xc3\xbc\xc3\x9f \xe2\x86\x92 \xf0\x9f\x98\x80",
			"gr\xc3\xbc\xc3\x9f \xe2\x86\x92 \xf0\x9f\x98\x80"},
		{"\xc2\x9b"
		 "31m",
			"U+009B31m"},
		{"a\xe2\x80\xae"
		 "b\xef\xbb\xbf",
			"aU+202EbU+FEFF"},
		{"\xf3\xa0\x80\x81", "U+E0001"},
		{"bad \xff\xc3", "bad \xef\xbf\xbd\xef\xbf\xbd"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *clean = exec_clean_text(rows[i][0]);

		assert_string_equal(clean, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_that_are_refused),
		cmocka_unit_test(test_answers_that_are_taken),
		cmocka_unit_test(test_messages_hold_no_secret),
		cmocka_unit_test(test_what_the_plugin_is_told),
		cmocka_unit_test(test_hints_are_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

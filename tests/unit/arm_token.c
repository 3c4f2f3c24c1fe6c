/* SPDX-License-Identifier: Apache-2.0 */
/* The chain, what is held, and a service principal's secret. */
#include "sign_in.h"

static void test_signs_in_by_a_secret(void **state)
{
	ONCE({200, NULL, GRANTED});
	play_principal();
	assert_string_equal(play_token(&play), TOKEN);
	/* Held: the authority is asked once. */
	assert_string_equal(play_token(&play), TOKEN);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 1);
	const char *request = play.server.requests.items[0];
	assert_true(starts_with(request, "POST /" TENANT "/oauth2/v2.0/token HTTP/1.1\r\n"));
	assert_non_null(strstr(request, "Content-Type: application/x-www-form-urlencoded\r\n"));
	assert_non_null(strstr(request, "Accept: application/json\r\n"));
	assert_non_null(strstr(request, "User-Agent: agent/1\r\n"));
	assert_non_null(strstr(request,
		"\r\n\r\nclient_id=" CLIENT "&scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
		"&grant_type=client_credentials&client_secret=s3cr3t-of-the-principal~"));
	play_end(&play);
}

static void test_reads_terraforms_names(void **state)
{
	ONCE({200, NULL, GRANTED});
	setenv("ARM_TENANT_ID", TENANT, 1);
	setenv("ARM_CLIENT_ID", CLIENT, 1);
	setenv("ARM_CLIENT_SECRET", SECRET, 1);
	assert_string_equal(play_token(&play), TOKEN);
	play_end(&play);
}

/* What the authority refuses is said with its code, its ids and what to do; nothing else is tried. */
static void test_says_why_the_authority_refuses(void **state)
{
	static const struct {
		const char *description, *message, *hint;
	} rows[] = {
		{"AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in "
		 "the "
		 "request is the client secret value.\\r\\nTrace ID: t-1\\r\\nCorrelation ID: c-1",
			"AADSTS7000215: Invalid client secret provided.", "value, not its id"},
		{"AADSTS7000222: The provided client secret keys for app are expired. Trace ID: "
		 "t-1",
			"AADSTS7000222: The provided client secret keys for app are expired. "
			"(trace "
			"id t-1, correlation id c-1)",
			"credential reset"},
		{"AADSTS700016: Application not found in the directory",
			"AADSTS700016: Application", "AZURE_CLIENT_ID"},
		{"AADSTS90002: Tenant not found", "AADSTS90002: Tenant", "AZURE_TENANT_ID"},
		{"AADSTS53003: Access has been blocked", "AADSTS53003: Access",
			"Conditional Access"},
		{"AADSTS50076: multi-factor", "AADSTS50076", "second factor"},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *body = xasprintf("{\"error\":\"invalid_client\","
						"\"error_description\":\"%s\","
						"\"trace_id\":\"t-1\",\"correlation_id\":\"c-1\"}",
			rows[i].description);
		const struct play_reply reply = {401, NULL, body};
		struct play play;

		(void)state;
		play_begin(&play, &reply, 1);
		play_principal();
		assert_null(play_token(&play));
		assert_int_equal(play.error.kind, ERROR_UNAUTHORIZED);
		assert_true(
			starts_with(play.error.message, "a service principal's secret: AADSTS"));
		assert_non_null(strstr(play.error.message, rows[i].message));
		assert_non_null(strstr(play.error.message, "(trace id t-1, correlation id c-1)"));
		assert_null(strstr(play.error.message, "Trace ID"));
		assert_non_null(strstr(play.error.hint, rows[i].hint));
		play_stop(&play);
		assert_int_equal(play.server.requests.len, 1);
		play_end(&play);
	}
}

static void test_refuses_what_is_no_reply(void **state)
{
	static const struct {
		struct play_reply reply;
		const char *message;
	} rows[] = {
		{{200, NULL, "{\"access_token\":{\"a\":1}}"}, "no access token"},
		{{200, NULL, "{\"access_token\":12}"}, "no access token"},
		{{200, NULL, "{\"access_token\":\"\"}"}, "no access token"},
		{{200, NULL, "{\"access_token\":\"a b\"}"}, "no access token"},
		{{200, NULL, "{\"access_token\":\"a\\u0000b\"}"}, "no access token"},
		{{200, NULL, "{\"access_token\":\"a\\r\\nX: y\"}"}, "no access token"},
		{{200, NULL, "{\"access_token\":\"a\",\"token_type\":\"pop\"}"}, "another type"},
		{{200, NULL, "[]"}, "no JSON object"},
		{{200, NULL, "<html>" TOKEN}, "no JSON object"},
		{{302, "Location: http://127.0.0.1:1/\r\n", ""},
			"a redirect, which is not followed"},
		{{403, NULL, "<html>" TOKEN}, "status 403"},
		{{400, NULL,
			 "{\"error\":\"invalid_request\",\"error_description\":\"got " TOKEN "\"}"},
			"got <masked>"},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		struct play play;

		(void)state;
		play_begin(&play, &rows[i].reply, 1);
		play_principal();
		assert_null(play_token(&play));
		assert_non_null(strstr(play.error.message, rows[i].message));
		play_stop(&play);
		assert_int_equal(play.server.requests.len, 1);
		play_end(&play);
	}
}

static void test_refuses_a_reply_without_end(void **state)
{
	autobuf body = BUF_INIT;

	buf_adds(&body, "{\"access_token\":\"");
	buf_fill(&body, 'a', 10 << 20);
	buf_adds(&body, "\"}");
	const struct play_reply reply = {200, NULL, body.ptr};
	struct play play;

	(void)state;
	play_begin(&play, &reply, 1);
	play_principal();
	assert_null(play_token(&play));
	assert_non_null(strstr(play.error.message, "larger than 262144 bytes"));
	play_end(&play);
}

static void test_tries_again(void **state)
{
	ONCE({503, "retry-after-ms: 1\r\n", ""}, {0, NULL, NULL},
		{429, "Retry-After: 0\r\n", "busy"}, {200, NULL, GRANTED});
	play_principal();
	assert_string_equal(play_token(&play), TOKEN);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 4);
	play_end(&play);
}

static void test_gives_up(void **state)
{
	ONCE({429, "Retry-After: 0\r\n", ""});
	play_principal();
	assert_null(play_token(&play));
	assert_non_null(strstr(play.error.message, "status 429"));
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 4);
	play_end(&play);
}

static void test_waits_no_hour(void **state)
{
	ONCE({503, "Retry-After: 3600\r\n", ""});
	play_principal();
	assert_null(play_token(&play));
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 1);
	play_end(&play);
}

/* ---- the chain */

static const struct arm_source_report *report_of(const struct play *play, enum arm_source source)
{
	const struct arm_source_report *reports;

	assert_int_equal(arm_tokens_report(play->tokens, &reports), ARM_SOURCES_COUNT);
	return &reports[source];
}

static void test_says_what_each_said(void **state)
{
	ONCE({500, NULL, NULL});
	assert_null(play_token(&play));
	assert_int_equal(play.error.kind, ERROR_UNAUTHORIZED);
	assert_true(starts_with(play.error.message, "nobody is signed in to Azure\n"));
	assert_non_null(strstr(play.error.message, "\n  secret: AZURE_CLIENT_SECRET is not set\n"));
	assert_non_null(strstr(play.error.message,
		"\n  managed-identity: the metadata service does not answer: "));
	assert_non_null(strstr(play.error.message, "\n  az: az cannot be run: "));
	assert_non_null(strstr(play.error.message, "\n  device-code: it waits for a person"));
	assert_non_null(strstr(play.error.hint, "az login"));
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 0);
	play_end(&play);
}

static void test_reports_the_chain(void **state)
{
	ONCE({200, NULL, GRANTED});
	play_principal();
	assert_non_null(play_token(&play));
	assert_false(report_of(&play, ARM_SOURCE_TOKEN_FILE)->asked);
	assert_string_equal(
		report_of(&play, ARM_SOURCE_TOKEN_FILE)->why, "--token-file is not given");
	assert_true(report_of(&play, ARM_SOURCE_SECRET)->asked);
	assert_true(report_of(&play, ARM_SOURCE_SECRET)->used);
	assert_null(report_of(&play, ARM_SOURCE_SECRET)->why);
	assert_null(report_of(&play, ARM_SOURCE_AZ)->why);
	assert_false(report_of(&play, ARM_SOURCE_AZ)->asked);
	play_end(&play);
}

static void test_is_restricted(void **state)
{
	static const struct {
		const char *auth, *variable, *why_secret;
	} rows[] = {
		{"az", NULL, "left out by --auth az"},
		{"AzureCliCredential", NULL, "left out by --auth AzureCliCredential"},
		{NULL, "dev", "left out by AZURE_TOKEN_CREDENTIALS=dev"},
		{NULL, "AZURECLICREDENTIAL",
			"left out by AZURE_TOKEN_CREDENTIALS=AZURECLICREDENTIAL"},
		{"az", "prod", "left out by --auth az"},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		ONCE({200, NULL, GRANTED});
		play_principal();
		play.login.auth = rows[i].auth;
		play_set("AZURE_TOKEN_CREDENTIALS", rows[i].variable);
		assert_null(play_token(&play));
		assert_string_equal(report_of(&play, ARM_SOURCE_SECRET)->why, rows[i].why_secret);
		assert_true(report_of(&play, ARM_SOURCE_AZ)->asked);
		play_stop(&play);
		assert_int_equal(play.server.requests.len, 0);
		play_end(&play);
	}
}

static void test_allows_by_group(void **state)
{
	static const char *const rows[] = {
		"prod", "EnvironmentCredential", "secret", "ENVIRONMENT", "ClientSecretCredential"};

	for (size_t i = 0; i < countof(rows); i++) {
		ONCE({200, NULL, GRANTED});
		play_principal();
		play_set("AZURE_TOKEN_CREDENTIALS", rows[i]);
		assert_string_equal(play_token(&play), TOKEN);
		play_end(&play);
	}
}

static void test_knows_no_such_way(void **state)
{
	ONCE({200, NULL, GRANTED});
	play.login.auth = "managed-identty";
	assert_null(play_token(&play));
	assert_int_equal(play.error.kind, ERROR_USAGE);
	assert_string_equal(play.error.hint, "did you mean managed-identity?");
	play.login.auth = NULL;
	play_set("AZURE_TOKEN_CREDENTIALS", "InteractiveBrowserCredential");
	assert_null(play_token(&play));
	assert_int_equal(play.error.kind, ERROR_CONFIG);
	play_end(&play);
}

static void test_refuses_an_odd_tenant(void **state)
{
	static const char *const rows[] = {"a/b", "..%2f", "a?b", "a b"};

	for (size_t i = 0; i < countof(rows); i++) {
		ONCE({200, NULL, GRANTED});
		play_principal();
		setenv("AZURE_TENANT_ID", rows[i], 1);
		assert_null(play_token(&play));
		assert_int_equal(play.error.kind, ERROR_CONFIG);
		play_stop(&play);
		assert_int_equal(play.server.requests.len, 0);
		play_end(&play);
	}
}

static void test_refuses_plain_http(void **state)
{
	ONCE({200, NULL, GRANTED});
	play_principal();
	free(play.cloud.authority);
	play.cloud.authority = xasprintf("http%s", play.server.url + strlen("https"));
	assert_null(play_token(&play));
	assert_non_null(strstr(play.error.message, "https alone"));
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 0);
	play_end(&play);
}

/* ---- a given token */

#define JWT_OF(payload) "e30." payload ".x"
/* {"tid":"t","exp":1764003600,"upn":"a@b"} */
#define GIVEN JWT_OF("eyJ0aWQiOiJ0IiwiZXhwIjoxNzY0MDAzNjAwLCJ1cG4iOiJhQGIifQ")

static void test_takes_a_given_token(void **state)
{
	ONCE({500, NULL, NULL});
	struct arm_identity identity = {.name = NULL};
	autofree char *path = play_write(&play, "token", "  " GIVEN "\n");

	play_principal();
	play.login.token_file = path;
	assert_string_equal(play_token(&play), GIVEN);
	assert_true(arm_tokens_identity(play.tokens, &identity));
	assert_int_equal(identity.source, ARM_SOURCE_TOKEN_FILE);
	assert_string_equal(identity.name, "a@b");
	assert_string_equal(identity.tenant, "t");
	assert_true(identity.is_user);
	assert_int_equal(identity.expires, 1764003600000);
	arm_identity_clear(&identity);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 0);
	play_end(&play);
}

static void test_takes_a_token_from_a_descriptor(void **state)
{
	ONCE({500, NULL, NULL});
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], GIVEN "\n", strlen(GIVEN) + 1), strlen(GIVEN) + 1);
	close(ends[1]);
	play.login.token_fd = ends[0];
	assert_string_equal(play_token(&play), GIVEN);
	/* It can be read once; renewal has to do with what was read. */
	play_moment = time_now() + 40LL * 60 * 1000;
	time_set_clock(play_clock);
	assert_string_equal(play_token(&play), GIVEN);
	close(ends[0]);
	play_end(&play);
}

static void test_refuses_a_given_token(void **state)
{
	static const struct {
		const char *content, *tenant, *message;
	} rows[] = {
		{"", NULL, "no token"},
		{"two words", NULL, "no token"},
		{"line\nline", NULL, "no token"},
		{GIVEN, "other", "for tenant t,"},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		ONCE({500, NULL, NULL});
		autofree char *path = play_write(&play, "token", rows[i].content);

		play.login.token_file = path;
		play.login.tenant = rows[i].tenant;
		assert_null(play_token(&play));
		assert_non_null(strstr(play.error.message, rows[i].message));
		play_end(&play);
	}
}

static void test_does_not_find_a_given_token(void **state)
{
	ONCE({500, NULL, NULL});
	play_principal();
	play.login.token_file = "/nowhere/token";
	assert_null(play_token(&play));
	/* It was meant: the secret is not tried in its place. */
	assert_int_equal(play.error.kind, ERROR_CONFIG);
	assert_non_null(strstr(play.error.message, "open /nowhere/token: no such file"));
	play.login.auth = "secret";
	assert_null(play_token(&play));
	assert_int_equal(play.error.kind, ERROR_USAGE);
	play_end(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signs_in_by_a_secret),
		cmocka_unit_test(test_reads_terraforms_names),
		cmocka_unit_test(test_says_why_the_authority_refuses),
		cmocka_unit_test(test_refuses_what_is_no_reply),
		cmocka_unit_test(test_refuses_a_reply_without_end),
		cmocka_unit_test(test_tries_again),
		cmocka_unit_test(test_gives_up),
		cmocka_unit_test(test_waits_no_hour),
		cmocka_unit_test(test_says_what_each_said),
		cmocka_unit_test(test_reports_the_chain),
		cmocka_unit_test(test_is_restricted),
		cmocka_unit_test(test_allows_by_group),
		cmocka_unit_test(test_knows_no_such_way),
		cmocka_unit_test(test_refuses_an_odd_tenant),
		cmocka_unit_test(test_refuses_plain_http),
		cmocka_unit_test(test_takes_a_given_token),
		cmocka_unit_test(test_takes_a_token_from_a_descriptor),
		cmocka_unit_test(test_refuses_a_given_token),
		cmocka_unit_test(test_does_not_find_a_given_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The sources one by one: what each asks for, and what it does with odd answers. */
#include "sign_in.h"

#include "key_sample.h"

#include "arm/auth_managed.h"
#include "base/digest.h"
#include "base/json.h"

/* ---- certificates */

static char *form_value(const char *request, const char *name)
{
	autofree char *mark = xasprintf("%s=", name);
	const char *body = strstr(request, "\r\n\r\n") + 4;
	const char *at = strstr(body, mark);

	assert_non_null(at);
	at += strlen(mark);
	return xstrndup(at, strcspn(at, "&"));
}

static struct json_object *part_of(const char *text, size_t len)
{
	autobuf json = BUF_INIT;
	struct json_object *part = NULL;

	assert_true(base64url_decode(text, len, &json));
	assert_int_equal(json_parse(json.ptr, json.len, &part, NULL), 0);
	return part;
}

static bool signature_is_good(const char *jwt, EVP_PKEY *key, bool pss)
{
	const char *dot = strrchr(jwt, '.');
	autobuf signature = BUF_INIT;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how;
	bool good;

	assert_true(base64url_decode(dot + 1, strlen(dot + 1), &signature));
	EVP_DigestVerifyInit(ctx, &how, EVP_sha256(), NULL, key);
	if (pss) {
		EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(how, 32);
	}
	good = EVP_DigestVerify(ctx, (const unsigned char *)signature.ptr, signature.len,
		       (const unsigned char *)jwt, (size_t)(dot - jwt)) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

static void assert_assertion(const char *jwt, EVP_PKEY *key, bool adfs, const char *audience)
{
	const char *first = strchr(jwt, '.');
	const char *second = strchr(first + 1, '.');
	autojson struct json_object *header = part_of(jwt, (size_t)(first - jwt));
	autojson struct json_object *claims = part_of(first + 1, (size_t)(second - first - 1));

	assert_string_equal(json_str(header, "alg"), adfs ? "RS256" : "PS256");
	assert_int_equal(strlen(json_str(header, adfs ? "x5t" : "x5t#S256")), adfs ? 27 : 43);
	assert_int_equal(json_len(json_get(header, "x5c")), adfs ? 2 : 0);
	assert_string_equal(json_str(claims, "aud"), audience);
	assert_string_equal(json_str(claims, "iss"), CLIENT);
	assert_string_equal(json_str(claims, "sub"), CLIENT);
	assert_int_equal(strlen(json_str(claims, "jti")), 36);
	assert_int_equal(json_int(claims, 0, "nbf"), play_moment / 1000);
	assert_int_equal(json_int(claims, 0, "exp"), play_moment / 1000 + 600);
	assert_true(signature_is_good(jwt, key, !adfs));
	assert_false(signature_is_good(jwt, key, adfs));
}

static void set_certificate(struct play *play, const struct key_sample *sample)
{
	autobuf pem = BUF_INIT;

	key_sample_add_key(&pem, sample->key, KEY_PKCS8);
	key_sample_add_certificate(&pem, sample->certificate);
	key_sample_add_certificate(&pem, sample->issuer);
	autofree char *path = play_write(play, "sp.pem", pem.ptr);
	play_principal();
	play_set("AZURE_CLIENT_SECRET", NULL);
	play_set("AZURE_CLIENT_CERTIFICATE_PATH", path);
}

static void test_signs_an_assertion(void **state)
{
	for (int adfs = 0; adfs <= 1; adfs++) {
		ONCE({200, NULL, GRANTED});
		struct key_sample sample = key_sample_make(EVP_RSA_gen(2048));
		autofree char *audience = xasprintf("%s%s", play.server.url,
			adfs ? "/adfs/oauth2/token" : "/" TENANT "/oauth2/v2.0/token");

		set_certificate(&play, &sample);
		play.cloud.adfs = adfs;
		play_set("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", adfs ? "true" : NULL);
		play_moment = 1764000000000;
		time_set_clock(play_clock);
		assert_string_equal(play_token(&play), TOKEN);
		play_stop(&play);
		autofree char *jwt = form_value(play.server.requests.items[0], "client_assertion");
		assert_assertion(jwt, sample.key, adfs, audience);
		key_sample_clear(&sample);
		play_end(&play);
	}
}

/* Our clock is hours off: the refusal says what time it is, and the next assertion is of that time. */
static void test_takes_the_authoritys_time(void **state)
{
	ONCE({401, "Date: Mon, 24 Nov 2025 16:00:00 GMT\r\n",
		     "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS700024: x\"}"},
		{200, "Date: Mon, 24 Nov 2025 16:00:00 GMT\r\n", GRANTED});
	struct key_sample sample = key_sample_make(EVP_RSA_gen(2048));

	set_certificate(&play, &sample);
	play_moment = 1764000000000 - 5LL * 3600 * 1000;
	time_set_clock(play_clock);
	assert_string_equal(play_token(&play), TOKEN);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 2);
	autofree char *jwt = form_value(play.server.requests.items[1], "client_assertion");
	const char *dot = strchr(jwt, '.') + 1;
	autojson struct json_object *claims = part_of(dot, strcspn(dot, "."));
	assert_int_equal(json_int(claims, 0, "nbf"), 1764000000);
	key_sample_clear(&sample);
	play_end(&play);
}

/* ---- tokens of others */

static void test_reads_the_file_each_time(void **state)
{
	ONCE({200, NULL, GRANTED});
	autofree char *path = play_write(&play, "federated", "first.token\n");

	play_principal();
	play_set("AZURE_CLIENT_SECRET", NULL);
	play_set("AZURE_FEDERATED_TOKEN_FILE", path);
	assert_non_null(play_token(&play));
	autofree char *again = play_write(&play, "federated", "second.token\n");
	assert_true(arm_tokens_refused(play.tokens));
	assert_non_null(play_token(&play));
	play_stop(&play);
	autofree char *first = form_value(play.server.requests.items[0], "client_assertion");
	autofree char *second = form_value(play.server.requests.items[1], "client_assertion");
	assert_string_equal(first, "first.token");
	assert_string_equal(second, "second.token");
	play_end(&play);
}

static void test_asks_githubs_runner(void **state)
{
	ONCE({200, NULL, "{\"value\":\"of.the.workflow\"}"}, {200, NULL, GRANTED});
	autofree char *url = xasprintf("%s/idtoken?x=1", play.server.url);

	play_principal();
	play_set("AZURE_CLIENT_SECRET", NULL);
	play_set("ACTIONS_ID_TOKEN_REQUEST_URL", url);
	play_set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", SECRET);
	assert_non_null(play_token(&play));
	play_stop(&play);
	assert_true(starts_with(play.server.requests.items[0],
		"GET /idtoken?x=1&audience=api%3A%2F%2FAzureADTokenExchange HTTP/1.1\r\n"));
	assert_non_null(strstr(play.server.requests.items[0], "Authorization: Bearer " SECRET));
	assert_null(strstr(play.server.requests.items[1], SECRET));
	autofree char *assertion = form_value(play.server.requests.items[1], "client_assertion");
	assert_string_equal(assertion, "of.the.workflow");
	play_end(&play);
}

static void test_refuses_what_a_runner_says(void **state)
{
	static const struct play_reply rows[] = {
		{200, NULL, "{\"value\":7}"},
		{200, NULL, "{\"value\":\"a b\"}"},
		{200, NULL, "<html>"},
		{403, NULL, "{\"value\":\"of.the.workflow\"}"},
		{302, "Location: https://127.0.0.1:1/\r\n", ""},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		struct play play;

		(void)state;
		play_begin(&play, &rows[i], 1);
		play_principal();
		play_set("AZURE_CLIENT_SECRET", NULL);
		play_set("ACTIONS_ID_TOKEN_REQUEST_URL", play.server.url);
		play_set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", SECRET);
		assert_null(play_token(&play));
		assert_non_null(strstr(play.error.message, "the runner's service"));
		play_stop(&play);
		assert_int_equal(play.server.requests.len, 1);
		play_end(&play);
	}
}

/* ---- machines */

/* The challenge names a file: only one of the agent's folder is read. */
static void test_answers_azure_arc(void **state)
{
	static const struct {
		const char *header; /* %s: the folder */
		bool good;
	} rows[] = {
		{"WWW-Authenticate: Basic realm=%s/a.key\r\n", true},
		{"WWW-Authenticate: Basic realm=%s/../a.key\r\n", false},
		{"WWW-Authenticate: Basic realm=%s/sub/a.key\r\n", false},
		{"WWW-Authenticate: Basic realm=%s/a.txt\r\n", false},
		{"WWW-Authenticate: Basic realm=%sx/a.key\r\n", false},
		{"WWW-Authenticate: Basic realm=%s/large.key\r\n", false},
		{"WWW-Authenticate: Bearer realm=%s/a.key\r\n", false},
		{"X: %s\r\n", false},
	};
	const struct auth_arc_paths real = auth_arc;

	for (size_t i = 0; i < countof(rows); i++) {
		struct play_reply replies[] = {{401, NULL, ""}, {200, NULL, GRANTED}};
		struct play play;
		autobuf large = BUF_INIT;

		(void)state;
		play_begin(&play, replies, countof(replies));
		const char *gap = strstr(rows[i].header, "%s");
		autofree char *header = xasprintf("%.*s%s%s", (int)(gap - rows[i].header),
			rows[i].header, play.folder, gap + 2);
		replies[0].headers = header;
		buf_fill(&large, 'k', 4097);
		autofree char *key = play_write(&play, "a.key", "the-key");
		autofree char *other = play_write(&play, "a.txt", "the-key");
		autofree char *big = play_write(&play, "large.key", large.ptr);
		auth_arc.keys = play.folder;
		play_set("IMDS_ENDPOINT", "x");
		play_set("IDENTITY_ENDPOINT", play.server.url);
		play.login.auth = "managed-identity";
		assert_int_equal(play_token(&play) != NULL, rows[i].good);
		play_stop(&play);
		assert_int_equal(play.server.requests.len, rows[i].good ? 2 : 1);
		if (rows[i].good)
			assert_non_null(strstr(
				play.server.requests.items[1], "Authorization: Basic the-key\r\n"));
		play_end(&play);
	}
	auth_arc = real;
}

static void test_asks_the_machine(void **state)
{
	static const struct {
		const char *endpoint, *header_name, *header; /* variables that choose the kind */
		const char *client, *line, *sent;
	} rows[] = {
		{"IDENTITY_ENDPOINT", "IDENTITY_HEADER", SECRET, CLIENT,
			"GET /x?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com&"
			"client_id=" CLIENT " ",
			"X-IDENTITY-HEADER: " SECRET},
		{"MSI_ENDPOINT", "MSI_SECRET", SECRET, NULL,
			"GET "
			"/x?api-version=2017-09-01&resource=https%3A%2F%2Fmanagement.azure.com ",
			"secret: " SECRET},
		{"MSI_ENDPOINT", "MSI_SECRET", NULL, NULL, "POST /x ",
			"resource=https%3A%2F%2Fmanagement.azure.com"},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		ONCE({200, NULL, "{\"access_token\":\"" TOKEN "\",\"expires_on\":\"4102444800\"}"});
		autofree char *url = xasprintf("%s/x", play.server.url);

		play_set(rows[i].endpoint, url);
		play_set(rows[i].header_name, rows[i].header);
		play_set("AZURE_CLIENT_ID", rows[i].client);
		assert_string_equal(play_token(&play), TOKEN);
		play_stop(&play);
		assert_true(starts_with(play.server.requests.items[0], rows[i].line));
		assert_non_null(strstr(play.server.requests.items[0], rows[i].sent));
		play_end(&play);
	}
}

/* What proves who asks does not go over plain http to somewhere else. */
static void test_asks_no_machine_afar(void **state)
{
	static const char *const rows[] = {"http://example.com/x", "http://8.8.8.8/x",
		"http://127.0.0.1.example.com/x", "http://172.32.0.1/x", "ftp://127.0.0.1/x"};

	for (size_t i = 0; i < countof(rows); i++) {
		ONCE({200, NULL, GRANTED});
		play_set("IDENTITY_ENDPOINT", rows[i]);
		play_set("IDENTITY_HEADER", SECRET);
		assert_null(play_token(&play));
		assert_non_null(strstr(play.error.message, "https alone"));
		play_end(&play);
	}
}

/* ---- a person */

static void hear(void *ctx, const char *text)
{
	buf_adds(ctx, text);
}

static void test_waits_for_a_person(void **state)
{
	ONCE({200, NULL,
		     "{\"device_code\":\"" SECRET "\",\"user_code\":\"ABC-123\",\"interval\":0,"
		     "\"verification_uri\":\"https://microsoft.com/devicelogin\"}"},
		{400, NULL, "{\"error\":\"authorization_pending\"}"}, {200, NULL, GRANTED});
	autobuf heard = BUF_INIT;

	play.login.auth = "device-code";
	play.login.say = hear;
	play.login.say_ctx = &heard;
	assert_string_equal(play_token(&play), TOKEN);
	assert_string_equal(heard.ptr, "To sign in, open https://microsoft.com/devicelogin in a "
				       "browser and enter the code ABC-123");
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 3);
	assert_true(starts_with(
		play.server.requests.items[0], "POST /organizations/oauth2/v2.0/devicecode "));
	assert_non_null(strstr(play.server.requests.items[2], "device_code=" SECRET));
	play_end(&play);
}

static void test_is_declined_by_a_person(void **state)
{
	ONCE({200, NULL,
		     "{\"device_code\":\"" SECRET "\",\"user_code\":\"A\",\"interval\":0,"
		     "\"verification_uri\":\"https://microsoft.com/devicelogin\"}"},
		{400, NULL, "{\"error\":\"authorization_declined\"}"});
	autobuf heard = BUF_INIT;

	play.login.auth = "device-code";
	play.login.say = hear;
	play.login.say_ctx = &heard;
	assert_null(play_token(&play));
	assert_non_null(strstr(play.error.message, "authorization_declined"));
	play_end(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signs_an_assertion),
		cmocka_unit_test(test_takes_the_authoritys_time),
		cmocka_unit_test(test_reads_the_file_each_time),
		cmocka_unit_test(test_asks_githubs_runner),
		cmocka_unit_test(test_refuses_what_a_runner_says),
		cmocka_unit_test(test_answers_azure_arc),
		cmocka_unit_test(test_asks_the_machine),
		cmocka_unit_test(test_asks_no_machine_afar),
		cmocka_unit_test(test_waits_for_a_person),
		cmocka_unit_test(test_is_declined_by_a_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

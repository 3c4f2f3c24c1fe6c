/* SPDX-License-Identifier: Apache-2.0 */
/* How long a token is held, by whose clock, and when it is asked for anew. */
#include "sign_in.h"

static void test_renews_in_time(void **state)
{
	static const struct {
		const char *reply;
		int64_t kept_s, renewed_s;
	} rows[] = {
		{"\"expires_in\":3599", 3298, 3300},
		{"\"expires_in\":\"3599\"", 3298, 3300},
		{"\"expires_in\":3599.5", 3298, 3300},
		{"\"expires_on\":1764003600", 3298, 3301},
		{"\"expires_on\":\"1764003600\"", 3298, 3301},
		{"\"expires_on\":\"2025-11-24T17:00:00Z\"", 3298, 3301},
		{"\"expires_on\":\"11/24/2025 17:00:00 +00:00\"", 3298, 3301},
		{"\"expires_on\":\"11/24/2025 5:00:00 PM +00:00\"", 3298, 3301},
		{"\"expires_in\":86399,\"refresh_in\":43199", 43198, 43200},
		{"\"expires_in\":86399", 86098, 86100},
		{"\"expires_in\":\"soon\"", 299, 301},
		{"\"expires_in\":-1", 299, 301},
		{"\"expires_in\":1e300", 299, 301},
		{"\"expires_on\":9223372036854775807", 299, 301},
		{"\"nothing\":0", 299, 301},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *body =
			xasprintf("{\"access_token\":\"" TOKEN "\",%s}", rows[i].reply);
		const struct play_reply reply = {200, NULL, body};
		struct play play;

		(void)state;
		play_begin(&play, &reply, 1);
		play_principal();
		play_moment = 1764000000000;
		time_set_clock(play_clock);
		assert_non_null(play_token(&play));
		play_moment += rows[i].kept_s * 1000;
		assert_non_null(play_token(&play));
		assert_int_equal(play.server.requests.len, 1);
		play_moment += (rows[i].renewed_s - rows[i].kept_s) * 1000;
		assert_non_null(play_token(&play));
		play_stop(&play);
		assert_int_equal(play.server.requests.len, 2);
		play_end(&play);
	}
}

/* A renewal that fails does no harm while the old token is good. */
static void test_keeps_what_is_good(void **state)
{
	ONCE({200, NULL, GRANTED}, {400, NULL, "{\"error\":\"invalid_client\"}"});
	play_principal();
	play_moment = 1764000000000;
	time_set_clock(play_clock);
	assert_non_null(play_token(&play));
	play_moment += 3400 * 1000;
	assert_string_equal(play_token(&play), TOKEN);
	play_moment += 100 * 1000;
	assert_null(play_token(&play));
	play_end(&play);
}

/* Hours off, in either direction: what the authority says of the time is what counts. */
static void test_survives_a_wrong_clock(void **state)
{
	static const int64_t off_hours[] = {-30, -1, 1, 30};

	for (size_t i = 0; i < countof(off_hours); i++) {
		const struct play_reply reply = {200, "Date: Mon, 24 Nov 2025 16:00:00 GMT\r\n",
			"{\"access_token\":\"" TOKEN "\",\"expires_on\":\"1764003600\"}"};
		struct play play;
		struct arm_identity identity = {.name = NULL};

		(void)state;
		play_begin(&play, &reply, 1);
		play_principal();
		play_moment = 1764000000000 + off_hours[i] * 3600 * 1000;
		time_set_clock(play_clock);
		assert_non_null(play_token(&play));
		play_moment += 3290 * 1000;
		assert_non_null(play_token(&play));
		assert_int_equal(play.server.requests.len, 1);
		assert_true(arm_tokens_identity(play.tokens, &identity));
		assert_int_equal(identity.expires, 1764003600000);
		arm_identity_clear(&identity);
		play_end(&play);
	}
}

/* ---- claims */

static void test_answers_claims(void **state)
{
	ONCE({200, NULL, GRANTED},
		{200, NULL, "{\"expires_in\":3599,\"access_token\":\"second\"}"});
	const char *token;
	autoerror err = ERROR_INIT;

	play_principal();
	assert_string_equal(play_token(&play), TOKEN);
	assert_int_equal(
		arm_token(play.tokens, AUDIENCE, "{\"access_token\":{}}", &token, &err), 0);
	assert_string_equal(token, "second");
	assert_string_equal(play_token(&play), "second");
	/* The same token again is no answer. */
	assert_int_equal(arm_token(play.tokens, AUDIENCE, "{}", &token, &err), -1);
	assert_int_equal(err.kind, ERROR_UNAUTHORIZED);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 3);
	assert_non_null(strstr(
		play.server.requests.items[1], "&claims=%7B%22access_token%22%3A%7B%7D%7D&"));
	play_end(&play);
}

static void test_asks_anew_after_a_refusal(void **state)
{
	ONCE({200, NULL, GRANTED});
	play_principal();
	assert_false(arm_tokens_refused(play.tokens));
	assert_non_null(play_token(&play));
	assert_true(arm_tokens_refused(play.tokens));
	assert_non_null(play_token(&play));
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 2);
	play_end(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renews_in_time),
		cmocka_unit_test(test_keeps_what_is_good),
		cmocka_unit_test(test_survives_a_wrong_clock),
		cmocka_unit_test(test_answers_claims),
		cmocka_unit_test(test_asks_anew_after_a_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

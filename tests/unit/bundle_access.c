/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/json.h"
#include "bundle/access.h"

/* A cluster of one Secret, whose values are given in clear. */
struct cluster {
	struct kube kube;
	const char *const *pairs; /* key, value, … NULL */
	size_t asked;
	bool forbidden;
};

static int run(struct kube *kube, struct kube_request *requests[], size_t count, struct error *err)
{
	struct cluster *cluster = (struct cluster *)kube;
	autojson struct json_object *tree = json_new_object();
	struct json_object *data;

	(void)err;
	assert_int_equal(count, 1);
	assert_true(requests[0]->secret);
	cluster->asked++;
	if (cluster->forbidden)
		return error_set(&requests[0]->error, ERROR_FORBIDDEN, "you may not") < 0 ? 0 : -1;
	data = json_new_object();
	for (size_t i = 0; cluster->pairs[i]; i += 2) {
		autobuf code = BUF_INIT;

		base64_encode(cluster->pairs[i + 1], strlen(cluster->pairs[i + 1]), &code);
		json_set_str(data, cluster->pairs[i], code.ptr);
	}
	json_set(tree, "data", data);
	json_write(&requests[0]->reply, tree);
	return 0;
}

static const struct kube_ops ops = {.run = run};

static const char *bytes(const struct buf *buf)
{
	return buf->len ? buf->ptr : "-";
}

static const char *text(const char *value)
{
	return value ? value : "-";
}

/* "username password bearer ca cert key identity known_hosts proxy" */
static void expect(const struct git_credentials *found, const char *expected)
{
	autofree char *all = xasprintf("%s %s %s %s %s %s %s %s %s", text(found->username),
		text(found->password), text(found->bearer), bytes(&found->ca), bytes(&found->cert),
		bytes(&found->key), bytes(&found->identity), bytes(&found->known_hosts),
		text(found->proxy));

	assert_string_equal(all, expected);
}

#define P(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_git_secrets(void **state)
{
	const struct {
		const char *const *pairs;
		const char *expected; /* NULL: refused */
	} rows[] = {
		{P("username", "ada", "password", "pw"), "ada pw - - - - - - -"},
		{P("username", "ada", "password", "pw\n"), "ada pw - - - - - - -"},
		{P("password", "token"), "- token - - - - - - -"},
		{P("bearerToken", "t", "username", "ada"), "- - t - - - - - -"},
		{P("username", "ada", "password", "pw", "ca.crt", "CA"), "ada pw - CA - - - - -"},
		{P("caFile", "OLD", "ca.crt", "CA"), "- - - CA - - - - -"},
		{P("caFile", "OLD"), "- - - OLD - - - - -"},
		{P("tls.crt", "C", "tls.key", "K"), "- - - - C K - - -"},
		{P("certFile", "C", "keyFile", "K"), "- - - - C K - - -"},
		{P("identity", "ID", "identity.pub", "PUB", "known_hosts", "KH", "password", "x"),
			"- - - - - - ID KH -"},
		{P("tls.crt", "C"), NULL},
		{P("username", "a\nb", "password", "c"), NULL},
		{P("githubAppID", "1", "githubAppPrivateKey", "k"), NULL},
	};
	struct plan_access wanted = {.namespace = (char[]){"apps"}, .secret = (char[]){"login"}};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct cluster cluster = {.kube = {.ops = &ops}, .pairs = rows[i].pairs};
		const struct access access = {.kube = &cluster.kube};
		CLEANUP(git_credentials_clear)
		struct git_credentials found = GIT_CREDENTIALS_INIT;
		autoerror err = ERROR_INIT;
		int result = access_git(&access, "https://h/o/r", &wanted, &found, &err);

		if (result != (rows[i].expected ? 0 : -1))
			fail_msg("row %zu: %s", i, err.message ? err.message : "taken");
		if (rows[i].expected)
			expect(&found, rows[i].expected);
		else
			assert_non_null(strstr(err.message, "apps/login"));
	}
}

static void test_helm_secrets(void **state)
{
	struct cluster cluster = {
		.kube = {.ops = &ops},
		.pairs = P("username", "ada", "password", "pw", "bearerToken", "no", "tls.crt", "C",
			"tls.key", "K"),
	};
	const struct access access = {.kube = &cluster.kube};
	struct plan_access wanted = {
		.namespace = (char[]){"apps"},
		.secret = (char[]){"login"},
		.cert_secret = (char[]){"certs"},
	};
	CLEANUP(git_credentials_clear) struct git_credentials found = GIT_CREDENTIALS_INIT;

	(void)state;
	assert_int_equal(access_chart(&access, "https://h/charts", &wanted, &found, NULL), 0);
	expect(&found, "ada pw - - C K - - -");
	assert_int_equal(cluster.asked, 2);
}

static void test_proxies(void **state)
{
	const struct {
		const char *const *pairs;
		const char *expected;
	} rows[] = {
		{P("address", "http://proxy:3128"), "- - - - - - - - http://proxy:3128"},
		{P("address", "http://proxy:3128", "username", "a@b", "password", "p:w"),
			"- - - - - - - - http://a%40b:p%3Aw@proxy:3128"},
		{P("username", "ada"), NULL},
	};
	struct plan_access wanted = {
		.namespace = (char[]){"apps"}, .proxy_secret = (char[]){"proxy"}};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct cluster cluster = {.kube = {.ops = &ops}, .pairs = rows[i].pairs};
		const struct access access = {.kube = &cluster.kube};
		CLEANUP(git_credentials_clear)
		struct git_credentials found = GIT_CREDENTIALS_INIT;

		assert_int_equal(access_git(&access, "https://h/o/r", &wanted, &found, NULL),
			rows[i].expected ? 0 : -1);
		if (rows[i].expected)
			expect(&found, rows[i].expected);
	}
}

/* What stands in the URL logs in where no Secret is named; nothing of ours does unless it is said. */
static void test_without_secrets(void **state)
{
	const struct access nothing = {.kube = NULL};
	const struct access own = {.own_ssh = true};
	struct plan_access in_url = {.user = (char[]){"ada"}, .password = (char[]){"pw"}};
	struct plan_access plain = {.secret = NULL};
	CLEANUP(git_credentials_clear) struct git_credentials found = GIT_CREDENTIALS_INIT;

	(void)state;
	assert_int_equal(access_git(&nothing, "https://h/o/r", &plain, &found, NULL), 0);
	expect(&found, "- - - - - - - - -");
	assert_false(found.own_ssh);
	assert_int_equal(access_git(&nothing, "https://h/o/r", &in_url, &found, NULL), 0);
	expect(&found, "ada pw - - - - - - -");
	git_credentials_clear(&found);
	assert_int_equal(access_git(&own, "ssh://git@h/o/r", &plain, &found, NULL), 0);
	assert_true(found.own_ssh);
}

static void test_refusals(void **state)
{
	struct cluster cluster = {.kube = {.ops = &ops}, .forbidden = true};
	const struct access access = {.kube = &cluster.kube};
	struct plan_access secret = {.namespace = (char[]){"apps"}, .secret = (char[]){"login"}};
	struct plan_access provider = {
		.namespace = (char[]){"apps"}, .provider = (char[]){"github"}};
	CLEANUP(git_credentials_clear) struct git_credentials found = GIT_CREDENTIALS_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(access_git(&access, "https://h/o/r", &secret, &found, &err), -1);
	assert_int_equal(err.kind, ERROR_FORBIDDEN);
	assert_string_equal(err.message, "reading Secret apps/login: you may not");
	assert_non_null(strstr(err.hint, "--credentials"));
	assert_int_equal(access_git(&access, "https://h/o/r", &provider, &found, &err), -1);
	assert_non_null(strstr(err.message, "provider github"));
	assert_int_equal(cluster.asked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_git_secrets),
		cmocka_unit_test(test_helm_secrets),
		cmocka_unit_test(test_proxies),
		cmocka_unit_test(test_without_secrets),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

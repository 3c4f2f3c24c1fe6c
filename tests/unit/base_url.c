/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/url.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text, *scheme, *user, *password, *host, *port, *path, *query;
	} rows[] = {
		{"https://h", "https", NULL, NULL, "h", NULL, "", NULL},
		{"HTTPS://h:6443/a/b?c=d#e", "https", NULL, NULL, "h", "6443", "/a/b", "c=d"},
		{"http://u:p%40s@[::1]:80/", "http", "u", "p@s", "::1", "80", "/", NULL},
		{"http://u@h", "http", "u", NULL, "h", NULL, "", NULL},
		{"127.0.0.1:8443", "", NULL, NULL, "127.0.0.1", "8443", "", NULL},
		{"host/path", "", NULL, NULL, "host", NULL, "/path", NULL},
		{"https://h:", "https", NULL, NULL, "h", NULL, "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autourl url = URL_INIT;

		assert_true(url_parse(rows[i].text, &url));
		assert_string_equal(url.scheme, rows[i].scheme);
		assert_true(streq(url.user, rows[i].user));
		assert_true(streq(url.password, rows[i].password));
		assert_string_equal(url.host, rows[i].host);
		assert_true(streq(url.port, rows[i].port));
		assert_string_equal(url.path, rows[i].path);
		assert_true(streq(url.query, rows[i].query));
	}
}

static void test_refused(void **state)
{
	static const char *const rows[] = {
		"https://[::1",
		"https://h:x",
		"https://h:99999",
		"https://a b",
		"1x://h",
		"https://h/%zz",
		"https://h/%4",
		"https://h\n",
		"https://[::1]x",
		"https://h/%00",
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct url url;

		assert_false(url_parse(rows[i], &url));
	}
}

static void test_host_port(void **state)
{
	static const char *const rows[][2] = {
		{"https://h", "h:443"},
		{"http://h", "h:80"},
		{"https://[fd00::1]", "[fd00::1]:443"},
		{"https://h:1", "h:1"},
		{"socks5://p", "p:1080"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autourl url = URL_INIT;
		autobuf out = BUF_INIT;

		assert_true(url_parse(rows[i][0], &url));
		url_host_port(&url, &out);
		assert_string_equal(out.ptr, rows[i][1]);
	}
}

static void test_encode(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	url_encode(&out, "a b/c=d,e~\xc3\xa9");
	assert_string_equal(out.ptr, "a%20b%2Fc%3Dd%2Ce~%C3%A9");
}

static void clear_environment(void)
{
	static const char *const names[] = {
		"HTTPS_PROXY",
		"https_proxy",
		"HTTP_PROXY",
		"http_proxy",
		"NO_PROXY",
		"no_proxy",
		"ALL_PROXY",
	};

	for (size_t i = 0; i < countof(names); i++)
		unsetenv(names[i]);
}

static void assert_proxy(const char *address, const char *want)
{
	autourl url = URL_INIT;

	assert_true(url_parse(address, &url));
	autofree char *proxy = url_proxy_from_environment(&url);
	assert_string_equal(proxy, want);
}

static void test_proxy_by_scheme(void **state)
{
	(void)state;
	clear_environment();
	setenv("ALL_PROXY", "http://all:1", 1);
	assert_proxy("https://h", "");
	setenv("https_proxy", "p:3128", 1);
	assert_proxy("https://h", "http://p:3128");
	setenv("HTTPS_PROXY", "socks5://q", 1);
	assert_proxy("https://h", "socks5://q");
	assert_proxy("http://h", "");
	assert_proxy("https://localhost", "");
	assert_proxy("https://127.9.9.9:6443", "");
	assert_proxy("https://[::1]", "");
}

static void test_no_proxy(void **state)
{
	static const struct {
		const char *rules, *address;
		bool exempt;
	} rows[] = {
		{"*", "https://h", true},
		{"example.com", "https://example.com", true},
		{"example.com", "https://a.example.com", true},
		{"example.com", "https://badexample.com", false},
		{".example.com", "https://example.com", false},
		{".example.com", "https://a.example.com", true},
		{"*.example.com", "https://a.example.com", true},
		{"example.com:8443", "https://example.com", false},
		{"example.com:8443", "https://example.com:8443", true},
		{"10.0.0.0/8", "https://10.1.2.3", true},
		{"10.0.0.0/8", "https://11.1.2.3", false},
		{"10.1.2.3", "https://10.1.2.3:6443", true},
		{"fd00::/8", "https://[fd12::1]", true},
		{"other, example.com", "https://EXAMPLE.com", true},
		{"10.0.0.0/99", "https://10.1.2.3", false},
	};

	(void)state;
	clear_environment();
	setenv("HTTPS_PROXY", "http://p", 1);
	for (size_t i = 0; i < countof(rows); i++) {
		setenv("NO_PROXY", rows[i].rules, 1);
		assert_proxy(rows[i].address, rows[i].exempt ? "" : "http://p");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_host_port),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_proxy_by_scheme),
		cmocka_unit_test(test_no_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

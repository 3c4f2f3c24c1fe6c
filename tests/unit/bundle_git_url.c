/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "bundle/git_url.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		enum git_scheme scheme;
		const char *user, *password, *host, *port, *path;
	} rows[] = {
		{"https://h/a/b.git", GIT_HTTPS, NULL, NULL, "h", "443", "/a/b.git"},
		{"https://u:p%40s@h:8443/a%20b", GIT_HTTPS, "u", "p@s", "h", "8443", "/a%20b"},
		{"http://[::1]:80/a", GIT_HTTP, NULL, NULL, "::1", "80", "/a"},
		{"ssh://git@h/a%20b", GIT_SSH, "git", NULL, "h", "22", "/a b"},
		{"ssh://h:2222/~ada/x", GIT_SSH, NULL, NULL, "h", "2222", "~ada/x"},
		{"git@h:a/../b", GIT_SSH, "git", NULL, "h", "22", "a/../b"},
		{"h:/srv/x", GIT_SSH, NULL, NULL, "h", "22", "/srv/x"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autogiturl url = GIT_URL_INIT;

		assert_int_equal(git_url_parse(rows[i].text, &url, NULL), 0);
		assert_int_equal(url.scheme, rows[i].scheme);
		assert_true(streq(url.user, rows[i].user));
		assert_true(streq(url.password, rows[i].password));
		assert_string_equal(url.host, rows[i].host);
		assert_string_equal(git_url_port(&url), rows[i].port);
		assert_string_equal(url.path, rows[i].path);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"/srv/x", "begins neither"},
		{"./a:b", "begins neither"},
		{"file:///srv/x", "https, http and ssh"},
		{"ext::sh -c id", "begins neither"},
		{"ext::sh:x", "begins neither"},
		{"git://h/x", "https, http and ssh"},
		{"https://h", "no path"},
		{"https://h/", "no path"},
		{"https://h/a?b=c", "query"},
		{"https://h/a#b", "query or a fragment"},
		{"https://h/a/../b", "'..'"},
		{"https://h/a/%2e%2E/b", "'..'"},
		{"https://h/a\nb", "control characters"},
		{"https:///a", "no name or address"},
		{"ssh://-oProxyCommand=id/x", "no name or address"},
		{"ssh://-l@h/x", "no plain name"},
		{"ssh://a%20b@h/x", "no plain name"},
		{"ssh://a%24%28id%29@h/x", "no plain name"},
		{"-oProxyCommand=id:x", "no name or address"},
		{"h:-oX", "begins with '-'"},
		{"ssh://h/a%0ab", "control characters"},
		{"ssh://u:secret@h/x", "no password"},
		{"ssh://h%x/y", "no name or address"},
		{"ssh://h/%x", "malformed"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autogiturl url = GIT_URL_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(git_url_parse(rows[i].text, &url, &err), -1);
		assert_int_equal(err.kind, ERROR_USAGE);
		if (!strstr(err.message, rows[i].why))
			fail_msg("%s: %s", rows[i].text, err.message);
		assert_null(strstr(err.message, "secret"));
	}
}

static void test_public(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"https://u:p@h/x", "https://h/x"},
		{"https://token@h:1/x", "https://h:1/x"},
		{"https://u:p@s@h/x@y", "https://h/x@y"},
		{"https://h/x?access_token=1", "https://h/x"},
		{"ssh://git@h/x", "ssh://git@h/x"},
		{"ssh://git:p@h/x", "ssh://git@h/x"},
		{"git@h:x/y", "git@h:x/y"},
		{"u:p@h:x", "u@h:x"},
		{"plain", "plain"},
		{"", ""},
		{"https://h/\033[2J", "https://h/?[2J"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *shown = git_url_public(rows[i].text);

		assert_string_equal(shown, rows[i].expected);
	}
}

static void test_covers(void **state)
{
	static const struct {
		const char *prefix, *url;
		bool expected;
	} rows[] = {
		{"https://h/a", "https://h/a", true},
		{"https://h/a", "https://H:443/a/b", true},
		{"https://h/a/", "https://h/a/b", true},
		{"https://h/a", "https://h/ab", false},
		{"https://h/a", "https://h.evil/a", false},
		{"https://h/a", "http://h/a", false},
		{"https://h/a", "https://h:8443/a", false},
		{"ssh://git@h/a", "git@h:/a", true},
		{"ssh://git@h/a", "ssh://bob@h/a", false},
		{"ssh://h/a", "ssh://bob@h/a", true},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autogiturl prefix = GIT_URL_INIT;
		autogiturl url = GIT_URL_INIT;

		assert_int_equal(git_url_parse(rows[i].prefix, &prefix, NULL), 0);
		assert_int_equal(git_url_parse(rows[i].url, &url, NULL), 0);
		assert_int_equal(git_url_covers(&prefix, &url), rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_public),
		cmocka_unit_test(test_covers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

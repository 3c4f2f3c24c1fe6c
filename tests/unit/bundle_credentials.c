/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "bundle/credentials.h"

/* A folder of its own for each test. */
static char folder[64];

static int set_up(void **state)
{
	(void)state;
	memcpy(folder, "/tmp/credentials.XXXXXX", 24);
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	autofree char *command = xasprintf("rm -rf '%s'", folder);

	(void)state;
	return system(command);
}

static char *write_file(const char *name, const char *text, mode_t mode)
{
	char *path = xasprintf("%s/%s", folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static void test_rows(void **state)
{
	static const char text[] = "credentials:\n"
				   "- url: https://h\n"
				   "  username: all\n"
				   "  password: one\n"
				   "- url: https://h/team/\n"
				   "  username: ada\n"
				   "  passwordFile: secret\n"
				   "  caFile: ca\n"
				   "  proxy: ''\n"
				   "- url: https://h/team/app\n"
				   "  bearerTokenFile: secret\n"
				   "- url: ssh://git@h:2222\n"
				   "  identityFile: secret\n"
				   "  knownHostsFile: ca\n";
	static const struct {
		const char *url;
		int found;
		const char *username, *password, *bearer, *identity;
	} rows[] = {
		{"https://h/x", 1, "all", "one", NULL, ""},
		{"https://h/team", 1, "ada", "p w", NULL, ""},
		{"https://h/team/other", 1, "ada", "p w", NULL, ""},
		{"https://h/team/app", 1, NULL, NULL, "p w", ""},
		{"https://h/teams", 1, "all", "one", NULL, ""},
		{"https://h:8443/team", 0, NULL, NULL, NULL, ""},
		{"http://h/team", 0, NULL, NULL, NULL, ""},
		{"ssh://git@h:2222/x", 1, NULL, NULL, NULL, "p w\r\n"},
		{"ssh://eve@h:2222/x", 0, NULL, NULL, NULL, ""},
	};
	autofree char *path = write_file("credentials.yaml", text, 0600);
	autofree char *secret = write_file("secret", "p w\r\n", 0600);
	autofree char *ca = write_file("ca", "public", 0644);
	autocredentials *credentials = NULL;

	(void)state;
	assert_int_equal(credentials_open(path, &credentials, NULL), 0);
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(git_credentials_clear)
		struct git_credentials found = GIT_CREDENTIALS_INIT;

		assert_int_equal(
			credentials_find(credentials, rows[i].url, &found, NULL), rows[i].found);
		assert_true(streq(found.username, rows[i].username));
		assert_true(streq(found.password, rows[i].password));
		assert_true(streq(found.bearer, rows[i].bearer));
		assert_string_equal(found.identity.ptr, rows[i].identity);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "no list 'credentials'"},
		{"[]", "no list 'credentials'"},
		{"credentials: {}", "no list 'credentials'"},
		{"{credentials: [], more: 1}", "'more' is not known"},
		{"credentials: [x]", "row 1: it is not a map"},
		{"credentials: [{username: x}]", "row 1: it has no 'url'"},
		{"credentials: [{url: 'https://h', user: x}]", "'user' is not known"},
		{"credentials: [{url: 'https://h', username: 1}]", "'username' is not a text"},
		{"credentials: [{url: 'https://u:secret@h'}]", "a password stands in 'url'"},
		{"credentials: [{url: 'file:///x'}]", "https, http and ssh"},
		{"credentials: [{url: 'https://h', identityFile: x}]",
			"'identityFile' is not for https"},
		{"credentials: [{url: 'ssh://h', password: x}]", "'password' is not for ssh"},
		{"credentials: [{url: 'http://h', username: x}]", "for https and ssh"},
		{"credentials: [{url: 'https://h', password: a, passwordFile: b}]", "either"},
		{"credentials: [{url: 'https://h', password: a, bearerTokenFile: b}]", "either"},
		{"credentials: [{url: 'https://h', certFile: a}]", "go together"},
		{"credentials: [{url: 'https://h'}, {url: 'https://H:443/'}]",
			"rows 1 and 2 are for the same URL"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *path = write_file("credentials.yaml", rows[i].text, 0600);
		autocredentials *credentials = NULL;
		autoerror err = ERROR_INIT;

		assert_int_equal(credentials_open(path, &credentials, &err), -1);
		if (!strstr(err.message, rows[i].why))
			fail_msg("%s: %s", rows[i].text, err.message);
		assert_null(strstr(err.message, "secret"));
	}
}

/* Others may read neither the file nor the secrets that it names. */
static void test_readable_by_others(void **state)
{
	static const char text[] = "credentials: [{url: 'https://h', passwordFile: secret}]";
	autofree char *open_path = write_file("open.yaml", text, 0640);
	autofree char *path = write_file("closed.yaml", text, 0600);
	autofree char *secret = write_file("secret", "x", 0604);
	CLEANUP(git_credentials_clear) struct git_credentials found = GIT_CREDENTIALS_INIT;
	autocredentials *credentials = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(credentials_open(open_path, &credentials, &err), -1);
	assert_non_null(strstr(err.message, "others may read it"));
	assert_int_equal(credentials_open(path, &credentials, &err), 0);
	assert_int_equal(credentials_find(credentials, "https://h/x", &found, &err), -1);
	assert_non_null(strstr(err.message, "others may read it"));
	assert_null(found.password);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_readable_by_others, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

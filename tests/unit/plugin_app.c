/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "plugin/app.h"

/* An app that writes into memory. */
struct fixture {
	struct globals globals;
	struct app app;
	char *err_text;
	size_t err_len;
};

static void fixture_init(struct fixture *fixture)
{
	*fixture = (struct fixture){.globals.kube.server = "https://127.0.0.1:1"};
	fixture->globals.kube.kubeconfig = "/dev/null";
	app_init(&fixture->app, &fixture->globals);
	fixture->app.err = open_memstream(&fixture->err_text, &fixture->err_len);
}

static void fixture_clear(struct fixture *fixture)
{
	app_clear(&fixture->app);
	globals_clear(&fixture->globals);
	fclose(fixture->app.err);
	free(fixture->err_text);
}

static const char *err_text(struct fixture *fixture)
{
	fflush(fixture->app.err);
	return fixture->err_text;
}

static void test_each_warning_once(void **state)
{
	CLEANUP(fixture_clear) struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	app_warn(&fixture.app, "%s", "old API");
	app_warn(&fixture.app, "%s", "old\033[2J");
	app_warn(&fixture.app, "%s", "old API");
	assert_string_equal(err_text(&fixture), "Warning: old API\nWarning: old^[[2J\n");
}

static void test_warning_is_yellow_on_a_terminal(void **state)
{
	CLEANUP(fixture_clear) struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	fixture.app.err_color = true;
	app_warn(&fixture.app, "x");
	assert_string_equal(err_text(&fixture), "\033[33;1mWarning:\033[0m x\n");
}

static void test_warnings_have_an_end(void **state)
{
	CLEANUP(fixture_clear) struct fixture fixture;
	size_t lines = 0;

	(void)state;
	fixture_init(&fixture);
	for (int i = 0; i < 1000; i++)
		app_warn(&fixture.app, "warning %d", i);
	for (const char *at = err_text(&fixture); *at; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 101);
	assert_non_null(strstr(err_text(&fixture), "Warning: further warnings are not shown\n"));
}

/* What the client calls while it waits. */
static void tick(struct fixture *fixture)
{
	autoerror err = ERROR_INIT;
	struct kube *kube = fixture->app.kube;

	assert_int_equal(kube->tick(kube->tick_ctx, &err), 0);
}

static void test_progress_after_a_second(void **state)
{
	CLEANUP(fixture_clear) struct fixture fixture;
	autoerror err = ERROR_INIT;

	(void)state;
	fixture_init(&fixture);
	fixture.app.progress = true;
	assert_int_equal(app_open_kube(&fixture.app, &err), 0);
	app_progress(&fixture.app, "listing %d kinds", 14);
	tick(&fixture);
	assert_string_equal(err_text(&fixture), "");
	fixture.app.waiting_since -= 3000;
	tick(&fixture);
	assert_string_equal(err_text(&fixture), "\r\033[Kwaiting 3s for listing 14 kinds");
	app_warn(&fixture.app, "x");
	assert_string_equal(
		err_text(&fixture), "\r\033[Kwaiting 3s for listing 14 kinds\r\033[KWarning: x\n");
	tick(&fixture);
	app_progress_end(&fixture.app);
	assert_true(ends_with(err_text(&fixture), "listing 14 kinds\r\033[K"));
}

static void test_no_progress_without_a_terminal(void **state)
{
	CLEANUP(fixture_clear) struct fixture fixture;
	autoerror err = ERROR_INIT;

	(void)state;
	fixture_init(&fixture);
	fixture.app.progress = false;
	assert_int_equal(app_open_kube(&fixture.app, &err), 0);
	fixture.app.waiting_since -= 3000;
	tick(&fixture);
	app_progress_end(&fixture.app);
	assert_string_equal(err_text(&fixture), "");
}

static void test_full_disk_is_noticed(void **state)
{
	CLEANUP(fixture_clear) struct fixture fixture;
	autoerror err = ERROR_INIT;

	(void)state;
	fixture_init(&fixture);
	fixture.app.out = fopen("/dev/full", "w");
	if (!fixture.app.out)
		skip();
	fputs("answer", fixture.app.out);
	assert_int_equal(app_flush(&fixture.app, &err), -1);
	assert_string_equal(err.message, "write: no space left on device");
	fclose(fixture.app.out);
}

static void test_color(void **state)
{
	static const struct {
		const char *when;
		bool color;
	} rows[] = {{"always", true}, {"never", false}};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct globals globals = {.color = rows[i].when};
		struct app app;

		app_init(&app, &globals);
		assert_int_equal(app.color, rows[i].color);
		assert_string_equal(app_style(&app, STYLE_BAD), rows[i].color ? "\033[31m" : "");
		assert_string_equal(app_style_end(&app), rows[i].color ? "\033[0m" : "");
		app_clear(&app);
	}
}

static void test_locale(void **state)
{
	static const struct {
		const char *lc_all, *lc_ctype, *lang;
		bool utf8;
	} rows[] = {
		{"", "", "", false},
		{"", "", "C.UTF-8", true},
		{"", "", "de_DE.utf8", true},
		{"C", "en_US.UTF-8", "en_US.UTF-8", false},
		{"", "POSIX", "en_US.UTF-8", false},
		{"", "C.UTF-8", "C", true},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct globals globals = {.color = NULL};
		struct app app;

		setenv("LC_ALL", rows[i].lc_all, 1);
		setenv("LC_CTYPE", rows[i].lc_ctype, 1);
		setenv("LANG", rows[i].lang, 1);
		app_init(&app, &globals);
		assert_int_equal(app.utf8, rows[i].utf8);
		app_clear(&app);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_warning_once),
		cmocka_unit_test(test_warning_is_yellow_on_a_terminal),
		cmocka_unit_test(test_warnings_have_an_end),
		cmocka_unit_test(test_progress_after_a_second),
		cmocka_unit_test(test_no_progress_without_a_terminal),
		cmocka_unit_test(test_full_disk_is_noticed),
		cmocka_unit_test(test_color),
		cmocka_unit_test(test_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

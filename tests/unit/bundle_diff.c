/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "bundle/diff.h"

/* What one row of a lock needs here. */
struct row {
	const char *url, *used_by, *ref;
	unsigned char commit; /* every byte of the oid */
};

static void add_git(struct lock *lock, const struct row *row)
{
	struct lock_git *git;

	lock->git = xreallocarray(lock->git, lock->git_count + 1, sizeof(*lock->git));
	git = &lock->git[lock->git_count++];
	*git = (struct lock_git){
		.name = xstrdup(row->used_by),
		.url = xstrdup(row->url),
		.used_by = STRV_INIT,
		.refs = xcalloc(1, sizeof(*git->refs)),
		.ref_count = 1,
		.history = xstrdup("full"),
	};
	strv_push(&git->used_by, row->used_by);
	git->refs[0].name = xstrdup(row->ref);
	memset(git->refs[0].oid.bytes, row->commit, OID_LEN);
}

static void add_chart(struct lock *lock, const char *name, const char *version)
{
	lock->charts = xreallocarray(lock->charts, lock->chart_count + 1, sizeof(*lock->charts));
	lock->charts[lock->chart_count++] = (struct lock_chart){
		.repository = xstrdup("https://charts.example.com"),
		.name = xstrdup(name),
		.version = xstrdup(version),
		.used_by = STRV_INIT,
	};
}

static void compare(const struct lock *before, const struct lock *after, struct diff *diff)
{
	struct diff_side sides[] = {{.lock = before}, {.lock = after}};
	struct diff_options options = {.commits = 1};
	autoerror err = ERROR_INIT;

	assert_int_equal(diff_locks(&sides[0], &sides[1], &options, diff, &err), 0);
}

static void test_sources(void **state)
{
	static const struct row main_1 = {
		"https://x/app", "GitRepository/a/app", "refs/heads/main", 1};
	static const struct row main_2 = {
		"https://x/app", "GitRepository/a/app", "refs/heads/main", 2};
	static const struct row moved = {
		"https://y/app", "GitRepository/a/app", "refs/heads/main", 1};
	static const struct row other = {"https://x/o", "GitRepository/a/o", "refs/heads/main", 1};
	static const struct row branch = {
		"https://x/app", "GitRepository/a/app", "refs/heads/next", 1};
	static const struct {
		const struct row *before, *after;
		size_t sources;
		enum diff_change first;
		size_t refs;      /* of the first source */
		bool url_changed; /* of the first source */
	} rows[] = {
		{&main_1, &main_1, 0, DIFF_ADDED, 0, false},
		{&main_1, &main_2, 1, DIFF_CHANGED, 1, false},
		{&main_1, &other, 2, DIFF_ADDED, 1, false},
		{&main_1, &branch, 1, DIFF_CHANGED, 2, false},
		{NULL, &main_1, 1, DIFF_ADDED, 1, false},
		{&main_1, NULL, 1, DIFF_REMOVED, 1, false},
		{&main_2, &moved, 1, DIFF_CHANGED, 1, true},
		/* The same commit at another address is no difference. */
		{&main_1, &moved, 0, DIFF_ADDED, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autolock before = LOCK_INIT;
		autolock after = LOCK_INIT;
		CLEANUP(diff_clear) struct diff diff = DIFF_INIT;

		if (rows[i].before)
			add_git(&before, rows[i].before);
		if (rows[i].after)
			add_git(&after, rows[i].after);
		compare(&before, &after, &diff);
		assert_int_equal(diff.source_count, rows[i].sources);
		assert_int_equal(diff_is_empty(&diff), rows[i].sources == 0);
		if (!diff.source_count)
			continue;
		assert_int_equal(diff.sources[0].change, rows[i].first);
		assert_int_equal(diff.sources[0].ref_count, rows[i].refs);
		assert_int_equal(diff.sources[0].url_before != NULL, rows[i].url_changed);
	}
}

/* Without a bundle nothing is known of commits, and that is said. */
static void test_unread(void **state)
{
	static const struct row one = {
		"https://x/app", "GitRepository/a/app", "refs/heads/main", 1};
	static const struct row two = {
		"https://x/app", "GitRepository/a/app", "refs/heads/main", 2};
	autolock before = LOCK_INIT;
	autolock after = LOCK_INIT;
	CLEANUP(diff_clear) struct diff diff = DIFF_INIT;

	(void)state;
	add_git(&before, &one);
	add_git(&after, &two);
	compare(&before, &after, &diff);
	assert_string_equal(diff.sources[0].refs[0].unread,
		"commit 0101010101010101010101010101010101010101 is in no bundle that was given");
	assert_false(diff.has_bytes);
}

static void test_charts(void **state)
{
	autolock before = LOCK_INIT;
	autolock after = LOCK_INIT;
	CLEANUP(diff_clear) struct diff diff = DIFF_INIT;

	(void)state;
	add_chart(&before, "gone", "1.0.0");
	add_chart(&before, "podinfo", "6.3.0");
	add_chart(&before, "same", "1.0.0");
	add_chart(&after, "new", "2.0.0");
	add_chart(&after, "podinfo", "6.5.0");
	add_chart(&after, "same", "1.0.0");
	compare(&before, &after, &diff);
	assert_int_equal(diff.chart_count, 3);
	assert_string_equal(diff.charts[0].name, "gone");
	assert_null(diff.charts[0].after);
	assert_string_equal(diff.charts[1].name, "podinfo");
	assert_string_equal(diff.charts[1].before, "6.3.0");
	assert_string_equal(diff.charts[1].after, "6.5.0");
	assert_string_equal(diff.charts[2].name, "new");
	assert_null(diff.charts[2].before);
	assert_false(diff_is_empty(&diff));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_unread),
		cmocka_unit_test(test_charts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

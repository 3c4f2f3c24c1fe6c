/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memmem */
/* What is laid out below a folder, looked at with the real git and tar. */
#include "extract_sample.h"

#include <signal.h>

#include "bundle/extract.h"
#include "bundle/source.h"

static char *whole_path, *delta_path;

static int set_up(void **state)
{
	autolock whole;
	autolock delta;
	struct sha256_text id;

	if (git_folder_set_up(state) < 0)
		return -1;
	git_make("full", 40);
	setenv("XDG_CACHE_HOME", git_folder, 1);
	assert_int_equal(store_open(&store, NULL), 0);
	whole_path = xasprintf("%s/whole.tar", git_folder);
	delta_path = xasprintf("%s/delta.tar", git_folder);
	fill(&whole, "main~20", NULL);
	write_bundle(&whole, whole_path, &id);
	fill(&delta, "main", "main~20");
	delta.sequence = 2;
	delta.base = id;
	delta.base_sequence = 1;
	write_bundle(&delta, delta_path, NULL);
	return 0;
}

static int tear_down(void **state)
{
	store_free(store);
	free(whole_path);
	free(delta_path);
	return git_folder_tear_down(state);
}

/* ---- */

static int extract(const char *path, const char *base, const char *folder, unsigned forms,
	const char *source, const char *ref, struct extract_report *report, struct error *err)
{
	autofree char *whole = xasprintf("%s/%s", git_folder, folder);
	autostrv sources = STRV_INIT;
	autostrv bases = STRV_INIT;
	struct extract_options options = {.forms = forms, .sources = &sources, .ref = ref};
	autobundle *bundle = NULL;
	int result;

	if (source)
		strv_push(&sources, source);
	if (base)
		strv_push(&bases, base);
	assert_int_equal(bundle_open(path, NULL, &bundle, err), 0);
	if (bundle_bases_open(bundle, &bases, &options.bases, &options.base_count, err) < 0)
		return -1;
	result = bundle_extract(bundle, whole, &options, report, err);
	bundle_bases_free(options.bases, options.base_count);
	return result;
}

/* The same, which has to work; the paths of what was written, a line each. */
static void extract_well(const char *path, const char *base, const char *folder, unsigned forms,
	const char *source, const char *ref, struct buf *paths)
{
	CLEANUP(extract_report_clear) struct extract_report report = {.count = 0};
	autoerror err = ERROR_INIT;

	if (extract(path, base, folder, forms, source, ref, &report, &err) < 0)
		fail_msg("%s", err.message);
	buf_reset(paths);
	for (size_t i = 0; i < report.count; i++)
		buf_addf(paths, "%s: %s\n", report.rows[i].path,
			report.rows[i].note ? report.rows[i].note : "-");
}

static void test_usual(void **state)
{
	autobuf paths = BUF_INIT;
	autobuf text = BUF_INIT;

	(void)state;
	extract_well(whole_path, NULL, "out", 0, NULL, NULL, &paths);
	git_shell(&text,
		"echo 'git/fleet.git: HEAD is refs/heads/main'; echo artifacts/tip.tar.gz: "
		"main@sha1:0101010101010101010101010101010101010101, sha256:$(sha256sum "
		"<out/artifacts/tip.tar.gz | cut -d' ' -f1); echo 'charts/charts.test-a: -'; "
		"echo 'charts/charts.test-a-2: -'; echo 'cluster.jsonl.gz: -'");
	assert_string_equal(paths.ptr, text.ptr);
	git_shell(&text, "cat out/cluster.jsonl.gz");
	assert_string_equal(text.ptr, "cluster");
}

static void test_repository(void **state)
{
	autobuf paths = BUF_INIT;

	(void)state;
	extract_well(whole_path, NULL, "repository", EXTRACT_GIT, "fleet", NULL, &paths);
	git_shell(NULL, "git -C repository/git/fleet.git fsck --strict --full");
	git_shell(NULL, "git clone -q repository/git/fleet.git clone && cd clone && "
			"test $(git rev-parse HEAD) = $(git -C ../full rev-parse main~20) && "
			"test $(git symbolic-ref HEAD) = refs/heads/main && "
			"test $(git rev-parse v2) = $(git -C ../full rev-parse v2) && git status");
	git_shell(NULL, "ls -A repository | grep -qx git && test ! -e repository.partial && "
			"test $(ls -A repository | wc -l) = 1");
	/* What git makes itself is byte for byte the same index. */
	git_shell(NULL,
		"cp repository/git/fleet.git/objects/pack/*.pack again.pack && git index-pack -o "
		"again.idx again.pack && cmp again.idx "
		"repository/git/fleet.git/objects/pack/*.idx");
}

static void test_git_bundle(void **state)
{
	autobuf paths = BUF_INIT;

	(void)state;
	extract_well(whole_path, NULL, "file", EXTRACT_BUNDLE, "fleet", NULL, &paths);
	git_shell(NULL,
		"git clone -q -b main file/bundles/fleet.bundle file/clone && test $(git -C "
		"file/clone rev-parse HEAD) = $(git -C full rev-parse main~20)");
}

/* Against what git checks out, links made files. */
static void compare_tree(const char *revision, const char *tree)
{
	git_shell(NULL,
		"rm -rf wanted && mkdir wanted && git -C full archive %s | tar -C wanted -x && cd "
		"wanted "
		"&& for link in $(find . -type l); do target=$(readlink $link); rm $link; printf "
		"%%s "
		"\"$target\" >$link; done; cd .. && diff -r wanted %s && (cd wanted && find . "
		"-perm -1 "
		"-type f | sort) >wanted.x && (cd %s && find . -perm -1 -type f | sort) | cmp - "
		"wanted.x",
		revision, tree, tree);
}

static void test_trees(void **state)
{
	struct oid old = git_oid("full", "main~36");
	char hex[OID_HEX_LEN + 1];
	autobuf paths = BUF_INIT;
	autofree char *wanted = NULL;

	(void)state;
	extract_well(whole_path, NULL, "head", EXTRACT_TREE, "fleet", NULL, &paths);
	compare_tree("main~20", "head/trees/fleet");
	extract_well(whole_path, NULL, "tagged", EXTRACT_TREE, "fleet", "old", &paths);
	compare_tree("main~21", "tagged/trees/fleet");
	oid_hex(&old, hex);
	extract_well(whole_path, NULL, "commit", EXTRACT_TREE, "fleet", hex, &paths);
	compare_tree("main~36", "commit/trees/fleet");
	wanted = xasprintf("trees/fleet: %s@sha1:%s; links as files that hold their target: 1; "
			   "submodules as empty folders: 1\n",
		hex, hex);
	assert_string_equal(paths.ptr, wanted);
	extract_well(whole_path, NULL, "tip", EXTRACT_TREE, "tip", NULL, &paths);
	git_shell(NULL, "diff -r in tip/trees/tip");
}

static void test_artifacts(void **state)
{
	autobuf first = BUF_INIT;
	autobuf second = BUF_INIT;

	(void)state;
	extract_well(whole_path, NULL, "made", EXTRACT_ARTIFACT, NULL, NULL, &first);
	extract_well(whole_path, NULL, "again", EXTRACT_ARTIFACT, NULL, NULL, &second);
	assert_string_equal(first.ptr, second.ptr);
	git_shell(NULL,
		"cmp made/artifacts/fleet.tar.gz again/artifacts/fleet.tar.gz && mkdir untar && "
		"tar -C untar -xzf made/artifacts/fleet.tar.gz && diff untar/apps full.apps 2>&1 "
		"| grep -q 'No such' && test -s untar/a/very/deep/folder/file.yaml && "
		"echo $(sha256sum <made/artifacts/fleet.tar.gz | cut -d' ' -f1) >sum");
	git_read("sum", &second);
	buf_trim(&second);
	assert_non_null(strstr(first.ptr, second.ptr));
}

static void test_charts(void **state)
{
	autobuf paths = BUF_INIT;
	autobuf index = BUF_INIT;

	(void)state;
	extract_well(whole_path, NULL, "chart", EXTRACT_CHARTS, NULL, NULL, &paths);
	git_shell(&index,
		"cd chart/charts && ls charts.test-a charts.test-a-2 && cat "
		"charts.test-a-2/podinfo-1.1.0.tgz && sha256sum <charts.test-a-2/podinfo-1.1.0.tgz "
		"| cut -d' ' -f1 | grep -qf - charts.test-a-2/index.yaml");
	assert_string_equal(index.ptr,
		"charts.test-a:\nindex.yaml\npodinfo-1.0.0.tgz\n\n"
		"charts.test-a-2:\nindex.yaml\npodinfo-1.0.0.tgz\npodinfo-1.1.0.tgz\n"
		"chart 1.1.0 of https://charts.test/a/");
}

static void test_delta(void **state)
{
	autobuf paths = BUF_INIT;
	autoerror err = ERROR_INIT;
	struct extract_report report = {.count = 0};

	(void)state;
	assert_int_equal(
		extract(delta_path, NULL, "delta", EXTRACT_GIT, "fleet", NULL, &report, &err), -1);
	assert_int_equal(err.kind, ERROR_INCOMPLETE);
	assert_string_equal(err.hint, "name the bundle that it builds on with --base");
	extract_well(
		delta_path, whole_path, "delta", EXTRACT_GIT | EXTRACT_TREE, "fleet", NULL, &paths);
	git_shell(NULL,
		"git -C delta/git/fleet.git fsck --strict --full && git clone -q "
		"delta/git/fleet.git delta/clone && test $(git -C delta/clone rev-parse HEAD) = "
		"$(git -C full rev-parse main)");
	compare_tree("main", "delta/trees/fleet");
}

static void test_refusals(void **state)
{
	static const struct {
		const char *folder;
		unsigned forms;
		const char *source, *ref, *error, *hint;
		enum error_kind kind;
	} rows[] = {
		{"no1", 0, "fleeet", NULL, "whole.tar is called 'fleeet'", "did you mean 'fleet'?",
			ERROR_NOT_FOUND},
		{"no2", EXTRACT_GIT, "tip", NULL, "source 'tip' has no pack: its history is 'tip'",
			NULL, ERROR_NOT_FOUND},
		{"no3", EXTRACT_BUNDLE, NULL, NULL,
			"source 'tip' has no pack: its history is 'tip'", NULL, ERROR_NOT_FOUND},
		{"no4", EXTRACT_TREE, "fleet", "v9",
			"source 'fleet': it has no ref and no commit 'v9'", NULL, ERROR_NOT_FOUND},
		{"no5", EXTRACT_TREE, "tip", "v9", "no ref can be chosen", NULL, ERROR_NOT_FOUND},
		{"full", 0, NULL, NULL, "full is not empty", NULL, ERROR_FAILED},
		{"foreign", 0, NULL, NULL, "foreign.partial is not empty", NULL, ERROR_FAILED},
	};

	(void)state;
	git_shell(NULL, "mkdir foreign.partial && touch foreign.partial/x");
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(extract_report_clear) struct extract_report report = {.count = 0};
		autoerror err = ERROR_INIT;

		assert_int_equal(extract(whole_path, NULL, rows[i].folder, rows[i].forms,
					 rows[i].source, rows[i].ref, &report, &err),
			-1);
		if (!strstr(err.message, rows[i].error) || err.kind != rows[i].kind)
			fail_msg("row %zu says %s", i, err.message);
		assert_true(streq(err.hint, rows[i].hint));
	}
	git_shell(NULL, "test ! -e no2 && test ! -e no2.partial && test -e foreign.partial/x");
}

/* A submodule within a submodule, both in the bundle, and one that is not. */
static void test_submodules(void **state)
{
	autofree char *path = xasprintf("%s/modules.tar", git_folder);
	autobuf paths = BUF_INIT;
	autobuf list = BUF_INIT;
	autolock lock = {.sequence = 1};

	(void)state;
	git_shell(NULL,
		"make() { git init -q -b main $1 && cd $1 && mkdir d && echo $1 >d/$1; }; add() { "
		"git "
		"update-index --add --cacheinfo 160000,$1,$2; }; end() { git commit -qm x && cd "
		"..; }; "
		"make inner && git add . && end && make outer && echo '/d' >.sourceignore && git "
		"add . && "
		"add $(git -C ../inner rev-parse HEAD) in/ner && end && make top && git add . && "
		"add $(git -C ../outer rev-parse HEAD) out && "
		"add 0123456789012345678901234567890123456789 not && end");
	lock.git = xcalloc(3, sizeof(*lock.git));
	lock.git_count = 3;
	fill_main(&lock, &lock.git[0], "inner");
	fill_main(&lock, &lock.git[1], "outer");
	fill_main(&lock, &lock.git[2], "top");
	fill_submodule(&lock.git[1], "in/ner", "inner");
	fill_submodule(&lock.git[2], "out", "outer");
	write_bundle(&lock, path, NULL);
	extract_well(path, NULL, "modules", EXTRACT_TREE | EXTRACT_ARTIFACT, "top", NULL, &paths);
	git_shell(&list, "cd modules/trees/top && find . | LC_ALL=C sort");
	assert_string_equal(list.ptr,
		".\n./d\n./d/top\n./not\n./out\n./out/.sourceignore\n./out/d\n./out/d/outer\n"
		"./out/in\n./out/in/ner\n./out/in/ner/d\n./out/in/ner/d/inner\n");
	git_shell(&list, "tar tzf modules/artifacts/top.tar.gz");
	assert_string_equal(list.ptr,
		".\nd\nd/top\nnot\nout\nout/.sourceignore\nout/in\nout/in/ner\n"
		"out/in/ner/d\nout/in/ner/d/inner\n");
	assert_non_null(strstr(paths.ptr, "; submodules as empty folders: 1\n"));
}

/* One byte of the pack is another: its digest is checked before anything is made of it. */
static void test_damage(void **state)
{
	CLEANUP(extract_report_clear) struct extract_report report = {.count = 0};
	autofree char *path = xasprintf("%s/bad.tar", git_folder);
	autoerror err = ERROR_INIT;
	autobuf content = BUF_INIT;
	char *at;

	(void)state;
	git_read("whole.tar", &content);
	at = memmem(content.ptr, content.len, "PACK\0\0\0\2", 8);
	assert_non_null(at);
	at[1000] = (char)(at[1000] ^ 1);
	git_write("bad.tar", &content);
	assert_int_equal(extract(path, NULL, "bad", EXTRACT_GIT, "fleet", NULL, &report, &err), -1);
	assert_int_equal(err.kind, ERROR_DAMAGED);
	assert_non_null(strstr(err.message, "has other bytes than its digest says"));
	git_shell(NULL, "test ! -e bad && test ! -e bad.partial");
}

/* ---- killed */

static int ticks_left;

static int die(void *ctx, struct error *err)
{
	(void)ctx, (void)err;
	if (ticks_left-- == 0)
		raise(SIGKILL);
	return 0;
}

/* Extracts in a program of its own that is killed at a tick; true if it came to its end before. */
static bool extract_killed(int tick, const char *folder)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		autofree char *whole = xasprintf("%s/%s", git_folder, folder);
		struct extract_options options = {.tick = die, .threads = 1};
		struct extract_report report = {.count = 0};
		struct bundle *bundle;
		int result;

		ticks_left = tick;
		result = bundle_open(whole_path, NULL, &bundle, NULL) == 0 &&
			 bundle_extract(bundle, whole, &options, &report, NULL) == 0;
		_exit(result ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return !WIFSIGNALED(status);
}

static void test_killed(void **state)
{
	autobuf paths = BUF_INIT;
	int tick = 0;

	(void)state;
	extract_well(whole_path, NULL, "unhurt", 0, NULL, NULL, &paths);
	for (; tick < 100 && !extract_killed(tick, "killed"); tick++) {
		git_shell(NULL, "test ! -e killed");
		extract_well(whole_path, NULL, "killed", 0, NULL, NULL, &paths);
		git_shell(NULL,
			"diff -r unhurt killed && test ! -e killed.partial && test \"$(ls -A "
			"killed)\" = \"$(ls -A unhurt)\" && rm -r killed");
	}
	assert_in_range(tick, 5, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_repository),
		cmocka_unit_test(test_git_bundle),
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_artifacts),
		cmocka_unit_test(test_charts),
		cmocka_unit_test(test_delta),
		cmocka_unit_test(test_submodules),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_killed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Artifacts of a commit. The digests are those of the tars that source-controller's own code (fluxcd/pkg,
 * artifact/storage/archive.go) made of a checkout of the same commits.
 */
#include "git_folder.h"

#include "base/digest.h"
#include "bundle/object.h"
#include "bundle/tarball.h"

/* Names that Go and Git sort differently, that ustar cuts or has no room for, and of other bytes than
 * ASCII's; links, programs, a submodule; then rules at the top, in folders, and below one left out. */
static const char script[] =
	"git init -q -b main src && cd src && n=$(printf 'n%.0s' $(seq 1 60))\n"
	"put() { mkdir -p \"$(dirname \"$1\")\"; printf %s \"$2\" >\"$1\"; }\n"
	"put a/x 1; put a-b 2; put a.b 3; put ab 4; put a/.hidden 5; put a+/y 6\n"
	"put README.md text; put picture.jpg text; put deploy/app.yaml \"$(seq 1 300)\"\n"
	"put \"$n/$n/file\" long; put \"$n$n\" longer; put \"d/$n/$n/$n/$n/file\" longest\n"
	"put \"$n/$n$n/x\" middle; put \"$(printf 'lat\\351n')\" byte; put empty ''\n"
	"put \"$(printf 'caf\\303\\251')/$(printf '\\346\\227\\245\\346\\234\\254')\" wide\n"
	"put block \"$(printf 'x%.0s' $(seq 1 512))\"; put .gitignore none\n"
	"put run '#!/bin/sh'; chmod 755 run; ln -s run link; mkdir only; ln -s ../run only/link\n"
	"put .github/workflows/ci.yaml ci; put x/.gitattributes none; git add -Af\n"
	"git update-index --add --cacheinfo "
	"160000,0123456789012345678901234567890123456789,lib/module\n"
	"mkdir -p lib/module; git commit -qm plain\n"
	"put .sourceignore '/deploy\n*.md\n!README.md\n'; put a/.sourceignore x\n"
	"put z/.sourceignore '!picture.jpg\nk\n!/keep/k\n'; put z/k 1; put z/keep/k 2; put "
	"z/more/k 3\n"
	"put deploy/keep/.sourceignore '!kept'; put deploy/keep/kept kept; put deploy/keep/not "
	"not\n"
	"git add -Af; git commit -qm rules; git repack -adfq; cp .git/objects/pack/*.pack ../pack";

static const struct {
	const char *revision, *rules, *digest;
} rows[] = {
	{"main~1", NULL, "44a22765eb1d2cfdab2098be0284133cd319e82b928ae6412fe26db913f4a1a1"},
	{"main", NULL, "b8d3e5b4fa073d6cc22348da6a2ce75080f4efa9e96c364cfd4145398ac51bfd"},
	{"main", "/*\n!/deploy/",
		"31646eea3eccf22f5f1cc6565a8cc575b92379c4b0c6d05e37793fcb9db33c8f"},
};

static struct odb *odb;
static struct buf pack_data = BUF_INIT;

static int set_up(void **state)
{
	struct pack_bytes bytes;
	struct pack *pack;
	autoerror err = ERROR_INIT;

	if (git_folder_set_up(state) < 0)
		return -1;
	git_write("script", &(struct buf){.ptr = (char *)(uintptr_t)script, .len = strlen(script)});
	git_shell(NULL, "bash -e script");
	git_read("pack", &pack_data);
	bytes = git_bytes(&pack_data);
	odb = odb_new();
	assert_int_equal(pack_index(&bytes, NULL, NULL, &pack, &err), 0);
	odb_add(odb, pack);
	return 0;
}

static int tear_down(void **state)
{
	odb_free(odb);
	buf_clear(&pack_data);
	return git_folder_tear_down(state);
}

static int collect(void *ctx, const void *data, size_t len, struct error *err)
{
	(void)err;
	buf_add(ctx, data, len);
	return 0;
}

static void make(const char *revision, const char *rules, struct buf *ret)
{
	autofree char *name = xasprintf("%s^{tree}", revision);
	struct oid tree = git_oid("src", name);
	const struct tarball_output output = {.write = collect, .ctx = ret};
	autoerror err = ERROR_INIT;

	assert_int_equal(tarball_write(odb, &tree, rules, NULL, &output, &err), 0);
}

static void test_source_controllers_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		char hex[SHA256_HEX_LEN + 1];
		autobuf compressed = BUF_INIT;
		autobuf tar = BUF_INIT;

		make(rows[i].revision, rows[i].rules, &compressed);
		git_write("tar.gz", &compressed);
		git_shell(&tar, "gzip -dc tar.gz");
		sha256_hex(tar.ptr, tar.len, hex);
		if (!streq(hex, rows[i].digest))
			fail_msg("%s is %s", rows[i].revision, hex);
	}
}

static void test_tar_reads_it(void **state)
{
	autobuf compressed = BUF_INIT;
	autobuf list = BUF_INIT;
	autobuf again = BUF_INIT;

	(void)state;
	make("main", NULL, &compressed);
	make("main", NULL, &again);
	assert_int_equal(compressed.len, again.len);
	assert_memory_equal(compressed.ptr, again.ptr, again.len);
	git_write("tar.gz", &compressed);
	git_shell(&list, "mkdir out && tar -C out -xzf tar.gz && cmp out/run src/run && ls out");
	assert_non_null(strstr(list.ptr, "README.md"));
	assert_null(strstr(list.ptr, "link"));
}

static int full(void *ctx, const void *data, size_t len, struct error *err)
{
	(void)ctx, (void)data, (void)len;
	return error_set(err, ERROR_FAILED, "no space");
}

static void test_errors(void **state)
{
	const struct tarball_output output = {.write = full};
	struct oid tree = git_oid("src", "main^{tree}");
	struct oid commit = git_oid("src", "main");
	autobuf compressed = BUF_INIT;
	autobuf rules = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(tarball_write(odb, &tree, NULL, NULL, &output, &err), -1);
	assert_string_equal(err.message, "no space");
	assert_int_equal(tarball_write(odb, &commit, NULL, NULL, &output, &err), -1);
	assert_string_equal(err.message, "a folder that is a commit");
	buf_fill(&rules, 'x', 2000);
	assert_int_equal(tarball_write(odb, &tree, rules.ptr, NULL, &output, &err), -1);
	assert_string_equal(
		err.message, "spec.ignore: more than 10000 rules, or one of more than 1024 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_source_controllers_bytes),
		cmocka_unit_test(test_tar_reads_it),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Packs made anew: the same for the same objects, and good in git's eyes. */
#include "git_folder.h"

#include "bundle/canonical.h"

/* Packs of one odb; the bytes are borrowed. */
static void add_pack(struct odb *odb, struct buf *bytes)
{
	struct pack_bytes source = git_bytes(bytes);
	struct pack *pack;
	autoerror err = ERROR_INIT;

	if (pack_index(&source, odb, NULL, &pack, &err) < 0)
		fail_msg("%s", err.message);
	odb_add(odb, pack);
}

static int collect(void *ctx, const void *data, size_t len, struct error *err)
{
	(void)err;
	buf_add(ctx, data, len);
	return 0;
}

static void pack_anew(struct odb *odb, size_t base_packs, struct buf *ret, uint32_t *objects)
{
	struct oid tips[] = {git_oid("full", "v2"), git_oid("full", "main")};
	struct canonical canonical = {.odb = odb,
		.base_packs = base_packs,
		.tips = tips,
		.tip_count = countof(tips),
		.on_pack = collect,
		.ctx = ret};
	autoerror err = ERROR_INIT;

	buf_reset(ret);
	if (canonical_pack(&canonical, objects, &err) < 0)
		fail_msg("%s", err.message);
}

/* However git has packed it, and whatever the user has set. */
static void test_same(void **state)
{
	static const char *const packings[] = {
		"--all --delta-base-offset",
		"--all --no-reuse-delta --window=2 --depth=3",
		"--all --window=0",
		"--all --no-reuse-delta --window=100 --compression=1",
	};
	autobuf first = BUF_INIT;

	(void)state;
	setenv("HOME", git_folder, 1);
	for (size_t i = 0; i < countof(packings); i++) {
		autobuf bytes = BUF_INIT;
		autobuf anew = BUF_INIT;
		autoodb *odb = odb_new();
		uint32_t objects;

		git_shell(NULL, "git config --global pack.windowMemory %zu", 1000 * i);
		git_shell(NULL, "git config --global pack.depth %zu", i);
		git_shell(&bytes, "git -C full pack-objects -q --stdout --revs %s </dev/null",
			packings[i]);
		add_pack(odb, &bytes);
		pack_anew(odb, 0, i ? &anew : &first, &objects);
		assert_int_equal(objects, pack_count(odb_pack(odb, 0)));
		if (!i)
			continue;
		assert_int_equal(anew.len, first.len);
		assert_memory_equal(anew.ptr, first.ptr, first.len);
	}
	git_write("anew.pack", &first);
	git_shell(NULL, "git init -q --bare copy && git -C copy index-pack --strict --stdin "
			"<anew.pack && git -C copy fsck --full --strict");
}

/* What the base has is left out. */
static void test_base(void **state)
{
	autobuf old = BUF_INIT;
	autobuf all = BUF_INIT;
	autobuf anew = BUF_INIT;
	autobuf count = BUF_INIT;
	autoodb *odb = odb_new();
	autoodb *again = odb_new();
	uint32_t objects;

	(void)state;
	git_shell(&old, "echo main~20 | git -C full pack-objects -q --stdout --revs");
	git_shell(&all, "git -C full pack-objects -q --stdout --revs --all </dev/null");
	add_pack(odb, &old);
	add_pack(odb, &all);
	pack_anew(odb, 1, &anew, &objects);
	git_shell(&count, "git -C full rev-list --objects --all ^main~20 | wc -l");
	assert_int_equal(objects, atoi(count.ptr));
	/* With the base it is closed. */
	add_pack(again, &old);
	add_pack(again, &anew);
}

static int fail_pack(void *ctx, const void *data, size_t len, struct error *err)
{
	(void)ctx;
	(void)data;
	(void)len;
	return error_set(err, ERROR_FAILED, "the disk is full");
}

static int fail_tick(void *ctx, struct error *err)
{
	(void)ctx;
	return error_set(err, ERROR_FAILED, "interrupted");
}

static void test_failures(void **state)
{
	static const struct oid none;
	struct oid tip = git_oid("full", "main");
	autobuf all = BUF_INIT;
	autoodb *odb = odb_new();
	struct canonical rows[] = {
		{.odb = odb, .tips = &tip, .tip_count = 1, .on_pack = fail_pack},
		{.odb = odb, .tips = &tip, .tip_count = 1, .on_pack = fail_pack, .tick = fail_tick},
		{.odb = odb, .tips = &none, .tip_count = 1, .on_pack = fail_pack},
	};
	static const char *const says[] = {"the disk is full", "interrupted", "there is no object"};

	(void)state;
	git_shell(&all, "git -C full pack-objects -q --stdout --revs --all </dev/null");
	add_pack(odb, &all);
	for (size_t i = 0; i < countof(rows); i++) {
		uint32_t objects;
		autoerror err = ERROR_INIT;

		assert_int_equal(canonical_pack(&rows[i], &objects, &err), -1);
		if (!strstr(err.message, says[i]))
			fail_msg("row %zu says %s", i, err.message);
	}
}

static int set_up(void **state)
{
	if (git_folder_set_up(state) < 0)
		return -1;
	git_make("full", 60);
	git_shell(NULL, "git -C full tag -d light");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_base),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, set_up, git_folder_tear_down);
}

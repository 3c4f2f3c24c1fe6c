/* SPDX-License-Identifier: Apache-2.0 */
/* Packs written as files of a repository: the real git must find them good. */
#include "git_folder.h"

#include "bundle/pack_file.h"

static int to_buf(void *ctx, const void *data, size_t len, struct error *err)
{
	(void)err;
	buf_add(ctx, data, len);
	return 0;
}

static void write_files(
	const struct pack *pack, struct odb *odb, const char *folder, struct buf *index)
{
	autobuf content = BUF_INIT;
	const struct pack_file_output file_output = {to_buf, &content};
	const struct pack_file_output index_output = {to_buf, index};
	char name[PACK_FILE_NAME_MAX];
	autoerror err = ERROR_INIT;

	buf_reset(index);
	assert_int_equal(pack_file_name(pack, name, &err), 0);
	assert_int_equal(pack_file_write(pack, odb, &file_output, &index_output, &err), 0);
	autofree char *pack_path = xasprintf("%s/objects/pack/%s.pack", folder, name);
	autofree char *index_path = xasprintf("%s/objects/pack/%s.idx", folder, name);
	git_write(pack_path, &content);
	git_write(index_path, index);
}

static void add(struct odb *odb, struct buf *bytes)
{
	struct pack_bytes where = git_bytes(bytes);
	struct pack *pack;
	autoerror err = ERROR_INIT;

	assert_int_equal(pack_index(&where, odb, NULL, &pack, &err), 0);
	odb_add(odb, pack);
}

/* The index is git's own, byte for byte. */
static void test_whole(void **state)
{
	autoodb *odb = odb_new();
	autobuf bytes = BUF_INIT;
	autobuf ours = BUF_INIT;
	autobuf theirs = BUF_INIT;

	(void)state;
	git_shell(&bytes, "cat full/objects/pack/*.pack");
	add(odb, &bytes);
	git_shell(NULL, "git init -q --bare whole");
	write_files(odb_pack(odb, 0), odb, "whole", &ours);
	git_shell(&theirs, "cat full/objects/pack/*.idx");
	assert_int_equal(ours.len, theirs.len);
	assert_memory_equal(ours.ptr, theirs.ptr, ours.len);
	git_shell(NULL,
		"cmp full/objects/pack/*.pack whole/objects/pack/*.pack && cp -r full/refs whole "
		"&& git -C whole fsck --strict --full");
}

static void test_thin(void **state)
{
	autoodb *odb = odb_new();
	autobuf base = BUF_INIT;
	autobuf thin = BUF_INIT;
	autobuf index = BUF_INIT;

	(void)state;
	git_shell(&base, "cd full && git rev-parse main~20 | git pack-objects -q --revs --stdout");
	git_shell(&thin,
		"cd full && git rev-parse main ^main~20 | git pack-objects -q --revs --thin "
		"--stdout");
	add(odb, &base);
	add(odb, &thin);
	git_shell(NULL, "git init -q --bare thin");
	write_files(odb_pack(odb, 0), odb, "thin", &index);
	write_files(odb_pack(odb, 1), odb, "thin", &index);
	git_shell(NULL,
		"cd thin && git update-ref refs/heads/main $(git -C ../full rev-parse main) && "
		"git fsck --strict --full && git log --oneline main | wc -l | grep -qx 60");
	/* It was thin: git has to be told its base, or finds it wanting. */
	git_write("thin.pack", &thin);
	git_shell(NULL, "! git -C thin index-pack -o x.idx ../thin.pack && test $(git show-index "
			"<$(ls -t thin/objects/pack/*.idx | head -1) | wc -l) -gt 0");
}

static void test_empty_and_damaged(void **state)
{
	static const char empty[] =
		"PACK\0\0\0\2\0\0\0\0\2\235\10\202\73\330\250\352\265\20\255\152\307\134\202"
		"\74\375\76\323\36";
	struct buf bytes = {.ptr = (char *)(uintptr_t)empty, .len = sizeof(empty) - 1};
	autoodb *odb = odb_new();
	autobuf index = BUF_INIT;

	(void)state;
	add(odb, &bytes);
	git_shell(NULL, "git init -q --bare empty");
	write_files(odb_pack(odb, 0), odb, "empty", &index);
	assert_int_equal(index.len, 8 + 1024 + 40);
	assert_null(odb_pack(odb, 1));
}

static int set_up(void **state)
{
	if (git_folder_set_up(state) < 0)
		return -1;
	git_make("full", 60);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_thin),
		cmocka_unit_test(test_empty_and_damaged),
	};

	return cmocka_run_group_tests(tests, set_up, git_folder_tear_down);
}

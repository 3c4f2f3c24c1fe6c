/* SPDX-License-Identifier: Apache-2.0 */
/* Packs of the real git: whatever git says is in them is found, and reads the same. */
#include "git_folder.h"

#include "base/digest.h"

/* A line of `git cat-file --batch-check`: OID TYPE SIZE, then the content by `--batch`. */
static void check_object(struct odb *odb, const char **at)
{
	struct oid oid;
	enum object_type type;
	autobuf content = BUF_INIT;
	autoerror err = ERROR_INIT;
	char *end;
	unsigned long size;
	const char *word = *at + OID_HEX_LEN + 1;

	assert_true(oid_parse(*at, OID_HEX_LEN, &oid));
	assert_int_equal(odb_read(odb, &oid, &type, &content, &err), 0);
	assert_true(starts_with(word, object_type_name(type)));
	size = strtoul(strchr(word, ' '), &end, 10);
	assert_int_equal(content.len, size);
	assert_memory_equal(content.ptr, end + 1, size);
	*at = end + 1 + size + 1;
}

static struct pack *index_whole(struct buf *bytes, struct odb *base, unsigned threads)
{
	struct pack_bytes source = git_bytes(bytes);
	struct pack_work work = {.threads = threads};
	struct pack *pack;
	autoerror err = ERROR_INIT;

	if (pack_index(&source, base, &work, &pack, &err) < 0)
		fail_msg("%s", err.message);
	return pack;
}

static void check_all(struct odb *odb, const char *repository, uint32_t count)
{
	autobuf objects = BUF_INIT;
	const char *at;
	uint32_t seen = 0;

	git_shell(&objects, "git -C %s cat-file --batch-all-objects --batch", repository);
	for (at = objects.ptr; at < objects.ptr + objects.len; seen++)
		check_object(odb, &at);
	assert_int_equal(seen, count);
}

static void test_every_object(void **state)
{
	static const struct {
		const char *packing;
		unsigned threads;
	} rows[] = {
		{"--all --delta-base-offset", 1},
		{"--all --delta-base-offset", 3},
		{"--all --no-reuse-delta --window=50 --depth=200 --delta-base-offset", 2},
		{"--all", 2}, /* bases by name */
		{"--all --window=0", 2},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf bytes = BUF_INIT;
		autoodb *odb = odb_new();
		struct pack *pack;

		git_shell(&bytes, "git -C full pack-objects -q --stdout --revs %s </dev/null",
			rows[i].packing);
		pack = index_whole(&bytes, NULL, rows[i].threads);
		odb_add(odb, pack);
		for (uint32_t j = 0; j + 1 < pack_count(pack); j++)
			assert_true(oid_compare(pack_oid(pack, j), pack_oid(pack, j + 1)) < 0);
		check_all(odb, "full", pack_count(pack));
	}
}

/* The pack comes byte by byte and in pieces of any size. */
static void test_arrives(void **state)
{
	static const size_t pieces[] = {1, 7, 1000, 1 << 20};
	autobuf bytes = BUF_INIT;

	(void)state;
	git_shell(&bytes, "git -C full pack-objects -q --stdout --revs --all </dev/null");
	for (size_t i = 0; i < countof(pieces); i++) {
		struct pack_bytes source = git_bytes(&bytes);
		struct pack_indexer *indexer = pack_indexer_new(&source, NULL);
		autopack *pack = NULL;
		autoerror err = ERROR_INIT;
		uint32_t total, seen;

		for (size_t at = 0; at < bytes.len; at += pieces[i]) {
			size_t left = bytes.len - at;
			size_t take = left < pieces[i] ? left : pieces[i];

			assert_int_equal(pack_indexer_feed(indexer, take, &err), 0);
		}
		assert_int_equal(pack_indexer_end(indexer, NULL, &pack, &err), 0);
		pack_indexer_progress(indexer, &total, &seen);
		assert_int_equal(total, pack_count(pack));
		assert_int_equal(seen, total);
		pack_indexer_free(indexer);
	}
}

static void test_thin(void **state)
{
	static const char *const options[] = {"--delta-base-offset", ""};
	autobuf old = BUF_INIT;
	autobuf thin = BUF_INIT;

	(void)state;
	git_shell(&old, "echo main~20 | git -C full pack-objects -q --stdout --revs");
	for (size_t i = 0; i < countof(options); i++) {
		autoodb *odb = odb_new();
		struct pack_bytes source = git_bytes(&thin);
		struct pack *first = index_whole(&old, NULL, 2);
		struct pack *second;
		autoerror err = ERROR_INIT;

		git_shell(&thin,
			"{ git -C full rev-parse --all; echo ^main~20; } | "
			"git -C full pack-objects -q --stdout --revs --thin %s",
			options[i]);
		/* Alone it lacks bases and what it names. */
		source = git_bytes(&thin);
		assert_int_equal(pack_index(&source, NULL, NULL, &second, &err), -1);
		assert_int_equal(err.kind, ERROR_INCOMPLETE);
		assert_null(second);
		odb_add(odb, first);
		second = index_whole(&thin, odb, 2);
		odb_add(odb, second);
		check_all(odb, "full", pack_count(first) + pack_count(second));
	}
}

/* Packs that lack something that is named: nothing but the tip of a history. */
static void test_not_closed(void **state)
{
	autobuf bytes = BUF_INIT;
	struct pack_bytes source;
	struct pack *pack;
	autoerror err = ERROR_INIT;

	(void)state;
	git_shell(&bytes, "git -C full rev-parse main main^{tree} | git -C full pack-objects -q "
			  "--stdout");
	source = git_bytes(&bytes);
	assert_int_equal(pack_index(&source, NULL, NULL, &pack, &err), -1);
	assert_int_equal(err.kind, ERROR_INCOMPLETE);
	assert_non_null(strstr(err.message, "is named but is not there"));
}

static int tick_fails(void *ctx, struct error *err)
{
	(void)ctx;
	return error_set(err, ERROR_FAILED, "interrupted");
}

/* Bytes that never come: the tick ends the wait. */
static int read_nothing(void *ctx, uint64_t offset, void *data, size_t len, struct error *err)
{
	struct timespec pause = {.tv_nsec = 300000000};

	(void)ctx;
	(void)offset;
	nanosleep(&pause, NULL);
	memset(data, 0, len);
	(void)err;
	return 0;
}

static void test_interrupted(void **state)
{
	struct pack_bytes source = {.read = read_nothing, .size = 100};
	struct pack_work work = {.tick = tick_fails};
	struct pack *pack;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(pack_index(&source, NULL, &work, &pack, &err), -1);
	assert_string_equal(err.message, "interrupted");
}

static void test_empty(void **state)
{
	autobuf bytes = BUF_INIT;
	autopack *pack = NULL;
	struct oid none = {{0}};

	(void)state;
	git_shell(&bytes, "git -C full pack-objects -q --stdout </dev/null");
	pack = index_whole(&bytes, NULL, 2);
	assert_int_equal(pack_count(pack), 0);
	assert_false(pack_has(pack, &none));
}

static int set_up(void **state)
{
	if (git_folder_set_up(state) < 0)
		return -1;
	git_make("full", 120);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_object),
		cmocka_unit_test(test_arrives),
		cmocka_unit_test(test_thin),
		cmocka_unit_test(test_not_closed),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, set_up, git_folder_tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle_sample.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"

#include "bundle/oci.h"
#include "bundle/parts.h"

static void test_round_trip(void **state)
{
	autofree char *path = sample_write("a.tar", NULL);
	autofree char *again = sample_write("b.tar", NULL);
	autofree char *names = sample_names();
	autobundle *bundle = NULL;
	autobuf first = BUF_INIT;
	autobuf second = BUF_INIT;
	autobuf text = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	sample_read(path, &first);
	sample_read(again, &second);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.ptr, second.ptr, first.len);
	assert_string_equal(names, "a.tar b.tar");

	assert_int_equal(bundle_open(path, NULL, &bundle, &err), 0);
	assert_int_equal(bundle->end, first.len);
	assert_string_equal(bundle->lock.git[1].name, "fleet");
	assert_int_equal(bundle_blob_read(bundle, &bundle->lock.snapshot, 100, &text, &err), 0);
	assert_string_equal(text.ptr, "cluster");
	assert_int_equal(
		bundle_blob_read(bundle, &bundle->lock.charts[0].blob, 100, &text, &err), 0);
	assert_string_equal(text.ptr, "");
	assert_int_equal(bundle_blob_read(bundle, &bundle->lock.snapshot, 6, &text, &err), -1);
	assert_int_equal(err.kind, ERROR_DAMAGED);
	assert_int_equal(
		bundle_blob_read(bundle, &(struct sha256_text){"sha256:0"}, 9, &text, &err), -1);
	assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

/* What the lock says makes the index, whoever makes it. */
static void test_layout(void **state)
{
	autofree char *path = sample_write("a.tar", NULL);
	autobundle *bundle = NULL;
	autolayout layout = OCI_LAYOUT_INIT;
	autobuf index = BUF_INIT;
	size_t len = 0;

	(void)state;
	assert_int_equal(bundle_open(path, NULL, &bundle, NULL), 0);
	oci_layout_make(&bundle->lock, &layout);
	assert_int_equal(layout.count, 4);
	buf_grow(&index, bundle->index_size);
	assert_int_equal(media_read(bundle->media, bundle->index_offset + 512, index.ptr,
				 bundle->index_size, NULL),
		0);
	buf_commit(&index, bundle->index_size);
	assert_string_equal(index.ptr, layout.index.ptr);
	assert_non_null(strstr(index.ptr,
		"{\"annotations\":{\"org.opencontainers.image.ref.name\":\"charts/podinfo/6.0.0\"}"
		",\"artifactType\":\"application/vnd.flux-arc.chart.v1\",\"digest\":\"sha256:"));
	for (size_t i = 0; i < layout.count; i++) {
		assert_non_null(oci_layout_find(&layout, &layout.manifests[i].digest, &len));
		assert_non_null(lock_blob(&bundle->lock, &layout.manifests[i].digest));
	}
	assert_null(oci_layout_find(&layout, &bundle->lock.snapshot, &len));
}

static int sign(void *ctx, const struct buf *lock_text, struct buf *signature, struct error *err)
{
	(void)err;
	assert_true(lock_text->len > 0);
	buf_adds(signature, ctx);
	return 0;
}

static void test_signed(void **state)
{
	struct bundle_output output = {.sign = sign, .sign_ctx = (char[]){"a signature"}};
	autofree char *path = sample_write("a.tar", &output);
	autobundle *bundle = NULL;

	(void)state;
	assert_int_equal(bundle_open(path, NULL, &bundle, NULL), 0);
	assert_string_equal(bundle->signature.ptr, "a signature");
}

/* Every length that a bundle can be cut to, and one byte more. */
static void test_cut(void **state)
{
	autofree char *path = sample_write("a.tar", NULL);
	autobuf text = BUF_INIT;

	(void)state;
	sample_read(path, &text);
	assert_int_equal(truncate(path, (off_t)text.len + 1), 0);
	for (size_t len = text.len + 2; len-- > 0;) {
		autobundle *bundle = NULL;
		autoerror err = ERROR_INIT;

		if (len == text.len)
			continue;
		assert_int_equal(truncate(path, (off_t)len), 0);
		assert_int_equal(bundle_open(path, NULL, &bundle, &err), -1);
		assert_int_equal(err.kind, len > text.len ? ERROR_DAMAGED : ERROR_INCOMPLETE);
		assert_non_null(strstr(err.message, "a.tar"));
	}
}

/* A blob that the cache has lost or spoilt never gets into a bundle. */
static void test_spoilt_cache(void **state)
{
	autofree char *path = sample_path("a.tar");
	struct bundle_output output = {.path = path};
	autofree char *blob = NULL;
	autofree char *names = NULL;
	autoerror err = ERROR_INIT;
	autolock lock;

	(void)state;
	sample_fill(&lock);
	assert_true(store_has(sample_store, &lock.snapshot, NULL, &blob));
	assert_int_equal(file_write(blob, "clusteR", 7, NULL), 0);
	assert_int_equal(bundle_write(&lock, sample_store, &output, NULL, &err), -1);
	assert_true(starts_with(err.message, "the cache held another content as sha256:"));
	assert_int_equal(bundle_write(&lock, sample_store, &output, NULL, &err), -1);
	assert_int_equal(err.kind, ERROR_NOT_FOUND);
	names = sample_names();
	assert_string_equal(names, "");
}

static int stop(void *ctx, uint64_t done, uint64_t total, struct error *err)
{
	(void)ctx;
	return done > total / 2 ? error_set(err, ERROR_FAILED, "stopped") : 0;
}

static void test_stopped(void **state)
{
	autofree char *path = sample_path("a.tar");
	struct bundle_output output = {
		.path = path, .progress = stop, .part_size = 1024, .parity = true};
	autofree char *names = NULL;
	autoerror err = ERROR_INIT;
	autolock lock;

	(void)state;
	sample_fill(&lock);
	assert_int_equal(bundle_write(&lock, sample_store, &output, NULL, &err), -1);
	assert_string_equal(err.message, "stopped");
	names = sample_names();
	assert_string_equal(names, "");
}

/* A lock that a reader would refuse is not written. */
static void test_bad_lock(void **state)
{
	autofree char *path = sample_path("a.tar");
	struct bundle_output output = {.path = path};
	autoerror err = ERROR_INIT;
	autolock lock;

	(void)state;
	sample_fill(&lock);
	lock.sequence = 0;
	assert_int_equal(bundle_write(&lock, sample_store, &output, NULL, &err), -1);
	assert_true(ends_with(
		err.message, "a.tar: the lock: sequence: 0 does not follow from the base"));
}

/* ---- parts */

/* The size of parts of which this file gives six. */
static uint64_t sixth_of(const char *path)
{
	autobuf text = BUF_INIT;

	sample_read(path, &text);
	return (text.len + 5) / 6;
}

static void test_parts(void **state)
{
	autofree char *whole = sample_write("a.tar", NULL);
	struct bundle_output output = {.part_size = sixth_of(whole), .parity = true};
	autofree char *path = sample_write("b.tar", &output);
	autofree char *third = sample_path("b.tar.0003-of-0006");
	autofree char *names = sample_names();
	autobuf first = BUF_INIT;
	autobuf second = BUF_INIT;
	const char *ways[] = {"b.tar", "b.parts.json", "b.tar.0002-of-0006", "b.tar.parity"};

	(void)state;
	sample_read(whole, &first);
	assert_string_equal(names, "a.tar b.parts.json b.tar.0001-of-0006 b.tar.0002-of-0006 "
				   "b.tar.0003-of-0006 b.tar.0004-of-0006 b.tar.0005-of-0006 "
				   "b.tar.0006-of-0006 b.tar.parity");
	for (int lost = 0; lost < 2; lost++) {
		for (size_t i = 0; i < countof(ways); i++) {
			autofree char *way = sample_path(ways[i]);
			autobundle *bundle = NULL;
			autoerror err = ERROR_INIT;

			if (bundle_open(way, NULL, &bundle, &err) < 0)
				fail_msg("%s", err.message);
			assert_int_equal(media_size(bundle->media), first.len);
			buf_reset(&second);
			buf_grow(&second, first.len);
			assert_int_equal(
				media_read(bundle->media, 0, second.ptr, first.len, NULL), 0);
			assert_memory_equal(first.ptr, second.ptr, first.len);
			assert_int_equal(media_part_rebuilt(bundle->media, 2), lost);
		}
		file_remove(third);
	}
}

/* A part that is there at first, and then is not. */
static void assert_pulled_out(const char *path, const struct strv *folders, const char *part)
{
	automedia *media = NULL;
	autoerror err = ERROR_INIT;
	autobuf all = BUF_INIT;

	assert_int_equal(media_open(path, folders, &media, NULL), 0);
	assert_int_equal(truncate(part, 10), 0);
	buf_grow(&all, media_size(media));
	assert_int_equal(media_read(media, 0, all.ptr, media_size(media), &err), -1);
	assert_int_equal(err.kind, ERROR_INCOMPLETE);
	assert_non_null(strstr(err.message, "b.tar.0002-of-0006: the file ends at byte 10"));
}

/* Which part is not there, cut off, or of another set. */
static void test_parts_at_fault(void **state)
{
	autofree char *whole = sample_write("a.tar", NULL);
	struct bundle_output output = {.part_size = sixth_of(whole)};
	autofree char *path = sample_write("b.tar", &output);
	autofree char *second = sample_path("b.tar.0002-of-0006");
	autofree char *third = sample_path("b.tar.0003-of-0006");
	autofree char *list = sample_path("b.parts.json");
	autofree char *elsewhere = sample_path("x");
	autofree char *moved = sample_path("x/b.tar.0003-of-0006");
	autostrv folders = STRV_INIT;
	autobundle *bundle = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	strv_push(&folders, elsewhere);
	assert_int_equal(folder_make(elsewhere, NULL), 0);
	assert_int_equal(file_rename(third, moved, NULL), 0);
	assert_int_equal(bundle_open(path, NULL, &bundle, &err), -1);
	assert_int_equal(err.kind, ERROR_INCOMPLETE);
	assert_non_null(strstr(err.message, "of its 6 parts b.tar.0003-of-0006 is not there"));
	assert_int_equal(bundle_open(path, &folders, &bundle, &err), 0);
	assert_int_equal(truncate(second, 999), 0);
	assert_int_equal(bundle_open(path, &folders, &bundle, &err), -1);
	assert_int_equal(err.kind, ERROR_INCOMPLETE);
	assert_non_null(
		strstr(err.message, "b.tar.0002-of-0006: has 999 bytes, the parts list says "));
	assert_int_equal(truncate(second, (off_t)output.part_size), 0);
	assert_pulled_out(path, &folders, second);
	file_remove(list);
	assert_int_equal(bundle_open(second, &folders, &bundle, &err), -1);
	assert_non_null(strstr(err.message, "the list of its parts is not there"));
	assert_int_equal(bundle_open(path, &folders, &bundle, &err), -1);
	assert_true(ends_with(err.message, "b.tar: no such file or directory"));
}

/* A list from a stranger cannot lead elsewhere. */
static void test_parts_list(void **state)
{
	static const struct {
		const char *from, *to, *want;
	} rows[] = {
		{"\"b.tar\"", "\"../b.tar\"", "name: not a file's name"},
		{"\"b.tar\"", "\"c.tar\"", "the list of 'c.tar', not of this"},
		{"\"size\":3000}", "\"size\":3001}", "impossible size"},
		{"\"size\":3000}", "\"size\":0}", "impossible size"},
		{"\"set\":\"sha256:", "\"set\":\"sha256:0", "64 hex digits"},
		{"\"parts\":[", "\"parts\":[],\"x\":[", "set: missing, or out of order"},
	};
	struct bundle_output output = {.part_size = 3000};
	autofree char *path = sample_write("b.tar", &output);
	autofree char *list = sample_path("b.parts.json");
	autobuf text = BUF_INIT;

	(void)state;
	sample_read(list, &text);
	for (size_t i = 0; i < countof(rows); i++) {
		const char *place = strstr(text.ptr, rows[i].from);
		autobuf other = BUF_INIT;
		autobundle *bundle = NULL;
		autoerror err = ERROR_INIT;

		assert_non_null(place);
		buf_add(&other, text.ptr, (size_t)(place - text.ptr));
		buf_addf(&other, "%s%s", rows[i].to, place + strlen(rows[i].from));
		assert_int_equal(file_write(list, other.ptr, other.len, NULL), 0);
		assert_int_equal(bundle_open(path, NULL, &bundle, &err), -1);
		assert_int_equal(err.kind, ERROR_DAMAGED);
		if (!strstr(err.message, rows[i].want))
			fail_msg("'%s' lacks '%s'", err.message, rows[i].want);
	}
}

static void test_part_names(void **state)
{
	static const struct {
		const char *path, *whole;
	} rows[] = {
		{"d/a.tar.0001-of-0007", "d/a.tar"},
		{"a.0001-of-0007", "a"},
		{"a.tar.parity", "a.tar"},
		{"a.tar", NULL},
		{".0001-of-0007", NULL},
		{"a.tar.001-of-0007", NULL},
		{"a.tar.0001-of-000x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *whole = parts_whole_path(rows[i].path);

		if (!streq(whole, rows[i].whole))
			fail_msg("%s: %s", rows[i].path, whole ? whole : "none");
	}
}

static void test_too_many_parts(void **state)
{
	autofree char *path = sample_path("a.tar");
	struct bundle_output output = {.path = path, .part_size = 1};
	autoerror err = ERROR_INIT;
	autolock lock;

	(void)state;
	sample_fill(&lock);
	assert_int_equal(bundle_write(&lock, sample_store, &output, NULL, &err), -1);
	assert_true(ends_with(err.message, " parts, and 9999 is the limit"));
}

/* ---- kill -9 */

#define ROUNDS 50
#define LARGE ((size_t)1 << 20)

/* A lock with one blob more, large enough that a process can be killed while it writes. */
static void fill_large(struct lock *lock)
{
	autobuf large = BUF_INIT;

	for (uint32_t i = 0; large.len < LARGE; i++)
		buf_addf(&large, "%08x", i * 2654435761U);
	sample_small = true;
	sample_fill(lock);
	sample_small = false;
	lock->snapshot = sample_blob(lock, large.ptr, large.len, MEDIA_CLUSTER);
}

/* Write it in another process, which is killed after so long; true if it was at work then. */
static bool write_killed(struct lock *lock, const struct bundle_output *output, useconds_t after)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		_exit(bundle_write(lock, sample_store, output, NULL, NULL) < 0);
	usleep(after);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status);
}

/* Every file of the set, one after another. */
static void read_set(const struct strv *names, struct buf *ret)
{
	buf_reset(ret);
	for (size_t i = 0; i < names->len; i++) {
		autofree char *path = sample_path(names->items[i]);
		autobuf text = BUF_INIT;

		sample_read(path, &text);
		buf_addf(ret, "%s %zu\n", names->items[i], text.len);
		buf_add(ret, text.ptr, text.len);
	}
}

static void list_set(struct strv *names)
{
	autostrv all = STRV_INIT;

	strv_clear(names);
	assert_int_equal(folder_list(sample_folder, &all, NULL), 0);
	for (size_t i = 0; i < all.len; i++)
		if (starts_with(all.items[i], "k."))
			strv_push(names, all.items[i]);
}

static void assert_debris(const struct strv *names, const struct strv *wanted)
{
	for (size_t i = 0; i < names->len; i++)
		if (!strv_contains(wanted, names->items[i]) &&
			!ends_with(names->items[i], ".partial"))
			fail_msg("%s was left", names->items[i]);
}

/* Killed whenever it be: writing again gives the same files and leaves nothing else. */
static void test_killed(void **state)
{
	autofree char *path = sample_path("k.tar");
	struct bundle_output output = {.path = path, .part_size = LARGE / 4, .parity = true};
	autostrv wanted = STRV_INIT;
	autostrv names = STRV_INIT;
	autobuf first = BUF_INIT;
	autobuf again = BUF_INIT;
	autolock lock;
	int64_t took = time_monotonic();
	unsigned killed = 0;

	(void)state;
	fill_large(&lock);
	assert_int_equal(bundle_write(&lock, sample_store, &output, NULL, NULL), 0);
	took = time_monotonic() - took;
	list_set(&wanted);
	read_set(&wanted, &first);
	for (unsigned i = 0; i < ROUNDS; i++) {
		killed += write_killed(
			&lock, &output, (useconds_t)(took * 1000 * (int64_t)i / ROUNDS));
		list_set(&names);
		assert_debris(&names, &wanted);
		assert_int_equal(bundle_write(&lock, sample_store, &output, NULL, NULL), 0);
		list_set(&names);
		read_set(&names, &again);
		assert_int_equal(first.len, again.len);
		assert_memory_equal(first.ptr, again.ptr, first.len);
	}
	assert_true(killed > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sample_begin, sample_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_layout),
		TEST(test_signed),
		TEST(test_cut),
		TEST(test_spoilt_cache),
		TEST(test_stopped),
		TEST(test_bad_lock),
		TEST(test_parts),
		TEST(test_parts_at_fault),
		TEST(test_parts_list),
		TEST(test_part_names),
		TEST(test_too_many_parts),
		TEST(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

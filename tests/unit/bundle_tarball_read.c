/* SPDX-License-Identifier: Apache-2.0 */
/* Tars of others: those of the real tar in all its formats, and those that mean harm. */
#include "git_folder.h"

#include "base/deflate.h"
#include "bundle/tarball.h"

/* ---- what was read, as text: "f PATH SIZE" and the content, "x PATH SIZE", "d PATH" */

static int list_entry(void *ctx, const struct tarball_entry *entry, struct error *err)
{
	(void)err;
	if (entry->folder)
		buf_addf(ctx, "d %s\n", entry->path);
	else
		buf_addf(ctx, "%c %s %llu\n", entry->executable ? 'x' : 'f', entry->path,
			(unsigned long long)entry->size);
	return 0;
}

static int list_data(void *ctx, const void *data, size_t len, struct error *err)
{
	(void)err;
	buf_add(ctx, data, len);
	return 0;
}

static const struct tarball_limits limits = {.entries = 100, .bytes = 1 << 20};

/* In pieces of `step` bytes. */
static int read_compressed(const struct buf *data, size_t step, struct buf *out, struct error *err)
{
	const struct tarball_visitor visitor = {list_entry, list_data, out};
	autotarball *reader = tarball_reader_new(&visitor, &limits);

	for (size_t at = 0; at < data->len; at += step)
		if (tarball_reader_feed(reader, data->ptr + at,
			    data->len - at < step ? data->len - at : step, err) < 0)
			return -1;
	return tarball_reader_end(reader, err);
}

static void compress_all(const struct buf *tar, struct buf *out)
{
	autodeflater *deflater = deflater_new(DEFLATE_GZIP, 6);

	deflater_add(deflater, tar->ptr, tar->len, true, out);
}

static int read_plain(const struct buf *tar, struct buf *out, struct error *err)
{
	autobuf compressed = BUF_INIT;

	compress_all(tar, &compressed);
	return read_compressed(&compressed, 4096, out, err);
}

/* ---- tars made here */

/* A header whose sum is right, and the content with its padding. */
static void put(struct buf *out, const char *name, char type, const char *link, const char *content)
{
	char block[512] = {0};
	size_t len = content ? strlen(content) : 0;
	unsigned sum = 0;

	snprintf(block, 100, "%s", name);
	snprintf(block + 100, 8, "%07o", 04755);
	snprintf(block + 124, 12, "%011o", (unsigned)len);
	block[156] = type;
	snprintf(block + 157, 100, "%s", link ? link : "");
	memcpy(block + 257,
		"ustar\0"
		"00",
		8);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < sizeof(block); i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 7, "%06o", sum);
	buf_add(out, block, sizeof(block));
	if (content)
		buf_add(out, content, len);
	buf_fill(out, '\0', (512 - len % 512) % 512);
}

static void finish(struct buf *out)
{
	buf_fill(out, '\0', 1024);
}

struct member {
	const char *name;
	char type;
	const char *link, *content;
};

/* The table of malicious archives, and what else may not come in. */
static const struct {
	struct member members[3];
	const char *error;
} hostile[] = {
	{{{"../x", '0', NULL, "x"}}, "'../x' leaves the folder"},
	{{{"a/../../x", '0', NULL, "x"}}, "'a/../../x' leaves the folder"},
	{{{"a/..", '5', NULL, NULL}}, "'a/..' leaves the folder"},
	{{{"..", '5', NULL, NULL}}, "'..' leaves the folder"},
	{{{"/abs/x", '0', NULL, "x"}}, "'/abs/x' leaves the folder"},
	{{{".//abs/x", '0', NULL, "x"}}, "'.//abs/x' leaves the folder"},
	{{{"a//x", '0', NULL, "x"}}, "'a//x' leaves the folder"},
	{{{"a/./x", '0', NULL, "x"}}, "'a/./x' leaves the folder"},
	{{{"l", '2', "/etc", NULL}, {"l/x", '0', NULL, "x"}},
		"'l' is neither a file nor a folder (type '2')"},
	{{{"l", '2', "../out", NULL}, {"l/x", '0', NULL, "x"}}, "'l' is neither"},
	{{{"l", '2', "inside", NULL}}, "'l' is neither"},
	{{{"l", '1', "/etc/passwd", NULL}}, "'l' is neither a file nor a folder (type '1')"},
	{{{"l", '1', "../../x", NULL}}, "'l' is neither"},
	{{{"dev", '3', NULL, NULL}}, "'dev' is neither a file nor a folder (type '3')"},
	{{{"dev", '4', NULL, NULL}}, "'dev' is neither"},
	{{{"fifo", '6', NULL, NULL}}, "'fifo' is neither"},
	{{{"s", 'S', NULL, "x"}}, "'s' is neither a file nor a folder (type 'S')"},
	{{{"s", '\377', NULL, "x"}}, "'s' is neither a file nor a folder (type '?')"},
	{{{"x", '0', NULL, "1"}, {"x", '0', NULL, "2"}}, "'x' is there twice"},
	{{{"x", '0', NULL, "1"}, {"./x", '0', NULL, "2"}}, "'x' is there twice"},
	{{{"a/X", '0', NULL, "1"}, {"A/x", '0', NULL, "2"}}, "'A/x' is there twice"},
	{{{"x", '5', NULL, NULL}, {"x", '0', NULL, "2"}}, "'x' is there twice"},
	{{{"x/", '0', NULL, "1"}}, "'x' is a folder and a file"},
	{{{".", '0', NULL, "1"}}, "'' is a folder and a file"},
	/* pax headers and long names */
	{{{"p", 'x', NULL, "15 path=../../x\n"}, {"x", '0', NULL, "1"}}, "a malformed pax header"},
	{{{"p", 'x', NULL, "16 path=../../x\n"}, {"x", '0', NULL, "1"}},
		"'../../x' leaves the folder"},
	{{{"p", 'x', NULL, "99 path=x\n"}, {"x", '0', NULL, "1"}}, "a malformed pax header"},
	{{{"p", 'x', NULL, "0 path=x\n"}, {"x", '0', NULL, "1"}}, "a malformed pax header"},
	{{{"p", 'x', NULL, "-10 path=x\n"}, {"x", '0', NULL, "1"}}, "a malformed pax header"},
	{{{"p", 'x', NULL, "8 pathx\n"}, {"x", '0', NULL, "1"}}, "a malformed pax header"},
	{{{"p", 'x', NULL, "18446744073709551615 path=x\n"}, {"x", '0', NULL, "1"}},
		"a malformed pax header"},
	{{{"p", 'x', NULL, "11 size=-1\n"}, {"x", '0', NULL, "1"}}, "a malformed pax header"},
	{{{"p", 'x', NULL, "29 size=18446744073709551615\n"}, {"x", '0', NULL, "1"}},
		"more than 1048576 bytes"},
	{{{"p", 'x', NULL, "22 GNU.sparse.major=1\n"}, {"x", '0', NULL, "1"}}, "a sparse file"},
	{{{"p", 'g', NULL, "10 path=x\n"}, {"x", '0', NULL, "1"}},
		"a pax header for all files with 'path'"},
	{{{"p", 'L', NULL, "/etc/passwd"}, {"x", '0', NULL, "1"}},
		"'/etc/passwd' leaves the folder"},
	{{{"p", 'L', NULL, "../x"}, {"x", '0', NULL, "1"}}, "'../x' leaves the folder"},
};

static void test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(hostile); i++) {
		autobuf tar = BUF_INIT;
		autobuf out = BUF_INIT;
		autoerror err = ERROR_INIT;

		for (size_t k = 0; k < 3 && hostile[i].members[k].name; k++)
			put(&tar, hostile[i].members[k].name, hostile[i].members[k].type,
				hostile[i].members[k].link, hostile[i].members[k].content);
		finish(&tar);
		if (read_plain(&tar, &out, &err) != -1)
			fail_msg("row %zu is taken", i);
		if (!strstr(err.message, hostile[i].error))
			fail_msg("row %zu says %s", i, err.message);
		assert_int_equal(err.kind, ERROR_DAMAGED);
	}
}

static void test_bombs(void **state)
{
	autobuf many = BUF_INIT;
	autobuf big = BUF_INIT;
	autobuf out = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	for (int i = 0; i < 101; i++) {
		autofree char *name = xasprintf("f%d", i);

		put(&many, name, '0', NULL, "");
	}
	finish(&many);
	assert_int_equal(read_plain(&many, &out, &err), -1);
	assert_string_equal(err.message, "more than 100 files");
	/* Zeros alone: nothing is written, but time goes by. */
	buf_fill(&big, '\0', 2 << 20);
	assert_int_equal(read_plain(&big, &out, &err), -1);
	assert_string_equal(err.message, "more than 1048576 bytes");
	/* A size that lies. */
	buf_reset(&big);
	put(&big, "x", '0', NULL, "1");
	memcpy(big.ptr + 124, "77777777777", 11);
	assert_int_equal(read_plain(&big, &out, &err), -1);
	assert_string_equal(err.message, "not a tar header");
}

static void test_damage(void **state)
{
	autobuf tar = BUF_INIT;
	autobuf compressed = BUF_INIT;
	autobuf out = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	put(&tar, "x", '0', NULL, "content");
	assert_int_equal(read_plain(&tar, &out, &err), -1);
	assert_string_equal(err.message, "a tar without an end");
	finish(&tar);
	compress_all(&tar, &compressed);
	for (size_t cut = 0; cut < compressed.len; cut++) {
		struct buf part = {.ptr = compressed.ptr, .len = cut};

		assert_int_equal(read_compressed(&part, 7, &out, &err), -1);
		assert_string_equal(err.message, "cut off");
	}
	/* A changed bit may say the same in deflate's words, never something else. */
	for (size_t i = 10; i < compressed.len; i++) {
		compressed.ptr[i] ^= 0x20;
		buf_reset(&out);
		if (read_compressed(&compressed, 4096, &out, &err) == 0)
			assert_string_equal(out.ptr, "x x 7\ncontent");
		compressed.ptr[i] ^= 0x20;
	}
	buf_addc(&compressed, 'x');
	assert_int_equal(read_compressed(&compressed, 4096, &out, &err), -1);
	put(&tar, "y", '0', NULL, "content");
	assert_int_equal(read_plain(&tar, &out, &err), -1);
	assert_string_equal(err.message, "something behind its end");
}

/* ---- of the real tar */

static void test_formats(void **state)
{
	static const char *const formats[] = {"v7", "ustar", "pax", "gnu", "oldgnu"};
	static const char wanted[] = "d d\nf d/empty 0\nx d/run 9\n#!/bin/shf top 4\ntext";

	(void)state;
	git_shell(NULL, "mkdir -p in/d; : >in/d/empty; printf '#!/bin/sh' >in/d/run; chmod 755 "
			"in/d/run; printf text >in/top");
	for (size_t i = 0; i < countof(formats) * 2; i++) {
		autobuf compressed = BUF_INIT;
		autobuf out = BUF_INIT;
		autoerror err = ERROR_INIT;

		git_shell(&compressed, "tar -C in --sort=name --format=%s -cz %s", formats[i / 2],
			i % 2 ? "." : "d top");
		for (size_t step = 1; step < 100000; step *= 10) {
			buf_reset(&out);
			assert_int_equal(read_compressed(&compressed, step, &out, &err), 0);
			assert_string_equal(out.ptr, wanted);
		}
	}
}

static void test_long_names(void **state)
{
	static const struct {
		const char *format;
		int parts; /* of 60 bytes: ustar has room for fewer */
	} rows[] = {{"pax", 4}, {"gnu", 4}, {"oldgnu", 4}, {"ustar", 2}};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf name = BUF_INIT;
		autobuf wanted = BUF_INIT;
		autobuf compressed = BUF_INIT;
		autobuf out = BUF_INIT;
		autoerror err = ERROR_INIT;

		for (int part = 0; part < rows[i].parts; part++)
			buf_addf(&name, "%s%060d", part ? "/" : "", part);
		buf_addf(&wanted, "f %s/f 1\n1", name.ptr);
		git_shell(&compressed,
			"mkdir -p 'long/%s' && printf 1 >'long/%s/f' && cd long && tar "
			"--format=%s -cz '%s/f'",
			name.ptr, name.ptr, rows[i].format, name.ptr);
		assert_int_equal(read_compressed(&compressed, 100, &out, &err), 0);
		assert_string_equal(out.ptr, wanted.ptr);
	}
}

/* Two gzip streams one after the other are one text, as parallel compressors make them; `git archive`
 * begins with a header for all files. */
static void test_odd_but_good(void **state)
{
	autobuf compressed = BUF_INIT;
	autobuf out = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	git_shell(&compressed, "tar -C in --sort=name -cf two.tar d top && "
			       "(head -c 700 two.tar | gzip -n; tail -c +701 two.tar | gzip -n)");
	assert_int_equal(read_compressed(&compressed, 100, &out, &err), 0);
	assert_non_null(strstr(out.ptr, "f top 4\ntext"));
	git_shell(&compressed,
		"git init -q repo && cd repo && echo a >a && git add a && git commit "
		"-qm a && git archive --format=tar.gz HEAD");
	buf_reset(&out);
	assert_int_equal(read_compressed(&compressed, 100, &out, &err), 0);
	assert_string_equal(out.ptr, "f a 2\na\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_odd_but_good),
	};

	return cmocka_run_group_tests(tests, git_folder_set_up, git_folder_tear_down);
}

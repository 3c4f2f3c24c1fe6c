/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "bundle/tar.h"

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(tar_padded(0), 0);
	assert_int_equal(tar_padded(1), 512);
	assert_int_equal(tar_padded(512), 512);
	assert_int_equal(tar_padded(513), 1024);
	assert_int_equal(tar_header_len(TAR_PAX_FROM - 1), 512);
	assert_int_equal(tar_header_len(TAR_PAX_FROM), 1536);
}

static void test_header(void **state)
{
	unsigned char header[TAR_HEADER_MAX];
	autoerror err = ERROR_INIT;
	uint64_t size = 0;

	(void)state;
	tar_header("index.json", 1000, header);
	assert_string_equal((char *)header, "index.json");
	assert_string_equal((char *)header + 100, "0000644");
	assert_string_equal((char *)header + 124, "00000001750");
	assert_memory_equal(header + 148, "011212\0 ", 8);
	assert_memory_equal(header + 257, "ustar\00000", 8);
	assert_int_equal(tar_read(header, "index.json", &size, &err), 0);
	assert_int_equal(size, 1000);
	assert_true(tar_is_named(header, "index.json"));
	assert_false(tar_is_named(header, "index"));
}

/* pax(1): the record's length counts itself, and stands for the field that cannot hold it. */
static void test_large(void **state)
{
	unsigned char header[TAR_HEADER_MAX];

	(void)state;
	tar_header("a", TAR_PAX_FROM, header);
	assert_int_equal(header[156], 'x');
	assert_string_equal((char *)header + 124, "00000000023");
	assert_string_equal((char *)header + 512, "19 size=8589934592\n");
	assert_int_equal(header[1024 + 156], '0');
	assert_int_equal(tar_check(header, "a", TAR_PAX_FROM, NULL), 0);
	assert_int_equal(tar_check(header, "a", TAR_PAX_FROM + 1, NULL), -1);
	tar_header("a", 1ULL << 44, header);
	assert_string_equal((char *)header + 512, "23 size=17592186044416\n");
}

/* Whatever one byte is made: refused, and the field named. */
static void test_every_byte(void **state)
{
	static const struct {
		size_t from, to;
		const char *field;
	} rows[] = {
		{0, 100, "name"},
		{100, 108, "mode"},
		{124, 136, "size"},
		{136, 148, "time"},
		{148, 156, "checksum"},
		{257, 265, "magic"},
		{500, 512, "end"},
	};
	unsigned char header[TAR_HEADER_MAX];
	uint64_t size;

	(void)state;
	tar_header("index.json", 1000, header);
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		header[i] ^= 1;
		assert_int_equal(tar_check(header, "index.json", 1000, NULL), -1);
		assert_int_equal(tar_read(header, "index.json", &size, NULL), -1);
		header[i] ^= 1;
	}
	for (size_t i = 0; i < countof(rows); i++) {
		autoerror err = ERROR_INIT;

		header[rows[i].to - 1] ^= 0x40;
		assert_int_equal(tar_check(header, "index.json", 1000, &err), -1);
		header[rows[i].to - 1] ^= 0x40;
		assert_int_equal(err.kind, ERROR_DAMAGED);
		if (!strstr(err.message, rows[i].field))
			fail_msg("'%s' does not name the %s", err.message, rows[i].field);
	}
}

static void test_types(void **state)
{
	static const struct {
		char type;
		const char *want;
	} rows[] = {
		{'1', "member header of 'a': a hard link"},
		{'2', "member header of 'a': a symbolic link"},
		{'3', "member header of 'a': a device"},
		{'5', "member header of 'a': a folder"},
		{'6', "member header of 'a': a pipe"},
		{'S', "member header of 'a': the type at byte 156 is not as written"},
	};
	unsigned char header[TAR_HEADER_MAX];

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoerror err = ERROR_INIT;

		tar_header("a", 3, header);
		header[156] = (unsigned char)rows[i].type;
		assert_int_equal(tar_check(header, "a", 3, &err), -1);
		assert_string_equal(err.message, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

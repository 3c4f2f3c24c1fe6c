/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/json.h"
#include "bundle/helm_index.h"

/* A text that is read in pieces of so many bytes. */
struct text {
	const char *at;
	size_t piece;
	bool broken; /* reading fails at the end */
};

static int64_t read_text(void *ctx, void *data, size_t len, struct error *err)
{
	struct text *text = ctx;
	size_t left = strlen(text->at);

	if (!left && text->broken)
		return error_set(err, ERROR_FAILED, "the disk is on fire");
	len = len < text->piece ? len : text->piece;
	len = len < left ? len : left;
	memcpy(data, text->at, len);
	text->at += len;
	return (int64_t)len;
}

static int look(
	const char *index, size_t piece, struct helm_entry *wanted, size_t count, struct error *err)
{
	struct text text = {.at = index, .piece = piece};

	return helm_index_read(read_text, &text, wanted, count, err);
}

static void clear(struct helm_entry *wanted, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_free(wanted[i].entry);
}

static const char index_text[] =
	"apiVersion: v1\n"
	"entries:\n"
	"  other:\n"
	"  - version: 1.0.0\n"
	"    description: |\n"
	"      entries:\n"
	"        podinfo:\n"
	"        - version: 6.5.0\n"
	"  podinfo:\n"
	"  - digest: 71c5b5212403158a2b2975e9bb8f0732f6f37f2bbc3795e6078b9945996bcd34\n"
	"    urls: [podinfo-6.5.0.tgz, second]\n"
	"    version: 6.5.0\n"
	"  - version: 6.4.0+build.7\n"
	"    digest: sha256:71c5b5212403158a2b2975e9bb8f0732f6f37f2bbc3795e6078b9945996bcd34\n"
	"  - version: v6.3.0\n"
	"    digest: ABC\n"
	"generated: 2026-01-01\n";

static void test_versions(void **state)
{
	static const struct {
		const char *name, *version, *found; /* found NULL: none */
		size_t versions;
	} rows[] = {
		{"podinfo", "6.5.0", "6.5.0", 3},
		{"podinfo", "6.4.0", "6.4.0+build.7", 3},
		{"podinfo", "6.4.0+build.7", "6.4.0+build.7", 3},
		{"podinfo", "6.3.0", "v6.3.0", 3},
		{"podinfo", "6.6.0", NULL, 3},
		{"other", "1.0.0", "1.0.0", 1},
		{"generated", "2026-01-01", NULL, 0},
		{"nobody", "1.0.0", NULL, 0},
	};

	(void)state;
	for (size_t piece = 1; piece < 300; piece += 97) {
		for (size_t i = 0; i < countof(rows); i++) {
			struct helm_entry wanted = {
				.name = rows[i].name, .version = rows[i].version};

			assert_int_equal(look(index_text, piece, &wanted, 1, NULL), 0);
			if (!streq(json_str(wanted.entry, "version"), rows[i].found))
				fail_msg("%s %s", rows[i].name, rows[i].version);
			assert_int_equal(wanted.versions, rows[i].versions);
			clear(&wanted, 1);
		}
	}
}

static void test_entries(void **state)
{
	struct helm_entry wanted[] = {
		{.name = "podinfo", .version = "6.5.0"},
		{.name = "podinfo", .version = "6.4.0"},
		{.name = "podinfo", .version = "6.3.0"},
	};
	static const char hex[] =
		"71c5b5212403158a2b2975e9bb8f0732f6f37f2bbc3795e6078b9945996bcd34";

	(void)state;
	assert_int_equal(look(index_text, 4096, wanted, countof(wanted), NULL), 0);
	assert_string_equal(helm_entry_url(wanted[0].entry), "podinfo-6.5.0.tgz");
	assert_string_equal(helm_entry_digest(wanted[0].entry), hex);
	assert_null(helm_entry_url(wanted[1].entry));
	assert_string_equal(helm_entry_digest(wanted[1].entry), hex);
	assert_null(helm_entry_digest(wanted[2].entry));
	clear(wanted, countof(wanted));
}

static void test_json(void **state)
{
	struct helm_entry wanted = {.name = "a", .version = "1.0.0"};

	(void)state;
	assert_int_equal(look("{\"entries\":{\"a\":[{\"version\":\"1.0.0\",\"urls\":[\"x\"]}]}}", 7,
				 &wanted, 1, NULL),
		0);
	assert_string_equal(helm_entry_url(wanted.entry), "x");
	clear(&wanted, 1);
}

/* What is not wanted is passed over, however much it is. */
static void test_large(void **state)
{
	struct buf text = BUF_INIT;
	struct helm_entry wanted = {.name = "z", .version = "1.0.0"};

	(void)state;
	buf_adds(&text, "entries:\n  a:\n");
	for (int i = 0; i < 600000; i++)
		buf_addf(&text, "  - {version: 1.0.%d}\n", i);
	buf_adds(&text, "  z:\n  - version: 1.0.0\n    urls: [z.tgz]\n");
	assert_int_equal(look(text.ptr, 65536, &wanted, 1, NULL), 0);
	assert_string_equal(helm_entry_url(wanted.entry), "z.tgz");
	clear(&wanted, 1);
	buf_clear(&text);
}

static void test_malformed(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"entries: [a]\n", "'entries' is no mapping"},
		{"- entries\n", "no mapping"},
		{"entries: {a: [\n", "yaml"},
		{"entries:\n  a: *x\n", "unknown anchor"},
		{"entries:\n  a: &x [*x]\n", "contains itself"},
		{"<html>\n</html>\n: :\n", "yaml"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct helm_entry wanted = {.name = "a", .version = "1.0.0"};
		autoerror err = ERROR_INIT;

		if (look(rows[i].text, 4096, &wanted, 1, &err) == 0)
			fail_msg("'%s'", rows[i].text);
		assert_int_equal(err.kind, ERROR_SYNTAX);
		if (!strstr(err.message, rows[i].message))
			fail_msg("%s", err.message);
		clear(&wanted, 1);
	}
}

static void test_empty(void **state)
{
	struct helm_entry wanted = {.name = "a", .version = "1.0.0"};

	(void)state;
	assert_int_equal(look("", 1, &wanted, 1, NULL), 0);
	assert_int_equal(look("apiVersion: v1\n", 1, &wanted, 1, NULL), 0);
	assert_null(wanted.entry);
}

static void test_unreadable(void **state)
{
	struct helm_entry wanted = {.name = "a", .version = "1.0.0"};
	struct text text = {.at = "entries:\n  a:\n  - version: 1", .piece = 100, .broken = true};
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(helm_index_read(read_text, &text, &wanted, 1, &err), -1);
	assert_string_equal(err.message, "the disk is on fire");
	clear(&wanted, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lock_sample.h"

#define D32(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c
#define SHA(c) "\"sha256:" D32(c) D32(c) "\""
#define OID(c) "\"" c c c c c c c c c c c c c c c c c c c c "\""

#define SAMPLE_BLOBS                                                                              \
	"[{\"digest\":" SHA(                                                                      \
		"a") ",\"in\":\"base\",\"mediaType\":\"application/"                              \
		     "vnd.git.bundle\",\"size\":100},"                                            \
		     "{\"digest\":" SHA(                                                          \
			     "b") ",\"in\":\"self\",\"mediaType\":" CLUSTER ",\"size\":100},"     \
				  "{\"digest\":" SHA(                                             \
					  "c") ",\"in\":\"self\",\"mediaType\":" CLUSTER          \
					       ",\"size\":100},"                                  \
					       "{\"digest\":" SHA(                                \
						       "d") ",\"in\":\"self\","                   \
							    "\"mediaType\":" CLUSTER              \
							    ",\"size\":100},"                     \
							    "{\"digest\":" SHA(                   \
								    "e") ",\"in\":\"self\","      \
									 "\"mediaType\":" CLUSTER \
									 ",\"size\":100}]"
#define CLUSTER "\"application/vnd.flux-arc.cluster.v1+gzip\""

#define USED "[\"GitRepository/flux-system/a\",\"GitRepository/flux-system/b\"]"
#define REFS "{\"refs/heads/main\":" OID("01") ",\"refs/tags/v1\":" OID("02") "}"

static const char
	sample[] =
		"{\"apiVersion\":\"bundle.flux-arc.io/v1\""
		",\"base\":{\"lock\":" SHA(
			"0") ",\"sequence\":6}"
			     ",\"blobs\":" SAMPLE_BLOBS
			     ",\"charts\":[{\"blob\":" SHA("c") ",\"entry\":" SHA(
				     "d") ",\"name\":\"podinfo\",\"repository\":\"https://"
					  "charts.test\""
					  ",\"usedBy\":[\"HelmRelease/apps/"
					  "podinfo\"],\"version\":\"6.0.0+x\"}]"
					  ",\"cluster\":{\"flux\":\"v2.7.5\",\"snapshot\":" SHA(
						  "e") "}"
						       ",\"git\":["
						       "{\"bundle\":" SHA(
							       "a") ",\"history\":\"full\","
								    "\"lfsPointers\":0,\"name\":"
								    "\"apps.x\""
								    ",\"objects\":12,\"packing\":"
								    "\"received\","
								    "\"prerequisites\":[],"
								    "\"refs\":" REFS
								    ",\"submodules\":[],\"thin\":"
								    "false,\"url\":\"https://"
								    "git.test/"
								    "apps.x\",\"usedBy\":" USED "},"
								    "{\"bundle\":" SHA(
									    "b") ",\"head\":\"refs/"
										 "heads/"
										 "main\","
										 "\"history\":"
										 "\"full\""
										 ",\"lfsPointers\":"
										 "0,\"name\":"
										 "\"fleet\","
										 "\"objects\":12,"
										 "\"packing\":"
										 "\"received\""
										 ",\"prerequisites"
										 "\":[" OID("09") "],\"refs\":" REFS ",\"submodules\":[{\"oid\":" OID(
											 "03") ",\""
											       "pat"
											       "h\""
											       ":\""
											       "mod"
											       "\\u"
											       "000"
											       "1"
											       "\xef\xbf\xbd\""
											       ",\""
											       "sou"
											       "rce"
											       "\":"
											       "\"a"
											       "pps"
											       ".x"
											       "\","
											       "\"u"
											       "rl"
											       "\":"
											       "\"h"
											       "ttp"
											       "s:/"
											       "/gi"
											       "t."
											       "tes"
											       "t/"
											       "app"
											       "s."
											       "x\""
											       "}]"
											       ",\""
											       "thi"
											       "n\""
											       ":tr"
											       "ue,"
											       "\"u"
											       "rl"
											       "\":"
											       "\"h"
											       "ttp"
											       "s:/"
											       "/gi"
											       "t."
											       "tes"
											       "t/"
											       "fle"
											       "et"
											       "\","
											       "\"u"
											       "sed"
											       "By"
											       "\""
											       ":" USED
											       "}]"
											       ",\""
											       "kin"
											       "d\""
											       ":\""
											       "Loc"
											       "k\""
											       ",\""
											       "seq"
											       "uen"
											       "ce"
											       "\":"
											       "7"
											       ",\""
											       "unr"
											       "eso"
											       "lve"
											       "d\""
											       ":[{"
											       "\"k"
											       "ind"
											       "\":"
											       "\"i"
											       "mag"
											       "e\""
											       ",\""
											       "ref"
											       "\":"
											       "\"r"
											       "egi"
											       "str"
											       "y."
											       "tes"
											       "t/"
											       "a:"
											       "1\""
											       ",\""
											       "use"
											       "dBy"
											       "\":"
											       "[]"
											       ",\""
											       "why"
											       "\":"
											       "\""
											       "\\"
											       "\"i"
											       "mag"
											       "es"
											       "\\"
											       "\" "
											       "are"
											       " no"
											       "t "
											       "pac"
											       "ked"
											       "\\t"
											       "\xc3\xa9\"}]}\n";

static const char least[] = "{\"apiVersion\":\"bundle.flux-arc.io/v1\",\"blobs\":[],\"charts\":[]"
			    ",\"git\":[],\"kind\":\"Lock\",\"sequence\":1,\"unresolved\":[]}\n";

static void test_write(void **state)
{
	autolock lock;
	autolock empty = LOCK_INIT;
	autobuf text = BUF_INIT;

	(void)state;
	sample_lock(&lock);
	lock_write(&lock, &text);
	assert_string_equal(text.ptr, sample);
	buf_reset(&text);
	empty.sequence = 1;
	lock_write(&empty, &text);
	assert_string_equal(text.ptr, least);
}

static void test_read(void **state)
{
	autolock lock;
	autolock empty;
	autoerror err = ERROR_INIT;
	const struct lock_git *git;
	struct sha256_text digest = sample_digest('a');

	(void)state;
	if (lock_read(sample, strlen(sample), &lock, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(lock.sequence, 7);
	assert_int_equal(lock.base_sequence, 6);
	assert_int_equal(lock_blob(&lock, &digest)->where, LOCK_BASE);
	assert_int_equal(lock_blob(&lock, &digest)->size, 100);
	digest = sample_digest('f');
	assert_null(lock_blob(&lock, &digest));
	git = lock_git_find(&lock, "fleet");
	assert_true(git->thin);
	assert_int_equal(git->ref_count, 2);
	assert_string_equal(git->refs[0].name, "refs/heads/main");
	assert_string_equal(git->submodules[0].path, "mod\x01\xef\xbf\xbd");
	assert_string_equal(git->used_by.items[1], "GitRepository/flux-system/b");
	assert_null(lock_git_find(&lock, "none"));
	assert_int_equal(lock_read(least, strlen(least), &empty, &err), 0);
}

/* One change of a good lock, and what is said of it. */
static const struct {
	const char *from, *to, *want;
} changes[] = {
	{"{\"apiVersion\"", "{ \"apiVersion\"", "not written canonically at byte 1"},
	{"podinfo", "pod\\u0069nfo", "not written canonically at byte "},
	{"io/v1\"", "io/v2\"", "apiVersion is not 'bundle.flux-arc.io/v1'"},
	{",\"kind\":\"Lock\"", "", "kind: missing, or out of order"},
	{",\"kind\":\"Lock\"", ",\"kind\":\"Lock\",\"kind\":\"Lock\"",
		"sequence: missing, or out of order"},
	{"}]}\n", "}],\"x\":1}\n", "a member that is not known"},
	{"}]}\n", "}]}", "not written canonically at byte "},
	{"}]}\n", "}]}\n{}", "malformed JSON at byte "},
	{"\"lfsPointers\":0", "\"lfsPointers\":00", "malformed JSON at byte "},
	{"\"lfsPointers\":0", "\"lfsPointers\":-0", "git[0].lfsPointers: a number is wanted"},
	{"\"lfsPointers\":0", "\"lfsPointers\":0.0",
		"git[0].lfsPointers: not a whole number below 2^53"},
	{"\"lfsPointers\":0", "\"lfsPointers\":9007199254740992",
		"git[0].lfsPointers: not a whole number below 2^53"},
	{"\"lfsPointers\":0", "\"lfsPointers\":\"0\"", "git[0].lfsPointers: a number is wanted"},
	{"\"thin\":false", "\"thin\":null", "git[0].thin: true or false is wanted"},
	{"\"head\":\"refs/heads/main\"", "\"head\":\"\"", "git[1].head: empty"},
	{"refs/heads/main", "refs/heads/ma in", "git[0]: refs[0]: not a ref's name"},
	{"refs/heads/main", "refs/tags/v1", "git[0].refs[1]: out of order, or there twice"},
	{"refs/heads/main", "refs/z", "git[0].refs[1]: out of order, or there twice"},
	{"flux-system/a", "flux-system/c", "git[0].usedBy: out of order, or there twice"},
	{"\"name\":\"apps.x\"", "\"name\":\"../x\"", "git[0]: not a source's name"},
	{"\"name\":\"apps.x\"", "\"name\":\"b\"", "git[1]: submodules[0]: no source 'apps.x'"},
	{"\"name\":\"apps.x\"", "\"name\":\"zz\"", "git[1]: out of order, or there twice"},
	{"\"history\":\"full\"",
		"\"history\":\"full\",\"ignore\":[{\"rules\":\"x\",\"usedBy\":\"GitRepository/"
		"other/x\"}]",
		"git[0]: ignore[0]: no object of this source"},
	{"\"history\":\"full\"",
		"\"history\":\"full\",\"ignore\":[{\"rules\":\"x\",\"usedBy\":\"GitRepository/../"
		"x\"}]",
		"git[0]: ignore[0]: no object of this source"},
	{"\"history\":\"full\"",
		"\"history\":\"full\",\"ignore\":[{\"rules\":\"\",\"usedBy\":\"GitRepository/"
		"flux-system/a\"}]",
		"git[0].ignore[0].rules: "},
	{"\"history\":\"full\"", "\"history\":\"half\"", "git[0]: an unknown history"},
	{",\"packing\":\"received\"", "", "git[0]: packing and bundle do not match"},
	{"\"sequence\":7", "\"sequence\":8", "sequence: 8 does not follow from the base"},
	{"\"in\":\"base\"", "\"in\":\"else\"", "blobs[0].in: not one of the known words"},
	{"{\"digest\":\"sha256:a", "{\"digest\":\"sha256:f",
		"blobs[1]: out of order, or there twice"},
	{"{\"digest\":\"sha256:a", "{\"digest\":\"sha512:a",
		"blobs[0].digest: not 'sha256:' and 64 hex digits"},
	{"{\"blob\":\"sha256:c", "{\"blob\":\"sha256:d",
		"blobs: sha256:dccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		"cccccc is not among them"},
	{"{\"bundle\":" SHA("a"), "{\"bundle\":" SHA("b"), "blobs[0]: nothing names it"},
	{",\"base\":{\"lock\":" SHA("0") ",\"sequence\":6}", "",
		"git[1]: leans on a base, and there is none"},
	{"\"size\":100}", "\"size\":17592186044417}",
		"blob sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaa: larger than the limit of 17592186044416"},
	{"\"path\":\"mod", "\"path\":\"mod\\u0000", "not written canonically at byte"},
	{"\"refs\":{", "\"refs\":[", "git[0].refs: an object is wanted"},
	{"\"charts\":[", "\"charts\":[[", "charts[0]: an object is wanted"},
	{"\"charts\":[{", "\"charts\":[{},{", "charts[0].blob: missing, or out of order"},
};

static void test_refuse(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(changes); i++) {
		const char *place = strstr(sample, changes[i].from);
		autoerror err = ERROR_INIT;
		autobuf text = BUF_INIT;
		autolock lock;

		assert_non_null(place);
		buf_add(&text, sample, (size_t)(place - sample));
		buf_addf(&text, "%s%s", changes[i].to, place + strlen(changes[i].from));
		if (lock_read(text.ptr, text.len, &lock, &err) == 0)
			fail_msg("row %zu was taken: %s", i, changes[i].to);
		assert_int_equal(err.kind, ERROR_DAMAGED);
		if (!starts_with(err.message, changes[i].want))
			fail_msg("row %zu: '%s', wanted '%s'", i, err.message, changes[i].want);
	}
}

/* A text that is cut anywhere, or of which one byte is another, is refused or says something else. */
static void test_bytes(void **state)
{
	autobuf text = BUF_INIT;

	(void)state;
	buf_adds(&text, sample);
	for (size_t i = 0; i < text.len; i++) {
		autolock lock;
		autolock cut;
		autobuf again = BUF_INIT;

		assert_int_equal(lock_read(sample, i, &cut, NULL), -1);
		text.ptr[i] ^= 4;
		if (lock_read(text.ptr, text.len, &lock, NULL) == 0) {
			lock_write(&lock, &again);
			assert_string_equal(again.ptr, text.ptr);
		}
		text.ptr[i] ^= 4;
	}
}

/* Many small things are refused before they take much more memory than their text. */
static void test_many(void **state)
{
	autobuf text = BUF_INIT;
	autoerror err = ERROR_INIT;
	autolock lock;

	(void)state;
	buf_adds(&text, "{\"apiVersion\":\"bundle.flux-arc.io/v1\",\"blobs\":[],\"charts\":[]"
			",\"git\":[],\"kind\":\"Lock\",\"sequence\":1,\"unresolved\":[{\"kind\":"
			"\"a\",\"ref\":\"b\",\"usedBy\":[\"0000000\"");
	for (unsigned i = 1; i < 2100000; i++)
		buf_addf(&text, ",\"%07u\"", i);
	buf_adds(&text, "],\"why\":\"c\"}]}\n");
	assert_int_equal(lock_read(text.ptr, text.len, &lock, &err), -1);
	assert_string_equal(err.message, "unresolved[0].usedBy: more than the limit of things in "
					 "all lists together");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

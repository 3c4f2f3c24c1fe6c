/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots that are damaged, or were never good. */
#include "test.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"
#include "bundle/limits.h"
#include "snapshot_text.h"

#define HEAD                                     \
	"{\"apiVersion\":\"cluster.flux-arc.io/" \
	"v1\",\"now\":\"2026-11-24T07:13:30Z\",\"namespace\":\"x\"}\n"
#define PODS(items, size)                                                                          \
	"{\"path\":\"/api/v1/pods\",\"form\":\"list\",\"status\":200,\"envelope\":{\"items\":[]}," \
	"\"items\":" items ",\"size\":" size "}\n"
#define MEMBER SNAPSHOT_LINE "{\"path\":\"/api/v1/pods\"}\n{\"metadata\":{\"name\":\"a\"}}\n"
#define IN "the cluster snapshot in x.tar: "

static int take(struct kube_request *request, struct json_object *object, struct error *err)
{
	(void)err;
	request->ctx = object;
	return 0;
}

/* List all pods; 0, or -1 with the error of whatever failed. */
static int try_pods(struct buf *bytes, bool trees, struct error *err)
{
	struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *list[] = {&request};
	struct kube *kube;
	int result;

	if (snapshot_kube(bytes, &kube, err) < 0)
		return -1;
	request.path = "/api/v1/pods";
	request.on_object = trees ? take : NULL;
	result = kube_run(kube, list, 1, err);
	if (result == 0 && request.error.kind != ERROR_NONE)
		result = error_move(err, &request.error);
	kube_request_clear(&request);
	kube_free(kube);
	return result;
}

static const struct {
	const char *text, *error; /* NULL: it is good */
} rows[] = {
	/* clang-format off */
	{HEAD PODS("1", "$1") MEMBER, NULL},
	{"", IN "its index is empty"},
	{"\n", IN "a line of its index is not a JSON object"},
	{"[]\n", IN "a line of its index is not a JSON object"},
	{"{\"apiVersion\":\"cluster.flux-arc.io/v1\"", IN "its last line has no end"},
	{"{}\n", "the cluster snapshot in x.tar is '', not cluster.flux-arc.io/v1"},
	{"{\"apiVersion\":\"cluster.flux-arc.io/v2\"}\n", "the cluster snapshot in x.tar is 'cluster.flux-arc.io/v2', not cluster.flux-arc.io/v1"},
	{"{\"apiVersion\":\"cluster.flux-arc.io/v1\",\"now\":\"yesterday\",\"namespace\":\"x\"}\n", IN "its first line is malformed"},
	{"{\"apiVersion\":\"cluster.flux-arc.io/v1\",\"now\":\"2026-11-24T07:13:30Z\"}\n", IN "its first line is malformed"},
	{HEAD "{\n", IN "a line of its index is not a JSON object"},
	{HEAD "7\n", IN "a line of its index is not a JSON object"},
	{HEAD "{}\n", IN "a line of its index is malformed"},
	{HEAD "{\"path\":\"/version\",\"status\":200}\n", IN "a line of its index is malformed"},
	{HEAD "{\"path\":\"/version\",\"reply\":{},\"size\":5}\n", IN "a line of its index is malformed"},
	{HEAD "{\"path\":\"/x\",\"error\":{\"kind\":\"forbidden\",\"message\":\"m\"},\"size\":5}\n", IN "a line of its index is malformed"},
	{HEAD "{\"path\":\"/api/v1/pods\",\"form\":\"list\",\"items\":1,\"size\":$1}\n" MEMBER, IN "a line of its index is malformed"},
	{HEAD "{\"path\":\"/api/v1/pods\",\"form\":\"list\",\"envelope\":[],\"items\":1,\"size\":$1}\n" MEMBER, IN "a line of its index is malformed"},
	{HEAD PODS("-1", "$1") MEMBER, IN "a line of its index is malformed"},
	{HEAD PODS("1", "-5") MEMBER, IN "a line of its index is malformed"},
	{HEAD PODS("1", "0"), IN "a line of its index is malformed"},
	{HEAD PODS("1", "9223372036854775807") MEMBER, IN "it ends too early"},
	{HEAD PODS("1", "$1") PODS("1", "9223372036854775807") MEMBER, IN "it ends too early"},
	{HEAD PODS("1", "1$1") MEMBER, IN "it ends too early"},
	{HEAD MEMBER, IN "something follows its last list"},
	{HEAD PODS("1", "20") MEMBER, IN "something follows its last list"},
	/* found when the list is read */
	{HEAD PODS("0", "$1") MEMBER, IN "a list has not as many items as the index says"},
	{HEAD PODS("2", "$1") MEMBER, IN "a list has not as many items as the index says"},
	{HEAD PODS("1", "$1") SNAPSHOT_LINE "{\"path\":\"/api/v1/nodes\"}\n{}\n", IN "a list is not where the index says"},
	{HEAD PODS("1", "$1") SNAPSHOT_LINE "{}\n{}\n", IN "a list is not where the index says"},
	{HEAD PODS("1", "$1") SNAPSHOT_LINE "{\"path\":\"/api/v1/pods\"}\n{}", IN "its last line has no end"},
	{HEAD PODS("1", "$1") SNAPSHOT_LINE "{\"path\":\"/api/v1/pods\"}\n{\"metadata\":{\"name\":\"a\n", IN "an answer to /api/v1/pods: malformed JSON at byte 22: unexpected end of input in a string"},
	/* clang-format on */
};

static void malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf bytes = BUF_INIT;
		autoerror err = ERROR_INIT;
		int result;

		snapshot_of_text(rows[i].text, strlen(rows[i].text), &bytes);
		result = try_pods(&bytes, true, &err);
		if (result < 0 && err.kind != ERROR_DAMAGED)
			fail_msg("row %zu: kind %s", i, error_kind_name(err.kind));
		if (!streq(err.message, rows[i].error))
			fail_msg("row %zu: %s", i, err.message ? err.message : "it is good");
	}
}

static const char good[] = HEAD PODS("1", "$1") MEMBER;

static void cut(void **state)
{
	autobuf bytes = BUF_INIT;

	(void)state;
	snapshot_of_text(good, sizeof(good) - 1, &bytes);
	for (size_t len = bytes.len; len-- > 0;) {
		autoerror err = ERROR_INIT;

		buf_truncate(&bytes, len);
		assert_int_equal(try_pods(&bytes, true, &err), -1);
		assert_int_equal(err.kind, ERROR_DAMAGED);
	}
}

/* Checksums of gzip find what is not in its headers; those hold nothing that is used. */
static void flipped(void **state)
{
	autobuf bytes = BUF_INIT;
	size_t passed = 0;

	(void)state;
	snapshot_of_text(good, sizeof(good) - 1, &bytes);
	for (size_t i = 0; i < bytes.len; i++) {
		autoerror err = ERROR_INIT;

		bytes.ptr[i] = (char)(bytes.ptr[i] ^ 1);
		if (try_pods(&bytes, true, &err) == 0)
			passed++;
		else
			assert_int_equal(err.kind, ERROR_DAMAGED);
		bytes.ptr[i] = (char)(bytes.ptr[i] ^ 1);
	}
	/* Time, system and level of two members, and the flag that the header is text. */
	assert_true(passed <= 14);
}

/* ---- bombs */

static void pack_bomb(struct buf *bytes, const char *index, size_t len, char byte)
{
	autodeflater *deflater = deflater_new(DEFLATE_GZIP, 9);
	autobuf piece = BUF_INIT;

	buf_fill(&piece, byte, 1 << 20);
	deflater_add(deflater, index, strlen(index), false, bytes);
	for (size_t i = 0; i < len; i += piece.len)
		deflater_add(deflater, piece.ptr, piece.len, false, bytes);
	deflater_add(deflater, "", 0, true, bytes);
}

static void bombs(void **state)
{
	static const struct {
		size_t len;
		char byte;
		const char *error;
	} bombs[] = {
		{LIMIT_SNAPSHOT_LINE + MiB, 'a', IN "a line is longer than is allowed"},
		{LIMIT_SNAPSHOT_INDEX + MiB, 'a', IN "a line is longer than is allowed"},
		{LIMIT_SNAPSHOT_INDEX + MiB, '\n', IN "a line of its index is not a JSON object"},
	};

	(void)state;
	for (size_t i = 0; i < countof(bombs); i++) {
		autobuf bytes = BUF_INIT;
		autoerror err = ERROR_INIT;

		pack_bomb(&bytes, HEAD, bombs[i].len, bombs[i].byte);
		assert_true(bytes.len < MiB);
		assert_int_equal(try_pods(&bytes, true, &err), -1);
		assert_string_equal(err.message, bombs[i].error);
	}
}

/* An item beyond what a cluster can hold ends the read. */
static void item_bomb(void **state)
{
	autobuf member = BUF_INIT;
	autobuf bytes = BUF_INIT;
	autofree char *index = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	pack_bomb(&member, "{\"path\":\"/api/v1/pods\"}\n", SPLIT_MAX_ITEM + MiB, ' ');
	index = xasprintf(HEAD PODS("1", "%zu"), member.len);
	snapshot_pack(index, strlen(index), &bytes);
	buf_add(&bytes, member.ptr, member.len);
	assert_int_equal(try_pods(&bytes, true, &err), -1);
	assert_string_equal(err.message, IN "a line is longer than is allowed");
}

static void many_lines(void **state)
{
	autobuf index = BUF_INIT;
	autobuf bytes = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	buf_adds(&index, HEAD);
	for (size_t i = 0; i <= LIMIT_SNAPSHOT_ANSWERS; i++)
		buf_adds(&index, "{\"path\":\"/\",\"reply\":1}\n");
	snapshot_pack(index.ptr, index.len, &bytes);
	assert_int_equal(try_pods(&bytes, true, &err), -1);
	assert_string_equal(err.message, IN "its index has too many lines");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed),
		cmocka_unit_test(cut),
		cmocka_unit_test(flipped),
		cmocka_unit_test(bombs),
		cmocka_unit_test(item_bomb),
		cmocka_unit_test(many_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

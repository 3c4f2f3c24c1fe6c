/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of lists that may not be read, break off, or cannot be had at all. */
#include "bundle_sample.h"

#include <signal.h>
#include <sys/resource.h>

#include "base/json.h"
#include "bundle/snapshot.h"

#define LIST "{\"kind\":\"List\",\"items\":[]}"

/* A cluster of rows; what has none is a list without items. */
struct row {
	const char *path;
	const char *item; /* handed out first; NULL: none */
	enum error_kind kind;
	const char *message;
	bool in_pages; /* in pages there is no error */
	bool restarts; /* but then the list begins anew once */
};

struct fake {
	struct kube kube;
	const struct row *rows;
	bool down;
	struct strv asked;
};

static const struct row *find(const struct fake *fake, const char *path)
{
	const struct row *row = fake->rows;

	while (row->path && !streq(row->path, path))
		row++;
	return row->path ? row : NULL;
}

static void serve(struct fake *fake, struct kube_request *request)
{
	const struct row *row = find(fake, request->path);

	strv_push(&fake->asked, request->path);
	request->status = 200;
	for (int round = 0; row && row->item && request->on_item && round <= row->restarts;
		round++) {
		request->restarted = round > 0;
		if (request->on_item(request, row->item, strlen(row->item), &request->error) < 0)
			return;
	}
	if (row && row->kind != ERROR_NONE && !(row->in_pages && request->chunk_size)) {
		request->status = 403;
		error_set(&request->error, row->kind, "%s", row->message);
	} else if (request->on_item) {
		assert_int_equal(json_parse(LIST, strlen(LIST), &request->envelope, NULL), 0);
	} else {
		buf_adds(&request->reply, row && row->item ? row->item : "{}");
	}
}

static int fake_run(
	struct kube *kube, struct kube_request *requests[], size_t count, struct error *err)
{
	struct fake *fake = (struct fake *)kube;

	if (fake->down)
		return error_set(err, ERROR_NETWORK, "refused");
	for (size_t i = 0; i < count; i++)
		serve(fake, requests[i]);
	return 0;
}

static struct fake fake_of(const struct row *rows)
{
	static const struct kube_ops ops = {.run = fake_run};

	return (struct fake){
		.kube = {.ops = &ops, .namespace = "team", .now = 1795504410000},
		.rows = rows,
		.asked = STRV_INIT,
	};
}

/* Record it, and open what came out. */
static int record(const struct row *rows, const struct snapshot_options *options,
	struct snapshot_report *report, struct kube **ret)
{
	struct fake fake = fake_of(rows);
	autofree char *path = NULL;
	autoerror err = ERROR_INIT;

	if (snapshot_record(&fake.kube, options, sample_store, report, &err) < 0)
		fail_msg("%s", err.message);
	for (size_t i = 0; i < fake.asked.len; i++)
		assert_null(strstr(fake.asked.items[i], "secrets"));
	strv_clear(&fake.asked);
	assert_true(store_has(sample_store, &report->digest, NULL, &path));
	return kube_file_new(path, NULL, ret, NULL);
}

static char *answer(struct kube *kube, const char *path)
{
	struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *list[] = {&request};
	struct buf said = BUF_INIT;

	request.path = path;
	assert_int_equal(kube_run(kube, list, 1, NULL), 0);
	buf_adds(&said, request.error.message ? request.error.message : request.reply.ptr);
	kube_request_clear(&request);
	return buf_detach(&said);
}

#define DEPLOYMENTS "/apis/apps/v1/deployments"
#define ITEM "{\"metadata\":{\"name\":\"d\",\"namespace\":\"team\"}}"

static void forbidden(void **state)
{
	static const struct row rows[] = {
		{DEPLOYMENTS, NULL, ERROR_FORBIDDEN, "not you", false, false},
		{"/apis/apps/v1/namespaces/team/deployments", ITEM, ERROR_NONE, NULL, false, false},
		{"/apis/apps/v1/namespaces/flux-system/deployments", NULL, ERROR_FORBIDDEN,
			"not there", false, false},
		{"/apis/apps/v1/namespaces/more/deployments", ITEM, ERROR_NONE, NULL, false, false},
		{"/api/v1/nodes", NULL, ERROR_FORBIDDEN, "no nodes", false, false},
		{NULL, NULL, ERROR_NONE, NULL, false, false},
	};
	CLEANUP(snapshot_report_clear) struct snapshot_report report = SNAPSHOT_REPORT_INIT;
	CLEANUP(kube_free_pointer) struct kube *kube = NULL;
	autostrv namespaces = STRV_INIT;
	struct snapshot_options options = {.namespaces = &namespaces};
	autofree char *all = NULL;
	autofree char *team = NULL;
	autofree char *flux = NULL;
	autofree char *nodes = NULL;
	autofree char *unread = NULL;

	(void)state;
	strv_push(&namespaces, "more");
	strv_push(&namespaces, "team");
	assert_int_equal(record(rows, &options, &report, &kube), 0);
	assert_string_equal(all = answer(kube, DEPLOYMENTS), "not you");
	assert_string_equal(team = answer(kube, "/apis/apps/v1/namespaces/team/deployments"),
		"{\"kind\":\"List\",\"items\":[" ITEM "]}");
	assert_string_equal(flux = answer(kube, "/apis/apps/v1/namespaces/flux-system/deployments"),
		"not there");
	assert_string_equal(nodes = answer(kube, "/api/v1/nodes"), "no nodes");
	assert_int_equal(report.objects, 2);
	unread = strv_join(&report.unread, "; ");
	assert_string_equal(unread, "Deployment: not you; Deployment in flux-system: not there; "
				    "Node: no nodes");
}

/* What came before the end of a list that broke off is not half a list. */
static void broken_off(void **state)
{
	static const struct row rows[] = {
		{DEPLOYMENTS, ITEM, ERROR_NETWORK, "the answer broke off", false, false},
		{"/api/v1/pods", "{\"metadata\":{\"name\":\"p\"}", ERROR_NONE, NULL, false, false},
		{"/apis/apps/v1/statefulsets", "{\"metadata\":\n{\"name\":\r\n\"s\"}}", ERROR_NONE,
			NULL, false, false},
		{NULL, NULL, ERROR_NONE, NULL, false, false},
	};
	CLEANUP(snapshot_report_clear) struct snapshot_report report = SNAPSHOT_REPORT_INIT;
	CLEANUP(kube_free_pointer) struct kube *kube = NULL;
	struct snapshot_options options = {.log_lines = 1};
	autofree char *deployments = NULL;
	autofree char *pods = NULL;
	autofree char *sets = NULL;

	(void)state;
	assert_int_equal(record(rows, &options, &report, &kube), 0);
	assert_string_equal(deployments = answer(kube, DEPLOYMENTS), "the answer broke off");
	assert_non_null(strstr(pods = answer(kube, "/api/v1/pods"), "malformed JSON"));
	/* Line breaks between tokens are white space like any other. */
	assert_string_equal(sets = answer(kube, "/apis/apps/v1/statefulsets"),
		"{\"kind\":\"List\",\"items\":[{\"metadata\": {\"name\":  \"s\"}}]}");
	assert_int_equal(report.objects, 1);
	assert_int_equal(report.unread.len, 2);
}

/* Asked for again in pages, which may begin anew; nothing comes twice. */
static void in_pages(void **state)
{
	static const struct row rows[] = {
		{DEPLOYMENTS, ITEM, ERROR_NETWORK, "broke off", true, true},
		{"/api/v1/pods", "{\"metadata\":{\"name\":\"https://u:p@h\"}}", ERROR_NETWORK,
			"broke off", true, false},
		{NULL, NULL, ERROR_NONE, NULL, false, false},
	};
	CLEANUP(snapshot_report_clear) struct snapshot_report report = SNAPSHOT_REPORT_INIT;
	CLEANUP(kube_free_pointer) struct kube *kube = NULL;
	struct snapshot_options options = {.log_lines = 1};
	autofree char *deployments = NULL;

	(void)state;
	assert_int_equal(record(rows, &options, &report, &kube), 0);
	assert_string_equal(deployments = answer(kube, DEPLOYMENTS),
		"{\"kind\":\"List\",\"items\":[" ITEM "]}");
	assert_int_equal(report.objects, 2);
	assert_int_equal(report.redacted, 1);
	assert_int_equal(report.unread.len, 0);
}

/* A store that cannot be written is no list that cannot be read. */
static void store_fails(void **state)
{
	static char item[3 << 20];
	struct row rows[] = {{DEPLOYMENTS, item, ERROR_NONE, NULL, false, false},
		{NULL, NULL, ERROR_NONE, NULL, false, false}};
	CLEANUP(snapshot_report_clear) struct snapshot_report report = SNAPSHOT_REPORT_INIT;
	struct fake fake = fake_of(rows);
	struct snapshot_options options = {.log_lines = 1};
	struct rlimit before;
	struct rlimit limit;
	autoerror err = ERROR_INIT;

	(void)state;
	/* What does not compress. */
	item[0] = '"';
	for (size_t i = 1; i < sizeof(item) - 2; i++)
		item[i] = (char)('a' + rand() % 26);
	item[sizeof(item) - 2] = '"';
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = (struct rlimit){64 << 10, before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(snapshot_record(&fake.kube, &options, sample_store, &report, &err), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(err.message, "file too large"));
	assert_int_equal(report.unread.len, 0);
	strv_clear(&fake.asked);
}

static void unreachable(void **state)
{
	static const struct row rows[] = {{NULL, NULL, ERROR_NONE, NULL, false, false}};
	CLEANUP(snapshot_report_clear) struct snapshot_report report = SNAPSHOT_REPORT_INIT;
	struct fake fake = fake_of(rows);
	struct snapshot_options options = {.log_lines = 0};
	autoerror err = ERROR_INIT;

	(void)state;
	fake.down = true;
	assert_int_equal(snapshot_record(&fake.kube, &options, sample_store, &report, &err), -1);
	assert_int_equal(err.kind, ERROR_NETWORK);
}

/* Same cluster, same bytes. */
static void same_bytes(void **state)
{
	static const struct row rows[] = {{DEPLOYMENTS, ITEM, ERROR_NONE, NULL, false, false},
		{NULL, NULL, ERROR_NONE, NULL, false, false}};
	struct sha256_text digests[2];

	(void)state;
	for (size_t i = 0; i < countof(digests); i++) {
		CLEANUP(snapshot_report_clear)
		struct snapshot_report report = SNAPSHOT_REPORT_INIT;
		struct fake fake = fake_of(rows);
		struct snapshot_options options = {.log_lines = 0};

		assert_int_equal(
			snapshot_record(&fake.kube, &options, sample_store, &report, NULL), 0);
		digests[i] = report.digest;
		strv_clear(&fake.asked);
	}
	assert_string_equal(digests[0].text, digests[1].text);
}

/* ---- in a bundle */

static char *write_bundle(bool with_snapshot)
{
	static const struct row rows[] = {{DEPLOYMENTS, ITEM, ERROR_NONE, NULL, false, false},
		{NULL, NULL, ERROR_NONE, NULL, false, false}};
	CLEANUP(snapshot_report_clear) struct snapshot_report report = SNAPSHOT_REPORT_INIT;
	struct fake fake = fake_of(rows);
	struct snapshot_options options = {.log_lines = 0};
	autolock lock = {.sequence = 1};
	char *path = sample_path("bundle.tar");
	struct bundle_output output = {.path = path};

	if (with_snapshot) {
		assert_int_equal(
			snapshot_record(&fake.kube, &options, sample_store, &report, NULL), 0);
		lock.snapshot = report.digest;
		lock_add_blob(&lock, &lock.snapshot, report.size, MEDIA_CLUSTER, LOCK_SELF);
	}
	strv_clear(&fake.asked);
	assert_int_equal(bundle_write(&lock, sample_store, &output, NULL, NULL), 0);
	return path;
}

static void in_bundle(void **state)
{
	autofree char *path = write_bundle(true);
	CLEANUP(kube_free_pointer) struct kube *kube = NULL;
	CLEANUP(kube_free_pointer) struct kube *borrowing = NULL;
	autobundle *bundle = NULL;
	autofree char *one = NULL;
	autofree char *other = NULL;

	(void)state;
	assert_int_equal(kube_file_new(path, NULL, &kube, NULL), 0);
	assert_string_equal(
		one = answer(kube, DEPLOYMENTS), "{\"kind\":\"List\",\"items\":[" ITEM "]}");
	assert_int_equal(bundle_open(path, NULL, &bundle, NULL), 0);
	assert_int_equal(kube_bundle_new(bundle, &borrowing, NULL), 0);
	assert_string_equal(other = answer(borrowing, DEPLOYMENTS), one);
}

static void without(void **state)
{
	autofree char *path = write_bundle(false);
	struct kube *kube = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(kube_file_new(path, NULL, &kube, &err), -1);
	assert_int_equal(err.kind, ERROR_NOT_FOUND);
	assert_non_null(strstr(err.message, "has no cluster snapshot"));
}

/* Before anything is printed, also where gzip would not notice. */
static void damaged(void **state)
{
	autofree char *path = write_bundle(true);
	autobundle *bundle = NULL;
	uint64_t offset;
	uint64_t size;
	FILE *file;

	(void)state;
	assert_int_equal(bundle_open(path, NULL, &bundle, NULL), 0);
	assert_int_equal(bundle_blob(bundle, &bundle->lock.snapshot, &offset, &size, NULL), 0);
	file = fopen(path, "r+b");
	assert_non_null(file);
	for (uint64_t i = 0; i < size; i += 5) {
		struct kube *kube = NULL;
		autoerror err = ERROR_INIT;
		int byte;

		assert_int_equal(fseek(file, (long)(offset + i), SEEK_SET), 0);
		byte = fgetc(file);
		assert_int_equal(fseek(file, (long)(offset + i), SEEK_SET), 0);
		fputc(byte ^ 4, file);
		fflush(file);
		assert_int_equal(kube_file_new(path, NULL, &kube, &err), -1);
		assert_int_equal(err.kind, ERROR_DAMAGED);
		assert_non_null(strstr(err.message, "its digest is not sha256:"));
		assert_int_equal(fseek(file, (long)(offset + i), SEEK_SET), 0);
		fputc(byte, file);
	}
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forbidden),
		cmocka_unit_test(broken_off),
		cmocka_unit_test(in_pages),
		cmocka_unit_test(store_fails),
		cmocka_unit_test(unreachable),
		cmocka_unit_test(same_bytes),
		cmocka_unit_test(in_bundle),
		cmocka_unit_test(without),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, sample_begin, sample_end);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle_sample.h"

#include <fcntl.h>
#include <unistd.h>

#include "bundle/parts.h"
#include "bundle/signature.h"
#include "bundle/ssh_key.h"
#include "bundle/verify.h"

static char *trust;

/* A key that is trusted, as sign_ctx. */
static struct signing_key *make_key(void)
{
	autofree char *path = sample_path("key");
	autobuf file = BUF_INIT;
	autobuf line = BUF_INIT;
	autofree char *text = NULL;
	struct signing_key *key = NULL;

	ssh_private_make("test", &file, &line);
	assert_int_equal(file_write(path, file.ptr, file.len, NULL), 0);
	assert_int_equal(signing_key_open(path, &key, NULL), 0);
	trust = sample_path("trust");
	text = xasprintf("release@contoso.test %s", line.ptr);
	assert_int_equal(file_write(trust, text, strlen(text), NULL), 0);
	return key;
}

static int sign(void *ctx, const struct buf *lock_text, struct buf *signature, struct error *err)
{
	return signing_key_sign(ctx, lock_text, signature, err);
}

static char *write_signed(const char *name, struct bundle_output *output)
{
	autosigningkey *key = make_key();

	output->sign = sign;
	output->sign_ctx = key;
	return sample_write(name, output);
}

/* All that is said of a bundle, one line each; "" if it is good. */
static enum error_kind verify(const char *path, struct buf *said)
{
	struct verify_options options = {.trust = {.allowed_signers = trust}, .threads = 1};
	CLEANUP(verify_report_clear) struct verify_report report = {0};
	autobundle *bundle = NULL;
	autoerror err = ERROR_INIT;

	buf_reset(said);
	if (bundle_open(path, NULL, &bundle, &err) < 0) {
		buf_adds(said, err.message);
		return err.kind;
	}
	assert_int_equal(bundle_verify(bundle, &options, &report, NULL), 0);
	for (size_t i = 0; i < VERIFY_STAGES; i++)
		for (size_t j = 0; j < report.stages[i].faults.len; j++)
			buf_addf(said, "%s\n", report.stages[i].faults.items[j]);
	if (verify_outcome(bundle, &report, &err) == 0)
		return ERROR_NONE;
	return err.kind;
}

static void test_good(void **state)
{
	static const struct {
		enum verify_state state;
		const char *text;
	} wanted[] = {
		[VERIFY_SIGNATURE] = {VERIFY_GOOD, "trusted: release@contoso.test, ssh-ed25519 "
						   "SHA256:"},
		[VERIFY_PARTS] = {VERIFY_NONE, "one file"},
		[VERIFY_CONTENTS] = {VERIFY_GOOD, "10 blobs, "},
		[VERIFY_BASE] = {VERIFY_NONE, "builds on no other bundle"},
		[VERIFY_PACKS] = {VERIFY_GOOD, "1 pack, 3 objects, all that 1 ref reaches"},
		[VERIFY_SEQUENCE] = {VERIFY_GOOD, "1, the first"},
	};
	struct bundle_output output = {0};
	autofree char *path = write_signed("a.tar", &output);
	struct verify_options options = {.trust = {.allowed_signers = trust}};
	CLEANUP(verify_report_clear) struct verify_report report = {0};
	autobundle *bundle = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(bundle_open(path, NULL, &bundle, &err), 0);
	assert_int_equal(bundle_verify(bundle, &options, &report, &err), 0);
	if (verify_outcome(bundle, &report, &err) < 0)
		fail_msg("%s", err.message);
	for (size_t i = 0; i < VERIFY_STAGES; i++) {
		assert_int_equal(report.stages[i].state, wanted[i].state);
		if (!starts_with(report.stages[i].text, wanted[i].text))
			fail_msg("'%s', wanted '%s'", report.stages[i].text, wanted[i].text);
	}
	free(trust);
}

static void test_trust(void **state)
{
	struct bundle_output output = {0};
	autofree char *unsigned_path = sample_write("a.tar", NULL);
	autofree char *signed_path = write_signed("b.tar", &output);
	autobuf said = BUF_INIT;

	(void)state;
	assert_int_equal(verify(unsigned_path, &said), ERROR_NOT_TRUSTED);
	assert_non_null(strstr(said.ptr, "a.tar' is not signed"));
	assert_int_equal(file_write(trust, "", 0, NULL), 0);
	assert_int_equal(verify(signed_path, &said), ERROR_NOT_TRUSTED);
	free(trust);
}

/* What one region of the file has to be called when it is damaged. */
struct region {
	uint64_t start, end;
	char *name;
};

static void add_region(
	struct region *regions, size_t *count, uint64_t *at, uint64_t len, char *name)
{
	regions[(*count)++] = (struct region){*at, *at + len, name};
	*at += len;
}

/* A member: its header, its content, its padding. */
static void add_member(
	struct region *regions, size_t *count, uint64_t *at, uint64_t size, const char *names[3])
{
	add_region(regions, count, at, 512, xstrdup(names[0]));
	add_region(regions, count, at, size, xstrdup(names[1]));
	add_region(regions, count, at, (512 - size % 512) % 512, xstrdup(names[2]));
}

static size_t map_bundle(const struct bundle *bundle, struct region *regions)
{
	size_t count = 0;
	uint64_t at = 0;

	add_member(regions, &count, &at, 30,
		(const char *[]){"a bundle|'oci-layout'", "'oci-layout' is not as written",
			"padding of 'oci-layout'"});
	add_member(regions, &count, &at, bundle->lock_text.len,
		(const char *[]){"flux-arc/lock.json'",
			"flux-arc/lock.json'|'lock'|signature|not of this",
			"padding of 'flux-arc/lock.json'"});
	add_member(regions, &count, &at, bundle->signature.len,
		(const char *[]){"flux-arc/lock.json.sig'|'index.json'", "signature|signed",
			"padding of 'flux-arc/lock.json.sig'"});
	add_member(regions, &count, &at, bundle->index_size,
		(const char *[]){"'index.json'", "'index.json' is not what the lock says",
			"padding behind index.json"});
	for (size_t i = 0; i < bundle->lock.blob_count; i++) {
		const struct lock_blob *blob = &bundle->lock.blobs[i];
		autofree char *header = xasprintf("'blobs/sha256/%s'", blob->digest.text + 7);
		autofree char *content = xasprintf("blob %s", blob->digest.text);
		autofree char *padding = xasprintf("padding behind blob %s", blob->digest.text);

		add_member(regions, &count, &at, blob->size,
			(const char *[]){header, content, padding});
	}
	add_region(regions, &count, &at, 1024, xstrdup("end of the archive"));
	assert_int_equal(at, bundle->end);
	return count;
}

static bool names_one_of(const char *said, const char *names)
{
	autostrv words = STRV_INIT;

	strv_split(&words, names, "|", false);
	for (size_t i = 0; i < words.len; i++)
		if (strstr(said, words.items[i]))
			return true;
	return false;
}

static void flip(int fd, uint64_t offset, unsigned char mask)
{
	unsigned char byte;

	assert_int_equal(pread(fd, &byte, 1, (off_t)offset), 1);
	byte ^= mask;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)offset), 1);
}

static void check_region(const char *path, int fd, const struct region *region)
{
	autobuf said = BUF_INIT;

	for (uint64_t i = region->start; i < region->end; i++) {
		unsigned char mask = (unsigned char)(1U << i % 8);
		enum error_kind kind;

		flip(fd, i, mask);
		kind = verify(path, &said);
		flip(fd, i, mask);
		if (kind != ERROR_DAMAGED && kind != ERROR_NOT_TRUSTED && kind != ERROR_INCOMPLETE)
			fail_msg("byte %d: kind %d, '%s'", (int)i, (int)kind, said.ptr);
		if (!names_one_of(said.ptr, region->name))
			fail_msg("byte %d: '%s' does not name %s", (int)i, said.ptr, region->name);
	}
}

/* Whichever byte of a signed bundle changes: it is found, and what it is in is named. */
static void test_every_byte(void **state)
{
	struct bundle_output output = {0};
	autofree char *path = (sample_small = true, write_signed("a.tar", &output));
	struct region regions[64];
	autobundle *bundle = NULL;
	autobuf said = BUF_INIT;
	autofd fd = open(path, O_RDWR | O_CLOEXEC);
	size_t count;

	(void)state;
	assert_int_equal(bundle_open(path, NULL, &bundle, NULL), 0);
	count = map_bundle(bundle, regions);
	for (size_t i = 0; i < count; i++) {
		check_region(path, fd, &regions[i]);
		free(regions[i].name);
	}
	assert_int_equal(verify(path, &said), ERROR_NONE);
	sample_small = false;
	free(trust);
}

#define PART_SIZE 4000

/* Where the pack of the sample stands in the whole. */
static uint64_t pack_offset(const char *path, size_t *parts)
{
	autobundle *bundle = NULL;
	uint64_t offset = 0;
	uint64_t size = 0;

	assert_int_equal(bundle_open(path, NULL, &bundle, NULL), 0);
	assert_int_equal(bundle_blob(bundle, &bundle->lock.git[0].bundle, &offset, &size, NULL), 0);
	*parts = media_parts(bundle->media);
	return offset;
}

static void assert_said(const char *path, enum error_kind kind, const char *name, const char *what)
{
	autofree char *wanted = xasprintf("%s: %s", name, what);
	autobuf said = BUF_INIT;

	assert_int_equal(verify(path, &said), kind);
	if (!strstr(said.ptr, wanted))
		fail_msg("'%s' lacks '%s'", said.ptr, wanted);
}

/* The part and the blob at fault, whether a part is damaged, foreign, or made anew. */
static void test_parts(void **state)
{
	struct bundle_output output = {.part_size = PART_SIZE, .parity = true};
	autofree char *path = write_signed("a.tar", &output);
	size_t parts = 0;
	uint64_t offset = pack_offset(path, &parts);
	autofree char *part = parts_path(path, offset / PART_SIZE, parts);
	autofree char *parity = sample_path("a.tar.parity");
	const char *name = strrchr(part, '/') + 1;
	autobuf said = BUF_INIT;
	autofd fd = open(part, O_RDWR | O_CLOEXEC);
	autofd parity_fd = open(parity, O_RDWR | O_CLOEXEC);

	(void)state;
	assert_int_equal(verify(path, &said), ERROR_NONE);
	flip(fd, offset % PART_SIZE, 1);
	assert_said(path, ERROR_DAMAGED, name, "damaged, or of another set\n");
	assert_said(path, ERROR_DAMAGED, name, "blob sha256:");
	flip(parity_fd, 300, 1);
	assert_said(path, ERROR_DAMAGED, "a.tar.parity", "damaged, or of another set\n");
	assert_int_equal(unlink(part), 0);
	assert_said(path, ERROR_DAMAGED, name,
		"not there, and what the parity part makes of the others is not it\n");
	flip(parity_fd, 300, 1);
	assert_int_equal(verify(path, &said), ERROR_NONE);
	free(trust);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sample_begin, sample_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good),
		TEST(test_trust),
		TEST(test_every_byte),
		TEST(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

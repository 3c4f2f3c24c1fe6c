/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "bundle/limits.h"
#include "bundle/source.h"
#include "bundle/tar.h"
#include "bundle/verify_scan.h"

const char *verify_stage_name(enum verify_stage_id id)
{
	static const char *const names[] = {
		[VERIFY_SIGNATURE] = "signature",
		[VERIFY_PARTS] = "parts",
		[VERIFY_CONTENTS] = "contents",
		[VERIFY_BASE] = "base",
		[VERIFY_PACKS] = "packs",
		[VERIFY_SEQUENCE] = "sequence",
	};

	return names[id];
}

const char *verify_state_name(enum verify_state state)
{
	static const char *const names[] = {
		[VERIFY_NONE] = "none",
		[VERIFY_GOOD] = "good",
		[VERIFY_OPEN] = "unchecked",
		[VERIFY_BAD] = "bad",
	};

	return names[state];
}

void verify_report_clear(struct verify_report *report)
{
	for (size_t i = 0; i < VERIFY_STAGES; i++) {
		free(report->stages[i].text);
		strv_clear(&report->stages[i].faults);
	}
	signer_clear(&report->signer);
}

/* What is being verified. */
struct verify {
	struct bundle *bundle;
	const struct verify_options *options;
	struct verify_report *report;
	struct bundle **bases;
	size_t base_count;
	struct verify_scan *scan;
	/* Of the packs. */
	uint64_t packs, objects, refs, passed_over;
};

static struct verify_stage *stage_of(struct verify *verify, enum verify_stage_id id)
{
	return &verify->report->stages[id];
}

static void say(struct verify_stage *stage, enum verify_state state, char *text)
{
	if (stage->state != VERIFY_BAD)
		stage->state = state;
	free(stage->text);
	stage->text = text;
}

/* ---- the signature */

static void check_signature(struct verify *verify)
{
	struct verify_stage *stage = stage_of(verify, VERIFY_SIGNATURE);
	struct signer *signer = &verify->report->signer;
	autoerror why = ERROR_INIT;

	if (bundle_require_trust(verify->bundle, &verify->options->trust, signer, &why) < 0) {
		stage->text = xstrdup(why.message);
		verify_fault_error(stage, &why);
	} else if (!signer->fingerprint) {
		say(stage, VERIFY_OPEN, xstrdup("not signed"));
	} else if (signer->principal) {
		say(stage, VERIFY_GOOD,
			xasprintf("trusted: %s, %s %s", signer->principal, signer->key_type,
				signer->fingerprint));
	} else {
		say(stage, VERIFY_OPEN,
			xasprintf("by nobody who is trusted: %s %s", signer->key_type,
				signer->fingerprint));
	}
}

/* ---- the base */

/* The base that has the blob's bytes, or NULL. */
static struct bundle *find_base(const struct verify *verify, const struct lock_blob *blob)
{
	for (size_t i = 0; i < verify->base_count; i++) {
		const struct lock_blob *there = lock_blob(&verify->bases[i]->lock, &blob->digest);

		if (there && there->where == LOCK_SELF && there->size == blob->size)
			return verify->bases[i];
	}
	return NULL;
}

static int hash_in_base(struct verify *verify, struct bundle *base, const struct lock_blob *blob,
	struct sha256_text *ret, struct error *err)
{
	autofree char *chunk = xmalloc(MiB);
	autodigest *digest = digest_new(DIGEST_SHA256);
	uint64_t offset;
	uint64_t size;

	if (bundle_blob(base, &blob->digest, &offset, &size, err) < 0)
		return -1;
	for (uint64_t done = 0; done < size;) {
		size_t len = size - done < MiB ? (size_t)(size - done) : MiB;

		if (media_read(base->media, offset + done, chunk, len, err) < 0)
			return -1;
		digest_add(digest, chunk, len);
		done += len;
		if (verify_scan_tick(verify->scan, verify->options, err) < 0)
			return -1;
	}
	sha256_text_end(digest, ret);
	return 0;
}

static void check_in_base(struct verify *verify, const struct lock_blob *blob)
{
	struct verify_stage *stage = stage_of(verify, VERIFY_BASE);
	struct bundle *base = find_base(verify, blob);
	struct sha256_text actual;
	autoerror why = ERROR_INIT;

	if (!base)
		verify_fault(stage, ERROR_INCOMPLETE, "blob %s is in no base that was given",
			blob->digest.text);
	else if (hash_in_base(verify, base, blob, &actual, &why) < 0)
		verify_fault_error(stage, &why);
	else if (!sha256_text_equal(&actual, &blob->digest))
		verify_fault(stage, ERROR_DAMAGED, "%s: blob %s: its content is another",
			media_name(base->media), blob->digest.text);
}

static void check_base(struct verify *verify)
{
	struct verify_stage *stage = stage_of(verify, VERIFY_BASE);
	const struct lock *lock = &verify->bundle->lock;
	const struct strv *paths = verify->options->bases;
	autoerror why = ERROR_INIT;
	size_t blobs = 0;

	if (!*lock->base.text && (!paths || !paths->len)) {
		say(stage, VERIFY_NONE, xstrdup("builds on no other bundle"));
		return;
	}
	say(stage, VERIFY_GOOD,
		xasprintf("sequence %" PRIu64 ", lock %s", lock->base_sequence, lock->base.text));
	if (!paths || !paths->len) {
		verify_fault(stage, ERROR_INCOMPLETE,
			"%s builds on sequence %" PRIu64 " (lock %s): name that bundle with --base",
			media_name(verify->bundle->media), lock->base_sequence, lock->base.text);
		return;
	}
	if (bundle_bases_open(verify->bundle, paths, &verify->bases, &verify->base_count, &why) <
		0) {
		verify_fault_error(stage, &why);
		return;
	}
	for (size_t i = 0; i < lock->blob_count; i++) {
		if (lock->blobs[i].where != LOCK_BASE)
			continue;
		check_in_base(verify, &lock->blobs[i]);
		blobs++;
	}
	say(stage, VERIFY_GOOD,
		xasprintf("sequence %" PRIu64 ", and what is left to it: %zu blob%s",
			lock->base_sequence, blobs, blobs == 1 ? "" : "s"));
}

static void check_sequence(struct verify *verify)
{
	struct verify_stage *stage = stage_of(verify, VERIFY_SEQUENCE);
	const struct lock *lock = &verify->bundle->lock;
	const struct bundle *base =
		verify->base_count ? verify->bases[verify->base_count - 1] : NULL;

	if (base && base->lock.sequence != lock->base_sequence)
		verify_fault(stage, ERROR_DAMAGED,
			"%s has sequence %" PRIu64 ", not the %" PRIu64 " that it builds on",
			media_name(base->media), base->lock.sequence, lock->base_sequence);
	else if (!*lock->base.text)
		say(stage, VERIFY_GOOD,
			xasprintf("%" PRIu64 "%s", lock->sequence,
				lock->sequence == 1 ? ", the first" : ", merged"));
	else
		say(stage, VERIFY_GOOD,
			xasprintf("%" PRIu64 ", after %" PRIu64, lock->sequence,
				lock->base_sequence));
}

/* ---- the packs */

/* A Git source, and where its pack ends in this bundle. */
struct turn {
	const struct lock_git *git;
	uint64_t end; /* 0: in the base */
	size_t blob;  /* index in the lock */
};

static int compare_turns(const void *left, const void *right)
{
	const struct turn *a = left;
	const struct turn *b = right;

	return a->end < b->end ? -1 : a->end > b->end;
}

/* In the order of the bytes, so that each is indexed right after the scan has passed it. */
static size_t take_turns(const struct bundle *bundle, struct turn *turns)
{
	const struct lock *lock = &bundle->lock;
	size_t count = 0;

	for (size_t i = 0; i < lock->git_count; i++) {
		const struct lock_blob *blob = lock_blob(lock, &lock->git[i].bundle);
		struct turn *turn = &turns[count];

		if (!blob)
			continue;
		*turn = (struct turn){.git = &lock->git[i], .blob = (size_t)(blob - lock->blobs)};
		if (blob->where == LOCK_SELF)
			turn->end = bundle->offsets[turn->blob] + tar_header_len(blob->size) +
				    blob->size;
		count++;
	}
	if (count)
		qsort(turns, count, sizeof(*turns), compare_turns);
	return count;
}

static int tick(void *ctx, struct error *err)
{
	struct verify *verify = ctx;

	return verify_scan_tick(verify->scan, verify->options, err);
}

static void check_pack(struct verify *verify, const struct turn *turn)
{
	struct verify_stage *stage = stage_of(verify, VERIFY_PACKS);
	const struct source_options options = {.bases = verify->bases,
		.base_count = verify->base_count,
		.threads = verify->options->threads,
		.tick = tick,
		.tick_ctx = verify};
	autosource *source = NULL;
	autoerror why = ERROR_INIT;

	if (source_open(verify->bundle, turn->git, &options, &source, &why) < 0) {
		verify_fault_error(stage, &why);
		return;
	}
	if (turn->end && source->objects != turn->git->objects)
		verify_fault(stage, ERROR_DAMAGED,
			"source '%s': its pack has %" PRIu64 " objects, the lock says %" PRIu64,
			turn->git->name, source->objects, turn->git->objects);
	verify->packs++;
	verify->objects += source->objects;
	verify->refs += turn->git->ref_count;
}

/* Of a blob that is damaged, or of a delta without its base, there is nothing more to say. */
static bool passed_over(struct verify *verify, const struct turn *turn)
{
	bool leans = !turn->end || turn->git->prerequisite_count || turn->git->thin;

	if (leans && !verify->base_count)
		return true;
	return turn->end && verify_scan_is_bad(verify->scan, turn->blob);
}

/* "1 pack", "2 packs". */
static void add_count(struct buf *text, uint64_t count, const char *what)
{
	buf_addf(text, "%" PRIu64 " %s%s", count, what, count == 1 ? "" : "s");
}

static void say_packs(struct verify *verify)
{
	struct verify_stage *stage = stage_of(verify, VERIFY_PACKS);
	autobuf text = BUF_INIT;

	if (!verify->packs && !verify->passed_over && stage->state == VERIFY_NONE) {
		say(stage, VERIFY_NONE, xstrdup("there are none"));
		return;
	}
	add_count(&text, verify->packs, "pack");
	buf_adds(&text, ", ");
	add_count(&text, verify->objects, "object");
	buf_adds(&text, ", all that ");
	add_count(&text, verify->refs, "ref");
	buf_adds(&text, verify->refs == 1 ? " reaches" : " reach");
	if (verify->passed_over)
		buf_addf(&text, "; %" PRIu64 " not looked at", verify->passed_over);
	say(stage, verify->passed_over ? VERIFY_OPEN : VERIFY_GOOD, buf_detach(&text));
}

static int check_packs(struct verify *verify, struct error *err)
{
	const struct lock *lock = &verify->bundle->lock;
	autofree struct turn *turns = xcalloc(lock->git_count + 1, sizeof(*turns));
	size_t count = take_turns(verify->bundle, turns);

	for (size_t i = 0; i < count; i++) {
		if (verify_scan_wait(verify->scan, turns[i].end, verify->options, err) < 0)
			return -1;
		if (passed_over(verify, &turns[i]))
			verify->passed_over++;
		else
			check_pack(verify, &turns[i]);
	}
	say_packs(verify);
	return 0;
}

/* ---- all of it */

static int check_all(struct verify *verify, struct error *err)
{
	check_signature(verify);
	check_base(verify);
	check_sequence(verify);
	if (check_packs(verify, err) < 0 ||
		verify_scan_wait(verify->scan, UINT64_MAX, verify->options, err) < 0)
		return -1;
	/* An interrupt within a stage is no fault of the bundle. */
	return tick(verify, err);
}

int bundle_verify(struct bundle *bundle, const struct verify_options *options,
	struct verify_report *ret, struct error *err)
{
	struct verify verify = {.bundle = bundle, .options = options, .report = ret};
	int result;

	*ret = (struct verify_report){.stages = {{.state = VERIFY_NONE}}};
	for (size_t i = 0; i < VERIFY_STAGES; i++)
		ret->stages[i].faults = (struct strv)STRV_INIT;
	if (!media_list(bundle->media))
		ret->stages[VERIFY_PARTS].text = xstrdup("one file");
	verify.scan = verify_scan_begin(
		bundle, stage_of(&verify, VERIFY_CONTENTS), stage_of(&verify, VERIFY_PARTS));
	result = check_all(&verify, err);
	verify_scan_end(verify.scan);
	bundle_bases_free(verify.bases, verify.base_count);
	return result;
}

int verify_outcome(
	const struct bundle *bundle, const struct verify_report *report, struct error *err)
{
	for (size_t i = 0; i < VERIFY_STAGES; i++) {
		const struct verify_stage *stage = &report->stages[i];
		size_t more = stage->faults.len ? stage->faults.len - 1 : 0;

		if (stage->state != VERIFY_BAD)
			continue;
		error_set(err, stage->kind, "%s: %s: %s", media_name(bundle->media),
			verify_stage_name((enum verify_stage_id)i),
			stage->faults.len ? stage->faults.items[0] : stage->text);
		return more ? error_wrap(err, "%zu faults, the first", more + 1) : -1;
	}
	return 0;
}

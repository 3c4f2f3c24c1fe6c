/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that can be known of a bundle, stage by stage: who signed it, whether its parts are
 * those of the list, every byte of the file, every object of its packs, and what it builds on.
 */
#ifndef BUNDLE_VERIFY_H
#define BUNDLE_VERIFY_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"
#include "bundle/bundle.h"
#include "bundle/signature.h"
#include "bundle/trust.h"

enum verify_state {
	VERIFY_NONE, /* there is nothing to look at */
	VERIFY_GOOD,
	VERIFY_OPEN, /* could not be looked at, or does not count (--insecure-allow-unsigned) */
	VERIFY_BAD,
};

enum verify_stage_id {
	VERIFY_SIGNATURE,
	VERIFY_PARTS,
	VERIFY_CONTENTS, /* every byte of the file: headers, padding, index, digests of all blobs */
	VERIFY_BASE,     /* what it builds on is there and whole */
	VERIFY_PACKS,    /* every object, and all that the locked refs reach */
	VERIFY_SEQUENCE,
	VERIFY_STAGES,
};

struct verify_stage {
	enum verify_state state;
	char *text;           /* what was found, in a few words */
	struct strv faults;   /* one line each: which blob, which part, what */
	enum error_kind kind; /* of VERIFY_BAD */
};

struct verify_report {
	struct verify_stage stages[VERIFY_STAGES];
	struct signer signer; /* fingerprint NULL: not signed, or not looked at */
};
void verify_report_clear(struct verify_report *report);
const char *verify_stage_name(enum verify_stage_id id);
/* "good"; for programs, too. */
const char *verify_state_name(enum verify_state state);

struct verify_options {
	struct trust_options trust;
	const struct strv *bases; /* paths; may be NULL */
	unsigned threads;         /* 0: as many as there are processors */
	/* May be NULL. `progress` is called from one thread at a time. */
	int (*progress)(void *ctx, uint64_t done, uint64_t total, struct error *err);
	void *progress_ctx;
};

/* Fails only where it could not go on (an interrupt); what is wrong with the bundle stands in the
 * report, which is to be cleared in any case. */
int bundle_verify(struct bundle *bundle, const struct verify_options *options,
	struct verify_report *ret, struct error *err) MUST_CHECK;
/* 0 if no stage is bad, else -1 with the first one's kind and first fault. */
int verify_outcome(const struct bundle *bundle, const struct verify_report *report,
	struct error *err) MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two passes of bundle/verify.c over the bytes, side by side: one thread goes over the file from
 * its first byte to its last, another over the parts close behind it, out of the system's cache. The
 * medium, which may be a disc, is read once and in order.
 */
#ifndef BUNDLE_VERIFY_SCAN_H
#define BUNDLE_VERIFY_SCAN_H

#include "bundle/verify.h"

struct verify_scan;
/* The stages are filled by the threads: not to be touched before verify_scan_end(). */
struct verify_scan *verify_scan_begin(struct bundle *bundle, struct verify_stage *contents,
	struct verify_stage *parts) NEVER_NULL;
/* Wait until `offset` has been passed, with the options' progress; -1 if that says so. */
int verify_scan_wait(struct verify_scan *scan, uint64_t offset,
	const struct verify_options *options, struct error *err) MUST_CHECK;
/* The options' progress, now. */
int verify_scan_tick(struct verify_scan *scan, const struct verify_options *options,
	struct error *err) MUST_CHECK;
/* Whether the blob was found damaged; for one that has been passed. */
bool verify_scan_is_bad(struct verify_scan *scan, size_t blob);
/* Stop if it has not ended, and free. */
void verify_scan_end(struct verify_scan *scan);

/* "X is damaged" among the faults of a stage, which is bad from now on. */
void verify_fault(struct verify_stage *stage, enum error_kind kind, const char *format, ...)
	PRINTF(3, 4);
/* The same of an error, which is cleared. */
void verify_fault_error(struct verify_stage *stage, struct error *why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Semantic versions and ranges as Flux reads them: github.com/Masterminds/semver 3.4 behind
 * spec.ref.semver of a GitRepository (fluxcd/pkg git/gogit/clone.go). Pure.
 */
#ifndef BUNDLE_SEMVER_H
#define BUNDLE_SEMVER_H

#include "base/base.h"
#include "base/error.h"

struct semver {
	uint64_t major, minor, patch;
	const char *pre; /* after '-', borrowed from the text that was parsed */
	size_t pre_len;  /* 0: a release */
};

/* Three numbers, no leading zeros; a 'v' in front is allowed: what Flux takes for a version among
 * tags. */
bool semver_parse(const char *text, struct semver *ret);
/* Precedence; build metadata does not count. */
int semver_compare(const struct semver *left, const struct semver *right);

/* ">=1.2.0 <2.0.0 || ~3.1, !=3.1.4", "1.2 - 2.4", "^1", "1.x", "*". */
struct semver_range;
/* ERROR_USAGE. */
int semver_range_parse(const char *text, struct semver_range **ret, struct error *err) MUST_CHECK;
void semver_range_free(struct semver_range *range);
void semver_range_free_pointer(struct semver_range **slot);
#define autorange CLEANUP(semver_range_free_pointer) struct semver_range
bool semver_range_has(const struct semver_range *range, const struct semver *version);

#endif

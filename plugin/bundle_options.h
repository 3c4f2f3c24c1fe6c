/* SPDX-License-Identifier: Apache-2.0 */
/* Options that several bundle commands take, worded once. */
#ifndef PLUGIN_BUNDLE_OPTIONS_H
#define PLUGIN_BUNDLE_OPTIONS_H

#include "base/base.h"
#include "base/error.h"
#include "plugin/app.h"
#include "plugin/command.h"

/* Whose signatures count; fills trust_options.allowed_signers of bundle/trust.h. */
#define OPT_TRUST(type, field)                                                                  \
	OPT_STRING_FROM(type, field, 0, "trust", "FILE",                                        \
		"who is trusted to sign, as ssh-keygen's allowed_signers; without it your own " \
		"file",                                                                         \
		COMPLETE_FILE)
#define OPT_ALLOW_UNSIGNED(type, field)                     \
	OPT_FLAG(type, field, 0, "insecure-allow-unsigned", \
		"take the bundle even if nobody signed it who is trusted")

/* struct strv: more folders with parts in them; the `folders` of bundle_open(). */
#define OPT_PARTS(type, field)                      \
	OPT_LIST(type, field, 0, "parts", "FOLDER", \
		"look for parts of the bundle here, too; may be repeated")
/* struct strv: bundles that this one builds on; for bundle_bases_open(). */
#define OPT_BASES(type, field)                   \
	OPT_LIST(type, field, 0, "base", "FILE", \
		"a bundle that this one builds on; may be repeated")
/* Read with bundle_part_size(). */
#define OPT_PART_SIZE(type, field)                      \
	OPT_STRING(type, field, 0, "part-size", "SIZE", \
		"write parts of this size, such as 4400M or 4Gi")
#define OPT_PARITY(type, field)            \
	OPT_FLAG(type, field, 0, "parity", \
		"write one part more, which stands for any one that gets lost")

/* A size in the notation of Kubernetes ("4400M" is 4.4e9, "4Gi" is 2^32); NULL is 0. ERROR_USAGE. */
int bundle_part_size(const char *text, uint64_t *ret, struct error *err) MUST_CHECK;

/* What an app shows while much is read or written: `what` stands for the file. The progress
 * callbacks of media_plan and bundle_output, with a struct bundle_progress as ctx. */
struct bundle_progress {
	struct app *app;
	const char *what; /* "writing site-a.tar" */
	int64_t shown;    /* time_monotonic() of the last look */
};
int bundle_progress(void *ctx, uint64_t done, uint64_t total, struct error *err) MUST_CHECK;

#endif

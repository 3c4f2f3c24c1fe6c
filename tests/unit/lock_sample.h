/* SPDX-License-Identifier: Apache-2.0 */
/* A lock that has everything in it, as a struct. */
#ifndef TESTS_UNIT_LOCK_SAMPLE_H
#define TESTS_UNIT_LOCK_SAMPLE_H

#include "test.h"

#include "base/alloc.h"
#include "bundle/lock.h"

/* "sha256:" and 64 times this digit. */
static inline struct sha256_text sample_digest(char digit)
{
	struct sha256_text text;

	memcpy(text.text, SHA256_PREFIX, strlen(SHA256_PREFIX));
	memset(text.text + strlen(SHA256_PREFIX), digit, SHA256_HEX_LEN);
	text.text[SHA256_TEXT_LEN] = '\0';
	return text;
}

static inline struct oid sample_oid(unsigned char byte)
{
	struct oid oid;

	memset(oid.bytes, byte, sizeof(oid.bytes));
	return oid;
}

static inline void sample_add_ref(struct lock_git *git, const char *name, unsigned char byte)
{
	git->refs = xreallocarray(git->refs, git->ref_count + 1, sizeof(*git->refs));
	git->refs[git->ref_count++] =
		(struct lock_ref){.name = xstrdup(name), .oid = sample_oid(byte)};
}

static inline void sample_git(struct lock_git *git, const char *name, char bundle)
{
	*git = (struct lock_git){
		.name = xstrdup(name),
		.url = xasprintf("https://git.test/%s", name),
		.used_by = STRV_INIT,
		.history = xstrdup("full"),
		.packing = xstrdup("received"),
		.bundle = sample_digest(bundle),
		.objects = 12,
	};
	strv_push(&git->used_by, "GitRepository/flux-system/b");
	strv_push(&git->used_by, "GitRepository/flux-system/a");
	sample_add_ref(git, "refs/tags/v1", 2);
	sample_add_ref(git, "refs/heads/main", 1);
}

static inline void sample_charts(struct lock *lock)
{
	lock->charts = xcalloc(1, sizeof(*lock->charts));
	lock->chart_count = 1;
	lock->charts[0] = (struct lock_chart){
		.repository = xstrdup("https://charts.test"),
		.name = xstrdup("podinfo"),
		.version = xstrdup("6.0.0+x"),
		.used_by = STRV_INIT,
		.blob = sample_digest('c'),
		.entry = sample_digest('d'),
	};
	strv_push(&lock->charts[0].used_by, "HelmRelease/apps/podinfo");
	lock->unresolved = xcalloc(1, sizeof(*lock->unresolved));
	lock->unresolved_count = 1;
	lock->unresolved[0] = (struct lock_unresolved){
		.kind = xstrdup("image"),
		.ref = xstrdup("registry.test/a:1"),
		.used_by = STRV_INIT,
		.why = xstrdup("\"images\" are not packed\t\xc3\xa9"),
	};
}

/* A delta: one Git source with a base and a submodule, one that is whole in the base. */
static inline void sample_lock(struct lock *lock)
{
	struct lock_git *git;

	*lock = (struct lock){.sequence = 7, .base = sample_digest('0'), .base_sequence = 6};
	lock->flux = xstrdup("v2.7.5");
	lock->snapshot = sample_digest('e');
	lock->git = xcalloc(2, sizeof(*lock->git));
	lock->git_count = 2;
	sample_git(&lock->git[0], "fleet", 'b');
	sample_git(&lock->git[1], "apps.x", 'a');
	git = &lock->git[0];
	git->thin = true;
	git->head = xstrdup("refs/heads/main");
	git->prerequisites = xcalloc(1, sizeof(*git->prerequisites));
	git->prerequisites[0] = sample_oid(9);
	git->prerequisite_count = 1;
	git->submodules = xcalloc(1, sizeof(*git->submodules));
	git->submodule_count = 1;
	git->submodules[0] = (struct lock_submodule){.path = xstrdup("mod\x01\xff"),
		.url = xstrdup("https://git.test/apps.x"),
		.source = xstrdup("apps.x"),
		.oid = sample_oid(3)};
	sample_charts(lock);
	for (char digit = 'e'; digit >= 'a'; digit--) {
		struct sha256_text digest = sample_digest(digit);

		lock_add_blob(lock, &digest, 100, digit == 'a' ? MEDIA_GIT_BUNDLE : MEDIA_CLUSTER,
			digit == 'a' ? LOCK_BASE : LOCK_SELF);
	}
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A folder with a store in it, and a small bundle of what the store holds. */
#ifndef TESTS_UNIT_BUNDLE_SAMPLE_H
#define TESTS_UNIT_BUNDLE_SAMPLE_H

#include "test.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/bundle.h"
#include "bundle/gitbundle.h"
#include "git_sample.h"

static char *sample_folder;
static struct store *sample_store;

static int sample_begin(void **state)
{
	(void)state;
	if (folder_temporary(&sample_folder, NULL) < 0 ||
		setenv("XDG_CACHE_HOME", sample_folder, 1) < 0)
		return -1;
	return store_open(&sample_store, NULL);
}

static int sample_end(void **state)
{
	(void)state;
	store_free(sample_store);
	folder_remove(sample_folder);
	free(sample_folder);
	return 0;
}

static inline char *sample_path(const char *name)
{
	return xasprintf("%s/%s", sample_folder, name);
}

/* A blob of this text in the store and in the lock. */
static inline struct sha256_text sample_blob(
	struct lock *lock, const char *text, size_t len, const char *media_type)
{
	struct sha256_text digest;

	assert_int_equal(store_add(sample_store, text, len, &digest, NULL), 0);
	lock_add_blob(lock, &digest, len, media_type, LOCK_SELF);
	return digest;
}

/* A git bundle of the sample's commit. */
static inline struct sha256_text sample_pack(struct lock *lock, const struct lock_ref *ref)
{
	autobuf text = BUF_INIT;

	gitbundle_write(NULL, 0, ref, 1, &text);
	buf_add(&text, git_sample_pack, sizeof(git_sample_pack));
	return sample_blob(lock, text.ptr, text.len, MEDIA_GIT_BUNDLE);
}

static inline void sample_app(struct lock *lock, struct lock_git *git)
{
	*git = (struct lock_git){.name = xstrdup("app"),
		.url = xstrdup("https://git.test/app"),
		.used_by = STRV_INIT,
		.head = xstrdup("refs/heads/main"),
		.history = xstrdup("full"),
		.packing = xstrdup("received"),
		.refs = xcalloc(1, sizeof(*git->refs)),
		.ref_count = 1,
		.objects = 3};
	strv_push(&git->used_by, "GitRepository/flux-system/app");
	git->refs[0].name = xstrdup("refs/heads/main");
	assert_true(oid_parse(GIT_SAMPLE_COMMIT, OID_HEX_LEN, &git->refs[0].oid));
	git->bundle = sample_pack(lock, git->refs);
}

/* One Git source alone, for tests that take long. */
static bool sample_small;

static inline void sample_rest(struct lock *lock)
{
	lock->git_count = 2;
	lock->git[1] = (struct lock_git){.name = xstrdup("fleet"),
		.url = xstrdup("https://git.test/fleet"),
		.used_by = STRV_INIT,
		.history = xstrdup("tip"),
		.revision = xstrdup("main@sha1:0101010101010101010101010101010101010101"),
		.snapshot = sample_blob(lock, "not quite gzip", 14, MEDIA_FLUX_CONTENT)};
	lock->charts = xcalloc(1, sizeof(*lock->charts));
	lock->chart_count = 1;
	lock->charts[0] = (struct lock_chart){.repository = xstrdup("https://charts.test"),
		.name = xstrdup("podinfo"),
		.version = xstrdup("6.0.0"),
		.used_by = STRV_INIT,
		.blob = sample_blob(lock, "", 0, MEDIA_CHART),
		.entry = sample_blob(lock, "{\"name\":\"podinfo\"}", 18, MEDIA_CHART_ENTRY)};
	lock->snapshot = sample_blob(lock, "cluster", 7, MEDIA_CLUSTER);
}

/* Two Git sources, one of which is a snapshot, a chart, and the cluster. */
static inline void sample_fill(struct lock *lock)
{
	*lock = (struct lock){.sequence = 1};
	lock->git = xcalloc(2, sizeof(*lock->git));
	lock->git_count = 1;
	sample_app(lock, &lock->git[0]);
	if (!sample_small)
		sample_rest(lock);
}

/* Written as `name`; returns its path, which the caller frees. */
static inline char *sample_write(const char *name, const struct bundle_output *wanted)
{
	struct bundle_output output = wanted ? *wanted : (struct bundle_output){0};
	char *path = sample_path(name);
	autoerror err = ERROR_INIT;
	autolock lock;

	sample_fill(&lock);
	output.path = path;
	if (bundle_write(&lock, sample_store, &output, NULL, &err) < 0)
		fail_msg("%s", err.message);
	return path;
}

static inline void sample_read(const char *path, struct buf *ret)
{
	buf_reset(ret);
	assert_int_equal(os_read_file(path, SIZE_MAX / 2, ret, NULL), 0);
}

/* Names in the folder, without the store's. */
static inline char *sample_names(void)
{
	autostrv names = STRV_INIT;

	assert_int_equal(folder_list(sample_folder, &names, NULL), 0);
	for (size_t i = 0; i < names.len; i++)
		if (streq(names.items[i], "kubectl-flux-arc"))
			strv_remove(&names, i);
	return strv_join(&names, " ");
}

#endif

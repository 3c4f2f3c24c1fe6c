/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "plugin/create.h"
#include "plugin/look.h"
#include "plugin/text.h"

/* What people call a kind of the lock, where that is another word. */
static const char *word_of(const char *kind)
{
	/* clang-format off */
	static const struct {
		const char *kind, *word;
	} words[] = {
		{"external",    "external artifact"},
		{"lfs",         "source with Git LFS"},
		{"oci",         "OCI artifact"},
		{"remote-base", "remote base"},
	};
	/* clang-format on */

	for (size_t i = 0; i < countof(words); i++)
		if (streq(words[i].kind, kind))
			return words[i].word;
	return kind;
}

/* "2 charts, 9 images, 1 OCI artifact": rows come sorted by kind. */
static void add_kinds(struct buf *out, const struct lock_unresolved *rows, size_t count)
{
	for (size_t start = 0, end; start < count; start = end) {
		for (end = start; end < count && streq(rows[end].kind, rows[start].kind); end++)
			;
		buf_adds(out, start ? ", " : "");
		look_count(out, end - start, word_of(rows[start].kind));
	}
}

void create_tell_unresolved(const struct create *create)
{
	const struct lock *lock = &create->collect.lock;
	autobuf line = BUF_INIT;

	if (!lock->unresolved_count)
		return;
	add_kinds(&line, lock->unresolved, lock->unresolved_count);
	fprintf(create->app->err, "In use but not in it: %s. 'bundle inspect' lists them.\n",
		line.ptr);
}

int create_check_strict(const struct create *create, const struct lock_unresolved *unresolved,
	size_t count, struct error *err)
{
	autobuf list = BUF_INIT;

	if (!create->opts->strict || (!count && !create->plan.unread.len))
		return 0;
	for (size_t i = 0; i < count; i++) {
		const struct lock_unresolved *row = &unresolved[i];

		buf_addf(&list, "\n  %s %s%s%s: %s", row->kind, row->ref, row->digest ? " " : "",
			row->digest ? row->digest : "", row->why);
	}
	for (size_t i = 0; i < create->plan.unread.len; i++)
		buf_addf(&list, "\n  not looked at: %s", create->plan.unread.items[i]);
	return error_set(err, ERROR_INCOMPLETE,
		"the bundle would not hold everything that is in use:%s", list.ptr);
}

void create_print_done(const struct create *create, const struct sha256_text *id)
{
	const struct lock *lock = &create->collect.lock;
	autobuf line = BUF_INIT;

	buf_addf(&line, "%s: ", create->file);
	look_count(&line, lock->git_count, "Git source");
	if (lock->chart_count) {
		buf_adds(&line, ", ");
		look_count(&line, lock->chart_count, "chart");
	}
	if (create->snapshot_size)
		buf_adds(&line, ", the cluster's snapshot");
	buf_adds(&line, "; ");
	text_bytes(&line, create->written);
	buf_addf(&line, "; lock %s", id->text);
	if (create->base)
		buf_addf(&line, ", number %llu, on top of %s", (unsigned long long)lock->sequence,
			create->opts->base);
	if (create->key)
		buf_addf(&line, ", signed by %s", signing_key_fingerprint(create->key));
	buf_addf(&line, "; next: kubectl flux-arc bundle verify %s", create->file);
	fprintf(create->app->out, "%s\n", line.ptr);
}

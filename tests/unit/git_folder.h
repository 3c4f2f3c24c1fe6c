/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test with repositories that the real git made, and git run in it. */
#ifndef TESTS_UNIT_GIT_FOLDER_H
#define TESTS_UNIT_GIT_FOLDER_H

#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/pack.h"

static char *git_folder;

/* Run a line of shell in the folder, which must succeed; what it prints, or nothing. */
static UNUSED void git_shell(struct buf *out, const char *format, ...) PRINTF(2, 3);
static UNUSED void git_shell(struct buf *out, const char *format, ...)
{
	static const char environment[] =
		"export HOME=\"$PWD\" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=Ada "
		"GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Ada "
		"GIT_COMMITTER_EMAIL=ada@example.com GIT_DEFAULT_BRANCH=main LC_ALL=C";
	va_list args;
	autofree char *line = NULL;
	autofree char *command = NULL;
	FILE *pipe;
	char chunk[4096];
	size_t got;

	va_start(args, format);
	line = xvasprintf(format, args);
	va_end(args);
	command = xasprintf("cd '%s' && %s && { %s\n} 2>>log", git_folder, environment, line);
	pipe = popen(command, "r"); /* NOLINT(cert-env33-c) */
	assert_non_null(pipe);
	if (out)
		buf_reset(out);
	while ((got = fread(chunk, 1, sizeof(chunk), pipe)) > 0)
		if (out)
			buf_add(out, chunk, got);
	if (pclose(pipe) != 0)
		fail_msg("failed: %s", line);
}

static UNUSED void git_read(const char *name, struct buf *ret)
{
	autofree char *path = xasprintf("%s/%s", git_folder, name);
	autoerror err = ERROR_INIT;

	buf_reset(ret);
	assert_int_equal(os_read_file(path, 1 << 28, ret, &err), 0);
}

static UNUSED void git_write(const char *name, const struct buf *content)
{
	autofree char *path = xasprintf("%s/%s", git_folder, name);
	autoerror err = ERROR_INIT;

	assert_int_equal(file_write(path, content->ptr, content->len, &err), 0);
}

static UNUSED struct oid git_oid(const char *repository, const char *revision)
{
	autobuf out = BUF_INIT;
	struct oid oid;

	git_shell(&out, "git -C %s rev-parse '%s'", repository, revision);
	assert_true(oid_parse(out.ptr, out.len, &oid));
	return oid;
}

/* A file of the history: long enough for deltas, of which a line changes with each version. */
static UNUSED void git_put_file(struct buf *out, const char *path, int version)
{
	autobuf text = BUF_INIT;

	for (int line = 0; line < 60; line++)
		buf_addf(&text, "key%d: value of %s %d\n", line, path,
			line == version % 60 ? version : line * 7);
	buf_addf(out, "M 100644 inline %s\ndata %zu\n", path, text.len);
	buf_add(out, text.ptr, text.len);
}

static UNUSED void git_put_commit(struct buf *out, const char *branch, int number)
{
	buf_addf(out,
		"commit refs/heads/%s\nmark :%d\nauthor Ada <ada@example.com> %d +0100\n"
		"committer Ada <ada@example.com> %d +0100\ndata <<END\nChange %d\n\nWith reason.\n"
		"END\n",
		branch, number, 1600000000 + number * 60, 1600000000 + number * 61, number);
}

/*
 * A history of `count` commits as `REPOSITORY` (bare): files in folders, a side branch that is
 * merged, links, executables, a submodule, a file that becomes a folder, tags and tags of tags.
 */
static UNUSED void git_make(const char *repository, int count)
{
	autobuf stream = BUF_INIT;

	for (int i = 1; i <= count; i++) {
		autofree char *path = xasprintf("apps/team%d/app%d.yaml", i % 3, i % 7);

		git_put_commit(&stream, "main", i);
		if (i > 3 && i % 10 == 0)
			buf_addf(&stream, "merge :%d\n", i - 3);
		git_put_file(&stream, path, i);
		git_put_file(&stream, "a/very/deep/folder/file.yaml", i);
		if (i == 2)
			buf_adds(&stream,
				"M 120000 inline link\ndata 12\nno/such/file\n"
				"M 100755 inline bin/run\ndata 10\n#!/bin/sh\n\n"
				"M 160000 0123456789012345678901234567890123456789 lib/module\n"
				"M 100644 inline grows\ndata 3\nabc\n");
		if (i == 5)
			buf_adds(&stream, "D grows\nM 100644 inline grows/now\ndata 3\nabc\n"
					  "M 100644 inline bin/run\ndata 10\n#!/bin/sh\n\n");
		if (i == 7)
			buf_adds(&stream, "D lib/module\nM 100644 inline \"\\303\\244 b\"\n"
					  "data 0\n\n");
	}
	git_write("stream", &stream);
	git_shell(NULL,
		"git init -q --bare -b main %s && cd %s && git fast-import --quiet <../stream "
		"&& git tag -a -m one v1 main~2 && git tag -a -m two v2 v1 && git tag light main~1",
		repository, repository);
	git_shell(NULL, "git -C %s repack -adfq", repository);
}

/* ---- packs held in memory */

static int git_read_bytes(void *ctx, uint64_t offset, void *data, size_t len, struct error *err)
{
	const struct buf *pack = ctx;

	if (offset > pack->len || len > pack->len - offset)
		return error_set(err, ERROR_FAILED, "no such bytes");
	memcpy(data, pack->ptr + offset, len);
	return 0;
}

static UNUSED struct pack_bytes git_bytes(struct buf *pack)
{
	return (struct pack_bytes){.read = git_read_bytes, .ctx = pack, .size = pack->len};
}

static UNUSED int git_folder_set_up(void **state)
{
	autoerror err = ERROR_INIT;

	(void)state;
	return folder_temporary(&git_folder, &err);
}

static UNUSED int git_folder_tear_down(void **state)
{
	(void)state;
	folder_remove(git_folder);
	free(git_folder);
	return 0;
}

#endif

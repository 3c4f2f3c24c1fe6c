/* SPDX-License-Identifier: Apache-2.0 */
/* The folders of base/file.h that appear whole, for Linux and macOS. */
#define _GNU_SOURCE /* syncfs */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/file_internal.h"
#include "base/os.h"

/* Whoever finds this file in a folder knows that this program began to write it. It is the first that is
 * made and the last that goes. */
#define MARK ".kubectl-flux-arc"

static void remove_named(const char *folder, const char *name)
{
	autofree char *path = xasprintf("%s/%s", folder, name);

	if (unlink(path) < 0)
		folder_remove(path);
}

static void remove_all_but_mark(const char *folder, const struct strv *names)
{
	for (size_t i = 0; i < names->len; i++)
		if (!streq(names->items[i], MARK))
			remove_named(folder, names->items[i]);
	remove_named(folder, MARK);
}

/* Empty a folder that a killed run left; one that it did not make is refused. */
static int clear_left(const char *folder, struct error *err)
{
	autofree char *mark = xasprintf("%s/" MARK, folder);
	autostrv names = STRV_INIT;
	autofd fd = -1;
	struct stat info;

	if (stat(folder, &info) < 0 && errno == ENOENT)
		return 0;
	if (folder_list(folder, &names, err) < 0)
		return -1;
	if (names.len)
		fd = open(mark, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (names.len && fd < 0)
		return error_set(err, ERROR_FAILED, "%s is not empty", folder);
	if (fd >= 0 && file_lock_taken(fd))
		return error_set(
			err, ERROR_FAILED, "create %s: another program is writing it", folder);
	remove_all_but_mark(folder, &names);
	return 0;
}

static int make_mark(struct folder_output *output, struct error *err)
{
	autofree char *path = xasprintf("%s/" MARK, output->partial);

	output->mark = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (output->mark < 0 && errno != EEXIST)
		return os_error(err, "create", path, errno);
	if (output->mark < 0 || file_lock_taken(output->mark))
		return error_set(err, ERROR_FAILED, "create %s: another program is writing it",
			output->partial);
	return 0;
}

static void output_clear(struct folder_output *output)
{
	tree_output_close(output->tree);
	file_close_pointer(&output->mark);
	free(output->path);
	free(output->partial);
	*output = (struct folder_output)FOLDER_OUTPUT_INIT;
}

static char *without_slashes(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return xstrndup(path, len);
}

int folder_output_begin(const char *path, struct folder_output *ret, struct error *err)
{
	*ret = (struct folder_output){.path = without_slashes(path), .mark = -1};
	ret->partial = xasprintf("%s.partial", ret->path);
	/* A run that was killed when all but the mark's removal was done left it at its own name. */
	if (clear_left(ret->path, err) == 0 && clear_left(ret->partial, err) == 0 &&
		tree_output_open(ret->partial, &ret->tree, err) == 0 && make_mark(ret, err) == 0)
		return 0;
	output_clear(ret);
	return -1;
}

void folder_output_abandon(struct folder_output *output)
{
	autostrv names = STRV_INIT;

	if (output->mark >= 0 && folder_list(output->partial, &names, NULL) == 0) {
		remove_all_but_mark(output->partial, &names);
		rmdir(output->partial);
	}
	output_clear(output);
}

/* All files of the folder in one go: thousands of small ones would each wait for the disk. */
static int sync_all(const struct folder_output *output, struct error *err)
{
#ifdef __linux__
	return syncfs(output->mark) < 0 ? os_error(err, "sync", output->path, errno) : 0;
#else
	(void)err;
	sync();
	return 0;
#endif
}

static int finish(const struct folder_output *output, struct error *err)
{
	if (sync_all(output, err) < 0)
		return -1;
	if (rename(output->partial, output->path) < 0)
		return os_error(err, "create", output->path, errno);
	remove_named(output->path, MARK);
	return file_sync_folder_of(output->path, err);
}

int folder_output_end(struct folder_output *output, struct error *err)
{
	if (finish(output, err) < 0) {
		folder_output_abandon(output);
		return -1;
	}
	output_clear(output);
	return 0;
}

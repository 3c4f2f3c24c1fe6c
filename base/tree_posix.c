/* SPDX-License-Identifier: Apache-2.0 */
/* The tree_output of base/file.h, for Linux and macOS. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"

struct tree_output {
	char *path; /* of the top, for messages */
	int top;
	/* The folder that was written to last: files come in the order of their paths. */
	char *folder;
	int fd; /* -1: none */
};

static int fail(
	const struct tree_output *tree, const char *operation, const char *path, struct error *err)
{
	int number = errno;
	autofree char *whole = xasprintf("%s/%s", tree->path, path);

	return os_error(err, operation, whole, number);
}

/* Step from `at`, which is closed, into the folder `name`, made if need be. */
static int step(int at, const char *name)
{
	autofd from = at;

	if (mkdirat(from, name, 0777) < 0 && errno != EEXIST)
		return -1;
	return openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int descend(const struct tree_output *tree, const char *path, int *ret, struct error *err)
{
	autostrv names = STRV_INIT;
	int at = openat(tree->top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	strv_split(&names, path, "/", true);
	for (size_t i = 0; i < names.len && at >= 0; i++)
		at = step(at, names.items[i]);
	if (at < 0)
		return fail(tree, "mkdir", path, err);
	*ret = at;
	return 0;
}

/* Neither empty nor "." or "..", in any of its elements. */
static bool path_is_plain(const char *path)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 0 || (len == 1 && *path == '.') || (len == 2 && !memcmp(path, "..", 2)))
			return false;
		if (!path[len])
			return true;
		path += len + 1;
	}
}

/* The folder at `path` ("" is the top) as tree->fd. */
static int enter(struct tree_output *tree, const char *path, struct error *err)
{
	if (tree->fd >= 0 && streq(tree->folder, path))
		return 0;
	file_close_pointer(&tree->fd);
	if (!*path)
		tree->fd = openat(tree->top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	else if (descend(tree, path, &tree->fd, err) < 0)
		return -1;
	if (tree->fd < 0)
		return fail(tree, "open", path, err);
	str_replace(&tree->folder, path);
	return 0;
}

static int check_path(const struct tree_output *tree, const char *path, struct error *err)
{
	if (path_is_plain(path))
		return 0;
	return error_set(err, ERROR_FAILED, "create '%s' in %s: not a path below a folder", path,
		tree->path);
}

int tree_output_open(const char *path, struct tree_output **ret, struct error *err)
{
	autofree char *above = os_dirname(path);
	autostrv names = STRV_INIT;
	autofd top = -1;

	if (folder_make(above, err) < 0)
		return -1;
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return os_error(err, "mkdir", path, errno);
	top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return os_error(err, "open", path, errno);
	if (folder_list(path, &names, err) < 0)
		return -1;
	if (names.len)
		return error_set(err, ERROR_FAILED, "%s is not empty", path);
	*ret = xcalloc(1, sizeof(**ret));
	**ret = (struct tree_output){.path = xstrdup(path), .top = file_take(&top), .fd = -1};
	return 0;
}

int tree_output_file(
	struct tree_output *tree, const char *path, bool executable, int *fd, struct error *err)
{
	const char *slash = strrchr(path, '/');
	autofree char *folder = xstrndup(path, slash ? (size_t)(slash - path) : 0);
	const char *name = slash ? slash + 1 : path;

	if (check_path(tree, path, err) < 0 || enter(tree, folder, err) < 0)
		return -1;
	*fd = openat(tree->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		executable ? 0777 : 0666);
	return *fd < 0 ? fail(tree, "create", path, err) : 0;
}

int tree_output_folder(struct tree_output *tree, const char *path, struct error *err)
{
	if (check_path(tree, path, err) < 0)
		return -1;
	return enter(tree, path, err);
}

void tree_output_close(struct tree_output *tree)
{
	if (!tree)
		return;
	file_close(tree->fd);
	file_close(tree->top);
	free(tree->folder);
	free(tree->path);
	free(tree);
}

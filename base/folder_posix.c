/* SPDX-License-Identifier: Apache-2.0 */
/* The folders of base/file.h, for Linux and macOS. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"

#define OUR_FOLDER "kubectl-flux-arc"

static bool is_folder(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

int folder_make(const char *path, struct error *err)
{
	autofree char *part = xstrdup(path);

	if (is_folder(path))
		return 0;
	for (char *slash = strchr(part + (*part == '/'), '/'); slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST && !is_folder(part))
			return os_error(err, "mkdir", part, errno);
		*slash = '/';
	}
	if (mkdir(path, 0700) < 0 && !is_folder(path))
		return os_error(err, "mkdir", path, errno);
	return 0;
}

static bool dots(const char *name)
{
	return streq(name, ".") || streq(name, "..");
}

int folder_list(const char *path, struct strv *ret, struct error *err)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	int number;

	if (!folder)
		return os_error(err, "open", path, errno);
	while (errno = 0, (entry = readdir(folder)))
		if (!dots(entry->d_name))
			strv_push(ret, entry->d_name);
	number = errno;
	closedir(folder);
	if (number)
		return os_error(err, "read", path, number);
	strv_sort(ret);
	return 0;
}

int folder_free_space(const char *path, uint64_t *ret, struct error *err)
{
	autofree char *at = xstrdup(path);
	struct statvfs info;

	while (statvfs(at, &info) < 0) {
		autofree char *above = os_dirname(at);

		if (errno != ENOENT || streq(above, at))
			return os_error(err, "statfs", path, errno);
		str_replace(&at, above);
	}
	/* Some file systems do not count. */
	*ret = info.f_blocks ? (uint64_t)info.f_bavail * info.f_frsize : UINT64_MAX;
	return 0;
}

static char *user_folder(const char *variable, const char *below_home)
{
	const char *base = os_env(variable);
	autofree char *home = NULL;

	/* A relative path there is to be ignored, says the specification. */
	if (base && *base == '/')
		return xasprintf("%s/" OUR_FOLDER, base);
	home = os_home();
	return home ? xasprintf("%s/%s/" OUR_FOLDER, home, below_home) : NULL;
}

char *folder_cache(void)
{
	return user_folder("XDG_CACHE_HOME", ".cache");
}

char *folder_config(void)
{
	return user_folder("XDG_CONFIG_HOME", ".config");
}

int folder_temporary(char **ret, struct error *err)
{
	const char *base = os_env("TMPDIR");
	autofree char *path = xasprintf("%s/" OUR_FOLDER "-XXXXXX", base ? base : "/tmp");

	if (!mkdtemp(path))
		return os_error(err, "mkdir", path, errno);
	*ret = TAKE(path);
	return 0;
}

/* All in the folder that `fd` is, which becomes this function's. Deep trees take descriptors, so the
 * depth is bounded by those; what is left then stays. */
static void remove_all(int fd)
{
	DIR *folder = fdopendir(fd);
	struct dirent *entry;

	if (!folder) {
		file_close(fd);
		return;
	}
	while ((entry = readdir(folder))) {
		int below;

		if (dots(entry->d_name) || unlinkat(dirfd(folder), entry->d_name, 0) == 0)
			continue;
		below = openat(dirfd(folder), entry->d_name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			remove_all(below);
		unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
	}
	closedir(folder);
}

void folder_remove(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		remove_all(fd);
	rmdir(path);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* base/file.h for Linux and macOS: files that appear whole, and descriptors. */
#define _GNU_SOURCE /* copy_file_range */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/file_internal.h"
#include "base/os.h"

#define COPY_CHUNK ((size_t)1 << 20)

/* ---- whole files */

bool file_lock_taken(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

bool file_is_at(int fd, const char *path)
{
	struct stat opened;
	struct stat named;

	return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 &&
	       opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* Remove what is left at `partial`. The lock on it is returned in `*left` (-1: there was nothing)
 * and held until the new file has its own: of two programs one wins. */
static int remove_left(const char *partial, int *left, struct error *err)
{
	do {
		file_close_pointer(left);
		*left = open(partial, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (*left >= 0 && file_lock_taken(*left))
			return error_set(err, ERROR_FAILED,
				"create %s: another program is writing it", partial);
	} while (*left >= 0 && !file_is_at(*left, partial));
	/* A read-only medium refuses that also where nothing is; then creating says it. */
	if (unlink(partial) < 0 && errno != ENOENT && !(errno == EROFS && *left < 0))
		return os_error(err, "remove", partial, errno);
	return 0;
}

static int begin(const char *path, struct file_output *output, struct error *err)
{
	autofd left = -1;
	struct stat info;

	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		return os_error(err, "create", path, EISDIR);
	if (remove_left(output->partial, &left, err) < 0)
		return -1;
	output->fd =
		open(output->partial, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (output->fd < 0)
		return os_error(err, "create", path, errno);
	if (file_lock_taken(output->fd) || !file_is_at(output->fd, output->partial))
		return error_set(
			err, ERROR_FAILED, "create %s: another program is writing it", path);
	return 0;
}

static void output_clear(struct file_output *output)
{
	file_close_pointer(&output->fd);
	free(output->path);
	free(output->partial);
	*output = (struct file_output)FILE_OUTPUT_INIT;
}

int file_output_begin(const char *path, struct file_output *ret, struct error *err)
{
	*ret = (struct file_output){
		.path = xstrdup(path), .partial = xasprintf("%s.partial", path), .fd = -1};
	if (begin(path, ret, err) == 0)
		return 0;
	output_clear(ret);
	return -1;
}

int file_output_write(struct file_output *output, const void *data, size_t len, struct error *err)
{
	if (file_write_all(output->fd, output->path, data, len, err) < 0)
		return -1;
	output->size += len;
	return 0;
}

/* File systems that cannot do it say EINVAL. */
int file_sync_folder_of(const char *path, struct error *err)
{
	autofree char *folder = os_dirname(path);
	autofd fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
		return os_error(err, "sync", folder, errno);
	return 0;
}

int file_rename(const char *from, const char *to, struct error *err)
{
	return rename(from, to) < 0 ? os_error(err, "create", to, errno) : 0;
}

void file_remove(const char *path)
{
	unlink(path);
}

static int finish(struct file_output *output, struct error *err)
{
	if (file_sync(output->fd, output->path, err) < 0 ||
		file_rename(output->partial, output->path, err) < 0)
		return -1;
	return file_sync_folder_of(output->path, err);
}

int file_output_end(struct file_output *output, struct error *err)
{
	int result = finish(output, err);

	if (result < 0)
		file_output_abandon(output);
	else
		output_clear(output);
	return result;
}

void file_output_abandon(struct file_output *output)
{
	if (output->partial)
		unlink(output->partial);
	output_clear(output);
}

int file_write(const char *path, const void *data, size_t len, struct error *err)
{
	struct file_output output;

	if (file_output_begin(path, &output, err) < 0)
		return -1;
	if (file_output_write(&output, data, len, err) < 0) {
		file_output_abandon(&output);
		return -1;
	}
	return file_output_end(&output, err);
}

int file_write_new(const char *path, const void *data, size_t len, struct error *err)
{
	/* An empty file takes the name, which the complete one then replaces: this can be done on
	 * any file system, and nobody else can take the name meanwhile. */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return os_error(err, "create", path, errno);
	close(fd);
	if (file_write(path, data, len, err) == 0)
		return 0;
	unlink(path);
	return -1;
}

/* ---- descriptors */

int file_open_read(const char *path, uint64_t *size, int *fd, struct error *err)
{
	/* Not to wait for the other end of a pipe, which is refused below. */
	autofd opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat info;

	if (opened < 0 || fstat(opened, &info) < 0)
		return os_error(err, "open", path, errno);
	if (S_ISDIR(info.st_mode))
		return os_error(err, "open", path, EISDIR);
	if (!S_ISREG(info.st_mode))
		return error_set(err, ERROR_FAILED, "open %s: not a regular file", path);
	*size = (uint64_t)info.st_size;
	*fd = file_take(&opened);
	return 0;
}

void file_allow_many(size_t count)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return;
	limit.rlim_cur += count;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void file_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

void file_close_pointer(int *fd)
{
	int number = errno;

	file_close(*fd);
	*fd = -1;
	errno = number;
}

int file_pread(int fd, const char *name, uint64_t offset, void *data, size_t len, struct error *err)
{
	char *at = data;

	while (len) {
		ssize_t got = pread(fd, at, len, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return os_error(err, "read", name, errno);
		if (got == 0)
			return error_set(err, ERROR_INCOMPLETE,
				"read %s: the file ends at byte %" PRIu64, name, offset);
		at += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return 0;
}

int file_write_all(int fd, const char *name, const void *data, size_t len, struct error *err)
{
	const char *at = data;

	while (len) {
		ssize_t put = write(fd, at, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return os_error(err, "write", name, errno);
		at += put;
		len -= (size_t)put;
	}
	return 0;
}

void file_use(int fd)
{
	if (futimens(fd, NULL) < 0)
		return; /* of a file system that does not tell: then it seems older than it is */
}

int64_t file_used_at(int fd)
{
	struct stat info;

	if (fstat(fd, &info) < 0)
		return 0;
	return (int64_t)info.st_mtime * 1000;
}

int file_share(const char *path, int *fd, struct error *err)
{
	*fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (*fd < 0)
		return os_error(err, "create", path, errno);
	file_share_again(*fd);
	return 0;
}

bool file_alone(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* File systems without locks are taken as they are: on these nobody is ever alone. */
void file_share_again(int fd)
{
	while (flock(fd, LOCK_SH) < 0 && errno == EINTR)
		;
}

int file_sync(int fd, const char *name, struct error *err)
{
	return fsync(fd) < 0 ? os_error(err, "sync", name, errno) : 0;
}

#ifdef __linux__
/* What the kernel copied by itself, perhaps without moving a byte; the rest is read and written. */
static uint64_t copy_in_kernel(int from, uint64_t offset, uint64_t len, int to)
{
	off_t at = (off_t)offset;
	uint64_t left = len;

	while (left) {
		ssize_t put = copy_file_range(from, &at, to, NULL, left, 0);

		if (put <= 0)
			break;
		left -= (uint64_t)put;
	}
	return len - left;
}
#else
static uint64_t copy_in_kernel(int from, uint64_t offset, uint64_t len, int to)
{
	(void)from, (void)offset, (void)len, (void)to;
	return 0;
}
#endif

int file_copy(int from, uint64_t offset, uint64_t len, int to, const char *name, struct error *err)
{
	uint64_t done = copy_in_kernel(from, offset, len, to);
	autofree char *chunk = done < len ? xmalloc(COPY_CHUNK) : NULL;

	while (done < len) {
		size_t piece = len - done < COPY_CHUNK ? (size_t)(len - done) : COPY_CHUNK;

		if (file_pread(from, name, offset + done, chunk, piece, err) < 0 ||
			file_write_all(to, name, chunk, piece, err) < 0)
			return -1;
		done += piece;
	}
	return 0;
}

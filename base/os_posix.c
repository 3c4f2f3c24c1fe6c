/* SPDX-License-Identifier: Apache-2.0 */
/* base/os.h for Linux and macOS: files, directories, terminals. Helper programs: base/process_posix.c. */
#include "base/base.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/os.h"

char *os_errno_text(int number)
{
	char *text = xstrdup(strerror(number));

	if (isupper((unsigned char)text[0]) && islower((unsigned char)text[1]))
		text[0] = (char)tolower((unsigned char)text[0]);
	return text;
}

int os_error(struct error *err, const char *operation, const char *path, int number)
{
	autofree char *why = os_errno_text(number);
	enum error_kind kind = number == ENOENT ? ERROR_NOT_FOUND : ERROR_FAILED;

	return error_set(err, kind, "%s %s: %s", operation, path, why);
}

static int read_all(int fd, const char *path, size_t limit, struct buf *ret, struct error *err)
{
	for (;;) {
		ssize_t got;

		buf_grow(ret, 8192);
		got = read(fd, ret->ptr + ret->len, 8192);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return os_error(err, "read", path, errno);
		if (got == 0)
			return 0;
		ret->len += (size_t)got;
		ret->ptr[ret->len] = '\0';
		if (ret->len > limit)
			return error_set(
				err, ERROR_FAILED, "read %s: more than %zu bytes", path, limit);
	}
}

int os_read_file(const char *path, size_t limit, struct buf *ret, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int result;

	if (fd < 0)
		return os_error(err, "open", path, errno);
	result = read_all(fd, path, limit, ret, err);
	close(fd);
	return result;
}

int os_read_secret(const char *path, size_t limit, struct buf *ret, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat info;
	int result;

	if (fd < 0)
		return os_error(err, "open", path, errno);
	/* Of the opened file, so that it cannot be another one by the time it is read. */
	if (fstat(fd, &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)) == 0) {
		result = read_all(fd, path, limit, ret, err);
	} else {
		result = error_set(
			err, ERROR_CONFIG, "%s holds a secret, and others may read it", path);
		error_hint(err, "chmod 600 %s", path);
	}
	close(fd);
	return result;
}

#ifdef __linux__
#define CLOSE_ON_EXEC 1U /* MFD_CLOEXEC */

/* By its number, since the C library declares the function for _GNU_SOURCE alone. */
static int memory_descriptor(void)
{
	return (int)syscall(SYS_memfd_create, "kubectl-flux-arc", CLOSE_ON_EXEC);
}
#else
static int memory_descriptor(void)
{
	return -1;
}
#endif

/* Whether others get at it: /proc may be missing. */
static bool is_readable(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool os_memory_file(const void *data, size_t len, int *fd, char **path)
{
	*fd = memory_descriptor();
	if (*fd < 0)
		return false;
	*path = xasprintf("/proc/%ld/fd/%d", (long)getpid(), *fd);
	if (fchmod(*fd, S_IRUSR | S_IWUSR) == 0 && write(*fd, data, len) == (ssize_t)len &&
		is_readable(*path))
		return true;
	close(*fd);
	*fd = -1;
	free(TAKE(*path));
	return false;
}

bool os_file_exists(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

/* "a//b/./c/../d" to "a/b/d", by the text alone, as Go's filepath.Clean does for absolute paths. */
static char *clean(const char *path)
{
	autostrv parts = STRV_INIT;
	autostrv kept = STRV_INIT;
	autofree char *joined = NULL;

	strv_split(&parts, path, "/", false);
	for (size_t i = 0; i < parts.len; i++) {
		if (streq(parts.items[i], "."))
			continue;
		if (!streq(parts.items[i], ".."))
			strv_push(&kept, parts.items[i]);
		else if (kept.len)
			strv_remove(&kept, kept.len - 1);
	}
	joined = strv_join(&kept, "/");
	return xasprintf("/%s", joined);
}

char *os_absolute(const char *path, const char *dir)
{
	char cwd[4096];
	autofree char *joined = NULL;

	if (*path == '/')
		return xstrdup(path);
	if (!dir)
		dir = getcwd(cwd, sizeof(cwd)) ? cwd : ".";
	joined = xasprintf("%s/%s", dir, path);
	return *joined == '/' ? clean(joined) : TAKE(joined);
}

char *os_dirname(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

char *os_home(void)
{
	return xstrdup_or_null(os_env("HOME"));
}

const char *os_env(const char *name)
{
	const char *value = getenv(name);

	return str_set(value) ? value : NULL;
}

const char *os_ca_bundle(void)
{
	static const char *const places[] = {
		"/etc/ssl/certs/ca-certificates.crt", /* Debian, Ubuntu, Arch, Gentoo */
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL, Mariner */
		"/etc/pki/tls/certs/ca-bundle.crt",                  /* older RHEL, Amazon Linux */
		"/etc/ssl/ca-bundle.pem",                            /* SUSE */
		"/etc/ssl/cert.pem",                                 /* Alpine, macOS, BSD */
		"/etc/pki/tls/cacert.pem",                           /* OpenELEC */
	};

	for (size_t i = 0; i < countof(places); i++)
		if (os_file_exists(places[i]))
			return places[i];
	return NULL;
}

void os_forbid_core_dumps(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) < 0)
		return;
#ifdef __linux__
	/* Too little for a file; and it is 1, and not 0, that Linux gives to no program that collects
	 * dumps. */
	limit.rlim_cur = limit.rlim_max ? 1 : 0;
#else
	limit.rlim_cur = 0;
#endif
	setrlimit(RLIMIT_CORE, &limit);
}

/* So many make a folder of certificates that is meant to be complete. */
#define HASHED_NAMES 20

/* Names of certificates by their subject's hash, as c_rehash lays them: eight digits and ".0". */
static bool is_hashed_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && streq(name + 8, ".0");
}

static bool is_hashed_folder(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	unsigned count = 0;

	while (folder && count < HASHED_NAMES && (entry = readdir(folder)))
		count += is_hashed_name(entry->d_name);
	if (folder)
		closedir(folder);
	return count == HASHED_NAMES;
}

const char *os_ca_folder(void)
{
	static const char *const places[] = {
		"/etc/ssl/certs",                                 /* Debian, Alpine, Arch, SUSE */
		"/etc/pki/ca-trust/extracted/pem/directory-hash", /* Fedora */
	};

	for (size_t i = 0; i < countof(places); i++)
		if (is_hashed_folder(places[i]))
			return places[i];
	return NULL;
}

unsigned os_processors(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count < 1 ? 1 : count > 64 ? 64 : (unsigned)count;
}

bool os_is_terminal(int fd)
{
	return isatty(fd) == 1;
}

int os_terminal_width(int fd)
{
	const char *columns = os_env("COLUMNS");
	struct winsize size;
	long width = columns ? strtol(columns, NULL, 10) : 0;

	if (!os_is_terminal(fd))
		return 0;
	if (width > 0 && width <= 10000)
		return (int)width;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

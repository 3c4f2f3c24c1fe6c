/* SPDX-License-Identifier: Apache-2.0 */
/* The temporary files of base/file.h, for Linux and macOS. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/file_internal.h"
#include "base/os.h"

/* A dead process of our number may have left such names, and who cleans up may take ours for left
 * over before it is locked: then there is another. */
int file_temporary(const char *folder, char **path, int *fd, struct error *err)
{
	static _Atomic unsigned count;

	for (;;) {
		autofree char *name = xasprintf("%s/%ld-%u", folder, (long)getpid(),
			atomic_fetch_add_explicit(&count, 1, memory_order_relaxed));
		autofd made = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

		if (made < 0 && errno != EEXIST)
			return os_error(err, "create", name, errno);
		if (made < 0 || file_lock_taken(made) || !file_is_at(made, name))
			continue;
		*path = TAKE(name);
		*fd = file_take(&made);
		return 0;
	}
}

void file_temporary_clean(const char *folder)
{
	autostrv names = STRV_INIT;

	if (folder_list(folder, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.len; i++) {
		autofree char *path = xasprintf("%s/%s", folder, names.items[i]);
		autofd fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

		if (fd >= 0 && !file_lock_taken(fd) && file_is_at(fd, path))
			unlink(path);
	}
}

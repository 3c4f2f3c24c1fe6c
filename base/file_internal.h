/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind base/file.h share. */
#ifndef BASE_FILE_INTERNAL_H
#define BASE_FILE_INTERNAL_H

#include "base/base.h"
#include "base/error.h"

/*
 * Lock an open file; true if another program holds the lock. It goes with the process, so what can be
 * locked has no living writer. File systems without locks are taken as they are.
 */
bool file_lock_taken(int fd);
/* Is `fd` what `path` names now? */
bool file_is_at(int fd, const char *path);
/* So that a new name in its folder survives a power loss. */
int file_sync_folder_of(const char *path, struct error *err) MUST_CHECK;

#endif

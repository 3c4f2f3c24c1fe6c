/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and folders, written so that nobody sees half of one, and read without following links to
 * where nobody meant. What the operating system does stands in base/file_posix.c.
 *
 * Descriptors are closed on exec. New files are 0600, new folders 0700, except in a tree_output,
 * where the umask alone decides. Errors name the path as it was given and the system's reason in
 * Go's words (base/os.h).
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"

/* ---- whole files */

/* A file that takes its name only when it is complete: NAME.partial, synced, renamed. */
struct file_output {
	char *path, *partial;
	int fd; /* may be read, too; -1: nothing was begun */
	uint64_t size;
};
#define FILE_OUTPUT_INIT \
	{                \
		.fd = -1 \
	}
/*
 * What a killed run left as NAME.partial is replaced; a NAME.partial that a running program is
 * writing is an error.
 */
int file_output_begin(const char *path, struct file_output *ret, struct error *err) MUST_CHECK;
int file_output_write(
	struct file_output *output, const void *data, size_t len, struct error *err) MUST_CHECK;
/* Released in any case; on failure NAME.partial is removed. */
int file_output_end(struct file_output *output, struct error *err) MUST_CHECK;
void file_output_abandon(struct file_output *output);
/* A whole small file, atomically. */
int file_write(const char *path, const void *data, size_t len, struct error *err) MUST_CHECK;
/* The same, but what is there already is never replaced, and an error. */
int file_write_new(const char *path, const void *data, size_t len, struct error *err) MUST_CHECK;

/* Give it another name in place of whatever has that. */
int file_rename(const char *from, const char *to, struct error *err) MUST_CHECK;
/* If it is there. */
void file_remove(const char *path);
/*
 * A new file in `folder` with a name of its own, for this process. The caller closes it last of all:
 * what is still there by then, or when the process dies, is left over.
 */
int file_temporary(const char *folder, char **path, int *fd, struct error *err) MUST_CHECK;
/* Remove what is left over of file_temporary() in `folder`. */
void file_temporary_clean(const char *folder);

/*
 * Several programs share what lies in a folder, and one that wants to remove of it must be alone. The
 * file at `path` is made and locked for sharing, until `*fd` is closed; waits while somebody is alone.
 */
int file_share(const char *path, int *fd, struct error *err) MUST_CHECK;
/* Is nobody else sharing? Then nobody else begins to before file_share_again(). */
bool file_alone(int fd);
void file_share_again(int fd);

/* ---- descriptors */

int file_open_read(const char *path, uint64_t *size, int *fd, struct error *err) MUST_CHECK;
/* Let this process have `count` more open files than it may, as far as it may let itself. */
void file_allow_many(size_t count);
void file_close(int fd);
/* CLEANUP for a descriptor; -1 is none. */
void file_close_pointer(int *fd);
#define autofd CLEANUP(file_close_pointer) int
/* Say that a file of ours was used now; file_used_at() tells when, by the file system's clock. */
void file_use(int fd);
int64_t file_used_at(int fd); /* ms */
/* Move a descriptor out of an autofd. */
static inline int file_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}
/* All of `len` bytes, else an error (ERROR_INCOMPLETE at the end of the file); `name` for messages. */
int file_pread(int fd, const char *name, uint64_t offset, void *data, size_t len,
	struct error *err) MUST_CHECK;
int file_write_all(
	int fd, const char *name, const void *data, size_t len, struct error *err) MUST_CHECK;
int file_sync(int fd, const char *name, struct error *err) MUST_CHECK;
/* Copy `len` bytes from `offset` of one file to the present place of another, in the kernel where
 * it can. */
int file_copy(int from, uint64_t offset, uint64_t len, int to, const char *name,
	struct error *err) MUST_CHECK;

/* ---- folders */

/* Create it and those above it; one that is there is left as it is. */
int folder_make(const char *path, struct error *err) MUST_CHECK;
/* Names in it, sorted, without "." and "..". */
int folder_list(const char *path, struct strv *ret, struct error *err) MUST_CHECK;
/* Bytes that the caller may still write on the file system of `path`, which need not exist yet. */
int folder_free_space(const char *path, uint64_t *ret, struct error *err) MUST_CHECK;
/* $XDG_CACHE_HOME/kubectl-flux-arc, $XDG_CONFIG_HOME/kubectl-flux-arc, or under the home directory;
 * NULL if there is no home. The caller frees. */
char *folder_cache(void);
char *folder_config(void);
/* A new folder under TMPDIR for this run alone; the caller frees the path and removes it. */
int folder_temporary(char **ret, struct error *err) MUST_CHECK;
/* Remove a folder that folder_temporary() made, with all in it; links are not followed. */
void folder_remove(const char *path);

/*
 * A tree that is being written below one folder, by descriptors from its top: no name in `path` is
 * followed through a link, none may be empty, "." or "..", and nothing that is there is replaced.
 */
struct tree_output;
/* The folder must not exist, or be empty. */
int tree_output_open(const char *path, struct tree_output **ret, struct error *err) MUST_CHECK;
/* Folders on the way are made. The caller closes. */
int tree_output_file(struct tree_output *tree, const char *path, bool executable, int *fd,
	struct error *err) MUST_CHECK;
int tree_output_folder(struct tree_output *tree, const char *path, struct error *err) MUST_CHECK;
void tree_output_close(struct tree_output *tree);

/*
 * A folder that takes its name only when it is complete: NAME.partial, synced, renamed. It must not
 * exist, or be empty; what a killed run left of it is removed, and nobody else's. After
 * folder_output_end() it outlives a power loss, contents and name.
 */
struct folder_output {
	char *path, *partial;
	int mark; /* a file in it, locked while it is written */
	struct tree_output *tree;
};
#define FOLDER_OUTPUT_INIT \
	{                  \
		.mark = -1 \
	}
int folder_output_begin(const char *path, struct folder_output *ret, struct error *err) MUST_CHECK;
/* Released in any case; on failure all that was written is removed. */
int folder_output_end(struct folder_output *output, struct error *err) MUST_CHECK;
void folder_output_abandon(struct folder_output *output);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operating system does, one file a system (base/os_posix.c): files, terminals,
 * directories, and helper programs.
 */
#ifndef BASE_OS_H
#define BASE_OS_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

/* Between elements of a path list such as KUBECONFIG. */
#define OS_PATH_LIST_SEPARATOR ":"

/*
 * Read a file of at most `limit` bytes. Errors are worded as Go words them, since kubectl prints
 * those: "open P: no such file or directory", "open P: permission denied", "read P: is a
 * directory".
 */
int os_read_file(const char *path, size_t limit, struct buf *ret, struct error *err) MUST_CHECK;
/* The same of a file with a secret in it: refused if others than its owner may read or write it. */
int os_read_secret(const char *path, size_t limit, struct buf *ret, struct error *err) MUST_CHECK;
/*
 * A file in memory without a name, which vanishes with this process, whatever ends it: a program that
 * this one has started opens it by `*path` (the caller frees). Only its owner may. `*fd` is closed on
 * exec, and by the caller. False where the system has no such thing.
 */
bool os_memory_file(const void *data, size_t len, int *fd, char **path);
bool os_file_exists(const char *path);
/* An absolute form of `path` against `dir` (or the working directory if NULL), without "." and ".."
 * (by the text alone: links are not resolved). An absolute path stays as it is. */
char *os_absolute(const char *path, const char *dir);
/* The directory part, "." if none; the caller frees. */
char *os_dirname(const char *path);
/* The user's home directory, or NULL. The caller frees. */
char *os_home(void);
/* Value of an environment variable; NULL if unset or empty. */
const char *os_env(const char *name);

/* The file with the certificate authorities that this system trusts, as the distribution lays it; NULL if there is
 * none. Borrowed. */
const char *os_ca_bundle(void);

/* The same as a folder of certificates named by their hashes, out of which only those are read that a server needs:
 * reading a bundle takes longer than a request. NULL where there is none with at least twenty. */
const char *os_ca_folder(void);

/* Processors that may be used at once: 1 to 64. */
unsigned os_processors(void);

bool os_is_terminal(int fd);
/* Columns of the terminal on `fd`; COLUMNS wins; 0 if it is none. */
int os_terminal_width(int fd);

/* errno in Go's words ("no space left on device"); the caller frees. */
char *os_errno_text(int number);
/* "OPERATION PATH: no such file or directory", as Go words it; ERROR_NOT_FOUND for what is not
 * there. Returns -1. */
int os_error(struct error *err, const char *operation, const char *path, int number);

/*
 * From now on the first Ctrl-C is only noted, so that what was begun can be ended in order; a
 * second one ends the program at once. Nothing happens where Ctrl-C was ignored from the start.
 */
void os_interrupt_watch(void);
bool os_interrupted(void);
/* End as by the signal itself, so that a shell sees it (status 130). */
void os_interrupt_die(void);
/*
 * What a program does first: writing to a closed pipe ends it silently, whatever its caller had set,
 * and descriptors 0 to 2 are taken, so that no socket becomes standard output.
 */
void os_prepare(void);

/* From now on the memory of this process, which holds secrets, is not written out if it crashes. */
void os_forbid_core_dumps(void);

/*
 * One question to a program of this user that listens on a local socket, as ssh's agent does: each
 * way a message after its length in four bytes. A reply of more than `limit` bytes is an error.
 * ERROR_NOT_FOUND if nobody listens, ERROR_TIMEOUT.
 */
int os_socket_ask(const char *path, const struct buf *request, size_t limit, int timeout_ms,
	struct buf *reply, struct error *err) MUST_CHECK;

/* A helper program (credential plugins). `argv[0]` without a slash is looked up on PATH; no shell
 * is used. */
struct os_process {
	char *const *argv;          /* NULL-terminated */
	const struct strv *env_set; /* "NAME=value" on top of our environment; may be NULL */
	bool inherit_stdin;         /* else it reads /dev/null */
	size_t max_output;          /* bytes of stdout; more is an error */
	int timeout_ms;             /* 0: none */
	/* Results. */
	struct buf output;
	int exit_code;   /* -1 if it was killed by a signal */
	int start_errno; /* errno of a failed start (ENOENT, EACCES…), else 0 */
};
/* stderr is inherited. Fails if it could not be started, overflowed or timed out (then it is
 * killed). */
int os_run(struct os_process *process, struct error *err) MUST_CHECK;
void os_process_clear(struct os_process *process);
/* Our environment with `set` ("NAME=value"; may be NULL) on top: of two values of one name the
 * later stands. */
void os_environment(const struct strv *set, struct strv *ret);

/*
 * A program that is talked to in both directions, as ssh is. What it writes to stderr is kept, not
 * shown. Started as by os_run(): no shell, `env_set` on top of our environment.
 */
struct os_child;
int os_child_start(char *const *argv, const struct strv *env_set, struct os_child **ret,
	struct error *err) MUST_CHECK;
/* One step of the talk: what is to be sent, and room for what comes. */
struct os_child_step {
	const void *out;
	size_t out_len;
	void *in;
	size_t in_len;
	int timeout_ms;
	/* Results; all 0 if the time passed, or if only stderr had something. */
	size_t sent, got;
	bool ended;  /* no more will come */
	bool closed; /* it takes no more */
};
/* Waits until something can be sent or has come, both ways at once, so that neither end waits for
 * the other. Fails only if the system does. */
int os_child_step(struct os_child *child, struct os_child_step *step, struct error *err) MUST_CHECK;
/* It sees the end of its input. */
void os_child_end_input(struct os_child *child);
/* Its exit status once it has ended, -1 if a signal ended it; waits at most `timeout_ms`, then ends
 * it. The rest of stderr is in. */
int os_child_wait(struct os_child *child, int timeout_ms);
/* The first bytes of its stderr, up to a bound; borrowed. */
const char *os_child_stderr(const struct os_child *child);
/* Ended if it still runs. */
void os_child_free(struct os_child *child);

#endif

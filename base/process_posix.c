/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a helper program and reading what it prints. posix_spawn, not fork: the parent may hold much
 * memory, and nothing has to happen between the two. The environment is built here and given whole.
 */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/os.h"
#include "base/time.h"

extern char **environ;

static bool same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return strncmp(a, b, len + 1) == 0;
}

void os_environment(const struct strv *set, struct strv *ret)
{
	for (char **item = environ; *item; item++) {
		bool replaced = false;

		for (size_t i = 0; set && i < set->len; i++)
			replaced = replaced || same_name(set->items[i], *item);
		if (!replaced)
			strv_push(ret, *item);
	}
	for (size_t i = 0; set && i < set->len; i++) {
		bool later = false;

		for (size_t j = i + 1; j < set->len; j++)
			later = later || same_name(set->items[i], set->items[j]);
		if (!later)
			strv_push(ret, set->items[i]);
	}
}

static int start(struct os_process *process, int output, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	autostrv environment = STRV_INIT;
	int result;

	os_environment(process->env_set, &environment);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!process->inherit_stdin)
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	result = posix_spawnp(
		pid, process->argv[0], &actions, NULL, process->argv, environment.items);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

/* Read until the other end closes; 0, or -1 with the error when a bound is passed. */
static int drain(struct os_process *process, int fd, struct error *err)
{
	int64_t deadline = process->timeout_ms ? time_monotonic() + process->timeout_ms : 0;

	for (;;) {
		struct pollfd poller = {.fd = fd, .events = POLLIN};
		int64_t left = deadline ? deadline - time_monotonic() : -1;
		char chunk[4096];
		ssize_t got;

		if (deadline && left <= 0)
			return error_set(err, ERROR_TIMEOUT, "%s: no answer within %d ms",
				process->argv[0], process->timeout_ms);
		if (poll(&poller, 1, (int)left) <= 0)
			continue;
		got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return 0;
		if (process->output.len + (size_t)got > process->max_output)
			return error_set(err, ERROR_FAILED, "%s: printed more than %zu bytes",
				process->argv[0], process->max_output);
		buf_add(&process->output, chunk, (size_t)got);
	}
}

static void reap(struct os_process *process, pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	process->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int os_run(struct os_process *process, struct error *err)
{
	int ends[2];
	pid_t pid;
	int result;

	buf_reset(&process->output);
	process->exit_code = -1;
	if (pipe(ends) < 0)
		return error_set(err, ERROR_FAILED, "pipe: %s", strerror(errno));
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	process->start_errno = start(process, ends[1], &pid);
	close(ends[1]);
	if (process->start_errno) {
		close(ends[0]);
		return error_set(err, ERROR_FAILED, "%s: %s", process->argv[0],
			strerror(process->start_errno));
	}
	result = drain(process, ends[0], err);
	close(ends[0]);
	if (result < 0)
		kill(pid, SIGKILL);
	reap(process, pid);
	return result;
}

void os_process_clear(struct os_process *process)
{
	buf_clear(&process->output);
}

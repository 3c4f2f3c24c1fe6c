/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of base/os.h about programs that are talked to. Its input is a socket and not a pipe: a
 * write to a program that has ended must not end us with SIGPIPE, which is not ignored here, and
 * only for sockets can that be said write by write.
 */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/os.h"
#include "base/time.h"

#define MAX_STDERR ((size_t)64 << 10)
/* What a program gets to end in order, once asked to. */
#define GRACE_MS 2000

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* macOS: SO_NOSIGPIPE below */
#endif

struct os_child {
	pid_t pid; /* 0 once it has been waited for */
	int status;
	int input, output, errors; /* -1: closed */
	struct buf text;           /* of stderr */
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_on_exec(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
}

/* input[0], output[0], errors[0] are ours; the others the program's. */
struct ends {
	int input[2], output[2], errors[2];
};

static void close_ends(struct ends *ends, int side)
{
	close_end(&ends->input[side]);
	close_end(&ends->output[side]);
	close_end(&ends->errors[side]);
}

static int make_ends(struct ends *ends)
{
	*ends = (struct ends){{-1, -1}, {-1, -1}, {-1, -1}};
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends->input) < 0 || pipe(ends->output) < 0 ||
		pipe(ends->errors) < 0)
		return -1;
	close_on_exec(ends->input, 2);
	close_on_exec(ends->output, 2);
	close_on_exec(ends->errors, 2);
#ifdef SO_NOSIGPIPE
	setsockopt(ends->input[0], SOL_SOCKET, SO_NOSIGPIPE, &(int){1}, sizeof(int));
#endif
	fcntl(ends->output[0], F_SETFL, O_NONBLOCK);
	fcntl(ends->errors[0], F_SETFL, O_NONBLOCK);
	return 0;
}

static int spawn(char *const *argv, const struct strv *env_set, const struct ends *ends, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	autostrv environment = STRV_INIT;
	int result;

	os_environment(env_set, &environment);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends->input[1], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends->output[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends->errors[1], STDERR_FILENO);
	result = posix_spawnp(pid, argv[0], &actions, NULL, argv, environment.items);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

int os_child_start(
	char *const *argv, const struct strv *env_set, struct os_child **ret, struct error *err)
{
	struct ends ends;
	pid_t pid = 0;
	int number = make_ends(&ends) < 0 ? errno : spawn(argv, env_set, &ends, &pid);

	close_ends(&ends, 1);
	if (number) {
		autofree char *why = os_errno_text(number);

		close_ends(&ends, 0);
		return error_set(err, number == ENOENT ? ERROR_NOT_FOUND : ERROR_FAILED,
			"starting '%s': %s", argv[0], why);
	}
	*ret = xcalloc(1, sizeof(**ret));
	(*ret)->pid = pid;
	(*ret)->input = ends.input[0];
	(*ret)->output = ends.output[0];
	(*ret)->errors = ends.errors[0];
	(*ret)->text = (struct buf)BUF_INIT;
	return 0;
}

/* What stands in stderr now; what is beyond the bound is read and dropped. */
static void take_errors(struct os_child *child)
{
	char chunk[4096];
	ssize_t got = 1;

	while (child->errors >= 0 && got > 0) {
		got = read(child->errors, chunk, sizeof(chunk));
		if (got == 0)
			close_end(&child->errors);
		if (got <= 0)
			return;
		size_t room = MAX_STDERR - child->text.len;
		buf_add(&child->text, chunk, (size_t)got < room ? (size_t)got : room);
	}
}

static void send_some(struct os_child *child, struct os_child_step *step)
{
	ssize_t sent = send(child->input, step->out, step->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent >= 0)
		step->sent = (size_t)sent;
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		close_end(&child->input);
}

static void take_some(struct os_child *child, struct os_child_step *step)
{
	ssize_t got = read(child->output, step->in, step->in_len);

	if (got > 0)
		step->got = (size_t)got;
	else if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
		close_end(&child->output);
}

int os_child_step(struct os_child *child, struct os_child_step *step, struct error *err)
{
	struct pollfd fds[] = {
		{.fd = step->out_len ? child->input : -1, .events = POLLOUT},
		{.fd = step->in_len ? child->output : -1, .events = POLLIN},
		{.fd = child->errors, .events = POLLIN},
	};

	step->sent = 0;
	step->got = 0;
	if (poll(fds, countof(fds), step->timeout_ms) < 0 && errno != EINTR)
		return error_set(err, ERROR_FAILED, "poll: %s", strerror(errno));
	if (fds[0].revents)
		send_some(child, step);
	if (fds[1].revents)
		take_some(child, step);
	if (fds[2].revents)
		take_errors(child);
	step->ended = child->output < 0;
	step->closed = child->input < 0;
	return 0;
}

void os_child_end_input(struct os_child *child)
{
	close_end(&child->input);
}

/* True once it has ended. */
static bool reap(struct os_child *child)
{
	pid_t pid;

	if (!child->pid)
		return true;
	pid = waitpid(child->pid, &child->status, WNOHANG);
	if (pid == 0 || (pid < 0 && errno == EINTR))
		return false;
	child->pid = 0;
	return true;
}

/* Waits on stderr, which closes when the program ends, rather than on the clock. */
static bool ends_within(struct os_child *child, int timeout_ms)
{
	int64_t deadline = time_monotonic() + timeout_ms;

	while (!reap(child)) {
		int64_t left = deadline - time_monotonic();
		struct pollfd poller = {.fd = child->errors, .events = POLLIN};

		if (left <= 0)
			return false;
		poll(&poller, 1, child->errors < 0 || left > 50 ? 50 : (int)left);
		take_errors(child);
	}
	return true;
}

int os_child_wait(struct os_child *child, int timeout_ms)
{
	close_end(&child->input);
	close_end(&child->output);
	if (!ends_within(child, timeout_ms)) {
		kill(child->pid, SIGTERM);
		if (!ends_within(child, GRACE_MS)) {
			kill(child->pid, SIGKILL);
			ends_within(child, GRACE_MS);
		}
	}
	take_errors(child);
	return WIFEXITED(child->status) ? WEXITSTATUS(child->status) : -1;
}

const char *os_child_stderr(const struct os_child *child)
{
	return child->text.ptr;
}

void os_child_free(struct os_child *child)
{
	if (!child)
		return;
	if (child->pid)
		os_child_wait(child, 0);
	close_end(&child->input);
	close_end(&child->output);
	close_end(&child->errors);
	buf_clear(&child->text);
	free(child);
}

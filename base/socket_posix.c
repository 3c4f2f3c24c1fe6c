/* SPDX-License-Identifier: Apache-2.0 */
/* base/os.h for Linux and macOS: asking a program over a local socket. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/os.h"
#include "base/time.h"

/* A conversation that has to end by `deadline` (time_monotonic()). */
struct talk {
	const char *path;
	int fd;
	int64_t deadline;
};

static int fail(const struct talk *talk, const char *what, int number, struct error *err)
{
	char *why = os_errno_text(number);
	enum error_kind kind = ERROR_FAILED;

	if (number == ENOENT || number == ECONNREFUSED)
		kind = ERROR_NOT_FOUND;
	error_set(err, kind, "%s %s: %s", what, talk->path, why);
	free(why);
	return -1;
}

static int wait_for(const struct talk *talk, short events, struct error *err)
{
	for (;;) {
		struct pollfd poll_fd = {talk->fd, events, 0};
		int64_t left = talk->deadline - time_monotonic();
		int ready = left > 0 ? poll(&poll_fd, 1, (int)left) : 0;

		if (ready > 0)
			return 0;
		if (ready == 0)
			return error_set(err, ERROR_TIMEOUT, "%s: no answer in time", talk->path);
		if (errno != EINTR || os_interrupted())
			return fail(talk, "poll", errno, err);
	}
}

static int send_all(const struct talk *talk, const void *data, size_t len, struct error *err)
{
	const char *at = data;

	while (len) {
		ssize_t sent;

		if (wait_for(talk, POLLOUT, err) < 0)
			return -1;
		sent = send(talk->fd, at, len, MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR && errno != EAGAIN)
			return fail(talk, "write", errno, err);
		if (sent > 0) {
			at += sent;
			len -= (size_t)sent;
		}
	}
	return 0;
}

static int receive_all(const struct talk *talk, void *data, size_t len, struct error *err)
{
	char *at = data;

	while (len) {
		ssize_t got;

		if (wait_for(talk, POLLIN, err) < 0)
			return -1;
		got = recv(talk->fd, at, len, 0);
		if (got == 0)
			return error_set(
				err, ERROR_FAILED, "%s: closed without an answer", talk->path);
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return fail(talk, "read", errno, err);
		if (got > 0) {
			at += got;
			len -= (size_t)got;
		}
	}
	return 0;
}

static int open_talk(struct talk *talk, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(talk->path);

	if (len >= sizeof(address.sun_path))
		return fail(talk, "connect", ENAMETOOLONG, err);
	memcpy(address.sun_path, talk->path, len);
	talk->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (talk->fd < 0)
		return fail(talk, "socket", errno, err);
	if (fcntl(talk->fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(talk->fd, F_SETFL, O_NONBLOCK) < 0 ||
		connect(talk->fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		fail(talk, "connect", errno, err);
		close(talk->fd);
		return -1;
	}
	return 0;
}

static int converse(const struct talk *talk, const struct buf *request, size_t limit,
	struct buf *reply, struct error *err)
{
	unsigned char head[4] = {(unsigned char)(request->len >> 24),
		(unsigned char)(request->len >> 16), (unsigned char)(request->len >> 8),
		(unsigned char)request->len};
	size_t len;

	if (send_all(talk, head, sizeof(head), err) < 0 ||
		send_all(talk, request->ptr, request->len, err) < 0 ||
		receive_all(talk, head, sizeof(head), err) < 0)
		return -1;
	len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (len > limit)
		return error_set(err, ERROR_FAILED,
			"%s: an answer of %zu bytes, at most %zu are read", talk->path, len, limit);
	buf_reset(reply);
	buf_grow(reply, len);
	if (receive_all(talk, reply->ptr, len, err) < 0)
		return -1;
	buf_commit(reply, len);
	return 0;
}

int os_socket_ask(const char *path, const struct buf *request, size_t limit, int timeout_ms,
	struct buf *reply, struct error *err)
{
	struct talk talk = {.path = path, .deadline = time_monotonic() + timeout_ms};
	int result;

	if (open_talk(&talk, err) < 0)
		return -1;
	result = converse(&talk, request, limit, reply, err);
	close(talk.fd);
	return result;
}

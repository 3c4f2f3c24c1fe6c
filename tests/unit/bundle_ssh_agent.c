/* SPDX-License-Identifier: Apache-2.0 */
/* Agents that answer badly. Real ones: bundle_signature.c. */
#include "ssh_folder.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "bundle/ssh_agent.h"

static const char line[] =
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOLb0i1PlpA7cIIXvRXtrLbXJyzh0wM2Z7iHTVUHHtbJ";

/* A program that takes one connection, reads a request, answers with these bytes and ends. */
static pid_t answer(const char *reply, size_t len)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	autofree char *path = ssh_path("agent");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t pid;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	setenv("SSH_AUTH_SOCK", path, 1);
	pid = fork();
	if (pid == 0) {
		char request[1000];
		int other = accept(fd, NULL, NULL);

		if (read(other, request, sizeof(request)) > 0 &&
			write(other, reply, len) == (ssize_t)len)
			shutdown(other, SHUT_WR);
		while (read(other, request, sizeof(request)) > 0)
			;
		_exit(0);
	}
	close(fd);
	return pid;
}

#define REPLY(text) text, sizeof(text) - 1

static void test_bad_answers(void **state)
{
	static const struct {
		const char *reply;
		size_t len;
		const char *check, *sign; /* what is said */
	} rows[] = {
		{REPLY(""), "closed without an answer", "closed without an answer"},
		{REPLY("\0\0\0"), "closed without an answer", "closed without an answer"},
		{REPLY("\0\0\0\0"), "ssh-agent refused", "ssh-agent refused"},
		{REPLY("\0\0\0\1\5"), "ssh-agent refused", "ssh-agent refused"},
		{REPLY("\0\0\0\5\14"), "closed without an answer", "closed without an answer"},
		{REPLY("\0\4\0\1\14"), "an answer of 262145 bytes, at most 262144 are read",
			"an answer of 262145 bytes, at most 262144 are read"},
		{REPLY("\0\0\0\1\14"), "malformed answer", "ssh-agent refused"},
		{REPLY("\0\0\0\5\14\0\0\0\0"), "does not hold it", "ssh-agent refused"},
		{REPLY("\0\0\0\5\14\0\0\0\1"), "malformed answer", "ssh-agent refused"},
		{REPLY("\0\0\0\5\14\377\377\377\377"), "malformed answer", "ssh-agent refused"},
		{REPLY("\0\0\0\11\14\0\0\0\1\377\377\377\377"), "malformed answer",
			"ssh-agent refused"},
		{REPLY("\0\0\0\6\16\0\0\0\1x"), "ssh-agent refused", NULL},
		{REPLY("\0\0\0\7\16\0\0\0\1xy"), "ssh-agent refused", "malformed answer"},
		{REPLY("\0\0\0\6\16\0\0\0\2x"), "ssh-agent refused", "malformed answer"},
	};

	(void)state;
	for (size_t i = 0; i < 2 * countof(rows); i++) {
		CLEANUP(ssh_public_clear) struct ssh_public key = SSH_PUBLIC_INIT;
		const char *said = i % 2 ? rows[i / 2].sign : rows[i / 2].check;
		autobuf signature = BUF_INIT;
		autoerror err = ERROR_INIT;
		pid_t pid;
		int result;

		assert_int_equal(ssh_public_read(line, &key, &err), 0);
		pid = answer(rows[i / 2].reply, rows[i / 2].len);
		if (i % 2)
			result = ssh_agent_sign(
				&key, (struct sign_bytes){NULL, 0}, &signature, &err);
		else
			result = ssh_agent_check(&key, &err);
		waitpid(pid, NULL, 0);
		assert_int_equal(result, said ? -1 : 0);
		if (said)
			assert_non_null(strstr(err.message, said));
		else
			assert_string_equal(signature.ptr, "x");
	}
}

static void test_nobody_listens(void **state)
{
	CLEANUP(ssh_public_clear) struct ssh_public key = SSH_PUBLIC_INIT;
	autofree char *path = ssh_path("agent");
	autofree char *said = xasprintf("ssh-agent: connect %s: no such file or directory", path);
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(ssh_public_read(line, &key, &err), 0);
	unlink(path);
	setenv("SSH_AUTH_SOCK", path, 1);
	assert_int_equal(ssh_agent_check(&key, &err), -1);
	assert_string_equal(err.message, said);
	assert_int_equal(err.kind, ERROR_NOT_FOUND);
	unsetenv("SSH_AUTH_SOCK");
	assert_int_equal(ssh_agent_check(&key, &err), -1);
	assert_string_equal(err.message, "no ssh-agent is running (SSH_AUTH_SOCK is not set)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_answers),
		cmocka_unit_test(test_nobody_listens),
	};

	return cmocka_run_group_tests(tests, ssh_folder_set_up, ssh_folder_tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test with keys that the real ssh-keygen made, and the tools run in it. */
#ifndef TESTS_UNIT_SSH_FOLDER_H
#define TESTS_UNIT_SSH_FOLDER_H

#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"

static char *ssh_folder;

/* Run a line of shell in the folder; its exit status. Output goes nowhere. */
static UNUSED int ssh_shell(const char *format, ...) PRINTF(1, 2);
static UNUSED int ssh_shell(const char *format, ...)
{
	va_list args;
	autofree char *line = NULL;
	autofree char *command = NULL;
	int status;

	va_start(args, format);
	line = xvasprintf(format, args);
	va_end(args);
	command = xasprintf("cd '%s' && { %s; } >out 2>&1 </dev/null", ssh_folder, line);
	status = system(command); /* NOLINT(cert-env33-c) */
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static UNUSED char *ssh_path(const char *name)
{
	return xasprintf("%s/%s", ssh_folder, name);
}

/* A text in which %s stands for the folder. */
static UNUSED void ssh_fill(struct buf *out, const char *text)
{
	const char *at = strstr(text, "%s");

	if (!at) {
		buf_adds(out, text);
		return;
	}
	buf_add(out, text, (size_t)(at - text));
	buf_addf(out, "%s%s", ssh_folder, at + 2);
}

static UNUSED void ssh_read(const char *name, struct buf *ret)
{
	autofree char *path = ssh_path(name);
	autoerror err = ERROR_INIT;

	buf_reset(ret);
	assert_int_equal(os_read_file(path, 1 << 20, ret, &err), 0);
}

static UNUSED void ssh_write(const char *name, const struct buf *text)
{
	autofree char *path = ssh_path(name);
	autoerror err = ERROR_INIT;

	assert_int_equal(file_write(path, text->ptr, text->len, &err), 0);
}

static UNUSED int ssh_folder_set_up(void **state)
{
	autoerror err = ERROR_INIT;

	(void)state;
	return folder_temporary(&ssh_folder, &err);
}

static UNUSED int ssh_folder_tear_down(void **state)
{
	(void)state;
	folder_remove(ssh_folder);
	free(ssh_folder);
	return 0;
}

#endif

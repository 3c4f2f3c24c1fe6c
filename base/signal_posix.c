/* SPDX-License-Identifier: Apache-2.0 */
/* The part of base/os.h about signals and the start of a program. */
#include "base/base.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/os.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

void os_interrupt_watch(void)
{
	struct sigaction before;
	struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};

	if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
		return;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
}

bool os_interrupted(void)
{
	return interrupted;
}

void os_interrupt_die(void)
{
	signal(SIGINT, SIG_DFL);
	raise(SIGINT);
}

void os_prepare(void)
{
	int fd;

	signal(SIGPIPE, SIG_DFL);
	/* Read-only: what is written to a closed standard output still fails. */
	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cost FILE COMMAND…: run it, and write into the file what it cost: exit status (negative: a signal),
 * seconds on the wall, seconds of processor time, peak memory in KiB.
 *
 * The kernel takes for the peak of a program also what the one had that started it, up to the exec:
 * hence from something this small.
 */
#include "base/base.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double of_time(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	double begin = seconds();
	pid_t child = argc > 2 ? fork() : -1;
	struct rusage usage;
	int status;
	FILE *file;

	if (child == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) < 0)
		return 1;
	file = fopen(argv[1], "w");
	if (!file)
		return 1;
	fprintf(file, "%d %f %f %ld\n",
		WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status), seconds() - begin,
		of_time(&usage.ru_utime) + of_time(&usage.ru_stime), usage.ru_maxrss);
	return fclose(file) != 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Git over ssh: what its two files share. */
#ifndef BUNDLE_REMOTE_SSH_H
#define BUNDLE_REMOTE_SSH_H

#include "base/base.h"
#include "base/os.h"
#include "bundle/remote_internal.h"

struct ssh_link {
	struct os_child *child;
	/* What ssh reads; NULL: the caller's own are used, or they have been removed. */
	struct ssh_file {
		char *path;
		int fd; /* of a file in memory; -1: it is in the folder */
	} identity, known_hosts;
	char *folder;                /* temporary, where there are no files in memory; else NULL */
	bool closed;                 /* the other end takes no more */
	int64_t moved_at, ticked_at; /* time_monotonic() */
};

/* The error of a connection that ended before the answer was complete. Always -1. */
int remote_ssh_ended(const struct os_child *child, int status, struct error *err);

#endif

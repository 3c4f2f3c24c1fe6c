/* SPDX-License-Identifier: Apache-2.0 */
/* Git over ssh: what its two files share. */
#ifndef BUNDLE_REMOTE_SSH_H
#define BUNDLE_REMOTE_SSH_H

#include "base/base.h"
#include "base/os.h"
#include "bundle/remote_internal.h"

struct ssh_link {
	struct os_child *child;
	char *folder; /* with the key and known_hosts; NULL: the caller's own are used, or it has
			 been removed */
	bool closed;  /* the other end takes no more */
	int64_t moved_at, ticked_at; /* time_monotonic() */
};

/* The error of a connection that ended before the answer was complete. Always -1. */
int remote_ssh_ended(const struct os_child *child, int status, struct error *err);

#endif

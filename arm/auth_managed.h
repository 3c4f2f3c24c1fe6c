/* SPDX-License-Identifier: Apache-2.0 */
/* What a test replaces of the identity of a machine: where the agent of Azure Arc has its files. */
#ifndef ARM_AUTH_MANAGED_H
#define ARM_AUTH_MANAGED_H

#include "base/base.h"

struct auth_arc_paths {
	const char *agent;    /* the program, by which it is known that there is one */
	const char *keys;     /* the folder of the files that its challenges name */
	const char *endpoint; /* of its service, where the environment does not say */
};
extern struct auth_arc_paths auth_arc;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Which sources of tokens are asked: --auth, AZURE_TOKEN_CREDENTIALS, or all of the chain. */
#ifndef ARM_AUTH_CHOICE_H
#define ARM_AUTH_CHOICE_H

#include "arm/token.h"
#include "base/base.h"
#include "base/error.h"

struct auth_choice {
	bool allowed[ARM_SOURCES_COUNT];
	bool named; /* somebody named one way, which may take its time */
	char *why;  /* why the others are left out; NULL if none is */
};
#define AUTH_CHOICE_INIT    \
	{                   \
		.why = NULL \
	}
void auth_choice_clear(struct auth_choice *choice);
/* ERROR_USAGE for a name of --auth that is none, ERROR_CONFIG for one of the variable. */
int auth_choose(
	const struct arm_login *login, struct auth_choice *ret, struct error *err) MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/command.h"

extern const struct command cmd_status, cmd_check, cmd_describe, cmd_version, cmd_help, cmd_complete;

const struct command *const commands[] = {
	&cmd_status,
	&cmd_describe,
	&cmd_check,
	&cmd_version,
	&cmd_help,
	&cmd_complete,
	NULL,
};

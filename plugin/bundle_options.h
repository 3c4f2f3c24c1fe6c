/* SPDX-License-Identifier: Apache-2.0 */
/* Options that several bundle commands take, worded once. */
#ifndef PLUGIN_BUNDLE_OPTIONS_H
#define PLUGIN_BUNDLE_OPTIONS_H

#include "plugin/command.h"

/* Whose signatures count; fills trust_options.allowed_signers of bundle/trust.h. */
#define OPT_TRUST(type, field)                                                                  \
	OPT_STRING_FROM(type, field, 0, "trust", "FILE",                                        \
		"who is trusted to sign, as ssh-keygen's allowed_signers; without it your own " \
		"file",                                                                         \
		COMPLETE_FILE)
#define OPT_ALLOW_UNSIGNED(type, field)                     \
	OPT_FLAG(type, field, 0, "insecure-allow-unsigned", \
		"take the bundle even if nobody signed it who is trusted")

#endif

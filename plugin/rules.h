/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CATALOG of failures that are known by their words: what controllers, agents and the kubelet say in
 * conditions, why, and the setting or command that mends it. Pure.
 */
#ifndef PLUGIN_RULES_H
#define PLUGIN_RULES_H

#include "base/base.h"
#include "base/strv.h"

#define RULE_PATTERNS 2

struct message_rule {
	const char *id; /* stable, for scripts */
	/* All have to occur in the message, in any case; "a|b": one of these. NULL: no more. */
	const char *patterns[RULE_PATTERNS];
	const char *unless; /* none of these may; NULL */
	const char *cause;
	const char *remedy; /* what to type, or to change */
};
extern const struct message_rule message_rules[];
extern const size_t message_rules_count;

/* The first rule that knows the message; NULL: none does. */
const struct message_rule *message_rule_find(const char *message);
/* Append cause and remedy of a message that is known. */
void message_rule_remark(const char *message, struct strv *ret);
/* The remedy can be typed as it is. */
bool message_rule_is_command(const struct message_rule *rule);

#endif

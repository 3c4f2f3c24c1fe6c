/* SPDX-License-Identifier: Apache-2.0 */
/* The options that every command takes: kubectl's set, colour, verbosity. */
#ifndef PLUGIN_GLOBALS_H
#define PLUGIN_GLOBALS_H

#include "base/base.h"
#include "kube/config.h"
#include "plugin/command.h"

struct globals {
	struct kube_flags kube;   /* -n, --context, --kubeconfig, --as … */
	const char *bundle;       /* file that is read in place of a cluster; NULL: none */
	struct strv bundle_parts; /* folders */
	const char *color;        /* auto, always, never */
	int verbosity;            /* -v 6, 8 */
	bool help;
};

/* Options over struct globals, by name. Ends with OPT_END. */
extern const struct option global_options[];
/* Empties the lists; the rest is borrowed from the command line. */
void globals_clear(struct globals *globals);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that we build ourselves as a tree, printed for programs: -o json and -o yaml; names. */
#ifndef PLUGIN_OUTPUT_H
#define PLUGIN_OUTPUT_H

#include "base/base.h"
#include "base/error.h"
#include "kube/kinds.h"
#include "plugin/app.h"

struct json_object;

/* For OPT_CHOICE of commands whose answer is a tree. */
#define OUTPUT_FORMATS "json yaml"

/* Print `tree` on app->out as kubectl would print an object: `format` "json" or "yaml". */
int output_tree(struct app *app, const char *format, struct json_object *tree,
	struct error *err) MUST_CHECK;
/* "kustomization.kustomize.toolkit.fluxcd.io/podinfo", one line: -o name. */
void output_name(struct app *app, const struct kind *kind, const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the screen of `status`, from top to bottom; each prints itself to app->out. */
#ifndef PLUGIN_STATUS_H
#define PLUGIN_STATUS_H

#include "base/base.h"
#include "plugin/look.h"

struct json_object;

enum verdict {
	VERDICT_READY,
	VERDICT_NOT_READY,
	VERDICT_INCOMPLETE, /* nothing is known to be wrong, but not all could be read */
	VERDICT_NO_FLUX,
};

struct status_opts {
	const char *output;
	bool all, azure, exit_code;
};

/* What Azure said, of `status --azure`. */
struct status_azure {
	bool asked;
	char *why;                /* why it did not answer; owned; NULL: it did */
	struct json_object *list; /* fluxConfigurations; owned */
};

struct status {
	struct app *app;
	const struct status_opts *opts;
	struct look look;
	struct status_azure azure;
};

enum verdict status_verdict(const struct status *status);
const char *status_verdict_words(enum verdict verdict); /* "NOT READY" */
/* Objects of one kind by their state, as the graph sees it. */
void status_count(
	const struct status *status, const struct survey_list *list, size_t ret[STATE_COUNT]);
/* Ready controllers of Flux and the extension, out of those that are there or needed. */
void status_controllers(const struct status *status, size_t *ready, size_t *total);
/* How far behind the newest known release this one is, in words; empty if nothing is known. */
void status_behind(const struct status *status, struct buf *out);
/* "Label        text", wrapped beside the label. */
void status_line(const struct status *status, const char *label, const char *text);
/* "prefix: text", wrapped behind the prefix. */
void status_hanging(
	const struct status *status, const char *prefix, const char *text, enum app_style style);

void status_print_head(const struct status *status);
/* Version, distribution, settings; part of the head. */
void status_print_flux(const struct status *status);
void status_print_kinds(const struct status *status);
void status_print_workloads(const struct status *status);
void status_print_configs(const struct status *status);
void status_print_causes(const struct status *status);
/* Azure calls compliant what is not ready, or the other way round. */
bool status_views_differ(enum object_state state, const char *compliance);
/* Ask Azure about the cluster's configurations; that it does not answer is noted. */
void status_azure_read(struct status *status);
void status_azure_clear(struct status_azure *azure);
void status_print_azure(const struct status *status);
/* Owned by the caller. */
struct json_object *status_azure_json(const struct status *status);
/* All of it as one tree, owned by the caller. */
struct json_object *status_json(const struct status *status);

#endif

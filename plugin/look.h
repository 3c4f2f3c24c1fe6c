/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `status` and `describe` share: a survey with all that is read out of it, and the words for
 * revisions, ages, numbers, states, and what to type next.
 */
#ifndef PLUGIN_LOOK_H
#define PLUGIN_LOOK_H

#include "base/base.h"
#include "base/buf.h"
#include "base/strv.h"
#include "kube/fluxconfig.h"
#include "kube/graph.h"
#include "kube/install.h"
#include "kube/survey.h"
#include "plugin/app.h"

struct look {
	struct app *app;
	bool wide;
	struct survey *survey;
	struct install *install;
	struct graph *graph;
	struct fluxconfig *configs;
	size_t config_count;
	size_t unread; /* questions without an answer: see look_unread() */
};
#define LOOK_INIT              \
	{                      \
		.survey = NULL \
	}

/* Read the cluster and think about it. */
int look_read(struct look *look, struct app *app, const struct survey_options *options,
	struct error *err) MUST_CHECK;
void look_clear(struct look *look);

/* A question that was not answered, so that the picture may be wrong: any that failed, lists that
 * were forbidden (a document beside the lists, as /version, may be). */
bool look_unread(const struct survey_question *question);
/* What was not read and why, one text a line of "not read: TEXT". */
void look_unread_lines(const struct look *look, struct strv *ret);
/* One line with everything that was not answered, lists or not; nothing if all was. */
void look_print_unread(const struct look *look);

/* "main@c6e00d08": a revision as it is talked about; "-" for NULL. */
void look_revision(struct buf *out, const char *revision);
/* "43s" before now; "-" for TIME_NONE. */
void look_age(struct buf *out, const struct look *look, int64_t moment);
/* "1 cause", "2 causes". */
void look_count(struct buf *out, size_t count, const char *word);
/* "infra" or "infra, apps and 3 more": at most `most` names. */
void look_names(struct buf *out, const struct strv *names, size_t most);
/* "Kind namespace/name", or "Kind name" of cluster scope. */
void look_ref(struct buf *out, const struct survey_ref *ref);
/* "kustomizations.kustomize.toolkit.fluxcd.io": what kubectl takes for a kind. */
void look_resource(struct buf *out, const struct kind *kind);
/* An object's state in a word: "Ready", "2 of 3 ready" of a workload, "Active" of a namespace. */
void look_word(struct buf *out, const struct look *look, const struct survey_object *object);
/* Of an object that a FluxConfig makes (Failing where it is not there), and the most telling of them
 * all. */
enum object_state look_part_state(const struct look *look, const struct fluxconfig_part *part);
enum object_state look_config_state(const struct look *look, const struct fluxconfig *config);
enum app_style look_style(enum object_state state);
/* The FluxConfig that an object comes from, through any number of makers; NULL: none. */
const struct survey_object *look_fluxconfig(
	const struct look *look, const struct survey_object *object);

/* Of a node, one line each: its state in words ("Failing 43s, retrying")… */
void look_state(const struct look *look, const struct graph_node *node, struct buf *out);
/* …what its controller says, word for word; NULL if nothing… */
const char *look_message(const struct graph_node *node);
/* …what else is known, and what to type. */
void look_remarks(const struct look *look, const struct graph_node *node, struct strv *ret);
/* A complete command that helps with a node; empty if none is known. */
void look_command(const struct look *look, const struct graph_node *node, struct buf *out);

#endif

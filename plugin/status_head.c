/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict, the cluster, how Flux got here, its controllers. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/status.h"
#include "plugin/text.h"

#define LABEL_WIDTH 13

void status_line(const struct status *status, const char *label, const char *text)
{
	autobuf line = BUF_INIT;
	size_t width = status->app->width > 0 ? (size_t)status->app->width : 0;

	buf_addf(&line, "%-*s", LABEL_WIDTH, label);
	text_wrap(&line, text, width, LABEL_WIDTH);
	fprintf(status->app->out, "%s\n", line.ptr);
}

void status_hanging(
	const struct status *status, const char *prefix, const char *text, enum app_style style)
{
	autobuf line = BUF_INIT;
	size_t width = status->app->width > 0 ? (size_t)status->app->width : 0;

	text_wrap(&line, text, width, (unsigned)strlen(prefix) + 2);
	fprintf(status->app->out, "%s%s: %s%s\n", app_style(status->app, style), prefix, line.ptr,
		app_style_end(status->app));
}

/* ---- the verdict */

enum verdict status_verdict(const struct status *status)
{
	const struct look *look = &status->look;

	if (!survey_has_flux(look->survey) && !look->install->namespace && !look->unread)
		return VERDICT_NO_FLUX;
	if (look->graph->root_count)
		return VERDICT_NOT_READY;
	return look->unread || status->azure.why ? VERDICT_INCOMPLETE : VERDICT_READY;
}

const char *status_verdict_words(enum verdict verdict)
{
	static const char *const words[] = {
		[VERDICT_READY] = "READY",
		[VERDICT_NOT_READY] = "NOT READY",
		[VERDICT_INCOMPLETE] = "INCOMPLETE",
		[VERDICT_NO_FLUX] = "NO FLUX",
	};

	return words[verdict];
}

static bool is_own(const struct controller *controller)
{
	return controller->role != ROLE_AGENT;
}

void status_controllers(const struct status *status, size_t *ready, size_t *total)
{
	const struct install *install = status->look.install;

	*ready = 0;
	*total = 0;
	for (size_t i = 0; i < install->count; i++) {
		if (!is_own(&install->controllers[i]) || !install->controllers[i].deployment)
			continue;
		*total += 1;
		*ready += install->controllers[i].fault == CONTROLLER_NONE;
	}
}

static void comma(struct buf *out)
{
	if (out->len)
		buf_adds(out, ", ");
}

/* "1 configuration Compliant in Azure", or how many are what. */
static void say_configs(const struct status *status, struct buf *out)
{
	const struct look *look = &status->look;
	autostrv seen = STRV_INIT;

	for (size_t i = 0; i < look->config_count; i++) {
		const char *word = look->configs[i].synced ? look->configs[i].compliance : NULL;
		size_t same = 0;

		word = word ? word : look->configs[i].synced ? "without a report" : "not synced";
		if (strv_contains(&seen, word))
			continue;
		strv_push(&seen, word);
		for (size_t k = i; k < look->config_count; k++) {
			const char *other =
				look->configs[k].synced ? look->configs[k].compliance : NULL;

			other = other                     ? other
				: look->configs[k].synced ? "without a report"
							  : "not synced";
			same += streq(other, word);
		}
		buf_adds(out, i == 0 ? "" : ", ");
		look_count(out, same, "configuration");
		buf_addf(out, " %s%s", word,
			streq(word, "not synced") ? " with Azure" : " in Azure");
	}
}

/* Controllers that do not run come first: with them nothing that follows can be trusted. */
static void say_down(const struct status *status, struct buf *out)
{
	const struct graph *graph = status->look.graph;

	for (size_t i = 0; i < graph->root_count; i++) {
		const struct controller *controller = graph->roots[i]->controller;

		if (!controller)
			continue;
		comma(out);
		buf_addf(out, "%s %s", controller->name,
			controller->down ? "does not run" : "is not ready");
	}
}

static void say_not_ready(const struct status *status, struct buf *out)
{
	const struct graph *graph = status->look.graph;
	size_t other = graph->not_ready - graph->stale;

	say_down(status, out);
	if (other || graph->stale) {
		comma(out);
		if (other)
			buf_addf(out, "%zu of ", other);
		else
			buf_addf(out, "%zu of ", graph->stale);
		look_count(out, graph->counted, "object");
		if (!other)
			buf_adds(out, " stale");
		else if (graph->stale)
			buf_addf(out, ", %zu more stale", graph->stale);
	}
	if (graph->unwatched) {
		comma(out);
		buf_addf(out, "%zu unwatched", graph->unwatched);
	}
	comma(out);
	look_count(out, graph->root_count, "cause");
}

static void say_ready(const struct status *status, struct buf *out)
{
	const struct graph *graph = status->look.graph;
	size_t ready;
	size_t total;

	status_controllers(status, &ready, &total);
	if (total)
		buf_addf(out, "%zu of %zu controllers, ", ready, total);
	buf_addf(out, "%zu of ", graph->counted - graph->not_ready);
	look_count(out, graph->counted, "object");
}

static void print_verdict(const struct status *status)
{
	static const enum app_style styles[] = {
		[VERDICT_READY] = STYLE_GOOD,
		[VERDICT_NOT_READY] = STYLE_BAD,
		[VERDICT_INCOMPLETE] = STYLE_WARN,
		[VERDICT_NO_FLUX] = STYLE_WARN,
	};
	const struct app *app = status->app;
	const struct look *look = &status->look;
	enum verdict verdict = status_verdict(status);
	const char *words = status_verdict_words(verdict);
	const char *context = app->kube->context_name;
	autobuf text = BUF_INIT;
	autobuf configs = BUF_INIT;
	autobuf line = BUF_INIT;

	if (verdict == VERDICT_NOT_READY)
		say_not_ready(status, &text);
	else if (verdict == VERDICT_NO_FLUX)
		buf_adds(&text, "Flux is not installed in this cluster");
	else
		say_ready(status, &text);
	say_configs(status, &configs);
	if (configs.len)
		buf_addf(&text, "%s%s", verdict == VERDICT_NOT_READY ? "; " : ", ", configs.ptr);
	if (look->unread)
		buf_addf(&text, "; %zu not read", look->unread);
	autofree char *whole = xasprintf("%s: %s", context ? context : "cluster", text.ptr);
	text_wrap(
		&line, whole, app->width > 0 ? (size_t)app->width : 0, (unsigned)strlen(words) + 2);
	fprintf(app->out, "%s%s%s  %s\n", app_style(app, styles[verdict]), words,
		app_style_end(app), line.ptr);
}

/* ---- the cluster */

static void say_agents(const struct status *status, struct buf *out)
{
	const struct install *install = status->look.install;
	const char *version = json_str(status->look.survey->arc_config, "AZURE_ARC_AGENT_VERSION");
	size_t ready = 0;
	size_t total = 0;

	for (size_t i = 0; i < install->count; i++) {
		if (is_own(&install->controllers[i]))
			continue;
		total++;
		ready += install->controllers[i].fault == CONTROLLER_NONE;
	}
	if (total)
		buf_addf(out, "; agents %s%s%zu of %zu ready", version ? version : "",
			version ? ", " : "", ready, total);
}

static void print_azure(const struct status *status)
{
	const struct survey *survey = status->look.survey;
	struct json_object *config = survey->arc_config ? survey->arc_config : survey->aks_config;
	const char *region = json_str(config, "AZURE_REGION");
	autobuf text = BUF_INIT;

	if (!config)
		return;
	buf_addf(&text, "%s, %s/%s", survey->arc_config ? "Azure Arc" : "Azure AKS",
		json_text(json_get(config, "AZURE_RESOURCE_GROUP")),
		json_text(json_get(config, "AZURE_RESOURCE_NAME")));
	if (region)
		buf_addf(&text, ", %s", region);
	say_agents(status, &text);
	status_line(status, "Cluster", text.ptr);
}

/* Nodes by operating system and architecture: "linux/amd64", or each with its number. */
static void say_nodes(const struct survey_list *nodes, struct buf *out)
{
	autostrv platforms = STRV_INIT;
	size_t not_ready = 0;

	for (size_t i = 0; i < nodes->count; i++) {
		autojson struct json_object *tree = survey_tree(&nodes->objects[i]);
		struct json_object *ready = object_condition(tree, "Ready");
		const char *os = json_str(tree, "status", "nodeInfo", "operatingSystem");
		const char *arch = json_str(tree, "status", "nodeInfo", "architecture");
		autofree char *platform = xasprintf("%s/%s", os ? os : "-", arch ? arch : "-");

		not_ready += !streq(json_str(ready, "status"), "True");
		if (!strv_contains(&platforms, platform) && platforms.len < 10)
			strv_push(&platforms, platform);
	}
	look_count(out, nodes->count, "node");
	for (size_t i = 0; i < platforms.len; i++)
		buf_addf(out, "%s%s", i ? " and " : ", ", platforms.items[i]);
	if (not_ready)
		buf_addf(out, ", %zu not ready", not_ready);
}

static void print_cluster(const struct status *status)
{
	const struct survey *survey = status->look.survey;
	const struct survey_list *nodes = survey_list(survey, "Node", "");
	const char *version = json_str(survey->version, "gitVersion");
	autobuf text = BUF_INIT;

	print_azure(status);
	buf_addf(&text, "Kubernetes %s", version ? version : "of unknown version");
	if (nodes && nodes->outcome == SURVEY_OK) {
		buf_adds(&text, ", ");
		say_nodes(nodes, &text);
	}
	status_line(status, survey->arc_config || survey->aks_config ? "" : "Cluster", text.ptr);
}

/* ---- controllers */

static void say_well(const struct install *install, struct buf *out, struct buf *absent)
{
	for (size_t i = 0; i < install->count; i++) {
		const struct controller *controller = &install->controllers[i];

		if (!is_own(controller))
			continue;
		if (!controller->deployment && controller->fault == CONTROLLER_MISSING &&
			!streq(controller->name, "source-watcher")) {
			comma(absent);
			buf_adds(absent, controller->name);
		}
		if (!controller->deployment || controller->fault != CONTROLLER_NONE)
			continue;
		comma(out);
		buf_addf(out, "%s %s", controller->name, controller->tag ? controller->tag : "-");
	}
}

static void print_ill(const struct status *status)
{
	const struct install *install = status->look.install;

	for (size_t i = 0; i < install->count; i++) {
		const struct controller *controller = &install->controllers[i];
		struct graph_node node = {.controller = controller};
		autobuf state = BUF_INIT;
		autobuf line = BUF_INIT;

		if (!controller->deployment || controller->fault == CONTROLLER_NONE)
			continue;
		look_state(&status->look, &node, &state);
		state.ptr[0] = (char)(state.ptr[0] - 'A' + 'a');
		buf_addf(&line, "%-27s %-10s %d/%d   %s", controller->name,
			controller->tag ? controller->tag : "-", controller->ready,
			controller->wanted, state.ptr);
		status_line(status, "", line.ptr);
	}
}

static void print_controllers(const struct status *status)
{
	const struct install *install = status->look.install;
	autobuf text = BUF_INIT;
	autobuf well = BUF_INIT;
	autobuf absent = BUF_INIT;
	size_t ready;
	size_t total;
	int64_t restarts = 0;

	if (!install->known) {
		status_line(status, "Controllers", "not read");
		return;
	}
	status_controllers(status, &ready, &total);
	for (size_t i = 0; i < install->count; i++)
		if (is_own(&install->controllers[i]))
			restarts += install->controllers[i].restarts;
	buf_addf(&text, "%zu of %zu ready, ", ready, total);
	look_count(&text, (size_t)restarts, "restart");
	status_line(status, "Controllers", text.ptr);
	print_ill(status);
	say_well(install, &well, &absent);
	if (well.len)
		status_line(status, "", well.ptr);
	if (!absent.len)
		return;
	buf_reset(&well);
	buf_addf(&well, "not enabled: %s", absent.ptr);
	status_line(status, "", well.ptr);
}

void status_print_head(const struct status *status)
{
	print_verdict(status);
	fputc('\n', status->app->out);
	print_cluster(status);
	if (status_verdict(status) == VERDICT_NO_FLUX) {
		status_line(status, "Flux",
			"not installed: no Flux kind is served, no controller runs");
		fputs("\nnext: kubectl flux-arc check --pre\n", status->app->out);
		return;
	}
	status_print_flux(status);
	print_controllers(status);
}

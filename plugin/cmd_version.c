/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/http.h"
#include "base/json.h"
#include "base/yaml.h"
#include "plugin/app.h"
#include "plugin/output.h"
#include "plugin/text.h"
#include "plugin/version.h"

struct version_opts {
	bool client;
	const char *output;
};

/* clang-format off */
static const struct option options[] = {
	OPT_FLAG(struct version_opts, client, 0, "client",
		"the version of this program only: no cluster is asked"),
	OPT_CHOICE(struct version_opts, output, 'o', "output", "FORMAT",
		"print it for programs", OUTPUT_FORMATS),
	OPT_END,
};
/* clang-format on */

/* "libcurl/7.88.1 OpenSSL/3.0.15 …", from the libraries themselves; starts none of them. */
static void add_libraries(struct buf *out)
{
	http_library_versions(out);
	buf_addf(out, " json-c/%s libyaml/%s", json_library_version(), yaml_library_version());
}

/* GET /version. What is wrong with the cluster or with the way to it is the caller's to tell. */
static int ask_server(struct app *app, struct json_object **ret, struct error *err)
{
	if (app_open_kube(app, err) < 0)
		return -1;
	app_progress(app, "the version of %s", app_place(app));
	if (kube_get(app->kube, "/version", ret, err) < 0)
		return -1;
	app_progress_end(app);
	return 0;
}

static void print_text(struct app *app, struct json_object *server)
{
	autobuf libraries = BUF_INIT;
	autobuf version = BUF_INIT;
	const char *name = json_str(server, "gitVersion");

	add_libraries(&libraries);
	fprintf(app->out, "Client Version: %s\n", version_number());
	fprintf(app->out, "Commit: %s, for %s\n", version_commit(), version_platform());
	fprintf(app->out, "Libraries: %s\n", libraries.ptr);
	if (!server)
		return;
	text_cell(&version, name ? name : "not said");
	fprintf(app->out, "Server Version: %s\n", version.ptr);
}

static int print_tree(
	struct app *app, const char *format, struct json_object *server, struct error *err)
{
	autojson struct json_object *tree = json_new_object();
	struct json_object *client = json_new_object();
	struct json_object *libraries = json_new_array();
	autobuf text = BUF_INIT;
	autostrv names = STRV_INIT;

	add_libraries(&text);
	strv_split(&names, text.ptr, " ", false);
	for (size_t i = 0; i < names.len; i++)
		json_push(libraries, json_new_string(names.items[i]));
	json_set_str(client, "gitVersion", version_number());
	json_set_str(client, "gitCommit", version_commit());
	json_set_str(client, "platform", version_platform());
	json_set(client, "libraries", libraries);
	json_set(tree, "clientVersion", client);
	if (server)
		json_set(tree, "serverVersion", json_ref(server));
	return output_tree(app, format, tree, err);
}

/* The client's version is told even if the server's cannot be. */
static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct version_opts *wanted = opts;
	autojson struct json_object *server = NULL;
	int result = 0;

	(void)args;
	if (!wanted->client)
		result = ask_server(app, &server, err);
	if (!wanted->output)
		print_text(app, server);
	else if (print_tree(app, wanted->output, server, result < 0 ? NULL : err) < 0)
		return -1;
	return result;
}

static const struct example examples[] = {
	{"this program and the cluster of the current context", "version"},
	{"this program alone, without a cluster", "version --client"},
	{NULL, NULL},
};

const struct command cmd_version = {
	.name = "version",
	.max_args = 0,
	.summary = "Show the versions of this program and of the cluster",
	.options = options,
	.opts_size = sizeof(struct version_opts),
	.examples = examples,
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in and client for the commands of the Azure side; what they change, with its progress. */
#include "base/base.h"

#include "arm/secret.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "base/scan.h"
#include "plugin/azure.h"
#include "plugin/azure_target.h"
#include "plugin/text.h"
#include "plugin/version.h"

static void on_warning(void *ctx, const char *text)
{
	app_warn(ctx, "%s", text);
}

/* What a person has to do to sign in. */
static void say(void *ctx, const char *text)
{
	struct app *app = ctx;
	autobuf safe = BUF_INIT;

	app_progress_end(app);
	text_safe(&safe, text);
	fprintf(app->err, "%s\n", safe.ptr);
	fflush(app->err);
}

/* "fd:3" is a descriptor, all else a file. */
static int read_token_file(const char *value, struct arm_login *login, struct error *err)
{
	char *end;
	long fd;

	login->token_fd = -1;
	if (!value || !starts_with(value, "fd:")) {
		login->token_file = value;
		return 0;
	}
	fd = strtol(value + 3, &end, 10);
	if (value[3] < '0' || value[3] > '9' || *end || fd > 1023)
		return error_set(err, ERROR_USAGE,
			"--token-file: '%s' names no descriptor: fd:3 does", value);
	login->token_fd = (int)fd;
	return 0;
}

static int sign_in(struct azure *azure, struct error *err)
{
	const struct azure_flags *flags = azure->flags;
	struct arm_options options = {0};

	if (arm_cloud_choose(flags->cloud, &azure->cloud, err) < 0)
		return -1;
	azure->login = (struct arm_login){
		.cloud = &azure->cloud,
		.auth = flags->auth,
		.tenant = flags->tenant,
		.user_agent = version_user_agent(),
		.tick = app_tick,
		.tick_ctx = azure->app,
		.say = say,
		.say_ctx = azure->app,
	};
	if (read_token_file(flags->token_file, &azure->login, err) < 0)
		return -1;
	azure->tokens = arm_tokens_new(&azure->login);
	options.cloud = &azure->cloud;
	options.tokens = azure->tokens;
	options.user_agent = azure->login.user_agent;
	options.tick = app_tick;
	options.tick_ctx = azure->app;
	options.on_warning = on_warning;
	options.warning_ctx = azure->app;
	azure->arm = arm_new(&options);
	if (flags->api_version) {
		arm_set_api_version(azure->arm, ARM_FLUX_CONFIGURATIONS, flags->api_version);
		arm_set_api_version(azure->arm, ARM_EXTENSIONS, flags->api_version);
	}
	return 0;
}

int azure_open(struct app *app, const struct azure_flags *flags, bool cluster, struct azure **ret,
	struct error *err)
{
	struct azure *azure = xcalloc(1, sizeof(*azure));

	azure->app = app;
	azure->flags = flags;
	azure->target = (struct arm_target)ARM_TARGET_INIT;
	azure->login.token_fd = -1;
	os_interrupt_watch();
	app_progress(app, "Azure");
	*ret = azure;
	if (sign_in(azure, err) < 0)
		return -1;
	return cluster ? azure_find_cluster(azure, err) : 0;
}

void azure_free(struct azure *azure)
{
	if (!azure)
		return;
	arm_free(azure->arm);
	arm_tokens_free(azure->tokens);
	arm_cloud_clear(&azure->cloud);
	arm_target_clear(&azure->target);
	free(azure);
}

char *azure_place(const struct azure *azure)
{
	return xasprintf("%s in %s", azure->target.cluster, azure->target.group);
}

char *azure_actor(struct azure *azure, struct error *err)
{
	CLEANUP(arm_identity_clear) struct arm_identity identity = {0};
	const char *token;
	const char *name;

	if (arm_token(azure->tokens, azure->cloud.audience, NULL, &token, err) < 0)
		return NULL;
	if (!arm_tokens_identity(azure->tokens, &identity))
		return xstrdup("as somebody unknown");
	name = identity.name ? identity.name : identity.app_id;
	if (!name)
		name = identity.object_id ? identity.object_id : "somebody unknown";
	return xasprintf("as %s (sign-in: %s)", name, arm_source_name(identity.source));
}

/* ---- changes */

struct change {
	struct azure *azure;
	const char *what;
};

static void on_poll(void *ctx, const char *status)
{
	const struct change *change = ctx;
	struct app *app = change->azure->app;
	int64_t since = app->waiting_since;

	app_progress(app, "%s: Azure says %s", change->what, status);
	app->waiting_since = since;
}

/* What takes it up again, whatever happens to this program. */
static void say_resume(const struct azure *azure, const struct arm_operation *operation)
{
	struct app *app = azure->app;
	autobuf safe = BUF_INIT;

	text_safe(&safe, operation->url);
	if (azure->flags->no_wait) {
		app_progress_end(app);
		fprintf(app->out, "kubectl flux-arc operation wait '%s'\n", safe.ptr);
		return;
	}
	app_progress_end(app);
	fprintf(app->err,
		"begun in Azure; to take it up again: kubectl flux-arc operation wait '%s'\n",
		safe.ptr);
}

int azure_change(struct azure *azure, struct arm_request *request, const char *what,
	struct json_object **reply, struct error *err)
{
	CLEANUP(arm_operation_clear) struct arm_operation operation = ARM_OPERATION_INIT;
	struct change change = {.azure = azure, .what = what};

	app_progress(azure->app, "%s", what);
	if (arm_operation_begin(azure->arm, request, &operation, err) < 0)
		return error_wrap(err, "%s", what);
	if (operation.url)
		say_resume(azure, &operation);
	app_progress(azure->app, "%s", what);
	if (!azure->flags->no_wait &&
		arm_operation_wait(azure->arm, &operation, on_poll, &change, err) < 0)
		return error_wrap(err, "%s", what);
	app_progress_end(azure->app);
	if (reply)
		*reply = TAKE(operation.reply);
	return 0;
}

int azure_print_request(struct azure *azure, const struct arm_request *request, struct error *err)
{
	FILE *out = azure->app->out;
	autojson struct json_object *shown = NULL;
	autofree char *url = NULL;
	autobuf text = BUF_INIT;
	autobuf pretty = BUF_INIT;

	if (arm_url(azure->arm, request, &url, err) < 0)
		return -1;
	app_progress_end(azure->app);
	fprintf(out, "%s %s\n", request->method ? request->method : "GET", url);
	if (!request->body)
		return 0;
	shown = arm_secret_hide(request->body, NULL);
	json_write(&text, shown);
	if (scan_print_json(text.ptr, text.len, 0, NULL, &pretty, err) < 0)
		return -1;
	buf_trim(&pretty);
	fprintf(out, "%s\n", pretty.ptr);
	return 0;
}

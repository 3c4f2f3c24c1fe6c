/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "base/time.h"
#include "plugin/azure.h"
#include "plugin/output.h"
#include "plugin/table.h"
#include "plugin/text.h"

struct status_opts {
	struct azure_flags azure;
	const char *output;
};

/* clang-format off */
static const struct option options[] = {
	AZURE_OPT_AUTH(struct status_opts),
	AZURE_OPT_CLOUD(struct status_opts),
	OPT_CHOICE(struct status_opts, output, 'o', "output", "FORMAT", "print it for programs", OUTPUT_FORMATS),
	AZURE_OPT_TENANT(struct status_opts),
	AZURE_OPT_TOKEN_FILE(struct status_opts),
	OPT_END,
};
/* clang-format on */

/* What is shown. */
struct sign_in {
	struct azure *azure;
	struct arm_identity identity;
	const struct arm_source_report *reports;
	size_t count;
	char *subscription, *subscription_name;
	const char *subscription_from; /* NULL: there is none */
};

static void sign_in_clear(struct sign_in *sign_in)
{
	arm_identity_clear(&sign_in->identity);
	free(sign_in->subscription);
	free(sign_in->subscription_name);
}

/* The one that other commands would take, as far as it is known without a cluster. */
static void find_subscription(struct sign_in *sign_in)
{
	static const char *const names[] = {"AZURE_SUBSCRIPTION_ID", "ARM_SUBSCRIPTION_ID"};
	struct app *app = sign_in->azure->app;
	autoerror failure = ERROR_INIT;

	for (size_t i = 0; i < countof(names) && !sign_in->subscription; i++)
		if (os_env(names[i])) {
			sign_in->subscription = xstrdup(os_env(names[i]));
			sign_in->subscription_from = names[i];
		}
	if (sign_in->subscription)
		return;
	if (arm_default_subscription(&sign_in->azure->cloud, &sign_in->subscription,
		    &sign_in->subscription_name, &failure) < 0)
		app_warn(app, "%s", failure.message);
	if (sign_in->subscription)
		sign_in->subscription_from = "az's default";
}

static bool is_over(const struct sign_in *sign_in)
{
	return sign_in->identity.expires != TIME_NONE &&
	       sign_in->identity.expires <= arm_tokens_now(sign_in->azure->tokens);
}

/* ---- as a tree */

static struct json_object *way_tree(const struct arm_source_report *report)
{
	struct json_object *tree = json_new_object();

	json_set_str(tree, "source", arm_source_name(report->source));
	json_set(tree, "asked", json_new_bool(report->asked));
	json_set(tree, "used", json_new_bool(report->used));
	if (report->why)
		json_set_str(tree, "passedOverBecause", report->why);
	return tree;
}

static void set_if(struct json_object *tree, const char *key, const char *value)
{
	if (value)
		json_set_str(tree, key, value);
}

static int print_tree(const struct sign_in *sign_in, const char *format, struct error *err)
{
	autojson struct json_object *tree = json_new_object();
	struct json_object *ways = json_new_array();
	const struct arm_identity *who = &sign_in->identity;
	autobuf until = BUF_INIT;

	if (who->expires != TIME_NONE)
		time_format_utc(&until, who->expires);
	for (size_t i = 0; i < sign_in->count; i++)
		json_push(ways, way_tree(&sign_in->reports[i]));
	json_set_str(tree, "source", arm_source_name(who->source));
	json_set_str(tree, "type", who->is_user ? "user" : "application");
	set_if(tree, "name", who->name);
	set_if(tree, "objectId", who->object_id);
	set_if(tree, "appId", who->app_id);
	set_if(tree, "tenantId", who->tenant);
	json_set_str(tree, "cloud", sign_in->azure->cloud.name);
	json_set_str(tree, "endpoint", sign_in->azure->cloud.endpoint);
	set_if(tree, "expiresOn", until.len ? until.ptr : NULL);
	set_if(tree, "subscriptionId", sign_in->subscription);
	set_if(tree, "subscriptionName", sign_in->subscription_name);
	json_set(tree, "sources", ways);
	return output_tree(sign_in->azure->app, format, tree, err);
}

/* ---- as text */

static void print_field(struct app *app, const char *name, const char *value)
{
	autobuf safe = BUF_INIT;

	text_cell(&safe, value);
	fprintf(app->out, "%-14s %s\n", name, safe.ptr);
}

static void print_expiry(const struct sign_in *sign_in)
{
	struct app *app = sign_in->azure->app;
	int64_t expires = sign_in->identity.expires;
	int64_t left = expires - arm_tokens_now(sign_in->azure->tokens);
	autobuf text = BUF_INIT;

	if (expires == TIME_NONE) {
		print_field(app, "Until:", "not said");
		return;
	}
	time_format_utc(&text, expires);
	if (left > 0) {
		buf_adds(&text, " (in ");
		time_format_age(&text, left);
		buf_addc(&text, ')');
	} else {
		buf_adds(&text, ", which has passed by the clock of this machine");
	}
	print_field(app, "Until:", text.ptr);
}

static void print_subscription(const struct sign_in *sign_in)
{
	autofree char *text = NULL;

	if (!sign_in->subscription)
		text = xstrdup("none is set: --subscription or AZURE_SUBSCRIPTION_ID names one");
	else
		text = xasprintf("%s%s%s (%s)",
			sign_in->subscription_name ? sign_in->subscription_name : "",
			sign_in->subscription_name ? ", " : "", sign_in->subscription,
			sign_in->subscription_from);
	print_field(sign_in->azure->app, "Subscription:", text);
}

static void print_identity(const struct sign_in *sign_in)
{
	struct app *app = sign_in->azure->app;
	const struct arm_identity *who = &sign_in->identity;
	const char *name = who->name ? who->name : who->app_id ? who->app_id : who->object_id;
	autofree char *cloud =
		xasprintf("%s (%s)", sign_in->azure->cloud.name, sign_in->azure->cloud.endpoint);
	autofree char *by =
		xasprintf("%s, %s", arm_source_name(who->source), arm_source_text(who->source));

	print_field(app,
		who->is_user ? "User:" : "Application:", name ? name : "not said by the token");
	print_field(app, "Signed in by:", by);
	if (who->object_id)
		print_field(app, "Object id:", who->object_id);
	print_field(app, "Tenant:", who->tenant ? who->tenant : "not said by the token");
	print_field(app, "Cloud:", cloud);
	print_expiry(sign_in);
	print_subscription(sign_in);
}

/* Those that come before the one that was used, and why they were passed over. */
static void print_ways(const struct sign_in *sign_in)
{
	static const struct table_column columns[] = {
		{"PASSED OVER", false, false}, {"BECAUSE", true, false}};
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, countof(columns));

	for (size_t i = 0; i < sign_in->count; i++) {
		const struct arm_source_report *report = &sign_in->reports[i];
		const char *cells[] = {arm_source_name(report->source), report->why};

		if (report->used)
			break;
		if (report->why)
			table_add(table, cells, STYLE_DIM, 1);
	}
	if (!table_rows(table))
		return;
	fputc('\n', sign_in->azure->app->out);
	table_print(table, sign_in->azure->app, true, 0);
}

/* ---- the command */

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct status_opts *wanted = opts;
	struct azure *azure = app->azure;
	CLEANUP(sign_in_clear) struct sign_in sign_in = {.azure = azure};
	const char *token;

	(void)args;
	app_progress(app, "a way to sign in to %s", azure->cloud.name);
	if (arm_token(azure->tokens, azure->cloud.audience, NULL, &token, err) < 0)
		return -1;
	if (!arm_tokens_identity(azure->tokens, &sign_in.identity))
		return error_set(err, ERROR_UNAUTHORIZED, "nobody is signed in to Azure");
	sign_in.count = arm_tokens_report(azure->tokens, &sign_in.reports);
	find_subscription(&sign_in);
	app_progress_end(app);
	if (is_over(&sign_in))
		app_warn(app, "the token has expired, unless the clock of this machine is wrong");
	if (wanted->output)
		return print_tree(&sign_in, wanted->output, err);
	print_identity(&sign_in);
	print_ways(&sign_in);
	return 0;
}

static const struct example examples[] = {
	{"who would act, and how that was found out", "login status"},
	{"whether the identity of this machine works, and nothing else",
		"login status --auth managed-identity"},
	{"sign in with a browser elsewhere", "login status --auth device-code"},
	{NULL, NULL},
};

const struct command cmd_login_status = {
	.name = "login status",
	.max_args = 0,
	.needs = NEEDS_ARM,
	.summary = "Show who is signed in to Azure, and by which way",
	.description =
		"The ways are tried in this order, and the first that has a token is used:\n\n"
		"token: --token-file names a file or descriptor with a token.\n\n"
		"secret: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.\n\n"
		"certificate: AZURE_CLIENT_CERTIFICATE_PATH (PEM or PFX) in place of the secret, "
		"AZURE_CLIENT_CERTIFICATE_PASSWORD if it has one; "
		"AZURE_CLIENT_SEND_CERTIFICATE_CHAIN=true sends its chain along.\n\n"
		"workload-identity: AZURE_FEDERATED_TOKEN_FILE, as a pod has it, in place of the "
		"secret.\n\n"
		"github: a workflow of GitHub with 'permissions: id-token: write', and "
		"AZURE_TENANT_ID and AZURE_CLIENT_ID.\n\n"
		"azure-pipelines: a task of Azure Pipelines with a service connection, and "
		"SYSTEM_ACCESSTOKEN mapped into its environment.\n\n"
		"managed-identity: the identity that Azure gave this machine: IMDS, App Service, "
		"Azure Arc, Cloud Shell. AZURE_CLIENT_ID chooses one of several.\n\n"
		"az: whom 'az login' has signed in.\n\n"
		"device-code: a person with a browser elsewhere; by --auth device-code alone.\n\n"
		"--auth names one way, AZURE_TOKEN_CREDENTIALS one way, prod or dev; the names of "
		"Azure's own libraries (EnvironmentCredential, AzureCliCredential and so on) are "
		"understood, and so are Terraform's variables (ARM_CLIENT_ID and so on). A way "
		"that "
		"is set up and refused ends the search: it was meant to work. Tokens stay in "
		"memory.",
	.options = options,
	.opts_size = sizeof(struct status_opts),
	.examples = examples,
	.run = run,
};

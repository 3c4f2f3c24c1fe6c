/* SPDX-License-Identifier: Apache-2.0 */
/* Which extension is meant; a change of it: checked, shown, agreed to, sent. */
#include "base/base.h"

#include <strings.h>

#include "arm/settings.h"
#include "base/alloc.h"
#include "base/json.h"
#include "kube/releases.h"
#include "plugin/ask.h"
#include "plugin/extension.h"
#include "plugin/text.h"

void extension_clear(struct extension *extension)
{
	free(extension->name);
	free(extension->path);
	json_free(extension->now);
	json_free(extension->settings);
	json_free(extension->secrets);
	*extension = (struct extension)EXTENSION_INIT;
}

/* ---- which one */

int extension_list(struct azure *azure, struct json_object **ret, struct error *err)
{
	autofree char *path = arm_target_child(&azure->target, "extensions", NULL);

	app_progress(azure->app, "looking for the extension of %s", azure->target.cluster);
	if (arm_list(azure->arm, path, arm_api_version(azure->arm, ARM_EXTENSIONS), ret, err) < 0)
		return error_wrap(err, "listing the extensions of %s", azure->target.cluster);
	app_progress_end(azure->app);
	return 0;
}

int extension_read(struct azure *azure, const char *name, struct extension *ret, struct error *err)
{
	autojson struct json_object *all = NULL;
	struct json_object *found;

	ret->app = azure->app;
	ret->azure = azure;
	if (extension_list(azure, &all, err) < 0)
		return -1;
	found = arm_extension_find(all, name);
	ret->now = found ? json_ref(found) : NULL;
	if (!name && found)
		name = json_str(found, "name");
	ret->name = xstrdup(name ? name : ARM_FLUX_EXTENSION_NAME);
	ret->path = arm_target_child(&azure->target, "extensions", ret->name);
	return 0;
}

int extension_read_existing(
	struct azure *azure, const char *name, struct extension *ret, struct error *err)
{
	if (extension_read(azure, name, ret, err) < 0)
		return -1;
	if (ret->now)
		return 0;
	if (name)
		error_set(err, ERROR_NOT_FOUND, "no extension named '%s' on %s", name,
			azure->target.cluster);
	else
		error_set(err, ERROR_NOT_FOUND,
			"the extension " ARM_FLUX_EXTENSION " is not installed on %s",
			azure->target.cluster);
	return error_hint(err,
		"'kubectl flux-arc extension list' shows those that are; 'extension create' "
		"installs it");
}

/* ---- where its identity is made */

int extension_location(struct azure *azure, char **ret, struct error *err)
{
	autojson struct json_object *cluster = NULL;
	autobuf path = BUF_INIT;
	bool arc = streq(azure->target.type->name, "connectedClusters");
	const char *location;

	*ret = NULL;
	if (!azure->target.type->identity)
		return 0;
	arm_target_path(&azure->target, &path);
	if (arm_get(azure->arm, path.ptr,
		    arm_api_version(
			    azure->arm, arc ? ARM_CONNECTED_CLUSTERS : ARM_PROVISIONED_CLUSTERS),
		    &cluster, err) < 0)
		return error_wrap(err, "reading the cluster's location");
	location = json_str(cluster, "location");
	if (!location)
		return error_set(err, ERROR_SERVER, "the cluster says no location");
	*ret = xstrdup(location);
	return 0;
}

/* ---- settings */

static void say_finding(
	const struct extension *extension, const struct arm_setting_finding *finding)
{
	autobuf line = BUF_INIT;
	autobuf safe = BUF_INIT;

	buf_addf(&line, "%s: %s", finding->key, finding->text);
	if (finding->instead)
		buf_addf(&line, " (%s)", finding->instead);
	text_cell(&safe, line.ptr);
	if (finding->error)
		fprintf(extension->app->err, "  %s\n", safe.ptr);
	else
		app_warn(extension->app, "%s", safe.ptr);
}

/* What will read the settings: the pinned release, the one that runs, or for a new one the newest. */
static const char *version_of(const struct extension *extension)
{
	if (extension->asked.version)
		return extension->asked.version;
	return json_str(extension->now, "properties", "currentVersion");
}

int extension_check(struct extension *extension, struct error *err)
{
	struct arm_settings_check check = {
		.now = json_get(extension->now, "properties", "configurationSettings"),
		.change = extension->settings,
		.version = version_of(extension),
		.arc = extension->azure->target.type->identity,
		.unchecked = extension->opts->unchecked,
	};
	const char *type = extension->asked.type;
	size_t errors;

	/* Of another extension nothing is known. */
	if (type && strcasecmp(type, ARM_FLUX_EXTENSION) != 0)
		return 0;
	arm_settings_check(&check);
	for (size_t i = 0; i < check.count; i++)
		say_finding(extension, &check.findings[i]);
	errors = check.errors;
	arm_settings_check_clear(&check);
	if (!errors)
		return 0;
	error_set(err, ERROR_USAGE, "%zu setting%s as asked cannot be sent", errors,
		errors == 1 ? "" : "s");
	return error_hint(err, "'kubectl flux-arc extension settings KEY' tells what a key takes");
}

/* ---- the difference */

static void print_line(
	const struct extension *extension, const char *key, const char *before, const char *after)
{
	autobuf line = BUF_INIT;
	autobuf safe = BUF_INIT;
	char mark = !before ? '+' : !after ? '-' : '~';

	buf_addf(&line, "%s: ", key);
	if (before)
		buf_adds(&line, before);
	if (before && after)
		buf_adds(&line, " -> ");
	if (after)
		buf_adds(&line, after);
	text_cell(&safe, line.ptr);
	fprintf(extension->app->err, "  %c %s\n", mark, safe.ptr);
}

static void print_settings(const struct extension *extension, struct json_object *settings)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(settings, &iter)) {
		const char *before =
			json_str(extension->now, "properties", "configurationSettings", iter.key);

		print_line(extension, iter.key, before,
			json_kind(iter.value) == JSON_NULL ? NULL : json_text(iter.value));
	}
}

static void print_secrets(const struct extension *extension, struct json_object *settings)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(settings, &iter))
		print_line(extension, iter.key, NULL,
			json_kind(iter.value) == JSON_NULL ? "(taken away)" : "(secret)");
}

void extension_print_diff(const struct extension *extension, struct json_object *body)
{
	static const char *const plain[] = {
		"version", "releaseTrain", "autoUpgradeMinorVersion", "autoUpgradeMode"};
	struct json_object *properties = json_get(body, "properties");

	for (size_t i = 0; i < countof(plain); i++) {
		struct json_object *after = json_get(properties, plain[i]);
		struct json_object *before = json_get(extension->now, "properties", plain[i]);

		if (after && !streq(json_text(after), before ? json_text(before) : NULL))
			print_line(extension, plain[i], before ? json_text(before) : NULL,
				json_text(after));
	}
	print_settings(extension, json_get(properties, "configurationSettings"));
	print_secrets(extension, json_get(properties, "configurationProtectedSettings"));
}

/* ---- sending */

/* Nothing that is there is touched by a new one, so nobody is asked. */
static int agree(const struct extension *extension, const char *question, struct error *err)
{
	const struct azure_flags *flags = extension->azure->flags;
	autofree char *place = azure_place(extension->azure);
	autofree char *actor = NULL;

	if (flags->yes || !extension->now)
		return 0;
	actor = azure_actor(extension->azure, err);
	if (!actor)
		return -1;
	return ask_yes(extension->app, false, err, "%s '%s' on %s, %s?", question, extension->name,
		place, actor);
}

int extension_send(struct extension *extension, const char *method, struct json_object *body,
	const char *question, const char *did, struct error *err)
{
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	struct azure *azure = extension->azure;
	autofree char *what = xasprintf("%s '%s'", question, extension->name);
	autojson struct json_object *reply = NULL;

	request.method = method;
	request.path = extension->path;
	request.api_version = arm_api_version(azure->arm, ARM_EXTENSIONS);
	request.body = body;
	request.secret = extension->secrets != NULL;
	if (azure->flags->dry_run)
		return azure_print_request(azure, &request, err);
	if (agree(extension, question, err) < 0 ||
		azure_change(azure, &request, what, &reply, err) < 0)
		return -1;
	if (!reply)
		return 0;
	if (extension->opts->output)
		return extension_print(extension->app, reply, extension->opts->output, err);
	fprintf(extension->app->out, "extension '%s' %s: %s %s\n", extension->name, did,
		json_str(reply, "properties", "extensionType"),
		json_str(reply, "properties", "currentVersion")
			? json_str(reply, "properties", "currentVersion")
			: "");
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How Flux got here, and how old it is. */
#include "base/base.h"

#include "base/json.h"
#include "base/time.h"
#include "plugin/status.h"

static void say_extension(const struct status *status, struct buf *out)
{
	const struct install *install = status->look.install;
	autojson struct json_object *tree =
		install->extension ? survey_tree(install->extension) : NULL;
	const char *state = json_str(tree, "status", "extensionState");
	int64_t synced = time_parse(json_str(tree, "status", "syncStatus", "lastSyncTime"));

	buf_addf(out, " by extension microsoft.flux %s",
		install->extension_version ? install->extension_version : "of unknown version");
	if (!tree)
		return;
	buf_addf(out, " (%s/%s)", install->extension->namespace, install->extension->name);
	state = state ? state : json_str(tree, "status", "status");
	if (state)
		buf_addf(out, ", %s", state);
	if (json_get(tree, "status", "syncStatus", "isSyncedWithAzure") &&
		!json_bool(tree, "status", "syncStatus", "isSyncedWithAzure"))
		buf_adds(out, ", not synced with Azure");
	else if (synced != TIME_NONE) {
		buf_adds(out, ", synced ");
		look_age(out, &status->look, synced);
		buf_adds(out, " ago");
	}
}

static void say_settings(const struct status *status, struct buf *out)
{
	const struct install *install = status->look.install;
	autojson struct json_object *tree =
		install->extension ? survey_tree(install->extension) : NULL;
	const char *train = json_str(tree, "spec", "releaseTrain");
	const char *enforce = json_str(tree, "spec", "parameter", "multiTenancy.enforce");

	if (!tree)
		return;
	if (train)
		buf_adds(out, train);
	buf_adds(out, out->len ? ", " : "");
	buf_addf(out, "minor upgrades %s",
		json_bool(tree, "spec", "autoUpgradeMinorVersion") ? "on" : "off");
	buf_addf(out, ", multi-tenancy %s", streq(enforce, "false") ? "off" : "enforced");
}

static void behind_extension(const struct install *install, struct buf *out)
{
	const char *version = install->extension_version;
	const char *newest = extension_releases[0].version;
	size_t behind;

	if (!version)
		return;
	if (version_compare(version, newest) > 0) {
		buf_addf(out, "newer than known here (list of %s)", extension_releases_as_of());
		return;
	}
	if (version_compare(version, newest) == 0) {
		buf_addf(out, "newest known here (list of %s)", extension_releases_as_of());
		return;
	}
	behind = extension_release_minors_behind(version);
	buf_addf(out, "newest is %s (list of %s): ", newest, extension_releases_as_of());
	if (!behind)
		buf_adds(out, "a patch behind, supported");
	else {
		look_count(out, behind, "minor");
		buf_addf(out, " behind, %s",
			behind <= EXTENSION_SUPPORTED_BEHIND ? "supported" : "no longer supported");
	}
}

static void behind_upstream(const struct install *install, struct buf *out)
{
	size_t at = 0;

	if (!install->flux)
		return;
	while (at < flux_releases_count && &flux_releases[at] != install->flux)
		at++;
	if (at == 0) {
		buf_adds(out, "the newest minor known here");
		return;
	}
	look_count(out, at, "minor");
	buf_addf(out, " behind %s, %s", flux_releases[0].minor,
		install->flux->supported ? "supported upstream" : "no longer supported upstream");
}

void status_behind(const struct status *status, struct buf *out)
{
	const struct install *install = status->look.install;

	if (install->distribution == DISTRIBUTION_AZURE)
		behind_extension(install, out);
	else
		behind_upstream(install, out);
}

void status_print_flux(const struct status *status)
{
	static const char *const words[] = {
		[DISTRIBUTION_NONE] = "",
		[DISTRIBUTION_AZURE] = "",
		[DISTRIBUTION_BOOTSTRAP] = " by flux bootstrap",
		[DISTRIBUTION_OPERATOR] = " by the Flux Operator",
		[DISTRIBUTION_UPSTREAM] = " by flux install or a Helm chart",
	};
	const struct install *install = status->look.install;
	autobuf text = BUF_INIT;
	autobuf more = BUF_INIT;
	autobuf behind = BUF_INIT;

	if (!install->known && (install->distribution == DISTRIBUTION_UPSTREAM ||
				       install->distribution == DISTRIBUTION_NONE)) {
		status_line(status, "Flux", "not known: Deployments could not be read");
		return;
	}
	if (install->distribution == DISTRIBUTION_NONE) {
		status_line(status, "Flux",
			"not known: no controller runs, and its kinds could not be read");
		return;
	}
	buf_adds(&text, install->flux_version ? install->flux_version : "unknown version");
	buf_adds(&text, words[install->distribution]);
	if (install->distribution == DISTRIBUTION_AZURE)
		say_extension(status, &text);
	else if (install->namespace)
		buf_addf(&text, " in %s", install->namespace);
	status_line(status, "Flux", text.ptr);
	say_settings(status, &more);
	status_behind(status, &behind);
	if (behind.len)
		buf_addf(&more, "%s%s", more.len ? "; " : "", behind.ptr);
	if (more.len)
		status_line(status, "", more.ptr);
}

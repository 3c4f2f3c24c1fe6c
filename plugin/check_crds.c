/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the CustomResourceDefinitions of Flux and of Azure. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/check.h"

static void rule_missing(struct check *check, const struct check_rule *rule);
static void rule_unserved(struct check *check, const struct check_rule *rule);
static void rule_stored(struct check *check, const struct check_rule *rule);

/* clang-format off */
const struct check_rule check_crd_rules[] = {
	{ "crd-missing",        SEVERITY_ERROR,   "objects of this kind cannot exist, and their controller crashes or does nothing", rule_missing, 0 },
	{ "crd-not-served",     SEVERITY_ERROR,   "the API server does not answer for this kind", rule_unserved, 0 },
	{ "crd-stored-version", SEVERITY_WARNING, "an upgrade that drops this version is refused while etcd still holds objects in it", rule_stored, 0 },
};
/* clang-format on */
const size_t check_crd_rules_count = countof(check_crd_rules);

/* The controllers that every distribution brings CRDs for; source-watcher's are optional. */
static bool always_installed(const struct kind *kind)
{
	return kind->controller && !streq(kind->controller, "source-watcher");
}

/* Whether the Flux release that runs has this kind. */
static bool expected(const struct check *check, const struct kind *kind)
{
	const struct flux_release *flux = check->install->flux;

	if (kind->family == FAMILY_AZURE)
		return check->install->distribution == DISTRIBUTION_AZURE &&
		       streq(kind->name, "FluxConfig");
	if (!(kind->flags & KIND_FLUX) || !always_installed(kind))
		return false;
	if (kind->since && (!flux || version_compare(flux->minor, kind->since) < 0))
		return false;
	return !kind->until || (flux && version_compare(flux->minor, kind->until) <= 0);
}

static struct survey_object *find_crd(const struct check *check, const struct kind *kind)
{
	autofree char *name = xasprintf("%s.%s", kind->plural, kind->group);

	return survey_find(check->survey, "CustomResourceDefinition", "", name);
}

static void rule_missing(struct check *check, const struct check_rule *rule)
{
	const struct survey_list *crds =
		survey_list(check->survey, "CustomResourceDefinition", NULL);

	if (!check_read(crds) || check->install->distribution == DISTRIBUTION_NONE)
		return;
	for (size_t i = 0; i < kinds_count; i++) {
		const struct kind *kind = &kinds[i];

		if (!expected(check, kind) || find_crd(check, kind))
			continue;
		check_found(check, rule,
			xasprintf("CustomResourceDefinition %s.%s", kind->plural, kind->group),
			xasprintf("not there; Flux %s has kind %s",
				check->install->flux_version ? check->install->flux_version : "",
				kind->name),
			xstrdup("kubectl get crds"));
	}
}

static bool is_true(struct json_object *conditions, const char *type)
{
	for (size_t i = 0; i < json_len(conditions); i++) {
		struct json_object *condition = json_item(conditions, i);

		if (streq(json_str(condition, "type"), type))
			return streq(json_str(condition, "status"), "True");
	}
	return true; /* what is not said is not held against it */
}

static size_t count_served(struct json_object *crd)
{
	struct json_object *versions = json_get(crd, "spec", "versions");
	size_t served = 0;

	for (size_t i = 0; i < json_len(versions); i++)
		served += json_bool(json_item(versions, i), "served");
	return served;
}

static void rule_unserved(struct check *check, const struct check_rule *rule)
{
	const struct survey_list *crds =
		survey_list(check->survey, "CustomResourceDefinition", NULL);
	size_t served = 0;
	bool found = false;

	for (size_t i = 0; crds && i < crds->count; i++) {
		autojson struct json_object *crd = survey_tree(&crds->objects[i]);
		const char *why = NULL;

		if (!crd)
			continue;
		if (!count_served(crd))
			why = "no version in spec.versions is served";
		else if (!is_true(json_get(crd, "status", "conditions"), "Established"))
			why = "condition Established is not True";
		else if (!is_true(json_get(crd, "status", "conditions"), "NamesAccepted"))
			why = "condition NamesAccepted is not True";
		served += !why;
		if (!why)
			continue;
		found = true;
		check_found(check, rule,
			xasprintf("CustomResourceDefinition %s", crds->objects[i].name),
			xstrdup(why), xasprintf("kubectl describe crd %s", crds->objects[i].name));
	}
	if (!found && served && check_read(crds))
		check_passed(check, "%zu CRDs served", served);
}

/* The version of spec.versions with this name, or NULL. */
static struct json_object *find_version(struct json_object *crd, const char *name)
{
	struct json_object *versions = json_get(crd, "spec", "versions");

	for (size_t i = 0; i < json_len(versions); i++) {
		if (streq(json_str(json_item(versions, i), "name"), name))
			return json_item(versions, i);
	}
	return NULL;
}

/* Stored versions that are not the one that is written now. */
static void old_stored(struct json_object *crd, struct buf *out)
{
	struct json_object *stored = json_get(crd, "status", "storedVersions");

	for (size_t i = 0; i < json_len(stored); i++) {
		const char *name = json_text(json_item(stored, i));
		struct json_object *version = find_version(crd, name);

		if (version && json_bool(version, "storage"))
			continue;
		buf_addf(out, "%s%s", out->len ? ", " : "", name);
		if (!version)
			buf_adds(out, " (not in spec.versions any more)");
		else if (!json_bool(version, "served"))
			buf_adds(out, " (not served)");
	}
}

static void rule_stored(struct check *check, const struct check_rule *rule)
{
	const struct survey_list *crds =
		survey_list(check->survey, "CustomResourceDefinition", NULL);
	bool found = false;

	for (size_t i = 0; crds && i < crds->count; i++) {
		autojson struct json_object *crd = survey_tree(&crds->objects[i]);
		autobuf old = BUF_INIT;

		if (!crd)
			continue;
		old_stored(crd, &old);
		if (!old.len)
			continue;
		found = true;
		check_found(check, rule,
			xasprintf("CustomResourceDefinition %s", crds->objects[i].name),
			xasprintf("status.storedVersions still has %s", old.ptr),
			check->install->distribution == DISTRIBUTION_AZURE
				? check_az_update(check, "--auto-upgrade-minor-version true")
				: xstrdup("flux migrate"));
	}
	if (!found && check_read(crds) && crds->count)
		check_passed(check, "no old stored versions");
}

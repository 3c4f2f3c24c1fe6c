/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nonroot or nonroot-v2: a pod that sets a seccompProfile is not admitted by nonroot, which allows none;
 * nonroot-v2 (OpenShift 4.11 and newer) allows runtime/default. The extension's pods set it since 1.22.1.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/access.h"
#include "kube/install.h"
#include "kube/releases.h"
#include "plugin/scc.h"

#define OLD "nonroot"
#define NEW "nonroot-v2"
#define NEW_SINCE_OPENSHIFT "4.11"
#define SECCOMP_SINCE "1.22.1"

enum known {
	UNKNOWN,
	NO,
	YES
};

static enum known has_new(const struct scc *scc)
{
	for (size_t i = 0; i < json_len(scc->sccs); i++)
		if (streq(json_str(json_item(scc->sccs, i), "metadata", "name"), NEW))
			return YES;
	if (scc->sccs_known)
		return NO;
	if (!scc->version)
		return UNKNOWN;
	return version_compare(scc->version, NEW_SINCE_OPENSHIFT) >= 0 ? YES : NO;
}

static bool sets_profile(struct json_object *pod)
{
	struct json_object *containers = json_get(pod, "containers");

	if (json_get(pod, "securityContext", "seccompProfile"))
		return true;
	for (size_t i = 0; i < json_len(containers); i++)
		if (json_get(json_item(containers, i), "securityContext", "seccompProfile"))
			return true;
	return false;
}

static bool is_account(const char *name)
{
	for (size_t i = 0; i < access_scc_accounts_count; i++)
		if (streq(access_scc_accounts[i], name))
			return true;
	return false;
}

/* A controller whose pods set a seccompProfile, or NULL. */
static const char *with_profile(const struct scc *scc)
{
	for (size_t i = 0; i < json_len(scc->deployments); i++) {
		struct json_object *deployment = json_item(scc->deployments, i);
		const char *name = json_str(deployment, "metadata", "name");

		if (is_account(name) &&
			sets_profile(json_get(deployment, "spec", "template", "spec")))
			return name;
	}
	return NULL;
}

/* The tag of the extension's own agent, which is the extension's version; NULL: no agent. */
static const char *extension_version(const struct scc *scc)
{
	for (size_t i = 0; i < json_len(scc->deployments); i++) {
		struct json_object *containers = json_get(
			json_item(scc->deployments, i), "spec", "template", "spec", "containers");

		for (size_t j = 0; j < json_len(containers); j++) {
			const char *image = json_str(json_item(containers, j), "image");
			const char *tag = image ? strrchr(image, ':') : NULL;

			if (tag && streq(controller_of_image(image), "fluxconfig-agent"))
				return tag + 1;
		}
	}
	return NULL;
}

static void choose(struct scc *scc, const char *name, char *because)
{
	scc->name = xstrdup(name);
	scc->because = because;
}

/* Why the pods set a profile; NULL: they do not. The caller frees. */
static char *profile_because(const struct scc *scc)
{
	const char *version = extension_version(scc);
	const char *controller = with_profile(scc);

	if (controller)
		return xasprintf("the pods of %s set a seccompProfile, which " OLD
				 " does not admit",
			controller);
	if (!scc->deployments_known)
		return xstrdup(
			"which extension runs could not be read, and its pods set a "
			"seccompProfile since " SECCOMP_SINCE ", which " OLD " does not admit");
	if (!version)
		return xstrdup("an extension that is installed now sets a seccompProfile in its "
			       "pods (since " SECCOMP_SINCE "), which " OLD " does not admit");
	if (version_compare(version, SECCOMP_SINCE) < 0)
		return NULL;
	return xasprintf("extension %s sets a seccompProfile in its pods (since " SECCOMP_SINCE
			 "), which " OLD " does not admit",
		version);
}

void scc_choose(struct scc *scc)
{
	autofree char *because = profile_because(scc);
	const char *version = extension_version(scc);
	bool old_openshift = has_new(scc) == NO;

	if (old_openshift) {
		choose(scc, OLD,
			xasprintf("OpenShift%s%s has no " NEW, scc->version ? " " : "",
				scc->version ? scc->version : ""));
		if (because)
			scc->warning = xasprintf("%s: OpenShift " NEW_SINCE_OPENSHIFT
						 " or newer is needed, which has " NEW,
				because);
	} else if (because) {
		choose(scc, NEW, TAKE(because));
	} else {
		choose(scc, OLD,
			xasprintf("the pods of extension %s set no seccompProfile; "
				  "from " SECCOMP_SINCE " on " NEW " is needed",
				version));
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CATALOG of the configuration settings of the extension microsoft.flux, and a checker which says before
 * anything is sent what is misspelt, impossible, too new or without effect. From Microsoft's tutorial and
 * release notes, and from the sources of the controllers that the settings end up in. Pure.
 */
#ifndef ARM_SETTINGS_H
#define ARM_SETTINGS_H

#include "base/base.h"
#include "base/buf.h"

struct json_object;

enum arm_setting_type {
	SETTING_BOOL,
	SETTING_CHOICE,   /* of `choices` */
	SETTING_INT,      /* from `min` to `max` */
	SETTING_QUANTITY, /* of Kubernetes, above zero */
	SETTING_DURATION, /* as Go writes it, above zero */
	SETTING_GUID,
	SETTING_TEXT,
};

struct arm_setting {
	const char
		*key; /* "useKubeletIdentity"; "*.log-level": of each controller of `controllers` */
	const char *controllers; /* their names, separated by spaces; NULL: the key has no "*" */
	enum arm_setting_type type;
	const char *choices; /* separated by spaces; NULL: not of that type */
	int min, max;
	const char *fallback; /* what holds without it, in words where there is no value */
	const char *since,
		*since_arc; /* first extension release that knows it (on Arc); "" : always */
	const char *dead, *instead; /* without effect since this release; what has one. NULL: no */
	bool aks_only;
	bool undocumented;  /* announced or seen, its name not in Microsoft's documentation */
	const char *effect; /* one phrase: what it does in the cluster */
};
extern const struct arm_setting arm_settings[];
extern const size_t arm_settings_count;

/* The six controllers of Flux and the extension's two agents, as they stand in keys. */
#define ARM_FLUX_CONTROLLERS                                                              \
	"source-controller kustomize-controller helm-controller notification-controller " \
	"image-automation-controller image-reflector-controller"
#define ARM_FLUX_AGENTS "fluxconfig-agent fluxconfig-controller"

/* The row of a key; NULL if there is none. */
const struct arm_setting *arm_setting_find(const char *key);
/* The nearest key to a misspelt one; the caller frees. NULL if none is near. */
char *arm_setting_nearest(const char *key);
/* Append what a row allows: "true or false", "a quantity such as 500m or 2Gi". */
void arm_setting_allowed(const struct arm_setting *setting, struct buf *out);
/* Call `each` with every key of the catalog written out ("source-controller.log-level"). */
void arm_settings_each(
	void (*each)(void *ctx, const struct arm_setting *setting, const char *key), void *ctx);
/* Is it the value of a row? Else the reason is appended to `why`. */
bool arm_setting_allows(const struct arm_setting *setting, const char *value, struct buf *why);

struct arm_setting_finding {
	bool error;    /* else a warning */
	char *key;     /* owned */
	char *text;    /* what is wrong with it; owned */
	char *instead; /* what to write; owned; NULL */
};
struct arm_settings_check {
	struct json_object *now;    /* settings that are in force; NULL: none */
	struct json_object *change; /* key: text, or null to take it away */
	const char *version;        /* of the extension that will read them; NULL: the newest */
	bool arc;                   /* not AKS */
	bool unchecked; /* keys that are not in the catalog pass, and values as they are */
	/* Result; owned. */
	struct arm_setting_finding *findings;
	size_t count, errors;
};
#define ARM_SETTINGS_CHECK_INIT \
	{                       \
		.now = NULL     \
	}
void arm_settings_check(struct arm_settings_check *check);
void arm_settings_check_clear(struct arm_settings_check *check);

#endif

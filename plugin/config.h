/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `config`: fluxConfigurations in Azure. What is asked (plugin/config_ask.c), what is there, what changes and
 * who agrees to it (plugin/config_change.c), what has to be there first (plugin/config_first.c), waiting for
 * compliance (plugin/config_wait.c), and printing (plugin/config_print.c).
 */
#ifndef PLUGIN_CONFIG_H
#define PLUGIN_CONFIG_H

#include "arm/fluxconfig.h"
#include "base/base.h"
#include "plugin/azure.h"

struct json_object;

#define CONFIG_FORMATS "table wide json yaml name"

/* Options of `config create` and `config update`: one table, since they ask for the same things. */
struct config_opts {
	struct azure_flags azure;
	const char *values[FLUX_FIELDS]; /* NULL: not given */
	enum option_switch switches[FLUX_FIELDS];
	struct strv kustomizations, verification_config, oidc_identities;
	const char *kind, *file, *output, *wait_timeout;
	const char *https_ca_cert_file, *known_hosts_file, *ssh_private_key_file;
	bool wait, unchecked;
};
extern const struct option config_options[];

/* Of `config kustomization create` and `update`. */
struct config_kustomization_opts {
	struct azure_flags azure;
	const char *kustomization, *path, *depends_on, *timeout, *sync_interval, *retry_interval;
	const char *output, *substitute_from, *wait_timeout;
	struct strv substitute;
	enum option_switch prune, force, disable_health_check;
	bool wait;
};
extern const struct option config_kustomization_options[];

/* Of the commands that look, and of those that delete. */
struct config_show_opts {
	struct azure_flags azure;
	const char *output, *kustomization, *object_name, *object_namespace, *object_kind;
	enum option_switch force;
};
extern const struct option config_show_options[], config_list_options[],
	config_kustomization_show_options[], config_kustomization_delete_options[],
	config_object_show_options[], config_delete_options[];

/* One configuration. */
struct config {
	struct app *app;
	struct azure *azure;
	const char *name;             /* borrowed from the command line, or `owned_name` */
	char *owned_name;             /* out of a file */
	char *path;                   /* of the resource */
	int64_t delay_ms;             /* before the next read */
	struct json_object *resource; /* as ARM has it; NULL: not there, or not read */
	struct json_object *current;  /* its properties as they can be compared */
	struct arm_config asked;
	struct strv warnings;
	const char *heading; /* before a difference; NULL: none */
	bool key_told;
};
#define CONFIG_INIT                    \
	{                              \
		.warnings = STRV_INIT, \
	}
void config_clear(struct config *config);
#define autoconfig CLEANUP(config_clear) struct config

/* The configuration that -n names. ERROR_USAGE without a name. */
int config_open(
	struct azure *azure, const char *name, struct config *config, struct error *err) MUST_CHECK;
/* Read it. One that is not there is no error: `resource` stays NULL. That the cluster, the group or the
 * subscription is not there is. */
int config_read(struct config *config, struct error *err) MUST_CHECK;
/* The same, and ERROR_NOT_FOUND for one that is not there, with those that are in the hint. */
int config_read_existing(struct config *config, struct error *err) MUST_CHECK;
/* All of the cluster; `*ret` an array, owned. */
int config_list(struct azure *azure, struct json_object **ret, struct error *err) MUST_CHECK;

/* ---- what is asked */

/* From flags and files into config->asked; without -n the file's name counts. */
int config_ask(struct azure *azure, const struct config_opts *opts, struct config *config,
	struct error *err) MUST_CHECK;
/* "@FILE", "@-" (stdin), "@fd:3": its content; anything else is the text itself. `*from_file` (may be
 * NULL) says which. Wiped by the caller. */
int config_read_value(const char *label, const char *text, struct buf *ret, bool *from_file,
	struct error *err) MUST_CHECK;

/* ---- what changes */

/* Print the difference between what is there and `after` on stderr; false if there is none. */
bool config_print_diff(const struct config *config, struct json_object *after);
/* Check, show the difference and what is pruned with it, ask, send. `patch` is {"properties": …}. Nothing
 * to change is success, and said. `*reply` (owned; NULL: nothing was sent, or not waited for) is the resource then. */
int config_patch(struct config *config, struct json_object *patch, const char *question,
	struct json_object **reply, struct error *err) MUST_CHECK;
/* Ask whether `question` shall be done to the configuration, and once more if kustomizations go that
 * prune. Nothing is asked with --yes and --dry-run. */
int config_agree(struct config *config, const char *question, struct json_object *asked,
	struct error *err) MUST_CHECK;
/* What can be known to be wrong with it; warnings are printed. */
int config_check(struct config *config, struct json_object *properties, struct json_object *asked,
	bool creates, struct error *err) MUST_CHECK;

/* ---- what has to be there first (create) */

/* Provider registered (a warning), no Flux v1 configuration, the extension there and well; a missing one
 * is installed and waited for. */
int config_prepare(struct config *config, struct error *err) MUST_CHECK;
/* --local-auth-ref: is the Secret there, with the keys that the source needs? Asked of the cluster where
 * it can be; a warning where it cannot. */
int config_check_secret(struct config *config, struct json_object *properties, bool unchecked,
	struct error *err) MUST_CHECK;

/* ---- afterwards */

/* Wait until Compliant; `timeout` as people write it, NULL: 10 minutes. ERROR_FINDINGS names what is not.
 * `*resource` (owned) is replaced by the last that was read. */
int config_wait(struct config *config, const char *timeout, struct json_object **resource,
	struct error *err) MUST_CHECK;
/* Say what a change has left, or print the resource. Tells the key that a Git server has to know. */
int config_finish(struct config *config, struct json_object *resource, const char *did,
	const char *output, struct error *err) MUST_CHECK;
/* The key that Flux made for a source over ssh, once Azure knows it; said once. */
void config_tell_key(struct config *config, struct json_object *properties);
/* Wait if it is asked for, then config_finish(). */
struct config_after {
	bool wait;
	const char *wait_timeout, *output;
	const char *did; /* "created" */
};
int config_after(struct config *config, const struct config_after *after,
	struct json_object **resource, struct error *err) MUST_CHECK;
/* --wait with --no-wait, or a time that is none. */
int config_check_wait(
	const struct azure *azure, bool wait, const char *timeout, struct error *err) MUST_CHECK;

/* ---- printing */

/* A list or one of it as `format` says ("table", "wide", "json", "yaml", "name"; NULL: table). */
int config_print_list(struct app *app, const char *format, struct json_object *array,
	struct error *err) MUST_CHECK;
/* One configuration at length. */
int config_print(struct app *app, const char *format, struct json_object *resource,
	struct error *err) MUST_CHECK;
/* A map of kustomizations; `statuses` of the configuration say how they are. */
int config_print_kustomizations(struct app *app, const char *format,
	struct json_object *kustomizations, struct error *err) MUST_CHECK;
int config_print_objects(struct app *app, const char *format, struct json_object *statuses,
	struct error *err) MUST_CHECK;
/* The condition that tells most of an object: the Ready one, else the first that is not True. Borrowed. */
struct json_object *config_condition(struct json_object *status);
/* Objects that a deletion takes with it, one a line on stderr; how many there are. */
size_t config_print_pruned(const struct config *config, const char *kustomization);

/* ---- kustomizations */

/* The configuration that is there; ERROR_USAGE without -k. With `exists` it has to have the kustomization,
 * else it may not have it yet. */
int config_open_kustomization(struct azure *azure, const char *kustomization, bool exists,
	struct config *config, struct error *err) MUST_CHECK;
/* create and update: PATCH of one kustomization out of the flags. */
int config_change_kustomization(struct azure *azure, const struct config_kustomization_opts *opts,
	bool exists, struct error *err) MUST_CHECK;

#endif

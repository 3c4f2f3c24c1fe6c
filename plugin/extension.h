/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `extension`: what its commands share. Settings are gathered from flags, files and shortcuts
 * (plugin/extension_settings.c), checked and shown as a difference (plugin/extension_change.c).
 */
#ifndef PLUGIN_EXTENSION_H
#define PLUGIN_EXTENSION_H

#include "arm/extension.h"
#include "base/base.h"
#include "plugin/azure.h"

struct json_object;

/* Options of `extension create` and `extension update`: one table, since they ask for the same things. */
struct extension_opts {
	struct azure_flags azure;
	/* settings */
	struct strv config, config_protected, unset;
	const char *config_file, *config_protected_file;
	/* shortcuts: plugin/extension_settings.c says what each becomes */
	struct strv enable, disable, log_level, memory_limit, cpu_limit, concurrent,
		requeue_dependency;
	enum option_switch kubelet_identity, in_memory_build, strict_substitution, ssh_rsa_sha2,
		kube_service_host_fqdn, no_multi_tenancy;
	const char *workload_identity, *oom_watch;
	/* the extension itself */
	const char *extension_type, *version, *train, *upgrade_mode;
	const char *scope, *release_namespace, *target_namespace;
	const char *plan_name, *plan_product, *plan_publisher;
	const char *output;
	enum option_switch upgrade;
	bool unchecked, ignore_scc;
};
extern const struct option extension_options[];

/* One run of create or update. */
struct extension {
	struct app *app;
	struct azure *azure;
	const struct extension_opts *opts;
	char *name;              /* owned */
	char *path;              /* of the resource; owned */
	struct json_object *now; /* as ARM has it; owned; NULL: not there */
	struct arm_extension_asked asked;
	struct json_object *settings, *secrets; /* owned; NULL: none were asked */
};
#define EXTENSION_INIT      \
	{                   \
		.app = NULL \
	}
void extension_clear(struct extension *extension);
#define autoextension CLEANUP(extension_clear) struct extension

/* Which one is meant: `name`, or without it the one of microsoft.flux, which is then said; reads it. Where there
 * is none `now` stays NULL and the name is `name`, or "flux". */
int extension_read(
	struct azure *azure, const char *name, struct extension *ret, struct error *err) MUST_CHECK;
/* The same, and ERROR_NOT_FOUND where there is none. */
int extension_read_existing(
	struct azure *azure, const char *name, struct extension *ret, struct error *err) MUST_CHECK;

/* The cluster's location, where an extension of Arc gets an identity; `*ret` owned, NULL on AKS, which refuses one. */
int extension_location(struct azure *azure, char **ret, struct error *err) MUST_CHECK;

/* From flags, files and shortcuts into extension->asked. ERROR_USAGE. */
int extension_ask(const struct extension_opts *opts, struct extension *extension,
	struct error *err) MUST_CHECK;
/* Say what the checker of settings finds; ERROR_USAGE if there is something that may not be sent. */
int extension_check(struct extension *extension, struct error *err) MUST_CHECK;
/* On OpenShift, where the kubeconfig leads to this cluster: may the controllers' pods run? ERROR_FAILED if not. */
int extension_check_scc(struct extension *extension, struct error *err) MUST_CHECK;
/* Print the difference that a body (of PUT or PATCH) makes on stderr. */
void extension_print_diff(const struct extension *extension, struct json_object *body);
/* Ask, then send. `did` for the last line: "created". */
int extension_send(struct extension *extension, const char *method, struct json_object *body,
	const char *question, const char *did, struct error *err) MUST_CHECK;

/* Options of the commands that look and of delete. */
struct extension_show_opts {
	struct azure_flags azure;
	const char *output, *train, *location;
	bool force, ignore_configurations, unchecked;
};
/* All extensions of the cluster; `*ret` an array, owned. */
int extension_list(struct azure *azure, struct json_object **ret, struct error *err) MUST_CHECK;

#define EXTENSION_FORMATS "table wide json yaml name"
/* One extension, as `extension show` prints it. */
int extension_print(struct app *app, struct json_object *resource, const char *output,
	struct error *err) MUST_CHECK;
/* All of a cluster. */
int extension_print_list(struct app *app, struct json_object *list, const char *output,
	struct error *err) MUST_CHECK;
/* Without what ARM should not have sent: values of protected settings. Owned. */
struct json_object *extension_public(struct json_object *resource);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in kubeconfig files, before one target is made of it (kube/config.h): the structs of
 * client-go's tools/clientcmd/api/v1, the files that count, and finding an entry by its name.
 */
#ifndef KUBE_KUBECONFIG_H
#define KUBE_KUBECONFIG_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "kube/schema.h"

struct json_object;
struct kube_flags;

/* Strings are owned and NULL if absent. Each named struct begins with its name. */
struct kubeconfig_extension {
	char *name;
	struct json_object *value;
};

struct kubeconfig_cluster {
	char *name;
	char *server, *tls_server_name, *proxy_url;
	char *ca_file;
	struct buf ca_data;
	bool insecure, disable_compression;
	struct schema_list extensions; /* of kubeconfig_extension_schema */
};

struct kubeconfig_env {
	char *name, *value;
};

struct kubeconfig_exec {
	char *command, *api_version, *install_hint, *interactive_mode;
	struct strv args;
	struct schema_list env; /* of struct kubeconfig_env */
	bool provide_cluster_info;
};

struct kubeconfig_auth_provider {
	char *name;
	struct strv config; /* key, value … */
};

struct kubeconfig_user {
	char *name;
	char *cert_file, *key_file;
	struct buf cert_data, key_data;
	char *token, *token_file, *username, *password;
	char *as, *as_uid;
	struct strv as_groups;
	struct schema_map as_extra;
	struct kubeconfig_auth_provider *auth_provider;
	struct kubeconfig_exec *exec;
	struct schema_list extensions;
};

struct kubeconfig_context {
	char *name;
	char *cluster, *user, *namespace;
	struct schema_list extensions;
};

/* One file. */
struct kubeconfig {
	char *path; /* as it was named */
	char *current_context;
	bool colors;
	struct schema_list preferences_extensions, extensions;
	struct schema_list clusters, users, contexts;
	char *api_version, *kind;
};

extern const struct schema kubeconfig_extension_schema;
extern const struct schema kubeconfig_env_schema;
extern const struct schema kubeconfig_cluster_schema;
extern const struct schema kubeconfig_user_schema;
extern const struct schema kubeconfig_context_schema;

void kubeconfig_init(struct kubeconfig *config);
void kubeconfig_clear(struct kubeconfig *config);
/*
 * Fill an initialised `config` from a file's text. A name that stands twice in one list is refused.
 * Errors are those of client-go.
 */
int kubeconfig_parse(
	struct kubeconfig *config, const char *text, size_t len, struct error *err) MUST_CHECK;

/* The files that count, in order of precedence. */
struct kubeconfig_set {
	struct kubeconfig *files;
	size_t len;
	struct strv missing; /* files that were named and do not exist */
};
#define KUBECONFIG_SET_INIT          \
	{                            \
		.missing = STRV_INIT \
	}
void kubeconfig_set_clear(struct kubeconfig_set *set);
/*
 * Read them: `path` (--kubeconfig) alone if given, which then must exist; else what KUBECONFIG
 * lists; else .kube/config in the home directory. ERROR_CONFIG; every bad file is named.
 */
int kubeconfig_set_load(struct kubeconfig_set *set, const char *path, struct error *err) MUST_CHECK;

/* The first current-context that says something, or NULL. Borrowed. */
const char *kubeconfig_current_context(const struct kubeconfig_set *set);
/*
 * Move the entry that `name` stands for (the first file that has one wins) out of the set, with its
 * relative paths made absolute against its file's directory. False, and `ret` empty, if there is
 * none. NULL reads as "".
 */
bool kubeconfig_take_context(
	struct kubeconfig_set *set, const char *name, struct kubeconfig_context *ret);
bool kubeconfig_take_cluster(
	struct kubeconfig_set *set, const char *name, struct kubeconfig_cluster *ret);
bool kubeconfig_take_user(
	struct kubeconfig_set *set, const char *name, struct kubeconfig_user *ret);
/* Names of all contexts, sorted, each once. Appends. */
void kubeconfig_context_names(const struct kubeconfig_set *set, struct strv *ret);

#endif

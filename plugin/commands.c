/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/command.h"

extern const struct command cmd_bundle_create, cmd_bundle_diff, cmd_bundle_extract,
	cmd_bundle_inspect, cmd_bundle_join, cmd_bundle_keys_list, cmd_bundle_keys_make,
	cmd_bundle_keys_trust, cmd_bundle_merge, cmd_bundle_push, cmd_bundle_split,
	cmd_bundle_verify, cmd_check, cmd_complete, cmd_describe, cmd_get, cmd_help, cmd_status,
	cmd_version, cmd_login_status, cmd_operation_wait, cmd_provider_register, cmd_provider_show;
extern const struct command cmd_extension_create, cmd_extension_delete, cmd_extension_list,
	cmd_extension_settings, cmd_extension_show, cmd_extension_update, cmd_extension_versions;
extern const struct command cmd_identity_federate, cmd_identity_show;
extern const struct command cmd_scc_disable, cmd_scc_enable, cmd_scc_status;
extern const struct command cmd_config_create, cmd_config_update, cmd_config_show, cmd_config_list,
	cmd_config_delete, cmd_config_kustomization_create, cmd_config_kustomization_update,
	cmd_config_kustomization_list, cmd_config_kustomization_show,
	cmd_config_kustomization_delete, cmd_config_object_list, cmd_config_object_show;

const struct command *const commands[] = {
	&cmd_status,
	&cmd_get,
	&cmd_describe,
	&cmd_check,
	&cmd_scc_status,
	&cmd_scc_enable,
	&cmd_scc_disable,
	&cmd_extension_create,
	&cmd_extension_update,
	&cmd_extension_show,
	&cmd_extension_list,
	&cmd_extension_delete,
	&cmd_extension_versions,
	&cmd_extension_settings,
	&cmd_config_create,
	&cmd_config_update,
	&cmd_config_show,
	&cmd_config_list,
	&cmd_config_delete,
	&cmd_config_kustomization_create,
	&cmd_config_kustomization_update,
	&cmd_config_kustomization_list,
	&cmd_config_kustomization_show,
	&cmd_config_kustomization_delete,
	&cmd_config_object_list,
	&cmd_config_object_show,
	&cmd_bundle_create,
	&cmd_bundle_inspect,
	&cmd_bundle_verify,
	&cmd_bundle_diff,
	&cmd_bundle_extract,
	&cmd_bundle_push,
	&cmd_bundle_split,
	&cmd_bundle_join,
	&cmd_bundle_merge,
	&cmd_bundle_keys_make,
	&cmd_bundle_keys_list,
	&cmd_bundle_keys_trust,
	&cmd_identity_show,
	&cmd_identity_federate,
	&cmd_provider_show,
	&cmd_provider_register,
	&cmd_login_status,
	&cmd_operation_wait,
	&cmd_version,
	&cmd_help,
	&cmd_complete,
	NULL,
};

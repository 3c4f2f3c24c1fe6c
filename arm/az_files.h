/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that the az program keeps in AZURE_CONFIG_DIR or ~/.azure, read alone and never written:
 * its configuration, its clouds and its profile. Its store of tokens is left alone.
 */
#ifndef ARM_AZ_FILES_H
#define ARM_AZ_FILES_H

#include "base/base.h"
#include "base/error.h"

struct json_object;

/*
 * The value of `key` in `section` of an INI file ("config", "clouds.config") as Python's configparser
 * reads it: owned; NULL if file, section or key are not there, or the value is empty. A file that is
 * there and cannot be read is ERROR_CONFIG.
 */
int az_files_setting(const char *file, const char *section, const char *key, char **ret,
	struct error *err) MUST_CHECK;
/* azureProfile.json: owned; NULL if it is not there. */
int az_files_profile(struct json_object **ret, struct error *err) MUST_CHECK;

#endif

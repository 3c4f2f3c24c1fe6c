/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which Azure: the addresses of its sign-in, of Azure Resource Manager (ARM) and of what a cluster has
 * to reach. A catalog of the public clouds; others are described by their own metadata
 * (`{arm}/metadata/endpoints?api-version=2022-09-01`).
 */
#ifndef ARM_CLOUD_H
#define ARM_CLOUD_H

#include "base/base.h"
#include "base/error.h"

/* URLs without a slash at the end. All owned. */
struct arm_cloud {
	char *name;      /* "AzureCloud", as az calls it */
	char *authority; /* "https://login.microsoftonline.com" */
	char *endpoint;  /* "https://management.azure.com" */
	char *audience; /* what a token for ARM is asked for: "https://management.azure.com"; a name,
			    which may end with a slash */
	char *suffix; /* of the configuration data plane: "kubernetesconfiguration.azure.com"; "" if
			    unknown */
	bool adfs;    /* the authority speaks AD FS: "/adfs/oauth2/token", no tenant in the path */
};
#define ARM_CLOUD_INIT       \
	{                    \
		.name = NULL \
	}
void arm_cloud_clear(struct arm_cloud *cloud);

/*
 * The cloud that `name` (may be NULL) and the environment choose, first that says something: `name`;
 * AZURE_CLOUD_NAME; ARM_CLOUD_METADATA_URL (asked over https, by the system's trust; with a name it is
 * that cloud of several); az's own `[cloud] name`, read from AZURE_CONFIG_DIR or ~/.azure, with what
 * its clouds.config says of a cloud that is not in the catalog; the cloud of the catalog whose
 * authority AZURE_AUTHORITY_HOST is; AzureCloud. AZURE_AUTHORITY_HOST then replaces the authority.
 * Every address has to be https. ERROR_CONFIG, ERROR_NETWORK.
 */
int arm_cloud_choose(const char *name, struct arm_cloud *ret, struct error *err) MUST_CHECK;

/*
 * From a reply of metadata/endpoints: a list of clouds, or (Azure Stack) one without a name. `name` is
 * the wanted one; NULL: the one whose ARM is at `origin` ("https://host", where it was asked), else the
 * first. ERROR_CONFIG.
 */
int arm_cloud_read_metadata(const char *text, size_t len, const char *name, const char *origin,
	struct arm_cloud *ret, struct error *err) MUST_CHECK;
/* An https URL without path, user and query (AD FS alone has a path), in the form that the struct keeps:
 * owned. ERROR_CONFIG. `what` names it. */
int arm_cloud_address(const char *text, const char *what, char **ret, struct error *err) MUST_CHECK;

#endif

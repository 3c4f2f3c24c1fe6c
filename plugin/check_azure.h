/* SPDX-License-Identifier: Apache-2.0 */
/* What Azure says of the cluster, for the rules of `check --pre`. */
#ifndef PLUGIN_CHECK_AZURE_H
#define PLUGIN_CHECK_AZURE_H

#include "arm/client.h"
#include "base/base.h"
#include "plugin/azure.h"

#define CHECK_AZURE_PROVIDERS 2

struct check_azure {
	struct azure *
		azure; /* borrowed from the app; NULL: nobody is signed in, or no cluster is known */
	struct arm_request providers[CHECK_AZURE_PROVIDERS]; /* of this type of cluster */
	struct arm_request cluster, extensions, permissions;
	char *paths[CHECK_AZURE_PROVIDERS + 3]; /* owned, of the requests above */
};

/* Ask all at once. NULL where Azure cannot be asked at all, with the error. Owned by the caller. */
struct check_azure *check_azure_read(struct app *app, struct error *err);
void check_azure_free(struct check_azure *azure);
/* Does a list of permissions (an array of actions and notActions) allow an action? */
bool check_azure_allows(struct json_object *permissions, const char *action);

#endif

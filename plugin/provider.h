/* SPDX-License-Identifier: Apache-2.0 */
/* Resource providers of a subscription: what `provider show` and `provider register` share. */
#ifndef PLUGIN_PROVIDER_H
#define PLUGIN_PROVIDER_H

#include "base/base.h"
#include "base/strv.h"
#include "plugin/azure.h"

#define PROVIDERS_MAX 20

struct provider {
	char *namespace; /* as typed, then as Azure writes it */
	struct json_object *reply;
};
struct providers {
	struct provider items[PROVIDERS_MAX];
	size_t len;
};
#define PROVIDERS_INIT   \
	{                \
		.len = 0 \
	}
void providers_clear(struct providers *providers);
/* Those named, or the three that the extension needs. ERROR_USAGE for too many, or what is no name. */
int providers_choose(const struct strv *names, struct providers *ret, struct error *err) MUST_CHECK;
/* Ask for the state of all, side by side, after `delay_ms`. */
int providers_read(struct azure *azure, struct providers *providers, int64_t delay_ms,
	struct error *err) MUST_CHECK;
/* "Registered", "NotRegistered", …; borrowed. */
const char *provider_state(const struct provider *provider);
bool provider_registered(const struct provider *provider);
/* "/subscriptions/S/providers/NS"; the caller frees. */
char *provider_path(const struct azure *azure, const struct provider *provider);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "arm/secret.h"
#include "base/json.h"

/* CATALOG, by name alone: a member of that name is a secret wherever it stands. Of an object each value
 * is one, of an array the whole. */
static const char *const secret_names[] = {
	"accessKey",
	"accountKey",
	"clientCertificate",
	"clientCertificatePassword",
	"clientSecret",
	"configurationProtectedSettings",
	"privateKey",
	"sasToken",
	"secretKey",
};

static bool is_secret(const char *name)
{
	for (size_t i = 0; i < countof(secret_names); i++)
		if (strcasecmp(name, secret_names[i]) == 0)
			return true;
	return false;
}

static void hide(struct json_object *value, bool all, bool *found);

static void hide_members(struct json_object *object, bool all, bool *found)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(object, &iter)) {
		bool secret = all || is_secret(iter.key);
		enum json_kind kind = json_kind(iter.value);

		if (kind == JSON_OBJECT || (kind == JSON_ARRAY && !secret)) {
			hide(iter.value, secret, found);
		} else if (secret && kind != JSON_NULL) {
			json_set_str(object, iter.key, "(secret)");
			*found = true;
		}
	}
}

/* An array that gets here holds no secrets by itself. */
static void hide(struct json_object *value, bool all, bool *found)
{
	if (json_kind(value) == JSON_OBJECT)
		hide_members(value, all, found);
	for (size_t i = 0; i < json_len(value); i++)
		hide(json_item(value, i), all, found);
}

struct json_object *arm_secret_hide(struct json_object *body, bool *found)
{
	struct json_object *copy = json_copy(body);
	bool any = false;

	hide(copy, false, &any);
	if (found)
		*found = any;
	return copy;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys a Secret must have to serve a source: those that source-controller reads. */
#include "base/base.h"

#include "arm/fluxconfig.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"

enum scheme {
	ANY_SCHEME,
	HTTP,
	SSH
};
#define MAX_KEYS 3

/* clang-format off */
/* CATALOG: sets of keys, any of which will do. */
static const struct set {
	const char *kind;
	enum scheme scheme;
	const char *keys[MAX_KEYS];
} sets[] = {
	{"git",    HTTP, {"username", "password"}},
	{"git",    HTTP, {"bearerToken"}},
	{"git",    HTTP, {"ca.crt"}},
	{"git",    HTTP, {"caFile"}},
	{"git",    HTTP, {"tls.crt", "tls.key"}},
	{"git",    HTTP, {"githubAppID", "githubAppPrivateKey"}},
	{"git",    SSH,  {"identity", "known_hosts"}},
	{"bucket", ANY_SCHEME, {"accesskey", "secretkey"}},
	{"azblob", ANY_SCHEME, {"accountKey"}},
	{"azblob", ANY_SCHEME, {"sasKey"}},
	{"azblob", ANY_SCHEME, {"tenantId", "clientId", "clientSecret"}},
	{"azblob", ANY_SCHEME, {"tenantId", "clientId", "clientCertificate"}},
	{"azblob", ANY_SCHEME, {"clientId"}},
	{"oci",    ANY_SCHEME, {".dockerconfigjson"}},
};
/* clang-format on */

static bool has_all(const struct set *set, const struct strv *keys)
{
	for (size_t i = 0; i < MAX_KEYS && set->keys[i]; i++)
		if (!strv_contains(keys, set->keys[i]))
			return false;
	return true;
}

static void add_set(struct buf *out, const struct set *set)
{
	if (out->len)
		buf_adds(out, ", or ");
	for (size_t i = 0; i < MAX_KEYS && set->keys[i]; i++)
		buf_addf(out, "%s%s", i ? " and " : "", set->keys[i]);
}

int arm_config_check_secret(struct json_object *properties, const char *type,
	const struct strv *keys, struct error *err)
{
	const struct arm_config_kind *kind = arm_config_kind_of(properties);
	const char *url = json_str(properties, kind->member, "url");
	bool ssh = url && arm_config_url_is_ssh(url);
	autobuf wanted = BUF_INIT;
	autofree char *has = strv_join(keys, ", ");

	if (streq(kind->name, "oci") && !streq(type, "kubernetes.io/dockerconfigjson"))
		return error_set(err, ERROR_FAILED,
			"it has the type '%s', and a registry needs "
			"kubernetes.io/dockerconfigjson",
			type ? type : "Opaque");
	for (size_t i = 0; i < countof(sets); i++) {
		if (!streq(sets[i].kind, kind->name) ||
			(sets[i].scheme != ANY_SCHEME && (sets[i].scheme == SSH) != ssh))
			continue;
		if (has_all(&sets[i], keys))
			return 0;
		add_set(&wanted, &sets[i]);
	}
	return error_set(err, ERROR_FAILED,
		"it has the keys %s, and a source of kind %s%s needs %s", *has ? has : "(none)",
		kind->name, streq(kind->name, "git") ? (ssh ? " over ssh" : " over https") : "",
		wanted.ptr);
}

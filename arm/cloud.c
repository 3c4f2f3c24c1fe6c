/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "arm/auth_http.h"
#include "arm/az_files.h"
#include "arm/cloud.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/os.h"
#include "base/url.h"

#define METADATA "/metadata/endpoints?api-version=2022-09-01"
#define CLOUDS "clouds.config"

/* CATALOG of the public clouds. */
/* clang-format off */
static const struct known {
	const char *name, *authority, *endpoint, *suffix;
} known_clouds[] = {
	{"AzureCloud",        "https://login.microsoftonline.com", "https://management.azure.com",         "kubernetesconfiguration.azure.com"},
	{"AzureUSGovernment", "https://login.microsoftonline.us",  "https://management.usgovcloudapi.net", "kubernetesconfiguration.azure.us"},
	{"AzureChinaCloud",   "https://login.chinacloudapi.cn",    "https://management.chinacloudapi.cn",  "kubernetesconfiguration.azure.cn"},
};

/* What else the authorities and the clouds are called: by Azure's libraries, by Terraform. */
static const struct { const char *alias, *name; } aliases[] = {
	{"public",                                 "AzureCloud"},
	{"AzurePublicCloud",                       "AzureCloud"},
	{"usgovernment",                           "AzureUSGovernment"},
	{"AzureUSGovernmentCloud",                 "AzureUSGovernment"},
	{"china",                                  "AzureChinaCloud"},
	{"https://login.partner.microsoftonline.cn", "AzureChinaCloud"},
};
/* clang-format on */

void arm_cloud_clear(struct arm_cloud *cloud)
{
	free(cloud->name);
	free(cloud->authority);
	free(cloud->endpoint);
	free(cloud->audience);
	free(cloud->suffix);
	*cloud = (struct arm_cloud)ARM_CLOUD_INIT;
}

/* By its name (may be NULL), an alias or its authority; NULL if unknown. */
static const struct known *find_known(const char *name)
{
	if (!name)
		return NULL;
	for (size_t i = 0; i < countof(aliases); i++)
		if (strcasecmp(name, aliases[i].alias) == 0)
			name = aliases[i].name;
	for (size_t i = 0; i < countof(known_clouds); i++)
		if (strcasecmp(name, known_clouds[i].name) == 0 ||
			strcasecmp(name, known_clouds[i].authority) == 0)
			return &known_clouds[i];
	return NULL;
}

static void take_known(const struct known *known, struct arm_cloud *ret)
{
	arm_cloud_clear(ret);
	*ret = (struct arm_cloud){
		.name = xstrdup(known->name),
		.authority = xstrdup(known->authority),
		.endpoint = xstrdup(known->endpoint),
		.audience = xstrdup(known->endpoint),
		.suffix = xstrdup(known->suffix),
	};
}

/* ---- addresses */

static size_t without_slashes(const char *text)
{
	size_t len = strlen(text);

	while (len && text[len - 1] == '/')
		len--;
	return len;
}

int arm_cloud_address(const char *text, const char *what, char **ret, struct error *err)
{
	/* Azure's libraries take a bare host too. */
	autofree char *whole = strstr(text, "://") ? xstrdup(text) : xasprintf("https://%s", text);
	autourl url = URL_INIT;

	*ret = NULL;
	whole[without_slashes(whole)] = '\0';
	if (!url_parse(whole, &url) || !str_set(url.host) || url.query || url.user ||
		(*url.path && !streq(url.path, "/adfs"))) {
		error_set(err, ERROR_CONFIG, "%s is no address of a server", what);
		return -1;
	}
	if (!streq(url.scheme, "https")) {
		error_set(err, ERROR_CONFIG,
			"%s is not https: credentials are sent over https alone", what);
		return -1;
	}
	*ret = TAKE(whole);
	return 0;
}

/* The authority, and whether it is AD FS. */
static int take_authority(
	struct arm_cloud *cloud, const char *text, const char *what, struct error *err)
{
	char *address;

	if (arm_cloud_address(text, what, &address, err) < 0)
		return -1;
	cloud->adfs = ends_with(address, "/adfs");
	if (cloud->adfs)
		address[strlen(address) - strlen("/adfs")] = '\0';
	free(cloud->authority);
	cloud->authority = address;
	return 0;
}

/* ---- metadata */

/* Of several clouds the one that is wanted. */
static struct json_object *pick(struct json_object *list, const char *name, const char *origin)
{
	for (size_t i = 0; i < json_len(list); i++) {
		struct json_object *cloud = json_item(list, i);
		const char *called = json_str(cloud, "name");
		const char *endpoint = json_str(cloud, "resourceManager");

		if (name ? called && strcasecmp(called, name) == 0
			 : endpoint && starts_with(endpoint, origin) &&
					!*(endpoint + strlen(origin) +
						strspn(endpoint + strlen(origin), "/")))
			return cloud;
	}
	return name ? NULL : json_item(list, 0);
}

/* ARM's own address if that is among the audiences, else the first of them. */
static char *metadata_audience(struct json_object *cloud, const char *endpoint)
{
	struct json_object *audiences = json_get(cloud, "authentication", "audiences");
	const char *first = json_text(json_item(audiences, 0));

	for (size_t i = 0; i < json_len(audiences); i++) {
		const char *audience = json_text(json_item(audiences, i));
		size_t len = without_slashes(audience);

		if (len == strlen(endpoint) && strncmp(audience, endpoint, len) == 0)
			return xstrdup(endpoint);
	}
	return xstrdup(str_set(first) ? first : endpoint);
}

static int read_metadata(struct json_object *document, const char *name, const char *origin,
	struct arm_cloud *ret, struct error *err)
{
	bool several = json_kind(document) == JSON_ARRAY;
	struct json_object *cloud = several ? pick(document, name, origin) : document;
	const char *authority = json_str(cloud, "authentication", "loginEndpoint");
	const char *provider = json_str(cloud, "authentication", "identityProvider");
	const char *endpoint = json_str(cloud, "resourceManager");
	const char *called = json_str(cloud, "name");
	const struct known *known = find_known(called);

	if (!cloud && name)
		return error_set(err, ERROR_CONFIG, "no cloud named '%s' is described there", name);
	if (!str_set(authority))
		return error_set(err, ERROR_CONFIG, "it does not describe a cloud");
	if (take_authority(ret, authority, "its sign-in address", err) < 0 ||
		arm_cloud_address(endpoint ? endpoint : origin, "its address of Resource Manager",
			&ret->endpoint, err) < 0)
		return -1;
	ret->adfs = ret->adfs || (provider && strcasecmp(provider, "ADFS") == 0);
	ret->name = xstrdup(called ? called : name ? name : "custom");
	ret->audience = metadata_audience(cloud, ret->endpoint);
	ret->suffix = xstrdup(known ? known->suffix : "");
	return 0;
}

int arm_cloud_read_metadata(const char *text, size_t len, const char *name, const char *origin,
	struct arm_cloud *ret, struct error *err)
{
	autojson struct json_object *document = NULL;

	arm_cloud_clear(ret);
	if (json_parse(text, len, &document, err) < 0 ||
		read_metadata(document, name, origin, ret, err) < 0) {
		arm_cloud_clear(ret);
		return -1;
	}
	return 0;
}

/* "https://host:port" of a URL, which has to be https. */
static int origin_of(const char *address, bool *has_path, char **ret, struct error *err)
{
	autourl url = URL_INIT;
	autobuf host = BUF_INIT;

	if (!url_parse(address, &url) || !streq(url.scheme, "https") || !str_set(url.host) ||
		url.user) {
		error_set(err, ERROR_CONFIG, "it has to be an https URL");
		return -1;
	}
	*has_path = str_set(url.path) && !streq(url.path, "/");
	url_host_port(&url, &host);
	if (ends_with(host.ptr, ":443"))
		buf_truncate(&host, host.len - strlen(":443"));
	*ret = xasprintf("https://%s", host.ptr);
	return 0;
}

static int ask_metadata(
	const char *address, const char *name, struct arm_cloud *ret, struct error *err)
{
	CLEANUP(auth_call_clear) struct auth_call call = AUTH_CALL_INIT;
	struct auth_http http = {0};
	autofree char *origin = NULL;
	autofree char *whole = NULL;
	bool has_path = false;

	if (origin_of(address, &has_path, &origin, err) < 0)
		return -1;
	whole = has_path ? xstrdup(address) : xasprintf("%s" METADATA, origin);
	call.url = whole;
	if (auth_http_send(&http, &call, err) < 0)
		return -1;
	if (call.status != 200)
		return error_set(
			err, ERROR_SERVER, "%s answered with status %d", origin, call.status);
	return arm_cloud_read_metadata(call.reply.ptr, call.reply.len, name, origin, ret, err);
}

/* ---- az's clouds */

static int custom_authority(const char *name, struct arm_cloud *ret, struct error *err)
{
	autofree char *authority = NULL;

	if (az_files_setting(CLOUDS, name, "endpoint_active_directory", &authority, err) < 0)
		return -1;
	if (!authority)
		return error_set(err, ERROR_CONFIG, "its endpoint_active_directory is not set");
	return take_authority(ret, authority, "its endpoint_active_directory", err);
}

/* A cloud of az's clouds.config. False in `*found` if there is none of this name. */
static int take_custom(const char *name, bool *found, struct arm_cloud *ret, struct error *err)
{
	autofree char *endpoint = NULL;
	autofree char *audience = NULL;

	arm_cloud_clear(ret);
	if (az_files_setting(CLOUDS, name, "endpoint_resource_manager", &endpoint, err) < 0 ||
		az_files_setting(
			CLOUDS, name, "endpoint_active_directory_resource_id", &audience, err) < 0)
		return -1;
	*found = endpoint != NULL;
	if (!endpoint)
		return 0;
	if (arm_cloud_address(endpoint, "its endpoint_resource_manager", &ret->endpoint, err) < 0 ||
		custom_authority(name, ret, err) < 0)
		return error_wrap(err, "cloud '%s' of az's clouds.config", name);
	ret->name = xstrdup(name);
	ret->audience = xstrdup(audience ? audience : ret->endpoint);
	ret->suffix = xstrdup("");
	return 0;
}

static int unknown_cloud(const char *name, struct error *err)
{
	struct nearest nearest = {.word = name};

	for (size_t i = 0; i < countof(known_clouds); i++)
		nearest_offer(&nearest, known_clouds[i].name);
	error_set(err, ERROR_CONFIG, "no cloud is known by the name '%s'", name);
	if (nearest.best)
		return error_hint(err, "did you mean %s?", nearest.best);
	return error_hint(err, "AzureCloud, AzureUSGovernment, AzureChinaCloud, or one that 'az "
			       "cloud list' shows; ARM_CLOUD_METADATA_URL describes others");
}

/* A cloud by its name: described by metadata where that is given, else of the catalog or az's. */
static int by_name(const char *name, const char *metadata, struct arm_cloud *ret, struct error *err)
{
	const struct known *known = find_known(name);
	bool found = false;

	if (metadata)
		return ask_metadata(metadata, name, ret, err) < 0
			       ? error_wrap(err, "ARM_CLOUD_METADATA_URL")
			       : 0;
	if (known) {
		take_known(known, ret);
		return 0;
	}
	if (take_custom(name, &found, ret, err) < 0)
		return -1;
	return found ? 0 : unknown_cloud(name, err);
}

/* Nobody named one: az's present cloud, else the one of the authority, else Azure itself. */
static int by_default(const char *authority, struct arm_cloud *ret, struct error *err)
{
	autofree char *of_az = NULL;
	const struct known *known = NULL;

	if (az_files_setting("config", "cloud", "name", &of_az, err) < 0)
		return -1;
	if (of_az)
		return by_name(of_az, NULL, ret, err);
	if (authority) {
		autofree char *address = NULL;

		if (arm_cloud_address(authority, "AZURE_AUTHORITY_HOST", &address, err) < 0)
			return -1;
		known = find_known(address);
	}
	take_known(known ? known : &known_clouds[0], ret);
	return 0;
}

int arm_cloud_choose(const char *name, struct arm_cloud *ret, struct error *err)
{
	const char *metadata = os_env("ARM_CLOUD_METADATA_URL");
	const char *authority = os_env("AZURE_AUTHORITY_HOST");
	int result;

	if (!name)
		name = os_env("AZURE_CLOUD_NAME");
	if (name)
		result = by_name(name, metadata, ret, err);
	else if (metadata)
		result = ask_metadata(metadata, NULL, ret, err) < 0
				 ? error_wrap(err, "ARM_CLOUD_METADATA_URL")
				 : 0;
	else
		result = by_default(authority, ret, err);
	if (result < 0 || !authority)
		return result;
	return take_authority(ret, authority, "AZURE_AUTHORITY_HOST", err);
}

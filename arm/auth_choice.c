/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "arm/auth_choice.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/nearest.h"
#include "base/os.h"

#define VARIABLE "AZURE_TOKEN_CREDENTIALS"
#define BIT(name) (1U << ARM_SOURCE_##name)
#define ENVIRONMENT (BIT(SECRET) | BIT(CERTIFICATE))
#define FEDERATED (BIT(WORKLOAD) | BIT(GITHUB) | BIT(PIPELINES))
#define EVERYTHING ((1U << ARM_SOURCES_COUNT) - 1)

/* CATALOG: what one may be called besides its own name: by Azure's libraries, by az, in short. */
/* clang-format off */
static const struct word { const char *name; unsigned sources; bool group; } words[] = {
	{"prod",                       ENVIRONMENT | FEDERATED | BIT(MANAGED), true},
	{"dev",                        BIT(AZ), false},
	{"EnvironmentCredential",      ENVIRONMENT, true},
	{"ClientSecretCredential",     BIT(SECRET), false},
	{"CertificateCredential",      BIT(CERTIFICATE), false},
	{"ClientCertificateCredential", BIT(CERTIFICATE), false},
	{"WorkloadIdentityCredential", BIT(WORKLOAD), false},
	{"AzurePipelinesCredential",   BIT(PIPELINES), false},
	{"ManagedIdentityCredential",  BIT(MANAGED), false},
	{"AzureCliCredential",         BIT(AZ), false},
	{"DeviceCodeCredential",       BIT(DEVICE), false},
	{"environment",                ENVIRONMENT, true},
	{"oidc",                       FEDERATED, true},
	{"msi",                        BIT(MANAGED), false},
	{"cli",                        BIT(AZ), false},
};
/* clang-format on */

void auth_choice_clear(struct auth_choice *choice)
{
	free(choice->why);
	*choice = (struct auth_choice)AUTH_CHOICE_INIT;
}

static bool find(const char *name, struct word *ret)
{
	for (unsigned i = 0; i < ARM_SOURCES_COUNT; i++)
		if (strcasecmp(name, arm_source_name((enum arm_source)i)) == 0) {
			*ret = (struct word){name, 1U << i, false};
			return true;
		}
	for (size_t i = 0; i < countof(words); i++)
		if (strcasecmp(name, words[i].name) == 0) {
			*ret = words[i];
			return true;
		}
	return false;
}

static int unknown(const char *name, bool typed, struct error *err)
{
	struct nearest nearest = {.word = name};
	autobuf all = BUF_INIT;

	for (unsigned i = 0; i < ARM_SOURCES_COUNT; i++) {
		nearest_offer(&nearest, arm_source_name((enum arm_source)i));
		buf_addf(&all, "%s%s", i ? ", " : "", arm_source_name((enum arm_source)i));
	}
	for (size_t i = 0; i < countof(words); i++)
		nearest_offer(&nearest, words[i].name);
	error_set(err, typed ? ERROR_USAGE : ERROR_CONFIG,
		"%s: '%s' is no way to sign in that is known here", typed ? "--auth" : VARIABLE,
		name);
	if (nearest.best)
		return error_hint(err, "did you mean %s?", nearest.best);
	return error_hint(err, "%s", all.ptr);
}

int auth_choose(const struct arm_login *login, struct auth_choice *ret, struct error *err)
{
	bool given = login->token_file || login->token_fd >= 0;
	const char *name = login->auth ? login->auth : given ? NULL : os_env(VARIABLE);
	struct word word = {NULL, EVERYTHING, true};

	if (name && !find(name, &word))
		return unknown(name, login->auth != NULL, err);
	if (login->auth && given && !(word.sources & BIT(TOKEN_FILE)))
		return error_set(err, ERROR_USAGE, "--auth %s and --token-file exclude each other",
			login->auth);
	for (unsigned i = 0; i < ARM_SOURCES_COUNT; i++)
		ret->allowed[i] = word.sources >> i & 1;
	ret->named = name && !word.group;
	if (name)
		ret->why = xasprintf("left out by %s%s%s", login->auth ? "--auth" : VARIABLE,
			login->auth ? " " : "=", name);
	return 0;
}

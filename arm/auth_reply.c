/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

#include "arm/auth.h"
#include "arm/jwt.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"

#define MAX_DESCRIPTION 1000
/* From this length on a word with digits and letters of both cases may be a token. */
#define TOKEN_LIKE 32
/* Nothing lives longer; more is taken for nonsense. */
#define LONGEST_SECONDS ((int64_t)10 * 366 * 86400)

/* CATALOG: what to do about a refusal, by the number behind AADSTS or by the word of OAuth. */
/* clang-format off */
static const struct { const char *code, *hint; } hints[] = {
	{"16000",    "sign in anew, to one tenant: 'az login --tenant TENANT'"},
	{"50005",    "Conditional Access lets no such platform in: ask who administers the tenant"},
	{"50020",    "this account is a guest at most in that tenant: 'az login --tenant TENANT' with an account that it has"},
	{"50034",    "there is no such account in the tenant: look at the tenant that is signed in to"},
	{"50057",    "the account is disabled: ask who administers the tenant"},
	{"50076",    "a second factor is wanted: 'az login --tenant TENANT', or --auth device-code; a service principal needs none"},
	{"50078",    "the second factor has expired: sign in anew with 'az login --tenant TENANT'"},
	{"50079",    "a second factor has to be set up first: sign in once with a browser"},
	{"50105",    "the application asks for an assignment: assign the account to it, or ask who administers the tenant"},
	{"50158",    "a further step of sign-in is wanted: 'az login --tenant TENANT'"},
	{"50173",    "the password was changed since: sign in anew with 'az login'"},
	{"50194",    "the application belongs to one tenant: name it with --tenant or AZURE_TENANT_ID"},
	{"53000",    "Conditional Access wants a managed device: sign in from one, or use a service principal"},
	{"53003",    "a policy of Conditional Access blocks this sign-in: ask who administers the tenant, with the ids above"},
	{"65001",    "nobody has consented to this application: ask who administers the tenant"},
	{"70008",    "the sign-in has expired: 'az login'"},
	{"70016",    "the code waits for its person still"},
	{"70043",    "the sign-in has expired by a policy of Conditional Access: 'az login'"},
	{"70021",    "no federated credential of the application fits: compare issuer, subject and audience with 'az ad app federated-credential list --id CLIENT' or 'az identity federated-credential list'"},
	{"700016",   "look at AZURE_CLIENT_ID, and whether AZURE_TENANT_ID is the tenant that has this application"},
	{"700024",   "the clock of this machine is wrong: the assertion is not valid at the authority's time"},
	{"700027",   "the certificate is not registered with the application, or its registration has expired: 'az ad app credential list --cert --id CLIENT' tells those that are"},
	{"700030",   "the certificate is not the one that is registered: 'az ad app credential list --cert --id CLIENT'"},
	{"700082",   "the sign-in has expired, since it was not used for long: 'az login'"},
	{"700211",   "no federated credential of the application has this issuer: 'identity show' compares them with the cluster's"},
	{"700212",   "no federated credential of the application has this audience: it should be api://AzureADTokenExchange"},
	{"700213",   "no federated credential of the application has this subject: compare it, letter for letter, with 'az ad app federated-credential list --id CLIENT' or 'az identity federated-credential list'"},
	{"7000112",  "the application is disabled: ask who administers the tenant"},
	{"7000114",  "the application does not let this account act for others"},
	{"7000215",  "AZURE_CLIENT_SECRET has to be the secret's value, not its id; 'az ad app credential reset --id CLIENT' makes a new one"},
	{"7000218",  "the application is no public client: allow public client flows in its registration, or name another with AZURE_CLIENT_ID"},
	{"7000222",  "the secret has expired: 'az ad app credential reset --id CLIENT' makes a new one"},
	{"7000229",  "the application has no service principal in this tenant: 'az ad sp create --id CLIENT'"},
	{"90002",    "look at AZURE_TENANT_ID or --tenant, and at the cloud: each has tenants of its own"},
	{"90019",    "name a tenant with --tenant or AZURE_TENANT_ID"},
	{"90072",    "this account does not belong to that tenant: 'az login --tenant TENANT' with one that does"},
	{"90094",    "an administrator of the tenant has to consent first"},
	{"500011",   "the tenant does not know Azure Resource Manager by this name: look at the cloud (--cloud)"},
	{"900023",   "AZURE_TENANT_ID or --tenant is neither an id nor a domain of a tenant"},
	{"900382",   "the tenant is of another cloud: look at --cloud and AZURE_AUTHORITY_HOST"},
	{"900971",   "the application has no address to answer to: it is not made for this way to sign in"},
	{"interaction_required", "sign in anew with 'az login', or use a service principal"},
	{"invalid_grant",  "the sign-in has expired or was withdrawn: sign in anew"},
};
/* clang-format on */

static const char *find_hint(const char *code)
{
	for (size_t i = 0; i < countof(hints); i++)
		if (streq(code, hints[i].code))
			return hints[i].hint;
	return NULL;
}

void auth_token_clear(struct auth_token *token)
{
	str_wipe(&token->text);
	*token = (struct auth_token)AUTH_TOKEN_INIT;
}

bool auth_is_token(const char *text, size_t len)
{
	if (!len || len > JWT_MAX_BYTES)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f)
			return false;
	return true;
}

/* ---- expiry */

/* A number, or a text of digits, perhaps with a fraction: whole seconds; -1 for anything else. */
static int64_t whole_number(struct json_object *value)
{
	const char *text = json_text(value);
	enum json_kind kind = json_kind(value);
	char *end;
	long long number;

	if (kind == JSON_DOUBLE)
		return json_double(value) >= 0 && json_double(value) < 1e12
			       ? (int64_t)json_double(value)
			       : -1;
	if ((kind != JSON_INT && kind != JSON_STRING) || !isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (*end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	return errno || *end ? -1 : number;
}

/* "1/23/2026 5:06:07 AM +00:00", as the service of 2017-09-01 writes it; TIME_NONE for other texts. */
static int64_t old_date(const char *text)
{
	int month;
	int day;
	int year;
	int hour;
	int minute;
	int second;
	int used = 0;
	char stamp[40];

	/* NOLINTNEXTLINE(cert-err34-c): what is out of range, time_parse() refuses */
	if (sscanf(text, "%2d/%2d/%4d %2d:%2d:%2d%n", &month, &day, &year, &hour, &minute, &second,
		    &used) != 6)
		return TIME_NONE;
	text += used;
	if (starts_with(text, " PM") && hour < 12)
		hour += 12;
	else if (starts_with(text, " AM") && hour == 12)
		hour = 0;
	if (!ends_with(text, " +00:00"))
		return TIME_NONE;
	snprintf(stamp, sizeof(stamp), "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, hour,
		minute, second);
	return time_parse(stamp);
}

static int64_t moment_of(struct json_object *value)
{
	int64_t seconds = whole_number(value);
	int64_t moment;

	if (seconds >= 0)
		return seconds < INT64_MAX / 1000 ? seconds * 1000 : TIME_NONE;
	if (json_kind(value) != JSON_STRING)
		return TIME_NONE;
	moment = time_parse(json_text(value));
	return moment != TIME_NONE ? moment : old_date(json_text(value));
}

/* In seconds, as a length in milliseconds; -1 if it is none. */
static int64_t length_of(struct json_object *value)
{
	int64_t seconds = whole_number(value);

	return seconds < 0 || seconds > LONGEST_SECONDS ? -1 : seconds * 1000;
}

static int take_expiry(
	struct json_object *reply, int64_t date, struct auth_token *ret, struct error *err)
{
	int64_t now = date == TIME_NONE ? time_now() : date;
	int64_t moment = moment_of(json_get(reply, "expires_on"));

	ret->refresh_ms = length_of(json_get(reply, "refresh_in"));
	ret->life_ms = length_of(json_get(reply, "expires_in"));
	if (ret->life_ms < 0 && moment != TIME_NONE && moment / 1000 < now / 1000 + LONGEST_SECONDS)
		ret->life_ms = moment > now ? moment - now : 0;
	if (ret->life_ms == 0 && date != TIME_NONE)
		return error_set(err, ERROR_SERVER, "the token has expired already");
	/* Expired by our own clock alone: that may be the one that is wrong. */
	if (ret->life_ms == 0)
		ret->life_ms = -1;
	ret->expires = ret->life_ms >= 0 ? now + ret->life_ms : moment;
	return 0;
}

int auth_reply_read(
	const char *body, size_t len, int64_t date, struct auth_token *ret, struct error *err)
{
	autojson struct json_object *reply = NULL;
	struct json_object *text;
	const char *type;

	if (json_parse(body, len, &reply, NULL) < 0 || json_kind(reply) != JSON_OBJECT)
		return error_set(err, ERROR_SERVER, "the reply is no JSON object");
	text = json_get(reply, "access_token");
	type = json_str(reply, "token_type");
	if (json_kind(text) != JSON_STRING ||
		!auth_is_token(json_text(text), json_string_len(text)))
		return error_set(err, ERROR_SERVER, "the reply has no access token");
	if (type && strcasecmp(type, "Bearer") != 0)
		return error_set(err, ERROR_SERVER,
			"the reply's token is of another type than "
			"Bearer");
	auth_token_clear(ret);
	if (take_expiry(reply, date, ret, err) < 0)
		return -1;
	ret->text = xstrdup(json_text(text));
	return 0;
}

/* ---- refusals */

static bool may_be_token(const char *word, size_t len)
{
	bool upper = false;
	bool lower = false;
	bool digit = false;

	for (size_t i = 0; i < len; i++) {
		upper = upper || isupper((unsigned char)word[i]);
		lower = lower || islower((unsigned char)word[i]);
		digit = digit || isdigit((unsigned char)word[i]);
	}
	return len >= TOKEN_LIKE && upper && lower && digit;
}

char *auth_clean_text(const char *text, size_t limit)
{
	static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789-._~+=";
	struct buf out = BUF_INIT;

	while (*text && out.len < limit) {
		size_t len = strspn(text, word);

		if (may_be_token(text, len))
			buf_adds(&out, "<masked>");
		else if (len)
			buf_add(&out, text, len);
		else
			buf_addc(&out, (unsigned char)*text < ' ' ? ' ' : *text);
		text += len ? len : 1;
	}
	if (out.len > limit)
		buf_truncate(&out, limit);
	buf_trim(&out);
	return buf_detach(&out);
}

/* "AADSTS7000215: …": the number; else the word of OAuth. Owned. */
static char *code_of(const char *description, const char *word)
{
	const char *number = strstr(description, "AADSTS");
	size_t digits;

	if (!number)
		return xstrdup(word);
	number += strlen("AADSTS");
	digits = strspn(number, "0123456789");
	return digits ? xstrndup(number, digits) : xstrdup(word);
}

/* What the authority says without the ids, which it puts behind in lines or in one. */
static char *description_of(struct json_object *reply)
{
	const char *text = json_str(reply, "error_description");
	const char *end;
	autofree char *whole = NULL;

	if (!text) /* the oldest services: {"message":…} */
		text = json_str(reply, "message");
	whole = xstrdup(text ? text : "");
	end = strstr(whole, "Trace ID:");
	if (end)
		whole[end - whole] = '\0';
	return auth_clean_text(whole, MAX_DESCRIPTION);
}

static void add_id(struct buf *out, struct json_object *reply, const char *key, const char *name)
{
	const char *value = json_str(reply, key);

	if (!str_set(value))
		return;
	autofree char *text = auth_clean_text(value, 64);
	buf_addf(out, "%s%s %s", out->len ? ", " : "", name, text);
}

int auth_reply_refusal(const char *body, size_t len, int status, char **code, struct error *err)
{
	autojson struct json_object *reply = NULL;
	autofree char *description = NULL;
	autofree char *word = NULL;
	autofree char *number = NULL;
	autobuf ids = BUF_INIT;
	bool parsed = json_parse(body, len, &reply, NULL) == 0;

	if (!parsed || !json_str(reply, "error"))
		return error_set(err, ERROR_SERVER, "it answered with status %d%s", status,
			status / 100 == 3 ? ", a redirect, which is not followed" : "");
	word = auth_clean_text(json_str(reply, "error"), 64);
	description = description_of(reply);
	number = code_of(description, word);
	add_id(&ids, reply, "trace_id", "trace id");
	add_id(&ids, reply, "correlation_id", "correlation id");
	error_set(err, ERROR_UNAUTHORIZED, "%s%s%s%s%s", *description ? description : word,
		ids.len ? " (" : "", ids.ptr, ids.len ? ")" : "",
		json_str(reply, "claims") ? "; it wants further proof" : "");
	if (find_hint(number))
		error_hint(err, "%s", find_hint(number));
	else if (find_hint(word))
		error_hint(err, "%s", find_hint(word));
	if (code)
		*code = TAKE(number);
	return -1;
}

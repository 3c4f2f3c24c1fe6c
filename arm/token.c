/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of sources, and the tokens that it gave. */
#include "base/base.h"

#include <strings.h>

#include "arm/auth.h"
#include "arm/auth_choice.h"
#include "arm/jwt.h"
#include "arm/token.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "base/time.h"

/* A token with less than this left is renewed; one with less than the second is not used. */
#define RENEW_MS ((int64_t)5 * 60 * 1000)
#define USABLE_MS ((int64_t)2 * 60 * 1000)
/* Tokens of machines live a day: those with so long are renewed at half their life. */
#define LONG_LIFE_MS ((int64_t)2 * 3600 * 1000)
/* Of a token that does not say how long it lives, and after a failed renewal. */
#define UNKNOWN_MS ((int64_t)5 * 60 * 1000)
#define AGAIN_MS ((int64_t)30 * 1000)
#define MAX_AUDIENCES 4

/* clang-format off */
static const struct auth_source *const sources[ARM_SOURCES_COUNT] = {
	[ARM_SOURCE_TOKEN_FILE]  = &auth_file,
	[ARM_SOURCE_SECRET]      = &auth_secret,
	[ARM_SOURCE_CERTIFICATE] = &auth_certificate,
	[ARM_SOURCE_WORKLOAD]    = &auth_workload,
	[ARM_SOURCE_GITHUB]      = &auth_github,
	[ARM_SOURCE_PIPELINES]   = &auth_pipelines,
	[ARM_SOURCE_MANAGED]     = &auth_managed,
	[ARM_SOURCE_AZ]          = &auth_az,
	[ARM_SOURCE_DEVICE]      = &auth_device,
};
/* clang-format on */

/* A token in memory, for one audience. */
struct held {
	char *audience;
	struct auth_token token;
	int64_t renew_ms;        /* after its receipt */
	int64_t wall, monotonic; /* of its receipt, by both clocks */
	enum arm_source source;
};

struct arm_tokens {
	struct auth auth;
	struct held held[MAX_AUDIENCES];
	const struct held *last; /* given out last; NULL: none */
	bool chosen;             /* by a chain that went through: asked alone from now on */
	enum arm_source source;
	struct arm_source_report report[ARM_SOURCES_COUNT];
};

const char *arm_source_name(enum arm_source source)
{
	static const char *const names[] = {
#define X(name, word, text) word,
		ARM_SOURCES(X)
#undef X
	};

	return names[source];
}

const char *arm_source_text(enum arm_source source)
{
	static const char *const texts[] = {
#define X(name, word, text) text,
		ARM_SOURCES(X)
#undef X
	};

	return texts[source];
}

struct arm_tokens *arm_tokens_new(const struct arm_login *login)
{
	struct arm_tokens *tokens = xcalloc(1, sizeof(*tokens));

	os_forbid_core_dumps();
	tokens->auth = (struct auth){
		.login = login,
		.http = {login->user_agent, login->tick, login->tick_ctx},
		.given = BUF_INIT,
	};
	for (int i = 0; i < ARM_SOURCES_COUNT; i++)
		tokens->report[i].source = (enum arm_source)i;
	return tokens;
}

static void held_clear(struct held *held)
{
	free(held->audience);
	auth_token_clear(&held->token);
	memset(held, 0, sizeof(*held));
}

void arm_tokens_free(struct arm_tokens *tokens)
{
	if (!tokens)
		return;
	for (size_t i = 0; i < MAX_AUDIENCES; i++)
		held_clear(&tokens->held[i]);
	for (size_t i = 0; i < ARM_SOURCES_COUNT; i++)
		free(tokens->report[i].why);
	buf_wipe(&tokens->auth.given);
	free(tokens);
}

/* ---- what is held */

/* Since its receipt, by the clock that went further: one stands still while a machine sleeps, the other
 * is set by hand. */
static int64_t age_of(const struct held *held)
{
	int64_t wall = time_now() - held->wall;
	int64_t monotonic = time_monotonic() - held->monotonic;

	return wall > monotonic ? wall : monotonic;
}

static bool is_usable(const struct held *held)
{
	return held->token.text &&
	       (held->token.life_ms < 0 || age_of(held) < held->token.life_ms - USABLE_MS);
}

static int64_t renewal_of(const struct auth_token *token, enum arm_source source)
{
	int64_t life = token->life_ms;

	if (life < 0)
		return UNKNOWN_MS;
	if (token->refresh_ms >= 0 && token->refresh_ms < life - RENEW_MS)
		return token->refresh_ms;
	if (source == ARM_SOURCE_MANAGED && life >= LONG_LIFE_MS)
		return life / 2;
	return life > RENEW_MS ? life - RENEW_MS : 0;
}

/* The place for an audience: its own, an empty one, else the first. */
static struct held *place_for(struct arm_tokens *tokens, const char *audience)
{
	for (size_t i = 0; i < MAX_AUDIENCES; i++)
		if (!tokens->held[i].audience || streq(tokens->held[i].audience, audience))
			return &tokens->held[i];
	return &tokens->held[0];
}

static void hold(
	struct held *held, const char *audience, struct auth_token *token, enum arm_source source)
{
	held_clear(held);
	held->audience = xstrdup(audience);
	held->token = *token;
	*token = (struct auth_token)AUTH_TOKEN_INIT;
	held->renew_ms = renewal_of(&held->token, source);
	held->wall = time_now();
	held->monotonic = time_monotonic();
	held->source = source;
}

/* ---- the chain */

static void pass_over(struct arm_source_report *report, char *why)
{
	free(report->why);
	report->why = why;
	report->used = false;
}

static int ask_source(struct arm_tokens *tokens, enum arm_source source, struct auth_token *ret,
	struct error *err)
{
	struct arm_source_report *report = &tokens->report[source];

	report->asked = true;
	if (sources[source]->get(&tokens->auth, ret, err) < 0) {
		pass_over(report, xstrdup(err->message));
		return error_wrap(err, "%s", arm_source_text(source));
	}
	free(TAKE(report->why));
	report->used = true;
	tokens->chosen = true;
	tokens->source = source;
	return 0;
}

static int hint_all(struct error *err)
{
	return error_hint(err,
		"'az login', or --auth device-code, or AZURE_TENANT_ID, AZURE_CLIENT_ID and "
		"AZURE_CLIENT_SECRET; 'login status --help' lists every way");
}

/* Nothing had a token: what each source said, without those that somebody left out. */
static int nobody(struct arm_tokens *tokens, const struct auth_choice *choice,
	const struct error *last, struct error *err)
{
	autobuf text = BUF_INIT;

	for (size_t i = 0; i < ARM_SOURCES_COUNT; i++)
		if (tokens->report[i].why && choice->allowed[i])
			buf_addf(&text, "%s%s: %s", choice->named ? "" : "\n  ",
				arm_source_name((enum arm_source)i), tokens->report[i].why);
	error_set(err, ERROR_UNAUTHORIZED, "nobody is signed in to Azure%s%s",
		choice->named ? ": " : "", text.ptr);
	return last->hint && choice->named ? error_hint(err, "%s", last->hint) : hint_all(err);
}

static int run_chain(struct arm_tokens *tokens, const struct auth_choice *choice,
	struct auth_token *ret, struct error *err)
{
	autoerror failure = ERROR_INIT;

	for (size_t i = 0; i < ARM_SOURCES_COUNT; i++) {
		enum arm_source source = (enum arm_source)i;
		char *why = choice->allowed[i] ? sources[i]->absent(&tokens->auth)
					       : xstrdup(choice->why);

		if (why) {
			pass_over(&tokens->report[i], why);
			continue;
		}
		if (ask_source(tokens, source, ret, &failure) == 0)
			return 0;
		/* Somebody meant it to work. */
		if (failure.kind != ERROR_NOT_FOUND)
			return error_move(err, &failure);
	}
	return nobody(tokens, choice, &failure, err);
}

static int get_token(struct arm_tokens *tokens, struct auth_token *ret, struct error *err)
{
	CLEANUP(auth_choice_clear) struct auth_choice choice = AUTH_CHOICE_INIT;

	if (tokens->chosen)
		return ask_source(tokens, tokens->source, ret, err);
	if (auth_choose(tokens->auth.login, &choice, err) < 0)
		return -1;
	tokens->auth.named = choice.named;
	return run_chain(tokens, &choice, ret, err);
}

/* What claims ask for is a new token: the same again does not answer them. */
static int check_new(const struct arm_tokens *tokens, const struct held *held,
	const struct auth_token *token, struct error *err)
{
	if (!tokens->auth.claims || !held->token.text || !streq(held->token.text, token->text))
		return 0;
	return error_set(err, ERROR_UNAUTHORIZED,
		"Azure wants a new sign-in, and %s has the same token still",
		arm_source_text(tokens->source));
}

int arm_token(struct arm_tokens *tokens, const char *audience, const char *claims, const char **ret,
	struct error *err)
{
	CLEANUP(auth_token_clear) struct auth_token token = AUTH_TOKEN_INIT;
	struct held *held = place_for(tokens, audience);
	bool ours = streq(held->audience, audience);
	autoerror failure = ERROR_INIT;

	if (claims || !ours || !is_usable(held) || age_of(held) >= held->renew_ms) {
		tokens->auth.audience = audience;
		tokens->auth.claims = claims;
		if (get_token(tokens, &token, &failure) == 0 &&
			check_new(tokens, held, &token, &failure) == 0)
			hold(held, audience, &token, tokens->source);
		else if (claims || !ours || !is_usable(held))
			return error_move(err, &failure);
		else
			held->renew_ms = age_of(held) + AGAIN_MS;
	}
	tokens->last = held;
	*ret = held->token.text;
	return 0;
}

/* ---- what ARM says of tokens */

int64_t arm_tokens_now(const struct arm_tokens *tokens)
{
	return time_now() + tokens->auth.skew_ms;
}

void arm_tokens_saw_date(struct arm_tokens *tokens, const char *date)
{
	int64_t moment = time_parse_http(date);

	if (moment != TIME_NONE)
		tokens->auth.skew_ms = moment - time_now();
}

bool arm_tokens_refused(struct arm_tokens *tokens)
{
	bool again = tokens->chosen && tokens->source != ARM_SOURCE_TOKEN_FILE &&
		     tokens->source != ARM_SOURCE_DEVICE && tokens->source != ARM_SOURCE_AZ;

	for (size_t i = 0; again && i < MAX_AUDIENCES; i++)
		tokens->held[i].token.life_ms = 0;
	return again;
}

/* ---- reports */

size_t arm_tokens_report(const struct arm_tokens *tokens, const struct arm_source_report **ret)
{
	*ret = tokens->report;
	return ARM_SOURCES_COUNT;
}

void arm_identity_clear(struct arm_identity *identity)
{
	free(identity->name);
	free(identity->object_id);
	free(identity->app_id);
	free(identity->tenant);
	memset(identity, 0, sizeof(*identity));
}

/* The first of the claims that is a text, owned; NULL. */
static char *claim(struct json_object *claims, const char *const names[])
{
	for (; *names; names++)
		if (str_set(json_str(claims, *names)))
			return xstrdup(json_str(claims, *names));
	return NULL;
}

bool arm_tokens_identity(const struct arm_tokens *tokens, struct arm_identity *ret)
{
	static const char *const user[] = {"upn", "unique_name", "preferred_username", NULL};
	static const char *const names[] = {
		"upn", "unique_name", "preferred_username", "app_displayname", NULL};
	static const char *const object[] = {"oid", NULL};
	static const char *const app[] = {"appid", "azp", NULL};
	static const char *const tenant[] = {"tid", NULL};
	autojson struct json_object *claims = NULL;
	autofree char *person = NULL;

	if (!tokens->last || !tokens->last->token.text)
		return false;
	claims = jwt_claims(tokens->last->token.text);
	person = claim(claims, user);
	*ret = (struct arm_identity){
		.source = tokens->last->source,
		.name = claim(claims, names),
		.object_id = claim(claims, object),
		.app_id = claim(claims, app),
		.tenant = claim(claims, tenant),
		.is_user = person || streq(json_str(claims, "idtyp"), "user"),
		.expires = jwt_moment(claims, "exp"),
	};
	if (ret->expires == TIME_NONE)
		ret->expires = tokens->last->token.expires;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "arm/client_internal.h"
#include "arm/error.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"

#define FIRST_POLL_MS 2000
#define LONGEST_POLL_MS 30000
#define MAX_POLL_MS ((int64_t)5 * 60 * 1000)
/* An operation that was begun a moment ago may not be known everywhere yet. */
#define MAX_UNKNOWN 5
#define MAX_POLLS 20000

void arm_operation_clear(struct arm_operation *operation)
{
	free(operation->url);
	free(operation->resource);
	free(operation->api_version);
	free(operation->status);
	json_free(operation->reply);
	*operation = (struct arm_operation)ARM_OPERATION_INIT;
}

/* ---- states */

static bool is_word(const char *text, const char *word)
{
	return text && strcasecmp(text, word) == 0;
}

/* All others are states on the way, known or not. */
static bool is_terminal(const char *status)
{
	return is_word(status, "Succeeded") || is_word(status, "Failed") ||
	       is_word(status, "Canceled") || is_word(status, "Cancelled");
}

/* Of an operation, or of a resource that is polled in its place. */
static const char *status_of(struct json_object *reply)
{
	const char *status = json_str(reply, "status");

	return status ? status : json_str(reply, "properties", "provisioningState");
}

/* ---- beginning */

static int poll_resource(
	struct arm *arm, struct arm_request *request, struct arm_operation *ret, struct error *err)
{
	ret->by_resource = true;
	return arm_url(arm, request, &ret->url, err);
}

static bool is_ready(const struct arm_request *request)
{
	const char *state = json_str(request->reply, "properties", "provisioningState");

	if (request->status == 202)
		return false;
	return !state || is_word(state, "Succeeded") || streq(request->method, "DELETE");
}

/* The path of the resource without what a request adds to it. */
static char *bare_path(const char *path)
{
	return xstrndup(path, strcspn(path, "?#"));
}

static int begin_waiting(
	struct arm *arm, struct arm_request *request, struct arm_operation *ret, struct error *err)
{
	struct arm_request poll = ARM_REQUEST_INIT;
	autofree char *checked = NULL;

	ret->delay_ms = request->retry_after_ms >= 0 ? request->retry_after_ms : FIRST_POLL_MS;
	if (!request->operation) {
		poll.path = ret->resource;
		poll.api_version = ret->api_version;
		return poll_resource(arm, &poll, ret, err);
	}
	poll.path = request->operation;
	if (arm_url(arm, &poll, &checked, err) < 0)
		return error_wrap(err, "the operation has begun, but cannot be followed");
	ret->url = TAKE(checked);
	return 0;
}

int arm_operation_begin(
	struct arm *arm, struct arm_request *request, struct arm_operation *ret, struct error *err)
{
	if (arm_send(arm, request, err) < 0)
		return -1;
	arm_operation_clear(ret);
	ret->resource = bare_path(request->path);
	ret->api_version = xstrdup_or_null(request->api_version);
	ret->deletes = streq(request->method, "DELETE");
	if (request->operation || !is_ready(request))
		return begin_waiting(arm, request, ret, err);
	str_replace(&ret->status, "Succeeded");
	ret->reply = TAKE(request->reply);
	return 0;
}

/* ---- taking up again */

/* The value of api-version in a URL's query, in any case; owned; NULL. */
static char *version_in(const char *url)
{
	static const char key[] = "api-version=";
	const char *at = strchr(url, '?');

	for (; at; at = strpbrk(at + 1, "&"))
		if (strncasecmp(at + 1, key, sizeof(key) - 1) == 0)
			return xstrndup(at + sizeof(key), strcspn(at + sizeof(key), "&#"));
	return NULL;
}

/* Cut "/operations/ID" from the end. False if it does not end so. */
static bool cut_operation(char *path)
{
	static const char word[] = "/operations";
	char *id = strrchr(path, '/');
	char *at;

	if (!id || id == path || !id[1])
		return false;
	*id = '\0';
	at = strrchr(path, '/');
	if (at && strcasecmp(at, word) == 0) {
		*at = '\0';
		return true;
	}
	*id = '/';
	return false;
}

int arm_operation_resume(
	struct arm *arm, const char *url, struct arm_operation *ret, struct error *err)
{
	struct arm_request poll = ARM_REQUEST_INIT;
	autofree char *checked = NULL;

	poll.path = url;
	if (arm_url(arm, &poll, &checked, err) < 0)
		return -1;
	arm_operation_clear(ret);
	ret->resource = bare_path(checked);
	ret->api_version = version_in(checked);
	ret->by_resource = !cut_operation(ret->resource);
	ret->url = TAKE(checked);
	if (ret->api_version)
		return 0;
	return error_set(err, ERROR_USAGE,
		"the address of an operation carries its api-version: "
		"'…/operations/ID?api-version=…'");
}

/* ---- what went wrong */

static void add_statuses(struct buf *out, struct json_object *statuses)
{
	for (size_t i = 0; i < json_len(statuses) && i < 20; i++) {
		struct json_object *item = json_item(statuses, i);
		const char *message = json_str(item, "message");

		if (!str_set(message) || is_word(json_str(item, "level"), "Information") ||
			is_word(json_str(item, "complianceState"), "Compliant"))
			continue;
		if (out->len)
			buf_addc(out, '\n');
		buf_adds(out, message);
	}
}

char *arm_resource_problem(struct json_object *resource)
{
	struct json_object *properties = json_get(resource, "properties");
	CLEANUP(arm_failure_clear) struct arm_failure failure = ARM_FAILURE_INIT;
	struct json_object *info = json_get(properties, "errorInfo");
	const char *message = json_str(properties, "errorMessage");
	struct buf out = BUF_INIT;

	if (str_set(message))
		arm_failure_of(json_get(properties, "errorMessage"), &failure);
	else if (info)
		arm_failure_of(info, &failure);
	if (str_set(failure.message))
		buf_adds(&out, failure.message);
	else
		add_statuses(&out, json_get(properties, "statuses"));
	if (out.len)
		return buf_detach(&out);
	buf_clear(&out);
	return NULL;
}

/* The operation's own words, then the resource's where they say something else. */
static int fail(struct arm *arm, struct arm_operation *operation, struct json_object *reply,
	struct error *err)
{
	CLEANUP(arm_failure_clear) struct arm_failure failure = ARM_FAILURE_INIT;
	autojson struct json_object *resource = NULL;
	autofree char *problem = NULL;
	autofree char *text = NULL;
	autoerror ignored = ERROR_INIT;
	struct json_object *error = json_get(reply, "error");

	arm_failure_of(error ? error : json_get(reply, "properties", "error"), &failure);
	if (operation->by_resource)
		resource = json_ref(reply);
	else if (arm_get(arm, operation->resource, operation->api_version, &resource, &ignored) < 0)
		resource = NULL;
	problem = arm_resource_problem(resource);
	if (problem && !str_set(failure.message))
		str_replace(&failure.message, problem);
	else if (problem && !strstr(problem, failure.message))
		text = xasprintf("and the resource says: %s", problem);
	if (problem)
		buf_addf(&failure.whole, ": %s\n", problem);
	if (!str_set(failure.message))
		str_replace(&failure.message, "no reason was given");
	arm_failure_error(&failure, 0, text, err);
	return error_wrap(err, "the operation ended as '%s'", operation->status);
}

/* ---- waiting */

static int finish(struct arm *arm, struct arm_operation *operation, struct json_object *reply,
	struct error *err)
{
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;

	if (!is_word(operation->status, "Succeeded"))
		return fail(arm, operation, reply, err);
	if (operation->deletes || !operation->resource)
		return 0;
	if (operation->by_resource) {
		operation->reply = json_ref(reply);
		return 0;
	}
	request.path = operation->resource;
	request.api_version = operation->api_version;
	/* Of an operation that is taken up again nobody knows whether it deleted. */
	request.absent_ok = true;
	if (arm_send(arm, &request, err) < 0)
		return error_wrap(err, "the operation has succeeded, but reading the result");
	operation->reply = TAKE(request.reply);
	return 0;
}

int arm_operation_look(struct arm_operation *operation, const struct arm_request *poll,
	unsigned *unknown, struct error *err)
{
	const char *status = status_of(poll->reply);

	if (poll->status == 404) {
		if (operation->deletes) {
			str_replace(&operation->status, "Succeeded");
			return 1;
		}
		if (++*unknown <= MAX_UNKNOWN)
			return 0;
		return error_set(err, ERROR_NOT_FOUND,
			"Azure does not know the operation (any more): it may have ended long ago");
	}
	*unknown = 0;
	/* A resource without a state is one that is there. */
	if (!status)
		status = operation->by_resource && !operation->deletes ? "Succeeded" : "Running";
	/* It is not marked as being deleted yet. */
	if (operation->by_resource && operation->deletes && is_word(status, "Succeeded"))
		status = "Deleting";
	str_replace(&operation->status, status);
	return is_terminal(status);
}

static int64_t next_delay(const struct arm_request *poll, unsigned polls)
{
	int64_t delay = FIRST_POLL_MS;

	if (poll->retry_after_ms >= 0)
		return poll->retry_after_ms < MAX_POLL_MS ? poll->retry_after_ms : MAX_POLL_MS;
	while (polls-- && delay < LONGEST_POLL_MS)
		delay = delay * 3 / 2;
	return delay < LONGEST_POLL_MS ? delay : LONGEST_POLL_MS;
}

static int explain_interrupt(const struct arm_operation *operation, struct error *err)
{
	if (!os_interrupted())
		return error_hint(err,
			"the operation goes on in Azure; wait for it again with: kubectl flux-arc "
			"operation wait '%s'",
			operation->url);
	error_set(err, ERROR_FAILED, "interrupted: the operation goes on in Azure");
	return error_hint(err, "wait for it again with: kubectl flux-arc operation wait '%s'",
		operation->url);
}

static int poll_once(struct arm *arm, struct arm_operation *operation, unsigned polls,
	unsigned *unknown, struct error *err)
{
	CLEANUP(arm_request_clear) struct arm_request poll = ARM_REQUEST_INIT;
	int ended;

	poll.path = operation->url;
	poll.delay_ms = operation->delay_ms;
	poll.absent_ok = true;
	if (arm_send(arm, &poll, err) < 0)
		return explain_interrupt(operation, err);
	ended = arm_operation_look(operation, &poll, unknown, err);
	if (ended <= 0) {
		operation->delay_ms = next_delay(&poll, polls);
		return ended;
	}
	return finish(arm, operation, poll.reply, err) < 0 ? -1 : 1;
}

int arm_operation_wait(struct arm *arm, struct arm_operation *operation,
	void (*on_poll)(void *ctx, const char *status), void *ctx, struct error *err)
{
	unsigned unknown = 0;

	for (unsigned polls = 0; operation->url && polls < MAX_POLLS; polls++) {
		int ended = poll_once(arm, operation, polls, &unknown, err);

		if (ended)
			return ended < 0 ? -1 : 0;
		if (on_poll && operation->status)
			on_poll(ctx, operation->status);
	}
	if (!operation->url)
		return 0;
	error_set(err, ERROR_TIMEOUT, "the operation does not end");
	return explain_interrupt(operation, err);
}

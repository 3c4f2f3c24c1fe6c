/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <errno.h>

#include "arm/retry.h"
#include "base/sign.h"
#include "base/time.h"

#define FIRST_MS 800
#define LONGEST_MS 60000
/* Jitter: 80 to 130 percent. */
#define JITTER_LEAST 80
#define JITTER_RANGE 51

bool arm_retry_status(int status)
{
	return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

bool arm_retry_failure(enum http_failure failure)
{
	return failure == HTTP_NO_SUCH_HOST || failure == HTTP_REFUSED ||
	       failure == HTTP_TIMED_OUT || failure == HTTP_INTERRUPTED;
}

/* A whole number that is not negative; -1 for anything else, or if it is absent. */
static int64_t number(const char *text)
{
	char *end;
	long long value;

	if (!text || *text < '0' || *text > '9')
		return -1;
	errno = 0;
	value = strtoll(text, &end, 10);
	while (*end == ' ')
		end++;
	return errno || *end || value > INT32_MAX ? -1 : value;
}

static int64_t until_date(const struct http_call *call, const char *text)
{
	int64_t date = time_parse_http(text);
	int64_t now = time_parse_http(http_reply_header(call, "Date"));

	if (date == TIME_NONE)
		return -1;
	if (now == TIME_NONE)
		now = time_now();
	return date > now ? date - now : 0;
}

int64_t arm_retry_after(const struct http_call *call)
{
	const char *text = http_reply_header(call, "Retry-After");
	int64_t ms = number(http_reply_header(call, "retry-after-ms"));

	if (ms < 0)
		ms = number(http_reply_header(call, "x-ms-retry-after-ms"));
	if (ms >= 0 || !text)
		return ms;
	ms = number(text);
	return ms >= 0 ? ms * 1000 : until_date(call, text);
}

int64_t arm_retry_delay(const struct http_call *call, unsigned attempt)
{
	int64_t asked = arm_retry_after(call);
	int64_t delay = attempt < 7 ? (int64_t)FIRST_MS << attempt : LONGEST_MS;
	unsigned char random;

	if (asked >= 0)
		return asked > ARM_RETRY_MAX_MS ? -1 : asked;
	sign_random(&random, sizeof(random));
	delay = delay * (JITTER_LEAST + random % JITTER_RANGE) / 100;
	return delay < LONGEST_MS ? delay : LONGEST_MS;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A token from anywhere: its claims are read, or it is none. */
#include "base/base.h"

#include "arm/jwt.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size);
	autojson struct json_object *claims = jwt_claims(text);
	int64_t moment = jwt_moment(claims, "exp");

	if (claims && json_kind(claims) != JSON_OBJECT)
		abort();
	if (moment != TIME_NONE && moment < 0)
		abort();
	return 0;
}

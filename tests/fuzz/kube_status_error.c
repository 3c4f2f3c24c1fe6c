/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies that are not a success. The first two bytes choose the HTTP status, the rest is the body:
 * whatever it holds, there is one message, of bounded length, and never success.
 */
#include "base/base.h"

#include "base/error.h"
#include "kube/status_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoerror err = ERROR_INIT;
	int status;

	if (size < 2)
		return 0;
	status = 300 + (data[0] * 256 + data[1]) % 300;
	if (kube_status_error(status, (const char *)data + 2, size - 2,
		    status % 2 ? "get pods x" : NULL, &err) != -1)
		abort();
	if (err.kind == ERROR_NONE || !str_set(err.message))
		abort();
	/* Each byte of the body may come several times as long, each cause with a frame. */
	if (strlen(err.message) > 16 * size + 1024)
		abort();
	return 0;
}

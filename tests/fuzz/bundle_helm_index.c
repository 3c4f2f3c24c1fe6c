/* SPDX-License-Identifier: Apache-2.0 */
/* Any index.yaml, in pieces: what is found can be written as JSON. */
#include "base/base.h"

#include "base/buf.h"
#include "base/json.h"
#include "bundle/helm_index.h"
#include "base/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size, piece;
};

static int64_t read_input(void *ctx, void *data, size_t len, struct error *err)
{
	struct input *input = ctx;

	(void)err;
	len = len < input->piece ? len : input->piece;
	len = len < input->size ? len : input->size;
	memcpy(data, input->data, len);
	input->data += len;
	input->size -= len;
	return (int64_t)len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.piece = size ? 1 + data[0] : 1};
	struct helm_entry wanted[] = {
		{.name = "a", .version = "1.0.0"}, {.name = "podinfo", .version = "6.5.0"}};
	autoerror err = ERROR_INIT;

	input.data = data + (size > 0);
	input.size = size - (size > 0);
	if (helm_index_read(read_input, &input, wanted, countof(wanted), &err) < 0 && !err.message)
		abort();
	for (size_t i = 0; i < countof(wanted); i++) {
		const char *url = helm_entry_url(wanted[i].entry);
		autofree char *whole = url ? helm_chart_url("https://h/charts?q", url) : NULL;
		autobuf text = BUF_INIT;

		helm_entry_digest(wanted[i].entry);
		if (whole && !starts_with(whole, "http"))
			abort();
		json_write(&text, wanted[i].entry);
		json_free(wanted[i].entry);
	}
	return 0;
}

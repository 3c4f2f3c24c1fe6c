/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server's list of refs. The first byte is the size of the pieces, the next two the length of the
 * first answer; behind it stands that to ls-refs. What is taken has to be what the header promises.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/scan.h"
#include "bundle/advert.h"
#include "bundle/limits.h"
#include "bundle/ref_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 1: complete. */
static int feed(struct advert *advert, const char *data, size_t size, size_t piece)
{
	autoerror err = ERROR_INIT;
	int result = 0;

	for (size_t at = 0; at < size && result == 0; at += piece)
		result =
			advert_feed(advert, data + at, size - at < piece ? size - at : piece, &err);
	if ((result < 0) != (err.kind != ERROR_NONE))
		abort();
	return result;
}

static bool good_name(const char *name)
{
	return streq(name, "HEAD") ||
	       (ref_name_valid(name, strlen(name)) && scan_is_utf8(name, strlen(name)));
}

static void check(const struct advert *advert)
{
	for (size_t i = 0; i < advert->ref_count; i++) {
		const struct remote_ref *ref = &advert->refs[i];

		if (!good_name(ref->name) ||
			(i && strcmp(advert->refs[i - 1].name, ref->name) >= 0))
			abort();
		if (ref->symref && !ref_name_valid(ref->symref, strlen(ref->symref)))
			abort();
	}
	for (size_t i = 0; i < advert->capabilities.len; i++)
		for (const char *c = advert->capabilities.items[i]; *c; c++)
			if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f)
				abort();
	advert_capability(advert, "agent");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(advert_clear) struct advert advert;

	advert_init(&advert, "git-upload-pack", NULL);
	if (size < 3)
		return 0;
	const char *text = (const char *)data + 3;
	size_t first = (size_t)data[1] << 8 | data[2];
	size -= 3;
	if (first > size)
		first = size;
	int result = feed(&advert, text, first, data[0] + 1U);
	if (result == 1 && advert.version == 2) {
		advert_expect_refs(&advert);
		result = feed(&advert, text + first, size - first, data[0] + 1U);
	}
	if (result == 1 && advert_end(&advert, NULL) == 0)
		check(&advert);
	return 0;
}

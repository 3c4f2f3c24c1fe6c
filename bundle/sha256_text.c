/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "bundle/sha256_text.h"

#define PREFIX_LEN (sizeof(SHA256_PREFIX) - 1)

bool sha256_text_parse(const char *text, size_t len, struct sha256_text *ret)
{
	if (len < SHA256_TEXT_LEN || memcmp(text, SHA256_PREFIX, PREFIX_LEN) != 0)
		return false;
	for (size_t i = PREFIX_LEN; i < SHA256_TEXT_LEN; i++)
		if (!strchr("0123456789abcdef", text[i]) || !text[i])
			return false;
	memcpy(ret->text, text, SHA256_TEXT_LEN);
	ret->text[SHA256_TEXT_LEN] = '\0';
	return true;
}

void sha256_text_of(const void *data, size_t len, struct sha256_text *ret)
{
	memcpy(ret->text, SHA256_PREFIX, PREFIX_LEN);
	sha256_hex(data, len, ret->text + PREFIX_LEN);
}

void sha256_text_end(struct digest *digest, struct sha256_text *ret)
{
	char hex[2 * DIGEST_MAX + 1];

	digest_end_hex(digest, hex);
	memcpy(ret->text, SHA256_PREFIX, PREFIX_LEN);
	memcpy(ret->text + PREFIX_LEN, hex, SHA256_HEX_LEN + 1);
}

bool sha256_text_equal(const struct sha256_text *left, const struct sha256_text *right)
{
	return streq(left->text, right->text);
}

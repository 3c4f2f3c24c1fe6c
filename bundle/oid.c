/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/digest.h"
#include "bundle/oid.h"

void oid_hex(const struct oid *oid, char hex[OID_HEX_LEN + 1])
{
	hex_encode(oid->bytes, OID_LEN, hex);
}

static int nibble(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return -1;
}

bool oid_parse(const char *text, size_t len, struct oid *ret)
{
	if (len < OID_HEX_LEN)
		return false;
	for (size_t i = 0; i < OID_LEN; i++) {
		int high = nibble(text[2 * i]);
		int low = high < 0 ? -1 : nibble(text[2 * i + 1]);

		if (low < 0)
			return false;
		ret->bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

int oid_compare(const struct oid *left, const struct oid *right)
{
	return memcmp(left->bytes, right->bytes, OID_LEN);
}

bool oid_is_zero(const struct oid *oid)
{
	static const struct oid zero;

	return oid_equal(oid, &zero);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "bundle/oid_map.h"

#define NAMES 5000

static struct oid name(uint32_t number)
{
	struct oid oid = {{0}};

	/* As alike as names can be. */
	memcpy(oid.bytes + 16, &number, sizeof(number));
	return oid;
}

static void test_map(void **state)
{
	CLEANUP(oid_map_clear) struct oid_map map = {0};
	struct oid none = name(NAMES + 1);

	(void)state;
	assert_int_equal(oid_map_get(&map, &none), 0);
	for (uint32_t i = 1; i <= NAMES; i++) {
		struct oid oid = name(i);
		uint32_t *value = oid_map_put(&map, &oid);

		assert_int_equal(*value, 0);
		*value = i;
	}
	assert_int_equal(map.count, NAMES);
	for (uint32_t i = 1; i <= NAMES; i++) {
		struct oid oid = name(i);

		assert_int_equal(oid_map_get(&map, &oid), i);
		assert_int_equal(*oid_map_put(&map, &oid), i);
	}
	assert_int_equal(map.count, NAMES);
	assert_int_equal(oid_map_get(&map, &none), 0);
}

/* Names that differ in any one byte are spread alike, in the upper and the lower bits. */
static void test_hash(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < OID_LEN; byte++) {
		bool high[256] = {false};
		bool low[256] = {false};
		unsigned places[2] = {0};

		for (unsigned i = 0; i < 256; i++) {
			struct oid oid = {{0}};

			oid.bytes[byte] = (unsigned char)i;
			high[oid_hash(&oid) >> 56] = true;
			low[oid_hash(&oid) & 255] = true;
		}
		for (unsigned i = 0; i < 256; i++) {
			places[0] += high[i];
			places[1] += low[i];
		}
		if (places[0] < 100 || places[1] < 100)
			fail_msg("byte %u: %u and %u of 256", byte, places[0], places[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Checking values whole, and the search for duplicate keys. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/scan_internal.h"

/* Up to this many keys, comparing each with each is faster than sorting. */
#define FEW_KEYS 16

static int decode_escaped_key(struct scan *scan, const struct scan_text *key, struct scan_key *ret)
{
	struct buf text = BUF_INIT;

	scan_decode(key, &text);
	ret->len = text.len;
	ret->text = buf_detach(&text);
	if (scan->decoded_len == scan->decoded_cap) {
		scan->decoded_cap = scan->decoded_cap ? scan->decoded_cap * 2 : 16;
		scan->decoded =
			xreallocarray(scan->decoded, scan->decoded_cap, sizeof(scan->decoded[0]));
	}
	memcpy(&scan->decoded[scan->decoded_len++], &ret->text, sizeof(ret->text));
	if (memchr(ret->text, '\0', ret->len))
		return scan_fail(scan, key->raw, "a key with a NUL character");
	return 0;
}

int scan_decode_key(struct scan *scan, const struct scan_text *key, struct scan_key *ret)
{
	if (key->escaped)
		return decode_escaped_key(scan, key, ret);
	*ret = (struct scan_key){.text = key->raw, .len = key->len};
	return 0;
}

int scan_push_key(struct scan *scan, const struct scan_text *key)
{
	if (scan->keys_len == scan->keys_cap) {
		scan->keys_cap = scan->keys_cap ? scan->keys_cap * 2 : 64;
		scan->keys = xreallocarray(scan->keys, scan->keys_cap, sizeof(scan->keys[0]));
	}
	return scan_decode_key(scan, key, &scan->keys[scan->keys_len++]);
}

static int compare_keys(const void *a, const void *b)
{
	return scan_key_compare(a, b);
}

int scan_refuse_duplicates(struct scan *scan, size_t base)
{
	struct scan_key *keys = scan->keys + base;
	size_t len = scan->keys_len - base;
	bool twice = false;

	if (len <= FEW_KEYS) {
		for (size_t i = 1; i < len; i++)
			for (size_t j = 0; j < i; j++)
				twice |= keys[i].len == keys[j].len &&
					 memcmp(keys[i].text, keys[j].text, keys[i].len) == 0;
	} else {
		qsort(keys, len, sizeof(keys[0]), compare_keys);
		for (size_t i = 1; i < len; i++)
			twice |= scan_key_compare(&keys[i - 1], &keys[i]) == 0;
	}
	if (twice)
		return scan_fail(scan, scan->at, "a key twice in the object that ends here");
	return 0;
}

static int check_object(struct scan *scan)
{
	size_t base = scan->keys_len;
	bool rising = true;
	struct scan_text key;
	int more;

	if (scan_enter(scan) < 0)
		return -1;
	for (more = scan_member(scan, true, &key); more > 0;
		more = scan_member(scan, false, &key)) {
		if (scan_push_key(scan, &key) < 0)
			return -1;
		rising = rising && scan_key_rises(scan, base);
		if (scan_value(scan) < 0)
			return -1;
	}
	if (more < 0 || (!rising && scan_refuse_duplicates(scan, base) < 0))
		return -1;
	scan_pop_keys(scan, base);
	return 0;
}

static int check_array(struct scan *scan)
{
	int more;

	if (scan_enter(scan) < 0)
		return -1;
	for (more = scan_element(scan, true); more > 0; more = scan_element(scan, false))
		if (scan_value(scan) < 0)
			return -1;
	return more;
}

int scan_value(struct scan *scan)
{
	struct scan_text text;
	struct scan_number number;

	switch (scan_peek(scan)) {
	case '{':
		return check_object(scan);
	case '[':
		return check_array(scan);
	case '"':
		return scan_string(scan, &text);
	case 't':
	case 'f':
	case 'n':
		return scan_literal(scan);
	default:
		return scan_number(scan, &number);
	}
}

int scan_check(const char *text, size_t len, struct error *err)
{
	autoscan scan;

	scan_init(&scan, text, len, err);
	if (scan_value(&scan) < 0)
		return -1;
	return scan_end(&scan);
}

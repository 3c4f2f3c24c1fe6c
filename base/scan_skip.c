/* SPDX-License-Identifier: Apache-2.0 */
/* Running over what is not read: 64 bytes a step, brackets and strings alone. */
#include "base/base.h"

#include "base/json.h"
#include "base/scan_internal.h"
#include "base/scan_simd.h"

/*
 * Which bytes follow an odd run of backslashes. `carry` says it of the first byte, and afterwards
 * of the byte behind the block. Runs are added up in one addition: a run that starts at an odd bit
 * is told from one at an even bit by where its carry comes out.
 */
static uint64_t find_escaped(uint64_t backslashes, bool *carry)
{
	const uint64_t even = 0x5555555555555555U;
	uint64_t follows;
	uint64_t odd_starts;
	uint64_t sums;

	backslashes &= ~(uint64_t)*carry;
	follows = backslashes << 1 | (uint64_t)*carry;
	odd_starts = backslashes & ~even & ~follows;
	sums = odd_starts + backslashes;
	*carry = sums < odd_starts;
	return (even ^ sums << 1) & follows;
}

/* One bracket after the other, for blocks in which the end may lie. Returns the end's index + 1. */
static int walk_brackets(struct scan_skip *skip, uint64_t opens, uint64_t closes)
{
	for (uint64_t all = opens | closes; all; all &= all - 1) {
		int index = __builtin_ctzll(all);

		if (opens >> index & 1) {
			if (++skip->depth > JSON_MAX_DEPTH)
				return index + 1;
		} else if (--skip->depth == 0) {
			return index + 1;
		}
	}
	return 0;
}

/* The first `len` bytes of a block, len < 64 only for the last. As walk_brackets(). */
static int skip_block(struct scan_skip *skip, const char *data, unsigned len)
{
	struct scan_block block = scan_block_read(data);
	uint64_t escaped = skip->escaped;
	uint64_t strings;
	unsigned opens;
	unsigned closes;

	if (block.backslashes)
		escaped = find_escaped(block.backslashes, &skip->escaped);
	else
		skip->escaped = false;
	if (len < SCAN_BLOCK)
		skip->escaped = escaped >> len & 1;
	strings = scan_parity(block.quotes & ~escaped) ^ (skip->in_string ? ~(uint64_t)0 : 0);
	skip->in_string = strings >> 63;
	block.opens &= ~strings;
	block.closes &= ~strings;
	if (!(block.opens | block.closes))
		return 0;
	opens = scan_count_bits(block.opens);
	closes = scan_count_bits(block.closes);
	if (closes >= skip->depth || skip->depth + opens > JSON_MAX_DEPTH)
		return walk_brackets(skip, block.opens, block.closes);
	skip->depth += opens - closes;
	return 0;
}

const char *scan_skip_run(struct scan_skip *skip, const char *data, const char *end)
{
	char last[SCAN_BLOCK];
	int found;

	for (; end - data >= SCAN_BLOCK; data += SCAN_BLOCK) {
		found = skip_block(skip, data, SCAN_BLOCK);
		if (found)
			return data + found;
	}
	if (data == end)
		return NULL;
	memset(last, ' ', sizeof(last));
	memcpy(last, data, (size_t)(end - data));
	found = skip_block(skip, last, (unsigned)(end - data));
	return found ? data + found : NULL;
}

int scan_skip_container(struct scan *scan)
{
	struct scan_skip skip = {.depth = 0};
	const char *after = scan_skip_run(&skip, scan->at, scan->end);

	if (!after)
		return scan_fail(scan, scan->end, "unexpected end of input");
	if (skip.depth + scan->depth > JSON_MAX_DEPTH)
		return scan_fail(scan, scan->at, "nested too deeply");
	scan->at = after;
	return 0;
}

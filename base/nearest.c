/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>

#include "base/nearest.h"

#define NEAREST_MAX 64

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: edits and swaps of neighbours. Both words fit NEAREST_MAX. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][NEAREST_MAX + 1];
	size_t *before = rows[0];
	size_t *last = rows[1];
	size_t *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t change = same_letter(a[i - 1], b[j - 1]) ? 0 : 1;

			row[j] = least(last[j - 1] + change, least(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
				same_letter(a[i - 2], b[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		size_t *free_row = before;

		before = last;
		last = row;
		row = free_row;
	}
	return last[b_len];
}

void nearest_offer(struct nearest *nearest, const char *known)
{
	size_t len = strlen(nearest->word);
	size_t known_len = known ? strlen(known) : 0;
	size_t longer = len > known_len ? len : known_len;
	size_t found;

	if (known_len == 0 || longer > NEAREST_MAX)
		return;
	found = distance(nearest->word, len, known, known_len);
	if (found * 3 > longer || (nearest->best && found >= nearest->distance))
		return;
	nearest->best = known;
	nearest->distance = found;
}

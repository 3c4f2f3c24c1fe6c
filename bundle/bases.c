/* SPDX-License-Identifier: Apache-2.0 */
/* The bundles that a delta builds on, put in order by what each says of the one before it. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/source.h"

void bundle_bases_free(struct bundle **bases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bundle_free(bases[i]);
	free(bases);
}

static int open_all(const struct strv *paths, const struct strv *folders, struct bundle **bases,
	size_t *opened, struct error *err)
{
	for (*opened = 0; *opened < paths->len; (*opened)++)
		if (bundle_open(paths->items[*opened], folders, &bases[*opened], err) < 0)
			return error_wrap(err, "--base");
	return 0;
}

static int not_the_base(
	const struct bundle *bundle, const struct bundle *offered, struct error *err)
{
	if (!bundle->lock.base.text[0])
		return error_set(err, ERROR_INCOMPLETE,
			"%s builds on no other bundle: %s is not its base",
			media_name(bundle->media), media_name(offered->media));
	return error_set(err, ERROR_INCOMPLETE,
		"%s (sequence %llu, %s) is not what %s builds on: that has sequence %llu, %s",
		media_name(offered->media), (unsigned long long)offered->lock.sequence,
		offered->id.text, media_name(bundle->media),
		(unsigned long long)bundle->lock.base_sequence, bundle->lock.base.text);
}

/*
 * Put the base of `bundle` last, its own base before it, and so on, from the end of the array: what
 * fits nowhere stays at the front and is named.
 */
static int put_in_order(
	const struct bundle *bundle, struct bundle **bases, size_t count, struct error *err)
{
	const struct bundle *newer = bundle;

	for (size_t last = count; last > 0; last--) {
		size_t i = 0;
		struct bundle *fits;

		while (i < last && !streq(bases[i]->id.text, newer->lock.base.text))
			i++;
		if (i == last)
			return not_the_base(newer, bases[0], err);
		fits = bases[i];
		bases[i] = bases[last - 1];
		bases[last - 1] = fits;
		newer = fits;
	}
	return 0;
}

int bundle_bases_open(const struct bundle *bundle, const struct strv *paths, struct bundle ***bases,
	size_t *count, struct error *err)
{
	struct bundle **opened = xcalloc(paths->len + 1, sizeof(*opened));
	size_t number = 0;

	if (open_all(paths, media_folders(bundle->media), opened, &number, err) < 0 ||
		put_in_order(bundle, opened, number, err) < 0) {
		bundle_bases_free(opened, number);
		return -1;
	}
	*bases = opened;
	*count = number;
	return 0;
}

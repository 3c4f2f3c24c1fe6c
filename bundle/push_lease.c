/* SPDX-License-Identifier: Apache-2.0 */
/* Leases: tips that the user knows of and gives up. */
#include "base/base.h"

#include "base/os.h"
#include "bundle/push_internal.h"
#include "bundle/ref_name.h"

/* "REF:OID"; false if the text is of another form. */
static bool parse(const char *text, size_t *ref_len, struct oid *oid)
{
	const char *colon = strrchr(text, ':');

	if (!colon || strlen(colon + 1) != OID_HEX_LEN || !oid_parse(colon + 1, OID_HEX_LEN, oid))
		return false;
	*ref_len = (size_t)(colon - text);
	return ref_name_valid(text, *ref_len);
}

/* The tips that a receipt knows of this very target. */
static int in_receipt(const char *path, const struct push_source *source,
	const struct push_ref *ref, bool *ret, struct error *err)
{
	autoreceipt receipt = RECEIPT_INIT;
	const struct receipt_source *known;

	if (receipt_read(path, &receipt, err) < 0) {
		error_hint(err, "--force-with-lease takes REF:OID, or the path of a receipt");
		return error_wrap(err, "--force-with-lease");
	}
	known = receipt_find(&receipt, source->git->name);
	if (!known || !streq(known->target, source->shown))
		return 0;
	for (size_t i = 0; i < known->ref_count; i++)
		if (streq(known->refs[i].name, ref->name))
			*ret = *ret || oid_equal(&known->refs[i].oid, &ref->old);
	return 0;
}

int push_lease(const struct push *push, const struct push_source *source,
	const struct push_ref *ref, bool *ret, struct error *err)
{
	const struct strv *leases = &push->options->leases;

	*ret = false;
	for (size_t i = 0; i < leases->len; i++) {
		const char *text = leases->items[i];
		struct oid oid;
		size_t len = 0;

		if (!parse(text, &len, &oid)) {
			if (in_receipt(text, source, ref, ret, err) < 0)
				return -1;
			continue;
		}
		if (strlen(ref->name) == len && memcmp(ref->name, text, len) == 0)
			*ret = *ret || oid_equal(&oid, &ref->old);
	}
	return 0;
}

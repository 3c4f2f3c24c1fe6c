/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/gitbundle.h"
#include "bundle/limits.h"
#include "bundle/ref_name.h"

static const char signature[] = "# v2 git bundle\n";

void gitbundle_clear(struct gitbundle *header)
{
	for (size_t i = 0; i < header->ref_count; i++)
		free(header->refs[i].name);
	free(header->refs);
	free(header->prerequisites);
	*header = (struct gitbundle){0};
}

void gitbundle_write(const struct oid *prerequisites, size_t prerequisite_count,
	const struct lock_ref *refs, size_t ref_count, struct buf *out)
{
	char hex[OID_HEX_LEN + 1];

	buf_adds(out, signature);
	for (size_t i = 0; i < prerequisite_count; i++) {
		oid_hex(&prerequisites[i], hex);
		buf_addf(out, "-%s\n", hex);
	}
	for (size_t i = 0; i < ref_count; i++) {
		oid_hex(&refs[i].oid, hex);
		buf_addf(out, "%s %s\n", hex, refs[i].name);
	}
	buf_addc(out, '\n');
}

/* ---- reading */

static int bad_line(struct error *err, size_t number, const char *what)
{
	return error_set(err, ERROR_DAMAGED, "git bundle: line %zu: %s", number, what);
}

/* "-OID", and what git writes behind it: the commit's subject. */
static int read_prerequisite(
	struct gitbundle *header, const char *line, size_t len, size_t number, struct error *err)
{
	struct oid oid;

	if (header->ref_count)
		return bad_line(err, number, "a prerequisite behind the refs");
	if (!oid_parse(line + 1, len - 1, &oid) ||
		(len > OID_HEX_LEN + 1 && line[OID_HEX_LEN + 1] != ' '))
		return bad_line(err, number, "no good prerequisite");
	header->prerequisites =
		xreallocarray(header->prerequisites, header->prerequisite_count + 1, sizeof(oid));
	header->prerequisites[header->prerequisite_count++] = oid;
	return 0;
}

static bool name_good(const char *name, size_t len)
{
	return (len == 4 && memcmp(name, "HEAD", len) == 0) || ref_name_valid(name, len);
}

static int read_ref(
	struct gitbundle *header, const char *line, size_t len, size_t number, struct error *err)
{
	const char *name = line + OID_HEX_LEN + 1;
	struct lock_ref ref;

	if (!oid_parse(line, len, &ref.oid) || len <= OID_HEX_LEN + 1 || line[OID_HEX_LEN] != ' ')
		return bad_line(err, number, "no good ref");
	len -= OID_HEX_LEN + 1;
	if (!name_good(name, len))
		return bad_line(err, number, "a ref's name that git would refuse");
	if (header->ref_count == LIMIT_GIT_REFS)
		return bad_line(err, number, "more refs than a source may have");
	ref.name = xstrndup(name, len);
	header->refs = xreallocarray(header->refs, header->ref_count + 1, sizeof(ref));
	header->refs[header->ref_count++] = ref;
	return 0;
}

static int read_lines(
	struct gitbundle *header, const char *data, size_t len, size_t *at, struct error *err)
{
	for (size_t number = 2;; number++) {
		const char *line = data + *at;
		const char *stop = *at < len ? memchr(line, '\n', len - *at) : NULL;
		size_t size = stop ? (size_t)(stop - line) : 0;
		int result;

		if (!stop)
			return 0;
		*at += size + 1;
		if (!size)
			return 1;
		result = *line == '-' ? read_prerequisite(header, line, size, number, err)
				      : read_ref(header, line, size, number, err);
		if (result < 0)
			return -1;
	}
}

int gitbundle_read(
	const char *data, size_t len, struct gitbundle *ret, size_t *pack, struct error *err)
{
	CLEANUP(gitbundle_clear) struct gitbundle header = {0};
	size_t known = len < strlen(signature) ? len : strlen(signature);
	size_t at = strlen(signature);
	int ended;

	if (memcmp(data, signature, known) != 0)
		return error_set(err, ERROR_DAMAGED, "not a git bundle of version 2");
	ended = len < at ? 0 : read_lines(&header, data, len, &at, err);
	if (ended == 0 && len >= LIMIT_GIT_HEADER)
		return error_set(err, ERROR_DAMAGED, "git bundle: a header of more than %lu bytes",
			LIMIT_GIT_HEADER);
	if (ended <= 0)
		return ended;
	*ret = header;
	header = (struct gitbundle){0};
	*pack = at;
	return 1;
}

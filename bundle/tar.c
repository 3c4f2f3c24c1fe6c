/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "bundle/tar.h"

/* POSIX.1-2001, pax, "ustar Interchange Format". */
enum {
	AT_NAME = 0,
	AT_MODE = 100,
	AT_UID = 108,
	AT_GID = 116,
	AT_SIZE = 124,
	AT_TIME = 136,
	AT_CHECKSUM = 148,
	AT_TYPE = 156,
	AT_LINK = 157,
	AT_MAGIC = 257,
	AT_OWNER = 265,
	AT_DEVICE = 329,
	AT_PREFIX = 345,
	AT_REST = 500,
};
#define SIZE_DIGITS 11
#define PAX_NAME "pax/size"

size_t tar_header_len(uint64_t size)
{
	return size < TAR_PAX_FROM ? TAR_BLOCK : TAR_HEADER_MAX;
}

uint64_t tar_padded(uint64_t size)
{
	return (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

/* Digits and a NUL: `width` bytes. */
static void put_octal(unsigned char *at, size_t width, uint64_t value)
{
	at[--width] = '\0';
	while (width--) {
		at[width] = (unsigned char)('0' + (value & 7));
		value >>= 3;
	}
}

static void put_checksum(unsigned char *block)
{
	unsigned sum = 0;

	memset(block + AT_CHECKSUM, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += block[i];
	put_octal(block + AT_CHECKSUM, 7, sum);
}

static void put_block(unsigned char *block, const char *name, uint64_t size, char type)
{
	static const char magic[8] = "ustar\00000";

	memset(block, 0, TAR_BLOCK);
	for (size_t i = 0; name[i]; i++)
		block[AT_NAME + i] = (unsigned char)name[i];
	put_octal(block + AT_MODE, 8, 0644);
	put_octal(block + AT_UID, 8, 0);
	put_octal(block + AT_GID, 8, 0);
	put_octal(block + AT_SIZE, SIZE_DIGITS + 1, size);
	put_octal(block + AT_TIME, 12, 0);
	block[AT_TYPE] = (unsigned char)type;
	memcpy(block + AT_MAGIC, magic, sizeof(magic));
	put_octal(block + AT_DEVICE, 8, 0);
	put_octal(block + AT_DEVICE + 8, 8, 0);
	put_checksum(block);
}

void tar_header(const char *name, uint64_t size, unsigned char header[TAR_HEADER_MAX])
{
	char record[64];
	int len;

	if (strlen(name) > TAR_NAME_MAX)
		abort();
	if (size < TAR_PAX_FROM) {
		put_block(header, name, size, '0');
		return;
	}
	/* "LENGTH size=VALUE\n", LENGTH with itself: two digits for all sizes there are. */
	len = snprintf(record, sizeof(record), "00 size=%" PRIu64 "\n", size);
	put_block(header, PAX_NAME, (uint64_t)len, 'x');
	memset(header + TAR_BLOCK, 0, TAR_BLOCK);
	snprintf(record, sizeof(record), "%02d size=%" PRIu64 "\n", len, size);
	memcpy(header + TAR_BLOCK, record, (size_t)len);
	/* The field cannot hold it, and the record stands for it. */
	put_block(header + (size_t)2 * TAR_BLOCK, name, 0, '0');
}

static const char *field_at(size_t offset)
{
	static const struct {
		size_t end;
		const char *name;
	} fields[] = {
		{AT_MODE, "name"},
		{AT_UID, "mode"},
		{AT_GID, "owner"},
		{AT_SIZE, "group"},
		{AT_TIME, "size"},
		{AT_CHECKSUM, "time"},
		{AT_TYPE, "checksum"},
		{AT_LINK, "type"},
		{AT_MAGIC, "link target"},
		{AT_OWNER, "magic"},
		{AT_DEVICE, "owner's name"},
		{AT_PREFIX, "device"},
		{AT_REST, "prefix"},
		{TAR_BLOCK, "end"},
	};
	size_t i = 0;

	while (offset >= fields[i].end)
		i++;
	return fields[i].name;
}

/* What the type says that is there, when it is no file. */
static const char *type_name(unsigned char type)
{
	switch (type) {
	case '1':
		return "a hard link";
	case '2':
		return "a symbolic link";
	case '3':
	case '4':
		return "a device";
	case '5':
		return "a folder";
	case '6':
		return "a pipe";
	default:
		return NULL;
	}
}

/* The first byte that differs, `len` if none does; the checksum only when nothing else does. */
static size_t find_difference(const unsigned char *header, const unsigned char *wanted, size_t len)
{
	size_t checksum = len;

	for (size_t i = 0; i < len; i++) {
		bool summed = i % TAR_BLOCK < AT_CHECKSUM || i % TAR_BLOCK >= AT_TYPE;

		if (header[i] == wanted[i])
			continue;
		if (summed)
			return i;
		if (checksum == len)
			checksum = i;
	}
	return checksum;
}

int tar_check(const unsigned char *header, const char *name, uint64_t size, struct error *err)
{
	unsigned char wanted[TAR_HEADER_MAX];
	size_t len = tar_header_len(size);
	size_t same;

	tar_header(name, size, wanted);
	same = find_difference(header, wanted, len);
	if (same == len)
		return 0;
	if (same < TAR_BLOCK && type_name(header[AT_TYPE]))
		return error_set(err, ERROR_DAMAGED, "member header of '%s': %s", name,
			type_name(header[AT_TYPE]));
	return error_set(err, ERROR_DAMAGED,
		"member header of '%s': the %s at byte %zu is not as written", name,
		len > TAR_BLOCK && same / TAR_BLOCK == 1 ? "size" : field_at(same % TAR_BLOCK),
		same);
}

int tar_read(
	const unsigned char header[TAR_BLOCK], const char *name, uint64_t *size, struct error *err)
{
	*size = 0;
	for (size_t i = 0; i < SIZE_DIGITS; i++)
		*size = *size << 3 | (header[AT_SIZE + i] & 7U);
	/* Digits that are none do not come back as they are. */
	return tar_check(header, name, *size, err);
}

bool tar_is_named(const unsigned char header[TAR_BLOCK], const char *name)
{
	return strncmp((const char *)header, name, AT_MODE) == 0;
}

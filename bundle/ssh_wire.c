/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "bundle/ssh_wire.h"

struct ssh_reader ssh_reader(const void *data, size_t len)
{
	return (struct ssh_reader){data, len};
}

bool ssh_read_raw(struct ssh_reader *reader, size_t len, struct sign_bytes *ret)
{
	if (len > reader->left)
		return false;
	*ret = (struct sign_bytes){reader->at, len};
	reader->at += len;
	reader->left -= len;
	return true;
}

bool ssh_read_byte(struct ssh_reader *reader, unsigned char *ret)
{
	struct sign_bytes byte;

	if (!ssh_read_raw(reader, 1, &byte))
		return false;
	*ret = byte.data[0];
	return true;
}

bool ssh_read_u32(struct ssh_reader *reader, uint32_t *ret)
{
	struct sign_bytes b;

	if (!ssh_read_raw(reader, 4, &b))
		return false;
	*ret = (uint32_t)b.data[0] << 24 | (uint32_t)b.data[1] << 16 | (uint32_t)b.data[2] << 8 |
	       b.data[3];
	return true;
}

bool ssh_read_string(struct ssh_reader *reader, struct sign_bytes *ret)
{
	struct ssh_reader before = *reader;
	uint32_t len;

	if (ssh_read_u32(reader, &len) && ssh_read_raw(reader, len, ret))
		return true;
	*reader = before;
	return false;
}

bool ssh_read_mpint(struct ssh_reader *reader, struct sign_bytes *ret)
{
	struct ssh_reader before = *reader;
	struct sign_bytes all;

	if (ssh_read_string(reader, &all) && all.len && !(all.data[0] & 0x80)) {
		*ret = all;
		if (all.data[0])
			return true;
		if (all.len > 1 && all.data[1] & 0x80) {
			*ret = (struct sign_bytes){all.data + 1, all.len - 1};
			return true;
		}
	}
	*reader = before;
	return false;
}

bool ssh_bytes_equal(struct sign_bytes left, struct sign_bytes right)
{
	return left.len == right.len && (!left.len || memcmp(left.data, right.data, left.len) == 0);
}

bool ssh_bytes_are(struct sign_bytes bytes, const char *text)
{
	return ssh_bytes_equal(
		bytes, (struct sign_bytes){(const unsigned char *)text, strlen(text)});
}

void ssh_add_u32(struct buf *out, uint32_t value)
{
	const unsigned char bytes[] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
		(unsigned char)(value >> 8), (unsigned char)value};

	buf_add(out, bytes, sizeof(bytes));
}

void ssh_add_string(struct buf *out, const void *data, size_t len)
{
	ssh_add_u32(out, (uint32_t)len);
	buf_add(out, data, len);
}

void ssh_add_text(struct buf *out, const char *text)
{
	ssh_add_string(out, text, strlen(text));
}

void ssh_add_mpint(struct buf *out, const unsigned char *data, size_t len)
{
	while (len && !*data) {
		data++;
		len--;
	}
	if (!len || !(*data & 0x80)) {
		ssh_add_string(out, data, len);
		return;
	}
	ssh_add_u32(out, (uint32_t)len + 1);
	buf_addc(out, '\0');
	buf_add(out, data, len);
}

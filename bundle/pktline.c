/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "bundle/pktline.h"

#define HEAD 4

void pkt_reader_clear(struct pkt_reader *reader)
{
	buf_clear(&reader->held);
}

bool pkt_at_boundary(const struct pkt_reader *reader)
{
	return reader->held.len == 0;
}

/* ---- reading */

static int digit(char byte)
{
	if (isdigit((unsigned char)byte))
		return byte - '0';
	byte = (char)tolower((unsigned char)byte);
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The length that a head announces, or -1. */
static int read_head(const char *head, struct error *err)
{
	int size = 0;

	for (size_t i = 0; i < HEAD; i++) {
		int value = digit(head[i]);

		if (value < 0)
			return error_set(err, ERROR_SERVER,
				"the answer is not Git's protocol (it has no pkt-line where one "
				"has to be)");
		size = size * 16 + value;
	}
	if (size == 3 || size > HEAD + PKT_MAX_DATA)
		return error_set(err, ERROR_SERVER, "a pkt-line of %d bytes", size);
	return size;
}

static int hand_out(struct pkt_reader *reader, const char *packet, int size, struct error *err)
{
	if (size < HEAD)
		return reader->on_packet(reader->ctx, (enum pkt_kind)size, packet + HEAD, 0, err);
	return reader->on_packet(reader->ctx, PKT_DATA, packet + HEAD, (size_t)size - HEAD, err);
}

/* Bytes of a packet of which `have` are at hand: the head until it is whole, then all. */
static int wanted(const char *packet, size_t have, struct error *err)
{
	int size;

	if (have < HEAD)
		return HEAD;
	size = read_head(packet, err);
	return size >= 0 && size < HEAD ? HEAD : size;
}

/* Complete the held packet from `data`; the number of bytes taken, -1 on failure. */
static int64_t fill_held(struct pkt_reader *reader, const char *data, size_t len, struct error *err)
{
	size_t taken = 0;

	for (;;) {
		int size = wanted(reader->held.ptr, reader->held.len, err);
		size_t more;

		if (size < 0)
			return -1;
		more = (size_t)size - reader->held.len;
		if (!more || taken == len)
			return (int64_t)taken;
		if (more > len - taken)
			more = len - taken;
		buf_add(&reader->held, data + taken, more);
		taken += more;
	}
}

/* Packets that lie whole in `data` are handed out where they lie. */
static int feed_whole(
	struct pkt_reader *reader, const char *data, size_t len, size_t *at, struct error *err)
{
	while (len - *at >= HEAD) {
		const char *packet = data + *at;
		int size = read_head(packet, err);
		size_t need = size < HEAD ? HEAD : (size_t)size;
		int result;

		if (size < 0)
			return -1;
		if (need > len - *at)
			break;
		*at += need;
		result = hand_out(reader, packet, size, err);
		if (result)
			return result;
	}
	return 0;
}

static int feed_held(
	struct pkt_reader *reader, const char *data, size_t len, size_t *at, struct error *err)
{
	int64_t taken = fill_held(reader, data, len, err);
	int size;
	int result;

	if (taken < 0)
		return -1;
	*at = (size_t)taken;
	size = wanted(reader->held.ptr, reader->held.len, err);
	if (size < 0 || reader->held.len < (size_t)size)
		return size < 0 ? -1 : 0;
	result = hand_out(reader, reader->held.ptr, read_head(reader->held.ptr, err), err);
	buf_reset(&reader->held);
	return result;
}

int pkt_feed(
	struct pkt_reader *reader, const char *data, size_t len, size_t *used, struct error *err)
{
	size_t at = 0;
	int result = 0;

	if (reader->held.len)
		result = feed_held(reader, data, len, &at, err);
	if (result == 0 && !reader->held.len)
		result = feed_whole(reader, data, len, &at, err);
	if (result == 0 && at < len) {
		buf_add(&reader->held, data + at, len - at);
		at = len;
	}
	if (used)
		*used = at;
	return result;
}

/* ---- writing */

void pkt_add(struct buf *out, const void *data, size_t len)
{
	if (len > PKT_MAX_DATA)
		abort();
	buf_addf(out, "%04zx", len + HEAD);
	buf_add(out, data, len);
}

void pkt_addf(struct buf *out, const char *format, ...)
{
	autobuf line = BUF_INIT;
	va_list args;

	va_start(args, format);
	buf_vaddf(&line, format, args);
	va_end(args);
	pkt_add(out, line.ptr, line.len);
}

void pkt_add_flush(struct buf *out)
{
	buf_adds(out, "0000");
}

void pkt_add_delim(struct buf *out)
{
	buf_adds(out, "0001");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/time.h"
#include "bundle/advert.h"
#include "bundle/limits.h"
#include "bundle/sideband.h"

#define MAX_LINE 1000

void sideband_clear(struct sideband *sideband)
{
	buf_clear(&sideband->line);
}

void sideband_end(struct sideband *sideband)
{
	if (sideband->line.len && sideband->on_progress)
		sideband->on_progress(sideband->progress_ctx, sideband->line.ptr);
	buf_reset(&sideband->line);
}

/* A line ends at LF, or at CR, by which percentages are written over each other. */
static int take_progress(struct sideband *sideband, const char *text, size_t len, struct error *err)
{
	sideband->progress_bytes += len;
	if (sideband->progress_bytes > LIMIT_REMOTE_PROGRESS)
		return error_set(err, ERROR_SERVER,
			"the server sent more than %lu bytes of progress messages",
			LIMIT_REMOTE_PROGRESS);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n' || text[i] == '\r')
			sideband_end(sideband);
		else if (text[i] && sideband->line.len < MAX_LINE)
			buf_addc(&sideband->line, text[i]);
	}
	return 0;
}

/* Signs of life are allowed for as long as a large repository may take, not for ever. */
static int check_patience(struct sideband *sideband, struct error *err)
{
	int64_t now = time_monotonic();

	if (!sideband->data_at)
		sideband->data_at = now;
	if (now - sideband->data_at <= LIMIT_REMOTE_WAIT_MS)
		return 0;
	return error_set(err, ERROR_TIMEOUT,
		"the server only says that it is alive, for %d minutes now",
		LIMIT_REMOTE_WAIT_MS / 60000);
}

int sideband_take(struct sideband *sideband, const char *packet, size_t len, struct error *err)
{
	if (!len)
		return error_set(err, ERROR_SERVER, "a packet without a channel");
	if (check_patience(sideband, err) < 0)
		return -1;
	switch (packet[0]) {
	case 1:
		/* Empty: only a sign of life. */
		if (len == 1)
			return 0;
		sideband->data_at = time_monotonic();
		return sideband->on_data(sideband->data_ctx, packet + 1, len - 1, err);
	case 2:
		return take_progress(sideband, packet + 1, len - 1, err);
	case 3:
		return advert_server_error(packet + 1, len - 1, err);
	default:
		return error_set(
			err, ERROR_SERVER, "a packet of channel %d", (unsigned char)packet[0]);
	}
}

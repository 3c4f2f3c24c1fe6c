/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/buf.h"
#include "base/os.h"
#include "base/quantity.h"
#include "base/time.h"
#include "plugin/bundle_options.h"
#include "plugin/text.h"

#define LOOK_MS 100

int bundle_part_size(const char *text, uint64_t *ret, struct error *err)
{
	int64_t milli;

	*ret = 0;
	if (!text)
		return 0;
	if (!quantity_parse(text, &milli) || milli < 1000 || milli % 1000)
		return error_set(err, ERROR_USAGE,
			"--part-size '%s': a number of bytes is wanted, such as 4400M or 4Gi",
			text);
	*ret = (uint64_t)milli / 1000;
	return 0;
}

int bundle_progress(void *ctx, uint64_t done, uint64_t total, struct error *err)
{
	struct bundle_progress *progress = ctx;
	struct app *app = progress->app;
	int64_t now = time_monotonic();
	int64_t since = app->waiting_since;
	autobuf text = BUF_INIT;

	if (now - progress->shown < LOOK_MS)
		return os_interrupted() ? app_tick(app, err) : 0;
	progress->shown = now;
	buf_addf(&text, "%s: ", progress->what);
	text_bytes(&text, done);
	buf_adds(&text, " of ");
	text_bytes(&text, total);
	app_progress(app, "%s", text.ptr);
	app->waiting_since = since; /* the same wait still */
	return app_tick(app, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Charts, a folder for each HelmRepository. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/chartindex.h"
#include "bundle/extract_private.h"
#include "bundle/limits.h"

#define FOLDER_NAME_MAX 100

/* "https://charts.example.com/stable/" as "charts.example.com-stable". */
static char *folder_name(const char *url)
{
	const char *at = strstr(url, "://");
	autobuf name = BUF_INIT;

	for (at = at ? at + 3 : url; *at && name.len < FOLDER_NAME_MAX; at++) {
		char byte = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
		bool plain = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
			     (byte == '.' && name.len && name.ptr[name.len - 1] != '.');

		if (plain)
			buf_addc(&name, byte);
		else if (name.len && name.ptr[name.len - 1] != '-')
			buf_addc(&name, '-');
	}
	while (name.len && strchr("-.", name.ptr[name.len - 1]))
		buf_truncate(&name, name.len - 1);
	if (!name.len)
		buf_adds(&name, "charts");
	return buf_detach(&name);
}

/* Different URLs may give the same name: the later ones get a number. */
static char *unique_folder(const char *url, struct strv *used)
{
	autofree char *name = folder_name(url);
	autofree char *path = xasprintf("charts/%s", name);

	for (int i = 2; strv_contains(used, path); i++) {
		free(path);
		path = xasprintf("charts/%s-%d", name, i);
	}
	strv_push(used, path);
	return TAKE(path);
}

static int to_buf(void *ctx, const void *data, size_t len, struct error *err)
{
	struct buf *buf = ctx;

	if (buf->len + len > LIMIT_CHART_INDEX)
		return error_set(err, ERROR_DAMAGED, "an index entry of more than %lu bytes",
			LIMIT_CHART_INDEX);
	buf_add(buf, data, len);
	return 0;
}

static int one_chart(struct extract *extract, const struct lock_chart *chart, const char *folder,
	struct chartindex *index, struct error *err)
{
	CLEANUP(extract_file_clear) struct extract_file file = EXTRACT_FILE_INIT;
	autofree char *name = NULL;
	autobuf entry = BUF_INIT;

	if (chart->entry.text[0] && extract_blob(extract, &chart->entry, to_buf, &entry, err) < 0)
		return -1;
	if (chartindex_add(index, chart, &entry, &name, err) < 0 ||
		extract_file_open(extract, xasprintf("%s/%s", folder, name), false, &file, err) < 0)
		return -1;
	return extract_blob(extract, &chart->blob, extract_file_write, &file, err);
}

/* The charts from `*at` on that come from one repository. */
static int one_repository(struct extract *extract, size_t *at, struct strv *used, struct error *err)
{
	const struct lock *lock = &extract->bundle->lock;
	const char *url = lock->charts[*at].repository;
	autochartindex *index = chartindex_new();
	autofree char *folder = unique_folder(url, used);
	autobuf text = BUF_INIT;

	for (; *at < lock->chart_count && streq(lock->charts[*at].repository, url); (*at)++)
		if (one_chart(extract, &lock->charts[*at], folder, index, err) < 0)
			return error_wrap(err, "charts of %s", url);
	if (chartindex_write(index, &text, err) < 0 ||
		extract_text(extract, xasprintf("%s/index.yaml", folder), text.ptr, text.len, err) <
			0)
		return -1;
	extract_tell(extract, "charts", url, TAKE(folder), NULL);
	return 0;
}

int extract_charts(struct extract *extract, struct error *err)
{
	autostrv used = STRV_INIT;

	for (size_t at = 0; at < extract->bundle->lock.chart_count;)
		if (one_repository(extract, &at, &used, err) < 0)
			return -1;
	return 0;
}

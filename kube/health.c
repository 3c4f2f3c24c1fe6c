/* SPDX-License-Identifier: Apache-2.0 */
/* The list of objects inside a health check's message. */
#include "base/base.h"

#include "base/alloc.h"
#include "kube/graph.h"

#define MAX_ENTRIES 1000

void health_list_clear(struct health_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->entries[i].kind);
		free(list->entries[i].namespace);
		free(list->entries[i].name);
		free(list->entries[i].status);
	}
	free(list->entries);
	*list = (struct health_list){NULL, 0};
}

/* "Kind/ns/name" or, of cluster scope, "Kind/name". */
static bool split_name(const char *text, size_t len, struct health_entry *entry)
{
	const char *slash = memchr(text, '/', len);
	const char *second;
	const char *end = text + len;

	if (!slash || slash == text || memchr(text, ' ', len))
		return false;
	second = memchr(slash + 1, '/', (size_t)(end - slash - 1));
	entry->kind = xstrndup(text, (size_t)(slash - text));
	entry->namespace = second ? xstrndup(slash + 1, (size_t)(second - slash - 1)) : xstrdup("");
	second = second ? second : slash;
	entry->name = xstrndup(second + 1, (size_t)(end - second - 1));
	return true;
}

static const char *parse_entry(const char *at, struct health_list *list)
{
	static const char mark[] = " status: '";
	const char *status = strstr(at, mark);
	const char *end;
	struct health_entry entry;

	if (!status)
		return NULL;
	end = strchr(status + strlen(mark), '\'');
	if (!end || !split_name(at, (size_t)(status - at), &entry))
		return NULL;
	entry.status = xstrndup(status + strlen(mark), (size_t)(end - status) - strlen(mark));
	list->entries = xreallocarray(list->entries, list->count + 1, sizeof(*list->entries));
	list->entries[list->count++] = entry;
	return end + 1;
}

void health_list_parse(const char *message, struct health_list *ret)
{
	static const char *const marks[] = {
		"timeout waiting for: [", "failed early due to stalled resources: ["};
	const char *at = NULL;

	*ret = (struct health_list){NULL, 0};
	for (size_t i = 0; message && !at && i < countof(marks); i++) {
		at = strstr(message, marks[i]);
		if (at)
			at += strlen(marks[i]);
	}
	while (at && *at && *at != ']' && ret->count < MAX_ENTRIES) {
		at = parse_entry(at, ret);
		if (!at)
			return;
		/* An unknown status may have an error behind it, up to the next comma. */
		at += strcspn(at, ",]");
		if (*at == ',')
			at += 1 + strspn(at + 1, " ");
	}
}

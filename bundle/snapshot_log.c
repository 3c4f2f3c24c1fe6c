/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of pods out of a snapshot. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "bundle/snapshot_private.h"

#define MAX_LOG ((size_t)8 << 20)

struct log_question {
	char *container;
	bool previous;
	uint64_t lines; /* UINT64_MAX: all */
};

static bool parse_log_query(const char *query, struct log_question *ret, const char **unknown)
{
	autostrv words = STRV_INIT;

	*ret = (struct log_question){.lines = UINT64_MAX};
	strv_split(&words, query ? query : "", "&", false);
	for (size_t i = 0; i < words.len; i++) {
		const char *word = words.items[i];

		if (starts_with(word, "container="))
			str_replace(&ret->container, word + strlen("container="));
		else if (starts_with(word, "tailLines="))
			ret->lines = strtoull(word + strlen("tailLines="), NULL, 10);
		else if (starts_with(word, "previous="))
			ret->previous = streq(word, "previous=true");
		else if (!starts_with(word, "limitBytes=") && !ends_with(word, "=false"))
			*unknown = "only container, previous and tailLines can be asked of a "
				   "recording";
	}
	return !*unknown;
}

/* Without a container's name the first that was recorded. */
static const struct snapshot_answer *find_log(const struct recorded *recorded,
	const struct kube_request *request, const struct log_question *question)
{
	autofree char *path = xasprintf(
		"%s?container=%s", request->path, question->container ? question->container : "");
	size_t len = strlen(path);

	for (size_t i = 0; i < recorded->snapshot.count; i++) {
		const struct snapshot_answer *answer = &recorded->snapshot.answers[i];
		const char *more = strchr(answer->path, '&');
		size_t named = more ? (size_t)(more - answer->path) : strlen(answer->path);

		if (starts_with(answer->path, path) && (more != NULL) == question->previous &&
			(!question->container || named == len))
			return answer;
	}
	return NULL;
}

static int take_log_line(void *ctx, const char *json, size_t len, struct error *err)
{
	struct kube_request *request = ctx;
	autojson struct json_object *line = NULL;

	if (json_parse(json, len, &line, err) < 0)
		return -1;
	buf_add(&request->reply, json_text(line), json_string_len(line));
	buf_addc(&request->reply, '\n');
	return request->reply.len > MAX_LOG ? 1 : 0;
}

static void keep_last_lines(struct buf *text, uint64_t count)
{
	const char *start = text->ptr + text->len;
	autobuf kept = BUF_INIT;

	while (count && start > text->ptr) {
		start--;
		while (start > text->ptr && start[-1] != '\n')
			start--;
		count--;
	}
	buf_add(&kept, start, (size_t)(text->ptr + text->len - start));
	buf_reset(text);
	buf_add(text, kept.ptr, kept.len);
}

int recorded_answer_log(struct recorded *recorded, struct kube_request *request, struct error *err)
{
	struct log_question question;
	struct snapshot_lines lines = {
		take_log_line, request, recorded->kube.tick, recorded->kube.tick_ctx};
	const char *unknown = NULL;
	const struct snapshot_answer *answer = NULL;
	int result = 0;

	if (parse_log_query(request->query, &question, &unknown))
		answer = find_log(recorded, request, &question);
	free(question.container);
	if (!answer)
		recorded_missing(recorded, request, unknown ? unknown : "", &request->error);
	else if (answer->error.kind != ERROR_NONE)
		recorded_repeat_error(request, answer, &request->error);
	else
		result = snapshot_read(&recorded->snapshot, answer, &lines, err);
	if (result < 0 && err->kind == ERROR_SYNTAX)
		err->kind = ERROR_DAMAGED;
	if (request->error.kind == ERROR_NONE && result == 0) {
		request->status = answer->status;
		keep_last_lines(&request->reply, question.lines);
	}
	return result;
}

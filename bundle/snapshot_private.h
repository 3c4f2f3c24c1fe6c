/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the snapshot share (bundle/snapshot*.c); nobody else includes this. */
#ifndef BUNDLE_SNAPSHOT_PRIVATE_H
#define BUNDLE_SNAPSHOT_PRIVATE_H

#include "base/base.h"
#include "base/deflate.h"
#include "bundle/snapshot.h"
#include "kube/kinds.h"

#define REDACTED "<redacted>"

/* ---- bundle/snapshot_redact.c, bundle/snapshot_scrub.c */

/* How objects of a kind are treated, and how much was replaced. */
struct redaction {
	const struct kind *kind;
	bool include_values;
	uint64_t count;
};
/*
 * Append an object as one line without its line break; what is secret or a value is replaced, and
 * counted. Fails unless it is one JSON object.
 */
int snapshot_redact(struct redaction *redaction, const char *json, size_t len, struct buf *out,
	struct error *err) MUST_CHECK;
/* Append text (JSON or not, terminated) with credentials replaced. Quotes and backslashes stay where
 * they are. */
void snapshot_scrub(const char *text, size_t len, struct buf *out, uint64_t *count);
/* Whether `word` stands somewhere in the text. */
bool snapshot_mentions(const char *text, size_t len, const char *word);

/* ---- bundle/snapshot_write.c */

/* A snapshot that is being written. */
struct snapshot_writer {
	struct store *store;
	struct store_file members; /* members in the order of their ends, those given up too */
	struct deflater *deflater;
	struct buf packed; /* scratch */
	struct buf index;  /* lines so far */
	struct snapshot_member {
		uint64_t offset, size;
	} * kept;
	size_t kept_count;
	uint64_t begun; /* offset of the member that is being written */
	uint64_t items; /* in it */
};
int snapshot_writer_begin(
	struct snapshot_writer *writer, struct store *store, struct error *err) MUST_CHECK;
void snapshot_writer_clear(struct snapshot_writer *writer);
/* A member: begun, filled line by line, then ended or given up. */
int snapshot_member_begin(
	struct snapshot_writer *writer, const char *path, struct error *err) MUST_CHECK;
int snapshot_member_line(
	struct snapshot_writer *writer, const char *text, size_t len, struct error *err) MUST_CHECK;
int snapshot_member_end(
	struct snapshot_writer *writer, uint64_t *size, struct error *err) MUST_CHECK;
void snapshot_member_abandon(struct snapshot_writer *writer);
/* A line of the index. */
void snapshot_writer_answer(struct snapshot_writer *writer, struct json_object *line);
/* `head` is the first line. */
int snapshot_writer_end(struct snapshot_writer *writer, struct json_object *head,
	struct sha256_text *digest, uint64_t *size, struct error *err) MUST_CHECK;

/* ---- bundle/snapshot_record.c, bundle/snapshot_record_replies.c,
 * bundle/snapshot_record_logs.c */

struct recording {
	struct kube *kube;
	const struct snapshot_options *options;
	struct snapshot_writer writer;
	struct snapshot_report *report;
	struct strv namespaces; /* read one by one where all may not be */
	struct strv logs;       /* paths with their queries */
	char *kubernetes;
};

struct kube_request;

/* A line of the index; owned by the caller. `form` NULL: a reply that is kept whole. */
struct json_object *recording_answer(const char *path, const char *form, int status);
/* The line of a request that failed. */
void recording_error(struct recording *recording, const char *path, const char *form,
	const struct kube_request *request);
/* For the report. */
void recording_unread(struct recording *recording, const char *what, const struct error *error);
int recording_documents(struct recording *recording, bool *openshift, struct error *err) MUST_CHECK;
int recording_reviews(struct recording *recording, bool openshift, struct error *err) MUST_CHECK;
/* Notes whose logs are wanted. */
int recording_pod(
	struct recording *recording, const char *json, size_t len, struct error *err) MUST_CHECK;
int recording_logs(struct recording *recording, struct error *err) MUST_CHECK;

/* ---- bundle/snapshot_read.c */

enum snapshot_form {
	SNAPSHOT_REPLY,
	SNAPSHOT_LIST,
	SNAPSHOT_LOG
};

/* A question and its answer: a line of the index. */
struct snapshot_answer {
	char *path, *body; /* body: of a POST, as scan_print_json() prints it; NULL: a GET */
	enum snapshot_form form;
	int status;
	struct error error;
	char *reply;    /* of a SNAPSHOT_REPLY that worked */
	char *envelope; /* of a list that worked */
	uint64_t items;
	uint64_t offset, size; /* of its member */
};

struct snapshot {
	struct snapshot_bytes bytes;
	int64_t now;
	char *context, *namespace;
	struct snapshot_answer *answers;
	size_t count, cap;
};
int snapshot_open(
	struct snapshot *ret, const struct snapshot_bytes *bytes, struct error *err) MUST_CHECK;
void snapshot_clear(struct snapshot *snapshot);

/* How the lines of an answer are taken. */
struct snapshot_lines {
	/* Returns 1 to stop, 0 to go on, -1 with `err`. */
	int (*take)(void *ctx, const char *line, size_t len, struct error *err);
	void *ctx;
	/* Between pieces; may be NULL. */
	int (*tick)(void *ctx, struct error *err);
	void *tick_ctx;
};
/* The lines of a member, one after the other, never all in memory. ERROR_DAMAGED. */
int snapshot_read(const struct snapshot *snapshot, const struct snapshot_answer *answer,
	const struct snapshot_lines *lines, struct error *err) MUST_CHECK;

/* ---- bundle/snapshot_kube.c, bundle/snapshot_list.c, bundle/snapshot_log.c */

/* The second implementation of struct kube. */
struct recorded {
	struct kube kube; /* first: a struct kube * is a struct recorded * */
	struct snapshot snapshot;
	/* Releases what `snapshot.bytes` stands on; NULL: it is borrowed. */
	void (*close)(void *ctx);
	void *close_ctx;
};
struct kube_path;

/* Append to a reply that is kept whole. */
int recorded_keep(
	struct kube_request *request, const char *text, size_t len, struct error *err) MUST_CHECK;
/* By path and (of a POST) body; or NULL. */
const struct snapshot_answer *recorded_find(
	const struct recorded *recorded, const char *path, const char *body);
/* These two always return -1. */
int recorded_missing(const struct recorded *recorded, const struct kube_request *request,
	const char *why, struct error *err);
int recorded_repeat_error(
	struct kube_request *request, const struct snapshot_answer *answer, struct error *err);
/* Both fail if the snapshot is damaged or the user interrupts; else the request has its outcome. */
int recorded_answer_list(struct recorded *recorded, struct kube_request *request,
	const struct kube_path *path, struct error *err) MUST_CHECK;
int recorded_answer_log(
	struct recorded *recorded, struct kube_request *request, struct error *err) MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one seam for a cluster: commands list, get, write and read logs through `struct kube`,
 * and do not know whether a live API server or a file answers.
 *
 * Requests are described, then run side by side with kube_run(). Each carries its own outcome, so
 * that one kind which is forbidden or missing never hides the others.
 */
#ifndef KUBE_KUBE_H
#define KUBE_KUBE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/scan.h"
#include "kube/config.h"

struct json_object;

struct kube_request {
	const char *path;                            /* "/apis/apps/v1/deployments"; borrowed */
	const char *accept;                          /* NULL: application/json */
	const char *label_selector, *field_selector; /* as the user wrote them; NULL: none */
	const char *query;  /* more parameters, already encoded ("tailLines=5"); NULL: none */
	int chunk_size;     /* 0: one list without pages; else `limit`, following `continue` */
	const char *body;   /* JSON; NULL: none */
	const char *method; /* NULL: GET, or POST of a body. What writes is kube/write.h's. */
	const char *content_type; /* of the body; NULL: application/json */
	int delay_ms;             /* before it is sent: a question that is asked again */
	bool secret;              /* the reply is a Secret: no trace shows it */
	/*
	 * How the reply is taken, first that is set:
	 * on_item: a list, each item as JSON text (projected by `fields` if set) while it arrives;
	 * on_object: a list, each item as a tree (projected by `fields` if set), borrowed for the
	 * call; on_bytes: the reply as it arrives, whatever it is; none of them: the whole reply is
	 * kept in `reply` (at most max_reply bytes, 0: 8 MiB).
	 */
	int (*on_item)(
		struct kube_request *request, const char *json, size_t len, struct error *err);
	int (*on_object)(
		struct kube_request *request, struct json_object *object, struct error *err);
	int (*on_bytes)(
		struct kube_request *request, const char *data, size_t len, struct error *err);
	const struct projection *fields;
	const char *array_key; /* NULL: "items" */
	size_t max_reply;
	void *ctx;
	/* Results. */
	int status;         /* HTTP status, 0 if none */
	struct error error; /* kind ERROR_NONE: it worked. Words as kubectl prints them. */
	struct json_object *envelope; /* of a list: apiVersion, kind, metadata; owned */
	struct buf reply;
	uint64_t items;
	bool restarted; /* a continue token expired: the list was started again (`items` too) and
			   items may have come twice; set before the first of them comes again */
	void *private;
};
#define KUBE_REQUEST_INIT         \
	{                         \
		.reply = BUF_INIT \
	}
void kube_request_clear(struct kube_request *request);

struct kube;
struct kube_ops {
	/* Run all requests; each keeps its own error. Fails only on an interrupt or where nothing
	 * could be asked. */
	int (*run)(struct kube *kube, struct kube_request *requests[], size_t count,
		struct error *err);
	void (*free)(struct kube *kube);
};
struct kube {
	const struct kube_ops *ops;
	const char *namespace;    /* the current one; borrowed from the implementation */
	const char *context_name; /* for messages; may be NULL */
	/*
	 * "Now" for ages: the server's clock (Date header of the last reply) so that a wrong local
	 * clock does not lie, or the moment of a recording. The local clock until a reply came.
	 */
	int64_t now;
	/* Called about every 250 ms while waiting; may be NULL. */
	int (*tick)(void *ctx, struct error *err);
	void *tick_ctx;
	/* Text of a Warning header, each once, the first 1000; may be NULL. */
	void (*on_warning)(void *ctx, const char *text);
	void *warning_ctx;
};

int kube_run(struct kube *kube, struct kube_request *requests[], size_t count,
	struct error *err) MUST_CHECK;
/* One GET; `*ret` owned. The error is that of the request. */
int kube_get(struct kube *kube, const char *path, struct json_object **ret,
	struct error *err) MUST_CHECK;
void kube_free(struct kube *kube);
void kube_free_pointer(struct kube **slot);

/* The live API server. `target` is borrowed and must outlive it. Nothing is sent yet. */
struct kube *kube_live_new(const struct kube_target *target, const char *user_agent);

#endif

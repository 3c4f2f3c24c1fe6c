/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Git server says first: its capabilities and refs. Protocols 0 and 1 say both at once
 * (gitprotocol-pack(5), over http behind a line with the service: gitprotocol-http(5)); protocol 2
 * says the capabilities, and the refs when asked by ls-refs (gitprotocol-v2(5)). Everything here
 * comes from outside.
 */
#ifndef BUNDLE_ADVERT_H
#define BUNDLE_ADVERT_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"
#include "bundle/pktline.h"
#include "bundle/remote.h"

struct advert {
	int version; /* 0, 1, 2 */
	struct strv capabilities;
	struct remote_ref *refs; /* sorted by name once advert_end() has been called */
	size_t ref_count, ref_room;
	bool shallow; /* the server's own repository lacks history */
	/* While reading. */
	const char *service;         /* "git-upload-pack" */
	const struct strv *prefixes; /* NULL: all refs are kept */
	struct pkt_reader reader;
	uint64_t bytes;
	unsigned state;
};

/* `service` and `prefixes` are borrowed. The object may not move while it reads. */
void advert_init(struct advert *advert, const char *service, const struct strv *prefixes);
void advert_clear(struct advert *advert);
/* 0: more has to come; 1: it is complete; -1. Errors: ERROR_SERVER, or ERROR_FAILED for what this
 * program does not do. */
int advert_feed(struct advert *advert, const char *data, size_t len, struct error *err) MUST_CHECK;
/* From here on the answer to ls-refs is fed. */
void advert_expect_refs(struct advert *advert);
/* All that was expected has come: refuse what is cut, sort, refuse refs that came twice. */
int advert_end(struct advert *advert, struct error *err) MUST_CHECK;

/* The value of "name=value", "" of a bare "name", NULL if the server did not say it. Borrowed. */
const char *advert_capability(const struct advert *advert, const char *name);
/* Set the error of an "ERR …" line, or of the text of a failure; always returns -1. */
int advert_server_error(const char *text, size_t len, struct error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reply that is not a success, in the words of kubectl: "Error from server (NotFound): pods "x"
 * not found". Sources: kubectl pkg/cmd/util/helpers.go, apimachinery pkg/api/errors/errors.go.
 */
#ifndef KUBE_STATUS_ERROR_H
#define KUBE_STATUS_ERROR_H

#include "base/base.h"
#include "base/error.h"

/* Turn HTTP status and body (a Status object or anything else) into `err`; always returns -1. */
int kube_status_error(
	int http_status, const char *body, size_t len, const char *what, struct error *err);

#endif

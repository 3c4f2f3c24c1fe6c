/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Label and field selectors, evaluated here as the API server evaluates them, with its words for
 * those that it refuses. Sources: apimachinery pkg/labels/selector.go and pkg/fields/selector.go,
 * kubernetes pkg/apis/core/v1/conversion.go and pkg/apis/batch/v1/conversion.go; each row was tried
 * on a real server.
 */
#ifndef KUBE_SELECTOR_H
#define KUBE_SELECTOR_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"
#include "kube/kinds.h"

struct json_object;

/* ---- "app=podinfo,tier in (a,b),!x": kube/label_selector.c */

struct label_selector;
/* ERROR_SERVER with what the server says; its "BadRequest" is the caller's to add. */
int label_selector_parse(
	const char *text, struct label_selector **ret, struct error *err) MUST_CHECK;
void label_selector_free(struct label_selector *selector);
/* `labels`: metadata.labels, may be NULL. */
bool label_selector_matches(const struct label_selector *selector, struct json_object *labels);

/* What may not stand in a label's key or value, in the server's words; nothing if it may. Appends. */
void label_check_key(const char *key, struct buf *why);
void label_check_value(const char *value, struct buf *why);

/* ---- "metadata.name=podinfo,status.phase!=Running": kube/field_selector.c */

struct field_selector;
/* ERROR_SERVER also where the server does not know such a field of this kind. */
int field_selector_parse(const struct kind *kind, const char *text, struct field_selector **ret,
	struct error *err) MUST_CHECK;
void field_selector_free(struct field_selector *selector);
bool field_selector_matches(const struct field_selector *selector, struct json_object *object);
/* Paths for a projection (base/scan.h) of what is looked at. */
void field_selector_paths(const struct field_selector *selector, struct strv *ret);

#endif

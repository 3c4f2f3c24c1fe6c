/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the survey share and nobody else sees. */
#ifndef KUBE_SURVEY_PRIVATE_H
#define KUBE_SURVEY_PRIVATE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/intern.h"
#include "kube/survey.h"

struct survey_private {
	struct intern *pool;
	struct survey_object **index; /* by Kind, namespace and name; rebuilt when stale */
	size_t index_size;            /* a power of two, 0: none */
	bool index_stale;
	struct buf scratch;
};

/* The list of a kind, made when missing. */
struct survey_list *survey_list_for(struct survey *survey, const struct kind *kind);
/* Is this Deployment's or pod's document wanted: does it belong to Flux or the Azure agents? */
bool survey_is_controller(const char *namespace, struct json_object *object);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* CATALOG of what is asked about permissions: the reviews that `check` posts and a recording keeps. */
#ifndef KUBE_ACCESS_H
#define KUBE_ACCESS_H

#include "base/base.h"
#include "base/buf.h"

#define ACCESS_SELF_PATH "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
#define ACCESS_RULES_PATH "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
#define ACCESS_SUBJECT_PATH "/apis/authorization.k8s.io/v1/subjectaccessreviews"
/* Served by OpenShift alone. */
#define ACCESS_OPENSHIFT_PATH "/apis/security.openshift.io"

/* "May I?", of what the Look commands and `reconcile` do. */
struct access_row {
	const char *verb, *group, *resource, *subresource;
	const char *namespace; /* NULL: all */
	bool pre;              /* what an installation does: asked by check --pre alone */
};
extern const struct access_row access_rows[];
extern const size_t access_rows_count;
/* Append the body of a SelfSubjectAccessReview. */
void access_body(const struct access_row *row, struct buf *out);

/* Service accounts that need one of the SCCs on OpenShift. */
extern const char *const access_scc_accounts[];
extern const size_t access_scc_accounts_count;
extern const char *const access_scc_names[];
extern const size_t access_scc_names_count;
/* Append the body of a SubjectAccessReview: may this account of flux-system use this SCC? */
void access_scc_body(const char *account, const char *scc, struct buf *out);

/* Append the body of a SelfSubjectRulesReview. */
void access_rules_body(const char *namespace, struct buf *out);

#endif

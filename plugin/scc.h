/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The security context constraint of OpenShift that the controllers' pods need: which one, why that one,
 * which service account may use it and by what.
 */
#ifndef PLUGIN_SCC_H
#define PLUGIN_SCC_H

#include "base/base.h"
#include "base/strv.h"
#include "kube/kube.h"
#include "plugin/app.h"

struct json_object;

/* The six, in the order of kube/access.h. */
#define SCC_ACCOUNTS 6

struct scc_account {
	const char *name;
	bool asked,
		allowed; /* by a SubjectAccessReview; without one `allowed` is what the bindings say */
	struct strv grants; /* "ClusterRoleBinding flux-scc" */
	bool deployed;
	char *pod;      /* NULL: none */
	char *admitted; /* the SCC that let the pod in; NULL: not told */
	char *refused;  /* why pods are not made; NULL: they are, or nothing is known */
};

struct scc {
	struct app *app;
	bool openshift;
	bool asked_for; /* the SCC was named */
	char *version;  /* of OpenShift; NULL: not known */
	char *name;     /* the SCC that is needed */
	char *because;  /* why this one */
	char *warning;  /* it will not do, and what would; NULL */
	struct scc_account accounts[SCC_ACCOUNTS];
	struct strv unanswered; /* "what: why" */
	/* What was read; trees that are owned. */
	struct json_object *sccs, *roles, *bindings, *pods, *deployments, *release;
	bool sccs_known, grants_known, deployments_known;
};

/* Read the cluster: which SCC is needed, and with `whole` who may use it. `wanted` is an SCC by name, NULL: choose. Not OpenShift: only `openshift` is set, false.
 * Fails where not even that could be asked, or where the SCC is known not to exist. */
int scc_read(struct app *app, const char *wanted, bool whole, struct scc *scc,
	struct error *err) MUST_CHECK;
/* What was not answered, on stderr. */
void scc_warn_unanswered(const struct scc *scc);
void scc_clear(struct scc *scc);
/* Ask again, after `delay_ms`, who may use the SCC. Fails only on an interrupt. */
int scc_review(struct scc *scc, int delay_ms, struct error *err) MUST_CHECK;
/* Whether it may use the SCC was told, by a review or by the bindings. */
bool scc_known(const struct scc *scc, const struct scc_account *account);
/* Accounts that are known not to be allowed the SCC. */
size_t scc_missing(const struct scc *scc);
/* Choose an SCC by what was read (plugin/scc_choose.c). */
void scc_choose(struct scc *scc);
/* ERROR_FAILED, in words, unless the cluster is OpenShift. */
int scc_need_openshift(const struct scc *scc, struct error *err) MUST_CHECK;
/* The cluster by the name of its context, for messages. */
const char *scc_place(const struct app *app);

#endif

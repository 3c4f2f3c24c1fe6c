/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How sources log in: by a row of --credentials, else by the Secrets that their objects name, read
 * with the caller's own rights. Nothing of the caller's own (ssh keys, agent, credential helpers)
 * is used unless --own-ssh says so.
 */
#ifndef BUNDLE_ACCESS_H
#define BUNDLE_ACCESS_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/credentials.h"
#include "bundle/plan.h"
#include "bundle/remote.h"
#include "kube/kube.h"

struct access {
	struct kube *kube;                     /* NULL: no cluster */
	const struct credentials *credentials; /* NULL: none */
	bool own_ssh;
};

/*
 * For one object that takes from `url`; `ret` is cleared by the caller. ERROR_FORBIDDEN,
 * ERROR_NOT_FOUND, ERROR_CONFIG say which Secret and why; the hint says what to type.
 */
int access_git(const struct access *access, const char *url, const struct plan_access *wanted,
	struct git_credentials *ret, struct error *err) MUST_CHECK;
/* The same for a Helm repository: its Secrets have other keys. */
int access_chart(const struct access *access, const char *url, const struct plan_access *wanted,
	struct git_credentials *ret, struct error *err) MUST_CHECK;

#endif

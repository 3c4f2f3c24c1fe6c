/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who we are, for each request: tokens (given, from a file that is read again, from a credential
 * plugin), basic authentication, impersonation. Nothing is sent over plain http but impersonation.
 *
 * Protocol: client-go's exec credential plugins (client.authentication.k8s.io/v1, v1beta1) and
 * cached token files (one minute minus ten seconds).
 */
#ifndef KUBE_CREDENTIALS_H
#define KUBE_CREDENTIALS_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"
#include "kube/config.h"

struct kube_credentials;
/* `target` is borrowed for the life of the credentials. */
struct kube_credentials *kube_credentials_new(const struct kube_target *target);
void kube_credentials_free(struct kube_credentials *credentials);
/* Append the headers of one request; runs the credential plugin when its answer is missing or
 * expired. */
int kube_credentials_headers(
	struct kube_credentials *credentials, struct strv *headers, struct error *err) MUST_CHECK;
/* A client certificate that the plugin gave: PEM texts, borrowed, NULL if none. Call after
 * _headers(). */
void kube_credentials_certificate(
	const struct kube_credentials *credentials, const char **cert_pem, const char **key_pem);
/* The server said 401: true if asking again may give something else (exec plugins), which the next
 * call does. */
bool kube_credentials_refused(struct kube_credentials *credentials);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A look into PEM texts before a TLS library gets them, so that what is wrong is said in the words
 * that kubectl uses (Go's crypto/tls and crypto/x509). The wrapper of OpenSSL's PEM reader; nothing
 * is ever prompted for.
 */
#ifndef BASE_PEM_H
#define BASE_PEM_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

/*
 * Append the certificates of `pem` that can be parsed, written anew, to `out`; other blocks and
 * text between them are skipped. ERROR_CONFIG without any: "unable to parse bytes as PEM block",
 * "failed to parse certificate: …", "no valid certificate authority data seen".
 */
int pem_certificates(const char *pem, size_t len, struct buf *out, struct error *err) MUST_CHECK;

/*
 * Whether the first certificate belongs to the private key. ERROR_CONFIG in Go's words: "tls:
 * private key does not match public key", "tls: failed to find any PEM data in key input" …
 */
int pem_check_pair(const struct buf *cert, const struct buf *key, struct error *err) MUST_CHECK;

#endif

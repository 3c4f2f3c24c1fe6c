/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --credentials FILE: how to log in where. YAML or JSON, readable by its owner alone:
 *
 *	credentials:
 *	- url: https://git.example.com/team     # this and all below it
 *	  username: ada
 *	  passwordFile: password.txt            # or password: …
 *	  caFile: ca.crt                        # trusted instead of the system's
 *	- url: https://gitlab.example.com
 *	  bearerTokenFile: token
 *	  certFile: client.crt
 *	  keyFile: client.key
 *	- url: ssh://git@git.example.com:2222
 *	  identityFile: id_ed25519
 *	  knownHostsFile: known_hosts
 *	  proxy: …                              # https only; "" for none
 *
 * Relative names are of files beside it. Of several rows that fit a URL the one with the longest
 * path counts, and it alone. Files with secrets in them have to be readable by their owner alone
 * too.
 */
#ifndef BUNDLE_CREDENTIALS_H
#define BUNDLE_CREDENTIALS_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/remote.h"

struct credentials;

/* ERROR_CONFIG names the row and what is wrong with it. */
int credentials_open(const char *path, struct credentials **ret, struct error *err) MUST_CHECK;
void credentials_free(struct credentials *credentials);
void credentials_free_pointer(struct credentials **slot);
#define autocredentials CLEANUP(credentials_free_pointer) struct credentials

/*
 * Read what the row that fits `url` names, into `ret` (an initialised one, cleared by the caller).
 * 1: found; 0: no row fits; -1: a file could not be read.
 */
int credentials_find(const struct credentials *credentials, const char *url,
	struct git_credentials *ret, struct error *err) MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent that holds the user's keys (SSH_AUTH_SOCK; draft-ietf-sshm-ssh-agent): asks whether it has
 * one, and for a signature. Encrypted keys and those of hardware are used through it alone, so that no
 * passphrase is ever asked for or read here.
 */
#ifndef BUNDLE_SSH_AGENT_H
#define BUNDLE_SSH_AGENT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "bundle/ssh_key.h"

/* Is there an agent, and does it hold this key? ERROR_NOT_FOUND without a hint: why not. */
int ssh_agent_check(const struct ssh_public *key, struct error *err) MUST_CHECK;
/* The signature as ssh_public_verify() takes it is appended; whether it is one is not looked at. */
int ssh_agent_sign(const struct ssh_public *key, struct sign_bytes message, struct buf *signature,
	struct error *err) MUST_CHECK;

#endif

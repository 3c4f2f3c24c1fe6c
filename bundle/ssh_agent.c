/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/os.h"
#include "bundle/ssh_agent.h"
#include "bundle/ssh_wire.h"

enum {
	REQUEST_IDENTITIES = 11,
	IDENTITIES_ANSWER = 12,
	SIGN_REQUEST = 13,
	SIGN_RESPONSE = 14,
};
#define RSA_SHA2_512 4     /* flag of SIGN_REQUEST */
#define ANSWER_MAX 262144  /* bytes; OpenSSH's own limit */
#define KEYS_MAX 2048      /* so is this */
#define ANSWER_MS 10000    /* of a question that needs nobody */
#define APPROVAL_MS 120000 /* a key may have to be touched, a passphrase typed */

static int ask(const struct buf *request, unsigned char wanted, int timeout_ms, struct buf *reply,
	struct error *err)
{
	const char *path = os_env("SSH_AUTH_SOCK");

	if (!path)
		return error_set(err, ERROR_NOT_FOUND,
			"no ssh-agent is running (SSH_AUTH_SOCK is "
			"not set)");
	if (os_socket_ask(path, request, ANSWER_MAX, timeout_ms, reply, err) < 0)
		return error_wrap(err, "ssh-agent");
	if (!reply->len || (unsigned char)reply->ptr[0] != wanted)
		return error_set(err, ERROR_FAILED, "ssh-agent refused");
	return 0;
}

int ssh_agent_check(const struct ssh_public *key, struct error *err)
{
	struct sign_bytes wanted = {(const unsigned char *)key->blob.ptr, key->blob.len};
	autobuf request = BUF_INIT;
	autobuf reply = BUF_INIT;
	struct ssh_reader reader;
	struct sign_bytes blob, comment;
	uint32_t count;

	buf_addc(&request, REQUEST_IDENTITIES);
	if (ask(&request, IDENTITIES_ANSWER, ANSWER_MS, &reply, err) < 0)
		return -1;
	reader = ssh_reader(reply.ptr + 1, reply.len - 1);
	if (!ssh_read_u32(&reader, &count) || count > KEYS_MAX)
		return error_set(err, ERROR_FAILED, "ssh-agent gave a malformed answer");
	for (; count; count--) {
		if (!ssh_read_string(&reader, &blob) || !ssh_read_string(&reader, &comment))
			return error_set(err, ERROR_FAILED, "ssh-agent gave a malformed answer");
		if (ssh_bytes_equal(blob, wanted))
			return 0;
	}
	return error_set(err, ERROR_NOT_FOUND, "ssh-agent does not hold it");
}

int ssh_agent_sign(const struct ssh_public *key, struct sign_bytes message, struct buf *signature,
	struct error *err)
{
	autobuf request = BUF_INIT;
	autobuf reply = BUF_INIT;
	struct ssh_reader reader;
	struct sign_bytes bytes;

	buf_addc(&request, SIGN_REQUEST);
	ssh_add_string(&request, key->blob.ptr, key->blob.len);
	ssh_add_string(&request, message.data, message.len);
	ssh_add_u32(&request, key->type->method == SIGN_RSA_SHA512 ? RSA_SHA2_512 : 0);
	if (ask(&request, SIGN_RESPONSE, APPROVAL_MS, &reply, err) < 0)
		return -1;
	reader = ssh_reader(reply.ptr + 1, reply.len - 1);
	if (!ssh_read_string(&reader, &bytes) || reader.left)
		return error_set(err, ERROR_FAILED, "ssh-agent gave a malformed answer");
	buf_add(signature, bytes.data, bytes.len);
	return 0;
}

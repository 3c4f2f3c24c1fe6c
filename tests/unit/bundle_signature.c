/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures in both directions with the real ssh-keygen and ssh-agent. */
#include "ssh_folder.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/digest.h"
#include "bundle/signature.h"

static const struct {
	const char *name, *arguments, *type;
} keys[] = {
	{"ed25519", "-t ed25519", "ssh-ed25519"},
	{"p256", "-t ecdsa -b 256", "ecdsa-sha2-nistp256"},
	{"p384", "-t ecdsa -b 384", "ecdsa-sha2-nistp384"},
	{"p521", "-t ecdsa -b 521", "ecdsa-sha2-nistp521"},
	{"rsa", "-t rsa -b 3072", "ssh-rsa"},
};
#define VERIFY                                                                              \
	"ssh-keygen -Y verify -n flux-arc-bundle -f trust -I a@example.com -s message.sig " \
	"<message"

static int64_t now = 1800000000;

/* An agent of this test alone. */
static pid_t agent;

static void start_agent(void)
{
	autofree char *socket = ssh_path("agent");

	agent = fork();
	if (agent == 0) {
		freopen("/dev/null", "w", stdout);
		execlp("ssh-agent", "ssh-agent", "-D", "-a", socket, (char *)NULL);
		_exit(1);
	}
	while (waitpid(agent, NULL, WNOHANG) == 0 &&
		ssh_shell("SSH_AUTH_SOCK=$PWD/agent ssh-add -l; test $? -ne 2"))
		usleep(10000);
}

static int tear_down(void **state)
{
	kill(agent, SIGTERM);
	waitpid(agent, NULL, 0);
	return ssh_folder_tear_down(state);
}

static int set_up(void **state)
{
	const struct buf message = {.ptr = (char[]){"a message\n"}, .len = 10};

	if (ssh_folder_set_up(state) < 0)
		return -1;
	unsetenv("SSH_AUTH_SOCK");
	start_agent();
	ssh_write("message", &message);
	for (size_t i = 0; i < countof(keys); i++) {
		if (ssh_shell("ssh-keygen -q -N '' -C 'a comment' %s -f %s", keys[i].arguments,
			    keys[i].name) ||
			ssh_shell("sed 's/^/a@example.com /' %s.pub >>trust", keys[i].name))
			return -1;
	}
	return 0;
}

static int verify(
	const struct buf *signature, const char *trust, struct signer *ret, struct error *err)
{
	const struct signature_trust wanted = {.text = trust, .now = now};
	autobuf message = BUF_INIT;

	ssh_read("message", &message);
	return signature_verify(signature, &message, &wanted, ret, err);
}

/* Sign the message with a key file as this program does it. */
static int sign(const char *name, struct buf *signature, struct error *err)
{
	autofree char *path = ssh_path(name);
	autosigningkey *key = NULL;
	autobuf message = BUF_INIT;

	buf_reset(signature);
	ssh_read("message", &message);
	if (signing_key_open(path, &key, err) < 0)
		return -1;
	return signing_key_sign(key, &message, signature, err);
}

static void test_ssh_keygen_reads_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(keys); i++) {
		autobuf signature = BUF_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(sign(keys[i].name, &signature, &err), 0);
		ssh_write("message.sig", &signature);
		assert_int_equal(ssh_shell(VERIFY), 0);
		assert_int_equal(ssh_shell("ssh-keygen -Y check-novalidate -n flux-arc-bundle -s "
					   "message.sig <message"),
			0);
		assert_int_equal(ssh_shell("ssh-keygen -Y find-principals -f trust -s message.sig "
					   "| grep -qx a@example.com"),
			0);
	}
}

static void test_we_read_ssh_keygens(void **state)
{
	autobuf trust = BUF_INIT;

	(void)state;
	ssh_read("trust", &trust);
	for (size_t i = 0; i < 2 * countof(keys); i++) {
		const char *hash = i % 2 ? "-O hashalg=sha256" : "";
		const char *name = keys[i / 2].name;
		CLEANUP(signer_clear) struct signer signer = {0};
		autobuf signature = BUF_INIT;
		autobuf fingerprint = BUF_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(ssh_shell("rm -f message.sig; ssh-keygen -Y sign %s -n "
					   "flux-arc-bundle -f %s message",
					 hash, name),
			0);
		ssh_read("message.sig", &signature);
		assert_int_equal(verify(&signature, trust.ptr, &signer, &err), 0);
		assert_string_equal(signer.principal, "a@example.com");
		assert_string_equal(signer.key_type, keys[i / 2].type);
		assert_null(signer.why);
		assert_int_equal(ssh_shell("ssh-keygen -l -f %s", name), 0);
		ssh_read("out", &fingerprint);
		assert_non_null(strstr(fingerprint.ptr, signer.fingerprint));
	}
}

/* Every byte of a signature counts: flips one bit of each, or all eight. */
static void flip_all(const char *name, unsigned bits)
{
	autobuf trust = BUF_INIT;
	autobuf signature = BUF_INIT;
	autoerror err = ERROR_INIT;

	ssh_read("trust", &trust);
	assert_int_equal(sign(name, &signature, &err), 0);
	for (size_t i = 0; i < signature.len * bits; i++) {
		char *byte = &signature.ptr[i / bits];
		char before = *byte;
		CLEANUP(signer_clear) struct signer signer = {0};

		*byte = (char)(before ^ 1 << i % 8);
		assert_int_equal(verify(&signature, trust.ptr, &signer, &err), -1);
		assert_null(signer.principal);
		*byte = before;
	}
}

static void test_flipped_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(keys); i++)
		flip_all(keys[i].name, i ? 1 : 8);
}

/* The same of the blob inside, armored anew, so that all behind the armor is met. */
static void test_flipped_bytes_of_the_blob(void **state)
{
	autobuf trust = BUF_INIT;

	(void)state;
	ssh_read("trust", &trust);
	for (size_t k = 0; k < countof(keys); k++) {
		autobuf signature = BUF_INIT;
		autobuf blob = BUF_INIT;
		autoerror err = ERROR_INIT;
		size_t bad;

		assert_int_equal(sign(keys[k].name, &signature, &err), 0);
		assert_true(
			base64_decode(signature.ptr + 30, signature.len - 30 - 29, &blob, &bad));
		for (size_t i = 0; i < blob.len; i++) {
			CLEANUP(signer_clear) struct signer signer = {0};
			autobuf changed = BUF_INIT;

			blob.ptr[i] = (char)(blob.ptr[i] ^ 1);
			buf_adds(&changed, "-----BEGIN SSH SIGNATURE-----\n");
			for (size_t at = 0; at < blob.len; at += 51) {
				base64_encode(blob.ptr + at,
					blob.len - at < 51 ? blob.len - at : 51, &changed);
				buf_addc(&changed, '\n');
			}
			buf_adds(&changed, "-----END SSH SIGNATURE-----\n");
			assert_int_equal(verify(&changed, trust.ptr, &signer, &err), -1);
			assert_string_not_equal(err.message, "not an SSH signature");
			blob.ptr[i] = (char)(blob.ptr[i] ^ 1);
		}
	}
}

static void test_other_message(void **state)
{
	CLEANUP(signer_clear) struct signer signer = {0};
	const struct signature_trust trust = {.text = ""};
	const struct buf other = {.ptr = (char[]){"a messagf\n"}, .len = 10};
	autobuf signature = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(sign("ed25519", &signature, &err), 0);
	assert_int_equal(signature_verify(&signature, &other, &trust, &signer, &err), -1);
	assert_int_equal(err.kind, ERROR_DAMAGED);
	assert_string_equal(err.message, "the signature is not one of this text");
}

static void test_refused_signatures(void **state)
{
	static const struct {
		const char *make, *error;
		enum error_kind kind;
	} rows[] = {
		{"ssh-keygen -Y sign -n git -f ed25519 message",
			"signed for another purpose than 'flux-arc-bundle'", ERROR_NOT_TRUSTED},
		{"ssh-keygen -q -t rsa -b 2048 -N '' -f small && ssh-keygen -Y sign -n "
		 "flux-arc-bundle -f small message",
			"signed with: an RSA key of 2048 bits, at least 3072 are wanted",
			ERROR_NOT_TRUSTED},
		{"ssh-keygen -s p256 -I id -n a ed25519.pub && ssh-add ed25519 && ssh-keygen -Y "
		 "sign -n "
		 "flux-arc-bundle -f ed25519-cert.pub message",
			"signed with a certificate, which is not supported", ERROR_NOT_TRUSTED},
		{"echo x >message.sig", "not an SSH signature", ERROR_DAMAGED},
		{"ssh-keygen -Y sign -n flux-arc-bundle -f ed25519 message && printf x "
		 ">>message.sig",
			"malformed SSH signature", ERROR_DAMAGED},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(signer_clear) struct signer signer = {0};
		autobuf signature = BUF_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(ssh_shell("rm -f message.sig; export SSH_AUTH_SOCK=$PWD/agent; %s",
					 rows[i].make),
			0);
		ssh_read("message.sig", &signature);
		assert_int_equal(verify(&signature, "", &signer, &err), -1);
		assert_string_equal(err.message, rows[i].error);
		assert_int_equal(err.kind, rows[i].kind);
	}
}

/* What a key file may be that no signature comes out of, and what is said to be done about it. */
static void test_refused_keys(void **state)
{
	static const struct {
		const char *make, *error, *hint;
	} rows[] = {
		{"true", "open %s/key: no such file or directory", NULL},
		{"cp ed25519 key; chmod 640 key", "%s/key holds a secret, and others may read it",
			"chmod 600 %s/key"},
		{"cp ed25519 key; ssh-keygen -p -q -N secret -f key",
			"the key is encrypted, so ssh-agent has to sign: no ssh-agent is running "
			"(SSH_AUTH_SOCK is not set)",
			"eval \"$(ssh-agent)\" && ssh-add %s/key"},
		{"openssl genpkey -algorithm ed25519 >key; chmod 600 key",
			"not a key in OpenSSH's own format",
			"ssh-keygen -p -f %s/key writes it anew in that format"},
		{"echo text >key; chmod 600 key", "not a key in OpenSSH's own format",
			"'kubectl flux-arc bundle keys make' makes one"},
		{"head -c 200 ed25519 >key; chmod 600 key", "malformed private key", NULL},
		{"cp small key", "an RSA key of 2048 bits, at least 3072 are wanted", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf signature = BUF_INIT;
		autobuf error = BUF_INIT;
		autobuf hint = BUF_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(ssh_shell("rm -f key; %s", rows[i].make), 0);
		assert_int_equal(sign("key", &signature, &err), -1);
		ssh_fill(&error, rows[i].error);
		assert_non_null(strstr(err.message, error.ptr));
		if (rows[i].hint) {
			ssh_fill(&hint, rows[i].hint);
			assert_string_equal(err.hint, hint.ptr);
		}
	}
}

static void test_agent_signs_for_encrypted_keys(void **state)
{
	autofree char *socket = ssh_path("agent");

	(void)state;
	setenv("SSH_AUTH_SOCK", socket, 1);
	assert_int_equal(ssh_shell("ssh-add -D"), 0);
	for (size_t i = 0; i < countof(keys); i++) {
		autobuf signature = BUF_INIT;
		autoerror err = ERROR_INIT;
		autoerror none = ERROR_INIT;

		assert_int_equal(ssh_shell("cp %s key && cp %s.pub key.pub && ssh-keygen -p -q -N "
					   "secret -f key",
					 keys[i].name, keys[i].name),
			0);
		assert_int_equal(sign("key", &signature, &none), -1);
		assert_non_null(strstr(none.message, "ssh-agent does not hold it"));
		assert_int_equal(ssh_shell("ssh-add %s", keys[i].name), 0);
		assert_int_equal(sign("key", &signature, &err), 0);
		ssh_write("message.sig", &signature);
		assert_int_equal(ssh_shell(VERIFY), 0);
		assert_int_equal(sign("key.pub", &signature, &err), 0);
		ssh_write("message.sig", &signature);
		assert_int_equal(ssh_shell(VERIFY), 0);
	}
	unsetenv("SSH_AUTH_SOCK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ssh_keygen_reads_ours),
		cmocka_unit_test(test_we_read_ssh_keygens),
		cmocka_unit_test(test_flipped_bits),
		cmocka_unit_test(test_flipped_bytes_of_the_blob),
		cmocka_unit_test(test_other_message),
		cmocka_unit_test(test_refused_signatures),
		cmocka_unit_test(test_refused_keys),
		cmocka_unit_test(test_agent_signs_for_encrypted_keys),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

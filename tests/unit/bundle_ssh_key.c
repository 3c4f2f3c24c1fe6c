/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that we make, keys of hardware, and malformed ones. */
#include "ssh_folder.h"

#include "base/digest.h"
#include "bundle/signature.h"
#include "bundle/ssh_key.h"
#include "bundle/ssh_wire.h"

static int set_up(void **state)
{
	const struct buf message = {.ptr = (char[]){"message\n"}, .len = 8};

	if (ssh_folder_set_up(state) < 0)
		return -1;
	ssh_write("message", &message);
	return ssh_shell(
		"ssh-keygen -q -N '' -t ed25519 -f ed25519 && ssh-keygen -q -N '' -t ecdsa "
		"-b 256 -f p256 && ssh-keygen -q -N '' -t rsa -b 3072 -f rsa");
}

static void test_made_keys_are_openssh_s(void **state)
{
	autobuf file = BUF_INIT;
	autobuf line = BUF_INIT;
	autobuf out = BUF_INIT;

	(void)state;
	ssh_private_make("who@host", &file, &line);
	ssh_write("made", &file);
	assert_int_equal(ssh_shell("ssh-keygen -y -f made"), 0);
	ssh_read("out", &out);
	assert_string_equal(out.ptr, line.ptr);
	assert_int_equal(ssh_shell("ssh-keygen -Y sign -n flux-arc-bundle -f made message"), 0);
}

static void read_private(const char *name, struct ssh_private *ret)
{
	autobuf text = BUF_INIT;
	autoerror err = ERROR_INIT;

	ssh_read(name, &text);
	assert_int_equal(ssh_private_read(text.ptr, text.len, ret, &err), 0);
}

/* The key of `software` as if hardware held it, and its signature of SSHSIG's frame as hardware makes
 * it. */
static void sign_as_hardware(const struct ssh_private *software, const char *type, struct buf *blob,
	struct buf *signature)
{
	static const char frame[] =
		"SSHSIG\0\0\0\17flux-arc-bundle\0\0\0\0\0\0\0\6sha512\0\0\0\100";
	static const unsigned char state[] = {1, 0, 0, 0, 7};
	const struct buf *own = &software->public_key.blob;
	size_t own_name = 4 + strlen(software->public_key.type->name);
	enum sign_method method = software->public_key.type->method;
	size_t half = sign_half(method);
	autodigest *sha512 = digest_new(DIGEST_SHA512);
	autodigest *sha256 = digest_new(DIGEST_SHA256);
	unsigned char bytes[DIGEST_MAX];
	autobuf signed_text = BUF_INIT;
	autobuf raw = BUF_INIT;
	autobuf inner = BUF_INIT;
	autoerror err = ERROR_INIT;

	ssh_add_text(blob, type);
	buf_add(blob, own->ptr + own_name, own->len - own_name);
	ssh_add_text(blob, "ssh:");
	digest_add(sha256, "ssh:", 4);
	buf_add(&signed_text, bytes, digest_end(sha256, bytes));
	buf_add(&signed_text, state, sizeof(state));
	digest_add(sha512, "message\n", 8);
	digest_add(sha256, frame, sizeof(frame) - 1);
	digest_add(sha256, bytes, digest_end(sha512, bytes));
	buf_add(&signed_text, bytes, digest_end(sha256, bytes));
	assert_int_equal(
		sign_make(software->key, method,
			(struct sign_bytes){(unsigned char *)signed_text.ptr, signed_text.len},
			&raw, &err),
		0);
	ssh_add_text(signature, type);
	if (half) {
		ssh_add_mpint(&inner, (unsigned char *)raw.ptr, half);
		ssh_add_mpint(&inner, (unsigned char *)raw.ptr + half, half);
	} else {
		buf_add(&inner, raw.ptr, raw.len);
	}
	ssh_add_string(signature, inner.ptr, inner.len);
	buf_add(signature, state, sizeof(state));
}

static void armor(const struct buf *key, const struct buf *signature, struct buf *ret)
{
	autobuf blob = BUF_INIT;

	buf_adds(&blob, "SSHSIG");
	ssh_add_u32(&blob, 1);
	ssh_add_string(&blob, key->ptr, key->len);
	ssh_add_text(&blob, SIGNATURE_NAMESPACE);
	ssh_add_text(&blob, "");
	ssh_add_text(&blob, "sha512");
	ssh_add_string(&blob, signature->ptr, signature->len);
	buf_adds(ret, "-----BEGIN SSH SIGNATURE-----\n");
	for (size_t at = 0; at < blob.len; at += 57) {
		base64_encode(blob.ptr + at, blob.len - at < 57 ? blob.len - at : 57, ret);
		buf_addc(ret, '\n');
	}
	buf_adds(ret, "-----END SSH SIGNATURE-----\n");
}

static void test_hardware_keys(void **state)
{
	static const char *const names[][2] = {
		{"ed25519", "sk-ssh-ed25519@openssh.com"},
		{"p256", "sk-ecdsa-sha2-nistp256@openssh.com"},
	};
	const struct buf message = {.ptr = (char[]){"message\n"}, .len = 8};

	(void)state;
	for (size_t i = 0; i < countof(names); i++) {
		CLEANUP(ssh_private_clear) struct ssh_private software = SSH_PRIVATE_INIT;
		CLEANUP(signer_clear) struct signer signer = {0};
		autobuf key = BUF_INIT;
		autobuf signature = BUF_INIT;
		autobuf armored = BUF_INIT;
		autobuf trust = BUF_INIT;
		autoerror err = ERROR_INIT;

		read_private(names[i][0], &software);
		sign_as_hardware(&software, names[i][1], &key, &signature);
		armor(&key, &signature, &armored);
		buf_addf(&trust, "a@x %s ", names[i][1]);
		base64_encode(key.ptr, key.len, &trust);
		ssh_write("trust", &trust);
		ssh_write("message.sig", &armored);
		assert_int_equal(
			ssh_shell("ssh-keygen -Y verify -n flux-arc-bundle -f trust -I a@x "
				  "-s message.sig <message"),
			0);
		const struct signature_trust wanted = {.text = trust.ptr};
		assert_int_equal(signature_verify(&armored, &message, &wanted, &signer, &err), 0);
		assert_string_equal(signer.principal, "a@x");
		assert_string_equal(signer.key_type, names[i][1]);
		/* Its counter is signed too. */
		signature.ptr[signature.len - 1] ^= 1;
		buf_reset(&armored);
		armor(&key, &signature, &armored);
		assert_int_equal(signature_verify(&armored, &message, &wanted, &signer, &err), -1);
	}
}

static void test_public_lines(void **state)
{
	static const struct {
		const char *line, *error;
	} rows[] = {
		{"", "a key of type '', which is not supported"},
		{"ssh-dss AAAA", "a key of type 'ssh-dss', which is not supported"},
		{"ssh-ed25519", "malformed key"},
		{"ssh-ed25519 AAAA", "malformed key"},
		/* another type inside; a byte too many; a length beyond the end */
		{"ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOLb0i1PlpA7cIIXvRXtrLbXJyzh0wM2Z7iHTVUHHtbJ",
			"a key of type ssh-ed25519 that is called ssh-rsa"},
		{"ssh-ed25519 "
		 "AAAAC3NzaC1lZDI1NTE5AAAAIOLb0i1PlpA7cIIXvRXtrLbXJyzh0wM2Z7iHTVUHHtbJAA"
		 "==",
			"malformed key of type ssh-ed25519"},
		{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIQLb0i1PlpA7cIIXvRXtrLbXJyzh0wM2Z7iHTVUHHtbJ",
			"malformed key of type ssh-ed25519"},
		/* a point that is not on the curve */
		{"ecdsa-sha2-nistp256 "
		 "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAAAAAAAAAAAA"
		 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
			"its numbers do not make a key"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(ssh_public_clear) struct ssh_public key = SSH_PUBLIC_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(ssh_public_read(rows[i].line, &key, &err), -1);
		assert_string_equal(err.message, rows[i].error);
	}
}

/* A key file whose halves do not belong together makes no signature that is given out. */
static void test_halves_of_two_keys(void **state)
{
	autobuf one = BUF_INIT;
	autobuf two = BUF_INIT;
	autobuf line = BUF_INIT;
	autobuf bytes_one = BUF_INIT;
	autobuf bytes_two = BUF_INIT;
	autobuf mixed = BUF_INIT;
	autobuf signature = BUF_INIT;
	autofree char *path = ssh_path("mixed");
	const struct buf message = {.ptr = (char[]){"message\n"}, .len = 8};
	autosigningkey *key = NULL;
	autoerror err = ERROR_INIT;
	size_t bad;

	(void)state;
	ssh_private_make("x", &one, &line);
	ssh_private_make("x", &two, &line);
	assert_true(base64_decode(one.ptr + 36, one.len - 36 - 35, &bytes_one, &bad));
	assert_true(base64_decode(two.ptr + 36, two.len - 36 - 35, &bytes_two, &bad));
	memcpy(bytes_one.ptr, bytes_two.ptr, 98); /* all up to the list of private keys */
	buf_adds(&mixed, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
	base64_encode(bytes_one.ptr, bytes_one.len, &mixed);
	buf_adds(&mixed, "\n-----END OPENSSH PRIVATE KEY-----\n");
	ssh_write("mixed", &mixed);
	assert_int_equal(signing_key_open(path, &key, &err), 0);
	assert_int_equal(signing_key_sign(key, &message, &signature, &err), -1);
	assert_non_null(strstr(err.message, "the signature is not one of this text"));
	assert_int_equal(signature.len, 0);
}

/* Every byte of a key file changed: read or refused, never misread. */
static void test_changed_private_keys(void **state)
{
	static const char *const names[] = {"ed25519", "p256", "rsa"};

	(void)state;
	for (size_t k = 0; k < countof(names); k++) {
		autobuf text = BUF_INIT;

		ssh_read(names[k], &text);
		for (size_t i = 0; i < text.len; i++) {
			CLEANUP(ssh_private_clear) struct ssh_private key = SSH_PRIVATE_INIT;
			char before = text.ptr[i];

			text.ptr[i] = before == 'A' ? 'B' : 'A';
			if (ssh_private_read(text.ptr, text.len, &key, NULL) == 0)
				assert_non_null(key.public_key.type);
			text.ptr[i] = before;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_keys_are_openssh_s),
		cmocka_unit_test(test_hardware_keys),
		cmocka_unit_test(test_public_lines),
		cmocka_unit_test(test_halves_of_two_keys),
		cmocka_unit_test(test_changed_private_keys),
	};

	return cmocka_run_group_tests(tests, set_up, ssh_folder_tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What ssh needs, looked at from outside: lines of known_hosts (sshd(8)), private keys. */
#include "base/base.h"

#include "arm/fluxconfig.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"

#define MAX_LINES 10000

/* ---- fields of SSH's wire format (RFC 4251, 5) */

struct wire {
	const unsigned char *data;
	size_t len;
};

static bool wire_string(struct wire *wire, struct wire *ret)
{
	size_t len;

	if (wire->len < 4)
		return false;
	len = (size_t)wire->data[0] << 24 | (size_t)wire->data[1] << 16 |
	      (size_t)wire->data[2] << 8 | wire->data[3];
	if (len > wire->len - 4)
		return false;
	*ret = (struct wire){wire->data + 4, len};
	wire->data += 4 + len;
	wire->len -= 4 + len;
	return true;
}

static bool wire_is(const struct wire *wire, const char *text)
{
	return wire->len == strlen(text) && memcmp(wire->data, text, wire->len) == 0;
}

/* ---- known_hosts */

static bool key_fits(const char *type, const char *base64)
{
	autobuf blob = BUF_INIT;
	struct wire wire;
	struct wire inner;
	size_t bad;

	if (!base64_decode(base64, strlen(base64), &blob, &bad))
		return false;
	wire = (struct wire){(const unsigned char *)blob.ptr, blob.len};
	return wire_string(&wire, &inner) && wire_is(&inner, type);
}

/* [@marker] HOSTS TYPE KEY [comment]; what is wrong with it, or NULL. */
static const char *line_fault(const char *line)
{
	autostrv words = STRV_INIT;
	size_t first = 0;

	strv_split(&words, line, " \t\r", false);
	if (words.len == 0 || words.items[0][0] == '#')
		return NULL;
	if (words.items[0][0] == '@') {
		if (!streq(words.items[0], "@cert-authority") && !streq(words.items[0], "@revoked"))
			return "its marker is neither @cert-authority nor @revoked";
		first = 1;
	}
	if (words.len < first + 3)
		return "it is not HOST TYPE KEY";
	if (!key_fits(words.items[first + 1], words.items[first + 2]))
		return "its key is not one of the type that it names";
	return NULL;
}

int arm_config_check_known_hosts(const char *text, size_t len, struct error *err)
{
	autofree char *copy = xstrndup(text, len);
	autostrv lines = STRV_INIT;
	size_t hosts = 0;

	if (strlen(copy) != len)
		return error_set(err, ERROR_USAGE, "known hosts: it is no text");
	strv_split(&lines, copy, "\n", true);
	if (lines.len > MAX_LINES)
		return error_set(err, ERROR_USAGE, "known hosts: more than %d lines", MAX_LINES);
	for (size_t i = 0; i < lines.len; i++) {
		const char *fault = line_fault(lines.items[i]);
		const char *start = lines.items[i] + strspn(lines.items[i], " \t\r");

		if (fault) {
			error_set(err, ERROR_USAGE, "known hosts, line %zu: %s", i + 1, fault);
			return error_hint(err, "'ssh-keyscan HOST' prints such lines; compare them "
					       "with what the host's owner publishes");
		}
		hosts += *start && *start != '#';
	}
	return hosts ? 0 : error_set(err, ERROR_USAGE, "known hosts: no host in it");
}

/* ---- private keys */

#define BEGIN "-----BEGIN "
#define OPENSSH "OPENSSH PRIVATE KEY"
#define MAGIC "openssh-key-v1"
#define PASSPHRASE "it has a passphrase, which Flux cannot type"
#define WITHOUT_PASSPHRASE "'ssh-keygen -p -N \"\" -f COPY' takes it from a copy"

/* CATALOG: what a text is by how it begins, and what is wrong with it (NULL: nothing). */
static const struct form {
	const char *start, *fault, *hint;
} forms[] = {
	{BEGIN "RSA PRIVATE KEY-----", NULL, NULL},
	{BEGIN "EC PRIVATE KEY-----", NULL, NULL},
	{BEGIN "DSA PRIVATE KEY-----", NULL, NULL},
	{BEGIN "PRIVATE KEY-----", NULL, NULL},
	{BEGIN OPENSSH "-----", NULL, NULL},
	{BEGIN "ENCRYPTED PRIVATE KEY-----", PASSPHRASE, WITHOUT_PASSPHRASE},
	{BEGIN "CERTIFICATE-----", "it is a certificate", NULL},
	{BEGIN "PUBLIC KEY-----", "it is the public half of a key", NULL},
	{"ssh-", "it is the public half of a key", "the private one has no .pub at its end"},
	{"ecdsa-", "it is the public half of a key", "the private one has no .pub at its end"},
	{"PuTTY-User-Key-File", "it is in PuTTY's form",
		"'puttygen KEY -O private-openssh -o FILE' makes one that ssh reads"},
};

static const struct form *form_of(const char *text)
{
	for (size_t i = 0; i < countof(forms); i++)
		if (starts_with(text, forms[i].start))
			return &forms[i];
	return NULL;
}

/* The text between the first line and the last, which names the same form. */
static char *body_of(const char *text, const struct form *form)
{
	autofree char *last = xasprintf("-----END %s", form->start + strlen(BEGIN));
	const char *start = text + strlen(form->start);
	const char *end = strstr(start, last);

	return end ? xstrndup(start, (size_t)(end - start)) : NULL;
}

/* What is wrong with OpenSSH's own container (PROTOCOL.key); `*type` is the key's. */
static const char *openssh_fault(const char *body, char **type)
{
	CLEANUP(buf_wipe) struct buf blob = BUF_INIT;
	struct wire wire;
	struct wire cipher;
	struct wire skipped;
	struct wire key;
	struct wire name;
	size_t bad;

	if (!base64_decode(body, strlen(body), &blob, &bad) || blob.len <= sizeof(MAGIC) ||
		memcmp(blob.ptr, MAGIC, sizeof(MAGIC)) != 0)
		return "it is damaged";
	wire = (struct wire){
		(const unsigned char *)blob.ptr + sizeof(MAGIC), blob.len - sizeof(MAGIC)};
	if (!wire_string(&wire, &cipher) || !wire_string(&wire, &skipped) ||
		!wire_string(&wire, &skipped) || wire.len < 4)
		return "it is damaged";
	wire.data += 4; /* how many keys */
	wire.len -= 4;
	if (!wire_string(&wire, &key) || !wire_string(&key, &name))
		return "it is damaged";
	*type = xstrndup((const char *)name.data, name.len);
	return wire_is(&cipher, "none") ? NULL : PASSPHRASE;
}

static const char *key_fault(const char *text, const struct form *form, const char **warning)
{
	autofree char *type = NULL;
	CLEANUP(str_wipe) char *body = body_of(text, form);
	const char *fault = NULL;

	if (!body)
		return "its end is missing";
	if (strstr(body, "ENCRYPTED"))
		return PASSPHRASE;
	if (strstr(form->start, OPENSSH))
		fault = openssh_fault(body, &type);
	if (streq(type, "ssh-dss") || strstr(form->start, " DSA "))
		*warning = "a DSA key: no Git server of today takes one";
	return fault;
}

int arm_config_check_private_key(
	const char *text, size_t len, const char **warning, struct error *err)
{
	CLEANUP(str_wipe) char *copy = xstrndup(text, len);
	const struct form *form = form_of(copy);
	const char *fault = form ? form->fault : "it is no private key in PEM or OpenSSH's form";

	*warning = NULL;
	if (form && !fault)
		fault = key_fault(copy, form, warning);
	if (!fault)
		return 0;
	error_set(err, ERROR_USAGE, "ssh private key: %s", fault);
	if (form && form->hint)
		return error_hint(err, "%s", form->hint);
	return streq(fault, PASSPHRASE) ? error_hint(err, "%s", WITHOUT_PASSPHRASE) : -1;
}

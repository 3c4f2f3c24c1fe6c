/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/alloc.h"
#include "base/digest.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Written here because OpenSSL's decoder neither names the offending byte nor refuses missing padding. */
static int sextet(char byte, bool url)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	if (byte == (url ? '-' : '+'))
		return 62;
	if (byte == (url ? '_' : '/'))
		return 63;
	return -1;
}

static void emit_group(struct buf *out, const unsigned group[4], int count)
{
	unsigned bits = group[0] << 18 | group[1] << 12 | group[2] << 6 | group[3];

	for (int i = 0; i < count - 1; i++)
		buf_addc(out, (char)(unsigned char)(bits >> (16 - 8 * i) & 0xff));
}

/* The padding that begins at `*i` after `count` sextets; moves past it. */
static bool padding(const char *text, size_t len, size_t *i, int count)
{
	int want = 4 - count;

	if (count < 2)
		return false;
	for (; *i < len && want > 0; (*i)++) {
		if (text[*i] == '\r' || text[*i] == '\n')
			continue;
		if (text[*i] != '=')
			return false;
		want--;
	}
	while (*i < len && (text[*i] == '\r' || text[*i] == '\n'))
		(*i)++;
	return want == 0 && *i == len;
}

bool base64_decode(const char *text, size_t len, struct buf *out, size_t *bad)
{
	unsigned group[4] = {0};
	int count = 0;
	size_t i = 0;

	for (; i < len; i++) {
		int value;

		if (text[i] == '\r' || text[i] == '\n')
			continue;
		if (text[i] == '=')
			break;
		value = sextet(text[i], false);
		if (value < 0) {
			*bad = i;
			return false;
		}
		group[count++] = (unsigned)value;
		if (count == 4) {
			emit_group(out, group, 4);
			count = 0;
			memset(group, 0, sizeof(group));
		}
	}
	*bad = i;
	if (count == 0)
		return i == len;
	if (i == len) {
		*bad = len - (size_t)count; /* Go names the start of what is incomplete */
		return false;
	}
	if (!padding(text, len, &i, count)) {
		*bad = i;
		return false;
	}
	emit_group(out, group, count);
	return true;
}

bool base64url_decode(const char *text, size_t len, struct buf *out)
{
	unsigned group[4] = {0};
	int count = 0;

	for (size_t i = 0; i < len; i++) {
		int value = sextet(text[i], true);

		if (value < 0)
			return false;
		group[count++] = (unsigned)value;
		if (count == 4) {
			emit_group(out, group, 4);
			count = 0;
			memset(group, 0, sizeof(group));
		}
	}
	if (count == 1)
		return false;
	if (count)
		emit_group(out, group, count);
	return true;
}

void base64_encode(const void *data, size_t len, struct buf *out)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		unsigned bits = (unsigned)bytes[i] << 16;

		if (left > 1)
			bits |= (unsigned)bytes[i + 1] << 8;
		if (left > 2)
			bits |= bytes[i + 2];
		buf_addc(out, standard[bits >> 18]);
		buf_addc(out, standard[bits >> 12 & 63]);
		buf_addc(out, left > 1 ? standard[bits >> 6 & 63] : '=');
		buf_addc(out, left > 2 ? standard[bits & 63] : '=');
	}
}

void base64url_encode(const void *data, size_t len, struct buf *out)
{
	size_t start = out->len;

	base64_encode(data, len, out);
	while (out->len > start && out->ptr[out->len - 1] == '=')
		buf_truncate(out, out->len - 1);
	for (size_t i = start; i < out->len; i++) {
		if (out->ptr[i] == '+')
			out->ptr[i] = '-';
		else if (out->ptr[i] == '/')
			out->ptr[i] = '_';
	}
}

void hex_encode(const void *data, size_t len, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[2 * len] = '\0';
}

void sha256_hex(const void *data, size_t len, char hex[SHA256_HEX_LEN + 1])
{
	unsigned char hash[SHA256_DIGEST_LENGTH];

	SHA256(data, len, hash);
	hex_encode(hash, sizeof(hash), hex);
}

/* ---- digests that are taken piece by piece */

struct digest {
	EVP_MD *method; /* looked up once: a lookup costs more than a short object */
	EVP_MD_CTX *ctx;
};

/* What fails here is memory, or an OpenSSL without the most common digests. */
static void must(bool worked)
{
	if (worked)
		return;
	fputs("error: OpenSSL cannot take a digest\n", stderr);
	abort();
}

struct digest *digest_new(enum digest_kind kind)
{
	static const char *const names[] = {
		[DIGEST_SHA1] = "SHA1",
		[DIGEST_SHA256] = "SHA256",
		[DIGEST_SHA512] = "SHA512",
	};
	struct digest *digest = xcalloc(1, sizeof(*digest));

	digest->method = EVP_MD_fetch(NULL, names[kind], NULL);
	digest->ctx = EVP_MD_CTX_new();
	must(digest->method && digest->ctx &&
		EVP_DigestInit_ex2(digest->ctx, digest->method, NULL) == 1);
	return digest;
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	EVP_MD_CTX_free(digest->ctx);
	EVP_MD_free(digest->method);
	free(digest);
}

void digest_free_pointer(struct digest **slot)
{
	digest_free(*slot);
}

void digest_add(struct digest *digest, const void *data, size_t len)
{
	must(EVP_DigestUpdate(digest->ctx, data, len) == 1);
}

size_t digest_end(struct digest *digest, unsigned char bytes[DIGEST_MAX])
{
	unsigned len = 0;

	must(EVP_DigestFinal_ex(digest->ctx, bytes, &len) == 1 &&
		EVP_DigestInit_ex2(digest->ctx, digest->method, NULL) == 1);
	return len;
}

void digest_end_hex(struct digest *digest, char hex[2 * DIGEST_MAX + 1])
{
	unsigned char bytes[DIGEST_MAX];
	size_t len = digest_end(digest, bytes);

	hex_encode(bytes, len, hex);
}

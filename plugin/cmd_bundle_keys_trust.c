/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"
#include "base/time.h"
#include "bundle/allowed_signers.h"
#include "plugin/app.h"
#include "plugin/bundle_options.h"
#include "plugin/keys.h"

struct trust_opts {
	const char *principal, *trust, *valid_after, *valid_before;
};

/* clang-format off */
static const struct option options[] = {
	OPT_STRING(struct trust_opts, principal, 0, "principal", "WHO", "whose key it is, such as a mail address"),
	OPT_TRUST(struct trust_opts, trust),
	OPT_STRING(struct trust_opts, valid_after, 0, "valid-after", "TIME",
		"trust it from this moment: 2026-11-24T00:00:00Z, or as ssh-keygen writes it"),
	OPT_STRING(struct trust_opts, valid_before, 0, "valid-before", "TIME", "trust it up to this moment"),
	OPT_END,
};
/* clang-format on */

/* A name without a meaning of its own in the file: no blank, quote, comma, pattern or comment. */
static int check_principal(const char *principal, struct error *err)
{
	if (!str_set(principal))
		return error_set(err, ERROR_USAGE, "say with --principal whose key it is");
	for (const char *at = principal; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f || strchr("\"\\,*?", *at))
			return error_set(err, ERROR_USAGE,
				"'%s' cannot be a principal: no blanks, quotes, commas or "
				"wildcards",
				principal);
	if (*principal == '#' || *principal == '!')
		return error_set(err, ERROR_USAGE, "'%s' cannot be a principal: it begins with %c",
			principal, *principal);
	return 0;
}

/* A moment in the form of the file, "" without one. */
static int format_time(const char *option, const char *text, struct buf *ret, struct error *err)
{
	int64_t moment;
	autobuf utc = BUF_INIT;

	if (!text)
		return 0;
	if (allowed_signers_time(text)) {
		buf_adds(ret, text);
		return 0;
	}
	moment = time_parse(text);
	if (moment < 1000)
		return error_set(err, ERROR_USAGE,
			"invalid argument \"%s\" for \"--%s\" flag: neither 2026-11-24T00:00:00Z "
			"nor "
			"20261124[0000[00]][Z]",
			text, option);
	time_format_utc(&utc, moment);
	for (const char *at = utc.ptr; *at; at++)
		if (!strchr("-:T", *at))
			buf_addc(ret, *at);
	return 0;
}

static int read_key(const struct strv *args, struct ssh_public *ret, struct error *err)
{
	const char *path = args->items[0];
	autofree char *line = strv_join(args, " ");
	struct sign_bytes word = {(const unsigned char *)line, strcspn(line, " \t")};
	autobuf text = BUF_INIT;

	if (ssh_key_type(word))
		return ssh_public_read(line, ret, err);
	if (args->len > 1)
		return error_set(err, ERROR_USAGE, "one file, or one public key as text");
	if (os_read_file(path, SSH_KEY_FILE_MAX, &text, err) < 0)
		return -1;
	if (starts_with(text.ptr, "-----BEGIN")) {
		error_set(err, ERROR_FAILED, "'%s' is not a public key", path);
		return error_hint(err, "the public half is in %s.pub as a rule", path);
	}
	return ssh_public_read(text.ptr, ret, err) < 0 ? error_wrap(err, "'%s'", path) : 0;
}

/* A file that cannot be read to its end would make nobody trusted: nothing is added to it. */
static int refuse_duplicate(const struct buf *text, const char *principal,
	const struct ssh_public *key, struct error *err)
{
	CLEANUP(allowed_signer_clear) struct allowed_signer signer = ALLOWED_SIGNER_INIT;
	struct allowed_signers file = {.at = text->ptr};
	int next;

	while ((next = allowed_signers_next(&file, &signer, err)) > 0)
		if (streq(signer.principals, principal) && signer.key.blob.len == key->blob.len &&
			memcmp(signer.key.blob.ptr, key->blob.ptr, key->blob.len) == 0)
			return error_set(err, ERROR_FAILED, "line %u has this key of '%s' already",
				signer.line, principal);
	return next;
}

static int add_line(const struct trust_opts *wanted, const struct ssh_public *key, struct buf *out,
	struct error *err)
{
	autofree char *key_text = ssh_public_text(key);
	autobuf after = BUF_INIT;
	autobuf before = BUF_INIT;

	if (format_time("valid-after", wanted->valid_after, &after, err) < 0 ||
		format_time("valid-before", wanted->valid_before, &before, err) < 0)
		return -1;
	if (after.len && before.len &&
		allowed_signers_time(before.ptr) <= allowed_signers_time(after.ptr))
		return error_set(
			err, ERROR_USAGE, "--valid-before is not later than --valid-after");
	if (out->len && out->ptr[out->len - 1] != '\n')
		buf_addc(out, '\n');
	buf_addf(out, "%s namespaces=\"%s\"", wanted->principal, SIGNATURE_NAMESPACE);
	if (after.len)
		buf_addf(out, ",valid-after=\"%s\"", after.ptr);
	if (before.len)
		buf_addf(out, ",valid-before=\"%s\"", before.ptr);
	buf_addf(out, " %s\n", key_text);
	return 0;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct trust_opts *wanted = opts;
	CLEANUP(ssh_public_clear) struct ssh_public key = SSH_PUBLIC_INIT;
	autofree char *path = NULL;
	autofree char *folder = NULL;
	autofree char *fingerprint = NULL;
	autobuf text = BUF_INIT;
	bool absent;

	if (check_principal(wanted->principal, err) < 0)
		return -1;
	if (read_key(args, &key, err) < 0) {
		/* No bundle is judged here: a weak key is just one that cannot be taken. */
		if (err->kind == ERROR_NOT_TRUSTED)
			err->kind = ERROR_FAILED;
		return -1;
	}
	if (keys_trust_path(wanted->trust, &path, err) < 0 ||
		keys_trust_read(path, &text, &absent, err) < 0)
		return -1;
	if (refuse_duplicate(&text, wanted->principal, &key, err) < 0)
		return error_wrap(err, "'%s'", path);
	if (add_line(wanted, &key, &text, err) < 0)
		return -1;
	folder = os_dirname(path);
	if (folder_make(folder, err) < 0 || file_write(path, text.ptr, text.len, err) < 0)
		return -1;
	fingerprint = ssh_public_fingerprint(&key);
	fprintf(app->out, "%s %s is trusted as %s\n", key.type->name, fingerprint,
		wanted->principal);
	fprintf(app->err,
		"Added to %s; compare the fingerprint with the signer's by another way.\n", path);
	return 0;
}

static const struct example examples[] = {
	{"trust a key", "bundle keys trust release.key.pub --principal release@example.com"},
	{"for this year only",
		"bundle keys trust release.key.pub --principal release@example.com --valid-before "
		"2027-01-01T00:00:00Z"},
	{NULL, NULL},
};

const struct command cmd_bundle_keys_trust = {
	.name = "bundle keys trust",
	.args = "FILE|PUBLIC-KEY",
	.min_args = 1,
	.max_args = -1,
	.complete_args = COMPLETE_FILE,
	.summary = "Trust a key to sign bundles",
	.description = "Adds a line to your allowed_signers file, which ssh-keygen reads as well. "
		       "The key is "
		       "trusted for bundles and for nothing else.\n\n"
		       "A key has to come by another way than the bundle that it signed.",
	.options = options,
	.opts_size = sizeof(struct trust_opts),
	.examples = examples,
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"
#include "base/sign.h"
#include "bundle/ssh_key.h"
#include "plugin/app.h"

struct make_opts {
	const char *comment, *out, *type;
};

/* clang-format off */
static const struct option options[] = {
	OPT_STRING(struct make_opts, comment, 0, "comment", "TEXT", "what the key is for; stands in its public half"),
	OPT_STRING_FROM(struct make_opts, out, 0, "out", "FILE", "the key's file; its public half becomes FILE.pub", COMPLETE_FILE),
	OPT_CHOICE(struct make_opts, type, 0, "type", "TYPE", "what kind of key", "ed25519"),
	OPT_END,
};
/* clang-format on */

static int refuse_existing(const char *path, struct error *err)
{
	if (!os_file_exists(path))
		return 0;
	return error_set(
		err, ERROR_FAILED, "'%s' is there already, and keys are never overwritten", path);
}

/* Other characters would end the line of the public half, or mislead who reads it. */
static bool printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* The key last: if its public half cannot be written there is no key that nobody can name. */
static int write_both(const char *path, const char *public_path, const struct buf *key,
	const struct buf *public_line, struct error *err)
{
	if (file_write_new(public_path, public_line->ptr, public_line->len, err) < 0)
		return -1;
	if (file_write_new(path, key->ptr, key->len, err) == 0)
		return 0;
	file_remove(public_path);
	return -1;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct make_opts *wanted = opts;
	CLEANUP(ssh_public_clear) struct ssh_public made = SSH_PUBLIC_INIT;
	const char *comment = wanted->comment ? wanted->comment : "flux-arc-bundle";
	autofree char *public_path = NULL;
	autofree char *fingerprint = NULL;
	autobuf key = BUF_INIT;
	autobuf line = BUF_INIT;
	int result;

	(void)args;
	if (!str_set(wanted->out))
		return error_set(err, ERROR_USAGE, "say with --out where the key goes");
	if (!printable(comment))
		return error_set(err, ERROR_USAGE, "a comment with control characters");
	public_path = xasprintf("%s.pub", wanted->out);
	if (refuse_existing(wanted->out, err) < 0 || refuse_existing(public_path, err) < 0)
		return -1;
	ssh_private_make(comment, &key, &line);
	result = write_both(wanted->out, public_path, &key, &line, err);
	sign_wipe_buf(&key);
	if (result < 0 || ssh_public_read(line.ptr, &made, err) < 0)
		return -1;
	fingerprint = ssh_public_fingerprint(&made);
	fprintf(app->out, "key          %s\npublic half  %s\nfingerprint  %s\n", wanted->out,
		public_path, fingerprint);
	fprintf(app->err,
		"The key is not encrypted; 'ssh-keygen -p -f %s' encrypts it, then ssh-agent "
		"signs.\n"
		"Whoever shall trust it gets the public half: "
		"kubectl flux-arc bundle keys trust %s --principal WHO\n",
		wanted->out, public_path);
	return 0;
}

static const struct example examples[] = {
	{"a key to sign bundles with", "bundle keys make --out release.key"},
	{NULL, NULL},
};

const struct command cmd_bundle_keys_make = {
	.name = "bundle keys make",
	.max_args = 0,
	.summary = "Make a key to sign bundles with",
	.description =
		"The key is one of OpenSSH: an existing one of ssh-keygen's serves as well "
		"(ed25519, ecdsa, rsa of 3072 bits and more, hardware keys through ssh-agent).\n\n"
		"Nothing is ever overwritten. The file can be read by its owner only.",
	.options = options,
	.opts_size = sizeof(struct make_opts),
	.examples = examples,
	.run = run,
};

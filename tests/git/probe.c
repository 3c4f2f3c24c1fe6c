/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Git transport by itself, for tests/git:
 *
 *	probe ls OPTION... URL
 *	probe fetch OPTION... URL PACK WANT... ^HAVE...
 *	probe push OPTION... URL PACK|- NAME:OLD:NEW...       (zeros: create, delete; '-': no pack)
 *
 * Options: --credentials FILE, --own-ssh, --thin, --tip, --stall SECONDS, --prefix PREFIX, --quiet. What the
 * server says of its progress goes to stderr after "remote: ".
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/os.h"
#include "bundle/credentials.h"
#include "bundle/remote.h"

struct probe {
	const char *command, *url, *file;
	struct remote_options options;
	struct strv prefixes, words;
	struct git_credentials credentials;
	bool thin, tip, quiet;
	FILE *pack;
	uint64_t pack_size;
};

static int on_tick(void *ctx, struct error *err)
{
	(void)ctx;
	return os_interrupted() ? error_set(err, ERROR_FAILED, "interrupted") : 0;
}

static void on_progress(void *ctx, const char *text)
{
	(void)ctx;
	fprintf(stderr, "remote: %s\n", text);
}

static int list(struct remote *remote)
{
	size_t count;
	const struct remote_ref *refs = remote_refs(remote, &count);

	for (size_t i = 0; i < count; i++) {
		char hex[OID_HEX_LEN + 1];
		char peeled[OID_HEX_LEN + 1];

		oid_hex(&refs[i].oid, hex);
		oid_hex(&refs[i].peeled, peeled);
		printf("%s %s", hex, refs[i].name);
		if (!oid_is_zero(&refs[i].peeled))
			printf(" peeled:%s", peeled);
		if (refs[i].symref)
			printf(" symref:%s", refs[i].symref);
		putchar('\n');
	}
	return 0;
}

static int on_pack(void *ctx, const void *data, size_t len, struct error *err)
{
	struct probe *probe = ctx;

	if (fwrite(data, 1, len, probe->pack) == len)
		return 0;
	return error_set(err, ERROR_FAILED, "the pack cannot be written");
}

static int fetch(struct probe *probe, struct remote *remote, struct error *err)
{
	autofree struct oid *oids = xcalloc(2 * probe->words.len + 1, sizeof(*oids));
	struct remote_fetch request = {
		.wants = oids,
		.haves = oids + probe->words.len,
		.thin = probe->thin,
		.tip_only = probe->tip,
		.on_pack = on_pack,
		.on_progress = probe->quiet ? NULL : on_progress,
		.ctx = probe,
	};

	for (size_t i = 0; i < probe->words.len; i++) {
		const char *word = probe->words.items[i];
		struct oid *to = *word == '^' ? &oids[probe->words.len + request.have_count++]
					      : &oids[request.want_count++];

		if (!oid_parse(word + (*word == '^'), strlen(word + (*word == '^')), to))
			return error_set(err, ERROR_USAGE, "'%s' is no object", word);
	}
	probe->pack = fopen(probe->file, "wb");
	return remote_fetch(remote, &request, err);
}

static int64_t next_pack(void *ctx, void *data, size_t len, struct error *err)
{
	struct probe *probe = ctx;

	(void)err;
	return (int64_t)fread(data, 1, len, probe->pack);
}

static int read_updates(const struct strv *words, struct remote_update *ret, struct error *err)
{
	for (size_t i = 0; i < words->len; i++) {
		autostrv parts = STRV_INIT;

		strv_split(&parts, words->items[i], ":", true);
		if (parts.len != 3 ||
			!oid_parse(parts.items[1], strlen(parts.items[1]), &ret[i].old) ||
			!oid_parse(parts.items[2], strlen(parts.items[2]), &ret[i].wanted))
			return error_set(err, ERROR_USAGE, "'%s'", words->items[i]);
		/* The name ends where the vector's own text now does. */
		words->items[i][strcspn(words->items[i], ":")] = '\0';
		ret[i].name = words->items[i];
	}
	return 0;
}

static void open_pack(struct probe *probe)
{
	probe->pack = streq(probe->file, "-") ? NULL : fopen(probe->file, "rb");
	if (!probe->pack)
		return;
	fseek(probe->pack, 0, SEEK_END);
	probe->pack_size = (uint64_t)ftell(probe->pack);
	rewind(probe->pack);
}

static int push(struct probe *probe, struct remote *remote, struct error *err)
{
	struct remote_update *updates = xcalloc(probe->words.len + 1, sizeof(*updates));
	int result = read_updates(&probe->words, updates, err);

	open_pack(probe);
	struct remote_push request = {
		.updates = updates,
		.update_count = probe->words.len,
		.next_pack = probe->pack ? next_pack : NULL,
		.pack_size = probe->pack_size,
		.thin = probe->thin,
		.on_progress = probe->quiet ? NULL : on_progress,
		.ctx = probe,
	};
	if (result == 0)
		result = remote_push(remote, &request, err);
	for (size_t i = 0; i < probe->words.len; i++) {
		if (result == 0 || updates[i].rejected)
			printf("%s: %s\n", updates[i].name,
				updates[i].rejected ? updates[i].rejected : "done");
		free(updates[i].rejected);
	}
	free(updates);
	return result;
}

static int read_words(struct probe *probe, char **argv, struct error *err)
{
	autocredentials *credentials = NULL;
	const char *file = NULL;

	for (; *argv && starts_with(*argv, "--"); argv++) {
		if (streq(*argv, "--thin"))
			probe->thin = true;
		else if (streq(*argv, "--tip"))
			probe->tip = true;
		else if (streq(*argv, "--quiet"))
			probe->quiet = true;
		else if (streq(*argv, "--own-ssh"))
			probe->credentials.own_ssh = true;
		else if (streq(*argv, "--credentials") && argv[1])
			file = *++argv;
		else if (streq(*argv, "--prefix") && argv[1])
			strv_push(&probe->prefixes, *++argv);
		else if (streq(*argv, "--stall") && argv[1])
			probe->options.stall_seconds = (int)strtol(*++argv, NULL, 10);
		else
			return error_set(err, ERROR_USAGE, "'%s' is not known", *argv);
	}
	if (!*argv)
		return error_set(err, ERROR_USAGE, "no URL");
	probe->url = *argv++;
	if (!streq(probe->command, "ls") && *argv)
		probe->file = *argv++;
	for (; *argv; argv++)
		strv_push(&probe->words, *argv);
	if (!file)
		return 0;
	if (credentials_open(file, &credentials, err) < 0)
		return -1;
	return credentials_find(credentials, probe->url, &probe->credentials, err) < 0 ? -1 : 0;
}

static int run(struct probe *probe, char **argv, struct error *err)
{
	autoremote *remote = NULL;

	if (read_words(probe, argv, err) < 0)
		return -1;
	probe->options.url = probe->url;
	probe->options.service = streq(probe->command, "push") ? REMOTE_PUSH : REMOTE_FETCH;
	probe->options.credentials = &probe->credentials;
	probe->options.user_agent = "probe/1";
	probe->options.prefixes = probe->prefixes.len ? &probe->prefixes : NULL;
	probe->options.tick = on_tick;
	if (remote_open(&probe->options, &remote, err) < 0)
		return -1;
	if (streq(probe->command, "ls"))
		return list(remote);
	if (!probe->file)
		return error_set(err, ERROR_USAGE, "no pack");
	return streq(probe->command, "fetch") ? fetch(probe, remote, err)
					      : push(probe, remote, err);
}

int main(int argc, char **argv)
{
	struct probe probe = {
		.prefixes = STRV_INIT, .words = STRV_INIT, .credentials = GIT_CREDENTIALS_INIT};
	autoerror err = ERROR_INIT;
	int result;

	os_prepare();
	os_interrupt_watch();
	if (argc < 2)
		return 2;
	probe.command = argv[1];
	result = run(&probe, argv + 2, &err);
	if (probe.pack)
		fclose(probe.pack);
	git_credentials_clear(&probe.credentials);
	strv_clear(&probe.prefixes);
	strv_clear(&probe.words);
	if (result < 0)
		fprintf(stderr, "error: %s: %s\n", error_kind_name(err.kind), err.message);
	if (result < 0 && err.hint)
		fprintf(stderr, "hint: %s\n", err.hint);
	return result < 0;
}

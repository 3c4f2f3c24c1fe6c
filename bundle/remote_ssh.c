/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Git over ssh, by the `ssh` program. Nothing of the caller's is used unless asked for: no
 * configuration, no agent, no keys, no known_hosts. ssh reads the key and known_hosts from files
 * alone: they are files in memory, or, where there are none, in a temporary folder, and there only
 * until the server has answered. Why ssh fails is said in bundle/remote_ssh_error.c.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/time.h"
#include "bundle/remote_ssh.h"

#define STEP_MS 200
#define BUFFER ((size_t)64 << 10)
/* What ssh gets to say why, once the connection has ended. */
#define EXIT_MS 5000

/* ---- the command line */

static void add_option(struct strv *argv, const char *option)
{
	strv_push(argv, "-o");
	strv_push(argv, option);
}

/* A file's name in ssh's configuration, where spaces, '%' and quotes mean something. */
static void add_file(struct strv *argv, const char *option, const char *path)
{
	autobuf text = BUF_INIT;

	buf_addf(&text, "%s=\"", option);
	for (const char *c = path; *c; c++) {
		if (*c == '%')
			buf_addc(&text, '%');
		if (*c == '"' || *c == '\\')
			buf_addc(&text, '\\');
		buf_addc(&text, *c);
	}
	buf_addc(&text, '"');
	add_option(argv, text.ptr);
}

static void add_guards(const struct ssh_link *link, struct strv *argv)
{
	static const char *const guards[] = {
		"IdentitiesOnly=yes",
		"IdentityAgent=none",
		"PreferredAuthentications=publickey",
		"GlobalKnownHostsFile=/dev/null",
		"UpdateHostKeys=no",
		"LogLevel=ERROR",
	};

	strv_push(argv, "-F");
	strv_push(argv, "none");
	for (size_t i = 0; i < countof(guards); i++)
		add_option(argv, guards[i]);
	add_file(argv, "UserKnownHostsFile", link->known_hosts.path);
	add_file(argv, "IdentityFile", link->identity.path);
}

/* As the shell at the other end takes one word (git's sq_quote_buf: csh minds '!' too). */
static void quote(struct buf *out, const char *text)
{
	buf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '!')
			buf_addf(out, "'\\%c'", *text);
		else
			buf_addc(out, *text);
	}
	buf_addc(out, '\'');
}

static void build_command(
	const struct remote *remote, const struct ssh_link *link, struct strv *argv)
{
	const struct git_credentials *given = remote->options->credentials;
	const char *user = remote->url.user;
	autobuf command = BUF_INIT;

	strv_push(argv, "ssh");
	if (link->identity.path)
		add_guards(link, argv);
	add_option(argv, "BatchMode=yes");
	add_option(argv, "StrictHostKeyChecking=yes");
	add_option(argv, "ClearAllForwardings=yes");
	add_option(argv, "PermitLocalCommand=no");
	add_option(argv, "ConnectTimeout=30");
	add_option(argv, "ServerAliveInterval=15");
	add_option(argv, "SendEnv=GIT_PROTOCOL");
	strv_push(argv, "-axT");
	if (remote->url.port) {
		strv_push(argv, "-p");
		strv_push(argv, remote->url.port);
	}
	if (!user && given)
		user = given->username;
	if (str_set(user)) {
		strv_push(argv, "-l");
		strv_push(argv, user);
	}
	strv_push(argv, "--");
	strv_push(argv, remote->url.host);
	buf_addf(&command, "%s ", remote_service_name(remote));
	quote(&command, remote->url.path);
	strv_push(argv, command.ptr);
}

/* ---- the files */

static void remove_files(struct ssh_link *link)
{
	file_close_pointer(&link->identity.fd);
	file_close_pointer(&link->known_hosts.fd);
	link->identity.fd = link->known_hosts.fd = -1;
	free(TAKE(link->identity.path));
	free(TAKE(link->known_hosts.path));
	if (link->folder)
		folder_remove(link->folder);
	free(TAKE(link->folder));
}

static int write_file(struct ssh_link *link, const char *name, const struct buf *text,
	struct ssh_file *ret, struct error *err)
{
	CLEANUP(buf_wipe) struct buf whole = BUF_INIT;

	buf_add(&whole, text->ptr, text->len);
	/* Without it OpenSSH does not read a key. */
	if (!ends_with(whole.ptr, "\n"))
		buf_addc(&whole, '\n');
	if (os_memory_file(whole.ptr, whole.len, &ret->fd, &ret->path))
		return 0;
	if (!link->folder && folder_temporary(&link->folder, err) < 0)
		return -1;
	ret->path = xasprintf("%s/%s", link->folder, name);
	return file_write(ret->path, whole.ptr, whole.len, err);
}

/*
 * ssh says nothing of a passphrase where it may not ask for one: the server only refuses. OpenSSH's
 * own form begins with "openssh-key-v1", NUL and the cipher's name, here "none", in base64; the
 * others say it in words.
 */
static bool is_encrypted(const struct buf *key)
{
	static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
	static const char plain[] = "b3BlbnNzaC1rZXktdjEAAAAABG5vbm";
	const char *at = strstr(key->ptr, begin);

	if (!at)
		return strstr(key->ptr, "ENCRYPTED") != NULL;
	at += sizeof(begin) - 1;
	at += strspn(at, "\r\n");
	return starts_with(at, "b3BlbnNzaC1rZXktdjEA") && !starts_with(at, plain);
}

static int write_files(const struct remote *remote, struct ssh_link *link, struct error *err)
{
	const struct git_credentials *given = remote->options->credentials;

	if (given && given->own_ssh && !given->identity.len)
		return 0;
	if (!given || !given->identity.len || !given->known_hosts.len) {
		error_set(err, ERROR_CONFIG, "ssh needs %s",
			given && given->identity.len ? "known_hosts, to know the server by its key"
						     : "a private key, and known_hosts");
		return error_hint(err, "identityFile and knownHostsFile in --credentials FILE");
	}
	if (is_encrypted(&given->identity)) {
		error_set(err, ERROR_CONFIG, "the private key is encrypted");
		return error_hint(err, "one without a passphrase is needed (ssh-keygen -p)");
	}
	if (write_file(link, "identity", &given->identity, &link->identity, err) < 0)
		return -1;
	return write_file(link, "known_hosts", &given->known_hosts, &link->known_hosts, err);
}

/* ---- the talk */

/* What is to be sent next: the head, then the rest in pieces. */
struct sender {
	const struct exchange *exchange;
	size_t head_sent;
	char piece[BUFFER];
	size_t at, len; /* of the piece */
	bool all;       /* there is no more to be fetched */
};

/* `*ret` points to at least one byte unless all has been sent. */
static int next_out(struct sender *sender, const char **ret, size_t *len, struct error *err)
{
	const struct exchange *exchange = sender->exchange;
	const struct buf *head = exchange->head;

	*len = head ? head->len - sender->head_sent : 0;
	if (*len) {
		*ret = head->ptr + sender->head_sent;
		return 0;
	}
	if (sender->at == sender->len && exchange->next && !sender->all) {
		int64_t got =
			exchange->next(exchange->ctx, sender->piece, sizeof(sender->piece), err);

		if (got < 0)
			return -1;
		sender->at = 0;
		sender->len = (size_t)got;
		sender->all = got == 0;
	}
	*ret = sender->piece + sender->at;
	*len = sender->len - sender->at;
	return 0;
}

static void was_sent(struct sender *sender, size_t count)
{
	if (sender->exchange->head && sender->head_sent < sender->exchange->head->len)
		sender->head_sent += count;
	else
		sender->at += count;
}

/* Interrupts and silence. */
static int check_clock(
	const struct remote *remote, struct ssh_link *link, bool moved, struct error *err)
{
	const struct remote_options *options = remote->options;
	int seconds = options->stall_seconds ? options->stall_seconds : REMOTE_STALL_SECONDS;
	int64_t now = time_monotonic();

	if (moved)
		link->moved_at = now;
	if (now - link->moved_at > (int64_t)seconds * 1000)
		return error_set(err, ERROR_TIMEOUT, "nothing came for %d s", seconds);
	if (!options->tick || now - link->ticked_at < STEP_MS)
		return 0;
	link->ticked_at = now;
	return options->tick(options->tick_ctx, err);
}

static int run_talk(struct remote *remote, struct ssh_link *link, struct sender *sender, char *room,
	struct error *err)
{
	const struct exchange *exchange = sender->exchange;
	bool complete = false;

	while (!complete) {
		struct os_child_step step = {.in = room, .in_len = BUFFER, .timeout_ms = STEP_MS};
		const char *out = NULL;
		int result = 0;

		if (!link->closed && next_out(sender, &out, &step.out_len, err) < 0)
			return -1;
		step.out = out;
		if (os_child_step(link->child, &step, err) < 0)
			return -1;
		link->closed = step.closed;
		was_sent(sender, step.sent);
		if (step.got)
			result = exchange->take(exchange->ctx, room, step.got, err);
		if (result < 0 || check_clock(remote, link, step.sent || step.got, err) < 0)
			return -1;
		complete = result == 1;
		if (step.ended && !step.got && !complete)
			return remote_ssh_ended(
				link->child, os_child_wait(link->child, EXIT_MS), err);
	}
	return 0;
}

static int talk_ssh(struct remote *remote, const struct exchange *exchange, struct error *err)
{
	struct ssh_link *link = remote->link;
	autofree struct sender *sender = xcalloc(1, sizeof(*sender));
	autofree char *room = xmalloc(BUFFER);

	sender->exchange = exchange;
	link->moved_at = time_monotonic();
	link->ticked_at = link->moved_at;
	return run_talk(remote, link, sender, room, err);
}

static int feed_advert(void *ctx, const char *data, size_t len, struct error *err)
{
	return advert_feed(ctx, data, len, err);
}

static int open_ssh(struct remote *remote, struct error *err)
{
	struct ssh_link *link = xcalloc(1, sizeof(*link));
	struct exchange exchange = {.take = feed_advert, .ctx = &remote->advert};
	autostrv environment = STRV_INIT;
	autostrv argv = STRV_INIT;
	int result;

	remote->link = link;
	link->identity.fd = link->known_hosts.fd = -1;
	if (write_files(remote, link, err) < 0)
		return -1;
	build_command(remote, link, &argv);
	/* Of pushing there is no protocol 2. */
	strv_push(&environment, remote->options->service == REMOTE_FETCH ? "GIT_PROTOCOL=version=2"
									 : "GIT_PROTOCOL=");
	if (os_child_start(argv.items, &environment, &link->child, err) < 0)
		return error_hint(err, "install OpenSSH's client, or use https");
	result = talk_ssh(remote, &exchange, err);
	remove_files(link);
	return result;
}

static void close_ssh(struct remote *remote)
{
	struct ssh_link *link = remote->link;

	if (!link)
		return;
	os_child_free(link->child);
	remove_files(link);
	free(link);
}

const struct carrier remote_ssh = {
	.open = open_ssh,
	.talk = talk_ssh,
	.close = close_ssh,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why ssh ended, out of what it wrote to stderr: its own messages (openssh-portable: sshconnect.c,
 * sshconnect2.c, misc.c) and those of git and of Git hosts at the other end. The first row counts
 * whose text is found.
 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/strv.h"
#include "bundle/remote_ssh.h"

#define MAX_SHOWN 600

struct cause {
	const char *text; /* in ssh's output, in any case of letters */
	enum error_kind kind;
	const char *why, *hint; /* hint: NULL: none */
};

static const char compare_hint[] = "'ssh-keyscan' shows the server's keys: compare the fingerprint "
				   "with its owner's before you "
				   "put one into knownHostsFile";
static const char key_hint[] = "a private key in OpenSSH's or PEM form is needed";

/* clang-format off */
static const struct cause causes[] = {
	{"REMOTE HOST IDENTIFICATION HAS CHANGED", ERROR_NETWORK,
		"the server has another key than known_hosts says: somebody may be in between",
		compare_hint},
	{"host key is known for", ERROR_NETWORK, "the server's key is not in known_hosts", compare_hint},
	{"Host key verification failed", ERROR_NETWORK, "the server's key is not in known_hosts", compare_hint},
	{"Load key", ERROR_CONFIG, "the private key cannot be read", key_hint},
	{"Permission denied (", ERROR_UNAUTHORIZED, "the server does not take this key",
		"is its public half registered there, and the user of the URL right (often 'git')?"},
	{"Too many authentication failures", ERROR_UNAUTHORIZED, "the server does not take this key", NULL},
	{"Could not resolve hostname", ERROR_NETWORK, "no such host", NULL},
	{"Connection refused", ERROR_NETWORK, "connection refused", NULL},
	{"No route to host", ERROR_NETWORK, "no route to the host", NULL},
	{"Network is unreachable", ERROR_NETWORK, "the network is unreachable", NULL},
	{"timed out", ERROR_TIMEOUT, "no answer in time", NULL},
	{"not responding", ERROR_TIMEOUT, "the server answers no more", NULL},
	{"does not appear to be a git repository", ERROR_NOT_FOUND, "no repository there", NULL},
	{"repository not found", ERROR_NOT_FOUND,
		"no repository there, or none that this key may see", NULL},
	{"could not be found", ERROR_NOT_FOUND,
		"no repository there, or none that this key may see", NULL},
	{"command not found", ERROR_SERVER, "the server has no Git", NULL},
	{"dubious ownership", ERROR_FORBIDDEN,
		"the repository belongs to another user of the server than the one who logs in", NULL},
	{"denied", ERROR_FORBIDDEN, "not allowed", NULL},
	{"not allowed", ERROR_FORBIDDEN, "not allowed", NULL},
	{"read only", ERROR_FORBIDDEN, "the repository takes no pushes", NULL},
	{"read-only", ERROR_FORBIDDEN, "the repository takes no pushes", NULL},
};
/* clang-format on */

static const struct cause *find_cause(const char *text)
{
	for (size_t i = 0; i < countof(causes); i++)
		for (const char *at = text; *at; at++)
			if (strncasecmp(at, causes[i].text, strlen(causes[i].text)) == 0)
				return &causes[i];
	return NULL;
}

/* Frames and advice around a message, and lines about files that are gone by now. */
static bool is_noise(const char *line)
{
	return !*line || *line == '@' || strstr(line, "known_hosts") ||
	       starts_with(line, "Please make sure you have the correct access rights") ||
	       streq(line, "and the repository exists.");
}

/* ssh's words in one line, without what does not help. */
static char *shown(const char *text)
{
	autostrv lines = STRV_INIT;
	autobuf out = BUF_INIT;

	strv_split(&lines, text, "\r\n", false);
	for (size_t i = 0; i < lines.len && out.len < MAX_SHOWN; i++) {
		if (!is_noise(lines.items[i]))
			buf_addf(&out, "%s%.*s", out.len ? " / " : "", MAX_SHOWN, lines.items[i]);
	}
	for (size_t i = 0; i < out.len; i++)
		if ((unsigned char)out.ptr[i] < ' ' || out.ptr[i] == 0x7f)
			out.ptr[i] = ' ';
	return buf_detach(&out);
}

int remote_ssh_ended(const struct os_child *child, int status, struct error *err)
{
	const char *text = os_child_stderr(child);
	const struct cause *cause = find_cause(text);
	autofree char *words = shown(text);

	if (cause && *words)
		error_set(err, cause->kind, "%s (ssh: %s)", cause->why, words);
	else if (cause)
		error_set(err, cause->kind, "%s", cause->why);
	else if (*words)
		error_set(err, ERROR_NETWORK, "ssh: %s", words);
	else if (status == 0)
		error_set(err, ERROR_NETWORK, "the server ended the connection early");
	else
		error_set(err, ERROR_NETWORK, "ssh ended with status %d", status);
	return cause && cause->hint ? error_hint(err, "%s", cause->hint) : -1;
}

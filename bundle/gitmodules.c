/* SPDX-License-Identifier: Apache-2.0 */
/* .gitmodules (gitmodules(5)) as far as it is needed: path and url of each section. */
#include "base/base.h"

#include <ctype.h>
#include <strings.h>

#include "base/alloc.h"
#include "bundle/findings.h"
#include "bundle/limits.h"

/* ---- the file */

struct section {
	char *path, *url;
};

static void section_clear(struct section *section)
{
	free(section->path);
	free(section->url);
	*section = (struct section){.path = NULL};
}

/*
 * A value of git's configuration (git-config(1), VALUES): quotes, escapes, a comment behind it. From
 * `*at`, which is left at the end of the line.
 */
static char *take_value(const char **at, const char *end)
{
	struct buf out = BUF_INIT;
	const char *p = *at;
	size_t kept = 0; /* what follows are spaces that end the line */
	bool quoted = false;

	while (p < end && *p != '\n') {
		char byte = *p++;

		if (!quoted && (byte == '#' || byte == ';'))
			break;
		if (byte == '"') {
			quoted = !quoted;
			continue;
		}
		if (byte == '\\' && p < end) {
			char next = *p++;

			if (next == '\n')
				continue;
			byte = next;
			byte = next == 'n' ? '\n' : next == 't' ? '\t' : byte;
		}
		if (byte != '\r' || p >= end || *p != '\n')
			buf_addc(&out, byte ? byte : '?');
		if (quoted || !isspace((unsigned char)byte))
			kept = out.len;
	}
	while (p < end && *p != '\n')
		p++;
	*at = p;
	buf_truncate(&out, kept);
	return buf_detach(&out);
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* "key = value" into the section; other keys are passed over. */
static const char *take_line(const char *p, const char *end, struct section *section)
{
	const char *key = p;
	size_t len;
	char **slot = NULL;

	while (p < end && (isalnum((unsigned char)*p) || *p == '-'))
		p++;
	len = (size_t)(p - key);
	if (len == 4 && strncasecmp(key, "path", 4) == 0)
		slot = &section->path;
	else if (len == 3 && strncasecmp(key, "url", 3) == 0)
		slot = &section->url;
	p = skip_blanks(p, end);
	if (slot && p < end && *p == '=') {
		p = skip_blanks(p + 1, end);
		free(*slot);
		*slot = take_value(&p, end);
	}
	while (p < end && *p != '\n')
		p++;
	return p;
}

static bool section_is(const struct section *section, const char *path)
{
	return section->url && streq(section->path, path);
}

char *gitmodules_url(const char *text, size_t len, const char *path)
{
	CLEANUP(section_clear) struct section section = {.path = NULL};
	const char *end = text + len;
	const char *p = text;

	while (p < end) {
		p = skip_blanks(p, end);
		if (p < end && *p == '[') {
			if (section_is(&section, path))
				break;
			section_clear(&section);
			while (p < end && *p != '\n')
				p++;
		} else if (p < end && *p != '\n') {
			p = take_line(p, end, &section);
		}
		if (p < end)
			p++;
	}
	return section_is(&section, path) ? TAKE(section.url) : NULL;
}

/* ---- relative URLs */

/* Where the path begins in a URL or "host:path". */
static size_t path_offset(const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *path = scheme ? strchr(scheme + 3, '/') : strchr(url, ':');

	return path ? (size_t)(path + 1 - url) : strlen(url);
}

/* As git does it: "../" takes the last element of the parent away. */
char *submodule_url(const char *parent, const char *url)
{
	autofree char *base = xstrdup(parent);
	size_t floor = path_offset(base);
	size_t len = strlen(base);

	if (!starts_with(url, "./") && !starts_with(url, "../"))
		return xstrdup(url);
	while (len > floor && base[len - 1] == '/')
		base[--len] = '\0';
	for (;;) {
		if (starts_with(url, "./")) {
			url += 2;
			continue;
		}
		if (!starts_with(url, "../"))
			break;
		url += 3;
		if (len <= floor)
			return NULL;
		while (len > floor && base[len - 1] != '/')
			base[--len] = '\0';
		while (len > floor && base[len - 1] == '/')
			base[--len] = '\0';
	}
	return xasprintf("%s%s%s", base, len && !strchr("/:", base[len - 1]) ? "/" : "", url);
}

/* ---- kustomize */

/* By api/internal/git/repospec.go and loader: a URL, or "host/org/repo", "git@host:…". */
bool is_remote_base(const char *entry)
{
	static const char *const hosts[] = {"github.com/", "github.com:", "gitlab.com/",
		"bitbucket.org/", "git-codecommit.", "ssh.dev.azure.com:", "dev.azure.com/"};

	if (strstr(entry, "://") || starts_with(entry, "git@") || starts_with(entry, "git::") ||
		strstr(entry, "?ref=") || strstr(entry, ".git//"))
		return true;
	for (size_t i = 0; i < countof(hosts); i++)
		if (starts_with(entry, hosts[i]))
			return true;
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in trees. A checkout on any system may happen to what comes out of here, so ".git" is
 * refused as HFS+ reads it (some code points do not count, nor does case) and as NTFS does (short
 * names, streams, dots and spaces at the end), whatever system this one is. After git's path.c and
 * utf8.c (is_ntfs_dotgit, is_hfs_dotgit).
 */
#include "base/base.h"

#include "bundle/object_check.h"

static char lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

/* Does `name` begin with `word`, which is in lower case? Returns its length, else 0. */
static size_t begins(const char *name, size_t len, const char *word)
{
	size_t i = 0;

	for (; word[i]; i++)
		if (i == len || lower(name[i]) != word[i])
			return 0;
	return i;
}

static bool is_ntfs_git(const char *name, size_t len)
{
	size_t i = begins(name, len, ".git");

	if (!i)
		i = begins(name, len, "git~1");
	if (!i)
		return false;
	while (i < len && (name[i] == ' ' || name[i] == '.'))
		i++;
	return i == len || name[i] == ':';
}

/* Bytes of a code point that HFS+ leaves out of a name: U+200C-200F, 202A-202E, 206A-206F, FEFF. */
static size_t ignored(const unsigned char *name, size_t len)
{
	if (len < 3)
		return 0;
	if (name[0] == 0xef)
		return name[1] == 0xbb && name[2] == 0xbf ? 3 : 0;
	if (name[0] != 0xe2)
		return 0;
	if (name[1] == 0x80 &&
		((name[2] >= 0x8c && name[2] <= 0x8f) || (name[2] >= 0xaa && name[2] <= 0xae)))
		return 3;
	return name[1] == 0x81 && name[2] >= 0xaa && name[2] <= 0xaf ? 3 : 0;
}

static bool is_hfs_git(const char *name, size_t len)
{
	const char *word = ".git";

	for (size_t i = 0; i < len;) {
		size_t skip = ignored((const unsigned char *)name + i, len - i);

		if (!skip && (!*word || lower(name[i]) != *word++))
			return false;
		i += skip ? skip : 1;
	}
	return !*word;
}

static bool is_dots(const char *name, size_t len)
{
	return (len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.');
}

/* Can this name be one of those at all? Most begin with a letter and are not looked at closer. */
static bool is_suspect(const char *name, size_t len)
{
	char first = name[0];

	return first == '.' || lower(first) == 'g' || (first & 0x80) || memchr(name, '\\', len);
}

bool object_name_safe(const char *name, size_t len)
{
	if (len == 0 || memchr(name, '/', len))
		return false;
	if (!is_suspect(name, len))
		return true;
	if (is_hfs_git(name, len))
		return false;
	/* Where a backslash separates folders each part is a name. */
	while (len) {
		const char *slash = memchr(name, '\\', len);
		size_t part = slash ? (size_t)(slash - name) : len;

		if (is_dots(name, part) || is_ntfs_git(name, part))
			return false;
		if (!slash)
			break;
		name += part + 1;
		len -= part + 1;
	}
	return true;
}

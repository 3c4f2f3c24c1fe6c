/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "bundle/limits.h"
#include "bundle/ref_name.h"

static bool valid_element(const char *text, size_t len)
{
	static const char lock[] = ".lock";
	size_t lock_len = sizeof(lock) - 1;

	if (!len || *text == '.')
		return false;
	if (len >= lock_len && memcmp(text + len - lock_len, lock, lock_len) == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];
		char next = i + 1 < len ? text[i + 1] : '\0';

		if (byte <= ' ' || byte == 0x7f || strchr("~^:?*[\\", byte))
			return false;
		if ((byte == '.' && next == '.') || (byte == '@' && next == '{'))
			return false;
	}
	return true;
}

bool ref_name_valid(const char *name, size_t len)
{
	const char *end = name + len;

	if (len <= strlen("refs/") || len > LIMIT_GIT_REF_NAME || memcmp(name, "refs/", 5) != 0 ||
		end[-1] == '.')
		return false;
	while (name <= end) {
		const char *slash = name < end ? memchr(name, '/', (size_t)(end - name)) : NULL;
		size_t element = (size_t)((slash ? slash : end) - name);

		if (!valid_element(name, element))
			return false;
		name += element + 1;
	}
	return true;
}

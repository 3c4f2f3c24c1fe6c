/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "bundle/limits.h"
#include "bundle/signature.h"
#include "plugin/keys.h"

int keys_trust_path(const char *named, char **ret, struct error *err)
{
	*ret = named ? xstrdup(named) : signature_trust_file();
	if (*ret)
		return 0;
	error_set(err, ERROR_CONFIG, "no home directory is known, so you have no file of signers");
	return error_hint(err, "name one with --trust");
}

int keys_trust_read(const char *path, struct buf *ret, bool *absent, struct error *err)
{
	autoerror why = ERROR_INIT;

	*absent = false;
	if (os_read_file(path, LIMIT_TRUST_FILE, ret, &why) == 0)
		return 0;
	*absent = why.kind == ERROR_NOT_FOUND;
	return *absent ? 0 : error_move(err, &why);
}

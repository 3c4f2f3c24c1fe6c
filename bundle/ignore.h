/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files of a repository source-controller leaves out of an artifact: version control's own, then
 * what .sourceignore files and spec.ignore say; where neither says anything, pictures, archives and
 * files of CI systems.
 *
 * The rules are those of the Go library that Flux uses (go-git 5.16, copied into fluxcd/pkg/sourceignore)
 * and not Git's: the last rule that matches a path decides, also below a folder that is left out, and
 * "[!a]" is no negation.
 */
#ifndef BUNDLE_IGNORE_H
#define BUNDLE_IGNORE_H

#include "base/base.h"
#include "base/error.h"

#define IGNORE_FILE ".sourceignore"

struct ignore;
/* Knows version control's own files. */
struct ignore *ignore_new(void) NEVER_NULL;
void ignore_free(struct ignore *ignore);
void ignore_free_pointer(struct ignore **slot);
#define autoignore CLEANUP(ignore_free_pointer) struct ignore

/* Rules of a file in `folder` ("" is the top); later ones go before earlier ones. ERROR_DAMAGED: more
 * rules, or longer ones, than are read. */
int ignore_add(struct ignore *ignore, const char *folder, const char *text, size_t len,
	struct error *err) MUST_CHECK;
/* Is the path left out? Names with "/" between them, from the top. */
bool ignore_match(const struct ignore *ignore, const char *path, bool is_folder);

#endif

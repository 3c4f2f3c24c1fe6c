/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/os.h"
#include "plugin/ask.h"
#include "plugin/text.h"

#define IN_FD 0

static bool says_yes(char *answer)
{
	answer[strcspn(answer, "\r\n")] = '\0';
	answer += strspn(answer, " \t");
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

int ask_yes(struct app *app, bool yes, struct error *err, const char *format, ...)
{
	char answer[64] = "";
	autobuf safe = BUF_INIT;
	autofree char *question = NULL;
	va_list args;

	if (yes)
		return 0;
	va_start(args, format);
	question = xvasprintf(format, args);
	va_end(args);
	text_safe(&safe, question);
	if (!os_is_terminal(IN_FD)) {
		error_set(err, ERROR_USAGE, "nobody can be asked here: %s", question);
		return error_hint(err, "--yes answers it");
	}
	app_progress_end(app);
	fprintf(app->err, "%s [y/N] ", safe.ptr);
	fflush(app->err);
	if (!fgets(answer, sizeof(answer), stdin) || !says_yes(answer))
		return error_set(err, ERROR_FAILED, "not confirmed: nothing was changed");
	app->waiting_since = 0;
	app_progress(app, "Azure");
	return 0;
}

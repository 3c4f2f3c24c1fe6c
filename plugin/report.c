/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/strv.h"
#include "plugin/report.h"
#include "plugin/text.h"

/* "The Kustomization "x" is invalid: …": the server refused what it was sent. */
static bool says_invalid(const char *message)
{
	const char *quote;

	if (!starts_with(message, "The "))
		return false;
	quote = message + 4 + strcspn(message + 4, " \n");
	if (!starts_with(quote, " \""))
		return false;
	quote += 2 + strcspn(quote + 2, "\"\n");
	return starts_with(quote, "\" is invalid");
}

/* Messages that are whole sentences of kubectl's. */
static bool stands_alone(const char *message)
{
	static const char *const starts[] = {
		"Error from server",
		"Unable to connect to the server",
		"The connection to the server",
		"Error in configuration",
	};

	for (size_t i = 0; i < countof(starts); i++)
		if (starts_with(message, starts[i]))
			return true;
	return says_invalid(message);
}

/* Safe for a terminal; a tab stands as it is, in an install hint of a kubeconfig for one. */
static void add_message(struct buf *out, const char *message)
{
	autostrv pieces = STRV_INIT;

	strv_split(&pieces, message, "\t", true);
	for (size_t i = 0; i < pieces.len; i++) {
		if (i)
			buf_addc(out, '\t');
		text_safe(out, pieces.items[i]);
	}
}

void report_error(struct buf *out, const struct error *err)
{
	const char *message = err->message ? err->message : "";

	if (err->kind == ERROR_FINDINGS && !*message)
		return;
	if (!stands_alone(message))
		buf_adds(out, "error: ");
	add_message(out, message);
	buf_addc(out, '\n');
	if (!str_set(err->hint))
		return;
	if (!starts_with(err->hint, "See '"))
		buf_adds(out, "hint: ");
	text_safe(out, err->hint);
	buf_addc(out, '\n');
}

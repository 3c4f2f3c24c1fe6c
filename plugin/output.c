/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "base/scan.h"
#include "plugin/output.h"

int output_tree(struct app *app, const char *format, struct json_object *tree, struct error *err)
{
	autobuf text = BUF_INIT;
	autobuf out = BUF_INIT;
	bool json = streq(format, "json");
	int result;

	json_write(&text, tree);
	if (json)
		result = scan_print_json(text.ptr, text.len, 0, NULL, &out, err);
	else
		result = scan_print_yaml(text.ptr, text.len, 0, NULL, &out, err);
	if (result < 0)
		return error_wrap(err, "printing %s", format);
	if (!ends_with(out.ptr, "\n"))
		buf_addc(&out, '\n');
	fwrite(out.ptr, 1, out.len, app->out);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/app.h"

const char *app_style_end(const struct app *app)
{
	return app->color ? "\033[0m" : "";
}

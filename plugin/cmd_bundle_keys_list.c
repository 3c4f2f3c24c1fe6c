/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "bundle/allowed_signers.h"
#include "plugin/app.h"
#include "plugin/bundle_options.h"
#include "plugin/keys.h"
#include "plugin/output.h"
#include "plugin/table.h"

struct list_opts {
	const char *output, *trust;
};

/* clang-format off */
static const struct option options[] = {
	OPT_CHOICE(struct list_opts, output, 'o', "output", "FORMAT", "print it for programs", OUTPUT_FORMATS),
	OPT_TRUST(struct list_opts, trust),
	OPT_END,
};

static const struct table_column columns[] = {
	{"PRINCIPAL", false, false}, {"FINGERPRINT", false, false}, {"TYPE", false, false},
	{"VALID", false, false}, {"LINE", false, true},
};
/* clang-format on */

/* Why a line lets nobody sign a bundle now; NULL if it does. */
static const char *refusal(const struct allowed_signer *signer, int64_t now)
{
	if (signer->authority)
		return "certificates are not supported";
	if (signer->namespaces && !allowed_signers_match(SIGNATURE_NAMESPACE, signer->namespaces))
		return "not for bundles";
	if (signer->valid_after && now < signer->valid_after)
		return "not yet";
	if (signer->valid_before && now > signer->valid_before)
		return "expired";
	return NULL;
}

/* "always", "after … before …", and what is wrong with it. */
static char *validity(const struct allowed_signer *signer, const char *wrong)
{
	autobuf text = BUF_INIT;

	if (signer->valid_after) {
		buf_adds(&text, "after ");
		time_format_utc(&text, signer->valid_after * 1000);
	}
	if (signer->valid_before) {
		buf_adds(&text, text.len ? ", before " : "before ");
		time_format_utc(&text, signer->valid_before * 1000);
	}
	if (!text.len && !wrong)
		buf_adds(&text, "always");
	if (wrong)
		buf_addf(&text, "%s%s", text.len ? ": " : "", wrong);
	return buf_detach(&text);
}

static void add_row(struct table *table, const struct allowed_signer *signer, int64_t now)
{
	const char *wrong = refusal(signer, now);
	autofree char *fingerprint = ssh_public_fingerprint(&signer->key);
	autofree char *valid = validity(signer, wrong);
	autofree char *line = xasprintf("%u", signer->line);
	const char *cells[] = {
		signer->principals, fingerprint, signer->key.type->name, valid, line};

	table_add(table, cells, wrong ? STYLE_WARN : STYLE_GOOD, 3);
}

static void set_time(struct json_object *object, const char *key, int64_t seconds)
{
	autobuf text = BUF_INIT;

	if (!seconds)
		return;
	time_format_utc(&text, seconds * 1000);
	json_set_str(object, key, text.ptr);
}

static struct json_object *item(const struct allowed_signer *signer, int64_t now)
{
	const char *wrong = refusal(signer, now);
	struct json_object *object = json_new_object();
	autofree char *fingerprint = ssh_public_fingerprint(&signer->key);

	json_set_str(object, "principals", signer->principals);
	json_set_str(object, "fingerprint", fingerprint);
	json_set_str(object, "type", signer->key.type->name);
	json_set_str(object, "comment", signer->key.comment);
	if (signer->namespaces)
		json_set_str(object, "namespaces", signer->namespaces);
	set_time(object, "validAfter", signer->valid_after);
	set_time(object, "validBefore", signer->valid_before);
	json_set(object, "line", json_new_int(signer->line));
	json_set(object, "trusted", json_new_bool(!wrong));
	if (wrong)
		json_set_str(object, "why", wrong);
	return object;
}

static int read_all(
	const struct buf *text, struct table *table, struct json_object *items, struct error *err)
{
	CLEANUP(allowed_signer_clear) struct allowed_signer signer = ALLOWED_SIGNER_INIT;
	struct allowed_signers file = {.at = text->ptr};
	int64_t now = time_now() / 1000;
	int next;

	while ((next = allowed_signers_next(&file, &signer, err)) > 0) {
		add_row(table, &signer, now);
		json_push(items, item(&signer, now));
	}
	return next;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct list_opts *wanted = opts;
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, countof(columns));
	autojson struct json_object *tree = json_new_object();
	struct json_object *items = json_new_array();
	autofree char *path = NULL;
	autobuf text = BUF_INIT;
	bool absent;

	(void)args;
	json_set(tree, "signers", items);
	if (keys_trust_path(wanted->trust, &path, err) < 0 ||
		keys_trust_read(path, &text, &absent, err) < 0)
		return -1;
	if (read_all(&text, table, items, err) < 0)
		return error_wrap(err, "'%s'", path);
	json_set_str(tree, "file", path);
	if (wanted->output)
		return output_tree(app, wanted->output, tree, err);
	if (table_rows(table))
		table_print(table, app, true, 0);
	if (table_rows(table))
		fprintf(app->err, "From %s\n", path);
	else
		fprintf(app->err, "Nobody is trusted: %s %s\n", path,
			absent ? "is not there" : "names nobody");
	return 0;
}

static const struct example examples[] = {
	{"whom you trust", "bundle keys list"},
	{"the same of another file, for programs",
		"bundle keys list --trust allowed_signers -o json"},
	{NULL, NULL},
};

const struct command cmd_bundle_keys_list = {
	.name = "bundle keys list",
	.max_args = 0,
	.summary = "List who is trusted to sign bundles",
	.options = options,
	.opts_size = sizeof(struct list_opts),
	.examples = examples,
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Flags and files of `config create` and `update`, as what is asked. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/os.h"
#include "base/yaml.h"
#include "plugin/config.h"

#define MAX_FILE ((size_t)1 << 20)
#define STDIN_FD 0
#define MAX_FD 1024

/* ---- values from elsewhere */

static int read_fd(const char *label, int fd, struct buf *ret, struct error *err)
{
	FILE *file = fd == STDIN_FD ? stdin : fdopen(fd, "r");
	size_t got;

	if (!file)
		return error_set(err, ERROR_CONFIG, "%s: descriptor %d is not open", label, fd);
	do {
		buf_grow(ret, 4096);
		got = fread(ret->ptr + ret->len, 1, 4096, file);
		buf_commit(ret, got);
	} while (got && ret->len <= MAX_FILE);
	if (fd != STDIN_FD)
		fclose(file);
	if (ret->len > MAX_FILE)
		return error_set(err, ERROR_CONFIG, "%s: more than 1 MiB", label);
	return 0;
}

static int read_named(const char *label, const char *name, struct buf *ret, struct error *err)
{
	char *end;
	long fd;

	if (streq(name, "-"))
		return read_fd(label, STDIN_FD, ret, err);
	if (starts_with(name, "fd:")) {
		fd = strtol(name + 3, &end, 10);
		if (!name[3] || *end || fd < 0 || fd > MAX_FD)
			return error_set(
				err, ERROR_USAGE, "%s: '%s' is no descriptor", label, name);
		return read_fd(label, (int)fd, ret, err);
	}
	if (os_read_file(name, MAX_FILE, ret, err) < 0)
		return error_wrap(err, "%s", label);
	return 0;
}

int config_read_value(
	const char *label, const char *text, struct buf *ret, bool *from_file, struct error *err)
{
	bool named = text[0] == '@' && text[1];

	if (from_file)
		*from_file = named;
	if (named)
		return read_named(label, text + 1, ret, err);
	buf_adds(ret, text);
	return 0;
}

/* ---- one flag */

/* A password's line break is the editor's, not the password's. */
static void cut_line_break(struct buf *text)
{
	while (text->len && (text->ptr[text->len - 1] == '\n' || text->ptr[text->len - 1] == '\r'))
		buf_truncate(text, text->len - 1);
}

/* Content of a file for a field that is sent in base64. A key without its last line break is none. */
static int set_content(struct config *config, enum arm_config_id id, const char *label,
	struct buf *content, struct error *err)
{
	CLEANUP(buf_wipe) struct buf encoded = BUF_INIT;

	if (content->len && content->ptr[content->len - 1] != '\n' && id == FLUX_SSH_PRIVATE_KEY)
		buf_addc(content, '\n');
	base64_encode(content->ptr, content->len, &encoded);
	return arm_config_set(&config->asked, id, label, encoded.ptr, err);
}

static void warn_visible(struct config *config, const struct arm_config_field *field)
{
	if (field->secret && !streq(field->name, "tls-ca-certificate"))
		app_warn(config->app,
			"--%s: every user of this machine can see a program's arguments; "
			"--%s @FILE, @- or @fd:N keeps it from them",
			field->name, field->name);
}

static int set_flag(
	struct config *config, enum arm_config_id id, const char *text, struct error *err)
{
	const struct arm_config_field *field = &arm_config_fields[id];
	autofree char *label = xasprintf("--%s", field->name);
	CLEANUP(buf_wipe) struct buf value = BUF_INIT;
	bool from_file = false;

	if (!field->secret && field->type != FLUX_BASE64)
		return arm_config_set(&config->asked, id, label, text, err);
	if (config_read_value(label, text, &value, &from_file, err) < 0)
		return -1;
	if (from_file && field->type == FLUX_BASE64)
		return set_content(config, id, label, &value, err);
	if (from_file)
		cut_line_break(&value);
	else if (*text)
		warn_visible(config, field);
	return arm_config_set(&config->asked, id, label, value.ptr, err);
}

static int set_flags(struct config *config, const struct config_opts *opts, struct error *err)
{
	for (int i = 0; i < FLUX_FIELDS; i++) {
		enum option_switch set = opts->switches[i];
		const char *text = set == SWITCH_UNSET ? opts->values[i]
				   : set == SWITCH_ON  ? "true"
						       : "false";

		if (text && set_flag(config, (enum arm_config_id)i, text, err) < 0)
			return -1;
	}
	return 0;
}

/* --known-hosts-file and its like. */
static int set_file(struct config *config, enum arm_config_id id, const char *path,
	const char *other, struct error *err)
{
	autofree char *label = xasprintf("--%s-file", arm_config_fields[id].name);
	CLEANUP(buf_wipe) struct buf content = BUF_INIT;

	if (!path)
		return 0;
	if (other)
		return error_set(err, ERROR_USAGE, "--%s and %s: only one of them",
			arm_config_fields[id].name, label);
	if (read_named(label, path, &content, err) < 0)
		return -1;
	return set_content(config, id, label, &content, err);
}

static int set_words(struct config *config, const struct config_opts *opts, struct error *err)
{
	struct arm_config *asked = &config->asked;

	if (opts->verification_config.len && arm_config_set_words(asked, FLUX_VERIFICATION_CONFIG,
						     &opts->verification_config, err) < 0)
		return -1;
	if (opts->oidc_identities.len &&
		arm_config_set_words(asked, FLUX_OIDC_IDENTITY, &opts->oidc_identities, err) < 0)
		return -1;
	if (!opts->kustomizations.len)
		return 0;
	/* those of the command line are all there are */
	json_free(asked->kustomizations);
	asked->kustomizations = NULL;
	return arm_config_set_kustomizations(asked, &opts->kustomizations, err);
}

/* ---- --file */

/* "sshPrivateKeyFile" is the file of "sshPrivateKey"; FLUX_FIELDS for any other key. */
static size_t field_of_file_key(const char *key)
{
	size_t len = strlen(key);
	autofree char *name = NULL;
	size_t id;

	if (len <= 4 || !ends_with(key, "File"))
		return FLUX_FIELDS;
	name = xstrndup(key, len - 4);
	id = arm_config_field_find(name);
	return id < FLUX_FIELDS && arm_config_fields[id].type == FLUX_BASE64 ? id : FLUX_FIELDS;
}

/* Files that the document names stand beside it. */
static char *beside(const char *document, const char *path)
{
	autofree char *folder = streq(document, "-") ? xstrdup(".") : os_dirname(document);

	return streq(path, "-") || starts_with(path, "fd:") ? xstrdup(path)
							    : os_absolute(path, folder);
}

/* A member "sshPrivateKeyFile", or a value "@FILE"; what it names becomes what is asked. */
static int read_member_file(struct config *config, const char *file, struct json_object *document,
	const char *key, struct error *err)
{
	const char *text = json_str(document, key);
	bool named = text && text[0] == '@' && text[1];
	size_t id = named ? arm_config_field_find(key) : field_of_file_key(key);
	CLEANUP(buf_wipe) struct buf content = BUF_INIT;
	autofree char *path = NULL;
	int result;

	if (!text || id == FLUX_FIELDS)
		return 0;
	path = beside(file, text + named);
	if (read_named(key, path, &content, err) < 0)
		return -1;
	if (arm_config_fields[id].type == FLUX_BASE64) {
		result = set_content(config, (enum arm_config_id)id, key, &content, err);
	} else {
		cut_line_break(&content);
		result = arm_config_set(
			&config->asked, (enum arm_config_id)id, key, content.ptr, err);
	}
	json_delete(document, key);
	return result;
}

static int read_document_files(
	struct config *config, const char *file, struct json_object *document, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(document, &iter))
		if (read_member_file(config, file, document, iter.key, err) < 0)
			return -1;
	return 0;
}

static int read_document(struct config *config, const char *file, struct error *err)
{
	CLEANUP(buf_wipe) struct buf text = BUF_INIT;
	autojson struct json_object *document = NULL;

	if (read_named("--file", file, &text, err) < 0)
		return -1;
	if (yaml_parse(text.ptr, text.len, &document, err) < 0 ||
		read_document_files(config, file, document, err) < 0)
		return error_wrap(err, "in '%s'", file);
	if (arm_config_set_document(&config->asked, document, &config->owned_name, err) < 0)
		return error_wrap(err, "in '%s'", file);
	return 0;
}

int config_ask(struct azure *azure, const struct config_opts *opts, struct config *config,
	struct error *err)
{
	config->app = azure->app;
	if (opts->file && read_document(config, opts->file, err) < 0)
		return -1;
	if (opts->kind && arm_config_set_kind(&config->asked, opts->kind, err) < 0)
		return -1;
	if (set_flags(config, opts, err) < 0 || set_words(config, opts, err) < 0 ||
		set_file(config, FLUX_HTTPS_CA_CERT, opts->https_ca_cert_file,
			opts->values[FLUX_HTTPS_CA_CERT], err) < 0 ||
		set_file(config, FLUX_KNOWN_HOSTS, opts->known_hosts_file,
			opts->values[FLUX_KNOWN_HOSTS], err) < 0 ||
		set_file(config, FLUX_SSH_PRIVATE_KEY, opts->ssh_private_key_file,
			opts->values[FLUX_SSH_PRIVATE_KEY], err) < 0)
		return -1;
	return config_open(
		azure, opts->azure.name ? opts->azure.name : config->owned_name, config, err);
}

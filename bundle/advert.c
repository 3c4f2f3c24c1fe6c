/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/scan.h"
#include "bundle/advert.h"
#include "bundle/limits.h"
#include "bundle/ref_name.h"

#define PEELED "^{}"

enum {
	BEGIN,         /* nothing has come */
	AFTER_SERVICE, /* the flush behind "# service=…" */
	CAPABILITIES,  /* of protocol 2 */
	REFS,          /* of protocols 0 and 1 */
	LISTED,        /* answer to ls-refs */
	COMPLETE
};

static int on_packet(
	void *ctx, enum pkt_kind kind, const char *data, size_t len, struct error *err);

void advert_init(struct advert *advert, const char *service, const struct strv *prefixes)
{
	*advert = (struct advert){
		.capabilities = STRV_INIT,
		.service = service,
		.prefixes = prefixes,
		.reader = PKT_READER_INIT,
		.state = BEGIN,
	};
	advert->reader.on_packet = on_packet;
	advert->reader.ctx = advert;
}

void advert_clear(struct advert *advert)
{
	for (size_t i = 0; i < advert->ref_count; i++) {
		free(advert->refs[i].name);
		free(advert->refs[i].symref);
	}
	free(advert->refs);
	strv_clear(&advert->capabilities);
	pkt_reader_clear(&advert->reader);
	*advert = (struct advert){.capabilities = STRV_INIT, .reader = PKT_READER_INIT};
}

/* ---- capabilities */

const char *advert_capability(const struct advert *advert, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < advert->capabilities.len; i++) {
		const char *text = advert->capabilities.items[i];

		if (strncmp(text, name, len) != 0)
			continue;
		if (text[len] == '=')
			return text + len + 1;
		if (text[len] == '\0')
			return text + len;
	}
	return NULL;
}

/* ASCII without control characters, as the protocol wants it. */
static bool printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] >= 0x7f)
			return false;
	return true;
}

static int take_capabilities(struct advert *advert, const char *text, size_t len, struct error *err)
{
	autofree char *copy = NULL;

	if (!printable(text, len))
		return error_set(
			err, ERROR_SERVER, "the server's capabilities hold odd characters");
	copy = xstrndup(text, len);
	if (advert->version == 2)
		strv_push(&advert->capabilities, copy);
	else
		strv_split(&advert->capabilities, copy, " ", false);
	return 0;
}

static int check_format(const struct advert *advert, struct error *err)
{
	const char *format = advert_capability(advert, "object-format");

	if (!format || streq(format, "sha1"))
		return 0;
	return error_set(err, ERROR_FAILED,
		"the repository names its objects by %.20s; Flux and this program read SHA-1 only",
		format);
}

/* ---- refs */

static bool is_wanted(const struct advert *advert, const char *name)
{
	for (size_t i = 0; advert->prefixes && i < advert->prefixes->len; i++)
		if (starts_with(name, advert->prefixes->items[i]))
			return true;
	return !advert->prefixes;
}

static bool valid_name(const char *name, size_t len)
{
	return (len == 4 && memcmp(name, "HEAD", 4) == 0) || ref_name_valid(name, len);
}

static int refuse_name(const char *name, size_t len, struct error *err)
{
	autobuf shown = BUF_INIT;

	for (size_t i = 0; i < len && i < 100; i++)
		buf_addc(&shown, printable(name + i, 1) ? name[i] : '?');
	return error_set(err, ERROR_SERVER, "the server names a ref that Git does not allow: '%s'",
		shown.ptr);
}

/* Names that are no UTF-8 are left out: a lock has no words for them. */
static int add_ref(struct advert *advert, const char *name, size_t len, const struct oid *oid,
	struct error *err)
{
	autofree char *copy = NULL;

	if (!valid_name(name, len))
		return refuse_name(name, len, err);
	copy = xstrndup(name, len);
	if (!is_wanted(advert, copy) || !scan_is_utf8(name, len))
		return 0;
	if (advert->ref_count == LIMIT_GIT_REFS)
		return error_set(
			err, ERROR_SERVER, "the server has more than %d refs", LIMIT_GIT_REFS);
	if (advert->ref_count == advert->ref_room) {
		advert->ref_room = advert->ref_room ? 2 * advert->ref_room : 64;
		advert->refs = xreallocarray(advert->refs, advert->ref_room, sizeof(*advert->refs));
	}
	advert->refs[advert->ref_count++] = (struct remote_ref){.name = TAKE(copy), .oid = *oid};
	return 0;
}

static struct remote_ref *last_ref(struct advert *advert, const char *name, size_t len)
{
	struct remote_ref *last = advert->ref_count ? &advert->refs[advert->ref_count - 1] : NULL;

	if (last && strlen(last->name) == len && memcmp(last->name, name, len) == 0)
		return last;
	return NULL;
}

/* "OID SP rest". */
static bool take_oid(const char **text, size_t *len, struct oid *ret)
{
	if (*len < OID_HEX_LEN + 2 || !oid_parse(*text, *len, ret) || (*text)[OID_HEX_LEN] != ' ')
		return false;
	*text += OID_HEX_LEN + 1;
	*len -= OID_HEX_LEN + 1;
	return true;
}

static int malformed(struct error *err)
{
	return error_set(err, ERROR_SERVER, "the server's list of refs is malformed");
}

/* A line of protocol 0 without its capabilities: "OID name", "OID name^{}", "shallow OID". */
static int take_line(struct advert *advert, const char *text, size_t len, struct error *err)
{
	static const char none[] = "capabilities" PEELED;
	size_t tail = strlen(PEELED);
	struct remote_ref *last;
	struct oid oid;

	if (len > 8 && memcmp(text, "shallow ", 8) == 0) {
		advert->shallow = true;
		return 0;
	}
	if (!take_oid(&text, &len, &oid))
		return malformed(err);
	if ((len == sizeof(none) - 1 && memcmp(text, none, len) == 0) ||
		(len == 5 && memcmp(text, ".have", 5) == 0))
		return 0;
	if (len <= tail || memcmp(text + len - tail, PEELED, tail) != 0)
		return add_ref(advert, text, len, &oid, err);
	last = last_ref(advert, text, len - tail);
	if (last)
		last->peeled = oid;
	return 0;
}

/* The first line has the capabilities behind a NUL. They are looked at first: the names of objects
 * may be of another length. */
static int take_first(struct advert *advert, const char *text, size_t len, struct error *err)
{
	const char *nul = memchr(text, '\0', len);
	size_t line = nul ? (size_t)(nul - text) : len;

	advert->state = REFS;
	if (nul && take_capabilities(advert, nul + 1, len - line - 1, err) < 0)
		return -1;
	if (check_format(advert, err) < 0)
		return -1;
	return take_line(advert, text, line, err);
}

/* An attribute of a line of ls-refs: "peeled:OID", "symref-target:NAME". */
static int take_attribute(struct remote_ref *ref, const char *text, struct error *err)
{
	if (starts_with(text, "peeled:")) {
		text += strlen("peeled:");
		return oid_parse(text, strlen(text), &ref->peeled) ? 0 : malformed(err);
	}
	if (starts_with(text, "symref-target:")) {
		text += strlen("symref-target:");
		if (!ref_name_valid(text, strlen(text)))
			return refuse_name(text, strlen(text), err);
		str_replace(&ref->symref, text);
	}
	return 0;
}

/* "OID name [attribute…]". */
static int take_listed(struct advert *advert, const char *text, size_t len, struct error *err)
{
	autostrv words = STRV_INIT;
	autofree char *copy = NULL;
	struct remote_ref *ref;
	struct oid oid;

	if (!take_oid(&text, &len, &oid) || memchr(text, '\0', len))
		return malformed(err);
	copy = xstrndup(text, len);
	strv_split(&words, copy, " ", true);
	text = words.items[0];
	if (add_ref(advert, text, strlen(text), &oid, err) < 0)
		return -1;
	ref = last_ref(advert, text, strlen(text));
	for (size_t i = 1; ref && i < words.len; i++)
		if (take_attribute(ref, words.items[i], err) < 0)
			return -1;
	return 0;
}

/* ---- packets */

int advert_server_error(const char *text, size_t len, struct error *err)
{
	autobuf shown = BUF_INIT;

	for (size_t i = 0; i < len && i < LIMIT_REMOTE_MESSAGE; i++)
		buf_addc(&shown, (unsigned char)text[i] < ' ' && text[i] != '\n' ? ' ' : text[i]);
	buf_trim(&shown);
	if (!strstr(shown.ptr, "not our ref"))
		return error_set(err, ERROR_SERVER, "the server says: %s", shown.ptr);
	error_set(err, ERROR_NOT_FOUND, "the server says: %s", shown.ptr);
	return error_hint(err, "the commit is gone from the server, or it gives only tips "
			       "of refs: fetch the ref's present state");
}

static bool begins(const char *data, size_t len, const char *text)
{
	return len >= strlen(text) && memcmp(data, text, strlen(text)) == 0;
}

static int take_begin(struct advert *advert, const char *data, size_t len, struct error *err)
{
	static const char service[] = "# service=";
	size_t name = strlen(advert->service);

	if (begins(data, len, service)) {
		if (len - strlen(service) != name ||
			memcmp(data + strlen(service), advert->service, name) != 0)
			return error_set(
				err, ERROR_SERVER, "the server answers for another service");
		advert->state = AFTER_SERVICE;
		return 0;
	}
	if (begins(data, len, "version ") && len == 9 && data[8] >= '1' && data[8] <= '2') {
		advert->version = data[8] - '0';
		advert->state = advert->version == 2 ? CAPABILITIES : BEGIN;
		return 0;
	}
	return take_first(advert, data, len, err);
}

static int take_data(struct advert *advert, const char *data, size_t len, struct error *err)
{
	if (len && data[len - 1] == '\n')
		len--;
	if (begins(data, len, "ERR "))
		return advert_server_error(data + 4, len - 4, err);
	switch (advert->state) {
	case BEGIN:
		return take_begin(advert, data, len, err);
	case CAPABILITIES:
		return take_capabilities(advert, data, len, err);
	case REFS:
		return take_line(advert, data, len, err);
	case LISTED:
		return take_listed(advert, data, len, err);
	default:
		return malformed(err);
	}
}

static int on_packet(void *ctx, enum pkt_kind kind, const char *data, size_t len, struct error *err)
{
	struct advert *advert = ctx;

	if (kind == PKT_DATA)
		return take_data(advert, data, len, err);
	if (kind != PKT_FLUSH)
		return malformed(err);
	if (advert->state == AFTER_SERVICE) {
		advert->state = BEGIN;
		return 0;
	}
	advert->state = COMPLETE;
	return check_format(advert, err) < 0 ? -1 : 1;
}

int advert_feed(struct advert *advert, const char *data, size_t len, struct error *err)
{
	size_t used = 0;
	int result;

	if (advert->state == COMPLETE)
		return len ? malformed(err) : 1;
	advert->bytes += len;
	if (advert->bytes > LIMIT_ADVERTISEMENT)
		return error_set(err, ERROR_SERVER,
			"the server's list of refs has more than %lu bytes", LIMIT_ADVERTISEMENT);
	result = pkt_feed(&advert->reader, data, len, &used, err);
	return result == 1 && used < len ? malformed(err) : result;
}

void advert_expect_refs(struct advert *advert)
{
	advert->state = LISTED;
	advert->bytes = 0;
}

/* ---- the end */

static int compare_refs(const void *left, const void *right)
{
	const struct remote_ref *a = left;
	const struct remote_ref *b = right;

	return strcmp(a->name, b->name);
}

static struct remote_ref *find(struct advert *advert, const char *name, size_t len)
{
	autofree char *copy = xstrndup(name, len);
	struct remote_ref key = {.name = copy};

	if (!advert->ref_count)
		return NULL;
	return bsearch(&key, advert->refs, advert->ref_count, sizeof(key), compare_refs);
}

/* "symref=HEAD:refs/heads/main" of protocol 0. */
static void take_symrefs(struct advert *advert)
{
	for (size_t i = 0; i < advert->capabilities.len; i++) {
		const char *text = advert->capabilities.items[i];
		const char *colon = strchr(text, ':');
		struct remote_ref *ref;

		if (!starts_with(text, "symref=") || !colon)
			continue;
		text += strlen("symref=");
		ref = find(advert, text, (size_t)(colon - text));
		if (ref && ref_name_valid(colon + 1, strlen(colon + 1)))
			str_replace(&ref->symref, colon + 1);
	}
}

int advert_end(struct advert *advert, struct error *err)
{
	if (advert->state != COMPLETE)
		return error_set(err, ERROR_SERVER, "the server's list of refs is cut");
	if (!advert->ref_count)
		return 0;
	qsort(advert->refs, advert->ref_count, sizeof(*advert->refs), compare_refs);
	for (size_t i = 1; i < advert->ref_count; i++)
		if (streq(advert->refs[i].name, advert->refs[i - 1].name))
			return error_set(err, ERROR_SERVER, "the server names '%s' twice",
				advert->refs[i].name);
	if (advert->version < 2)
		take_symrefs(advert);
	return 0;
}

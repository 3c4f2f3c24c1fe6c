/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "kube/selector.h"

/* What can be selected by, beside metadata.name and metadata.namespace. */
static const struct field {
	const char *kind, *label;
	const char *path;   /* where the value is; NULL: the server never fills it */
	const char *absent; /* what stands for a value that is not there */
} fields[] = {
	/* clang-format off */
	{"Event",     "involvedObject.apiVersion",      "involvedObject.apiVersion",      ""},
	{"Event",     "involvedObject.fieldPath",       "involvedObject.fieldPath",       ""},
	{"Event",     "involvedObject.kind",            "involvedObject.kind",            ""},
	{"Event",     "involvedObject.name",            "involvedObject.name",            ""},
	{"Event",     "involvedObject.namespace",       "involvedObject.namespace",       ""},
	{"Event",     "involvedObject.resourceVersion", "involvedObject.resourceVersion", ""},
	{"Event",     "involvedObject.uid",             "involvedObject.uid",             ""},
	{"Event",     "reason",                         "reason",                         ""},
	{"Event",     "reportingComponent",             "reportingComponent",             ""},
	{"Event",     "source",                         "source.component",               ""},
	{"Event",     "type",                           "type",                           ""},
	{"Job",       "status.successful",              "status.succeeded",               "0"},
	{"Namespace", "status.phase",                   "status.phase",                   ""},
	{"Node",      "spec.unschedulable",             "spec.unschedulable",             "false"},
	{"Pod",       "spec.host",                      "spec.nodeName",                  ""},
	{"Pod",       "spec.hostNetwork",               "spec.hostNetwork",               "false"},
	{"Pod",       "spec.nodeName",                  "spec.nodeName",                  ""},
	{"Pod",       "spec.restartPolicy",             "spec.restartPolicy",             ""},
	{"Pod",       "spec.schedulerName",             "spec.schedulerName",             ""},
	{"Pod",       "spec.serviceAccountName",        "spec.serviceAccountName",        ""},
	{"Pod",       "status.nominatedNodeName",       "status.nominatedNodeName",       ""},
	{"Pod",       "status.phase",                   "status.phase",                   ""},
	{"Pod",       "status.podIP",                   "status.podIP",                   ""},
	{"Pod",       "status.podIPs",                  NULL,                             ""},
	{"Service",   "spec.clusterIP",                 "spec.clusterIP",                 ""},
	{"Service",   "spec.type",                      "spec.type",                      ""},
	/* clang-format on */
};

static const struct field name_field = {"", "metadata.name", "metadata.name", ""};
static const struct field namespace_field = {"", "metadata.namespace", "metadata.namespace", ""};

struct term {
	const struct field *field;
	char *value;
	bool differs;
};

struct field_selector {
	struct term *items;
	size_t count;
};

/* ---- grammar */

/* The terms between commas that no backslash stands before. */
static void split_terms(const char *text, struct strv *ret)
{
	autobuf term = BUF_INIT;

	for (;; text++) {
		if (*text == ',' || !*text) {
			strv_push(ret, term.ptr);
			buf_reset(&term);
		}
		if (!*text)
			break;
		if (*text == ',')
			continue;
		buf_addc(&term, *text);
		if (*text == '\\' && text[1])
			buf_addc(&term, *++text);
	}
}

static bool split_term(const char *term, struct buf *label, bool *differs, const char **value)
{
	for (const char *p = term; *p; p++) {
		if (*p != '=' && !starts_with(p, "!="))
			continue;
		*differs = *p == '!';
		*value = p + (starts_with(p, "!=") || starts_with(p, "==") ? 2 : 1);
		buf_add(label, term, (size_t)(p - term));
		return true;
	}
	return false;
}

static int unescape(const char *text, struct buf *ret, struct error *err)
{
	for (; *text; text++) {
		if (*text == ',' || *text == '=')
			return error_set(err, ERROR_SERVER,
				"invalid field selector: unescaped character in value: %d", *text);
		if (*text != '\\') {
			buf_addc(ret, *text);
			continue;
		}
		text++;
		if (!*text || !strchr("\\,=", *text))
			return error_set(err, ERROR_SERVER,
				"invalid field selector: invalid escape sequence: \\%.1s", text);
		buf_addc(ret, *text);
	}
	return 0;
}

/* ---- which fields there are */

/* Kinds without rows of their own get the words of another function of the server. */
static int not_supported(const struct kind *kind, const char *label, struct error *err)
{
	bool known = kind->family != FAMILY_CORE && kind->family != FAMILY_CRD;

	for (size_t i = 0; i < countof(fields); i++)
		known |= streq(fields[i].kind, kind->name);
	if (streq(kind->name, "Job"))
		return error_set(
			err, ERROR_SERVER, "field label \"%s\" not supported for Job", label);
	if (known)
		return error_set(err, ERROR_SERVER, "field label not supported: %s", label);
	return error_set(err, ERROR_SERVER,
		"\"%s\" is not a known field selector: only \"metadata.name\", "
		"\"metadata.namespace\"",
		label);
}

static const struct field *find_field(const struct kind *kind, const char *label)
{
	bool nowhere = streq(kind->name, "Node") || streq(kind->name, "Namespace");

	if (streq(label, name_field.label))
		return &name_field;
	if (streq(label, namespace_field.label) && !nowhere)
		return &namespace_field;
	for (size_t i = 0; i < countof(fields); i++)
		if (streq(fields[i].kind, kind->name) && streq(fields[i].label, label))
			return &fields[i];
	return NULL;
}

static int add_term(struct field_selector *selector, const struct kind *kind, const char *label,
	struct term *term, struct error *err)
{
	term->field = find_field(kind, label);
	if (!term->field)
		return not_supported(kind, label, err);
	selector->items =
		xreallocarray(selector->items, selector->count + 1, sizeof(*selector->items));
	selector->items[selector->count++] = *term;
	term->value = NULL;
	return 0;
}

/* The grammar of all terms first, then whether there are such fields, as the server does it. */
static int parse(struct field_selector *selector, const struct kind *kind, const char *text,
	struct error *err)
{
	autostrv terms = STRV_INIT;

	split_terms(text, &terms);
	strv_sort(&terms);
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < terms.len; i++) {
			autobuf label = BUF_INIT;
			struct buf value = BUF_INIT;
			struct term term = {.field = NULL};
			const char *raw;
			int result;

			if (!*terms.items[i])
				continue;
			if (!split_term(terms.items[i], &label, &term.differs, &raw))
				return error_set(err, ERROR_SERVER,
					"invalid selector: '%s'; can't understand '%s'", text,
					terms.items[i]);
			result = unescape(raw, &value, err);
			term.value = buf_detach(&value);
			if (result == 0 && round == 1)
				result = add_term(selector, kind, label.ptr, &term, err);
			free(term.value);
			if (result < 0)
				return -1;
		}
	return 0;
}

int field_selector_parse(
	const struct kind *kind, const char *text, struct field_selector **ret, struct error *err)
{
	struct field_selector *selector = xcalloc(1, sizeof(*selector));

	if (parse(selector, kind, text, err) < 0) {
		field_selector_free(selector);
		return -1;
	}
	*ret = selector;
	return 0;
}

void field_selector_free(struct field_selector *selector)
{
	if (!selector)
		return;
	for (size_t i = 0; i < selector->count; i++)
		free(selector->items[i].value);
	free(selector->items);
	free(selector);
}

/* ---- matching */

static const char *text_at(struct json_object *object, const struct field *field)
{
	autostrv keys = STRV_INIT;

	if (!field->path)
		return field->absent;
	strv_split(&keys, field->path, ".", false);
	for (size_t i = 0; object && i < keys.len; i++)
		object = json_get(object, keys.items[i]);
	return object ? json_text(object) : field->absent;
}

/* The component of an event's source is that of its reporter where the old field is empty. */
static const char *value_of(struct json_object *object, const struct field *field)
{
	const char *value = text_at(object, field);

	if (!*value && streq(field->label, "source"))
		return json_text(json_get(object, "reportingComponent"));
	return value;
}

bool field_selector_matches(const struct field_selector *selector, struct json_object *object)
{
	for (size_t i = 0; i < selector->count; i++) {
		const struct term *term = &selector->items[i];

		if (streq(value_of(object, term->field), term->value) == term->differs)
			return false;
	}
	return true;
}

void field_selector_paths(const struct field_selector *selector, struct strv *ret)
{
	for (size_t i = 0; i < selector->count; i++) {
		const struct field *field = selector->items[i].field;

		if (field->path && !strv_contains(ret, field->path))
			strv_push(ret, field->path);
		if (streq(field->label, "source") && !strv_contains(ret, "reportingComponent"))
			strv_push(ret, "reportingComponent");
	}
}

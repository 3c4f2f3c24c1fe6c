/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/number.h"
#include "base/scan_print.h"
#include "base/strv.h"

static struct projection *new_drop(const char *const *drop)
{
	autostrv paths = STRV_INIT;

	if (!drop || !*drop)
		return NULL;
	for (; *drop; drop++)
		strv_pushf(&paths, "!%s", *drop);
	return projection_new((const char *const *)paths.items);
}

void printer_init(struct printer *printer, const char *text, size_t len, const char *const *drop,
	struct buf *out)
{
	*printer = (struct printer){
		.out = out,
		.drop = new_drop(drop),
		.moved = BUF_INIT,
		.text = BUF_INIT,
	};
	scan_init(&printer->scan, text, len, NULL);
	buf_grow(out, len + len / 2);
}

void printer_clear(struct printer *printer)
{
	if (printer->out->cap)
		printer->out->ptr[printer->out->len] = '\0';
	scan_clear(&printer->scan);
	projection_free(printer->drop);
	buf_clear(&printer->moved);
	buf_clear(&printer->text);
	free(printer->members);
}

int print_member_compare(const void *a, const void *b)
{
	const struct print_member *left = a;
	const struct print_member *right = b;

	return scan_key_compare(&left->key, &right->key);
}

int printer_begin_member(
	struct printer *printer, struct print_object *object, const struct scan_text *key)
{
	struct print_member *member;

	if (printer->members_len == printer->members_cap) {
		printer->members_cap = printer->members_cap ? printer->members_cap * 2 : 64;
		printer->members = xreallocarray(
			printer->members, printer->members_cap, sizeof(printer->members[0]));
	}
	member = &printer->members[printer->members_len];
	if (scan_decode_key(&printer->scan, key, &member->key) < 0)
		return -1;
	member->from = printer->out->len;
	printer->members_len++;
	if (printer->members_len - object->base < 2)
		return 0;
	object->rising = object->rising && print_member_compare(member - 1, member) < 0;
	object->sorted = object->sorted && object->compare(member - 1, member) < 0;
	return 0;
}

void printer_end_member(struct printer *printer)
{
	printer->members[printer->members_len - 1].to = printer->out->len;
}

/* Print the members again in their new order; the first of them was printed at `start`. */
static void move_members(struct printer *printer, const struct print_object *object, size_t start)
{
	buf_reset(&printer->moved);
	buf_add(&printer->moved, printer->out->ptr + start, printer->out->len - start);
	printer->out->len = start;
	for (size_t i = object->base; i < printer->members_len; i++) {
		const struct print_member *member = &printer->members[i];

		if (i > object->base)
			object->join(printer, object->indent);
		printer_put(printer, printer->moved.ptr + (member->from - start),
			member->to - member->from);
	}
}

int printer_end_object(struct printer *printer, struct print_object *object)
{
	size_t len = printer->members_len - object->base;
	struct print_member *members;
	size_t start;

	if (!len)
		return 0;
	members = printer->members + object->base;
	start = members[0].from;
	if (!object->rising) {
		qsort(members, len, sizeof(members[0]), print_member_compare);
		for (size_t i = 1; i < len; i++)
			if (print_member_compare(&members[i - 1], &members[i]) == 0)
				return scan_fail(&printer->scan, printer->scan.at,
					"a key twice in the object that ends here");
	}
	if (!object->sorted) {
		if (object->compare != print_member_compare)
			qsort(members, len, sizeof(members[0]), object->compare);
		move_members(printer, object, start);
	}
	printer->members_len = object->base;
	return 0;
}

int printer_skip_value(struct printer *printer)
{
	struct scan *scan = &printer->scan;

	if (scan->at < scan->end && (*scan->at == '{' || *scan->at == '['))
		return scan_skip_container(scan);
	return scan_value(scan);
}

struct print_text printer_decode(struct printer *printer, const struct scan_text *text)
{
	const char *end = text->raw + text->len;

	if (!text->escaped)
		return (struct print_text){text->raw, end, printer->scan.end};
	buf_reset(&printer->text);
	scan_decode(text, &printer->text);
	end = printer->text.ptr + printer->text.len;
	return (struct print_text){printer->text.ptr, end, end};
}

void print_number(struct buf *out, const struct scan_number *number)
{
	autofree char *text = NULL;

	if (!number->is_float) {
		/* Go has no negative zero among its integers. */
		if (number->len == 2 && memcmp(number->text, "-0", 2) == 0)
			buf_addc(out, '0');
		else
			buf_add(out, number->text, number->len);
		return;
	}
	text = xstrndup(number->text, number->len);
	number_format_json(out, strtod(text, NULL));
}

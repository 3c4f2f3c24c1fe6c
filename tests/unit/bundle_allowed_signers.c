/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of an allowed_signers file, and that the real ssh-keygen reads each as we do. */
#include "ssh_folder.h"

#include "bundle/allowed_signers.h"

#define NOW 1800000000 /* 2027-01-15T08:00:00Z */

static const struct {
	const char *text;      /* KEY, OTHER and CA stand for keys */
	const char *principal; /* wanted; NULL: any */
	const char *found;     /* NULL: not trusted */
	const char *why;       /* or the error */
} rows[] = {
	{"", NULL, NULL, "nobody is trusted"},
	{"# a@x KEY\n\n", NULL, NULL, "its key is not among those trusted"},
	{"a@x OTHER\n", NULL, NULL, "its key is not among those trusted"},
	{"a@x KEY", NULL, "a@x", NULL},
	{"\t a@x \t KEY comment with # in it\r\n", NULL, "a@x", NULL},
	{"a@x OTHER\nb@x KEY\nc@x KEY\n", NULL, "b@x", NULL},
	{"\"a b\" KEY\n", "a b", "a b", NULL},
	{"a\"b c\" KEY\n", "ab c", "ab c", NULL},
	{"a@x,b@x KEY\n", "b@x", "a@x,b@x", NULL},
	{"*@x,!root@x KEY\n", "c@x", "*@x,!root@x", NULL},
	{"*@x,!root@x KEY\n", "root@x", NULL, "it belongs to '*@x,!root@x' and not to 'root@x'"},
	{"!root@x,*@x KEY\n", "root@x", NULL, "it belongs to '!root@x,*@x' and not to 'root@x'"},
	{"?@x KEY\n", "ab@x", NULL, "it belongs to '?@x' and not to 'ab@x'"},
	{"a@x KEY\nb@x KEY\n", "b@x", "b@x", NULL},
	{"a@x namespaces=\"flux-arc-bundle\" KEY\n", NULL, "a@x", NULL},
	{"a@x NAMESPACES=\"git,flux-*\" KEY\n", NULL, "a@x", NULL},
	{"a@x namespaces=\"git\" KEY\n", NULL, NULL,
		"'a@x' is trusted for 'git' only, not for 'flux-arc-bundle'"},
	{"a@x namespaces=\"*,!flux-arc-bundle\" KEY\n", NULL, NULL,
		"'a@x' is trusted for '*,!flux-arc-bundle' only, not for 'flux-arc-bundle'"},
	{"a@x namespaces=\"git\" KEY\nb@x KEY\n", NULL, "b@x", NULL},
	{"a@x valid-after=\"20270115080000Z\" KEY\n", NULL, "a@x", NULL},
	{"a@x valid-after=\"20270115080001Z\" KEY\n", NULL, NULL,
		"'a@x' is trusted only after 2027-01-15T08:00:01Z"},
	{"a@x valid-before=\"202701150800Z\" KEY\n", NULL, "a@x", NULL},
	{"a@x valid-before=\"20270115075959UTC\" KEY\n", NULL, NULL,
		"'a@x' was trusted only before 2027-01-15T07:59:59Z"},
	{"a@x valid-after=\"20270101\",valid-before=\"20280101\",namespaces=\"flux-*\" KEY\n", NULL,
		"a@x", NULL},
	{"a@x cert-authority KEY\n", NULL, NULL,
		"line 1 trusts it to certify other keys, and certificates are not supported"},
	{"a@x cert-authority,namespaces=\"git\" CA\nb@x KEY\n", NULL, "b@x", NULL},
	/* What is malformed, wherever it stands. */
	{"a@x KEY\nb@x\n", NULL, NULL, "allowed signers, line 2: no key"},
	{"KEY\n", NULL, NULL,
		"allowed signers, line 1: neither a type of key that is supported nor an option "
		"that is known stands after the principals"},
	{"a@x ssh-foo AAAA\n", NULL, NULL,
		"allowed signers, line 1: neither a type of key that is supported nor an option "
		"that is known stands after the principals"},
	{"a@x ssh-ed25519 !!!\n", NULL, NULL,
		"allowed signers, line 1: malformed key of type ssh-ed25519"},
	{"a@x namespaces=git KEY\n", NULL, NULL,
		"allowed signers, line 1: namespaces without quotes around them"},
	{"a@x namespaces=\"git KEY\n", NULL, NULL,
		"allowed signers, line 1: namespaces without quotes around them"},
	{"a@x namespaces=\"git\",namespaces=\"git\" KEY\n", NULL, NULL,
		"allowed signers, line 1: namespaces are given twice"},
	{"a@x namespaces=\"git\";valid KEY\n", NULL, NULL,
		"allowed signers, line 1: malformed options"},
	{"a@x valid-after=\"2027\" KEY\n", NULL, NULL,
		"allowed signers, line 1: malformed valid-after"},
	{"a@x valid-before=\"20271301\" KEY\n", NULL, NULL,
		"allowed signers, line 1: malformed valid-before"},
	{"a@x valid-after=\"20270101\",valid-after=\"20270101\" KEY\n", NULL, NULL,
		"allowed signers, line 1: valid-after is given twice"},
	{"a@x valid-after=\"20270102\",valid-before=\"20270101\" KEY\n", NULL, NULL,
		"allowed signers, line 1: valid-before is not later than valid-after"},
	{"\"a@x KEY\n", NULL, NULL, "allowed signers, line 1: no key"},
};

/* Public keys as text: of KEY, OTHER and CA. */
static char *public_text(const char *name)
{
	autofree char *file = xasprintf("%s.pub", name);
	autobuf text = BUF_INIT;

	ssh_read(file, &text);
	buf_trim(&text);
	return buf_detach(&text);
}

static void fill(struct buf *out, const char *text)
{
	static const char *const names[] = {"KEY", "OTHER", "CA"};

	while (*text) {
		size_t i = 0;

		while (i < countof(names) && !starts_with(text, names[i]))
			i++;
		if (i < countof(names)) {
			autofree char *key = public_text(names[i]);

			buf_adds(out, key);
			text += strlen(names[i]);
		} else {
			buf_addc(out, *text++);
		}
	}
}

static int set_up(void **state)
{
	const struct buf message = {.ptr = (char[]){"message\n"}, .len = 8};

	setenv("TZ", "UTC", 1);
	if (ssh_folder_set_up(state) < 0)
		return -1;
	ssh_write("message", &message);
	return ssh_shell("for k in KEY OTHER CA; do ssh-keygen -q -N '' -C x -t ed25519 -f $k; "
			 "done; ssh-keygen -Y sign -n flux-arc-bundle -f KEY message");
}

static void find(
	const char *text, const char *principal, char **found, char **why, struct error *err)
{
	const struct signature_trust trust = {.text = text, .principal = principal, .now = NOW};
	CLEANUP(ssh_public_clear) struct ssh_public key = SSH_PUBLIC_INIT;
	autofree char *line = public_text("KEY");

	*found = *why = NULL;
	assert_int_equal(ssh_public_read(line, &key, err), 0);
	if (allowed_signers_find(&trust, &key, found, why, err) < 0)
		*why = xstrdup(err->message);
}

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf text = BUF_INIT;
		autofree char *found = NULL;
		autofree char *why = NULL;
		autoerror err = ERROR_INIT;

		fill(&text, rows[i].text);
		find(text.ptr, rows[i].principal, &found, &why, &err);
		if (rows[i].found)
			assert_string_equal(found, rows[i].found);
		else
			assert_null(found);
		if (rows[i].why)
			assert_string_equal(why, rows[i].why);
		else
			assert_null(why);
	}
}

/* ssh-keygen has to be told who it is to be: where nobody is wanted, who was found. */
static void test_ssh_keygen_agrees(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf text = BUF_INIT;
		const char *who = rows[i].principal ? rows[i].principal
				  : rows[i].found   ? rows[i].found
						    : "a@x";
		int status;

		fill(&text, rows[i].text);
		ssh_write("trust", &text);
		status = ssh_shell("ssh-keygen -Y verify -O verify-time=20270115080000Z -n "
				   "flux-arc-bundle -f trust -I '%s' -s message.sig <message",
			who);
		/* It stops at the first line that fits, so that what is malformed behind one is no
		 * matter to it. */
		if (!rows[i].why || !strstr(rows[i].why, "line 2"))
			assert_int_equal(status == 0, rows[i].found != NULL);
	}
}

static void test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t moment;
	} times[] = {
		{"19700101000001Z", 1},
		{"19700101", 0}, /* as ssh-keygen has it, no moment */
		{"20270115", 1799971200},
		{"202701150800", 1800000000},
		{"20270115080000z", 1800000000},
		{"20270115080000utc", 1800000000},
		{"20240229Z", 1709164800},
		{"99991231235959Z", 253402300799},
		{"2027011508000", 0},
		{"20270132", 0},
		{"202701152400", 0},
		{"2027-01-15", 0},
		{"", 0},
		{"Z", 0},
	};

	(void)state;
	for (size_t i = 0; i < countof(times); i++)
		assert_int_equal(allowed_signers_time(times[i].text), times[i].moment);
	/* Without Z it is the time of the place. */
	setenv("TZ", "UTC-2", 1);
	tzset();
	assert_int_equal(allowed_signers_time("202701151000"), 1800000000);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void test_patterns_end(void **state)
{
	autobuf text = BUF_INIT;
	autobuf pattern = BUF_INIT;

	(void)state;
	buf_fill(&text, 'a', 10000);
	for (int i = 0; i < 1000; i++)
		buf_adds(&pattern, "*a*");
	buf_adds(&pattern, "b");
	assert_false(allowed_signers_match(text.ptr, pattern.ptr));
	assert_true(allowed_signers_match("", "*"));
	assert_false(allowed_signers_match("a", ""));
	assert_false(allowed_signers_match("a", ",,"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_ssh_keygen_agrees),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_patterns_end),
	};

	return cmocka_run_group_tests(tests, set_up, ssh_folder_tear_down);
}

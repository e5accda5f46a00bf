#define _GNU_SOURCE
/* session_words_test: questions and answers as devices word them, and texts
 * that only look like them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/text.h"
#include "probes/session/session_words.h"

struct row {
	const char *text;
	bool name, password, locked;
};

static void texts_are_read_as_people_read_them(void **state)
{
	static const struct row rows[] = {
		{"plc login: ", true, false, false},
		{"Username:", true, false, false},
		{"User:", true, false, false},
		{"Benutzername: ", true, false, false},
		{"Utilisateur : ", true, false, false},
		{"\u041b\u043e\u0433\u0438\u043d: ", true, false, false},
		{"\u7528\u6237\u540d: ", true, false, false},
		{"Name: ", true, false, false},
		{"Password: ", false, true, false},
		{"TACACS Password: ", false, true, false},
		{"Passwort: ", false, true, false},
		{"passwd: ", false, true, false},
		{"Contrase\u00f1a:", false, true, false},
		{"Mot de passe :", false, true, false},
		{"PIN:", false, true, false},
		{"Verification code: ", false, false, false},
		{"Enter host name [Switch]: ", false, false, false},
		{"Location: ", false, false, false},
		{"spinning: ", false, false, false},
		{"superuser mode", false, false, false},
		{"Login incorrect", true, false, false},
		{"Account locked for 60 s", true, false, true},
		{"530 Too many failed logins", true, false, true},
		{"the door is unlocked", false, false, false},
		{"", false, false, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (words_ask_name(rows[i].text) != rows[i].name ||
		    words_ask_password(rows[i].text) != rows[i].password ||
		    words_say_locked(rows[i].text) != rows[i].locked) {
			fail_msg("'%s' is misread", rows[i].text);
		}
	}
}

static void refusals_and_demands_are_told_apart(void **state)
{
	(void)state;
	assert_true(words_say_refused("Login incorrect"));
	assert_true(words_say_refused("% Authentication failed."));
	assert_true(words_say_refused("Anmeldung fehlgeschlagen"));
	assert_false(words_say_refused("Welcome."));
	assert_true(words_say_must_change("You must set a new password now:"));
	assert_false(words_say_must_change("Password:"));
	assert_true(words_say_later("Too many users, try later"));
	assert_false(words_say_later("Login incorrect"));
	assert_true(words_demand_encryption("Non-anonymous sessions must use encryption."));
	assert_true(words_demand_encryption("421 cleartext sessions are not accepted"));
	assert_false(words_demand_encryption("421 Too many users, try later"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read_as_people_read_them),
		cmocka_unit_test(refusals_and_demands_are_told_apart),
	};

	return cmocka_run_group_tests_name("session_words", tests, NULL, NULL);
}

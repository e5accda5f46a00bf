/* telnet_stream_test: what servers send, whole and cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/telnet/telnet_stream.h"
#include <string.h>

static struct telnet_stream stream;

static int setup(void **state)
{
	(void)state;
	memset(&stream, 0, sizeof(stream));
	return 0;
}

static void take(const char *text)
{
	telnet_take(&stream, text, strlen(text));
}

static const uint8_t negotiation[] = {255, 253, 24, 255, 251, 1, 'l', 'o', 'g', 'i', 'n', ':', ' '};
static const uint8_t refusals[] = {255, 252, 24, 255, 254, 1};

static void options_are_refused_and_text_remains(void **state)
{
	(void)state;
	telnet_take(&stream, negotiation, sizeof(negotiation));
	assert_true(stream.negotiates);
	assert_int_equal(stream.reply_size, sizeof(refusals));
	assert_memory_equal(stream.reply, refusals, sizeof(refusals));
	assert_int_equal(stream.text_size, 7);
	assert_true(telnet_asks_login(&stream));
}

static void command_cut_anywhere_is_the_same(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(negotiation); i++) {
		telnet_take(&stream, negotiation + i, 1);
	}
	assert_memory_equal(stream.reply, refusals, sizeof(refusals));
	assert_int_equal(stream.text_size, 7);
}

static void subnegotiation_is_no_text(void **state)
{
	static const uint8_t bytes[] = {255, 250, 24, 1, 255, 255, 255, 240, 'x'};

	(void)state;
	telnet_take(&stream, bytes, sizeof(bytes));
	assert_int_equal(stream.text_size, 1);
	assert_int_equal(stream.text[0], 'x');
}

static void refusals_are_not_answered(void **state)
{
	static const uint8_t bytes[] = {255, 252, 1, 255, 254, 3};

	(void)state;
	telnet_take(&stream, bytes, sizeof(bytes));
	assert_int_equal(stream.reply_size, 0);
}

static void plain_text_is_no_negotiation(void **state)
{
	(void)state;
	take("Welcome\r\nUsername: ");
	assert_false(stream.negotiates);
	assert_true(telnet_asks_login(&stream));
	assert_false(telnet_shows_prompt(&stream));
}

static void shell_prompts_are_seen(void **state)
{
	(void)state;
	take("BusyBox\r\n/ # ");
	assert_true(telnet_shows_prompt(&stream));
	assert_false(telnet_asks_login(&stream));
	take("\r\nplc> ");
	assert_true(telnet_shows_prompt(&stream));
	take("\r\n1 status\r\n2 network\r\nchoice: ");
	assert_false(telnet_shows_prompt(&stream));
	assert_false(telnet_asks_login(&stream));
}

static void name_prompt_with_an_arrow_asks_for_a_login(void **state)
{
	(void)state;
	take("Username> ");
	assert_true(telnet_asks_login(&stream));
	assert_false(telnet_shows_prompt(&stream));
}

static void noise_is_told_from_text(void **state)
{
	(void)state;
	take("\x01\x02\x80\x90 text");
	assert_true(telnet_is_noise(&stream));
	stream.text_size = 0;
	take("a long line of text\r\n");
	assert_false(telnet_is_noise(&stream));
}

static void questions_are_read_in_the_words_of_devices(void **state)
{
	static const struct {
		const char *text;
		enum telnet_question asks;
		bool prompt;
	} rows[] = {
		{"Benutzername: ", TELNET_ASKS_NAME, false},
		{"Passwort: ", TELNET_ASKS_PASSWORD, false},
		{"\u041b\u043e\u0433\u0438\u043d: ", TELNET_ASKS_NAME, false},
		{"Enter user name\r\n", TELNET_ASKS_NAME, false},
		{"login:\r\n", TELNET_ASKS_NAME, false},
		{"Login: \x1b[K\x1b[0m", TELNET_ASKS_NAME, false},
		{"\x1b[2J\x1b[1;1HLogin: ", TELNET_ASKS_NAME, false},
		{"User Access Verification\r\n\r\nPassword: ", TELNET_ASKS_PASSWORD, false},
		{"press # for help, 100% ready >\r\nlogin: ", TELNET_ASKS_NAME, false},
		{"user@plc> ", TELNET_ASKS_NOTHING, true},
		{"login-server# ", TELNET_ASKS_NOTHING, true},
		{"\x1b[32mroot@plc\x1b[0m:~# \x1b[0m", TELNET_ASKS_NOTHING, true},
		{"Basic configuration dialog\r\nEnter host name [Switch]: ", TELNET_ASKS_NOTHING,
		 true},
		{"Last login: Tue Nov 25 17:00:00 2026 from bench\r\n", TELNET_ASKS_NOTHING, false},
		{"Login incorrect\r\n", TELNET_ASKS_NOTHING, false},
		{"Welcome, user admin\r\n", TELNET_ASKS_NOTHING, false},
		{"Load 5%\r\nJina: ", TELNET_ASKS_NOTHING, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&stream, 0, sizeof(stream));
		take(rows[i].text);
		if (telnet_asks(&stream) != rows[i].asks ||
		    telnet_shows_prompt(&stream) != rows[i].prompt) {
			fail_msg("'%s' is misread", rows[i].text);
		}
	}
}

static void first_word_of_a_line_begins_behind_a_space(void **state)
{
	char words[16];

	(void)state;
	take("welcome\r\nInvalid\tlogin\r\n");
	assert_string_equal(telnet_words(&stream, words, sizeof(words)), "Invalid login  ");
}

static void drawings_of_utf_8_are_text(void **state)
{
	(void)state;
	take("\u2588 \u2588\u2580\u2580 \u2590\u258c\u2584\u2580 \u2588\u2588\u2588\r\nbox login: ");
	assert_false(telnet_is_noise(&stream));
	assert_int_equal(telnet_asks(&stream), TELNET_ASKS_NAME);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(options_are_refused_and_text_remains),
		T(command_cut_anywhere_is_the_same),
		T(subnegotiation_is_no_text),
		T(refusals_are_not_answered),
		T(plain_text_is_no_negotiation),
		T(shell_prompts_are_seen),
		T(name_prompt_with_an_arrow_asks_for_a_login),
		T(noise_is_told_from_text),
		T(questions_are_read_in_the_words_of_devices),
		T(first_word_of_a_line_begins_behind_a_space),
		T(drawings_of_utf_8_are_text),
	};

	return cmocka_run_group_tests_name("telnet_stream", tests, NULL, NULL);
}

/* module: web */
/* http_answer: pages beside pages. Contract in http_answer.h. */
#include "probes/http/http_answer.h"
#include "probes/http/http_form.h"
#include "probes/http/http_page.h"
#include "probes/session/session_words.h"

#include <string.h>

#include "harness/banned.h"

/* A page that only refuses is short. */
enum { REFUSAL_MOST = 400 };

bool http_is_script(const struct http_reply *reply)
{
	return reply->html.scripts && reply->html.text[0] == '\0' &&
	       reply->html.form_text[0] == '\0';
}

static bool shows_login(const struct http_answers *a, const struct http_reply *reply)
{
	const struct html *page = &reply->html;

	if (a->user != NULL) {
		return http_form_find(page, a->user, a->password) != NULL;
	}
	return page->passwords > 0;
}

static bool only_refuses(const struct html *page)
{
	return strlen(page->text) < REFUSAL_MOST &&
	       (words_say_refused(page->text) || words_say_locked(page->text) ||
		words_say_later(page->text));
}

bool http_is_content(const struct http_answers *a, const struct http_reply *reply)
{
	return reply->status >= 200 && reply->status < 300 && reply->size > 0 &&
	       !shows_login(a, reply) && !only_refuses(&reply->html);
}

bool http_is_inside(const struct http_answers *a)
{
	const struct http_reply *in = a->inside, *out = a->without;

	return http_is_content(a, in) &&
	       (in->status != out->status ||
		!http_same_page(in->page, in->size, out->page, out->size, NULL));
}

/* The most password fields that one form of the page has. */
static size_t passwords_in_a_form(const struct http_reply *reply)
{
	size_t most = 0, i;

	for (i = 0; reply != NULL && i < reply->html.form_count; i++) {
		most = reply->html.forms[i].passwords > most ? reply->html.forms[i].passwords
							     : most;
	}
	return most;
}

/* A form with a new password and its repetition, or words that ask for one,
 * where the login's own page had none. */
static bool must_change(const struct http_answers *a, const struct http_reply *reply)
{
	size_t now = passwords_in_a_form(reply);

	if (reply == NULL || reply->status >= 400 || now == 0 ||
	    passwords_in_a_form(a->before) >= now + (now == 1)) {
		return false;
	}
	return now >= 2 ||
	       (!shows_login(a, reply) && (words_say_must_change(reply->html.text) ||
					   words_say_must_change(reply->html.form_text)));
}

/* A page that asks for a code, and for no password. */
static bool asks_code(const struct http_reply *reply)
{
	size_t i, j;

	for (i = 0; reply != NULL && i < reply->html.form_count; i++) {
		const struct html_form *form = &reply->html.forms[i];

		for (j = 0; form->passwords == 0 && j < form->field_count; j++) {
			if (form->fields[j].kind == HTML_CODE) {
				return true;
			}
		}
	}
	return false;
}

/* True if the answer says so, and the login's own page did not. */
static bool says(const struct http_answers *a, bool (*words)(const char *text))
{
	const struct html *now = &a->answer->html;
	const struct html *before = a->before != NULL ? &a->before->html : NULL;

	return (words(now->text) || words(now->form_text)) &&
	       (before == NULL || (!words(before->text) && !words(before->form_text)));
}

enum login_outcome http_answer(const struct http_answers *a)
{
	if (http_is_busy(a->answer) || http_is_busy(a->inside)) {
		return LOGIN_SHUT_OUT;
	}
	if (http_is_inside(a)) {
		return LOGIN_ACCEPTED;
	}
	if (must_change(a, a->answer) || must_change(a, a->inside)) {
		return LOGIN_MUST_CHANGE;
	}
	if (asks_code(a->answer)) {
		return LOGIN_MORE;
	}
	if (a->answer->status == 423 || says(a, words_say_locked)) {
		return LOGIN_LOCKED;
	}
	return says(a, words_say_later) ? LOGIN_BUSY : LOGIN_DENIED;
}

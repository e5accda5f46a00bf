/* module: web */
/* http_content: pages beside pages. Contract in http_content.h. */
#include "probes/http/http_content.h"
#include "probes/http/http_page.h"

#include <ctype.h>
#include <string.h>

#include "harness/banned.h"

enum {
	REFUSAL_WORDS = 40,  /* a page that only refuses has no more */
	ERROR_WORDS = 60,    /* an error page with a stack of advice */
	REDIRECT_WORDS = 12, /* "the document has moved here", the server's name */
	REDIRECT_TEXT = 1024,
	BESIDE_LOGIN = 20, /* on a page beside its login box */
	FEW_BESIDE = 4,    /* where another login page is known, and two of them are numbers */
	HINT_WORDS = 6,    /* "please log in"; a page with data has more */
	ERROR_LINE = 8,    /* an error's own words */
	ALIKE_LEAST = 3,   /* paths with one and the same short page */
};

size_t http_words(const char *text)
{
	size_t count = 0;
	bool inside = false;

	for (; text != NULL && *text != '\0'; text++) {
		bool part = isalnum((unsigned char)*text) || (unsigned char)*text >= 0x80;

		count += part && !inside;
		inside = part;
	}
	return count;
}

static bool is_error(const struct http_reply *reply)
{
	return reply->status >= 400;
}

static bool is_redirect(const struct http_reply *reply)
{
	return reply->status >= 300 && reply->status < 400;
}

static bool alike(const struct http_seen *a, const struct http_seen *b)
{
	return a->reply.status == b->reply.status &&
	       (http_same_page(a->reply.page, a->reply.size, b->reply.page, b->reply.size,
			       a->path) ||
		http_same_page(a->reply.page, a->reply.size, b->reply.page, b->reply.size,
			       b->path));
}

/* How many of the paths tried, this one with them, give this page. */
static size_t count_alike(const struct http_refusals *r, const struct http_seen *one)
{
	size_t count = 0, i;

	for (i = 0; i < r->tried_count; i++) {
		count += &r->tried[i] == one || alike(&r->tried[i], one);
	}
	return count;
}

static bool says_any(const char *text, const char *const *phrases)
{
	for (; *phrases != NULL; phrases++) {
		if (html_says(text, *phrases)) {
			return true;
		}
	}
	return false;
}

static bool says_refused(const char *text)
{
	static const char *const phrases[] = {
		"denied",         "forbidden",      "unauthorized",    "unauthorised",
		"not authorized", "not allowed",    "not found",       "does not exist",
		"no such",        "not exist",      "session expired", "verboten",
		"verweigert",     "nicht gefunden", "interdit",        "introuvable",
		"prohibido",      "denegado",       "no encontrado",   NULL,
	};

	return says_any(text, phrases);
}

/* Words of refusals that pages with data have as well: "error count 0", a link to log in. */
static bool hints_at_refusal(const char *text)
{
	static const char *const phrases[] = {"log in", "login",    "logon", "sign in",
					      "error",  "anmelden", NULL};

	return says_any(text, phrases);
}

static bool says_error(const char *text)
{
	static const char *const phrases[] = {
		"bad request", "could not", "cannot",    "required", "permission", "credentials",
		"unavailable", "gateway",   "timed out", "timeout",  "method",     NULL};

	return says_any(text, phrases) || says_refused(text) || hints_at_refusal(text);
}

static bool says_moved(const char *text)
{
	static const char *const phrases[] = {"moved", "redirect", "found",
					      "here",  "location", "see other",
					      "click", "continue", NULL};

	return says_any(text, phrases) || says_error(text);
}

/* Text that is no HTML is shown as it is. */
static size_t words_shown(const struct http_reply *reply)
{
	return http_words(reply->html.text) + http_words(reply->html.form_text);
}

/* Of the paths tried. */
static size_t count_redirects(const struct http_refusals *r)
{
	size_t count = 0, i;

	for (i = 0; i < r->tried_count; i++) {
		count += is_redirect(&r->tried[i].reply);
	}
	return count;
}

static bool redirect_gives(const struct http_refusals *r, const struct http_seen *one)
{
	size_t words = words_shown(&one->reply);

	return words > ERROR_WORDS || strlen(one->reply.html.text) > REDIRECT_TEXT ||
	       (words > REDIRECT_WORDS && count_alike(r, one) < 2) ||
	       (words > 0 && count_alike(r, one) < 2 && count_redirects(r) > 2 &&
		!says_moved(one->reply.html.text));
}

static bool error_gives(const struct http_refusals *r, const struct http_seen *one)
{
	size_t words = words_shown(&one->reply);

	return (words > ERROR_WORDS || (words > ERROR_LINE && !says_error(one->reply.html.text))) &&
	       count_alike(r, one) < 2 && !alike(one, r->nowhere);
}

/* The start page is content even where every path leads to it, unless nothing
 * is shown on it. */
static bool is_start(const struct http_seen *one)
{
	return strcmp(one->path, "/") == 0 && words_shown(&one->reply) > 0;
}

/* Another page with a login box, the one with the fewest words; NULL: none. */
static const struct http_seen *other_login(const struct http_refusals *r,
					   const struct http_seen *one)
{
	const struct http_seen *found = r->login;
	size_t i;

	for (i = 0; i < r->tried_count; i++) {
		const struct http_seen *other = &r->tried[i];

		if (other != one && other->reply.html.passwords > 0 && !alike(other, one) &&
		    (found == NULL ||
		     http_words(other->reply.html.text) < http_words(found->reply.html.text))) {
			found = other;
		}
	}
	return found;
}

/* Words with a digit. */
static size_t numbers(const char *text)
{
	size_t count = 0;
	bool counted = false;

	for (; *text != '\0'; text++) {
		if (!isalnum((unsigned char)*text)) {
			counted = false;
		} else if (isdigit((unsigned char)*text) && !counted) {
			counted = true;
			count++;
		}
	}
	return count;
}

/* A login of its own, or content with a login box on it. */
static bool login_gives(const struct http_refusals *r, const struct http_seen *one)
{
	const struct http_seen *other = other_login(r, one);
	const char *text = one->reply.html.text,
		   *known = other != NULL ? other->reply.html.text : "";
	size_t words = http_words(text);

	if (r->login != NULL && alike(one, r->login)) {
		return false;
	}
	if (words >= http_words(known) + BESIDE_LOGIN) {
		return count_alike(r, one) < ALIKE_LEAST;
	}
	return other != NULL && words >= http_words(known) + FEW_BESIDE &&
	       numbers(text) >= numbers(known) + 2 && count_alike(r, one) < 2 &&
	       !says_refused(text);
}

/* A reply of names and values has no sentence to hint with. */
static size_t hint_words(const struct http_seen *one)
{
	const struct http_reply *reply = &one->reply;

	return reply->size > 0 && reply->page[0] == '{' ? 2 : HINT_WORDS;
}

static enum http_gives page_gives(const struct http_refusals *r, const struct http_seen *one)
{
	const struct html *html = &one->reply.html;
	size_t words = words_shown(&one->reply);

	if (html->passwords > 0) {
		return login_gives(r, one) ? HTTP_GIVES : HTTP_REFUSES;
	}
	if (words <= REFUSAL_WORDS &&
	    (says_refused(html->text) || (!is_start(one) && count_alike(r, one) >= ALIKE_LEAST) ||
	     (hints_at_refusal(html->text) &&
	      (words <= hint_words(one) || count_alike(r, one) > 1)))) {
		return HTTP_REFUSES;
	}
	if (words == 0 && html->refresh != NULL) {
		return HTTP_REFUSES;
	}
	return words == 0 && html->scripts ? HTTP_HIDES : HTTP_GIVES;
}

enum http_gives http_gives(const struct http_refusals *r, const struct http_seen *one)
{
	const struct http_reply *reply = &one->reply;
	bool gives;

	if (reply->size == 0) {
		return HTTP_REFUSES;
	}
	if (is_redirect(reply) || is_error(reply)) {
		gives = is_redirect(reply) ? redirect_gives(r, one) : error_gives(r, one);
		return gives ? HTTP_GIVES : HTTP_REFUSES;
	}
	if (!is_start(one) && alike(one, r->nowhere)) {
		return HTTP_REFUSES;
	}
	return page_gives(r, one);
}

bool http_refusal_is_known(const struct http_refusals *r)
{
	const struct http_reply *reply = &r->nowhere->reply;

	return is_redirect(reply) || is_error(reply) || reply->html.passwords > 0 ||
	       words_shown(reply) <= REDIRECT_WORDS ||
	       (words_shown(reply) <= REFUSAL_WORDS &&
		(says_refused(reply->html.text) || hints_at_refusal(reply->html.text)));
}

/* module: web */
/* http_html: a walk through libxml2's tree. Contract in http_html.h. */
#define _GNU_SOURCE /* strcasestr */
#include "probes/http/http_html.h"

#include <libxml/HTMLparser.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/base/text.h"

#include "harness/banned.h"

enum { TEXT_MOST = 256 * 1024, DEPTH_MOST = 256 };

/* Visible text as it grows: words with one space between them. */
struct words {
	char *s;
	size_t size, room;
};

struct walk {
	struct arena *arena;
	struct html *html;
	struct html_form *form; /* NULL: outside */
	struct words text, form_text;
};

static const char *attribute(const struct walk *walk, xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetProp(node, (const xmlChar *)name);
	const char *copy = value == NULL ? "" : arena_strdup(walk->arena, (const char *)value);

	xmlFree(value);
	return copy;
}

static bool has_attribute(xmlNode *node, const char *name)
{
	return xmlHasProp(node, (const xmlChar *)name) != NULL;
}

static bool is(const xmlNode *node, const char *name)
{
	return strcasecmp((const char *)node->name, name) == 0;
}

static void words_add(struct walk *walk, struct words *words, const char *text)
{
	size_t length = strlen(text), i;
	char *larger;

	if (length > TEXT_MOST - words->size) {
		length = TEXT_MOST - words->size;
	}
	if (words->size + length + 2 > words->room) {
		words->room = 2 * (words->size + length + 2);
		larger = arena_alloc(walk->arena, words->room);
		if (words->size > 0) {
			memcpy(larger, words->s, words->size);
		}
		words->s = larger;
	}
	if (words->size > 0 && words->s[words->size - 1] != ' ') {
		words->s[words->size++] = ' ';
	}
	for (i = 0; i < length; i++) {
		if (!isspace((unsigned char)text[i])) {
			words->s[words->size++] = text[i];
		} else if (words->size > 0 && words->s[words->size - 1] != ' ') {
			words->s[words->size++] = ' ';
		}
	}
	words->s[words->size] = '\0';
}

/* One-time codes: what the field says of itself (HTML, 4.10.18.7.1), or the
 * names that it commonly has. */
static bool is_code(const struct walk *walk, xmlNode *node, const char *name)
{
	static const char *const names[] = {"otp", "totp", "2fa", "mfa", "onetime", "one_time"};
	size_t i;

	if (strcasecmp(attribute(walk, node, "autocomplete"), "one-time-code") == 0) {
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strncasecmp(name, names[i], strlen(names[i])) == 0) {
			return true;
		}
	}
	return false;
}

static enum html_kind kind_of(const struct walk *walk, xmlNode *node, const char *name)
{
	static const struct {
		const char *type;
		enum html_kind kind;
	} rows[] = {
		{"password", HTML_PASSWORD}, {"hidden", HTML_HIDDEN}, {"checkbox", HTML_CHOICE},
		{"radio", HTML_CHOICE},      {"submit", HTML_SUBMIT}, {"image", HTML_SUBMIT},
		{"button", HTML_SUBMIT},     {"reset", HTML_SUBMIT},
	};
	const char *type = attribute(walk, node, "type");
	size_t i;

	if (is(node, "button")) {
		return HTML_SUBMIT;
	}
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcasecmp(type, rows[i].type) == 0) {
			return rows[i].kind;
		}
	}
	return is_code(walk, node, name) ? HTML_CODE : HTML_TEXT;
}

static void take_field(struct walk *walk, xmlNode *node)
{
	struct html_form *form = walk->form;
	const char *name = attribute(walk, node, "name");
	enum html_kind kind = kind_of(walk, node, name);

	walk->html->passwords += kind == HTML_PASSWORD;
	if (form == NULL || form->field_count == HTML_FIELDS_MOST) {
		return;
	}
	form->passwords += kind == HTML_PASSWORD;
	form->fields[form->field_count++] = (struct html_field){
		.kind = kind,
		.name = name,
		.value = kind == HTML_CHOICE && !has_attribute(node, "value")
				 ? "on"
				 : attribute(walk, node, "value"),
		.checked = has_attribute(node, "checked"),
	};
}

/* A list to choose from: the option that is chosen, or else the first. */
static void take_select(struct walk *walk, xmlNode *select)
{
	struct html_form *form = walk->form;
	xmlNode *option, *chosen = NULL;

	for (option = xmlFirstElementChild(select); option != NULL;
	     option = xmlNextElementSibling(option)) {
		if (is(option, "option") && (chosen == NULL || has_attribute(option, "selected"))) {
			chosen = option;
		}
	}
	if (form == NULL || chosen == NULL || form->field_count == HTML_FIELDS_MOST) {
		return;
	}
	form->fields[form->field_count++] = (struct html_field){
		.kind = HTML_HIDDEN,
		.name = attribute(walk, select, "name"),
		.value = attribute(walk, chosen, "value"),
	};
}

static void take_link(struct walk *walk, xmlNode *node)
{
	struct html *html = walk->html;
	struct words words = {.s = NULL};
	xmlChar *text;

	if (html->link_count == HTML_LINKS_MOST || !has_attribute(node, "href")) {
		return;
	}
	text = xmlNodeGetContent(node);
	words_add(walk, &words, text == NULL ? "" : (const char *)text);
	xmlFree(text);
	html->links[html->link_count++] = (struct html_link){
		.target = attribute(walk, node, "href"),
		.text = words.s,
	};
}

static void take_form(struct walk *walk, xmlNode *node)
{
	struct html *html = walk->html;

	walk->form = NULL;
	if (html->form_count == HTML_FORMS_MOST) {
		return;
	}
	walk->form = &html->forms[html->form_count++];
	walk->form->action = attribute(walk, node, "action");
	walk->form->post = strcasecmp(attribute(walk, node, "method"), "post") == 0;
	walk->form->fields =
		arena_alloc(walk->arena, HTML_FIELDS_MOST * sizeof(*walk->form->fields));
}

/* <meta http-equiv=refresh content="0; url=/login"> */
static void take_meta(struct walk *walk, xmlNode *node)
{
	const char *content = attribute(walk, node, "content");
	const char *at;

	if (strcasecmp(attribute(walk, node, "http-equiv"), "refresh") != 0) {
		return;
	}
	at = strcasestr(content, "url=");
	walk->html->refresh = at != NULL ? at + 4 : "";
}

/* Takes one element. Returns true if what is below it is to be seen. */
static bool take(struct walk *walk, xmlNode *node)
{
	if (is(node, "script") || is(node, "style") || is(node, "noscript") ||
	    is(node, "template")) {
		walk->html->scripts |= is(node, "script");
		return false;
	}
	if (is(node, "input") || is(node, "button")) {
		take_field(walk, node);
	} else if (is(node, "textarea")) {
		take_field(walk, node);
		return false;
	} else if (is(node, "select")) {
		take_select(walk, node);
		return false;
	} else if (is(node, "form")) {
		take_form(walk, node);
	} else if (is(node, "a")) {
		take_link(walk, node);
	} else if (is(node, "meta")) {
		take_meta(walk, node);
	}
	return true;
}

static void walk_below(struct walk *walk, xmlNode *parent, unsigned depth)
{
	struct html_form *outer;
	xmlNode *node;

	for (node = parent->children; node != NULL && depth < DEPTH_MOST; node = node->next) {
		outer = walk->form;
		if (node->type == XML_TEXT_NODE) {
			words_add(walk, outer != NULL ? &walk->form_text : &walk->text,
				  node->content == NULL ? "" : (const char *)node->content);
		} else if (node->type == XML_ELEMENT_NODE && take(walk, node)) {
			walk_below(walk, node, depth + 1);
		}
		walk->form = outer;
	}
}

void html_read(struct html *ret, struct arena *arena, const void *bytes, size_t size,
	       const char *charset)
{
	const int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
			    HTML_PARSE_NONET | HTML_PARSE_COMPACT;
	struct walk walk = {.arena = arena, .html = ret};
	htmlDocPtr page = NULL;

	*ret = (struct html){.forms = NULL};
	ret->forms = arena_alloc(arena, HTML_FORMS_MOST * sizeof(*ret->forms));
	ret->links = arena_alloc(arena, HTML_LINKS_MOST * sizeof(*ret->links));
	words_add(&walk, &walk.text, "");
	words_add(&walk, &walk.form_text, "");
	if (size > 0) {
		page = htmlReadMemory(bytes, (int)size, "", charset, options);
	}
	if (page != NULL) {
		walk_below(&walk, (xmlNode *)page, 0);
		xmlFreeDoc(page);
	}
	ret->text = walk.text.s;
	ret->form_text = walk.form_text.s;
}

const struct html_field *html_field_find(const struct html_form *form, const char *name)
{
	size_t i;

	for (i = 0; i < form->field_count; i++) {
		if (strcmp(form->fields[i].name, name) == 0) {
			return &form->fields[i];
		}
	}
	return NULL;
}

bool html_says(const char *text, const char *phrase)
{
	size_t length = strlen(phrase);
	const char *at;

	for (at = strcasestr(text, phrase); at != NULL; at = strcasestr(at + 1, phrase)) {
		if ((at == text || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[length])) {
			return true;
		}
	}
	return false;
}

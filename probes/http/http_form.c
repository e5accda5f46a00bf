/* module: web */
/* http_form: successful controls (HTML, 4.10.21.4), as far as logins need. */
#include "probes/http/http_form.h"

#include <string.h>

#include "harness/banned.h"

const struct html_form *http_form_find(const struct html *page, const char *user,
				       const char *password)
{
	const struct html_form *only = NULL;
	size_t i, count = 0;

	for (i = 0; i < page->form_count; i++) {
		const struct html_form *form = &page->forms[i];

		if (html_field_find(form, user) != NULL &&
		    html_field_find(form, password) != NULL) {
			return form;
		}
		if (form->passwords == 1) {
			only = form;
			count++;
		}
	}
	return count == 1 ? only : NULL;
}

/* "body&name=value" */
static const char *with_entry(struct http_client *client, const char *body, const char *name,
			      const char *value)
{
	return arena_printf(client->arena, "%s%s%s=%s", body, body[0] != '\0' ? "&" : "",
			    http_encode(client, name), http_encode(client, value));
}

static bool is_entry(const char *name, const struct http_entry *entries, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(entries[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

const char *http_form_body(struct http_client *client, const struct html_form *form,
			   const struct http_entry *entries, size_t count)
{
	const char *body = "";
	bool pressed = false;
	size_t i;

	for (i = 0; i < count; i++) {
		body = with_entry(client, body, entries[i].name, entries[i].value);
	}
	for (i = 0; form != NULL && i < form->field_count; i++) {
		const struct html_field *field = &form->fields[i];

		if (field->name[0] == '\0' || is_entry(field->name, entries, count) ||
		    (field->kind == HTML_CHOICE && !field->checked) ||
		    (field->kind == HTML_SUBMIT && pressed)) {
			continue;
		}
		pressed = pressed || field->kind == HTML_SUBMIT;
		body = with_entry(client, body, field->name, field->value);
	}
	return body;
}

static bool says_logout(const char *text)
{
	static const char *const words[] = {
		"logout",      "log out",        "log-out",       "logoff",
		"log off",     "signout",        "sign out",      "abmelden",
		"deconnexion", "se deconnecter", "cerrar sesion", "uitloggen",
	};
	size_t i;

	for (i = 0; text != NULL && i < ARRAY_SIZE(words); i++) {
		if (html_says(text, words[i])) {
			return true;
		}
	}
	return false;
}

/* True if the form's address or a button of it says so. */
static bool form_ends_session(const struct html_form *form)
{
	size_t i;

	if (form->passwords > 0) {
		return false;
	}
	for (i = 0; i < form->field_count; i++) {
		if (form->fields[i].kind == HTML_SUBMIT &&
		    (says_logout(form->fields[i].name) || says_logout(form->fields[i].value))) {
			return true;
		}
	}
	return says_logout(form->action);
}

static bool request_of(struct http_client *client, const struct html_form *form,
		       const char *page_path, struct http_request *ret)
{
	const char *path = http_own_path(client, page_path, form->action);
	const char *body = http_form_body(client, form, NULL, 0);

	if (path == NULL) {
		return false;
	}
	if (form->post) {
		*ret = (struct http_request){.path = path, .body = body};
	} else {
		*ret = (struct http_request){.path = arena_printf(client->arena, "%.*s?%s",
								  (int)strcspn(path, "?"), path,
								  body)};
	}
	return true;
}

bool http_form_logout(struct http_client *client, const struct html *page, const char *page_path,
		      struct http_request *ret)
{
	const char *path;
	size_t i;

	for (i = 0; i < page->form_count; i++) {
		if (form_ends_session(&page->forms[i]) &&
		    request_of(client, &page->forms[i], page_path, ret)) {
			return true;
		}
	}
	for (i = 0; i < page->link_count; i++) {
		const struct html_link *link = &page->links[i];

		if (says_logout(link->target) || says_logout(link->text)) {
			path = http_own_path(client, page_path, link->target);
			if (path != NULL) {
				*ret = (struct http_request){.path = path};
				return true;
			}
		}
	}
	return false;
}

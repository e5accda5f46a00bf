/* module: web */
/* http_attempt: the requests of one login. Contract in http_attempt.h. */
#include "probes/http/http_attempt.h"
#include "probes/http/http_form.h"

#include <jansson.h>

#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

enum { REDIRECTS_MOST = 5 };

int http_attempt_get(struct http_attempt *a, const char *path, struct http_reply *ret)
{
	const struct http_request request = {.path = path, .bearer = a->bearer, .browser = true};

	return http_ask(&a->client, &request, ret);
}

/* Where the answer leads on this service, its end is the answer. */
static int follow(struct http_attempt *a)
{
	int hops;

	for (hops = 0; hops < REDIRECTS_MOST && a->answer.location[0] != '\0'; hops++) {
		const char *path = http_own_path(&a->client, a->at, a->answer.location);

		if (path == NULL) {
			return 0;
		}
		a->at = path;
		if (http_attempt_get(a, path, &a->answer) != 0) {
			return -1;
		}
	}
	return 0;
}

int http_attempt_form(struct http_attempt *a, const struct credential *credential)
{
	const struct login_form *login = a->login;
	const struct http_entry entries[] = {{login->user, credential->user},
					     {login->password, credential->password}};
	const char *body = http_form_body(&a->client, a->form, entries, ARRAY_SIZE(entries));
	struct http_request request = {.path = login->form, .body = body, .browser = true};
	const char *path =
		a->form == NULL ? NULL : http_own_path(&a->client, login->form, a->form->action);

	if (path != NULL) {
		request.path = path;
	}
	if (a->form != NULL && !a->form->post) {
		request.body = NULL;
		request.path = arena_printf(a->client.arena, "%.*s?%s",
					    (int)strcspn(request.path, "?"), request.path, body);
	}
	a->at = request.path;
	return http_ask(&a->client, &request, &a->answer) != 0 ? -1 : follow(a);
}

/* The text member of this name in a JSON object, or in one a level below. */
static const char *member(struct http_attempt *a, json_t *object, const char *name)
{
	json_t *inner = json_object_get(object, name);
	const char *key;
	json_t *value;

	if (!json_is_string(inner)) {
		inner = NULL;
		json_object_foreach(object, key, value)
		{
			inner = inner == NULL ? json_object_get(value, name) : inner;
		}
	}
	return json_is_string(inner) ? arena_strdup(a->client.arena, json_string_value(inner))
				     : NULL;
}

int http_attempt_json(struct http_attempt *a, const struct credential *credential)
{
	const struct login_form *login = a->login;
	json_t *object = json_pack("{s:s, s:s}", login->user, credential->user, login->password,
				   credential->password);
	char *text = object == NULL ? NULL : json_dumps(object, 0);
	const struct http_request request = {
		.path = login->json, .body = text, .type = "application/json"};
	json_t *answer;
	int ret;

	if (text == NULL) {
		BUG("a login is no JSON");
	}
	a->at = login->json;
	ret = http_ask(&a->client, &request, &a->answer);
	free(text);
	json_decref(object);
	if (ret == 0 && login->token != NULL) {
		answer = json_loadb(a->answer.page, a->answer.size, 0, NULL);
		a->bearer = member(a, answer, login->token);
		json_decref(answer);
	}
	return ret;
}

bool http_attempt_logout(struct http_attempt *a, struct http_request *ret)
{
	if (a->login->logout != NULL) {
		*ret = (struct http_request){.path = a->login->logout};
		return true;
	}
	return http_form_logout(&a->client, &a->inside.html, a->login->ok, ret) ||
	       http_form_logout(&a->client, &a->answer.html, a->at, ret);
}

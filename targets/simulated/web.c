/* web: the simulated device's web interface: a form login with a cookie, a
 * page behind it, and a status page. */
#include "targets/simulated/web.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "harness/banned.h"

#define REQUEST_MOST 8192

struct request {
	char bytes[REQUEST_MOST + 1]; /* head and body, terminated */
	size_t size;
	char method[8], path[128];
	const char *head; /* the header fields */
	const char *body;
};

struct web *web_new(bool secure)
{
	struct web *web = calloc(1, sizeof(*web));

	if (!web)
		return NULL;
	pthread_mutex_init(&web->lock, NULL);
	web->secure = secure;
	return web;
}

/* Returns the value of a header field, up to its line's end, or NULL. */
static const char *field_find(const struct request *request, const char *name)
{
	size_t size = strlen(name);
	const char *line = request->head;

	while (line && line < request->body) {
		if (strncasecmp(line, name, size) == 0 && line[size] == ':')
			return line + size + 1 + strspn(line + size + 1, " \t");
		line = strstr(line, "\r\n");
		if (line)
			line += 2;
	}
	return NULL;
}

/* Reads on until a whole request is there. Returns 0, or -1. */
static int request_read(struct request *request, const struct web_stream *stream)
{
	size_t wanted = 0;
	const char *length = NULL;

	memset(request, 0, sizeof(*request));
	while (wanted == 0 || request->size < wanted) {
		long count = stream->read(stream->stream, request->bytes + request->size,
					  REQUEST_MOST - request->size);
		if (count <= 0)
			return -1;
		request->size += (size_t)count;
		request->body = strstr(request->bytes, "\r\n\r\n");
		if (!request->body) {
			continue;
		}
		request->body += 4;
		request->head = strstr(request->bytes, "\r\n") + 2;
		length = field_find(request, "Content-Length");
		wanted = (size_t)(request->body - request->bytes);
		if (length)
			wanted += (size_t)strtoul(length, NULL, 10);
		if (wanted > REQUEST_MOST)
			return -1;
	}
	return sscanf(request->bytes, "%7s %127s HTTP/1.", request->method, request->path) == 2
		       ? 0
		       : -1;
}

static bool logged_in(struct web *web, const struct request *request)
{
	const char *field = field_find(request, "Cookie");
	const char *cookie = field ? strstr(field, "session=") : NULL;
	bool found = false;

	if (!cookie || cookie > request->body)
		return false;
	cookie += strlen("session=");
	pthread_mutex_lock(&web->lock);
	for (size_t i = 0; i < WEB_SESSIONS; i++)
		if (*web->cookies[i] && strncmp(web->cookies[i], cookie, 32) == 0)
			found = true;
	pthread_mutex_unlock(&web->lock);
	return found;
}

struct cookie {
	char s[33];
};

static struct cookie session_new(struct web *web)
{
	unsigned char random[16];
	struct cookie cookie = {""};

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return cookie;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(cookie.s + 2 * i, 3, "%02x", random[i]);
	pthread_mutex_lock(&web->lock);
	memcpy(web->cookies[web->next], cookie.s, sizeof(cookie.s));
	web->next = (web->next + 1) % WEB_SESSIONS;
	pthread_mutex_unlock(&web->lock);
	return cookie;
}

/* Decodes the form field (application/x-www-form-urlencoded) into out. */
static void form_field(const char *body, const char *name, char *out, size_t capacity)
{
	size_t size = strlen(name), length = 0;
	const char *at = body;

	while (at && (strncmp(at, name, size) != 0 || at[size] != '=')) {
		at = strchr(at, '&');
		at += at != NULL;
	}
	if (at)
		at += size + 1;
	while (at && *at && *at != '&' && length + 1 < capacity) {
		unsigned byte;
		if (*at == '%' && sscanf(at + 1, "%2x", &byte) == 1) {
			at += 3;
			out[length++] = (char)byte;
			continue;
		}
		out[length++] = *at == '+' ? ' ' : *at;
		at++;
	}
	out[length] = '\0';
}

static int answer_send(const struct web *web, const struct web_stream *stream, const char *status,
		       const char *fields, const char *page)
{
	char text[2048];
	int size = snprintf(text, sizeof(text),
			    "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n"
			    "Content-Length: %zu\r\nCache-Control: no-store\r\n%s%s\r\n%s",
			    status, strlen(page),
			    web->secure ? "Strict-Transport-Security: max-age=31536000\r\n"
					  "X-Content-Type-Options: nosniff\r\n"
					  "Content-Security-Policy: default-src 'self'; "
					  "frame-ancestors 'none'\r\n"
					: "",
			    fields, page);

	return stream->write(stream->stream, text, (size_t)size) == size ? 0 : -1;
}

static const char login_page[] = "<!doctype html><html lang=\"en\"><title>Controller login</title>"
				 "<h1>Controller</h1><form method=\"post\" action=\"/login\">"
				 "<label>User <input name=\"user\"></label>"
				 "<label>Password <input name=\"pass\" type=\"password\"></label>"
				 "<button>Log in</button></form></html>";

static int login_answer(const struct device *device, struct web *web,
			const struct web_stream *stream, const struct request *request)
{
	char user[64], password[128], fields[160];
	struct cookie cookie;

	form_field(request->body, "user", user, sizeof(user));
	form_field(request->body, "pass", password, sizeof(password));
	if (!account_login(device, user, password))
		return answer_send(web, stream, "403 Forbidden", "",
				   "<!doctype html><p>Login failed</p>");
	cookie = session_new(web);
	snprintf(fields, sizeof(fields),
		 "Location: /home\r\nSet-Cookie: session=%s; Path=/; HttpOnly; "
		 "SameSite=Strict%s\r\n",
		 cookie.s, web->secure ? "; Secure" : "");
	return answer_send(web, stream, "303 See Other", fields, "");
}

static const char status_page[] = "<!doctype html><p>Program running, firmware 1.0</p>";
static const char status_box_page[] =
	"<!doctype html><form method=\"post\" action=\"/login\"><input name=\"user\">"
	"<input name=\"pass\" type=\"password\"></form><h1>Process values</h1>"
	"<table><tr><td>boiler 1 temperature</td><td>431 K</td></tr>"
	"<tr><td>boiler 1 pressure</td><td>212 kPa</td></tr>"
	"<tr><td>boiler 2 temperature</td><td>398 K</td></tr>"
	"<tr><td>feed pump</td><td>running</td></tr><tr><td>serial number</td><td>81-4711</td></tr>"
	"<tr><td>program</td><td>running, firmware 1.0</td></tr></table>";

static int page_refuse(const struct device *device, const struct web *web,
		       const struct web_stream *stream)
{
	switch (device_trait(device, TRAIT_WEB_REFUSAL)) {
	case REFUSE_REDIRECT:
		return answer_send(web, stream, "303 See Other", "Location: /login\r\n", "");
	case REFUSE_PAGE:
		return answer_send(web, stream, "200 OK", "",
				   "<!doctype html><title>Access denied</title>"
				   "<p>Log in first</p>");
	default:
		return answer_send(web, stream, "401 Unauthorized", "",
				   "<!doctype html><p>Log in first</p>");
	}
}

/* The login page, with the link that a trait plants. */
static int login_show(const struct device *device, const struct web *web,
		      const struct web_stream *stream)
{
	char page[1024];

	snprintf(page, sizeof(page), "%s%s", login_page,
		 device_trait(device, TRAIT_OPEN_LINKED)
			 ? "<a href=\"/diagnosis-7f3a.html\">Diagnosis</a>"
			 : "");
	return answer_send(web, stream, "200 OK", "", page);
}

static int request_answer(const struct device *device, struct web *web,
			  const struct web_stream *stream, const struct request *request)
{
	bool inside = logged_in(web, request);
	bool open = device_trait(device, TRAIT_OPEN_STATUS) != 0;

	if (strcmp(request->path, "/login") == 0)
		return strcmp(request->method, "POST") == 0
			       ? login_answer(device, web, stream, request)
			       : login_show(device, web, stream);
	if (strcmp(request->path, "/") == 0)
		return answer_send(web, stream, "303 See Other",
				   inside ? "Location: /home\r\n" : "Location: /login\r\n", "");
	if (strcmp(request->path, "/home") == 0)
		return inside ? answer_send(web, stream, "200 OK", "",
					    "<!doctype html><h1>Home</h1>")
			      : answer_send(web, stream, "303 See Other", "Location: /login\r\n",
					    "");
	if (strcmp(request->path, "/diagnosis-7f3a.html") == 0 &&
	    device_trait(device, TRAIT_OPEN_LINKED))
		return answer_send(web, stream, "200 OK", "", status_box_page);
	if (strcmp(request->path, "/status") == 0)
		return inside || open ? answer_send(web, stream, "200 OK", "",
						    device_trait(device, TRAIT_OPEN_LOGIN_BOX)
							    ? status_box_page
							    : status_page)
				      : page_refuse(device, web, stream);
	return answer_send(web, stream, "404 Not Found", "", "<!doctype html><p>Not found</p>");
}

void web_serve(const struct device *device, struct web *web, const struct web_stream *stream)
{
	struct request *request = malloc(sizeof(*request));

	while (request && request_read(request, stream) == 0 &&
	       request_answer(device, web, stream, request) == 0)
		;
	free(request);
}

/* module: web */
/* http_client: libcurl on connected descriptors. */
#include "probes/http/http_client.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/banned.h"

enum { DIAL_MS = 3000, REPLY_MS = 5000, PAGE_MOST = 1 << 20 };

struct receipt {
	struct http_reply *reply;
	struct probe_run *run;
	size_t room;
	bool full;
};

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_client *client = context;
	int fd = probe_dial(client->run, client->service, DIAL_MS);

	(void)purpose;
	(void)address;
	client->dial_error = fd < 0 ? fd : 0;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int already_connected(void *context, curl_socket_t fd, curlsocktype purpose)
{
	(void)context;
	(void)fd;
	(void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static size_t take_page(char *bytes, size_t one, size_t size, void *context)
{
	struct receipt *receipt = context;
	struct http_reply *reply = receipt->reply;
	size_t room;
	char *larger;

	(void)one;
	if (reply->size + size > PAGE_MOST) {
		receipt->full = true;
		return 0;
	}
	if (reply->size + size > receipt->room) {
		room = 2 * (reply->size + size);
		larger = probe_alloc(receipt->run, room + 1);
		memcpy(larger, reply->page, reply->size);
		reply->page = larger;
		receipt->room = room;
	}
	memcpy(reply->page + reply->size, bytes, size);
	reply->size += size;
	return size;
}

/* Returns the value if the line is this header, else NULL. */
static const char *header_value(const char *line, size_t size, const char *name, size_t *ret_size)
{
	size_t length = strlen(name);

	if (size <= length || strncasecmp(line, name, length) != 0) {
		return NULL;
	}
	line += length;
	size -= length;
	while (size > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		size--;
	}
	while (size > 0 && (line[size - 1] == '\r' || line[size - 1] == '\n')) {
		size--;
	}
	*ret_size = size;
	return line;
}

static size_t take_header(char *line, size_t one, size_t size, void *context)
{
	struct receipt *receipt = context;
	struct http_reply *reply = receipt->reply;
	size_t length = 0;
	const char *value = header_value(line, size, "server:", &length);

	(void)one;
	if (value != NULL) {
		text_printable(reply->server, sizeof(reply->server), value, length);
	}
	value = header_value(line, size, "www-authenticate:", &length);
	if (value != NULL) {
		reply->basic = true;
	}
	return size;
}

void http_client_open(struct http_client *client, struct probe_run *run,
		      const struct service *service)
{
	const struct device_link *link = &probe_profile(run)->link;
	struct address_text address = address_text(&link->address);
	struct address_text host = address_text_host(&link->address);
	char entry[400];
	const char *name;
	CURL *curl;

	memset(client, 0, sizeof(*client));
	curl = curl_easy_init();
	if (curl == NULL) {
		BUG("libcurl cannot be started");
	}
	name = service->server_name != NULL ? service->server_name : host.s;
	client->run = run;
	client->service = service;
	client->curl = curl;
	client->tls = strcmp(service->protocol, "https") == 0;
	snprintf(client->origin, sizeof(client->origin), "%s://%s:%u",
		 client->tls ? "https" : "http", name, service->port);
	snprintf(entry, sizeof(entry), "%s:%u:%s", name, service->port, address.s);
	client->resolve = curl_slist_append(NULL, entry);
	curl_easy_setopt(curl, CURLOPT_RESOLVE, client->resolve);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, client);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, already_connected);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)REPLY_MS);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_COOKIEFILE, "");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_page);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	/* The certificate is tls.certificate's matter; here even a weak one
	 * must not stand between us and the page. */
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1);
	curl_easy_setopt(curl, CURLOPT_SSL_CIPHER_LIST, "ALL:@SECLEVEL=0");
}

void http_client_close(struct http_client *client)
{
	curl_easy_cleanup(client->curl);
	curl_slist_free_all(client->resolve);
	client->curl = NULL;
	client->resolve = NULL;
}

/* libcurl has one code for every handshake that failed. */
static bool hung_up(const char *detail)
{
	return strstr(detail, "reset by peer") != NULL ||
	       strstr(detail, "SSL_ERROR_SYSCALL") != NULL ||
	       strstr(detail, "unexpected eof") != NULL || strstr(detail, "Broken pipe") != NULL;
}

static int failed(struct http_client *client, CURLcode code, const char *detail)
{
	static const struct {
		CURLcode code;
		enum why why;
	} whys[] = {
		{CURLE_OPERATION_TIMEDOUT, WHY_NO_ANSWER}, {CURLE_GOT_NOTHING, WHY_CLOSED_EARLY},
		{CURLE_PARTIAL_FILE, WHY_CLOSED_EARLY},    {CURLE_RECV_ERROR, WHY_CLOSED_EARLY},
		{CURLE_SEND_ERROR, WHY_CLOSED_EARLY},
	};
	enum why why = WHY_GARBAGE;
	size_t i;

	if (client->dial_error != 0) {
		return probe_dial_failed(client->run, client->service, client->dial_error);
	}
	for (i = 0; i < ARRAY_SIZE(whys); i++) {
		if (whys[i].code == code) {
			why = whys[i].why;
		}
	}
	if (why == WHY_NO_ANSWER) {
		return probe_give_up(client->run, why,
				     "'%s' accepted the connection, but did "
				     "not answer within %d s",
				     client->service->name, REPLY_MS / 1000);
	}
	if (code == CURLE_SSL_CONNECT_ERROR && hung_up(detail)) {
		return probe_give_up(client->run, WHY_CLOSED_EARLY,
				     "'%s' closed the connection during the "
				     "TLS handshake",
				     client->service->name);
	}
	if (strstr(detail, "wrong version number") != NULL) {
		return probe_give_up(client->run, WHY_GARBAGE,
				     "'%s' answered a TLS hello with something "
				     "that is not TLS",
				     client->service->name);
	}
	return probe_give_up(client->run, why, "'%s' did not complete a reply: %s",
			     client->service->name,
			     detail[0] != '\0' ? detail : curl_easy_strerror(code));
}

static void prepare(struct http_client *client, const struct http_request *request,
		    struct receipt *receipt)
{
	CURL *curl = client->curl;
	char url[1024];

	snprintf(url, sizeof(url), "%s%s", client->origin, request->path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, receipt);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, receipt);
	curl_easy_setopt(curl, CURLOPT_USERNAME, request->user);
	curl_easy_setopt(curl, CURLOPT_PASSWORD, request->password);
	curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)(CURLAUTH_BASIC | CURLAUTH_DIGEST));
	if (request->form != NULL) {
		curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, request->form);
	} else {
		curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	}
}

int http_ask(struct http_client *client, const struct http_request *request, struct http_reply *ret)
{
	struct receipt receipt = {.reply = ret, .run = client->run};
	char *location = NULL, detail[CURL_ERROR_SIZE] = "";
	CURLcode code;

	memset(ret, 0, sizeof(*ret));
	ret->page = probe_alloc(client->run, 1);
	prepare(client, request, &receipt);
	curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, detail);
	code = curl_easy_perform(client->curl);
	curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, NULL);
	if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && receipt.full)) {
		return failed(client, code, detail);
	}
	curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &ret->status);
	curl_easy_getinfo(client->curl, CURLINFO_REDIRECT_URL, &location);
	if (location != NULL) {
		snprintf(ret->location, sizeof(ret->location), "%s", location);
	}
	probe_note(client->run, "%s %s%s: %ld, %zu bytes %s",
		   request->form != NULL ? "POST" : "GET", client->origin, request->path,
		   ret->status, ret->size, ret->location);
	return 0;
}

const char *http_own_path(struct http_client *client, const char *location)
{
	size_t size = strlen(client->origin);
	const char *rest = location;
	char *copy, *path;
	CURLU *url = curl_url();
	char *normal = NULL;

	/* With the port written out, own addresses begin with the origin. */
	if (url != NULL && curl_url_set(url, CURLUPART_URL, location, 0) == 0 &&
	    curl_url_get(url, CURLUPART_URL, &normal, CURLU_DEFAULT_PORT) == 0) {
		rest = normal;
	}
	copy = probe_alloc(client->run, strlen(rest) + 1);
	memcpy(copy, rest, strlen(rest));
	curl_free(normal);
	curl_url_cleanup(url);
	if (strncmp(copy, client->origin, size) != 0 || copy[size] != '/') {
		return NULL;
	}
	path = copy + size;
	path[strcspn(path, "#")] = '\0';
	return path;
}

const char *http_encode(struct http_client *client, const char *text)
{
	char *encoded = curl_easy_escape(client->curl, text, 0);
	char *copy;

	if (encoded == NULL) {
		BUG("libcurl cannot encode a text");
	}
	copy = probe_alloc(client->run, strlen(encoded) + 1);
	memcpy(copy, encoded, strlen(encoded));
	curl_free(encoded);
	return copy;
}

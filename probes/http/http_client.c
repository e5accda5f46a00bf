/* module: web */
/* http_client: libcurl on connected descriptors. */
#include "probes/http/http_client.h"

#include <openssl/ssl.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

enum { DIAL_MS = 3000, REPLY_MS = 5000 };

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

/* Old devices: security level 0, and servers that know no RFC 5746. */
static CURLcode prepare_tls(CURL *curl, void *context, void *unused)
{
	(void)curl;
	(void)unused;
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
	return CURLE_OK;
}

void http_client_open(struct http_client *client, struct probe_run *run,
		      const struct service *service)
{
	const struct device_link *link = &probe_profile(run)->link;
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
	client->arena = arena_new();
	client->tls = strcmp(service->protocol, "https") == 0;
	snprintf(client->origin, sizeof(client->origin), "%s://%s:%u",
		 client->tls ? "https" : "http", name, service->port);
	if (service->server_name != NULL) { /* an address needs no looking up */
		snprintf(entry, sizeof(entry), "%s:%u:%s", name, service->port, host.s);
		client->resolve = curl_slist_append(NULL, entry);
		curl_easy_setopt(curl, CURLOPT_RESOLVE, client->resolve);
	}
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, client);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, already_connected);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)REPLY_MS);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_COOKIEFILE, "");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, http_receipt_page);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, http_receipt_header);
	/* The certificate is tls.certificate's matter; here even a weak one
	 * must not stand between us and the page. */
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1);
	curl_easy_setopt(curl, CURLOPT_SSL_CIPHER_LIST, "ALL:@SECLEVEL=0");
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
}

void http_client_close(struct http_client *client)
{
	curl_easy_cleanup(client->curl);
	curl_slist_free_all(client->resolve);
	arena_free(client->arena);
	client->curl = NULL;
	client->resolve = NULL;
	client->arena = NULL;
}

/* libcurl has one code for every handshake that failed. */
static bool hung_up(const char *detail)
{
	return strstr(detail, "reset by peer") != NULL ||
	       strstr(detail, "SSL_ERROR_SYSCALL") != NULL ||
	       strstr(detail, "unexpected eof") != NULL || strstr(detail, "Broken pipe") != NULL;
}

static int failed(struct http_client *client, enum why why, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int failed(struct http_client *client, enum why why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(client->reason, sizeof(client->reason), format, arguments);
	va_end(arguments);
	client->why = why;
	return -1;
}

static int no_reply(struct http_client *client, CURLcode code, const char *detail)
{
	static const struct {
		CURLcode code;
		enum why why;
	} whys[] = {
		{CURLE_GOT_NOTHING, WHY_CLOSED_EARLY},
		{CURLE_PARTIAL_FILE, WHY_CLOSED_EARLY},
		{CURLE_RECV_ERROR, WHY_CLOSED_EARLY},
		{CURLE_SEND_ERROR, WHY_CLOSED_EARLY},
	};
	const char *name = client->service->name;
	size_t i;

	if (code == CURLE_OPERATION_TIMEDOUT) {
		return failed(client, WHY_NO_ANSWER,
			      "'%s' accepted the connection, but did not answer within %d s", name,
			      REPLY_MS / 1000);
	}
	if (code == CURLE_SSL_CONNECT_ERROR && hung_up(detail)) {
		return failed(client, WHY_CLOSED_EARLY,
			      "'%s' closed the connection during the TLS handshake", name);
	}
	if (strstr(detail, "wrong version number") != NULL) {
		return failed(client, WHY_GARBAGE,
			      "'%s' answered a TLS hello with something that is not TLS", name);
	}
	detail = detail[0] != '\0' ? detail : curl_easy_strerror(code);
	for (i = 0; i < ARRAY_SIZE(whys) && whys[i].code != code; i++) {
	}
	return failed(client, i < ARRAY_SIZE(whys) ? whys[i].why : WHY_GARBAGE,
		      "'%s' did not complete a reply: %s", name, detail);
}

int http_give_up(const struct http_client *client)
{
	if (client->dial_error != 0) {
		return probe_dial_failed(client->run, client->service, client->dial_error);
	}
	return probe_give_up(client->run, client->why, "%s", client->reason);
}

/* What a browser of our days sends, as far as servers have been seen to look. */
static struct curl_slist *browser_headers(struct http_client *client, struct curl_slist *list)
{
	list = curl_slist_append(list, "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
				       "Gecko/20100101 Firefox/128.0");
	list = curl_slist_append(list, "Accept: text/html,application/xhtml+xml,*/*;q=0.8");
	list = curl_slist_append(list, "Accept-Language: en-US,en;q=0.5");
	return curl_slist_append(list, arena_printf(client->arena, "Referer: %s/", client->origin));
}

/* Returns the headers, to be freed with curl_slist_free_all(). */
static struct curl_slist *headers_of(struct http_client *client, const struct http_request *request)
{
	struct curl_slist *list = NULL;

	if (request->body != NULL && request->type != NULL) {
		list = curl_slist_append(
			list, arena_printf(client->arena, "Content-Type: %s", request->type));
	}
	if (request->bearer != NULL) {
		list = curl_slist_append(
			list,
			arena_printf(client->arena, "Authorization: Bearer %s", request->bearer));
	}
	return request->browser ? browser_headers(client, list) : list;
}

static void prepare(struct http_client *client, const struct http_request *request,
		    struct http_receipt *receipt)
{
	CURL *curl = client->curl;

	curl_easy_setopt(curl, CURLOPT_URL,
			 arena_printf(client->arena, "%s%s", client->origin, request->path));
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, receipt);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, receipt);
	curl_easy_setopt(curl, CURLOPT_USERNAME, request->user);
	curl_easy_setopt(curl, CURLOPT_PASSWORD, request->password);
	curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)(CURLAUTH_BASIC | CURLAUTH_DIGEST));
	if (request->body != NULL) {
		curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, request->body);
	} else {
		curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	}
}

int http_ask(struct http_client *client, const struct http_request *request, struct http_reply *ret)
{
	struct http_receipt receipt = {.reply = ret, .arena = client->arena};
	struct curl_slist *headers = headers_of(client, request);
	char *location = NULL, detail[CURL_ERROR_SIZE] = "";
	CURLcode code;

	http_receipt_begin(&receipt);
	client->dial_error = 0;
	prepare(client, request, &receipt);
	curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, detail);
	code = curl_easy_perform(client->curl);
	curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && receipt.full)) {
		return no_reply(client, code, detail);
	}
	curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &ret->status);
	curl_easy_getinfo(client->curl, CURLINFO_REDIRECT_URL, &location);
	if (location != NULL) {
		snprintf(ret->location, sizeof(ret->location), "%s", location);
	}
	http_receipt_end(&receipt);
	probe_note(client->run, "%s %s%s: %ld, %zu bytes %s",
		   request->body != NULL ? "POST" : "GET", client->origin, request->path,
		   ret->status, ret->size, ret->location);
	return 0;
}

const char *http_own_path(struct http_client *client, const char *path, const char *link)
{
	size_t size = strlen(client->origin);
	const char *own = NULL;
	char *normal = NULL;
	CURLU *url = curl_url();

	/* With the port written out, own addresses begin with the origin. */
	if (url != NULL &&
	    curl_url_set(url, CURLUPART_URL,
			 arena_printf(client->arena, "%s%s", client->origin, path), 0) == 0 &&
	    curl_url_set(url, CURLUPART_URL, link, CURLU_URLENCODE) == 0 &&
	    curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0) == 0 &&
	    curl_url_get(url, CURLUPART_URL, &normal, CURLU_DEFAULT_PORT) == 0 &&
	    strncmp(normal, client->origin, size) == 0 && normal[size] == '/') {
		own = arena_strdup(client->arena, normal + size);
	}
	curl_free(normal);
	curl_url_cleanup(url);
	return own;
}

const char *http_encode(struct http_client *client, const char *text)
{
	char *encoded = curl_easy_escape(client->curl, text, 0);
	const char *copy;

	if (encoded == NULL) {
		BUG("libcurl cannot encode a text");
	}
	copy = arena_strdup(client->arena, encoded);
	curl_free(encoded);
	return copy;
}

/* web_server: the web interface's two doors: HTTP in clear text or as a
 * redirect, and HTTPS through OpenSSL, as weak as the traits say. */
#include "targets/simulated/web.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "harness/banned.h"

static uint16_t http_port(const struct traits *traits)
{
	return traits->value[TRAIT_HTTP] != HTTP_OFF ? 80 : 0;
}

static uint16_t https_port(const struct traits *traits)
{
	return traits->value[TRAIT_HTTPS] ? 443 : 0;
}

/* --- clear text ---------------------------------------------------------- */

static long plain_read(void *stream, void *bytes, size_t size)
{
	int fd = *(int *)stream;
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	if (poll(&wait, 1, PEER_PATIENCE_MS) <= 0)
		return -1;
	return recv(fd, bytes, size, 0);
}

static long plain_write(void *stream, const void *bytes, size_t size)
{
	return peer_send(*(int *)stream, bytes, size) == 0 ? (long)size : -1;
}

static void *http_start(const struct device *device, struct text *why)
{
	struct web *web = web_new(false);

	(void)device;
	if (!web)
		text_error(why, "no memory for the web interface");
	return web;
}

static void redirect_serve(const struct device *device, int fd)
{
	char text[256], line[512];

	while (peer_line(fd, line, sizeof(line)) > 0)
		;
	snprintf(text, sizeof(text),
		 "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://%s/\r\n"
		 "Content-Length: 0\r\nConnection: close\r\n\r\n",
		 device->address);
	peer_say(fd, text);
}

static void http_serve(const struct device *device, void *context, int fd)
{
	struct web_stream stream = {plain_read, plain_write, &fd};

	if (device_trait(device, TRAIT_HTTP) == HTTP_REDIRECT)
		redirect_serve(device, fd);
	else
		web_serve(device, context, &stream);
}

/* --- TLS ----------------------------------------------------------------- */

struct https {
	struct web *web;
	SSL_CTX *tls;
};

static long tls_read(void *stream, void *bytes, size_t size)
{
	return SSL_read(stream, bytes, (int)size);
}

static long tls_write(void *stream, const void *bytes, size_t size)
{
	return SSL_write(stream, bytes, (int)size);
}

/* A shared key that everybody knows, for suites that encrypt nothing. */
static unsigned psk_key(SSL *tls, const char *identity, unsigned char *key, unsigned most)
{
	(void)tls;
	(void)identity;
	memset(key, 1, most < 16 ? most : 16);
	return most < 16 ? most : 16;
}

static bool extension_sent(SSL *tls, unsigned type)
{
	const unsigned char *bytes;
	size_t size;

	return SSL_client_hello_get0_ext(tls, type, &bytes, &size) == 1;
}

#define HARD_SUITES "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=0"

/* Hides what is weak from a client that is not of the kind it is shown to. */
static int on_hello(SSL *tls, int *alert, void *argument)
{
	const struct device *device = argument;
	bool shown = true;

	(void)alert;
	switch (device_trait(device, TRAIT_TLS_WEAK_WHEN)) {
	case WHEN_NO_NAME:
		shown = !extension_sent(tls, TLSEXT_TYPE_server_name);
		break;
	case WHEN_NAME:
		shown = extension_sent(tls, TLSEXT_TYPE_server_name);
		break;
	case WHEN_NO_ALPN:
		shown = !extension_sent(tls, TLSEXT_TYPE_application_layer_protocol_negotiation);
		break;
	default:
		break;
	}
	if (!shown) {
		SSL_set_min_proto_version(tls, TLS1_2_VERSION);
		SSL_set_cipher_list(tls, HARD_SUITES);
	}
	return SSL_CLIENT_HELLO_SUCCESS;
}

/*
 * Security level 0 always: OpenSSL would not load a key of 1024 bit, nor sign
 * TLS 1.0 with SHA-1, at any other. What the device offers is set by versions
 * and suites alone.
 */
static int tls_offer(SSL_CTX *tls, const struct device *device)
{
	bool old = device_trait(device, TRAIT_TLS_OLD) != 0;
	bool weak = device_trait(device, TRAIT_TLS_WEAK) != 0;
	bool psk = device_trait(device, TRAIT_TLS_PSK) != 0;
	char suites[256];

	SSL_CTX_set_security_level(tls, 0);
	SSL_CTX_set_min_proto_version(tls, old ? TLS1_VERSION : TLS1_2_VERSION);
	SSL_CTX_set_options(tls, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION);
	if (weak)
		SSL_CTX_set_dh_auto(tls, 1);
	if (psk)
		SSL_CTX_set_psk_server_callback(tls, psk_key);
	SSL_CTX_set_client_hello_cb(tls, on_hello, (void *)(uintptr_t)device);
	/* TLS 1.0 has no suite that the hardened list would name. */
	snprintf(suites, sizeof(suites), "%s%s", psk ? "PSK-NULL-SHA256:PSK-NULL-SHA:" : "",
		 weak  ? "ECDHE+AESGCM:AES128-SHA:AES256-SHA:ECDHE+AES:ECDHE-ECDSA-NULL-SHA:"
			 "NULL-SHA256:NULL-SHA:ADH-AES128-SHA:@SECLEVEL=0"
		 : old ? "ECDHE+AESGCM:ECDHE+AES:@SECLEVEL=0"
		       : HARD_SUITES);
	return SSL_CTX_set_cipher_list(tls, suites);
}

static int tls_key(SSL_CTX *tls, const struct device *device, const char *name)
{
	char chain[320], key[320];

	snprintf(chain, sizeof(chain), "%s/%s.pem", device->directory, name);
	snprintf(key, sizeof(key), "%s/%s.key", device->directory, name);
	return SSL_CTX_use_certificate_chain_file(tls, chain) == 1 &&
			       SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1
		       ? 0
		       : -1;
}

static int tls_keys(SSL_CTX *tls, const struct device *device)
{
	if (device_trait(device, TRAIT_CERT_SECOND) && tls_key(tls, device, "second") < 0)
		return -1;
	return tls_key(tls, device, "tls");
}

static void *https_start(const struct device *device, struct text *why)
{
	struct https *https = calloc(1, sizeof(*https));

	if (https) {
		https->web = web_new(true);
		https->tls = SSL_CTX_new(TLS_server_method());
	}
	if (https && https->web && https->tls && tls_offer(https->tls, device) == 1 &&
	    tls_keys(https->tls, device) == 0)
		return https;
	text_error(why, "cannot set up TLS: %s", ERR_error_string(ERR_get_error(), NULL));
	if (https) {
		SSL_CTX_free(https->tls);
		free(https->web);
	}
	free(https);
	return NULL;
}

static void https_serve(const struct device *device, void *context, int fd)
{
	struct https *https = context;
	struct timeval patience = {.tv_sec = PEER_PATIENCE_MS / 1000};
	SSL *tls = SSL_new(https->tls);
	struct web_stream stream = {tls_read, tls_write, tls};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (tls && SSL_set_fd(tls, fd) == 1 && SSL_accept(tls) == 1) {
		web_serve(device, https->web, &stream);
		SSL_shutdown(tls);
	}
	SSL_free(tls);
	ERR_clear_error();
}

const struct server server_http = {"http", SERVICE_HTTP, http_port, http_start, http_serve};
const struct server server_https = {"https", SERVICE_HTTPS, https_port, https_start, https_serve};

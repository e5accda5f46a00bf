/*
 * curl_load: libcurl, loaded by the checks that use it alone. It brings some
 * thirty libraries along (LDAP, Kerberos, GnuTLS, ...), which cost every start
 * of assay 8 ms and every check's process their pages.
 */
#ifndef ASSAY_PROBES_HTTP_CURL_LOAD_H
#define ASSAY_PROBES_HTTP_CURL_LOAD_H

#include "harness/base/text.h"
#include <curl/curl.h>

/* For struct probe's 'library': the check's process has it before it loses the
 * right to load anything. */
#define CURL_LIBRARY "libcurl.so.4"

/* The functions of <curl/curl.h>, without 'curl_'. */
struct curl_calls {
	CURL *(*easy_init)(void);
	CURLcode (*easy_setopt)(CURL *curl, CURLoption option, ...);
	CURLcode (*easy_perform)(CURL *curl);
	CURLcode (*easy_getinfo)(CURL *curl, CURLINFO info, ...);
	void (*easy_cleanup)(CURL *curl);
	const char *(*easy_strerror)(CURLcode code);
	char *(*easy_escape)(CURL *curl, const char *text, int length);
	struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
	void (*slist_free_all)(struct curl_slist *list);
	CURLU *(*url)(void);
	CURLUcode (*url_set)(CURLU *url, CURLUPart part, const char *text, unsigned flags);
	CURLUcode (*url_get)(const CURLU *url, CURLUPart part, char **ret, unsigned flags);
	void (*url_cleanup)(CURLU *url);
	void (*free)(void *bytes);
};

/* Returns 0, or -1 with the reason in why. */
int curl_load(struct curl_calls *ret, struct text *why);

#endif

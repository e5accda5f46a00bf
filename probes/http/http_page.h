/* http_page: what a page's bytes say about logins; it fetches nothing. */
#ifndef ASSAY_PROBES_HTTP_PAGE_H
#define ASSAY_PROBES_HTTP_PAGE_H

#include <stdbool.h>
#include <stddef.h>

/* True if the page has an input field of type password. */
bool http_asks_password(const char *page, size_t size);

/*
 * True if both are the same page but for what a server changes from one request
 * to the next: words with a digit in them or of 16 and more letters (tokens,
 * times), and the words of the path that was asked for (path may be NULL).
 */
bool http_same_page(const char *a, size_t a_size, const char *b, size_t b_size, const char *path);

#endif

/* http_page: whether two pages are the same but for what changes at each
 * request. It parses no HTML. */
#ifndef ASSAY_PROBES_HTTP_PAGE_H
#define ASSAY_PROBES_HTTP_PAGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True if both are the same page but for what a server changes from one request
 * to the next: words with a digit in them or of 16 and more letters (tokens,
 * times), and the words of the path that was asked for (path may be NULL).
 */
bool http_same_page(const char *a, size_t a_size, const char *b, size_t b_size, const char *path);

#endif

/* curl_load: dlopen(3) and one dlsym(3) a function. */
#include "probes/http/curl_load.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "harness/banned.h"

static const struct {
	const char *name;
	size_t offset; /* in struct curl_calls */
} functions[] = {
	{"curl_easy_init", offsetof(struct curl_calls, easy_init)},
	{"curl_easy_setopt", offsetof(struct curl_calls, easy_setopt)},
	{"curl_easy_perform", offsetof(struct curl_calls, easy_perform)},
	{"curl_easy_getinfo", offsetof(struct curl_calls, easy_getinfo)},
	{"curl_easy_cleanup", offsetof(struct curl_calls, easy_cleanup)},
	{"curl_easy_strerror", offsetof(struct curl_calls, easy_strerror)},
	{"curl_easy_escape", offsetof(struct curl_calls, easy_escape)},
	{"curl_slist_append", offsetof(struct curl_calls, slist_append)},
	{"curl_slist_free_all", offsetof(struct curl_calls, slist_free_all)},
	{"curl_url", offsetof(struct curl_calls, url)},
	{"curl_url_set", offsetof(struct curl_calls, url_set)},
	{"curl_url_get", offsetof(struct curl_calls, url_get)},
	{"curl_url_cleanup", offsetof(struct curl_calls, url_cleanup)},
	{"curl_free", offsetof(struct curl_calls, free)},
};

int curl_load(struct curl_calls *ret, struct text *why)
{
	void *library = dlopen(CURL_LIBRARY, RTLD_NOW);
	struct curl_calls calls;
	void *function;
	size_t i;

	if (library == NULL) {
		return text_error(why, "cannot load libcurl: %s", dlerror());
	}
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		function = dlsym(library, functions[i].name);
		if (function == NULL) {
			return text_error(why, "libcurl has no '%s'", functions[i].name);
		}
		/* POSIX: a pointer to a function fits; ISO C has no cast */
		memcpy((char *)&calls + functions[i].offset, &function, sizeof(function));
	}
	*ret = calls;
	return 0;
}

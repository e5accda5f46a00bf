/* format: the table of formats. A new format is one file and one line here. */
#include "reports/format.h"

#include <string.h>

#include "harness/banned.h"

extern const struct report_format report_text, report_html, report_json, report_junit;

const struct report_format *const report_formats[] = {&report_text, &report_html, &report_json,
						      &report_junit, NULL};

const struct report_format *report_find(const char *name)
{
	size_t i;

	for (i = 0; report_formats[i] != NULL; i++) {
		if (strcmp(report_formats[i]->name, name) == 0) {
			return report_formats[i];
		}
	}
	return NULL;
}

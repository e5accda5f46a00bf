/* format: const struct results in, one file out; one C file per format. */
#ifndef ASSAY_REPORTS_FORMAT_H
#define ASSAY_REPORTS_FORMAT_H

#include "harness/base/text.h"
#include "harness/model/results.h"
#include <stdbool.h>
#include <stdio.h>

struct report_options {
	bool colour; /* text: ANSI colours */
	int width;   /* text: columns */
};

struct report_format {
	const char *name;      /* "text", "html", "json", "junit" */
	const char *file_name; /* in the run directory: "report.html"; NULL:
	                        * written only when asked for */
	const char *summary;
	/* Writes the report. Returns 0, or -1 with the reason in why. */
	int (*write)(const struct results *results, const struct report_options *options, FILE *out,
		     struct text *why);
};

/* Ends with a NULL entry. */
extern const struct report_format *const report_formats[];
const struct report_format *report_find(const char *name);

#endif

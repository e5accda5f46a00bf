/* json: results.json. ASCII alone, so that no text of the device reaches a
 * terminal as it came. */
#include "reports/format.h"

#include <errno.h>
#include <string.h>

#include "harness/banned.h"

static int write_json(const struct results *results, const struct report_options *options,
		      FILE *out, struct text *why)
{
	json_t *object = results_to_json(results);
	int failed = json_dumpf(object, out,
				JSON_INDENT(1) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12));

	(void)options; /* neither colours nor columns in a file */
	json_decref(object);
	if (failed != 0 || fputc('\n', out) == EOF || ferror(out)) {
		return text_error(why, "cannot write the JSON report: %s", strerror(errno));
	}
	return 0;
}

extern const struct report_format report_json;
const struct report_format report_json = {
	.name = "json",
	.file_name = "results.json",
	.summary = "everything, for programs; see "
		   "suites/schema/results.schema.json",
	.write = write_json,
};

/* log: sentences on stderr. */
#include "harness/base/log.h"
#include "harness/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/banned.h"

static enum log_level level_now = LOG_NORMAL;

void log_set_level(enum log_level level)
{
	level_now = level;
}

static void say(const char *format, va_list arguments)
{
	char line[2048], shown[4 * sizeof(line)];

	vsnprintf(line, sizeof(line), format, arguments);
	fprintf(stderr, "assay: %s\n", text_printable(shown, sizeof(shown), line, strlen(line)));
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}

void log_note(const char *format, ...)
{
	va_list arguments;

	if (level_now >= LOG_NORMAL) {
		va_start(arguments, format);
		say(format, arguments);
		va_end(arguments);
	}
}

void log_detail(const char *format, ...)
{
	va_list arguments;

	if (level_now >= LOG_VERBOSE) {
		va_start(arguments, format);
		say(format, arguments);
		va_end(arguments);
	}
}

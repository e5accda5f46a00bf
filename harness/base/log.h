/* log: what happens, for a person, on stderr. Nothing of it is evidence. */
#ifndef ASSAY_BASE_LOG_H
#define ASSAY_BASE_LOG_H

enum log_level { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE };

void log_set_level(enum log_level level);
/* "assay: sentence" on stderr. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Only with --verbose. */
void log_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

/* report: writes and checks the records between a child and the runner. */
#define _GNU_SOURCE
#include "harness/run/report.h"
#include "harness/base/bytes.h"
#include "harness/base/clock.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "harness/banned.h"

/* --- the child's side ---------------------------------------------------- */

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	ssize_t wrote;

	while (size > 0) {
		wrote = write(fd, bytes, size);
		if (wrote < 0 && errno == EINTR) {
			continue;
		}
		if (wrote <= 0) {
			return -1;
		}
		bytes += wrote;
		size -= (size_t)wrote;
	}
	return 0;
}

int report_write(int fd, enum report_type type, const struct report_part *parts, size_t count)
{
	uint8_t header[REPORT_HEADER];
	struct writer w = writer_of(header, sizeof(header));
	size_t i, size = 0;

	for (i = 0; i < count; i++) {
		size += parts[i].size;
	}
	if (size > REPORT_MAX_RECORD) {
		return -1;
	}
	writer_be32(&w, (uint32_t)size);
	writer_u8(&w, (uint8_t)type);
	if (write_all(fd, header, sizeof(header)) != 0) {
		return -1;
	}
	for (i = 0; i < count; i++) {
		if (write_all(fd, parts[i].bytes, parts[i].size) != 0) {
			return -1;
		}
	}
	return 0;
}

/* --- the parent's side --------------------------------------------------- */

static bool text_tells(const struct report *report, const char *text)
{
	size_t at = 0, size;

	return report->secrets != NULL && text != NULL &&
	       secrets_find(report->secrets, text, strlen(text), &at, &size);
}

/* A fact with a masked password would be another fact, and might pass where
 * the true one fails. */
static bool fact_tells(const struct report *report, const struct fact *fact)
{
	bool tells = text_tells(report, fact->text);
	size_t i;

	for (i = 0; i < fact->list_count && !tells; i++) {
		tells = text_tells(report, fact->list[i]);
	}
	return tells;
}

/* The one member of a record's object. Returns its value, or NULL with the reason
 * in why; *ret_object is to be released. */
static const json_t *take_member(struct report *report, struct reader *r, json_t **ret_object,
				 const struct fact_def **ret_def, struct text *why)
{
	size_t size = reader_left(r);
	const uint8_t *bytes = reader_bytes(r, size);
	json_error_t error;
	void *iterator;

	report->said += size;
	if (report->said > REPORT_MAX_SAID) {
		text_error(why, "it reported more than %zu MiB of facts", REPORT_MAX_SAID >> 20);
		return NULL;
	}
	*ret_object = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &error);
	iterator = json_object_iter(*ret_object);
	if (json_object_size(*ret_object) != 1 || iterator == NULL) {
		text_error(why, "it reported a fact that cannot be read");
		return NULL;
	}
	*ret_def = fact_def_find(report->defs, json_object_iter_key(iterator));
	if (*ret_def == NULL) {
		text_error(why, "it reported a fact that it did not declare");
		return NULL;
	}
	return json_object_iter_value(iterator);
}

/* Returns the fact's number, a new one where it was not seen yet. */
static size_t fact_number(struct report *report, const struct fact_def *def)
{
	size_t i, count = report->facts.count;
	struct fact *fact;

	for (i = 0; i < count; i++) {
		if (strcmp(report->facts.at[i].name, def->name) == 0) {
			return i;
		}
	}
	(void)arena_push(report->arena, &report->fact_sizes, &count, sizeof(size_t));
	fact = arena_push(report->arena, &report->facts.at, &report->facts.count, sizeof(*fact));
	*fact = (struct fact){.name = def->name, .type = def->type};
	return i;
}

/* What all facts together take in the journal. */
static int facts_fit(const struct report *report, struct text *why)
{
	size_t i, size = 0;

	for (i = 0; i < report->facts.count; i++) {
		size += report->fact_sizes[i];
	}
	if (size > REPORT_MAX_FACTS) {
		return text_error(why, "it reported more than %zu KiB of facts",
				  REPORT_MAX_FACTS >> 10);
	}
	return 0;
}

static int fact_told(const struct fact_def *def, struct text *why)
{
	return text_error(why, "fact '%s' holds a password, which no file of a run may hold",
			  def->name);
}

/* So that it can grow in its arena. */
static void list_own(struct report *report, struct fact *fact)
{
	const char *const *from = fact->list;
	size_t i, count = fact->list_count;

	fact->list = NULL;
	fact->list_count = 0;
	for (i = 0; i < count; i++) {
		*(const char **)arena_push(report->arena, &fact->list, &fact->list_count,
					   sizeof(const char *)) = from[i];
	}
}

static int take_fact(struct report *report, struct reader *r, struct text *why)
{
	size_t number, size = reader_left(r);
	const struct fact_def *def;
	struct fact fact;
	json_t *object = NULL;
	const json_t *value = take_member(report, r, &object, &def, why);
	int result = -1;

	if (value == NULL || fact_from_json(report->arena, def, value, &fact, why) != 0) {
		goto out;
	}
	if (fact_tells(report, &fact)) {
		fact_told(def, why);
		goto out;
	}
	number = fact_number(report, def);
	list_own(report, &fact);
	((struct fact *)report->facts.at)[number] = fact;
	report->fact_sizes[number] = size;
	result = facts_fit(report, why);
out:
	json_decref(object);
	return result;
}

static int take_item(struct report *report, struct reader *r, struct text *why)
{
	size_t number, size = reader_left(r);
	const struct fact_def *def;
	json_t *object = NULL;
	const json_t *value = take_member(report, r, &object, &def, why);
	const char *item = json_string_value(value);
	struct fact *fact;
	int result = -1;

	if (value == NULL) {
		goto out;
	}
	if (item == NULL || def->type != FACT_LIST) {
		text_error(why, "it added to a fact what is no text of a list");
		goto out;
	}
	if (text_tells(report, item)) {
		fact_told(def, why);
		goto out;
	}
	number = fact_number(report, def);
	fact = &((struct fact *)report->facts.at)[number];
	*(const char **)arena_push(report->arena, &fact->list, &fact->list_count,
				   sizeof(const char *)) = arena_strdup(report->arena, item);
	report->fact_sizes[number] += size;
	result = facts_fit(report, why);
out:
	json_decref(object);
	return result;
}

static int take_wait(struct report *report, struct reader *r, struct text *why)
{
	uint64_t from = reader_be64(r), until = reader_be64(r);
	size_t size = reader_left(r);
	const uint8_t *what = reader_bytes(r, size);
	char printable[512];

	if (!reader_ok(r) || from > INT64_MAX || until > INT64_MAX ||
	    (until != 0 && until < from) ||
	    (until != 0 && until - from > (uint64_t)(REPORT_MAX_WAIT_S * NS_PER_S))) {
		return text_error(why, "it waited in a way that cannot be read");
	}
	if (until == 0) {
		report->wait = (struct report_wait){.until_ns = 0};
		return 0;
	}
	if (++report->waits > REPORT_MAX_WAITS) {
		return text_error(why, "it waited more than %u times", REPORT_MAX_WAITS);
	}
	report->waited_ns += (int64_t)(until - from);
	text_printable(printable, sizeof(printable), what, size < 120 ? size : 120);
	report->wait = (struct report_wait){.from_ns = (int64_t)from,
					    .until_ns = (int64_t)until,
					    .what = arena_strdup(report->arena, printable)};
	if (report->secrets != NULL) {
		report->wait.what = secrets_mask(report->secrets, report->arena, report->wait.what);
	}
	return 0;
}

static int take_evidence(struct report *report, struct reader *r, struct text *why)
{
	struct reader name = reader_sub(r, reader_u8(r));
	size_t name_size = reader_left(&name);
	const uint8_t *text = reader_bytes(&name, name_size);
	size_t size = reader_left(r);
	const uint8_t *bytes = reader_bytes(r, size);
	char plain[EVIDENCE_MAX_NAME + 1] = "";

	if (!reader_ok(r) || name_size > EVIDENCE_MAX_NAME) {
		return text_error(why, "it kept a file whose name is broken");
	}
	memcpy(plain, text, name_size);
	if (memchr(plain, '\0', name_size) != NULL || !evidence_name_plain(plain)) {
		return text_error(why, "it kept a file whose name is not plain");
	}
	if (report->store == NULL) {
		return 0;
	}
	return evidence_add(report->store, plain, bytes, size, why);
}

/* A note is one line: a newline in it is the device's, and would make it two. Returns the line,
 * owned by the report's arena, and its size. */
static const char *one_line(const struct report *report, const uint8_t *bytes, size_t *size)
{
	static const char newline[] = "\\x0a";
	size_t i, used = 0, most = *size;
	char *line;

	if (most == 0 || memchr(bytes, '\n', most) == NULL) {
		return (const char *)bytes;
	}
	line = arena_alloc(report->arena, most * (sizeof(newline) - 1));
	for (i = 0; i < most; i++) {
		if (bytes[i] == '\n') {
			memcpy(line + used, newline, sizeof(newline) - 1);
			used += sizeof(newline) - 1;
		} else {
			line[used++] = (char)bytes[i];
		}
	}
	*size = used;
	return line;
}

static int take_note(struct report *report, struct reader *r, struct text *why)
{
	size_t size = reader_left(r);
	const uint8_t *bytes = reader_bytes(r, size);
	const char *line;

	report->notes_size += size + 1;
	if (report->notes_size > REPORT_MAX_NOTES) {
		return text_error(why, "its transcript passed %zu MiB", REPORT_MAX_NOTES >> 20);
	}
	if (report->store == NULL) {
		return 0;
	}
	line = one_line(report, bytes, &size);
	if (evidence_add(report->store, EVIDENCE_TRANSCRIPT, line, size, why) != 0) {
		return -1;
	}
	return evidence_add(report->store, EVIDENCE_TRANSCRIPT, "\n", 1, why);
}

static int take_secret(struct report *report, struct reader *r, struct text *why)
{
	size_t size = reader_left(r);
	const uint8_t *word = reader_bytes(r, size);

	if (++report->secret_count > REPORT_MAX_SECRETS) {
		return text_error(why, "it made more than %d secrets", REPORT_MAX_SECRETS);
	}
	if (size > 0 && memchr(word, '\0', size) != NULL) {
		return text_error(why, "it made a secret that is no text");
	}
	if (report->secrets != NULL &&
	    secrets_add(report->secrets, (const char *)word, size) != 0) {
		return text_error(why, "it made a secret of %zu bytes", size);
	}
	return 0;
}

static int take_give_up(struct report *report, struct reader *r, struct text *why)
{
	struct reader word = reader_sub(r, reader_u8(r));
	size_t word_size = reader_left(&word);
	const uint8_t *text = reader_bytes(&word, word_size);
	size_t size = reader_left(r);
	const uint8_t *sentence = reader_bytes(r, size);
	char name[64] = "", printable[2048];
	int number;

	if (!reader_ok(r) || word_size >= sizeof(name)) {
		return text_error(why, "it gave up without saying why");
	}
	memcpy(name, text, word_size);
	number = why_from_word(name);
	if (number <= WHY_NONE || report->gave_up) {
		return text_error(why, "it gave up for no known reason");
	}
	report->gave_up = true;
	report->why = (enum why)number;
	text_printable(printable, sizeof(printable), sentence, size);
	report->reason = arena_strdup(report->arena, printable);
	if (report->secrets != NULL) {
		report->reason = secrets_mask(report->secrets, report->arena, report->reason);
	}
	return 0;
}

static int take_record(struct report *report, uint8_t type, struct reader *r, struct text *why)
{
	static const struct {
		enum report_type type;
		int (*take)(struct report *report, struct reader *r, struct text *why);
	} takers[] = {
		{REPORT_FACT, take_fact},         {REPORT_ITEM, take_item},
		{REPORT_EVIDENCE, take_evidence}, {REPORT_NOTE, take_note},
		{REPORT_SECRET, take_secret},     {REPORT_WAIT, take_wait},
		{REPORT_GIVE_UP, take_give_up},
	};
	size_t i;

	if (report->done) {
		return text_error(why, "it went on after the end of its report");
	}
	if (type == REPORT_DONE && reader_left(r) == 0) {
		report->done = true;
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(takers); i++) {
		if ((uint8_t)takers[i].type == type) {
			return takers[i].take(report, r, why);
		}
	}
	return text_error(why, "it sent a record of unknown type %u", type);
}

long report_take(struct report *report, const uint8_t *bytes, size_t size, struct text *why)
{
	struct reader header, payload;
	size_t used = 0;
	uint32_t length;
	uint8_t type;

	while (size - used >= REPORT_HEADER) {
		header = reader_of(bytes + used, REPORT_HEADER);
		length = reader_be32(&header);
		type = reader_u8(&header);
		if (length > REPORT_MAX_RECORD) {
			return text_error(why, "it sent a record of %u bytes", length);
		}
		if (size - used - REPORT_HEADER < length) {
			break;
		}
		payload = reader_of(bytes + used + REPORT_HEADER, length);
		if (take_record(report, type, &payload, why) != 0) {
			return -1;
		}
		used += REPORT_HEADER + length;
	}
	return (long)used;
}

/* child_record: writes and checks the records between a child and the runner. */
#define _GNU_SOURCE
#include "harness/run/child_record.h"
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

int child_record_write(int fd, enum child_record_type type, const struct record_part *parts,
		       size_t count)
{
	uint8_t header[RECORD_HEADER];
	struct writer w = writer_of(header, sizeof(header));
	size_t i, size = 0;

	for (i = 0; i < count; i++) {
		size += parts[i].size;
	}
	if (size > RECORD_MAX_SIZE) {
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

static bool text_tells(const struct child_records *records, const char *text)
{
	size_t at = 0, size;

	return records->secrets != NULL && text != NULL &&
	       secrets_find(records->secrets, text, strlen(text), &at, &size);
}

/* A fact with a masked password would be another fact, and might pass where
 * the true one fails. */
static bool fact_tells(const struct child_records *records, const struct fact *fact)
{
	bool tells = text_tells(records, fact->text);
	size_t i;

	for (i = 0; i < fact->list_count && !tells; i++) {
		tells = text_tells(records, fact->list[i]);
	}
	return tells;
}

/* What all facts together take in the journal. */
static size_t facts_size(const struct child_records *records)
{
	size_t i, size = 0;

	for (i = 0; i < records->facts.count; i++) {
		size += records->fact_sizes[i];
	}
	return size;
}

/* More is said, in a record of the check's or, of the same, in one of the journal's. */
static int say_more(struct child_records *records, size_t size, struct text *why)
{
	records->said += size;
	return records->said <= RECORD_MAX_SAID
		       ? 0
		       : text_error(why, "it reported more than %zu MiB of facts",
				    RECORD_MAX_SAID >> 20);
}

/* The one member of a record's object. Returns its value, or NULL with the reason
 * in why; *ret_object is to be released. */
static const json_t *take_member(struct child_records *records, struct reader *r,
				 json_t **ret_object, const struct fact_def **ret_def,
				 struct text *why)
{
	size_t size = reader_left(r);
	const uint8_t *bytes = reader_bytes(r, size);
	json_error_t error;
	void *iterator;

	if (say_more(records, size, why) != 0) {
		return NULL;
	}
	*ret_object = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &error);
	iterator = json_object_iter(*ret_object);
	if (json_object_size(*ret_object) != 1 || iterator == NULL) {
		text_error(why, "it reported a fact that cannot be read");
		return NULL;
	}
	*ret_def = fact_def_find(records->defs, json_object_iter_key(iterator));
	if (*ret_def == NULL) {
		text_error(why, "it reported a fact that it did not declare");
		return NULL;
	}
	return json_object_iter_value(iterator);
}

/* Returns the fact's number, a new one where it was not seen yet. */
static size_t fact_number(struct child_records *records, const struct fact_def *def)
{
	size_t i, count = records->facts.count;
	struct fact *fact;

	for (i = 0; i < count; i++) {
		if (strcmp(records->facts.at[i].name, def->name) == 0) {
			return i;
		}
	}
	(void)arena_push(records->arena, &records->fact_sizes, &count, sizeof(size_t));
	fact = arena_push(records->arena, &records->facts.at, &records->facts.count, sizeof(*fact));
	*fact = (struct fact){.name = def->name, .type = def->type};
	return i;
}

static int facts_fit(const struct child_records *records, struct text *why)
{
	if (facts_size(records) > RECORD_MAX_FACTS) {
		return text_error(why, "it reported more than %zu KiB of facts",
				  RECORD_MAX_FACTS >> 10);
	}
	return 0;
}

static int fact_told(const struct fact_def *def, struct text *why)
{
	return text_error(why, "fact '%s' holds a password, which no file of a run may hold",
			  def->name);
}

/* So that it can grow in its arena. */
static void list_own(struct child_records *records, struct fact *fact)
{
	const char *const *from = fact->list;
	size_t i, count = fact->list_count;

	fact->list = NULL;
	fact->list_count = 0;
	for (i = 0; i < count; i++) {
		*(const char **)arena_push(records->arena, &fact->list, &fact->list_count,
					   sizeof(const char *)) = from[i];
	}
}

static int take_fact(struct child_records *records, struct reader *r, struct text *why)
{
	size_t number, size = reader_left(r);
	const struct fact_def *def;
	struct fact fact;
	json_t *object = NULL;
	const json_t *value = take_member(records, r, &object, &def, why);
	int result = -1;

	if (value == NULL || fact_from_json(records->arena, def, value, &fact, why) != 0) {
		goto out;
	}
	if (fact_tells(records, &fact)) {
		fact_told(def, why);
		goto out;
	}
	number = fact_number(records, def);
	list_own(records, &fact);
	((struct fact *)records->facts.at)[number] = fact;
	records->fact_sizes[number] = size;
	result = facts_fit(records, why);
out:
	json_decref(object);
	return result;
}

static int take_item(struct child_records *records, struct reader *r, struct text *why)
{
	size_t number, size = reader_left(r);
	const struct fact_def *def;
	json_t *object = NULL;
	const json_t *value = take_member(records, r, &object, &def, why);
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
	if (text_tells(records, item)) {
		fact_told(def, why);
		goto out;
	}
	number = fact_number(records, def);
	fact = &((struct fact *)records->facts.at)[number];
	*(const char **)arena_push(records->arena, &fact->list, &fact->list_count,
				   sizeof(const char *)) = arena_strdup(records->arena, item);
	records->fact_sizes[number] += size;
	result = facts_fit(records, why);
out:
	json_decref(object);
	return result;
}

static int take_wait(struct child_records *records, struct reader *r, struct text *why)
{
	uint64_t from = reader_be64(r), until = reader_be64(r);
	size_t size = reader_left(r);
	const uint8_t *what = reader_bytes(r, size);
	uint64_t most = (uint64_t)(RECORD_MAX_WAIT_S * NS_PER_S);
	char printable[512];

	/* from may be past; until is reckoned with, and may not be beyond all reckoning */
	if (!reader_ok(r) || until > (uint64_t)clock_ns() + most ||
	    (until != 0 && (until < from || until - from > most))) {
		return text_error(why, "it waited in a way that cannot be read");
	}
	if (until == 0) {
		records->wait = (struct record_wait){.until_ns = 0};
		return 0;
	}
	if (++records->waits > RECORD_MAX_WAITS) {
		return text_error(why, "it waited more than %u times", RECORD_MAX_WAITS);
	}
	/* the journal's record of a wait holds all that was seen so far */
	if (say_more(records, facts_size(records), why) != 0) {
		return -1;
	}
	records->waited_ns += (int64_t)(until - from);
	text_printable(printable, sizeof(printable), what, size < 120 ? size : 120);
	records->wait = (struct record_wait){.from_ns = (int64_t)from,
					     .until_ns = (int64_t)until,
					     .what = arena_strdup(records->arena, printable)};
	if (records->secrets != NULL) {
		records->wait.what =
			secrets_mask(records->secrets, records->arena, records->wait.what);
	}
	return 0;
}

static int take_evidence(struct child_records *records, struct reader *r, struct text *why)
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
	if (records->store == NULL) {
		return 0;
	}
	return evidence_add(records->store, plain, bytes, size, why);
}

/* A note is one line: a newline in it is the device's, and would make it two. Returns the line,
 * owned by the report's arena, and its size. */
static const char *one_line(const struct child_records *records, const uint8_t *bytes, size_t *size)
{
	static const char newline[] = "\\x0a";
	size_t i, used = 0, most = *size;
	char *line;

	if (most == 0 || memchr(bytes, '\n', most) == NULL) {
		return (const char *)bytes;
	}
	line = arena_alloc(records->arena, most * (sizeof(newline) - 1));
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

static int take_note(struct child_records *records, struct reader *r, struct text *why)
{
	size_t size = reader_left(r);
	const uint8_t *bytes = reader_bytes(r, size);
	const char *line;

	records->notes_size += size + 1;
	if (records->notes_size > RECORD_MAX_NOTES) {
		return text_error(why, "its transcript passed %zu MiB", RECORD_MAX_NOTES >> 20);
	}
	if (records->store == NULL) {
		return 0;
	}
	line = one_line(records, bytes, &size);
	if (evidence_add(records->store, EVIDENCE_TRANSCRIPT, line, size, why) != 0) {
		return -1;
	}
	return evidence_add(records->store, EVIDENCE_TRANSCRIPT, "\n", 1, why);
}

static int take_secret(struct child_records *records, struct reader *r, struct text *why)
{
	size_t size = reader_left(r);
	const uint8_t *word = reader_bytes(r, size);

	if (++records->secret_count > RECORD_MAX_SECRETS) {
		return text_error(why, "it made more than %d secrets", RECORD_MAX_SECRETS);
	}
	if (size > 0 && memchr(word, '\0', size) != NULL) {
		return text_error(why, "it made a secret that is no text");
	}
	if (records->secrets != NULL &&
	    secrets_add(records->secrets, (const char *)word, size) != 0) {
		return text_error(why, "it made a secret of %zu bytes", size);
	}
	return 0;
}

static int take_give_up(struct child_records *records, struct reader *r, struct text *why)
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
	if (number <= WHY_NONE || records->gave_up) {
		return text_error(why, "it gave up for no known reason");
	}
	records->gave_up = true;
	records->why = (enum why)number;
	text_printable(printable, sizeof(printable), sentence, size);
	records->reason = arena_strdup(records->arena, printable);
	if (records->secrets != NULL) {
		records->reason = secrets_mask(records->secrets, records->arena, records->reason);
	}
	return 0;
}

static int take_record(struct child_records *records, uint8_t type, struct reader *r,
		       struct text *why)
{
	static const struct {
		enum child_record_type type;
		int (*take)(struct child_records *records, struct reader *r, struct text *why);
	} takers[] = {
		{RECORD_FACT, take_fact},         {RECORD_ITEM, take_item},
		{RECORD_EVIDENCE, take_evidence}, {RECORD_NOTE, take_note},
		{RECORD_SECRET, take_secret},     {RECORD_WAIT, take_wait},
		{RECORD_GIVE_UP, take_give_up},
	};
	size_t i;

	if (records->done) {
		return text_error(why, "it went on after the end of its report");
	}
	if (type == RECORD_DONE && reader_left(r) == 0) {
		records->done = true;
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(takers); i++) {
		if ((uint8_t)takers[i].type == type) {
			return takers[i].take(records, r, why);
		}
	}
	return text_error(why, "it sent a record of unknown type %u", type);
}

long child_records_take(struct child_records *records, const uint8_t *bytes, size_t size,
			struct text *why)
{
	struct reader header, payload;
	size_t used = 0;
	uint32_t length;
	uint8_t type;

	while (size - used >= RECORD_HEADER) {
		header = reader_of(bytes + used, RECORD_HEADER);
		length = reader_be32(&header);
		type = reader_u8(&header);
		if (length > RECORD_MAX_SIZE) {
			return text_error(why, "it sent a record of %u bytes", length);
		}
		if (size - used - RECORD_HEADER < length) {
			break;
		}
		payload = reader_of(bytes + used + RECORD_HEADER, length);
		if (take_record(records, type, &payload, why) != 0) {
			return -1;
		}
		used += RECORD_HEADER + length;
	}
	return (long)used;
}

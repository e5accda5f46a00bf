/* yaml: libfyaml's events made into a tree. It resolves nothing: no aliases, no
 * tags, no includes. */
#include "harness/model/yaml.h"
#include "harness/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/banned.h"

struct builder {
	struct yaml_file *file;
	struct fy_parser *parser;
	struct fy_diag *diag;
	struct yaml_node *stack[YAML_MAX_DEPTH]; /* open collections */
	struct yaml_node *keys[YAML_MAX_DEPTH];  /* key waiting for its value */
	int depth;
	int documents;
};

static int refuse(struct builder *b, const struct fy_mark *mark, const char *sentence)
{
	int row = mark != NULL ? mark->line + 1 : 1;
	int column = mark != NULL ? mark->column + 1 : 1;

	return yaml_mistake_at(b->file, row, column, "%s", sentence);
}

/* Puts a finished or opened node where the document has come to. */
static int place(struct builder *b, struct yaml_node *node)
{
	struct yaml_node *parent;
	struct yaml_node **key;

	if (b->depth == 0) {
		b->file->root = node;
		return 0;
	}
	parent = b->stack[b->depth - 1];
	key = &b->keys[b->depth - 1];
	if (parent->kind == YAML_MAPPING && *key == NULL) {
		if (node->kind != YAML_SCALAR) {
			return yaml_mistake(b->file, node, "a key must be one word");
		}
		*key = node;
		return 0;
	}
	node->key = *key;
	*key = NULL;
	if (parent->last == NULL) {
		parent->first = node;
	} else {
		parent->last->next = node;
	}
	parent->last = node;
	parent->count++;
	return 0;
}

static struct yaml_node *node_new(struct builder *b, struct fy_event *event, enum yaml_kind kind)
{
	struct yaml_node *node = arena_alloc(b->file->arena, sizeof(*node));
	const struct fy_mark *mark = fy_event_start_mark(event);
	const struct fy_mark *end = fy_event_end_mark(event);

	node->kind = kind;
	node->row = mark != NULL ? mark->line + 1 : 1;
	node->column = mark != NULL ? mark->column + 1 : 1;
	node->end_row = end != NULL ? end->line + 1 : node->row;
	return node;
}

static bool has_control(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
			return true;
		}
	}
	return false;
}

static int on_scalar(struct builder *b, struct fy_event *event)
{
	struct yaml_node *node = node_new(b, event, YAML_SCALAR);
	struct fy_token *token = event->scalar.value;
	enum fy_scalar_style style;
	size_t length = 0;
	const char *text = token != NULL ? fy_token_get_text(token, &length) : "";

	if (text == NULL) {
		BUG("libfyaml has no text for a scalar");
	}
	style = token != NULL ? fy_token_scalar_style(token) : FYSS_PLAIN;
	node->plain = style == FYSS_PLAIN;
	if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && node->column > 1) {
		node->column--; /* libfyaml's mark is behind the quote */
	}
	if (has_control(text, length)) {
		return yaml_mistake(b->file, node, "the text holds a control character");
	}
	node->text = arena_printf(b->file->arena, "%.*s", (int)length, text);
	return place(b, node);
}

static int on_open(struct builder *b, struct fy_event *event, enum yaml_kind kind)
{
	struct yaml_node *node = node_new(b, event, kind);

	if (b->depth == YAML_MAX_DEPTH) {
		return yaml_mistake(b->file, node, "nested more than %d levels deep",
				    YAML_MAX_DEPTH);
	}
	if (place(b, node) != 0) {
		return -1;
	}
	b->stack[b->depth] = node;
	b->keys[b->depth] = NULL;
	b->depth++;
	return 0;
}

static int on_close(struct builder *b, struct fy_event *event)
{
	const struct fy_mark *end = fy_event_end_mark(event);

	b->depth--;
	if (end != NULL) {
		b->stack[b->depth]->end_row = end->line + 1;
	}
	return 0;
}

static int on_event(struct builder *b, struct fy_event *event)
{
	const struct fy_mark *mark = fy_event_start_mark(event);

	if (event->type != FYET_ALIAS &&
	    (event->type == FYET_SCALAR || event->type == FYET_MAPPING_START ||
	     event->type == FYET_SEQUENCE_START)) {
		if (fy_event_get_anchor_token(event) != NULL) {
			return refuse(b, mark, "anchors ('&') are not allowed here");
		}
		if (fy_event_get_tag_token(event) != NULL) {
			return refuse(b, mark, "tags ('!') are not allowed here");
		}
	}
	switch (event->type) {
	case FYET_ALIAS:
		return refuse(b, mark, "aliases ('*') are not allowed here");
	case FYET_SCALAR:
		return on_scalar(b, event);
	case FYET_MAPPING_START:
		return on_open(b, event, YAML_MAPPING);
	case FYET_SEQUENCE_START:
		return on_open(b, event, YAML_SEQUENCE);
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		return on_close(b, event);
	case FYET_DOCUMENT_START:
		b->documents++;
		return b->documents > 1 ? refuse(b, mark, "a second document begins here") : 0;
	default:
		return 0;
	}
}

static bool begins_secret(const char *at, const char *end)
{
	static const char *const words[] = {"passw", "pwd", "passphrase", "secret"};
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		n = strlen(words[i]);
		if ((size_t)(end - at) >= n && strncasecmp(at, words[i], n) == 0) {
			return true;
		}
	}
	return false;
}

/* True if the line, or one of the few before it that it may belong to, looks
 * as if somebody had written a secret there. */
static bool looks_secret(const struct yaml_file *file, int row)
{
	const char *at = file->bytes, *end = file->bytes + file->size;
	int line = 1;

	for (; at < end && line <= row; at++) {
		if (line >= row - 8 && begins_secret(at, end)) {
			return true;
		}
		line += *at == '\n';
	}
	return false;
}

/* Hides every value whose key looks like a secret's. 'login' names form
 * fields, not secrets. */
static void hide_secrets(struct yaml_file *file, const struct yaml_node *node)
{
	const struct yaml_node *child;
	const char *at, *end;

	if (node->key != NULL && strcmp(node->key->text, "login") == 0) {
		return;
	}
	for (child = node->first; child != NULL; child = child->next) {
		if (child->key != NULL) {
			at = child->key->text;
			for (end = at + strlen(at); at < end; at++) {
				if (begins_secret(at, end)) {
					yaml_hide(file, child->key->row, child->end_row);
					break;
				}
			}
		}
		hide_secrets(file, child);
	}
}

static int syntax_error(struct builder *b)
{
	void *iterator = NULL;
	struct fy_diag_error *error = fy_diag_errors_iterate(b->diag, &iterator);
	int row, column;

	if (error == NULL || error->msg == NULL) {
		return yaml_mistake_at(b->file, 1, 1, "not a YAML file");
	}
	row = error->line > 0 ? error->line : 1;
	column = error->column > 0 ? error->column : 1;
	if (b->file->secrets && looks_secret(b->file, row)) {
		yaml_hide(b->file, row, row);
	}
	return yaml_mistake_at(b->file, row, column, "%s", error->msg);
}

static int build(struct builder *b)
{
	struct fy_event *event;
	int result = 0;

	while (result == 0) {
		event = fy_parser_parse(b->parser);
		if (event == NULL) {
			break;
		}
		result = on_event(b, event);
		fy_parser_event_free(b->parser, event);
	}
	if (result == 0 && fy_diag_got_error(b->diag)) {
		result = syntax_error(b);
	}
	if (result == 0 && b->file->root == NULL) {
		result = yaml_mistake_at(b->file, 1, 1, "the file is empty");
	}
	return result;
}

/* True if a line may begin at this byte: at the start, behind a byte order
 * mark, or behind any of the line breaks that YAML has ever had. */
static bool begins_line(const char *start, const char *at)
{
	static const char *const before[] = {"\n",           "\r",           "\xc2\x85",
					     "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf"};
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(before); i++) {
		n = strlen(before[i]);
		if ((size_t)(at - start) >= n && memcmp(at - n, before[i], n) == 0) {
			return true;
		}
	}
	return at == start;
}

/* libfyaml 0.7.12 never returns from some directives, such as a '%' that ends
 * the file (found by profile_fuzz). No file of ours needs one. */
static int refuse_directives(struct yaml_file *file)
{
	const char *at = file->bytes, *end = file->bytes + file->size;
	int row = 1;

	for (; at < end; at++) {
		if (*at == '%' && begins_line(file->bytes, at)) {
			return yaml_mistake_at(file, row, 1,
					       "directives ('%%') are not allowed here");
		}
		row += *at == '\n';
	}
	return 0;
}

int yaml_parse(struct arena *arena, const char *path, const char *bytes, size_t size, bool secrets,
	       FILE *errors, struct yaml_file *ret)
{
	struct fy_diag_cfg diag_cfg;
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG |
					    FYPCF_DEFAULT_VERSION_1_2};
	struct yaml_file file = {
		.arena = arena, .errors = errors, .size = size, .secrets = secrets};
	struct builder b = {.file = &file};
	int result;

	file.path = arena_strdup(arena, path);
	file.bytes = arena_copy(arena, bytes, size);
	if (size > YAML_MAX_BYTES) {
		file.size = 0;
		return yaml_mistake_at(&file, 1, 1, "the file is larger than %u bytes",
				       YAML_MAX_BYTES);
	}
	if (refuse_directives(&file) != 0) {
		return -1;
	}
	fy_diag_cfg_default(&diag_cfg);
	diag_cfg.fp = NULL;
	diag_cfg.output_fn = NULL;
	b.diag = fy_diag_create(&diag_cfg);
	if (b.diag == NULL) {
		BUG("libfyaml is out of memory");
	}
	fy_diag_set_collect_errors(b.diag, true);
	cfg.diag = b.diag;
	b.parser = fy_parser_create(&cfg);
	if (b.parser == NULL || fy_parser_set_string(b.parser, file.bytes, size) != 0) {
		BUG("libfyaml is out of memory");
	}
	result = build(&b);
	fy_parser_destroy(b.parser);
	fy_diag_destroy(b.diag);
	if (result == 0) {
		if (secrets) {
			hide_secrets(&file, file.root);
		}
		*ret = file;
	}
	return result;
}

/* Returns the bytes, or NULL with the reason in why. */
static char *read_regular(struct arena *arena, int fd, size_t *ret_size, struct text *why)
{
	struct stat facts;
	char *bytes;
	size_t used = 0;
	ssize_t got;

	if (fstat(fd, &facts) != 0) {
		text_error(why, "cannot be read: %s", strerror(errno));
		return NULL;
	}
	if (!S_ISREG(facts.st_mode)) {
		text_error(why, "not a regular file");
		return NULL;
	}
	if (facts.st_size > (off_t)YAML_MAX_BYTES) {
		text_error(why, "the file is larger than %u bytes", YAML_MAX_BYTES);
		return NULL;
	}
	bytes = arena_alloc(arena, (size_t)facts.st_size + 1);
	while (used < (size_t)facts.st_size) {
		got = read(fd, bytes + used, (size_t)facts.st_size - used);
		if (got < 0) {
			text_error(why, "cannot be read: %s", strerror(errno));
			return NULL;
		}
		if (got == 0) {
			break;
		}
		used += (size_t)got;
	}
	*ret_size = used;
	return bytes;
}

int yaml_read(struct arena *arena, const char *path, bool secrets, FILE *errors,
	      struct yaml_file *ret)
{
	struct yaml_file nothing = {.arena = arena, .path = path, .errors = errors};
	struct text why = {""};
	size_t size = 0;
	char *bytes;
	/* O_NONBLOCK: opening a FIFO must not wait for a writer */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		return yaml_mistake_at(&nothing, 1, 1, "cannot open '%s': %s", yaml_quote(path).s,
				       strerror(errno));
	}
	bytes = read_regular(arena, fd, &size, &why);
	close(fd);
	if (bytes == NULL) {
		return yaml_mistake_at(&nothing, 1, 1, "%s", why.s);
	}
	return yaml_parse(arena, path, bytes, size, secrets, errors, ret);
}

struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
	struct yaml_node *node;

	if (mapping == NULL || mapping->kind != YAML_MAPPING) {
		return NULL;
	}
	for (node = mapping->first; node != NULL; node = node->next) {
		if (strcmp(node->key->text, key) == 0) {
			return node;
		}
	}
	return NULL;
}

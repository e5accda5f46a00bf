/*
 * yaml: one YAML file as a tree of nodes with positions, and its mistakes on a
 * stream. It knows YAML alone; what keys mean is shape.h. Anchors, aliases,
 * tags and several documents are refused, so a file is as large as it looks.
 */
#ifndef ASSAY_MODEL_YAML_H
#define ASSAY_MODEL_YAML_H

#include "harness/base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define YAML_MAX_BYTES    (1u << 20)
#define YAML_MAX_DEPTH    16
#define YAML_MAX_MISTAKES 50

enum yaml_kind { YAML_SCALAR, YAML_MAPPING, YAML_SEQUENCE };

struct yaml_node {
	enum yaml_kind kind;
	int row, column, end_row; /* from 1; columns count characters */
	const char *text;         /* scalar, zero-terminated; else NULL */
	bool plain;               /* scalar without quotes, not a block */
	struct yaml_node *key;    /* in a mapping: this value's key */
	struct yaml_node *first;  /* values of a mapping, items of a list */
	struct yaml_node *last;
	struct yaml_node *next; /* sibling */
	size_t count;           /* children */
};

struct yaml_file {
	struct arena *arena; /* borrowed; owns the nodes and their texts */
	const char *path;    /* for messages; belongs to the arena */
	const char *bytes;   /* belongs to the arena */
	size_t size;
	FILE *errors; /* borrowed */
	int mistakes;
	struct yaml_node *root; /* NULL when the file could not be parsed */
	struct yaml_rows {      /* lines that no message may show */
		int from, to;
	} * hidden;
	size_t hidden_count;
	bool secrets; /* may hold secrets: be careful with syntax errors */
};

/*
 * Reads and parses a regular file of at most YAML_MAX_BYTES. Returns 0 and the
 * file, or -1 with the mistake printed to errors. secrets: the file may hold a
 * password by mistake, a line that looks like one is not shown.
 */
int yaml_read(struct arena *arena, const char *path, bool secrets, FILE *errors,
	      struct yaml_file *ret);
/* The same for bytes in memory; path is the name used in messages. */
int yaml_parse(struct arena *arena, const char *path, const char *bytes, size_t size, bool secrets,
	       FILE *errors, struct yaml_file *ret);

/* Prints 'path:row:column: sentence', the line and a caret. Beyond
 * YAML_MAX_MISTAKES only counts. Always returns -1. */
int yaml_mistake_at(struct yaml_file *file, int row, int column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
#define yaml_mistake(file, node, ...) \
	yaml_mistake_at(file, (node)->row, (node)->column, __VA_ARGS__)
/* The same for what is taken all the same: it counts nothing. */
void yaml_warning(struct yaml_file *file, const struct yaml_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* From now on no message shows these lines. */
void yaml_hide(struct yaml_file *file, int from_row, int to_row);

/* The value of a key of a mapping, or NULL. */
struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key);
/* True for a plain scalar that YAML 1.2 takes for no value. */
bool yaml_is_null(const struct yaml_node *node);
/* True for a plain scalar that YAML 1.2 takes for a number, or for true and
 * false. */
bool yaml_is_number(const struct yaml_node *node);
bool yaml_is_bool(const struct yaml_node *node);

/* The scalar's text fit for a message: printable, cut, in the caller's
 * storage. */
struct yaml_quote {
	char s[96];
};
struct yaml_quote yaml_quote(const char *text);
/* The word most like this one, if one is near enough, or NULL. words ends with
 * NULL. */
const char *yaml_nearest(const char *word, const char *const *words);

#endif

/*
 * shape: what a YAML mapping may hold, as a table, and reading one by it into
 * a structure. Reading and checking follow these tables; the JSON Schemas in
 * suites/schema/ and the tables of keys in docs/ are written from them by
 * scripts/generate (schema.h, key_table.h).
 */
#ifndef ASSAY_MODEL_SHAPE_H
#define ASSAY_MODEL_SHAPE_H

#include "harness/model/yaml.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_TEXT,     /* const char *, one of words if there are any */
	FIELD_INT,      /* int, uint16_t or int64_t, by size */
	FIELD_REAL,     /* double */
	FIELD_BOOL,     /* bool */
	FIELD_WORD,     /* int: index into words */
	FIELD_TEXTS,    /* list of texts: const char *const *, NULL ends */
	FIELD_MAP,      /* mapping of 'shape', in place */
	FIELD_LIST,     /* list of mappings: pointer, and a count_offset */
	FIELD_SETTINGS, /* mapping of words to values, which may be lists and
	                 * mappings themselves: struct setting *, and a
	                 * count_offset */
	FIELD_OTHER     /* read by 'read' alone */
};

enum {
	FIELD_REQUIRED = 1 << 0,
	FIELD_NULLABLE = 1 << 1, /* null means: not given */
	FIELD_NUMERAL = 1 << 2,  /* text that may be written as a number */
	FIELD_SECRET = 1 << 3,   /* neither the value nor its line is shown */
	FIELD_REFUSED = 1 << 4   /* read refuses it; not in the schema */
};

struct shape;

/* Text, or each text of a list, is checked before it is stored. Returns 0, or
 * -1 after a mistake was reported. out is the place of the value for
 * FIELD_OTHER, which stores it itself; NULL otherwise. */
typedef int field_read(struct yaml_file *file, const struct yaml_node *node, void *out);

struct field {
	const char *key;
	enum field_type type;
	unsigned flags;
	size_t offset, size;
	size_t count_offset;
	double min, max;           /* INT, REAL; lists: number of items, where
	                           * max is not 0 */
	const char *const *words;  /* WORD, and TEXTS of a closed list; NULL
	                           * ends */
	const struct shape *shape; /* MAP, LIST */
	field_read *read;
	const char *fallback; /* INT, REAL, BOOL, WORD, TEXT: when not given */
	const char *schema;   /* OTHER: type in the JSON Schema, "string" */
	const char *meaning;  /* one sentence */
};

struct shape {
	const char *name;           /* "account", for messages and schemas */
	const struct field *fields; /* a NULL key ends */
	size_t size;                /* of the structure */
	bool secret;                /* values of unknown keys are not shown either */
	/* Looks at the whole mapping once its fields are read; may be NULL. */
	void (*check)(struct yaml_file *file, const struct yaml_node *node, void *structure);
};

#define FIELD_AT(structure, member) \
	.offset = offsetof(structure, member), .size = sizeof(((structure *)0)->member)
#define FIELD_COUNT(structure, member) .count_offset = offsetof(structure, member)

/*
 * Reads a mapping into the zeroed structure. Every mistake is reported through
 * the file; the caller asks file->mistakes at the end. Texts belong to the
 * file's arena.
 */
void shape_read(const struct shape *shape, struct yaml_file *file, const struct yaml_node *node,
		void *structure);

/* Reads every item of a list into an array of node->count structures, owned by
 * the file's arena. */
void *shape_read_list(const struct shape *shape, struct yaml_file *file,
		      const struct yaml_node *list);

/* True if the fallback is a value that could be written: -1 often stands for
 * 'none' outside the range. */
bool field_fallback_fits(const struct field *field);

/* Checks that fit many fields. */
field_read field_is_date; /* RFC 3339 full-date, a day that exists */
field_read field_is_sha256;
field_read field_is_id; /* small letters, digits, "-", "_" and "." */

#endif

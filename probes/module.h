/*
 * module: parts of assay below which lies a library that is heavy to load. They
 * are shared objects beside the program (lib/assay/NAME.so), linked with their
 * library like any other, and loaded by the processes that use them alone.
 *
 * A source of a module says so in one of its first lines: "module: web". It is
 * compiled into the module; and if it defines a probe or a driver, once more
 * into the program as its face: the same struct, without the functions. The
 * program knows by it what there is, and which module has the code.
 */
#ifndef ASSAY_PROBES_MODULE_H
#define ASSAY_PROBES_MODULE_H

#include "harness/base/text.h"

struct module_part {
	const char *module; /* "web"; NULL: the code is here */
	const char *symbol; /* of the whole struct in there */
};

/* For the member 'part' of the struct called symbol, and for each of its
 * functions. ASSAY_MODULE is defined where a face is compiled. */
#ifdef ASSAY_MODULE
#define MODULE_PART(symbol)           \
	{                             \
		ASSAY_MODULE, #symbol \
	}
#define MODULE_CODE(function) NULL
#else
#define MODULE_PART(symbol) \
	{                   \
		NULL, NULL  \
	}
#define MODULE_CODE(function) (function)
#endif

/* The whole struct of a face, which stays as long as the process; the face
 * itself where the code is here. Loads the module: it must still be allowed to
 * open files. Returns NULL with the reason in why. */
const void *module_whole(const void *face, const struct module_part *part, struct text *why);

#endif

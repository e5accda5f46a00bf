/*
 * confine: takes the file system from the calling process for good: the run's journal, other
 * checks' evidence, keys and password files are none of a child's business. By Landlock where the
 * kernel has it, else by a mount namespace that holds nothing; neither needs a privilege.
 */
#ifndef ASSAY_RUN_CONFINE_H
#define ASSAY_RUN_CONFINE_H

#include <stddef.h>

enum confinement {
	CONFINED_NOT,         /* this machine offers neither */
	CONFINED_BY_LANDLOCK, /* every open is refused (EACCES); names can still be looked up */
	CONFINED_BY_MOUNTS,   /* there is nothing (ENOENT) */
};

/* What a process started now would get. Tried in a process of its own. */
enum confinement confine_try(void);
/* "Landlock", "a mount namespace", "nothing". */
const char *confine_word(enum confinement confinement);

/*
 * Confines the calling process, which has one thread, no capabilities and no new privileges.
 * What is open already stays open. Returns by what.
 */
enum confinement confine_enter(void);
/* A path that stays to be used, and below it where it is a folder. */
struct confine_path {
	const char *path;
	enum { CONFINE_READ, CONFINE_WRITE, CONFINE_REMOVE } use; /* CONFINE_WRITE: everything */
};
/* Leaves these alone (a path that is not there is not needed), where the kernel has Landlock.
 * Returns 0, or -1 where it has not: nothing has changed then. */
int confine_to(const struct confine_path *paths, size_t count);
/* The second way alone, for its test. Returns 0 or -1. */
int confine_by_mounts(void);

#endif

/*
 * shed: takes from the runner what it no longer needs once the gate is made. Later it reads what
 * children say, so it is worth taking over.
 *
 *   user          Started by root, it becomes the owner of the run directory, or who called sudo
 *                 and is made the owner. Where root owns the directory and nobody called sudo it
 *                 stays user 0, as root of a user namespace does, but without what makes root.
 *   capabilities  none, also in the bounding set; no new ones by exec. Where no limit can give
 *                 monitors their real-time place, CAP_SYS_NICE stays.
 *   files         writes below the run directory alone, reads there and of what the system's
 *                 libraries and assay's data are made of (Landlock, where the kernel has it).
 *   system calls  a filter: no exec, no socket but pairs, no namespaces, mounts, modules, ptrace.
 *
 * Children are forked from it, and are then of the same user: confine.h and the child's own filter
 * are what holds them.
 */
#ifndef ASSAY_RUN_SHED_H
#define ASSAY_RUN_SHED_H

#include "harness/base/text.h"
#include "harness/run/confine.h"

/* The first half: user and capabilities; $HOME is that user's then. Returns 0, or -1 with the
 * reason in why: the run must not go on. */
int shed_user(const char *directory, struct text *why);
/* The second: files and system calls. outside is the run's anchor there, or ""; children is how
 * they will be confined (confine_try()). The process has one thread. */
int shed_rest(const char *directory, const char *outside, enum confinement children,
	      struct text *why);
/* The home of the user that a run in this directory has once its rights are shed, also before that
 * and without a run; NULL where it is not known. Valid until the next call. */
const char *shed_home(const char *directory);

#endif

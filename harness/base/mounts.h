/*
 * mounts: the one way to mounts that nobody else sees. What a process mounts stands in its mount
 * namespace, which its parent has too: a /proc of a process namespace that ends is then everybody's,
 * and shows nothing. So mount(2) belongs behind this function, in the same file.
 */
#ifndef ASSAY_BASE_MOUNTS_H
#define ASSAY_BASE_MOUNTS_H

/*
 * Gives the calling process, which has one thread, a mount namespace of its own, and none of its
 * mounts to anybody, nor anybody's to it. more: CLONE_NEW... of unshare(2), had at the same time.
 * Returns 0, or -errno with nothing mounted and, but for what more had, nothing changed.
 */
int mounts_own(int more);

#endif

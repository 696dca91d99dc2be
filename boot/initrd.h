/* SPDX-License-Identifier: BSD-2-Clause */
/* The initrds that a kernel's arguments name: files beside the kernel. */
#ifndef BOOT_INITRD_H
#define BOOT_INITRD_H

#include "packages/disk_args.h"
#include "packages/image.h"

struct instance;
struct node;

/* The files of one kernel; zero it first. */
struct initrd {
	struct node *node;     /* the disk */
	struct disk_args disk; /* what was loaded from it */
	const char *words;     /* of the kernel's arguments, still to be read */
	const char *list;      /* of a word "initrd=", still to be opened */
	struct instance *inst; /* the one that is open */
	struct image_chain chain;
};

/*
 * initrd_open - all files named by "initrd=" in `client_args`, as one image: the
 * word may occur several times, each with paths separated by commas. They are
 * on the disk `node`, on the partition of `args`, the disk's arguments, which
 * name the kernel's file; from the root directory, as for the EFI stub of Linux.
 * The strings are kept, not copied; so is `initrd`, for `img`.
 * Returns 0; BOOTABLE_END: none is named, or `args` names no file; ERR_* with
 * reason(): one cannot be opened. Call initrd_close() in any case.
 */
must_check int initrd_open(struct initrd *initrd, struct node *node,
			   const char *args, const char *client_args,
			   struct image *img);

void initrd_close(struct initrd *initrd);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a disk boots when nobody names a file. */
#ifndef PACKAGES_DISK_BOOT_H
#define PACKAGES_DISK_BOOT_H

#include <string.h>

#include "packages/bootable.h"
#include "packages/disk_target.h"

/*
 * One thing that a disk without a named file may boot: a PReP partition, or
 * what bootinfo.txt names.
 */
struct disk_boot {
	bool is_prep;
	struct volume volume; /* the PReP partition */
	bool has_partition;
	uint32_t partition;    /* its number, or what bootinfo.txt names */
	char path[256];	       /* of the file that it names; "" if none */
	char client_args[256]; /* from there, too; "" if none */
};

/* disk_boot_args - as disk arguments, which point into `boot`. */
static inline struct disk_args disk_boot_args(const struct disk_boot *boot)
{
	return (struct disk_args){ boot->has_partition, boot->partition,
				   boot->path, strlen(boot->path) };
}

/* Where a search has looked last; in SLOF's order. */
enum disk_boot_place {
	DISK_BOOT_NOWHERE,
	DISK_BOOT_WHOLE, /* ISO9660: \ppc\bootinfo.txt */
	DISK_BOOT_MBR,	 /* type 0x41: active first, then by number */
	DISK_BOOT_FIRST, /* :1,\ppc\bootinfo.txt */
	DISK_BOOT_GPT,	 /* PReP partitions, by number */
};

/*
 * A search for what a disk boots. Set `bd`, begin with zeros; the rest is
 * disk_boot_next()'s own.
 */
struct disk_search {
	struct block_device *bd;
	enum disk_boot_place place;
	uint64_t rank;	/* of the PReP partition found last, 0: none */
	unsigned found; /* things to boot, so far */
	bool warned;	/* of a broken primary GPT */
	int err;	/* trouble on the way, 0: none */
	char why[200];	/* its words */
};

/*
 * A hostile table has 32768 PReP partitions, each of which costs a look at the
 * table. A search ends after as many as a usual GPT has entries.
 */
#define DISK_BOOT_MAX 128u

/* The end of a search that has found something; there is nothing to add. */
#define DISK_BOOT_END BOOTABLE_END

/*
 * disk_boot_next - what a disk may boot, one after the other: as long as
 * it does not load, ask for the next. At most DISK_BOOT_MAX.
 * Returns 0; DISK_BOOT_END: no more; or no more, and reason() says what was
 * looked at if nothing was found ("no PReP partition (MBR has types 83, 82; no
 * GPT)"), or what else was in the way: ERR_NOENT, ERR_NOMEM, or a read error.
 */
must_check int disk_boot_next(struct disk_search *search,
			      struct disk_boot *boot);

/*
 * disk_boot_open - open what disk_boot_next() has found on `bd`, which is open;
 * `img` gets its bytes. Close `target` with disk_target_close().
 * Returns as disk_target_open(); ERR_NOENT with reason(): it is a directory.
 */
must_check int disk_boot_open(struct block_device *bd,
			      const struct disk_boot *boot,
			      struct disk_target *target, struct image *img);

#endif

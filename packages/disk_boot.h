/* SPDX-License-Identifier: BSD-2-Clause */
/* What a disk boots when the user names no file. */
#ifndef PACKAGES_DISK_BOOT_H
#define PACKAGES_DISK_BOOT_H

#include <string.h>

#include "packages/bootable.h"
#include "packages/disk_target.h"

/*
 * One boot choice of a disk when no file is named: a PReP partition, or the
 * file that bootinfo.txt names.
 */
struct disk_boot {
	bool is_prep;
	struct volume volume; /* the PReP partition */
	bool has_partition;
	uint32_t partition;    /* its number, or the one in bootinfo.txt */
	char path[256];	       /* of the file in bootinfo.txt; "" if none */
	char client_args[256]; /* also from there; "" if none */
};

/* disk_boot_args - as disk arguments, which point into `boot`. */
static inline struct disk_args disk_boot_args(const struct disk_boot *boot)
{
	return (struct disk_args){ boot->has_partition, boot->partition,
				   boot->path, strlen(boot->path) };
}

/* Where a search looked last; in SLOF's order. */
enum disk_boot_place {
	DISK_BOOT_NOWHERE,
	DISK_BOOT_WHOLE, /* ISO9660: \ppc\bootinfo.txt */
	DISK_BOOT_MBR,	 /* type 0x41: active first, then by number */
	DISK_BOOT_FIRST, /* :1,\ppc\bootinfo.txt */
	DISK_BOOT_GPT,	 /* PReP partitions, by number */
};

/*
 * A search for a disk's boot choices. Zero it and set `bd`; the rest belongs to
 * disk_boot_next().
 */
struct disk_search {
	struct block_device *bd;
	enum disk_boot_place place;
	uint64_t rank;	/* of the PReP partition found last, 0: none */
	unsigned found; /* choices so far */
	bool warned;	/* of a broken primary GPT */
	int err;	/* the error worth reporting, 0: none */
	char why[200];	/* its reason() */
};

/*
 * A hostile table can have 32768 PReP partitions, and each costs a scan of the
 * table. A search ends after 128, the number of entries in a usual GPT.
 */
#define DISK_BOOT_MAX 128u

/* The search has found something and ends without an error. */
#define DISK_BOOT_END BOOTABLE_END

/*
 * disk_boot_next - the disk's next boot choice; call it until one loads. There
 * are at most DISK_BOOT_MAX.
 * Returns 0; DISK_BOOT_END: no more; or ERR_NOENT, ERR_NOMEM or a read error:
 * no more, and reason() says what was searched if nothing was found ("no PReP
 * partition (MBR has types 83, 82; no GPT)"), or what else failed.
 */
must_check int disk_boot_next(struct disk_search *search,
			      struct disk_boot *boot);

/*
 * disk_boot_open - open what disk_boot_next() found on `bd`, which is open;
 * `img` receives its bytes. Close `target` with disk_target_close().
 * Returns as disk_target_open(); ERR_NOENT with reason(): it is a directory.
 */
must_check int disk_boot_open(struct block_device *bd,
			      const struct disk_boot *boot,
			      struct disk_target *target, struct image *img);

#endif

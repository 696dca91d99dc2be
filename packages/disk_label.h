/* SPDX-License-Identifier: BSD-2-Clause */
/* disk-label: partitions and files behind ":part,\path" (IEEE 1275 3.8.3). */
#ifndef PACKAGES_DISK_LABEL_H
#define PACKAGES_DISK_LABEL_H

#include "drivers/instance.h"
#include "packages/volume.h"

/* What a disk without a named file boots. */
struct disk_boot {
	char open_args[256];	 /* open the disk with these to get the image */
	char bootpath_args[256]; /* behind ':' in bootpath; "" for PReP */
	char client_args[256];	 /* from bootinfo.txt; "" if none */
};

/*
 * disk_label_find_boot - search a disk in SLOF's order: ISO9660
 * \ppc\bootinfo.txt; MBR type 0x41, active ones first; :1,\ppc\bootinfo.txt;
 * GPT PReP partition.
 * Returns 0, or ERR_NOENT / a read error with reason() saying what was looked
 * at ("no PReP partition (MBR has types 83, 82; no GPT)").
 */
must_check int disk_label_find_boot(struct block_device *bd,
				    struct disk_boot *boot);

/*
 * disk_label_list - print the files of a directory or the partitions of a disk
 * for the prompt's `ls`: `args` as behind ':' of a path.
 * Returns 0 or ERR_* with reason().
 */
must_check int disk_label_list(struct block_device *bd, const char *args);

#endif

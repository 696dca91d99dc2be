/* SPDX-License-Identifier: BSD-2-Clause */
/* Where everything is in a FAT file system, by its boot sector. */
#ifndef PACKAGES_FAT_BOOT_H
#define PACKAGES_FAT_BOOT_H

#include "lib/endian.h"
#include "lib/err.h"
#include "lib/types.h"

#define FAT_FIRST 2u /* the first cluster: 0 and 1 do not exist */

/* What follows the fields that all have. */
struct fat_tail {
	uint8_t drive[2];
	uint8_t signature;
	uint8_t serial[4];
	uint8_t label[11];
	uint8_t type[8]; /* "FAT16   ": not to be trusted */
} __attribute__((packed));

/* fatgen103, "Boot Sector and BPB". */
struct fat_boot {
	uint8_t jump[3];
	uint8_t maker[8];
	le16 sector_size;
	uint8_t cluster_sectors;
	le16 reserved;
	uint8_t copies;
	le16 root_records;
	le16 sectors16;
	uint8_t media;
	le16 table_sectors16;
	uint8_t geometry[4];
	le32 hidden;
	le32 sectors32;
	union {
		struct fat_tail tail;
		struct {
			le32 table_sectors;
			le16 mirror;
			le16 version;
			le32 root;
			uint8_t reserved[16];
			struct fat_tail tail;
		} __attribute__((packed)) fat32;
		uint8_t code[474];
	} u;
	le16 magic;
} __attribute__((packed));
static_assert(sizeof(struct fat_boot) == 512, "fatgen103");

/* All of it is checked, but for `root`; the volume may be shorter. */
struct fat_layout {
	unsigned bits;	       /* of a link: 12, 16, 32 */
	uint32_t cluster_size; /* bytes */
	uint32_t last;	       /* cluster, FAT_FIRST or more; it has a link */
	uint32_t root;	       /* cluster; 0: FAT12, FAT16 */
	uint32_t root_size;    /* bytes; FAT12, FAT16 */
	/* Bytes of the volume. */
	uint64_t table, table_size, root_start, data;
	uint8_t label[11]; /* padded with blanks */
};

/*
 * fat_boot_read - find the layout in a boot sector. Returns 0, or with reason()
 * ERR_FORMAT: it is of another file system; ERR_NOTSUP: its numbers are wrong.
 */
must_check int fat_boot_read(const struct fat_boot *boot,
			     struct fat_layout *layout);

#endif

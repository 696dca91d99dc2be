// SPDX-License-Identifier: BSD-2-Clause
// The boot sector of FAT: whether it is one, and where everything is.
/*
 * Source: Microsoft, "FAT: General Overview of On-Disk Format" (fatgen103). Its
 * numbers have up to 32 bits each, and are added and multiplied as 64.
 */
#include "packages/fat_boot.h"

#include <string.h>

#include "lib/reason.h"
#include "packages/fat_name.h"

#define FAT_SECTOR_MAX 4096u
#define FAT_COPIES_MAX 4u     /* as mkfs.fat; the specification wants 2 */
#define FAT_MIRROR_OFF 0x80u  /* FAT32: only one copy is maintained */
#define FAT_MIRROR_COPY 0x0fu /* its number */
#define FAT_LABEL_HERE 0x29u  /* the extended boot signature */

/* The least number of clusters that is not FAT12; FAT16 ends before its marks. */
#define FAT16_CLUSTERS 4085u
#define FAT16_CLUSTERS_MAX 0xfff5u
#define FAT32_CLUSTERS_MAX 0x0ffffff5u

static bool fat_is_boot(const struct fat_boot *boot)
{
	uint32_t size = le16_get(boot->sector_size);

	return le16_get(boot->magic) == 0xaa55 && IS_POWER_OF_2(size) &&
	       size >= 512 && size <= FAT_SECTOR_MAX &&
	       IS_POWER_OF_2((unsigned)boot->cluster_sectors) &&
	       le16_get(boot->reserved) && boot->copies &&
	       boot->copies <= FAT_COPIES_MAX &&
	       (boot->media == 0xf0 || boot->media >= 0xf8);
}

/* Sets where everything is; what is left over holds the clusters. */
static int fat_measure(struct fat_layout *fat, const struct fat_boot *boot)
{
	uint32_t size = le16_get(boot->sector_size);
	uint64_t left = le16_get(boot->sectors16);
	uint64_t table = le16_get(boot->table_sectors16);
	uint64_t root = le16_get(boot->root_records);
	uint64_t used;

	if (!left)
		left = le32_get(boot->sectors32);
	if (!table)
		table = le32_get(boot->u.fat32.table_sectors);
	fat->root_size = (uint32_t)(root * sizeof(struct fat_record));
	root = (fat->root_size + size - 1) / size;
	used = le16_get(boot->reserved) + table * boot->copies + root;
	if (!table || used >= left || left - used < boot->cluster_sectors)
		return reason_fail(ERR_NOTSUP,
				   "FAT: no clusters in %llu sectors",
				   (unsigned long long)left);
	left = (left - used) / boot->cluster_sectors;
	fat->bits = !le16_get(boot->table_sectors16) ? 32
		    : left < FAT16_CLUSTERS	     ? 12
						     : 16;
	fat->cluster_size = size * boot->cluster_sectors;
	fat->table = (uint64_t)le16_get(boot->reserved) * size;
	fat->table_size = table * size;
	fat->data = used * size;
	fat->root_start = fat->data - root * size;
	/* Clusters without a link, or with one that means something else. */
	left = MIN(left, fat->table_size * 8 / fat->bits - FAT_FIRST);
	left = MIN(left,
		   fat->bits == 32 ? FAT32_CLUSTERS_MAX : FAT16_CLUSTERS_MAX);
	fat->last = (uint32_t)left + FAT_FIRST - 1;
	return 0;
}

/* FAT32: the root is a chain, and only one copy of the table may be right. */
static int fat_use_fat32(struct fat_layout *fat, const struct fat_boot *boot)
{
	uint32_t mirror = le16_get(boot->u.fat32.mirror);
	uint32_t copy = mirror & FAT_MIRROR_COPY;

	fat->root = le32_get(boot->u.fat32.root);
	if (!(mirror & FAT_MIRROR_OFF))
		return 0;
	if (copy >= boot->copies)
		return reason_fail(ERR_NOTSUP, "FAT: uses table %u of %u",
				   copy + 1, boot->copies);
	fat->table += fat->table_size * copy;
	return 0;
}

int fat_boot_read(const struct fat_boot *boot, struct fat_layout *fat)
{
	bool is_32 = !le16_get(boot->table_sectors16);
	const struct fat_tail *tail = is_32 ? &boot->u.fat32.tail
					    : &boot->u.tail;
	int err;

	if (!fat_is_boot(boot))
		return reason_fail(ERR_FORMAT, "no boot sector of FAT");
	*fat = (struct fat_layout){ 0 };
	err = fat_measure(fat, boot);
	if (err == 0 && is_32)
		err = fat_use_fat32(fat, boot);
	memset(fat->label, ' ', sizeof(fat->label));
	if (tail->signature == FAT_LABEL_HERE &&
	    memcmp(tail->label, "NO NAME    ", sizeof(tail->label)))
		memcpy(fat->label, tail->label, sizeof(fat->label));
	return err;
}

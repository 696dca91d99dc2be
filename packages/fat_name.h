/* SPDX-License-Identifier: BSD-2-Clause */
/* Directory entries of FAT, and the names that they have. */
#ifndef PACKAGES_FAT_NAME_H
#define PACKAGES_FAT_NAME_H

#include "lib/endian.h"
#include "lib/types.h"

/* FAT specification (Microsoft, fatgen103), "FAT Directory Structure". */
struct fat_record {
	uint8_t name[11]; /* 8 and 3, padded with blanks */
	uint8_t attributes;
	uint8_t cases; /* of name: see fat_name.c */
	uint8_t created[7];
	le16 cluster_high; /* FAT32 */
	uint8_t written[4];
	le16 cluster_low;
	le32 size;
};
static_assert(sizeof(struct fat_record) == 32, "fatgen103");

#define FAT_ATTRIBUTE_LABEL 0x08u
#define FAT_ATTRIBUTE_DIRECTORY 0x10u
#define FAT_ATTRIBUTE_LONG 0x0fu /* of the mask: a slot of a long name */
#define FAT_ATTRIBUTE_LONG_MASK 0x3fu

#define FAT_RECORD_END 0x00u  /* name[0]: no record follows */
#define FAT_RECORD_FREE 0xe5u /* name[0]: deleted */

/* fatgen103, "FAT Long Directory Entries": 20 slots of 13, 255 in all. */
#define FAT_SLOTS_MAX 20u
#define FAT_SLOT_UNITS 13u
#define FAT_NAME_UNITS 255u

/* UTF-8 has at most 3 bytes for a UTF-16 unit. */
#define FAT_NAME_SIZE (FAT_NAME_UNITS * 3 + 1)
#define FAT_SHORT_SIZE 13u /* "FILENAME.EXT" */

/* A name in progress. Zero at first. */
struct fat_name {
	char text[FAT_NAME_SIZE];	 /* the long name; else as `alias` */
	char short_name[FAT_SHORT_SIZE]; /* 8.3 */
	uint8_t slots;	  /* of the long name; 0: none is in progress */
	uint8_t missing;  /* how many of them have not come */
	uint8_t checksum; /* of the 8.3 name that they belong to */
	uint16_t units[FAT_SLOTS_MAX * FAT_SLOT_UNITS]; /* UTF-16 */
};

/* How well a name fits what is looked for; the best wins. */
enum fat_fit {
	FAT_FIT_NONE,
	FAT_FIT_SHORT, /* the 8.3 name of an entry that has a long one */
	FAT_FIT_CASE,  /* the name, but for the case of ASCII letters */
	FAT_FIT_EXACT,
};

/* fat_name_drop - forget the slots: what follows does not belong to them. */
void fat_name_drop(struct fat_name *name);

/*
 * fat_name_add - a slot of a long name, in the order of the directory: the last
 * part comes first. One that does not continue what came before drops it.
 */
void fat_name_add(struct fat_name *name, const struct fat_record *slot);

/*
 * fat_name_finish - the record that the slots belong to: sets `text`, UTF-8, and
 * `short_name`. Slots that are incomplete, of another record, or longer than
 * allowed do not count.
 */
void fat_name_finish(struct fat_name *name, const struct fat_record *record);

/* fat_name_fit - compare with `want`, of `len` bytes, UTF-8. */
enum fat_fit fat_name_fit(const struct fat_name *name, const char *want,
			  size_t len);

/*
 * fat_name_label - the label in `field`, of 11 bytes, without its padding. `buf`:
 * `size` bytes, at least 1; it is cut to these.
 */
void fat_name_label(const uint8_t *field, char *buf, size_t size);

#endif

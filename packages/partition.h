/* SPDX-License-Identifier: BSD-2-Clause */
/* Partition tables: MBR with logical partitions, GPT (UEFI 2.10, 5). */
#ifndef PACKAGES_PARTITION_H
#define PACKAGES_PARTITION_H

#include "packages/volume.h"

enum partition_scheme {
	PARTITION_NONE,
	PARTITION_MBR,
	PARTITION_GPT,
};

struct partition {
	enum partition_scheme scheme;
	uint32_t number; /* 1..; MBR: slots 1..4, logical from 5 */
	bool active;	 /* MBR: status 0x80 */
	uint8_t mbr_type;
	uint8_t guid[16]; /* GPT: type GUID as on disk */
	bool backup;	  /* GPT: from the backup; the primary is broken */
	bool hybrid;	  /* GPT: the MBR has entries, too; they are ignored */
	struct volume volume;
};

/* The PReP boot partition: MBR type and GPT type GUID. */
#define PARTITION_MBR_PREP 0x41
extern const uint8_t partition_guid_prep[16];

/*
 * partition_scan - call `each` for every partition, in order of number. The
 * table is read once. `part` is valid during the call only. A nonzero return
 * of `each` ends the walk. Partitions that begin past the end of the disk are
 * skipped (reason() has the last one); those that cross the end are cut there.
 * Returns 0 at the end; the return of `each`, if not 0; or an error as
 * partition_get(), but never ERR_NOENT of its own.
 */
must_check int
partition_scan(struct block_device *bd,
	       int (*each)(void *arg, const struct partition *part), void *arg);

/*
 * partition_explain - after one of these functions has failed with `err`: of a
 * disk without a table, reason() also says what it holds, at the price of a
 * read. Returns `err`.
 */
int partition_explain(struct block_device *bd, int err);

/*
 * partition_get - find partition `number`. A protective MBR (type 0xee) makes
 * the disk GPT. If the primary GPT is broken, the backup is used (`backup` is
 * set; the caller warns once per device).
 * Returns 0; ERR_NOENT: no such partition; ERR_FORMAT, ERR_CHECKSUM: no table
 * or a broken one, see reason(); or a read error.
 */
must_check int partition_get(struct block_device *bd, uint32_t number,
			     struct partition *out);

/*
 * partition_measure - measure_later() the table by which partitions are found.
 * No table, or one that cannot be read: nothing.
 */
void partition_measure(struct block_device *bd);

/*
 * partition_foreign_blocks - the block size for which the MBR was written, if
 * not the device's, as told by a program at the start of its PReP partitions:
 * an image from a disk of another kind. Returns 0 if it cannot be told.
 */
uint32_t partition_foreign_blocks(struct block_device *bd);

#endif

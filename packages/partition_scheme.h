/* SPDX-License-Identifier: BSD-2-Clause */
/* The interface of the two kinds of partition table to partition.c. */
#ifndef PACKAGES_PARTITION_SCHEME_H
#define PACKAGES_PARTITION_SCHEME_H

#include "packages/partition.h"

/* Bytes at the start of the disk that hold the MBR (UEFI 2.10, 5.2.1). */
#define PARTITION_MBR_SIZE 512u

/* The callback for each partition; see partition_scan(). */
struct partition_visitor {
	int (*each)(void *arg, const struct partition *part);
	void *arg;
};

/*
 * partition_mbr_scheme - the scheme according to the first sector. `mbr`:
 * PARTITION_MBR_SIZE bytes. Returns PARTITION_MBR, PARTITION_GPT (protective
 * MBR) or PARTITION_NONE.
 */
enum partition_scheme partition_mbr_scheme(const uint8_t *mbr);

/*
 * partition_mbr_is_hybrid - does a protective MBR, as above, also have entries
 * of another type?
 */
bool partition_mbr_is_hybrid(const uint8_t *mbr);

/*
 * partition_mbr_scan, partition_gpt_scan - partition_scan() for a disk of that
 * scheme. `mbr`: its first PARTITION_MBR_SIZE bytes.
 */
must_check int partition_mbr_scan(struct block_device *bd, const uint8_t *mbr,
				  const struct partition_visitor *visitor);
must_check int partition_gpt_scan(struct block_device *bd, const uint8_t *mbr,
				  const struct partition_visitor *visitor);

/*
 * partition_gpt_data - UEFI_GPT_DATA of the table that partition_gpt_scan() uses:
 * its header, the number of the used entries that are partitions (64 bits,
 * little-endian), those entries, 128 bytes each, at most PARTITION_GPT_DATA_MAX.
 * `data`: receives it, on the heap. Returns 0, or as partition_scan().
 * [TCG PC Client Platform Firmware Profile 1.06, 10.4.6]
 */
must_check int partition_gpt_data(struct block_device *bd, uint8_t **data,
				  size_t *len);
#define PARTITION_GPT_DATA_MAX 128u

/*
 * partition_other_blocks - `magic`, `len` bytes of at most 8, is not at block
 * `lba`, a 32-bit number, of the disk. Would it be if its blocks had another
 * size? Returns that size, or 0.
 */
uint32_t partition_other_blocks(const struct volume *disk, uint64_t lba,
				const uint8_t *magic, size_t len);

/*
 * partition_visit - fill in the volume of `part`, `count` device blocks at
 * block `lba`, and pass it to `visitor`. A partition that begins past the end
 * of the disk is skipped, with reason(). Returns the return of `each`, or 0.
 */
must_check int partition_visit(struct block_device *bd, struct partition *part,
			       uint64_t lba, uint64_t count,
			       const struct partition_visitor *visitor);

#endif

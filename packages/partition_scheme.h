/* SPDX-License-Identifier: BSD-2-Clause */
/* What partition.c asks of the two kinds of partition table. */
#ifndef PACKAGES_PARTITION_SCHEME_H
#define PACKAGES_PARTITION_SCHEME_H

#include "packages/partition.h"

/* Bytes at the start of the disk that hold the MBR (UEFI 2.10, 5.2.1). */
#define PARTITION_MBR_SIZE 512u

/* Whoever is told of each partition; see partition_scan(). */
struct partition_visitor {
	int (*each)(void *arg, const struct partition *part);
	void *arg;
};

/*
 * partition_mbr_scheme - what a first sector says. `mbr`: PARTITION_MBR_SIZE
 * bytes. Returns PARTITION_MBR, PARTITION_GPT (protective), PARTITION_NONE.
 */
enum partition_scheme partition_mbr_scheme(const uint8_t *mbr);

/*
 * partition_mbr_scan, partition_gpt_scan - partition_scan() for a disk that is
 * known to have the scheme. `mbr`: its first PARTITION_MBR_SIZE bytes.
 */
must_check int partition_mbr_scan(struct block_device *bd, const uint8_t *mbr,
				  const struct partition_visitor *visitor);
must_check int partition_gpt_scan(struct block_device *bd,
				  const struct partition_visitor *visitor);

/*
 * partition_visit - tell `visitor` of one partition of `count` device blocks
 * at block `lba`; `part` lacks only its volume. One that begins past the end
 * of the disk is left out, with reason(). Returns what `each` returned, or 0.
 */
must_check int partition_visit(struct block_device *bd, struct partition *part,
			       uint64_t lba, uint64_t count,
			       const struct partition_visitor *visitor);

#endif

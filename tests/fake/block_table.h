/* SPDX-License-Identifier: BSD-2-Clause */
/* Partition tables written for tests. */
#ifndef TESTS_FAKE_BLOCK_TABLE_H
#define TESTS_FAKE_BLOCK_TABLE_H

#include "tests/fake/block.h"

/* table_mbr - write entry `slot` (0..3) of the record at block `lba`. */
void table_mbr(struct fake_block *fake, uint64_t lba, unsigned slot,
	       uint8_t status, uint8_t type, uint32_t start, uint32_t count);

/* A GPT to be written; zeroed fields get usual values. */
struct table_gpt {
	uint32_t entry_size; /* 128 */
	uint32_t count;	     /* 128 */
};

/* table_gpt - write a protective MBR and both empty tables. */
void table_gpt(struct fake_block *fake, const struct table_gpt *gpt);

/*
 * table_gpt_entry - fill entry `index` (from 0) of both tables, with all
 * checksums. `guid`: as on disk; NULL: some type.
 */
void table_gpt_entry(struct fake_block *fake, const struct table_gpt *gpt,
		     unsigned index, const uint8_t *guid, uint64_t first,
		     uint64_t last);

/* table_gpt_seal - recompute the checksums of the header at `lba`. */
void table_gpt_seal(struct fake_block *fake, uint64_t lba);

#endif

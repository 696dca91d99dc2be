/* SPDX-License-Identifier: BSD-2-Clause */
/* Partition tables and types as text, for messages. */
#ifndef PACKAGES_PARTITION_DESCRIBE_H
#define PACKAGES_PARTITION_DESCRIBE_H

#include "packages/partition.h"

/* Bytes of a type's code as text, including the NUL. */
#define PARTITION_TYPE_CODE 37

/*
 * partition_type_code - a partition's type as text: "83" (MBR, hexadecimal), or
 * its GUID (UEFI 2.10, appendix A). `buf`: PARTITION_TYPE_CODE bytes.
 * partition_type_name - a short name, "Linux data"; NULL: unknown.
 */
void partition_type_code(const struct partition *part, char *buf);
const char *partition_type_name(const struct partition *part);

/*
 * partition_describe - summarize the table for messages, for example
 * "MBR has types 83 Linux, 82 Linux swap; no GPT" or "GPT has types EFI system,
 * Linux data"; a disk without a table by what it holds, see probe.h. Types that
 * do not fit are counted. `size`: at least PARTITION_TEXT_MIN bytes.
 */
#define PARTITION_TEXT_MIN 180u
void partition_describe(struct block_device *bd, char *buf, size_t size);

#endif

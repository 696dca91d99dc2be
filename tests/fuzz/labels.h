/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything that reads a disk's label, over a hostile disk. */
#ifndef TESTS_FUZZ_LABELS_H
#define TESTS_FUZZ_LABELS_H

#include "tests/fake/block_table.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"

/*
 * fuzz_labels - scan, describe, probe, list and search the disk as a boot and
 * the prompt do. Asserts that all of it ends, stays inside the disk, and says
 * why. The including program links the file systems that it wants.
 */
void fuzz_labels(struct fake_block *disk);

/*
 * fuzz_labels_seal - correct the checksums of the GPT header at block `lba`, if
 * what it names is on the disk.
 */
void fuzz_labels_seal(struct fake_block *disk, uint64_t lba);

#endif

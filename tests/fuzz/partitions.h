/* SPDX-License-Identifier: BSD-2-Clause */
/* What the targets for partition tables do with a disk. */
#ifndef TESTS_FUZZ_PARTITIONS_H
#define TESTS_FUZZ_PARTITIONS_H

#include "packages/partition.h"
#include "tests/fake/block.h"
#include "tests/fuzz/input.h"

/* fuzz_partitions - walk both ways, describe; check what is handed out. */
void fuzz_partitions(struct fake_block *disk);

#endif

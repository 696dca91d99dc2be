/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine with fake NVMe controllers: the real PCI and DMA code over fake
 * hypercalls, which are counted: configuration space, registers, TCEs.
 */
#ifndef TESTS_FAKE_NVME_MACHINE_H
#define TESTS_FAKE_NVME_MACHINE_H

#include "drivers/block.h"
#include "tests/fake/hcall.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

#define FAKE_NVMES 4u

/*
 * fake_nvme_plug - an empty machine; fake_nvme_device - the first controllers
 * get devices and are scanned. fake_nvme_unplug: remove all; fails if anything
 * is still allocated or mapped.
 */
int fake_nvme_plug(void **state);
int fake_nvme_unplug(void **state);
void fake_nvme_device(unsigned count);

/* fake_nvme_block - the block device of a path, which must be there. */
struct block_device *fake_nvme_block(const char *path);

/*
 * fake_nvme_dma - memory that a controller reaches at a bus address, `dir` as
 * it is mapped. NULL: it does not; this counts as stray.
 */
enum fake_nvme_dir {
	FAKE_NVME_READS = 1,
	FAKE_NVME_WRITES = 2
};
void *fake_nvme_dma(uint64_t bus, size_t len, enum fake_nvme_dir dir);

struct fake_nvme_machine {
	uint64_t bar_size; /* 0: no address */
	unsigned pages;	   /* of the DMA window */
	long allocations;  /* that succeed; negative: all do */
	/* Called at each access and mapping, if set: what happens meanwhile. */
	void (*meanwhile)(void);
	bool master[FAKE_NVMES];
	unsigned strays; /* accesses to what is not mapped */
	unsigned mapped; /* pages */
};
extern struct fake_nvme_machine fake_nvme_machine;

/* fake_nvme_calls - hypercalls since the last call of it. */
unsigned fake_nvme_calls(void);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/* Walks over a hostile partition table. */
#include "tests/fuzz/partitions.h"

#include "packages/partition_describe.h"
#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"

/* More than one table of the disks that are made can hold. */
#define WALK_MAX 1000u

static void check(const struct fake_block *disk, const struct partition *part)
{
	uint8_t sector[512];

	assert(part->number > 0);
	assert(part->scheme != PARTITION_NONE);
	assert(part->volume.start < disk->size);
	assert(part->volume.size <= disk->size - part->volume.start);
	if (part->volume.size >= sizeof(sector))
		assert(!volume_read(&part->volume, 0, sector, sizeof(sector)));
	assert(volume_read(&part->volume, part->volume.size, sector, 1));
}

static int each(void *arg, const struct partition *part)
{
	uint32_t *last = arg;

	assert(part->number > *last);
	*last = part->number;
	return 0;
}

void fuzz_partitions(struct fake_block *disk)
{
	struct partition part;
	uint32_t number = 0, last = 0;
	unsigned n = 0;
	char text[PARTITION_TEXT_MIN];

	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	while (!partition_next(&disk->bd, number, &part)) {
		assert(part.number > number);
		assert(n++ < WALK_MAX);
		number = part.number;
		check(disk, &part);
	}
	(void)!partition_scan(&disk->bd, each, &last);
	partition_describe(&disk->bd, text, sizeof(text));
	assert(strnlen(text, sizeof(text)) < sizeof(text));
}

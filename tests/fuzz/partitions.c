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

struct walk {
	struct fake_block *disk;
	uint32_t last;
	unsigned count;
};

static int each(void *arg, const struct partition *part)
{
	struct walk *walk = arg;

	assert(part->number > walk->last);
	assert(walk->count++ < WALK_MAX);
	walk->last = part->number;
	check(walk->disk, part);
	return 0;
}

void fuzz_partitions(struct fake_block *disk)
{
	struct walk walk = { .disk = disk };
	struct partition part;
	char text[PARTITION_TEXT_MIN];

	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	(void)!partition_scan(&disk->bd, each, &walk);
	/* Where the walk ended well, each is found again. */
	if (walk.last && !partition_get(&disk->bd, walk.last, &part))
		assert(part.number == walk.last);
	partition_describe(&disk->bd, text, sizeof(text));
	assert(strnlen(text, sizeof(text)) < sizeof(text));
}

// SPDX-License-Identifier: BSD-2-Clause
// A disk as a struct bootable: the search, its choices, their bytes.
#include "packages/disk_bootable.h"

#include "drivers/block.h"
#include "packages/disk_boot.h"
#include "packages/partition.h"

struct bootable_disk {
	struct disk_search search;
	struct disk_boot found;
	struct disk_target target; /* open */
};

static int bootable_begin(void *search, struct device *dev, const char *args)
{
	struct bootable_disk *disk = search;

	(void)args;
	disk->search.bd = block_of(dev);
	return block_open(disk->search.bd);
}

static void bootable_end(void *search)
{
	struct bootable_disk *disk = search;

	block_close(disk->search.bd);
}

/* GRUB in a PReP partition has its own prefix: a path without args will do. */
static int bootable_next(void *search, struct boot_choice *choice)
{
	struct bootable_disk *disk = search;
	int rc = disk_boot_next(&disk->search, &disk->found);
	struct disk_args args = disk_boot_args(&disk->found);

	if (rc)
		return rc;
	disk_args_text(&args, choice->args, sizeof(choice->args));
	choice->bare = disk->found.is_prep;
	memcpy(choice->client_args, disk->found.client_args,
	       sizeof(disk->found.client_args));
	return 0;
}

static int bootable_open(void *search, struct image *img)
{
	struct bootable_disk *disk = search;

	return disk_boot_open(disk->search.bd, &disk->found, &disk->target,
			      img);
}

static void bootable_close(void *search)
{
	struct bootable_disk *disk = search;

	disk_target_close(&disk->target);
	disk->target = (struct disk_target){ 0 };
}

static void bootable_measure(struct device *dev)
{
	partition_measure(block_of(dev));
}

const struct bootable disk_bootable = {
	.size = sizeof(struct bootable_disk),
	.begin = bootable_begin,
	.end = bootable_end,
	.next = bootable_next,
	.open = bootable_open,
	.close = bootable_close,
	.measure = bootable_measure,
};

// SPDX-License-Identifier: BSD-2-Clause
// Finds a partition table of either kind and walks it.
#include "packages/partition.h"

#include <string.h>

#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/measure.h"
#include "packages/partition_scheme.h"
#include "packages/probe.h"

/* 9e1a2d38-c612-4316-aa26-8b49521e5a8b, first three fields little-endian. */
const uint8_t partition_guid_prep[16] = { 0x38, 0x2d, 0x1a, 0x9e, 0x12, 0xc6,
					  0x16, 0x43, 0xaa, 0x26, 0x8b, 0x49,
					  0x52, 0x1e, 0x5a, 0x8b };

int partition_visit(struct block_device *bd, struct partition *part,
		    uint64_t lba, uint64_t count,
		    const struct partition_visitor *visitor)
{
	int err = volume_slice(bd, lba, count, &part->volume);

	if (err == ERR_RANGE) {
		reason_fail(err, "partition %u: %s", part->number, reason());
		return 0;
	}
	return err < 0 ? err : visitor->each(visitor->arg, part);
}

int partition_scan(struct block_device *bd,
		   int (*each)(void *arg, const struct partition *part),
		   void *arg)
{
	struct partition_visitor visitor = { each, arg };
	uint8_t mbr[PARTITION_MBR_SIZE];
	struct volume disk;
	int err = volume_whole(bd, &disk);

	if (err < 0)
		return err;
	err = volume_read(&disk, 0, mbr, sizeof(mbr));
	if (err < 0 && err != ERR_RANGE)
		return err;
	reason_clear();
	switch (err < 0 ? PARTITION_NONE : partition_mbr_scheme(mbr)) {
	case PARTITION_MBR:
		return partition_mbr_scan(bd, mbr, &visitor);
	case PARTITION_GPT:
		return partition_gpt_scan(bd, mbr, &visitor);
	case PARTITION_NONE:
		break;
	}
	return reason_fail(ERR_FORMAT, "no partition table");
}

/* The code in the MBR never runs. */
#define PARTITION_MBR_TABLE 440u

void partition_measure(struct block_device *bd)
{
	uint8_t mbr[PARTITION_MBR_SIZE], *data;
	struct volume disk;
	size_t len;

	if (!measure_is_on() || volume_whole(bd, &disk) ||
	    volume_read(&disk, 0, mbr, sizeof(mbr)))
		return;
	switch (partition_mbr_scheme(mbr)) {
	case PARTITION_MBR:
		measure_later(MEASURE_MBR, NULL, mbr + PARTITION_MBR_TABLE,
			      sizeof(mbr) - PARTITION_MBR_TABLE);
		break;
	case PARTITION_GPT:
		if (partition_gpt_data(bd, &data, &len))
			break;
		measure_later(MEASURE_GPT, NULL, data, len);
		heap_free(data);
		break;
	case PARTITION_NONE:
		break;
	}
}

int partition_explain(struct block_device *bd, int err)
{
	uint8_t mbr[PARTITION_MBR_SIZE];
	struct volume disk;
	struct probe probe;

	if (err != ERR_FORMAT || volume_whole(bd, &disk) ||
	    probe_volume(&disk, &probe))
		return err;
	if (volume_read(&disk, 0, mbr, sizeof(mbr)) == 0 &&
	    partition_mbr_scheme(mbr) != PARTITION_NONE)
		return err;
	return reason_fail(err, "no partition table: %s; %s", probe.name,
			   probe.advice);
}

uint32_t partition_other_blocks(const struct volume *disk, uint64_t lba,
				const uint8_t *magic, size_t len)
{
	uint8_t found[8];
	uint32_t size;

	assert(len <= sizeof(found));
	for (size = BLOCK_SIZE_MIN; size <= BLOCK_SIZE_MAX; size *= 2) {
		if (volume_read(disk, lba * size, found, len))
			return 0;
		if (size != disk->block_size && !memcmp(found, magic, len))
			return size;
	}
	return 0;
}

/* A search for a partition by number. */
struct partition_search {
	uint32_t number;
	struct partition *out;
};

#define PARTITION_FOUND 1

static int partition_match(void *arg, const struct partition *part)
{
	struct partition_search *search = arg;

	if (part->number != search->number)
		return 0;
	*search->out = *part;
	return PARTITION_FOUND;
}

int partition_get(struct block_device *bd, uint32_t number,
		  struct partition *out)
{
	struct partition_search search = { number, out };
	int rc = partition_scan(bd, partition_match, &search);

	if (rc == PARTITION_FOUND)
		return 0;
	if (rc < 0)
		return rc;
	/* If the scan skipped a partition, reason() says why. */
	return reason_fail(ERR_NOENT, "no partition %u%s%s", number,
			   *reason() ? ": " : "", reason());
}

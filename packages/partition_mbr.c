// SPDX-License-Identifier: BSD-2-Clause
// The master boot record and its chain of logical partitions.
#include "packages/partition_scheme.h"

#include "lib/endian.h"
#include "lib/reason.h"

#define MBR_ENTRIES 4

/* UEFI 2.10, 5.2.1: LBAs and counts are in blocks of the device. */
struct mbr_entry {
	uint8_t status;
	uint8_t first_chs[3];
	uint8_t type;
	uint8_t last_chs[3];
	le32 start;
	le32 count;
} __attribute__((packed));
static_assert(sizeof(struct mbr_entry) == 16, "UEFI 2.10, 5.2.1");

struct mbr {
	uint8_t code[446];
	struct mbr_entry entry[MBR_ENTRIES];
	uint8_t signature[2];
} __attribute__((packed));
static_assert(sizeof(struct mbr) == PARTITION_MBR_SIZE, "UEFI 2.10, 5.2.1");

#define MBR_STATUS_ACTIVE 0x80
#define MBR_TYPE_PROTECTIVE 0xee /* UEFI 2.10, 5.2.2 */

/* Linux's include/linux/msdos_partition.h: DOS, Windows (LBA), Linux. */
#define MBR_TYPE_EXTENDED 0x05
#define MBR_TYPE_EXTENDED_LBA 0x0f
#define MBR_TYPE_EXTENDED_LINUX 0x85

/*
 * The most logical partitions that are read. Linux stops at 256 minors per disk
 * (block/partitions/core.c), so no disk has more.
 */
#define MBR_LOGICAL_MAX 256u
#define MBR_LOGICAL_FIRST 5u

/* A walk along one chain of extended boot records. */
struct mbr_chain {
	struct block_device *bd;
	const struct partition_visitor *visitor;
	uint64_t base;	   /* the extended partition's first block */
	uint64_t lba;	   /* of this record */
	uint64_t trap;	   /* an earlier record: reaching it again is a loop */
	uint32_t links;	   /* followed so far */
	uint32_t number;   /* of the next logical partition */
	struct mbr record; /* the one at lba */
};

static bool mbr_is_extended(const struct mbr_entry *entry)
{
	return entry->type == MBR_TYPE_EXTENDED ||
	       entry->type == MBR_TYPE_EXTENDED_LBA ||
	       entry->type == MBR_TYPE_EXTENDED_LINUX;
}

static bool mbr_is_used(const struct mbr_entry *entry)
{
	return entry->type != 0 && le32_get(entry->count) != 0;
}

static bool mbr_has_signature(const struct mbr *mbr)
{
	return mbr->signature[0] == 0x55 && mbr->signature[1] == 0xaa;
}

enum partition_scheme partition_mbr_scheme(const uint8_t *data)
{
	enum partition_scheme scheme = PARTITION_MBR;
	struct mbr mbr;
	int i;

	memcpy(&mbr, data, sizeof(mbr));
	if (!mbr_has_signature(&mbr))
		return PARTITION_NONE;
	for (i = 0; i < MBR_ENTRIES; i++) {
		/* A FAT boot sector also has the signature, but code here. */
		if (mbr.entry[i].status & ~MBR_STATUS_ACTIVE)
			return PARTITION_NONE;
		if (mbr.entry[i].type == MBR_TYPE_PROTECTIVE)
			scheme = PARTITION_GPT;
	}
	return scheme;
}

bool partition_mbr_is_hybrid(const uint8_t *data)
{
	struct mbr mbr;
	int i;

	memcpy(&mbr, data, sizeof(mbr));
	for (i = 0; i < MBR_ENTRIES; i++) {
		if (mbr_is_used(&mbr.entry[i]) &&
		    mbr.entry[i].type != MBR_TYPE_PROTECTIVE)
			return true;
	}
	return false;
}

static int mbr_visit(struct block_device *bd, const struct mbr_entry *entry,
		     uint32_t number, uint64_t base,
		     const struct partition_visitor *visitor)
{
	struct partition part = {
		.scheme = PARTITION_MBR,
		.number = number,
		.active = entry->status == MBR_STATUS_ACTIVE,
		.mbr_type = entry->type,
	};

	return partition_visit(bd, &part, base + le32_get(entry->start),
			       le32_get(entry->count), visitor);
}

static int mbr_visit_logical(struct mbr_chain *chain)
{
	const struct mbr_entry *entry = chain->record.entry;
	int rc = 0;
	int i;

	for (i = 0; i < MBR_ENTRIES && rc == 0; i++) {
		if (!mbr_is_used(&entry[i]) || mbr_is_extended(&entry[i]))
			continue;
		rc = mbr_visit(chain->bd, &entry[i], chain->number++,
			       chain->lba, chain->visitor);
	}
	return rc;
}

/* Advances to the next record; false: this was the last. */
static bool mbr_follow(struct mbr_chain *chain)
{
	const struct mbr_entry *entry = chain->record.entry;
	int i;

	for (i = 0; i < MBR_ENTRIES; i++) {
		if (!mbr_is_used(&entry[i]) || !mbr_is_extended(&entry[i]))
			continue;
		/* Brent's cycle detection: the trap moves at powers of 2. */
		chain->links++;
		if (IS_POWER_OF_2(chain->links))
			chain->trap = chain->lba;
		chain->lba = chain->base + le32_get(entry[i].start);
		return true;
	}
	return false;
}

static int mbr_scan_chain(struct mbr_chain *chain)
{
	struct volume disk;
	int rc = volume_whole(chain->bd, &disk);

	if (rc)
		return rc;
	do {
		if (chain->lba == chain->trap ||
		    chain->links == MBR_LOGICAL_MAX)
			return reason_fail(
				ERR_FORMAT,
				"the chain of logical partitions loops");
		rc = volume_read(&disk, chain->lba * disk.block_size,
				 &chain->record, sizeof(chain->record));
		if (rc && rc != ERR_RANGE)
			return rc;
		if (rc || !mbr_has_signature(&chain->record))
			return reason_fail(
				ERR_FORMAT,
				"no extended boot record at block %llu",
				(unsigned long long)chain->lba);
		rc = mbr_visit_logical(chain);
	} while (rc == 0 && mbr_follow(chain));
	return rc;
}

int partition_mbr_scan(struct block_device *bd, const uint8_t *data,
		       const struct partition_visitor *visitor)
{
	struct mbr_chain chain = { .bd = bd,
				   .visitor = visitor,
				   .number = MBR_LOGICAL_FIRST };
	struct mbr_entry entry[MBR_ENTRIES];
	int rc = 0;
	uint32_t i;

	memcpy(entry, data + offsetof(struct mbr, entry), sizeof(entry));
	for (i = 0; i < MBR_ENTRIES && rc == 0; i++) {
		if (mbr_is_used(&entry[i]) && !mbr_is_extended(&entry[i]))
			rc = mbr_visit(bd, &entry[i], i + 1, 0, visitor);
	}
	for (i = 0; i < MBR_ENTRIES && rc == 0; i++) {
		if (!mbr_is_used(&entry[i]) || !mbr_is_extended(&entry[i]))
			continue;
		chain.base = chain.lba = le32_get(entry[i].start);
		chain.trap = UINT64_MAX;
		chain.links = 0;
		rc = mbr_scan_chain(&chain);
	}
	return rc;
}

uint32_t partition_foreign_blocks(struct block_device *bd)
{
	static const uint8_t elf[4] = { 0x7f, 'E', 'L', 'F' }; /* gABI, 4 */
	struct volume disk;
	struct mbr mbr;
	uint32_t size = 0;
	int i;

	if (volume_whole(bd, &disk) ||
	    volume_read(&disk, 0, &mbr, sizeof(mbr)) ||
	    partition_mbr_scheme((const uint8_t *)&mbr) != PARTITION_MBR)
		return 0;
	for (i = 0; i < MBR_ENTRIES && !size; i++) {
		if (mbr.entry[i].type == PARTITION_MBR_PREP)
			size = partition_other_blocks(
				&disk, le32_get(mbr.entry[i].start), elf,
				sizeof(elf));
	}
	return size;
}

// SPDX-License-Identifier: BSD-2-Clause
// The GUID partition table (UEFI 2.10, 5.3), primary and backup.
#include "packages/partition_scheme.h"

#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/crc32.h"

#define GPT_PRIMARY_LBA 1u
#define GPT_ENTRY_MIN 128u /* UEFI 2.10, 5.3.2: 128 x 2^n */

/*
 * The largest array of entries that is read: 32768 entries, where 128 in 16 KiB
 * are usual. A header can claim 16 EiB, and all of it would be read for the
 * checksum.
 */
#define GPT_ARRAY_MAX (4 * MiB)

/* Bytes of a reason, of which a message has two. */
#define GPT_REASON 160

/* UEFI 2.10, table 5.5. */
struct gpt_header {
	uint8_t signature[8];
	le32 revision;
	le32 header_size;
	le32 header_crc;
	le32 reserved;
	le64 my_lba;
	le64 alternate_lba;
	le64 first_usable;
	le64 last_usable;
	uint8_t disk_guid[16];
	le64 entries_lba;
	le32 entry_count;
	le32 entry_size;
	le32 entries_crc;
} __attribute__((packed));
static_assert(sizeof(struct gpt_header) == 92, "UEFI 2.10, table 5.5");

/* UEFI 2.10, table 5.6. */
struct gpt_entry {
	uint8_t type[16];
	uint8_t unique[16];
	le64 first;
	le64 last; /* inclusive */
	le64 attributes;
	uint8_t name[72];
};
static_assert(sizeof(struct gpt_entry) == GPT_ENTRY_MIN,
	      "UEFI 2.10, table 5.6");

struct gpt {
	struct gpt_header header; /* the one that is used */
	uint8_t *entries;	  /* owned */
	uint32_t count;
	uint32_t entry_size;
	bool backup, hybrid;
};

static const uint8_t gpt_signature[8] = "EFI PART";

static bool gpt_has_signature(const struct gpt_header *header)
{
	return !memcmp(header->signature, gpt_signature, sizeof(gpt_signature));
}

/* `block`: the device block at `lba`, whose header is copied to `header`. */
static int gpt_check_header(const struct volume *disk, uint64_t lba,
			    uint8_t *block, struct gpt_header *header)
{
	uint32_t size, crc;

	memcpy(header, block, sizeof(*header));
	if (!gpt_has_signature(header))
		return reason_fail(ERR_FORMAT, "no header");
	size = le32_get(header->header_size);
	if (size < sizeof(*header) || size > disk->block_size)
		return reason_fail(ERR_FORMAT, "header size is %u bytes", size);
	/* The checksum is computed with its own field zero. */
	memset(block + offsetof(struct gpt_header, header_crc), 0,
	       sizeof(header->header_crc));
	crc = crc32_update(0, block, size);
	if (crc != le32_get(header->header_crc))
		return reason_fail(ERR_CHECKSUM,
				   "header checksum is %08x, not %08x", crc,
				   le32_get(header->header_crc));
	if (le64_get(header->my_lba) != lba)
		return reason_fail(
			ERR_FORMAT, "header is for block %llu",
			(unsigned long long)le64_get(header->my_lba));
	return 0;
}

static int gpt_read_header(const struct volume *disk, uint64_t lba,
			   struct gpt_header *header)
{
	uint32_t size = disk->block_size;
	uint8_t *block = heap_alloc(size);
	int err;

	if (!block)
		return reason_fail(ERR_NOMEM, "no memory for the header");
	err = volume_read(disk, lba * size, block, size);
	if (err == 0)
		err = gpt_check_header(disk, lba, block, header);
	heap_free(block);
	return err;
}

static int gpt_read_entries(const struct volume *disk, struct gpt *gpt)
{
	const struct gpt_header *header = &gpt->header;
	uint64_t lba = le64_get(header->entries_lba);
	uint32_t size = le32_get(header->entry_size);
	uint32_t count = le32_get(header->entry_count);
	uint64_t bytes = (uint64_t)size * count;
	int err;

	if (size < GPT_ENTRY_MIN || !IS_POWER_OF_2(size))
		return reason_fail(ERR_FORMAT, "entry size is %u bytes", size);
	if (bytes > GPT_ARRAY_MAX || lba > disk->size / disk->block_size)
		return reason_fail(ERR_FORMAT, "%u entries at block %llu",
				   count, (unsigned long long)lba);
	gpt->entries = heap_alloc((size_t)bytes);
	if (!gpt->entries)
		return reason_fail(ERR_NOMEM, "no memory for %u entries",
				   count);
	err = volume_read(disk, lba * disk->block_size, gpt->entries,
			  (size_t)bytes);
	if (err == 0 && crc32_update(0, gpt->entries, (size_t)bytes) !=
				le32_get(header->entries_crc))
		err = reason_fail(ERR_CHECKSUM,
				  "wrong checksum of the entries");
	if (err < 0)
		heap_free(gpt->entries);
	gpt->count = count;
	gpt->entry_size = size;
	return err;
}

/* The header receives what is there, also if it is broken. */
static int gpt_load_at(const struct volume *disk, uint64_t lba, struct gpt *gpt)
{
	int err = gpt_read_header(disk, lba, &gpt->header);

	return err < 0 ? err : gpt_read_entries(disk, gpt);
}

/*
 * The backup is in the last block (UEFI 2.10, 5.3.1), or where the broken
 * primary, in `gpt`, says: the disk has grown since. `why`: GPT_REASON bytes,
 * receives why the one in the last block cannot be used.
 */
static int gpt_load_backup(const struct volume *disk, struct gpt *gpt,
			   char *why)
{
	uint64_t last = disk->size / disk->block_size - 1;
	uint64_t other = 0;
	int err;

	if (gpt_has_signature(&gpt->header))
		other = le64_get(gpt->header.alternate_lba);
	err = gpt_load_at(disk, last, gpt);
	if (err == 0)
		return 0;
	fmt_str(why, GPT_REASON, "%s", reason());
	if (other <= GPT_PRIMARY_LBA || other >= last)
		return err;
	return gpt_load_at(disk, other, gpt);
}

/*
 * The primary wins; the backup is read only if the primary cannot be used.
 * Nothing is repaired.
 *
 * A table is used only if the checksums of header and entries match and the
 * header is for the block it was read from: a copy elsewhere is stale. But
 * checksums do not make entries harmless: partition_visit() cuts each partition
 * at the end of the disk. first_usable and last_usable are ignored.
 */
static int gpt_load(const struct volume *disk, struct gpt *gpt)
{
	uint64_t blocks = disk->size / disk->block_size;
	char primary[GPT_REASON], backup[GPT_REASON] = "the disk is too small";
	uint32_t foreign = 0;
	bool has_signature;
	int err = gpt_load_at(disk, GPT_PRIMARY_LBA, gpt);

	if (err == 0)
		return 0;
	fmt_str(primary, sizeof(primary), "%s", reason());
	has_signature = gpt_has_signature(&gpt->header);
	gpt->backup = true;
	if (blocks > GPT_PRIMARY_LBA + 1 &&
	    gpt_load_backup(disk, gpt, backup) == 0) {
		/* The caller's warning prints it. */
		reason_fail(err, "GPT: %s; using the backup", primary);
		return 0;
	}
	if (err == ERR_FORMAT && !has_signature)
		foreign = partition_other_blocks(disk, GPT_PRIMARY_LBA,
						 gpt_signature,
						 sizeof(gpt_signature));
	if (foreign)
		return reason_fail(err,
				   "the GPT was written for blocks of %u bytes,"
				   " this device has %u",
				   foreign, disk->block_size);
	return reason_fail(err, "GPT: %s; backup: %s", primary, backup);
}

/* Entry `index`; false: it is no partition. */
static bool gpt_get_entry(const struct gpt *gpt, uint32_t index,
			  struct gpt_entry *entry)
{
	static const uint8_t unused[16];

	memcpy(entry, gpt->entries + (size_t)index * gpt->entry_size,
	       sizeof(*entry));
	return memcmp(entry->type, unused, sizeof(unused)) &&
	       le64_get(entry->last) >= le64_get(entry->first);
}

static int gpt_visit(struct block_device *bd, const struct gpt *gpt,
		     uint32_t index, const struct partition_visitor *visitor)
{
	struct partition part = { .scheme = PARTITION_GPT,
				  .number = index + 1,
				  .backup = gpt->backup,
				  .hybrid = gpt->hybrid };
	struct gpt_entry entry;
	uint64_t first, last;

	if (!gpt_get_entry(gpt, index, &entry))
		return 0;
	first = le64_get(entry.first);
	last = le64_get(entry.last);
	memcpy(part.guid, entry.type, sizeof(part.guid));
	/* The count of [0, UINT64_MAX] would wrap to 0; it is cut anyway. */
	return partition_visit(bd, &part, first,
			       MIN(last - first, UINT64_MAX - 1) + 1, visitor);
}

static int gpt_open(struct block_device *bd, struct gpt *gpt)
{
	struct volume disk;
	int rc = volume_whole(bd, &disk);

	memset(gpt, 0, sizeof(*gpt));
	return rc ? rc : gpt_load(&disk, gpt);
}

int partition_gpt_scan(struct block_device *bd, const uint8_t *mbr,
		       const struct partition_visitor *visitor)
{
	struct gpt gpt;
	uint32_t i;
	int rc = gpt_open(bd, &gpt);

	if (rc)
		return rc;
	gpt.hybrid = partition_mbr_is_hybrid(mbr);
	for (i = 0; i < gpt.count && rc == 0; i++)
		rc = gpt_visit(bd, &gpt, i, visitor);
	heap_free(gpt.entries);
	return rc;
}

/* UEFI_GPT_DATA. [PC Client Platform Firmware Profile 1.06, 10.4.6] */
struct gpt_data {
	struct gpt_header header;
	le64 count;
	struct gpt_entry entries[PARTITION_GPT_DATA_MAX];
} __attribute__((packed));

/* Copies the header and what are partitions. Returns the bytes in use. */
static size_t gpt_copy(const struct gpt *gpt, struct gpt_data *data)
{
	struct gpt_entry entry;
	uint32_t used = 0;

	data->header = gpt->header;
	for (uint32_t i = 0; i < gpt->count && used < PARTITION_GPT_DATA_MAX;
	     i++) {
		if (gpt_get_entry(gpt, i, &entry))
			data->entries[used++] = entry;
	}
	data->count = le64_make(used);
	return offsetof(struct gpt_data, entries) +
	       used * sizeof(data->entries[0]);
}

int partition_gpt_data(struct block_device *bd, uint8_t **data, size_t *len)
{
	struct gpt gpt;
	int rc = gpt_open(bd, &gpt);

	if (rc)
		return rc;
	*data = heap_alloc(sizeof(struct gpt_data));
	if (*data)
		*len = gpt_copy(&gpt, (struct gpt_data *)*data);
	else
		rc = reason_fail(ERR_NOMEM, "no memory for the table");
	heap_free(gpt.entries);
	return rc;
}

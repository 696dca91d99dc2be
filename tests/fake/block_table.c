// SPDX-License-Identifier: BSD-2-Clause
// Partition tables for tests, made byte by byte (UEFI 2.10, 5).
#include "tests/fake/block_table.h"

#include <string.h>

#include "lib/endian.h"

/* Some data partition's type. */
static const uint8_t some_guid[16] = "some type's guid";

void table_mbr(struct fake_block *fake, uint64_t lba, unsigned slot,
	       uint8_t status, uint8_t type, uint32_t start, uint32_t count)
{
	uint8_t *record = fake->data + lba * fake->block_size;
	uint8_t *entry = record + 446 + (size_t)16 * slot;

	entry[0] = status;
	entry[4] = type;
	le32_store(entry + 8, start);
	le32_store(entry + 12, count);
	record[510] = 0x55;
	record[511] = 0xaa;
}

/* Bit by bit: independent of the tested implementation. */
static uint32_t table_crc(const uint8_t *p, size_t len)
{
	uint32_t crc = 0xffffffff;

	while (len--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static uint32_t entry_size(const struct table_gpt *gpt)
{
	return gpt->entry_size ? gpt->entry_size : 128;
}

static uint32_t entry_count(const struct table_gpt *gpt)
{
	return gpt->count ? gpt->count : 128;
}

static uint64_t last_lba(const struct fake_block *fake)
{
	return fake->size / fake->block_size - 1;
}

/* Where the entries of the header at `lba` are. */
static uint64_t entries_lba(const struct fake_block *fake,
			    const struct table_gpt *gpt, uint64_t lba)
{
	uint64_t bytes = (uint64_t)entry_size(gpt) * entry_count(gpt);

	return lba == 1 ? 2
			: lba - (bytes + fake->block_size - 1) /
					  fake->block_size;
}

void table_gpt_seal(struct fake_block *fake, uint64_t lba)
{
	uint8_t *h = fake->data + lba * fake->block_size;
	size_t start = le64_load(h + 72) * fake->block_size;
	size_t len = (size_t)le32_load(h + 80) * le32_load(h + 84);

	if (start <= fake->size && len <= fake->size - start)
		le32_store(h + 88, table_crc(fake->data + start, len));
	le32_store(h + 16, 0);
	le32_store(h + 16, table_crc(h, le32_load(h + 12)));
}

static void table_gpt_header(struct fake_block *fake,
			     const struct table_gpt *gpt, uint64_t lba,
			     uint64_t other)
{
	uint8_t *h = fake->data + lba * fake->block_size;

	memcpy(h, "EFI PART", 8);
	le32_store(h + 8, 0x10000);
	le32_store(h + 12, 92);
	le64_store(h + 24, lba);
	le64_store(h + 32, other);
	le64_store(h + 40, 34);
	le64_store(h + 48, last_lba(fake) - 33);
	le64_store(h + 72, entries_lba(fake, gpt, lba));
	le32_store(h + 80, entry_count(gpt));
	le32_store(h + 84, entry_size(gpt));
	table_gpt_seal(fake, lba);
}

void table_gpt(struct fake_block *fake, const struct table_gpt *gpt)
{
	table_mbr(fake, 0, 0, 0, 0xee, 1, 0xffffffff);
	table_gpt_header(fake, gpt, 1, last_lba(fake));
	table_gpt_header(fake, gpt, last_lba(fake), 1);
}

void table_gpt_entry(struct fake_block *fake, const struct table_gpt *gpt,
		     unsigned index, const uint8_t *guid, uint64_t first,
		     uint64_t last)
{
	uint64_t headers[] = { 1, last_lba(fake) };

	for (unsigned i = 0; i < 2; i++) {
		uint64_t lba = entries_lba(fake, gpt, headers[i]);
		uint8_t *e = fake->data + lba * fake->block_size +
			     (size_t)index * entry_size(gpt);

		memcpy(e, guid ? guid : some_guid, 16);
		le64_store(e + 32, first);
		le64_store(e + 40, last);
		table_gpt_seal(fake, headers[i]);
	}
}

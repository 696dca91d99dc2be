// SPDX-License-Identifier: BSD-2-Clause
// Labels with single fields changed at random: whatever they say, reading them
// ends, stays on the disk and has a reason. See tests/fuzz/labels.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "packages/filesystem.h"
#include "packages/partition.h"
#include "tests/fake/block_table.h"
#include "tests/fake/heap.h"
#include "tests/fake/table.h"
#include "tests/fuzz/labels.h"

TABLE_LINK(filesystems, filesystem_iso9660);

#define SIZE (192u * 1024)
#define BLOCKS (SIZE / 512)
#define ROUNDS 500u

static struct fake_block disk;
static uint32_t seed;

/* Numerical Recipes' generator; its high bits are the better ones. */
static uint32_t pick(uint32_t limit)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * limit >> 32);
}

/* A value as a tester would choose it. */
static uint64_t pick_value(void)
{
	static const uint64_t edges[] = {
		0,	    1,		2,	    33,	       34,
		92,	    127,	128,	    512,       513,
		1024,	    4096,	BLOCKS - 1, BLOCKS,    BLOCKS + 1,
		0x7fffffff, 0x80000000, UINT32_MAX, INT64_MAX, UINT64_MAX,
		1ull << 55, 1ull << 54,
	};
	uint32_t n = pick(2 * ARRAY_SIZE(edges));

	return n < ARRAY_SIZE(edges) ? edges[n] : pick(BLOCKS);
}

/* Sets a little-endian field of `size` bytes. */
static void set(size_t at, size_t size, uint64_t value)
{
	for (size_t i = 0; i < size; i++)
		disk.data[at + i] = (uint8_t)(value >> 8 * i);
}

static void begin(void)
{
	fake_block_init(&disk, NULL, SIZE, 512);
	/* A program where PReP partitions begin, and one for 4096. */
	memcpy(disk.data + (size_t)64 * 512, "\177ELF", 4);
	memcpy(disk.data + (size_t)40 * 4096, "\177ELF", 4);
}

static void end(void)
{
	fuzz_labels(&disk);
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

static void seed_from(uint32_t first)
{
	seed = first;
	print_message("seed %u, %u rounds\n", first, ROUNDS);
}

static void put_mbr(void)
{
	table_mbr(&disk, 0, 0, 0x80, 0x41, 64, 32);
	table_mbr(&disk, 0, 1, 0, 0x83, 96, 32);
	table_mbr(&disk, 0, 2, 0, 0x05, 128, 100);
	table_mbr(&disk, 128, 0, 0, 0x41, 1, 16);
	table_mbr(&disk, 128, 1, 0, 0x05, 20, 16);
	table_mbr(&disk, 148, 0, 0, 0x83, 1, 16);
}

/* One field of an entry of the record at `lba`, or its signature. */
static void change_record(uint32_t lba)
{
	static const struct {
		uint8_t offset, size;
	} fields[] = { { 0, 1 }, { 1, 3 }, { 4, 1 }, { 8, 4 }, { 12, 4 } };
	static const uint8_t types[] = { 0, 0x05, 0x0f, 0x41, 0x83, 0x85, 0xee };
	uint32_t entry = pick(4), field = pick(6);
	size_t at = (size_t)lba * 512 + 446 + (size_t)16 * entry;

	if (field == ARRAY_SIZE(fields))
		set((size_t)lba * 512 + 510, 2, pick(0x10000));
	else if (field == 2 && pick(2))
		set(at + 4, 1, types[pick(ARRAY_SIZE(types))]);
	else
		set(at + fields[field].offset, fields[field].size,
		    pick_value());
}

static void fields_of_an_mbr_may_say_anything(void **state)
{
	(void)state;
	seed_from(1);
	for (unsigned i = 0; i < ROUNDS; i++) {
		begin();
		put_mbr();
		for (uint32_t n = 1 + pick(4); n; n--)
			change_record(0);
		end();
	}
}

static void records_of_a_chain_may_say_anything(void **state)
{
	static const uint32_t records[] = { 128, 148, 100 };

	(void)state;
	seed_from(2);
	for (unsigned i = 0; i < ROUNDS; i++) {
		begin();
		put_mbr();
		for (uint32_t n = 1 + pick(6); n; n--)
			change_record(records[pick(3)]);
		/* The chain leads to any block, also back. */
		if (pick(2))
			set((size_t)128 * 512 + 446 + 16 + 8, 4,
			    (uint32_t)(pick(BLOCKS) - 128));
		end();
	}
}

static const struct table_gpt gpt = { .count = 16 };

static void put_gpt(void)
{
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, partition_guid_prep, 64, 95);
	table_gpt_entry(&disk, &gpt, 2, NULL, 96, 127);
	table_gpt_entry(&disk, &gpt, 5, partition_guid_prep, 128, 159);
	if (pick(2))
		table_mbr(&disk, 0, 1 + pick(3), 0, 0x41, 64, 32);
}

/* UEFI 2.10, table 5.5. */
static void change_header(uint64_t lba)
{
	static const struct {
		uint8_t offset, size;
	} fields[] = { { 0, 8 },  { 8, 4 },  { 12, 4 }, { 16, 4 }, { 20, 4 },
		       { 24, 8 }, { 32, 8 }, { 40, 8 }, { 48, 8 }, { 72, 8 },
		       { 80, 4 }, { 84, 4 }, { 88, 4 } };
	uint32_t n = pick(ARRAY_SIZE(fields));

	set((size_t)lba * 512 + fields[n].offset, fields[n].size, pick_value());
}

/* With right checksums, most of the time. */
static void seal(void)
{
	if (pick(4))
		fuzz_labels_seal(&disk, 1);
	if (pick(4))
		fuzz_labels_seal(&disk, BLOCKS - 1);
}

static void fields_of_a_gpt_header_may_say_anything(void **state)
{
	(void)state;
	seed_from(3);
	for (unsigned i = 0; i < ROUNDS; i++) {
		begin();
		put_gpt();
		for (uint32_t n = 1 + pick(3); n; n--)
			change_header(pick(2) ? 1 : BLOCKS - 1);
		seal();
		/* The disk has grown or shrunk, or has other blocks. */
		if (pick(4) == 0)
			disk.blocks = 1 + pick(2 * BLOCKS);
		if (pick(4) == 0)
			disk.block_size = 512u << pick(4);
		end();
	}
}

static void fields_of_gpt_entries_may_say_anything(void **state)
{
	(void)state;
	seed_from(4);
	for (unsigned i = 0; i < ROUNDS; i++) {
		begin();
		put_gpt();
		for (uint32_t n = 1 + pick(6); n; n--) {
			uint64_t header = pick(2) ? 1 : BLOCKS - 1;
			size_t at =
				le64_load(disk.data + header * 512 + 72) * 512;
			uint32_t field = pick(4);

			at += (size_t)128 * pick(16);
			set(at + 8 * (field ? 3 + field : pick(2)), 8,
			    pick_value());
		}
		seal();
		end();
	}
}

/* Where formats have theirs, and bytes that some of them begin with. */
static void signatures_may_be_anywhere(void **state)
{
	static const uint32_t places[] = {
		0,     3,     54,    82,    257,   512,	  1024,
		1080,  1536,  4086,  4096,  9564,  32769, 34817,
		65526, 65536, 65600, 66908, 69631,
	};
	static const char *const bytes[] = {
		"LABELONE",	"EFI PART", "XFSB",	    "_BHRfS_M",
		"LUKS\xba\xbe", "CD001\1",  "FAT16   ",	    "NTFS    ",
		"SWAPSPACE2",	"QFI\xfb",  "\x53\xef",	    "\177ELF",
		"BEA01",	"PM",	    "\x1f\x8b\x08",
	};

	(void)state;
	seed_from(5);
	for (unsigned i = 0; i < ROUNDS; i++) {
		begin();
		for (uint32_t n = 1 + pick(4); n; n--) {
			const char *put = bytes[pick(ARRAY_SIZE(bytes))];
			uint32_t at = places[pick(ARRAY_SIZE(places))];

			memcpy(disk.data + at + pick(2), put, strlen(put));
		}
		if (pick(2))
			disk.blocks = 1 + pick(BLOCKS);
		if (pick(4) == 0) {
			disk.bad_first = pick(BLOCKS);
			disk.bad_last = disk.bad_first + pick(4);
		}
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_of_an_mbr_may_say_anything),
		cmocka_unit_test(records_of_a_chain_may_say_anything),
		cmocka_unit_test(fields_of_a_gpt_header_may_say_anything),
		cmocka_unit_test(fields_of_gpt_entries_may_say_anything),
		cmocka_unit_test(signatures_may_be_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

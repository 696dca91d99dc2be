// SPDX-License-Identifier: BSD-2-Clause
// The master boot record and logical partitions.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/partition.h"
#include "tests/fake/block_table.h"
#include "tests/fake/heap.h"

#define DISK_BLOCKS 1000u

static struct fake_block disk;

static void prepare(uint32_t block_size)
{
	fake_block_init(&disk, NULL, (size_t)DISK_BLOCKS * block_size,
			block_size);
}

static void finish(void)
{
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

static void expect(uint32_t number, uint8_t type, uint64_t lba, uint64_t count)
{
	struct partition part;

	assert_int_equal(partition_get(&disk.bd, number, &part), 0);
	assert_int_equal(part.scheme, PARTITION_MBR);
	assert_int_equal(part.number, number);
	assert_int_equal(part.mbr_type, type);
	assert_int_equal(part.volume.start, lba * disk.block_size);
	assert_int_equal(part.volume.size, count * disk.block_size);
}

static void primary_partitions_have_their_slots_numbers(void **state)
{
	struct partition part;

	(void)state;
	prepare(512);
	table_mbr(&disk, 0, 0, 0x80, 0x41, 10, 20);
	table_mbr(&disk, 0, 2, 0, 0x83, 30, 40);
	expect(1, 0x41, 10, 20);
	expect(3, 0x83, 30, 40);
	assert_int_equal(partition_get(&disk.bd, 1, &part), 0);
	assert_true(part.active);
	assert_int_equal(partition_get(&disk.bd, 3, &part), 0);
	assert_false(part.active);
	assert_int_equal(partition_get(&disk.bd, 2, &part), ERR_NOENT);
	assert_string_equal(reason(), "no partition 2");
	finish();
}

static void numbers_count_blocks_of_the_device(void **state)
{
	static const uint32_t sizes[] = { 512, 1024, 2048, 4096 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		prepare(sizes[i]);
		table_mbr(&disk, 0, 0, 0, 0x83, 10, 20);
		expect(1, 0x83, 10, 20);
		finish();
	}
}

static void logical_partitions_begin_at_five(void **state)
{
	struct partition part;

	(void)state;
	prepare(512);
	table_mbr(&disk, 0, 0, 0, 0x41, 10, 20);
	table_mbr(&disk, 0, 1, 0, 0x0f, 100, 300);
	table_mbr(&disk, 100, 0, 0, 0x83, 1, 50);
	table_mbr(&disk, 100, 1, 0, 0x05, 100, 60);
	table_mbr(&disk, 200, 0, 0, 0x82, 2, 50);
	expect(5, 0x83, 101, 50);
	expect(6, 0x82, 202, 50);
	assert_int_equal(partition_get(&disk.bd, 2, &part), ERR_NOENT);
	assert_int_equal(partition_get(&disk.bd, 7, &part), ERR_NOENT);
	finish();
}

static void all_types_of_extended_partition_are_followed(void **state)
{
	static const uint8_t types[] = { 0x05, 0x0f, 0x85 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(512);
		table_mbr(&disk, 0, 3, 0, types[i], 100, 300);
		table_mbr(&disk, 100, 0, 0x80, 0x41, 1, 50);
		expect(5, 0x41, 101, 50);
		finish();
	}
}

static void a_chain_that_loops_ends_with_a_reason(void **state)
{
	struct partition part;

	(void)state;
	for (uint32_t back = 0; back <= 20; back += 10) {
		prepare(512);
		table_mbr(&disk, 0, 0, 0, 0x05, 100, 300);
		table_mbr(&disk, 100, 0, 0, 0x83, 1, 5);
		table_mbr(&disk, 100, 1, 0, 0x05, 10, 10);
		table_mbr(&disk, 110, 0, 0, 0x83, 1, 5);
		table_mbr(&disk, 110, 1, 0, 0x05, 20, 10);
		table_mbr(&disk, 120, 0, 0, 0x83, 1, 5);
		table_mbr(&disk, 120, 1, 0, 0x05, back, 10);
		assert_int_equal(partition_get(&disk.bd, 99, &part),
				 ERR_FORMAT);
		assert_non_null(strstr(reason(), "loop"));
		assert_true(disk.reads < 20);
		finish();
	}
}

static void a_chain_that_leaves_the_disk_ends_with_a_reason(void **state)
{
	struct partition part;

	(void)state;
	prepare(512);
	table_mbr(&disk, 0, 0, 0, 0x05, 5000, 300);
	assert_int_equal(partition_get(&disk.bd, 5, &part), ERR_FORMAT);
	assert_non_null(strstr(reason(), "block 5000"));
	table_mbr(&disk, 0, 0, 0, 0x05, 100, 300);
	assert_int_equal(partition_get(&disk.bd, 5, &part), ERR_FORMAT);
	assert_non_null(strstr(reason(), "block 100"));
	finish();
}

static void an_unreadable_chain_leaves_the_primary_ones(void **state)
{
	struct partition part;

	(void)state;
	prepare(512);
	table_mbr(&disk, 0, 0, 0, 0x83, 10, 20);
	table_mbr(&disk, 0, 1, 0, 0x05, 100, 300);
	disk.bad_first = disk.bad_last = 100;
	expect(1, 0x83, 10, 20);
	assert_int_equal(partition_get(&disk.bd, 5, &part), ERR_IO);
	finish();
}

static void partitions_are_cut_at_the_end_of_the_disk(void **state)
{
	struct partition part;

	(void)state;
	prepare(512);
	table_mbr(&disk, 0, 0, 0, 0x83, 990, 0xffffffff);
	table_mbr(&disk, 0, 1, 0, 0x83, 0xffffffff, 0xffffffff);
	expect(1, 0x83, 990, 10);
	assert_int_equal(partition_get(&disk.bd, 2, &part), ERR_NOENT);
	assert_non_null(strstr(reason(), "starts at block 4294967295"));
	finish();
}

static void a_chrp_hybrid_disc_has_a_partition_from_block_zero(void **state)
{
	(void)state;
	prepare(2048);
	table_mbr(&disk, 0, 0, 0x80, 0x96, 0, 4000);
	expect(1, 0x96, 0, DISK_BLOCKS);
	finish();
}

static void a_boot_sector_of_fat_is_no_table(void **state)
{
	struct partition part;

	(void)state;
	prepare(512);
	table_mbr(&disk, 0, 0, 0x20, 0x83, 10, 20);
	assert_int_equal(partition_get(&disk.bd, 1, &part), ERR_FORMAT);
	finish();
}

static void garbage_and_empty_disks_have_no_table(void **state)
{
	struct partition part;

	(void)state;
	prepare(512);
	assert_int_equal(partition_get(&disk.bd, 1, &part), ERR_FORMAT);
	assert_string_equal(reason(), "no partition table");
	memset(disk.data, 0xa5, disk.size);
	assert_int_equal(partition_get(&disk.bd, 1, &part), ERR_FORMAT);
	finish();
}

static int visit(void *arg, const struct partition *part)
{
	unsigned *count = arg;

	++*count;
	assert_true(part->volume.start < disk.size);
	assert_true(part->volume.size <= disk.size - part->volume.start);
	return 0;
}

static void no_flipped_byte_leads_outside_the_disk(void **state)
{
	unsigned count = 0;

	(void)state;
	prepare(512);
	table_mbr(&disk, 0, 0, 0, 0x41, 10, 20);
	table_mbr(&disk, 0, 1, 0, 0x0f, 100, 300);
	table_mbr(&disk, 100, 0, 0, 0x83, 1, 50);
	table_mbr(&disk, 100, 1, 0, 0x05, 100, 60);
	table_mbr(&disk, 200, 0, 0, 0x82, 2, 50);
	for (size_t i = 0; i < 3 * 66 * 8; i++) {
		size_t record = i / (66 * 8) * 100;
		size_t byte = record * 512 + 446 + i / 8 % 66;

		disk.data[byte] ^= (uint8_t)(1 << i % 8);
		if (partition_scan(&disk.bd, visit, &count) > 0)
			count++;
		disk.data[byte] ^= (uint8_t)(1 << i % 8);
	}
	assert_true(count > 1000);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(primary_partitions_have_their_slots_numbers),
		cmocka_unit_test(numbers_count_blocks_of_the_device),
		cmocka_unit_test(logical_partitions_begin_at_five),
		cmocka_unit_test(all_types_of_extended_partition_are_followed),
		cmocka_unit_test(a_chain_that_loops_ends_with_a_reason),
		cmocka_unit_test(
			a_chain_that_leaves_the_disk_ends_with_a_reason),
		cmocka_unit_test(an_unreadable_chain_leaves_the_primary_ones),
		cmocka_unit_test(partitions_are_cut_at_the_end_of_the_disk),
		cmocka_unit_test(
			a_chrp_hybrid_disc_has_a_partition_from_block_zero),
		cmocka_unit_test(a_boot_sector_of_fat_is_no_table),
		cmocka_unit_test(garbage_and_empty_disks_have_no_table),
		cmocka_unit_test(no_flipped_byte_leads_outside_the_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

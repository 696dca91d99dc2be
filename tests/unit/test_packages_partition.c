// SPDX-License-Identifier: BSD-2-Clause
// Partition tables of either kind.
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
#include "tests/fake/measure.h"

static struct fake_block disk;

static void prepare(void)
{
	fake_block_init(&disk, NULL, (size_t)300 * 512, 512);
}

/* The numbers of a walk. */
static uint32_t seen[4];
static unsigned seen_count;

static int see(void *arg, const struct partition *part)
{
	(void)arg;
	assert_in_range(seen_count, 0, ARRAY_SIZE(seen) - 1);
	seen[seen_count++] = part->number;
	return 0;
}

static void the_walk_goes_in_order_of_number_to_the_end(void **state)
{
	(void)state;
	prepare();
	table_mbr(&disk, 0, 3, 0, 0x83, 10, 10);
	table_mbr(&disk, 0, 1, 0, 0x83, 20, 10);
	table_mbr(&disk, 0, 0, 0, 0x05, 100, 100);
	table_mbr(&disk, 100, 0, 0, 0x83, 1, 10);
	seen_count = 0;
	assert_int_equal(partition_scan(&disk.bd, see, NULL), 0);
	assert_int_equal(seen_count, 3);
	assert_int_equal(seen[0], 2);
	assert_int_equal(seen[1], 4);
	assert_int_equal(seen[2], 5);
	fake_block_free(&disk);
}

static int stop_with_7(void *arg, const struct partition *part)
{
	unsigned *count = arg;

	(void)part;
	++*count;
	return 7;
}

static void a_visitor_can_end_the_walk(void **state)
{
	unsigned count = 0;

	(void)state;
	prepare();
	table_mbr(&disk, 0, 0, 0, 0x83, 10, 10);
	table_mbr(&disk, 0, 1, 0, 0x83, 20, 10);
	assert_int_equal(partition_scan(&disk.bd, stop_with_7, &count), 7);
	assert_int_equal(count, 1);
	fake_block_free(&disk);
}

static void a_protective_record_makes_the_disk_gpt(void **state)
{
	static const struct table_gpt gpt;
	struct partition part;

	(void)state;
	prepare();
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, partition_guid_prep, 40, 49);
	table_mbr(&disk, 0, 2, 0, 0x83, 60, 10);
	assert_int_equal(partition_get(&disk.bd, 1, &part), 0);
	assert_int_equal(part.scheme, PARTITION_GPT);
	assert_int_equal(partition_get(&disk.bd, 3, &part), ERR_NOENT);
	fake_block_free(&disk);
}

static void the_prep_guid_is_as_grub_writes_it(void **state)
{
	/* 9e1a2d38-c612-4316-aa26-8b49521e5a8b (UEFI 2.10, appendix A). */
	static const uint8_t guid[16] = { 0x38, 0x2d, 0x1a, 0x9e, 0x12, 0xc6,
					  0x16, 0x43, 0xaa, 0x26, 0x8b, 0x49,
					  0x52, 0x1e, 0x5a, 0x8b };

	(void)state;
	assert_memory_equal(partition_guid_prep, guid, sizeof(guid));
}

static void a_device_that_does_not_start_gives_its_error(void **state)
{
	struct partition part;

	(void)state;
	prepare();
	disk.start_error = ERR_NOMEDIUM;
	assert_int_equal(partition_get(&disk.bd, 1, &part), ERR_NOMEDIUM);
	fake_block_free(&disk);
}

/* Not its code, which never runs. */
static void the_table_of_an_mbr_is_measured(void **state)
{
	(void)state;
	prepare();
	table_mbr(&disk, 0, 1, 0x80, 0x41, 20, 10);
	fake_measure_start();
	partition_measure(&disk.bd);
	measure_enter();
	fake_measured(MEASURE_MBR, NULL, disk.data + 440, 72);
	fake_measured_end();
	fake_measure_stop();
	fake_block_free(&disk);
}

static void prepare_gpt(const struct table_gpt *gpt)
{
	prepare();
	table_gpt(&disk, gpt);
	table_gpt_entry(&disk, gpt, 0, partition_guid_prep, 40, 49);
	table_gpt_entry(&disk, gpt, 2, NULL, 50, 59);
	table_gpt_entry(&disk, gpt, 3, NULL, 70, 60);
}

/* UEFI_GPT_DATA; an entry that ends before it begins is no partition. */
static void header_and_partitions_of_a_gpt_are_measured(void **state)
{
	static const struct table_gpt tables[] = {
		{ 0 },
		{ .entry_size = 256, .count = 8 },
	};
	uint8_t data[92 + 8 + 2 * 128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		size_t entry = i ? 256 : 128;

		prepare_gpt(&tables[i]);
		memcpy(data, disk.data + 512, 92);
		memcpy(data + 92, "\2\0\0\0\0\0\0", 8);
		memcpy(data + 100, disk.data + 1024, 128);
		memcpy(data + 228, disk.data + 1024 + 2 * entry, 128);
		fake_measure_start();
		partition_measure(&disk.bd);
		measure_enter();
		fake_measured(MEASURE_GPT, NULL, data, sizeof(data));
		fake_measured_end();
		fake_measure_stop();
		fake_block_free(&disk);
	}
}

static void the_gpt_that_is_used_is_measured(void **state)
{
	uint8_t header[92];

	(void)state;
	prepare_gpt(&(const struct table_gpt){ 0 });
	disk.data[512] ^= 1;
	memcpy(header, disk.data + 299 * 512, sizeof(header));
	fake_measure_start();
	partition_measure(&disk.bd);
	assert_int_equal(fake_measured_waits(), 1);
	fake_measure_stop();
	/* And none if both are broken. */
	disk.data[299 * 512] ^= 1;
	fake_measure_start();
	partition_measure(&disk.bd);
	assert_int_equal(fake_measured_waits(), 0);
	fake_measure_stop();
	fake_block_free(&disk);
}

static void no_more_than_128_entries_are_measured(void **state)
{
	static const struct table_gpt many = { .count = 256 };

	(void)state;
	prepare();
	table_gpt(&disk, &many);
	for (unsigned i = 0; i < 200; i++)
		table_gpt_entry(&disk, &many, i, NULL, 80 + i, 80 + i);
	fake_measure_start();
	partition_measure(&disk.bd);
	measure_enter();
	assert_int_equal(fake_measured_len(), 100 + 128 * 128);
	fake_measure_stop();
	fake_block_free(&disk);
}

static void without_a_table_or_a_tpm_nothing_is_measured(void **state)
{
	(void)state;
	prepare();
	fake_measure_start();
	partition_measure(&disk.bd);
	assert_int_equal(fake_measured_waits(), 0);
	fake_measure_stop();
	table_mbr(&disk, 0, 1, 0x80, 0x41, 20, 10);
	fake_heap_fail_after(0);
	partition_measure(&disk.bd);
	assert_false(fake_heap_failed());
	fake_heap_fail_after(-1);
	assert_int_equal(fake_measured_waits(), 0);
	fake_block_free(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_an_mbr_is_measured),
		cmocka_unit_test(header_and_partitions_of_a_gpt_are_measured),
		cmocka_unit_test(the_gpt_that_is_used_is_measured),
		cmocka_unit_test(no_more_than_128_entries_are_measured),
		cmocka_unit_test(without_a_table_or_a_tpm_nothing_is_measured),
		cmocka_unit_test(the_walk_goes_in_order_of_number_to_the_end),
		cmocka_unit_test(a_visitor_can_end_the_walk),
		cmocka_unit_test(a_protective_record_makes_the_disk_gpt),
		cmocka_unit_test(the_prep_guid_is_as_grub_writes_it),
		cmocka_unit_test(a_device_that_does_not_start_gives_its_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

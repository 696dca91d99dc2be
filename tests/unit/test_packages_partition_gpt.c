// SPDX-License-Identifier: BSD-2-Clause
// The GUID partition table.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/partition.h"
#include "tests/fake/block_table.h"
#include "tests/fake/heap.h"

#define DISK_BLOCKS 300u

static const struct table_gpt usual;
static struct fake_block disk;

static void prepare(uint32_t block_size, const struct table_gpt *gpt)
{
	fake_block_init(&disk, NULL, (size_t)DISK_BLOCKS * block_size,
			block_size);
	table_gpt(&disk, gpt);
	table_gpt_entry(&disk, gpt, 0, partition_guid_prep, 40, 49);
	table_gpt_entry(&disk, gpt, 2, NULL, 50, 59);
}

static void finish(void)
{
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

static void expect_both(bool backup)
{
	struct partition part;

	assert_int_equal(partition_get(&disk.bd, 1, &part), 0);
	assert_int_equal(part.scheme, PARTITION_GPT);
	assert_memory_equal(part.guid, partition_guid_prep, 16);
	assert_int_equal(part.volume.start, 40 * disk.block_size);
	assert_int_equal(part.volume.size, 10 * disk.block_size);
	assert_int_equal(part.backup, backup);
	assert_int_equal(partition_get(&disk.bd, 3, &part), 0);
	assert_int_equal(part.number, 3);
	assert_int_equal(part.volume.start, 50 * disk.block_size);
	assert_int_equal(partition_get(&disk.bd, 2, &part), ERR_NOENT);
	assert_int_equal(partition_get(&disk.bd, 500, &part), ERR_NOENT);
}

/* The header at `lba`. */
static uint8_t *header(uint64_t lba)
{
	return disk.data + lba * disk.block_size;
}

static void expect_broken(int err, const char *why)
{
	struct partition part;

	assert_int_equal(partition_get(&disk.bd, 1, &part), err);
	assert_non_null(strstr(reason(), why));
	assert_non_null(strstr(reason(), "backup"));
}

static void entries_are_partitions_at_any_block_size(void **state)
{
	(void)state;
	for (uint32_t size = 512; size <= 4096; size *= 2) {
		prepare(size, &usual);
		expect_both(false);
		finish();
	}
}

static void entries_may_be_larger_and_fewer(void **state)
{
	static const struct table_gpt odd = { .entry_size = 512, .count = 5 };

	(void)state;
	prepare(512, &odd);
	expect_both(false);
	finish();
}

static void the_primary_wins_when_both_are_right(void **state)
{
	struct partition part;
	uint8_t *entry;

	(void)state;
	prepare(512, &usual);
	entry = header(le64_load(header(DISK_BLOCKS - 1) + 72));
	le64_store(entry + 32, 45);
	table_gpt_seal(&disk, DISK_BLOCKS - 1);
	assert_int_equal(partition_get(&disk.bd, 1, &part), 0);
	assert_int_equal(part.volume.start, 40 * 512);
	finish();
}

static void the_backup_is_used_when_the_primary_is_broken(void **state)
{
	(void)state;
	prepare(512, &usual);
	header(1)[60] ^= 1;
	expect_both(true);
	assert_non_null(strstr(reason(), "checksum"));
	memset(header(1), 0, 512);
	expect_both(true);
	finish();
}

static void
the_backup_is_used_when_the_primarys_entries_are_broken(void **state)
{
	(void)state;
	prepare(512, &usual);
	header(2)[5] ^= 0x10;
	expect_both(true);
	finish();
}

static void the_backup_is_used_when_the_primary_is_unreadable(void **state)
{
	(void)state;
	prepare(512, &usual);
	disk.bad_first = 1;
	disk.bad_last = 20;
	expect_both(true);
	finish();
}

/* The disk has grown: the backup is where the last block was. */
static void the_backup_is_used_where_the_broken_primary_says(void **state)
{
	struct partition part;

	(void)state;
	prepare(512, &usual);
	disk.blocks = DISK_BLOCKS + 50;
	header(1)[60] ^= 1;
	expect_both(true);
	/* A broken one there is not believed either. */
	header(DISK_BLOCKS - 1)[60] ^= 1;
	expect_broken(ERR_CHECKSUM, "backup: no header");
	header(DISK_BLOCKS - 1)[60] ^= 1;
	/* Only one with a signature says where it is. */
	header(1)[0] ^= 1;
	expect_broken(ERR_FORMAT, "backup: no header");
	header(1)[0] ^= 1;
	for (unsigned i = 0; i < 4; i++) {
		static const uint64_t places[] = { 0, 1, DISK_BLOCKS + 49,
						   UINT64_MAX };

		le64_store(header(1) + 32, places[i]);
		assert_int_equal(partition_get(&disk.bd, 1, &part),
				 ERR_CHECKSUM);
	}
	finish();
}

static void a_table_for_other_blocks_is_told(void **state)
{
	static const uint32_t sizes[] = { 512, 1024, 2048, 4096 };
	struct partition part;
	char want[100];

	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		uint32_t written = sizes[i / 4], has = sizes[i % 4];

		prepare(written, &usual);
		disk.block_size = has;
		disk.blocks = DISK_BLOCKS * (uint64_t)written / has;
		if (written == has) {
			expect_both(false);
			finish();
			continue;
		}
		assert_int_equal(partition_get(&disk.bd, 1, &part), ERR_FORMAT);
		snprintf(want, sizeof(want),
			 "the GPT was written for blocks of %u bytes, this "
			 "device has %u",
			 written, has);
		assert_string_equal(reason(), want);
		finish();
	}
}

static void two_broken_headers_are_told_with_both_reasons(void **state)
{
	(void)state;
	prepare(512, &usual);
	header(1)[60] ^= 1;
	memset(header(DISK_BLOCKS - 1), 0, 512);
	expect_broken(ERR_CHECKSUM, "header checksum");
	assert_non_null(strstr(reason(), "backup: no header"));
	finish();
}

/* Sets a field in both headers and makes their checksums right. */
static void set32(size_t offset, uint32_t val)
{
	le32_store(header(1) + offset, val);
	table_gpt_seal(&disk, 1);
	le32_store(header(DISK_BLOCKS - 1) + offset, val);
	table_gpt_seal(&disk, DISK_BLOCKS - 1);
}

static void hostile_entry_sizes_and_numbers_are_refused(void **state)
{
	static const uint32_t sizes[] = { 0, 64, 127, 129, 384, 0x80000000 };

	(void)state;
	prepare(512, &usual);
	for (unsigned i = 0; i < 6; i++) {
		set32(84, sizes[i]);
		expect_broken(ERR_FORMAT,
			      i < 5 ? "entry size is" : "entries at");
	}
	set32(84, 128);
	set32(80, 0xffffffff);
	expect_broken(ERR_FORMAT, "4294967295 entries");
	set32(80, 32768);
	expect_broken(ERR_RANGE, "past the end");
	finish();
}

static void entries_outside_the_disk_are_refused(void **state)
{
	(void)state;
	prepare(512, &usual);
	le64_store(header(1) + 72, UINT64_MAX);
	table_gpt_seal(&disk, 1);
	le64_store(header(DISK_BLOCKS - 1) + 72, UINT64_MAX / 512 + 2);
	table_gpt_seal(&disk, DISK_BLOCKS - 1);
	expect_broken(ERR_FORMAT, "entries at block 18446744073709551615");
	finish();
}

static void a_header_in_the_wrong_place_is_refused(void **state)
{
	(void)state;
	prepare(512, &usual);
	memset(header(DISK_BLOCKS - 1), 0, 512);
	le64_store(header(1) + 24, 7);
	table_gpt_seal(&disk, 1);
	expect_broken(ERR_FORMAT, "is for block 7");
	finish();
}

static void a_header_size_beyond_the_block_is_refused(void **state)
{
	(void)state;
	prepare(512, &usual);
	memset(header(DISK_BLOCKS - 1), 0, 512);
	le32_store(header(1) + 12, 513);
	expect_broken(ERR_FORMAT, "header size is 513 bytes");
	le32_store(header(1) + 12, 91);
	expect_broken(ERR_FORMAT, "header size is 91 bytes");
	finish();
}

static void partitions_are_cut_or_left_out_at_the_end(void **state)
{
	struct partition part;

	(void)state;
	prepare(512, &usual);
	table_gpt_entry(&disk, &usual, 0, NULL, 290, UINT64_MAX);
	table_gpt_entry(&disk, &usual, 1, NULL, 5000, 6000);
	table_gpt_entry(&disk, &usual, 2, NULL, 60, 50);
	table_gpt_entry(&disk, &usual, 3, NULL, 0, UINT64_MAX);
	assert_int_equal(partition_get(&disk.bd, 1, &part), 0);
	assert_int_equal(part.volume.size, 10 * 512);
	assert_int_equal(partition_get(&disk.bd, 2, &part), ERR_NOENT);
	assert_non_null(strstr(reason(), "starts at block 5000"));
	assert_int_equal(partition_get(&disk.bd, 3, &part), ERR_NOENT);
	assert_int_equal(partition_get(&disk.bd, 4, &part), 0);
	assert_int_equal(part.volume.size, DISK_BLOCKS * 512);
	finish();
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
	struct partition part;
	long n;
	int err;

	(void)state;
	prepare(512, &usual);
	/* Bring the device up: its bounce buffer stays. */
	assert_int_equal(partition_get(&disk.bd, 1, &part), 0);
	for (n = 0;; n++) {
		fake_heap_fail_after(n);
		err = partition_get(&disk.bd, 1, &part);
		if (!fake_heap_failed())
			break;
		assert_true(err == ERR_NOMEM || (err == 0 && part.backup));
	}
	fake_heap_fail_after(-1);
	assert_true(n >= 2);
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

static void no_flipped_bit_of_the_primary_is_believed(void **state)
{
	unsigned count;

	(void)state;
	prepare(512, &usual);
	for (size_t i = 0; i < (92 + 300) * 8; i++) {
		size_t byte = i / 8 < 92 ? 512 + i / 8 : 1024 + i / 8 - 92;

		disk.data[byte] ^= (uint8_t)(1 << i % 8);
		count = 0;
		assert_int_equal(partition_scan(&disk.bd, visit, &count), 0);
		assert_int_equal(count, 2);
		disk.data[byte] ^= (uint8_t)(1 << i % 8);
	}
	finish();
}

static void sealed_nonsense_leads_nowhere_outside_the_disk(void **state)
{
	unsigned count = 0;

	(void)state;
	prepare(512, &usual);
	memset(header(DISK_BLOCKS - 1), 0, 512);
	for (size_t i = 8 * 8; i < (size_t)92 * 8; i++) {
		uint8_t saved[512];

		memcpy(saved, header(1), sizeof(saved));
		header(1)[i / 8] ^= (uint8_t)(1 << i % 8);
		if (le32_load(header(1) + 12) <= 512)
			table_gpt_seal(&disk, 1);
		if (partition_scan(&disk.bd, visit, &count) > 0)
			count++;
		memcpy(header(1), saved, sizeof(saved));
	}
	assert_true(count > 100);
	finish();
}

static void a_disk_cut_anywhere_is_no_danger(void **state)
{
	unsigned count = 0;

	(void)state;
	prepare(512, &usual);
	for (size_t blocks = 60; blocks--;) {
		fake_block_cut(&disk, blocks * 512);
		if (partition_scan(&disk.bd, visit, &count) > 0)
			count++;
	}
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_partitions_at_any_block_size),
		cmocka_unit_test(entries_may_be_larger_and_fewer),
		cmocka_unit_test(the_primary_wins_when_both_are_right),
		cmocka_unit_test(the_backup_is_used_when_the_primary_is_broken),
		cmocka_unit_test(
			the_backup_is_used_when_the_primarys_entries_are_broken),
		cmocka_unit_test(
			the_backup_is_used_when_the_primary_is_unreadable),
		cmocka_unit_test(
			the_backup_is_used_where_the_broken_primary_says),
		cmocka_unit_test(a_table_for_other_blocks_is_told),
		cmocka_unit_test(two_broken_headers_are_told_with_both_reasons),
		cmocka_unit_test(hostile_entry_sizes_and_numbers_are_refused),
		cmocka_unit_test(entries_outside_the_disk_are_refused),
		cmocka_unit_test(a_header_in_the_wrong_place_is_refused),
		cmocka_unit_test(a_header_size_beyond_the_block_is_refused),
		cmocka_unit_test(partitions_are_cut_or_left_out_at_the_end),
		cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
		cmocka_unit_test(no_flipped_bit_of_the_primary_is_believed),
		cmocka_unit_test(
			sealed_nonsense_leads_nowhere_outside_the_disk),
		cmocka_unit_test(a_disk_cut_anywhere_is_no_danger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

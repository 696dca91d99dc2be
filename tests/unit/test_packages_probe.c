// SPDX-License-Identifier: BSD-2-Clause
// What is on a volume without a known table or file system.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/probe.h"
#include "tests/fake/block.h"
#include "tests/fake/heap.h"

/* What is read of a volume. */
#define LOOK (68u * 1024)

static struct fake_block disk;
static struct volume vol;
static struct probe probe;

static void prepare(size_t size, uint32_t block_size)
{
	fake_block_init(&disk, NULL, size, block_size);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
	/* It is no empty disk. */
	if (size > 40)
		disk.data[40] = 1;
	disk.reads = 0;
}

static void put(size_t offset, const char *bytes, size_t len)
{
	memcpy(disk.data + offset, bytes, len);
}

static void finish(void)
{
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

/* From the specification of each format, not from the table under test. */
static const struct {
	size_t offset;
	const char *bytes;
	size_t len;
	const char *name;
} formats[] = {
	{ 0, "LABELONE", 8, "LVM physical volume" },
	{ 512, "LABELONE", 8, "LVM physical volume" },
	{ 1024, "LABELONE", 8, "LVM physical volume" },
	{ 1536, "LABELONE", 8, "LVM physical volume" },
	{ 0, "\xa9\x2b\x4e\xfc", 4, "RAID member" },
	{ 4096, "\xa9\x2b\x4e\xfc", 4, "RAID member" },
	{ 0, "LUKS\xba\xbe", 6, "LUKS encryption" },
	{ 4096 - 10, "SWAPSPACE2", 10, "Linux swap" },
	{ 65536 - 10, "SWAPSPACE2", 10, "Linux swap" },
	{ 0, "\xc9\xc2\xd4\xc1", 4, "AIX disk" },
	{ 512, "PM\0\0", 4, "Apple partition map" },
	{ 0, "XFSB", 4, "XFS" },
	{ 65536 + 64, "_BHRfS_M", 8, "btrfs" },
	{ 1024 + 56, "\x53\xef", 2, "ext2, ext3 or ext4" },
	{ 1024, "BD", 2, "HFS" },
	{ 1024, "H+\0\4", 4, "HFS+" },
	{ 32768 + 1, "BEA01", 5, "UDF" },
	{ 32768 + 1, "CD001", 5, "ISO 9660" },
	{ 3, "EXFAT   ", 8, "exFAT" },
	{ 3, "NTFS    ", 8, "NTFS" },
	{ 54, "FAT12   ", 8, "FAT" },
	{ 54, "FAT16   ", 8, "FAT" },
	{ 82, "FAT32   ", 8, "FAT" },
	{ 0, "hsqs", 4, "squashfs" },
	{ 65536 + 1372, "\x19\x01\x54\x19", 4, "UFS" },
	{ 65536 + 1372, "\x19\x54\x01\x19", 4, "UFS" },
	{ 0, "QFI\xfb", 4, "qcow2 image" },
	{ 0, "KDMV", 4, "VMDK image" },
	{ 0, "conectix", 8, "VHD (vpc) image" },
	{ 0, "\x1f\x8b\x08", 3, "gzip data" },
	{ 0,
	  "\xfd"
	  "7zXZ",
	  5, "xz data" },
	{ 0, "\x28\xb5\x2f\xfd", 4, "zstd data" },
	{ 0,
	  "\x7f"
	  "ELF",
	  4, "ELF program" },
	{ 512, "EFI PART", 8, "GPT without a protective MBR" },
	{ 4096, "EFI PART", 8, "GPT without a protective MBR" },
};

static void each_format_has_its_name_at_any_block_size(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(formats) * 4; i++) {
		unsigned at = i / 4;

		prepare((size_t)128 * 1024, 512u << i % 4);
		assert_int_equal(probe_volume(&vol, &probe), ERR_NOENT);
		disk.reads = 0;
		put(formats[at].offset, formats[at].bytes, formats[at].len);
		assert_int_equal(probe_volume(&vol, &probe), 0);
		assert_string_equal(probe.name, formats[at].name);
		/* 68 KiB: two requests of the fake's 64 blocks of 512 to 4096. */
		assert_in_range(disk.reads, 1, 3);
		finish();
	}
}

static void one_wrong_byte_is_another_format(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
		size_t offset = formats[i].offset;

		prepare(LOOK, 512);
		put(offset, formats[i].bytes, formats[i].len);
		disk.data[offset] ^= 0x20;
		assert_int_equal(probe_volume(&vol, &probe), ERR_NOENT);
		finish();
	}
}

static void an_old_file_system_below_a_new_one_is_not_named(void **state)
{
	(void)state;
	prepare(LOOK, 512);
	put(54, "FAT16   ", 8);
	put(1080, "\x53\xef", 2);
	assert_int_equal(probe_volume(&vol, &probe), 0);
	assert_string_equal(probe.name, "ext2, ext3 or ext4");
	put(512, "LABELONE", 8);
	assert_int_equal(probe_volume(&vol, &probe), 0);
	assert_string_equal(probe.name, "LVM physical volume");
	finish();
}

static void zeros_are_told(void **state)
{
	(void)state;
	prepare(LOOK, 512);
	disk.data[40] = 0;
	assert_int_equal(probe_volume(&vol, &probe), 0);
	assert_string_equal(probe.name, "only zeros");
	disk.data[LOOK - 1] = 1;
	assert_int_equal(probe_volume(&vol, &probe), ERR_NOENT);
	finish();
}

static void small_volumes_are_read_to_their_end(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
		size_t end = formats[i].offset + formats[i].len;
		size_t size = (end + 511) / 512 * 512;

		prepare(size, 512);
		put(formats[i].offset, formats[i].bytes, formats[i].len);
		assert_int_equal(probe_volume(&vol, &probe), 0);
		/* A partition that ends inside the signature. */
		vol.size = formats[i].offset + 1;
		assert_int_equal(probe_volume(&vol, &probe), ERR_NOENT);
		vol.size = 0;
		assert_int_equal(probe_volume(&vol, &probe), ERR_NOENT);
		finish();
	}
}

static void a_bad_block_leaves_the_first_ones(void **state)
{
	(void)state;
	prepare((size_t)128 * 1024, 512);
	put(0, "LUKS\xba\xbe", 6);
	disk.bad_first = disk.bad_last = 100;
	assert_int_equal(probe_volume(&vol, &probe), 0);
	assert_string_equal(probe.name, "LUKS encryption");
	disk.bad_first = disk.bad_last = 2;
	assert_int_equal(probe_volume(&vol, &probe), ERR_IO);
	finish();
}

static void the_first_error_stays_the_reason(void **state)
{
	(void)state;
	prepare(LOOK, 512);
	put(0, "XFSB", 4);
	reason_fail(ERR_FORMAT, "the first");
	assert_int_equal(probe_volume(&vol, &probe), 0);
	assert_string_equal(reason(), "the first");
	disk.bad_last = UINT64_MAX;
	disk.bad_first = 0;
	assert_int_equal(probe_volume(&vol, &probe), ERR_IO);
	assert_string_equal(reason(), "the first");
	assert_int_equal(probe_explain(&vol, ERR_FORMAT), ERR_FORMAT);
	assert_string_equal(reason(), "the first");
	finish();
}

static void without_memory_nothing_is_known(void **state)
{
	(void)state;
	prepare(LOOK, 512);
	assert_int_equal(probe_volume(&vol, &probe), ERR_NOENT);
	fake_heap_fail_after(0);
	assert_int_equal(probe_volume(&vol, &probe), ERR_NOMEM);
	fake_heap_fail_after(-1);
	finish();
}

static void what_no_driver_reads_is_explained(void **state)
{
	(void)state;
	prepare(LOOK, 512);
	put(0, "XFSB", 4);
	reason_fail(ERR_FORMAT, "unknown");
	assert_int_equal(probe_explain(&vol, ERR_FORMAT), ERR_FORMAT);
	assert_string_equal(reason(), "XFS cannot be read here; boot the PReP "
				      "partition");
	put(0, "QFI\xfb", 4);
	assert_int_equal(probe_explain(&vol, ERR_FORMAT), ERR_FORMAT);
	assert_string_equal(reason(),
			    "no file system: qcow2 image; give QEMU the "
			    "image's format=, not raw");
	/* Another failure is not about the format. */
	disk.reads = 0;
	assert_int_equal(probe_explain(&vol, ERR_NOENT), ERR_NOENT);
	assert_int_equal(probe_explain(&vol, 0), 0);
	assert_int_equal(disk.reads, 0);
	finish();
}

/* The drivers of these say more themselves. */
static void what_a_driver_reads_is_left_to_it(void **state)
{
	static const char *const names[] = { "ISO 9660", "ext2, ext3 or ext4",
					     "FAT" };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
		bool readable = false;

		for (unsigned n = 0; n < ARRAY_SIZE(names); n++)
			readable |= !strcmp(formats[i].name, names[n]);
		prepare(LOOK, 512);
		put(formats[i].offset, formats[i].bytes, formats[i].len);
		assert_int_equal(probe_volume(&vol, &probe), 0);
		assert_int_equal(probe.readable, readable);
		reason_fail(ERR_FORMAT, "as the driver says");
		assert_int_equal(probe_explain(&vol, ERR_FORMAT), ERR_FORMAT);
		assert_int_equal(!strcmp(reason(), "as the driver says"),
				 readable);
		finish();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_format_has_its_name_at_any_block_size),
		cmocka_unit_test(one_wrong_byte_is_another_format),
		cmocka_unit_test(
			an_old_file_system_below_a_new_one_is_not_named),
		cmocka_unit_test(zeros_are_told),
		cmocka_unit_test(small_volumes_are_read_to_their_end),
		cmocka_unit_test(a_bad_block_leaves_the_first_ones),
		cmocka_unit_test(the_first_error_stays_the_reason),
		cmocka_unit_test(without_memory_nothing_is_known),
		cmocka_unit_test(what_no_driver_reads_is_explained),
		cmocka_unit_test(what_a_driver_reads_is_left_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

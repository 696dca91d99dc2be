// SPDX-License-Identifier: BSD-2-Clause
// Program headers, right and hostile.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/elf_segments.h"
#include "tests/fake/elf.h"
#include "tests/fake/heap.h"

static struct elf_maker maker;
static struct image img;
static struct elf_segments segs;

/* Reads the segments of what was made. */
static int read_segments(void)
{
	struct elf_info info = { .is_64 = maker.is_64,
				 .little_endian = maker.little_endian,
				 .phnum = maker.phnum,
				 .phentsize = maker.phentsize,
				 .phoff = maker.phoff };

	image_from_memory(&img, maker.file, maker.size);
	return elf_segments_read(&img, &info, &segs);
}

static void expect_bad(const char *why)
{
	assert_int_equal(read_segments(), ERR_FORMAT);
	assert_non_null(strstr(reason(), why));
	assert_null(segs.seg);
	assert_int_equal(fake_heap_live(), 0);
	elf_maker_free(&maker);
}

static void all_classes_and_byte_orders_are_read_and_sorted(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		elf_maker_init(&maker, kind & 1, kind & 2);
		elf_maker_load(&maker, 0x30000, 0x130000, 512, 16, 64);
		elf_maker_load(&maker, 0x10000, 0x110000, 528, 32, 32);
		elf_maker_load(&maker, 0x20000, 0x120000, 560, 0, 16);
		assert_int_equal(read_segments(), 0);
		assert_int_equal(segs.count, 3);
		assert_int_equal(segs.seg[0].paddr, 0x10000);
		assert_int_equal(segs.seg[0].vaddr, 0x110000);
		assert_int_equal(segs.seg[0].offset, 528);
		assert_int_equal(segs.seg[0].filesz, 32);
		assert_int_equal(segs.seg[1].paddr, 0x20000);
		assert_int_equal(segs.seg[2].paddr, 0x30000);
		assert_int_equal(segs.seg[2].memsz, 64);
		elf_segments_free(&segs);
		elf_maker_free(&maker);
	}
}

static void other_and_empty_segments_are_skipped(void **state)
{
	(void)state;
	elf_maker_init(&maker, true, false);
	elf_maker_phdr(&maker, 4, 0, 0, 0, UINT64_MAX, UINT64_MAX);
	elf_maker_load(&maker, UINT64_MAX, UINT64_MAX, UINT64_MAX, 0, 0);
	elf_maker_load(&maker, 0x10000, 0x10000, 512, 1, 1);
	assert_int_equal(read_segments(), 0);
	assert_int_equal(segs.count, 1);
	elf_segments_free(&segs);
	elf_maker_free(&maker);
}

static void larger_headers_than_ours_are_read(void **state)
{
	(void)state;
	elf_maker_init(&maker, true, false);
	maker.phentsize = 120;
	for (unsigned i = 0; i < 20; i++)
		elf_maker_load(&maker, 0x1000 * (i + 1), 0, 512, 1, 1);
	assert_int_equal(read_segments(), 0);
	assert_int_equal(segs.count, 20);
	assert_int_equal(segs.seg[19].paddr, 0x14000);
	elf_segments_free(&segs);
	elf_maker_free(&maker);
}

static void more_bytes_in_the_file_than_in_memory_are_refused(void **state)
{
	(void)state;
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0x10000, 0x10000, 512, 17, 16);
	expect_bad("17 bytes in the file, 16 in memory");
}

static void segments_beyond_4_gib_are_refused(void **state)
{
	static const uint64_t at[] = { 0xfffffff1, 0x100000000,
				       0xc000000000000000, UINT64_MAX };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		elf_maker_init(&maker, true, false);
		elf_maker_load(&maker, at[i], 0, 512, 16, 16);
		expect_bad("beyond 4 GiB");
	}
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0x1000, 0, 512, 16, UINT64_MAX);
	expect_bad("beyond 4 GiB");
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0xfffffff0, 0, 512, 16, 16);
	assert_int_equal(read_segments(), 0);
	elf_segments_free(&segs);
	elf_maker_free(&maker);
}

static void virtual_addresses_that_wrap_are_refused(void **state)
{
	(void)state;
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0x1000, UINT64_MAX - 14, 512, 16, 16);
	expect_bad("wrap");
}

static void bytes_outside_the_file_are_refused(void **state)
{
	(void)state;
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0x1000, 0, ELF_MAKER_SIZE - 15, 16, 16);
	expect_bad("truncated");
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0x1000, 0, UINT64_MAX, 16, 16);
	expect_bad("truncated");
}

static void overlapping_segments_are_refused(void **state)
{
	(void)state;
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0x2000, 0, 512, 16, 0x1000);
	elf_maker_load(&maker, 0x1000, 0, 512, 16, 0x1001);
	expect_bad("1000 and 2000 overlap");
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0x1000, 0, 512, 1, 1);
	elf_maker_load(&maker, 0x1000, 0, 512, 1, 1);
	expect_bad("overlap");
}

static void a_file_without_segments_is_refused(void **state)
{
	(void)state;
	elf_maker_init(&maker, true, false);
	expect_bad("no PT_LOAD segment");
}

static void headers_cut_off_by_the_end_are_refused(void **state)
{
	(void)state;
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0x1000, 0, 0, 16, 16);
	maker.size = maker.phoff + 55;
	expect_bad("program headers truncated");
}

static void thousands_of_segments_are_sorted(void **state)
{
	(void)state;
	elf_maker_init(&maker, false, false);
	elf_maker_grow(&maker, 1 << 20);
	for (unsigned i = 0; i < 20000; i++)
		elf_maker_load(&maker, (i * 7919 % 20000) * 16, 0, 0, 16, 16);
	assert_int_equal(read_segments(), 0);
	assert_int_equal(segs.count, 20000);
	for (unsigned i = 0; i < 20000; i++)
		assert_int_equal(segs.seg[i].paddr, i * 16);
	elf_segments_free(&segs);
	elf_maker_free(&maker);
}

static void a_table_is_read_with_one_request(void **state)
{
	(void)state;
	elf_maker_init(&maker, true, false);
	for (unsigned i = 0; i < 4; i++)
		elf_maker_load(&maker, 0x1000 * (i + 1), 0, 512, 1, 1);
	maker.reads = 0;
	struct elf_info info = {
		.is_64 = true, .phnum = 4, .phentsize = 56, .phoff = maker.phoff
	};

	elf_maker_image(&maker, &img);
	assert_int_equal(elf_segments_read(&img, &info, &segs), 0);
	assert_int_equal(maker.reads, 1);
	elf_segments_free(&segs);
	maker.read_error = ERR_IO;
	assert_int_equal(elf_segments_read(&img, &info, &segs), ERR_IO);
	elf_maker_free(&maker);
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
	(void)state;
	elf_maker_init(&maker, true, false);
	for (unsigned i = 0; i < 9; i++)
		elf_maker_load(&maker, 0x1000 * (i + 1), 0, 512, 1, 1);
	for (long n = 0; n < 2; n++) {
		fake_heap_fail_after(n);
		assert_int_equal(read_segments(), ERR_NOMEM);
		assert_int_equal(fake_heap_live(), 0);
	}
	fake_heap_fail_after(-1);
	elf_maker_free(&maker);
}

static void a_virtual_address_finds_its_segment(void **state)
{
	(void)state;
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0x1000, 0xc000000000001000, 512, 16, 32);
	elf_maker_load(&maker, 0x2000, 0xc000000000001020, 512, 16, 32);
	assert_int_equal(read_segments(), 0);
	assert_ptr_equal(elf_segments_find(&segs, 0xc000000000001000, 32),
			 &segs.seg[0]);
	assert_ptr_equal(elf_segments_find(&segs, 0xc000000000001020, 4),
			 &segs.seg[1]);
	assert_null(elf_segments_find(&segs, 0xc00000000000101d, 4));
	assert_null(elf_segments_find(&segs, 0xc000000000000fff, 1));
	assert_null(elf_segments_find(&segs, 0x1000, 4));
	assert_null(elf_segments_find(&segs, UINT64_MAX, 4));
	elf_segments_free(&segs);
	elf_maker_free(&maker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			all_classes_and_byte_orders_are_read_and_sorted),
		cmocka_unit_test(other_and_empty_segments_are_skipped),
		cmocka_unit_test(larger_headers_than_ours_are_read),
		cmocka_unit_test(
			more_bytes_in_the_file_than_in_memory_are_refused),
		cmocka_unit_test(segments_beyond_4_gib_are_refused),
		cmocka_unit_test(virtual_addresses_that_wrap_are_refused),
		cmocka_unit_test(bytes_outside_the_file_are_refused),
		cmocka_unit_test(overlapping_segments_are_refused),
		cmocka_unit_test(a_file_without_segments_is_refused),
		cmocka_unit_test(headers_cut_off_by_the_end_are_refused),
		cmocka_unit_test(thousands_of_segments_are_sorted),
		cmocka_unit_test(a_table_is_read_with_one_request),
		cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
		cmocka_unit_test(a_virtual_address_finds_its_segment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

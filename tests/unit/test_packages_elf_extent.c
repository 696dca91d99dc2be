// SPDX-License-Identifier: BSD-2-Clause
// How many bytes of a partition are the ELF file at its start.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/elf_extent.h"
#include "tests/fake/elf.h"
#include "tests/fake/heap.h"

#define PARTITION 0x10000u

static struct elf_maker maker;
static struct image img;

/* A partition with a program of two segments, the last of which ends at 1524. */
static void prepare(bool is_64, bool little)
{
	elf_maker_init(&maker, is_64, little);
	elf_maker_grow(&maker, PARTITION);
	elf_maker_load(&maker, 0x1000, 0x1000, 1024, 500, 600);
	elf_maker_load(&maker, 0x2000, 0x2000, 512, 100, 100);
	elf_maker_image(&maker, &img);
}

static void expect(uint64_t end)
{
	uint64_t size = 0;

	assert_int_equal(elf_extent(&img, &size), 0);
	assert_int_equal(size, end);
	elf_maker_free(&maker);
	assert_int_equal(fake_heap_live(), 0);
}

static void put16(size_t offset, uint16_t val)
{
	if (maker.little_endian)
		le16_store(maker.file + offset, val);
	else
		be16_store(maker.file + offset, val);
}

static void put32(size_t offset, uint32_t val)
{
	if (maker.little_endian)
		le32_store(maker.file + offset, val);
	else
		be32_store(maker.file + offset, val);
}

/* An offset, a size. */
static void put_long(size_t offset, uint64_t val)
{
	if (maker.is_64)
		elf_maker_put64(&maker, offset, val);
	else
		put32(offset, (uint32_t)val);
}

/* The header's e_shoff, e_shentsize, e_shnum. */
static void put_sections(uint64_t offset, uint16_t size, uint16_t count)
{
	put_long(maker.is_64 ? 40 : 32, offset);
	put16(maker.is_64 ? 58 : 46, size);
	put16(maker.is_64 ? 60 : 48, count);
}

static uint16_t section_size(void)
{
	return maker.is_64 ? 64 : 40;
}

/* Section `index` of a table at 2048. */
static void put_section(unsigned index, uint32_t type, uint64_t offset,
			uint64_t size)
{
	size_t at = 2048 + index * section_size();

	memset(maker.file + at, 0, section_size());
	put32(at + 4, type);
	put_long(at + (maker.is_64 ? 24 : 16), offset);
	put_long(at + (maker.is_64 ? 32 : 20), size);
}

static void each(void (*test)(void))
{
	for (int kind = 0; kind < 4; kind++) {
		prepare(kind & 1, kind & 2);
		test();
	}
}

static void segments(void)
{
	put_sections(0, 0, 0);
	expect(1524);
}

static void the_end_of_the_last_segment_counts(void **state)
{
	(void)state;
	each(segments);
}

static void notes(void)
{
	put_sections(0, 0, 0);
	elf_maker_phdr(&maker, 4, 0, 0, 1600, 33, 0);
	expect(1636);
}

/* A signature is in a note at the end. */
static void notes_count(void **state)
{
	(void)state;
	each(notes);
}

static void table_of_segments(void)
{
	put_sections(0, 0, 0);
	memmove(maker.file + 3000, maker.file + maker.phoff,
		2u * maker.phentsize);
	put_long(maker.is_64 ? 32 : 28, 3000);
	expect(3000 + 2u * maker.phentsize);
}

static void the_table_itself_counts(void **state)
{
	(void)state;
	each(table_of_segments);
}

static void sections(void)
{
	put_sections(2048, section_size(), 4);
	put_section(0, 0, 9000, 9000);
	put_section(1, 1, 4000, 77);
	put_section(2, 8, 5000, 1000); /* .bss has no bytes in the file */
	put_section(3, 3, 1000, 10);
	expect(4080);
}

static void sections_count_if_they_have_bytes(void **state)
{
	(void)state;
	each(sections);
}

static void section_table(void)
{
	put_sections(2048, section_size(), 1);
	put_section(0, 0, 0, 0);
	expect(2048u + section_size());
}

static void the_table_of_sections_counts(void **state)
{
	(void)state;
	each(section_table);
}

static void past_the_end(void)
{
	put_sections(0, 0, 0);
	elf_maker_phdr(&maker, 4, 0, 0, PARTITION - 10, 11, 0);
	expect(PARTITION);
}

static void wraps(void)
{
	put_sections(0, 0, 0);
	elf_maker_phdr(&maker, 4, 0, 0, UINT64_MAX - 1, 16, 0);
	expect(PARTITION);
}

static void wraps_twice(void)
{
	put_sections(0, 0, 0);
	elf_maker_phdr(&maker, 4, 0, 0, 16, UINT64_MAX, 0);
	expect(PARTITION);
}

static void table_past_the_end(void)
{
	put_sections(PARTITION - 10, section_size(), 1);
	expect(PARTITION);
}

static void table_wraps(void)
{
	put_sections(UINT64_MAX, section_size(), 2);
	expect(PARTITION);
}

static void large_entries(void)
{
	put_sections(100, 0xffff, 0xffff);
	expect(PARTITION);
}

static void small_entries(void)
{
	put_sections(2048, section_size() - 1, 1);
	expect(PARTITION);
}

static void no_entries(void)
{
	put_sections(2048, 0, 7);
	expect(PARTITION);
}

/* What is not understood is measured with all that is there. */
static void headers_that_lie_end_with_the_partition(void **state)
{
	(void)state;
	each(past_the_end);
	each(wraps);
	each(wraps_twice);
	each(table_past_the_end);
	each(table_wraps);
	each(large_entries);
	each(small_entries);
	each(no_entries);
}

static void all_of_aix_partition_counts(void **state)
{
	(void)state;
	prepare(false, false);
	maker.file[7] = ELF_OSABI_AIX;
	expect(PARTITION);
}

static void expect_error(int err, uint64_t size)
{
	uint64_t extent = 5;

	img.size = size;
	assert_int_equal(elf_extent(&img, &extent), err);
	elf_maker_free(&maker);
	assert_int_equal(fake_heap_live(), 0);
}

static void what_is_no_elf_file_has_no_extent(void **state)
{
	(void)state;
	prepare(true, false);
	maker.file[1] = 'F';
	expect_error(ERR_FORMAT, PARTITION);
	prepare(true, false);
	expect_error(ERR_FORMAT, 63);
	prepare(true, false);
	expect_error(ERR_FORMAT, 0);
}

static void read_errors_are_told(void **state)
{
	(void)state;
	prepare(true, false);
	maker.read_error = ERR_IO;
	maker.bad_offset = 8;
	expect_error(ERR_IO, PARTITION);
	prepare(true, false);
	maker.read_error = ERR_TIMEOUT;
	maker.bad_offset = maker.phoff + 60;
	expect_error(ERR_TIMEOUT, PARTITION);
}

static void without_memory_there_is_a_reason(void **state)
{
	uint64_t size;

	(void)state;
	prepare(true, false);
	fake_heap_fail_after(0);
	assert_int_equal(elf_extent(&img, &size), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_non_null(strstr(reason(), "ELF headers"));
	elf_maker_free(&maker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_of_the_last_segment_counts),
		cmocka_unit_test(notes_count),
		cmocka_unit_test(the_table_itself_counts),
		cmocka_unit_test(sections_count_if_they_have_bytes),
		cmocka_unit_test(the_table_of_sections_counts),
		cmocka_unit_test(headers_that_lie_end_with_the_partition),
		cmocka_unit_test(all_of_aix_partition_counts),
		cmocka_unit_test(what_is_no_elf_file_has_no_extent),
		cmocka_unit_test(read_errors_are_told),
		cmocka_unit_test(without_memory_there_is_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// ELF files checked, placed and entered.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/elf.h"
#include "tests/fake/elf.h"
#include "tests/fake/heap.h"

static struct elf_maker maker;
static struct image img;
static struct elf_info info;
static struct elf_entry entry;

static int probe(void)
{
	elf_maker_image(&maker, &img);
	return elf_probe(&img, &info);
}

/* What it is, without its segments. */
static int look(void)
{
	int err = probe();

	if (err == 0)
		elf_info_free(&info);
	return err;
}

static void expect_bad(const char *why)
{
	assert_int_equal(probe(), ERR_FORMAT);
	assert_non_null(strstr(reason(), why));
	assert_int_equal(fake_heap_live(), 0);
}

/* One segment at 0x1000 (virtual: +delta) with the file's bytes 512 to 767. */
static void prepare(bool is_64, bool little, uint64_t delta)
{
	elf_maker_init(&maker, is_64, little);
	elf_maker_load(&maker, 0x1000, 0x1000 + delta, 512, 256, 512);
	elf_maker_entry(&maker, 0x1000 + delta);
}

static int load(void)
{
	int err = probe();

	if (err)
		return err;
	err = elf_load(&img, &info, &fake_elf_place, &entry);
	elf_info_free(&info);
	return err;
}

static void finish(void)
{
	elf_maker_free(&maker);
	fake_elf_reset();
	assert_int_equal(fake_heap_live(), 0);
}

static void the_headers_say_what_it_is(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		prepare(kind & 1, kind & 2, 0);
		elf_maker_load(&maker, 0x400, 0x400, 0, 4, 8);
		maker.file[7] = ELF_OSABI_AIX;
		assert_int_equal(probe(), 0);
		assert_int_equal(info.is_64, kind & 1);
		assert_int_equal(info.little_endian, !!(kind & 2));
		assert_int_equal(info.osabi, ELF_OSABI_AIX);
		assert_int_equal(info.phnum, 2);
		assert_int_equal(info.entry, 0x1000);
		assert_int_equal(info.segs.count, 2);
		assert_int_equal(info.segs.seg[0].paddr, 0x400);
		assert_int_equal(info.segs.seg[1].paddr, 0x1000);
		elf_info_free(&info);
		finish();
	}
}

static void zeros_are_called_empty(void **state)
{
	(void)state;
	prepare(true, false, 0);
	memset(maker.file, 0, 64);
	expect_bad("empty, not an ELF file (begins with 00000000)");
	maker.file[20] = 1;
	expect_bad("not an ELF file (begins with 00000000)");
	assert_null(strstr(reason(), "empty"));
	finish();
}

static void what_is_no_powerpc_executable_is_refused(void **state)
{
	(void)state;
	prepare(true, false, 0);
	maker.file[0] = 'X';
	expect_bad("not an ELF file (begins with 58454c46)");
	maker.file[0] = 0x7f;
	maker.file[4] = 3;
	expect_bad("class 3");
	maker.file[4] = 2;
	maker.file[5] = 0;
	expect_bad("data encoding 0");
	maker.file[5] = 2;
	maker.file[19] = 62;
	expect_bad("machine 62");
	maker.file[19] = 20;
	expect_bad("machine 20");
	maker.file[19] = 21;
	maker.file[17] = 1;
	expect_bad("type 1");
	maker.file[17] = 3;
	assert_int_equal(look(), 0);
	finish();
}

static void a_file_cut_inside_its_headers_is_refused(void **state)
{
	size_t whole;

	(void)state;
	for (int is_64 = 0; is_64 < 2; is_64++) {
		prepare(is_64, false, 0);
		whole = maker.size;
		for (maker.size = 0; maker.size < 768; maker.size++)
			assert_int_equal(probe(), ERR_FORMAT);
		maker.size = whole;
		assert_int_equal(look(), 0);
		finish();
	}
}

static void tables_outside_the_file_are_refused(void **state)
{
	(void)state;
	prepare(true, false, 0);
	memset(maker.file + 32, 0xff, 8);
	expect_bad("outside the file");
	finish();
	prepare(true, false, 0);
	memset(maker.file + 54, 0xff, 2);
	expect_bad("outside the file");
	maker.file[54] = 0;
	maker.file[55] = 55;
	expect_bad("headers of 55 bytes");
	finish();
	prepare(true, false, 0);
	memset(maker.file + 56, 0xff, 2);
	expect_bad("too many");
	finish();
}

static void segments_are_read_to_their_places_and_flushed(void **state)
{
	(void)state;
	prepare(false, false, 0);
	elf_maker_load(&maker, 0x3000, 0x3000, 600, 10, 10);
	memset(fake_elf_memory, 0xee, sizeof(fake_elf_memory));
	assert_int_equal(load(), 0);
	assert_memory_equal(fake_elf_memory + 0x1000, maker.file + 512, 256);
	for (unsigned i = 0x1100; i < 0x1200; i++)
		assert_int_equal(fake_elf_memory[i], 0);
	assert_int_equal(fake_elf_memory[0x0fff], 0xee);
	assert_int_equal(fake_elf_memory[0x1200], 0xee);
	assert_memory_equal(fake_elf_memory + 0x3000, maker.file + 600, 10);
	assert_int_equal(fake_elf_flushed, 512 + 10);
	assert_int_equal(fake_elf_claimed, 512 + 10);
	assert_false(entry.is_64);
	assert_false(entry.little_endian);
	assert_int_equal(entry.pc, 0x1000);
	assert_int_equal(entry.toc, 0);
	assert_int_equal(entry.r12, 0);
	finish();
}

/* What was checked is what is loaded. */
static void each_header_is_read_once(void **state)
{
	(void)state;
	prepare(true, false, 0);
	assert_int_equal(load(), 0);
	assert_int_equal(maker.reads, 3);
	finish();
}

static void linux_vmlinux_is_entered_at_its_physical_address(void **state)
{
	(void)state;
	prepare(true, true, 0xc000000000000000);
	elf_maker_flags(&maker, 2);
	elf_maker_entry(&maker, 0xc000000000001010);
	assert_int_equal(load(), 0);
	assert_true(entry.is_64 && entry.little_endian);
	assert_int_equal(entry.pc, 0x1010);
	assert_int_equal(entry.r12, 0x1010);
	assert_int_equal(entry.toc, 0);
	finish();
}

static void an_elfv1_entry_may_be_a_descriptor(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		prepare(true, kind & 1, 0);
		elf_maker_flags(&maker, kind & 2 ? 1 : 0);
		elf_maker_put64(&maker, 512, 0x1040);
		elf_maker_put64(&maker, 520, 0x9040);
		assert_int_equal(load(), 0);
		assert_int_equal(entry.pc, 0x1040);
		assert_int_equal(entry.toc, 0x9040);
		assert_int_equal(entry.r12, 0);
		finish();
	}
}

static void a_descriptor_is_moved_with_its_segment(void **state)
{
	(void)state;
	prepare(true, false, 0x10000);
	elf_maker_put64(&maker, 512, 0x11040);
	elf_maker_put64(&maker, 520, 0x19040);
	assert_int_equal(load(), 0);
	assert_int_equal(entry.pc, 0x1040);
	assert_int_equal(entry.toc, 0x9040);
	finish();
}

static void linux_big_endian_vmlinux_has_code_at_its_elfv1_entry(void **state)
{
	static const uint64_t code[] = { 0x0800004848000020, 0x1042, 0x1200,
					 0x11fd, 0 };

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		prepare(true, false, 0);
		elf_maker_put64(&maker, 512, code[i]);
		assert_int_equal(load(), 0);
		assert_int_equal(entry.pc, 0x1000);
		assert_int_equal(entry.toc, 0);
		finish();
	}
}

static void a_descriptor_at_the_very_end_is_code(void **state)
{
	(void)state;
	prepare(true, false, 0);
	elf_maker_entry(&maker, 0x11f8);
	assert_int_equal(load(), 0);
	assert_int_equal(entry.pc, 0x11f8);
	finish();
}

static void elfv2_and_32_bit_entries_are_never_descriptors(void **state)
{
	(void)state;
	prepare(true, false, 0);
	elf_maker_flags(&maker, 2);
	elf_maker_put64(&maker, 512, 0x1040);
	assert_int_equal(load(), 0);
	assert_int_equal(entry.pc, 0x1000);
	assert_int_equal(entry.r12, 0x1000);
	finish();
	prepare(false, true, 0);
	elf_maker_put64(&maker, 512, 0x1040);
	assert_int_equal(load(), 0);
	assert_int_equal(entry.pc, 0x1000);
	assert_true(entry.little_endian);
	assert_int_equal(entry.r12, 0);
	finish();
}

static void entries_outside_or_unaligned_release_everything(void **state)
{
	static const uint64_t entries[] = { 0,	    0x0ffc, 0x11fe,
					    0x1002, 0x1200, UINT64_MAX };

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		prepare(true, false, 0);
		elf_maker_entry(&maker, entries[i]);
		assert_int_equal(load(), ERR_FORMAT);
		assert_non_null(strstr(reason(), "entry"));
		assert_int_equal(fake_elf_claimed, 0);
		finish();
	}
}

static void memory_in_use_is_told_and_the_rest_released(void **state)
{
	(void)state;
	prepare(true, false, 0);
	elf_maker_load(&maker, 0x3000, 0x3000, 600, 10, 10);
	fake_elf_used_first = fake_elf_used_last = 0x3005;
	assert_int_equal(load(), ERR_EXIST);
	assert_non_null(strstr(reason(), "segment at 3000"));
	assert_non_null(strstr(reason(), "in use"));
	assert_int_equal(fake_elf_claimed, 0);
	finish();
}

static void memory_that_is_not_there_is_told(void **state)
{
	(void)state;
	prepare(true, false, 0);
	elf_maker_load(&maker, 0x40000000, 0x3000, 600, 10, 10);
	assert_int_equal(load(), ERR_RANGE);
	assert_non_null(strstr(reason(), "beyond the end of memory"));
	assert_int_equal(fake_elf_claimed, 0);
	finish();
}

static void a_read_error_releases_everything(void **state)
{
	(void)state;
	prepare(true, false, 0);
	assert_int_equal(probe(), 0);
	maker.bad_offset = 600;
	assert_int_equal(elf_load(&img, &info, &fake_elf_place, &entry),
			 ERR_IO);
	elf_info_free(&info);
	assert_int_equal(fake_elf_claimed, 0);
	finish();
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
	(void)state;
	prepare(true, false, 0);
	for (long n = 0; n < 2; n++) {
		fake_heap_fail_after(n);
		assert_int_equal(load(), ERR_NOMEM);
		assert_int_equal(fake_heap_live(), 0);
	}
	fake_heap_fail_after(2);
	assert_int_equal(load(), 0);
	fake_heap_fail_after(-1);
	finish();
}

static void every_bit_of_the_headers_may_be_wrong(void **state)
{
	unsigned loaded = 0;

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		prepare(kind & 1, kind & 2, 0);
		elf_maker_put64(&maker, 512, 0x1040);
		for (size_t i = 0; i < (size_t)180 * 8; i++) {
			maker.file[i / 8] ^= (uint8_t)(1 << i % 8);
			loaded += load() == 0;
			maker.file[i / 8] ^= (uint8_t)(1 << i % 8);
			fake_elf_reset();
		}
		finish();
	}
	assert_true(loaded > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_headers_say_what_it_is),
		cmocka_unit_test(zeros_are_called_empty),
		cmocka_unit_test(what_is_no_powerpc_executable_is_refused),
		cmocka_unit_test(a_file_cut_inside_its_headers_is_refused),
		cmocka_unit_test(tables_outside_the_file_are_refused),
		cmocka_unit_test(segments_are_read_to_their_places_and_flushed),
		cmocka_unit_test(each_header_is_read_once),
		cmocka_unit_test(
			linux_vmlinux_is_entered_at_its_physical_address),
		cmocka_unit_test(an_elfv1_entry_may_be_a_descriptor),
		cmocka_unit_test(a_descriptor_is_moved_with_its_segment),
		cmocka_unit_test(
			linux_big_endian_vmlinux_has_code_at_its_elfv1_entry),
		cmocka_unit_test(a_descriptor_at_the_very_end_is_code),
		cmocka_unit_test(
			elfv2_and_32_bit_entries_are_never_descriptors),
		cmocka_unit_test(
			entries_outside_or_unaligned_release_everything),
		cmocka_unit_test(memory_in_use_is_told_and_the_rest_released),
		cmocka_unit_test(memory_that_is_not_there_is_told),
		cmocka_unit_test(a_read_error_releases_everything),
		cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
		cmocka_unit_test(every_bit_of_the_headers_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Executables that QEMU's -kernel has put into memory with their ELF header.
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

/*
 * Where QEMU has put it, and what it calls its size: the sum of p_memsz. There
 * is a gap of 1000 between the two segments. [QEMU include/hw/elf_ops.h]
 */
#define BASE 0x1000u
#define SIZE 0x2000u

static struct elf_maker maker;
static struct elf_entry entry;

/* The lowest segment has the header, with `vaddr` and `paddr` as linked. */
static void prepare(bool is_64, bool little, uint64_t vaddr, uint64_t paddr)
{
	elf_maker_init(&maker, is_64, little);
	elf_maker_load(&maker, paddr, vaddr, 0, 0x800, 0x1000);
	elf_maker_load(&maker, paddr + 0x2000, vaddr + 0x2000, 0x800, 0x400,
		       0x1000);
	elf_maker_entry(&maker, vaddr + 0x400);
}

/* Puts the segments where QEMU does, then looks for the entry. */
static int find(void)
{
	struct image img;

	memcpy(fake_elf_memory + BASE, maker.file, 0x800);
	memcpy(fake_elf_memory + BASE + 0x2000, maker.file + 0x800, 0x400);
	image_from_memory(&img, fake_elf_memory + BASE, SIZE);
	return elf_find_loaded(&img, BASE, &fake_elf_place, &entry);
}

static void finish(void)
{
	elf_maker_free(&maker);
	fake_elf_reset();
	assert_int_equal(fake_heap_live(), 0);
}

static void expect_error(int err, const char *why)
{
	assert_int_equal(find(), err);
	assert_int_equal(fake_elf_claimed, 0);
	if (!strstr(reason(), why))
		print_message("%s\n", reason());
	assert_non_null(strstr(reason(), why));
	assert_int_equal(fake_heap_live(), 0);
}

static void expect_bad(const char *why)
{
	expect_error(ERR_FORMAT, why);
}

static void a_header_is_known_by_its_magic(void **state)
{
	static const uint8_t linux_le[24] = { 8, 0, 0, 0x48 };
	uint8_t elf[24] = { 0x7f, 'E', 'L', 'F' };

	(void)state;
	assert_true(elf_is_header(elf, sizeof(elf)));
	assert_false(elf_is_header(elf, 3));
	assert_false(elf_is_header(linux_le, sizeof(linux_le)));
}

static void the_entry_is_found_where_qemu_has_put_it(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		prepare(kind & 1, kind & 2, 0x10000, 0x10000);
		assert_int_equal(find(), 0);
		assert_int_equal(entry.pc, BASE + 0x400);
		assert_int_equal(entry.is_64, kind & 1);
		assert_int_equal(entry.little_endian, !!(kind & 2));
		assert_int_equal(entry.toc, 0);
		assert_int_equal(entry.r12, 0);
		/* What the image occupies, not the gap in it. */
		assert_int_equal(fake_elf_claimed, 0x2000);
		/* In the second segment, behind what QEMU calls the size. */
		elf_maker_entry(&maker, 0x12010);
		assert_int_equal(find(), 0);
		assert_int_equal(entry.pc, BASE + 0x2010);
		finish();
	}
}

/* QEMU keeps 28 bits of it; FreeBSD's kernel has such addresses. */
static void high_physical_addresses_are_cut_as_qemu_cuts_them(void **state)
{
	(void)state;
	prepare(true, false, 0xc000000000100000, 0xc000000000100000);
	assert_int_equal(find(), 0);
	assert_int_equal(entry.pc, BASE + 0x400);
	finish();
	/* Cut, its second segment is the first: the header is not in front. */
	prepare(true, false, 0x20000, 0x0ffff000);
	expect_bad("segment at 10001000 is below the ELF header");
	finish();
}

static void a_descriptor_gives_code_and_toc(void **state)
{
	(void)state;
	prepare(true, false, 0x10000, 0x10000);
	elf_maker_flags(&maker, 1);
	elf_maker_put64(&maker, 0x400, 0x10600);
	elf_maker_put64(&maker, 0x408, 0x12345);
	assert_int_equal(find(), 0);
	assert_int_equal(entry.pc, BASE + 0x600);
	assert_int_equal(entry.toc, BASE + 0x2345);
	elf_maker_flags(&maker, 2);
	assert_int_equal(find(), 0);
	assert_int_equal(entry.pc, BASE + 0x400);
	assert_int_equal(entry.r12, BASE + 0x400);
	finish();
}

static void what_is_not_in_memory_is_refused(void **state)
{
	(void)state;
	prepare(true, false, 0x10000, 0x10000);
	elf_maker_entry(&maker, 0x11000);
	expect_bad("entry 11000 is outside the image");
	elf_maker_entry(&maker, 0x10402);
	expect_bad("entry 10402 is not aligned");
	elf_maker_entry(&maker, 0x10400);
	/* At the end of memory, behind it, in front of the header. */
	elf_maker_load(&maker, 0x16ffe, 0x30000, 0x900, 0, 2);
	assert_int_equal(find(), 0);
	fake_elf_reset();
	elf_maker_load(&maker, 0x17000, 0x40000, 0x900, 0, 1);
	expect_error(ERR_RANGE,
		     "segment at 8000, 1 bytes: beyond the end of memory");
	finish();
	prepare(true, false, 0x10000, 0x10000);
	elf_maker_load(&maker, 0xf000, 0xf000, 0x900, 0, 0x100);
	expect_bad("segment at f000 is below the ELF header");
	finish();
	prepare(true, false, 0x10000, 0x10000);
	elf_maker_load(&maker, 0x10800, 0x10800, 0x900, 0, 0x1000);
	expect_bad("overlap");
	finish();
}

/* The firmware, or an initrd, which QEMU puts behind SIZE: into the gap. */
static void memory_of_others_is_only_free_in_the_gap(void **state)
{
	(void)state;
	prepare(true, false, 0x10000, 0x10000);
	fake_elf_used_first = BASE + 0x1000;
	fake_elf_used_last = BASE + 0x1fff;
	assert_int_equal(find(), 0);
	fake_elf_claimed = 0;
	fake_elf_used_last = BASE + 0x2000;
	expect_error(ERR_EXIST, "segment at 3000, 1000 bytes: memory in use");
	finish();
}

static void headers_that_lie_are_refused(void **state)
{
	(void)state;
	prepare(true, false, 0x10000, 0x10000);
	maker.file[19] = 62;
	expect_bad("machine 62");
	maker.file[19] = 21;
	/* Program headers: none, not in memory, not in the head's segment. */
	maker.file[57] = 0;
	expect_bad("no PT_LOAD segment");
	maker.file[57] = 2;
	elf_maker_put64(&maker, 32, SIZE - 111);
	expect_bad("program headers outside");
	elf_maker_put64(&maker, 32, UINT64_MAX);
	expect_bad("program headers outside");
	elf_maker_put64(&maker, 32, 64);
	finish();
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0x10000, 0x10000, 0x100, 0x800, 0x1000);
	expect_bad("no segment contains the program headers");
	finish();
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, 0x10000, 0x10000, 0, 119, 0x1000);
	expect_bad("no segment contains the program headers");
	finish();
	prepare(true, false, UINT64_MAX - 0x7ff, 0x10000);
	expect_bad("addresses wrap around");
	finish();
}

static void no_memory_is_told(void **state)
{
	(void)state;
	prepare(true, false, 0x10000, 0x10000);
	fake_heap_fail_after(0);
	assert_int_equal(find(), ERR_NOMEM);
	fake_heap_fail_after(-1);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_known_by_its_magic),
		cmocka_unit_test(the_entry_is_found_where_qemu_has_put_it),
		cmocka_unit_test(
			high_physical_addresses_are_cut_as_qemu_cuts_them),
		cmocka_unit_test(a_descriptor_gives_code_and_toc),
		cmocka_unit_test(what_is_not_in_memory_is_refused),
		cmocka_unit_test(memory_of_others_is_only_free_in_the_gap),
		cmocka_unit_test(headers_that_lie_are_refused),
		cmocka_unit_test(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

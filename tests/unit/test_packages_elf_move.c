// SPDX-License-Identifier: BSD-2-Clause
// ELF files that would lie on the vectors are moved.
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

static int load_to(const struct elf_place *place)
{
	int err = probe();

	if (err)
		return err;
	err = elf_load(&img, &info, place, &entry);
	elf_info_free(&info);
	return err;
}

static int load(void)
{
	return load_to(&fake_elf_place);
}

static void finish(void)
{
	elf_maker_free(&maker);
	fake_elf_reset();
	assert_int_equal(fake_heap_live(), 0);
}

/* Where an image that is moved goes, and what was asked for; 0: nowhere. */
static uint64_t move_to, move_size, move_align;

static int find(void *arg, uint64_t size, uint64_t align, uint64_t *addr)
{
	(void)arg;
	move_size = size;
	move_align = align;
	*addr = move_to;
	return move_to ? 0 : ERR_NOMEM;
}

static int load_movable(void)
{
	struct elf_place place = fake_elf_place;

	place.find = find;
	move_size = move_align = 0;
	return load_to(&place);
}

/* Two segments from `paddr` on, as Linux's vmlinux has one from 0 on. */
static void prepare_low(uint64_t paddr, uint64_t vaddr)
{
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, paddr + 0x1000, vaddr + 0x1000, 512, 256, 0x300);
	elf_maker_load(&maker, paddr, vaddr, 1024, 256, 0x800);
	elf_maker_entry(&maker, vaddr + 0x1004);
	move_to = 0x4000;
}

static void linuxs_vmlinux_is_moved_as_a_whole(void **state)
{
	(void)state;
	prepare_low(0, 0xc000000000000000);
	fake_elf_used_first = 0;
	fake_elf_used_last = 0x3fff;
	assert_int_equal(load(), ERR_EXIST);
	assert_int_equal(load_movable(), 0);
	assert_int_equal(move_size, 0x1300);
	assert_int_equal(move_align, ELF_MOVE_ALIGN);
	assert_memory_equal(fake_elf_memory + 0x4000, maker.file + 1024, 256);
	assert_memory_equal(fake_elf_memory + 0x5000, maker.file + 512, 256);
	assert_int_equal(fake_elf_memory[0x5000 + 256], 0);
	assert_int_equal(entry.pc, 0x5004);
	assert_int_equal(entry.linked, 0);
	assert_int_equal(entry.loaded, 0x4000);
	assert_int_equal(fake_elf_claimed, 0xb00);
	assert_int_equal(fake_elf_flushed, 0xb00);
	finish();
}

static void a_descriptor_moves_with_its_image(void **state)
{
	(void)state;
	prepare_low(0, 0x10000000);
	elf_maker_entry(&maker, 0x10000010);
	elf_maker_put64(&maker, 1024 + 16, 0x10001008);
	elf_maker_put64(&maker, 1024 + 24, 0x10009000);
	assert_int_equal(load_movable(), 0);
	assert_int_equal(entry.pc, 0x5008);
	assert_int_equal(entry.toc, 0xd000);
	finish();
}

/* Its place keeps what the segments want of their addresses. */
static void a_moved_image_keeps_its_alignment(void **state)
{
	(void)state;
	prepare_low(0x3f00, 0xc0003f00);
	elf_maker_align(&maker, 0x40000);
	move_to = 0x2000;
	assert_int_equal(load_movable(), 0);
	assert_int_equal(move_align, 0x40000);
	assert_int_equal(move_size, 0x3f00 + 0x1300);
	assert_int_equal(entry.linked, 0x3f00);
	assert_int_equal(entry.loaded, 0x5f00);
	assert_memory_equal(fake_elf_memory + 0x5f00, maker.file + 1024, 256);
	finish();
	prepare_low(0, 0xc0000000);
	elf_maker_align(&maker, 0x30000);
	assert_int_equal(load_movable(), 0);
	assert_int_equal(move_align, ELF_MOVE_ALIGN);
	finish();
}

/* ET_DYN: it has been made to run anywhere. (ELF gABI, figure 4-3) */
static void a_position_independent_program_is_moved(void **state)
{
	(void)state;
	prepare_low(0, 0);
	maker.file[17] = 3;
	assert_int_equal(load_movable(), 0);
	assert_int_equal(entry.pc, 0x5004);
	assert_int_equal(entry.loaded, 0x4000);
	finish();
}

/* It would find nothing where it expects it. */
static void a_program_linked_for_the_vectors_is_not_moved(void **state)
{
	(void)state;
	prepare_low(0x100, 0x100);
	fake_elf_used_first = 0;
	fake_elf_used_last = 0x3fff;
	assert_int_equal(load_movable(), ERR_EXIST);
	assert_string_equal(reason(),
			    "segment at 100, 800 bytes: memory in use");
	assert_int_equal(move_size, 0);
	/* The lowest segment counts. */
	elf_maker_load(&maker, 0x3000, 0x13000, 512, 256, 256);
	assert_int_equal(load_movable(), ERR_EXIST);
	assert_int_equal(move_size, 0);
	finish();
}

static void what_is_not_on_the_vectors_stays(void **state)
{
	(void)state;
	prepare_low(ELF_LOW_END, 0);
	assert_int_equal(load_movable(), 0);
	assert_int_equal(entry.pc, ELF_LOW_END + 0x1004);
	assert_int_equal(entry.linked, ELF_LOW_END);
	assert_int_equal(entry.loaded, ELF_LOW_END);
	assert_int_equal(move_size, 0);
	finish();
	prepare_low(0x100, 0);
	maker.file[7] = ELF_OSABI_AIX;
	assert_int_equal(load_movable(), 0);
	assert_int_equal(entry.pc, 0x1104);
	assert_int_equal(move_size, 0);
	finish();
}

static void an_image_without_a_place_is_refused(void **state)
{
	(void)state;
	prepare_low(0x20, 0);
	move_to = 0;
	assert_int_equal(load_movable(), ERR_RANGE);
	assert_string_equal(reason(), "linked at 20, and no room elsewhere for "
				      "1320 bytes");
	assert_int_equal(fake_elf_claimed, 0);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linuxs_vmlinux_is_moved_as_a_whole),
		cmocka_unit_test(a_descriptor_moves_with_its_image),
		cmocka_unit_test(a_moved_image_keeps_its_alignment),
		cmocka_unit_test(a_position_independent_program_is_moved),
		cmocka_unit_test(a_program_linked_for_the_vectors_is_not_moved),
		cmocka_unit_test(what_is_not_on_the_vectors_stays),
		cmocka_unit_test(an_image_without_a_place_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

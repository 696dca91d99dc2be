// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/place.c: memory for segments, and around the raw image. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/place.h"
#include "ci/ci.h"
#include "ci/claim.h"
#include "ci/mem.h"
#include "lib/reason.h"
#include "tests/fake/blocks.h"
#include "tree/node.h"

#define RAM 0x20000u
#define RAW 0x4000u
#define RAW_SIZE 0x4000u
#define RAW_END (RAW + RAW_SIZE)

static uint8_t ram[RAM], file[RAW_SIZE];
static struct place place;
static struct elf_place elf;
static struct image image;
static int read_error;
static uint64_t flushed;

static void flush(void *addr, uint64_t size)
{
	assert_true((uint8_t *)addr >= ram);
	flushed += size;
}

const struct ci_hooks *ci_hooks(void)
{
	static const struct ci_hooks hooks = { .code_written = flush };

	return &hooks;
}

static long read_fails(struct image *img, uint64_t offset, void *buf,
		       size_t len)
{
	(void)img;
	(void)offset;
	memset(buf, 0x99, len / 2);
	return read_error;
}

static int start(void **state)
{
	(void)state;
	fake_blocks_reset();
	assert_int_equal(tree_init(), 0);
	assert_int_equal(claim_init(RAM), 0);
	ci_mem_init((uintptr_t)ram, RAM);
	memset(ram, 0xee, sizeof(ram));
	memset(file, 0x7f, sizeof(file));
	file[RAW_SIZE - 1] = 0x42;
	flushed = 0;
	place = (struct place){ 0 };
	place_elf(&place, &elf);
	image_from_memory(&image, file, sizeof(file));
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_blocks_reset();
	return 0;
}

/* Start, with a raw image. */
static void with_raw(void)
{
	assert_int_equal(place_raw(&place, &image, RAW), 0);
}

/* Exactly [from, to) is claimed. */
static void assert_claimed(uint64_t from, uint64_t to)
{
	assert_false(claim_is_free(from, 1));
	assert_false(claim_is_free(to - 1, 1));
	assert_true(claim_is_free(from - 1, 1));
	assert_true(to == RAM || claim_is_free(to, 1));
}

static void segments_are_claimed_exactly(void **state)
{
	(void)state;
	assert_int_equal(elf.claim(elf.arg, 0x1000, 0x800), 0);
	assert_claimed(0x1000, 0x1800);
	assert_int_equal(elf.claim(elf.arg, 0x17ff, 1), ERR_EXIST);
	assert_ptr_equal(elf.ptr(elf.arg, 0x1000, 0x800), ram + 0x1000);
	elf.flush(elf.arg, ram + 0x1000, 0x800);
	assert_int_equal(flushed, 0x800);
	elf.release(elf.arg, 0x1000, 0x800);
	assert_true(claim_is_free(0, RAM));
}

static void segments_beyond_memory_are_refused(void **state)
{
	(void)state;
	assert_int_equal(elf.claim(elf.arg, RAM - 1, 2), ERR_RANGE);
	assert_null(elf.ptr(elf.arg, RAM - 1, 2));
	assert_true(claim_is_free(0, RAM));
}

static int find(uint64_t size, uint64_t align, uint64_t *addr)
{
	return elf.find(elf.arg, size, align, addr);
}

/* Only the claims matter: nothing of this memory is there. */
static void moved_images_go_where_qemu_puts_kernels(void **state)
{
	uint64_t addr;

	(void)state;
	assert_int_equal(claim_init(8 * GiB), 0);
	assert_int_equal(find(64 * MiB, 64 * KiB, &addr), 0);
	assert_int_equal(addr, 4 * MiB);
	assert_int_equal(find(64 * MiB, 16 * MiB, &addr), 0);
	assert_int_equal(addr, 16 * MiB);
	/* The first place that fits. */
	assert_int_equal(claim_exact(6 * MiB, 1), 0);
	assert_int_equal(claim_exact(9 * MiB + 1, 1), 0);
	assert_int_equal(find(2 * MiB, 64 * KiB, &addr), 0);
	assert_int_equal(addr, 4 * MiB);
	assert_int_equal(find(2 * MiB + 1, 64 * KiB, &addr), 0);
	assert_int_equal(addr, 6 * MiB + 64 * KiB);
	assert_int_equal(find(4 * MiB, 64 * KiB, &addr), 0);
	assert_int_equal(addr, 9 * MiB + 64 * KiB);
}

static void moved_images_stay_below_4_gib_and_inside_memory(void **state)
{
	uint64_t addr;

	(void)state;
	assert_int_equal(claim_init(8 * GiB), 0);
	assert_int_equal(find(4 * GiB - 4 * MiB, 64 * KiB, &addr), 0);
	assert_int_equal(addr, 4 * MiB);
	assert_int_equal(find(4 * GiB - 4 * MiB + 1, 64 * KiB, &addr),
			 ERR_NOMEM);
	assert_int_equal(find(1, 4 * GiB, &addr), ERR_NOMEM);
	assert_int_equal(find(1, UINT64_MAX / 2 + 1, &addr), ERR_NOMEM);
	assert_int_equal(find(UINT64_MAX, 64 * KiB, &addr), ERR_NOMEM);
	assert_int_equal(claim_init(64 * MiB), 0);
	assert_int_equal(find(60 * MiB, 64 * KiB, &addr), 0);
	assert_int_equal(find(60 * MiB + 1, 64 * KiB, &addr), ERR_NOMEM);
}

static void raw_image_is_whole_claimed_and_flushed(void **state)
{
	(void)state;
	with_raw();
	assert_memory_equal(ram + RAW, file, RAW_SIZE);
	assert_int_equal(ram[RAW - 1], 0xee);
	assert_int_equal(ram[RAW_END], 0xee);
	assert_claimed(RAW, RAW_END);
	assert_int_equal(flushed, RAW_SIZE);
}

/* Of 4 KiB, at the top of memory. */
static void what_is_staged_makes_room_for_segments(void **state)
{
	static uint8_t got[4096];

	(void)state;
	image.size = sizeof(got);
	assert_int_equal(stage_image(&place.stage, &image), 0);
	assert_claimed(RAM - 4096, RAM);
	assert_int_equal(elf.claim(elf.arg, RAM - 2048, 2048), 0);
	memset(ram + RAM - 2048, 0, 2048);
	assert_int_equal(image_read(&image, 0, got, sizeof(got)), 0);
	assert_memory_equal(got, file, sizeof(got));
	stage_free(&place.stage);
	assert_claimed(RAM - 2048, RAM);
}

static void raw_image_needs_free_memory(void **state)
{
	(void)state;
	assert_int_equal(claim_exact(RAW_END - 1, 1), 0);
	assert_int_equal(place_raw(&place, &image, RAW), ERR_EXIST);
	assert_string_equal(reason(), "the file needs 4000 bytes at load-base "
				      "4000: already there");
	assert_true(claim_is_free(RAW, RAW_SIZE - 1));
	assert_int_equal(ram[RAW], 0xee);
	assert_int_equal(place.raw_size, 0);
}

static void raw_image_needs_as_much_memory_as_there_is(void **state)
{
	(void)state;
	assert_int_equal(place_raw(&place, &image, RAM - RAW_SIZE + 1),
			 ERR_RANGE);
	assert_int_equal(place_raw(&place, &image, UINT64_MAX), ERR_RANGE);
	assert_true(claim_is_free(0, RAM));
}

static void raw_image_that_cannot_be_read_is_released(void **state)
{
	(void)state;
	image.read = read_fails;
	read_error = ERR_IO;
	assert_int_equal(place_raw(&place, &image, RAW), ERR_IO);
	assert_true(claim_is_free(0, RAM));
	assert_int_equal(place.raw_size, 0);
	assert_int_equal(flushed, 0);
}

static void raw_image_is_free_again_when_the_load_has_failed(void **state)
{
	(void)state;
	with_raw();
	place_undo(&place);
	assert_true(claim_is_free(0, RAM));
	assert_int_equal(place.raw_size, 0);
	place_undo(&place);
	assert_true(claim_is_free(0, RAM));
}

/* A boot partition may end behind the segments' place: 32 MiB on real disks. */
static void aix_segments_may_lie_across_the_end_of_the_raw_image(void **state)
{
	(void)state;
	with_raw();
	assert_int_equal(elf.claim(elf.arg, RAW_END - 0x1000, 0x1800), 0);
	assert_claimed(RAW, RAW_END + 0x800);
	elf.release(elf.arg, RAW_END - 0x1000, 0x1800);
	assert_claimed(RAW, RAW_END);
}

static void aix_segments_may_lie_across_load_base(void **state)
{
	(void)state;
	with_raw();
	assert_int_equal(elf.claim(elf.arg, RAW - 0x800, 0x1000), 0);
	assert_claimed(RAW - 0x800, RAW_END);
	elf.release(elf.arg, RAW - 0x800, 0x1000);
	assert_claimed(RAW, RAW_END);
}

static void aix_segments_may_lie_inside_and_around(void **state)
{
	(void)state;
	with_raw();
	assert_int_equal(elf.claim(elf.arg, RAW + 1, 2), 0);
	elf.release(elf.arg, RAW + 1, 2);
	assert_claimed(RAW, RAW_END);
	assert_int_equal(elf.claim(elf.arg, RAW - 1, RAW_SIZE + 2), 0);
	assert_claimed(RAW - 1, RAW_END + 1);
	elf.release(elf.arg, RAW - 1, RAW_SIZE + 2);
	assert_claimed(RAW, RAW_END);
}

static void aix_segments_beside_the_raw_image_are_as_any(void **state)
{
	(void)state;
	with_raw();
	assert_int_equal(elf.claim(elf.arg, RAW - 2, 2), 0);
	assert_int_equal(elf.claim(elf.arg, RAW_END, 2), 0);
	assert_claimed(RAW - 2, RAW_END + 2);
	assert_int_equal(elf.claim(elf.arg, RAW_END + 1, 1), ERR_EXIST);
	elf.release(elf.arg, RAW - 2, 2);
	elf.release(elf.arg, RAW_END, 2);
	assert_claimed(RAW, RAW_END);
}

static void aix_segments_are_claimed_whole_or_not(void **state)
{
	(void)state;
	with_raw();
	assert_int_equal(claim_exact(RAW_END + 8, 1), 0);
	assert_int_equal(elf.claim(elf.arg, RAW - 8, RAW_SIZE + 24), ERR_EXIST);
	assert_true(claim_is_free(RAW - 8, 8));
	assert_true(claim_is_free(RAW_END, 8));
	assert_false(claim_is_free(RAW, 1));
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(segments_are_claimed_exactly),
		T(segments_beyond_memory_are_refused),
		T(moved_images_go_where_qemu_puts_kernels),
		T(moved_images_stay_below_4_gib_and_inside_memory),
		T(raw_image_is_whole_claimed_and_flushed),
		T(what_is_staged_makes_room_for_segments),
		T(raw_image_needs_free_memory),
		T(raw_image_needs_as_much_memory_as_there_is),
		T(raw_image_that_cannot_be_read_is_released),
		T(raw_image_is_free_again_when_the_load_has_failed),
		T(aix_segments_may_lie_across_the_end_of_the_raw_image),
		T(aix_segments_may_lie_across_load_base),
		T(aix_segments_may_lie_inside_and_around),
		T(aix_segments_beside_the_raw_image_are_as_any),
		T(aix_segments_are_claimed_whole_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

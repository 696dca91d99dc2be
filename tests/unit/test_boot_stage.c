// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/stage.c: files of any size in memory, out of the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot/stage.h"
#include "ci/claim.h"
#include "ci/mem.h"
#include "lib/reason.h"
#include "tests/fake/blocks.h"
#include "tests/fake/tree.h"
#include "tree/node.h"

/* Memory, most of which is a file's size. */
#define RAM (16 * MiB)
#define FILE_MAX (12 * MiB)

static uint8_t ram[RAM], *file;
static struct stage stage;
static struct image image;
static uint64_t bad_byte; /* a read that comes to it fails; 0: none */

static long read_file(struct image *img, uint64_t offset, void *buf, size_t len)
{
	uint64_t size = *(uint64_t *)img->priv;

	/* As a network: what is past cannot be had again. */
	assert_int_equal(offset, img->seen);
	if (bad_byte && offset + len > bad_byte)
		return reason_fail(ERR_TIMEOUT, "no response in 15 s");
	len = (size_t)MIN(len, size - offset);
	memcpy(buf, file + offset, len);
	return (long)len;
}

/* A file of `size` bytes, which it tells or not. */
static void make(uint64_t size, bool known)
{
	static uint64_t real;

	real = size;
	image = (struct image){ .name = "the file",
				.size = known ? size : IMAGE_SIZE_UNKNOWN,
				.stream = true,
				.read = read_file,
				.priv = &real };
}

static int start(void **state)
{
	(void)state;
	fake_blocks_reset();
	assert_int_equal(tree_init(), 0);
	assert_int_equal(claim_init(RAM), 0);
	ci_mem_init((uintptr_t)ram, RAM);
	memset(ram, 0xee, sizeof(ram));
	file = malloc(FILE_MAX);
	for (size_t i = 0; i < FILE_MAX; i++)
		file[i] = (uint8_t)(i * 7 + (i >> 12));
	stage = (struct stage){ 0 };
	bad_byte = 0;
	reason_clear();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	stage_free(&stage);
	assert_true(claim_is_free(0, 1));
	free(file);
	tree_free();
	fake_blocks_reset();
	return 0;
}

/* Every byte of it, in reads that begin and end anywhere. */
static void assert_file(uint64_t size)
{
	static uint8_t buf[100003];

	assert_int_equal(image.size, size);
	assert_string_equal(image.name, "the file");
	for (uint64_t at = 0; at < size; at += sizeof(buf)) {
		size_t n = (size_t)MIN(sizeof(buf), size - at);

		assert_int_equal(image_read(&image, at, buf, n), 0);
		assert_memory_equal(buf, file + at, n);
	}
	assert_int_equal(image_read(&image, size, buf, 1), ERR_RANGE);
}

static uint64_t staged(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < stage.count; i++) {
		assert_false(claim_is_free(stage.chunk[i].addr, 1));
		sum += stage.chunk[i].size;
	}
	return sum;
}

static void a_file_is_staged_at_the_top_of_memory(void **state)
{
	(void)state;
	make(5 * MiB + 1, true);
	assert_int_equal(stage_image(&stage, &image), 0);
	assert_file(5 * MiB + 1);
	assert_false(image.stream);
	assert_int_equal(stage.count, 1);
	assert_int_equal(stage.chunk[0].addr,
			 ALIGN_DOWN(RAM - 5 * MiB - 1, 4096));
	assert_true(claim_is_free(0, stage.chunk[0].addr));
	stage_free(&stage);
	assert_true(claim_is_free(0, RAM));
}

/* More than this cannot be an address of a client. */
static void nothing_is_staged_above_4_gib(void **state)
{
	(void)state;
	assert_int_equal(claim_init(8 * GiB), 0);
	/* Only the lowest 16 MiB of this are there. */
	assert_int_equal(claim_exact(RAM, 4 * GiB - RAM), 0);
	make(1000, true);
	assert_int_equal(stage_image(&stage, &image), 0);
	assert_int_equal(stage.chunk[0].addr, RAM - 4096);
	assert_file(1000);
}

static void a_file_of_unknown_size_is_staged_to_its_end(void **state)
{
	static const uint64_t sizes[] = {
		0, 1, 4 * MiB - 1, 4 * MiB, 4 * MiB + 1, 11 * MiB + 12345
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		make(sizes[i], false);
		assert_int_equal(stage_image(&stage, &image), 0);
		assert_file(sizes[i]);
		/* What was claimed for more is free again. */
		assert_int_equal(staged(), sizes[i]);
		assert_int_equal(stage.size, sizes[i]);
		stage_free(&stage);
		assert_true(claim_is_free(0, RAM));
	}
}

static void memory_in_shreds_will_do(void **state)
{
	(void)state;
	for (uint64_t at = 0; at < RAM; at += 2 * MiB)
		assert_int_equal(claim_exact(at, 4096), 0);
	for (int known = 0; known < 2; known++) {
		make(9 * MiB, known);
		assert_int_equal(stage_image(&stage, &image), 0);
		assert_file(9 * MiB);
		assert_true(stage.count > 4);
		stage_free(&stage);
	}
	claim_release(0, RAM);
}

static void a_file_that_memory_cannot_hold_is_told(void **state)
{
	(void)state;
	assert_int_equal(claim_exact(MiB, 10 * MiB), 0);
	make(7 * MiB, false);
	assert_int_equal(stage_image(&stage, &image), ERR_NOMEM);
	assert_non_null(strstr(reason(), "out of memory below 4 GiB after 62"));
	/* It took all but crumbs. */
	assert_true(stage.size > 6 * MiB - 128 * KiB);
	stage_free(&stage);
	assert_true(claim_is_free(0, MiB));
	assert_true(claim_is_free(11 * MiB, 5 * MiB));
	claim_release(0, RAM);
}

static void a_file_known_to_be_too_large_is_not_read(void **state)
{
	(void)state;
	assert_int_equal(claim_exact(MiB, 10 * MiB), 0);
	make(7 * MiB, true);
	assert_int_equal(stage_image(&stage, &image), ERR_NOMEM);
	assert_non_null(strstr(reason(), "7340032 bytes; 62"));
	assert_non_null(strstr(reason(), " are free below 4 GiB"));
	assert_int_equal(image.seen, 0);
	stage_free(&stage);
	assert_true(claim_is_free(0, MiB));
	assert_true(claim_is_free(11 * MiB, 5 * MiB));
	claim_release(0, RAM);
}

static void a_read_that_fails_is_told_with_its_place(void **state)
{
	(void)state;
	bad_byte = 4 * MiB;
	make(5 * MiB, false);
	assert_int_equal(stage_image(&stage, &image), ERR_TIMEOUT);
	assert_string_equal(reason(),
			    "no response in 15 s, after 4194304 bytes");
	stage_free(&stage);
	assert_true(claim_is_free(0, RAM));
}

static void a_file_that_ends_early_is_told(void **state)
{
	(void)state;
	make(5 * MiB, true);
	image.size += 10;
	assert_int_equal(stage_image(&stage, &image), ERR_IO);
	assert_string_equal(reason(), "ends 10 bytes early");
}

static void no_heap_for_records_is_told(void **state)
{
	(void)state;
	make(1000, true);
	fake_blocks_fail_after(0);
	assert_int_equal(stage_image(&stage, &image), ERR_NOMEM);
	fake_blocks_fail_after(-1);
	stage_free(&stage);
	assert_true(claim_is_free(0, RAM));
}

/* A segment's target that the file lies in: all of it, or one of its ends. */
static void what_is_loaded_gets_the_memory_of_the_stage(void **state)
{
	static const struct {
		uint64_t addr, size;
	} targets[] = {
		{ RAM - 4 * MiB, 4 * MiB },
		{ RAM - 4 * MiB - 1, 2 },
		{ RAM - 2, 2 },
		{ RAM - 3 * MiB, MiB },
		{ RAM - 6 * MiB, 3 * MiB },
		{ RAM - 7 * MiB, 7 * MiB },
		{ RAM - 2 * MiB + 5, 12345 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		uint64_t addr = targets[i].addr, size = targets[i].size;

		make(4 * MiB, true);
		assert_int_equal(stage_image(&stage, &image), 0);
		assert_int_equal(stage_make_room(&stage, addr, size), 0);
		assert_false(claim_is_free(addr, 1));
		assert_false(claim_is_free(addr + size - 1, 1));
		/* As a segment is loaded there. */
		memset(ram + addr, 0x55, size);
		assert_file(4 * MiB);
		assert_int_equal(staged(), 4 * MiB);
		claim_release(addr, size);
		stage_free(&stage);
		assert_true(claim_is_free(0, RAM));
	}
}

/* One after the other, each where the last one has pushed the file. */
static void the_stage_makes_room_again_and_again(void **state)
{
	(void)state;
	make(3 * MiB + 77, false);
	assert_int_equal(stage_image(&stage, &image), 0);
	for (unsigned i = 0; i < 20; i++) {
		uint64_t addr = RAM - 512 * KiB * (i + 1);
		int rc = claim_exact(addr, 512 * KiB);

		if (rc)
			rc = stage_make_room(&stage, addr, 512 * KiB);
		assert_int_equal(rc, 0);
		memset(ram + addr, 0x55, 512 * KiB);
		assert_file(3 * MiB + 77);
	}
	claim_release(RAM - 10 * MiB, 10 * MiB);
}

/* There is room enough, but nowhere for so much. */
static void what_moves_may_be_put_into_shreds(void **state)
{
	(void)state;
	make(4 * MiB, true);
	assert_int_equal(stage_image(&stage, &image), 0);
	for (uint64_t at = 0; at < RAM - 4 * MiB; at += MiB)
		assert_int_equal(claim_exact(at, 4096), 0);
	assert_int_equal(stage_make_room(&stage, RAM - 4 * MiB, 4 * MiB), 0);
	memset(ram + RAM - 4 * MiB, 0x55, 4 * MiB);
	assert_file(4 * MiB);
	assert_true(stage.count > 4);
	claim_release(0, RAM);
}

static void memory_of_others_is_not_given_away(void **state)
{
	(void)state;
	make(MiB, true);
	assert_int_equal(stage_image(&stage, &image), 0);
	assert_int_equal(claim_exact(RAM - MiB - 10, 1), 0);
	assert_int_equal(stage_make_room(&stage, RAM - MiB - 10, 100),
			 ERR_EXIST);
	assert_file(MiB);
	assert_int_equal(staged(), MiB);
	assert_true(claim_is_free(RAM - MiB - 9, 9));
	/* And nowhere near the stage. */
	assert_int_equal(stage_make_room(&stage, RAM - MiB - 10, 10),
			 ERR_EXIST);
	claim_release(RAM - MiB - 10, 1);
}

static void a_stage_without_another_place_stays(void **state)
{
	(void)state;
	make(MiB, true);
	assert_int_equal(stage_image(&stage, &image), 0);
	assert_int_equal(claim_exact(512 * KiB, RAM - MiB - 512 * KiB), 0);
	assert_int_equal(stage_make_room(&stage, RAM - MiB, MiB), ERR_NOMEM);
	assert_file(MiB);
	assert_int_equal(staged(), MiB);
	claim_release(512 * KiB, RAM - MiB - 512 * KiB);
}

static void a_stage_whose_parts_cannot_be_noted_stays(void **state)
{
	(void)state;
	make(MiB, true);
	assert_int_equal(stage_image(&stage, &image), 0);
	stage.room = stage.count;
	fake_blocks_fail_after(0);
	assert_int_equal(stage_make_room(&stage, RAM - 700, 300), ERR_NOMEM);
	fake_blocks_fail_after(-1);
	assert_file(MiB);
	assert_true(claim_is_free(0, RAM - MiB));
	assert_int_equal(stage_make_room(&stage, RAM - 700, 300), 0);
	claim_release(RAM - 700, 300);
}

/* For an initrd: it is the client's memory then. */
static void a_staged_file_can_be_kept_where_it_is(void **state)
{
	uint64_t start, size;

	(void)state;
	make(5 * MiB + 1, true);
	assert_int_equal(stage_image(&stage, &image), 0);
	assert_int_equal(stage_keep(&stage, &start, &size), 0);
	assert_int_equal(start, ALIGN_DOWN(RAM - 5 * MiB - 1, 4096));
	assert_int_equal(size, 5 * MiB + 1);
	assert_memory_equal(ram + start, file, size);
	stage_free(&stage);
	assert_false(claim_is_free(start, 1));
	assert_false(claim_is_free(start + size - 1, 1));
	claim_release(start, size);
}

static void a_kept_file_in_pieces_becomes_one(void **state)
{
	uint64_t start, size;

	(void)state;
	make(5 * MiB + 1, false);
	assert_int_equal(stage_image(&stage, &image), 0);
	assert_true(stage.count > 1);
	assert_int_equal(stage_keep(&stage, &start, &size), 0);
	assert_int_equal(size, 5 * MiB + 1);
	assert_memory_equal(ram + start, file, size);
	claim_release(start, size);
	assert_true(claim_is_free(0, RAM));
}

static void a_file_that_fits_only_in_pieces_is_not_kept(void **state)
{
	uint64_t start, size;

	(void)state;
	make(9 * MiB, false);
	assert_int_equal(stage_image(&stage, &image), 0);
	assert_int_equal(stage_keep(&stage, &start, &size), ERR_NOMEM);
	assert_string_equal(reason(),
			    "no free memory of 9437184 bytes in one piece");
	assert_file(9 * MiB);
	assert_int_equal(staged(), 9 * MiB);
	stage_free(&stage);
	make(0, false);
	assert_int_equal(stage_image(&stage, &image), 0);
	assert_int_equal(stage_keep(&stage, &start, &size), ERR_FORMAT);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_is_staged_at_the_top_of_memory),
		T(nothing_is_staged_above_4_gib),
		T(a_file_of_unknown_size_is_staged_to_its_end),
		T(memory_in_shreds_will_do),
		T(a_file_that_memory_cannot_hold_is_told),
		T(a_file_known_to_be_too_large_is_not_read),
		T(a_file_known_to_be_too_large_is_not_read),
		T(a_read_that_fails_is_told_with_its_place),
		T(a_file_that_ends_early_is_told),
		T(no_heap_for_records_is_told),
		T(what_is_loaded_gets_the_memory_of_the_stage),
		T(the_stage_makes_room_again_and_again),
		T(what_moves_may_be_put_into_shreds),
		T(memory_of_others_is_not_given_away),
		T(a_stage_without_another_place_stays),
		T(a_stage_whose_parts_cannot_be_noted_stays),
		T(a_staged_file_can_be_kept_where_it_is),
		T(a_kept_file_in_pieces_becomes_one),
		T(a_file_that_fits_only_in_pieces_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/claim.c: the map of claimed memory and `available`. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/claim.h"
#include "lib/endian.h"
#include "tests/fake/blocks.h"
#include "tree/path.h"
#include "tree/prop.h"

#define TOP CLAIM_PREFERRED_TOP

static void start(uint64_t size)
{
	fake_blocks_reset();
	assert_int_equal(tree_init(), 0);
	assert_non_null(tree_add_node(tree_root(), "memory@0", TREE_QEMU));
	assert_int_equal(claim_init(size), 0);
	assert_int_equal(claim_publish(), 0);
}

static int stop(void **state)
{
	(void)state;
	fake_blocks_reset();
	return 0;
}

static unsigned available(uint64_t *start, uint64_t *size)
{
	uint32_t len;
	const uint8_t *cells =
		tree_getprop(tree_find("/memory@0"), "available", &len);

	assert_non_null(cells);
	assert_int_equal(len % 16, 0);
	for (uint32_t i = 0; i < len / 16; i++) {
		start[i] = be64_load(cells + 16 * i);
		size[i] = be64_load(cells + 16 * i + 8);
	}
	return len / 16;
}

/* The ranges of `available`, as "start+size start+size". */
static void assert_available(unsigned n, const uint64_t (*ranges)[2])
{
	uint64_t at[CLAIM_AVAILABLE_MAX], size[CLAIM_AVAILABLE_MAX];

	assert_int_equal(available(at, size), n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(at[i], ranges[i][0]);
		assert_int_equal(size[i], ranges[i][1]);
	}
}
#define AVAILABLE(...)                                                         \
	assert_available(sizeof((uint64_t[][2]){ __VA_ARGS__ }) / 16,          \
			 (const uint64_t[][2]){ __VA_ARGS__ })

static void all_memory_is_free_at_first(void **state)
{
	(void)state;
	start(256 * MiB);
	AVAILABLE({ 0, 256 * MiB });
	assert_true(claim_is_free(0, 256 * MiB));
	assert_false(claim_is_free(0, 256 * MiB + 1));
}

static void exact_claims_are_exact_to_the_byte(void **state)
{
	(void)state;
	start(256 * MiB);
	assert_int_equal(claim_exact(0x1001, 3), 0);
	AVAILABLE({ 0, 0x1001 }, { 0x1004, 256 * MiB - 0x1004 });
	assert_int_equal(claim_exact(0x1000, 1), 0);
	assert_int_equal(claim_exact(0x1004, 1), 0);
	assert_int_equal(claim_exact(0x1000, 5), ERR_EXIST);
	AVAILABLE({ 0, 0x1000 }, { 0x1005, 256 * MiB - 0x1005 });
}

static void overlaps_of_every_kind_are_refused(void **state)
{
	(void)state;
	start(256 * MiB);
	assert_int_equal(claim_exact(0x1000, 0x1000), 0);
	assert_int_equal(claim_exact(0x1000, 0x1000), ERR_EXIST);
	assert_int_equal(claim_exact(0xfff, 2), ERR_EXIST);
	assert_int_equal(claim_exact(0x1fff, 1), ERR_EXIST);
	assert_int_equal(claim_exact(0x1800, 16), ERR_EXIST);
	assert_int_equal(claim_exact(0, 0x10000), ERR_EXIST);
	AVAILABLE({ 0, 0x1000 }, { 0x2000, 256 * MiB - 0x2000 });
}

static void touching_claims_join_and_split(void **state)
{
	(void)state;
	start(256 * MiB);
	assert_int_equal(claim_exact(0x1000, 0x1000), 0);
	assert_int_equal(claim_exact(0x3000, 0x1000), 0);
	assert_int_equal(claim_exact(0x2000, 0x1000), 0);
	AVAILABLE({ 0, 0x1000 }, { 0x4000, 256 * MiB - 0x4000 });
	claim_release(0x1800, 0x2000);
	AVAILABLE({ 0, 0x1000 }, { 0x1800, 0x2000 },
		  { 0x4000, 256 * MiB - 0x4000 });
}

static void claims_outside_memory_are_refused(void **state)
{
	(void)state;
	start(256 * MiB);
	assert_int_equal(claim_exact(0x1000, 0), ERR_INVAL);
	assert_int_equal(claim_exact(256 * MiB, 1), ERR_RANGE);
	assert_int_equal(claim_exact(256 * MiB - 1, 2), ERR_RANGE);
	assert_int_equal(claim_exact(0, 256 * MiB + 1), ERR_RANGE);
	assert_int_equal(claim_exact(UINT64_MAX, 2), ERR_RANGE);
	assert_int_equal(claim_exact(2, UINT64_MAX), ERR_RANGE);
	assert_int_equal(claim_exact(256 * MiB - 1, 1), 0);
	assert_int_equal(claim_exact(0, 1), 0);
}

static uint64_t aligned(uint64_t size, uint64_t align)
{
	uint64_t addr = 1;

	assert_int_equal(claim_aligned(size, align, &addr), 0);
	return addr;
}

static void aligned_claims_come_from_the_top(void **state)
{
	(void)state;
	start(256 * MiB);
	assert_int_equal(aligned(0x1000, 0x1000), 256 * MiB - 0x1000);
	assert_int_equal(aligned(1, 1), 256 * MiB - 0x1001);
	assert_int_equal(aligned(1, 0x1000), 256 * MiB - 0x2000);
	/* The hole that alignment left. */
	assert_int_equal(aligned(0xffe, 1), 256 * MiB - 0x1fff);
	assert_int_equal(aligned(0x10000, MiB), 255 * MiB);
}

static void alignments_are_rounded_to_a_power_of_two(void **state)
{
	(void)state;
	start(256 * MiB);
	assert_int_equal(aligned(16, 3), 256 * MiB - 16);
	assert_int_equal(aligned(1, 0x1001) % 0x2000, 0);
	assert_int_equal(aligned(1, 5 * MiB) % (8 * MiB), 0);
}

static void linux_gets_memory_below_768_mib(void **state)
{
	(void)state;
	start(4 * GiB);
	assert_int_equal(aligned(0x1000, 0x1000), TOP - 0x1000);
	assert_int_equal(aligned(700 * MiB, MiB), 67 * MiB);
	/* Above only when nothing below fits, but below 4 GiB. */
	assert_int_equal(aligned(100 * MiB, MiB), 4 * GiB - 100 * MiB);
	assert_int_equal(aligned(MiB, MiB), 66 * MiB);
}

static void aligned_claims_stay_below_4_gib(void **state)
{
	uint64_t addr;

	(void)state;
	start(64 * GiB);
	assert_int_equal(aligned(3 * GiB, GiB), GiB);
	assert_int_equal(claim_aligned(GiB, GiB, &addr), ERR_NOMEM);
	assert_int_equal(claim_aligned(5 * GiB, 1, &addr), ERR_NOMEM);
	/* Exact ones may go there. */
	assert_int_equal(claim_exact(8 * GiB, GiB), 0);
}

static void aligned_claims_are_never_at_zero(void **state)
{
	uint64_t addr;

	(void)state;
	start(256 * MiB);
	assert_int_equal(claim_aligned(256 * MiB, 1, &addr), ERR_NOMEM);
	assert_int_equal(claim_aligned(1, 256 * MiB, &addr), ERR_NOMEM);
	assert_int_equal(aligned(256 * MiB - 1, 1), 1);
	AVAILABLE({ 0, 1 });
	assert_int_equal(claim_aligned(1, 1, &addr), ERR_NOMEM);
}

static void wrong_aligned_claims_are_refused(void **state)
{
	uint64_t addr;

	(void)state;
	start(4 * GiB);
	assert_int_equal(claim_aligned(0, 0x1000, &addr), ERR_INVAL);
	assert_int_equal(claim_aligned(1, 0x80000001, &addr), ERR_INVAL);
	assert_int_equal(claim_aligned(1, UINT64_MAX, &addr), ERR_INVAL);
	assert_int_equal(claim_aligned(UINT64_MAX, 1, &addr), ERR_NOMEM);
	assert_int_equal(aligned(1, 0x80000000), 0x80000000);
}

static void memory_runs_out_and_comes_back(void **state)
{
	uint64_t addr;
	unsigned n = 0;

	(void)state;
	start(64 * MiB);
	while (claim_aligned(MiB, MiB, &addr) == 0)
		n++;
	assert_int_equal(n, 63);
	assert_int_equal(claim_exact(0, MiB), 0);
	assert_available(0, NULL);
	claim_release(20 * MiB, MiB);
	assert_int_equal(aligned(MiB, MiB), 20 * MiB);
}

static void releases_of_any_range_are_safe(void **state)
{
	(void)state;
	start(256 * MiB);
	claim_release(0, 256 * MiB);
	claim_release(0x1000, 0);
	claim_release(UINT64_MAX, UINT64_MAX);
	claim_release(512 * MiB, 4);
	AVAILABLE({ 0, 256 * MiB });
	assert_int_equal(claim_exact(0x1000, 0x1000), 0);
	claim_release(0x1800, 0);
	AVAILABLE({ 0, 0x1000 }, { 0x2000, 256 * MiB - 0x2000 });
	claim_release(0, UINT64_MAX);
	AVAILABLE({ 0, 256 * MiB });
}

/* Its loader claims 12 MiB and gives back what it did not need. */
static void openbsd_releases_a_part(void **state)
{
	(void)state;
	start(256 * MiB);
	assert_int_equal(claim_exact(0x100000, 0xc00000), 0);
	claim_release(0x300000, 0xa00000);
	AVAILABLE({ 0, 0x100000 }, { 0x300000, 256 * MiB - 0x300000 });
	claim_release(0x100000, 0x80000);
	AVAILABLE({ 0, 0x180000 }, { 0x300000, 256 * MiB - 0x300000 });
	claim_release(0x200000, 1);
	AVAILABLE({ 0, 0x180000 }, { 0x200000, 1 },
		  { 0x300000, 256 * MiB - 0x300000 });
}

static void a_release_may_cover_many_claims(void **state)
{
	(void)state;
	start(256 * MiB);
	for (uint64_t i = 1; i < 20; i++)
		assert_int_equal(claim_exact(i * MiB, 0x1000), 0);
	claim_release(2 * MiB + 1, 8 * MiB);
	assert_true(claim_is_free(3 * MiB, 7 * MiB + 1));
	assert_false(claim_is_free(2 * MiB, 1));
	assert_false(claim_is_free(10 * MiB + 1, 1));
}

static void freebsd_sees_memory_above_4_gib(void **state)
{
	(void)state;
	start(64 * GiB);
	assert_int_equal(claim_exact(GiB, GiB), 0);
	AVAILABLE({ 0, GiB }, { 2 * GiB, 62 * GiB });
}

/* Its buffer holds 32 ranges, and it stops at the first that it cannot have. */
static void grub_sees_the_32_largest_holes_in_order(void **state)
{
	uint64_t at[64], size[64];

	(void)state;
	start(256 * MiB);
	/* Holes of 1..100 pages, the large ones in the middle. */
	for (uint64_t i = 0; i < 100; i++) {
		uint64_t pages = i < 50 ? 2 * i + 1 : 200 - 2 * i;

		assert_int_equal(claim_exact(i * MiB + pages * 0x1000,
					     MiB - pages * 0x1000),
				 0);
	}
	assert_int_equal(claim_exact(100 * MiB, 156 * MiB), 0);
	assert_int_equal(available(at, size), 32);
	for (unsigned i = 0; i < 32; i++) {
		assert_true(size[i] > 68 * 0x1000);
		assert_true(!i || at[i] > at[i - 1]);
	}
}

static void equal_holes_keep_the_lowest(void **state)
{
	uint64_t at[64], size[64];

	(void)state;
	start(256 * MiB);
	for (uint64_t i = 0; i < 64; i++)
		assert_int_equal(claim_exact(i * MiB + MiB / 2, MiB / 2), 0);
	assert_int_equal(claim_exact(64 * MiB, 192 * MiB), 0);
	assert_int_equal(available(at, size), 32);
	for (uint64_t i = 0; i < 32; i++)
		assert_int_equal(at[i], i * MiB);
}

static void too_many_separate_claims_are_refused(void **state)
{
	uint64_t n = 0;

	(void)state;
	start(256 * MiB);
	while (claim_exact(n * 0x1000, 16) == 0)
		n++;
	assert_true(n >= 4096);
	assert_int_equal(claim_exact(n * 0x1000, 16), ERR_NOSPACE);
	assert_true(claim_is_free(n * 0x1000, 16));
	/* One that joins another needs no record; a hole in one does. */
	assert_int_equal(claim_exact(16, 16), 0);
	claim_release(8, 8);
	assert_false(claim_is_free(8, 8));
	/* Two that are joined by a third give one back. */
	assert_int_equal(claim_exact(0x2010, 0xff0), 0);
	assert_int_equal(claim_exact(n * 0x1000, 16), 0);
	assert_int_equal(claim_exact(n * 0x1000 + 32, 16), ERR_NOSPACE);
}

static void claims_and_releases_need_no_memory(void **state)
{
	uint64_t addr;

	(void)state;
	start(256 * MiB);
	fake_blocks_fail_after(0);
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(claim_exact(i * 0x3000, 0x1000), 0);
	assert_int_equal(claim_aligned(MiB, MiB, &addr), 0);
	for (uint64_t i = 0; i < 100; i++)
		claim_release(i * 0x3000 + 0x400, 0x400);
}

static void the_client_leaves_nothing_claimed(void **state)
{
	(void)state;
	start(256 * MiB);
	assert_int_equal(claim_exact(0, 0x4000), 0);
	claim_save();
	assert_int_equal(claim_exact(0x100000, 0x100000), 0);
	aligned(MiB, MiB);
	claim_restore();
	AVAILABLE({ 0x4000, 256 * MiB - 0x4000 });
	claim_restore();
	AVAILABLE({ 0x4000, 256 * MiB - 0x4000 });
}

static void what_the_firmware_took_meanwhile_stays(void **state)
{
	uint64_t kept;

	(void)state;
	start(256 * MiB);
	claim_save();
	aligned(MiB, MiB);
	assert_int_equal(claim_keep(2 * MiB, MiB, &kept), 0);
	assert_int_equal(kept, 253 * MiB);
	claim_restore();
	AVAILABLE({ 0, 253 * MiB }, { 255 * MiB, MiB });
	/* And through the next client, too. */
	claim_save();
	claim_restore();
	AVAILABLE({ 0, 253 * MiB }, { 255 * MiB, MiB });
}

static void keeping_ends_with_an_error(void **state)
{
	uint64_t addr;
	int rc = 0;

	(void)state;
	start(256 * MiB);
	claim_save();
	assert_int_equal(claim_keep(512 * MiB, 1, &addr), ERR_NOMEM);
	for (int i = 0; i < 1000 && !rc; i++)
		rc = claim_keep(0x1000, 0x2000, &addr);
	assert_int_equal(rc, ERR_NOSPACE);
	claim_restore();
}

/* A wild release must not hand our own memory to the next claim. */
static void a_client_cannot_release_the_firmware(void **state)
{
	uint64_t kept;

	(void)state;
	start(256 * MiB);
	assert_int_equal(claim_exact(0, 0x4000), 0);
	assert_int_equal(claim_exact(200 * MiB, 32 * MiB), 0);
	claim_save();
	assert_int_equal(claim_exact(0x4000, 0x1000), 0);
	assert_int_equal(claim_exact(232 * MiB, MiB), 0);
	assert_int_equal(claim_keep(MiB, MiB, &kept), 0);
	assert_int_equal(kept, 255 * MiB);
	claim_release(0, UINT64_MAX);
	AVAILABLE({ 0x4000, 200 * MiB - 0x4000 }, { 232 * MiB, 23 * MiB });
	claim_release(199 * MiB, 2 * MiB);
	claim_release(210 * MiB, 1);
	claim_release(255 * MiB + 5, 1);
	AVAILABLE({ 0x4000, 200 * MiB - 0x4000 }, { 232 * MiB, 23 * MiB });
	claim_restore();
	AVAILABLE({ 0x4000, 200 * MiB - 0x4000 }, { 232 * MiB, 23 * MiB });
}

static void without_a_memory_node_nothing_is_published(void **state)
{
	(void)state;
	start(256 * MiB);
	tree_remove_node(tree_find("/memory@0"));
	assert_int_equal(claim_init(256 * MiB), 0);
	assert_int_equal(claim_publish(), ERR_NOENT);
	assert_int_equal(claim_exact(0, 1), 0);
}

static void without_heap_the_map_is_an_error(void **state)
{
	(void)state;
	start(256 * MiB);
	fake_blocks_fail_after(0);
	assert_int_equal(claim_init(256 * MiB), ERR_NOMEM);
	fake_blocks_fail_after(1);
	assert_int_equal(claim_init(256 * MiB), 0);
	tree_delprop(tree_find("/memory@0"), "available");
	assert_int_equal(claim_publish(), ERR_NOMEM);
}

#define T(name) cmocka_unit_test_teardown(name, stop)

/* QEMU's tree at CAS always has the node; a hostile one need not. */
static void claims_go_on_when_cas_takes_memory_away(void **state)
{
	(void)state;
	start(GiB);
	tree_remove_node(tree_find("/memory@0"));
	assert_int_equal(claim_exact(0x10000, 0x1000), 0);
	assert_false(claim_is_free(0x10000, 0x1000));
	claim_release(0x10000, 0x1000);
	assert_true(claim_is_free(0x10000, 0x1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_memory_is_free_at_first),
		T(exact_claims_are_exact_to_the_byte),
		T(overlaps_of_every_kind_are_refused),
		T(touching_claims_join_and_split),
		T(claims_outside_memory_are_refused),
		T(aligned_claims_come_from_the_top),
		T(alignments_are_rounded_to_a_power_of_two),
		T(linux_gets_memory_below_768_mib),
		T(aligned_claims_stay_below_4_gib),
		T(aligned_claims_are_never_at_zero),
		T(wrong_aligned_claims_are_refused),
		T(memory_runs_out_and_comes_back),
		T(releases_of_any_range_are_safe),
		T(openbsd_releases_a_part),
		T(a_release_may_cover_many_claims),
		T(freebsd_sees_memory_above_4_gib),
		T(grub_sees_the_32_largest_holes_in_order),
		T(equal_holes_keep_the_lowest),
		T(too_many_separate_claims_are_refused),
		T(claims_and_releases_need_no_memory),
		T(the_client_leaves_nothing_claimed),
		T(what_the_firmware_took_meanwhile_stays),
		T(keeping_ends_with_an_error),
		T(a_client_cannot_release_the_firmware),
		T(claims_go_on_when_cas_takes_memory_away),
		T(without_a_memory_node_nothing_is_published),
		T(without_heap_the_map_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

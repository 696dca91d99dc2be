// SPDX-License-Identifier: BSD-2-Clause
// The heap: exercised at random, exhausted, and abused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake/real_heap.h"

#define POOL_SIZE 1000000

static char pool[POOL_SIZE] __attribute__((aligned(4096)));

/* One region costs a unit at each end. */
#define REGION_OVERHEAD 32

static int setup(void **state)
{
	(void)state;
	memset(pool, 0xee, sizeof(pool));
	heap_init(pool, 65536);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return 0;
}

static void a_fresh_heap_has_all_its_bytes(void **state)
{
	void *all;

	(void)state;
	assert_int_equal(real_heap_available(), 65536 - REGION_OVERHEAD);
	all = heap_alloc(65536 - REGION_OVERHEAD - 16);
	assert_non_null(all);
	assert_int_equal(real_heap_available(), 0);
	assert_null(heap_alloc(1));
	heap_free(all);
	assert_int_equal(real_heap_available(), 65536 - REGION_OVERHEAD);
}

static void blocks_are_aligned_and_apart(void **state)
{
	char *last = NULL;

	(void)state;
	for (size_t size = 0; size < 100; size++) {
		char *p = heap_alloc(size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		assert_true(!last || p >= last + size - 1);
		memset(p, 0x11, size);
		last = p;
	}
}

static void zalloc_clears_what_was_there(void **state)
{
	char *p;

	(void)state;
	p = heap_zalloc(1000);
	assert_non_null(p);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
}

static void neighbours_join_in_each_order(void **state)
{
	static const int orders[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 }
	};

	(void)state;
	for (int i = 0; i < 6; i++) {
		void *p[3];

		for (int j = 0; j < 3; j++) {
			p[j] = heap_alloc(20000);
			assert_non_null(p[j]);
		}
		for (int j = 0; j < 3; j++)
			heap_free(p[orders[i][j]]);
		p[0] = heap_alloc(65536 - REGION_OVERHEAD - 16);
		assert_non_null(p[0]);
		heap_free(p[0]);
	}
}

static void aligned_blocks_are_aligned_and_give_back_the_gap(void **state)
{
	size_t before = real_heap_available();

	(void)state;
	for (size_t align = 16; align <= 16384; align *= 2) {
		for (int shift = 0; shift < 4; shift++) {
			void *spacer = heap_alloc((size_t)shift * 16 + 1);
			char *p = heap_alloc_aligned(align, 100);

			assert_non_null(spacer);
			assert_non_null(p);
			assert_int_equal((uintptr_t)p % align, 0);
			memset(p, 0x22, 100);
			assert_true(before - real_heap_available() < 300);
			heap_free(p);
			heap_free(spacer);
			assert_int_equal(real_heap_available(), before);
		}
	}
}

static void an_absurd_size_is_refused(void **state)
{
	char *p = heap_alloc(10);

	(void)state;
	assert_null(heap_alloc(SIZE_MAX));
	assert_null(heap_alloc(SIZE_MAX - 15));
	assert_null(heap_alloc(1ull << 40));
	assert_null(heap_alloc_aligned(16, SIZE_MAX));
	assert_null(heap_alloc_aligned(1ull << 62, 16));
	assert_null(heap_realloc(p, SIZE_MAX));
	heap_free(p);
}

static void realloc_grows_in_place_when_the_next_block_is_free(void **state)
{
	size_t before = real_heap_available();
	char *p = heap_alloc(100);
	char *next = heap_alloc(1000);

	(void)state;
	assert_non_null(p);
	memset(p, 0x33, 100);
	heap_free(next);
	assert_ptr_equal(heap_realloc(p, 900), p);
	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0x33);
	assert_ptr_equal(heap_realloc(p, 10), p);
	assert_true(before - real_heap_available() <= 32);
	heap_free(p);
	assert_int_equal(real_heap_available(), before);
}

static void realloc_moves_and_keeps_the_contents(void **state)
{
	char *p = heap_alloc(100);
	char *wall = heap_alloc(16);
	char *q;

	(void)state;
	assert_non_null(p);
	assert_non_null(wall);
	memset(p, 0x44, 100);
	q = heap_realloc(p, 5000);
	assert_non_null(q);
	assert_ptr_not_equal(p, q);
	for (int i = 0; i < 100; i++)
		assert_int_equal(q[i], 0x44);
	assert_null(heap_realloc(q, 100000));
	assert_int_equal(q[99], 0x44);
	heap_free(q);
	heap_free(wall);
	assert_ptr_equal(heap_realloc(NULL, 10), p);
}

static void strings_are_copied(void **state)
{
	char *p = heap_strdup("hello");
	char *q = heap_strndup("hello", 3);
	char *r = heap_strndup("he", 10);

	(void)state;
	assert_string_equal(p, "hello");
	assert_string_equal(q, "hel");
	assert_string_equal(r, "he");
	while (heap_alloc(1000))
		;
	while (heap_alloc(1))
		;
	assert_null(heap_strdup("hello"));
	heap_free(NULL);
}

static void regions_that_touch_are_joined(void **state)
{
	size_t all;

	(void)state;
	/* Below, above, and one that closes a gap between two. */
	heap_init(pool + 100000, 50000 / 16 * 16);
	heap_add(pool + 50000, 50000);
	heap_add(pool + 150000, 50000);
	heap_add(pool + 250000, 50000);
	heap_add(pool + 200000, 50000);
	all = 250000 - REGION_OVERHEAD;
	assert_int_equal(real_heap_available(), all);
	assert_non_null(heap_alloc(all - 16));
	assert_int_equal(real_heap_available(), 0);
}

static void regions_join_around_blocks_in_use(void **state)
{
	char *p, *q;

	(void)state;
	heap_init(pool + 65536, 65536);
	p = heap_alloc(65536 - REGION_OVERHEAD - 16);
	assert_non_null(p);
	memset(p, 0x55, 65536 - REGION_OVERHEAD - 16);
	heap_add(pool, 65536);
	heap_add(pool + 131072, 65536);
	assert_int_equal(real_heap_available(), 131072);
	q = heap_alloc(65536 - 16);
	assert_non_null(q);
	memset(q, 0x66, 65536 - 16);
	heap_free(p);
	heap_free(q);
	assert_non_null(heap_alloc(3 * 65536 - REGION_OVERHEAD - 16));
}

static void separate_regions_are_used_side_by_side(void **state)
{
	char *p;

	(void)state;
	heap_add(pool + 100000, 65536);
	heap_add(pool + 200000, 4095); /* too small */
	assert_int_equal(real_heap_available(), 2 * (65536 - REGION_OVERHEAD));
	assert_null(heap_alloc(100000));
	p = heap_alloc(60000);
	assert_non_null(p);
	assert_non_null(heap_alloc(60000));
	assert_null(heap_alloc(60000));
}

static unsigned grown;

static bool grow_once(size_t want)
{
	/* Whoever finds memory may need some for his books. */
	assert_null(heap_alloc(100000));
	if (grown++)
		return false;
	heap_add(pool + 200000, want);
	return true;
}

static void a_full_heap_asks_for_more_once(void **state)
{
	(void)state;
	grown = 0;
	heap_set_grow(grow_once);
	assert_non_null(heap_alloc(60000));
	assert_int_equal(grown, 0);
	assert_non_null(heap_alloc(60000));
	assert_int_equal(grown, 1);
	assert_null(heap_alloc(60000));
	assert_int_equal(grown, 2);
	heap_hold(true);
	assert_null(heap_alloc(60000));
	assert_int_equal(grown, 2);
	heap_hold(false);
	assert_null(heap_alloc(60000));
	assert_int_equal(grown, 3);
	heap_set_grow(NULL);
	assert_null(heap_alloc(60000));
	assert_int_equal(grown, 3);
}

struct slot {
	unsigned char *p;
	size_t size;
	unsigned char fill;
};

static unsigned random_next(void)
{
	static uint64_t seed = 1;

	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(seed >> 33);
}

static void slot_check(const struct slot *s, size_t size)
{
	for (size_t i = 0; i < size; i++)
		assert_true(s->p[i] == s->fill);
}

static void slot_change(struct slot *s)
{
	size_t size = random_next() % (random_next() % 8 ? 200 : 9000);
	unsigned char *p;

	if (!s->p) {
		s->p = random_next() % 4
			       ? heap_alloc(size)
			       : heap_alloc_aligned(16u << random_next() % 8,
						    size);
	} else if (random_next() % 3 == 0) {
		p = heap_realloc(s->p, size);
		if (!p)
			return;
		s->p = p;
		slot_check(s, MIN(size, s->size));
	} else {
		slot_check(s, s->size);
		heap_free(s->p);
		s->p = NULL;
	}
	if (s->p) {
		s->size = size;
		s->fill = (unsigned char)random_next();
		memset(s->p, s->fill, size);
	}
}

static void a_random_life_leaves_the_heap_whole(void **state)
{
	static struct slot slots[300];
	size_t all;

	(void)state;
	heap_add(pool + 65536, 65536);
	heap_add(pool + 200000, 65536);
	all = real_heap_available();
	for (int i = 0; i < 60000; i++)
		slot_change(&slots[random_next() % ARRAY_SIZE(slots)]);
	for (size_t i = 0; i < ARRAY_SIZE(slots); i++)
		heap_free(slots[i].p);
	assert_int_equal(real_heap_available(), all);
	assert_non_null(heap_alloc(131072 - REGION_OVERHEAD - 16));
	assert_non_null(heap_alloc(65536 - REGION_OVERHEAD - 16));
	assert_int_equal(real_heap_available(), 0);
}

/* Does `abuse` end in a failed assertion? */
static bool aborts(void (*abuse)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		fclose(stderr);
		signal(SIGABRT, SIG_DFL);
		abuse();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void free_twice(void)
{
	char *p = heap_alloc(100);

	heap_free(p);
	heap_free(p);
}

static void free_twice_after_joining(void)
{
	char *p = heap_alloc(100);
	char *q = heap_alloc(100);

	heap_free(p);
	heap_free(q);
	heap_free(q);
}

static void free_the_middle(void)
{
	char *p = heap_zalloc(100);

	heap_free(p + 16);
}

static void write_past_the_end(void)
{
	char *volatile p = heap_alloc(96);
	char *volatile q = heap_alloc(96);

	memset(p, 0, 100);
	(void)q;
	heap_free(p);
}

/* Four bytes: the first word of the header behind it. */
static void write_into_a_free_block(void)
{
	char *volatile p = heap_alloc(96);

	memset(p, 0, 100);
	heap_free(p);
}

/* A string's end; the block is 256 units, which end in a byte of 0. */
static void write_a_nul_past_the_end(void)
{
	char *volatile p = heap_alloc(255 * 16);

	p[255 * 16] = '\0';
	heap_free(p);
}

static void free_nothing_wrong(void)
{
	char *p = heap_alloc(96);

	memset(p, 0, 96);
	heap_free(p);
}

static void abuse_fails_an_assertion(void **state)
{
	(void)state;
	assert_false(aborts(free_nothing_wrong));
	assert_true(aborts(free_twice));
	assert_true(aborts(free_twice_after_joining));
	assert_true(aborts(free_the_middle));
	assert_true(aborts(write_past_the_end));
	assert_true(aborts(write_into_a_free_block));
	assert_true(aborts(write_a_nul_past_the_end));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_fresh_heap_has_all_its_bytes,
						setup, teardown),
		cmocka_unit_test_setup_teardown(blocks_are_aligned_and_apart,
						setup, teardown),
		cmocka_unit_test_setup_teardown(zalloc_clears_what_was_there,
						setup, teardown),
		cmocka_unit_test_setup_teardown(neighbours_join_in_each_order,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			aligned_blocks_are_aligned_and_give_back_the_gap, setup,
			teardown),
		cmocka_unit_test_setup_teardown(an_absurd_size_is_refused,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			realloc_grows_in_place_when_the_next_block_is_free,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			realloc_moves_and_keeps_the_contents, setup, teardown),
		cmocka_unit_test_setup_teardown(strings_are_copied, setup,
						teardown),
		cmocka_unit_test_setup_teardown(regions_that_touch_are_joined,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			regions_join_around_blocks_in_use, setup, teardown),
		cmocka_unit_test_setup_teardown(
			separate_regions_are_used_side_by_side, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_full_heap_asks_for_more_once,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_random_life_leaves_the_heap_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(abuse_fails_an_assertion, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

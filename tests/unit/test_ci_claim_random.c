// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/claim.c: random steps against a simple model. */
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

/* The model: one byte for each unit of memory. */
#define UNITS 4096u
static bool model[UNITS];
static uint32_t seed;

static uint32_t random_below(uint32_t limit)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * limit >> 32);
}

static bool model_free(uint32_t at, uint32_t n)
{
	for (uint32_t i = at; i < at + n; i++) {
		if (i >= UNITS || model[i])
			return false;
	}
	return true;
}

/* Where claim_aligned() must put it; 0: nowhere. */
static uint32_t model_highest(uint32_t n, uint32_t align)
{
	for (uint32_t at = ALIGN_DOWN(UNITS - 1, align); at; at -= align) {
		if (model_free(at, n))
			return at;
	}
	return 0;
}

static void check_available(uint64_t unit)
{
	uint64_t at[CLAIM_AVAILABLE_MAX], size[CLAIM_AVAILABLE_MAX];
	unsigned n = available(at, size), holes = 0;
	uint64_t smallest = UINT64_MAX, listed = 0, largest_missing = 0;

	assert_true(n <= CLAIM_AVAILABLE_MAX);
	for (unsigned i = 0; i < n; i++) {
		assert_true(size[i] > 0);
		/* Sorted, and not to be joined. */
		assert_true(!i || at[i - 1] + size[i - 1] < at[i]);
		assert_true(model_free((uint32_t)(at[i] / unit),
				       (uint32_t)(size[i] / unit)));
		assert_true(claim_is_free(at[i], size[i]));
		smallest = MIN(smallest, size[i]);
	}
	for (uint32_t i = 0, len; i < UNITS; i += len + 1) {
		for (len = 0; i + len < UNITS && !model[i + len];)
			len++;
		if (!len)
			continue;
		holes++;
		if (listed < n && at[listed] == i * unit) {
			assert_int_equal(size[listed], len * unit);
			listed++;
		} else {
			largest_missing = MAX(largest_missing, len * unit);
		}
	}
	assert_int_equal(listed, n);
	assert_int_equal(n, MIN(holes, CLAIM_AVAILABLE_MAX));
	assert_true(largest_missing <= smallest);
}

static void step_exact(uint64_t unit)
{
	uint32_t at = random_below(UNITS), n = 1 + random_below(24);
	bool fits = model_free(at, n);
	int rc = claim_exact(at * unit, n * unit);

	if (fits)
		memset(model + at, true, n);
	assert_int_equal(rc, fits ? 0 : at + n > UNITS ? ERR_RANGE : ERR_EXIST);
}

static void step_aligned(uint64_t unit)
{
	uint32_t n = 1 + random_below(40), align = 1u << random_below(8);
	uint32_t want = model_highest(n, align);
	uint64_t addr;
	int rc = claim_aligned(n * unit, align * unit, &addr);

	assert_int_equal(rc, want ? 0 : ERR_NOMEM);
	if (!want)
		return;
	assert_int_equal(addr, want * unit);
	memset(model + want, true, n);
}

static void step_release(uint64_t unit)
{
	uint32_t at = random_below(UNITS), n = random_below(48);

	claim_release(at * unit, n * unit);
	memset(model + at, false, MIN(n, UNITS - at));
}

static void ten_thousand_random_steps_agree_with_a_model(void **state)
{
	static const uint64_t units[] = { 1, 4096, 0x2c001 };

	(void)state;
	for (size_t u = 0; u < ARRAY_SIZE(units); u++) {
		start(UNITS * units[u]);
		memset(model, false, sizeof(model));
		seed = 20240607;
		for (int i = 0; i < 10000; i++) {
			uint32_t what = random_below(8);

			/* Alignment is one of addresses: powers of two. */
			if (what < 2 && IS_POWER_OF_2(units[u]))
				step_aligned(units[u]);
			else if (what < 5)
				step_exact(units[u]);
			else
				step_release(units[u]);
			check_available(units[u]);
		}
	}
}

/* At the end every byte that is listed can really be had. */
static void grub_can_claim_all_that_is_listed(void **state)
{
	uint64_t at[CLAIM_AVAILABLE_MAX], size[CLAIM_AVAILABLE_MAX];
	unsigned n;

	(void)state;
	start(UNITS);
	memset(model, false, sizeof(model));
	seed = 7;
	for (int i = 0; i < 300; i++) {
		step_exact(1);
		step_release(1);
	}
	while ((n = available(at, size)) > 0) {
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(claim_exact(at[i], size[i]), 0);
	}
}

#define T(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(ten_thousand_random_steps_agree_with_a_model),
		T(grub_can_claim_all_that_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/dma.c: what devices can reach, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/dma.h"
#include "hcall/hcall.h"
#include "lib/endian.h"
#include "lib/log.h"
#include "tests/fake/hcall.h"
#include "tests/fake/log.h"
#include "tests/fake/real_heap.h"

#define LIOBN 0x80000000u
#define PAGES 4096u /* of the fake TCE table: 16 MiB */
#define WINDOW ((uint64_t)PAGES * 4096)

static _Alignas(4096) char arena[8 << 20];
static uint64_t tce[PAGES];
/* Calls from this one on fail; 0: none does. */
static unsigned fail_at;
static unsigned calls;

static int64_t put(uint64_t liobn, uint64_t ioba, uint64_t value)
{
	if (liobn != LIOBN || ioba % 4096 || ioba / 4096 >= PAGES)
		return H_PARAMETER;
	tce[ioba / 4096] = value;
	return H_SUCCESS;
}

static int64_t fake_put(struct hcall *h)
{
	if (fail_at && ++calls >= fail_at && h->reg[2])
		return H_PARAMETER;
	return put(h->reg[0], h->reg[1], h->reg[2]);
}

static int64_t fake_put_indirect(struct hcall *h)
{
	const be64 *list = (const be64 *)(uintptr_t)h->reg[2];

	if (h->reg[2] % 4096 || h->reg[3] > 512)
		return H_PARAMETER;
	for (uint64_t i = 0; i < h->reg[3]; i++) {
		int64_t rc = H_PARAMETER;

		if (!fail_at || ++calls < fail_at)
			rc = put(h->reg[0], h->reg[1] + i * 4096,
				 be64_get(list[i]));
		if (rc)
			return rc;
	}
	return H_SUCCESS;
}

static int64_t fake_stuff(struct hcall *h)
{
	int64_t rc = h->reg[3] > 512 ? H_PARAMETER : H_SUCCESS;

	for (uint64_t i = 0; i < h->reg[3] && rc == H_SUCCESS; i++)
		rc = put(h->reg[0], h->reg[1] + i * 4096, h->reg[2]);
	return rc;
}

static int64_t fake_refuse(struct hcall *h)
{
	(void)h;
	return H_PARAMETER;
}

static int start(void **state)
{
	(void)state;
	heap_init(arena, sizeof(arena));
	log_reset();
	fake_hcall_reset();
	fake_hcall_set(H_PUT_TCE, fake_put);
	fake_hcall_set(H_PUT_TCE_INDIRECT, fake_put_indirect);
	fake_hcall_set(H_STUFF_TCE, fake_stuff);
	memset(tce, 0, sizeof(tce));
	fail_at = calls = 0;
	dma_init();
	return 0;
}

static unsigned mapped(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PAGES; i++)
		count += tce[i] != 0;
	return count;
}

static struct dma make(void)
{
	struct dma dma;

	assert_int_equal(dma_init_window(&dma, LIOBN, 0, WINDOW), 0);
	return dma;
}

/* An address that nothing here reads or writes. */
static const void *at(uint64_t addr)
{
	return (const void *)(uintptr_t)addr;
}

static void with_bypass_bus_addresses_are_real_addresses(void **state)
{
	struct dma dma;
	uint64_t bus;

	(void)state;
	dma_init_bypass(&dma);
	assert_int_equal(dma_map(&dma, at(0x12345), 10, DMA_BOTH, &bus), 0);
	assert_int_equal(bus, 0x12345);
	dma_unmap(&dma, bus, 10);
	assert_int_equal(fake_hcall_count(H_PUT_TCE), 0);
	assert_int_equal(fake_hcall_count(H_STUFF_TCE), 0);
}

static void the_offset_in_the_page_is_kept(void **state)
{
	struct dma dma = make();
	uint64_t bus;

	(void)state;
	assert_int_equal(dma_map(&dma, at(0x12345), 10, DMA_BOTH, &bus), 0);
	assert_int_equal(bus % 4096, 0x345);
	assert_int_equal(tce[bus / 4096], 0x12003);
	assert_int_equal(mapped(), 1);
}

static void a_device_gets_only_the_direction_it_needs(void **state)
{
	struct dma dma = make();
	uint64_t bus;

	(void)state;
	assert_int_equal(dma_map(&dma, at(0x5000), 1, DMA_TO_DEVICE, &bus), 0);
	assert_int_equal(tce[bus / 4096], 0x5000 | H_TCE_READ);
	assert_int_equal(dma_map(&dma, at(0x6000), 1, DMA_FROM_DEVICE, &bus),
			 0);
	assert_int_equal(tce[bus / 4096], 0x6000 | H_TCE_WRITE);
}

static void every_page_that_is_touched_is_mapped(void **state)
{
	struct dma dma = make();
	uint64_t bus;

	(void)state;
	assert_int_equal(dma_map(&dma, at(0x5fff), 2, DMA_BOTH, &bus), 0);
	assert_int_equal(tce[bus / 4096], 0x5003);
	assert_int_equal(tce[bus / 4096 + 1], 0x6003);
	assert_int_equal(mapped(), 2);
	dma_unmap(&dma, bus, 2);
	assert_int_equal(mapped(), 0);
}

static void page_0_of_the_bus_is_never_used(void **state)
{
	struct dma dma = make();
	uint64_t bus;

	(void)state;
	assert_int_equal(dma_map(&dma, at(0), 4096, DMA_BOTH, &bus), 0);
	assert_int_equal(bus, 4096);
	dma_unmap(&dma, bus, 4096);
	assert_int_equal(dma_map(&dma, at(0), WINDOW, DMA_BOTH, &bus),
			 ERR_NOSPACE);
	assert_int_equal(dma_map(&dma, at(0), WINDOW - 4096, DMA_BOTH, &bus),
			 0);
	assert_int_equal(bus, 4096);
	assert_int_equal(tce[0], 0);
}

static void a_window_elsewhere_is_used_from_its_first_page(void **state)
{
	struct dma dma;
	uint64_t bus;

	(void)state;
	assert_int_equal(dma_init_window(&dma, LIOBN, 0x100000, 0x2000), 0);
	assert_int_equal(dma_map(&dma, at(0x7000), 0x2000, DMA_BOTH, &bus), 0);
	assert_int_equal(bus, 0x100000);
	assert_int_equal(tce[0x100], 0x7003);
	dma_unmap(&dma, bus, 0x2000);
	assert_int_equal(mapped(), 0);
}

static void devices_of_one_liobn_never_share_an_address(void **state)
{
	struct dma a = make(), b = make();
	uint64_t first, second;

	(void)state;
	assert_ptr_equal(a.window, b.window);
	assert_int_equal(dma_map(&a, at(0x5000), 1, DMA_BOTH, &first), 0);
	assert_int_equal(dma_map(&b, at(0x5000), 1, DMA_BOTH, &second), 0);
	assert_int_not_equal(first, second);
}

static void tces_go_in_512_at_a_time(void **state)
{
	struct dma dma = make();
	uint64_t bus;

	(void)state;
	assert_int_equal(
		dma_map(&dma, at(0x100000), 1300 * 4096, DMA_BOTH, &bus), 0);
	assert_int_equal(fake_hcall_count(H_PUT_TCE_INDIRECT), 3);
	assert_int_equal(fake_hcall_count(H_PUT_TCE), 0);
	for (unsigned i = 0; i < 1300; i++)
		assert_int_equal(tce[bus / 4096 + i], 0x100003 + i * 4096);
	dma_unmap(&dma, bus, 1300 * 4096);
	assert_int_equal(fake_hcall_count(H_STUFF_TCE), 3);
	assert_int_equal(mapped(), 0);
}

static void without_multi_tce_pages_go_in_one_by_one(void **state)
{
	struct dma dma = make();
	uint64_t bus;

	(void)state;
	fake_hcall_set(H_PUT_TCE_INDIRECT, NULL);
	fake_hcall_set(H_STUFF_TCE, NULL);
	assert_int_equal(dma_map(&dma, at(0x5000), 0x4000, DMA_BOTH, &bus), 0);
	assert_int_equal(mapped(), 4);
	assert_int_equal(tce[bus / 4096 + 3], 0x8003);
	dma_unmap(&dma, bus, 0x4000);
	assert_int_equal(mapped(), 0);
	assert_int_equal(dma_map(&dma, at(0x5000), 0x4000, DMA_BOTH, &bus), 0);
	/* It was asked once. */
	assert_int_equal(fake_hcall_count(H_PUT_TCE_INDIRECT), 1);
	assert_int_equal(fake_hcall_count(H_PUT_TCE), 12);
}

static void a_full_window_says_so_and_recovers(void **state)
{
	struct dma dma = make();
	uint64_t bus[3], more;

	(void)state;
	assert_int_equal(dma_map(&dma, at(0), 1000 * 4096, DMA_BOTH, &bus[0]),
			 0);
	assert_int_equal(dma_map(&dma, at(0), 1000 * 4096, DMA_BOTH, &bus[1]),
			 0);
	assert_int_equal(dma_map(&dma, at(0), 2095 * 4096, DMA_BOTH, &bus[2]),
			 0);
	assert_int_equal(dma_map(&dma, at(0), 1, DMA_BOTH, &more), ERR_NOSPACE);
	dma_unmap(&dma, bus[1], 1000 * 4096);
	assert_int_equal(dma_map(&dma, at(0), 1001 * 4096, DMA_BOTH, &more),
			 ERR_NOSPACE);
	assert_int_equal(dma_map(&dma, at(0), 1000 * 4096, DMA_BOTH, &more), 0);
	assert_int_equal(more, bus[1]);
	assert_int_equal(mapped(), PAGES - 1);
}

static void nothing_stays_mapped_when_mapping_fails(void **state)
{
	struct dma dma = make();
	uint64_t bus;

	(void)state;
	fail_at = 700;
	assert_int_equal(dma_map(&dma, at(0), 1000 * 4096, DMA_BOTH, &bus),
			 ERR_IO);
	assert_int_equal(mapped(), 0);
	fail_at = 0;
	assert_int_equal(dma_map(&dma, at(0), 4096, DMA_BOTH, &bus), 0);
	assert_int_equal(bus, 4096);
}

/* One page is cleared by H_PUT_TCE, several by H_STUFF_TCE. */
static void pages_that_cannot_be_cleared_are_not_given_out_again(void **state)
{
	struct dma dma = make();
	uint64_t first, second;

	(void)state;
	assert_int_equal(dma_map(&dma, at(0), 4096, DMA_BOTH, &first), 0);
	assert_int_equal(dma_map(&dma, at(0), 8192, DMA_BOTH, &second), 0);
	fake_hcall_set(H_PUT_TCE, fake_refuse);
	fake_hcall_set(H_STUFF_TCE, fake_refuse);
	dma_unmap(&dma, first, 4096);
	dma_unmap(&dma, second, 8192);
	fake_hcall_set(H_PUT_TCE, fake_put);
	assert_int_equal(dma_map(&dma, at(0), 4096, DMA_BOTH, &first), 0);
	assert_int_equal(first, second + 8192);
}

static void nothing_and_too_much_are_refused(void **state)
{
	struct dma dma = make();
	uint64_t bus;

	(void)state;
	assert_int_equal(dma_map(&dma, at(0x1000), 0, DMA_BOTH, &bus),
			 ERR_INVAL);
	assert_int_equal(dma_map(&dma, at(0x1000), SIZE_MAX, DMA_BOTH, &bus),
			 ERR_INVAL);
	assert_int_equal(dma_map(&dma, at(0), SIZE_MAX, DMA_BOTH, &bus),
			 ERR_NOSPACE);
	assert_int_equal(mapped(), 0);
}

static void ring_memory_is_aligned_zeroed_and_mapped_both_ways(void **state)
{
	struct dma dma = make();
	char *dirty = heap_alloc(100000), *ptr;
	uint64_t bus = 1;
	size_t before;

	(void)state;
	assert_non_null(dirty);
	memset(dirty, 0xff, 100000);
	heap_free(dirty);
	ptr = dma_alloc(&dma, 5000, &bus);
	assert_non_null(ptr);
	assert_int_equal((uintptr_t)ptr % 4096, 0);
	assert_int_equal(bus % 4096, 0);
	for (unsigned i = 0; i < 8192; i++)
		assert_int_equal(ptr[i], 0);
	assert_int_equal(tce[bus / 4096 + 1], (uintptr_t)ptr + 4096 + 3);
	before = real_heap_available();
	dma_free(&dma, ptr, bus, 5000);
	assert_int_equal(mapped(), 0);
	assert_true(real_heap_available() >= before + 8192);
	dma_free(&dma, NULL, 0, 5000);
}

static void ring_memory_is_freed_when_it_cannot_be_mapped(void **state)
{
	struct dma dma;
	uint64_t bus;
	size_t before;

	(void)state;
	assert_int_equal(dma_init_window(&dma, LIOBN, 0, 2 * 4096), 0);
	before = real_heap_available();
	assert_null(dma_alloc(&dma, 2 * 4096, &bus));
	assert_int_equal(real_heap_available(), before);
}

static void no_memory_for_rings_is_a_failure_not_a_crash(void **state)
{
	struct dma dma;
	uint64_t bus;

	(void)state;
	dma_init_bypass(&dma);
	assert_null(dma_alloc(&dma, 64 << 20, &bus));
}

static void reserved_addresses_are_never_given_out(void **state)
{
	struct dma dma;
	uint64_t bus;
	unsigned i;

	(void)state;
	assert_int_equal(dma_init_window(&dma, LIOBN, 0, WINDOW), 0);
	assert_int_equal(dma_reserve(&dma, 0x3010, 0x2000), 0);
	/* In part, and not at all, in the window. */
	assert_int_equal(dma_reserve(&dma, WINDOW - 4096, 1 << 20), 0);
	assert_int_equal(dma_reserve(&dma, 1ULL << 40, 4096), 0);
	assert_int_equal(dma_reserve(&dma, 0x5000, 0), 0);
	for (i = 0; i < PAGES - 5; i++) {
		assert_int_equal(dma_map(&dma, arena, 4096, DMA_BOTH, &bus), 0);
		assert_false(bus >= 0x3000 && bus < 0x6000);
		assert_true(bus < WINDOW - 4096);
	}
	assert_int_equal(dma_map(&dma, arena, 4096, DMA_BOTH, &bus),
			 ERR_NOSPACE);
}

/* What the hypervisor refuses to clear keeps nothing else mapped. */
static void quiesce_clears_what_is_still_mapped(void **state)
{
	struct dma dma = make();
	uint64_t bus[5];

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(dma_map(&dma, at(0), (i * 100 + 1) * 4096,
					 DMA_BOTH, &bus[i]),
				 0);
	dma_unmap(&dma, bus[1], 101 * 4096);
	dma_unmap(&dma, bus[3], 301 * 4096);
	assert_int_equal(mapped(), 603);
	fake_hcall_set(H_PUT_TCE, fake_refuse);
	dma_quiesce_all();
	assert_int_equal(mapped(), 1);
	fake_hcall_set(H_PUT_TCE, fake_put);
	dma_quiesce_all();
	assert_int_equal(mapped(), 0);
	dma_unmap(&dma, bus[0], 4096);
	dma_quiesce_all();
}

static void a_window_without_mappings_costs_no_hypercall(void **state)
{
	(void)state;
	make();
	dma_quiesce_all();
	assert_int_equal(fake_hcall_count(H_STUFF_TCE), 0);
	assert_int_equal(fake_hcall_count(H_PUT_TCE), 0);
}

/* A plain copy of which page belongs to which of 40 mappings. */
static struct {
	uint64_t bus;
	size_t len;
} live[40];

static void check_against(const struct dma *dma, unsigned slot, uint64_t bus,
			  size_t len)
{
	(void)dma;
	for (unsigned i = 0; i < ARRAY_SIZE(live); i++) {
		if (i == slot || !live[i].len)
			continue;
		assert_true(ALIGN_DOWN(bus, 4096) >=
				    ALIGN_UP(live[i].bus + live[i].len, 4096) ||
			    ALIGN_UP(bus + len, 4096) <=
				    ALIGN_DOWN(live[i].bus, 4096));
	}
}

static void many_mappings_never_overlap(void **state)
{
	struct dma dma = make();
	uint32_t seed = 1;
	unsigned full = 0;

	(void)state;
	memset(live, 0, sizeof(live));
	for (unsigned step = 0; step < 20000; step++) {
		unsigned slot = (seed = seed * 1664525 + 1013904223) >> 8 & 31;
		size_t len = 1 + ((seed = seed * 1664525 + 1013904223) >> 8) %
					 (step % 3 ? 20000 : 6000000);
		int rc;

		if (live[slot].len) {
			dma_unmap(&dma, live[slot].bus, live[slot].len);
			live[slot].len = 0;
			continue;
		}
		rc = dma_map(&dma, at(0x10000 + seed % 4096), len, DMA_BOTH,
			     &live[slot].bus);
		full += rc == ERR_NOSPACE;
		if (rc)
			continue;
		live[slot].len = len;
		check_against(&dma, slot, live[slot].bus, len);
	}
	assert_true(full > 0);
	for (unsigned i = 0; i < ARRAY_SIZE(live); i++) {
		if (live[i].len)
			dma_unmap(&dma, live[i].bus, live[i].len);
	}
	assert_int_equal(mapped(), 0);
}

#define TEST(fn) cmocka_unit_test_setup(fn, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(with_bypass_bus_addresses_are_real_addresses),
		TEST(the_offset_in_the_page_is_kept),
		TEST(a_device_gets_only_the_direction_it_needs),
		TEST(every_page_that_is_touched_is_mapped),
		TEST(page_0_of_the_bus_is_never_used),
		TEST(a_window_elsewhere_is_used_from_its_first_page),
		TEST(devices_of_one_liobn_never_share_an_address),
		TEST(tces_go_in_512_at_a_time),
		TEST(without_multi_tce_pages_go_in_one_by_one),
		TEST(a_full_window_says_so_and_recovers),
		TEST(nothing_stays_mapped_when_mapping_fails),
		TEST(pages_that_cannot_be_cleared_are_not_given_out_again),
		TEST(nothing_and_too_much_are_refused),
		TEST(ring_memory_is_aligned_zeroed_and_mapped_both_ways),
		TEST(ring_memory_is_freed_when_it_cannot_be_mapped),
		TEST(no_memory_for_rings_is_a_failure_not_a_crash),
		TEST(reserved_addresses_are_never_given_out),
		TEST(quiesce_clears_what_is_still_mapped),
		TEST(a_window_without_mappings_costs_no_hypercall),
		TEST(many_mappings_never_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of tests/watch/: the claim checker finds what it is there for. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/dma.h"
#include "hcall/hcall.h"
#include "lib/fmt.h"
#include "tests/watch/watch.h"

static char memory[4096], ours[64];
static unsigned faults;
static struct watch_fault last;
static struct dma dma;

static void on_fault(const struct watch_fault *fault)
{
	faults++;
	last = *fault;
}

static int start(void **state)
{
	(void)state;
	faults = 0;
	watch_reset();
	watch_memory((uintptr_t)memory, sizeof(memory));
	watch_set_handler(on_fault);
	dma_init_bypass(&dma);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	watch_reset();
	watch_set_handler(NULL);
	return 0;
}

static void assert_fault(const void *addr, uint64_t size)
{
	assert_int_equal(faults, 1);
	assert_int_equal(last.addr, (uintptr_t)addr);
	assert_int_equal(last.size, size);
	faults = 0;
}

static void a_store_to_memory_that_nobody_gave_is_a_fault(void **state)
{
	(void)state;
	watch_store(memory + 8, 4, memory);
	assert_fault(memory + 8, 4);
	assert_int_equal(last.pc, (uintptr_t)memory);
	assert_string_equal(last.what, "no call");
	watch_store(memory + 4095, 1, NULL);
	assert_fault(memory + 4095, 1);
}

static void a_store_to_our_own_variables_is_none(void **state)
{
	(void)state;
	watch_store(ours, sizeof(ours), NULL);
	watch_store(&faults, sizeof(faults), NULL);
	watch_store(memory + 8, 0, NULL);
	assert_int_equal(faults, 0);
	assert_int_equal(watch_written_count(), 0);
}

static void a_buffer_ends_at_its_last_byte(void **state)
{
	(void)state;
	watch_begin("getprop");
	watch_allow(memory + 101, 11);
	watch_store(memory + 101, 11, NULL);
	watch_store(memory + 111, 1, NULL);
	assert_int_equal(faults, 0);
	watch_store(memory + 112, 1, NULL);
	assert_fault(memory + 112, 1);
	assert_string_equal(last.what, "getprop");
	watch_store(memory + 100, 1, NULL);
	assert_fault(memory + 100, 1);
	watch_store(memory + 108, 8, NULL);
	assert_fault(memory + 108, 8);
}

static void a_buffer_is_one_for_its_call_only(void **state)
{
	(void)state;
	watch_begin("read");
	watch_allow(memory, 16);
	watch_end();
	watch_store(memory, 1, NULL);
	assert_fault(memory, 1);
	watch_allow(memory, 16);
	watch_begin("seek");
	watch_store(memory, 1, NULL);
	assert_fault(memory, 1);
}

static void buffers_that_touch_or_overlap_are_one(void **state)
{
	(void)state;
	watch_allow(memory, 16);
	watch_allow(memory + 32, 16);
	watch_store(memory, 48, NULL);
	assert_fault(memory, 48);
	watch_allow(memory + 8, 24);
	watch_store(memory, 48, NULL);
	assert_int_equal(faults, 0);
}

static void what_was_given_back_is_allowed_no_more(void **state)
{
	(void)state;
	watch_allow(memory, 64);
	watch_forbid(memory + 16, 16);
	watch_store(memory, 16, NULL);
	watch_store(memory + 32, 32, NULL);
	assert_int_equal(faults, 0);
	watch_store(memory + 31, 1, NULL);
	assert_fault(memory + 31, 1);
	watch_store(memory + 8, 16, NULL);
	assert_fault(memory + 8, 16);
}

static void what_is_written_is_remembered_and_joined(void **state)
{
	uint64_t start, end;

	(void)state;
	watch_begin("read");
	watch_allow(memory, 64);
	for (unsigned i = 0; i < 8; i++)
		watch_store(memory + 4 * i, 4, NULL);
	watch_store(memory + 60, 1, NULL);
	assert_int_equal(watch_written_count(), 2);
	watch_written_at(0, &start, &end);
	assert_int_equal(start, (uintptr_t)memory);
	assert_int_equal(end, (uintptr_t)memory + 32);
	watch_written_at(1, &start, &end);
	assert_int_equal(end - start, 1);
	watch_begin("read");
	assert_int_equal(watch_written_count(), 0);
}

static void with_memory_of_its_own_all_else_is_watched(void **state)
{
	(void)state;
	watch_own(memory, 1024);
	watch_own(memory + 2048, 1024);
	watch_store(memory + 1023, 1, NULL);
	watch_store(memory + 2048, 1024, NULL);
	assert_int_equal(faults, 0);
	watch_store(memory + 1024, 1, NULL);
	assert_fault(memory + 1024, 1);
	watch_store(ours, 1, NULL);
	assert_fault(ours, 1);
	watch_disown(memory, 16);
	watch_store(memory + 15, 1, NULL);
	assert_fault(memory + 15, 1);
	watch_store(memory + 16, 1, NULL);
	assert_int_equal(faults, 0);
}

static void a_device_writes_only_where_the_call_may(void **state)
{
	uint64_t bus;

	(void)state;
	watch_begin("read");
	assert_int_equal(dma_map(&dma, memory, 512, DMA_FROM_DEVICE, &bus), 0);
	assert_fault(memory, 512);
	dma_unmap(&dma, bus, 512);
	watch_allow(memory, 512);
	assert_int_equal(dma_map(&dma, memory, 513, DMA_BOTH, &bus), 0);
	assert_fault(memory, 513);
	dma_unmap(&dma, bus, 513);
	assert_int_equal(dma_map(&dma, memory, 512, DMA_FROM_DEVICE, &bus), 0);
	dma_unmap(&dma, bus, 512);
	assert_int_equal(dma_map(&dma, ours, 64, DMA_FROM_DEVICE, &bus), 0);
	/* What it reads from is nobody's concern. */
	assert_int_equal(dma_map(&dma, memory + 1024, 512, DMA_TO_DEVICE, &bus),
			 0);
	watch_end();
	assert_int_equal(faults, 0);
}

static void a_mapping_that_outlives_its_call_is_a_fault(void **state)
{
	uint64_t bus;

	(void)state;
	watch_begin("read");
	watch_allow(memory, 512);
	assert_int_equal(dma_map(&dma, memory, 512, DMA_FROM_DEVICE, &bus), 0);
	watch_end();
	assert_fault(memory, 512);
	/* Told once. */
	watch_end();
	assert_int_equal(faults, 0);
}

static void a_mapping_of_memory_given_back_is_a_fault(void **state)
{
	uint64_t bus;

	(void)state;
	watch_allow(memory, 1024);
	assert_int_equal(
		dma_map(&dma, memory + 512, 512, DMA_FROM_DEVICE, &bus), 0);
	watch_forbid(memory, 512);
	assert_int_equal(faults, 0);
	watch_forbid(memory, 1024);
	assert_fault(memory + 512, 512);
}

static void the_hypervisor_writes_only_where_we_may(void **state)
{
	(void)state;
	if (h_cas(0, memory, 256) != ERR_NOTSUP)
		assert_true(false);
	assert_fault(memory, 256);
	if (h_cas(0, ours, sizeof(ours)) != ERR_NOTSUP)
		assert_true(false);
	assert_int_equal(faults, 0);
}

static void registers_of_a_device_are_not_memory(void **state)
{
	(void)state;
	if (h_ci_store((uintptr_t)memory + 8, 4, 0) != ERR_NOTSUP)
		assert_true(false);
	assert_fault(memory + 8, 4);
	if (h_ci_store(0x200080000000, 4, 0) != ERR_NOTSUP)
		assert_true(false);
	assert_int_equal(faults, 0);
}

/* 8 digits and a NUL, which has no room: a loop of stores in lib/fmt.c. */
static void the_firmwares_own_stores_are_seen(void **state)
{
	(void)state;
	watch_begin("test");
	watch_allow(memory, 8);
	fmt_str(memory, 9, "%s", "12345678");
	assert_int_equal(faults, WATCH_STORES ? 1 : 0);
	assert_int_equal(watch_written_count(), WATCH_STORES ? 1 : 0);
	if (WATCH_STORES)
		assert_fault(memory + 8, 1);
}

/* A debug aid that is too small must not cry wolf. */
static void with_too_many_buffers_a_call_goes_unchecked(void **state)
{
	(void)state;
	watch_begin("interpret");
	for (unsigned i = 0; i < 1024; i++)
		watch_allow(memory + 2 * i, 1);
	watch_store(memory + 2 * 1023, 1, NULL);
	assert_int_equal(faults, 0);
	watch_begin("read");
	watch_store(memory, 1, NULL);
	assert_fault(memory, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_store_to_memory_that_nobody_gave_is_a_fault),
		TEST(a_store_to_our_own_variables_is_none),
		TEST(a_buffer_ends_at_its_last_byte),
		TEST(a_buffer_is_one_for_its_call_only),
		TEST(buffers_that_touch_or_overlap_are_one),
		TEST(what_was_given_back_is_allowed_no_more),
		TEST(what_is_written_is_remembered_and_joined),
		TEST(with_memory_of_its_own_all_else_is_watched),
		TEST(a_device_writes_only_where_the_call_may),
		TEST(a_mapping_that_outlives_its_call_is_a_fault),
		TEST(a_mapping_of_memory_given_back_is_a_fault),
		TEST(the_hypervisor_writes_only_where_we_may),
		TEST(registers_of_a_device_are_not_memory),
		TEST(the_firmwares_own_stores_are_seen),
		TEST(with_too_many_buffers_a_call_goes_unchecked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

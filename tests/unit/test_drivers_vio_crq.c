// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/vio/crq.c: registration, handshake, elements.
#include <setjmp.h>
#include <stdarg.h>

#include "drivers/vio/crq.h"
#include "lib/deadline.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fake/vscsi.h"

static struct crq crq;
static struct dma dma;

static int setup(void **state)
{
	(void)state;
	fake_vscsi_reset();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	dma_init_bypass(&dma);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	crq_close(&crq);
	assert_int_equal(fake_vscsi.queue, 0);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static int open(void)
{
	return crq_open(&crq, FAKE_VSCSI_UNIT, &dma);
}

static void a_partner_that_responds_is_connected(void **state)
{
	struct crq_entry entry;

	(void)state;
	assert_int_equal(open(), 0);
	assert_false(crq_receive(&crq, &entry));
}

static void a_partner_that_asks_first_gets_a_response(void **state)
{
	(void)state;
	fake_vscsi.greeting = FAKE_ASKS_FIRST;
	assert_int_equal(open(), 0);
	assert_true(fake_vscsi.greeted);
}

static void a_partner_that_comes_late_is_waited_for(void **state)
{
	(void)state;
	fake_vscsi.greeting = FAKE_LATE;
	assert_int_equal(open(), 0);
	assert_true(fake_vscsi.greeted);
}

static void a_mute_partner_is_given_up(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	fake_vscsi.greeting = FAKE_MUTE;
	assert_int_equal(open(), ERR_TIMEOUT);
	assert_string_equal(reason(), "the partner does not respond");
	assert_in_range(deadline_ms() - before, 5000, 5100);
	assert_int_equal(fake_vscsi.frees, 1);
}

static void a_queue_that_was_left_behind_is_replaced(void **state)
{
	(void)state;
	fake_vscsi.register_error = H_RESOURCE;
	assert_int_equal(open(), 0);
	assert_int_equal(fake_vscsi.frees, 1);
}

static void a_refused_queue_is_an_error(void **state)
{
	(void)state;
	fake_vscsi.register_error = H_PARAMETER;
	assert_int_equal(open(), ERR_INVAL);
}

static void no_memory_is_an_error(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	assert_int_equal(open(), ERR_NOMEM);
	fake_heap_fail_after(-1);
}

static void elements_come_in_order_around_the_end_of_the_queue(void **state)
{
	struct crq_entry entry;
	uint64_t i;

	(void)state;
	assert_int_equal(open(), 0);
	for (i = 0; i < 1000; i++) {
		fake_vscsi_post(0x8001000000000000ULL | i, i * 3);
		assert_true(crq_receive(&crq, &entry));
		assert_int_equal(crq_valid(&entry), CRQ_MESSAGE);
		assert_int_equal(entry.high & 0xffff, i);
		assert_int_equal(entry.low, i * 3);
		assert_false(crq_receive(&crq, &entry));
	}
}

/*
 * QEMU moves 8 bytes by memmove, which may be two equal stores: the second one
 * may come after we have seen the first. [hw/ppc/spapr_vio.c]
 */
static void a_partner_that_stores_twice_loses_no_element(void **state)
{
	struct crq_entry entry;
	uint64_t i;

	(void)state;
	assert_int_equal(open(), 0);
	for (i = 0; i < 1000; i++) {
		fake_vscsi_post(0x8001000000000000ULL, i);
		assert_true(crq_receive(&crq, &entry));
		fake_vscsi_repeat();
		assert_int_equal(entry.low, i);
		assert_false(crq_receive(&crq, &entry));
	}
}

/*
 * Two elements that arrive between two looks: seeing the second one first must
 * not make us skip the first one, whose request would never end.
 */
static void an_element_is_never_skipped_for_the_next_one(void **state)
{
	struct crq_entry entry;
	uint8_t *second;

	(void)state;
	assert_int_equal(open(), 0);
	second = crq.queue + (crq.next + 1) * 16;
	second[0] = 0x80;
	assert_false(crq_receive(&crq, &entry));
	second[0] = 0;
	fake_vscsi_post(0x8001000000000000ULL, 1);
	fake_vscsi_post(0x8001000000000000ULL, 2);
	assert_true(crq_receive(&crq, &entry));
	assert_int_equal(entry.low, 1);
	assert_true(crq_receive(&crq, &entry));
	assert_int_equal(entry.low, 2);
}

/* We receive it; the partner is still one element behind. */
static void a_stray_element_costs_no_other_one(void **state)
{
	struct crq_entry entry;
	uint64_t i;

	(void)state;
	assert_int_equal(open(), 0);
	for (i = 0; i < 1000; i++) {
		if (i % 300 == 7) {
			fake_vscsi_stray(0x8001000000000000ULL, 12345);
			assert_true(crq_receive(&crq, &entry));
			assert_int_equal(entry.low, 12345);
			/* It is told once. */
			assert_int_equal(crq_unexplained(&crq), i == 7);
		}
		fake_vscsi_post(0x8001000000000000ULL, i);
		assert_true(crq_receive(&crq, &entry));
		assert_int_equal(entry.low, i);
		assert_false(crq_receive(&crq, &entry));
	}
}

/* The partner had sent it, for a command that is forgotten. */
static void an_unexplained_element_in_its_place_costs_no_other_one(void **state)
{
	struct crq_entry entry;
	uint64_t i;

	(void)state;
	assert_int_equal(open(), 0);
	for (i = 0; i < 1000; i++) {
		fake_vscsi_post(0x8001000000000000ULL, i);
		assert_true(crq_receive(&crq, &entry));
		assert_int_equal(entry.low, i);
		if (i == 7)
			assert_true(crq_unexplained(&crq));
	}
}

static void closing_twice_frees_once(void **state)
{
	(void)state;
	assert_int_equal(open(), 0);
	crq_close(&crq);
	crq_close(&crq);
	assert_int_equal(fake_vscsi.frees, 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_partner_that_responds_is_connected),
		TEST(a_partner_that_asks_first_gets_a_response),
		TEST(a_partner_that_comes_late_is_waited_for),
		TEST(a_mute_partner_is_given_up),
		TEST(a_queue_that_was_left_behind_is_replaced),
		TEST(a_refused_queue_is_an_error),
		TEST(no_memory_is_an_error),
		TEST(elements_come_in_order_around_the_end_of_the_queue),
		TEST(a_partner_that_stores_twice_loses_no_element),
		TEST(an_element_is_never_skipped_for_the_next_one),
		TEST(a_stray_element_costs_no_other_one),
		TEST(an_unexplained_element_in_its_place_costs_no_other_one),
		TEST(closing_twice_frees_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/net/e1000.c, against a card that can lie.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/e1000.h"
#include "tests/fake/table.h"

TABLE_LINK(drivers, driver_e1000);

static int setup(void **state)
{
	(void)state;
	fake_e1000_reset();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_card_end();
	return 0;
}

static void kick(void)
{
	fake_card.nd->ops->kick(fake_card.nd);
}

static void sent(unsigned number, size_t len, unsigned seed)
{
	unsigned i = number % FAKE_E1000_SENT;

	assert_true(fake_e1000.sent > number);
	assert_int_equal(fake_e1000.frame[i].len, len);
	fake_card_check(fake_e1000.frame[i].data, len, seed);
}

static void the_mac_is_read_with_four_hypercalls(void **state)
{
	(void)state;
	fake_card_attach();
	assert_memory_equal(fake_card.nd->mac, "\x52\x54\0\x12\x34\x56", 6);
	assert_int_equal(fake_card.accesses + fake_card.switches, 4);
	assert_false(fake_card.decoding);
}

static void each_card_of_the_family_has_the_driver(void **state)
{
	static const uint16_t ids[] = { 0x100c, 0x100e, 0x100f, 0x10d3 };

	for (unsigned i = 0; i < ARRAY_SIZE(ids); i++) {
		fake_card_end();
		setup(state);
		fake_card_fn.device = ids[i];
		fake_card_attach();
		assert_non_null(fake_card.nd);
	}
}

static void other_cards_have_no_driver(void **state)
{
	(void)state;
	fake_card_fn.device = 0x10c9;
	fake_card_attach();
	assert_null(fake_card.nd);
}

static void a_card_without_registers_is_refused(void **state)
{
	(void)state;
	fake_card.bar_size = 0;
	fake_card_attach();
	assert_null(fake_card.nd);
	assert_true(fake_log_has("its registers have no address"));
	fake_card_end();
	setup(state);
	fake_card.bar_size = 0x4000;
	fake_card_attach();
	assert_null(fake_card.nd);
}

static void nothing_leaks_when_memory_runs_out(void **state)
{
	long n = 0;

	do {
		fake_card_end();
		setup(state);
		fake_card.allocations = n++;
		fake_card_attach();
	} while (fake_heap_failed());
	fake_heap_fail_after(0);
	fake_card_start_fails("dma: out of memory");
}

static void the_receiver_is_switched_on_once(void **state)
{
	(void)state;
	fake_card_start();
	assert_int_equal(fake_e1000.rctls, 1);
	assert_int_equal(*fake_e1000_register(0x0100), 0x04008012);
	assert_true(fake_card.master);
	assert_true(fake_e1000_receive(60, 0));
	fake_card_expect(60, 0);
	assert_int_equal(fake_e1000.rctls, 1);
}

static void frames_leave_at_the_kick_in_one_access(void **state)
{
	unsigned before;

	(void)state;
	fake_card_start();
	before = fake_card.accesses;
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(fake_card_send(60 + i * 300, i), 0);
	assert_int_equal(fake_card.accesses, before);
	assert_int_equal(fake_e1000.sent, 0);
	kick();
	assert_int_equal(fake_card.accesses, before + 1);
	for (unsigned i = 0; i < 5; i++)
		sent(i, 60 + i * 300, i);
	kick();
	assert_int_equal(fake_card.accesses, before + 1);
}

static void a_full_ring_is_kicked(void **state)
{
	(void)state;
	fake_card_start();
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(fake_card_send(NETWORK_FRAME_MAX, i), 0);
	kick();
	assert_int_equal(fake_e1000.sent, 100);
	for (unsigned i = 40; i < 100; i++)
		sent(i, NETWORK_FRAME_MAX, i);
	assert_int_equal(fake_e1000.kicks, 7);
}

static void a_card_that_does_not_send_is_said_so(void **state)
{
	uint64_t start;

	(void)state;
	fake_card_start();
	fake_e1000.stuck = true;
	for (unsigned i = 0; i < 15; i++)
		assert_int_equal(fake_card_send(60, i), 0);
	start = deadline_ms();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	assert_int_equal(fake_card_send(60, 15), ERR_TIMEOUT);
	assert_string_equal(reason(), "it sent nothing for 100 ms");
	assert_in_range(deadline_ms() - start, 100, 110);
	fake_e1000.stuck = false;
	fake_e1000.kicks = 0;
	*fake_e1000_register(0x3818) = 15;
	fake_card.write(0x0400, 4, 0x000400fa);
	assert_int_equal(fake_card_send(60, 15), 0);
	kick();
	assert_int_equal(fake_e1000.sent, 16);
	sent(15, 60, 15);
}

static void nothing_there_costs_no_access(void **state)
{
	(void)state;
	fake_card_start();
	for (unsigned i = 0; i < 300; i++) {
		fake_card_silent();
		assert_true(fake_e1000_receive(1514, i));
		fake_card_expect(1514, i);
	}
	fake_card_silent();
}

static void the_ring_goes_round(void **state)
{
	unsigned in = 0, out = 0;

	(void)state;
	fake_card_start();
	fake_e1000.tails = 0;
	while (out < 3000) {
		while (in < out + 200 && in < 3000) {
			assert_true(fake_e1000_receive(60 + in % 1400, in));
			in++;
		}
		for (unsigned i = 0; i < 100; i++, out++)
			fake_card_expect(60 + out % 1400, out);
	}
	fake_card_silent();
	assert_int_equal(fake_e1000.tails, 3000 / 32);
}

static void a_full_card_keeps_the_oldest_frames(void **state)
{
	unsigned n = 0;

	(void)state;
	fake_card_start();
	while (fake_e1000_receive(100, n))
		n++;
	assert_int_equal(n, 255);
	for (unsigned i = 0; i < n; i++)
		fake_card_expect(100, i);
	fake_card_silent();
	assert_true(fake_e1000_receive(100, 7));
	fake_card_expect(100, 7);
}

static void broken(size_t len)
{
	assert_true(fake_e1000_receive(len, 0));
	fake_card_expect(0, 0);
}

static void broken_frames_have_no_length(void **state)
{
	(void)state;
	fake_card_start();
	fake_e1000.more = 1949;
	broken(100);
	fake_e1000.more = 65435;
	broken(100);
	fake_e1000.more = 0;
	fake_e1000.no_end = true;
	broken(2048);
	fake_e1000.no_end = false;
	fake_e1000.error = 0x01;
	broken(100);
	fake_e1000.error = 0;
	assert_true(fake_e1000_receive(2048, 9));
	fake_card_expect(2048, 9);
}

/* The card tries to receive and to send all the time. */
static void a_card_that_a_client_has_left_running_starts(void **state)
{
	(void)state;
	fake_card_attach();
	fake_e1000_used();
	fake_card_start();
	fake_card.meanwhile = NULL;
	assert_int_equal(*fake_e1000_register(0x5400), 0x12005452);
	assert_int_equal(*fake_e1000_register(0x5404), 0x80005634);
	assert_int_equal(*fake_e1000_register(0x0000) & 0x40000000, 0);
	assert_int_equal(fake_e1000.masked, UINT32_MAX);
	assert_int_equal(fake_e1000.sent, 0);
	assert_int_equal(fake_e1000.rctls, 1);
	assert_true(fake_e1000_receive(60, 2));
	fake_card_expect(60, 2);
	assert_int_equal(fake_card_send(60, 1), 0);
	kick();
	sent(0, 60, 1);
}

static void no_dma_follows_a_stop(void **state)
{
	unsigned accesses;

	(void)state;
	fake_card_start();
	device_close(fake_card.dev);
	assert_int_equal(*fake_e1000_register(0x0100), 0);
	assert_int_equal(*fake_e1000_register(0x0400), 0);
	assert_int_equal(fake_e1000.cleared, 1);
	assert_false(fake_card.master);
	assert_false(fake_card.decoding);
	assert_null(fake_card.memory);
	accesses = fake_card.accesses;
	device_quiesce_all(NULL);
	assert_int_equal(fake_card.accesses, accesses);
}

static void it_starts_again_with_empty_rings(void **state)
{
	(void)state;
	fake_card_start();
	assert_true(fake_e1000_receive(60, 1));
	assert_int_equal(fake_card_send(60, 1), 0);
	device_close(fake_card.dev);
	fake_card_start();
	fake_card_silent();
	kick();
	assert_int_equal(fake_e1000.sent, 0);
	assert_true(fake_e1000_receive(60, 2));
	fake_card_expect(60, 2);
	assert_int_equal(fake_card_send(60, 3), 0);
	kick();
	sent(0, 60, 3);
}

static void the_link_is_what_the_status_says(void **state)
{
	(void)state;
	fake_card_start();
	assert_true(fake_card.nd->ops->link(fake_card.nd));
	fake_e1000.link = false;
	assert_false(fake_card.nd->ops->link(fake_card.nd));
	fake_e1000.link = true;
	fake_card.gone = true;
	assert_false(fake_card.nd->ops->link(fake_card.nd));
}

static void a_card_that_is_gone_does_not_start(void **state)
{
	(void)state;
	fake_card_attach();
	fake_card.gone = true;
	fake_card_start_fails("its registers cannot be read");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_mac_is_read_with_four_hypercalls),
		TEST(each_card_of_the_family_has_the_driver),
		TEST(other_cards_have_no_driver),
		TEST(a_card_without_registers_is_refused),
		TEST(nothing_leaks_when_memory_runs_out),
		TEST(the_receiver_is_switched_on_once),
		TEST(frames_leave_at_the_kick_in_one_access),
		TEST(a_full_ring_is_kicked),
		TEST(a_card_that_does_not_send_is_said_so),
		TEST(nothing_there_costs_no_access),
		TEST(the_ring_goes_round),
		TEST(a_full_card_keeps_the_oldest_frames),
		TEST(broken_frames_have_no_length),
		TEST(a_card_that_a_client_has_left_running_starts),
		TEST(no_dma_follows_a_stop),
		TEST(it_starts_again_with_empty_rings),
		TEST(the_link_is_what_the_status_says),
		TEST(a_card_that_is_gone_does_not_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

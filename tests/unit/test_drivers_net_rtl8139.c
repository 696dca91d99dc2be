// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/net/rtl8139.c, against a card that can lie.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/rtl8139.h"
#include "tests/fake/table.h"

TABLE_LINK(drivers, driver_rtl8139);

/* The longest frame of QEMU's back ends. [include/net/net.h, NET_BUFSIZE] */
#define LONGEST 69632u

static int setup(void **state)
{
	(void)state;
	fake_rtl8139_reset();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_card_end();
	return 0;
}

static void sent(unsigned number, size_t len, unsigned seed)
{
	unsigned i = number % FAKE_RTL8139_SENT;

	assert_int_equal(fake_rtl8139.sent, number + 1);
	assert_int_equal(fake_rtl8139.frame[i].len, len);
	fake_card_check(fake_rtl8139.frame[i].data, len, seed);
}

/* Nothing, whatever it costs. */
static void nothing(void)
{
	size_t len;

	assert_null(fake_card.nd->ops->peek(fake_card.nd, &len));
}

/* Takes what there is, as a user would. Returns the number of frames. */
static unsigned take_all(void)
{
	struct network_device *nd = fake_card.nd;
	unsigned n = 0;
	size_t len;

	for (const uint8_t *frame; (frame = nd->ops->peek(nd, &len)); n++) {
		assert_true(n < 10000);
		/* All of it can be read. */
		assert_true(frame >= fake_card.memory);
		assert_true(frame + len <= fake_card.memory + fake_card.size);
		nd->ops->release(nd);
	}
	return n;
}

static void the_mac_is_read_with_four_hypercalls(void **state)
{
	(void)state;
	fake_card_attach();
	assert_memory_equal(fake_card.nd->mac, "\x52\x54\0\x12\x34\x56", 6);
	assert_int_equal(fake_card.accesses + fake_card.switches, 4);
	assert_false(fake_card.decoding);
}

static void a_card_without_registers_is_refused(void **state)
{
	(void)state;
	fake_card.bar_size = 0;
	fake_card_attach();
	assert_null(fake_card.nd);
	assert_true(fake_log_has("its registers have no address"));
}

static void all_multicast_is_received(void **state)
{
	(void)state;
	fake_card_start();
	assert_int_equal(fake_rtl8139.multicast[0], UINT32_MAX);
	assert_int_equal(fake_rtl8139.multicast[1], UINT32_MAX);
	assert_int_equal(fake_rtl8139.resets, 1);
}

static void frames_leave_at_once(void **state)
{
	unsigned before;

	(void)state;
	fake_card_start();
	for (unsigned i = 0; i < 12; i++) {
		before = fake_card.accesses;
		assert_int_equal(fake_card_send(60 + i * 100, i), 0);
		sent(i, 60 + i * 100, i);
		/* One access for a frame, one more for four. */
		assert_int_equal(fake_card.accesses - before, i % 4 ? 1 : 2);
	}
	assert_int_equal(fake_card_send(NETWORK_FRAME_MAX, 9), 0);
	sent(12, NETWORK_FRAME_MAX, 9);
}

static void a_card_that_does_not_send_is_said_so(void **state)
{
	uint64_t start;

	(void)state;
	fake_card_start();
	fake_rtl8139.stuck = true;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(fake_card_send(60, i), 0);
	start = deadline_ms();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	assert_int_equal(fake_card_send(60, 4), ERR_TIMEOUT);
	assert_string_equal(reason(), "it sent nothing for 100 ms");
	assert_in_range(deadline_ms() - start, 100, 110);
	fake_rtl8139.stuck = false;
	for (unsigned i = 0; i < 4; i++)
		fake_rtl8139.status[i] = 0xa000;
	assert_int_equal(fake_card_send(60, 5), 0);
	sent(0, 60, 5);
}

static void nothing_there_costs_no_access(void **state)
{
	(void)state;
	fake_card_start();
	fake_card_silent();
	for (unsigned i = 0; i < 100; i++) {
		assert_true(fake_rtl8139_receive(60 + 14 * i, i));
		fake_card_expect(60 + 14 * i, i);
		fake_card_silent();
	}
	assert_int_equal(fake_rtl8139.looks, 100);
}

static void a_burst_costs_one_look(void **state)
{
	(void)state;
	fake_card_start();
	for (unsigned i = 0; i < 20; i++)
		assert_true(fake_rtl8139_receive(1514, i));
	for (unsigned i = 0; i < 20; i++)
		fake_card_expect(1514, i);
	assert_int_equal(fake_rtl8139.looks, 1);
	/* Six frames are 8 KiB and more; two are left. */
	assert_int_equal(fake_rtl8139.returns, 4);
	fake_card_silent();
}

static void the_ring_goes_round(void **state)
{
	unsigned in = 0, out = 0;

	(void)state;
	fake_card_start();
	while (out < 5000) {
		while (in < out + 12 && in < 5000) {
			assert_true(fake_rtl8139_receive(60 + in % 1455, in));
			in++;
		}
		for (unsigned i = 0; i < 5 && out < in; i++, out++)
			fake_card_expect(60 + out % 1455, out);
	}
	assert_int_equal(take_all(), 0);
	fake_card_silent();
	assert_int_equal(fake_rtl8139.missed, 0);
}

static void a_full_card_keeps_the_oldest_frames(void **state)
{
	unsigned n = 0;

	(void)state;
	fake_card_start();
	while (fake_rtl8139_receive(1000, n))
		n++;
	assert_true(n >= 30);
	for (unsigned i = 0; i < n; i++)
		fake_card_expect(1000, i);
	fake_card_silent();
	assert_true(fake_rtl8139_receive(1000, 7));
	fake_card_expect(1000, 7);
}

static void a_frame_longer_than_the_ring_harms_nothing(void **state)
{
	static const uint32_t lens[] = { 3000,	20000, 32760, 32768,   40000,
					 65531, 65532, 65600, LONGEST, 1514 };
	unsigned count = ARRAY_SIZE(lens);

	(void)state;
	fake_card_start();
	/* At each place: all is in the card's memory. */
	for (unsigned i = 0; i < 40 * count; i++) {
		assert_true(fake_rtl8139_receive(lens[i % count], i));
		assert_true(take_all() <= 1);
		assert_true(fake_rtl8139_receive(60 + i, i));
		fake_card_expect(60 + i, i);
		nothing();
	}
}

static void the_frame_after_a_long_one_is_received(void **state)
{
	size_t len;

	(void)state;
	fake_card_start();
	for (unsigned i = 0; i < 500; i++) {
		assert_true(fake_rtl8139_receive(33000, i));
		assert_true(fake_rtl8139_receive(1514, i));
		assert_non_null(fake_card.nd->ops->peek(fake_card.nd, &len));
		assert_int_equal(len, 33000);
		fake_card.nd->ops->release(fake_card.nd);
		fake_card_expect(1514, i);
		nothing();
	}
}

static void the_longest_frame_at_the_last_place_fits(void **state)
{
	(void)state;
	fake_card_start();
	while (fake_rtl8139.at != 32764) {
		size_t left = 32764 - fake_rtl8139.at;

		assert_true(
			fake_rtl8139_receive(left < 1508 ? left - 8 : 992, 1));
		take_all();
	}
	assert_true(fake_rtl8139_receive(LONGEST, 1));
	take_all();
	assert_true(fake_rtl8139_receive(60, 2));
	fake_card_expect(60, 2);
}

/* What the card has written does not count, but the next frame does. */
static void wrong_headers_are_skipped(void **state)
{
	static const uint32_t headers[] = {
		104u << 16,	   /* not ROK */
		3u << 16 | 1,	   /* shorter than its check sum */
		105u << 16 | 1,	   /* longer than what is there */
		32764u << 16 | 1,  /* the next is itself */
		0xffffu << 16 | 1, /* the next is in this one */
	};

	(void)state;
	fake_card_start();
	for (unsigned i = 0; i < 200; i++) {
		fake_rtl8139.header = headers[i % ARRAY_SIZE(headers)];
		assert_true(fake_rtl8139_receive(100, i));
		fake_rtl8139.header = 0;
		assert_true(take_all() < 10);
		assert_true(fake_rtl8139_receive(1514, i));
		fake_card_expect(1514, i);
		fake_card_silent();
	}
}

static void a_card_that_lies_about_its_place_harms_nothing(void **state)
{
	(void)state;
	fake_card_start();
	srand(1);
	for (unsigned i = 0; i < 5000; i++) {
		fake_rtl8139.lead = (uint32_t)rand();
		fake_rtl8139.header = (uint32_t)rand() | 1;
		if (!fake_rtl8139_receive(60 + (unsigned)rand() % 1455, i))
			fake_rtl8139.read = fake_rtl8139.at;
		assert_true(take_all() < 2000);
	}
}

/* The card tries to receive all the time. */
static void a_card_that_a_client_has_left_running_starts(void **state)
{
	(void)state;
	fake_card_attach();
	fake_rtl8139_used();
	fake_card_start();
	fake_card.meanwhile = NULL;
	take_all();
	assert_int_equal(fake_card.nd->ops->dropped(fake_card.nd), 0);
	assert_true(fake_rtl8139_receive(60, 5));
	fake_card_expect(60, 5);
}

static void no_dma_follows_a_stop(void **state)
{
	unsigned accesses;

	(void)state;
	fake_card_start();
	device_close(fake_card.dev);
	assert_int_equal(fake_rtl8139.resets, 2);
	assert_false(fake_card.master);
	assert_false(fake_card.decoding);
	assert_null(fake_card.memory);
	accesses = fake_card.accesses;
	device_quiesce_all(NULL);
	assert_int_equal(fake_card.accesses, accesses);
}

static void it_starts_again_with_an_empty_ring(void **state)
{
	(void)state;
	fake_card_start();
	assert_true(fake_rtl8139_receive(60, 1));
	assert_int_equal(fake_card_send(60, 1), 0);
	device_close(fake_card.dev);
	fake_card_start();
	fake_card_silent();
	assert_true(fake_rtl8139_receive(60, 2));
	fake_card_expect(60, 2);
	assert_int_equal(fake_card_send(60, 3), 0);
	sent(1, 60, 3);
}

static void a_reset_that_does_not_end_is_said_so(void **state)
{
	(void)state;
	fake_rtl8139.no_reset = true;
	fake_card_start_fails("reset timed out after 10 ms");
	fake_rtl8139.no_reset = false;
	fake_card.gone = true;
	fake_card_start_fails("reset timed out after 10 ms");
}

static void no_memory_is_said_so(void **state)
{
	(void)state;
	fake_card_attach();
	fake_heap_fail_after(0);
	fake_card_start_fails("dma: out of memory");
}

static void the_link_is_what_the_card_says(void **state)
{
	(void)state;
	fake_card_start();
	assert_true(fake_card.nd->ops->link(fake_card.nd));
	fake_rtl8139.down = true;
	assert_false(fake_card.nd->ops->link(fake_card.nd));
	fake_rtl8139.down = false;
	fake_card.gone = true;
	assert_false(fake_card.nd->ops->link(fake_card.nd));
}

static void frames_that_the_card_loses_count(void **state)
{
	(void)state;
	fake_card_start();
	fake_rtl8139.missed = 3;
	assert_int_equal(fake_card.nd->ops->dropped(fake_card.nd), 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_mac_is_read_with_four_hypercalls),
		TEST(a_card_without_registers_is_refused),
		TEST(all_multicast_is_received),
		TEST(frames_leave_at_once),
		TEST(a_card_that_does_not_send_is_said_so),
		TEST(nothing_there_costs_no_access),
		TEST(a_burst_costs_one_look),
		TEST(the_ring_goes_round),
		TEST(a_full_card_keeps_the_oldest_frames),
		TEST(a_frame_longer_than_the_ring_harms_nothing),
		TEST(the_frame_after_a_long_one_is_received),
		TEST(the_longest_frame_at_the_last_place_fits),
		TEST(wrong_headers_are_skipped),
		TEST(a_card_that_lies_about_its_place_harms_nothing),
		TEST(a_card_that_a_client_has_left_running_starts),
		TEST(no_dma_follows_a_stop),
		TEST(it_starts_again_with_an_empty_ring),
		TEST(a_reset_that_does_not_end_is_said_so),
		TEST(no_memory_is_said_so),
		TEST(the_link_is_what_the_card_says),
		TEST(frames_that_the_card_loses_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

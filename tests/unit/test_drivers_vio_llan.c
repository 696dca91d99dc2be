// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/vio/llan.c: an honest logical LAN. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/llan.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

static struct node *node;
static struct network_device *nd;
static uint8_t frame[FAKE_LLAN_MAX];

static void plug_as(uint32_t mac_len)
{
	node = fake_llan_plug(mac_len);
	nd = device_of(node) ? network_of(device_of(node)) : NULL;
}

static int plug(void **state)
{
	(void)state;
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_llan_reset();
	plug_as(6);
	memcpy(frame, FAKE_LLAN_MAC "\2\0\0\0\0\1\x08", 13);
	for (unsigned i = 13; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i / 256 + i);
	return 0;
}

static void unplug_node(void)
{
	tree_remove_node(node);
	tree_free();
	assert_false(fake_llan.open);
	assert_false(fake_llan.bypass);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
}

static int unplug(void **state)
{
	(void)state;
	unplug_node();
	return 0;
}

static void open_card(void)
{
	assert_int_equal(network_open(nd), 0);
}

/* Numbered in its last bytes. */
static void put(unsigned n, size_t len)
{
	be32_store(frame + len - 4, n);
	assert_true(fake_llan_put(frame, len));
}

static void expect(unsigned n, size_t len)
{
	size_t got = 0;
	const uint8_t *at = network_peek(nd, &got);

	assert_non_null(at);
	assert_int_equal(got, len);
	be32_store(frame + len - 4, n);
	assert_memory_equal(at, frame, len);
	/* The same until it is released. */
	assert_ptr_equal(network_peek(nd, &got), at);
	network_release(nd);
}

static void expect_none(void)
{
	size_t len;

	assert_null(network_peek(nd, &len));
}

static void it_is_known_without_a_hypercall(void **state)
{
	uint32_t len;

	(void)state;
	assert_non_null(nd);
	assert_ptr_equal(tree_find("net"), node);
	assert_memory_equal(nd->mac, FAKE_LLAN_MAC, 6);
	assert_int_equal(nd->mtu, 1500);
	assert_non_null(tree_getprop(node, "local-mac-address", &len));
	assert_int_equal(len, 6);
	assert_int_equal(fake_llan.registers, 0);
	assert_false(fake_llan.bypass);
	device_quiesce_all(NULL);
	assert_int_equal(fake_llan.frees, 0);
}

/* Linux's ibmveth reads both forms. */
static void the_mac_of_8_bytes_stays_as_qemu_made_it(void **state)
{
	uint32_t len;
	const void *mac;

	(void)state;
	unplug_node();
	plug_as(8);
	assert_memory_equal(nd->mac, FAKE_LLAN_MAC, 6);
	mac = tree_getprop(node, "local-mac-address", &len);
	assert_int_equal(len, 8);
	assert_memory_equal(mac, "\0\0" FAKE_LLAN_MAC, 8);
}

static void without_a_mac_it_is_no_card(void **state)
{
	static const uint32_t lens[] = { 0, 1, 5, 7 };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(lens); i++) {
		unplug_node();
		fake_log_clear();
		plug_as(lens[i]);
		assert_null(nd);
		assert_string_equal(
			fake_printed,
			"spapr-vlan /l-lan@71000003: no local-mac-address\r\n");
	}
}

static void an_open_card_has_buffers_and_its_mac(void **state)
{
	(void)state;
	open_card();
	assert_true(fake_llan.open);
	assert_true(fake_llan.bypass);
	assert_int_equal(fake_llan.mac, 0x525400123456);
	assert_int_equal(fake_llan.n_bds, 258);
	expect_none();
	network_close(nd);
	assert_false(fake_llan.open);
	assert_int_equal(fake_llan.frees, 1);
}

static void without_bypass_it_uses_its_window(void **state)
{
	(void)state;
	fake_llan.no_bypass = true;
	open_card();
	assert_true(fake_dma_used_window());
	put(1, 60);
	expect(1, 60);
	network_close(nd);
}

/* More than three laps of the queue. */
static void frames_come_in_order(void **state)
{
	unsigned lens[] = { 60, 1514, 60, 99 };

	(void)state;
	open_card();
	for (unsigned i = 0; i < 1800; i++) {
		put(i, lens[i % 4]);
		expect(i, lens[i % 4]);
		expect_none();
	}
	assert_int_equal(fake_llan.n_bds, 258);
	network_close(nd);
}

static void a_burst_fills_every_buffer(void **state)
{
	unsigned n, lap;

	(void)state;
	open_card();
	for (lap = 0; lap < 5; lap++) {
		for (n = 0; n < 258; n++)
			put(n, 1000);
		assert_false(fake_llan_put(frame, 60));
		for (n = 0; n < 258; n++)
			expect(n, 1000);
		expect_none();
	}
	network_close(nd);
}

/* Each is given back at once: there is always one for the next frame. */
static void a_buffer_is_given_back_when_its_frame_is_released(void **state)
{
	unsigned n;

	(void)state;
	open_card();
	for (n = 0; n < 258; n++)
		put(n, 60);
	for (n = 0; n < 1000; n++) {
		expect(n, 60);
		assert_int_equal(fake_llan.n_bds, 1);
		put(n + 258, 60);
	}
	network_close(nd);
}

static void looking_for_frames_costs_no_hypercall(void **state)
{
	unsigned adds;

	(void)state;
	open_card();
	adds = fake_llan.adds;
	for (unsigned i = 0; i < 1000; i++)
		expect_none();
	assert_int_equal(fake_llan.adds, adds);
	assert_int_equal(fake_llan.sends, 0);
	network_close(nd);
}

/* QEMU keeps a frame that fits no buffer, and all others wait for it. */
static void oversize_frames_do_not_end_reception(void **state)
{
	static const size_t lens[] = { 1515, 2040, 2041, 3000, 69632 };

	(void)state;
	open_card();
	for (unsigned i = 0; i < 500; i++) {
		put(1, lens[i % 5]);
		put(2, lens[(i + 3) % 5]);
		put(3, 342);
		expect(3, 342);
		expect_none();
	}
	assert_int_equal(nd->counts.dropped, 1000);
	assert_int_equal(fake_llan.n_bds, 258);
	network_close(nd);
}

/* Buffers in a page of 509: a small frame may be in a large buffer. */
static void machines_without_pools_work(void **state)
{
	(void)state;
	fake_llan.page = true;
	open_card();
	for (unsigned i = 0; i < 1800; i++) {
		put(1, 69632);
		put(i, 60);
		put(i + 1, 1514);
		expect(i, 60);
		expect(i + 1, 1514);
		expect_none();
	}
	network_close(nd);
}

static void frames_are_sent_as_they_are(void **state)
{
	static const size_t lens[] = { 60, 61, 1514 };

	(void)state;
	open_card();
	for (unsigned i = 0; i < ARRAY_SIZE(lens); i++) {
		assert_int_equal(network_send(nd, frame, lens[i]), 0);
		assert_int_equal(fake_llan.sent_len, lens[i]);
		assert_memory_equal(fake_llan.sent, frame, lens[i]);
	}
	assert_int_equal(fake_llan.sends, 3);
	network_close(nd);
}

static void dropped_frames_are_counted(void **state)
{
	uint64_t lost;

	(void)state;
	open_card();
	for (unsigned n = 0; n < 300; n++)
		(void)!fake_llan_put(frame, 60);
	network_counts(nd, &lost);
	assert_int_equal(lost, 300 - 258);
	network_close(nd);
	network_counts(nd, &lost);
	assert_int_equal(lost, 0);
}

/* As a client that has driven the card, and left. */
static void a_card_that_was_left_open_starts(void **state)
{
	(void)state;
	fake_llan.open = true;
	open_card();
	assert_int_equal(fake_llan.registers, 2);
	assert_int_equal(fake_llan.frees, 1);
	put(1, 60);
	expect(1, 60);
	network_close(nd);
}

static void it_starts_again_from_the_first_entry(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		open_card();
		for (unsigned n = 0; n < 600; n++) {
			put(n, 60);
			expect(n, 60);
		}
		put(1, 60);
		network_close(nd);
	}
}

/* RTAS quiesce leaves it open. */
static void quiesce_ends_its_dma(void **state)
{
	(void)state;
	open_card();
	put(1, 60);
	device_quiesce_all(NULL);
	assert_false(fake_llan.open);
	assert_false(fake_llan.bypass);
	assert_int_equal(fake_dma_live(), 0);
	expect_none();
	assert_int_equal(network_send(nd, frame, 60), ERR_NODEV);
}

static void a_frame_in_use_at_quiesce_is_forgotten(void **state)
{
	size_t len;

	(void)state;
	open_card();
	put(1, 60);
	assert_non_null(network_peek(nd, &len));
	device_quiesce_all(NULL);
	network_release(nd);
	assert_int_equal(fake_dma_live(), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_known_without_a_hypercall),
		TEST(the_mac_of_8_bytes_stays_as_qemu_made_it),
		TEST(without_a_mac_it_is_no_card),
		TEST(an_open_card_has_buffers_and_its_mac),
		TEST(without_bypass_it_uses_its_window),
		TEST(frames_come_in_order),
		TEST(a_burst_fills_every_buffer),
		TEST(a_buffer_is_given_back_when_its_frame_is_released),
		TEST(looking_for_frames_costs_no_hypercall),
		TEST(oversize_frames_do_not_end_reception),
		TEST(machines_without_pools_work),
		TEST(frames_are_sent_as_they_are),
		TEST(dropped_frames_are_counted),
		TEST(a_card_that_was_left_open_starts),
		TEST(it_starts_again_from_the_first_entry),
		TEST(quiesce_ends_its_dma),
		TEST(a_frame_in_use_at_quiesce_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

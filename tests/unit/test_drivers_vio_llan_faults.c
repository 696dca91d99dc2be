// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/vio/llan.c: a LAN that refuses, and one that lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "lib/deadline.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/llan.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

#define WHERE "spapr-vlan /l-lan@71000003: "

static struct node *node;
static struct network_device *nd;
static uint8_t frame[FAKE_LLAN_MAX];

static int plug(void **state)
{
	(void)state;
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_llan_reset();
	node = fake_llan_plug(6);
	nd = network_of(device_of(node));
	memcpy(frame, FAKE_LLAN_MAC "\2\0\0\0\0\1\x08", 13);
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	tree_remove_node(node);
	tree_free();
	assert_false(fake_llan.bypass);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static int open_with_forger(void **state)
{
	plug(state);
	assert_int_equal(network_open(nd), 0);
	fake_llan.forges = true;
	return 0;
}

static void expect_none(void)
{
	size_t len;

	assert_null(network_peek(nd, &len));
}

/* Honest frames still arrive, for two laps of the queue. */
static void expect_life(void)
{
	size_t len;

	expect_none();
	for (unsigned i = 0; i < 1100; i++) {
		be32_store(frame + 56, i);
		assert_true(fake_llan_put(frame, 60));
		assert_memory_equal(network_peek(nd, &len), frame, 60);
		assert_int_equal(len, 60);
		network_release(nd);
		expect_none();
	}
	network_close(nd);
}

static void expect_refusal(int err, const char *why)
{
	assert_int_equal(network_open(nd), err);
	assert_string_equal(reason(), why);
	assert_false(fake_llan.open);
	assert_int_equal(fake_dma_live(), 0);
}

static void a_refused_registration_is_a_reason(void **state)
{
	(void)state;
	fake_llan.register_error = H_PARAMETER;
	expect_refusal(ERR_INVAL,
		       WHERE "cannot register its buffers: malformed argument");
	/* It was only once. */
	assert_int_equal(network_open(nd), 0);
	expect_life();
}

static void a_refused_buffer_is_a_reason(void **state)
{
	(void)state;
	fake_llan.add_error = H_RESOURCE;
	fake_llan.adds_left = 100;
	expect_refusal(ERR_NOSPACE,
		       WHERE "cannot register its buffers: no space left");
}

static void no_memory_is_a_reason(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	expect_refusal(ERR_NOMEM, WHERE "dma: out of memory");
	assert_int_equal(fake_llan.registers, 0);
}

static void a_full_window_is_a_reason(void **state)
{
	(void)state;
	fake_llan.no_bypass = true;
	fake_dma_fail(1);
	expect_refusal(ERR_NOMEM, WHERE "dma: window is full");
}

static void without_bypass_and_window_there_is_a_reason(void **state)
{
	(void)state;
	tree_delprop(node, "ibm,my-dma-window");
	fake_llan.no_bypass = true;
	expect_refusal(ERR_NOTSUP, WHERE "neither TCE bypass nor a DMA window");
}

/* What it may still write to is not used for anything else. */
static void buffers_that_are_not_given_back_are_kept(void **state)
{
	(void)state;
	assert_int_equal(network_open(nd), 0);
	fake_llan.free_error = H_HARDWARE;
	network_close(nd);
	assert_int_equal(fake_dma_live(), 1);
	assert_false(fake_llan.bypass);
	assert_int_equal(network_open(nd), ERR_NODEV);
	assert_string_equal(reason(), WHERE "its buffers cannot be taken back");
}

/* What the driver keeps, from the list to the end of the last buffer. */
static int unplug_kept(void **state)
{
	uint64_t last = fake_llan.bds[fake_llan.n_bds - 1],
		 bus = fake_llan.list;
	uint8_t *area = fake_dma_ptr(bus, 4096, DMA_BOTH);
	struct dma dma;

	dma_init_bypass(&dma);
	dma_free(&dma, area, bus,
		 (uint32_t)last + (last >> 32 & 0xffffff) - bus);
	return unplug(state);
}

static void a_busy_lan_gets_the_frame_again(void **state)
{
	(void)state;
	assert_int_equal(network_open(nd), 0);
	fake_llan.busy = 20;
	assert_int_equal(network_send(nd, frame, 60), 0);
	assert_int_equal(fake_llan.sends, 1);
	network_close(nd);
}

static void a_lan_that_stays_busy_is_given_up(void **state)
{
	uint64_t before;

	(void)state;
	assert_int_equal(network_open(nd), 0);
	fake_llan.busy = 1000000;
	before = deadline_ms();
	assert_int_equal(network_send(nd, frame, 60), ERR_TIMEOUT);
	assert_in_range(deadline_ms() - before, 100, 110);
	assert_string_equal(reason(), WHERE "the LAN is busy");
	network_close(nd);
}

static void a_lan_that_fails_is_a_reason(void **state)
{
	(void)state;
	assert_int_equal(network_open(nd), 0);
	fake_llan.send_error = H_HARDWARE;
	assert_int_equal(network_send(nd, frame, 60), ERR_IO);
	assert_string_equal(reason(), WHERE "cannot send: I/O error");
	network_close(nd);
}

/* A frame is lost on its way, as everywhere. */
static void a_frame_that_is_dropped_is_sent(void **state)
{
	(void)state;
	assert_int_equal(network_open(nd), 0);
	fake_llan.send_error = H_DROPPED;
	assert_int_equal(network_send(nd, frame, 60), 0);
	network_close(nd);
}

static void a_buffer_that_is_refused_later_is_one_less(void **state)
{
	size_t len;

	(void)state;
	assert_int_equal(network_open(nd), 0);
	fake_llan.add_error = H_RESOURCE;
	assert_true(fake_llan_put(frame, 60));
	assert_non_null(network_peek(nd, &len));
	network_release(nd);
	assert_int_equal(fake_llan.n_bds, 257);
	fake_llan.add_error = 0;
	/* It is ours now. */
	fake_llan_entry(FAKE_LLAN_VALID, 8, 60, 255);
	expect_none();
	expect_life();
}

static void foreign_buffers_are_ignored(void **state)
{
	static const uint64_t handles[] = { 258, 511, 1ULL << 32, UINT64_MAX };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(handles); i++)
		fake_llan_entry(FAKE_LLAN_VALID, 8, 60, handles[i]);
	expect_life();
}

/* The first is right; the buffer is then ours. */
static void a_buffer_that_comes_twice_is_taken_once(void **state)
{
	size_t len;

	(void)state;
	assert_true(fake_llan_put(frame, 60));
	for (unsigned i = 0; i < 100; i++)
		fake_llan_entry(FAKE_LLAN_VALID, 8, 60, 255);
	assert_non_null(network_peek(nd, &len));
	assert_non_null(network_peek(nd, &len));
	nd->ops->release(nd);
	/* Posted again: the next one is believed, but no more than that. */
	assert_non_null(network_peek(nd, &len));
}

/* Offset and length of what is outside, by a byte and by a lot. */
static void parts_outside_the_buffer_are_dropped(void **state)
{
	static const struct {
		uint16_t offset;
		uint32_t len;
		uint64_t handle;
	} lies[] = {
		{ 8, 2041, 0 },	      { 2048, 1, 0 },
		{ 2049, 0, 0 },	      { 65535, 1, 0 },
		{ 8, UINT32_MAX, 0 }, { 8, UINT32_MAX - 7, 0 },
		{ 8, 73721, 257 },    { 65535, 8194, 257 },
		{ 0, 2049, 255 },     { 2047, 2, 255 },
	};
	size_t len;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		fake_llan_entry(FAKE_LLAN_VALID, lies[i].offset, lies[i].len,
				lies[i].handle);
		assert_null(nd->ops->peek(nd, &len));
	}
	expect_life();
}

static void parts_up_to_the_end_of_the_buffer_are_taken(void **state)
{
	size_t len;

	(void)state;
	fake_llan_entry(FAKE_LLAN_VALID, 2048, 0, 0);
	assert_non_null(nd->ops->peek(nd, &len));
	assert_int_equal(len, 0);
	nd->ops->release(nd);
	fake_llan_entry(FAKE_LLAN_VALID, 8, 73720, 256);
	assert_non_null(nd->ops->peek(nd, &len));
	assert_int_equal(len, 73720);
	nd->ops->release(nd);
	expect_life();
}

/* LoPAR allows other offsets than QEMU's 8. */
static void the_offset_of_the_frame_counts(void **state)
{
	uint64_t bd = fake_llan_take(60);
	uint8_t *at = fake_llan_ptr(bd);
	size_t len;

	(void)state;
	memcpy(at + 100, frame, 60);
	fake_llan_entry(FAKE_LLAN_VALID, 100, 60, be64_load(at));
	assert_ptr_equal(network_peek(nd, &len), at + 100);
	network_release(nd);
	expect_life();
}

static void an_invalid_entry_gives_the_buffer_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t bd = fake_llan_take(60);

		assert_int_not_equal(bd, 0);
		fake_llan_entry(0, 8, 60, be64_load(fake_llan_ptr(bd)));
		expect_none();
	}
	assert_int_equal(fake_llan.n_bds, 258);
	expect_life();
}

static void short_frames_are_dropped(void **state)
{
	(void)state;
	for (unsigned len = 0; len < 14; len++) {
		assert_true(fake_llan_put(frame, len));
		expect_none();
	}
	assert_int_equal(nd->counts.dropped, 14);
	expect_life();
}

/* Entries of the last pass, or of the next, are not there. */
static void a_toggle_that_is_stuck_shows_nothing(void **state)
{
	size_t len;

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		fake_llan_entry(FAKE_LLAN_VALID | FAKE_LLAN_TOGGLE, 8, 60,
				i % 258);
	for (unsigned i = 0; i < 512; i++) {
		if (nd->ops->peek(nd, &len))
			nd->ops->release(nd);
	}
	assert_null(nd->ops->peek(nd, &len));
}

/* Entries without an end: a look ends after a lap. */
static void an_endless_queue_ends_a_look(void **state)
{
	size_t len;

	(void)state;
	for (unsigned i = 0; i < 512; i++)
		fake_llan_entry(FAKE_LLAN_VALID, 8, 60, UINT64_MAX);
	assert_null(nd->ops->peek(nd, &len));
	expect_life();
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, unplug)
#define FORGED(test)                                                           \
	cmocka_unit_test_setup_teardown(test, open_with_forger, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_refused_registration_is_a_reason),
		TEST(a_refused_buffer_is_a_reason),
		TEST(no_memory_is_a_reason),
		TEST(a_full_window_is_a_reason),
		TEST(without_bypass_and_window_there_is_a_reason),
		cmocka_unit_test_setup_teardown(
			buffers_that_are_not_given_back_are_kept, plug,
			unplug_kept),
		TEST(a_busy_lan_gets_the_frame_again),
		TEST(a_lan_that_stays_busy_is_given_up),
		TEST(a_lan_that_fails_is_a_reason),
		TEST(a_frame_that_is_dropped_is_sent),
		TEST(a_buffer_that_is_refused_later_is_one_less),
		FORGED(foreign_buffers_are_ignored),
		FORGED(a_buffer_that_comes_twice_is_taken_once),
		FORGED(parts_outside_the_buffer_are_dropped),
		FORGED(parts_up_to_the_end_of_the_buffer_are_taken),
		FORGED(the_offset_of_the_frame_counts),
		FORGED(an_invalid_entry_gives_the_buffer_back),
		FORGED(short_frames_are_dropped),
		FORGED(a_toggle_that_is_stuck_shows_nothing),
		FORGED(an_endless_queue_ends_a_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

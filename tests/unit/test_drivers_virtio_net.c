// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/net.c.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"
#include "tests/fake/virtio_net.h"
#include "tree/path.h"

static uint8_t frame[FAKE_NET_FRAME];

static int plug_modern(void **state)
{
	(void)state;
	fake_net_plug(true);
	return 0;
}

static int plug_legacy(void **state)
{
	(void)state;
	fake_net_plug(false);
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	instance_close_all();
	fake_net_unplug();
	return 0;
}

static struct network_device *open_card(void)
{
	assert_int_equal(network_open(fake_net.nd), 0);
	return fake_net.nd;
}

/* A frame for the card whose bytes after the header are `fill`. */
static const uint8_t *frame_of(uint8_t fill)
{
	memset(frame, fill, sizeof(frame));
	memcpy(frame, FAKE_NET_MAC, 6);
	return frame;
}

static void assert_next_is(size_t len, uint8_t fill)
{
	size_t n;
	const uint8_t *got = network_peek(fake_net.nd, &n);

	assert_non_null(got);
	assert_int_equal(n, len);
	assert_memory_equal(got, FAKE_NET_MAC, 6);
	for (size_t i = 6; i < len; i++)
		assert_int_equal(got[i], fill);
	network_release(fake_net.nd);
}

static void assert_no_frame(void)
{
	size_t n;

	assert_null(network_peek(fake_net.nd, &n));
}

/* A reset would take the card from a client that runs. */
static void attaching_reads_the_mac_without_a_reset(void **state)
{
	uint32_t len;
	const void *mac =
		tree_getprop(fake_net.node, "local-mac-address", &len);

	(void)state;
	assert_int_equal(len, 6);
	assert_memory_equal(mac, FAKE_NET_MAC, 6);
	assert_int_equal(fake_virtio.resets, 0);
	assert_int_equal(fake_virtio.status, 0);
	assert_false(fake_virtio.enabled);
	assert_ptr_equal(tree_find("net"), fake_net.node);
	assert_int_equal(fake_dma_live(), 0);
}

static void only_what_leaves_frames_alone_is_accepted(void **state)
{
	(void)state;
	fake_virtio.features |= 0x7fffffffffffffff & ~VIRTIO_F_ACCESS_PLATFORM;
	open_card();
	assert_int_equal(fake_virtio.accepted & ~VIRTIO_F_VERSION_1,
			 1 << 3 | 1 << 5 | 1 << 16);
}

static void frames_come_in_order_and_their_buffers_again(void **state)
{
	(void)state;
	open_card();
	for (unsigned i = 0; i < 3000; i++) {
		assert_true(fake_net_put(frame_of((uint8_t)i), 60 + i % 1000));
		assert_next_is(60 + i % 1000, (uint8_t)i);
	}
	assert_no_frame();
	/* All buffers are there again. */
	for (unsigned i = 0; i < 256; i++)
		assert_true(fake_net_put(frame_of(7), 100));
	assert_false(fake_net_put(frame_of(7), 100));
}

static void frames_leave_after_the_kick_with_an_empty_header(void **state)
{
	struct network_device *nd = open_card();

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(network_send(nd, frame_of((uint8_t)i), 1514),
				 0);
		assert_int_equal(fake_net.sent, i);
		network_kick(nd);
		assert_int_equal(fake_net.sent, i + 1);
		assert_int_equal(fake_net.len, 1514);
		assert_memory_equal(fake_net.frame, frame, 1514);
	}
}

static void frames_that_leave_together_take_one_notification(void **state)
{
	struct network_device *nd = open_card();

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(network_send(nd, frame_of(1), 60), 0);
	network_kick(nd);
	assert_int_equal(fake_net.sent, 16);
	assert_int_equal(fake_virtio.notified[1], 1);
	/* One more than the card holds: the first ones leave. */
	for (unsigned i = 0; i < 17; i++)
		assert_int_equal(network_send(nd, frame_of(1), 60), 0);
	assert_int_equal(fake_net.sent, 32);
}

static void a_card_that_sends_nothing_is_waited_for_once(void **state)
{
	struct network_device *nd = open_card();

	(void)state;
	fake_virtio.holds = 1 << 1;
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(network_send(nd, frame_of(1), 60), 0);
	assert_int_equal(network_send(nd, frame_of(1), 60), ERR_TIMEOUT);
	assert_non_null(strstr(reason(), "it sent nothing for 100 ms"));
	assert_true(fake_virtio_answer_next(1));
	assert_int_equal(network_send(nd, frame_of(2), 60), 0);
}

/* Mapping each frame would cost a hypercall each. */
static void with_an_iommu_buffers_are_mapped_once(void **state)
{
	struct network_device *nd;
	unsigned live;

	(void)state;
	fake_virtio.features |= VIRTIO_F_ACCESS_PLATFORM;
	nd = open_card();
	assert_true(fake_dma_used_window());
	live = fake_dma_live();
	assert_int_equal(live, 2); /* two rings, one with all buffers */
	fake_dma_fail(1);
	for (unsigned i = 0; i < 300; i++) {
		assert_true(fake_net_put(frame_of(1), 100));
		assert_next_is(100, 1);
		assert_int_equal(network_send(nd, frame, 60), 0);
		network_kick(nd);
	}
	assert_int_equal(fake_dma_live(), live);
}

static void finding_nothing_touches_no_register(void **state)
{
	unsigned notified;

	(void)state;
	open_card();
	assert_true(fake_net_put(frame_of(1), 100));
	assert_next_is(100, 1);
	assert_no_frame();
	notified = fake_virtio.notified[0];
	fake_virtio.lie = FAKE_GONE;
	fake_virtio.enabled = false; /* an access fails the test */
	for (unsigned i = 0; i < 100; i++)
		assert_no_frame();
	assert_int_equal(fake_virtio.notified[0], notified);
	fake_virtio.lie = FAKE_HONEST;
	fake_virtio.enabled = true;
}

/* The device says when it wants to hear of new buffers. */
static void without_a_wish_for_it_nothing_is_notified(void **state)
{
	struct network_device *nd = open_card();
	unsigned notified = fake_virtio.notified[0];

	(void)state;
	fake_virtio_mute(0, true);
	fake_virtio_mute(1, true);
	for (unsigned i = 0; i < 300; i++) {
		assert_true(fake_net_put(frame_of(1), 100));
		assert_next_is(100, 1);
	}
	assert_int_equal(fake_virtio.notified[0], notified);
	assert_int_equal(network_send(nd, frame, 60), 0);
	network_kick(nd);
	assert_int_equal(fake_virtio.notified[1], 0);
	fake_virtio_answer(1);
	assert_int_equal(fake_net.sent, 1);
	fake_virtio_mute(1, false);
	assert_int_equal(network_send(nd, frame, 60), 0);
	network_kick(nd);
	assert_int_equal(fake_virtio.notified[1], 1);
}

static void a_short_queue_takes_as_many_buffers_as_it_can(void **state)
{
	(void)state;
	fake_virtio.queue_size[0] = 4;
	open_card();
	for (unsigned i = 0; i < 4; i++)
		assert_true(fake_net_put(frame_of((uint8_t)i), 100));
	assert_false(fake_net_put(frame_of(4), 100));
	for (unsigned i = 0; i < 4; i++)
		assert_next_is(100, (uint8_t)i);
	assert_no_frame();
	assert_true(fake_net_put(frame_of(5), 100));
	assert_next_is(100, 5);
}

static void the_link_and_the_mtu_are_the_devices(void **state)
{
	static const struct {
		uint16_t said, used;
	} mtus[] = { { 67, 1500 },   { 68, 68 },     { 1400, 1400 },
		     { 1500, 1500 }, { 9000, 1500 }, { 0, 1500 } };
	struct network_device *nd = fake_net.nd;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mtus); i++) {
		fake_put16(fake_virtio.config + 10, mtus[i].said);
		open_card();
		assert_int_equal(nd->mtu, mtus[i].used);
		network_close(nd);
	}
	fake_put16(fake_virtio.config + 6, 0);
	open_card();
	assert_false(network_link(nd));
	fake_put16(fake_virtio.config + 6, 1);
	assert_true(network_link(nd));
	network_close(nd);
	/* Without the features nobody can tell. */
	fake_virtio.features = fake_virtio.modern ? VIRTIO_F_VERSION_1 : 0;
	fake_put16(fake_virtio.config + 6, 0);
	fake_put16(fake_virtio.config + 10, 1000);
	open_card();
	assert_true(network_link(nd));
	assert_int_equal(nd->mtu, 1500);
}

static void a_card_without_memory_does_not_start(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 2; n++) {
		fake_dma_fail(n);
		assert_true(network_open(fake_net.nd) < 0);
		assert_int_equal(fake_dma_live(), 0);
		assert_false(fake_virtio.enabled);
	}
	fake_dma_fail(0);
	open_card();
}

static void a_closed_card_is_reset_and_reaches_no_memory(void **state)
{
	(void)state;
	open_card();
	network_close(fake_net.nd);
	assert_int_equal(fake_virtio.status, 0);
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
	open_card();
	device_quiesce_all(NULL);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
}

static void what_was_sent_leaves_before_the_reset(void **state)
{
	struct network_device *nd = open_card();
	uint64_t start;

	(void)state;
	assert_int_equal(network_send(nd, frame_of(1), 60), 0);
	network_close(nd);
	assert_int_equal(fake_net.sent, 1);
	/* Not for ever. */
	open_card();
	fake_virtio.holds |= 1 << 1;
	assert_int_equal(network_send(nd, frame_of(1), 60), 0);
	start = deadline_ms();
	network_close(nd);
	assert_in_range(deadline_ms() - start, 100, 110);
	assert_int_equal(fake_virtio.status, 0);
}

/* Devices that lie. */

/* Less than a header is no frame, and its buffer is used again. */
static void an_answer_shorter_than_the_header_is_dropped(void **state)
{
	(void)state;
	open_card();
	for (unsigned i = 0; i < 600; i++) {
		assert_true(fake_net_put_raw(frame_of(1), i % 12));
		assert_no_frame();
	}
	assert_true(fake_net_put(frame_of(1), 100));
	assert_next_is(100, 1);
}

static void assert_broken(const char *why)
{
	assert_no_frame();
	assert_true(fake_log_has(why));
	assert_true(fake_log_has("virtio-net /ethernet@1: the device "
				 "violates the virtio protocol"));
	assert_int_equal(fake_log_lines(), 1);
	/* It is stopped, and nothing more is read from it. */
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
	assert_no_frame();
	assert_int_equal(network_send(fake_net.nd, frame, 60), ERR_NODEV);
	assert_int_equal(fake_log_lines(), 1);
	/* The next user starts it anew. */
	network_close(fake_net.nd);
	fake_virtio.lie = FAKE_HONEST;
	open_card();
	assert_true(fake_net_put(frame_of(1), 100));
	assert_next_is(100, 1);
}

static void a_frame_longer_than_its_buffer_stops_the_card(void **state)
{
	(void)state;
	open_card();
	fake_virtio.lie = FAKE_LONG;
	assert_true(fake_net_put(frame_of(1), 100));
	assert_broken("response too long");
}

/* It was given back before the second answer is read. */
static void a_buffer_that_comes_twice_does_no_harm(void **state)
{
	(void)state;
	open_card();
	fake_virtio.lie = FAKE_TWICE;
	assert_true(fake_net_put(frame_of(1), 100));
	fake_virtio.lie = FAKE_HONEST;
	assert_next_is(100, 1);
	assert_next_is(100, 1);
	assert_no_frame();
	assert_true(fake_net_put(frame_of(2), 100));
	assert_next_is(100, 2);
	assert_string_equal(fake_printed, "");
}

static void a_buffer_that_is_not_the_devices_stops_the_card(void **state)
{
	(void)state;
	open_card();
	fake_virtio.lie = FAKE_WRONG_ID;
	assert_true(fake_net_put(frame_of(1), 100));
	assert_broken("unknown request");
}

static void an_index_that_jumps_stops_the_card(void **state)
{
	(void)state;
	fake_virtio.queue_size[0] = 64;
	open_card();
	fake_virtio.lie = FAKE_INDEX;
	assert_true(fake_net_put(frame_of(1), 100));
	assert_broken("used index");
}

static void a_card_that_breaks_at_its_start_is_not_opened(void **state)
{
	(void)state;
	fake_virtio.lie = FAKE_WRONG_ID;
	fake_virtio.holds = 0; /* it answers at once */
	assert_int_equal(network_open(fake_net.nd), ERR_IO);
	assert_int_equal(fake_net.dev->users, 0);
	assert_int_equal(fake_dma_live(), 0);
}

static void a_broken_send_queue_is_an_error_of_each_send(void **state)
{
	struct network_device *nd = open_card();

	(void)state;
	fake_virtio.lie = FAKE_WRONG_ID;
	assert_int_equal(network_send(nd, frame_of(1), 60), 0);
	network_kick(nd);
	fake_virtio.lie = FAKE_HONEST;
	assert_int_equal(network_send(nd, frame, 60), ERR_IO);
	assert_non_null(strstr(reason(), "violates the virtio protocol"));
	assert_true(fake_net_put(frame, 100));
	assert_next_is(100, 1);
	assert_int_equal(network_send(nd, frame, 60), ERR_IO);
}

static void a_card_without_a_mac_is_refused(void **state)
{
	(void)state;
	fake_net_unplug();
	fake_net_plug_with("\0\0\0\0\0\0");
	assert_null(fake_net.nd);
	assert_true(fake_log_has("the card has no valid MAC"));
	fake_net_unplug();
	fake_virtio.lie = FAKE_GONE;
	fake_net_plug(fake_virtio.modern);
}

#define BOTH(name)                                                             \
	cmocka_unit_test_setup_teardown(name, plug_modern, unplug),            \
		cmocka_unit_test_setup_teardown(name, plug_legacy, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(attaching_reads_the_mac_without_a_reset),
		BOTH(frames_come_in_order_and_their_buffers_again),
		BOTH(frames_leave_after_the_kick_with_an_empty_header),
		BOTH(frames_that_leave_together_take_one_notification),
		BOTH(a_card_that_sends_nothing_is_waited_for_once),
		BOTH(finding_nothing_touches_no_register),
		BOTH(without_a_wish_for_it_nothing_is_notified),
		BOTH(a_short_queue_takes_as_many_buffers_as_it_can),
		BOTH(the_link_and_the_mtu_are_the_devices),
		BOTH(a_card_without_memory_does_not_start),
		BOTH(a_closed_card_is_reset_and_reaches_no_memory),
		BOTH(what_was_sent_leaves_before_the_reset),
		BOTH(an_answer_shorter_than_the_header_is_dropped),
		BOTH(a_frame_longer_than_its_buffer_stops_the_card),
		BOTH(a_buffer_that_comes_twice_does_no_harm),
		BOTH(a_buffer_that_is_not_the_devices_stops_the_card),
		BOTH(an_index_that_jumps_stops_the_card),
		BOTH(a_card_that_breaks_at_its_start_is_not_opened),
		BOTH(a_broken_send_queue_is_an_error_of_each_send),
		BOTH(a_card_without_a_mac_is_refused),
		cmocka_unit_test_setup_teardown(
			only_what_leaves_frames_alone_is_accepted, plug_modern,
			unplug),
		cmocka_unit_test_setup_teardown(
			with_an_iommu_buffers_are_mapped_once, plug_modern,
			unplug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

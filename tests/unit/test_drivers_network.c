// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/network.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/network.h"
#include "tree/path.h"

#define BROADCAST "\xff\xff\xff\xff\xff\xff"
#define IPV6_ALL "\x33\x33\x00\x00\x00\x01"
#define STRANGER "\x52\x54\x00\x12\x34\x57"

static struct network_device *const nd = &fake_network.nd;

static int plug(void **state)
{
	(void)state;
	fake_network_plug();
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	instance_close_all();
	fake_network_unplug();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static struct instance *open_card(void)
{
	struct instance *inst = instance_open("net");

	assert_non_null(inst);
	return inst;
}

/* GRUB's ofnet looks for all of these before it opens a card. */
static void a_card_has_its_mac_type_and_alias_before_it_is_opened(void **state)
{
	uint32_t len;
	const void *mac =
		tree_getprop(fake_network.node, "local-mac-address", &len);

	(void)state;
	assert_int_equal(len, 6);
	assert_memory_equal(mac, FAKE_NETWORK_MAC, 6);
	assert_string_equal(tree_get_str(fake_network.node, "device_type"),
			    "network");
	assert_ptr_equal(tree_find("net"), fake_network.node);
	assert_ptr_equal(network_of(fake_network.dev), nd);
	assert_null(tree_getprop(fake_network.node, "max-frame-size", NULL));
	assert_int_equal(fake_network.starts, 0);
}

static struct node *second_card(const char *mac, unsigned mac_property)
{
	static struct network_device second;
	struct node *node = tree_add_node(tree_root(), "l-lan@2", TREE_QEMU);
	struct device *dev;

	second = (struct network_device){ .ops = nd->ops };
	memcpy(second.mac, mac, 6);
	assert_non_null(node);
	if (mac_property)
		assert_int_equal(tree_setprop(node, "local-mac-address",
					      "\0\0abcdef", mac_property,
					      TREE_QEMU),
				 0);
	assert_int_equal(node_methods_register(node, NULL, NULL), 0);
	dev = device_of(node);
	assert_int_equal(network_add(&second, dev),
			 mac[0] & 1 ? ERR_FORMAT : 0);
	return node;
}

static void a_mac_of_eight_bytes_stays_and_a_shorter_one_goes(void **state)
{
	struct node *node = second_card("bcdefg", 8);
	uint32_t len;

	(void)state;
	assert_memory_equal(tree_getprop(node, "local-mac-address", &len),
			    "\0\0abcdef", 8);
	assert_int_equal(len, 8);
	assert_ptr_equal(tree_find("net1"), node);
	tree_remove_node(node);
	node = second_card("defghi", 6);
	assert_memory_equal(tree_getprop(node, "local-mac-address", &len),
			    "defghi", 6);
	assert_int_equal(len, 6);
	tree_remove_node(node);
}

static void a_mac_of_a_group_is_refused(void **state)
{
	struct node *node = second_card("\xff\xff\xff\xff\xff\xff", 0);

	(void)state;
	assert_string_equal(reason(), "the card has no valid MAC");
	assert_null(network_of(device_of(node)));
	tree_remove_node(node);
}

static void several_users_share_a_card_and_the_last_one_stops_it(void **state)
{
	struct instance *a = open_card(), *b = open_card();
	char buf[2000];

	(void)state;
	assert_int_equal(network_open(nd), 0);
	assert_int_equal(fake_network.starts, 1);
	fake_network_put_for(FAKE_NETWORK_MAC, 100);
	fake_network_put_for(FAKE_NETWORK_MAC, 101);
	assert_int_equal(instance_read(b, buf, sizeof(buf)), 100);
	assert_int_equal(instance_read(a, buf, sizeof(buf)), 101);
	instance_close(a);
	network_close(nd);
	assert_int_equal(fake_network.stops, 0);
	instance_close(b);
	assert_int_equal(fake_network.stops, 1);
	assert_false(fake_network.started);
}

static void only_the_first_open_forgets_older_frames(void **state)
{
	struct instance *inst;
	char buf[2000];

	(void)state;
	fake_network_put_for(FAKE_NETWORK_MAC, 100);
	fake_network_put_for(FAKE_NETWORK_MAC, 101);
	inst = open_card();
	assert_int_equal(instance_read(inst, buf, sizeof(buf)), ERR_AGAIN);
	fake_network_put_for(FAKE_NETWORK_MAC, 102);
	open_card();
	assert_int_equal(instance_read(inst, buf, sizeof(buf)), 102);
}

static void an_endless_stream_of_old_frames_ends(void **state)
{
	(void)state;
	fake_network.endless = 1000000;
	fake_network_put_for(FAKE_NETWORK_MAC, 100);
	assert_int_equal(network_open(nd), 0);
	assert_in_range(fake_network.peeks, 64, 2000);
	network_close(nd);
}

static void a_link_that_is_down_is_said_at_once(void **state)
{
	(void)state;
	open_card();
	assert_string_equal(fake_printed, "");
	instance_close_all();
	fake_network.down = true;
	open_card();
	open_card();
	assert_true(fake_log_has("fake-network /ethernet@1: the link is down"));
	assert_int_equal(fake_log_lines(), 1);
	assert_false(network_link(nd));
}

static void a_card_that_does_not_start_says_which_and_why(void **state)
{
	(void)state;
	fake_network.start_result = ERR_IO;
	assert_null(instance_open("net"));
	assert_string_equal(reason(), "fake-network /ethernet@1: the fake is "
				      "told not to start");
}

static void others_frames_are_dropped(void **state)
{
	static const char *const ours[] = { FAKE_NETWORK_MAC, BROADCAST,
					    IPV6_ALL, "\1\0\x5e\0\0\1" };
	struct network_counts counts;
	uint64_t lost;
	size_t len;

	(void)state;
	assert_int_equal(network_open(nd), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		fake_network_put_for(STRANGER, 60);
		fake_network_put_for(ours[i], 64 + i);
		assert_non_null(network_peek(nd, &len));
		assert_int_equal(len, 64 + i);
		assert_non_null(network_peek(nd, &len));
		network_release(nd);
	}
	fake_network.lost = 7;
	counts = network_counts(nd, &lost);
	assert_int_equal(counts.received, 4);
	assert_int_equal(counts.dropped, 4);
	assert_int_equal(lost, 7);
	network_close(nd);
}

static void frames_of_a_wrong_length_are_dropped(void **state)
{
	static const size_t wrong[] = { 0, 1, 12, 13, 1515, 3000 };
	static const uint8_t frame[3000] = { 0xff, 0xff, 0xff };
	size_t len;

	(void)state;
	assert_int_equal(network_open(nd), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_true(fake_network_put(frame, wrong[i]));
	fake_network_put_for(BROADCAST, 14);
	fake_network_put_for(BROADCAST, 1514);
	assert_non_null(network_peek(nd, &len));
	assert_int_equal(len, 14);
	network_release(nd);
	assert_non_null(network_peek(nd, &len));
	assert_int_equal(len, 1514);
	network_release(nd);
	assert_null(network_peek(nd, &len));
	network_close(nd);
}

/* A hub returns our broadcasts, and a liar takes our address. */
static void a_frame_with_our_own_source_is_dropped(void **state)
{
	uint8_t frame[60] = BROADCAST FAKE_NETWORK_MAC;
	size_t len;

	(void)state;
	assert_int_equal(network_open(nd), 0);
	assert_true(fake_network_put(frame, sizeof(frame)));
	assert_null(network_peek(nd, &len));
	assert_int_equal(fake_network_waiting(), 0);
	network_close(nd);
}

static void a_flood_of_others_frames_does_not_hold_a_call(void **state)
{
	size_t len;

	(void)state;
	assert_int_equal(network_open(nd), 0);
	fake_network.endless = 1000;
	fake_network_put_for(STRANGER, 60);
	fake_network.peeks = 0;
	assert_null(network_peek(nd, &len));
	assert_in_range(fake_network.peeks, 8, 100);
	fake_network.endless = 0;
	network_close(nd);
}

/* GRUB would take a cut frame for a whole one. */
static void a_frame_longer_than_the_buffer_is_dropped_not_cut(void **state)
{
	struct instance *inst = open_card();
	char buf[2000] = "";

	(void)state;
	fake_network_put_for(FAKE_NETWORK_MAC, 101);
	fake_network_put_for(FAKE_NETWORK_MAC, 100);
	assert_int_equal(instance_read(inst, buf, 100), ERR_AGAIN);
	assert_int_equal(buf[0], 0);
	assert_int_equal(instance_read(inst, buf, 100), 100);
	assert_memory_equal(buf, FAKE_NETWORK_MAC FAKE_NETWORK_PEER "\x8\0\0\1",
			    16);
	assert_int_equal(buf[100], 0);
}

static void while_the_firmware_loads_instances_read_nothing(void **state)
{
	struct instance *inst = open_card();
	char buf[100];
	size_t len;

	(void)state;
	fake_network_put_for(FAKE_NETWORK_MAC, 100);
	network_take(nd, true);
	assert_int_equal(instance_read(inst, buf, 100), ERR_AGAIN);
	assert_non_null(network_peek(nd, &len));
	network_take(nd, false);
	assert_int_equal(instance_read(inst, buf, 100), 100);
}

static void a_write_sends_at_once_and_pads_with_zeroes(void **state)
{
	struct instance *inst = open_card();
	char frame[1515];

	(void)state;
	memset(frame, 'x', sizeof(frame));
	assert_int_equal(instance_write(inst, frame, 14), 14);
	assert_int_equal(fake_network.kicks, 1);
	assert_int_equal(fake_network_out()->len, 60);
	assert_int_equal(fake_network_out()->bytes[13], 'x');
	for (unsigned i = 14; i < 60; i++)
		assert_int_equal(fake_network_out()->bytes[i], 0);
	assert_int_equal(instance_write(inst, frame, 1514), 1514);
	assert_memory_equal(fake_network_out()->bytes, frame, 1514);
	assert_int_equal(instance_write(inst, frame, 1515), ERR_INVAL);
	assert_int_equal(instance_write(inst, frame, 13), ERR_INVAL);
	assert_int_equal(instance_write(inst, frame, 0), ERR_INVAL);
	assert_int_equal(fake_network.n_out, 2);
	assert_int_equal(network_counts(nd, &(uint64_t){ 0 }).sent, 2);
}

static void a_send_that_fails_says_which_card_and_why(void **state)
{
	struct instance *inst = open_card();
	char frame[60] = "";

	(void)state;
	fake_network.send_result = ERR_TIMEOUT;
	assert_int_equal(instance_write(inst, frame, 60), ERR_TIMEOUT);
	assert_string_equal(reason(),
			    "fake-network /ethernet@1: the fake is told so");
	assert_int_equal(network_counts(nd, &(uint64_t){ 0 }).sent, 0);
}

/* After an exception, or if nobody has opened it. */
static void a_card_that_is_not_started_is_not_touched(void **state)
{
	char frame[60] = "";
	size_t len;

	(void)state;
	fake_network_put_for(FAKE_NETWORK_MAC, 100);
	assert_int_equal(network_send(nd, frame, 60), ERR_NODEV);
	network_kick(nd);
	assert_null(network_peek(nd, &len));
	assert_int_equal(network_open(nd), 0);
	device_abandon_all();
	assert_int_equal(network_send(nd, frame, 60), ERR_NODEV);
	assert_null(network_peek(nd, &len));
	network_close(nd);
	assert_int_equal(network_open(nd), 0);
	network_close(nd);
	assert_int_equal(fake_network.stops, 2);
}

static void quiesce_stops_an_open_card(void **state)
{
	struct instance *inst = open_card();
	char frame[60] = "";

	(void)state;
	device_quiesce_all(NULL);
	assert_false(fake_network.started);
	assert_int_equal(instance_write(inst, frame, 60), ERR_NODEV);
	assert_int_equal(instance_read(inst, frame, 60), ERR_AGAIN);
	assert_null(instance_open("net"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plug, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_card_has_its_mac_type_and_alias_before_it_is_opened),
		TEST(a_mac_of_eight_bytes_stays_and_a_shorter_one_goes),
		TEST(a_mac_of_a_group_is_refused),
		TEST(several_users_share_a_card_and_the_last_one_stops_it),
		TEST(only_the_first_open_forgets_older_frames),
		TEST(an_endless_stream_of_old_frames_ends),
		TEST(a_link_that_is_down_is_said_at_once),
		TEST(a_card_that_does_not_start_says_which_and_why),
		TEST(others_frames_are_dropped),
		TEST(frames_of_a_wrong_length_are_dropped),
		TEST(a_frame_with_our_own_source_is_dropped),
		TEST(a_flood_of_others_frames_does_not_hold_a_call),
		TEST(a_frame_longer_than_the_buffer_is_dropped_not_cut),
		TEST(while_the_firmware_loads_instances_read_nothing),
		TEST(a_write_sends_at_once_and_pads_with_zeroes),
		TEST(a_send_that_fails_says_which_card_and_why),
		TEST(a_card_that_is_not_started_is_not_touched),
		TEST(quiesce_stops_an_open_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

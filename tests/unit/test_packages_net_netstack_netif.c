// SPDX-License-Identifier: BSD-2-Clause
// Frames of every length, tags, sources that cannot be.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "tests/fake/netstack.h"

static struct netstack_udp udp;
static unsigned received;

static void take(struct netstack_udp *of, const struct net_addr *from,
		 uint16_t port, const void *data, size_t len)
{
	(void)of;
	(void)from;
	(void)port;
	(void)data;
	(void)len;
	received++;
}

static int set_up(void **state)
{
	(void)state;
	received = 0;
	udp = (struct netstack_udp){ .receive = take };
	fake_netstack_configure();
	assert_int_equal(netstack_udp_open(&udp, 1000), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	netstack_udp_close(&udp);
	fake_netstack_close();
	return 0;
}

/* A datagram for the socket. */
static struct packet datagram(uint32_t from)
{
	uint8_t data[12] = { 0x10, 0, 0x03, 0xe8 };
	struct net_addr peer = net_addr_v4(from), own = net_addr_v4(FAKE_OWN);
	struct packet p;

	packet_ip(&p, FAKE_NETWORK_MAC, FAKE_NETWORK_PEER, &peer, &own,
		  PACKET_UDP, data, sizeof(data));
	return p;
}

static void put(const void *frame, size_t len)
{
	assert_true(fake_network_put(frame, len));
	netstack_poll();
}

static void still_works(void)
{
	struct packet p = datagram(FAKE_PEER);
	unsigned before = received;

	fake_netstack_put(&p);
	assert_int_equal(received, before + 1);
}

static void frames_of_any_length_do_no_harm(void **state)
{
	static const uint16_t types[] = { 0x0800, 0x0806, 0x86dd, 0x8100,
					  0x0026 };
	uint8_t frame[NETWORK_FRAME_MAX] = FAKE_NETWORK_MAC;

	(void)state;
	memcpy(frame + 6, FAKE_NETWORK_PEER, 6);
	memset(frame + 14, 0x45, sizeof(frame) - 14);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		be16_store(frame + 12, types[i]);
		for (size_t len = 0; len < 100; len++)
			put(frame, len);
		put(frame, sizeof(frame));
	}
	still_works();
}

static void a_frame_that_is_cut_gives_no_datagram(void **state)
{
	struct packet p = datagram(FAKE_PEER);

	(void)state;
	for (size_t len = 0; len < p.len; len++)
		put(p.bytes, len);
	assert_int_equal(received, 0);
	still_works();
}

static void oversized_frames_are_dropped(void **state)
{
	uint8_t frame[3000] = FAKE_NETWORK_MAC;

	(void)state;
	memcpy(frame + 6, FAKE_NETWORK_PEER "\x08\x00", 8);
	put(frame, NETWORK_FRAME_MAX + 1);
	put(frame, sizeof(frame));
	still_works();
}

static void sources_that_no_station_has_are_dropped(void **state)
{
	struct packet p = datagram(FAKE_PEER);

	(void)state;
	memcpy(p.bytes + 6, FAKE_NETWORK_MAC, 6);
	fake_netstack_put(&p);
	memcpy(p.bytes + 6, "\x01\x00\x5e\x00\x00\x01", 6);
	fake_netstack_put(&p);
	assert_int_equal(received, 0);
	still_works();
}

static void addresses_that_no_sender_has_are_dropped(void **state)
{
	static const uint32_t bad[] = { FAKE_OWN, 0x7f000001, 0xe0000001,
					0xffffffff, 0x0a0002ff };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct packet p = datagram(bad[i]);

		fake_netstack_put(&p);
		assert_int_equal(received, 0);
	}
	still_works();
}

/* Put a tag of IEEE 802.1Q into a frame. */
static struct packet tagged(uint16_t tag)
{
	struct packet p = datagram(FAKE_PEER);

	memmove(p.bytes + 16, p.bytes + 12, p.len - 12);
	be16_store(p.bytes + 12, 0x8100);
	be16_store(p.bytes + 14, tag);
	p.len += 4;
	return p;
}

static void a_priority_tag_is_stripped(void **state)
{
	struct packet p = tagged(0xe000);

	(void)state;
	fake_netstack_put(&p);
	assert_int_equal(received, 1);
	for (size_t len = 14; len < 18; len++)
		put(p.bytes, len);
}

static void frames_of_a_vlan_are_dropped(void **state)
{
	struct packet one = tagged(0x0001), last = tagged(0xefff);

	(void)state;
	fake_netstack_put(&one);
	fake_netstack_put(&last);
	assert_int_equal(received, 0);
	still_works();
}

/* Patch the header of a good datagram; sums are right unless `sum`. */
static void try_header(size_t at, uint8_t value)
{
	struct packet p = datagram(FAKE_PEER);

	p.bytes[14 + at] = value;
	packet_seal(p.bytes, p.len);
	fake_netstack_put(&p);
}

static void headers_of_ipv4_are_checked(void **state)
{
	struct packet p = datagram(FAKE_PEER);

	(void)state;
	try_header(0, 0x44); /* IHL */
	try_header(0, 0x40);
	try_header(0, 0x4f);
	try_header(0, 0x55); /* version */
	try_header(2, 0xff); /* total length */
	try_header(3, 0);
	try_header(3, 19);
	try_header(3, 21);
	p.bytes[14 + 10] ^= 1; /* sum */
	fake_netstack_put(&p);
	assert_int_equal(received, 0);
	still_works();
}

static void every_fragment_is_dropped(void **state)
{
	(void)state;
	try_header(6, 0x20); /* more */
	try_header(7, 1);    /* offset */
	try_header(6, 0x1f);
	assert_int_equal(received, 0);
	try_header(6, 0x40); /* do not fragment */
	assert_int_equal(received, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_of_any_length_do_no_harm,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_frame_that_is_cut_gives_no_datagram, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(oversized_frames_are_dropped,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			sources_that_no_station_has_are_dropped, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			addresses_that_no_sender_has_are_dropped, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_priority_tag_is_stripped,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(frames_of_a_vlan_are_dropped,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(headers_of_ipv4_are_checked,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_fragment_is_dropped,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// The DHCPv4 client: what it sends and when, which answers it takes, its reasons.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/dhcp4.h"

#define OFFER 2
#define ACK 5
#define NAK 6

static struct dhcp4 dhcp;
static struct fake_dhcp4 reply;
static uint8_t sent[DHCP4_SEND_MAX];
static size_t sent_len;
static struct dhcp4_config config;

static int setup(void **state)
{
	(void)state;
	config = (struct dhcp4_config){ .xid = FAKE_DHCP4_XID };
	memcpy(config.mac, fake_dhcp4_mac, sizeof(config.mac));
	dhcp4_start(&dhcp, &config, 0);
	reason_clear();
	return 0;
}

static size_t transmit(uint64_t now)
{
	sent_len = dhcp4_send(&dhcp, now, sent);
	return sent_len;
}

/* The value of an option of the packet that was sent. */
static long option(uint8_t code, uint8_t *value)
{
	struct dhcp4_message msg;

	assert_true(dhcp4_message_open(&msg, sent, sent_len));
	return dhcp4_option(&msg, code, value, 32);
}

static unsigned sent_type(void)
{
	uint8_t value[32];

	return option(DHCP4_OPT_TYPE, value) == 1 ? value[0] : 0;
}

static void offer(uint64_t now, const char *file)
{
	fake_dhcp4_reply(&reply, OFFER);
	if (file)
		fake_dhcp4_text(&reply, DHCP4_OPT_FILE, file);
	fake_dhcp4_receive(&dhcp, now, &reply);
}

static void answer(uint64_t now, uint8_t type)
{
	fake_dhcp4_reply(&reply, type);
	fake_dhcp4_receive(&dhcp, now, &reply);
}

/* Lets time pass until nothing more is sent; returns how much was. */
static unsigned run_out(uint64_t *now)
{
	unsigned packets = 0;

	for (; dhcp4_result(&dhcp) == ERR_AGAIN; *now += 100) {
		assert_true(*now < 1000000);
		packets += transmit(*now) != 0;
	}
	return packets;
}

static void discover_carries_what_servers_decide_by(void **state)
{
	static const uint8_t wanted[] = { 1,  3,  6,  12,  15, 17,
					  26, 66, 67, 209, 210 };
	uint8_t value[32];

	(void)state;
	assert_int_equal(transmit(0), 300);
	assert_memory_equal(sent, "\1\1\6\0\x39\1\x12\x34\0\0\0\0", 12);
	assert_memory_equal(sent + DHCP4_CHADDR, fake_dhcp4_mac, 6);
	assert_int_equal(sent_type(), 1);
	assert_int_equal(option(55, value), sizeof(wanted));
	assert_memory_equal(value, wanted, sizeof(wanted));
	assert_int_equal(option(57, value), 2);
	assert_int_equal(be16_load(value), 1472);
	assert_int_equal(option(93, value), 2);
	assert_int_equal(be16_load(value), 0x000c);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(option("\x32\x36\x61"[i], value), -1);
	/* PXE and identity are not for us. */
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(option("\x3c\x3d\x4d\x5e"[i], value), -1);
}

static void discover_has_uuid_and_wanted_address_if_there_are_some(void **state)
{
	uint8_t value[32];

	(void)state;
	config.uuid = (const uint8_t *)"0123456789abcdef";
	config.wanted = net_addr_v4(0x0a000209);
	dhcp4_start(&dhcp, &config, 0);
	assert_true(transmit(0) > 0);
	assert_int_equal(option(97, value), 17);
	assert_memory_equal(value,
			    "\0"
			    "0123456789abcdef",
			    17);
	assert_int_equal(option(50, value), 4);
	assert_int_equal(be32_load(value), 0x0a000209);
}

static void request_names_address_and_server(void **state)
{
	uint8_t value[32];

	(void)state;
	assert_true(transmit(0) > 0);
	offer(3000, "f");
	assert_true(transmit(3000) > 0);
	assert_int_equal(sent_type(), 3);
	assert_int_equal(be16_load(sent + DHCP4_SECS), 3);
	assert_int_equal(option(50, value), 4);
	assert_int_equal(be32_load(value), FAKE_DHCP4_YIADDR);
	assert_int_equal(option(54, value), 4);
	assert_int_equal(be32_load(value), FAKE_DHCP4_SERVER);
	assert_int_equal(option(55, value), 11);
	assert_int_equal(option(93, value), 2);
}

static void ack_ends_it_with_a_lease(void **state)
{
	(void)state;
	assert_true(transmit(0) > 0);
	offer(10, "f");
	assert_true(transmit(10) > 0);
	assert_int_equal(dhcp4_result(&dhcp), ERR_AGAIN);
	answer(20, ACK);
	assert_int_equal(dhcp4_result(&dhcp), 0);
	assert_int_equal(net_addr_number(&dhcp.lease.address),
			 FAKE_DHCP4_YIADDR);
	assert_string_equal(dhcp.lease.file, "f");
	assert_false(dhcp.lease.bootp);
	assert_int_equal(transmit(100000), 0);
}

static void silence_ends_after_eight_requests_and_a_minute(void **state)
{
	uint64_t now = 0;

	(void)state;
	assert_int_equal(run_out(&now), 8);
	assert_in_range(now, 60000, 70000);
	assert_int_equal(dhcp4_result(&dhcp), ERR_TIMEOUT);
	assert_non_null(strstr(reason(), "no answer to 8 DHCP requests in 6"));
}

static void retries_come_after_two_seconds_and_then_later(void **state)
{
	static const unsigned waits[] = { 2000, 4000, 8000, 10000, 10000 };
	uint64_t now = 0, last = 0;

	(void)state;
	assert_true(transmit(0) > 0);
	for (unsigned i = 0; i < ARRAY_SIZE(waits); i++) {
		while (!transmit(now))
			now++;
		assert_in_range(now - last, waits[i], waits[i] + 512);
		last = now;
		/* Broadcast answers are asked for after two failures. */
		assert_int_equal(be16_load(sent + DHCP4_FLAGS), i ? 0x8000 : 0);
		assert_int_equal(be32_load(sent + DHCP4_XID), FAKE_DHCP4_XID);
	}
}

static void offer_without_a_file_waits_for_one_with_a_file(void **state)
{
	(void)state;
	assert_true(transmit(0) > 0);
	offer(10, NULL);
	assert_int_equal(transmit(100), 0);
	be32_store(reply.bytes + DHCP4_YIADDR, 0x0a000299);
	fake_dhcp4_text(&reply, DHCP4_OPT_FILE, "f");
	fake_dhcp4_receive(&dhcp, 110, &reply);
	assert_true(transmit(110) > 0);
	assert_int_equal(net_addr_number(&dhcp.offer.address), 0x0a000299);
}

static void offer_without_a_file_is_taken_a_little_later(void **state)
{
	(void)state;
	assert_true(transmit(0) > 0);
	offer(10, NULL);
	assert_int_equal(transmit(259), 0);
	assert_true(transmit(260) > 0);
	assert_int_equal(sent_type(), 3);
}

static void
bootp_reply_is_taken_if_no_offer_comes_within_two_seconds(void **state)
{
	(void)state;
	assert_true(transmit(0) > 0);
	fake_dhcp4_reply(&reply, 0);
	strcpy((char *)reply.bytes + DHCP4_FILE, FAKE_DHCP4_FILE);
	fake_dhcp4_receive(&dhcp, 10, &reply);
	assert_int_equal(transmit(1999), 0);
	assert_int_equal(dhcp4_result(&dhcp), ERR_AGAIN);
	assert_int_equal(transmit(2000), 0);
	assert_int_equal(dhcp4_result(&dhcp), 0);
	assert_true(dhcp.lease.bootp);
	assert_string_equal(dhcp.lease.file, FAKE_DHCP4_FILE);
}

static void offer_goes_before_a_bootp_reply(void **state)
{
	(void)state;
	assert_true(transmit(0) > 0);
	fake_dhcp4_reply(&reply, 0);
	fake_dhcp4_receive(&dhcp, 10, &reply);
	offer(1900, NULL);
	assert_int_equal(transmit(2000), 0);
	assert_true(transmit(2150) > 0);
	assert_int_equal(sent_type(), 3);
}

static void bootp_request_has_no_options_but_a_vendor_area(void **state)
{
	static const uint8_t vendor[64] = { 0x63, 0x82, 0x53, 0x63, 255 };

	(void)state;
	config.bootp = true;
	dhcp4_start(&dhcp, &config, 0);
	assert_int_equal(transmit(0), 300);
	assert_memory_equal(sent + DHCP4_COOKIE, vendor, sizeof(vendor));
	/* QEMU answers with an ACK. */
	answer(5, ACK);
	assert_int_equal(transmit(5), 0);
	assert_int_equal(dhcp4_result(&dhcp), 0);
	assert_true(dhcp.lease.bootp);
}

static void bootp_reply_without_the_cookie_will_do(void **state)
{
	(void)state;
	config.bootp = true;
	dhcp4_start(&dhcp, &config, 0);
	assert_true(transmit(0) > 0);
	fake_dhcp4_reply(&reply, 0);
	reply.bytes[DHCP4_COOKIE] = 0;
	reply.len = 300;
	fake_dhcp4_receive(&dhcp, 5, &reply);
	assert_int_equal(transmit(5), 0);
	assert_int_equal(dhcp4_result(&dhcp), 0);
}

static void nak_starts_over_once_and_gives_the_servers_text(void **state)
{
	uint64_t now = 0;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_true(transmit(now) > 0);
		assert_int_equal(sent_type(), 1);
		offer(now, "f");
		assert_true(transmit(now) > 0);
		assert_int_equal(sent_type(), 3);
		fake_dhcp4_reply(&reply, NAK);
		fake_dhcp4_text(&reply, 56, "wrong network");
		fake_dhcp4_receive(&dhcp, now, &reply);
	}
	assert_int_equal(dhcp4_result(&dhcp), ERR_PERM);
	assert_string_equal(reason(),
			    "server 10.0.2.2 refused (NAK): wrong network");
	assert_int_equal(transmit(now + 100000), 0);
}

static void nak_of_another_server_is_ignored(void **state)
{
	(void)state;
	assert_true(transmit(0) > 0);
	offer(0, "f");
	assert_true(transmit(0) > 0);
	fake_dhcp4_reply(&reply, NAK);
	reply.bytes[reply.len - 1]++;
	fake_dhcp4_receive(&dhcp, 1, &reply);
	answer(2, ACK);
	assert_int_equal(dhcp4_result(&dhcp), 0);
}

static void request_is_repeated_and_given_up(void **state)
{
	uint64_t now = 0;

	(void)state;
	assert_true(transmit(0) > 0);
	for (unsigned round = 0; round < 2; round++) {
		offer(now, "f");
		for (unsigned i = 0; i < 4; now++)
			i += transmit(now) != 0;
		assert_int_equal(sent_type(), 3);
		while (!transmit(now) && dhcp4_result(&dhcp) == ERR_AGAIN)
			now++;
	}
	assert_int_equal(dhcp4_result(&dhcp), ERR_TIMEOUT);
	assert_string_equal(reason(), "server 10.0.2.2 made an offer, but does "
				      "not answer requests");
}

/* Debian's bootpd sends them: they are good for an address, as BOOTP's are. */
static void offers_without_a_server_count_as_bootp(void **state)
{
	(void)state;
	assert_true(transmit(0) > 0);
	fake_dhcp4_reply(&reply, 0);
	fake_dhcp4_hex(&reply, "350102");
	fake_dhcp4_receive(&dhcp, 1, &reply);
	assert_int_equal(dhcp4_result(&dhcp), ERR_AGAIN);
	(void)transmit(2000);
	assert_int_equal(dhcp4_result(&dhcp), 0);
	assert_true(dhcp.lease.bootp);
}

static void offers_of_strange_addresses_are_the_reason(void **state)
{
	uint64_t now;

	(void)state;
	fake_dhcp4_reply(&reply, OFFER);
	be32_store(reply.bytes + DHCP4_YIADDR, 0x7f000001);
	fake_dhcp4_receive(&dhcp, 1, &reply);
	now = 0;
	(void)run_out(&now);
	assert_string_equal(reason(), "only offers of addresses that cannot be "
				      "ours: 127.0.0.1");
}

static void packets_for_others_are_ignored(void **state)
{
	static const uint8_t offsets[] = { DHCP4_OP, DHCP4_OP + 1, DHCP4_OP + 2,
					   DHCP4_XID + 3, DHCP4_CHADDR + 5 };

	(void)state;
	assert_true(transmit(0) > 0);
	for (unsigned i = 0; i < ARRAY_SIZE(offsets); i++) {
		fake_dhcp4_reply(&reply, OFFER);
		fake_dhcp4_text(&reply, DHCP4_OPT_FILE, "f");
		reply.bytes[offsets[i]] ^= 0x10;
		fake_dhcp4_receive(&dhcp, 1, &reply);
		assert_int_equal(transmit(1000), 0);
	}
	offer(1, "f");
	assert_true(transmit(1000) > 0);
}

static void types_that_make_no_sense_are_ignored(void **state)
{
	static const char *const types[] = { "350100",	 "350109", "3500",
					     "35020202", "350105", "3501" };

	(void)state;
	assert_true(transmit(0) > 0);
	for (unsigned i = 0; i < ARRAY_SIZE(types) - 1; i++) {
		fake_dhcp4_reply(&reply, 0);
		fake_dhcp4_hex(&reply, types[i]);
		fake_dhcp4_hex(&reply, "36040a000202430166");
		fake_dhcp4_receive(&dhcp, 1, &reply);
		assert_int_equal(dhcp.rank, 0);
	}
}

static void packets_of_any_length_are_survived(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, OFFER);
	fake_dhcp4_text(&reply, DHCP4_OPT_FILE, "f");
	reply.len = sizeof(reply.bytes);
	for (; reply.len; reply.len--) {
		dhcp4_start(&dhcp, &config, 0);
		assert_true(transmit(0) > 0);
		fake_dhcp4_receive(&dhcp, 1, &reply);
	}
}

static void packet_longer_than_we_announce_is_ignored(void **state)
{
	uint8_t *packet = calloc(1, DHCP4_PACKET_MAX + 1);

	(void)state;
	config.bootp = true;
	dhcp4_start(&dhcp, &config, 0);
	assert_true(transmit(0) > 0);
	fake_dhcp4_reply(&reply, 0);
	memcpy(packet, reply.bytes, reply.len);
	dhcp4_receive(&dhcp, 1, packet, DHCP4_PACKET_MAX + 1);
	assert_int_equal(dhcp.rank, 0);
	dhcp4_receive(&dhcp, 1, packet, DHCP4_PACKET_MAX);
	assert_int_equal(dhcp.rank, 1);
	free(packet);
}

static void ten_thousand_offers_change_nothing(void **state)
{
	(void)state;
	assert_true(transmit(0) > 0);
	offer(1, "first");
	for (unsigned i = 0; i < 10000; i++)
		offer(1, "later");
	assert_string_equal(dhcp.offer.file, "first");
	assert_true(transmit(1) > 0);
	assert_int_equal(transmit(1), 0);
}

static void ack_with_an_impossible_address_is_ignored(void **state)
{
	(void)state;
	assert_true(transmit(0) > 0);
	offer(1, "f");
	assert_true(transmit(1) > 0);
	fake_dhcp4_reply(&reply, ACK);
	be32_store(reply.bytes + DHCP4_YIADDR, 0);
	fake_dhcp4_receive(&dhcp, 2, &reply);
	assert_int_equal(dhcp4_result(&dhcp), ERR_AGAIN);
	answer(3, ACK);
	assert_int_equal(dhcp4_result(&dhcp), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(discover_carries_what_servers_decide_by,
				       setup),
		cmocka_unit_test_setup(
			discover_has_uuid_and_wanted_address_if_there_are_some,
			setup),
		cmocka_unit_test_setup(request_names_address_and_server, setup),
		cmocka_unit_test_setup(ack_ends_it_with_a_lease, setup),
		cmocka_unit_test_setup(
			silence_ends_after_eight_requests_and_a_minute, setup),
		cmocka_unit_test_setup(
			retries_come_after_two_seconds_and_then_later, setup),
		cmocka_unit_test_setup(
			offer_without_a_file_waits_for_one_with_a_file, setup),
		cmocka_unit_test_setup(
			offer_without_a_file_is_taken_a_little_later, setup),
		cmocka_unit_test_setup(
			bootp_reply_is_taken_if_no_offer_comes_within_two_seconds,
			setup),
		cmocka_unit_test_setup(offer_goes_before_a_bootp_reply, setup),
		cmocka_unit_test_setup(
			bootp_request_has_no_options_but_a_vendor_area, setup),
		cmocka_unit_test_setup(bootp_reply_without_the_cookie_will_do,
				       setup),
		cmocka_unit_test_setup(
			nak_starts_over_once_and_gives_the_servers_text, setup),
		cmocka_unit_test_setup(nak_of_another_server_is_ignored, setup),
		cmocka_unit_test_setup(request_is_repeated_and_given_up, setup),
		cmocka_unit_test_setup(offers_without_a_server_count_as_bootp,
				       setup),
		cmocka_unit_test_setup(
			offers_of_strange_addresses_are_the_reason, setup),
		cmocka_unit_test_setup(packets_for_others_are_ignored, setup),
		cmocka_unit_test_setup(types_that_make_no_sense_are_ignored,
				       setup),
		cmocka_unit_test_setup(packets_of_any_length_are_survived,
				       setup),
		cmocka_unit_test_setup(
			packet_longer_than_we_announce_is_ignored, setup),
		cmocka_unit_test_setup(ten_thousand_offers_change_nothing,
				       setup),
		cmocka_unit_test_setup(
			ack_with_an_impossible_address_is_ignored, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// The DHCPv6 client: what it sends and when, which answers it takes, its reasons.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/net/dhcp6_options.h"

#define ADVERTISE 2
#define REPLY 7

/* Identifiers of ours and of dnsmasq 2.90. */
#define CLIENT "0001000a00030001525400123456"
#define SERVER "0002000e00010001329bb5a4525400000001"
#define OTHER "0002000e00010001329bb833525400000001"
/* An IA_NA with an address, and the start of one of any length. */
#define ADDRESS "fd000009000000000000000000000196"
#define IAADDR "00050018" ADDRESS "00000e1000000e10"
#define IA                                                                     \
	"0003002800123456000007080000"                                         \
	"0c4e" IAADDR
#define URL "003b001b746674703a2f2f5b666430303a393a3a325d2f636f72652e656c66"

static struct dhcp6 dhcp;
static struct dhcp6_config config;
static uint8_t sent[DHCP6_SEND_MAX];
static size_t sent_len;

static void start(bool managed)
{
	static const uint8_t mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

	config = (struct dhcp6_config){ .xid = 0x563412, .managed = managed };
	memcpy(config.mac, mac, sizeof(mac));
	dhcp6_start(&dhcp, &config, 0);
	reason_clear();
}

static size_t transmit(uint64_t now)
{
	size_t len = dhcp6_send(&dhcp, now, sent);

	if (len)
		sent_len = len;
	return len;
}

/* An answer to the last message, in a copy of the exact length. */
static void answer(uint64_t now, uint8_t type, const char *hex)
{
	size_t len = 4 + strlen(hex) / 2;
	uint8_t *packet = malloc(len);
	unsigned byte;

	memcpy(packet, sent, 4);
	packet[0] = type;
	for (size_t i = 4; i < len; i++) {
		assert_int_equal(sscanf(hex + 2 * (i - 4), "%2x", &byte), 1);
		packet[i] = (uint8_t)byte;
	}
	dhcp6_receive(&dhcp, now, packet, len);
	free(packet);
}

static size_t option(int code, const uint8_t **value)
{
	struct dhcp6_area options = { sent + 4, sent_len - 4 }, found;

	if (!dhcp6_area_find(options, code, &found))
		return 0;
	*value = found.at;
	return found.len;
}

static unsigned run_out(uint64_t *now)
{
	unsigned packets = 0;

	for (; dhcp6_result(&dhcp) == ERR_AGAIN; *now += 100) {
		assert_true(*now < 1000000);
		packets += transmit(*now) != 0;
	}
	return packets;
}

static void expect_address(void)
{
	assert_int_equal(dhcp.lease.address.version, 6);
	assert_memory_equal(dhcp.lease.address.bytes,
			    "\xfd\0\0\x09\0\0\0\0\0\0\0\0\0\0\1\x96", 16);
}

static void information_request_asks_without_an_address(void **state)
{
	static const uint8_t wanted[] = { 0, 23, 0, 24, 0, 59,
					  0, 60, 0, 82, 0, 83 };
	const uint8_t *value;

	(void)state;
	start(false);
	assert_true(transmit(0) > 0);
	assert_int_equal(sent[0], 11);
	assert_int_equal(option(1, &value), 10);
	assert_memory_equal(value, "\0\3\0\1RT\0\x12\x34\x56", 10);
	assert_int_equal(option(6, &value), sizeof(wanted));
	assert_memory_equal(value, wanted, sizeof(wanted));
	assert_int_equal(option(8, &value), 2);
	assert_int_equal(option(61, &value), 2);
	assert_int_equal(be16_load(value), 0x000c);
	assert_int_equal(option(3, &value), 0);
	assert_int_equal(option(2, &value), 0);
}

static void uuid_is_our_identifier_if_it_is_known(void **state)
{
	const uint8_t *value;

	(void)state;
	start(false);
	config.uuid = (const uint8_t *)"0123456789abcdef";
	dhcp6_start(&dhcp, &config, 0);
	assert_true(transmit(0) > 0);
	assert_int_equal(option(1, &value), 18);
	assert_memory_equal(value,
			    "\0\4"
			    "0123456789abcdef",
			    18);
}

static void qemu_informs_without_a_server_identifier(void **state)
{
	(void)state;
	start(false);
	assert_true(transmit(0) > 0);
	/* libslirp 4.7 */
	answer(1, REPLY,
	       CLIENT "00170010fec00000000000000000000000000003"
		      "003b0039746674703a2f2f5b666563303a303030303a3030"
		      "30303a303030303a303030303a303030303a303030303a30"
		      "3030325d2f636f72652e656c66");
	assert_int_equal(dhcp6_result(&dhcp), 0);
	assert_string_equal(
		dhcp.lease.url,
		"tftp://[fec0:0000:0000:0000:0000:0000:0000:0002]/core.elf");
	assert_int_equal(dhcp.lease.dns[0].bytes[15], 3);
	assert_int_equal(dhcp.lease.address.version, 0);
}

static void dnsmasq_leases_an_address(void **state)
{
	const uint8_t *value;

	(void)state;
	start(true);
	assert_true(transmit(0) > 0);
	assert_int_equal(sent[0], 1);
	assert_int_equal(option(3, &value), 12);
	answer(1, ADVERTISE,
	       CLIENT SERVER IA
	       "000d0009000073756363657373"
	       "00070001ff00170010fd000009000000000000000000000053" URL);
	assert_true(transmit(1) > 0);
	assert_int_equal(sent[0], 3);
	assert_int_equal(option(2, &value), 14);
	assert_int_equal(option(3, &value), 12 + 4 + 24);
	assert_int_equal(value[16], 0xfd);
	/* What the REPLY leaves out is as in the ADVERTISE. */
	answer(2, REPLY, CLIENT SERVER IA "000d0009000073756363657373");
	assert_int_equal(dhcp6_result(&dhcp), 0);
	expect_address();
	assert_string_equal(dhcp.lease.url, "tftp://[fd00:9::2]/core.elf");
	assert_int_equal(dhcp.lease.dns[0].bytes[15], 0x53);
}

static void server_with_a_url_goes_before_one_without(void **state)
{
	const uint8_t *value;

	(void)state;
	start(true);
	assert_true(transmit(0) > 0);
	answer(1, ADVERTISE, CLIENT OTHER IA);
	assert_int_equal(transmit(500), 0);
	answer(500, ADVERTISE, CLIENT SERVER IA URL);
	answer(501, ADVERTISE, CLIENT OTHER IA);
	assert_true(transmit(501) > 0);
	assert_int_equal(option(2, &value), 14);
	assert_int_equal(value[7], 0xa4);
}

static void server_without_a_url_is_taken_after_the_first_timeout(void **state)
{
	(void)state;
	start(true);
	assert_true(transmit(0) > 0);
	answer(1, ADVERTISE, CLIENT OTHER IA);
	assert_int_equal(transmit(999), 0);
	assert_true(transmit(1100) > 0);
	assert_int_equal(sent[0], 3);
}

static void silence_ends_after_eight_requests_and_a_minute(void **state)
{
	(void)state;
	for (unsigned managed = 0; managed < 2; managed++) {
		uint64_t now = 0;

		start(managed);
		assert_int_equal(run_out(&now), 8);
		assert_in_range(now, 60000, 72000);
		assert_int_equal(dhcp6_result(&dhcp), ERR_TIMEOUT);
		assert_non_null(strstr(reason(),
				       "no answer to 8 DHCPv6 requests in 6"));
	}
}

static void timeouts_double_from_a_second_on(void **state)
{
	static const unsigned waits[] = { 1000, 2000, 4000, 8000, 12000, 12000 };
	uint64_t now = 0, last = 0;

	(void)state;
	start(false);
	assert_true(transmit(0) > 0);
	for (unsigned i = 0; i < ARRAY_SIZE(waits); i++) {
		while (!transmit(now))
			now++;
		assert_in_range(now - last, waits[i], waits[i] * 5 / 4);
		last = now;
	}
}

static void status_at_the_top_is_the_reason(void **state)
{
	uint64_t now = 2;

	(void)state;
	start(true);
	assert_true(transmit(0) > 0);
	answer(1, ADVERTISE,
	       CLIENT SERVER "000d0006"
			     "0002"
			     "66756c6c");
	assert_int_equal(run_out(&now), 3);
	assert_int_equal(dhcp6_result(&dhcp), ERR_PERM);
	assert_string_equal(reason(), "the DHCPv6 server refuses: no addresses "
				      "available (2) full");
}

static void status_inside_the_address_is_the_reason(void **state)
{
	uint64_t now = 2;

	(void)state;
	start(true);
	assert_true(transmit(0) > 0);
	answer(1, ADVERTISE,
	       CLIENT SERVER "00030012001234560000000000000000"
			     "000d00020004");
	(void)run_out(&now);
	assert_string_equal(reason(), "the DHCPv6 server refuses: address not "
				      "on link (4) ");
	start(false);
	assert_true(transmit(0) > 0);
	answer(1, REPLY, CLIENT SERVER "000d0002ffff");
	now = 2;
	(void)run_out(&now);
	assert_string_equal(reason(), "the DHCPv6 server refuses: unknown "
				      "status (65535) ");
}

static void refused_request_starts_over_once(void **state)
{
	(void)state;
	start(true);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(transmit(0) > 0);
		assert_int_equal(sent[0], 1);
		answer(0, ADVERTISE, CLIENT SERVER IA URL);
		assert_true(transmit(0) > 0);
		assert_int_equal(sent[0], 3);
		answer(0, REPLY, CLIENT SERVER "000d00020001");
	}
	assert_int_equal(dhcp6_result(&dhcp), ERR_PERM);
}

static void silent_request_starts_over_once(void **state)
{
	uint64_t now = 0;

	(void)state;
	start(true);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(transmit(now) > 0 || sent[0] == 1);
		answer(now, ADVERTISE, CLIENT SERVER IA URL);
		for (unsigned n = 0; n < 5; now++)
			n += transmit(now) != 0;
		assert_int_equal(sent[0], 3);
		while (!transmit(now) && dhcp6_result(&dhcp) == ERR_AGAIN)
			now++;
	}
	assert_int_equal(dhcp6_result(&dhcp), ERR_TIMEOUT);
	assert_string_equal(reason(),
			    "the DHCPv6 server does not answer requests");
}

/* Answers an INFORMATION-REQUEST; returns whether it was taken. */
static bool informs(const char *hex)
{
	start(false);
	assert_true(transmit(0) > 0);
	answer(1, REPLY, hex);
	return dhcp6_result(&dhcp) == 0;
}

static void answers_for_others_are_ignored(void **state)
{
	uint8_t packet[4];

	(void)state;
	assert_true(informs(CLIENT SERVER));
	assert_false(informs(SERVER));
	assert_false(informs("0001000a00030001525400123457" SERVER));
	assert_false(informs("0001000900030001525400123456" SERVER));
	start(false);
	assert_true(transmit(0) > 0);
	sent[3]++;
	answer(1, REPLY, CLIENT SERVER);
	sent[3]--;
	answer(1, ADVERTISE, CLIENT SERVER);
	answer(1, 13, CLIENT SERVER); /* of a relay */
	memcpy(packet, sent, 4);
	for (size_t len = 0; len < 4; len++)
		dhcp6_receive(&dhcp, 1, packet, len);
	assert_int_equal(dhcp6_result(&dhcp), ERR_AGAIN);
}

/* Of a server whose identifier is `len` zeros. */
static bool informs_with_server(size_t len)
{
	static char hex[2 * 65000 + 64];
	int at = snprintf(hex, sizeof(hex), CLIENT "0002%04zx", len);

	memset(hex + at, '0', 2 * len);
	hex[(size_t)at + 2 * len] = '\0';
	return informs(hex);
}

static void server_identifiers_of_no_or_many_bytes_are_refused(void **state)
{
	(void)state;
	assert_false(informs_with_server(0));
	assert_false(informs_with_server(2));
	assert_true(informs_with_server(3));
	assert_true(informs_with_server(130));
	assert_false(informs_with_server(131));
	assert_false(informs_with_server(65000));
}

static void options_past_the_end_make_a_packet_bad(void **state)
{
	(void)state;
	assert_false(informs(CLIENT SERVER
			     "00170011fec0000000000000000000000000"
			     "0003"));
	assert_false(informs(CLIENT SERVER "001700"));
	assert_false(informs(CLIENT SERVER "0017ffff"));
	assert_true(informs(CLIENT SERVER "00000000"));
}

static void reply_of_another_server_is_ignored(void **state)
{
	(void)state;
	start(true);
	assert_true(transmit(0) > 0);
	answer(1, ADVERTISE, CLIENT SERVER IA URL);
	assert_true(transmit(1) > 0);
	answer(2, REPLY, CLIENT OTHER IA);
	assert_int_equal(dhcp6_result(&dhcp), ERR_AGAIN);
	answer(3, REPLY, CLIENT SERVER IA);
	assert_int_equal(dhcp6_result(&dhcp), 0);
}

static void addresses_cut_short_are_not_taken(void **state)
{
	static const char *const bad[] = {
		"",				  /* none */
		"0003000b0012345600000708000c4e", /* IA_NA of 11 bytes */
		"0003002712345678000007080000"
		"0c4e" /* not ours */
		"00050017" ADDRESS "00000e0000000e",
		"0003002700123456000007080000"
		"0c4e" /* IAADDR of 23 bytes */
		"00050017" ADDRESS "00000e0000000e",
		"0003002800123456000007080000"
		"0c4e" /* past the IA's end */
		"00050019" ADDRESS "00000e1000000e10",
		"0003002800123456000007080000"
		"0c4e" /* lifetime 0 */
		"00050018" ADDRESS "0000000000000000",
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		char hex[512];

		start(true);
		assert_true(transmit(0) > 0);
		snprintf(hex, sizeof(hex), CLIENT SERVER "%s" URL, bad[i]);
		answer(1, ADVERTISE, hex);
		assert_int_equal(transmit(1), 0);
		assert_int_equal(dhcp.server_len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(information_request_asks_without_an_address),
		cmocka_unit_test(uuid_is_our_identifier_if_it_is_known),
		cmocka_unit_test(qemu_informs_without_a_server_identifier),
		cmocka_unit_test(dnsmasq_leases_an_address),
		cmocka_unit_test(server_with_a_url_goes_before_one_without),
		cmocka_unit_test(
			server_without_a_url_is_taken_after_the_first_timeout),
		cmocka_unit_test(
			silence_ends_after_eight_requests_and_a_minute),
		cmocka_unit_test(timeouts_double_from_a_second_on),
		cmocka_unit_test(status_at_the_top_is_the_reason),
		cmocka_unit_test(status_inside_the_address_is_the_reason),
		cmocka_unit_test(refused_request_starts_over_once),
		cmocka_unit_test(silent_request_starts_over_once),
		cmocka_unit_test(answers_for_others_are_ignored),
		cmocka_unit_test(
			server_identifiers_of_no_or_many_bytes_are_refused),
		cmocka_unit_test(options_past_the_end_make_a_packet_bad),
		cmocka_unit_test(reply_of_another_server_is_ignored),
		cmocka_unit_test(addresses_cut_short_are_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

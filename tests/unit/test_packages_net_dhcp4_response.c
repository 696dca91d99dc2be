// SPDX-License-Identifier: BSD-2-Clause
// The packet of a lease, as GRUB wants to find it in /chosen.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "tests/fake/dhcp4.h"

static struct dhcp4 dhcp;
static struct fake_dhcp4 reply;
static uint8_t sent[DHCP4_SEND_MAX];

static void start(bool bootp)
{
	struct dhcp4_config config = { .xid = FAKE_DHCP4_XID, .bootp = bootp };

	memcpy(config.mac, fake_dhcp4_mac, sizeof(config.mac));
	dhcp4_start(&dhcp, &config, 0);
}

/* As find_dhcp_option() of GRUB's net/bootp.c, without overload. */
static const uint8_t *grub_option(const uint8_t *packet, uint8_t code)
{
	for (size_t at = DHCP4_OPTIONS; at < DHCP4_RESPONSE;) {
		if (packet[at] == 0 && ++at)
			continue;
		if (packet[at] == 255)
			return NULL;
		assert_true(at + 2u + packet[at + 1] < DHCP4_RESPONSE);
		if (packet[at] == code)
			return packet + at + 2;
		at += 2u + packet[at + 1];
	}
	fail_msg("no END");
	return NULL;
}

static void response_is_what_grub_can_parse(void **state)
{
	uint8_t buf[DHCP4_RESPONSE];
	size_t used;

	(void)state;
	start(false);
	assert_true(dhcp4_send(&dhcp, 0, sent) > 0);
	fake_dhcp4_reply(&reply, 2);
	fake_dhcp4_text(&reply, DHCP4_OPT_FILE, FAKE_DHCP4_FILE);
	fake_dhcp4_receive(&dhcp, 1, &reply);
	assert_true(dhcp4_send(&dhcp, 1, sent) > 0);
	fake_dhcp4_reply(&reply, 5);
	/* Overloaded fields without an END, options without one. */
	fake_dhcp4_hex(&reply, "340103");
	memcpy(reply.bytes + DHCP4_FILE, "\x0c\x7e", 2);
	memset(reply.bytes + DHCP4_FILE + 2, 'h', 126);
	memcpy(reply.bytes + DHCP4_SNAME,
	       "\x42\x01"
	       "s\xff",
	       4);
	fake_dhcp4_hex(&reply, "030401020304"
			       "0f05");
	fake_dhcp4_receive(&dhcp, 2, &reply);
	assert_int_equal(dhcp4_result(&dhcp), 0);
	dhcp.lease.server = net_addr_v4(0x0a000277);
	dhcp4_response(&dhcp, buf);
	assert_memory_equal(buf, reply.bytes, DHCP4_SIADDR);
	assert_int_equal(be32_load(buf + DHCP4_SIADDR), 0x0a000277);
	assert_string_equal((char *)buf + DHCP4_FILE, FAKE_DHCP4_FILE);
	assert_int_equal(buf[DHCP4_SNAME], 0);
	assert_memory_equal(grub_option(buf, 3), "\1\2\3\4", 4);
	assert_memory_equal(grub_option(buf, 66), "s", 1);
	assert_memory_equal(grub_option(buf, 12), "hhh", 3);
	assert_null(grub_option(buf, 52));
	assert_null(grub_option(buf, 15));
	for (used = DHCP4_RESPONSE; !buf[used - 1]; used--)
		;
	assert_int_equal(buf[used - 1], 255);
	assert_true(used < DHCP4_RESPONSE);
}

static void response_of_bootp_without_the_cookie_has_one(void **state)
{
	uint8_t buf[DHCP4_RESPONSE];

	(void)state;
	start(true);
	assert_true(dhcp4_send(&dhcp, 0, sent) > 0);
	fake_dhcp4_reply(&reply, 0);
	reply.bytes[DHCP4_COOKIE] = 0;
	fake_dhcp4_receive(&dhcp, 5, &reply);
	assert_int_equal(dhcp4_send(&dhcp, 5, sent), 0);
	dhcp4_response(&dhcp, buf);
	assert_int_equal(be32_load(buf + DHCP4_COOKIE), DHCP4_MAGIC);
	assert_null(grub_option(buf, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(response_is_what_grub_can_parse),
		cmocka_unit_test(response_of_bootp_without_the_cookie_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

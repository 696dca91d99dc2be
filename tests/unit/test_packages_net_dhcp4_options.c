// SPDX-License-Identifier: BSD-2-Clause
// Options of DHCPv4 packets: whole, cut, joined, overloaded.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "tests/fake/dhcp4.h"

static struct fake_dhcp4 reply;

/* Reads an option of a copy of the exact length, so that ASan watches. */
static long option(uint8_t code, void *buf, size_t size)
{
	struct dhcp4_message msg;
	uint8_t *copy = malloc(reply.len);
	long len;

	memcpy(copy, reply.bytes, reply.len);
	assert_true(dhcp4_message_open(&msg, copy, reply.len));
	len = dhcp4_option(&msg, code, buf, size);
	free(copy);
	return len;
}

static void packet_shorter_than_its_fields_is_refused(void **state)
{
	struct dhcp4_message msg;

	(void)state;
	fake_dhcp4_reply(&reply, 2);
	for (size_t len = 0; len < DHCP4_OPTIONS; len++)
		assert_false(dhcp4_message_open(&msg, reply.bytes, len));
	assert_true(dhcp4_message_open(&msg, reply.bytes, DHCP4_OPTIONS));
	assert_int_equal(dhcp4_option(&msg, 53, NULL, 0), -1);
}

static void packet_without_the_cookie_has_no_options(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 2);
	reply.bytes[DHCP4_COOKIE]++;
	assert_int_equal(option(53, NULL, 0), -1);
}

static void option_past_the_end_ends_the_options(void **state)
{
	uint8_t value[8];

	(void)state;
	fake_dhcp4_reply(&reply, 2);
	fake_dhcp4_hex(&reply, "0c01410f");
	assert_int_equal(option(12, value, sizeof(value)), 1);
	assert_int_equal(option(15, value, sizeof(value)), -1);
	fake_dhcp4_hex(&reply, "ff");
	assert_int_equal(option(15, value, sizeof(value)), -1);
	fake_dhcp4_reply(&reply, 2);
	fake_dhcp4_hex(&reply, "0f024142");
	assert_int_equal(option(15, value, sizeof(value)), 2);
	reply.len--;
	assert_int_equal(option(15, value, sizeof(value)), -1);
}

static void pads_and_empty_options_are_skipped(void **state)
{
	uint8_t value[8];

	(void)state;
	fake_dhcp4_reply(&reply, 0);
	reply.len += 312;
	fake_dhcp4_hex(&reply, "0c0000000f0141");
	assert_int_equal(option(12, value, sizeof(value)), 0);
	assert_int_equal(option(15, value, sizeof(value)), 1);
	reply.len += 312;
	assert_int_equal(option(15, value, sizeof(value)), 1);
}

static void options_after_the_end_do_not_count(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 0);
	fake_dhcp4_hex(&reply, "ff0c0141");
	assert_int_equal(option(12, NULL, 0), -1);
}

static void pieces_of_an_option_are_joined_across_the_areas(void **state)
{
	char value[8] = "";

	(void)state;
	fake_dhcp4_reply(&reply, 0);
	fake_dhcp4_hex(&reply, "43014143014234010300ff");
	memcpy(reply.bytes + DHCP4_SNAME,
	       "\x43\x01"
	       "D\xff",
	       4);
	memcpy(reply.bytes + DHCP4_FILE,
	       "\x43\x01"
	       "C\xff",
	       4);
	assert_int_equal(option(67, value, sizeof(value)), 4);
	assert_string_equal(value, "ABCD");
	memset(value, 0, sizeof(value));
	assert_int_equal(option(67, value, 3), 4);
	assert_string_equal(value, "ABC");
}

static void only_the_overloaded_field_has_options(void **state)
{
	static const long found[][2] = {
		{ -1, -1 }, { 1, -1 }, { -1, 1 }, { 1, 1 }
	};

	(void)state;
	for (uint8_t overload = 0; overload < 4; overload++) {
		fake_dhcp4_reply(&reply, 0);
		fake_dhcp4_put(&reply, DHCP4_OPT_OVERLOAD, &overload, 1);
		memcpy(reply.bytes + DHCP4_FILE,
		       "\x0c\x01"
		       "A",
		       3);
		memcpy(reply.bytes + DHCP4_SNAME,
		       "\x0f\x01"
		       "A",
		       3);
		assert_int_equal(option(12, NULL, 0), found[overload][0]);
		assert_int_equal(option(15, NULL, 0), found[overload][1]);
	}
}

static void overload_inside_a_field_does_not_count(void **state)
{
	(void)state;
	fake_dhcp4_reply(&reply, 0);
	fake_dhcp4_hex(&reply, "340101");
	memcpy(reply.bytes + DHCP4_FILE, "\x34\x01\x03", 3);
	memcpy(reply.bytes + DHCP4_SNAME,
	       "\x0f\x01"
	       "A",
	       3);
	assert_int_equal(option(15, NULL, 0), -1);
}

static void field_full_of_options_ends_at_its_end(void **state)
{
	uint8_t value[2 * DHCP4_FILE_SIZE];

	(void)state;
	fake_dhcp4_reply(&reply, 0);
	fake_dhcp4_hex(&reply, "340101");
	reply.bytes[DHCP4_FILE] = 12;
	reply.bytes[DHCP4_FILE + 1] = DHCP4_FILE_SIZE - 2;
	assert_int_equal(option(12, value, sizeof(value)), DHCP4_FILE_SIZE - 2);
	reply.bytes[DHCP4_FILE + 1]++;
	assert_int_equal(option(12, value, sizeof(value)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_shorter_than_its_fields_is_refused),
		cmocka_unit_test(packet_without_the_cookie_has_no_options),
		cmocka_unit_test(option_past_the_end_ends_the_options),
		cmocka_unit_test(pads_and_empty_options_are_skipped),
		cmocka_unit_test(options_after_the_end_do_not_count),
		cmocka_unit_test(
			pieces_of_an_option_are_joined_across_the_areas),
		cmocka_unit_test(only_the_overloaded_field_has_options),
		cmocka_unit_test(overload_inside_a_field_does_not_count),
		cmocka_unit_test(field_full_of_options_ends_at_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

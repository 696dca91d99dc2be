// SPDX-License-Identifier: BSD-2-Clause
// The Internet checksum against a sum by the book.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "packages/net/checksum.h"

static uint16_t by_the_book(const uint8_t *at, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (sum >> 16)
		sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)sum;
}

/* The result has the order of memory. */
static uint16_t sum_of(const void *data, size_t len)
{
	uint16_t sum = checksum_add(data, (int)len);

	return be16_load(&sum);
}

static void the_example_of_the_rfc_comes_out(void **state)
{
	(void)state;
	assert_int_equal(sum_of("\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8), 0xddf2);
	assert_int_equal(sum_of("", 0), 0);
}

static void any_length_and_alignment_gives_the_sum_by_the_book(void **state)
{
	uint8_t data[80];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 37 + 211);
	for (size_t start = 0; start < 9; start++)
		for (size_t len = 0; len <= sizeof(data) - start; len++)
			assert_int_equal(sum_of(data + start, len),
					 by_the_book(data + start, len));
}

static void the_carries_of_the_largest_packet_are_not_lost(void **state)
{
	static uint8_t data[65535];

	(void)state;
	memset(data, 0xff, sizeof(data));
	assert_int_equal(sum_of(data, sizeof(data)),
			 by_the_book(data, sizeof(data)));
	data[4711] = 1;
	assert_int_equal(sum_of(data, sizeof(data)),
			 by_the_book(data, sizeof(data)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_rfc_comes_out),
		cmocka_unit_test(
			any_length_and_alignment_gives_the_sum_by_the_book),
		cmocka_unit_test(
			the_carries_of_the_largest_packet_are_not_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

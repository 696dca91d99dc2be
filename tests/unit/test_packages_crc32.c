// SPDX-License-Identifier: BSD-2-Clause
// CRC-32 against known values and a bit-by-bit sum.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packages/crc32.h"

static uint32_t crc_by_bits(const uint8_t *p, size_t len)
{
	uint32_t crc = 0xffffffff;

	while (len--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void the_check_value_of_the_catalogue_comes_out(void **state)
{
	(void)state;
	assert_int_equal(crc32_update(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc32_update(0, "", 0), 0);
}

static void any_length_and_alignment_gives_the_sum_by_bits(void **state)
{
	uint8_t data[80];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 37 + 11);
	for (size_t start = 0; start < 5; start++) {
		for (size_t len = 0; len <= sizeof(data) - start; len++)
			assert_int_equal(crc32_update(0, data + start, len),
					 crc_by_bits(data + start, len));
	}
}

static void a_sum_may_be_made_in_pieces(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= 9; cut++) {
		uint32_t crc = crc32_update(0, "123456789", cut);

		crc = crc32_update(crc, &"123456789"[cut], 9 - cut);
		assert_int_equal(crc, 0xcbf43926);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_check_value_of_the_catalogue_comes_out),
		cmocka_unit_test(
			any_length_and_alignment_gives_the_sum_by_bits),
		cmocka_unit_test(a_sum_may_be_made_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// The Internet checksum, eight bytes at a time.
#include "packages/net/checksum.h"

#include <string.h>

/* The sum's halves, with the carry that adding them makes. */
static uint64_t checksum_fold(uint64_t sum, unsigned bits)
{
	return (sum >> bits) + (sum & ((1ULL << bits) - 1));
}

/*
 * Two words of 32 bits are added to 64 bits at a time: carries collect in the
 * upper half. Any length of an int leaves room there.
 */
uint16_t checksum_add(const void *data, int len)
{
	const uint8_t *at = data;
	uint64_t sum = 0, word;

	for (; len >= 8; len -= 8, at += 8) {
		memcpy(&word, at, 8);
		sum += word >> 32;
		sum += (uint32_t)word;
	}
	if (len > 0) {
		word = 0;
		memcpy(&word, at, (size_t)len);
		sum += word >> 32;
		sum += (uint32_t)word;
	}
	sum = checksum_fold(sum, 32);
	sum = checksum_fold(sum, 32);
	sum = checksum_fold(sum, 16);
	sum = checksum_fold(sum, 16);
	return (uint16_t)sum;
}

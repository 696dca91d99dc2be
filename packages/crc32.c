// SPDX-License-Identifier: BSD-2-Clause
// CRC-32, reflected, polynomial 0x04c11db7 (ISO 3309), four bytes at a time.
#include "packages/crc32.h"

#include "lib/endian.h"

#define CRC32_POLYNOMIAL 0xedb88320u /* 0x04c11db7, bits reversed */

/*
 * crc32_table[k][b]: the CRC of byte b followed by k zero bytes. Each partition
 * look-up checks the 16 KiB of GPT entries, so four tables are worth it. They
 * are made at first use.
 */
static uint32_t crc32_table[4][256];

static void crc32_init(void)
{
	uint32_t i, crc;
	int bit, k;

	for (i = 0; i < 256; i++) {
		crc = i;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32_POLYNOMIAL : 0);
		crc32_table[0][i] = crc;
	}
	for (i = 0; i < 256; i++) {
		crc = crc32_table[0][i];
		for (k = 1; k < 4; k++) {
			crc = crc >> 8 ^ crc32_table[0][crc & 0xff];
			crc32_table[k][i] = crc;
		}
	}
}

uint32_t crc32_update(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	if (!crc32_table[0][1])
		crc32_init();
	crc = ~crc;
	for (; len >= 4; len -= 4, p += 4) {
		crc ^= le32_load(p);
		crc = crc32_table[3][crc & 0xff] ^
		      crc32_table[2][crc >> 8 & 0xff] ^
		      crc32_table[1][crc >> 16 & 0xff] ^
		      crc32_table[0][crc >> 24];
	}
	for (; len; len--)
		crc = crc >> 8 ^ crc32_table[0][(crc ^ *p++) & 0xff];
	return ~crc;
}

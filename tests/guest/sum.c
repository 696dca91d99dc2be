// SPDX-License-Identifier: BSD-2-Clause
// Reads a whole disk, to its end, in pieces of many sizes to buffers at many
// addresses. Prints how many bytes there are, their CRC-32, as zlib's, and how many
// bytes beside the buffers have changed. The argument disk=PATH chooses the disk.

#include "tests/guest/lib/guest.h"

#define LARGEST (1u << 20)
#define BESIDE 64u
#define MARK 0xa5

/* Small and large; from blocks' borders and not: 1 and 511 make a block. */
static const uint32_t sizes[] = {
	LARGEST, 512, 4096, 65536, 1, 511, 3, 65533, 131072 + 512, 7777, 415,
};

/* The room for a piece at any offset into a page, with marks beside it. */
static unsigned char room[LARGEST + 8192] __attribute__((aligned(4096)));
static uint32_t crc_table[256];
static uint32_t changed;

static void make_crc_table(void)
{
	uint32_t i, bit, value;

	for (i = 0; i < 256; i++) {
		value = i;
		for (bit = 0; bit < 8; bit++)
			value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0);
		crc_table[i] = value;
	}
}

static uint32_t add_to_crc(uint32_t crc, const unsigned char *p, uint32_t len)
{
	while (len--)
		crc = crc >> 8 ^ crc_table[(crc ^ *p++) & 0xff];
	return crc;
}

static void count_changed(const unsigned char *p)
{
	uint32_t i;

	for (i = 0; i < BESIDE; i++)
		changed += p[i] != MARK;
}

/* Offset into a page of the n-th buffer: each of 64 alignments, and 1. */
static uint32_t offset_of(uint32_t n)
{
	return BESIDE + n % 64 + (n % 3 == 2 ? 4096 - 2 * BESIDE : 0);
}

/* Returns how much of the piece there was; *crc follows. */
static uint32_t read_piece(uint32_t disk, uint32_t n, uint32_t *crc)
{
	uint32_t size = sizes[n % (sizeof(sizes) / sizeof(sizes[0]))], got;
	unsigned char *to = room + offset_of(n);

	memset(to - BESIDE, MARK, BESIDE);
	memset(to, 0, size);
	memset(to + size, MARK, BESIDE);
	got = ci1("read", 3, disk, cell(to), size, 0);
	count_changed(to - BESIDE);
	count_changed(to + size);
	if (got > size)
		return 0;
	*crc = add_to_crc(*crc, to, got);
	return got;
}

int guest_main(void)
{
	char path[200] = "disk:0";
	uint32_t disk, got, total = 0, crc = 0xffffffff, n = 0;

	guest_argument("disk", path, sizeof(path));
	make_crc_table();
	disk = ci1("open", 1, cell(path), 0, 0, 0);
	do {
		got = read_piece(disk, n++, &crc);
		total += got;
	} while (got);
	guest_print("\r\nSUM bytes ");
	guest_print_decimal(total);
	guest_print(" crc ");
	guest_print_hex(crc ^ 0xffffffff, 8);
	guest_print(" changed ");
	guest_print_decimal(changed);
	guest_print("\r\n");
	return 0;
}

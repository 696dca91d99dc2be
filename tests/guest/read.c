// SPDX-License-Identifier: BSD-2-Clause
// Reads 64 MiB of the first disk, or of the file that its argument names, in
// large and in small pieces and prints the ticks each took.

#include "tests/guest/lib/guest.h"

#define TOTAL (64u << 20)

static unsigned char buffer[1 << 20] __attribute__((aligned(4096)));

static void read_in_pieces(uint32_t disk, uint32_t piece)
{
	uint64_t start, end;
	uint32_t left, got = 0;

	ci1("seek", 3, disk, 0, 0, 0);
	guest_timebase(&start);
	for (left = TOTAL; left; left -= piece) {
		got = ci1("read", 3, disk, cell(buffer), piece, 0);
		if (got != piece)
			break;
	}
	guest_timebase(&end);
	guest_print(left ? "\r\nREAD failed " : "\r\nREAD piece ");
	guest_print_hex(piece, 8);
	guest_print(" ticks ");
	guest_print_hex(end - start, 16);
	guest_print("\r\n");
}

int guest_main(void)
{
	const char *path = guest_bootargs();
	uint32_t disk = ci1("open", 1, cell(*path ? path : "disk:0"), 0, 0, 0);

	read_in_pieces(disk, 1 << 20);
	read_in_pieces(disk, 4096);
	return 0;
}

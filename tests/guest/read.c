// SPDX-License-Identifier: BSD-2-Clause
// The read client of the benchmark: reads 64 MiB from the first disk twice, in
// pieces of 1 MiB and of 4 KiB, and prints the timebase ticks it took.

#include "tests/guest/lib/guest.h"

#define TOTAL (64u << 20)
#define BUFFER_SIZE (1u << 20)

static uint64_t now(void)
{
	uint64_t ticks;

	guest_timebase(&ticks);
	return ticks;
}

// Returns false when a seek or a read gives less than what was asked for.
static bool read_all(uint32_t disk, uint32_t buffer, uint32_t piece)
{
	uint32_t done;

	if (ci1("seek", 3, disk, 0, 0, 0) > 1)
		return false;
	for (done = 0; done < TOTAL; done += piece)
		if (ci1("read", 3, disk, buffer, piece, 0) != piece)
			return false;
	return true;
}

static void measure(uint32_t disk, uint32_t buffer, uint32_t piece)
{
	uint64_t start = now(), ticks;
	bool good = read_all(disk, buffer, piece);

	ticks = now() - start;
	guest_print(good ? "READ " : "READ-FAILED ");
	guest_print_decimal(piece);
	guest_print(" ticks ");
	guest_print_hex(ticks, 16);
	guest_print("\r\n");
}

int guest_main(void)
{
	uint32_t disk = ci1("open", 1, cell("disk"), 0, 0, 0);
	uint32_t buffer = ci1("claim", 3, 0, BUFFER_SIZE, 4096, 0);

	guest_print("\r\n");
	if (disk == 0 || disk == UINT32_MAX || buffer == UINT32_MAX) {
		guest_print("READ-FAILED open or claim\r\n");
		return 0;
	}
	measure(disk, buffer, 1u << 20);
	measure(disk, buffer, 4096);
	ci1("close", 1, disk, 0, 0, 0);
	return 0;
}

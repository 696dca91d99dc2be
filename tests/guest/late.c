// SPDX-License-Identifier: BSD-2-Clause
// Reads a disk that answers too late, uses the buffer for something else and
// checks whether the disk's data still arrives.

#include "tests/guest/lib/guest.h"

#define LEN 4096u
#define MARK 0x5a
/* Time until the disk answers: argument late=MILLISECONDS. */
#define LATE_MS 20000u

static unsigned char buffer[LEN] __attribute__((aligned(4096)));
static unsigned char other[LEN] __attribute__((aligned(4096)));

static uint32_t read_disk(const char *path, void *to)
{
	uint32_t disk = ci1("open", 1, cell(path), 0, 0, 0), got;

	if (!disk)
		return 0;
	got = ci1("read", 3, disk, cell(to), LEN, 0);
	ci1("close", 1, disk, 0, 0, 0);
	return got;
}

static bool marked(void)
{
	for (unsigned i = 0; i < LEN; i++) {
		if (buffer[i] != MARK)
			return false;
	}
	return true;
}

int guest_main(void)
{
	uint32_t start = ci1("milliseconds", 0, 0, 0, 0, 0);
	uint32_t late = guest_argument_number("late", LATE_MS);

	guest_print("\r\nLATE read ");
	guest_print_hex(read_disk("disk1:0", buffer), 8);
	memset(buffer, MARK, LEN);
	/* All that the controller needs for DMA is in use again. */
	guest_print(" other ");
	guest_print_hex(read_disk("disk:0", other), 8);
	while (ci1("milliseconds", 0, 0, 0, 0, 0) - start < late)
		;
	guest_print(marked() ? " buffer kept\r\n" : " buffer overwritten\r\n");
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// Prints what it reads from /chosen stdin, a line of hexadecimal bytes for each
// read, until it reads ^D.

#include "tests/guest/lib/guest.h"

#define END 0x04

static unsigned char text[64];

/* Returns whether the end was among the bytes. */
static bool print_bytes(uint32_t count)
{
	bool ends = false;

	guest_print("KEYS");
	for (uint32_t i = 0; i < count; i++) {
		guest_print(" ");
		guest_print_hex(text[i], 2);
		ends = ends || text[i] == END;
	}
	guest_print("\r\n");
	return ends;
}

int guest_main(void)
{
	uint32_t in = guest_number("/chosen", "stdin", 0), count;
	bool ends = false;

	guest_print("\r\nKEYS ready\r\n");
	while (!ends) {
		count = ci1("read", 3, in, cell(text), sizeof(text), 0);
		/* Nothing is 0 or -2. */
		if (count - 1 < sizeof(text))
			ends = print_bytes(count);
	}
	return 0;
}

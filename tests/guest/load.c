// SPDX-License-Identifier: BSD-2-Clause
// Loads a file by the method load of a network card, as yaboot does. Prints
// catch-result, size and the sum of its bytes. Arguments: card=PATH with the
// card's own arguments; at=MIB, where the file goes, default 32.

#include "tests/guest/lib/guest.h"

int guest_main(void)
{
	uint32_t at = guest_argument_number("at", 32) << 20;
	const unsigned char *file = (const unsigned char *)(uintptr_t)at;
	uint32_t cells[5] = { cell("load"), 0, at }, sum = 0, i;
	char path[128] = "net";

	guest_argument("card", path, sizeof(path));
	cells[1] = ci1("open", 1, cell(path), 0, 0, 0);
	ci("call-method", 3, 2, cells);
	for (i = 0; cells[3] == 0 && i < cells[4]; i++)
		sum += file[i];
	guest_print("\r\nLOAD catch ");
	guest_print_hex(cells[3], 8);
	guest_print(" size ");
	guest_print_decimal(cells[4]);
	guest_print(" sum ");
	guest_print_decimal(sum);
	guest_print("\r\n");
	return 0;
}

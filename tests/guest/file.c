// SPDX-License-Identifier: BSD-2-Clause
// Reads a file by the service read, into memory that is not zero before. Prints
// its size and the sum of its bytes. Argument: file=PATH.

#include "tests/guest/lib/guest.h"

static unsigned char buffer[1 << 16];

int guest_main(void)
{
	uint32_t size = 0, sum = 0, got = 0, file, i;
	char path[256] = "";

	guest_argument("file", path, sizeof(path));
	file = ci1("open", 1, cell(path), 0, 0, 0);
	do {
		memset(buffer, 0xee, sizeof(buffer));
		if (file)
			got = ci1("read", 3, file, cell(buffer), sizeof(buffer),
				  0);
		for (i = 0; got <= sizeof(buffer) && i < got; i++)
			sum += buffer[i];
		size += i;
	} while (i == sizeof(buffer));
	guest_print("\r\nFILE size ");
	guest_print_decimal(size);
	guest_print(" sum ");
	guest_print_decimal(sum);
	guest_print("\r\n");
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// Prints what the root says of secure boot. With to=nvram or to=memory, it first
// tries to change that, once: it copies a disk, from=PATH, into NVRAM or over the
// firmware's file, which QEMU has loaded at address 0, and resets the machine.
// With return=N, it returns N to the firmware.

#include "tests/guest/lib/guest.h"

#define NVRAM_SIZE 0x10000u

// RAM that neither QEMU nor the firmware writes at a reset, below the client.
#define DONE_AT 0xf000000u
#define DONE 0x446f6e65u

static unsigned char file[2 << 20];

static uint32_t read_file(const char *path)
{
	uint32_t inst = ci1("open", 1, cell(path), 0, 0, 0);

	return inst ? ci1("read", 3, inst, cell(file), sizeof(file), 0) : 0;
}

static void to_nvram(void)
{
	uint32_t cells[5] = { 0, cell(file), NVRAM_SIZE };

	guest_print(guest_rtas("nvram-store", 3, 2, cells) && !cells[3]
			    ? "NVRAM written\r\n"
			    : "NVRAM not written\r\n");
}

static void to_memory(uint32_t size)
{
	unsigned char *to = NULL;

	__asm__("" : "+r"(to)); // for the compiler it is no null pointer
	memcpy(to, file, size);
	guest_print("MEMORY written\r\n");
}

static void attack(const char *to)
{
	volatile uint32_t *done = (uint32_t *)(uintptr_t)DONE_AT;
	char path[256] = "";
	uint32_t cells[1];
	uint32_t size;

	if (*done == DONE)
		return;
	*done = DONE;
	guest_argument("from", path, sizeof(path));
	size = read_file(path);
	guest_print("READ ");
	guest_print_decimal(size);
	guest_print("\r\n");
	if (size > sizeof(file))
		return;
	if (*to == 'n')
		to_nvram();
	else
		to_memory(size);
	guest_rtas("system-reboot", 0, 1, cells);
}

int guest_main(void)
{
	char to[8] = "";

	guest_print("\r\nPOLICY secure-boot ");
	guest_print_decimal(guest_number("/", "ibm,secure-boot", 99));
	guest_print(" trusted-boot ");
	guest_print_decimal(guest_number("/", "ibm,trusted-boot", 99));
	guest_print("\r\n");
	if (guest_argument("to", to, sizeof(to)))
		attack(to);
	return (int)guest_argument_number("return", 0);
}

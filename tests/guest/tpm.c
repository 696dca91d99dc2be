// SPDX-License-Identifier: BSD-2-Clause
// Prints what a machine's vTPM and its firmware measured: PCRs 0 to 15 of each
// bank, by the method pass-through-to-tpm; what the TPM says to a command with
// the platform's empty authorization; the log, by the method sml-handover.
// Arguments: log=0, the log stays with the firmware; return=N, as stamp.c.

#include "tests/guest/lib/guest.h"

#define BUFFER 4096u
#define PCRS_A_CALL 8u
#define LOG_MAX (512u << 10)
#define LINE 32u

static unsigned char command[BUFFER] __attribute__((aligned(4096)));
static unsigned char log[LOG_MAX] __attribute__((aligned(4096)));
static uint32_t vtpm;

static void print_bytes(const unsigned char *bytes, uint32_t count)
{
	char text[2 * LINE + 1];
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++) {
		text[n++] = "0123456789abcdef"[bytes[i] >> 4];
		text[n++] = "0123456789abcdef"[bytes[i] & 15];
		if (n == 2 * LINE || i + 1 == count) {
			text[n] = 0;
			guest_print(text);
			n = 0;
		}
	}
	guest_print("\r\n");
}

// A method with the two top cells of the stack, the uppermost first. Returns its
// result, or 0 if the method failed.
static uint32_t method(const char *name, uint32_t nargs, uint32_t a, uint32_t b)
{
	uint32_t cells[6] = { cell(name), vtpm, a, b };

	if (ci("call-method", 2 + nargs, 2, cells) || cells[2 + nargs])
		return 0;
	return cells[3 + nargs];
}

// A command of the TPM; the response is in `command`. Returns its length.
static uint32_t transmit(const void *bytes, uint32_t count)
{
	memcpy(command, bytes, count);
	return method("pass-through-to-tpm", 2, count, cell(command));
}

// TPM2_PCR_Read of eight PCRs of a bank [TPM 2.0 part 3, 22.4]
static void print_pcrs(unsigned char alg, uint32_t first)
{
	unsigned char read[] = { 0x80, 1, 0, 0, 0, 0x14, 0, 0, 1, 0x7e,
				 0,    0, 0, 1, 0, alg,	 3, 0, 0, 0 };
	uint32_t length, at = 28, size;

	read[sizeof(read) - 3 + first / 8] = 0xff;
	length = transmit(read, sizeof(read));
	for (uint32_t i = 0; i < PCRS_A_CALL && at + 2 < length; i++) {
		size = command[at] << 8 | command[at + 1];
		guest_print("TPM PCR ");
		guest_print_hex(alg, 4);
		guest_print(" ");
		guest_print_decimal(first + i);
		guest_print(" ");
		print_bytes(command + at + 2, size);
		at += 2 + size;
	}
}

// TPM2_HierarchyChangeAuth of the platform, from nothing to nothing [part 3,
// 24.8]
static void print_authorization(void)
{
	static const unsigned char change[] = {
		0x80, 2, 0, 0,	  0, 0x1d, 0, 0, 1, 0x29, 0x40, 0, 0, 0x0c, 0,
		0,    0, 9, 0x40, 0, 0,	   9, 0, 0, 1,	  0,	0, 0, 0
	};

	transmit(change, sizeof(change));
	guest_print("TPM AUTHORIZATION ");
	print_bytes(command + 6, 4);
}

static void print_log(void)
{
	uint32_t size = method("sml-get-handover-size", 0, 0, 0);

	if (size > sizeof(log) || !method("sml-handover", 2, size, cell(log)))
		size = 0;
	guest_print("TPM LOG ");
	print_bytes(log, size);
}

int guest_main(void)
{
	static const unsigned char algs[] = { 0x04, 0x0b, 0x0c, 0x0d };

	guest_print("\r\n");
	vtpm = ci1("open", 1, cell("/vdevice/vtpm"), 0, 0, 0);
	if (vtpm == 0 || vtpm == UINT32_MAX)
		guest_print("TPM none\r\n");
	for (uint32_t i = 0; i < sizeof(algs) && vtpm; i++) {
		print_pcrs(algs[i], 0);
		print_pcrs(algs[i], 8);
	}
	if (vtpm) {
		print_authorization();
		if (guest_argument_number("log", 1))
			print_log();
	}
	guest_print("TPM end\r\n");
	return (int)guest_argument_number("return", 0);
}

// SPDX-License-Identifier: BSD-2-Clause
// The library of the test clients: hypercalls, client interface, TAP lines.

#include "tests/guest/lib/guest.h"

#define H_PUT_TERM_CHAR 0x58  // LoPAR, hvterm
#define H_RTAS 0xf000	      // QEMU include/hw/ppc/spapr.h, KVMPPC_H_RTAS
#define RTAS_POWER_OFF 0x2003 // QEMU include/hw/ppc/spapr.h, if /rtas is silent
#define MAX_CELLS 24

// ELF: Elf32_Rela and Elf64_Rela; R_PPC_RELATIVE and R_PPC64_RELATIVE are 22,
// the only kind in a program linked like ours.
struct rela {
	uintptr_t offset;
	uintptr_t info;
	uintptr_t addend;
};

struct guest_entry guest_entry __attribute__((section(".data"))) = { .lr = 1 };

// start*.S
void guest_relocate(uintptr_t moved, const struct rela *at,
		    const struct rela *end);
void guest_start(void);
int32_t guest_ci_enter(uint32_t entry, void *args);
// calls.S
void guest_canary(uint32_t entry, void *args, uint64_t values[21]);

static unsigned int checks, failures;

void guest_hcall(uint64_t regs[8])
{
	__asm__ volatile(".machine push\n\t"
			 ".machine power5\n\t"
			 "ld 3, 0(%0)\n\tld 4, 8(%0)\n\tld 5, 16(%0)\n\t"
			 "ld 6, 24(%0)\n\tld 7, 32(%0)\n\tld 8, 40(%0)\n\t"
			 "ld 9, 48(%0)\n\tld 10, 56(%0)\n\t"
			 "sc 1\n\t"
			 "std 3, 0(%0)\n\tstd 4, 8(%0)\n\tstd 5, 16(%0)\n\t"
			 "std 6, 24(%0)\n\tstd 7, 32(%0)\n\tstd 8, 40(%0)\n\t"
			 "std 9, 48(%0)\n\tstd 10, 56(%0)\n\t"
			 ".machine pop"
			 :
			 : "b"(regs)
			 : "r0", "r3", "r4", "r5", "r6", "r7", "r8", "r9",
			   "r10", "r11", "r12", "ctr", "cc", "memory");
}

void *memcpy(void *to, const void *from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	while (n--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	unsigned char *t = to;

	while (n--)
		*t++ = (unsigned char)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n--; x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

uint32_t cell(const void *pointer)
{
	return (uint32_t)(uintptr_t)pointer;
}

uint32_t guest_be32(const void *p)
{
	const unsigned char *b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

static void store_be32(unsigned char *p, uint32_t value)
{
	p[0] = (unsigned char)(value >> 24);
	p[1] = (unsigned char)(value >> 16);
	p[2] = (unsigned char)(value >> 8);
	p[3] = (unsigned char)value;
}

int32_t ci(const char *service, unsigned int nargs, unsigned int nrets,
	   uint32_t *cells)
{
	unsigned char args[4 * (3 + MAX_CELLS)] __attribute__((aligned(8)));
	unsigned int i;
	int32_t ret;

	store_be32(args, cell(service));
	store_be32(args + 4, nargs);
	store_be32(args + 8, nrets);
	for (i = 0; i < nargs + nrets; i++)
		store_be32(args + 12 + 4 * i, cells[i]);
	ret = guest_ci_enter((uint32_t)guest_entry.gpr[5], args);
	for (i = nargs; i < nargs + nrets; i++)
		cells[i] = guest_be32(args + 12 + 4 * i);
	return ret;
}

void guest_ci_canary(const char *service, uint64_t values[21])
{
	unsigned char args[4 * 4] __attribute__((aligned(8)));

	store_be32(args, cell(service));
	store_be32(args + 4, 0);
	store_be32(args + 8, 1);
	guest_canary((uint32_t)guest_entry.gpr[5], args, values);
}

uint32_t ci1(const char *service, unsigned int nargs, uint32_t a, uint32_t b,
	     uint32_t c, uint32_t d)
{
	uint32_t cells[5] = { a, b, c, d, 0xdeadbeef };

	cells[nargs] = 0xdeadbeef;
	ci(service, nargs, 1, cells);
	return cells[nargs];
}

uint32_t guest_number(const char *path, const char *property, uint32_t fallback)
{
	unsigned char value[4];
	uint32_t node = ci1("finddevice", 1, cell(path), 0, 0, 0);

	if (node == UINT32_MAX)
		return fallback;
	if (ci1("getprop", 4, node, cell(property), cell(value), 4) != 4)
		return fallback;
	return guest_be32(value);
}

static void put_chars(const char *text, size_t n)
{
	uint64_t regs[8] = { H_PUT_TERM_CHAR, 0, n };
	size_t i;

	for (i = 0; i < n; i++)
		regs[3 + i / 8] |= (uint64_t)(unsigned char)text[i]
				   << (56 - 8 * (i % 8));
	guest_hcall(regs);
}

void guest_print(const char *text)
{
	size_t left = strlen(text), n;

	for (; left; left -= n, text += n) {
		n = left < 16 ? left : 16;
		put_chars(text, n);
	}
}

void guest_print_hex(uint64_t value, unsigned int digits)
{
	char text[17];
	unsigned int i;

	for (i = 0; i < digits; i++)
		text[i] =
			"0123456789abcdef"[value >> 4 * (digits - 1 - i) & 15];
	text[digits] = 0;
	guest_print(text);
}

void guest_print_decimal(uint32_t value)
{
	char text[11];
	unsigned int at = sizeof(text) - 1;

	text[at] = 0;
	do {
		text[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	guest_print(text + at);
}

void guest_power_off(void)
{
	uint64_t regs[8] = { H_RTAS };
	unsigned char args[6 * 4] __attribute__((aligned(8)));

	store_be32(args, guest_number("/rtas", "power-off", RTAS_POWER_OFF));
	store_be32(args + 4, 2);
	store_be32(args + 8, 1);
	memset(args + 12, 0xff, 8);
	store_be32(args + 20, 0);
	regs[1] = cell(args);
	guest_hcall(regs);
	for (;;)
		;
}

void check(bool good, const char *what)
{
	checks++;
	if (!good) {
		failures++;
		guest_print("not ");
	}
	guest_print("ok ");
	guest_print_decimal(checks);
	guest_print(" - ");
	guest_print(what);
	guest_print("\r\n");
}

void check_eq(uint64_t got, uint64_t want, const char *what)
{
	check(got == want, what);
	if (got == want)
		return;
	guest_print("# got 0x");
	guest_print_hex(got, 16);
	guest_print(", want 0x");
	guest_print_hex(want, 16);
	guest_print("\r\n");
}

void check_plan(void)
{
	guest_print("1..");
	guest_print_decimal(checks);
	guest_print("\r\nGUEST-DONE ");
	guest_print_decimal(checks - failures);
	guest_print(" passed, ");
	guest_print_decimal(failures);
	guest_print(" failed\r\n");
}

// Start code calls this first: nothing that holds an address is right before.
void guest_relocate(uintptr_t moved, const struct rela *at,
		    const struct rela *end)
{
	for (; at < end; at++)
		*(uintptr_t *)(at->offset + moved) = at->addend + moved;
}

void guest_start(void)
{
	if (!guest_main())
		guest_power_off();
}

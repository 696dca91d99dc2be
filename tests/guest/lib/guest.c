// SPDX-License-Identifier: BSD-2-Clause
// The library of the test clients: hypercalls, client interface, printing.

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

// Cells after the last result cell, which the firmware must not write.
#define GUARDS 4
#define GUARD 0x5a5a5a5a

bool guest_ci_overrun;

static uint32_t print_to; // 0: by hypercall
static bool not_pseries;

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
	unsigned char args[4 * (3 + MAX_CELLS + GUARDS)]
		__attribute__((aligned(8)));
	unsigned int i;
	int32_t ret;

	store_be32(args, cell(service));
	store_be32(args + 4, nargs);
	store_be32(args + 8, nrets);
	for (i = 0; i < nargs + nrets; i++)
		store_be32(args + 12 + 4 * i, cells[i]);
	for (; i < nargs + nrets + GUARDS; i++)
		store_be32(args + 12 + 4 * i, GUARD);
	ret = guest_ci_enter((uint32_t)guest_entry.gpr[5], args);
	while (i-- > nargs + nrets)
		guest_ci_overrun |= guest_be32(args + 12 + 4 * i) != GUARD;
	for (i = nargs; i < nargs + nrets; i++)
		cells[i] = guest_be32(args + 12 + 4 * i);
	return ret;
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

// Programs may overwrite this in the file; the array reserves the room.
char guest_arguments[256] = "GUEST-ARGUMENTS:";

// Finds NAME= at the start of a word.
static const char *find_word(const char *text, const char *name)
{
	size_t n = strlen(name);
	bool start = true;

	for (; *text; text++) {
		if (start && strlen(text) > n && !memcmp(text, name, n) &&
		    text[n] == '=')
			return text + n + 1;
		start = *text == ' ';
	}
	return NULL;
}

const char *guest_bootargs(void)
{
	static char text[256];
	uint32_t chosen = ci1("finddevice", 1, cell("/chosen"), 0, 0, 0);

	memset(text, 0, sizeof(text));
	if (chosen && chosen != UINT32_MAX)
		ci1("getprop", 4, chosen, cell("bootargs"), cell(text),
		    sizeof(text) - 1);
	return text;
}

bool guest_argument(const char *name, char *value, size_t size)
{
	const char *at = find_word(guest_arguments + 16, name);

	if (!at)
		at = find_word(guest_bootargs(), name);
	if (!at)
		return false;
	for (; *at && *at != ' ' && size > 1; size--)
		*value++ = *at++;
	*value = 0;
	return true;
}

uint32_t guest_argument_number(const char *name, uint32_t fallback)
{
	char text[12] = "";
	uint32_t number = 0;
	const char *c;

	if (!guest_argument(name, text, sizeof(text)))
		return fallback;
	for (c = text; *c >= '0' && *c <= '9'; c++)
		number = number * 10 + (uint32_t)(*c - '0');
	return number;
}

// Only a machine with hypercalls has a terminal without the firmware.
static bool is_pseries(void)
{
	uint32_t rtas = ci1("finddevice", 1, cell("/rtas"), 0, 0, 0);

	return rtas && rtas != UINT32_MAX &&
	       ci1("getproplen", 2, rtas, cell("ibm,hypertas-functions"), 0,
		   0) != UINT32_MAX;
}

void guest_choose_output(void)
{
	const char *out = find_word(guest_arguments + 16, "out");

	not_pseries = out ? *out == 'w' : !is_pseries();
	if (not_pseries)
		print_to = guest_number("/chosen", "stdout", 0);
}

static char *kept;
static size_t kept_room;

void guest_keep(char *to, size_t size)
{
	kept = to;
	kept_room = size;
}

static void keep_chars(const char *text, size_t n)
{
	n = n < kept_room ? n : kept_room;
	memcpy(kept, text, n);
	kept += n;
	kept_room -= n;
}

static void put_chars(const char *text, size_t n)
{
	uint64_t regs[8] = { H_PUT_TERM_CHAR, 0, n };
	size_t i;

	for (i = 0; i < n; i++)
		regs[3 + i / 8] |= (uint64_t)(unsigned char)text[i]
				   << (56 - 8 * (i % 8));
	guest_hcall(regs);
	if (regs[0])
		keep_chars(text, n);
}

static void print_by_hcall(const char *text)
{
	size_t left = strlen(text), n;

	for (; left; left -= n, text += n) {
		n = left < 16 ? left : 16;
		put_chars(text, n);
	}
}

void guest_print(const char *text)
{
	uint32_t cells[4] = { print_to, cell(text), strlen(text) };

	if (print_to)
		ci("write", 3, 1, cells);
	else if (!not_pseries)
		print_by_hcall(text);
}

char *guest_hex(char text[19], uint64_t number)
{
	unsigned int digits = 1, i;

	while (digits < 16 && number >> 4 * digits)
		digits++;
	text[0] = '0';
	text[1] = 'x';
	for (i = 0; i < digits; i++)
		text[2 + i] =
			"0123456789abcdef"[number >> 4 * (digits - 1 - i) & 15];
	text[2 + digits] = 0;
	return text;
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

static void call_rtas(uint32_t token, unsigned int nargs, unsigned int nrets,
		      uint32_t *cells)
{
	unsigned char args[10 * 4] __attribute__((aligned(8)));
	uint64_t regs[8] = { H_RTAS, cell(args) };
	unsigned int i;

	store_be32(args, token);
	store_be32(args + 4, nargs);
	store_be32(args + 8, nrets);
	for (i = 0; i < nargs + nrets; i++)
		store_be32(args + 12 + 4 * i, i < nargs ? cells[i] : 0);
	guest_hcall(regs);
	for (i = nargs; i < nargs + nrets; i++)
		cells[i] = guest_be32(args + 12 + 4 * i);
}

bool guest_rtas(const char *name, unsigned int nargs, unsigned int nrets,
		uint32_t *cells)
{
	uint32_t token = guest_number("/rtas", name, 0);

	if (token)
		call_rtas(token, nargs, nrets, cells);
	return token != 0;
}

void guest_power_off(void)
{
	uint32_t cells[3] = { UINT32_MAX, UINT32_MAX };

	if (!not_pseries)
		call_rtas(guest_number("/rtas", "power-off", RTAS_POWER_OFF), 2,
			  1, cells);
	ci1("interpret", 1, cell("shut-down"), 0, 0, 0);
	ci1("interpret", 1, cell("power-off"), 0, 0, 0);
	for (;;)
		;
}

// Start code calls this first: stored addresses are wrong until then.
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

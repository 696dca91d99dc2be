/* SPDX-License-Identifier: BSD-2-Clause */
/* What every test client uses: entry state, calls, printing. */
#ifndef TESTS_GUEST_LIB_GUEST_H
#define TESTS_GUEST_LIB_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The registers at client entry; start*.S fills it. */
struct guest_entry {
	uint64_t gpr[30];
	uint64_t timebase;
	uint64_t lr;
	uint64_t msr;
};

extern struct guest_entry guest_entry;

/* The client. Returning 0 powers the machine off, anything else returns to
 * the firmware. */
int guest_main(void);

/* One hypercall: regs[0..7] are r3 to r10 on the way in and out. */
void guest_hcall(uint64_t regs[8]);

/* Calls the client interface with big-endian 32-bit cells.
 * cells: nargs arguments, then nrets results, in the client's byte order.
 * Returns what the client interface left in r3. */
int32_t ci(const char *service, unsigned int nargs, unsigned int nrets,
	   uint32_t *cells);

/* The same for services with up to five arguments and one result; the result
 * starts as 0xdeadbeef, so a result that was not written shows. */
uint32_t ci1(const char *service, unsigned int nargs, uint32_t a, uint32_t b,
	     uint32_t c, uint32_t d);

/* The same with an argument array as it is in memory. */
int32_t guest_ci_enter(uint32_t entry, void *args);

/* The timebase. */
void guest_timebase(uint64_t *now);

/* Code for a second processor: sets the 32-bit word at its r3 to 1. */
extern const char guest_second_cpu[];

/* A pointer as a cell. */
uint32_t cell(const void *pointer);

/* A property of up to 4 bytes as a number; fallback when it is missing. */
uint32_t guest_number(const char *path, const char *property,
		      uint32_t fallback);

/* ci() found that the firmware wrote past the last result cell. */
extern bool guest_ci_overrun;

/*
 * The value of the word NAME=value among the client's arguments: the text in
 * the file after "GUEST-ARGUMENTS:", which a program may overwrite (240 bytes
 * with the NUL), then /chosen/bootargs. Returns whether it is there; value is
 * cut to size.
 */
bool guest_argument(const char *name, char *value, size_t size);
uint32_t guest_argument_number(const char *name, uint32_t fallback);

/* The text in /chosen/bootargs; "" if it is missing. */
const char *guest_bootargs(void);

/*
 * Printing uses H_PUT_TERM_CHAR on virtual terminal 0. After
 * guest_choose_output(), it uses what out=hcall or out=write says; without
 * these, write(stdout) on a machine that is not a pseries.
 */
void guest_choose_output(void);
void guest_print(const char *text);

/*
 * Text that no terminal accepts is stored in these size bytes, which start as
 * zeros, while there is room: QEMU's monitor can read it there.
 */
void guest_keep(char *to, size_t size);

/* Writes number as 0x... to text; returns text. */
char *guest_hex(char text[19], uint64_t number);
void guest_print_hex(uint64_t value, unsigned int digits);
void guest_print_decimal(uint32_t value);

/*
 * guest_rtas - an RTAS call by its hypercall, without instantiate-rtas. cells:
 * up to 4 arguments, then up to 3 results, the status first. Returns whether
 * /rtas has it.
 */
bool guest_rtas(const char *name, unsigned int nargs, unsigned int nrets,
		uint32_t *cells);

/* Powers off: through RTAS, else by the user interface's words; if neither
 * works, it loops forever. */
void guest_power_off(void) __attribute__((noreturn));

/* A big-endian value in memory. */
uint32_t guest_be32(const void *p);

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);

#endif /* TESTS_GUEST_LIB_GUEST_H */

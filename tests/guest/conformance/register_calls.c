// SPDX-License-Identifier: BSD-2-Clause
// Calls of several depths with every register known.

#include "tests/guest/conformance/register_calls.h"

#define PATTERN(i) (UINT64_C(0x0123456789abcd03) * ((i) + 1) + (i))
// VSCR: NJ and SAT are set.
#define VSCR_PATTERN 0x00010001u

static const struct {
	const char *service;
	uint8_t nargs, nrets;
} calls[DEPTHS] = {
	[CLOCK] = { "milliseconds", 0, 1 },
	[PROPERTY] = { "getprop", 4, 1 },
	[OPEN] = { "open", 1, 1 },
	[READ] = { "read", 3, 1 },
	[CLAIM] = { "claim", 3, 1 },
	[UNKNOWN] = { "no-such-service", 1, 1 },
	[METHOD] = { "call-method", 2, 2 },
	[TEXT] = { "interpret", 1, 1 },
};

struct guest_registers registers_before;
static unsigned char array[4 * 8] __attribute__((aligned(8)));
static uint32_t disk; // an instance, 0 without one

static void fill_arguments(enum depth depth)
{
	uint32_t cells[4] = { 0 };
	unsigned int i;

	switch (depth) {
	case PROPERTY:
		cells[0] = find("/");
		cells[1] = cell("#address-cells");
		cells[2] = cell(cases_buffer);
		cells[3] = 4;
		break;
	case OPEN:
		cells[0] = cell("/");
		break;
	case READ:
		cells[0] = disk;
		cells[1] = cell(cases_buffer);
		cells[2] = SECTOR;
		break;
	case CLAIM:
		cells[1] = 4096;
		cells[2] = 4096;
		break;
	case METHOD:
		cells[0] = cell("no-such-method");
		cells[1] = guest_number("/chosen", "stdout", 0);
		break;
	default:
		cells[0] = cell("no such words");
		break;
	}
	store_cell(array, cell(calls[depth].service));
	store_cell(array + 4, calls[depth].nargs);
	store_cell(array + 8, calls[depth].nrets);
	for (i = 0; i < calls[depth].nargs; i++)
		store_cell(array + 12 + 4 * i, cells[i]);
	for (i = 0; i < calls[depth].nrets; i++)
		store_cell(array + 12 + 4 * (calls[depth].nargs + i),
			   UNTOUCHED);
}

uint32_t register_result(enum depth depth)
{
	return guest_be32(array + 12 + 4 * calls[depth].nargs);
}

// Gives back what a call has opened or claimed.
static void undo(enum depth depth)
{
	uint32_t got = register_result(depth);

	if (depth == OPEN && got && got != UNTOUCHED)
		close_instance(got);
	if (depth == CLAIM && got != MISSING && got != UNTOUCHED)
		release(got, 4096);
}

static void fill_registers(void)
{
	struct guest_registers *r = &guest_registers;
	unsigned int i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < 32; i++) {
		r->gpr[i] = PATTERN(i);
		r->fpr[i] = PATTERN(32 + i);
		r->vmx[i][0] = PATTERN(64 + i);
		r->vmx[i][1] = PATTERN(96 + i);
		r->vsx[i][0] = PATTERN(128 + i);
		r->vsx[i][1] = PATTERN(160 + i);
	}
	for (i = 0; i < 4; i++)
		r->vscr_before[i] = VSCR_PATTERN;
	for (i = 0; i < 3; i++)
		r->sprg[i] = PATTERN(200 + i);
	r->gpr[1] = 0;
	r->gpr[3] = cell(array);
	r->cr = CR_PATTERN;
	r->fpscr_before = FPSCR_PATTERN;
	r->vrsave = 0x5aa51234;
	r->entry = (uint32_t)guest_entry.gpr[5];
}

void register_call(enum depth depth, void (*change)(void))
{
	fill_arguments(depth);
	fill_registers();
	if (change)
		change();
	registers_before = guest_registers;
	guest_call_registers();
	undo(depth);
}

void each_call(void (*change)(void),
	       void (*look)(enum depth depth, const char *service))
{
	const char *path = NULL;
	enum depth depth;

	text_property("/aliases", "disk", (char *)cases_buffer, PATH_SIZE);
	if (cases_buffer[0])
		path = (char *)cases_buffer;
	disk = path ? open_path(path) : 0;
	for (depth = 0; depth < DEPTHS; depth++) {
		if (depth == READ && !disk)
			continue;
		register_call(depth, change);
		look(depth, calls[depth].service);
	}
	if (disk)
		close_instance(disk);
}

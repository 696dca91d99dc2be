// SPDX-License-Identifier: BSD-2-Clause
// Code shared by the stand-in clients: methods, the boot device, RTAS, CAS.

#include "tests/guest/clients/clients.h"

#define MOST_CELLS 8
#define PAGE 4096u

struct rtas rtas;

// enter.S
void guest_rtas_enter(uint32_t entry, void *args, uint32_t base);

uint32_t call_method(const char *method, uint32_t ihandle, unsigned int nargs,
		     const uint32_t *args, unsigned int nrets, uint32_t *rets)
{
	uint32_t cells[2 + MOST_CELLS + 1 + MOST_CELLS];
	unsigned int i;

	cells[0] = cell(method);
	cells[1] = ihandle;
	for (i = 0; i < nargs; i++)
		cells[2 + i] = args[i];
	for (i = 0; i <= nrets; i++)
		cells[2 + nargs + i] = UNTOUCHED;
	if (ci("call-method", 2 + nargs, 1 + nrets, cells))
		return UNTOUCHED;
	for (i = 0; i < nrets; i++)
		rets[i] = cells[3 + nargs + i];
	return cells[2 + nargs];
}

uint32_t node_number(uint32_t node, const char *property)
{
	unsigned char value[4];

	if (get_property(node, property, value, 4) != 4)
		return MISSING;
	return guest_be32(value);
}

const char *boot_device(void)
{
	static char path[DEVICE_SIZE];
	unsigned int i;

	text_property("/chosen", "bootpath", path, sizeof(path));
	for (i = 0; path[i] && path[i] != ':'; i++)
		;
	path[i] = 0;
	return path;
}

const char *with_argument(const char *device, const char *argument)
{
	static char path[2 * DEVICE_SIZE];
	size_t n = strlen(device);

	memcpy(path, device, n);
	path[n] = ':';
	memcpy(path + n + 1, argument, strlen(argument) + 1);
	return path;
}

bool booted_from_file(void)
{
	char path[PATH_SIZE];

	text_property("/chosen", "bootpath", path, sizeof(path));
	return has_text(path, "\\");
}

bool read_at(const char *device, const char *argument, uint64_t position,
	     void *to, uint32_t n)
{
	uint32_t instance = open_path(with_argument(device, argument)), got;

	if (!instance || instance == MISSING)
		return false;
	got = seek_to(instance, position) == MISSING
		      ? 0
		      : read_bytes(instance, to, n);
	close_instance(instance);
	return got == n;
}

uint64_t memory_size(void)
{
	unsigned char reg[16];

	if (get_property(find("/memory@0"), "reg", reg, 16) != 16)
		return 0;
	return (uint64_t)guest_be32(reg + 8) << 32 | guest_be32(reg + 12);
}

bool rtas_instantiate(void)
{
	uint32_t instance, caught;

	rtas.size = guest_number("/rtas", "rtas-size", 0);
	rtas.base = claim(0, rtas.size, PAGE);
	if (!rtas.size || rtas.base == MISSING)
		return false;
	instance = open_path("/rtas");
	caught = call_method("instantiate-rtas", instance, 1, &rtas.base, 1,
			     &rtas.entry);
	close_instance(instance);
	return !caught && rtas.entry && rtas.entry != MISSING;
}

uint32_t rtas_token(const char *name)
{
	return guest_number("/rtas", name, MISSING);
}

static void store(unsigned char *p, uint32_t value)
{
	p[0] = (unsigned char)(value >> 24);
	p[1] = (unsigned char)(value >> 16);
	p[2] = (unsigned char)(value >> 8);
	p[3] = (unsigned char)value;
}

void rtas_call(uint32_t token, unsigned int nargs, unsigned int nrets,
	       uint32_t *cells)
{
	static unsigned char args[4 * (3 + MOST_CELLS)]
		__attribute__((aligned(8)));
	unsigned int i;

	store(args, token);
	store(args + 4, nargs);
	store(args + 8, nrets);
	for (i = 0; i < nargs + nrets; i++)
		store(args + 12 + 4 * i, cells[i]);
	guest_rtas_enter(rtas.entry, args, rtas.base);
	for (i = nargs; i < nargs + nrets; i++)
		cells[i] = guest_be32(args + 12 + 4 * i);
}

// Pairs of mask and value for processors, up to a value outside its mask; then
// the number of option vectors minus one, and each after its length minus one.
// (LoPAR B.6.2.3; QEMU hw/ppc/spapr_hcall.c requires vectors 1 and 5.)
static const unsigned char vectors[] = {
	0xff, 0xff, 0,	  0,	0,    0x4d, 0,	  0,	// POWER8
	0xff, 0xff, 0,	  0,	0,    0x4e, 0,	  0,	// POWER9
	0xff, 0xff, 0xff, 0xff, 0x0f, 0,    0,	  0x04, // architecture 2.07
	0xff, 0xff, 0xff, 0xff, 0x0f, 0,    0,	  0x05, // architecture 3.00
	0,    0,    0,	  0,	0xff, 0xff, 0xff, 0xff, // the end
	4,						// five vectors
	3,    0,    0xff, 0xff, 0,			// 1: architectures
	0,    0,					// 2
	0,    0,					// 3
	0,    0,					// 4
	3,    0,    0,	  0,	0,			// 5: platform
};

uint32_t architecture_support(void)
{
	uint32_t root = open_path("/"), at = cell(vectors), result, caught;

	if (!root || root == MISSING)
		return MISSING;
	caught = call_method("ibm,client-architecture-support", root, 1, &at, 1,
			     &result);
	close_instance(root);
	return caught ? caught : result;
}

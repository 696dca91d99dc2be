// SPDX-License-Identifier: BSD-2-Clause
// The nodes that describe the machine: processors, memory, RTAS, virtual
// devices (IEEE 1275-1994 3.7; PowerPC binding; LoPAR).

#include "tests/guest/conformance/walk.h"

#define CPU "PowerPC binding 5.1"

static char text[4096];

// Reads a property as text; true if its only NUL is at its end.
static bool read_text(uint32_t node, const char *name)
{
	uint32_t n;

	memset(text, 0, sizeof(text));
	n = get_property(node, name, text, sizeof(text) - 1);
	return n && n < sizeof(text) && strlen(text) == n - 1;
}

static uint32_t number_of(uint32_t node, const char *name)
{
	unsigned char value[4] = { 0 };

	expect_is(get_property(node, name, value, 4), 4, name);
	return guest_be32(value);
}

static bool is_type(uint32_t node, const char *type)
{
	return read_text(node, "device_type") && same_text(text, type);
}

static void cpus_have_cells(void)
{
	uint32_t cpus = find("/cpus");

	expect_is(number_of(cpus, "#address-cells"), 1, "#address-cells");
	expect_is(number_of(cpus, "#size-cells"), 0, "#size-cells");
}

static void each_cpu(void (*each)(uint32_t node))
{
	uint32_t node = child_of(find("/cpus")), n = 0;

	for (; node && node != MISSING && n < WALK_LIMIT; node = peer_of(node))
		if (is_type(node, "cpu")) {
			n++;
			each(node);
		}
	expect(n > 0, "/cpus has no processor");
}

static void check_cpu(uint32_t node)
{
	static const char *const names[] = { "reg",
					     "cpu-version",
					     "clock-frequency",
					     "d-cache-size",
					     "i-cache-size",
					     "timebase-frequency",
					     NULL };
	unsigned int i;

	for (i = 0; names[i]; i++)
		expect_of(node, property_length(node, names[i]) == 4, names[i]);
}

static void cpus_are_described(void)
{
	each_cpu(check_cpu);
}

static void check_numbers(uint32_t node)
{
	uint32_t ticks = number_of(node, "timebase-frequency");

	expect(ticks >= 1000000, "timebase-frequency is less than 1 MHz");
	expect_not(number_of(node, "clock-frequency"), 0, "clock-frequency");
	expect_not(number_of(node, "cpu-version"), 0, "cpu-version");
}

static void cpus_have_numbers(void)
{
	each_cpu(check_numbers);
}

static void check_threads(uint32_t node)
{
	uint32_t n = property_length(node, "ibm,ppc-interrupt-server#s");

	expect(n >= 4 && n <= 256 && n % 4 == 0,
	       "ibm,ppc-interrupt-server#s are not 1 to 64 cells");
}

static void cpus_have_threads(void)
{
	if (needs_pseries())
		each_cpu(check_threads);
}

static void memory_from_zero(void)
{
	uint32_t node = find("/memory"), size;
	unsigned char reg[24];

	expect_text((read_text(node, "device_type"), text), "memory",
		    "device_type");
	size = get_property(node, "reg", reg, sizeof(reg));
	expect(size >= 8 && size <= 4096 && size % 4 == 0,
	       "reg has no addresses and sizes");
	expect_is(guest_be32(reg), 0, "the first address's first cell");
}

static void memory_is_one_range(void)
{
	unsigned char reg[32];

	if (!needs_pseries())
		return;
	expect_is(get_property(find("/memory"), "reg", reg, sizeof(reg)), 16,
		  "the length of /memory's reg");
	expect_is(guest_be32(reg) | guest_be32(reg + 4), 0, "the address");
	expect(guest_be32(reg + 8) | guest_be32(reg + 12), "the size is 0");
}

static void available_is_short(void)
{
	uint32_t n = property_length(find("/memory"), "available");

	expect(n != MISSING && n > 0 && n <= 32 * 16,
	       "available has none or more than 32 ranges");
	expect_is(n % 8, 0, "the remainder of available's length");
}

static void rtas(void)
{
	static const char *const names[] = { "ibm,hypertas-functions",
					     "query-cpu-stopped-state",
					     "power-off", "display-character",
					     "rtas-event-scan-rate" };
	uint32_t node, i;

	if (!needs_pseries())
		return;
	node = find("/rtas");
	expect_not(number_of(node, "rtas-size"), 0, "rtas-size");
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		expect_not(property_length(node, names[i]), MISSING, names[i]);
}

static void virtual_devices(void)
{
	uint32_t bus = find("/vdevice"), node;

	if (!needs_pseries())
		return;
	expect_is(number_of(bus, "#address-cells"), 1, "#address-cells");
	expect_is(number_of(bus, "#size-cells"), 0, "#size-cells");
	for (node = child_of(bus); node; node = peer_of(node)) {
		expect_of(node, property_length(node, "reg") == 4,
			  "reg of a virtual device");
		expect_of(node, read_text(node, "device_type"),
			  "device_type of a virtual device");
	}
}

static const struct test_case cases[] = {
	CALLS("/cpus is there", CPU, REQUIRED, "finddevice", IN(TEXT("/cpus")),
	      OUT(HANDLE)),
	RUNS("/cpus counts one cell for an address and none for a size", CPU,
	     REQUIRED, cpus_have_cells),
	RUNS("each processor has reg, version, frequencies and cache sizes",
	     CPU, REQUIRED, cpus_are_described),
	RUNS("each processor's version and frequencies are not 0", CPU,
	     REQUIRED, cpus_have_numbers),
	RUNS("Linux: each processor names 1 to 64 interrupt servers",
	     "Linux prom_init.c", EXPECTED, cpus_have_threads),
	RUNS("Linux: /memory is memory from address 0", "Linux prom_init.c",
	     EXPECTED, memory_from_zero),
	RUNS("GRUB: reg of /memory is one range of 16 bytes",
	     "GRUB kern/ieee1275/init.c", EXPECTED, memory_is_one_range),
	RUNS("GRUB: available of /memory has 1 to 32 ranges",
	     "GRUB kern/ieee1275/mmap.c", EXPECTED, available_is_short),
	RUNS("Linux: /rtas has its size and the functions clients look for",
	     "Linux prom_init.c", EXPECTED, rtas),
	RUNS("each virtual device has reg and device_type",
	     "LoPAR, virtual I/O", EXPECTED, virtual_devices),
};

GROUP("26", "machine nodes", NULL);

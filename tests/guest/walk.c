// SPDX-License-Identifier: BSD-2-Clause
// The walk client of the benchmark: goes through the whole device tree as
// Linux's prom_init.c does in flatten_device_tree() (scan_dt_build_strings(),
// scan_dt_build_struct()), once, and prints the timebase ticks it took.

#include "tests/guest/lib/guest.h"

#define NAME_SIZE 32
#define PATH_SIZE 256
#define VALUE_SIZE 65536

static struct {
	uint32_t nodes, properties, bytes;
} seen;

static unsigned char value[VALUE_SIZE];

static uint32_t get_value(uint32_t node, const char *name)
{
	uint32_t len = ci1("getproplen", 2, node, cell(name), 0, 0);

	if (len == UINT32_MAX || len > VALUE_SIZE)
		return 0;
	len = ci1("getprop", 4, node, cell(name), cell(value), VALUE_SIZE);
	return len == UINT32_MAX ? 0 : len;
}

static void visit(uint32_t node)
{
	static char path[PATH_SIZE];
	char names[2][NAME_SIZE] = { "", "" };
	unsigned int i;

	seen.nodes++;
	ci1("package-to-path", 3, node, cell(path), sizeof(path), 0);
	for (i = 0;; i ^= 1) {
		if (ci1("nextprop", 3, node, cell(names[i]), cell(names[i ^ 1]),
			0) != 1)
			return;
		seen.properties++;
		seen.bytes += get_value(node, names[i ^ 1]);
	}
}

// The node behind this one in depth-first order, 0 at the end.
static uint32_t next_node(uint32_t node)
{
	uint32_t next = ci1("child", 1, node, 0, 0, 0);

	while (next == 0 && node) {
		next = ci1("peer", 1, node, 0, 0, 0);
		if (next == 0)
			node = ci1("parent", 1, node, 0, 0, 0);
	}
	return next;
}

static void print_count(uint32_t count, const char *what)
{
	guest_print_decimal(count);
	guest_print(what);
}

int guest_main(void)
{
	uint64_t start, end;
	uint32_t node;

	guest_timebase(&start);
	for (node = ci1("peer", 1, 0, 0, 0, 0); node; node = next_node(node))
		visit(node);
	guest_timebase(&end);
	guest_print("\r\nWALK ticks ");
	guest_print_hex(end - start, 16);
	guest_print(" ");
	print_count(seen.nodes, " nodes ");
	print_count(seen.properties, " properties ");
	print_count(seen.bytes, " bytes\r\n");
	return 0;
}

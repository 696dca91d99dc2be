// SPDX-License-Identifier: BSD-2-Clause
// Walks the whole device tree as Linux's prom_init does to flatten it and
// prints the ticks that took.

#include "tests/guest/lib/guest.h"

static unsigned char value[65536];
static uint32_t nodes, properties;

static void visit(uint32_t node)
{
	char previous[64] = "", next[64];

	nodes++;
	ci1("package-to-path", 3, node, cell(value), 1024, 0);
	while (ci1("nextprop", 3, node, cell(previous), cell(next), 0) == 1) {
		properties++;
		ci1("getproplen", 2, node, cell(next), 0, 0);
		ci1("getprop", 4, node, cell(next), cell(value), sizeof(value));
		memcpy(previous, next, sizeof(previous));
	}
}

// The node after this one in depth-first order; 0 at the end.
static uint32_t following(uint32_t node)
{
	uint32_t next = ci1("child", 1, node, 0, 0, 0);

	while (node && !next) {
		next = ci1("peer", 1, node, 0, 0, 0);
		node = ci1("parent", 1, node, 0, 0, 0);
	}
	return next;
}

int guest_main(void)
{
	uint64_t start, end;
	uint32_t node;

	guest_timebase(&start);
	for (node = ci1("peer", 1, 0, 0, 0, 0); node; node = following(node))
		visit(node);
	guest_timebase(&end);
	guest_print("\r\nWALK nodes ");
	guest_print_decimal(nodes);
	guest_print(" properties ");
	guest_print_decimal(properties);
	guest_print(" ticks ");
	guest_print_hex(end - start, 16);
	guest_print("\r\n");
	return 0;
}

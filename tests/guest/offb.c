// SPDX-License-Identifier: BSD-2-Clause
// Draws on the screen as Linux's offb does: everything that it knows is in the
// device tree, and the firmware has shut down. Then waits for QEMU's end.
// [Linux drivers/video/fbdev/offb.c, offb_init_nodriver(): the biggest memory
// region of assigned-addresses, from its start; linebytes; depth; pixels in the
// byte order of the kernel]

#include "tests/guest/lib/guest.h"

#define H_LOGICAL_CI_STORE 0x40 /* [QEMU include/hw/ppc/spapr.h] */

#define BAR_CELLS 5u
#define SPACE(hi) ((hi) >> 24 & 3) /* 2, 3: memory, of 32 and 64 bits */

static unsigned char value[1024];

static uint32_t read_property(uint32_t node, const char *name)
{
	return ci1("getprop", 4, node, cell(name), cell(value), sizeof(value));
}

static uint64_t cells_at(unsigned int index)
{
	return (uint64_t)guest_be32(value + 4 * index) << 32 |
	       guest_be32(value + 4 * index + 4);
}

/* The biggest memory region, as an address on its bus; its space in *space. */
static uint64_t biggest_bar(uint32_t node, uint32_t *space)
{
	uint32_t len = read_property(node, "assigned-addresses");
	uint64_t biggest = 0, found = 0;

	for (unsigned int i = 0; (i + BAR_CELLS) * 4 <= len; i += BAR_CELLS) {
		if (SPACE(guest_be32(value + 4 * i)) < 2 ||
		    cells_at(i + 3) <= biggest)
			continue;
		biggest = cells_at(i + 3);
		found = cells_at(i + 1);
		*space = SPACE(guest_be32(value + 4 * i));
	}
	return found;
}

/* The same as the processor sees it; the host bridge has the ranges. */
static uint64_t translate(uint32_t bridge, uint64_t address)
{
	uint32_t len = read_property(bridge, "ranges");

	for (unsigned int i = 0; (i + 7) * 4 <= len; i += 7) {
		if (SPACE(guest_be32(value + 4 * i)) >= 2 &&
		    address - cells_at(i + 1) < cells_at(i + 5))
			return address - cells_at(i + 1) + cells_at(i + 3);
	}
	return 0;
}

static uint32_t number(uint32_t node, const char *name)
{
	return read_property(node, name) == 4 ? guest_be32(value) : 0;
}

static uint32_t pixel(uint32_t x, uint32_t y, uint32_t depth)
{
	uint32_t red = x & 0xff, green = y & 0xff, blue = (x ^ y) & 0xff;

	if (depth == 15)
		return red >> 3 << 10 | green >> 3 << 5 | blue >> 3;
	if (depth == 16)
		return red >> 3 << 11 | green >> 2 << 5 | blue >> 3;
	return red << 16 | green << 8 | blue;
}

static void draw(uint64_t line, uint32_t y, uint32_t width, uint32_t depth)
{
	uint32_t bits = depth == 32 ? 32 : 16, each = 64 / bits;

	for (uint32_t x = 0; x < width; x += each) {
		uint64_t regs[8] = { H_LOGICAL_CI_STORE, 8,
				     line + x * bits / 8 };

		for (uint32_t i = 0; i < each; i++)
			regs[3] = regs[3] << bits | pixel(x + i, y, depth);
		guest_hcall(regs);
	}
}

static void print_number(const char *before, uint32_t n)
{
	guest_print(before);
	guest_print_decimal(n);
}

/* Text that moves the picture through the memory. */
static void scroll(void)
{
	uint32_t out = guest_number("/chosen", "stdout", 0);
	static const char text[] = "some text before the client draws\r\n";

	for (int i = 0; i < 100; i++)
		ci1("write", 3, out, cell(text), sizeof(text) - 1, 0);
}

int guest_main(void)
{
	uint32_t node = ci1("finddevice", 1, cell("screen"), 0, 0, 0);
	uint32_t bridge = ci1("parent", 1, node, 0, 0, 0), space = 0;
	uint32_t width = number(node, "width"), height = number(node, "height");
	uint32_t depth = number(node, "depth");
	uint32_t pitch = number(node, "linebytes");
	uint64_t start = translate(bridge, biggest_bar(node, &space));

	scroll();
	ci("quiesce", 0, 0, NULL);
	print_number("\r\nOFFB ", width);
	print_number("x", height);
	print_number("x", depth);
	print_number(" pitch ", pitch);
	guest_print("\r\n");
	for (uint32_t y = 0; start && y < height; y++)
		draw(start + (uint64_t)y * pitch, y, width, depth);
	guest_print("OFFB drawn\r\n");
	for (;;)
		;
}

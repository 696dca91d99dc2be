/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fake VGA function, as QEMU's VGA or bochs-display: registers, memory, the
 * hypercall that copies to it. It checks what the driver writes, and can lie.
 */
#ifndef TESTS_FAKE_VGA_H
#define TESTS_FAKE_VGA_H

#include "drivers/pci/pci.h"
#include "tests/fake/hcall.h"

/* Ways to misbehave. */
enum fake_vga_lie {
	VGA_HONEST,
	VGA_GONE,	   /* all registers read as ones */
	VGA_OTHER_ID,	   /* not of Bochs */
	VGA_NO_MEMORY,	   /* none, it says */
	VGA_MORE_MEMORY,   /* more than its BAR has, it says */
	VGA_GROWING,	   /* the memory, each time it is asked */
	VGA_NO_MODE,	   /* the mode registers read 0 */
	VGA_OTHER_DEPTH,   /* 8 bits whatever is asked for */
	VGA_LONG_LINES,	   /* more pixels in a line than it shows */
	VGA_HUGE,	   /* 65535 by 65535 */
	VGA_LITTLE_ENDIAN, /* and it stays so */
};

#define FAKE_VGA_MEMORY 0x200081000000ULL
#define FAKE_VGA_REGISTERS 0x200080000000ULL

struct fake_vga {
	/* Its properties; set before the driver attaches. */
	bool bochs_display; /* no ports of VGA, 32 bits, clears nothing */
	bool old;	    /* no byte order */
	unsigned rounding; /* of the width, to a multiple: 8, 2 since QEMU 10 */
	enum fake_vga_lie lie;

	/* Its state. */
	uint8_t *memory; /* fake_vga_fn.bar[0].size bytes */
	uint16_t reg[11];
	uint32_t byte_order;
	bool decoding, master;
	uint8_t palette[256][3];
	bool blank;

	/* What the driver did. */
	unsigned copies; /* hypercalls */
	uint64_t elements;
	unsigned accesses; /* of registers */
	unsigned modes;	   /* set */
	unsigned asked;	   /* for the memory, if it grows */
};
extern struct fake_vga fake_vga;
extern struct pci_function fake_vga_fn;

/*
 * fake_vga_reset - an honest VGA with `size` bytes of memory, all 0x55, after
 * a little-endian kernel. Needs fake_hcall_reset() before.
 */
void fake_vga_reset(uint64_t size);

/* fake_vga_black - bytes at the memory's start that are 0. */
uint32_t fake_vga_black(void);

/* fake_vga_pixel - the bytes of a visible pixel, as a number. */
uint32_t fake_vga_pixel(unsigned x, unsigned y);

/* fake_vga_free - its memory. */
void fake_vga_free(void);

#endif

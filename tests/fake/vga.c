// SPDX-License-Identifier: BSD-2-Clause
// A fake VGA function: see tests/fake/vga.h.
#include "tests/fake/vga.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fake_vga fake_vga;
struct pci_function fake_vga_fn;

/* Its bus is one PHB's, so that addresses translate without a window. */
static struct pci_phb fake_vga_phb;

/* The registers of Bochs, by number. [QEMU docs/specs/standard-vga.rst] */
enum {
	ID,
	XRES,
	YRES,
	BPP,
	ENABLE,
	BANK,
	VIRT_WIDTH,
	VIRT_HEIGHT,
	X_OFFSET,
	Y_OFFSET,
	MEMORY_64K,
};

/* VGA's ports. */
static uint8_t misc, dac_index, dac_part;
static bool attribute_data; /* the next write is not of an index */

static unsigned pixel_bytes(void)
{
	return (fake_vga.reg[BPP] + 7u) / 8;
}

static uint64_t line_bytes(void)
{
	return (uint64_t)fake_vga.reg[VIRT_WIDTH] * pixel_bytes();
}

static uint64_t memory_size(void)
{
	return fake_vga_fn.bar[0].size;
}

/* vbe_fixup_regs() [QEMU hw/display/vga.c] */
static void mode_fix(void)
{
	uint16_t *r = fake_vga.reg;
	uint64_t lines;

	if (fake_vga.lie == VGA_OTHER_DEPTH)
		r[BPP] = 8;
	r[XRES] = (uint16_t)(r[XRES] / fake_vga.rounding * fake_vga.rounding);
	r[XRES] = MAX(r[XRES], 8u);
	r[VIRT_WIDTH] = MAX(r[VIRT_WIDTH], r[XRES]);
	if (fake_vga.lie == VGA_LONG_LINES)
		r[VIRT_WIDTH] = (uint16_t)(r[XRES] + 64);
	lines = memory_size() / line_bytes();
	r[YRES] = (uint16_t)MIN((uint64_t)r[YRES], lines);
	r[VIRT_HEIGHT] = (uint16_t)MIN(lines, (uint64_t)UINT16_MAX);
	if (r[Y_OFFSET] + r[YRES] > lines)
		r[Y_OFFSET] = 0;
}

static void mode_on(void)
{
	uint16_t *r = fake_vga.reg;

	fake_vga.modes++;
	if (fake_vga.bochs_display)
		return;
	r[VIRT_WIDTH] = r[X_OFFSET] = r[Y_OFFSET] = 0;
	mode_fix();
	/* VBE_DISPI_NOCLEARMEM */
	if (!(r[ENABLE] & 0x80))
		memset(fake_vga.memory, 0, r[YRES] * line_bytes());
}

static void bochs_write(unsigned index, uint16_t value)
{
	bool was_on = fake_vga.reg[ENABLE] & 1;

	assert_true(index > ID && index < VIRT_HEIGHT + 3);
	assert_int_not_equal(index, VIRT_HEIGHT);
	fake_vga.reg[index] = value;
	if (index == ENABLE && (value & 1) && !was_on)
		mode_on();
	else if ((fake_vga.reg[ENABLE] & 1) && !fake_vga.bochs_display)
		mode_fix();
}

static uint32_t bochs_read(unsigned index)
{
	switch (index) {
	case ID:
		return fake_vga.lie == VGA_OTHER_ID ? 0x1013 : 0xb0c5;
	case MEMORY_64K:
		if (fake_vga.lie == VGA_MORE_MEMORY)
			return 0xfffe;
		if (fake_vga.lie == VGA_GROWING)
			return 0x40u << fake_vga.asked++;
		return fake_vga.lie == VGA_NO_MEMORY
			       ? 0
			       : (uint32_t)(memory_size() >> 16);
	case XRES:
	case YRES:
		if (fake_vga.lie == VGA_NO_MODE)
			return 0;
		return fake_vga.lie == VGA_HUGE ? UINT16_MAX
						: fake_vga.reg[index];
	default:
		return fake_vga.reg[index];
	}
}

static void port_write(unsigned port, uint8_t value)
{
	if (fake_vga.bochs_display)
		return;
	switch (port) {
	case 0x3c0:
		if (!attribute_data)
			fake_vga.blank = !(value & 0x20);
		attribute_data = !attribute_data;
		break;
	case 0x3c2:
		misc = value;
		break;
	case 0x3c8:
		dac_index = value;
		dac_part = 0;
		break;
	case 0x3c9:
		fake_vga.palette[dac_index][dac_part++] = value;
		dac_index = (uint8_t)(dac_index + dac_part / 3);
		dac_part %= 3;
		break;
	default:
		fail_msg("write of port 0x%x", port);
	}
}

static uint32_t port_read(unsigned port)
{
	if (fake_vga.bochs_display)
		return 0xff;
	switch (port) {
	case 0x3cc:
		return misc;
	case 0x3da:
		/* Only of a colour display. */
		if (misc & 1)
			attribute_data = false;
		return 0;
	default:
		fail_msg("read of port 0x%x", port);
		return 0;
	}
}

static uint32_t own_read(unsigned reg)
{
	if (fake_vga.old)
		return UINT32_MAX;
	return reg == 0x600 ? 8 : fake_vga.byte_order;
}

uint32_t pci_io_read(uint64_t addr, unsigned size)
{
	uint64_t reg = addr - FAKE_VGA_REGISTERS;

	assert_true(fake_vga.decoding);
	fake_vga.accesses++;
	if (fake_vga.lie == VGA_GONE)
		return UINT32_MAX >> (32 - 8 * size);
	if (size == 1 && reg - 0x400 < 0x20)
		return port_read((unsigned)(reg - 0x400) + 0x3c0);
	if (size == 2 && reg % 2 == 0 && reg - 0x500 < 0x16)
		return bochs_read((unsigned)(reg - 0x500) / 2);
	assert_true(size == 4 && (reg == 0x600 || reg == 0x604));
	return own_read((unsigned)reg);
}

void pci_io_write(uint64_t addr, unsigned size, uint32_t value)
{
	uint64_t reg = addr - FAKE_VGA_REGISTERS;

	assert_true(fake_vga.decoding);
	assert_true(value <= UINT32_MAX >> (32 - 8 * size));
	fake_vga.accesses++;
	if (fake_vga.lie == VGA_GONE)
		return;
	if (size == 1 && reg - 0x400 < 0x20) {
		port_write((unsigned)(reg - 0x400) + 0x3c0, (uint8_t)value);
	} else if (size == 2 && reg % 2 == 0 && reg - 0x500 < 0x16) {
		bochs_write((unsigned)(reg - 0x500) / 2, (uint16_t)value);
	} else {
		assert_true(size == 4 && reg == 0x604);
		assert_int_equal(value, 0xbebebebe);
		if (!fake_vga.old && fake_vga.lie != VGA_LITTLE_ENDIAN)
			fake_vga.byte_order = value;
	}
}

void pci_enable_decoding(const struct pci_function *fn)
{
	assert_ptr_equal(fn, &fake_vga_fn);
	fake_vga.decoding = true;
	fake_vga.master = false;
}

/* h_logical_memop() [QEMU hw/ppc/spapr_hcall.c], of memory to the device. */
static int64_t memop(struct hcall *h)
{
	uint64_t at = h->reg[0] - FAKE_VGA_MEMORY;
	uint64_t len = h->reg[3] << h->reg[2];

	assert_true(fake_vga.decoding);
	assert_true(h->reg[2] <= 3 && h->reg[4] == 0);
	assert_int_equal((h->reg[0] | h->reg[1]) & ((1u << h->reg[2]) - 1), 0);
	assert_true(at <= memory_size() && len <= memory_size() - at);
	fake_vga.copies++;
	fake_vga.elements += h->reg[3];
	if (fake_vga.lie == VGA_GONE)
		return H_PARAMETER;
	memcpy(fake_vga.memory + at, (const void *)(uintptr_t)h->reg[1], len);
	return H_SUCCESS;
}

static struct pci_bar bar_make(uint8_t reg, uint64_t size, uint64_t addr)
{
	return (struct pci_bar){
		.reg = reg,
		.space = PCI_MEM32,
		.size = size,
		.addr = addr,
	};
}

void fake_vga_reset(uint64_t size)
{
	fake_vga_free();
	fake_vga = (struct fake_vga){
		.rounding = 8,
		.memory = malloc(size),
		.byte_order = 0x1e1e1e1e,
		.blank = true,
	};
	assert_non_null(fake_vga.memory);
	memset(fake_vga.memory, 0x55, size);
	misc = dac_index = dac_part = 0;
	attribute_data = false;
	fake_vga_phb.window[PCI_MEM32] =
		(struct pci_window){ 0x80000000, FAKE_VGA_REGISTERS,
				     0x80000000 };
	fake_vga_fn = (struct pci_function){
		.phb = &fake_vga_phb,
		.vendor = 0x1234,
		.device = 0x1111,
		.class_code = 0x030000,
	};
	fake_vga_fn.bar[0] = bar_make(0x10, size, 0x81000000);
	fake_vga_fn.bar[2] = bar_make(0x18, 0x1000, 0x80000000);
	fake_hcall_set(KVMPPC_H_LOGICAL_MEMOP, memop);
}

void fake_vga_free(void)
{
	free(fake_vga.memory);
	fake_vga.memory = NULL;
}

uint32_t fake_vga_black(void)
{
	uint32_t n = 0;

	while (n < memory_size() && !fake_vga.memory[n])
		n++;
	return n;
}

uint32_t fake_vga_pixel(unsigned x, unsigned y)
{
	const uint16_t *r = fake_vga.reg;
	const uint8_t *at = fake_vga.memory + (r[Y_OFFSET] + y) * line_bytes() +
			    (r[X_OFFSET] + x) * pixel_bytes();
	uint32_t value = 0;

	assert_true(x < r[XRES] && y < r[YRES]);
	for (unsigned i = 0; i < pixel_bytes(); i++)
		value = value << 8 | at[i];
	return value;
}

// SPDX-License-Identifier: BSD-2-Clause
// VGA: registers that lie at any time, modes, text; with the terminal on top.
#include <stdlib.h>

#include "drivers/display/display.h"
#include "drivers/pci/pci.h"
#include "lib/reason.h"
#include "tests/fake/hcall.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fuzz/input.h"
#include "tree/prop.h"

TABLE_LINK(drivers, driver_vga);

#define MEMORY 0x200081000000ULL
#define REGISTERS 0x200080000000ULL
#define MEMORY_SIZE (2u << 20)
#define REGISTERS_SIZE 0x1000u

static struct fuzz_input in;
static struct pci_phb phb = {
	.window[PCI_MEM32] = { 0x80000000, REGISTERS, 0x80000000 },
};
static struct pci_function fn;
static uint32_t registers[REGISTERS_SIZE / 2];
static bool decoding;

/* Mostly what was written, as an honest device. */
uint32_t pci_io_read(uint64_t addr, unsigned size)
{
	uint64_t reg = addr - REGISTERS;
	uint32_t all = UINT32_MAX >> (32 - 8 * size);

	assert(decoding && reg % size == 0 && reg + size <= REGISTERS_SIZE);
	if (fuzz_u8(&in) >= 0xf0)
		return fuzz_u32(&in) & all;
	return registers[reg / 2] & all;
}

void pci_io_write(uint64_t addr, unsigned size, uint32_t value)
{
	uint64_t reg = addr - REGISTERS;

	assert(decoding && reg % size == 0 && reg + size <= REGISTERS_SIZE);
	registers[reg / 2] = value;
	/* The miscellaneous register is read elsewhere. */
	if (reg == 0x402)
		registers[0x40c / 2] = value;
}

void pci_enable_decoding(const struct pci_function *of)
{
	assert(of == &fn);
	decoding = true;
}

/* Only what is in its memory is written, from what is in ours. */
static int64_t memop(struct hcall *h)
{
	static uint8_t memory[MEMORY_SIZE];
	uint64_t at = h->reg[0] - MEMORY, len = h->reg[3] << h->reg[2];

	assert(decoding && h->reg[2] <= 3 && at <= MEMORY_SIZE);
	assert(len <= MEMORY_SIZE - at);
	memcpy(memory + at, (const void *)(uintptr_t)h->reg[1], len);
	return fuzz_u8(&in) >= 0xf0 ? H_PARAMETER : H_SUCCESS;
}

static void set_chosen(void)
{
	struct node *chosen = tree_add_node(tree_root(), "chosen", TREE_QEMU);

	assert(chosen && tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	assert(!tree_set_u32(chosen, "qemu,graphic-width", fuzz_u16(&in)));
	assert(!tree_set_u32(chosen, "qemu,graphic-height", fuzz_u16(&in)));
	assert(!tree_set_u32(chosen, "qemu,graphic-depth", fuzz_u8(&in)));
}

static struct device *plug(void)
{
	fake_log_start();
	fake_clock_step(1);
	fake_hcall_reset();
	fake_hcall_set(KVMPPC_H_LOGICAL_MEMOP, memop);
	assert(!tree_init());
	device_init();
	set_chosen();
	decoding = false;
	memset(registers, 0, sizeof(registers));
	registers[0x500 / 2] = 0xb0c5;
	registers[0x514 / 2] = MEMORY_SIZE >> 16;
	registers[0x600 / 2] = 8;
	fn = (struct pci_function){
		.phb = &phb,
		.vendor = 0x1234,
		.device = 0x1111,
		.bar[0] = { .space = PCI_MEM32,
			    .size = MEMORY_SIZE,
			    .addr = 0x81000000 },
		.bar[2] = { .space = PCI_MEM32,
			    .size = REGISTERS_SIZE,
			    .addr = 0x80000000 },
	};
	return device_add(NULL, &pci_bus,
			  tree_add_node(tree_root(), "vga@0", TREE_QEMU), &fn);
}

static void write_some(struct console_output *out, size_t len)
{
	char text[256];
	size_t n = fuzz_take(&in, text, len);

	assert(out->write(out, text, n) == (long)n);
}

static void act(struct device *dev, struct console_output *out)
{
	uint8_t what = fuzz_u8(&in);

	switch (what >> 5) {
	case 5:
		fake_clock_advance((uint64_t)what << 20);
		break;
	case 6:
		out->show(out, what & 1);
		break;
	case 7:
		/* As after an exception. */
		device_stop(dev);
		break;
	default:
		write_some(out, what);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct console_output *out;
	struct device *dev;

	in = (struct fuzz_input){ data, size };
	dev = plug();
	assert(dev);
	out = console_output_of(dev);
	assert(out);
	while (in.left)
		act(dev, out);
	if (data && size && data[0] & 1)
		console_keep(dev->node);
	device_quiesce_all(data && size && data[0] & 1 ? dev->node : NULL);
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	assert(fake_heap_live() == 0);
	return 0;
}

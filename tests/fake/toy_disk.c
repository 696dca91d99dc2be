// SPDX-License-Identifier: BSD-2-Clause
// The PCI disk of tests/toys/pci_disk.c.
#include "tests/fake/toy_disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/dma.h"
#include "hcall/rtas.h"
#include "lib/endian.h"
#include "tree/prop.h"

#define WINDOW_CPU 0x200080000000ULL
#define WINDOW_BUS 0x80000000u
#define LIOBN 0x80000000u

struct fake_toy toy;

unsigned fake_toy_mapped(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < TOY_PAGES; i++)
		n += toy.tce[i] != 0;
	return n;
}

static int64_t toy_put_tce(struct hcall *h)
{
	assert_int_equal(h->reg[0], LIOBN);
	assert_true(h->reg[1] / 4096 < TOY_PAGES);
	toy.tce[h->reg[1] / 4096] = h->reg[2];
	return H_SUCCESS;
}

/* A bus address as the device sees it: only mapped pages, for this access. */
static uint8_t *toy_reach(uint64_t bus, unsigned access)
{
	assert_true(bus / 4096 < TOY_PAGES);
	assert_int_equal(toy.tce[bus / 4096] & access, access);
	return (uint8_t *)(uintptr_t)((toy.tce[bus / 4096] & ~4095ULL) +
				      bus % 4096);
}

static void toy_transfer(uint64_t bus, uint64_t offset, size_t len, bool write)
{
	for (; len; len--, bus++, offset++) {
		assert_true(offset < sizeof(toy.medium));
		if (write)
			toy.medium[offset] = *toy_reach(bus, DMA_TO_DEVICE);
		else
			*toy_reach(bus, DMA_FROM_DEVICE) = toy.medium[offset];
	}
}

/* Entries of the ring: write, count, lba, data, status. */
static void toy_answer(unsigned slot)
{
	uint8_t *entry = toy_reach(toy.ring + 32 * slot, DMA_BOTH);

	if (!toy.status)
		toy_transfer(le64_load(entry + 16), le64_load(entry + 8) * 512,
			     le32_load(entry + 4) * 512, le32_load(entry));
	le32_store(entry + 24, toy.status);
}

static uint32_t toy_ended(void)
{
	uint32_t ended = toy.silent ? 0 : toy.rung;

	for (unsigned i = 0; i < 32; i++) {
		if (ended >> i & 1)
			toy_answer(i);
	}
	toy.rung &= ~ended;
	return ended | toy.bad_ended;
}

static int64_t toy_load(struct hcall *h)
{
	uint32_t value = 0;

	assert_int_equal(h->reg[0], 4);
	switch (h->reg[1] & 0xfff) {
	case 0x00:
		value = TOY_BLOCKS;
		break;
	case 0x10:
		value = toy_ended();
		break;
	}
	h->reg[0] = __builtin_bswap32(value);
	return H_SUCCESS;
}

static int64_t toy_store(struct hcall *h)
{
	uint32_t value = __builtin_bswap32((uint32_t)h->reg[2]);

	/* Decoding and bus mastering are enabled. */
	assert_int_equal(toy.config[4] & 6, 6);
	switch (h->reg[1] & 0xfff) {
	case 0x04:
		toy.runs = value;
		toy.rung = 0;
		break;
	case 0x08:
		toy.ring = value;
		break;
	case 0x0c:
		assert_true(toy.runs);
		toy.rung |= value;
		toy.most =
			MAX(toy.most, (uint32_t)__builtin_popcount(toy.rung));
		break;
	}
	return H_SUCCESS;
}

/* Configuration space, little-endian; no other RTAS call is made. */
static int64_t toy_rtas(struct hcall *h)
{
	uint8_t *block = (uint8_t *)(uintptr_t)h->reg[0];
	bool write = be32_load(block) == 0x2000 + RTAS_WRITE_PCI_CONFIG;
	uint32_t reg = be32_load(block + 12) & 0xff;
	uint32_t size = be32_load(block + 24), value = 0;
	uint8_t *status = block + 12 + 4 * be32_load(block + 4);

	assert_true(write || be32_load(block) == 0x2000 + RTAS_READ_PCI_CONFIG);
	if (write)
		value = be32_load(block + 28);
	for (uint32_t i = 0; i < size; i++) {
		if (write)
			toy.config[reg + i] = (uint8_t)(value >> 8 * i);
		else
			value |= (uint32_t)toy.config[reg + i] << 8 * i;
	}
	be32_store(status, 0);
	if (!write)
		be32_store(status + 4, value);
	return H_SUCCESS;
}

void fake_toy_reset(void)
{
	memset(&toy, 0, sizeof(toy));
	for (size_t i = 0; i < sizeof(toy.medium); i++)
		toy.medium[i] = (uint8_t)(i * 7 + i / 512);
	fake_hcall_set(KVMPPC_H_RTAS, toy_rtas);
	fake_hcall_set(H_PUT_TCE, toy_put_tce);
	fake_hcall_set(H_LOGICAL_CI_LOAD, toy_load);
	fake_hcall_set(H_LOGICAL_CI_STORE, toy_store);
}

static struct node *add_node(struct node *parent, const char *name)
{
	struct node *node = tree_add_node(parent, name, TREE_QEMU);

	assert_non_null(node);
	return node;
}

static void set_cells(struct node *node, const char *name,
		      const uint32_t *cells, size_t n)
{
	assert_int_equal(tree_set_cells(node, name, cells, n), 0);
}
#define SET_CELLS(node, name, ...)                                             \
	set_cells(node, name, (const uint32_t[]){ __VA_ARGS__ },               \
		  ARRAY_SIZE(((const uint32_t[]){ __VA_ARGS__ })))

struct node *fake_toy_plug(void)
{
	struct node *phb = add_node(tree_root(), "pci@800000020000000");
	struct node *node = add_node(phb, "toy@3");

	assert_int_equal(tree_set_str(phb, "compatible", "IBM,Logical_PHB"), 0);
	SET_CELLS(phb, "reg", 0x8000000, 0x20000000, 0, 0);
	SET_CELLS(phb, "ranges", 0x02000000, 0, WINDOW_BUS, WINDOW_CPU >> 32,
		  (uint32_t)WINDOW_CPU, 0, 0x80000000);
	SET_CELLS(phb, "ibm,dma-window", LIOBN, 0, 0, 0, TOY_PAGES * 4096);
	SET_CELLS(node, "vendor-id", 0x1de5);
	SET_CELLS(node, "device-id", 1);
	SET_CELLS(node, "class-code", 0x018000);
	SET_CELLS(node, "reg", 0x1800, 0, 0, 0, 0, 0x02001810, 0, 0, 0, 0x1000);
	return phb;
}

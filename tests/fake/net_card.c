// SPDX-License-Identifier: BSD-2-Clause
// PCI and DMA around a fake network card: see tests/fake/net_card.h.
#include "tests/fake/net_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"

struct fake_card fake_card;
struct pci_function fake_card_fn;

uint64_t pci_bar_address(const struct pci_function *fn, unsigned bar,
			 uint64_t *size)
{
	assert_ptr_equal(fn, &fake_card_fn);
	assert_int_equal(bar, fake_card.bar);
	*size = fake_card.bar_size;
	return fake_card.bar_size ? FAKE_CARD_REGS : 0;
}

static void switch_to(const struct pci_function *fn, bool decoding, bool master)
{
	assert_ptr_equal(fn, &fake_card_fn);
	fake_card.decoding = decoding;
	fake_card.master = master;
	fake_card.switches++;
}

void pci_enable(const struct pci_function *fn)
{
	switch_to(fn, true, true);
}

void pci_enable_decoding(const struct pci_function *fn)
{
	switch_to(fn, true, false);
}

void pci_disable(const struct pci_function *fn)
{
	switch_to(fn, false, false);
}

static void access_check(uint64_t addr, unsigned size)
{
	assert_true(fake_card.decoding);
	assert_true(addr >= FAKE_CARD_REGS);
	assert_int_equal(addr % size, 0);
	assert_true(addr - FAKE_CARD_REGS + size <= fake_card.bar_size);
	fake_card.accesses++;
	if (fake_card.meanwhile)
		fake_card.meanwhile();
}

uint32_t pci_io_read(uint64_t addr, unsigned size)
{
	access_check(addr, size);
	if (fake_card.gone)
		return UINT32_MAX >> (32 - 8 * size);
	return fake_card.read((unsigned)(addr - FAKE_CARD_REGS), size);
}

void pci_io_write(uint64_t addr, unsigned size, uint32_t value)
{
	access_check(addr, size);
	assert_true(value <= UINT32_MAX >> (32 - 8 * size));
	if (!fake_card.gone)
		fake_card.write((unsigned)(addr - FAKE_CARD_REGS), size, value);
}

int pci_dma_init(const struct pci_function *fn, struct dma *dma)
{
	assert_ptr_equal(fn, &fake_card_fn);
	memset(dma, 0, sizeof(*dma));
	return 0;
}

/* From the heap, so that it can fail. */
void *dma_alloc(struct dma *dma, size_t len, uint64_t *bus)
{
	(void)dma;
	assert_null(fake_card.memory);
	fake_card.memory = heap_zalloc(len);
	if (!fake_card.memory) {
		reason_fail(ERR_NOMEM, "dma: out of memory");
		return NULL;
	}
	fake_card.size = len;
	*bus = FAKE_CARD_BUS;
	return fake_card.memory;
}

void dma_free(struct dma *dma, void *ptr, uint64_t bus, size_t len)
{
	(void)dma;
	assert_false(fake_card.master);
	if (!ptr)
		return;
	assert_ptr_equal(ptr, fake_card.memory);
	assert_int_equal(bus, FAKE_CARD_BUS);
	assert_int_equal(len, fake_card.size);
	heap_free(ptr);
	fake_card.memory = NULL;
	fake_card.size = 0;
}

void *fake_card_dma(uint64_t bus, size_t len)
{
	uint64_t at = bus - FAKE_CARD_BUS;

	assert_true(fake_card.master);
	assert_non_null(fake_card.memory);
	assert_true(at <= fake_card.size && len <= fake_card.size - at);
	return fake_card.memory + at;
}

int network_add(struct network_device *nd, struct device *dev)
{
	assert_int_equal(nd->mtu, NETWORK_MTU);
	assert_non_null(nd->ops->send);
	fake_card.nd = nd;
	fake_card.dev = dev;
	return 0;
}

void fake_card_reset(void)
{
	fake_log_start();
	fake_heap_fail_after(-1);
	fake_clock_set(0);
	fake_clock_step(1);
	deadline_init(0);
	fake_card = (struct fake_card){ .allocations = -1 };
	fake_card_fn = (struct pci_function){ 0 };
	assert_int_equal(tree_init(), 0);
	device_init();
	device_attach_rest();
}

void fake_card_end(void)
{
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
}

void fake_card_attach(void)
{
	struct node *node = tree_add_node(tree_root(), "ethernet@0", TREE_QEMU);

	assert_non_null(node);
	fake_heap_fail_after(fake_card.allocations);
	fake_card.dev = device_add(NULL, &pci_bus, node, &fake_card_fn);
}

void fake_card_start(void)
{
	if (!fake_card.nd)
		fake_card_attach();
	assert_non_null(fake_card.nd);
	if (device_open(fake_card.dev) < 0)
		fail_msg("no start: %s", reason());
}

void fake_card_start_fails(const char *why)
{
	if (!fake_card.nd)
		fake_card_attach();
	assert_non_null(fake_card.nd);
	assert_true(device_open(fake_card.dev) < 0);
	assert_string_equal(reason(), why);
	assert_false(fake_card.master);
	assert_null(fake_card.memory);
}

static uint8_t fill_byte(size_t i, unsigned seed)
{
	return (uint8_t)(i * 7 + seed * 13 + 1);
}

void fake_card_fill(uint8_t *frame, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++)
		frame[i] = fill_byte(i, seed);
}

int fake_card_send(size_t len, unsigned seed)
{
	struct network_device *nd = fake_card.nd;
	uint8_t frame[NETWORK_FRAME_MAX];

	fake_card_fill(frame, len, seed);
	return nd->ops->send(nd, frame, len);
}

void fake_card_check(const uint8_t *frame, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(frame[i], fill_byte(i, seed));
}

void fake_card_expect(size_t len, unsigned seed)
{
	struct network_device *nd = fake_card.nd;
	size_t got = 0;
	const void *frame = nd->ops->peek(nd, &got);

	assert_non_null(frame);
	assert_int_equal(got, len);
	fake_card_check(frame, len, seed);
	nd->ops->release(nd);
}

void fake_card_silent(void)
{
	struct network_device *nd = fake_card.nd;
	unsigned accesses = fake_card.accesses;
	size_t len;

	assert_null(nd->ops->peek(nd, &len));
	assert_int_equal(fake_card.accesses, accesses);
}

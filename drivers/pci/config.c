// SPDX-License-Identifier: BSD-2-Clause
// PCI: a function's registers: configuration space, capabilities, BARs.
#include "drivers/pci/bus.h"

#include "hcall/hcall.h"
#include "hcall/rtas.h"

/* Offsets of capabilities are multiples of 4 in 0x40..0xfc. (PCI 3.0, 6.7) */
#define CAPABILITY_FIRST 0x40u

/* Bits 8..11 of the register go to the top. (LoPAR 7.3.5) */
static uint32_t config_addr(const struct pci_function *fn, unsigned reg)
{
	return (uint32_t)(reg >> 8 & 0xf) << 28 | pci_function_unit(fn) |
	       (reg & 0xff);
}

uint32_t pci_config_read(const struct pci_function *fn, unsigned reg,
			 unsigned size)
{
	uint32_t value;

	if (rtas_pci_read(fn->phb->buid, config_addr(fn, reg), size, &value))
		return UINT32_MAX >> (32 - 8 * size);
	return value;
}

void pci_config_write(const struct pci_function *fn, unsigned reg,
		      unsigned size, uint32_t value)
{
	/* The next read shows if the function is gone. */
	if (rtas_pci_write(fn->phb->buid, config_addr(fn, reg), size, value))
		return;
}

/*
 * A BAR without an address must not decode 0, which is inside the PHB's I/O
 * window: a space is enabled only if all its BARs have addresses.
 */
static uint32_t config_decoding(const struct pci_function *fn)
{
	uint32_t wanted = 0, broken = 0;

	for (unsigned i = 0; i < PCI_BAR_ROM; i++) {
		const struct pci_bar *bar = &fn->bar[i];
		uint32_t bit = bar->space == PCI_IO ? PCI_COMMAND_IO
						    : PCI_COMMAND_MEMORY;

		if (!bar->size)
			continue;
		wanted |= bit;
		broken |= bar->addr ? 0 : bit;
	}
	return wanted & ~broken;
}

void pci_enable(const struct pci_function *fn)
{
	pci_config_write(fn, PCI_COMMAND, 2,
			 PCI_COMMAND_CHECKS | PCI_COMMAND_MASTER |
				 config_decoding(fn));
}

void pci_enable_decoding(const struct pci_function *fn)
{
	pci_config_write(fn, PCI_COMMAND, 2,
			 PCI_COMMAND_CHECKS | config_decoding(fn));
}

void pci_disable(const struct pci_function *fn)
{
	pci_config_write(fn, PCI_COMMAND, 2, PCI_COMMAND_CHECKS);
}

unsigned pci_find_capability(const struct pci_function *fn, uint8_t id,
			     unsigned prev)
{
	uint64_t seen = 0; /* a bit for each offset / 4 */
	bool past = prev == 0;
	unsigned at;

	if (!(pci_config_read(fn, PCI_STATUS, 2) & PCI_STATUS_CAPS))
		return 0;
	at = pci_config_read(fn, PCI_CAPABILITIES, 1) & 0xfc;
	while (at >= CAPABILITY_FIRST && !(seen >> (at / 4) & 1)) {
		uint32_t head = pci_config_read(fn, at, 2);

		if (past && (head & 0xff) == id)
			return at;
		if (at == prev)
			past = true;
		seen |= 1ULL << (at / 4);
		at = head >> 8 & 0xfc;
	}
	return 0;
}

uint64_t pci_bar_address(const struct pci_function *fn, unsigned bar,
			 uint64_t *size)
{
	const struct pci_bar *b;
	const struct pci_window *window;

	if (bar >= PCI_BAR_ROM || !fn->bar[bar].size || !fn->bar[bar].addr)
		return 0;
	b = &fn->bar[bar];
	window = &fn->phb->window[b->space];
	*size = b->size;
	return window->cpu + (b->addr - window->bus);
}

/* Device registers are little-endian, h_ci_*() values big-endian. */
static uint32_t config_swap(uint32_t value, unsigned size)
{
	switch (size) {
	case 2:
		return __builtin_bswap16((uint16_t)value);
	case 4:
		return __builtin_bswap32(value);
	default:
		return value;
	}
}

uint32_t pci_io_read(uint64_t addr, unsigned size)
{
	uint64_t value;

	if (h_ci_load(addr, size, &value))
		return UINT32_MAX >> (32 - 8 * size);
	return config_swap((uint32_t)value, size);
}

void pci_io_write(uint64_t addr, unsigned size, uint32_t value)
{
	/* As on a bus, a write to a failing device is lost. */
	if (h_ci_store(addr, size, config_swap(value, size)))
		return;
}

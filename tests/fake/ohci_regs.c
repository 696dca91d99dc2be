// SPDX-License-Identifier: BSD-2-Clause
// The registers of a fake OHCI function, and PCI around it.
#include "tests/fake/ohci.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* PCI, as drivers/pci has it. */

uint32_t pci_config_read(const struct pci_function *fn, unsigned reg,
			 unsigned size)
{
	assert_ptr_equal(fn, &fake_ohci_fn);
	assert_int_equal(reg, 0x2c);
	assert_int_equal(size, 4);
	return fake_ohci.subsystem;
}

uint64_t pci_bar_address(const struct pci_function *fn, unsigned bar,
			 uint64_t *size)
{
	assert_ptr_equal(fn, &fake_ohci_fn);
	assert_int_equal(bar, 0);
	*size = fake_ohci.bar_size;
	return fake_ohci.bar_size ? FAKE_OHCI_REGS : 0;
}

void pci_enable(const struct pci_function *fn)
{
	(void)fn;
	fake_ohci.enabled = true;
}

void pci_disable(const struct pci_function *fn)
{
	(void)fn;
	fake_ohci.enabled = false;
	fake_ohci_forget();
}

/* Buffers of the tests are below 4 GiB, in real memory, too. */
int pci_dma_init(const struct pci_function *fn, struct dma *dma)
{
	assert_ptr_equal(fn, &fake_ohci_fn);
	dma_init_bypass(dma);
	return 0;
}

/* Registers. */

static void port_write(unsigned port, uint32_t value)
{
	uint32_t *reg = &fake_ohci.port[port];
	unsigned i;

	*reg &= ~(value & 0x1f0000);
	fake_ohci.powered += value >> 8 & 1;
	if (!(value & 0x10) || !(*reg & 1))
		return;
	fake_ohci.port_resets++;
	*reg |= 0x100002;
	for (i = 0; i < FAKE_OHCI_DEVICES; i++) {
		struct fake_ohci_device *fd = &fake_ohci.device[i];

		if (fd->port != port)
			continue;
		fd->enabled = true;
		fd->address = fd->new_address = 0;
		memset(fd->toggle, 0, sizeof(fd->toggle));
		*reg |= fd->low ? 0x200 : 0;
		break;
	}
}

static void bus_reset(void)
{
	unsigned i;

	fake_ohci.bus_resets++;
	for (i = 1; i <= fake_ohci.ports && i < 16; i++)
		fake_ohci.port[i] &= ~2u;
}

static void command(uint32_t value)
{
	fake_ohci.kicks += (value & 6) != 0;
	fake_ohci.filled |= value & 6;
	fake_ohci.takeovers += value >> 3 & 1;
	if (!(value & 1))
		return;
	fake_ohci.resets++;
	fake_ohci.control = 0xc0 | (fake_ohci.control & 0x100);
	fake_ohci.filled = fake_ohci.hcca = fake_ohci.done = 0;
	fake_ohci.frame = 0;
	memset(fake_ohci.head, 0, sizeof(fake_ohci.head));
}

static uint32_t read_control(void)
{
	if (fake_ohci.smm && fake_ohci.smm != ~0u)
		fake_ohci.smm--;
	return (fake_ohci.control & ~0x100u) | (fake_ohci.smm ? 0x100 : 0);
}

uint32_t pci_io_read(uint64_t addr, unsigned size)
{
	uint64_t reg = addr - FAKE_OHCI_REGS;

	assert_true(fake_ohci.enabled);
	assert_int_equal(size, 4);
	assert_int_equal(reg % 4, 0);
	fake_ohci.reads++;
	if (fake_ohci.lie == FAKE_OHCI_GONE)
		return UINT32_MAX;
	if (reg >= 0x54 && reg < 0x54 + 4 * fake_ohci.ports)
		return fake_ohci.port[(reg - 0x50) / 4] | 0x100;
	switch (reg) {
	case 0x00:
		return fake_ohci.revision;
	case 0x04:
		return read_control();
	case 0x08:
		return fake_ohci.filled | (fake_ohci.lie == FAKE_OHCI_NO_RESET);
	case 0x0c:
		return fake_ohci.lie == FAKE_OHCI_DEAD ? 0x10 : 0;
	case 0x48:
		return fake_ohci.ports | fake_ohci.power;
	}
	fail_msg("register 0x%llx read", (unsigned long long)reg);
	return 0;
}

static void write_control(uint32_t value)
{
	if (FAKE_OHCI_STATE(value) == 0 && FAKE_OHCI_STATE(fake_ohci.control))
		bus_reset();
	fake_ohci.control = value;
}

void pci_io_write(uint64_t addr, unsigned size, uint32_t value)
{
	uint64_t reg = addr - FAKE_OHCI_REGS;

	assert_true(fake_ohci.enabled);
	assert_int_equal(size, 4);
	fake_ohci.writes++;
	if (reg >= 0x54 && reg < 0x54 + 4 * fake_ohci.ports) {
		port_write((unsigned)(reg - 0x50) / 4, value);
		return;
	}
	switch (reg) {
	case 0x04:
		write_control(value);
		break;
	case 0x08:
		command(value);
		break;
	case 0x18:
		assert_int_equal(value % 256, 0);
		fake_ohci.hcca = value;
		break;
	case 0x20:
	case 0x28:
		fake_ohci.head[(reg - 0x20) / 8] = value;
		break;
	case 0x34:
		fake_ohci.interval = value;
		break;
	case 0x40:
		fake_ohci.start = value;
		break;
	case 0x50:
		assert_int_equal(value, 0x10000);
		break;
	default:
		fail_msg("register 0x%llx written", (unsigned long long)reg);
	}
}

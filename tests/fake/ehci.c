// SPDX-License-Identifier: BSD-2-Clause
// A fake EHCI function: see tests/fake/ehci.h.
#include "tests/fake/ehci.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/deadline.h"
#include "lib/endian.h"

/* Only what the standard says, nothing of the driver's headers. */
#define CMD_RUN 1u
#define CMD_RESET 2u
#define CMD_DOORBELL 0x40u
#define STS_PORT 4u
#define STS_HALTED 0x1000u
#define SC_CONNECTED 1u
#define SC_CHANGED 2u
#define SC_ENABLED 4u
#define SC_RESET 0x100u
#define SC_LINE_K 0x400u
#define SC_POWER 0x1000u
#define SC_OWNER 0x2000u

struct fake_ehci fake_ehci;
struct pci_function fake_ehci_fn;

static unsigned n_ports(void)
{
	return fake_ehci.hcsparams & 15;
}

void fake_ehci_reset(void)
{
	memset(&fake_ehci, 0, sizeof(fake_ehci));
	memset(&fake_ehci_fn, 0, sizeof(fake_ehci_fn));
	fake_dma_reset();
	fake_dma_low();
	fake_ehci.cap_length = 0x20;
	fake_ehci.hcsparams = 6;
	fake_ehci.hccparams = 0x6880;
	fake_ehci.bar_size = 0x1000;
	fake_ehci.sts = STS_HALTED;
	le32_store(&fake_ehci.pci_config[0x2c], 0x11001af4);
	fake_ehci_fn.class_code = 0x0c0320;
}

struct fake_ehci_device *fake_ehci_plug(unsigned port)
{
	struct fake_ehci_device *dev = &fake_ehci.device[port];

	memset(dev, 0, sizeof(*dev));
	dev->plugged = true;
	fake_ehci.portsc[port] |= SC_CONNECTED | SC_CHANGED;
	fake_ehci.sts |= STS_PORT;
	return dev;
}

void fake_ehci_unplug(unsigned port)
{
	fake_ehci.device[port].plugged = false;
	fake_ehci.portsc[port] &= ~(SC_CONNECTED | SC_ENABLED);
	fake_ehci.portsc[port] |= SC_CHANGED;
	fake_ehci.sts |= STS_PORT;
}

/* PCI, as drivers/pci has it. */

uint32_t pci_config_read(const struct pci_function *fn, unsigned reg,
			 unsigned size)
{
	uint32_t value = 0;

	assert_ptr_equal(fn, &fake_ehci_fn);
	assert_true(reg + size <= sizeof(fake_ehci.pci_config));
	while (size--)
		value = value << 8 | fake_ehci.pci_config[reg + size];
	return value;
}

/* The BIOS gives way when the OS's semaphore, in the last byte, is set. */
void pci_config_write(const struct pci_function *fn, unsigned reg,
		      unsigned size, uint32_t value)
{
	uint8_t *config = fake_ehci.pci_config;

	assert_ptr_equal(fn, &fake_ehci_fn);
	assert_true(reg >= 0x40 && reg + size <= sizeof(fake_ehci.pci_config));
	for (unsigned i = 0; i < size; i++)
		config[reg + i] = (uint8_t)(value >> 8 * i);
	if (reg % 4 == 3 && value & 1 && !fake_ehci.bios_stays)
		config[reg - 1] = 0;
}

uint64_t pci_bar_address(const struct pci_function *fn, unsigned bar,
			 uint64_t *size)
{
	assert_ptr_equal(fn, &fake_ehci_fn);
	assert_int_equal(bar, 0);
	*size = fake_ehci.bar_size;
	return fake_ehci.bar_size ? FAKE_EHCI_BAR : 0;
}

void pci_enable(const struct pci_function *fn)
{
	assert_ptr_equal(fn, &fake_ehci_fn);
	fake_ehci.enabled = true;
}

void pci_disable(const struct pci_function *fn)
{
	assert_ptr_equal(fn, &fake_ehci_fn);
	fake_ehci.enabled = false;
}

int pci_dma_init(const struct pci_function *fn, struct dma *dma)
{
	assert_ptr_equal(fn, &fake_ehci_fn);
	return dma_init_window(dma, 0x80000000, 0, GiB);
}

/* Registers. */

static void reset_ports(void)
{
	for (unsigned i = 1; i <= n_ports(); i++) {
		const struct fake_ehci_device *dev = &fake_ehci.device[i];

		fake_ehci.portsc[i] = fake_ehci.hcsparams & 0x10 ? 0 : SC_POWER;
		if (fake_ehci.hcsparams >> 12 & 15)
			fake_ehci.portsc[i] |= SC_OWNER;
		if (dev->plugged)
			fake_ehci.portsc[i] |= SC_CONNECTED | SC_CHANGED;
		if (dev->low)
			fake_ehci.portsc[i] |= SC_LINE_K;
	}
}

static void reset_controller(void)
{
	fake_ehci.resets++;
	fake_ehci.cmd = fake_ehci.lie == EHCI_NO_RESET ? CMD_RESET : 8u << 16;
	fake_ehci.sts = STS_HALTED | STS_PORT;
	fake_ehci.periodic = fake_ehci.async = 0;
	fake_ehci.configflag = 0;
	reset_ports();
}

static void write_cmd(uint32_t value)
{
	if (value & CMD_RESET) {
		reset_controller();
		return;
	}
	fake_ehci.cmd = value | (fake_ehci.cmd & CMD_DOORBELL);
	if (value & CMD_RUN && fake_ehci.lie != EHCI_NO_RUN)
		fake_ehci.sts &= ~STS_HALTED;
	if (!(value & CMD_RUN) && fake_ehci.lie != EHCI_NO_HALT)
		fake_ehci.sts |= STS_HALTED;
	if (!(value & CMD_DOORBELL))
		return;
	fake_ehci.doorbells++;
	fake_ehci_wake();
}

static void end_port_reset(unsigned port)
{
	struct fake_ehci_device *dev = &fake_ehci.device[port];

	fake_ehci.reset_ms = deadline_ms() - fake_ehci.reset_since;
	if (!dev->plugged)
		return;
	dev->address = dev->next_address = 0;
	dev->toggle = 0;
	if (!dev->slow)
		fake_ehci.portsc[port] |= SC_ENABLED;
}

static void write_port(unsigned port, uint32_t value)
{
	uint32_t *sc = &fake_ehci.portsc[port];
	bool was = *sc & SC_RESET;

	assert_true(value & SC_POWER);
	*sc &= ~(value & SC_CHANGED);
	*sc |= SC_POWER;
	if (!(value & SC_ENABLED))
		*sc &= ~SC_ENABLED;
	if (fake_ehci.hcsparams >> 12 & 15)
		*sc = (*sc & ~SC_OWNER) | (value & SC_OWNER);
	if (value & SC_RESET) {
		*sc |= SC_RESET;
		fake_ehci.reset_since = deadline_ms();
	} else if (was && fake_ehci.lie != EHCI_NO_PORT_RESET) {
		*sc &= ~SC_RESET;
		end_port_reset(port);
	}
}

static void write_op(unsigned reg, uint32_t value)
{
	switch (reg) {
	case 0x00:
		write_cmd(value);
		break;
	case 0x04:
		fake_ehci.sts &= ~(value & 0x3f);
		break;
	case 0x08:
	case 0x10:
		assert_int_equal(value, 0);
		break;
	case 0x14:
		fake_ehci.periodic = value;
		break;
	case 0x18:
		assert_int_not_equal(value, 0);
		fake_ehci.async = value;
		break;
	case 0x40:
		fake_ehci.configflag = value;
		for (unsigned i = 1; value & 1 && i <= n_ports(); i++)
			fake_ehci.portsc[i] &= ~SC_OWNER;
		break;
	default:
		assert_true(reg >= 0x44 && reg < 0x44 + 4 * n_ports());
		write_port((reg - 0x40) / 4, value);
	}
}

static uint32_t read_op(unsigned reg)
{
	switch (reg) {
	case 0x00:
		return fake_ehci.cmd;
	case 0x04:
		return fake_ehci.sts;
	default:
		assert_true(reg >= 0x44 && reg < 0x44 + 4 * n_ports());
		if (fake_ehci.lie == EHCI_PORTS_GO_MAD) {
			fake_ehci.sts |= STS_PORT;
			return SC_CONNECTED | SC_ENABLED | SC_POWER | 0x2a;
		}
		return fake_ehci.portsc[(reg - 0x40) / 4];
	}
}

static uint32_t read_cap(unsigned reg, unsigned size)
{
	switch (reg) {
	case 0:
		assert_int_equal(size, 1);
		return fake_ehci.cap_length;
	case 4:
		return fake_ehci.hcsparams;
	default:
		assert_int_equal(reg, 8);
		return fake_ehci.hccparams;
	}
}

uint32_t pci_io_read(uint64_t addr, unsigned size)
{
	unsigned reg = (unsigned)(addr - FAKE_EHCI_BAR);

	assert_true(fake_ehci.enabled);
	assert_true(addr - FAKE_EHCI_BAR + size <= fake_ehci.bar_size);
	fake_ehci.accesses++;
	if (fake_ehci.lie == EHCI_GONE)
		return UINT32_MAX >> (32 - 8 * size);
	if (reg < fake_ehci.cap_length || reg < 12)
		return read_cap(reg, size);
	assert_int_equal(size, 4);
	return read_op(reg - fake_ehci.cap_length);
}

void pci_io_write(uint64_t addr, unsigned size, uint32_t value)
{
	unsigned reg = (unsigned)(addr - FAKE_EHCI_BAR);

	assert_true(fake_ehci.enabled);
	assert_int_equal(size, 4);
	assert_true(addr - FAKE_EHCI_BAR + size <= fake_ehci.bar_size);
	assert_true(reg >= fake_ehci.cap_length);
	fake_ehci.accesses++;
	if (fake_ehci.lie != EHCI_GONE)
		write_op(reg - fake_ehci.cap_length, value);
}

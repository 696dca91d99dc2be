// SPDX-License-Identifier: BSD-2-Clause
// A fake xHCI function: see tests/fake/xhci.h.
#include "tests/fake/xhci.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"

#define OPERATIONAL_LEN (0x400u + 16 * FAKE_XHCI_PORTS)
#define INTERRUPTER 0x20u
#define QEMU_SUBSYSTEM 0x11001af4u

/* PORTSC, USBCMD, USBSTS. */
#define CCS (1u << 0)
#define PED (1u << 1)
#define PR (1u << 4)
#define POLLING (7u << 5)
#define RX_DETECT (5u << 5)
#define PP (1u << 9)
#define CSC (1u << 17)
#define PRC (1u << 21)
#define CHANGES (0x7fu << 17)
#define RS (1u << 0)
#define HCRST (1u << 1)
#define HCH (1u << 0)
#define CNR (1u << 11)
#define HCE (1u << 12)

struct fake_xhci fake_xhci;
struct pci_function fake_xhci_fn;

void fake_xhci_reset(void)
{
	memset(&fake_xhci, 0, sizeof(fake_xhci));
	memset(&fake_xhci_fn, 0, sizeof(fake_xhci_fn));
	fake_xhci_fn.class_code = 0x0c0330;
	fake_dma_reset();
	fake_slots_reset();
	fake_xhci.bar_size = 0x4000;
	fake_xhci.cap_length = 0x40;
	fake_xhci.doorbells = 0x2000;
	fake_xhci.runtime = 0x1000;
	fake_xhci.params1 = 0x08001040;
	fake_xhci.params2 = 0xf;
	fake_xhci.hcc_params = 0x00087001;
	fake_xhci.page_size = 1;
	fake_xhci.subsystem = QEMU_SUBSYSTEM;
	fake_xhci.status = HCH;
	/* Two protocol capabilities: ports 1 to 4 are USB 3, 5 to 8 USB 2. */
	memcpy(fake_xhci.extended,
	       (uint32_t[]){ 0x03000402, 0x20425355, 0x00000401, 0, 0x02000002,
			     0x20425355, 0x00000405, 0 },
	       8 * sizeof(uint32_t));
}

void fake_xhci_idle(void)
{
	fake_xhci.reads = fake_xhci.writes = 0;
}

static unsigned ports(void)
{
	return fake_xhci.params1 >> 24;
}

static bool runs(void)
{
	return fake_xhci.enabled && !(fake_xhci.status & (HCH | HCE));
}

/* Events. */

static unsigned events_free(void)
{
	unsigned read = (unsigned)((fake_xhci.event_read - fake_xhci.events) /
				   sizeof(struct xhci_trb));

	return (read + fake_xhci.events_size - 1 - fake_xhci.event_next) %
	       fake_xhci.events_size;
}

static void event_write(uint64_t param, uint32_t status, uint32_t control)
{
	uint64_t at = fake_xhci.events +
		      fake_xhci.event_next * sizeof(struct xhci_trb);
	uint8_t *trb =
		fake_dma_ptr(at, sizeof(struct xhci_trb), DMA_FROM_DEVICE);

	le64_store(trb, param);
	le32_store(trb + 8, status);
	le32_store(trb + 12, (control & ~1u) | fake_xhci.event_cycle);
	fake_xhci.written++;
	if (++fake_xhci.event_next == fake_xhci.events_size) {
		fake_xhci.event_next = 0;
		fake_xhci.event_cycle = !fake_xhci.event_cycle;
	}
}

static void flood(void)
{
	while (fake_xhci.lie == XHCI_FLOOD && runs() && fake_xhci.events &&
	       events_free() > 1)
		event_write(0x1234, 1u << 24, 35u << 10);
}

/* [QEMU hw/usb/hcd-xhci.c, xhci_event]: the last free one says so. */
void fake_xhci_event(uint64_t param, uint32_t status, uint32_t control)
{
	if (!runs() || (fake_slots.lenient && !fake_xhci.events))
		return;
	assert_true(fake_xhci.event_read >= fake_xhci.events);
	assert_true(fake_xhci.event_read <
		    fake_xhci.events +
			    fake_xhci.events_size * sizeof(struct xhci_trb));
	if (events_free() > 1)
		event_write(param, status, control);
	else if (events_free() == 1)
		event_write(0, 21u << 24, 37u << 10);
	flood();
}

/* ERSTBA: one segment, of which ERSTSZ says that it is one. */
static void events_set_table(void)
{
	uint8_t *entry;

	assert_int_equal(fake_xhci.event_table_size, 1);
	assert_int_equal(fake_xhci.event_table % 64, 0);
	entry = fake_dma_ptr(fake_xhci.event_table, 16, DMA_TO_DEVICE);
	fake_xhci.events = le64_load(entry);
	fake_xhci.events_size = le32_load(entry + 8);
	assert_int_equal(fake_xhci.events % 64, 0);
	assert_true(fake_xhci.events_size >= 16 &&
		    fake_xhci.events_size <= 4096);
	fake_xhci.event_next = 0;
	fake_xhci.event_cycle = true;
}

/* Ports. */

static void port_event(unsigned port, uint32_t change)
{
	bool quiet = (fake_xhci.portsc[port] & change) == change;

	fake_xhci.portsc[port] |= change;
	if (!quiet)
		fake_xhci_event((uint64_t)port << 24, 1u << 24, 34u << 10);
}

static void port_update(unsigned port)
{
	const struct fake_xhci_device *fd = fake_xhci.port[port];
	uint32_t state = RX_DETECT;

	if (fd && fd->speed == USB_SUPER)
		state = CCS | PED;
	else if (fd)
		state = CCS | POLLING;
	if (fd)
		state |= (uint32_t)fd->speed << 10;
	fake_xhci.portsc[port] = state |
				 (fake_xhci.portsc[port] & (CHANGES | PP));
	port_event(port, CSC);
}

void fake_xhci_plug(unsigned port, struct fake_xhci_device *fd)
{
	fake_xhci.port[port] = fd;
	port_update(port);
}

void fake_xhci_unplug(unsigned port)
{
	fake_slots_unplug(fake_xhci.port[port]);
	fake_xhci_plug(port, NULL);
}

static void port_write(unsigned port, uint32_t value)
{
	uint32_t *portsc = &fake_xhci.portsc[port];

	assert_true(port <= ports());
	assert_true(value & PP);
	/* That would disable it. */
	assert_false(value & PED);
	*portsc = (*portsc & ~(value & CHANGES)) | PP;
	if (!(value & PR))
		return;
	fake_xhci.port_resets++;
	if (!(*portsc & CCS))
		return;
	*portsc = (*portsc & ~POLLING) | PED;
	port_event(port, PRC);
}

/* Registers. */

static void controller_reset(void)
{
	unsigned port;

	/* [xHCI 1.2, 5.4.1]: undefined while it runs. */
	assert_true(fake_xhci.status & HCH || fake_xhci.lie == XHCI_NO_HALT ||
		    fake_slots.lenient);
	fake_xhci.resets++;
	fake_xhci.status = HCH;
	if (fake_xhci.lie == XHCI_NOT_READY)
		fake_xhci.status |= CNR;
	fake_xhci.config = 0;
	fake_xhci.command_ring = fake_xhci.contexts = 0;
	fake_xhci.event_table = fake_xhci.event_read = 0;
	fake_xhci.events = fake_xhci.event_table_size = 0;
	fake_slots_disable();
	for (port = 1; port <= ports(); port++) {
		/* Those of hardware may be off. */
		fake_xhci.portsc[port] =
			fake_xhci.subsystem == QEMU_SUBSYSTEM ? PP : 0;
		port_update(port);
	}
}

static void set_command(uint32_t value)
{
	fake_xhci.command = value & RS;
	if (value & HCRST && fake_xhci.lie == XHCI_NO_RESET)
		fake_xhci.command |= HCRST;
	else if (value & HCRST)
		controller_reset();
	if (!(value & RS) && fake_xhci.lie != XHCI_NO_HALT)
		fake_xhci.status |= HCH;
	if (!(value & RS) || fake_xhci.lie == XHCI_NO_RUN)
		return;
	assert_int_equal(fake_xhci.config,
			 MIN(fake_xhci.params1 & 0xff, XHCI_SLOTS_MAX));
	fake_xhci.status &= ~HCH;
	if (fake_xhci.lie == XHCI_DIES)
		fake_xhci.status |= HCE;
	flood();
}

static void set_half(uint64_t *reg, bool high, uint32_t value)
{
	unsigned shift = high ? 32 : 0;

	*reg = (*reg & ~(0xffffffffULL << shift)) | (uint64_t)value << shift;
}

static uint32_t capability_read(uint32_t reg)
{
	const struct fake_xhci *fx = &fake_xhci;

	switch (reg) {
	case 0x00:
		return 0x01000000 | fx->cap_length;
	case 0x04:
		return fx->params1;
	case 0x08:
		return fx->params2;
	case 0x10:
		return fx->hcc_params;
	case 0x14:
		return fx->doorbells;
	case 0x18:
		return fx->runtime;
	default:
		fail_msg("capability register %u read", reg);
		return 0;
	}
}

static uint32_t operational_read(uint32_t reg)
{
	if (reg >= 0x400 && reg % 16 == 0)
		return fake_xhci.portsc[(reg - 0x400) / 16 + 1];
	switch (reg) {
	case 0x00:
		return fake_xhci.command;
	case 0x04:
		return fake_xhci.status;
	case 0x08:
		return fake_xhci.page_size;
	default:
		/* For an extended capability that leads here. */
		assert_true(fake_slots.lenient);
		return 0;
	}
}

static void operational_write(uint32_t reg, uint32_t value)
{
	if (reg >= 0x400) {
		assert_int_equal(reg % 16, 0);
		port_write((reg - 0x400) / 16 + 1, value);
		return;
	}
	switch (reg) {
	case 0x00:
		set_command(value);
		break;
	case 0x18:
	case 0x1c:
		set_half(&fake_xhci.command_ring, reg & 4, value);
		fake_xhci.command_at = fake_xhci.command_ring & ~63ULL;
		fake_xhci.command_cycle = fake_xhci.command_ring & 1;
		break;
	case 0x30:
	case 0x34:
		set_half(&fake_xhci.contexts, reg & 4, value);
		assert_int_equal(fake_xhci.contexts % 64, 0);
		break;
	case 0x38:
		fake_xhci.config = value;
		break;
	default:
		fail_msg("operational register %u written", reg);
	}
}

static void runtime_write(uint32_t reg, uint32_t value)
{
	switch (reg) {
	case INTERRUPTER + 0x08:
		fake_xhci.event_table_size = value;
		break;
	case INTERRUPTER + 0x10:
	case INTERRUPTER + 0x14:
		set_half(&fake_xhci.event_table, reg & 4, value);
		if (reg & 4)
			events_set_table();
		break;
	case INTERRUPTER + 0x18:
	case INTERRUPTER + 0x1c:
		fake_xhci.erdp_writes++;
		set_half(&fake_xhci.event_read, reg & 4,
			 reg & 4 ? value : value & ~0xfu);
		flood();
		break;
	default:
		fail_msg("runtime register %u written", reg);
	}
}

/* [QEMU hw/usb/hcd-xhci.c, xhci_process_commands] */
void fake_xhci_commands(void)
{
	for (;;) {
		uint8_t *trb =
			fake_dma_ptr(fake_xhci.command_at, 16, DMA_TO_DEVICE);
		uint32_t control = le32_load(trb + 12);
		unsigned type = control >> 10 & 0x3f, slot = 0, code;

		if ((control & 1) != fake_xhci.command_cycle)
			return;
		if (type == XHCI_LINK) {
			fake_xhci.command_at = le64_load(trb);
			fake_xhci.command_cycle ^= control >> 1 & 1;
			continue;
		}
		code = fake_slots_command(type, le64_load(trb), control, &slot);
		fake_xhci_event(fake_xhci.command_at, code << 24,
				33u << 10 | slot << 24);
		fake_xhci.command_at += 16;
	}
}

static void doorbell_write(uint32_t slot, uint32_t value)
{
	assert_true(slot <= (fake_xhci.params1 & 0xff));
	if (fake_slots.lenient && !runs())
		return;
	assert_true(runs());
	fake_xhci.doorbell[slot]++;
	if (slot) {
		fake_slots_ring(slot, value);
		return;
	}
	assert_int_equal(value, 0);
	if (fake_xhci.lie != XHCI_NO_COMMANDS)
		fake_xhci_commands();
}

uint32_t pci_io_read(uint64_t addr, unsigned size)
{
	uint64_t reg = addr - FAKE_XHCI_BAR;

	assert_true(fake_xhci.enabled);
	assert_int_equal(size, 4);
	assert_int_equal(reg % 4, 0);
	assert_true(reg + size <= fake_xhci.bar_size);
	fake_xhci.reads++;
	if (fake_xhci.lie == XHCI_GONE)
		return UINT32_MAX;
	if (reg < FAKE_XHCI_EXTENDED)
		return capability_read((uint32_t)reg);
	if (reg >= fake_xhci.cap_length &&
	    reg < fake_xhci.cap_length + OPERATIONAL_LEN)
		return operational_read((uint32_t)reg - fake_xhci.cap_length);
	/* Beyond its end the list begins again. */
	reg -= (fake_xhci.hcc_params >> 16) * 4;
	return fake_xhci.extended[reg / 4 % ARRAY_SIZE(fake_xhci.extended)];
}

void pci_io_write(uint64_t addr, unsigned size, uint32_t value)
{
	uint64_t reg = addr - FAKE_XHCI_BAR;

	assert_int_equal(size, 4);
	assert_int_equal(reg % 4, 0);
	assert_true(reg + size <= fake_xhci.bar_size);
	fake_xhci.writes++;
	if (fake_xhci.lie == XHCI_GONE || !fake_xhci.enabled)
		return;
	if (reg >= fake_xhci.doorbells)
		doorbell_write((uint32_t)(reg - fake_xhci.doorbells) / 4,
			       value);
	else if (reg >= fake_xhci.runtime)
		runtime_write((uint32_t)reg - fake_xhci.runtime, value);
	else
		operational_write((uint32_t)reg - fake_xhci.cap_length, value);
}

/* PCI, as drivers/pci has it. */

uint32_t pci_config_read(const struct pci_function *fn, unsigned reg,
			 unsigned size)
{
	assert_ptr_equal(fn, &fake_xhci_fn);
	assert_int_equal(reg, 0x2c);
	assert_int_equal(size, 4);
	return fake_xhci.subsystem;
}

uint64_t pci_bar_address(const struct pci_function *fn, unsigned bar,
			 uint64_t *size)
{
	assert_ptr_equal(fn, &fake_xhci_fn);
	assert_int_equal(bar, 0);
	*size = fake_xhci.bar_size;
	return fake_xhci.bar_size ? FAKE_XHCI_BAR : 0;
}

void pci_enable(const struct pci_function *fn)
{
	(void)fn;
	fake_xhci.enabled = true;
}

void pci_disable(const struct pci_function *fn)
{
	(void)fn;
	fake_xhci.enabled = false;
	/* Its memory may be freed: if it was not reset, it hangs. */
	fake_xhci.events = 0;
	fake_slots_disable();
}

int pci_dma_init(const struct pci_function *fn, struct dma *dma)
{
	assert_ptr_equal(fn, &fake_xhci_fn);
	return dma_init_window(dma, 0x80000000, 0x80000000, GiB);
}

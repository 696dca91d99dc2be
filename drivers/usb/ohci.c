// SPDX-License-Identifier: BSD-2-Clause
// OHCI controllers: start and stop, root ports, the driver (OHCI 1.0a).
#include "drivers/usb/ohci.h"

#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

/* HcControl. [OHCI 1.0a, 7.1.2] */
enum ohci_control {
	CONTROL_RATIO = 3, /* four control transfers to one bulk transfer */
	CONTROL_PERIODIC = 1 << 2,
	CONTROL_CONTROL = 1 << 4,
	CONTROL_BULK = 1 << 5,
	CONTROL_OPERATIONAL = 2 << 6,
	CONTROL_STATE = 3 << 6, /* 0: reset */
	CONTROL_SMM = 1 << 8,	/* InterruptRouting: system firmware has it */
};
#define CONTROL_RUN                                                            \
	(CONTROL_RATIO | CONTROL_PERIODIC | CONTROL_CONTROL | CONTROL_BULK |   \
	 CONTROL_OPERATIONAL)

/* HcCommandStatus [7.1.3], HcInterruptStatus [7.1.4]. */
#define COMMAND_RESET 0x01u
#define COMMAND_TAKE_OVER 0x08u
#define STATUS_DEAD 0x10u /* UnrecoverableError */

/*
 * A frame of 12000 bit times, as after a reset; the largest packet in a frame
 * is 6/7 of what overhead leaves; periodic lists take 9/10. [7.3.1, 7.3.4]
 */
#define INTERVAL (0x2778u << 16 | 0x2edfu)
#define PERIODIC_START 0x2a2fu

/* HcRhDescriptorA, HcRhStatus, HcRhPortStatus. [7.4.1, 7.4.3, 7.4.4] */
#define HUB_A_PORTS 0xffu
#define HUB_A_PORT_POWER 0x100u
#define HUB_STATUS_POWER 0x10000u
enum ohci_port_status {
	PORT_CONNECTED = 1 << 0,
	PORT_ENABLED = 1 << 1,
	PORT_RESET = 1 << 4,
	PORT_POWER = 1 << 8,
	PORT_LOW_SPEED = 1 << 9,
	PORT_CONNECT_CHANGE = 1 << 16,
	PORT_RESET_CHANGE = 1 << 20,
	PORT_CHANGES = 0x1f << 16,
};
#define PORTS_MAX 15u
static_assert(ARRAY_SIZE(((struct ohci *)0)->resets) == PORTS_MAX + 1,
	      "ports count from 1");

/* Of an absent device. */
#define GONE 0xffffffffu

/* The reset takes 10 us; the handshake with SMM has no bound. [5.1.1.3] */
#define RESET_MS 10u
#define TAKE_OVER_MS 500u
/* A reset lasts 10 ms, but the bus needs 50 ms. [USB 2.0, 7.1.7.5] */
#define PORT_RESETS 5u
/* The controller writes a frame number each millisecond. */
#define LOOK_MS 20u

static struct ohci *ohci_of_device(const struct device *dev)
{
	return ohci_of(dev->priv);
}

static unsigned ohci_port_reg(unsigned port)
{
	return OHCI_PORT_STATUS + 4 * (port - 1);
}

static bool ohci_is_reset(void *arg)
{
	return !(ohci_read(arg, OHCI_COMMAND) & COMMAND_RESET);
}

/*
 * Also resets the bus: with HCReset alone, QEMU keeps a packet that waits for a
 * disk, and its answer would end a later transfer. [hw/usb/hcd-ohci.c,
 * ohci_soft_reset(), ohci_roothub_reset()]
 */
static int ohci_reset(struct ohci *ohci)
{
	ohci_write(ohci, OHCI_CONTROL, 0);
	ohci_write(ohci, OHCI_COMMAND, COMMAND_RESET);
	if (deadline_wait(ohci_is_reset, ohci, RESET_MS) < 0)
		return reason_fail(ERR_TIMEOUT, "reset timed out after %u ms",
				   RESET_MS);
	return 0;
}

static bool ohci_is_ours(void *arg)
{
	return !(ohci_read(arg, OHCI_CONTROL) & CONTROL_SMM);
}

/* From a system firmware that emulates a PS/2 keyboard. [5.1.1.3.3] */
static int ohci_take_over(struct ohci *ohci)
{
	if (!ohci->hc.real || ohci_is_ours(ohci))
		return 0;
	ohci_write(ohci, OHCI_COMMAND, COMMAND_TAKE_OVER);
	if (deadline_wait(ohci_is_ours, ohci, TAKE_OVER_MS) < 0)
		return reason_fail(ERR_TIMEOUT,
				   "the system firmware keeps the controller");
	return 0;
}

/* Registers are little-endian memory in BAR 0. [OHCI 1.0a, A.1] */
static int ohci_find_registers(struct ohci *ohci, const struct pci_function *fn)
{
	const uint64_t min = OHCI_PORT_STATUS + 4 * PORTS_MAX;
	uint64_t size, regs = usb_controller_registers(&ohci->hc, min, &size);

	if (!regs)
		return ERR_NODEV;
	pci_enable(fn);
	ohci->regs = regs;
	return 0;
}

static int ohci_identify(struct ohci *ohci)
{
	uint32_t revision = ohci_read(ohci, OHCI_REVISION);
	uint32_t ports = ohci_read(ohci, OHCI_HUB_A) & HUB_A_PORTS;

	if (revision == GONE)
		return reason_fail(ERR_IO, "its registers cannot be read");
	if ((revision & 0xf0) != 0x10)
		return reason_fail(ERR_NOTSUP, "unknown revision 0x%x",
				   revision);
	if (ports == 0 || ports > PORTS_MAX)
		return reason_fail(ERR_NOTSUP, "%u root ports", ports);
	ohci->hc.ports = ports;
	ohci->hc.max_bulk = OHCI_BULK_MAX;
	return 0;
}

/* A controller leaves the suspend state 2 ms after a reset. [5.1.1.4] */
static void ohci_run(struct ohci *ohci)
{
	uint32_t bus = (uint32_t)ohci->shared_bus;
	unsigned port;

	ohci_write(ohci, OHCI_HCCA, bus);
	ohci_write(ohci, OHCI_CONTROL_HEAD,
		   bus + offsetof(struct ohci_shared,
				  first[OHCI_LIST_CONTROL]));
	ohci_write(ohci, OHCI_BULK_HEAD,
		   bus + offsetof(struct ohci_shared, first[OHCI_LIST_BULK]));
	ohci_write(ohci, OHCI_INTERVAL, INTERVAL);
	ohci_write(ohci, OHCI_PERIODIC_START, PERIODIC_START);
	ohci_write(ohci, OHCI_CONTROL, CONTROL_RUN);
	ohci_write(ohci, OHCI_HUB_STATUS, HUB_STATUS_POWER);
	if (!(ohci_read(ohci, OHCI_HUB_A) & HUB_A_PORT_POWER))
		return;
	for (port = 1; port <= ohci->hc.ports; port++)
		ohci_write(ohci, ohci_port_reg(port), PORT_POWER);
}

static int ohci_start(struct device *dev)
{
	const struct pci_function *fn = pci_function_of(dev);
	struct ohci *ohci = ohci_of_device(dev);
	int err = ohci_find_registers(ohci, fn);

	if (err == 0)
		err = ohci_identify(ohci);
	if (err == 0)
		err = ohci_take_over(ohci);
	if (err == 0)
		err = ohci_reset(ohci);
	if (err == 0)
		err = pci_dma_init(fn, &ohci->hc.dma);
	if (err == 0)
		err = ohci_schedule_start(ohci);
	if (err < 0)
		return err;
	deadline_start(&ohci->look, LOOK_MS);
	ohci_run(ohci);
	log_debug(LOG_DRIVERS, "%s: OHCI, %u ports", device_path(dev),
		  ohci->hc.ports);
	return 0;
}

/* Without bus mastering no DMA follows, even if the reset fails. */
static void ohci_stop(struct device *dev)
{
	struct ohci *ohci = ohci_of_device(dev);
	struct reason_kept kept;

	if (!ohci->regs)
		return;
	reason_keep(&kept);
	if (ohci_reset(ohci) < 0)
		log_debug(LOG_DRIVERS, "%s: %s", device_path(dev), reason());
	reason_put_back(&kept);
	pci_disable(pci_function_of(dev));
	ohci_schedule_stop(ohci);
	memset(ohci->resets, 0, sizeof(ohci->resets));
	ohci->regs = 0;
}

/* Of a port, 0 if the controller is gone. */
static uint32_t ohci_port_status(const struct ohci *ohci, unsigned port)
{
	uint32_t status;

	assert(port >= 1 && port <= ohci->hc.ports);
	status = ohci_read(ohci, ohci_port_reg(port));
	return status == GONE ? 0 : status;
}

static void ohci_port_reset(struct usb_controller *hc, unsigned port)
{
	struct ohci *ohci = ohci_of(hc);

	ohci->resets[port] = hc->real ? PORT_RESETS - 1 : 0;
	ohci_write(ohci, ohci_port_reg(port), PORT_CHANGES | PORT_RESET);
}

/* One reset after the other. Returns whether another one runs now. */
static bool ohci_port_reset_again(struct ohci *ohci, unsigned port,
				  uint32_t status)
{
	if (!ohci->resets[port] || !(status & PORT_RESET_CHANGE))
		return false;
	ohci->resets[port]--;
	ohci_write(ohci, ohci_port_reg(port), PORT_RESET_CHANGE | PORT_RESET);
	return true;
}

static struct usb_port ohci_port_state(struct usb_controller *hc, unsigned port)
{
	struct ohci *ohci = ohci_of(hc);
	uint32_t status = ohci_port_status(ohci, port);

	return (struct usb_port){
		.connected = status & PORT_CONNECTED,
		.enabled = status & PORT_ENABLED,
		.resetting = status & PORT_RESET ||
			     ohci_port_reset_again(ohci, port, status),
		.speed = status & PORT_LOW_SPEED ? USB_LOW : USB_FULL,
	};
}

/* A port reset clears the changes: the device was there then. */
int ohci_port_fault(const struct ohci *ohci, unsigned port)
{
	uint32_t status = ohci_port_status(ohci, port);

	if (!(status & PORT_CONNECTED) || status & PORT_CONNECT_CHANGE)
		return reason_fail(ERR_NODEV, "the device is unplugged");
	if (!(status & PORT_ENABLED))
		return reason_fail(ERR_IO, "the port is disabled");
	return 0;
}

static void ohci_kick(struct usb_controller *hc)
{
	struct ohci *ohci = ohci_of(hc);

	if (ohci->filled)
		ohci_write(ohci, OHCI_COMMAND, ohci->filled);
	ohci->filled = 0;
}

void ohci_violated(struct ohci *ohci, const char *what)
{
	reason_fail(ERR_IO, "it violates OHCI: %s", what);
	usb_controller_lost(&ohci->hc);
}

static bool ohci_is_dead(struct ohci *ohci)
{
	uint32_t status = ohci_read(ohci, OHCI_STATUS);

	if (status == GONE)
		reason_fail(ERR_IO, "it does not respond");
	else if (status & STATUS_DEAD)
		reason_fail(ERR_IO, "unrecoverable error");
	else
		return false;
	return true;
}

/*
 * A dead controller writes no frame numbers: until then, no register is read,
 * as that costs a hypercall. Returns false if it was lost.
 */
static bool ohci_look(struct ohci *ohci)
{
	uint16_t frame;

	if (!ohci->regs)
		return false;
	if (!deadline_passed(&ohci->look))
		return true;
	deadline_start(&ohci->look, LOOK_MS);
	frame = ohci_frame(ohci);
	if (frame == ohci->frame && ohci_is_dead(ohci)) {
		usb_controller_lost(&ohci->hc);
		return false;
	}
	ohci->frame = frame;
	ohci_transfer_look(ohci);
	return true;
}

static void ohci_poll(struct usb_controller *hc)
{
	struct ohci *ohci = ohci_of(hc);

	if (ohci_look(ohci))
		ohci_transfer_poll(ohci);
}

static long ohci_pipe_read(struct usb_controller *hc, struct usb_pipe *pipe,
			   void *report)
{
	struct ohci *ohci = ohci_of(hc);

	if (!ohci_look(ohci))
		return ERR_IO;
	return ohci_pipe_take(ohci, pipe, report);
}

static const struct usb_controller_ops ohci_ops = {
	.port_state = ohci_port_state,
	.port_reset = ohci_port_reset,
	.submit = ohci_submit,
	.kick = ohci_kick,
	.poll = ohci_poll,
	.pipe_open = ohci_pipe_open,
	.pipe_read = ohci_pipe_read,
};

static int ohci_attach(struct device *dev)
{
	struct ohci *ohci = heap_zalloc(sizeof(*ohci));
	int err;

	if (!ohci)
		return reason_fail(ERR_NOMEM, "out of memory");
	ohci_schedule_init(ohci);
	err = usb_controller_attach(&ohci->hc, dev, &ohci_ops, "ohci");
	if (err < 0)
		heap_free(ohci);
	return err;
}

static void ohci_detach(struct device *dev)
{
	struct ohci *ohci = ohci_of_device(dev);

	usb_controller_detach(&ohci->hc);
	heap_free(ohci);
}

/* [PCI Code and ID Assignment 1.11, 1.13] */
static const struct pci_match ohci_match[] = {
	{ PCI_ANY, PCI_ANY, 0x0c0310, 0xffffff },
	{ 0 },
};

DRIVER(ohci) = {
	.name = "ohci",
	.bus = &pci_bus,
	.match = ohci_match,
	.on_demand = true,
	.attach = ohci_attach,
	.start = ohci_start,
	.stop = ohci_stop,
	.scan = usb_scan,
	.found = usb_found,
	.settled = usb_settled,
	.detach = ohci_detach,
};

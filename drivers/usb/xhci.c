// SPDX-License-Identifier: BSD-2-Clause
// xHCI: registers, start, stop, root ports (xHCI 1.2, 4.2, 5).
#include "drivers/usb/xhci.h"
#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* Capability registers. [xHCI 1.2, 5.3] */
enum capability_reg {
	CAPLENGTH = 0x00,
	HCSPARAMS1 = 0x04,
	HCSPARAMS2 = 0x08,
	HCCPARAMS1 = 0x10,
	DBOFF = 0x14,
	RTSOFF = 0x18,
	CAPABILITY_LEN = 0x20,
};
#define HCC_CONTEXT_64 (1u << 2)

/* Operational registers. [xHCI 1.2, 5.4] */
enum operational_reg {
	USBCMD = 0x00,
	USBSTS = 0x04,
	PAGESIZE = 0x08,
	CRCR = 0x18,
	DCBAAP = 0x30,
	CONFIG = 0x38,
	PORTSC = 0x400, /* of port 1 */
	PORT_LEN = 0x10,
};
#define CMD_RUN (1u << 0)
#define CMD_RESET (1u << 1)
#define STS_HALTED (1u << 0)
#define STS_SYSTEM_ERROR (1u << 2)
#define STS_NOT_READY (1u << 11)
#define STS_ERROR (1u << 12)
#define STS_DEAD (STS_SYSTEM_ERROR | STS_ERROR)
#define ALL_ONES UINT32_MAX /* of a controller that is gone */

/* PORTSC. [xHCI 1.2, table 5-27] */
#define PORT_CONNECTED (1u << 0)
#define PORT_ENABLED (1u << 1) /* writing it disables the port */
#define PORT_RESET (1u << 4)
#define PORT_POWER (1u << 9)
#define PORT_SPEED(portsc) ((portsc) >> 10 & 0xf)
#define PORT_CONNECT_CHANGE (1u << 17)
#define PORT_CHANGES (0x7fu << 17)

/* End of the registers of interrupter 0. */
#define RUNTIME_LEN 0x40u

/* Extended capabilities. [xHCI 1.2, 7] */
#define CAPABILITY_PROTOCOL 2u
#define CAPABILITIES_MAX 64u

#define RESET_MS 1000u
#define HALT_MS 100u /* 16 ms are allowed [xHCI 1.2, 5.4.1] */
/* Polls without an event, until the status register is read. */
#define LOOKS_MAX 16u

#define COMMAND_RING 16u
#define SCRATCHPAD_MAX (64 * KiB)

void xhci_write64(uint64_t addr, uint64_t value)
{
	pci_io_write(addr, 4, (uint32_t)value);
	pci_io_write(addr + 4, 4, (uint32_t)(value >> 32));
}

static uint32_t xhci_read(const struct xhci *xh, enum operational_reg reg)
{
	return pci_io_read(xh->operational + reg, 4);
}

static void xhci_write(const struct xhci *xh, enum operational_reg reg,
		       uint32_t value)
{
	pci_io_write(xh->operational + reg, 4, value);
}

void xhci_ring_doorbell(const struct xhci *xh, unsigned slot, unsigned endpoint)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	pci_io_write(xh->doorbells + 4 * slot, 4, endpoint);
}

void xhci_lost(struct xhci *xh)
{
	usb_controller_lost(&xh->hc);
}

/* Is [offset, offset + len) inside the BAR? */
static bool registers_fit(uint64_t size, uint64_t offset, uint64_t len)
{
	return offset <= size && len <= size - offset;
}

/* Locates all registers, and reads how many slots and ports there are. */
static int registers_find(struct xhci *xh, uint64_t bar, uint64_t size)
{
	uint32_t length = pci_io_read(bar + CAPLENGTH, 4) & 0xff;
	uint32_t params = pci_io_read(bar + HCSPARAMS1, 4);
	uint32_t doorbells = pci_io_read(bar + DBOFF, 4) & ~3u;
	uint32_t runtime = pci_io_read(bar + RTSOFF, 4) & ~0x1fu;

	if (params == ALL_ONES)
		return reason_fail(ERR_IO, "its registers cannot be read");
	xh->slots = MIN(params & 0xff, XHCI_SLOTS_MAX);
	xh->hc.ports = params >> 24;
	if (!xh->slots)
		return reason_fail(ERR_IO, "the controller has no slots");
	if (length < CAPABILITY_LEN || length % 4 ||
	    !registers_fit(size, length, PORTSC + PORT_LEN * xh->hc.ports) ||
	    !registers_fit(size, runtime, RUNTIME_LEN) ||
	    !registers_fit(size, doorbells, 4 * (xh->slots + 1)))
		return reason_fail(
			ERR_IO,
			"registers at 0x%x, 0x%x, 0x%x, outside its BAR",
			length, runtime, doorbells);
	xh->operational = bar + length;
	xh->runtime = bar + runtime;
	xh->doorbells = bar + doorbells;
	return 0;
}

/* Numbers of USB 2 and USB 3 ports both begin with 1. [xHCI 1.2, 7.2] */
static void registers_read_protocol(struct xhci *xh, uint64_t addr)
{
	uint32_t ports = pci_io_read(addr + 8, 4);
	unsigned first = ports & 0xff, count = ports >> 8 & 0xff, i;

	for (i = 0; i < count && first + i <= XHCI_PORTS_MAX; i++)
		xh->units[first + i] = (uint8_t)(i + 1);
}

static void registers_read_protocols(struct xhci *xh, uint64_t bar,
				     uint64_t size, uint32_t at)
{
	uint32_t head, i;

	memset(xh->units, 0, sizeof(xh->units));
	for (i = 0; at && i < CAPABILITIES_MAX; i++) {
		if (!registers_fit(size, at, 12))
			return;
		head = pci_io_read(bar + at, 4);
		if ((head & 0xff) == CAPABILITY_PROTOCOL)
			registers_read_protocol(xh, bar + at);
		if (!(head >> 8 & 0xff))
			return;
		at += (head >> 8 & 0xff) * 4;
	}
}

static int registers_read(struct xhci *xh)
{
	uint64_t size, bar;
	uint32_t params;
	int err;

	bar = usb_controller_registers(&xh->hc, CAPABILITY_LEN, &size);
	if (!bar)
		return ERR_NODEV;
	err = registers_find(xh, bar, size);
	if (err < 0)
		return err;
	params = pci_io_read(bar + HCSPARAMS2, 4);
	xh->scratchpads = (params >> 21 & 0x1f) << 5 | params >> 27;
	params = pci_io_read(bar + HCCPARAMS1, 4);
	xh->context_size = params & HCC_CONTEXT_64 ? 64 : 32;
	registers_read_protocols(xh, bar, size, params >> 16 << 2);
	return 0;
}

static bool reset_is_halted(void *arg)
{
	/* Also if all bits are 1. */
	return xhci_read(arg, USBSTS) & STS_HALTED;
}

static bool reset_is_done(void *arg)
{
	return !(xhci_read(arg, USBCMD) & CMD_RESET) &&
	       !(xhci_read(arg, USBSTS) & STS_NOT_READY);
}

/* Only a halted controller may be reset. [xHCI 1.2, 4.2, 5.4.1] */
static int reset_run(struct xhci *xh)
{
	uint32_t status = xhci_read(xh, USBSTS);

	if (status == ALL_ONES)
		return reason_fail(ERR_IO, "its registers cannot be read");
	if (!(status & STS_HALTED)) {
		xhci_write(xh, USBCMD, 0);
		/* The reset may work even so. */
		(void)!deadline_wait(reset_is_halted, xh, HALT_MS);
	}
	xhci_write(xh, USBCMD, CMD_RESET);
	if (deadline_wait(reset_is_done, xh, RESET_MS) < 0)
		return reason_fail(ERR_TIMEOUT, "reset timed out after %u ms",
				   RESET_MS);
	return 0;
}

/* Pages that the controller uses as it likes. [xHCI 1.2, 4.20] */
static int start_scratchpads(struct xhci *xh)
{
	uint64_t size, bus, array_bus;
	uint32_t sizes;
	le64 *array;

	if (!xh->scratchpads)
		return 0;
	sizes = xhci_read(xh, PAGESIZE) & 0xffff;
	size = 4 * KiB * (sizes & -sizes);
	if (!size || size > SCRATCHPAD_MAX)
		return reason_fail(ERR_NOTSUP, "page size is 0x%llx",
				   (unsigned long long)size);
	array = xhci_alloc(xh, xh->scratchpads * sizeof(*array), &array_bus);
	/* One page more, to align them. */
	if (!array || !xhci_alloc(xh, (xh->scratchpads + 1) * size, &bus))
		return ERR_NOMEM;
	bus = ALIGN_UP(bus, size);
	for (unsigned i = 0; i < xh->scratchpads; i++)
		array[i] = le64_make(bus + i * size);
	xh->contexts[0] = le64_make(array_bus);
	return 0;
}

/* What the controller reads and writes, in one page. */
static int start_memory(struct xhci *xh)
{
	uint64_t contexts_bus;
	int err;

	xh->contexts =
		xhci_alloc(xh, (xh->slots + 1) * sizeof(le64), &contexts_bus);
	xh->input = xhci_alloc(xh, XHCI_INPUT_CONTEXTS * xh->context_size,
			       &xh->input_bus);
	if (!xh->contexts || !xh->input)
		return ERR_NOMEM;
	err = xhci_ring_alloc(xh, &xh->commands, COMMAND_RING);
	if (err == 0)
		err = start_scratchpads(xh);
	if (err < 0)
		return err;
	xhci_write(xh, CONFIG, xh->slots);
	xhci_write64(xh->operational + DCBAAP, contexts_bus);
	xhci_write64(xh->operational + CRCR, xh->commands.bus | XHCI_TRB_CYCLE);
	return xhci_events_init(xh);
}

static bool start_is_done(void *arg)
{
	uint32_t status = xhci_read(arg, USBSTS);

	return !(status & STS_HALTED) || status & STS_DEAD;
}

static int start_run(struct xhci *xh)
{
	uint32_t status;

	xhci_write(xh, USBCMD, CMD_RUN);
	if (deadline_wait(start_is_done, xh, HALT_MS) < 0)
		return reason_fail(ERR_TIMEOUT, "it does not run after %u ms",
				   HALT_MS);
	status = xhci_read(xh, USBSTS);
	if (status & STS_DEAD)
		return reason_fail(ERR_IO, "controller error, status 0x%x",
				   status);
	return 0;
}

static uint64_t port_register(const struct xhci *xh, unsigned port)
{
	return xh->operational + PORTSC + PORT_LEN * (port - 1);
}

/* QEMU's ports always have power. */
static void start_port_power(const struct xhci *xh)
{
	for (unsigned port = 1; xh->hc.real && port <= xh->hc.ports; port++)
		pci_io_write(port_register(xh, port), 4, PORT_POWER);
}

static void controller_stop(struct device *dev)
{
	struct xhci *xh = xhci_of(dev->priv);
	struct reason_kept kept;

	if (!xh->active)
		return;
	xh->active = false;
	xh->stops++;
	reason_keep(&kept);
	/* Without bus mastering, no DMA follows even if the reset fails. */
	if (xh->operational)
		(void)!reset_run(xh);
	reason_put_back(&kept);
	pci_disable(xh->fn);
	xhci_devices_free(xh);
	xhci_free_all(xh);
	xh->events = NULL;
	xh->command = 0;
}

static int controller_start(struct device *dev)
{
	struct xhci *xh = xhci_of(dev->priv);
	int err;

	controller_stop(dev);
	xh->active = true;
	xh->operational = 0;
	xh->looks = 0;
	xh->hc.max_bulk = XHCI_MAX_BULK;
	pci_enable(xh->fn);
	err = pci_dma_init(xh->fn, &xh->hc.dma);
	if (err == 0)
		err = registers_read(xh);
	if (err == 0)
		err = reset_run(xh);
	if (err == 0)
		err = start_memory(xh);
	if (err == 0)
		err = start_run(xh);
	if (err == 0)
		start_port_power(xh);
	return err;
}

uint32_t xhci_port_look(struct xhci *xh, unsigned port)
{
	uint64_t addr = port_register(xh, port);
	uint32_t portsc;

	if (port < 1 || port > xh->hc.ports)
		return 0;
	portsc = pci_io_read(addr, 4);
	if (portsc == ALL_ONES)
		return 0;
	/* Empty ports stay as they are: nobody waits for a device. */
	if (portsc & PORT_CONNECTED && portsc & PORT_CHANGES)
		pci_io_write(addr, 4, PORT_POWER | (portsc & PORT_CHANGES));
	if (!(portsc & PORT_CONNECTED) || portsc & PORT_CONNECT_CHANGE)
		xhci_port_gone(xh, port);
	return portsc;
}

/* Speeds above 4 are those of USB 3.1 and later. [xHCI 1.2, 7.2.2.1.1] */
static struct usb_port port_state(struct usb_controller *hc, unsigned port)
{
	uint32_t portsc = xhci_port_look(xhci_of(hc), port);
	unsigned speed = PORT_SPEED(portsc);

	return (struct usb_port){
		.connected = portsc & PORT_CONNECTED,
		.enabled = portsc & PORT_ENABLED && speed,
		.resetting = portsc & PORT_RESET,
		.speed = MIN(speed, USB_SUPER),
	};
}

static void port_reset(struct usb_controller *hc, unsigned port)
{
	pci_io_write(port_register(xhci_of(hc), port), 4,
		     PORT_POWER | PORT_RESET);
}

static unsigned port_unit(const struct usb_controller *hc, unsigned port)
{
	const struct xhci *xh = container_of(hc, struct xhci, hc);

	return xh->units[port] ? xh->units[port] : port;
}

static int controller_submit(struct usb_controller *hc, struct usb_transfer *t)
{
	struct xhci *xh = xhci_of(hc);

	if (t->kind == USB_CONTROL || t->kind == USB_BULK)
		return xhci_transfer_submit(xh, t);
	return xhci_device_submit(xh, t);
}

/* A dead controller sends no events; reading its status is a hypercall. */
static void controller_poll(struct usb_controller *hc)
{
	struct xhci *xh = xhci_of(hc);
	uint32_t status;

	if (xhci_event_is_there(xh)) {
		xh->looks = 0;
		xhci_events_handle(xh);
		return;
	}
	if (!xh->active || ++xh->looks % LOOKS_MAX)
		return;
	status = xhci_read(xh, USBSTS);
	if (!(status & (STS_DEAD | STS_HALTED)))
		return;
	reason_fail(ERR_IO, "controller error, status 0x%x", status);
	xhci_lost(xh);
}

static const struct usb_controller_ops controller_ops = {
	.port_state = port_state,
	.port_reset = port_reset,
	.port_unit = port_unit,
	.submit = controller_submit,
	.poll = controller_poll,
	.pipe_open = xhci_pipe_open,
	.pipe_read = xhci_pipe_read,
};

static int controller_attach(struct device *dev)
{
	struct xhci *xh = heap_zalloc(sizeof(*xh));
	int err;

	if (!xh)
		return reason_fail(ERR_NOMEM, "no memory");
	xh->fn = pci_function_of(dev);
	list_init(&xh->memory);
	list_init(&xh->devices);
	list_init(&xh->jobs);
	err = usb_controller_attach(&xh->hc, dev, &controller_ops, "xhci");
	if (err < 0)
		heap_free(xh);
	return err;
}

static void controller_detach(struct device *dev)
{
	struct xhci *xh = xhci_of(dev->priv);

	usb_controller_detach(&xh->hc);
	heap_free(xh);
}

/* qemu-xhci, nec-usb-xhci, and any other. */
static const struct pci_match controller_ids[] = {
	{ PCI_ANY, PCI_ANY, 0x0c0330, 0xffffff },
	{ .vendor = 0 },
};

DRIVER(xhci) = {
	.name = "xhci",
	.bus = &pci_bus,
	.match = controller_ids,
	.on_demand = true,
	.attach = controller_attach,
	.start = controller_start,
	.stop = controller_stop,
	.scan = usb_scan,
	.found = usb_found,
	.settled = usb_settled,
	.detach = controller_detach,
};

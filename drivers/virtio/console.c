// SPDX-License-Identifier: BSD-2-Clause
// virtio-serial: cards, and the consoles among their ports (virtio 1.2, 5.3).

#include "drivers/pci/pci.h"
#include "drivers/virtio/pci.h"
#include "drivers/virtio/serial.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

/* The only port of a card without MULTIPORT: a console. [virtio 1.2, 5.3.5] */
#define PORT0 1u

static uint64_t card_pair(unsigned rx)
{
	return 3ULL << rx;
}

/* Without MULTIPORT there may be no control queues. (QEMU has them.) */
static uint64_t card_queues(const struct serial_card *card)
{
	uint64_t queues = card->single ? 0 : card_pair(SERIAL_CONTROL_RX);
	uint32_t left;

	for (left = card->wired; left; left &= left - 1) {
		uint32_t id = (uint32_t)__builtin_ctz(left);

		queues |= card_pair(serial_port_rx(id));
	}
	return queues;
}

static int card_start(struct device *dev)
{
	struct serial_card *card = dev->priv;
	int err;

	card->vd.features = 0;
	err = virtio_pci_start(&card->vd, pci_function_of(dev),
			       SERIAL_F_MULTIPORT, card_queues(card));
	if (err < 0)
		return err;
	if (card->vd.features & SERIAL_F_MULTIPORT)
		err = serial_control_start(card);
	if (err < 0)
		return err;
	card->running = true;
	for (unsigned i = 0; i < SERIAL_PORTS_MAX; i++) {
		if (card->ports[i])
			serial_port_start(card->ports[i]);
	}
	return 0;
}

void serial_card_halt(struct serial_card *card)
{
	card->running = card->borrowed = false;
	virtio_stop(&card->vd);
	serial_control_stop(card);
}

/* An exception's report, too, is to be seen. */
static void card_stop(struct device *dev)
{
	struct serial_card *card = dev->priv;

	for (unsigned i = 0; i < SERIAL_PORTS_MAX; i++) {
		if (card->ports[i])
			serial_port_drain(card->ports[i]);
	}
	serial_card_halt(card);
}

int serial_card_borrow(struct serial_card *card, uint32_t port)
{
	uint64_t tx = 2ULL << serial_port_rx(port);
	int err;

	card->borrowed = true;
	err = virtio_pci_start(&card->vd, pci_function_of(card->dev),
			       port ? SERIAL_F_MULTIPORT : 0, tx);
	card->running = err == 0;
	card->borrowed = err == 0;
	return err;
}

void serial_card_lose(struct serial_card *card)
{
	fmt_str(card->why, sizeof(card->why), "%s", reason());
	card->lost = true;
	card->running = false;
	device_fail(card->dev, card->why);
	device_stop(card->dev);
}

bool serial_card_up(struct serial_card *card)
{
	if (card->running)
		return true;
	if (card->kept || card->dev->state != DEVICE_OFF)
		return false;
	if (device_start(card->dev) < 0)
		serial_card_lose(card);
	return card->running;
}

static void card_complain(const struct serial_card *card, const char *why)
{
	log_err("%s %s: %s", card->dev->driver->name, device_path(card->dev),
		why);
}

void serial_card_poll(struct serial_card *card)
{
	if (card->control && serial_control_step(card) < 0)
		serial_card_lose(card);
	if (!card->lost)
		return;
	card->lost = false;
	card_complain(card, card->why);
}

/*
 * Finds the consoles: asks with the control queues alone, because most cards
 * have none, then starts again with the queues of the consoles.
 */
static int card_look(struct serial_card *card)
{
	struct virtio_device *vd = &card->vd;
	uint32_t consoles;
	int err = device_start(card->dev);

	card->single = vd->transport && !(vd->features & SERIAL_F_MULTIPORT);
	/* The control queues of such a card may be missing. */
	if (err < 0 && !(card->single && err == ERR_NOTSUP))
		return err;
	consoles = card->single ? PORT0 : serial_control_consoles(card);
	device_stop(card->dev);
	if (!consoles)
		return 0;
	card->wired = consoles;
	err = device_start(card->dev);
	if (err == 0 && !card->single)
		card->wired &= serial_control_consoles(card);
	return err;
}

/*
 * A card with a console runs until quiesce: it has to hear what is typed. One
 * without is left stopped, for the client's driver.
 */
static bool card_scan(struct device *dev)
{
	struct serial_card *card = dev->priv;

	if (card_look(card) < 0) {
		card->wired = 0;
		card_complain(card, reason());
	}
	/* Also if there is none at the second look. */
	if (!card->wired)
		device_stop(dev);
	return false;
}

/* Makes a device, of the card or of a node below it, a console. */
static int port_add_roles(struct serial_port *port, struct device *dev)
{
	int err = tree_set_str(dev->node, "device_type", "serial");

	if (err == 0)
		err = tree_add_alias("vsterm", dev->node);
	if (err == 0)
		err = device_add_role(dev, &port->out.as, &console_output_role);
	if (err == 0)
		err = device_add_role(dev, &port->in.as, &console_input_role);
	return err;
}

static int port_attach(struct device *dev)
{
	return port_add_roles(dev->bus_data, dev);
}

static bool port_match(const struct device *dev, const void *match)
{
	(void)match;
	return dev->bus_data != NULL;
}

BUS(serial_bus) = {
	.name = "virtio-serial",
	.match = port_match,
};

DRIVER(virtio_port) = {
	.name = "virtio-port",
	.bus = &serial_bus,
	.attach = port_attach,
};

/* The node and device of a console that is not port 0. */
static int port_add_node(struct serial_port *port)
{
	struct device *parent = port->card->dev;
	struct node *node;
	char name[24];
	int err;

	fmt_str(name, sizeof(name), "console@%x", port->id);
	err = tree_set_u32(parent->node, "#address-cells", 1);
	if (err == 0)
		err = tree_set_u32(parent->node, "#size-cells", 0);
	node = err ? NULL : tree_add_node(parent->node, name, TREE_QUOIN);
	if (!node || tree_set_u32(node, "reg", port->id))
		return ERR_NOMEM;
	return device_add(parent, &serial_bus, node, port) ? 0 : ERR_NOMEM;
}

static int card_add_port(struct serial_card *card, uint32_t id)
{
	struct serial_port *port = serial_port_new(card, id);
	int err;

	if (!port)
		return ERR_NOMEM;
	/* SLOF's node of port 0 is the card's. */
	err = id ? port_add_node(port) : port_add_roles(port, card->dev);
	if (err < 0) {
		heap_free(port);
		return err;
	}
	card->ports[id] = port;
	serial_port_start(port);
	return 0;
}

static void card_found(struct device *dev)
{
	struct serial_card *card = dev->priv;
	uint32_t left;

	for (left = card->wired; left; left &= left - 1) {
		uint32_t id = (uint32_t)__builtin_ctz(left);

		if (card_add_port(card, id) < 0)
			log_err("%s %s: no memory for port %u",
				dev->driver->name, device_path(dev), id);
	}
}

static int card_attach(struct device *dev)
{
	struct serial_card *card = heap_zalloc(sizeof(*card));

	if (!card)
		return reason_fail(ERR_NOMEM, "no memory");
	card->vd.queue = card->queues;
	card->dev = dev;
	dev->priv = card;
	return 0;
}

static void card_detach(struct device *dev)
{
	struct serial_card *card = dev->priv;

	for (unsigned i = 0; i < SERIAL_PORTS_MAX; i++)
		heap_free(card->ports[i]);
	heap_free(card);
}

/* Transitional and modern device ids. [virtio 1.2, 4.1.2.1] */
static const struct pci_match card_ids[] = {
	{ .vendor = VIRTIO_PCI_VENDOR, .device = 0x1003 },
	{ .vendor = VIRTIO_PCI_VENDOR, .device = 0x1043 },
	{ .vendor = 0 },
};

DRIVER(virtio_console) = {
	.name = "virtio-console",
	.bus = &pci_bus,
	.match = card_ids,
	.children = &serial_bus,
	.attach = card_attach,
	.start = card_start,
	.stop = card_stop,
	.scan = card_scan,
	.found = card_found,
	.detach = card_detach,
};

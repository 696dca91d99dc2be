// SPDX-License-Identifier: BSD-2-Clause
// EHCI: root ports (EHCI 1.0, 2.3.9, 4.2).

#include "drivers/usb/ehci.h"

#include "lib/deadline.h"
#include "lib/log.h"

/* PORTSC. Writing the port without ENABLED disables it. [EHCI 1.0, 2.3.9] */
#define PORT_CONNECTED (1u << 0)
#define PORT_ENABLED (1u << 2)
#define PORT_RESET (1u << 8)
#define PORT_LINE_MASK (3u << 10)
#define PORT_LINE_K (1u << 10) /* a low-speed device, before a reset */
#define PORT_POWER (1u << 12)
#define PORT_OWNER (1u << 13) /* a companion controller's */

/* USB 2.0, 7.1.7.5: TDRSTR; EHCI 1.0, 2.3.9: it ends within 2 ms. */
#define PORT_RESET_MS 50u
#define PORT_RESET_END_MS 10u

static uint32_t port_read(const struct ehci *eh, unsigned port)
{
	uint32_t sc = ehci_read(eh, EHCI_PORTSC + 4 * (port - 1));

	return sc == UINT32_MAX ? 0 : sc;
}

static void port_write(const struct ehci *eh, unsigned port, uint32_t value)
{
	ehci_write(eh, EHCI_PORTSC + 4 * (port - 1), PORT_POWER | value);
}

void ehci_ports_start(struct ehci *eh)
{
	unsigned port;

	memset(eh->port, 0, sizeof(eh->port));
	for (port = 1; eh->switches_power && port <= eh->hc.ports; port++)
		port_write(eh, port, 0);
}

/* Only high-speed devices are ours; a companion drives the others. */
static void port_give_away(struct ehci *eh, unsigned port)
{
	struct ehci_port *p = &eh->port[port];

	if (eh->companions)
		port_write(eh, port, PORT_OWNER);
	else if (!p->foreign)
		log_warn("ehci %s: the device at port %u is not a high-speed "
			 "device: it needs an OHCI or xHCI controller",
			 device_path(eh->hc.dev), port);
	p->foreign = true;
}

void ehci_port_reset(struct usb_controller *hc, unsigned port)
{
	struct ehci *eh = ehci_of(hc);
	struct ehci_port *p = &eh->port[port];
	uint32_t sc = port_read(eh, port);

	if ((sc & PORT_LINE_MASK) == PORT_LINE_K && !(sc & PORT_ENABLED)) {
		port_give_away(eh, port);
		return;
	}
	port_write(eh, port, PORT_RESET);
	p->step = EHCI_PORT_RESET;
	p->until = deadline_ms() + (hc->real ? PORT_RESET_MS : 0);
}

void ehci_port_disable(struct ehci *eh, unsigned port)
{
	port_write(eh, port, 0);
}

/* Is it over? Then `sc` is its result. */
static bool port_reset_step(struct ehci *eh, unsigned port, uint32_t *sc)
{
	struct ehci_port *p = &eh->port[port];

	if (p->step == EHCI_PORT_RESET) {
		if (deadline_ms() < p->until)
			return false;
		port_write(eh, port, 0);
		p->step = EHCI_PORT_ENDS;
		p->until = deadline_ms() + PORT_RESET_END_MS;
		*sc = port_read(eh, port);
	}
	if (*sc & PORT_RESET && deadline_ms() <= p->until)
		return false;
	p->step = EHCI_PORT_IDLE;
	p->lost = false;
	/* A port that does not leave the reset is not enabled either. */
	if ((*sc & (PORT_CONNECTED | PORT_ENABLED | PORT_RESET)) ==
	    PORT_CONNECTED)
		port_give_away(eh, port);
	return true;
}

struct usb_port ehci_port_state(struct usb_controller *hc, unsigned port)
{
	struct ehci *eh = ehci_of(hc);
	struct ehci_port *p = &eh->port[port];
	uint32_t sc = port_read(eh, port);
	struct usb_port state = { .speed = USB_HIGH };

	if (p->step != EHCI_PORT_IDLE)
		state.resetting = !port_reset_step(eh, port, &sc);
	if (!(sc & PORT_CONNECTED))
		p->foreign = false;
	state.connected = (sc & PORT_CONNECTED) && !(sc & PORT_OWNER) &&
			  !p->foreign;
	state.enabled = state.connected && !state.resetting &&
			(sc & PORT_ENABLED) && !(sc & PORT_RESET);
	return state;
}

bool ehci_port_unplugged(struct ehci *eh, unsigned port)
{
	const uint32_t up = PORT_CONNECTED | PORT_ENABLED;
	struct ehci_port *p = &eh->port[port];

	if (p->step == EHCI_PORT_IDLE)
		p->lost = (port_read(eh, port) & up) != up;
	return p->lost;
}

void ehci_ports_changed(struct ehci *eh)
{
	unsigned port;

	for (port = 1; port <= eh->hc.ports; port++) {
		if (ehci_port_unplugged(eh, port))
			ehci_queues_lose(eh, port);
	}
}

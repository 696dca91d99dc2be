// SPDX-License-Identifier: BSD-2-Clause
// virtio-serial: input and output of a console.

#include <string.h>

#include "drivers/virtio/serial.h"
#include "lib/deadline.h"
#include "lib/heap.h"

/*
 * A write sends its text at once, be it a byte: clients write so. Above this
 * number in flight, text waits for more of it in a slot. QEMU's main loop is
 * then busy with the others, and the next look at the queue sends it.
 */
#define EAGER 48u
static_assert(EAGER < SERIAL_SLOTS, "text may wait in a slot");

/* Longest wait for a device that takes no text. */
#define WAIT_MS 100u

static struct serial_port *port_of_input(struct console_input *in)
{
	return container_of(in, struct serial_port, in);
}

static struct serial_port *port_of_output(struct console_output *out)
{
	return container_of(out, struct serial_port, out);
}

static unsigned port_tx(const struct serial_port *port)
{
	return serial_port_rx(port->id) + 1;
}

/* Output. */

static void port_reset_output(struct serial_port *port)
{
	port->free = port->fill = NULL;
	port->in_flight = 0;
	for (unsigned i = 0; i < SERIAL_SLOTS; i++) {
		port->slots[i].next = port->free;
		port->free = &port->slots[i];
	}
}

/* Takes back the slots that the device has read. */
static void port_reap(struct serial_port *port)
{
	struct serial_card *card = port->card;
	struct serial_slot *slot;
	uint32_t len;

	while ((slot = virtio_poll(&card->vd, port_tx(port), &len)) != NULL) {
		slot->next = port->free;
		port->free = slot;
		port->in_flight--;
	}
	if (!port->in_flight)
		port->stuck = false;
	if (virtio_broken(&card->vd, port_tx(port)))
		serial_card_lose(card);
}

/* Sends the text that waits, if any. Returns false if the queue is full. */
static bool port_send(struct serial_port *port)
{
	struct serial_slot *slot = port->fill;
	struct virtio_buf buf;

	if (!slot || !slot->len)
		return true;
	buf = (struct virtio_buf){ slot->text, slot->len, false };
	if (virtio_submit(&port->card->vd, port_tx(port), &buf, 1, slot) < 0)
		return false;
	port->fill = NULL;
	port->in_flight++;
	return true;
}

/* Makes room for at least one byte in `fill`. Returns false: there is none. */
static bool port_room(struct serial_port *port)
{
	if (port->fill && port->fill->len < sizeof(port->fill->text))
		return true;
	if (!port_send(port) || !port->free)
		return false;
	port->fill = port->free;
	port->free = port->fill->next;
	port->fill->len = 0;
	return true;
}

static bool port_takes_more(void *arg)
{
	struct serial_port *port = arg;

	virtio_kick(&port->card->vd, port_tx(port));
	port_reap(port);
	return !port->card->running || port_room(port);
}

/* The wait is the last one until the device has taken all that it has. */
static bool port_wait_room(struct serial_port *port)
{
	if (port_room(port))
		return true;
	if (!port->stuck && deadline_wait(port_takes_more, port, WAIT_MS) < 0)
		port->stuck = true;
	return port->card->running && port_room(port);
}

/* Text that finds no room is dropped. */
static void port_put(struct serial_port *port, const char *text, size_t len)
{
	port_reap(port);
	while (len && port->card->running && port_wait_room(port)) {
		struct serial_slot *slot = port->fill;
		size_t n = MIN(len, sizeof(slot->text) - slot->len);

		memcpy(slot->text + slot->len, text, n);
		slot->len += (uint32_t)n;
		text += n;
		len -= n;
	}
	if (port->in_flight < EAGER)
		(void)port_send(port);
	virtio_kick(&port->card->vd, port_tx(port));
}

static bool port_is_idle(void *arg)
{
	struct serial_port *port = arg;

	port_reap(port);
	if (!port->card->running)
		return true;
	(void)port_send(port);
	virtio_kick(&port->card->vd, port_tx(port));
	return !port->in_flight && !(port->fill && port->fill->len);
}

void serial_port_drain(struct serial_port *port)
{
	if (port->card->running && !port->stuck &&
	    deadline_wait(port_is_idle, port, WAIT_MS) < 0)
		port->stuck = true;
}

static void port_flush(struct console_output *out)
{
	serial_port_drain(port_of_output(out));
}

/* The client's own driver is next: without the card, no DMA. */
static void port_keep(struct console_output *out)
{
	struct serial_port *port = port_of_output(out);

	port_flush(out);
	serial_card_halt(port->card);
	port->card->kept = true;
}

/* The client owns the machine: the card runs for the time of this call. */
static long port_write_kept(struct serial_port *port, const char *text,
			    size_t len)
{
	/* The start of the card may be traced, which writes here, too. */
	if (port->stuck || port->card->borrowed)
		return (long)len;
	if (port->card->dev->state == DEVICE_FAILED ||
	    serial_card_borrow(port->card, port->id)) {
		port->stuck = true;
		return ERR_NODEV;
	}
	port_reset_output(port);
	port_put(port, text, len);
	serial_port_drain(port);
	serial_card_halt(port->card);
	return (long)len;
}

static long port_write(struct console_output *out, const char *text, size_t len)
{
	struct serial_port *port = port_of_output(out);

	if (port->card->kept)
		return port_write_kept(port, text, len);
	if (!serial_card_up(port->card))
		return ERR_NODEV;
	port_put(port, text, len);
	return (long)len;
}

/* Input. */

static void port_post(struct serial_port *port, char *input)
{
	struct virtio_buf buf = { input, SERIAL_INPUT_LEN, true };

	/* A small queue takes fewer. */
	if (virtio_submit(&port->card->vd, serial_port_rx(port->id), &buf, 1,
			  input) < 0)
		return;
}

static bool port_has_input(struct serial_port *port)
{
	struct virtio_device *vd = &port->card->vd;
	unsigned rx = serial_port_rx(port->id);

	if (!port->got) {
		port->got = virtio_poll(vd, rx, &port->got_len);
		port->got_pos = 0;
	}
	if (virtio_broken(vd, rx))
		serial_card_lose(port->card);
	return port->card->running && port->got;
}

static long port_read(struct console_input *in, char *buf, size_t len)
{
	struct serial_port *port = port_of_input(in);
	struct serial_card *card = port->card;
	size_t n;

	serial_card_poll(card);
	if (!serial_card_up(card))
		return 0;
	/* Text that waits in a slot: perhaps nothing more is written. */
	if (port->fill && port->fill->len)
		port_put(port, "", 0);
	if (!port_has_input(port))
		return 0;
	n = MIN(len, (size_t)(port->got_len - port->got_pos));
	memcpy(buf, port->got + port->got_pos, n);
	port->got_pos += (uint32_t)n;
	if (port->got_pos == port->got_len) {
		port_post(port, port->got);
		port->got = NULL;
		virtio_kick(&card->vd, serial_port_rx(port->id));
	}
	return (long)n;
}

void serial_port_start(struct serial_port *port)
{
	port_reset_output(port);
	port->stuck = false;
	port->got = NULL;
	for (unsigned i = 0; i < SERIAL_INPUTS; i++)
		port_post(port, port->input[i]);
	virtio_kick(&port->card->vd, serial_port_rx(port->id));
}

struct serial_port *serial_port_new(struct serial_card *card, uint32_t id)
{
	struct serial_port *port = heap_zalloc(sizeof(*port));

	if (!port)
		return NULL;
	port->card = card;
	port->id = id;
	port->in.read = port_read;
	port->out.write = port_write;
	port->out.flush = port_flush;
	port->out.keep = port_keep;
	return port;
}

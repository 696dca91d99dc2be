/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio-serial: what the parts of its driver share (virtio 1.2, 5.3). */
#ifndef DRIVERS_VIRTIO_SERIAL_H
#define DRIVERS_VIRTIO_SERIAL_H

#include "drivers/console.h"
#include "drivers/virtio/virtio.h"

struct serial_control;

/* Ports that have queues: a pair each, and one for control. QEMU's default. */
#define SERIAL_PORTS_MAX 31u
static_assert(2 * (SERIAL_PORTS_MAX + 1) <= VIRTIO_QUEUES_MAX, "queues");

/* Feature bits. [virtio 1.2, 5.3.3] */
#define SERIAL_F_MULTIPORT (1ULL << 1)

/* Queues, each followed by the one in the other direction. [5.3.2] */
#define SERIAL_CONTROL_RX 2u
#define SERIAL_CONTROL_TX 3u
static inline unsigned serial_port_rx(uint32_t id)
{
	return id ? 2 * id + 2 : 0;
}

struct serial_port;

struct serial_card {
	struct virtio_device vd;
	struct virtio_queue *queues[VIRTIO_QUEUES_MAX];
	struct device *dev;
	uint32_t wired; /* a bit for each port whose queues are set up */
	bool single;	/* one port, no control messages: no MULTIPORT */
	bool running;	/* its queues can be used */
	bool kept;	/* after quiesce: started for each write */
	bool borrowed;	/* such a write is being done */
	bool lost;	/* its failure is still to be printed */
	char why[160];	/* the failure */
	struct serial_control *control; /* while it runs with MULTIPORT */
	struct serial_port *ports[SERIAL_PORTS_MAX]; /* the consoles */
};

/* Text for the device: being filled, or in flight. */
struct serial_slot {
	struct serial_slot *next; /* free ones */
	uint32_t len;
	char text[256];
};
#define SERIAL_SLOTS 64u
#define SERIAL_INPUTS 8u
#define SERIAL_INPUT_LEN 64u

/* A port that is a console. */
struct serial_port {
	struct serial_card *card;
	uint32_t id;
	struct console_input in;
	struct console_output out;

	char input[SERIAL_INPUTS][SERIAL_INPUT_LEN];
	char *got; /* the input that is being read, or NULL */
	uint32_t got_len, got_pos;

	struct serial_slot slots[SERIAL_SLOTS];
	struct serial_slot *free;
	struct serial_slot *fill; /* holds text that is not sent, or NULL */
	unsigned in_flight;
	bool stuck; /* the device takes nothing: do not wait for it */
};

/*
 * serial_card_up - can its queues be used? Starts a card again that an
 * exception has stopped.
 */
bool serial_card_up(struct serial_card *card);

/* serial_card_lose - it does not work, see reason(): never use it again. */
void serial_card_lose(struct serial_card *card);

/*
 * serial_card_poll - handle control messages, print why a card was lost. Not
 * for output, which printing would call again.
 */
void serial_card_poll(struct serial_card *card);

/*
 * serial_card_borrow - start a kept card with one output queue, for one write.
 * serial_card_halt - stop it: no DMA follows.
 */
must_check int serial_card_borrow(struct serial_card *card, uint32_t port);
void serial_card_halt(struct serial_card *card);

/* serial_port_new - a console, idle, for found(). NULL: no memory. */
struct serial_port *serial_port_new(struct serial_card *card, uint32_t id);

/* serial_port_start - the card has started: accept input and output. */
void serial_port_start(struct serial_port *port);

/* serial_port_drain - wait until the device has all text, for a short time. */
void serial_port_drain(struct serial_port *port);

/*
 * serial_control_start - the card has started: ask for its ports, and wait for
 * the answers. Returns 0; ERR_NOMEM; ERR_TIMEOUT; ERR_IO: broken.
 */
must_check int serial_control_start(struct serial_card *card);

/*
 * serial_control_step - handle what the device has sent, send the next message.
 * Returns 1: expects an answer; 0: idle; ERR_IO: broken.
 */
int serial_control_step(struct serial_card *card);

/* serial_control_consoles - a bit for each port that is a console. */
uint32_t serial_control_consoles(const struct serial_card *card);

/* serial_control_stop - free it; the card has stopped. */
void serial_control_stop(struct serial_card *card);

#endif

// SPDX-License-Identifier: BSD-2-Clause
// virtio-serial: control messages, which tell the consoles among its ports.

#include <string.h>

#include "drivers/virtio/serial.h"
#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* Buffers: QEMU sends a message for each port at once, and drops the rest. */
#define BUFS 32u
/* A message with a port's name; Linux has a page. */
#define BUF_LEN 256u
/* Longest wait for all ports; emulated devices need microseconds. */
#define TIMEOUT_MS 1000u
/* Most messages that one step handles. */
#define STEP_MAX 64u

/* struct virtio_console_control [virtio 1.2, 5.3.6.2]; device's byte order. */
struct message {
	uint32_t id;
	uint16_t event;
	uint16_t value;
};
static_assert(sizeof(struct message) == 8, "virtio_console_control");

enum message_event {
	EVENT_DEVICE_READY = 0,
	EVENT_PORT_ADD = 1,    /* VIRTIO_CONSOLE_DEVICE_ADD */
	EVENT_PORT_REMOVE = 2, /* VIRTIO_CONSOLE_DEVICE_REMOVE */
	EVENT_PORT_READY = 3,
	EVENT_CONSOLE_PORT = 4,
	EVENT_RESIZE = 5,
	EVENT_PORT_OPEN = 6,
	EVENT_PORT_NAME = 7,
};

/* The id of messages about the device. [Linux drivers/char/virtio_console.c] */
#define NO_PORT UINT32_MAX

/*
 * The conversation; at most one message of ours is in flight, and QEMU's
 * answers come before the end of it:
 *
 *	us				the device
 *	DEVICE_READY			PORT_ADD, for each port
 *	PORT_READY, for each port	CONSOLE_PORT if it is one; PORT_NAME...
 *	PORT_OPEN, for consoles
 *
 * A port that is no console (a guest agent's) is never opened: its host would
 * see a guest that is there and does not answer.
 */
struct serial_control {
	struct message out;
	bool busy;	/* `out` is in flight */
	bool announced; /* DEVICE_READY is sent */
	/* A bit for each port: */
	uint32_t added;	  /* exists */
	uint32_t asked;	  /* PORT_READY is sent */
	uint32_t console; /* is a console */
	uint32_t opened;  /* PORT_OPEN is sent */
	uint8_t bufs[BUFS][BUF_LEN];
};

static void control_post(struct serial_card *card, uint8_t *buf)
{
	struct virtio_buf in = { buf, BUF_LEN, true };

	/* A queue of fewer entries has fewer messages at a time. */
	if (virtio_submit(&card->vd, SERIAL_CONTROL_RX, &in, 1, buf) < 0)
		return;
}

static void control_added(struct serial_control *ctl, uint32_t bit, bool there)
{
	if (there) {
		ctl->added |= bit;
		return;
	}
	ctl->added &= ~bit;
	ctl->asked &= ~bit;
	ctl->console &= ~bit;
	ctl->opened &= ~bit;
}

/*
 * The message is a copy: the device may change its own. Not traced: a console
 * of this card would print it, in the middle of the conversation.
 */
static void control_take(struct serial_card *card, const struct message *msg)
{
	struct serial_control *ctl = card->control;
	uint32_t id = virtio_wire32(&card->vd, msg->id);
	uint16_t event = virtio_wire16(&card->vd, msg->event);

	if (id >= SERIAL_PORTS_MAX)
		return;
	switch (event) {
	case EVENT_PORT_ADD:
	case EVENT_PORT_REMOVE:
		control_added(ctl, 1u << id, event == EVENT_PORT_ADD);
		break;
	case EVENT_CONSOLE_PORT:
		ctl->console |= ctl->added & 1u << id;
		break;
	default:
		/* RESIZE, PORT_NAME, the host's PORT_OPEN: of no use here. */
		break;
	}
}

static void control_receive(struct serial_card *card)
{
	struct virtio_device *vd = &card->vd;
	struct message msg;
	uint32_t len;
	uint8_t *buf;

	for (unsigned n = 0; n < STEP_MAX; n++) {
		buf = virtio_poll(vd, SERIAL_CONTROL_RX, &len);
		if (!buf)
			break;
		if (len >= sizeof(msg)) {
			memcpy(&msg, buf, sizeof(msg));
			control_take(card, &msg);
		}
		control_post(card, buf);
	}
	virtio_kick(vd, SERIAL_CONTROL_RX);
}

static void control_send(struct serial_card *card, uint32_t id,
			 enum message_event event)
{
	struct serial_control *ctl = card->control;
	struct virtio_buf out = { &ctl->out, sizeof(ctl->out), false };

	ctl->out.id = virtio_wire32(&card->vd, id);
	ctl->out.event = virtio_wire16(&card->vd, (uint16_t)event);
	ctl->out.value = virtio_wire16(&card->vd, 1);
	ctl->busy = virtio_submit(&card->vd, SERIAL_CONTROL_TX, &out, 1,
				  &ctl->out) == 0;
	virtio_kick(&card->vd, SERIAL_CONTROL_TX);
}

/* Sends `event` for the lowest port in `ports`, and notes it in `done`. */
static void control_send_one(struct serial_card *card, uint32_t ports,
			     enum message_event event, uint32_t *done)
{
	uint32_t id = (uint32_t)__builtin_ctz(ports);

	*done |= 1u << id;
	control_send(card, id, event);
}

static void control_next(struct serial_card *card)
{
	struct serial_control *ctl = card->control;
	uint32_t ask = ctl->added & ~ctl->asked;
	uint32_t open = ctl->console & card->wired & ~ctl->opened;

	if (!ctl->announced) {
		ctl->announced = true;
		control_send(card, NO_PORT, EVENT_DEVICE_READY);
	} else if (ask) {
		control_send_one(card, ask, EVENT_PORT_READY, &ctl->asked);
	} else if (open) {
		control_send_one(card, open, EVENT_PORT_OPEN, &ctl->opened);
	}
}

int serial_control_step(struct serial_card *card)
{
	struct serial_control *ctl = card->control;
	uint32_t len;

	/* First: what the device wrote before that is there as well. */
	if (virtio_poll(&card->vd, SERIAL_CONTROL_TX, &len))
		ctl->busy = false;
	control_receive(card);
	if (virtio_broken(&card->vd, SERIAL_CONTROL_RX) ||
	    virtio_broken(&card->vd, SERIAL_CONTROL_TX))
		return ERR_IO;
	if (!ctl->busy)
		control_next(card);
	return ctl->busy;
}

static bool control_done(void *arg)
{
	struct serial_card *card = arg;

	return serial_control_step(card) <= 0;
}

int serial_control_start(struct serial_card *card)
{
	struct serial_control *ctl = heap_alloc(sizeof(*ctl));

	if (!ctl)
		return reason_fail(ERR_NOMEM, "no memory");
	memset(ctl, 0, offsetof(struct serial_control, bufs));
	card->control = ctl;
	for (unsigned i = 0; i < BUFS; i++)
		control_post(card, ctl->bufs[i]);
	if (deadline_wait(control_done, card, TIMEOUT_MS) < 0)
		return reason_fail(ERR_TIMEOUT,
				   "no answer to a control message in %u ms",
				   TIMEOUT_MS);
	if (virtio_broken(&card->vd, SERIAL_CONTROL_RX) ||
	    virtio_broken(&card->vd, SERIAL_CONTROL_TX))
		return ERR_IO;
	return 0;
}

uint32_t serial_control_consoles(const struct serial_card *card)
{
	return card->control ? card->control->console : 0;
}

void serial_control_stop(struct serial_card *card)
{
	heap_free(card->control);
	card->control = NULL;
}

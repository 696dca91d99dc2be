/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake virtio-serial card: ports, control messages, text. */
#ifndef TESTS_FAKE_VIRTIO_SERIAL_H
#define TESTS_FAKE_VIRTIO_SERIAL_H

#include "drivers/console.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"

struct node;

/* Events of control messages. [virtio 1.2, 5.3.6.2] */
enum serial_event {
	SERIAL_DEVICE_READY,
	SERIAL_PORT_ADD,
	SERIAL_PORT_REMOVE,
	SERIAL_PORT_READY,
	SERIAL_CONSOLE_PORT,
	SERIAL_RESIZE,
	SERIAL_PORT_OPEN,
	SERIAL_PORT_NAME,
};

#define SERIAL_MULTIPORT (1u << 1)
#define SERIAL_PORTS 32u

struct fake_serial {
	struct device *dev;
	struct node *node; /* /serial@1 */
	/* Its ports, a bit for each; set before serial_scan(). */
	uint32_t ports, consoles;
	const char *name; /* of each port, or NULL */
	/* Called for each message instead of the honest answer, if set. */
	void (*reply)(uint32_t id, uint16_t event);
	/* What it saw: the driver's messages, as "ready? ask0 open0 ". */
	char messages[1024];
	char text[SERIAL_PORTS][32768]; /* each port's output */
	unsigned writes[SERIAL_PORTS];	/* how many requests it was */
};
extern struct fake_serial fake_serial;

/*
 * serial_plug - attach an honest card, with MULTIPORT and one console at port
 * 0. serial_scan - what the firmware does next.
 */
void serial_plug(bool modern);
void serial_scan(void);

/* serial_unplug - detach it; assert that nothing is left. */
void serial_unplug(void);

/*
 * serial_say - send a control message, of `len` bytes: 8 is without a name.
 * Returns false: the driver has no buffer for it.
 */
bool serial_say(uint32_t id, uint16_t event, uint16_t value, const void *more,
		uint32_t len);

/* serial_type - input for a port; asserts that the driver has buffers. */
void serial_type(unsigned port, const char *text);

/* serial_in, serial_out - the roles of a port's console, or NULL. */
struct console_input *serial_in(unsigned port);
struct console_output *serial_out(unsigned port);

/* serial_write - write to a port; asserts that all is taken. */
void serial_write(unsigned port, const char *text);

/* Queues. [virtio 1.2, 5.3.2] */
#define SERIAL_RX(port) ((port) ? 2 * (port) + 2 : 0)
#define SERIAL_TX(port) (SERIAL_RX(port) + 1)

/* serial_answer - the fake's fake_virtio.handle. */
uint32_t serial_answer(unsigned queue, struct fake_buf *bufs, unsigned n);

#endif

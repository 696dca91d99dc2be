// SPDX-License-Identifier: BSD-2-Clause
// A fake virtio-serial card: see tests/fake/virtio_serial.h.
#include "tests/fake/virtio_serial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "drivers/virtio/serial.h"
#include "lib/fmt.h"
#include "tests/fake/heap.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_virtio_console);
TABLE_LINK(drivers, driver_virtio_port);

struct fake_serial fake_serial;

/* What the next buffer of an input queue receives. */
static const void *to_driver;
static uint32_t to_driver_len;

static void note(const char *fmt, uint32_t id)
{
	size_t len = strlen(fake_serial.messages);

	assert_true(len + 16 < sizeof(fake_serial.messages));
	fmt_str(fake_serial.messages + len, 16, fmt, id);
}

bool serial_say(uint32_t id, uint16_t event, uint16_t value, const void *more,
		uint32_t len)
{
	uint8_t msg[4096] = { 0 };

	assert_true(len <= sizeof(msg));
	fake_put32(msg, id);
	fake_put16(msg + 4, event);
	fake_put16(msg + 6, value);
	if (more)
		memcpy(msg + 8, more, len - 8);
	to_driver = msg;
	to_driver_len = len;
	return fake_virtio_answer_next(SERIAL_CONTROL_RX);
}

/* As QEMU answers. [hw/char/virtio-serial-bus.c, handle_control_message] */
static void reply(uint32_t id, uint16_t event)
{
	const char *name = fake_serial.name;

	for (uint32_t i = 0; event == SERIAL_DEVICE_READY && i < SERIAL_PORTS;
	     i++) {
		if (fake_serial.ports >> i & 1)
			serial_say(i, SERIAL_PORT_ADD, 1, NULL, 8);
	}
	if (event != SERIAL_PORT_READY)
		return;
	if (fake_serial.consoles >> id & 1)
		serial_say(id, SERIAL_CONSOLE_PORT, 1, NULL, 8);
	if (name)
		serial_say(id, SERIAL_PORT_NAME, 1, name,
			   (uint32_t)strlen(name) + 9);
	if (fake_serial.consoles >> id & 1)
		serial_say(id, SERIAL_PORT_OPEN, 1, NULL, 8);
}

static void control(const struct fake_buf *buf)
{
	uint32_t id = fake_get32(buf->ptr);
	uint16_t event = (uint16_t)(fake_virtio.modern
					    ? buf->ptr[4] | buf->ptr[5] << 8
					    : buf->ptr[4] << 8 | buf->ptr[5]);

	assert_int_equal(buf->len, 8);
	assert_false(buf->device_writes);
	/* The value is 1. */
	assert_int_equal(buf->ptr[fake_virtio.modern ? 6 : 7], 1);
	assert_int_equal(buf->ptr[fake_virtio.modern ? 7 : 6], 0);
	switch (event) {
	case SERIAL_DEVICE_READY:
		note("ready ", 0);
		break;
	case SERIAL_PORT_READY:
		note("ask%u ", id);
		break;
	case SERIAL_PORT_OPEN:
		/* A guest agent's host would wait for an answer. */
		assert_true(fake_serial.consoles >> id & 1);
		note("open%u ", id);
		break;
	default:
		fail_msg("control message %u", event);
	}
	if (fake_serial.reply)
		fake_serial.reply(id, event);
	else
		reply(id, event);
}

static uint32_t give(const struct fake_buf *buf)
{
	assert_true(buf->device_writes);
	assert_true(to_driver_len <= buf->len || fake_virtio.lie == FAKE_LONG);
	memcpy(buf->ptr, to_driver, MIN(to_driver_len, buf->len));
	return to_driver_len;
}

static void take(unsigned port, const struct fake_buf *buf)
{
	char *text = fake_serial.text[port];
	size_t len = strlen(text);

	assert_false(buf->device_writes);
	assert_true(len + buf->len < sizeof(fake_serial.text[0]));
	memcpy(text + len, buf->ptr, buf->len);
	text[len + buf->len] = '\0';
	fake_serial.writes[port]++;
}

uint32_t serial_answer(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	assert_int_equal(n, 1);
	if (queue % 2 == 0)
		return give(bufs);
	if (queue == SERIAL_CONTROL_TX)
		control(bufs);
	else
		take(queue == 1 ? 0 : (queue - 3) / 2, bufs);
	return 0;
}

void serial_type(unsigned port, const char *text)
{
	to_driver = text;
	to_driver_len = (uint32_t)strlen(text);
	assert_true(fake_virtio_answer_next(SERIAL_RX(port)));
}

void serial_plug(bool modern)
{
	memset(&fake_serial, 0, sizeof(fake_serial));
	fake_heap_fail_after(-1);
	fake_clock_set(0);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	deadline_init(0);
	fake_log_start();
	fake_virtio_reset(modern);
	fake_virtio_fn.device = modern ? 0x1043 : 0x1003;
	fake_virtio.features |= SERIAL_MULTIPORT;
	fake_virtio.handle = serial_answer;
	for (unsigned i = 0; i < 64; i++)
		fake_virtio.queue_size[i] = i / 2 == 1 ? 32 : 128;
	/* Input queues hold the driver's buffers. */
	fake_virtio.holds = 0x5555555555555555;
	fake_serial.ports = fake_serial.consoles = 1;
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	fake_serial.node = tree_add_node(tree_root(), "serial@1", TREE_QEMU);
	fake_virtio_fn.node = fake_serial.node;
	fake_serial.dev =
		device_add(NULL, &pci_bus, fake_serial.node, &fake_virtio_fn);
	assert_non_null(fake_serial.dev);
}

void serial_scan(void)
{
	device_scan_all();
}

void serial_unplug(void)
{
	fake_heap_fail_after(-1);
	if (fake_serial.node)
		tree_remove_node(fake_serial.node);
	tree_free();
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	assert_false(fake_virtio.enabled);
}

static struct device *console(unsigned port)
{
	char name[24];
	struct node *node = fake_serial.node;

	fmt_str(name, sizeof(name), "console@%x", port);
	if (port)
		node = tree_child_named(node, name);
	return node ? device_of(node) : NULL;
}

struct console_input *serial_in(unsigned port)
{
	return console(port) ? console_input_of(console(port)) : NULL;
}

struct console_output *serial_out(unsigned port)
{
	return console(port) ? console_output_of(console(port)) : NULL;
}

void serial_write(unsigned port, const char *text)
{
	struct console_output *out = serial_out(port);

	assert_non_null(out);
	assert_int_equal(out->write(out, text, strlen(text)), strlen(text));
}

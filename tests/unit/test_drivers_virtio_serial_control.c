// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/serial_control.c: hostile control messages.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "lib/deadline.h"
#include "tests/fake/virtio_serial.h"
#include "tree/path.h"

static int plug_modern(void **state)
{
	(void)state;
	serial_plug(true);
	return 0;
}

static int plug_legacy(void **state)
{
	(void)state;
	serial_plug(false);
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	serial_unplug();
	return 0;
}

/* A look for keys also handles messages. */
static void look(void)
{
	char c;

	assert_int_equal(console_read(serial_in(0), &c, 1), 0);
}

static void works(const char *text)
{
	look();
	fake_serial.text[0][0] = '\0';
	serial_write(0, text);
	assert_string_equal(fake_serial.text[0], text);
	assert_string_equal(fake_printed, "");
}

static void names_of_ports_are_ignored(void **state)
{
	static char name[248];

	(void)state;
	/* With the header and the NUL, all of a buffer. */
	memset(name, 'n', 247);
	fake_serial.name = name;
	serial_scan();
	works("text");
}

/* QEMU reports the length that a message should have. */
static void a_message_that_does_not_fit_ends_the_card(void **state)
{
	char c;

	(void)state;
	serial_scan();
	fake_virtio.lie = FAKE_LONG;
	assert_true(serial_say(0, SERIAL_PORT_NAME, 1, NULL, 300));
	assert_int_equal(console_read(serial_in(0), &c, 1), 0);
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("virtio-console /serial@1: the device "
				 "violates the virtio protocol: response too "
				 "long, 257"));
	assert_false(fake_virtio.enabled);
}

static void says_too_much(uint32_t id, uint16_t event)
{
	(void)id;
	(void)event;
	fake_virtio.lie = FAKE_LONG;
	assert_true(serial_say(0, SERIAL_PORT_ADD, 1, NULL, 8));
	fake_virtio.lie = FAKE_HONEST;
}

static void a_card_that_breaks_while_it_is_asked_costs_a_line(void **state)
{
	(void)state;
	fake_serial.reply = says_too_much;
	serial_scan();
	assert_null(serial_out(0));
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("virtio-console /serial@1: the device "
				 "violates"));
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
}

static void says_nonsense(uint32_t id, uint16_t event)
{
	static const uint32_t ids[] = { 31,  32,    63,		64,
					255, 65536, 0x80000000, UINT32_MAX };

	for (unsigned i = 0; i < ARRAY_SIZE(ids); i++)
		serial_say(ids[i], SERIAL_PORT_ADD, 1, NULL, 8);
	for (unsigned i = 0; i < ARRAY_SIZE(ids); i++)
		serial_say(ids[i], SERIAL_CONSOLE_PORT, 1, NULL, 8);
	/* Ports 2 and 4 do not exist. */
	serial_say(2, SERIAL_CONSOLE_PORT, 1, NULL, 8);
	serial_say(4, SERIAL_PORT_REMOVE, 1, NULL, 8);
	serial_say(0, 8, 1, NULL, 8);
	serial_say(0, UINT16_MAX, 1, NULL, 8);
	for (uint32_t len = 0; len < 8; len++)
		serial_say(1, SERIAL_PORT_ADD, 1, NULL, len);
	if (event == SERIAL_DEVICE_READY)
		serial_say(0, SERIAL_PORT_ADD, 1, NULL, 8);
	if (event == SERIAL_PORT_READY)
		serial_say(id, SERIAL_CONSOLE_PORT, 1, NULL, 8);
}

static void messages_that_make_no_sense_are_ignored(void **state)
{
	(void)state;
	fake_serial.reply = says_nonsense;
	serial_scan();
	assert_string_equal(fake_serial.messages,
			    "ready ask0 ready ask0 open0 ");
	assert_null(fake_serial.node->child);
	works("text");
}

static void says_all_31_times(uint32_t id, uint16_t event)
{
	for (unsigned i = 0; event == SERIAL_DEVICE_READY && i < 31; i++)
		assert_true(serial_say(0, SERIAL_PORT_ADD, 1, NULL, 8));
	for (unsigned i = 0; event == SERIAL_PORT_READY && i < 31; i++)
		assert_true(serial_say(id, SERIAL_CONSOLE_PORT, 1, NULL, 8));
}

static void the_same_port_31_times_is_one(void **state)
{
	(void)state;
	fake_serial.reply = says_all_31_times;
	serial_scan();
	assert_string_equal(fake_serial.messages,
			    "ready ask0 ready ask0 open0 ");
	works("text");
}

static void sizes_are_ignored(void **state)
{
	static const uint16_t sizes[] = { 0, 1, 80, UINT16_MAX };

	(void)state;
	serial_scan();
	for (unsigned i = 0; i < 16; i++) {
		uint16_t size[2];

		fake_put16(&size[0], sizes[i / 4]);
		fake_put16(&size[1], sizes[i % 4]);
		assert_true(serial_say(0, SERIAL_RESIZE, 1, size, 12));
		/* And without the size. */
		assert_true(serial_say(0, SERIAL_RESIZE, 1, NULL, 8));
	}
	works("text");
	assert_string_equal(fake_serial.messages,
			    "ready ask0 ready ask0 open0 ");
}

/* A flood: each look handles some and gives the buffers back. */
static void messages_without_end_do_not_hold_a_look_up(void **state)
{
	(void)state;
	serial_scan();
	for (unsigned i = 0; i < 100; i++) {
		while (serial_say(i % 31, i % 8, 1, NULL, 8))
			;
		look();
		assert_true(serial_say(5, SERIAL_PORT_NAME, 1, NULL, 8));
	}
	assert_string_equal(fake_printed, "");
}

static void contradicts_itself(uint32_t id, uint16_t event)
{
	(void)id;
	(void)event;
	serial_say(0, SERIAL_PORT_REMOVE, 1, NULL, 8);
	serial_say(0, SERIAL_PORT_ADD, 1, NULL, 8);
	/* Not in a test's memory. */
	fake_serial.messages[0] = '\0';
}

static void a_conversation_without_end_is_ended(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	fake_serial.reply = contradicts_itself;
	serial_scan();
	assert_in_range(deadline_ms() - before, 1000, 2000);
	assert_null(serial_out(0));
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("no answer to a control message"));
	assert_false(fake_virtio.enabled);
}

/* device_del and device_add of a virtconsole, at the prompt. */
static void a_port_that_comes_back_is_opened_again(void **state)
{
	(void)state;
	serial_scan();
	fake_serial.messages[0] = '\0';
	assert_true(serial_say(0, SERIAL_PORT_REMOVE, 1, NULL, 8));
	look();
	assert_string_equal(fake_serial.messages, "");
	assert_true(serial_say(0, SERIAL_PORT_ADD, 1, NULL, 8));
	look();
	look();
	look();
	assert_string_equal(fake_serial.messages, "ask0 open0 ");
	works("text");
}

/* It has no queues. */
static void a_port_that_comes_late_is_not_opened(void **state)
{
	(void)state;
	serial_scan();
	fake_serial.messages[0] = '\0';
	fake_serial.consoles |= 1 << 1;
	assert_true(serial_say(1, SERIAL_PORT_ADD, 1, NULL, 8));
	look();
	look();
	look();
	assert_string_equal(fake_serial.messages, "ask1 ");
	works("text");
}

#define MODERN(name) cmocka_unit_test_setup_teardown(name, plug_modern, unplug)
#define LEGACY(name) cmocka_unit_test_setup_teardown(name, plug_legacy, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODERN(names_of_ports_are_ignored),
		MODERN(a_message_that_does_not_fit_ends_the_card),
		MODERN(a_card_that_breaks_while_it_is_asked_costs_a_line),
		MODERN(messages_that_make_no_sense_are_ignored),
		LEGACY(messages_that_make_no_sense_are_ignored),
		MODERN(the_same_port_31_times_is_one),
		MODERN(sizes_are_ignored),
		LEGACY(sizes_are_ignored),
		MODERN(messages_without_end_do_not_hold_a_look_up),
		MODERN(a_conversation_without_end_is_ended),
		MODERN(a_port_that_comes_back_is_opened_again),
		MODERN(a_port_that_comes_late_is_not_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

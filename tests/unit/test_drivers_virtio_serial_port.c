// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/serial_port.c: input and output of a console.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "drivers/virtio/serial.h"
#include "lib/deadline.h"
#include "tests/fake/virtio_serial.h"

#define TX (1u << SERIAL_TX(0))

static int plug_modern(void **state)
{
	(void)state;
	serial_plug(true);
	serial_scan();
	return 0;
}

static int plug_legacy(void **state)
{
	(void)state;
	serial_plug(false);
	serial_scan();
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	serial_unplug();
	return 0;
}

static int key(void)
{
	char c;

	return console_read(serial_in(0), &c, 1) == 1 ? (unsigned char)c : -1;
}

/* The device reads again what it has left. */
static void release(void)
{
	fake_virtio.holds &= ~(uint64_t)TX;
	fake_virtio_answer(SERIAL_TX(0));
}

static void text_goes_out_at_once(void **state)
{
	(void)state;
	serial_write(0, "G");
	assert_string_equal(fake_serial.text[0], "G");
	serial_write(0, "RUB");
	assert_string_equal(fake_serial.text[0], "GRUB");
	assert_int_equal(fake_serial.writes[0], 2);
	serial_write(0, "");
	assert_int_equal(fake_serial.writes[0], 2);
}

static void long_text_goes_out_in_pieces(void **state)
{
	static char text[9001];

	(void)state;
	for (unsigned i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)('a' + i % 26);
	serial_write(0, text);
	assert_string_equal(fake_serial.text[0], text);
	assert_in_range(fake_serial.writes[0], 36, 40);
	/* One notification for many. */
	assert_in_range(fake_virtio.notified[SERIAL_TX(0)], 1, 5);
}

/* Clients write so; QEMU's main loop takes the queue when it gets round to. */
static void single_bytes_share_requests_while_many_are_in_flight(void **state)
{
	char text[601] = "";
	uint64_t waited = deadline_waited();

	(void)state;
	fake_virtio.holds |= TX;
	for (unsigned i = 0; i < 600; i++) {
		char one[2] = { (char)('a' + i % 26), '\0' };

		serial_write(0, one);
		strcat(text, one);
	}
	assert_string_equal(fake_serial.text[0], "");
	assert_int_equal(deadline_waited(), waited);
	release();
	assert_in_range(fake_serial.writes[0], 40, 63);
	/* The rest follows at the next look, which is what a client does. */
	assert_int_equal(key(), -1);
	assert_string_equal(fake_serial.text[0], text);
	assert_in_range(fake_serial.writes[0], 45, 64);
}

/* A host that is stopped: vty and boot go on. */
static void a_device_that_takes_nothing_delays_once(void **state)
{
	char line[65];
	uint64_t before = deadline_ms();

	(void)state;
	memset(line, '.', 64);
	line[64] = '\0';
	fake_virtio.holds |= TX;
	for (unsigned i = 0; i < 1000; i++)
		serial_write(0, line);
	/* Each look at the fake's clock is a millisecond. */
	assert_in_range(deadline_ms() - before, 100, 200);
	/* What it took before it was full is not lost. */
	release();
	assert_int_equal(key(), -1);
	assert_in_range(strlen(fake_serial.text[0]), 7000, 16384);
	fake_serial.text[0][0] = '\0';
	serial_write(0, "alive again");
	assert_string_equal(fake_serial.text[0], "alive again");
}

static void a_slow_device_is_not_waited_for_again_and_again(void **state)
{
	static char text[20000];
	uint64_t before = deadline_ms();

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	fake_virtio.holds |= TX;
	serial_write(0, text);
	assert_in_range(deadline_ms() - before, 100, 120);
	before = deadline_ms();
	/* One request at a time: there is room, but it keeps being slow. */
	for (unsigned i = 0; i < 30; i++) {
		assert_true(fake_virtio_answer_next(SERIAL_TX(0)));
		serial_write(0, text);
	}
	assert_in_range(deadline_ms() - before, 0, 20);
	fake_serial.text[0][0] = '\0';
	release();
	serial_write(0, "fast");
	fake_serial.text[0][0] = '\0';
	fake_virtio.holds |= TX;
	before = deadline_ms();
	serial_write(0, text);
	assert_in_range(deadline_ms() - before, 100, 120);
}

static void flushing_waits_until_all_is_taken(void **state)
{
	struct console_output *out = serial_out(0);
	uint64_t before;

	(void)state;
	fake_virtio.holds |= TX;
	for (unsigned i = 0; i < 60; i++)
		serial_write(0, "x");
	fake_virtio.holds &= ~(uint64_t)TX;
	out->flush(out);
	assert_int_equal(strlen(fake_serial.text[0]), 60);
	fake_virtio.holds |= TX;
	serial_write(0, "y");
	before = deadline_ms();
	out->flush(out);
	out->flush(out);
	assert_in_range(deadline_ms() - before, 100, 150);
	device_sync_all();
}

static void a_small_queue_is_enough(void **state)
{
	bool modern = fake_virtio.modern;

	(void)state;
	serial_unplug();
	serial_plug(modern);
	for (unsigned i = 0; i < 64; i++)
		fake_virtio.queue_size[i] = 1;
	serial_scan();
	fake_virtio.holds |= TX;
	for (unsigned i = 0; i < 50; i++)
		serial_write(0, "x");
	release();
	assert_int_equal(key(), -1);
	assert_int_equal(strlen(fake_serial.text[0]), 50);
	serial_type(0, "ab");
	assert_int_equal(key(), 'a');
	assert_int_equal(key(), 'b');
	serial_type(0, "c");
	assert_int_equal(key(), 'c');
}

static void input_comes_in_order_and_whole(void **state)
{
	char text[41] = "";

	(void)state;
	assert_int_equal(key(), -1);
	serial_type(0, "0123456789abcdefghijklmno");
	serial_type(0, "pqrstuvwxyz");
	serial_type(0, "\033[A");
	for (unsigned i = 0; i < 39; i++)
		text[i] = (char)key();
	assert_string_equal(text, "0123456789abcdefghijklmnopqrstuvwxyz\033[A");
	assert_int_equal(key(), -1);
}

static void buffers_are_used_again_and_again(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		serial_type(0, "");
		serial_type(0, "k");
		assert_int_equal(key(), -1);
		assert_int_equal(key(), 'k');
	}
}

/* While the firmware boots, the host types more than there are buffers. */
static void input_waits_in_the_device(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SERIAL_INPUTS; i++)
		serial_type(0, "x");
	assert_false(fake_virtio_answer_next(SERIAL_RX(0)));
	assert_int_equal(key(), 'x');
	serial_type(0, "y");
	for (unsigned i = 1; i < SERIAL_INPUTS; i++)
		assert_int_equal(key(), 'x');
	assert_int_equal(key(), 'y');
}

static void idle_looks_cost_no_notification(void **state)
{
	unsigned before = fake_virtio.notified[SERIAL_RX(0)];
	uint64_t waited = deadline_waited();

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(key(), -1);
	assert_int_equal(fake_virtio.notified[SERIAL_RX(0)], before);
	assert_int_equal(deadline_waited(), waited);
}

/* One line, not from within the write; the card is off. */
static void is_lost(void)
{
	struct console_output *out = serial_out(0);

	/* A look that finds out, and one that tells. */
	assert_int_equal(key(), -1);
	assert_int_equal(key(), -1);
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("virtio-console /serial@1: the device "
				 "violates the virtio protocol"));
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(out->write(out, "x", 1), ERR_NODEV);
	assert_int_equal(key(), -1);
	out->flush(out);
	assert_int_equal(fake_log_lines(), 1);
}

static void input_longer_than_its_buffer_ends_the_card(void **state)
{
	(void)state;
	fake_virtio.lie = FAKE_LONG;
	serial_type(0, "x");
	is_lost();
}

static void answers_to_nothing_end_the_card(void **state)
{
	static const enum fake_lie lies[] = { FAKE_WRONG_ID, FAKE_OTHER_ID,
					      FAKE_TWICE, FAKE_INDEX,
					      FAKE_LONG };
	bool modern = fake_virtio.modern;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		struct console_output *out;

		serial_unplug();
		serial_plug(modern);
		serial_scan();
		fake_virtio.lie = lies[i];
		out = serial_out(0);
		assert_int_equal(out->write(out, "text", 4), 4);
		(void)!out->write(out, "text", 4);
		assert_string_equal(fake_printed, "");
		is_lost();
	}
}

static void a_queue_that_runs_away_ends_the_card(void **state)
{
	(void)state;
	fake_virtio_run_away(SERIAL_RX(0));
	is_lost();
}

/* A log line that is printed while the card is lost goes to the others. */
static void a_lost_console_that_follows_does_no_harm(void **state)
{
	(void)state;
	console_follow_all();
	print("one ");
	fake_virtio.lie = FAKE_WRONG_ID;
	print("two ");
	print("three ");
	assert_string_equal(fake_printed, "one two three ");
	assert_int_equal(key(), -1);
	assert_true(fake_log_has("violates"));
	print("four");
	assert_true(fake_log_has("four"));
}

#define MODERN(name) cmocka_unit_test_setup_teardown(name, plug_modern, unplug)
#define LEGACY(name) cmocka_unit_test_setup_teardown(name, plug_legacy, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODERN(text_goes_out_at_once),
		LEGACY(text_goes_out_at_once),
		MODERN(long_text_goes_out_in_pieces),
		MODERN(single_bytes_share_requests_while_many_are_in_flight),
		MODERN(a_device_that_takes_nothing_delays_once),
		LEGACY(a_device_that_takes_nothing_delays_once),
		MODERN(a_slow_device_is_not_waited_for_again_and_again),
		MODERN(flushing_waits_until_all_is_taken),
		MODERN(a_small_queue_is_enough),
		LEGACY(a_small_queue_is_enough),
		MODERN(input_comes_in_order_and_whole),
		LEGACY(input_comes_in_order_and_whole),
		MODERN(buffers_are_used_again_and_again),
		LEGACY(buffers_are_used_again_and_again),
		MODERN(input_waits_in_the_device),
		MODERN(idle_looks_cost_no_notification),
		MODERN(input_longer_than_its_buffer_ends_the_card),
		LEGACY(input_longer_than_its_buffer_ends_the_card),
		MODERN(answers_to_nothing_end_the_card),
		LEGACY(answers_to_nothing_end_the_card),
		MODERN(a_queue_that_runs_away_ends_the_card),
		MODERN(a_lost_console_that_follows_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

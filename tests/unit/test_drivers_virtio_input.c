// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/input.c: events, tablets, lying devices.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <linux/input-event-codes.h>

#include <cmocka.h>

#include "drivers/console.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_virtio_input);

#define CLASS_KEYBOARD 0x090000u
#define CLASS_MOUSE 0x090200u
#define CLASS_OTHER 0x098000u /* QEMU's tablets, and what it passes through */

static struct node *node;
/* The next event, and how many of its bytes the device reports. */
static uint8_t event[8];
static uint32_t event_len;

static uint32_t serve(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	assert_int_equal(queue, 0);
	assert_int_equal(n, 1);
	assert_int_equal(bufs[0].len, 8);
	assert_true(bufs[0].device_writes);
	memcpy(bufs[0].ptr, event, sizeof(event));
	return event_len;
}

static void plug(uint32_t class_code, bool expected)
{
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_virtio_reset(true);
	fake_virtio_fn.device = 0x1052;
	fake_virtio_fn.class_code = class_code;
	fake_virtio.handle = serve;
	/* Events come when keys are pressed, not when buffers are posted. */
	fake_virtio.lie = FAKE_SILENT;
	fake_virtio.queue_size[0] = fake_virtio.queue_size[1] = 64;
	event_len = 8;
	reason_clear();
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	node = tree_add_node(tree_root(), "keyboard@8", TREE_QEMU);
	device_add(NULL, &pci_bus, node, &fake_virtio_fn);
	assert_int_equal(device_of(node) != NULL, expected);
}

static int plug_keyboard(void **state)
{
	(void)state;
	plug(CLASS_KEYBOARD, true);
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	tree_remove_node(node);
	tree_free();
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static int plug_nothing(void **state)
{
	(void)state;
	return 0;
}

static void send(uint16_t type, uint16_t code, uint32_t value)
{
	le16_store(event, type);
	le16_store(event + 2, code);
	le32_store(event + 4, value);
	assert_true(fake_virtio_answer_next(0));
}

/* As QEMU: each change is followed by a report of its own. */
static void key(uint16_t code, uint32_t value)
{
	send(EV_KEY, code, value);
	send(EV_SYN, SYN_REPORT, 0);
}

static void tap(uint16_t code)
{
	key(code, 1);
	key(code, 0);
}

static const char *read_keys(void)
{
	static char text[17];
	struct console_input *in = console_input_of(device_of(node));
	char *buf = test_malloc(16);
	long n = in->read(in, buf, 16);

	assert_in_range(n, 0, 16);
	memcpy(text, buf, (size_t)n);
	text[n] = '\0';
	test_free(buf);
	return text;
}

static void a_keyboard_is_started_by_the_scan_on_demand(void **state)
{
	(void)state;
	assert_string_equal(tree_get_str(node, "device_type"), "keyboard");
	assert_string_equal(tree_get_str(node, "language"), "EN");
	device_scan_all();
	assert_false(fake_virtio.enabled);
	assert_string_equal(read_keys(), "");
	assert_int_equal(fake_virtio.resets, 0);
	assert_true(device_scan_rest());
	assert_true(fake_virtio.status & VIRTIO_DRIVER_OK);
	assert_int_equal(fake_virtio.notified[0], 1);
	assert_int_equal(fake_virtio.size_set[0], 64);
	assert_ptr_equal(tree_find("keyboard"), node);
	assert_string_equal(fake_printed, "");
}

static void keys_are_typed(void **state)
{
	(void)state;
	device_scan_rest();
	tap(KEY_B);
	key(KEY_LEFTSHIFT, 1);
	tap(KEY_O);
	key(KEY_LEFTSHIFT, 0);
	key(KEY_RIGHTCTRL, 1);
	tap(KEY_U);
	key(KEY_RIGHTCTRL, 0);
	assert_string_equal(read_keys(), "bO\025");
	tap(KEY_F12);
	tap(KEY_UP);
	tap(KEY_KPENTER);
	tap(KEY_KPSLASH);
	assert_string_equal(read_keys(), "\033[24~\033[A\r/");
	assert_string_equal(read_keys(), "");
}

static void a_held_key_repeats_and_a_held_lock_does_not(void **state)
{
	(void)state;
	device_scan_rest();
	key(KEY_CAPSLOCK, 1);
	key(KEY_CAPSLOCK, 1);
	key(KEY_CAPSLOCK, 2);
	key(KEY_CAPSLOCK, 0);
	key(KEY_A, 1);
	key(KEY_A, 1);
	key(KEY_A, 2);
	key(KEY_A, 0);
	tap(KEY_CAPSLOCK);
	tap(KEY_A);
	assert_string_equal(read_keys(), "AAAa");
}

static void a_lock_changes_at_each_press(void **state)
{
	(void)state;
	device_scan_rest();
	tap(KEY_CAPSLOCK);
	tap(KEY_CAPSLOCK);
	tap(KEY_A);
	tap(KEY_CAPSLOCK);
	tap(KEY_A);
	assert_string_equal(read_keys(), "aA");
}

/* A lost release: another key, then the lock again. */
static void a_lock_whose_release_was_lost_still_works(void **state)
{
	(void)state;
	device_scan_rest();
	key(KEY_CAPSLOCK, 1);
	tap(KEY_A);
	key(KEY_CAPSLOCK, 1);
	tap(KEY_A);
	assert_string_equal(read_keys(), "Aa");
}

static void an_idle_read_makes_no_hypercall(void **state)
{
	(void)state;
	device_scan_rest();
	tap(KEY_A);
	assert_string_equal(read_keys(), "a");
	/* Every access to a register fails from here on. */
	fake_virtio.enabled = false;
	for (unsigned i = 0; i < 100; i++)
		assert_string_equal(read_keys(), "");
	fake_virtio.enabled = true;
}

/* A burst, as of a client that has not read for a while. */
static void keys_wait_in_all_buffers_of_the_queue(void **state)
{
	(void)state;
	device_scan_rest();
	for (unsigned i = 0; i < 16; i++)
		tap((uint16_t)(KEY_1 + i % 10));
	assert_false(fake_virtio_answer_next(0));
	assert_string_equal(read_keys(), "1234567890123456");
	assert_string_equal(read_keys(), "");
	/* All are posted again, with few notifications. */
	assert_in_range(fake_virtio.notified[0], 2, 3);
	for (unsigned i = 0; i < 16; i++)
		tap(KEY_Z);
	assert_string_equal(read_keys(), "zzzzzzzzzzzzzzzz");
}

static void ten_thousand_keys_arrive_in_order(void **state)
{
	unsigned next = 0;

	(void)state;
	device_scan_rest();
	for (unsigned i = 0; i < 10000; i++) {
		const char *text;

		tap((uint16_t)(KEY_1 + i % 10));
		for (text = i % 7 ? "" : read_keys(); *text; text++)
			assert_int_equal(*text, '0' + (int)(++next % 10));
	}
	for (const char *text = read_keys(); *text; text++)
		assert_int_equal(*text, '0' + (int)(++next % 10));
	assert_int_equal(next, 10000);
}

static void a_short_queue_is_used_whole(void **state)
{
	(void)state;
	fake_virtio.queue_size[0] = 8;
	device_scan_rest();
	tap(KEY_A);
	tap(KEY_B);
	assert_false(fake_virtio_answer_next(0));
	assert_string_equal(read_keys(), "ab");
}

static void what_is_no_key_types_nothing(void **state)
{
	(void)state;
	device_scan_rest();
	for (unsigned i = 0; i < 0x400; i++) {
		send(EV_KEY, (uint16_t)(0x80 + i), 1);
		send(EV_REL, KEY_A, 1);
		send((uint16_t)(EV_LED + i), KEY_A, 1);
		send(EV_SYN, SYN_REPORT, i);
		assert_string_equal(read_keys(), "");
	}
	send(EV_KEY, KEY_A, UINT32_MAX);
	assert_string_equal(read_keys(), "a");
}

static void short_events_are_ignored(void **state)
{
	(void)state;
	device_scan_rest();
	for (event_len = 0; event_len < 8; event_len++)
		key(KEY_A, 1);
	assert_string_equal(read_keys(), "");
	event_len = 8;
	tap(KEY_A);
	assert_string_equal(read_keys(), "a");
}

static void misbehave(enum fake_lie lie)
{
	fake_virtio.lie = lie;
	send(EV_KEY, KEY_A, 1);
	fake_virtio.lie = FAKE_SILENT;
}

static void a_device_that_breaks_the_protocol_is_reset_once(void **state)
{
	static const enum fake_lie lies[] = { FAKE_WRONG_ID, FAKE_LONG,
					      FAKE_INDEX };
	unsigned i;

	(void)state;
	device_scan_rest();
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		misbehave(lies[i]);
		read_keys();
		assert_false(fake_virtio.enabled);
		assert_string_equal(read_keys(), "");
		assert_true(fake_virtio.enabled);
		tap(KEY_B);
		assert_string_equal(read_keys(), "b");
	}
	assert_string_equal(fake_printed, "");
}

static void a_device_that_breaks_it_twice_is_silent_for_good(void **state)
{
	(void)state;
	device_scan_rest();
	misbehave(FAKE_WRONG_ID);
	read_keys();
	read_keys();
	misbehave(FAKE_WRONG_ID);
	assert_string_equal(read_keys(), "");
	assert_string_equal(fake_printed,
			    "virtio-input /keyboard@8: the device violates "
			    "the virtio protocol: response to an unknown "
			    "request, 64\r\n");
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(read_keys(), "");
	assert_int_equal(fake_virtio.status, 0);
}

static void a_device_that_does_not_start_is_told_once(void **state)
{
	(void)state;
	fake_virtio.queue_size[0] = 0;
	device_scan_rest();
	assert_string_equal(fake_printed, "virtio-input /keyboard@8: queue 0 "
					  "has 0 entries\r\n");
	assert_string_equal(read_keys(), "");
	assert_int_equal(fake_dma_live(), 0);
	assert_null(tree_find("keyboard"));
}

static void a_full_window_is_a_failed_start(void **state)
{
	(void)state;
	fake_virtio.features |= VIRTIO_F_ACCESS_PLATFORM;
	fake_dma_fail(5);
	device_scan_rest();
	assert_null(tree_find("keyboard"));
	assert_int_equal(fake_dma_live(), 0);
	assert_false(fake_virtio.enabled);
}

static void a_full_window_later_restarts_it(void **state)
{
	(void)state;
	fake_virtio.features |= VIRTIO_F_ACCESS_PLATFORM;
	device_scan_rest();
	tap(KEY_A);
	fake_dma_fail(1);
	assert_string_equal(read_keys(), "");
	assert_false(fake_virtio.enabled);
	assert_string_equal(read_keys(), "");
	assert_true(fake_virtio.enabled);
	tap(KEY_A);
	assert_string_equal(read_keys(), "a");
	assert_string_equal(fake_printed, "");
}

static void what_was_held_before_a_restart_is_released(void **state)
{
	(void)state;
	device_scan_rest();
	key(KEY_LEFTSHIFT, 1);
	key(KEY_CAPSLOCK, 1);
	assert_string_equal(read_keys(), "");
	misbehave(FAKE_WRONG_ID);
	read_keys();
	read_keys();
	key(KEY_CAPSLOCK, 1);
	tap(KEY_A);
	assert_string_equal(read_keys(), "a");
}

static void quiesce_resets_the_device(void **state)
{
	(void)state;
	device_scan_rest();
	tap(KEY_A);
	device_quiesce_all(NULL);
	assert_int_equal(fake_virtio.status, 0);
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
	assert_string_equal(read_keys(), "");
	assert_int_equal(fake_virtio.status, 0);
}

/* Bits of key codes from offset 8 on; KEY_A is 30. [virtio 1.2, 5.8.4] */
static void set_bits(uint8_t size, uint8_t at_key_a)
{
	memset(fake_virtio.config, 0, sizeof(fake_virtio.config));
	fake_virtio.config[2] = size;
	fake_virtio.config[8 + 3] = at_key_a;
}

static void a_keyboard_of_another_class_is_told_by_its_keys(void **state)
{
	(void)state;
	plug(CLASS_OTHER, true);
	assert_null(tree_getprop(node, "device_type", NULL));
	set_bits(4, 0x40);
	device_scan_rest();
	assert_int_equal(fake_virtio.config[0], 0x11);
	assert_int_equal(fake_virtio.config[1], EV_KEY);
	assert_string_equal(tree_get_str(node, "device_type"), "keyboard");
	tap(KEY_A);
	assert_string_equal(read_keys(), "a");
}

static void assert_not_started(void)
{
	device_scan_rest();
	assert_int_equal(fake_virtio.resets, 0);
	assert_false(fake_virtio.enabled);
	assert_null(console_input_of(device_of(node)));
	assert_null(tree_getprop(node, "device_type", NULL));
	assert_null(tree_find("keyboard"));
	assert_string_equal(fake_printed, "");
}

static void a_tablet_is_not_started(void **state)
{
	(void)state;
	plug(CLASS_OTHER, true);
	set_bits(40, 0xbf);
	assert_not_started();
}

static void a_device_with_few_bits_is_no_keyboard(void **state)
{
	(void)state;
	plug(CLASS_OTHER, true);
	set_bits(3, 0x40);
	assert_not_started();
}

static void a_device_without_configuration_is_no_keyboard(void **state)
{
	(void)state;
	plug(CLASS_OTHER, true);
	memset(fake_virtio.pci_config, 0, sizeof(fake_virtio.pci_config));
	fake_virtio_cap(1, 4, 0, 0x1000);
	fake_virtio_cap(2, 4, 0x3000, 0x1000);
	assert_not_started();
}

static void a_mouse_has_no_driver(void **state)
{
	(void)state;
	plug(CLASS_MOUSE, false);
	assert_false(device_scan_rest());
}

#define T(name) cmocka_unit_test_setup_teardown(name, plug_keyboard, unplug)
#define O(name) cmocka_unit_test_setup_teardown(name, plug_nothing, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_keyboard_is_started_by_the_scan_on_demand),
		T(keys_are_typed),
		T(a_held_key_repeats_and_a_held_lock_does_not),
		T(a_lock_changes_at_each_press),
		T(a_lock_whose_release_was_lost_still_works),
		T(an_idle_read_makes_no_hypercall),
		T(keys_wait_in_all_buffers_of_the_queue),
		T(ten_thousand_keys_arrive_in_order),
		T(a_short_queue_is_used_whole),
		T(what_is_no_key_types_nothing),
		T(short_events_are_ignored),
		T(a_device_that_breaks_the_protocol_is_reset_once),
		T(a_device_that_breaks_it_twice_is_silent_for_good),
		T(a_device_that_does_not_start_is_told_once),
		T(a_full_window_is_a_failed_start),
		T(a_full_window_later_restarts_it),
		T(what_was_held_before_a_restart_is_released),
		T(quiesce_resets_the_device),
		O(a_keyboard_of_another_class_is_told_by_its_keys),
		O(a_tablet_is_not_started),
		O(a_device_with_few_bits_is_no_keyboard),
		O(a_device_without_configuration_is_no_keyboard),
		O(a_mouse_has_no_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/console.c: finding consoles, life cycle, quiesce.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "lib/deadline.h"
#include "tests/fake/heap.h"
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

static unsigned consoles(void)
{
	struct device_role *as = NULL;
	unsigned n = 0;

	while ((as = device_next_role(as, &console_output_role)) != NULL) {
		assert_non_null(console_input_of(as->dev));
		n++;
	}
	return n;
}

static void a_card_with_a_console_at_port_0_is_one(void **state)
{
	(void)state;
	assert_int_equal(fake_virtio.resets, 0);
	serial_scan();
	assert_non_null(serial_in(0));
	assert_non_null(serial_out(0));
	assert_int_equal(consoles(), 1);
	assert_ptr_equal(tree_find("vsterm"), fake_serial.node);
	assert_string_equal(tree_get_str(fake_serial.node, "device_type"),
			    "serial");
	assert_null(fake_serial.node->child);
	assert_string_equal(fake_serial.messages,
			    "ready ask0 ready ask0 open0 ");
	/* It goes on running: something may be typed. */
	assert_true(fake_virtio.status & VIRTIO_DRIVER_OK);
	assert_string_equal(fake_printed, "");
}

/* A guest agent's card: its host must not see a guest. */
static void a_card_without_a_console_is_asked_once_and_left_alone(void **state)
{
	(void)state;
	fake_serial.ports = 1 << 1 | 1 << 5;
	fake_serial.consoles = 0;
	fake_serial.name = "org.qemu.guest_agent.0";
	serial_scan();
	assert_string_equal(fake_serial.messages, "ready ask1 ask5 ");
	assert_int_equal(consoles(), 0);
	assert_null(tree_find("vsterm"));
	assert_null(tree_get_str(fake_serial.node, "device_type"));
	assert_int_equal(fake_virtio.status, 0);
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
	/* One start, one stop. */
	assert_int_equal(fake_virtio.resets, 2);
	assert_string_equal(fake_printed, "");
}

static void a_card_without_ports_is_left_alone(void **state)
{
	(void)state;
	fake_serial.ports = fake_serial.consoles = 0;
	serial_scan();
	assert_string_equal(fake_serial.messages, "ready ");
	assert_int_equal(consoles(), 0);
	assert_int_equal(fake_virtio.status, 0);
}

static void consoles_at_other_ports_get_nodes(void **state)
{
	struct node *node;
	uint32_t reg;

	(void)state;
	fake_serial.ports = 1 | 1 << 1 | 1 << 16 | 1 << 2;
	fake_serial.consoles = 1 | 1 << 16 | 1 << 2;
	serial_scan();
	assert_int_equal(consoles(), 3);
	node = tree_find("/serial@1/console@10");
	assert_non_null(node);
	assert_int_equal(tree_get_u32(node, "reg", 0, &reg), 0);
	assert_int_equal(reg, 16);
	assert_string_equal(tree_get_str(node, "device_type"), "serial");
	assert_ptr_equal(tree_find("vsterm"), fake_serial.node);
	assert_ptr_equal(tree_find("vsterm1"),
			 tree_find("/serial@1/console@2"));
	assert_ptr_equal(tree_find("vsterm2"), node);
	/* Only consoles have queues. */
	assert_true(fake_virtio.desc[SERIAL_RX(0)]);
	assert_true(fake_virtio.desc[SERIAL_TX(0)]);
	assert_true(fake_virtio.desc[SERIAL_RX(16)]);
	assert_true(fake_virtio.desc[SERIAL_TX(16)]);
	assert_false(fake_virtio.desc[SERIAL_RX(1)]);
	assert_false(fake_virtio.desc[SERIAL_TX(1)]);
	assert_non_null(strstr(fake_serial.messages, "open0 open2 open16 "));
	serial_write(16, "sixteen");
	serial_write(0, "zero");
	assert_string_equal(fake_serial.text[16], "sixteen");
	assert_string_equal(fake_serial.text[0], "zero");
}

static void port_0_need_not_be_a_console(void **state)
{
	(void)state;
	fake_serial.ports = fake_serial.consoles = 1 << 1;
	serial_scan();
	assert_int_equal(consoles(), 1);
	assert_null(serial_out(0));
	assert_null(tree_get_str(fake_serial.node, "device_type"));
	assert_ptr_equal(tree_find("vsterm"), tree_find("/serial@1/console@1"));
	assert_false(fake_virtio.desc[SERIAL_TX(0)]);
	serial_write(1, "one");
	assert_string_equal(fake_serial.text[1], "one");
}

static void all_ports_may_be_consoles(void **state)
{
	(void)state;
	fake_serial.ports = fake_serial.consoles = 0x7fffffff;
	serial_scan();
	assert_int_equal(consoles(), 31);
	serial_write(30, "the last");
	assert_string_equal(fake_serial.text[30], "the last");
	assert_string_equal(fake_printed, "");
}

/* QEMU: max_ports=1. [virtio 1.2, 5.3.5] */
static void a_card_without_multiport_is_a_console(void **state)
{
	(void)state;
	fake_virtio.features &= ~(uint64_t)SERIAL_MULTIPORT;
	serial_scan();
	assert_non_null(serial_out(0));
	serial_write(0, "text");
	assert_string_equal(fake_serial.text[0], "text");
	assert_string_equal(fake_serial.messages, "");
	assert_false(fake_virtio.desc[2]);
}

static void a_card_without_control_queues_is_a_console(void **state)
{
	(void)state;
	fake_virtio.features &= ~(uint64_t)SERIAL_MULTIPORT;
	for (unsigned i = 2; i < FAKE_QUEUES; i++)
		fake_virtio.queue_size[i] = 0;
	serial_scan();
	serial_write(0, "text");
	assert_string_equal(fake_serial.text[0], "text");
	assert_string_equal(fake_printed, "");
}

static void a_card_that_lacks_a_queue_costs_a_line(void **state)
{
	(void)state;
	fake_virtio.queue_size[SERIAL_TX(0)] = 0;
	serial_scan();
	assert_int_equal(consoles(), 0);
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has(
		"virtio-console /serial@1: queue 1 has 0 entries"));
	assert_int_equal(fake_virtio.status, VIRTIO_FAILED);
	assert_false(fake_virtio.enabled);
}

static void no_answer(uint32_t id, uint16_t event)
{
	(void)id;
	(void)event;
}

static void a_card_that_answers_nothing_is_no_console(void **state)
{
	(void)state;
	fake_serial.reply = no_answer;
	serial_scan();
	assert_int_equal(consoles(), 0);
	assert_int_equal(fake_virtio.status, 0);
	assert_string_equal(fake_printed, "");
}

static void a_silent_card_costs_a_line_and_a_second(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	fake_virtio.lie = FAKE_SILENT;
	serial_scan();
	assert_int_equal(consoles(), 0);
	assert_in_range(deadline_ms() - before, 1000, 2000);
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("virtio-console /serial@1: no answer to a "
				 "control message in 1000 ms"));
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
}

/* Two looks may differ; the driver trusts the second. */
static void changes_its_mind(uint32_t id, uint16_t event)
{
	bool second = fake_virtio.resets > 2;

	if (event == SERIAL_DEVICE_READY)
		serial_say(second ? 3 : 1, SERIAL_PORT_ADD, 1, NULL, 8);
	if (event == SERIAL_PORT_READY)
		serial_say(id, SERIAL_CONSOLE_PORT, 1, NULL, 8);
}

static void a_card_that_changes_its_mind_is_no_console(void **state)
{
	(void)state;
	fake_serial.reply = changes_its_mind;
	serial_scan();
	assert_int_equal(consoles(), 0);
	assert_int_equal(fake_virtio.status, 0);
	assert_null(fake_serial.node->child);
}

static void forgets_multiport(uint32_t id, uint16_t event)
{
	if (event == SERIAL_DEVICE_READY)
		serial_say(0, SERIAL_PORT_ADD, 1, NULL, 8);
	if (event == SERIAL_PORT_READY)
		serial_say(id, SERIAL_CONSOLE_PORT, 1, NULL, 8);
	fake_virtio.features &= ~(uint64_t)SERIAL_MULTIPORT;
}

static void a_card_that_forgets_its_features_is_no_console(void **state)
{
	(void)state;
	fake_serial.reply = forgets_multiport;
	serial_scan();
	assert_int_equal(consoles(), 0);
	assert_int_equal(fake_virtio.status, 0);
}

static void running_out_of_memory_leaves_nothing(void **state)
{
	long n = 0;
	bool modern = fake_virtio.modern;

	(void)state;
	do {
		serial_unplug();
		serial_plug(modern);
		fake_serial.ports = fake_serial.consoles = 3;
		fake_heap_fail_after(n++);
		serial_scan();
		fake_heap_fail_after(-1);
	} while (consoles() < 2);
	assert_true(n > 8);
	assert_string_equal(fake_printed, "");
	serial_write(1, "text");
	assert_string_equal(fake_serial.text[1], "text");
}

/* The prompt after an exception. */
static void a_card_that_was_abandoned_starts_again(void **state)
{
	char c;

	(void)state;
	serial_scan();
	serial_type(0, "x");
	fake_virtio.holds |= 1 << SERIAL_TX(0);
	serial_write(0, "( 700 ) Program");
	for (unsigned i = 0; i < 60; i++)
		serial_write(0, ".");
	fake_virtio.holds &= ~(1ULL << SERIAL_TX(0));
	device_abandon_all();
	/* What has been printed is seen. */
	assert_int_equal(strlen(fake_serial.text[0]), 75);
	fake_serial.text[0][0] = '\0';
	assert_false(fake_virtio.enabled);
	serial_write(0, "again");
	assert_string_equal(fake_serial.text[0], "again");
	serial_type(0, "y");
	assert_int_equal(console_read(serial_in(0), &c, 1), 1);
	assert_int_equal(c, 'y');
}

static void a_card_that_does_not_start_again_is_given_up(void **state)
{
	struct console_output *out;
	unsigned resets;
	char c;

	(void)state;
	serial_scan();
	out = serial_out(0);
	device_abandon_all();
	fake_virtio.lie = FAKE_NO_FEATURES;
	if (!fake_virtio.modern)
		fake_virtio.queue_size[0] = 0;
	assert_int_equal(out->write(out, "x", 1), ERR_NODEV);
	resets = fake_virtio.resets;
	assert_int_equal(out->write(out, "x", 1), ERR_NODEV);
	assert_int_equal(console_read(serial_in(0), &c, 1), 0);
	assert_int_equal(fake_virtio.resets, resets);
	/* Not from within a write: printing it would write again. */
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("virtio-console /serial@1: "));
}

static void a_card_that_is_quiesced_stays_so(void **state)
{
	struct console_output *out;
	unsigned resets;
	char c;

	(void)state;
	serial_scan();
	serial_write(0, "before");
	out = serial_out(0);
	device_quiesce_all(NULL);
	assert_string_equal(fake_serial.text[0], "before");
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
	resets = fake_virtio.resets;
	assert_int_equal(out->write(out, "x", 1), ERR_NODEV);
	assert_int_equal(console_read(serial_in(0), &c, 1), 0);
	assert_int_equal(fake_virtio.resets, resets);
	assert_string_equal(fake_printed, "");
}

/* Linux's last lines come after quiesce; its memory is ours no more. */
static void a_kept_card_writes_and_is_quiet_in_between(void **state)
{
	static const unsigned ports[] = { 0, 3 };
	char c;

	(void)state;
	fake_serial.ports = fake_serial.consoles = 1 | 1 << 3;
	serial_scan();
	console_keep(serial_out(3)->as.dev->node);
	device_quiesce_all(serial_out(3)->as.dev->node);
	for (unsigned i = 0; i < 2; i++) {
		assert_false(fake_virtio.enabled);
		assert_int_equal(fake_virtio.status, 0);
		assert_int_equal(fake_dma_live(), 0);
		serial_write(ports[i], "Booting Linux");
		/* Other ports exist only with it. */
		assert_int_equal((fake_virtio.accepted & SERIAL_MULTIPORT) != 0,
				 ports[i] != 0);
		assert_string_equal(fake_serial.text[ports[i]],
				    "Booting Linux");
		/* No other queue: nothing comes in. */
		assert_int_equal(console_read(serial_in(ports[i]), &c, 1), 0);
	}
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
}

static void text_of_before_is_not_lost_when_a_card_is_kept(void **state)
{
	(void)state;
	serial_scan();
	fake_virtio.holds |= 1 << SERIAL_TX(0);
	for (unsigned i = 0; i < 60; i++)
		serial_write(0, "x");
	fake_virtio.holds &= ~(1ULL << SERIAL_TX(0));
	console_keep(fake_serial.node);
	assert_int_equal(strlen(fake_serial.text[0]), 60);
}

/* The trace of its start goes to the consoles, too: to this one. */
static void a_kept_card_can_be_traced(void **state)
{
	(void)state;
	serial_scan();
	console_follow_all();
	log_set_topics("drivers");
	console_keep(fake_serial.node);
	device_quiesce_all(fake_serial.node);
	fake_serial.text[0][0] = '\0';
	serial_write(0, "Booting Linux");
	assert_string_equal(fake_serial.text[0], "Booting Linux");
	assert_true(fake_log_has("virtio, features"));
	assert_false(fake_virtio.enabled);
	print("a line");
	assert_non_null(strstr(fake_serial.text[0], "a line"));
	log_set_topics("");
}

static void a_kept_card_is_waited_for_once(void **state)
{
	struct console_output *out;
	uint64_t before;

	(void)state;
	serial_scan();
	out = serial_out(0);
	console_keep(fake_serial.node);
	device_quiesce_all(fake_serial.node);
	fake_virtio.holds |= 1 << SERIAL_TX(0);
	before = deadline_ms();
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(out->write(out, "x", 1), 1);
	assert_in_range(deadline_ms() - before, 100, 400);
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_dma_live(), 0);
}

static void a_kept_card_that_breaks_is_left_alone(void **state)
{
	struct console_output *out;
	unsigned resets;

	(void)state;
	serial_scan();
	out = serial_out(0);
	console_keep(fake_serial.node);
	device_quiesce_all(fake_serial.node);
	fake_virtio.lie = FAKE_WRONG_ID;
	(void)!out->write(out, "x", 1);
	resets = fake_virtio.resets;
	assert_int_equal(out->write(out, "x", 1), ERR_NODEV);
	assert_int_equal(fake_virtio.resets, resets);
	assert_false(fake_virtio.enabled);
}

static void a_card_that_is_unplugged_takes_its_consoles_along(void **state)
{
	(void)state;
	fake_serial.ports = fake_serial.consoles = 3;
	serial_scan();
	console_follow_all();
	tree_remove_node(fake_serial.node);
	fake_serial.node = NULL;
	assert_int_equal(consoles(), 0);
	print("to nobody");
	assert_int_equal(console_getchar(), -1);
	assert_false(fake_virtio.enabled);
}

#define MODERN(name) cmocka_unit_test_setup_teardown(name, plug_modern, unplug)
#define LEGACY(name) cmocka_unit_test_setup_teardown(name, plug_legacy, unplug)
#define BOTH(name) MODERN(name), LEGACY(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_card_with_a_console_at_port_0_is_one),
		BOTH(a_card_without_a_console_is_asked_once_and_left_alone),
		MODERN(a_card_without_ports_is_left_alone),
		BOTH(consoles_at_other_ports_get_nodes),
		MODERN(port_0_need_not_be_a_console),
		BOTH(all_ports_may_be_consoles),
		BOTH(a_card_without_multiport_is_a_console),
		BOTH(a_card_without_control_queues_is_a_console),
		MODERN(a_card_that_lacks_a_queue_costs_a_line),
		MODERN(a_card_that_answers_nothing_is_no_console),
		BOTH(a_silent_card_costs_a_line_and_a_second),
		MODERN(a_card_that_changes_its_mind_is_no_console),
		BOTH(a_card_that_forgets_its_features_is_no_console),
		BOTH(running_out_of_memory_leaves_nothing),
		MODERN(a_card_that_was_abandoned_starts_again),
		BOTH(a_card_that_does_not_start_again_is_given_up),
		BOTH(a_card_that_is_quiesced_stays_so),
		BOTH(a_kept_card_writes_and_is_quiet_in_between),
		MODERN(text_of_before_is_not_lost_when_a_card_is_kept),
		MODERN(a_kept_card_can_be_traced),
		MODERN(a_kept_card_is_waited_for_once),
		MODERN(a_kept_card_that_breaks_is_left_alone),
		MODERN(a_card_that_is_unplugged_takes_its_consoles_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

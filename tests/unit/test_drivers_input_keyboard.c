// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/input/keyboard.c: whole keys, opening, restarting, giving up.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/console.h"
#include "drivers/input/keyboard.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

/* A keyboard whose fetches press a number of keys each. */
struct toy {
	struct keyboard kb;
	uint8_t usage;	  /* of all keys */
	unsigned presses; /* per fetch */
	unsigned fetches; /* that have something; UINT_MAX: all */
	bool broken;	  /* a fetch is a fault */
	int start_error;
	unsigned starts, stops, looked;
	bool running;
};

static struct toy toy, other;
static struct device *host_dev;

static struct toy *toy_of(const struct device *dev)
{
	return container_of(dev->priv, struct toy, kb);
}

static bool toy_fetch(struct keyboard *kb)
{
	struct toy *t = container_of(kb, struct toy, kb);

	assert_true(t->running);
	t->looked++;
	if (t->broken) {
		reason_fail(ERR_IO, "broken key");
		keyboard_fault(kb);
		return false;
	}
	if (!t->fetches)
		return false;
	t->fetches -= t->fetches != UINT32_MAX;
	for (unsigned i = 0; i < t->presses; i++)
		keyboard_press(kb, t->usage, false);
	return true;
}

static int toy_attach(struct device *dev)
{
	struct toy *t = strcmp(dev->node->unit, "1") ? &other : &toy;

	dev->priv = &t->kb;
	t->kb.fetch = toy_fetch;
	return keyboard_describe(&t->kb, dev);
}

static int toy_start(struct device *dev)
{
	struct toy *t = toy_of(dev);

	t->starts++;
	if (t->start_error)
		return reason_fail(t->start_error, "no power");
	t->running = true;
	return 0;
}

static void toy_stop(struct device *dev)
{
	toy_of(dev)->stops++;
	toy_of(dev)->running = false;
}

DRIVER(toy_keyboard) = {
	.name = "toy-keyboard",
	.bus = &platform_bus,
	.match = "toy,keyboard",
	.attach = toy_attach,
	.start = toy_start,
	.stop = toy_stop,
	.scan = keyboard_scan,
	.found = keyboard_found,
};

static int host_start(struct device *dev)
{
	(void)dev;
	return 0;
}

DRIVER(toy_host) = {
	.name = "toy-host",
	.bus = &platform_bus,
	.match = "toy,host",
	.children = &platform_bus,
	.start = host_start,
};

static struct device *add(struct device *parent, const char *name,
			  const char *compatible)
{
	struct node *at = parent ? parent->node : tree_root();
	struct node *node = tree_add_node(at, name, TREE_QUOIN);

	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "compatible", compatible), 0);
	assert_non_null(device_add(parent, &platform_bus, node, NULL));
	return device_of(node);
}

static int plug(void **state)
{
	(void)state;
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	assert_int_equal(tree_init(), 0);
	device_init();
	reason_clear();
	toy = other = (struct toy){ .usage = 0x04, .presses = 1 };
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	host_dev = add(NULL, "host", "toy,host");
	add(host_dev, "keyboard@1", "toy,keyboard");
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	tree_remove_node(host_dev->node);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

/* What a read of `len` bytes returns. */
static const char *read_keys(size_t len)
{
	static char text[256];
	char *buf = test_malloc(len);
	long n = toy.kb.in.read(&toy.kb.in, buf, len);

	assert_in_range(n, 0, len);
	memcpy(text, buf, (size_t)n);
	text[n] = '\0';
	test_free(buf);
	return text;
}

static void the_node_is_as_slofs(void **state)
{
	const struct node *node = tree_find("/host/keyboard@1");

	(void)state;
	assert_string_equal(tree_get_str(node, "device_type"), "keyboard");
	assert_string_equal(tree_get_str(node, "language"), "EN");
}

static void it_is_open_from_its_scan_until_quiesce(void **state)
{
	(void)state;
	toy.fetches = 3;
	assert_string_equal(read_keys(16), "");
	assert_int_equal(toy.starts, 0);
	device_scan_all();
	assert_int_equal(toy.starts, 1);
	assert_true(toy.running);
	assert_string_equal(read_keys(16), "aaa");
	toy.fetches = 3;
	device_quiesce_all(NULL);
	assert_false(toy.running);
	for (unsigned i = 0; i < 5; i++)
		assert_string_equal(read_keys(16), "");
	assert_int_equal(toy.starts, 1);
	assert_string_equal(fake_printed, "");
}

static void an_idle_read_looks_once(void **state)
{
	(void)state;
	device_scan_all();
	assert_string_equal(read_keys(16), "");
	assert_int_equal(toy.looked, 1);
}

static void the_alias_names_the_last_keyboard_that_works(void **state)
{
	(void)state;
	add(host_dev, "keyboard@2", "toy,keyboard");
	other.start_error = ERR_NODEV;
	device_scan_all();
	assert_ptr_equal(tree_find("keyboard"), tree_find("/host/keyboard@1"));
	assert_string_equal(fake_printed, "toy-keyboard /host/keyboard@2: no "
					  "power\r\n");
}

static void of_two_keyboards_the_alias_names_the_second(void **state)
{
	(void)state;
	add(host_dev, "keyboard@2", "toy,keyboard");
	device_scan_all();
	assert_ptr_equal(tree_find("keyboard"), tree_find("/host/keyboard@2"));
}

/* GRUB waits 100 ms for each byte of a sequence that it does not get at once. */
static void a_read_returns_whole_keys_only(void **state)
{
	unsigned i;

	(void)state;
	device_scan_all();
	toy.usage = 0x45;
	toy.fetches = 7;
	for (i = 5; i <= 9; i++)
		assert_string_equal(read_keys(i), "\033[24~");
	assert_string_equal(read_keys(10), "\033[24~\033[24~");
	assert_string_equal(read_keys(16), "");
}

static void no_key_is_lost_when_many_come_at_once(void **state)
{
	unsigned keys = 0;

	(void)state;
	device_scan_all();
	toy.usage = 0x45;
	toy.presses = KEYBOARD_KEYS_MAX;
	toy.fetches = 100;
	for (unsigned i = 0; i < 1000; i++)
		keys += (unsigned)strlen(read_keys(16)) / 5;
	assert_int_equal(keys, 700);
}

static void a_device_that_never_ends_does_not_hold_a_read(void **state)
{
	(void)state;
	device_scan_all();
	toy.fetches = UINT32_MAX;
	toy.presses = 0;
	assert_string_equal(read_keys(16), "");
	assert_in_range(toy.looked, 1, 100);
	toy.presses = 1;
	assert_string_equal(read_keys(16), "aaaaaaaaaaaaaaaa");
}

static void a_read_restarts_what_its_controller_lost(void **state)
{
	(void)state;
	device_scan_all();
	toy.kb.map = (struct keymap){ .modifiers = 0x02, .caps = true };
	device_stop(host_dev);
	assert_int_equal(device_start(host_dev), 0);
	toy.fetches = 1;
	assert_string_equal(read_keys(16), "A");
	assert_int_equal(toy.starts, 2);
	assert_string_equal(fake_printed, "");
}

static void after_an_exception_a_read_opens_it_again(void **state)
{
	(void)state;
	device_scan_all();
	device_abandon_all();
	assert_false(toy.running);
	toy.fetches = 1;
	assert_string_equal(read_keys(16), "a");
	assert_int_equal(host_dev->users, 1);
	assert_int_equal(toy.kb.in.as.dev->users, 1);
}

static void one_fault_is_mended_silently(void **state)
{
	(void)state;
	device_scan_all();
	toy.broken = true;
	assert_string_equal(read_keys(16), "");
	assert_false(toy.running);
	toy.broken = false;
	toy.fetches = 2;
	assert_string_equal(read_keys(16), "aa");
	assert_string_equal(fake_printed, "");
	/* It has worked: this is the first fault again. */
	toy.broken = true;
	read_keys(16);
	toy.broken = false;
	toy.fetches = 2;
	assert_string_equal(read_keys(16), "aa");
	assert_string_equal(fake_printed, "");
}

static void assert_silent_for_good(void)
{
	const unsigned starts = toy.starts;

	toy.broken = false;
	toy.start_error = 0;
	toy.fetches = 1;
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(read_keys(16), "");
	assert_int_equal(toy.starts, starts);
	assert_false(toy.running);
	/* It does not keep its controller active. */
	assert_int_equal(host_dev->users, 0);
}

static void after_two_faults_it_is_given_up_with_one_line(void **state)
{
	(void)state;
	device_scan_all();
	toy.broken = true;
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(read_keys(16), "");
	assert_string_equal(fake_printed, "toy-keyboard /host/keyboard@1: "
					  "broken key\r\n");
	assert_int_equal(toy.starts, 2);
	assert_silent_for_good();
}

static void after_two_failed_restarts_it_is_given_up_with_one_line(void **state)
{
	(void)state;
	device_scan_all();
	device_stop(toy.kb.in.as.dev);
	toy.start_error = ERR_NODEV;
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(read_keys(16), "");
	assert_string_equal(fake_printed, "toy-keyboard /host/keyboard@1: no "
					  "power\r\n");
	assert_int_equal(toy.starts, 3);
	assert_silent_for_good();
}

static void a_failure_without_a_reason_has_been_printed(void **state)
{
	(void)state;
	device_scan_all();
	toy.kb.faults = 1;
	reason_clear();
	keyboard_fault(&toy.kb);
	assert_string_equal(fake_printed, "");
	assert_silent_for_good();
}

/* Another device's time-out resets the controller in the middle. */
static void a_scan_tries_twice_if_the_controller_was_reset(void **state)
{
	(void)state;
	toy.start_error = ERR_IO;
	device_scan_all();
	assert_int_equal(toy.starts, 2);
	assert_string_equal(fake_printed, "toy-keyboard /host/keyboard@1: no "
					  "power\r\n");
	assert_null(tree_find("keyboard"));
	assert_silent_for_good();
}

static void a_scan_does_not_wait_twice_for_a_silent_device(void **state)
{
	(void)state;
	toy.start_error = ERR_TIMEOUT;
	device_scan_all();
	assert_int_equal(toy.starts, 1);
	assert_silent_for_good();
}

static void without_memory_for_properties_it_is_no_keyboard(void **state)
{
	struct node *node =
		tree_add_node(host_dev->node, "keyboard@2", TREE_QUOIN);
	const long live = fake_heap_live();
	long n = 0;

	(void)state;
	assert_int_equal(tree_set_str(node, "compatible", "toy,keyboard"), 0);
	do {
		fake_heap_fail_after(n++);
		device_add(host_dev, &platform_bus, node, NULL);
		fake_heap_fail_after(-1);
		tree_delprop(node, "device_type");
		tree_delprop(node, "language");
	} while (!device_of(node));
	assert_true(n > 3);
	assert_true(fake_heap_live() > live);
	assert_true(fake_log_has("cannot describe it: out of memory"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, plug, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_node_is_as_slofs),
		T(it_is_open_from_its_scan_until_quiesce),
		T(an_idle_read_looks_once),
		T(the_alias_names_the_last_keyboard_that_works),
		T(of_two_keyboards_the_alias_names_the_second),
		T(a_read_returns_whole_keys_only),
		T(no_key_is_lost_when_many_come_at_once),
		T(a_device_that_never_ends_does_not_hold_a_read),
		T(a_read_restarts_what_its_controller_lost),
		T(after_an_exception_a_read_opens_it_again),
		T(one_fault_is_mended_silently),
		T(after_two_faults_it_is_given_up_with_one_line),
		T(after_two_failed_restarts_it_is_given_up_with_one_line),
		T(a_failure_without_a_reason_has_been_printed),
		T(a_scan_tries_twice_if_the_controller_was_reset),
		T(a_scan_does_not_wait_twice_for_a_silent_device),
		T(without_memory_for_properties_it_is_no_keyboard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/device.c: drivers that attach late. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/vio/vio.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/node_events.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

static int attach(struct device *dev)
{
	node_event("attach:", dev->node);
	if (tree_getprop(dev->node, "broken", NULL))
		return reason_fail(ERR_IO, "it smokes");
	return 0;
}

DRIVER(early) = {
	.name = "fake-early",
	.bus = &vio_bus,
	.match = "fake,early",
	.attach = attach,
};

DRIVER(late) = {
	.name = "fake-late",
	.bus = &vio_bus,
	.match = "fake,late",
	.late = true,
	.attach = attach,
};

static int start(void **state)
{
	(void)state;
	fake_log_start();
	node_events[0] = '\0';
	assert_int_equal(tree_init(), 0);
	device_init();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static struct node *add(const char *name, const char *compatible)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QEMU);
	struct device *dev;

	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "compatible", compatible), 0);
	dev = device_add(NULL, &vio_bus, node, NULL);
	assert_ptr_equal(dev, device_of(node));
	return node;
}

static void a_late_driver_attaches_when_someone_looks(void **state)
{
	struct node *late = add("a", "fake,late");

	(void)state;
	add("b", "fake,early");
	add("c", "fake,late");
	assert_null(device_of(late));
	assert_string_equal(node_events, "attach:b ");
	device_attach_rest();
	assert_string_equal(node_events, "attach:b attach:a attach:c ");
	assert_non_null(device_of(late));
	device_attach_rest();
	assert_string_equal(node_events, "attach:b attach:a attach:c ");
}

static void later_ones_attach_at_once(void **state)
{
	(void)state;
	device_attach_rest();
	assert_non_null(device_of(add("a", "fake,late")));
	assert_string_equal(node_events, "attach:a ");
}

static void one_that_fails_does_not_stop_the_others(void **state)
{
	struct node *broken = add("a", "fake,late"), *good;

	(void)state;
	good = add("b", "fake,late");
	assert_int_equal(tree_set_str(broken, "broken", ""), 0);
	device_attach_rest();
	assert_null(device_of(broken));
	assert_non_null(device_of(good));
	assert_true(fake_log_has("fake-late /a: it smokes"));
}

/* They hold nothing yet, not even their nodes. */
static void one_that_nobody_looked_at_is_left_alone(void **state)
{
	struct node *late = add("a", "fake,late");

	(void)state;
	assert_null(device_next(NULL));
	device_scan_all();
	device_quiesce_all(NULL);
	assert_null(device_of(late));
	assert_string_equal(node_events, "");
	device_attach_rest();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_late_driver_attaches_when_someone_looks, start, stop),
		cmocka_unit_test_setup_teardown(later_ones_attach_at_once,
						start, stop),
		cmocka_unit_test_setup_teardown(
			one_that_fails_does_not_stop_the_others, start, stop),
		cmocka_unit_test_setup_teardown(
			one_that_nobody_looked_at_is_left_alone, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

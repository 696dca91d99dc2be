// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/device.c: scans on demand, and how scans settle. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "tests/fake/blocks.h"
#include "tests/fake/node_events.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

static int start_it(struct device *dev)
{
	(void)dev;
	return 0;
}

/* Asked by `#steps` requests; it is open until it settles. */
static bool scan(struct device *dev)
{
	uintptr_t step = (uintptr_t)dev->priv + 1;
	uint32_t steps = 1;

	if (step == 1)
		assert_int_equal(device_open(dev), 0);
	(void)!tree_get_u32(dev->node, "#steps", 0, &steps);
	node_event("scan:", dev->node);
	dev->priv = (void *)step;
	return step < steps;
}

/* A hub finds a controller. */
static void found(struct device *dev)
{
	struct node *node;

	node_event("found:", dev->node);
	if (strcmp(dev->node->name, "hub"))
		return;
	node = tree_add_node(dev->node, "port", TREE_QUOIN);
	assert_int_equal(tree_set_str(node, "compatible", "fake,plain"), 0);
	assert_non_null(device_add(dev, &platform_bus, node, NULL));
}

static void settled(struct device *dev)
{
	node_event("settled:", dev->node);
	device_close(dev);
}

DRIVER(plain) = {
	.name = "fake-plain",
	.bus = &platform_bus,
	.match = "fake,plain",
	.scan = scan,
	.found = found,
	.start = start_it,
	.settled = settled,
};

DRIVER(late) = {
	.name = "fake-late",
	.bus = &platform_bus,
	.match = "fake,late",
	.on_demand = true,
	.scan = scan,
	.found = found,
	.start = start_it,
	.settled = settled,
};

static int start(void **state)
{
	(void)state;
	fake_blocks_reset();
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
	return 0;
}

static struct device *add(const char *name, const char *compatible)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QEMU);

	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "compatible", compatible), 0);
	bus_offer(node);
	assert_non_null(device_of(node));
	return device_of(node);
}

static void on_demand_is_not_at_once(void **state)
{
	struct device *a = add("a", "fake,late"), *b = add("b", "fake,plain");

	(void)state;
	device_scan_all();
	assert_node_events("scan:b found:b settled:b ");
	assert_int_equal(a->starts, 0);
	assert_true(device_scan_rest());
	assert_node_events("scan:a found:a settled:a ");
	assert_int_equal(a->users, 0);
	assert_int_equal(b->users, 0);
	/* Once. */
	assert_false(device_scan_rest());
	device_scan_all();
	assert_node_events("");
}

static void without_any_there_is_nothing_to_scan(void **state)
{
	(void)state;
	assert_false(device_scan_rest());
	add("a", "fake,plain");
	assert_false(device_scan_rest());
	assert_node_events("");
	device_scan_all();
	assert_node_events("scan:a found:a settled:a ");
	assert_false(device_scan_rest());
}

/* Also what was not scanned before; in the order of devices. */
static void the_rest_is_all_that_is_left(void **state)
{
	struct device *slow;

	(void)state;
	slow = add("a", "fake,late");
	assert_int_equal(tree_set_u32(slow->node, "#steps", 3), 0);
	add("b", "fake,plain");
	add("c", "fake,late");
	assert_true(device_scan_rest());
	assert_node_events("scan:a scan:b scan:c scan:a scan:a found:a found:b "
			   "found:c settled:a settled:b settled:c ");
}

static void a_new_controller_is_a_new_demand(void **state)
{
	(void)state;
	add("a", "fake,late");
	assert_true(device_scan_rest());
	add("b", "fake,late");
	assert_node_events("scan:a found:a settled:a ");
	assert_true(device_scan_rest());
	assert_node_events("scan:b found:b settled:b ");
	assert_false(device_scan_rest());
}

static void a_removed_controller_is_no_demand(void **state)
{
	struct device *a = add("a", "fake,late");

	(void)state;
	add("b", "fake,plain");
	tree_remove_node(a->node);
	assert_false(device_scan_rest());
	assert_node_events("");
}

/* What it found may need it: it is not stopped in between. */
static void a_scan_settles_after_those_of_its_children(void **state)
{
	(void)state;
	add("hub", "fake,late");
	add("b", "fake,plain");
	assert_true(device_scan_rest());
	assert_node_events("scan:hub scan:b found:hub found:b scan:port "
			   "found:port settled:hub settled:b settled:port ");
}

/* Nobody has it open by then: there is nothing to release. */
static void an_abandoned_scan_does_not_settle(void **state)
{
	struct device *a = add("a", "fake,late");

	(void)state;
	/* An exception in the middle of it. */
	assert_false(scan(a));
	node_events[0] = '\0';
	assert_int_equal(a->users, 1);
	device_abandon_all();
	assert_int_equal(a->users, 0);
	/* Somebody else uses it. */
	assert_int_equal(device_open(a), 0);
	device_scan_all();
	assert_node_events("found:a ");
	assert_int_equal(a->users, 1);
	assert_false(device_scan_rest());
	device_scan_all();
	assert_node_events("");
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(on_demand_is_not_at_once),
		T(without_any_there_is_nothing_to_scan),
		T(the_rest_is_all_that_is_left),
		T(a_new_controller_is_a_new_demand),
		T(a_removed_controller_is_no_demand),
		T(a_scan_settles_after_those_of_its_children),
		T(an_abandoned_scan_does_not_settle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/bus.c: which nodes are offered to which bus. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "tests/fake/blocks.h"
#include "tests/fake/node_events.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

static int attach(struct device *dev)
{
	node_event("attach:", dev->node);
	return 0;
}

static void detach(struct device *dev)
{
	node_event("detach:", dev->node);
}

static void stop_it(struct device *dev)
{
	node_event("stop:", dev->node);
}

/* A bus that knows more about its nodes than the tree does. */
static void ports_offer(struct device *parent, struct node *node)
{
	node_event("offer:", node);
	if (strcmp(node->name, "empty"))
		device_add(parent, parent->driver->children, node, node_events);
}

static void ports_forget(const struct node *node)
{
	node_event("forget:", node);
}

static void ports_quiesce(const struct node *keep)
{
	strcat(node_events, "ports:");
	strcat(node_events, keep ? keep->name : "all");
	strcat(node_events, " ");
}

BUS(ports) = {
	.name = "ports",
	.match = bus_match_compatible,
	.offer = ports_offer,
	.forget = ports_forget,
	.quiesce = ports_quiesce,
};

/* One of which there is nothing to know. */
BUS(wires) = {
	.name = "wires",
	.match = bus_match_compatible,
};

DRIVER(ports) = {
	.name = "fake-ports",
	.bus = &platform_bus,
	.match = "fake,ports",
	.children = &ports,
	.attach = attach,
};

DRIVER(wires) = {
	.name = "fake-wires",
	.bus = &platform_bus,
	.match = "fake,wires",
	.children = &wires,
	.early = true,
	.attach = attach,
};

DRIVER(port) = {
	.name = "fake-port",
	.bus = &ports,
	.match = "fake,port",
	.children = &wires,
	.attach = attach,
	.stop = stop_it,
	.detach = detach,
};

DRIVER(wire) = {
	.name = "fake-wire",
	.bus = &wires,
	.match = "fake,wire",
	.attach = attach,
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

static struct node *add_node(struct node *parent, const char *name,
			     const char *compatible)
{
	struct node *node = tree_add_node(parent, name, TREE_QEMU);

	assert_non_null(node);
	if (compatible)
		assert_int_equal(tree_set_str(node, "compatible", compatible),
				 0);
	return node;
}

static void at_start_what_is_below_the_root_is_offered(void **state)
{
	struct node *a, *c;

	(void)state;
	a = add_node(tree_root(), "a", "fake,ports");
	add_node(tree_root(), "b", "fake,none");
	c = add_node(tree_root(), "c", "fake,ports");
	/* Drivers offer what is below. */
	add_node(a, "below", "fake,port");
	bus_offer_all(true);
	bus_offer_all(false);
	assert_string_equal(node_events, "attach:a attach:c ");
	assert_ptr_equal(device_of(a)->bus, &platform_bus);
	assert_null(device_of(a)->parent);
	assert_null(device_of(tree_find("/b")));
	/* A second time there is nothing new. */
	bus_offer_all(true);
	bus_offer_all(false);
	assert_string_equal(node_events, "attach:a attach:c ");
	assert_string_equal(device_of(c)->driver->name, "fake-ports");
}

static void early_drivers_are_attached_first(void **state)
{
	(void)state;
	add_node(tree_root(), "a", "fake,ports");
	add_node(tree_root(), "b", "fake,wires");
	add_node(tree_root(), "c", "fake,ports");
	add_node(tree_root(), "d", "fake,wires");
	bus_offer_all(true);
	bus_offer_all(false);
	assert_string_equal(node_events,
			    "attach:b attach:d attach:a attach:c ");
}

static void a_new_node_is_offered_to_the_bus_of_its_parent(void **state)
{
	struct node *hub, *loom, *port, *wire;

	(void)state;
	hub = add_node(tree_root(), "ports", "fake,ports");
	loom = add_node(tree_root(), "wires", "fake,wires");
	bus_offer_all(true);
	bus_offer_all(false);
	node_events[0] = '\0';
	bus_offer(port = add_node(hub, "port", "fake,port"));
	bus_offer(wire = add_node(loom, "wire", "fake,wire"));
	assert_string_equal(node_events, "offer:port attach:port attach:wire ");
	assert_ptr_equal(device_of(port)->bus, &ports);
	assert_ptr_equal(device_of(port)->parent, device_of(hub));
	assert_ptr_equal(device_of(port)->bus_data, node_events);
	assert_ptr_equal(device_of(wire)->bus, &wires);
	assert_ptr_equal(device_of(wire)->parent, device_of(loom));
	assert_null(device_of(wire)->bus_data);
	/* Any device may bring a bus of its own. */
	bus_offer(wire = add_node(port, "wire", "fake,wire"));
	assert_ptr_equal(device_of(wire)->parent, device_of(port));
}

/* The right name on the wrong bus. */
static void a_node_gets_no_driver_of_another_bus(void **state)
{
	struct node *hub, *node;

	(void)state;
	hub = add_node(tree_root(), "ports", "fake,ports");
	bus_offer_all(true);
	bus_offer_all(false);
	bus_offer(node = add_node(hub, "x", "fake,wire"));
	assert_null(device_of(node));
	bus_offer(node = add_node(tree_root(), "y", "fake,port"));
	assert_null(device_of(node));
}

static void nodes_below_no_bus_are_ignored(void **state)
{
	static const struct method none[] = { { .name = NULL } };
	struct node *plain, *wire, *methods;

	(void)state;
	plain = add_node(tree_root(), "plain", NULL);
	wire = add_node(add_node(tree_root(), "wires", "fake,wires"), "wire",
			"fake,wire");
	methods = add_node(tree_root(), "methods", NULL);
	assert_int_equal(node_methods_register(methods, NULL, none), 0);
	bus_offer_all(true);
	bus_offer_all(false);
	bus_offer(wire);
	node_events[0] = '\0';
	bus_offer(tree_root());
	bus_offer(add_node(plain, "a", "fake,wire"));
	bus_offer(add_node(wire, "b", "fake,wire"));
	bus_offer(add_node(methods, "c", "fake,wire"));
	assert_string_equal(node_events, "");
}

static void a_known_node_is_not_offered_again(void **state)
{
	static const struct method none[] = { { .name = NULL } };
	struct node *hub, *port;

	(void)state;
	hub = add_node(tree_root(), "ports", "fake,ports");
	bus_offer_all(true);
	bus_offer_all(false);
	bus_offer(port = add_node(hub, "port", "fake,port"));
	node_events[0] = '\0';
	bus_offer(port);
	bus_offer(hub);
	assert_string_equal(node_events, "");
	/* Nor one that has methods already. */
	port = add_node(hub, "other", "fake,port");
	assert_int_equal(node_methods_register(port, NULL, none), 0);
	bus_offer(port);
	assert_string_equal(node_events, "");
	/* The bus itself knows which ones it knows without a device. */
	bus_offer(port = add_node(hub, "empty", "fake,port"));
	bus_offer(port);
	assert_string_equal(node_events, "offer:empty offer:empty ");
}

static void every_bus_forgets_a_node_after_its_device_went(void **state)
{
	struct node *hub, *port;

	(void)state;
	hub = add_node(tree_root(), "ports", "fake,ports");
	bus_offer_all(true);
	bus_offer_all(false);
	bus_offer(port = add_node(hub, "port", "fake,port"));
	add_node(port, "wire", "fake,wire");
	node_events[0] = '\0';
	tree_remove_node(hub);
	assert_string_equal(node_events, "forget:wire stop:port detach:port "
					 "forget:port forget:ports ");
}

static void every_bus_is_quiesced_after_all_devices(void **state)
{
	struct node *hub, *port;

	(void)state;
	hub = add_node(tree_root(), "ports", "fake,ports");
	bus_offer_all(true);
	bus_offer_all(false);
	bus_offer(port = add_node(hub, "port", "fake,port"));
	node_events[0] = '\0';
	device_quiesce_all(port);
	assert_string_equal(node_events, "ports:port ");
	node_events[0] = '\0';
	device_quiesce_all(NULL);
	assert_string_equal(node_events, "stop:port ports:all ");
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(at_start_what_is_below_the_root_is_offered),
		T(early_drivers_are_attached_first),
		T(a_new_node_is_offered_to_the_bus_of_its_parent),
		T(a_node_gets_no_driver_of_another_bus),
		T(nodes_below_no_bus_are_ignored),
		T(a_known_node_is_not_offered_again),
		T(every_bus_forgets_a_node_after_its_device_went),
		T(every_bus_is_quiesced_after_all_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/device.c: matching, attaching, scanning, quiescing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/pci/pci.h"
#include "drivers/scsi/scsi.h"
#include "drivers/vio/vio.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tests/fake/blocks.h"
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

/* A controller that is asked by `#steps` requests, one after the other. */
static bool scan(struct device *dev)
{
	uintptr_t step = (uintptr_t)dev->priv + 1;
	uint32_t steps = 1;

	(void)!tree_get_u32(dev->node, "#steps", 0, &steps);
	node_event("scan:", dev->node);
	dev->priv = (void *)step;
	return step < steps;
}

/* And on which hangs a controller, if it is a hub. */
static void found(struct device *dev)
{
	struct node *node;

	node_event("found:", dev->node);
	if (strcmp(dev->node->name, "hub"))
		return;
	node = tree_add_node(dev->node, "port@1", TREE_QUOIN);
	assert_int_equal(tree_set_str(node, "compatible", "fake,hub"), 0);
	assert_non_null(device_add(dev, &vio_bus, node, NULL));
}

static void stop_it(struct device *dev)
{
	node_event("stop:", dev->node);
}

static void detach(struct device *dev)
{
	node_event("detach:", dev->node);
}

DRIVER(hub) = {
	.name = "fake-hub",
	.bus = &vio_bus,
	.match = "fake,hub",
	.attach = attach,
	.stop = stop_it,
	.scan = scan,
	.found = found,
	.detach = detach,
};

DRIVER(plain) = {
	.name = "fake-plain",
	.bus = &vio_bus,
	.match = "fake,plain",
};

static const struct pci_match virtio_ids[] = { { 0x1af4, 0x1001, 0, 0 },
					       { 0x1af4, 0x1042, 0, 0 },
					       { 0 } };

DRIVER(ids) = {
	.name = "fake-ids",
	.bus = &pci_bus,
	.match = virtio_ids,
	.attach = attach,
};

static const struct pci_match nvme_class[] = { { PCI_ANY, PCI_ANY, 0x010802,
						 0xffff00 },
					       { 0 } };

DRIVER(nvme) = {
	.name = "fake-nvme",
	.bus = &pci_bus,
	.match = nvme_class,
	.attach = attach,
};

static const uint32_t types = 1u << 0 | 1u << 5;

DRIVER(disk) = {
	.name = "fake-disk",
	.bus = &scsi_bus,
	.match = &types,
	.attach = attach,
};

static int start(void **state)
{
	(void)state;
	fake_blocks_reset();
	fake_log_start();
	node_events[0] = '\0';
	assert_int_equal(tree_init(), 0);
	device_init();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_blocks_fail_after(-1);
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

static struct device *add(const char *name, const char *compatible)
{
	return device_add(NULL, &vio_bus,
			  add_node(tree_root(), name, compatible), NULL);
}

static void a_vio_device_matches_by_compatible(void **state)
{
	struct device *dev = add("x@1", "fake,plain");

	(void)state;
	assert_non_null(dev);
	assert_string_equal(dev->driver->name, "fake-plain");
	assert_ptr_equal(device_of(dev->node), dev);
	assert_ptr_equal(dev->node, tree_find("/x@1"));
	assert_string_equal(device_path(dev), "/x@1");
}

static void nodes_without_a_driver_stay_without(void **state)
{
	struct node *node = add_node(tree_root(), "x", "fake,none");

	(void)state;
	assert_null(device_add(NULL, &vio_bus, node, NULL));
	assert_null(device_of(node));
	assert_null(add("y", NULL));
	/* The right name on the wrong bus. */
	node = add_node(tree_root(), "z", "fake,plain");
	assert_null(device_add(NULL, &platform_bus, node, NULL));
	assert_string_equal(node_events, "");
	assert_string_equal(fake_printed, "");
}

static const char *pci_driver(uint16_t vendor, uint16_t device, uint32_t class)
{
	struct pci_function fn = { .vendor = vendor,
				   .device = device,
				   .class_code = class };
	struct device *dev = device_add(
		NULL, &pci_bus, add_node(tree_root(), "pci", NULL), &fn);

	if (!dev)
		return "none";
	assert_ptr_equal(pci_function_of(dev), &fn);
	return dev->driver->name;
}

static void pci_devices_match_by_ids_or_class(void **state)
{
	(void)state;
	assert_string_equal(pci_driver(0x1af4, 0x1001, 0x010000), "fake-ids");
	assert_string_equal(pci_driver(0x1af4, 0x1042, 0x010000), "fake-ids");
	assert_string_equal(pci_driver(0x1af4, 0x1002, 0x010000), "none");
	assert_string_equal(pci_driver(0x1af5, 0x1001, 0x010000), "none");
	/* The programming interface does not matter. */
	assert_string_equal(pci_driver(0x8086, 0x5845, 0x010802), "fake-nvme");
	assert_string_equal(pci_driver(1, 2, 0x010803), "fake-nvme");
	assert_string_equal(pci_driver(1, 2, 0x010902), "none");
	assert_string_equal(pci_driver(1, 2, 0x020802), "none");
}

static const char *scsi_driver(uint8_t type)
{
	struct scsi_unit unit = { .type = type };
	struct device *dev = device_add(
		NULL, &scsi_bus, add_node(tree_root(), "lun", NULL), &unit);

	return dev ? dev->driver->name : "none";
}

static void scsi_units_match_by_type(void **state)
{
	(void)state;
	assert_string_equal(scsi_driver(0), "fake-disk");
	assert_string_equal(scsi_driver(5), "fake-disk");
	assert_string_equal(scsi_driver(1), "none");
	/* "No device": more than the set of types has bits. */
	assert_string_equal(scsi_driver(0x1f), "none");
	assert_string_equal(scsi_driver(32), "none");
	assert_string_equal(scsi_driver(0xff), "none");
}

static void a_failed_attach_is_printed_and_leaves_nothing(void **state)
{
	struct node *node = add_node(tree_root(), "x@1", "fake,hub");
	size_t live;

	(void)state;
	assert_int_equal(tree_set_str(node, "broken", ""), 0);
	live = fake_blocks_live();
	assert_null(device_add(NULL, &vio_bus, node, NULL));
	assert_null(device_of(node));
	assert_int_equal(fake_blocks_live(), live);
	assert_true(fake_log_has("fake-hub /x@1: it smokes"));
	node_events[0] = '\0';
	device_scan_all();
	device_quiesce_all(NULL);
	assert_string_equal(node_events, "");
}

static void a_device_without_memory_is_printed(void **state)
{
	struct node *node = add_node(tree_root(), "x", "fake,hub");

	(void)state;
	fake_blocks_fail_after(0);
	assert_null(device_add(NULL, &vio_bus, node, NULL));
	assert_true(fake_log_has("fake-hub: out of memory"));
	assert_string_equal(node_events, "");
}

static void each_controller_is_scanned_once(void **state)
{
	(void)state;
	device_scan_all();
	add("a", "fake,hub");
	add("b", "fake,plain");
	node_events[0] = '\0';
	device_scan_all();
	assert_string_equal(node_events, "scan:a found:a ");
	node_events[0] = '\0';
	device_scan_all();
	assert_string_equal(node_events, "");
	add("c", "fake,hub");
	device_scan_all();
	assert_string_equal(node_events, "attach:c scan:c found:c ");
}

static void what_a_scan_finds_is_scanned_too(void **state)
{
	(void)state;
	add("hub", "fake,hub");
	device_scan_all();
	assert_string_equal(node_events,
			    "attach:hub scan:hub found:hub attach:port "
			    "scan:port found:port ");
	assert_ptr_equal(device_of(tree_find("/hub/port"))->parent,
			 device_of(tree_find("/hub")));
}

/* The slow one holds nobody up; what is found has the order of devices. */
static void controllers_are_scanned_together(void **state)
{
	struct device *slow = add("slow", "fake,hub");

	(void)state;
	assert_int_equal(tree_set_u32(slow->node, "#steps", 3), 0);
	add("fast", "fake,hub");
	node_events[0] = '\0';
	device_scan_all();
	assert_string_equal(node_events,
			    "scan:slow scan:fast scan:slow scan:slow "
			    "found:slow found:fast ");
}

static void all_devices_are_quiesced_but_the_console_path(void **state)
{
	struct device *bus = add("bus", "fake,hub");
	struct node *below = add_node(bus->node, "below", "fake,hub");
	struct device *other;

	(void)state;
	assert_non_null(device_add(bus, &vio_bus, below, NULL));
	other = add("other", "fake,hub");
	add("plain", "fake,plain");
	node_events[0] = '\0';
	device_quiesce_all(below);
	assert_string_equal(node_events, "stop:other ");
	assert_int_equal(other->state, DEVICE_QUIESCED);
	assert_int_equal(bus->state, DEVICE_OFF);
	assert_int_equal(device_of(below)->state, DEVICE_OFF);
	node_events[0] = '\0';
	device_quiesce_all(bus->node);
	assert_string_equal(node_events, "stop:other stop:below ");
	node_events[0] = '\0';
	/* Disks before their controllers: they may have to write. */
	device_quiesce_all(NULL);
	assert_string_equal(node_events, "stop:other stop:below stop:bus ");
	assert_int_equal(bus->state, DEVICE_QUIESCED);
}

static void a_removed_node_takes_its_device_along(void **state)
{
	size_t live = fake_blocks_live();
	struct node *node = add("x", "fake,hub")->node;

	(void)state;
	/* A node without a device costs nothing. */
	add_node(node, "below", "fake,none");
	node_events[0] = '\0';
	tree_remove_node(node);
	assert_string_equal(node_events, "stop:x detach:x ");
	assert_int_equal(fake_blocks_live(), live);
	device_quiesce_all(NULL);
	device_abandon_all();
	device_scan_all();
	assert_string_equal(node_events, "stop:x detach:x ");
}

static void children_are_detached_before_their_parents(void **state)
{
	(void)state;
	add("hub", "fake,hub");
	device_scan_all();
	node_events[0] = '\0';
	tree_remove_node(tree_find("/hub"));
	assert_string_equal(node_events,
			    "stop:port detach:port stop:hub detach:hub ");
}

/* A mark of the scan must not stay on a freed device. */
static void removing_the_last_scanned_device_keeps_the_order(void **state)
{
	(void)state;
	add("a", "fake,hub");
	add("b", "fake,hub");
	device_scan_all();
	tree_remove_node(tree_find("/b"));
	node_events[0] = '\0';
	add("c", "fake,hub");
	device_scan_all();
	assert_string_equal(node_events, "attach:c scan:c found:c ");
	tree_remove_node(tree_find("/a"));
	tree_remove_node(tree_find("/c"));
	node_events[0] = '\0';
	add("d", "fake,hub");
	device_scan_all();
	assert_string_equal(node_events, "attach:d scan:d found:d ");
}

static void disks_are_abandoned_before_their_controllers(void **state)
{
	(void)state;
	add("controller", "fake,hub");
	add("plain", "fake,plain");
	add("disk", "fake,hub");
	node_events[0] = '\0';
	device_abandon_all();
	assert_string_equal(node_events, "stop:disk stop:controller ");
}

static void device_init_forgets_all(void **state)
{
	struct node *node = add("x", "fake,hub")->node;

	(void)state;
	device_init();
	node_events[0] = '\0';
	device_scan_all();
	device_quiesce_all(NULL);
	assert_string_equal(node_events, "");
	node->device = NULL;
}

static void two_paths_fit_into_one_message(void **state)
{
	struct device *a = add("a@1", "fake,plain");
	struct device *b = add("b@2", "fake,plain");
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "%s %s", device_path(a), device_path(b));
	assert_non_null(strstr(text, "/a@1"));
	assert_non_null(strstr(text, "/b@2"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_vio_device_matches_by_compatible),
		T(nodes_without_a_driver_stay_without),
		T(pci_devices_match_by_ids_or_class),
		T(scsi_units_match_by_type),
		T(a_failed_attach_is_printed_and_leaves_nothing),
		T(a_device_without_memory_is_printed),
		T(each_controller_is_scanned_once),
		T(what_a_scan_finds_is_scanned_too),
		T(controllers_are_scanned_together),
		T(all_devices_are_quiesced_but_the_console_path),
		T(a_removed_node_takes_its_device_along),
		T(children_are_detached_before_their_parents),
		T(removing_the_last_scanned_device_keeps_the_order),
		T(disks_are_abandoned_before_their_controllers),
		T(device_init_forgets_all),
		T(two_paths_fit_into_one_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

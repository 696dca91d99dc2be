// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/pci/unsupported.c: the lines that name what is not
// driven.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drivers/instance.h"
#include "drivers/pci/pci.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tree/prop.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include <cmocka.h>

TABLE_LINK(drivers, driver_unsupported_display);

static unsigned attached;

static int better_attach(struct device *dev)
{
	(void)dev;
	attached++;
	return 0;
}

static const struct pci_match better_match[] = { { 0x1234, 0x1111, 0, 0 },
						 { 0 } };

/* Some of them are before the better one, wherever the compiler puts it. */
DRIVER(another) = {
	.name = "another",
	.bus = &pci_bus,
	.match = better_match,
	.fallback = true,
};

DRIVER(better) = {
	.name = "better",
	.bus = &pci_bus,
	.match = better_match,
	.attach = better_attach,
};

DRIVER(other) = {
	.name = "other",
	.bus = &pci_bus,
	.match = better_match,
	.fallback = true,
};

/* That succeed when the device is added. */
static long allocations = -1;

static struct device *add(uint16_t vendor, uint16_t device, uint32_t class_code)
{
	static struct pci_function fn;
	struct node *node;

	fake_log_start();
	assert_int_equal(tree_init(), 0);
	device_init();
	fn.vendor = vendor;
	fn.device = device;
	fn.class_code = class_code;
	node = tree_add_node(tree_root(), "vga@1", TREE_QEMU);
	fake_heap_fail_after(allocations);
	return device_add(NULL, &pci_bus, node, &fn);
}

static void each_display_of_qemu_is_named_with_a_substitute(void **state)
{
	static const struct {
		uint16_t vendor, device;
		uint32_t class_code;
		const char *line;
	} displays[] = {
		{ 0x1013, 0x00b8, 0x030000, "cirrus-vga is" },
		{ 0x1002, 0x5046, 0x030000, "ati-vga is" },
		{ 0x1002, 0x5159, 0x030000, "ati-vga is" },
		{ 0x126f, 0x0501, 0x038000, "sm501 is" },
		{ 0x15ad, 0x0405, 0x030000, "vmware-svga is" },
		{ 0x1b36, 0x0100, 0x030000, "qxl is" },
		{ 0x1b36, 0x0100, 0x038000, "qxl is" },
		{ 0x10de, 0x0001, 0x030001, "PCI device 10de:0001 is" },
		{ 0x1013, 0x00b9, 0x030000, "PCI device 1013:00b9 is" },
	};
	char line[100];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(displays); i++) {
		assert_null(add(displays[i].vendor, displays[i].device,
				displays[i].class_code));
		snprintf(line, sizeof(line),
			 "display /vga@1: %s not supported; use -vga std\r\n",
			 displays[i].line);
		assert_string_equal(fake_printed, line);
		tree_free();
	}
}

/* Only who wants to boot from it hears of it: others have it for the client. */
static void each_network_card_of_qemu_is_named_when_it_is_wanted(void **state)
{
	static const struct {
		uint16_t vendor, device;
		const char *name;
	} cards[] = {
		{ 0x8086, 0x10c9, "igb" },
		{ 0x15ad, 0x07b0, "vmxnet3" },
		{ 0x1022, 0x2000, "pcnet" },
		{ 0x10ec, 0x8029, "ne2k_pci" },
		{ 0x8086, 0x1209, "i82550, i82551 or i82562" },
		{ 0x8086, 0x1229, "i82557, i82558 or i82559" },
		{ 0x8086, 0x2449, "i82801" },
		{ 0x1011, 0x0019, "tulip" },
		{ 0x106b, 0x0021, "sungem" },
		{ 0x14e4, 0x165f, "PCI device 14e4:165f" },
	};
	char line[128];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cards); i++) {
		struct device *dev =
			add(cards[i].vendor, cards[i].device, 0x020000);

		assert_non_null(dev);
		assert_string_equal(fake_printed, "");
		assert_int_equal(device_start(dev), ERR_NODEV);
		device_explain();
		snprintf(line, sizeof(line),
			 "network /vga@1: %s is not supported; use "
			 "virtio-net-pci or e1000\r\n",
			 cards[i].name);
		assert_string_equal(fake_printed, line);
		tree_remove_node(dev->node);
		tree_free();
		assert_int_equal(fake_heap_live(), 0);
	}
}

/* A disk controller, for the same reason. */
static void each_disk_controller_is_named_when_it_is_wanted(void **state)
{
	static const struct {
		uint16_t vendor, device;
		uint32_t class_code;
		const char *name;
	} controllers[] = {
		{ 0x8086, 0x2922, 0x010601, "AHCI" },
		{ 0x1000, 0x0060, 0x010400, "megasas" },
		{ 0x1000, 0x0079, 0x010400, "megasas-gen2" },
		{ 0x1000, 0x0054, 0x010000, "mptsas1068" },
		{ 0x1000, 0x0001, 0x010000, "lsi53c810" },
		{ 0x1000, 0x0012, 0x010000, "lsi53c895a" },
		{ 0x1022, 0x2020, 0x010000, "am53c974 or dc390" },
		{ 0x15ad, 0x07c0, 0x010000, "pvscsi" },
		{ 0x1095, 0x3112, 0x010400, "sii3112" },
		{ 0x1b36, 0x0007, 0x080501, "SD cards" },
		{ 0x1af4, 0x1009, 0x000200, "virtio-9p" },
		{ 0x1af4, 0x1049, 0x000200, "virtio-9p" },
		{ 0x1af4, 0x105a, 0x018000, "virtio-fs" },
		{ 0x1b36, 0x0013, 0x010900, "UFS" },
		{ 0x8086, 0x7010, 0x010180, "IDE" },
		{ 0x10df, 0xe200, 0x0c0400, "Fibre Channel" },
		{ 0x1b36, 0x0010, 0x010802, "NVMe" },
		{ 0x1234, 0x5678, 0x010200, "PCI device 1234:5678" },
	};
	char line[160];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(controllers); i++) {
		struct device *dev = add(controllers[i].vendor,
					 controllers[i].device,
					 controllers[i].class_code);

		assert_non_null(dev);
		assert_string_equal(fake_printed, "");
		assert_int_equal(device_start(dev), ERR_NODEV);
		device_explain();
		snprintf(line, sizeof(line),
			 "storage /vga@1: no driver for vga@1 (%s); use "
			 "virtio-blk, virtio-scsi, spapr-vscsi, NVMe or USB"
			 "\r\n",
			 controllers[i].name);
		assert_string_equal(fake_printed, line);
		tree_remove_node(dev->node);
		tree_free();
		assert_int_equal(fake_heap_live(), 0);
	}
}

static void it_has_no_alias_and_no_type(void **state)
{
	struct device *dev = add(0x8086, 0x10c9, 0x020000);

	(void)state;
	assert_null(tree_find("net"));
	assert_null(tree_getprop(dev->node, "device_type", NULL));
	assert_null(tree_getprop(dev->node, "local-mac-address", NULL));
	tree_remove_node(dev->node);
	tree_free();
}

static void a_client_cannot_open_it_and_learns_why(void **state)
{
	struct device *dev = add(0x8086, 0x10c9, 0x020000);

	(void)state;
	assert_null(instance_open_node(dev->node, NULL));
	assert_string_equal(reason(), "igb is not supported; use "
				      "virtio-net-pci or e1000");
	tree_remove_node(dev->node);
	tree_free();
}

/* Then the line comes at once. */
static void without_memory_for_the_reason_it_is_printed(void **state)
{
	static const char line[] =
		"network /vga@1: igb is not supported; use virtio-net-pci or "
		"e1000\r\n";

	(void)state;
	/* Enough for the device. */
	allocations = 1;
	assert_null(add(0x8086, 0x10c9, 0x020000));
	allocations = -1;
	fake_heap_fail_after(-1);
	assert_string_equal(fake_printed, line);
	tree_free();
}

/* A 3D controller is no screen; the rest are not displays. */
static void other_functions_are_left_alone(void **state)
{
	static const uint32_t classes[] = { 0x030200, 0x028000, 0x0c0300,
					    0x080000, 0x048000, 0 };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
		assert_null(add(0x10de, 1, classes[i]));
		assert_string_equal(fake_printed, "");
		tree_free();
	}
}

/* The linker sorts drivers by file name: others may be before it. */
static void a_driver_of_the_display_wins_in_any_order(void **state)
{
	(void)state;
	attached = 0;
	assert_non_null(add(0x1234, 0x1111, 0x030000));
	assert_int_equal(attached, 1);
	assert_string_equal(fake_printed, "");
	tree_free();
	assert_true((*__start_table_drivers)->fallback);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_display_of_qemu_is_named_with_a_substitute),
		cmocka_unit_test(
			each_network_card_of_qemu_is_named_when_it_is_wanted),
		cmocka_unit_test(
			each_disk_controller_is_named_when_it_is_wanted),
		cmocka_unit_test(it_has_no_alias_and_no_type),
		cmocka_unit_test(a_client_cannot_open_it_and_learns_why),
		cmocka_unit_test(without_memory_for_the_reason_it_is_printed),
		cmocka_unit_test(other_functions_are_left_alone),
		cmocka_unit_test(a_driver_of_the_display_wins_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

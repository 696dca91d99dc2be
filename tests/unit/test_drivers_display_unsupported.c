// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/display/unsupported.c: the lines that name what is not
// driven.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drivers/pci/pci.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include <cmocka.h>

TABLE_LINK(drivers, driver_unsupported);

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

/* A 3D controller is no screen; the rest are not displays. */
static void other_functions_are_left_alone(void **state)
{
	static const uint32_t classes[] = { 0x030200, 0x020000, 0x010000,
					    0x048000, 0 };

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
		cmocka_unit_test(other_functions_are_left_alone),
		cmocka_unit_test(a_driver_of_the_display_wins_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/uhci.c: the line that names what is not driven.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/pci/pci.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include <cmocka.h>

TABLE_LINK(drivers, driver_uhci);

static void a_uhci_controller_gets_a_line_that_names_a_substitute(void **state)
{
	static struct pci_function fn = { .class_code = 0x0c0300 };
	struct node *node;

	(void)state;
	fake_log_start();
	assert_int_equal(tree_init(), 0);
	device_init();
	node = tree_add_node(tree_root(), "usb-uhci@1", TREE_QEMU);
	assert_null(device_add(NULL, &pci_bus, node, &fn));
	assert_string_equal(fake_printed,
			    "uhci /usb-uhci@1: UHCI controllers are not "
			    "supported; use -device qemu-xhci\r\n");
	assert_null(device_of(node));
	tree_free();
}

static void other_usb_controllers_are_left_alone(void **state)
{
	static const uint32_t classes[] = { 0x0c0310, 0x0c0320, 0x0c0330,
					    0x0c03fe, 0x0c0500 };
	static struct pci_function fn;
	struct node *node;

	(void)state;
	fake_log_start();
	assert_int_equal(tree_init(), 0);
	device_init();
	node = tree_add_node(tree_root(), "usb@1", TREE_QEMU);
	for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
		fn.class_code = classes[i];
		assert_null(device_add(NULL, &pci_bus, node, &fn));
	}
	assert_string_equal(fake_printed, "");
	tree_free();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_uhci_controller_gets_a_line_that_names_a_substitute),
		cmocka_unit_test(other_usb_controllers_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

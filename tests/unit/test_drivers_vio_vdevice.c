// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/vio/vdevice.c: which nodes are offered to drivers. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "tests/fake/blocks.h"
#include "tree/path.h"

static char offered[128];

struct device *device_add(struct node *node, enum bus bus,
			  struct pci_function *pci, struct scsi_unit *scsi)
{
	assert_int_equal(bus, BUS_VIO);
	assert_null(pci);
	assert_null(scsi);
	strcat(offered, node->name);
	strcat(offered, " ");
	/* A driver may add children of its own. */
	assert_non_null(tree_add_node(node, "lun", TREE_QUOIN));
	return NULL;
}

static int start(void **state)
{
	(void)state;
	fake_blocks_reset();
	offered[0] = '\0';
	return tree_init();
}

static void each_child_is_offered_once_in_order(void **state)
{
	struct node *bus = tree_add_node(tree_root(), "vdevice", TREE_QEMU);

	(void)state;
	assert_non_null(tree_add_node(bus, "vty@1", TREE_QEMU));
	assert_non_null(tree_add_node(bus, "nvram@2", TREE_QEMU));
	assert_non_null(tree_add_node(tree_root(), "pci@3", TREE_QEMU));
	vdevice_attach_all();
	assert_string_equal(offered, "vty nvram ");
}

static void a_machine_without_the_bus_has_none(void **state)
{
	(void)state;
	vdevice_attach_all();
	assert_string_equal(offered, "");
	assert_non_null(tree_add_node(tree_root(), "vdevice", TREE_QEMU));
	vdevice_attach_all();
	assert_string_equal(offered, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_child_is_offered_once_in_order,
				       start),
		cmocka_unit_test_setup(a_machine_without_the_bus_has_none,
				       start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

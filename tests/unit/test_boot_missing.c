// SPDX-License-Identifier: BSD-2-Clause
// Why a device that is named is not in the tree.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boot/missing.h"
#include "drivers/device.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"

static const struct bus children = { .name = "none" };
static struct device *controller;

static int attach(struct device *dev)
{
	controller = dev;
	return 0;
}

static bool match(const struct device *dev, const void *what)
{
	(void)what;
	return !strcmp(dev->node->name, "sata");
}

static const struct bus fake_bus = { .name = "fake", .match = match };

DRIVER(sata) = {
	.name = "sata",
	.bus = &fake_bus,
	.children = &children,
	.attach = attach,
};

/* /bridge@1 without a driver, and /sata@3. */
static void prepare(void)
{
	fake_log_start();
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "bridge@1", TREE_QEMU));
	assert_non_null(device_add(
		NULL, &fake_bus,
		tree_add_node(tree_root(), "sata@3", TREE_QEMU), NULL));
}

static void finish(void)
{
	tree_remove_node(controller->node);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
}

static void expect(const char *path, const char *why)
{
	char buf[TREE_PATH_MAX] = "", scratch[TREE_PATH_MAX];
	const char *args;

	assert_null(tree_resolve(path, buf, &args));
	missing_explain(buf, scratch);
	assert_string_equal(reason(), why);
}

static void a_controller_that_is_not_driven_tells_why(void **state)
{
	(void)state;
	prepare();
	device_fail(controller, "no driver for sata@3 (AHCI); use virtio-blk");
	expect("/sata@3/drive@0",
	       "/sata@3/drive@0: no driver for sata@3 (AHCI); use virtio-blk");
	/* However deep QEMU's path goes. */
	expect("/sata@3/channel@0/disk@0,0:1,\\x",
	       "/sata@3/channel@0/disk@0,0:1,\\x: no driver for sata@3 "
	       "(AHCI); use virtio-blk");
	finish();
}

static void a_controller_without_a_driver_is_named(void **state)
{
	(void)state;
	prepare();
	expect("/bridge@1/drive@0",
	       "/bridge@1/drive@0: no driver for bridge@1");
	finish();
}

static void a_disk_that_a_controller_lacks_is_just_not_there(void **state)
{
	(void)state;
	prepare();
	expect("/sata@3/drive@0", "/sata@3/drive@0: no such device");
	expect("/scsi@4/drive@0", "/scsi@4/drive@0: no such device");
	expect("/x", "/x: no such device");
	expect("disk", "disk: no such alias");
	expect("", "a device path of 0 characters");
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_controller_that_is_not_driven_tells_why),
		cmocka_unit_test(a_controller_without_a_driver_is_named),
		cmocka_unit_test(
			a_disk_that_a_controller_lacks_is_just_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

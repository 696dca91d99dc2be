// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/command_list.c: show-devs, show-disks, usb-scan. */
#include "boot/command.h"

#include <string.h>

#include "drivers/device.h"
#include "lib/reason.h"
#include "tests/fake/prompt.h"
#include "tests/fake/terminal.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static unsigned scans;

static struct node *add(struct node *parent, const char *name)
{
	struct node *node = tree_add_node(parent, name, TREE_QEMU);

	assert_non_null(node);
	return node;
}

/* The first scan finds a stick. */
bool device_scan_rest(void)
{
	struct node *usb = tree_find("/usb@1");

	if (!scans++ && usb)
		assert_int_equal(tree_set_str(add(usb, "storage@2"),
					      "compatible", "usb46f4,1"),
				 0);
	return scans == 1;
}

static int setup(void **state)
{
	(void)state;
	scans = 0;
	fake_terminal_reset();
	fake_prompt_reset();
	reason_clear();
	assert_int_equal(tree_init(), 0);
	add(tree_root(), "aliases");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tree_free();
	return 0;
}

static void show_devs_lists_all_paths(void **state)
{
	struct node *pci = add(tree_root(), "pci@1");

	(void)state;
	add(add(pci, "scsi@2"), "disk@3");
	add(tree_root(), "last");
	assert_int_equal(fake_prompt_run("show-devs"), COMMAND_OK);
	assert_string_equal(fake_printed, "/\r\n/aliases\r\n/pci@1\r\n"
					  "/pci@1/scsi@2\r\n"
					  "/pci@1/scsi@2/disk@3\r\n/last\r\n");
}

static void show_devs_of_a_node_lists_what_is_below(void **state)
{
	struct node *pci = add(tree_root(), "pci@1");

	(void)state;
	add(add(pci, "scsi@2"), "disk@3");
	add(tree_root(), "last");
	assert_int_equal(fake_prompt_run("show-devs /pci/scsi"), COMMAND_OK);
	assert_string_equal(fake_printed,
			    "/pci@1/scsi@2\r\n/pci@1/scsi@2/disk@3\r\n");
	fake_terminal_reset();
	assert_int_equal(fake_prompt_run("show-devs last"), COMMAND_OK);
	assert_string_equal(fake_printed, "/last\r\n");
	assert_int_equal(fake_prompt_run("show-devs /nowhere"), ERR_NOENT);
	assert_string_equal(reason(), "/nowhere: no such device");
}

static void show_disks_lists_disks_with_their_aliases(void **state)
{
	struct node *aliases = tree_find("/aliases");
	struct node *disk = add(tree_root(), "disk@1");

	(void)state;
	add(tree_root(), "net@2");
	assert_int_equal(tree_set_str(disk, "device_type", "block"), 0);
	assert_int_equal(tree_set_str(aliases, "disk", "/disk@1"), 0);
	assert_int_equal(tree_set_str(aliases, "net", "/net@2"), 0);
	assert_int_equal(tree_set_str(aliases, "gone", "/gone"), 0);
	assert_int_equal(tree_setprop(aliases, "raw", "/disk@1", 7, TREE_QEMU),
			 0);
	assert_int_equal(fake_prompt_run("show-disks"), COMMAND_OK);
	assert_string_equal(fake_printed, "  disk : /disk@1\r\n");
	tree_remove_node(aliases);
	assert_int_equal(fake_prompt_run("show-disks"), COMMAND_OK);
}

static void usb_scan_scans_and_lists(void **state)
{
	struct node *usb = add(tree_root(), "usb@1");

	(void)state;
	/* As QEMU writes it, of a controller. */
	assert_int_equal(tree_set_str(usb, "compatible", "usb-xhci,1"), 0);
	assert_int_equal(fake_prompt_run("usb-scan"), COMMAND_OK);
	assert_string_equal(fake_printed,
			    "46f4:0001  storage      /usb@1/storage@2\r\n");
	assert_int_equal(scans, 1);
}

static void usb_scan_without_devices_says_so(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("usb-scan"), COMMAND_OK);
	assert_string_equal(fake_printed, "no USB device\r\n");
}

/* Linux walks the tree twice. */
static void in_a_clients_prompt_usb_scan_only_lists(void **state)
{
	const struct prompt_ops ops = { .sender = &fake_sender,
					.can_go = true };
	char line[] = "usb-scan";

	(void)state;
	add(tree_root(), "usb@1");
	assert_int_equal(command_run(&ops, line), COMMAND_OK);
	assert_int_equal(scans, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(show_devs_lists_all_paths),
		TEST(show_devs_of_a_node_lists_what_is_below),
		TEST(show_disks_lists_disks_with_their_aliases),
		TEST(usb_scan_scans_and_lists),
		TEST(usb_scan_without_devices_says_so),
		TEST(in_a_clients_prompt_usb_scan_only_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

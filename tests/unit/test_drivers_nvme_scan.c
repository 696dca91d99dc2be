// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/nvme/scan.c: nodes, aliases, names in paths, hostile lists.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drivers/device.h"
#include "drivers/instance.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tree/prop.h"
#include <cmocka.h>

#include "tests/fake/block_read.h"
#include "tests/fake/nvme.h"

static struct fake_nvme *const fn = &fake_nvmes[0];

static void assert_same(const char *path, const char *want)
{
	struct node *node = tree_find(path);

	if (!node || node != tree_find(want))
		fail_msg("%s is not %s", path, want);
}

static unsigned children(void)
{
	const struct node *node;
	unsigned n = 0;

	for (node = tree_find("/mass-storage@0")->child; node;
	     node = node->next)
		n++;
	return n;
}

static void the_only_namespace_is_the_controllers_node(void **state)
{
	(void)state;
	fake_nvme_device(1);
	assert_same("disk", "/mass-storage@0");
	assert_null(tree_find("disk1"));
	assert_int_equal(children(), 0);
	assert_string_equal(tree_get_str(tree_find("disk"), "device_type"),
			    "block");
	assert_null(tree_get_str(tree_find("disk"), "#address-cells"));
	assert_string_equal(fake_nvme_block("disk")->product, "QEMU NVMe Ctrl");
	assert_int_equal(fake_nvme_block("disk")->align, 4);
	/* It is off, and only the admin queue was used. */
	assert_false(fake_nvme_machine.master[0]);
	assert_int_equal(fn->seen.enables, 1);
	assert_int_equal(fn->seen.commands[0][6], 2);
	assert_int_equal(fn->seen.commands[0][5], 0);
}

static void the_others_are_children(void **state)
{
	uint32_t value;

	(void)state;
	fn->ns[0].id = 7;
	fake_nvme_add(fn, 200);
	fake_nvme_add(fn, 0x1234);
	fake_nvme_device(2);
	assert_same("disk", "/mass-storage@0");
	assert_same("disk1", "/mass-storage@0/namespace@c8");
	assert_same("disk2", "/mass-storage@0/namespace@1234");
	assert_same("disk3", "/mass-storage@1");
	assert_int_equal(children(), 2);
	assert_int_equal(tree_get_u32(tree_find("disk1"), "reg", 0, &value), 0);
	assert_int_equal(value, 200);
	assert_int_equal(tree_get_u32(tree_find("/mass-storage@0"),
				      "#address-cells", 0, &value),
			 0);
	assert_int_equal(value, 1);
	assert_string_equal(tree_get_str(tree_find("disk1"), "device_type"),
			    "block");
	assert_int_equal(fake_nvme_block("disk2")->align, 4);
}

static void other_names_find_namespaces(void **state)
{
	static const char *const first[] = { "nvme-ns",	    "nvme-ns@7",
					     "namespace@7", "namespace@07",
					     "disk@1",	    "disk" };
	char path[64];
	unsigned i;

	(void)state;
	fn->ns[0].id = 7;
	fake_nvme_add(fn, 200);
	fake_nvme_device(1);
	for (i = 0; i < ARRAY_SIZE(first); i++) {
		snprintf(path, sizeof(path), "/mass-storage@0/%s", first[i]);
		assert_same(path, "/mass-storage@0");
	}
	assert_same("/mass-storage@0/disk@1:2", "/mass-storage@0");
	assert_same("/mass-storage@0/nvme-ns@c8", "disk1");
	assert_same("/mass-storage@0/namespace@c8", "disk1");
	assert_same("/mass-storage@0/namespace@C8:2,\\x", "disk1");
	assert_same("disk/disk@c8", "disk1");
	assert_null(tree_find("/mass-storage@0/nvme-ns@1"));
	assert_null(tree_find("/mass-storage@0/nvme-ns@"));
	assert_null(tree_find("/mass-storage@0/nvme-ns@x"));
	assert_null(tree_find("/mass-storage@0/nvme"));
	assert_null(tree_find("/mass-storage@0/nvme-nss"));
	assert_null(tree_find("/mass-storage@0/namespace@c8/disk@1"));
	/* After arguments it is a part of them. */
	assert_same("/mass-storage@0:2,/nvme-ns", "/mass-storage@0");
}

static void without_a_namespace_the_reason_is_named(void **state)
{
	(void)state;
	fn->n_ns = 0;
	fake_nvme_device(1);
	assert_null(tree_find("disk"));
	assert_null(tree_get_str(tree_find("/mass-storage@0"), "device_type"));
	assert_string_equal(fake_printed, "");
	assert_null(instance_open("/mass-storage@0"));
	assert_string_equal(reason(), "no active namespace");
	device_explain();
	assert_true(fake_log_has("nvme /mass-storage@0: no active namespace"));
}

static void check_list(const uint32_t *want)
{
	char path[64] = "/mass-storage@0";

	fake_nvme_device(1);
	assert_same("disk", path);
	for (unsigned i = 1; want[i]; i++) {
		snprintf(path, sizeof(path), "/mass-storage@0/namespace@%x",
			 want[i]);
		assert_non_null(tree_find(path));
	}
}

static const uint32_t *list;

static void give_list(unsigned cns, uint32_t nsid, uint8_t *page)
{
	(void)nsid;
	for (unsigned i = 0; cns == 2 && list[i] != UINT32_MAX; i++)
		le32_store(page + 4 * i, list[i]);
}

static void a_list_ends_where_it_does_not_ascend(void **state)
{
	static const uint32_t lists[][8] = {
		{ 3, 4, 4, 5, UINT32_MAX },
		{ 3, 4, 0, 5, UINT32_MAX },
		{ 3, 4, 2, 5, UINT32_MAX },
		{ 3, 4, 3, 4, UINT32_MAX },
	};
	static const uint32_t want[] = { 3, 4, 0 };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(lists); i++) {
		fn->identify = give_list;
		list = lists[i];
		check_list(want);
		assert_int_equal(children(), 1);
		fake_nvme_unplug(NULL);
		fake_nvme_plug(NULL);
	}
}

static void a_list_that_begins_with_0_is_empty(void **state)
{
	static const uint32_t empty[] = { 0, 1, 2, UINT32_MAX };

	(void)state;
	fn->identify = give_list;
	list = empty;
	fake_nvme_device(1);
	assert_null(tree_find("disk"));
}

static void a_full_list_is_read_once(void **state)
{
	unsigned i;

	(void)state;
	for (i = 2; i <= 1024; i++)
		fake_nvme_add(fn, i);
	fake_nvme_device(1);
	assert_int_equal(children(), 1023);
	assert_int_equal(fn->seen.commands[0][6], 2);
	assert_same("disk1023", "/mass-storage@0/namespace@400");
}

static jmp_buf exception;

static void raise_exception(void)
{
	if (!fn->seen.commands[0][6])
		return;
	fake_nvme_machine.meanwhile = NULL;
	longjmp(exception, 1);
}

static void a_scan_that_is_abandoned_leaves_a_disk_that_works(void **state)
{
	static uint8_t buf[512];

	(void)state;
	fn->lie = NVME_LIE_SILENT;
	fake_nvme_machine.meanwhile = raise_exception;
	if (!setjmp(exception))
		fake_nvme_device(1);
	assert_null(fake_nvme_machine.meanwhile);
	device_abandon_all();
	device_scan_all();
	fn->lie = NVME_HONEST;
	assert_int_equal(block_open(fake_nvme_block("/mass-storage@0")), 0);
	assert_int_equal(
		block_read(fake_nvme_block("/mass-storage@0"), 3, 1, buf), 0);
	assert_memory_equal(buf, fake_nvme_data + 3 * 512, 512);
}

static void every_one_of_256_namespaces_can_be_read(void **state)
{
	static uint8_t buf[512];
	unsigned i;

	(void)state;
	for (i = 2; i <= 256; i++)
		fake_nvme_add(fn, i)->data = fake_nvme_data + 512 * i;
	fake_nvme_device(1);
	for (i = 2; i <= 256; i++) {
		char alias[16];
		struct block_device *bd;

		snprintf(alias, sizeof(alias), "disk%u", i - 1);
		bd = fake_nvme_block(alias);
		assert_int_equal(block_open(bd), 0);
		assert_int_equal(block_read(bd, 0, 1, buf), 0);
		assert_memory_equal(buf, fake_nvme_data + 512 * i, 512);
		block_close(bd);
		assert_false(fake_nvme_machine.master[0]);
	}
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, fake_nvme_plug, fake_nvme_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_only_namespace_is_the_controllers_node),
		TEST(the_others_are_children),
		TEST(other_names_find_namespaces),
		TEST(without_a_namespace_the_reason_is_named),
		TEST(a_list_ends_where_it_does_not_ascend),
		TEST(a_list_that_begins_with_0_is_empty),
		TEST(a_full_list_is_read_once),
		TEST(a_scan_that_is_abandoned_leaves_a_disk_that_works),
		TEST(every_one_of_256_namespaces_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

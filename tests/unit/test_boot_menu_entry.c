// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/menu_entry.c: which devices, in which order, what they are. */
#include "boot/menu_entry.h"

#include <stdio.h>
#include <string.h>

#include "boot/handover.h"
#include "lib/reason.h"
#include "packages/partition.h"
#include "tests/fake/block_disk.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"
#include "tests/fake/table.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

TABLE_LINK(filesystems, filesystem_ext4);

static bool has_kernel;

bool handover_has_kernel(void)
{
	return has_kernel;
}

static struct menu_list list;

static int setup(void **state)
{
	(void)state;
	fake_log_start();
	has_kernel = false;
	assert_int_equal(tree_init(), 0);
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	assert_non_null(tree_add_node(tree_root(), "chosen", TREE_QEMU));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	menu_list_free(&list);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void device(const char *family, const char *name)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QEMU);

	assert_non_null(node);
	assert_int_equal(tree_add_alias(family, node), 0);
}

static void alias(const char *name, const char *value)
{
	assert_int_equal(tree_set_str(tree_find("/aliases"), name, value), 0);
}

static void lists(const char *want)
{
	char got[512] = "";
	size_t len = 0;

	menu_list_free(&list);
	assert_int_equal(menu_list_build(&list), 0);
	for (size_t i = 0; i < list.count; i++)
		len += (size_t)snprintf(got + len, sizeof(got) - len,
					"%s%s=%s%s", i ? " " : "",
					list.entries[i].alias,
					list.entries[i].path,
					i == list.first ? "*" : "");
	assert_string_equal(got, want);
}

static void families_are_in_the_order_of_slof(void **state)
{
	(void)state;
	device("net", "n@0");
	device("disk", "d@0");
	device("disk", "d@1");
	device("cdrom", "c@0");
	device("cdrom", "c@1");
	lists("cdrom=/c@0 cdrom1=/c@1 disk=/d@0* disk1=/d@1 net=/n@0");
}

static void numbers_are_sorted_and_may_be_missing(void **state)
{
	(void)state;
	alias("disk10", "/j");
	alias("disk2", "/b");
	alias("diskette", "/x");
	alias("mydisk", "/x");
	alias("cdrom7", "/c");
	lists("cdrom7=/c disk2=/b disk10=/j");
}

static void an_alias_that_is_no_name_is_left_out(void **state)
{
	(void)state;
	alias("disk000000000000000000000000000000000001", "/b");
	lists("");
}

static void there_may_be_no_aliases(void **state)
{
	(void)state;
	lists("");
	tree_remove_node(tree_find("/aliases"));
	lists("");
}

static void what_boots_first_is_marked(void **state)
{
	struct node *chosen = tree_find("/chosen");

	(void)state;
	device("disk", "d@0");
	device("disk", "d@1");
	device("cdrom", "c@0");
	lists("cdrom=/c@0 disk=/d@0* disk1=/d@1");
	assert_int_equal(tree_set_str(chosen, "qemu,boot-device", "d"), 0);
	lists("cdrom=/c@0* disk=/d@0 disk1=/d@1");
	/* One that is not there cannot. */
	assert_int_equal(tree_set_str(chosen, "qemu,boot-list", "/x@9 /d@1"),
			 0);
	lists("cdrom=/c@0 disk=/d@0 disk1=/d@1*");
	/* One that is none of the list. */
	assert_int_equal(tree_set_str(chosen, "qemu,boot-list", "/chosen HALT"),
			 0);
	lists("cdrom=/c@0 disk=/d@0 disk1=/d@1");
	has_kernel = true;
	tree_delprop(chosen, "qemu,boot-list");
	lists("cdrom=/c@0 disk=/d@0 disk1=/d@1");
}

static void no_memory_leaves_nothing(void **state)
{
	(void)state;
	device("disk", "d@0");
	device("disk", "d@1");
	for (int n = 0; n < 4; n++) {
		fake_heap_fail_after(n);
		assert_int_equal(menu_list_build(&list), ERR_NOMEM);
		menu_list_free(&list);
	}
	/* Without the boot list, nothing is marked. */
	fake_heap_fail_after(4);
	lists("disk=/d@0 disk1=/d@1");
}

/* Descriptions, of a fake disk with its own tree. */

static struct fake_block disk;

static const char *describe_as(bool ask, size_t size)
{
	static char path[] = "/fake/disk@0", text[160];
	const struct menu_entry entry = { .alias = "disk", .path = path };

	assert_true(size <= sizeof(text));
	menu_entry_describe(&entry, ask, text, size);
	assert_int_equal(block_timeout(), BLOCK_TIMEOUT_MS);
	return text;
}

static const char *describe(void)
{
	return describe_as(true, 160);
}

static void finish(void)
{
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

static void a_disk_without_contents_has_a_size(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	assert_string_equal(describe(), "fake-disk, 2 MiB");
	assert_false(disk.running);
	disk.bd.product = "";
	assert_string_equal(describe(), "fake-disk, 2 MiB");
	disk.bd.product = "ACME \x1b[2J";
	assert_string_equal(describe(), "ACME \x1b[2J, 2 MiB");
	finish();
}

static void sizes_have_a_unit(void **state)
{
	static const struct {
		uint64_t blocks;
		const char *size;
	} sizes[] = {
		{ 1, "0.5 KiB" },
		{ 2, "1 KiB" },
		{ 2047, "1023 KiB" },
		{ 2048, "1 MiB" },
		{ 3072, "1.5 MiB" },
		{ 20 * 2048 + 1024, "20 MiB" },
		{ 8ULL * GiB / 512, "8 GiB" },
		{ 1717986918, "819 GiB" },
		{ 1ULL << 40, "512 TiB" },
		{ UINT64_MAX, "1.5 EiB" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char want[32];

		disk_with_nothing(&disk);
		disk.blocks = sizes[i].blocks;
		snprintf(want, sizeof(want), "fake-disk, %s", sizes[i].size);
		assert_string_equal(describe(), want);
		finish();
	}
}

static void a_disc_has_a_name(void **state)
{
	(void)state;
	disk_with_iso(&disk);
	memcpy(disk.data + (size_t)16 * 2048 + 40,
	       "Debian 12 ppc64el n             ", 32);
	assert_string_equal(describe(),
			    "fake-disk, 512 KiB, \"Debian 12 ppc64el n\"");
	finish();
}

static void partitions_have_types(void **state)
{
	static const struct table_gpt gpt;

	(void)state;
	disk_with_mbr(&disk);
	assert_string_equal(describe(),
			    "fake-disk, 2 MiB, MBR: PReP boot, ISO 9660");
	finish();
	disk_with_nothing(&disk);
	table_gpt(&disk, &gpt);
	for (unsigned i = 0; i < 5; i++)
		table_gpt_entry(&disk, &gpt, i, partition_guid_prep, 64 + 8 * i,
				71 + 8 * i);
	assert_string_equal(describe(), "fake-disk, 2 MiB, GPT: PReP boot, "
					"PReP boot, PReP boot and 2 more");
	finish();
}

/* The rest of an older file system does not hide the partitions. */
static void partitions_are_listed_beside_a_damaged_file_system(void **state)
{
	(void)state;
	disk_with_mbr(&disk);
	memcpy(disk.data + 1080, "\x53\xef", 2);
	assert_string_equal(describe(),
			    "fake-disk, 2 MiB, MBR: PReP boot, ISO 9660");
	finish();
}

static void a_long_description_is_cut(void **state)
{
	(void)state;
	disk_with_mbr(&disk);
	assert_string_equal(describe_as(true, 24), "fake-disk, 2 MiB, MBR: ");
	assert_string_equal(describe_as(true, 8), "fake-di");
	finish();
}

static void what_is_not_asked_is_not_opened(void **state)
{
	(void)state;
	disk_with_mbr(&disk);
	disk.start_error = ERR_IO;
	assert_string_equal(describe_as(false, 160), "fake-disk");
	assert_int_equal(disk.stops, 0);
	finish();
}

static void trouble_is_said_in_place(void **state)
{
	static const struct {
		int error;
		const char *text;
	} troubles[] = {
		{ ERR_NOMEDIUM, "fake-disk, no medium" },
		{ ERR_TIMEOUT, "fake-disk, does not respond" },
		{ ERR_IO, "fake-disk, cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++) {
		disk_with_nothing(&disk);
		disk.start_error = troubles[i].error;
		assert_string_equal(describe(), troubles[i].text);
		finish();
	}
	disk_with_nothing(&disk);
	disk.bad_first = 0;
	disk.bad_last = 1000;
	assert_string_equal(describe(), "fake-disk, 2 MiB, cannot be read");
	finish();
	assert_string_equal(fake_printed, "");
}

static void what_is_no_device_has_no_description(void **state)
{
	static char gone[] = "/gone", fake[] = "/fake";
	const struct menu_entry none = { .path = gone }, bus = { .path = fake };
	char text[16] = "x";

	(void)state;
	disk_with_nothing(&disk);
	menu_entry_describe(&none, true, text, sizeof(text));
	assert_string_equal(text, "");
	menu_entry_describe(&bus, true, text, sizeof(text));
	assert_string_equal(text, "");
	finish();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(families_are_in_the_order_of_slof),
		TEST(numbers_are_sorted_and_may_be_missing),
		TEST(an_alias_that_is_no_name_is_left_out),
		TEST(there_may_be_no_aliases),
		TEST(what_boots_first_is_marked),
		TEST(no_memory_leaves_nothing),
		cmocka_unit_test(a_disk_without_contents_has_a_size),
		cmocka_unit_test(sizes_have_a_unit),
		cmocka_unit_test(a_disc_has_a_name),
		cmocka_unit_test(partitions_have_types),
		cmocka_unit_test(
			partitions_are_listed_beside_a_damaged_file_system),
		cmocka_unit_test(a_long_description_is_cut),
		cmocka_unit_test(what_is_not_asked_is_not_opened),
		cmocka_unit_test(trouble_is_said_in_place),
		cmocka_unit_test(what_is_no_device_has_no_description),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

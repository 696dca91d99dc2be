// SPDX-License-Identifier: BSD-2-Clause
// Aliases: expanded, numbered, dropped.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/err.h"
#include "lib/fmt.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <cmocka.h>

static struct node *add(struct node *parent, const char *name)
{
	struct node *node = tree_add_node(parent, name, TREE_QUOIN);

	assert_non_null(node);
	return node;
}

static struct node *aliases, *disk, *pci;

/* A tree with something of each kind. */
static int setup(void **state)
{
	struct node *vscsi;

	(void)state;
	fake_heap_fail_after(-1);
	assert_int_equal(tree_init(), 0);
	aliases = add(tree_root(), "aliases");
	add(tree_root(), "memory@40000000");
	add(tree_root(), "memory@0");
	vscsi = add(add(tree_root(), "vdevice"), "v-scsi@71000003");
	add(vscsi, "disk@8000000000000000");
	disk = add(vscsi, "disk@8100000000000000");
	pci = add(tree_root(), "pci@800000020000000");
	add(pci, "scsi@1,0");
	add(pci, "scsi@1f,2");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void alias(const char *name, const char *path)
{
	assert_int_equal(tree_set_str(aliases, name, path), 0);
}

#define DISK "/vdevice/v-scsi@71000003/disk@8100000000000000"

static void aliases_of_aliases_are_expanded(void **state)
{
	(void)state;
	alias("d", "v/disk@8100000000000000");
	alias("v", "vio/v-scsi");
	alias("vio", "/vdevice");
	assert_ptr_equal(tree_find("d"), disk);
	assert_ptr_equal(tree_find("v/disk@8100000000000000:x"), disk);
}

static void aliases_that_go_in_circles_end(void **state)
{
	(void)state;
	alias("a", "b");
	alias("b", "a");
	alias("self", "self");
	alias("grows", "grows/x");
	assert_null(tree_find("a"));
	assert_null(tree_find("self"));
	assert_null(tree_find("grows"));
	assert_non_null(strstr(reason(), "aliases of aliases"));
}

static void only_strings_are_aliases(void **state)
{
	(void)state;
	assert_int_equal(tree_setprop(aliases, "raw", "/vdevice", 8, TREE_QEMU),
			 0);
	assert_null(tree_find("raw"));
	assert_null(tree_find("name"));
	assert_null(tree_find(":x"));
	assert_null(tree_find("a-name-that-is-much-longer-than-a-property-name-"
			      "can-be-in-this-tree"));
	alias("empty", "");
	assert_null(tree_find("empty"));
}

static void without_aliases_none_is_found(void **state)
{
	(void)state;
	tree_remove_node(aliases);
	assert_null(tree_find("disk"));
	assert_int_equal(tree_add_alias("disk", disk), ERR_NOENT);
	tree_drop_aliases();
}

static void a_family_is_numbered_from_its_bare_name(void **state)
{
	struct node *scsi = pci->child;

	(void)state;
	assert_int_equal(tree_add_alias("disk", disk), 0);
	assert_int_equal(tree_add_alias("disk", scsi), 0);
	assert_int_equal(tree_add_alias("disk", scsi->next), 0);
	assert_string_equal(tree_get_str(aliases, "disk"), DISK);
	assert_ptr_equal(tree_find("disk1"), scsi);
	assert_ptr_equal(tree_find("disk2"), scsi->next);
	assert_null(tree_get_str(aliases, "disk3"));
}

static void a_device_has_one_alias_of_a_family(void **state)
{
	(void)state;
	assert_int_equal(tree_add_alias("disk", disk), 0);
	assert_int_equal(tree_add_alias("disk", disk), 0);
	assert_null(tree_get_str(aliases, "disk1"));
	assert_int_equal(tree_add_alias("cdrom", disk), 0);
	assert_ptr_equal(tree_find("cdrom"), disk);
}

static void other_families_with_the_same_start_do_not_count(void **state)
{
	(void)state;
	alias("diskette", "/pci");
	alias("disk1x", "/pci");
	assert_int_equal(tree_add_alias("disk", disk), 0);
	assert_ptr_equal(tree_find("disk"), disk);
}

static void holes_are_filled_and_users_names_respected(void **state)
{
	struct node *scsi = pci->child;

	(void)state;
	alias("disk", "/vdevice");
	alias("disk7", "/pci");
	assert_int_equal(tree_add_alias("disk", disk), 0);
	assert_ptr_equal(tree_find("disk1"), disk);
	alias("disk0", "/memory@0");
	assert_int_equal(tree_add_alias("disk", scsi), 0);
	assert_ptr_equal(tree_find("disk2"), scsi);
}

static void a_path_that_could_not_be_resolved_gets_no_alias(void **state)
{
	struct node *node = tree_root();

	(void)state;
	for (int i = 0; i < 600; i++)
		node = add(node, "n");
	assert_int_equal(tree_add_alias("deep", node), ERR_RANGE);
}

static void aliases_of_missing_devices_are_dropped(void **state)
{
	(void)state;
	alias("gone", "/vdevice/nope");
	alias("d", "v/disk@8100000000000000");
	alias("v", "/vdevice/v-scsi:5");
	alias("of-gone", "gone/x");
	assert_int_equal(tree_setprop(aliases, "raw", "x", 1, TREE_QEMU), 0);
	tree_drop_aliases();
	assert_null(tree_get_str(aliases, "gone"));
	assert_null(tree_get_str(aliases, "of-gone"));
	assert_non_null(tree_get_str(aliases, "d"));
	assert_non_null(tree_get_str(aliases, "v"));
	assert_non_null(tree_getprop(aliases, "raw", NULL));
	assert_string_equal(tree_get_str(aliases, "name"), "aliases");
}

static void an_alias_that_expands_past_all_bounds_is_refused(void **state)
{
	char path[TREE_PATH_MAX + 200];

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	alias("long", path);
	assert_null(tree_find("long"));
	assert_non_null(strstr(reason(), "too long"));
}

static void users_define_and_replace_aliases(void **state)
{
	(void)state;
	assert_int_equal(tree_set_alias("sys", DISK ":2"), 0);
	assert_ptr_equal(tree_find("sys"), disk);
	assert_int_equal(tree_set_alias("sys", "/pci"), 0);
	assert_ptr_equal(tree_find("sys"), pci);
	/* It may be there later. */
	assert_int_equal(tree_set_alias("later", "/pci/usb@7"), 0);
}

static void names_of_aliases_are_checked(void **state)
{
	static const char *const bad[] = { "", "a/b", "a:b", "name",
					   "phandle" };
	char name[TREE_PROP_NAME_MAX + 2], path[TREE_PATH_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(tree_set_alias(bad[i], "/x"), ERR_INVAL);
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(tree_check_alias(name, "/x"), ERR_INVAL);
	assert_int_equal(tree_check_alias(name + 1, "/x"), 0);
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(tree_check_alias("a", path), ERR_INVAL);
	assert_int_equal(tree_check_alias("a", path + 1), 0);
	assert_int_equal(tree_check_alias("a", ""), ERR_INVAL);
	assert_string_equal(tree_get_str(aliases, "name"), "aliases");
}

static void aliases_need_memory_and_their_node(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	assert_int_equal(tree_set_alias("sys", "/pci"), ERR_NOMEM);
	fake_heap_fail_after(-1);
	tree_remove_node(aliases);
	assert_int_equal(tree_set_alias("sys", "/pci"), ERR_NOENT);
	assert_string_equal(reason(),
			    "alias sys: cannot change /aliases: not found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(aliases_of_aliases_are_expanded,
						setup, teardown),
		cmocka_unit_test_setup_teardown(aliases_that_go_in_circles_end,
						setup, teardown),
		cmocka_unit_test_setup_teardown(only_strings_are_aliases, setup,
						teardown),
		cmocka_unit_test_setup_teardown(without_aliases_none_is_found,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_family_is_numbered_from_its_bare_name, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_device_has_one_alias_of_a_family, setup, teardown),
		cmocka_unit_test_setup_teardown(
			other_families_with_the_same_start_do_not_count, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			holes_are_filled_and_users_names_respected, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_path_that_could_not_be_resolved_gets_no_alias, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			aliases_of_missing_devices_are_dropped, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			an_alias_that_expands_past_all_bounds_is_refused, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			users_define_and_replace_aliases, setup, teardown),
		cmocka_unit_test_setup_teardown(names_of_aliases_are_checked,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			aliases_need_memory_and_their_node, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

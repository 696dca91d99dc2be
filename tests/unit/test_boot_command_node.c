// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/command_node.c: the selected node, relative paths. */
#include "boot/command.h"

#include <stdio.h>
#include <string.h>

#include "lib/reason.h"
#include "tests/fake/prompt.h"
#include "tests/fake/terminal.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct node *add(struct node *parent, const char *name)
{
	struct node *node = tree_add_node(parent, name, TREE_QEMU);

	assert_non_null(node);
	return node;
}

static struct node *pci, *scsi, *disk, *vty;

static int setup(void **state)
{
	struct node *aliases;

	(void)state;
	fake_terminal_reset();
	fake_prompt_reset();
	reason_clear();
	assert_int_equal(tree_init(), 0);
	aliases = add(tree_root(), "aliases");
	pci = add(tree_root(), "pci@800000020000000");
	scsi = add(pci, "scsi@1");
	disk = add(scsi, "disk@8000000000000000");
	vty = add(add(tree_root(), "vdevice"), "vty@71000000");
	assert_int_equal(tree_set_str(aliases, "scsi",
				      "/pci@800000020000000/scsi@1"),
			 0);
	return fake_prompt_run("device-end");
}

static int teardown(void **state)
{
	(void)state;
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	return 0;
}

static void assert_selects(const char *line, const struct node *node)
{
	assert_int_equal(fake_prompt_run(line), COMMAND_OK);
	assert_ptr_equal(command_node(), node);
}

static void the_root_is_selected_at_first(void **state)
{
	(void)state;
	assert_ptr_equal(command_node(), tree_root());
	assert_int_equal(fake_prompt_run("pwd"), COMMAND_OK);
	assert_string_equal(fake_printed, "/\r\n");
}

static void dev_selects_a_node(void **state)
{
	(void)state;
	assert_selects("dev /vdevice/vty", vty);
	assert_int_equal(fake_prompt_run("pwd"), COMMAND_OK);
	assert_string_equal(fake_printed, "/vdevice/vty@71000000\r\n");
	assert_selects("cd /pci", pci);
	assert_selects("FIND-DEVICE /vdevice", vty->parent);
	assert_selects("device-end", tree_root());
}

static void paths_without_a_slash_are_relative(void **state)
{
	(void)state;
	assert_selects("dev pci", pci);
	assert_selects("dev scsi@1/disk", disk);
	assert_selects("dev /", tree_root());
	assert_selects("dev vdevice/vty@71000000", vty);
}

static void dots_lead_upwards(void **state)
{
	(void)state;
	assert_selects("dev /pci/scsi@1/disk", disk);
	assert_selects("dev ..", scsi);
	assert_selects("dev .", scsi);
	assert_selects("dev ../../vdevice/./vty", vty);
	assert_selects("dev /pci/../pci/scsi@1/disk/..", scsi);
	assert_selects("dev ../scsi@1/disk:1,\\x", disk);
	assert_selects("dev ../../..", tree_root());
	/* Nothing is above the root. */
	assert_selects("dev ../..", tree_root());
	assert_selects("dev /../pci/", pci);
}

static void aliases_come_before_children(void **state)
{
	(void)state;
	add(vty->parent, "scsi");
	assert_selects("dev /vdevice", vty->parent);
	assert_selects("dev scsi", scsi);
	assert_selects("dev scsi/..", pci);
	assert_selects("dev scsi/disk", disk);
	/* This one is a property of the node. */
	assert_int_equal(fake_prompt_run("dev name"), ERR_NOENT);
}

static void a_path_that_leads_nowhere_changes_nothing(void **state)
{
	(void)state;
	assert_selects("dev /pci", pci);
	assert_int_equal(fake_prompt_run("dev /nowhere"), ERR_NOENT);
	assert_string_equal(reason(), "/nowhere: no such device");
	assert_int_equal(fake_prompt_run("dev disk"), ERR_NOENT);
	assert_string_equal(reason(), "disk: no such device or alias");
	assert_int_equal(fake_prompt_run("dev ../nowhere/../pci"), ERR_NOENT);
	assert_string_equal(reason(), "/nowhere: no such device");
	assert_int_equal(fake_prompt_run("dev /nowhere/.."), ERR_NOENT);
	assert_int_equal(fake_prompt_run("dev ..."), ERR_NOENT);
	assert_ptr_equal(command_node(), pci);
}

static void long_paths_are_refused(void **state)
{
	char line[1600] = "dev /";

	(void)state;
	memset(line + 5, 'x', 1200);
	assert_int_equal(fake_prompt_run(line), ERR_NOENT);
	assert_non_null(strstr(reason(), "characters"));
	line[4] = 'x';
	assert_int_equal(fake_prompt_run(line), ERR_NOENT);
	assert_non_null(strstr(reason(), "characters"));
	/* With the selected node's path in front, it is too long. */
	line[4 + TREE_PATH_MAX - 5] = '\0';
	assert_selects("dev /pci/scsi", scsi);
	assert_int_equal(fake_prompt_run(line), ERR_NOENT);
	assert_non_null(strstr(reason(), "characters"));
}

static void arguments_can_follow_the_selected_node(void **state)
{
	const char *args;

	(void)state;
	assert_selects("dev /pci/scsi/disk", disk);
	assert_ptr_equal(command_resolve(":2,\\x", &args), disk);
	assert_string_equal(args, "2,\\x");
	assert_ptr_equal(command_resolve("", &args), disk);
	assert_string_equal(args, "");
	assert_ptr_equal(command_resolve("..:1,/../x", &args), scsi);
	assert_string_equal(args, "1,/../x");
	assert_ptr_equal(command_resolve("\\boot\\..\\x", &args), disk);
	assert_string_equal(args, "\\boot\\..\\x");
	assert_selects("dev /", tree_root());
	assert_ptr_equal(command_resolve(":x", &args), tree_root());
	assert_string_equal(args, "x");
}

static void a_node_that_goes_is_no_longer_selected(void **state)
{
	(void)state;
	assert_selects("dev /pci/scsi", scsi);
	tree_remove_node(pci);
	assert_ptr_equal(command_node(), tree_root());
	assert_int_equal(fake_prompt_run("pwd"), COMMAND_OK);
	assert_string_equal(fake_printed, "/\r\n");
}

static void without_aliases_paths_still_work(void **state)
{
	(void)state;
	tree_remove_node(tree_find("/aliases"));
	assert_selects("dev pci", pci);
	assert_selects("dev scsi", scsi);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_root_is_selected_at_first),
		TEST(dev_selects_a_node),
		TEST(paths_without_a_slash_are_relative),
		TEST(dots_lead_upwards),
		TEST(aliases_come_before_children),
		TEST(a_path_that_leads_nowhere_changes_nothing),
		TEST(long_paths_are_refused),
		TEST(arguments_can_follow_the_selected_node),
		TEST(a_node_that_goes_is_no_longer_selected),
		TEST(without_aliases_paths_still_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/command_tree.c: ls, .properties, lsprop. */
#include "boot/command.h"

#include <stdio.h>
#include <string.h>

#include "drivers/block.h"
#include "lib/reason.h"
#include "tests/fake/prompt.h"
#include "tests/fake/terminal.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct block_device block;
static struct node *scsi;

static int disk_attach(struct device *dev)
{
	block = (struct block_device){ 0 };
	return device_add_role(dev, &block.as, &block_role);
}

DRIVER(fake_disk) = {
	.name = "fake-disk",
	.bus = &platform_bus,
	.match = "fake,disk",
	.attach = disk_attach,
};

DRIVER(fake_other) = {
	.name = "fake-other",
	.bus = &platform_bus,
	.match = "fake,other",
};

static struct node *add_device(const char *name, const char *compatible)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QEMU);

	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "compatible", compatible), 0);
	bus_offer(node);
	assert_non_null(device_of(node));
	return node;
}

static int setup(void **state)
{
	struct node *aliases;

	(void)state;
	fake_terminal_reset();
	fake_prompt_reset();
	reason_clear();
	assert_int_equal(tree_init(), 0);
	device_init();
	aliases = tree_add_node(tree_root(), "aliases", TREE_QUOIN);
	assert_non_null(aliases);
	scsi = add_device("scsi@1", "fake,disk");
	assert_int_equal(tree_add_alias("disk", scsi), 0);
	assert_int_equal(tree_set_str(aliases, "net", "/net@2"), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("device-end"), COMMAND_OK);
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	return 0;
}

static void ls_shows_children(void **state)
{
	char want[128];

	(void)state;
	assert_int_equal(fake_prompt_run("ls"), COMMAND_OK);
	snprintf(want, sizeof(want), "%08x: aliases\r\n%08x: scsi@1\r\n",
		 tree_find("/aliases")->phandle, scsi->phandle);
	assert_string_equal(fake_printed, want);
}

static void ls_of_a_leaf_shows_nothing(void **state)
{
	(void)state;
	add_device("other@2", "fake,other");
	assert_int_equal(fake_prompt_run("ls /other"), COMMAND_OK);
	assert_string_equal(fake_printed, "");
}

static void ls_of_a_disk_lists_what_is_on_it(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("ls disk:2,\\boot"), COMMAND_OK);
	assert_string_equal(fake_prompt.listed, "2,\\boot");
	assert_true(fake_log_has("files of 2,\\boot"));
	assert_int_equal(fake_prompt_run("ls /scsi@1"), COMMAND_OK);
	assert_string_equal(fake_prompt.listed, "");
}

static void ls_gives_reasons(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("ls /nowhere"), ERR_NOENT);
	assert_string_equal(reason(), "/nowhere: no such device");
	assert_int_equal(fake_prompt_run("ls disk:9"), ERR_NOENT);
	assert_string_equal(reason(), "no partition 9");
	fake_prompt.block_open_rc = ERR_NOMEDIUM;
	assert_int_equal(fake_prompt_run("ls disk"), ERR_NOMEDIUM);
	assert_string_equal(reason(), "the drive is empty");
}

static void ls_without_a_path_lists_the_selected_node(void **state)
{
	char want[64];

	(void)state;
	assert_non_null(tree_add_node(scsi->parent, "empty", TREE_QEMU));
	assert_int_equal(fake_prompt_run("dev /empty"), COMMAND_OK);
	assert_int_equal(fake_prompt_run("ls"), COMMAND_OK);
	assert_string_equal(fake_printed, "");
	assert_int_equal(fake_prompt_run("dev /scsi@1"), COMMAND_OK);
	assert_int_equal(fake_prompt_run("ls :2,\\Boot"), COMMAND_OK);
	assert_string_equal(fake_prompt.listed, "2,\\Boot");
	fake_terminal_reset();
	assert_int_equal(fake_prompt_run("ls ../aliases"), COMMAND_OK);
	assert_string_equal(fake_printed, "");
	assert_int_equal(fake_prompt_run("ls .."), COMMAND_OK);
	snprintf(want, sizeof(want), "%08x: scsi@1\r\n", scsi->phandle);
	assert_true(fake_log_has(want));
}

static void lsprop_shows_one_property(void **state)
{
	char name[64], cells[64];

	(void)state;
	snprintf(name, sizeof(name), "%-32s \"scsi\"\r\n", "name");
	snprintf(cells, sizeof(cells), "%-32s 00000002\r\n", "#cells");
	assert_int_equal(tree_set_u32(scsi, "#cells", 2), 0);
	assert_int_equal(fake_prompt_run("lsprop disk name"), COMMAND_OK);
	assert_string_equal(fake_printed, name);
	fake_terminal_reset();
	/* Of the selected node, if it has it. */
	assert_int_equal(fake_prompt_run("dev disk"), COMMAND_OK);
	assert_int_equal(fake_prompt_run("lsprop #cells"), COMMAND_OK);
	assert_string_equal(fake_printed, cells);
	fake_terminal_reset();
	assert_int_equal(fake_prompt_run("lsprop . name"), COMMAND_OK);
	assert_string_equal(fake_printed, name);
	fake_terminal_reset();
	assert_int_equal(fake_prompt_run("lsprop"), COMMAND_OK);
	assert_true(fake_log_has(name) && fake_log_has(cells));
	fake_terminal_reset();
	assert_int_equal(fake_prompt_run("lsprop .."), COMMAND_OK);
	assert_false(fake_log_has(cells));
}

static void lsprop_gives_reasons(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("lsprop disk frob"), ERR_NOENT);
	assert_string_equal(reason(), "/scsi@1 has no property frob");
	assert_int_equal(fake_prompt_run("lsprop frob"), ERR_NOENT);
	assert_string_equal(reason(),
			    "frob: no such property, device or alias");
	assert_int_equal(fake_prompt_run("lsprop /nowhere name"), ERR_NOENT);
	assert_string_equal(reason(), "/nowhere: no such device");
	assert_int_equal(fake_prompt_run("lsprop disk name x"), ERR_INVAL);
}

static void assert_shown(const void *value, uint32_t len, const char *want)
{
	char line[128];

	fake_terminal_reset();
	assert_int_equal(tree_setprop(scsi, "p", value, len, TREE_QEMU), 0);
	assert_int_equal(fake_prompt_run(".properties disk"), COMMAND_OK);
	snprintf(line, sizeof(line), "%-32s %s\r\n", "p", want);
	assert_true(fake_log_has(line));
}

static void properties_shows_text_as_text(void **state)
{
	(void)state;
	assert_shown("block", 6, "\"block\"");
	assert_shown("a\0bc", 5, "\"a\", \"bc\"");
	assert_shown("", 1, "\"\"");
	/* And name, compatible, device_type. */
	assert_int_equal(fake_log_lines(), 4);
}

static void properties_shows_other_bytes_in_hex(void **state)
{
	(void)state;
	assert_shown("", 0, "");
	assert_shown("\0", 2, "0000");
	assert_shown("a\0", 3, "610000");
	assert_shown("ab", 2, "6162");
	assert_shown("\0\0\0\1\xff\0\0\2", 8, "00000001 ff000002");
	assert_shown("a\x80", 3, "618000");
}

static void properties_cuts_what_is_very_long(void **state)
{
	static const uint8_t big[5000];

	(void)state;
	assert_int_equal(tree_setprop(scsi, "p", big, sizeof(big), TREE_QEMU),
			 0);
	assert_int_equal(fake_prompt_run(".properties /scsi"), COMMAND_OK);
	assert_true(fake_log_has("00 ... (5000 bytes)\r\n"));
	assert_true(strlen(fake_printed) < 2500);
}

static void properties_of_the_root_and_of_nothing(void **state)
{
	(void)state;
	assert_int_equal(tree_set_str(tree_root(), "model", "x"), 0);
	assert_int_equal(fake_prompt_run(".properties"), COMMAND_OK);
	assert_true(fake_log_has("model"));
	assert_int_equal(fake_prompt_run(".properties /nowhere"), ERR_NOENT);
	assert_string_equal(reason(), "/nowhere: no such device");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ls_shows_children),
		TEST(ls_of_a_leaf_shows_nothing),
		TEST(ls_of_a_disk_lists_what_is_on_it),
		TEST(ls_gives_reasons),
		TEST(ls_without_a_path_lists_the_selected_node),
		TEST(lsprop_shows_one_property),
		TEST(lsprop_gives_reasons),
		TEST(properties_shows_text_as_text),
		TEST(properties_shows_other_bytes_in_hex),
		TEST(properties_cuts_what_is_very_long),
		TEST(properties_of_the_root_and_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/complete.c: commands, variables, aliases, paths, files. */
#include "boot/complete.h"

#include <stdio.h>
#include <string.h>

#include "boot/command.h"
#include "boot/config.h"
#include "drivers/block.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/prompt.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct block_device block;

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

static void add_disk(void)
{
	struct node *node = tree_add_node(tree_root(), "disk@5", TREE_QEMU);

	assert_int_equal(tree_set_str(node, "compatible", "fake,disk"), 0);
	bus_offer(node);
	assert_non_null(device_of(node));
}

static struct node *add(const char *parent, const char *name)
{
	struct node *node = tree_add_node(tree_find(parent), name, TREE_QEMU);

	assert_non_null(node);
	return node;
}

static void alias(const char *name, const char *path)
{
	assert_int_equal(tree_set_str(tree_find("/aliases"), name, path), 0);
}

static int setup(void **state)
{
	(void)state;
	fake_prompt_reset();
	fake_log_start();
	reason_clear();
	assert_int_equal(tree_init(), 0);
	device_init();
	add("/", "aliases");
	add("/", "pci@800000020000000");
	add("/", "vdevice");
	add("/vdevice", "vty@71000000");
	add("/vdevice", "v-scsi@2000");
	add("/vdevice", "v-scsi@3000");
	alias("disk", "/pci/disk@1");
	alias("disk1", "/pci/disk@2");
	alias("cdrom", "/vdevice/v-scsi@2000");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

/* "text" -> the text with what was completed, and how many there are. */
static void assert_completed(const char *text, const char *want, unsigned count)
{
	struct completion found;
	char line[256];

	complete(text, strlen(text), &found);
	snprintf(line, sizeof(line), "%s", text);
	assert_true(found.from <= strlen(text));
	if (*found.text)
		snprintf(line + found.from, sizeof(line) - found.from, "%s",
			 found.text);
	assert_string_equal(line, want);
	assert_int_equal(found.count, count);
	assert_string_equal(reason(), "");
	assert_string_equal(fake_printed, "");
}

static unsigned number_of_commands(void)
{
	unsigned n = 0;

	while (command_name(n))
		n++;
	return n;
}

static unsigned number_of_variables(void)
{
	unsigned n = 0;

	while (config_var(n))
		n++;
	return n;
}

static void the_first_word_is_a_command(void **state)
{
	(void)state;
	assert_completed("rese", "reset-all ", 1);
	assert_completed("  rese", "  reset-all ", 1);
	assert_completed("power-off", "power-off ", 1);
	assert_completed("set", "set", 3);
	assert_completed("set-", "set-default", 2);
	assert_completed("set-default", "set-default", 2);
	assert_completed("", "", number_of_commands());
	assert_completed(" ", " ", number_of_commands());
	assert_completed("frob", "frob", 0);
}

static void some_commands_have_variables(void **state)
{
	(void)state;
	assert_completed("printenv boot-f", "printenv boot-file ", 1);
	assert_completed("printenv oem-b", "printenv oem-banner", 2);
	assert_completed("setenv  auto-b", "setenv  auto-boot? ", 1);
	assert_completed("set-default load", "set-default load-base ", 1);
	assert_completed("printenv ", "printenv ", number_of_variables());
	/* The value is an alias or a path. */
	assert_completed("setenv boot-device cd", "setenv boot-device cdrom",
			 1);
	assert_completed("PrintEnv boot-f", "PrintEnv boot-file ", 1);
	assert_completed("help rese", "help reset-all ", 1);
	assert_completed("tpm c", "tpm clear ", 1);
}

static void a_word_is_an_alias(void **state)
{
	(void)state;
	assert_completed("boot c", "boot cdrom", 1);
	assert_completed("boot d", "boot disk", 2);
	assert_completed("boot disk", "boot disk", 2);
	assert_completed("boot ", "boot ", 3);
	assert_completed("devalias cd", "devalias cdrom", 1);
	assert_completed("boot disk cd", "boot disk cdrom", 1);
	/* Its own name is no alias. */
	assert_completed("devalias na", "devalias na", 0);
}

/* openQA types "boot /pci", tab, "/sc", tab. */
static void a_path_is_completed_node_by_node(void **state)
{
	(void)state;
	assert_completed("boot /pci", "boot /pci@800000020000000", 1);
	assert_completed("boot /vdevice/vt", "boot /vdevice/vty@71000000", 1);
	assert_completed("ls /vdevice/v", "ls /vdevice/v", 3);
	assert_completed("ls /vdevice/v-", "ls /vdevice/v-scsi@", 2);
	assert_completed("ls /V", "ls /vdevice", 1);
	assert_completed("ls /vdevice/", "ls /vdevice/v", 3);
	assert_completed("ls /", "ls /", 3);
	assert_completed("ls /nothing/x", "ls /nothing/x", 0);
	/* Of an alias, and without an unit address. */
	add("/vdevice/v-scsi@2000", "disk@8000");
	assert_completed("boot cdrom/d", "boot cdrom/disk@8000", 1);
	assert_completed("boot /vdevice/v-scsi/d",
			 "boot /vdevice/v-scsi/disk@8000", 1);
}

static void a_path_may_begin_at_the_selected_node(void **state)
{
	char path[] = "/vdevice", root[] = "/";

	(void)state;
	assert_completed("ls vty", "ls vty", 0);
	assert_int_equal(command_dev(NULL, path), COMMAND_OK);
	assert_completed("ls vty", "ls vty@71000000", 1);
	assert_completed("ls c", "ls cdrom", 1);
	add("/vdevice/v-scsi@2000", "disk@8000");
	assert_completed("ls v-scsi@2000/d", "ls v-scsi@2000/disk@8000", 1);
	assert_completed("ls /vd", "ls /vdevice", 1);
	assert_completed("ls ../v", "ls ../vdevice", 1);
	assert_int_equal(command_dev(NULL, root), COMMAND_OK);
}

static void without_aliases_there_are_none(void **state)
{
	(void)state;
	tree_remove_node(tree_find("/aliases"));
	assert_completed("boot c", "boot c", 0);
}

static void a_file_is_looked_up_on_its_disk(void **state)
{
	(void)state;
	add_disk();
	alias("disk5", "/disk@5");
	assert_completed("boot disk5:2,\\boot\\R",
			 "boot disk5:2,\\boot\\README", 1);
	assert_string_equal(fake_prompt.listed, "2,\\boot");
	assert_int_equal(fake_prompt.block_closes, 1);
	/* A disk that hangs does not hold up who presses a tab. */
	assert_int_equal(fake_prompt.listed_ms, 2000);
	assert_int_equal(fake_prompt.timeout_ms, 0);
	/* Case is that of the disk. */
	assert_completed("boot disk5:2,\\rea", "boot disk5:2,\\README", 1);
	assert_string_equal(fake_prompt.listed, "2,");
	fake_prompt.file = "bOotx";
	assert_completed("boot disk5:2,\\boo", "boot disk5:2,\\boo", 3);
	fake_prompt.file = NULL;
	/* A directory is gone into, by the separator that was typed. */
	assert_completed("boot disk5:2,\\BOO", "boot disk5:2,\\boot", 2);
	assert_completed("boot disk5:2,/BOOT/", "boot disk5:2,/BOOT/", 3);
	assert_string_equal(fake_prompt.listed, "2,/BOOT");
	assert_completed("ls /disk@5:\\booti", "ls /disk@5:\\bootinfo.txt", 1);
	assert_string_equal(fake_prompt.listed, "");
}

/* Blanks, escape sequences, of terminals with 8 bits or UTF-8, too. */
static void a_name_that_cannot_be_typed_is_left_out(void **state)
{
	(void)state;
	add_disk();
	assert_completed("boot /disk@5:1,\\two", "boot /disk@5:1,\\two", 0);
	fake_prompt.file = "\x9b"
			   "2J";
	assert_completed("boot /disk@5:1,\\\x9b", "boot /disk@5:1,\\\x9b", 0);
	fake_prompt.file = "x\xc2\x9b"
			   "2J";
	assert_completed("boot /disk@5:1,\\x", "boot /disk@5:1,\\x", 0);
	fake_prompt.file = NULL;
	complete_list("boot /disk@5:1,\\", 16);
	assert_string_equal(fake_printed,
			    "boot\\                     bootinfo.txt"
			    "              README\r\n");
}

static void what_has_no_files_is_no_failure(void **state)
{
	(void)state;
	assert_completed("boot cdrom:1,\\x", "boot cdrom:1,\\x", 0);
	assert_completed("boot nothing:1,\\x", "boot nothing:1,\\x", 0);
	assert_completed("boot disk:1", "boot disk:1", 0);
	assert_completed("boot disk:", "boot disk:", 0);
	add_disk();
	assert_completed("boot /disk@5:9/x", "boot /disk@5:9/x", 0);
	fake_prompt.block_open_rc = ERR_IO;
	fake_prompt.block_closes = 0;
	assert_completed("boot /disk@5:1,\\R", "boot /disk@5:1,\\R", 0);
	assert_int_equal(fake_prompt.block_closes, 0);
}

static void all_that_is_possible_is_listed(void **state)
{
	(void)state;
	complete_list("ls /vdevice/v", 13);
	assert_string_equal(fake_printed, "vty@71000000              "
					  "v-scsi@2000               "
					  "v-scsi@3000\r\n");
	fake_log_clear();
	complete_list("set-", 4);
	assert_string_equal(fake_printed, "set-default               "
					  "set-defaults              \r\n");
	fake_log_clear();
	complete_list("frob", 4);
	assert_string_equal(fake_printed, "");
}

static void only_the_text_before_the_cursor_counts(void **state)
{
	struct completion found;

	(void)state;
	complete("boot cdxyz", 7, &found);
	assert_string_equal(found.text, "cdrom");
	assert_int_equal(found.from, 5);
}

static void a_name_that_is_too_long_is_left_out(void **state)
{
	char name[COMPLETE_MAX], line[COMPLETE_MAX + 32];

	(void)state;
	add_disk();
	fake_prompt.file = name;
	memset(name, 'x', sizeof(name));
	name[COMPLETE_MAX - 1] = '\0';
	assert_completed("boot /disk@5:1,\\x", "boot /disk@5:1,\\x", 0);
	name[COMPLETE_MAX - 2] = '\0';
	snprintf(line, sizeof(line), "boot /disk@5:1,\\%s", name);
	assert_completed("boot /disk@5:1,\\x", line, 1);
}

static void without_memory_nothing_is_completed(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	assert_completed("rese", "rese", 0);
	complete_list("rese", 4);
	fake_heap_fail_after(-1);
	assert_string_equal(fake_printed, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_word_is_a_command),
		TEST(some_commands_have_variables),
		TEST(a_word_is_an_alias),
		TEST(a_path_is_completed_node_by_node),
		TEST(a_path_may_begin_at_the_selected_node),
		TEST(without_aliases_there_are_none),
		TEST(a_file_is_looked_up_on_its_disk),
		TEST(a_name_that_cannot_be_typed_is_left_out),
		TEST(what_has_no_files_is_no_failure),
		TEST(all_that_is_possible_is_listed),
		TEST(only_the_text_before_the_cursor_counts),
		TEST(a_name_that_is_too_long_is_left_out),
		TEST(without_memory_nothing_is_completed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

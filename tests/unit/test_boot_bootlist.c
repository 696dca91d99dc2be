// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/bootlist.c: which devices are tried, in which order. */
#include "boot/bootlist.h"

#include <stdio.h>
#include <string.h>

#include "boot/config.h"
#include "tests/fake/heap.h"
#include "tests/fake/nvram.h"
#include "tests/fake/terminal.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct list targets = LIST_INIT(targets);
static struct node *chosen, *aliases, *pci;

static int setup(void **state)
{
	(void)state;
	fake_terminal_reset();
	fake_nvram_reset(64 * 1024);
	assert_int_equal(tree_init(), 0);
	chosen = tree_add_node(tree_root(), "chosen", TREE_QEMU);
	aliases = tree_add_node(tree_root(), "aliases", TREE_QUOIN);
	pci = tree_add_node(tree_root(), "pci@800000020000000", TREE_QEMU);
	config_init();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bootlist_free(&targets);
	fake_nvram_reset(0);
	config_init();
	tree_free();
	return 0;
}

/* A device with the next alias of a family. */
static void device(const char *name, const char *family)
{
	struct node *node = tree_add_node(pci, name, TREE_QEMU);

	assert_non_null(node);
	assert_int_equal(tree_add_alias(family, node), 0);
}

static void disks_and_a_net(void)
{
	device("scsi@1", "disk");
	device("scsi@2", "disk");
	device("ethernet@3", "net");
}

static void assert_list(const char *want)
{
	const struct boot_target *target;
	char got[1024] = "";
	size_t len = 0;

	list_for_each(target, &targets, link)
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s",
					len ? "|" : "", target->device);
	assert_string_equal(got, want);
}

static void assert_policy(const char *want)
{
	assert_int_equal(bootlist_build(&targets, NULL, NULL), 0);
	assert_list(want);
}

static void chosen_has(const char *name, const char *value)
{
	assert_int_equal(tree_set_str(chosen, name, value), 0);
}

static void with_nothing_said_all_aliases_are_tried(void **state)
{
	(void)state;
	disks_and_a_net();
	device("scsi@4", "cdrom");
	assert_policy("disk|disk1|cdrom|net");
}

static void with_nothing_there_the_families_are_tried(void **state)
{
	(void)state;
	assert_policy("disk|cdrom|net");
}

static void without_chosen_and_aliases_the_families_are_tried(void **state)
{
	(void)state;
	tree_remove_node(chosen);
	tree_remove_node(aliases);
	assert_policy("disk|cdrom|net");
}

static void aliases_come_in_the_order_of_their_numbers(void **state)
{
	(void)state;
	assert_int_equal(tree_set_str(aliases, "disk10", "/c"), 0);
	assert_int_equal(tree_set_str(aliases, "disk2", "/b"), 0);
	assert_int_equal(tree_set_str(aliases, "disks", "/d"), 0);
	assert_int_equal(tree_set_str(aliases, "disk", "/a"), 0);
	assert_policy("disk|disk2|disk10|cdrom|net");
}

static void a_boot_list_comes_first_and_its_twins_once(void **state)
{
	(void)state;
	disks_and_a_net();
	chosen_has("qemu,boot-list", "/pci@800000020000000/scsi@2 "
				     "/pci@800000020000000/ethernet@3");
	assert_policy("/pci@800000020000000/scsi@2|"
		      "/pci@800000020000000/ethernet@3|disk|cdrom");
}

static void halt_ends_the_search(void **state)
{
	(void)state;
	disks_and_a_net();
	chosen_has("qemu,boot-list", "/pci@800000020000000/scsi@2 HALT");
	assert_policy("/pci@800000020000000/scsi@2");
}

/* SLOF went on to the configured device. */
static void halt_ends_the_search_also_before_boot_device(void **state)
{
	(void)state;
	disks_and_a_net();
	assert_int_equal(config_set("boot-device", "net"), 0);
	chosen_has("qemu,boot-device", "c");
	chosen_has("qemu,boot-list", "HALT");
	assert_policy("");
}

static void a_word_that_begins_like_halt_is_a_device(void **state)
{
	(void)state;
	chosen_has("qemu,boot-list", "HALTED HAL");
	assert_policy("HALTED|HAL|disk|cdrom|net");
}

static void a_boot_list_without_nul_or_with_odd_blanks_is_read(void **state)
{
	(void)state;
	assert_int_equal(tree_setprop(chosen, "qemu,boot-list", "  a   b ", 8,
				      TREE_QEMU),
			 0);
	assert_policy("a|b|disk|cdrom|net");
}

static void an_empty_boot_list_says_nothing(void **state)
{
	(void)state;
	assert_int_equal(
		tree_setprop(chosen, "qemu,boot-list", NULL, 0, TREE_QEMU), 0);
	assert_policy("disk|cdrom|net");
}

/* -boot once=dn */
static void letters_choose_families_and_their_order(void **state)
{
	(void)state;
	disks_and_a_net();
	chosen_has("qemu,boot-device", "dnab?");
	assert_policy("cdrom|net");
}

static void letters_follow_a_boot_list(void **state)
{
	(void)state;
	disks_and_a_net();
	chosen_has("qemu,boot-list", "/pci@800000020000000/scsi@2");
	chosen_has("qemu,boot-device", "nc");
	assert_policy("/pci@800000020000000/scsi@2|net|disk");
}

static void boot_device_replaces_the_aliases(void **state)
{
	(void)state;
	disks_and_a_net();
	assert_int_equal(config_set("boot-device", "net disk1:2"), 0);
	assert_policy("net|disk1:2");
}

static void boot_device_follows_list_and_letters(void **state)
{
	(void)state;
	disks_and_a_net();
	chosen_has("qemu,boot-list", "/pci@800000020000000/scsi@2");
	chosen_has("qemu,boot-device", "n");
	assert_int_equal(config_set("boot-device", "disk"), 0);
	assert_policy("/pci@800000020000000/scsi@2|net|disk");
}

static void diagnostic_mode_has_variables_of_its_own(void **state)
{
	const struct boot_target *target;

	(void)state;
	assert_int_equal(config_set("boot-device", "disk"), 0);
	assert_int_equal(config_set("boot-file", "normal"), 0);
	assert_int_equal(config_set("diag-device", "net"), 0);
	assert_int_equal(config_set("diag-file", "diag"), 0);
	assert_int_equal(config_set("diag-switch?", "true"), 0);
	assert_policy("net");
	target = container_of(targets.next, struct boot_target, link);
	assert_string_equal(target->args, "diag");
}

static void a_named_device_comes_before_boot_device_only(void **state)
{
	(void)state;
	disks_and_a_net();
	chosen_has("qemu,boot-list", "/pci@800000020000000/scsi@2 HALT");
	assert_int_equal(config_set("boot-device", "disk"), 0);
	assert_int_equal(bootlist_build(&targets, "net:dhcp", NULL), 0);
	assert_list("net:dhcp|disk");
}

static void arguments_are_those_given_or_boot_file(void **state)
{
	const struct boot_target *target;

	(void)state;
	assert_int_equal(config_set("boot-file", "from variable"), 0);
	assert_int_equal(bootlist_build(&targets, "disk", "-s verbose"), 0);
	target = container_of(targets.next, struct boot_target, link);
	assert_string_equal(target->args, "-s verbose");
	bootlist_free(&targets);
	assert_int_equal(bootlist_build(&targets, "disk", ""), 0);
	target = container_of(targets.next, struct boot_target, link);
	assert_string_equal(target->args, "");
	bootlist_free(&targets);
	assert_int_equal(bootlist_build(&targets, NULL, NULL), 0);
	list_for_each(target, &targets, link)
		assert_string_equal(target->args, "from variable");
}

static void a_target_knows_its_canonical_path(void **state)
{
	const struct boot_target *target;

	(void)state;
	disks_and_a_net();
	assert_int_equal(bootlist_build(&targets, "disk1:1,\\a", NULL), 0);
	target = container_of(targets.next, struct boot_target, link);
	assert_string_equal(target->path, "/pci@800000020000000/scsi@2:1,\\a");
	assert_string_equal(target->device, "disk1:1,\\a");
}

static void partitions_of_one_disk_are_different_targets(void **state)
{
	(void)state;
	disks_and_a_net();
	assert_int_equal(config_set("boot-device", "disk:1 disk:2 disk:1"), 0);
	assert_policy("disk:1|disk:2");
}

/* SLOF's list over-ran memory with about 20 devices (qemu/SLOF issue 3). */
static void sixty_four_disks_behind_long_paths_are_all_listed(void **state)
{
	static char text[64 * 600];
	char name[64];
	struct node *bus = pci;
	size_t len = 0, n = 0;

	(void)state;
	for (int i = 0; i < 12; i++) {
		bus = tree_add_node(bus, "pci@1f", TREE_QEMU);
		assert_non_null(bus);
	}
	for (int i = 0; i < 64; i++) {
		struct node *node;

		snprintf(name, sizeof(name), "disk@%x000000000000", 0x8000 + i);
		node = tree_add_node(bus, name, TREE_QEMU);
		assert_int_equal(tree_add_alias("disk", node), 0);
		len += tree_path(node, text + len, 600);
		text[len++] = ' ';
	}
	text[len] = '\0';
	chosen_has("qemu,boot-list", text);
	assert_int_equal(bootlist_build(&targets, NULL, NULL), 0);
	for (struct list *l = targets.next; l != &targets; l = l->next)
		n++;
	/* The disks, and the names cdrom and net. */
	assert_int_equal(n, 66);
}

static void running_out_of_memory_fails_cleanly(void **state)
{
	int rc = -1;

	(void)state;
	disks_and_a_net();
	for (int n = 0; rc; n++) {
		assert_true(n < 200);
		fake_heap_fail_after(n);
		rc = bootlist_build(&targets, NULL, "args");
		fake_heap_fail_after(-1);
		assert_true(rc == 0 || rc == ERR_NOMEM);
		if (rc)
			bootlist_free(&targets);
	}
	assert_list("disk|disk1|cdrom|net");
}

/* Then nothing but these is worth the time of a scan. */
static void a_list_of_known_devices_needs_no_scan(void **state)
{
	(void)state;
	disks_and_a_net();
	assert_true(bootlist_wants_rest(NULL));
	chosen_has("qemu,boot-list", "/pci@800000020000000/scsi@2 HALT");
	assert_false(bootlist_wants_rest(NULL));
	chosen_has("qemu,boot-list", "/pci@800000020000000/scsi@2 "
				     "/pci@800000020000000/usb@7/storage@1");
	assert_true(bootlist_wants_rest(NULL));
	assert_false(bootlist_wants_rest("disk1:2,\\vmlinux"));
	assert_true(bootlist_wants_rest("disk2"));
}

static void what_was_tried_is_forgotten(void **state)
{
	struct list tried = LIST_INIT(tried);
	struct boot_target *first;

	(void)state;
	disks_and_a_net();
	assert_int_equal(bootlist_build(&tried, "disk1", NULL), 0);
	assert_int_equal(bootlist_build(&targets, NULL, NULL), 0);
	bootlist_forget(&targets, &tried);
	first = bootlist_first(&targets);
	assert_string_equal(first->device, "disk");
	assert_list("disk|cdrom|net");
	bootlist_forget(&tried, &tried);
	assert_null(bootlist_first(&tried));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(with_nothing_said_all_aliases_are_tried),
		TEST(with_nothing_there_the_families_are_tried),
		TEST(without_chosen_and_aliases_the_families_are_tried),
		TEST(aliases_come_in_the_order_of_their_numbers),
		TEST(a_boot_list_comes_first_and_its_twins_once),
		TEST(a_list_of_known_devices_needs_no_scan),
		TEST(what_was_tried_is_forgotten),
		TEST(halt_ends_the_search),
		TEST(halt_ends_the_search_also_before_boot_device),
		TEST(a_word_that_begins_like_halt_is_a_device),
		TEST(a_boot_list_without_nul_or_with_odd_blanks_is_read),
		TEST(an_empty_boot_list_says_nothing),
		TEST(letters_choose_families_and_their_order),
		TEST(letters_follow_a_boot_list),
		TEST(boot_device_replaces_the_aliases),
		TEST(boot_device_follows_list_and_letters),
		TEST(diagnostic_mode_has_variables_of_its_own),
		TEST(a_named_device_comes_before_boot_device_only),
		TEST(arguments_are_those_given_or_boot_file),
		TEST(a_target_knows_its_canonical_path),
		TEST(partitions_of_one_disk_are_different_targets),
		TEST(sixty_four_disks_behind_long_paths_are_all_listed),
		TEST(running_out_of_memory_fails_cleanly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/menu.c: what it prints, and what each key does. */
#include "boot/menu.h"

#include <stdio.h>
#include <string.h>

#include "boot/command.h"
#include "boot/handover.h"
#include "boot/key.h"
#include "boot/menu_entry.h"
#include "boot/pager.h"
#include "drivers/console.h"
#include "lib/reason.h"
#include "tests/fake/blocks.h"
#include "tests/fake/prompt.h"
#include "tests/fake/terminal.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ASKS "Number, or arrow keys and Enter; r: list again; p: prompt\r\n"
#define HEAD "\r\nSelect boot device (or press '0' to abort):\r\n"
#define THREE                                                                  \
	HEAD "1)  cdrom : /pci/scsi@9\r\n"                                     \
	     "2)   disk : /pci/scsi@0   [*boots first]\r\n"                    \
	     "3)  disk1 : /pci/scsi@1\r\n" ASKS

static struct node *pci;

/* What was typed while the list was printed: F12s, then another key? */
static unsigned early_f12;
static bool early_lf;
static bool early_key;
static unsigned asked;
static unsigned scans;

bool console_take_key(const char *key)
{
	if (!*key)
		return early_key || early_lf || early_f12;
	if (!strcmp(key, "\n")) {
		bool was = early_lf;

		early_lf = false;
		return was;
	}
	assert_string_equal(key, KEY_F12_BYTES);
	if (!early_f12)
		return false;
	early_f12--;
	return true;
}

bool device_scan_rest(void)
{
	scans++;
	return false;
}

bool handover_has_kernel(void)
{
	return false;
}

static const char *description;
static uint64_t description_ticks;

void menu_entry_describe(const struct menu_entry *entry, bool ask, char *buf,
			 size_t size)
{
	assert_non_null(entry);
	asked += ask;
	if (ask)
		fake_clock_advance(description_ticks);
	snprintf(buf, size, "%s", description);
}

static void device(const char *family, unsigned unit)
{
	struct node *node;
	char name[16];

	snprintf(name, sizeof(name), "scsi@%x", unit);
	node = tree_add_node(pci, name, TREE_QEMU);
	assert_non_null(node);
	assert_int_equal(tree_add_alias(family, node), 0);
}

static int setup(void **state)
{
	(void)state;
	fake_blocks_reset();
	fake_terminal_reset();
	fake_prompt_reset();
	reason_clear();
	early_f12 = asked = scans = 0;
	early_key = early_lf = false;
	description = "";
	description_ticks = 0;
	assert_int_equal(tree_init(), 0);
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	pci = tree_add_node(tree_root(), "pci", TREE_QEMU);
	assert_non_null(pci);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_blocks_fail_after(-1);
	assert_int_equal(fake_terminal_untyped(), 0);
	tree_free();
	return 0;
}

static void three_devices(void)
{
	device("disk", 0);
	device("disk", 1);
	device("cdrom", 9);
}

static void many_devices(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		device("disk", i);
}

static int run(const char *text)
{
	const struct prompt_ops ops = { .sender = &fake_sender };
	size_t live = fake_blocks_live();
	int rc;

	fake_log_clear();
	fake_prompt_reset();
	fake_terminal_type(text, strlen(text));
	rc = menu_run(&ops);
	assert_int_equal(fake_blocks_live(), live);
	return rc;
}

/* Runs `text` and expects this device to be booted; NULL: none. */
static void boots(const char *text, const char *device_name)
{
	assert_int_equal(run(text), COMMAND_QUIET);
	assert_int_equal(fake_terminal_untyped(), 0);
	assert_int_equal(fake_prompt.boots, device_name != NULL);
	if (device_name)
		assert_string_equal(fake_prompt.booted, device_name);
}

static void the_list_begins_as_that_of_slof(void **state)
{
	(void)state;
	three_devices();
	boots("0", NULL);
	assert_string_equal(fake_printed, THREE "\r\n");
	assert_int_equal(scans, 1);
}

/* tp-qemu types one digit and waits for the boot. */
static void up_to_nine_a_digit_acts_at_once(void **state)
{
	(void)state;
	three_devices();
	boots("1", "cdrom");
	boots("2", "disk");
	boots("3", "disk1");
	assert_string_equal(fake_printed, THREE "\r\n");
}

static void a_digit_without_a_device_does_nothing(void **state)
{
	(void)state;
	three_devices();
	boots("4999" FAKE_PAUSE "3", "disk1");
	assert_string_equal(fake_printed, THREE "\r\n");
}

static void other_keys_do_nothing_and_print_nothing(void **state)
{
	(void)state;
	three_devices();
	boots("xyzs \t~\x1b[24~\x1b[24~\x1bOP\x1b[15~\x1b[C\x7f\x08"
	      "\x01\xc3\xa4"
	      "3",
	      "disk1");
	assert_string_equal(fake_printed, THREE "\r\n");
}

static void several_keys_leave(void **state)
{
	static const char *const keys[] = { "0", "q", "p", "\x03",
					    ("\x1b" FAKE_PAUSE) };

	(void)state;
	three_devices();
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		boots(keys[i], NULL);
}

static void from_ten_on_another_digit_may_follow(void **state)
{
	(void)state;
	many_devices(12);
	boots("12", "disk11");
	boots("10", "disk9");
	boots("1\r", "disk");
	boots("1\n", "disk");
	boots("1" FAKE_PAUSE, "disk");
	/* None can follow. */
	boots("2", "disk1");
	boots("0", NULL);
	/* What was typed is shown. */
	assert_null(strstr(fake_printed, ASKS "1"));
	boots("12", "disk11");
	assert_non_null(strstr(fake_printed, ASKS "1\r\n"));
}

static void digits_can_be_taken_back(void **state)
{
	(void)state;
	many_devices(123);
	/* 129 is too many; BS and arrows drop all digits, too. */
	boots("129" FAKE_PAUSE "12\x08" FAKE_PAUSE "7" FAKE_PAUSE, "disk6");
	assert_non_null(
		strstr(fake_printed, ASKS "12\b \b\b \b12\b \b\b \b7\r\n"));
	boots("12\x1b[B123", "disk122");
	boots("12\x1b" FAKE_PAUSE, NULL);
}

static void enter_boots_what_boots_first(void **state)
{
	(void)state;
	three_devices();
	boots("\r", "disk");
}

static void without_one_enter_does_nothing(void **state)
{
	struct node *chosen = tree_add_node(tree_root(), "chosen", TREE_QEMU);

	(void)state;
	three_devices();
	assert_int_equal(tree_set_str(chosen, "qemu,boot-list",
				      "/vdevice "
				      "HALT"),
			 0);
	boots("\r\n2", "disk");
	assert_null(strstr(fake_printed, "boots first"));
	boots("\x1b[B\r", "cdrom");
}

static void arrows_move_one_line_below_the_list(void **state)
{
	(void)state;
	three_devices();
	boots("\x1b[B\x1b[B\x1b[B\x1b[A\r", "disk");
	assert_string_equal(fake_printed, THREE
			    "\r\x1b[7m2) disk : /pci/scsi@0\x1b[m\x1b[K"
			    "\r\x1b[7m3) disk1 : /pci/scsi@1\x1b[m\x1b[K"
			    "\r\x1b[7m3) disk1 : /pci/scsi@1\x1b[m\x1b[K"
			    "\r\x1b[7m2) disk : /pci/scsi@0\x1b[m\x1b[K\r\n");
	boots("\x1b[A\x1b[A\x1b[A\x1b[A\r", "cdrom");
	boots("\x1b[F\r", "disk1");
	boots("\x1b[H\r", "cdrom");
	boots("\x1b[6~\r", "disk1");
	boots("\x1b[5~\r", "cdrom");
}

static void digits_replace_the_highlighted_line(void **state)
{
	(void)state;
	many_devices(10);
	boots("\x1b[B1\r", "disk");
	assert_non_null(strstr(fake_printed, "\x1b[m\x1b[K\r\x1b[K1\r\n"));
}

static void a_long_path_does_not_wrap_the_highlighted_line(void **state)
{
	char path[256] = "/";

	(void)state;
	memset(path + 1, 'x', 200);
	assert_int_equal(tree_set_str(tree_find("/aliases"), "disk", path), 0);
	boots("\x1b[B0", NULL);
	path[68] = '\0';
	assert_non_null(strstr(fake_printed, path));
	path[68] = 'x';
	path[69] = '\0';
	assert_null(strstr(strstr(fake_printed, "\x1b[7m"), path));
}

static void r_lists_again(void **state)
{
	(void)state;
	three_devices();
	boots("rr2", "disk");
	assert_string_equal(fake_printed,
			    THREE "\r\n" THREE "\r\n" THREE "\r\n");
	assert_int_equal(scans, 3);
}

static void descriptions_follow_the_path(void **state)
{
	(void)state;
	device("disk", 0);
	device("disk", 1);
	description = "A \x1b[2J, 8 GiB";
	boots("0", NULL);
	assert_string_equal(
		fake_printed,
		HEAD "1)   disk : /pci/scsi@0   [A \\x1b[2J, 8 GiB, *boots "
		     "first]\r\n"
		     "2)  disk1 : /pci/scsi@1   [A \\x1b[2J, 8 GiB]\r\n" ASKS
		     "\r\n");
	assert_int_equal(asked, 2);
}

static void who_types_is_not_held_up_by_disks(void **state)
{
	(void)state;
	three_devices();
	early_key = true;
	boots("2", "disk");
	assert_int_equal(asked, 0);
	/* But F12 repeats itself. */
	early_key = early_lf = false;
	early_f12 = 5;
	boots("2", "disk");
	assert_int_equal(asked, 3);
	assert_int_equal(early_f12, 0);
}

/* As a terminal that ends lines in CR LF sends the command. */
static void the_lf_after_the_command_is_no_answer(void **state)
{
	(void)state;
	three_devices();
	early_lf = true;
	boots("0", NULL);
	assert_int_equal(asked, 3);
	fake_terminal_type("\r", 1);
	assert_int_equal(key_wait(NULL), KEY_ENTER);
	boots("\n0", NULL);
}

static void the_tree_of_a_client_does_not_change(void **state)
{
	const struct prompt_ops ops = { .sender = &fake_sender,
					.can_go = true };

	(void)state;
	three_devices();
	fake_terminal_type("r0", 2);
	assert_int_equal(menu_run(&ops), COMMAND_QUIET);
	assert_int_equal(scans, 0);
}

static void slow_disks_are_not_all_asked(void **state)
{
	(void)state;
	many_devices(12);
	description_ticks = 2ULL * TIMEBASE_DEFAULT_HZ;
	boots("0", NULL);
	assert_int_equal(asked, 3);
	assert_non_null(strstr(fake_printed, "\r\n12) disk11 : /pci/scsi@b\r"));
}

/* At the prompt; q there ends the list, not the menu. */
static void a_long_list_comes_in_pages(void **state)
{
	(void)state;
	many_devices(30);
	pager_start();
	boots("q\x1b[B\r", "disk");
	assert_non_null(strstr(fake_printed, "--more--"));
	assert_null(strstr(fake_printed, "30) disk29"));
	assert_non_null(strstr(fake_printed, ASKS "\r\x1b[7m1) disk"));
}

static void without_devices_one_line_says_so(void **state)
{
	(void)state;
	boots("", NULL);
	assert_string_equal(fake_printed,
			    "\r\nNo device to boot from: no disk, no CD drive, "
			    "no network card\r\n");
	tree_remove_node(tree_find("/aliases"));
	boots("", NULL);
}

static void no_memory_is_a_reason(void **state)
{
	const struct prompt_ops ops = { .sender = &fake_sender };

	(void)state;
	three_devices();
	fake_blocks_fail_after(0);
	assert_int_equal(menu_run(&ops), ERR_NOMEM);
	assert_string_equal(reason(), "menu: no memory for 1 devices");
	fake_blocks_fail_after(3);
	assert_int_equal(menu_run(&ops), ERR_NOMEM);
	assert_string_equal(fake_printed, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_list_begins_as_that_of_slof),
		TEST(up_to_nine_a_digit_acts_at_once),
		TEST(a_digit_without_a_device_does_nothing),
		TEST(other_keys_do_nothing_and_print_nothing),
		TEST(several_keys_leave),
		TEST(from_ten_on_another_digit_may_follow),
		TEST(digits_can_be_taken_back),
		TEST(enter_boots_what_boots_first),
		TEST(without_one_enter_does_nothing),
		TEST(arrows_move_one_line_below_the_list),
		TEST(digits_replace_the_highlighted_line),
		TEST(a_long_path_does_not_wrap_the_highlighted_line),
		TEST(r_lists_again),
		TEST(descriptions_follow_the_path),
		TEST(who_types_is_not_held_up_by_disks),
		TEST(the_lf_after_the_command_is_no_answer),
		TEST(the_tree_of_a_client_does_not_change),
		TEST(slow_disks_are_not_all_asked),
		TEST(a_long_list_comes_in_pages),
		TEST(without_devices_one_line_says_so),
		TEST(no_memory_is_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// What stands behind ':' in a disk's path.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/disk_args.h"

/* partition: -1: none named. */
static void expect_parsed(const char *text, long partition, const char *path)
{
	struct disk_args args;

	assert_int_equal(disk_args_parse(text, &args), 0);
	assert_int_equal(args.has_partition, partition >= 0);
	assert_int_equal(args.partition, partition < 0 ? 0 : partition);
	assert_int_equal(args.path_len, strlen(path));
	assert_memory_equal(args.path, path, args.path_len);
}

/* Also of the text that is made from it. */
static void expect(const char *text, long partition, const char *path)
{
	struct disk_args args;
	char again[100];
	size_t len;

	expect_parsed(text, partition, path);
	assert_int_equal(disk_args_parse(text, &args), 0);
	len = disk_args_text(&args, again, sizeof(again));
	assert_int_equal(len, strlen(again));
	expect_parsed(again, partition, path);
}

static void expect_text(const char *text, const char *again)
{
	struct disk_args args;
	char buf[100];

	assert_int_equal(disk_args_parse(text, &args), 0);
	assert_int_equal(disk_args_text(&args, buf, sizeof(buf)),
			 strlen(again));
	assert_string_equal(buf, again);
}

static void expect_bad(const char *text)
{
	struct disk_args args;

	assert_int_equal(disk_args_parse(text, &args), ERR_INVAL);
	assert_non_null(strstr(reason(), "partition number"));
}

static void nothing_and_zero_are_the_whole_disk(void **state)
{
	(void)state;
	expect("", -1, "");
	expect("0", 0, "");
	expect(",", -1, "");
	expect("0,", 0, "");
}

static void digits_are_a_partition(void **state)
{
	(void)state;
	expect("1", 1, "");
	expect("12", 12, "");
	expect("4294967295", 4294967295, "");
	expect("2,", 2, "");
}

static void grub_ofpathname_gives_partitions_as_letters(void **state)
{
	(void)state;
	expect("a", 1, "");
	expect("z", 26, "");
	expect("b,\\x", 2, "\\x");
	expect("A", -1, "A");
	expect("ab", -1, "ab");
}

static void a_path_follows_a_comma(void **state)
{
	(void)state;
	expect("1,\\boot\\grub\\core.elf", 1, "\\boot\\grub\\core.elf");
	expect("1,/boot/core.elf", 1, "/boot/core.elf");
	expect("3,vmlinux", 3, "vmlinux");
	expect("1,\\a,b", 1, "\\a,b");
}

static void a_path_needs_no_partition(void **state)
{
	(void)state;
	expect("\\ppc\\bootinfo.txt", -1, "\\ppc\\bootinfo.txt");
	expect("/ppc/bootinfo.txt", -1, "/ppc/bootinfo.txt");
	expect("vmlinux", -1, "vmlinux");
	expect("\\a,b", -1, "\\a,b");
}

static void freebsd_names_an_empty_partition(void **state)
{
	(void)state;
	expect(",\\ppc\\chrp\\loader", -1, "\\ppc\\chrp\\loader");
	expect(",a", -1, "a");
	expect(",1,x", -1, "1,x");
}

static void colons_at_the_end_are_ignored(void **state)
{
	(void)state;
	expect(":", -1, "");
	expect("0:", 0, "");
	expect("1,:", 1, "");
	expect("2,\\x::", 2, "\\x");
}

static void what_is_no_number_is_refused(void **state)
{
	(void)state;
	expect_bad("1x");
	expect_bad("1\\boot");
	expect_bad("ab,\\x");
	expect_bad("-1,\\x");
	expect_bad("4294967296");
	expect_bad("99999999999999999999999999,\\x");
	expect_bad("0x1");
	expect_bad(" 1,x");
}

static void the_text_of_arguments_has_one_form(void **state)
{
	(void)state;
	expect_text(":", "");
	expect_text("0,", "0");
	expect_text("b,\\x:", "2,\\x");
	expect_text("007,x", "7,x");
	expect_text(",\\x", "\\x");
	expect_text("/x", "/x");
	expect_text("vmlinux", ",vmlinux");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_and_zero_are_the_whole_disk),
		cmocka_unit_test(digits_are_a_partition),
		cmocka_unit_test(grub_ofpathname_gives_partitions_as_letters),
		cmocka_unit_test(a_path_follows_a_comma),
		cmocka_unit_test(a_path_needs_no_partition),
		cmocka_unit_test(freebsd_names_an_empty_partition),
		cmocka_unit_test(colons_at_the_end_are_ignored),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(the_text_of_arguments_has_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

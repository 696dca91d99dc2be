// SPDX-License-Identifier: BSD-2-Clause
// Boot scripts of real discs, and broken ones.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/bootinfo.h"

static const struct bootinfo_names names = {
	.device = "/vdevice/v-scsi@71000002/disk@8200000000000000",
	.partition = "1",
	.directory = "\\ppc\\",
	.filename = "bootinfo.txt",
};

/* A copy of the exact length, so that ASan sees each byte too many. */
static int parse(const char *text, size_t len, struct bootinfo *info)
{
	char *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, text, len);
	err = bootinfo_parse(copy, len, &names, info);
	free(copy);
	return err;
}

static int parse_script(const char *script, struct bootinfo *info)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "<chrp-boot>\n<description>x</description>\n<boot-script>%s"
		 "</boot-script>\n</chrp-boot>\n",
		 script);
	return parse(text, strlen(text), info);
}

static void expect(const char *script, const char *open_args,
		   const char *client_args)
{
	struct bootinfo info;

	assert_int_equal(parse_script(script, &info), 0);
	assert_string_equal(info.open_args, open_args);
	assert_string_equal(info.client_args, client_args);
}

static void expect_bad(const char *script, int err, const char *why)
{
	struct bootinfo info;

	assert_int_equal(parse_script(script, &info), err);
	assert_non_null(strstr(reason(), why));
}

static void grub_mkrescue_names_a_file(void **state)
{
	(void)state;
	expect("boot &device;:\\boot\\grub\\powerpc.elf",
	       "\\boot\\grub\\powerpc.elf", "");
}

static void suse_kiwi_names_partition_1(void **state)
{
	(void)state;
	expect("boot &device;:1,\\boot\\grub2\\powerpc-ieee1275\\grub.elf",
	       "1,\\boot\\grub2\\powerpc-ieee1275\\grub.elf", "");
}

static void suse_yaboot_names_partition_1(void **state)
{
	(void)state;
	expect("boot &device;:1,\\suseboot\\yaboot.ibm",
	       "1,\\suseboot\\yaboot.ibm", "");
}

static void fedora_names_core_elf(void **state)
{
	(void)state;
	expect("boot &device;:\\boot\\grub\\core.elf", "\\boot\\grub\\core.elf",
	       "");
}

static void yaboot_lies_in_ppc_chrp(void **state)
{
	(void)state;
	expect("boot &device;:\\ppc\\chrp\\yaboot", "\\ppc\\chrp\\yaboot", "");
}

static void debian_names_install_yaboot(void **state)
{
	(void)state;
	expect("boot &device;:\\install\\yaboot", "\\install\\yaboot", "");
}

static void freebsd_leaves_the_partition_empty(void **state)
{
	(void)state;
	expect("boot &device;:,\\ppc\\chrp\\loader", ",\\ppc\\chrp\\loader",
	       "");
}

static void netbsd_names_a_raw_partition(void **state)
{
	(void)state;
	expect("boot &device;:3", "3", "");
}

static void aix_names_bootfile_exe(void **state)
{
	(void)state;
	expect("boot &device;:\\ppc\\chrp\\bootfile.exe",
	       "\\ppc\\chrp\\bootfile.exe", "");
}

static void lopar_names_a_tape_file(void **state)
{
	(void)state;
	expect("boot &device;:2", "2", "");
}

static void arguments_follow_a_blank(void **state)
{
	(void)state;
	expect("boot &device;:\\ppc\\chrp\\bootfile.exe  -s verbose ",
	       "\\ppc\\chrp\\bootfile.exe", "-s verbose");
	expect("\r\n\tboot\t&device;:1,\\a\tb  c\r\n", "1,\\a", "b  c");
}

static void tags_and_entities_have_any_case(void **state)
{
	static const char text[] =
		"<CHRP-BOOT>\n<OS-NAME>x</OS-NAME><BOOT-SCRIPT>BOOT "
		"&DEVICE;:\\a</BOOT-SCRIPT></CHRP-BOOT>";
	struct bootinfo info;

	(void)state;
	assert_int_equal(parse(text, strlen(text), &info), 0);
	assert_string_equal(info.open_args, "\\a");
}

static void tags_may_have_attributes(void **state)
{
	static const char text[] =
		"<chrp-boot version=\"1\"><boot-scripts>no</boot-scripts>"
		"<boot-script lang=\"forth\">boot &device;:\\a</boot-script >";
	struct bootinfo info;

	(void)state;
	assert_int_equal(parse(text, strlen(text), &info), 0);
	assert_string_equal(info.open_args, "\\a");
}

static void lines_before_and_behind_the_command_are_not_executed(void **state)
{
	(void)state;
	expect("\n\" screen\" output\nboot &device;:\\a b\nreset-all\n", "\\a",
	       "b");
}

static void entities_are_expanded(void **state)
{
	(void)state;
	expect("boot &device;:&partition;,&directory;yaboot", "1,\\ppc\\yaboot",
	       "");
	expect("boot &device;:\\a &lt;&gt;&amp;&quot;&apos;&AMP;lt;", "\\a",
	       "<>&\"'&lt;");
	expect("boot &device;:\\a conf=&device;:1,\\b", "\\a",
	       "conf=/vdevice/v-scsi@71000002/disk@8200000000000000:1,\\b");
	expect("boot &device;:\\a &full-path;", "\\a",
	       "/vdevice/v-scsi@71000002/disk@8200000000000000:1,"
	       "\\ppc\\bootinfo.txt");
}

static void unknown_entities_are_refused(void **state)
{
	(void)state;
	expect_bad("boot &device;:\\a&foo;", ERR_FORMAT, "&foo;");
	expect_bad("boot &device;:\\a &;", ERR_FORMAT, "&;");
	expect_bad("boot &device;:\\a &amp", ERR_FORMAT, "unterminated entity");
}

static void other_commands_are_refused(void **state)
{
	(void)state;
	expect_bad("", ERR_FORMAT, "&device;:");
	expect_bad("boot disk:\\a", ERR_FORMAT, "&device;:");
	expect_bad("load &device;:\\a go", ERR_FORMAT, "is not boot");
	expect_bad("reboot &device;:\\a", ERR_FORMAT, "is not boot");
	expect_bad("boot&device;:\\a", ERR_FORMAT, "is not boot");
	expect_bad("&device;:\\a", ERR_FORMAT, "is not boot");
}

static void control_characters_are_refused(void **state)
{
	(void)state;
	expect_bad("boot &device;:\\a\033[2J", ERR_FORMAT, "control");
	expect_bad("boot &device;:\\a \177", ERR_FORMAT, "control");
}

static void files_without_the_tags_are_refused(void **state)
{
	struct bootinfo info;

	(void)state;
	assert_int_equal(parse("", 0, &info), ERR_FORMAT);
	assert_non_null(strstr(reason(), "<chrp-boot>"));
	assert_int_equal(parse("<chrp-boot>", 11, &info), ERR_FORMAT);
	assert_non_null(strstr(reason(), "<boot-script>"));
	assert_int_equal(parse("<chrp-boot><boot-script>boot &device;:a", 39,
			       &info),
			 ERR_FORMAT);
	assert_non_null(strstr(reason(), "unterminated <boot-script>"));
}

static void commands_that_do_not_fit_are_refused(void **state)
{
	char script[700] = "boot &device;:";
	struct bootinfo info;
	size_t start = strlen(script);

	(void)state;
	memset(script + start, 'x', 255);
	assert_int_equal(parse_script(script, &info), 0);
	assert_int_equal(strlen(info.open_args), 255);
	script[start + 255] = 'x';
	expect_bad(script, ERR_NOSPACE, "longer than 255");
	memset(script, 0, sizeof(script));
	strcpy(script, "boot &device;:a ");
	memset(script + strlen(script), 'y', 256);
	expect_bad(script, ERR_NOSPACE, "longer than 255");
}

static void a_file_cut_or_changed_anywhere_is_no_danger(void **state)
{
	static const char text[] =
		"<chrp-boot a><boot-script>\nboot &device;:&partition;,\\a &lt;x"
		"\n</boot-script></chrp-boot>";
	char copy[sizeof(text)];
	struct bootinfo info;
	unsigned good = 0;

	(void)state;
	for (size_t len = 0; len <= strlen(text); len++)
		good += parse(text, len, &info) == 0;
	for (size_t i = 0; i < strlen(text) * 8; i++) {
		memcpy(copy, text, sizeof(text));
		copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
		good += parse(copy, strlen(text), &info) == 0;
	}
	assert_true(good > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grub_mkrescue_names_a_file),
		cmocka_unit_test(suse_kiwi_names_partition_1),
		cmocka_unit_test(suse_yaboot_names_partition_1),
		cmocka_unit_test(fedora_names_core_elf),
		cmocka_unit_test(yaboot_lies_in_ppc_chrp),
		cmocka_unit_test(debian_names_install_yaboot),
		cmocka_unit_test(freebsd_leaves_the_partition_empty),
		cmocka_unit_test(netbsd_names_a_raw_partition),
		cmocka_unit_test(aix_names_bootfile_exe),
		cmocka_unit_test(lopar_names_a_tape_file),
		cmocka_unit_test(arguments_follow_a_blank),
		cmocka_unit_test(tags_and_entities_have_any_case),
		cmocka_unit_test(tags_may_have_attributes),
		cmocka_unit_test(
			lines_before_and_behind_the_command_are_not_executed),
		cmocka_unit_test(entities_are_expanded),
		cmocka_unit_test(unknown_entities_are_refused),
		cmocka_unit_test(other_commands_are_refused),
		cmocka_unit_test(control_characters_are_refused),
		cmocka_unit_test(files_without_the_tags_are_refused),
		cmocka_unit_test(commands_that_do_not_fit_are_refused),
		cmocka_unit_test(a_file_cut_or_changed_anywhere_is_no_danger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

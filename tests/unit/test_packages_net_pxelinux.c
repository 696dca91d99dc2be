// SPDX-License-Identifier: BSD-2-Clause
// How pxelinux's files choose a kernel, and what they give it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packages/net/pxelinux.h"
#include "tests/fake/pxelinux.h"

static void the_default_may_be_before_or_after_its_label(void **state)
{
	(void)state;
	pxelinux_expect_kernel(
		"default b\nlabel a\nkernel ka\nlabel b\nkernel kb\n", "kb");
	pxelinux_expect_kernel(
		"label a\nkernel ka\nlabel b\nkernel kb\ndefault b\n", "kb");
	pxelinux_expect_kernel(
		"label B\nkernel kB\nlabel b\nkernel kb\ndefault b\n", "kb");
}

static void of_two_labels_of_one_name_the_first_is_meant(void **state)
{
	(void)state;
	pxelinux_expect_kernel(
		"default a\nlabel a\nkernel k1\nlabel a\nkernel k2\n", "k1");
}

static void the_default_may_be_a_kernel(void **state)
{
	(void)state;
	pxelinux_expect("append root=/dev/nfs\ndefault vmlinux quiet splash\n",
			"vmlinux", "", "root=/dev/nfs quiet splash");
}

static void the_default_may_add_arguments_to_its_label(void **state)
{
	(void)state;
	pxelinux_expect(
		"default a single\nlabel a\nlinux k\nappend ro initrd=i\n", "k",
		"i", "ro single");
	pxelinux_expect(
		"default a  initrd=j\nlabel a\nlinux k\nappend ro initrd=i\n",
		"k", "j", "ro");
}

static void without_a_default_the_first_label_that_boots_is_taken(void **state)
{
	(void)state;
	pxelinux_expect_kernel(
		"label x\nmenu exit\nlabel a\nkernel ka\nlabel b\n"
		"kernel kb\n",
		"ka");
	pxelinux_expect_kernel("kernel alone\n", "alone");
}

static void menu_default_marks_the_default_of_a_menu(void **state)
{
	(void)state;
	pxelinux_expect_kernel(
		"ui menu.c32\ndefault a\nlabel a\nkernel ka\nlabel b\n"
		"menu default\nkernel kb\n",
		"kb");
	pxelinux_expect_kernel(
		"default vesamenu.c32\nlabel a\nkernel ka\nlabel b\n"
		"kernel kb\nmenu default\n",
		"kb");
	pxelinux_expect_kernel(
		"label a\nkernel ka\nlabel b\nkernel kb\nmenu default\n", "kb");
	pxelinux_expect_kernel(
		"ui menu.c32\ndefault b\nlabel a\nkernel ka\nlabel b\n"
		"kernel kb\n",
		"kb");
}

static void without_a_menu_the_default_is_what_default_says(void **state)
{
	(void)state;
	pxelinux_expect_kernel(
		"default a\nlabel a\nkernel ka\nlabel b\nmenu default\n"
		"kernel kb\n",
		"ka");
}

static void a_prompt_ends_with_ontimeout(void **state)
{
	static const char labels[] = "default a\nontimeout b quiet\n"
				     "label a\nkernel ka\nlabel b\nkernel kb\n";
	char text[200];

	(void)state;
	pxelinux_expect_kernel(labels, "ka");
	snprintf(text, sizeof(text), "prompt 0\n%s", labels);
	pxelinux_expect_kernel(text, "ka");
	snprintf(text, sizeof(text), "prompt 1\n%s", labels);
	pxelinux_expect(text, "kb", "", "quiet");
	snprintf(text, sizeof(text), "ui menu.c32\n%s", labels);
	pxelinux_expect(text, "kb", "", "quiet");
}

static void global_append_is_for_labels_without_their_own(void **state)
{
	(void)state;
	pxelinux_expect("append console=hvc0\nlabel a\nkernel k\n", "k", "",
			"console=hvc0");
	pxelinux_expect("append console=hvc0\nlabel a\nkernel k\nappend ro\n",
			"k", "", "ro");
	pxelinux_expect("append console=hvc0\nlabel a\nkernel k\nappend -\n",
			"k", "", "");
	pxelinux_expect("label a\nkernel k\nlabel b\nappend late\n", "k", "",
			"");
	pxelinux_expect_ipappend("sysappend 3\nlabel a\nkernel k\n", 3);
	pxelinux_expect_ipappend("sysappend 3\nlabel a\nkernel k\nipappend 0\n",
				 0);
}

static void initrd_is_taken_out_of_append(void **state)
{
	(void)state;
	pxelinux_expect("label a\nkernel k\nappend initrd=a,b,c ro\n", "k",
			"a,b,c", "ro");
	pxelinux_expect("label a\nkernel k\nappend ro\tinitrd=a\t quiet\n", "k",
			"a", "ro\tquiet");
	pxelinux_expect("label a\nkernel k\nappend initrd=a initrd=b\n", "k",
			"b", "");
	pxelinux_expect("label a\nkernel k\nappend rdinitrd=a initrd= x\n", "k",
			"", "rdinitrd=a x");
	pxelinux_expect("label a\nkernel k\ninitrd a,b\nappend initrd=c x\n",
			"k", "a,b", "x");
}

static void ipappend_is_decimal_or_hexadecimal(void **state)
{
	(void)state;
	pxelinux_expect_ipappend("label a\nkernel k\nipappend 7\n", 7);
	pxelinux_expect_ipappend("label a\nkernel k\nsysappend 0x1ffff\n",
				 0x1ffff);
	pxelinux_expect_ipappend("label a\nkernel k\nipappend\n", 0);
	pxelinux_expect_ipappend("label a\nkernel k\nipappend yes\n", 0);
}

static void a_kernel_may_be_followed_by_arguments(void **state)
{
	(void)state;
	pxelinux_expect("label a\nkernel k  single\nappend ro\n", "k", "",
			"single ro");
}

static void keywords_are_in_any_case_between_blanks_and_tabs(void **state)
{
	(void)state;
	pxelinux_expect("\t DeFaUlT \t a \t\n\tLaBeL\ta\n  LINUX   k \t\n"
			"\tAPPend\t a  b \n",
			"k", "", "a  b");
}

static void lines_may_end_with_carriage_returns(void **state)
{
	(void)state;
	pxelinux_expect(
		"default a\r\nlabel a\r\n  kernel k\r\n  append x\r\n\r\n", "k",
		"", "x");
	pxelinux_expect("default a\rlabel a\rkernel k\rappend x", "k", "", "x");
}

static void comments_and_help_are_skipped(void **state)
{
	(void)state;
	pxelinux_expect_kernel(
		"#default b\n# label b\ndefault a\nlabel a\n"
		"text help\nkernel wrong\nlabel b\n ENDTEXT\nkernel k\n"
		"label b\nkernel kb\n",
		"k");
}

static void a_file_that_cannot_be_included_is_left_out(void **state)
{
	(void)state;
	pxelinux_expect_kernel(
		"include nowhere\nmenu include nowhere tag\nkernel k\n", "k");
	assert_int_equal(pxelinux_includes, 2);
}

static long aborted(void *arg, const char *path, char *buf)
{
	(void)arg;
	(void)path;
	(void)buf;
	return ERR_ABORT;
}

static void esc_while_a_file_is_included_ends_it(void **state)
{
	static const char text[] = "include a\nlabel x\n linux y\n";
	static struct pxelinux px;

	(void)state;
	assert_int_equal(pxelinux_parse(text, strlen(text), aborted, NULL, &px),
			 ERR_ABORT);
}

static void a_label_goes_on_after_an_included_file(void **state)
{
	static const struct pxelinux_file files[] = {
		{ "opts", "append console=hvc0" },
		{ "menu.cfg", "label b\nkernel kb\n" },
		{ NULL, NULL },
	};

	(void)state;
	pxelinux_expect_with("label a\nkernel k\ninclude opts a tag\n", files,
			     "k", "", "console=hvc0");
	pxelinux_expect_with("default b\nmenu include menu.cfg\ninclude opts\n",
			     files, "kb", "", "console=hvc0");
}

static void each_file_is_included_once_per_line(void **state)
{
	static const struct pxelinux_file files[] = {
		{ "a", "include b\ninclude b\n" },
		{ "b", "kernel k\n" },
		{ NULL, NULL }
	};

	(void)state;
	pxelinux_expect_with("include a\ninclude b\n", files, "k", "", "");
	assert_int_equal(pxelinux_includes, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_may_be_before_or_after_its_label),
		cmocka_unit_test(of_two_labels_of_one_name_the_first_is_meant),
		cmocka_unit_test(the_default_may_be_a_kernel),
		cmocka_unit_test(the_default_may_add_arguments_to_its_label),
		cmocka_unit_test(
			without_a_default_the_first_label_that_boots_is_taken),
		cmocka_unit_test(menu_default_marks_the_default_of_a_menu),
		cmocka_unit_test(
			without_a_menu_the_default_is_what_default_says),
		cmocka_unit_test(a_prompt_ends_with_ontimeout),
		cmocka_unit_test(global_append_is_for_labels_without_their_own),
		cmocka_unit_test(initrd_is_taken_out_of_append),
		cmocka_unit_test(ipappend_is_decimal_or_hexadecimal),
		cmocka_unit_test(a_kernel_may_be_followed_by_arguments),
		cmocka_unit_test(
			keywords_are_in_any_case_between_blanks_and_tabs),
		cmocka_unit_test(lines_may_end_with_carriage_returns),
		cmocka_unit_test(comments_and_help_are_skipped),
		cmocka_unit_test(a_file_that_cannot_be_included_is_left_out),
		cmocka_unit_test(esc_while_a_file_is_included_ends_it),
		cmocka_unit_test(a_label_goes_on_after_an_included_file),
		cmocka_unit_test(each_file_is_included_once_per_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// pxelinux's files that are too long, loop, end early or lie.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/pxelinux.h"
#include "tests/fake/heap.h"
#include "tests/fake/pxelinux.h"

static void a_nul_ends_a_line(void **state)
{
	static const char text[] = "default a\0label a\0kernel k\0append x";
	struct pxelinux px;

	(void)state;
	assert_int_equal(pxelinux_test(text, sizeof(text), NULL, &px), 0);
	assert_string_equal(px.kernel, "k");
	assert_string_equal(px.append, "x");
}

static void help_without_an_end_hides_the_rest(void **state)
{
	static const struct pxelinux_file files[] = { { "f", "text help\nno" },
						      { NULL, NULL } };

	(void)state;
	pxelinux_expect_with("kernel k\ninclude f\nkernel x\n", files, "k", "",
			     "");
}

static void a_file_that_includes_itself_ends(void **state)
{
	static const struct pxelinux_file loop[] = { { "a", "include a\n" },
						     { "b", "include b\n"
							    "include b" },
						     { NULL, NULL } };

	(void)state;
	for (const struct pxelinux_file *f = loop; f->name; f++) {
		struct pxelinux px;

		assert_int_equal(pxelinux_test(f->text, strlen(f->text), loop,
					       &px),
				 ERR_FORMAT);
		assert_string_equal(reason(), "more than 64 included files");
		assert_int_equal(pxelinux_includes, 64);
	}
}

static long include_64_kib(void *arg, const char *path, char *buf)
{
	unsigned *count = arg;

	(void)path;
	memset(buf, ' ', PXELINUX_FILE_MAX);
	(*count)++;
	return (long)PXELINUX_FILE_MAX;
}

static void included_files_have_a_limit_in_all(void **state)
{
	char text[20 * 10 + 1] = "";
	struct pxelinux px;
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		strcat(text, "include a\n");
	assert_int_equal(pxelinux_parse(text, strlen(text), include_64_kib,
					&count, &px),
			 ERR_FORMAT);
	assert_string_equal(reason(), "included files too large");
	assert_int_equal(count, 2);
}

static void modules_for_x86_are_refused(void **state)
{
	(void)state;
	pxelinux_expect_bad("default a\nlabel a\nkernel memdisk.c32\n",
			    ERR_FORMAT, "\"memdisk.c32\": a program for x86");
}

static void a_file_without_a_kernel_is_refused(void **state)
{
	(void)state;
	pxelinux_expect_bad("", ERR_FORMAT, "no label has a kernel");
	pxelinux_expect_bad("label a\nlabel b\nappend x\n", ERR_FORMAT,
			    "no label has a kernel");
	pxelinux_expect_bad("default menu.c32\nlabel a\n", ERR_FORMAT,
			    "no label has a kernel");
	pxelinux_expect_bad("<html><body>404</body></html>", ERR_FORMAT,
			    "no label has a kernel");
}

/* "head", then `count` times `c`, then "tail". */
static char *long_text(const char *head, char c, size_t count, const char *tail)
{
	size_t len = strlen(head);
	char *text = malloc(len + count + strlen(tail) + 1);

	memcpy(text, head, len);
	memset(text + len, c, count);
	strcpy(text + len + count, tail);
	return text;
}

/* `head`, as many x, `tail`: `most` are well, one more is not. */
static void expect_limit(const char *head, size_t most, const char *tail)
{
	struct pxelinux px;
	char *text = long_text(head, 'x', most, tail);

	assert_int_equal(pxelinux_test(text, strlen(text), NULL, &px), 0);
	free(text);
	text = long_text(head, 'x', most + 1, tail);
	pxelinux_expect_bad(text, ERR_FORMAT, "too long");
	assert_true(strlen(reason()) < 100);
	free(text);
}

static void long_paths_and_arguments_are_refused_not_cut(void **state)
{
	(void)state;
	expect_limit("label a\nkernel ", PXELINUX_PATH - 1, "\nappend y\n");
	expect_limit("label a\nkernel k\nappend ", PXELINUX_APPEND - 1, "\n");
	expect_limit("label a\nkernel k\nappend a ", PXELINUX_APPEND - 3, "");
	expect_limit("default a y\nlabel a\nkernel k\nappend ",
		     PXELINUX_APPEND - 3, "");
	expect_limit("label a\nkernel k\ninitrd ", PXELINUX_APPEND - 1, "\n");
}

static void a_long_path_of_another_label_does_not_matter(void **state)
{
	char *text = long_text("default b\nlabel a\nkernel ", 'x', 4000,
			       "\nlabel b\nkernel k\n");

	(void)state;
	pxelinux_expect_kernel(text, "k");
	free(text);
}

static void a_path_that_is_too_long_is_not_included(void **state)
{
	static const size_t lengths[] = { 4000, PXELINUX_PATH,
					  PXELINUX_PATH - 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		char *text =
			long_text("include ", 'x', lengths[i], "\nkernel k\n");

		pxelinux_expect_kernel(text, "k");
		assert_int_equal(pxelinux_includes, i == 2);
		free(text);
	}
}

static void a_file_of_64_kib_may_be_one_line(void **state)
{
	char *text = long_text("kernel ", 'x', PXELINUX_FILE_MAX - 7, "");

	(void)state;
	pxelinux_expect_bad(text, ERR_FORMAT, "too long");
	memset(text, ' ', PXELINUX_FILE_MAX);
	memcpy(text + PXELINUX_FILE_MAX - 8, "kernel k", 8);
	pxelinux_expect_kernel(text, "k");
	free(text);
}

static void a_larger_file_is_refused(void **state)
{
	char *text = long_text("kernel k\n", '\n', PXELINUX_FILE_MAX - 8, "");

	(void)state;
	pxelinux_expect_bad(text, ERR_FORMAT, "larger than 65536 bytes");
	text[PXELINUX_FILE_MAX] = '\0';
	pxelinux_expect_kernel(text, "k");
	free(text);
}

static void there_may_be_5000_labels(void **state)
{
	char *text = malloc(PXELINUX_FILE_MAX);
	size_t len = (size_t)sprintf(text, "default 4999\nlinux x\n");

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		len += (size_t)sprintf(text + len, "label %u\n", i);
	sprintf(text + len, "kernel k\n");
	pxelinux_expect_kernel(text, "k");
	free(text);
}

static long include_too_much(void *arg, const char *path, char *buf)
{
	(void)arg;
	(void)path;
	memset(buf, '\n', PXELINUX_FILE_MAX);
	memcpy(buf, "kernel wrong", 12);
	return (long)PXELINUX_FILE_MAX + 1;
}

static void an_included_file_of_more_than_64_kib_is_left_out(void **state)
{
	struct pxelinux px;

	(void)state;
	assert_int_equal(pxelinux_parse("include f\nlabel a\nkernel k\n", 27,
					include_too_much, NULL, &px),
			 0);
	assert_string_equal(px.kernel, "k");
}

static void out_of_memory_is_said_and_leaves_nothing(void **state)
{
	static const struct pxelinux_file files[] = {
		{ "f", "label a\nkernel k\n" }, { NULL, NULL }
	};
	static const char text[] = "include f\ninclude f\ndefault a\n";
	struct pxelinux px;
	long before = fake_heap_live();
	int err = ERR_NOMEM;

	(void)state;
	for (long n = 0; err; n++) {
		fake_heap_fail_after(n);
		err = pxelinux_test(text, strlen(text), files, &px);
		assert_true(err == 0 || err == ERR_NOMEM);
		assert_int_equal(fake_heap_live(), before);
	}
	assert_string_equal(px.kernel, "k");
	fake_heap_fail_after(-1);
}

static void every_prefix_of_a_file_ends_well(void **state)
{
	static const struct pxelinux_file files[] = {
		{ "f", "label z\nkernel kz\n" }, { NULL, NULL }
	};
	static const char text[] =
		"default a x\ninclude f t\nontimeout b\nprompt 1\nlabel a\n"
		"kernel k\nappend initrd=i ro\nmenu default\ntext help\n"
		"endtext\nlabel b\nlocalboot 0\nipappend 0x7\n";
	struct pxelinux px;

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		int err = pxelinux_test(text, len, files, &px);

		assert_true(err == 0 || err == ERR_FORMAT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_nul_ends_a_line),
		cmocka_unit_test(help_without_an_end_hides_the_rest),
		cmocka_unit_test(a_file_that_includes_itself_ends),
		cmocka_unit_test(included_files_have_a_limit_in_all),
		cmocka_unit_test(modules_for_x86_are_refused),
		cmocka_unit_test(a_file_without_a_kernel_is_refused),
		cmocka_unit_test(long_paths_and_arguments_are_refused_not_cut),
		cmocka_unit_test(a_long_path_of_another_label_does_not_matter),
		cmocka_unit_test(a_path_that_is_too_long_is_not_included),
		cmocka_unit_test(a_file_of_64_kib_may_be_one_line),
		cmocka_unit_test(a_larger_file_is_refused),
		cmocka_unit_test(there_may_be_5000_labels),
		cmocka_unit_test(
			an_included_file_of_more_than_64_kib_is_left_out),
		cmocka_unit_test(out_of_memory_is_said_and_leaves_nothing),
		cmocka_unit_test(every_prefix_of_a_file_ends_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

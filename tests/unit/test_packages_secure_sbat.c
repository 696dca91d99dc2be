// SPDX-License-Identifier: BSD-2-Clause
// SBAT: generations compared, and texts that are none.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/reason.h"
#include "packages/secure/sbat.h"

#define GRUB "sbat,1,SBAT Version,sbat,1,https://example.org\ngrub,3,x\n"

/* Checks copies, so that ASan knows their ends. */
static int check_bytes(const char *csv, size_t len, const char *lowest)
{
	size_t lowest_len = strlen(lowest);
	char *a = malloc(len ? len : 1);
	char *b = malloc(lowest_len ? lowest_len : 1);
	int err;

	memcpy(a, csv, len);
	memcpy(b, lowest, lowest_len);
	reason_clear();
	err = sbat_check(a, len, b, lowest_len);
	free(a);
	free(b);
	return err;
}

static int check(const char *csv, const char *lowest)
{
	return check_bytes(csv, strlen(csv), lowest);
}

static void refused(const char *csv, const char *lowest, int err,
		    const char *why)
{
	assert_int_equal(check(csv, lowest), err);
	assert_string_equal(reason(), why);
}

static void components_of_at_least_the_lowest_generation_may_run(void **state)
{
	(void)state;
	assert_int_equal(check(GRUB, "sbat,1\ngrub,3\n"), 0);
	assert_int_equal(check(GRUB, "grub,2"), 0);
	assert_int_equal(check(GRUB, "grub,0\n\n\nsbat,1\n"), 0);
	refused(GRUB, "sbat,1\ngrub,4\n", ERR_PERM,
		"component grub 3, but at least 4 is required");
	refused("grub,3", "grub,4", ERR_PERM,
		"component grub 3, but at least 4 is required");
	refused("grub,18446744073709551614", "grub,18446744073709551615",
		ERR_PERM,
		"component grub 18446744073709551614, but at least 18446744073709551615 is required");
}

static void only_the_same_component_is_compared(void **state)
{
	(void)state;
	assert_int_equal(check(GRUB, "shim,9\n"), 0);
	assert_int_equal(check(GRUB, "grub.debian,9\n"), 0);
	assert_int_equal(check("grub.debian,1\n", "grub,9\n"), 0);
}

static void a_component_that_is_there_twice_counts_twice(void **state)
{
	(void)state;
	refused("grub,4\ngrub,3\n", "grub,4\n", ERR_PERM,
		"component grub 3, but at least 4 is required");
	refused("grub,3\ngrub,4\n", "grub,4\n", ERR_PERM,
		"component grub 3, but at least 4 is required");
	refused("grub,4\n", "grub,4\ngrub,5\n", ERR_PERM,
		"component grub 4, but at least 5 is required");
}

static void texts_of_another_form_are_refused(void **state)
{
	static const char *const wrong[] = {
		"grub",
		"grub,",
		"grub,\n",
		",3",
		",",
		"grub,x",
		"grub,3x",
		"grub,-3",
		"grub, 3",
		"grub,,3",
		"grub,18446744073709551616",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		refused(wrong[i], "grub,1", ERR_FORMAT,
			"its SBAT note, line 1: not a component and its generation");
		refused("a,1", wrong[i], ERR_FORMAT,
			"SBAT levels from the host, line 1: not a component and its generation");
	}
	refused("a,1\n\nb", "a,1", ERR_FORMAT,
		"its SBAT note, line 3: not a component and its generation");
	refused("", "a,1", ERR_FORMAT, "its SBAT note: no components");
	refused("\n\n", "a,1", ERR_FORMAT, "its SBAT note: no components");
	refused("a,1", "", ERR_FORMAT, "SBAT levels from the host: empty");
}

static void zeros_fill_a_note_but_are_no_part_of_it(void **state)
{
	static const char padded[] = "grub,3\n\0\0", inside[] = "grub,3\0\n";

	(void)state;
	assert_int_equal(check_bytes(padded, sizeof(padded), "grub,3"), 0);
	assert_int_equal(check_bytes("grub,3\0", 7, "grub,3"), 0);
	assert_int_equal(check_bytes(inside, sizeof(inside), "grub,3"),
			 ERR_FORMAT);
	assert_int_equal(check_bytes("\0\0\0\0", 4, "grub,3"), ERR_FORMAT);
}

static void a_long_name_is_cut_in_the_message(void **state)
{
	char csv[600] = { 0 }, lowest[600] = { 0 };

	(void)state;
	memset(csv, 'a', 500);
	memset(lowest, 'a', 500);
	memcpy(csv + 500, ",1", 2);
	memcpy(lowest + 500, ",2", 2);
	refused(csv, lowest, ERR_PERM,
		"component aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1, but at least 2 is required");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			components_of_at_least_the_lowest_generation_may_run),
		cmocka_unit_test(only_the_same_component_is_compared),
		cmocka_unit_test(a_component_that_is_there_twice_counts_twice),
		cmocka_unit_test(texts_of_another_form_are_refused),
		cmocka_unit_test(zeros_fill_a_note_but_are_no_part_of_it),
		cmocka_unit_test(a_long_name_is_cut_in_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

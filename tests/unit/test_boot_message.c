// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/message.c: the lines that harnesses look for. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/message.h"
#include "tests/fake/log.h"

static int start(void **state)
{
	(void)state;
	fake_log_start();
	return 0;
}

/* The code and the colon are what SLOF printed. [SLOF's exception.fs] */
static void slof_codes_and_texts_are_kept(void **state)
{
	static const struct {
		enum message msg;
		const char *line;
	} lines[] = {
		{ E3401, "\r\nE3401: Aborting boot,\r\n" },
		{ E3403, "\r\nE3403: Bad executable:\r\n" },
		{ E3404, "\r\nE3404: Not a bootable device!\r\n" },
		{ E3405, "\r\nE3405: No such device:\r\n" },
		{ E3406, "\r\nE3406: Client application returned an error:"
			 "\r\n" },
		{ E3407, "\r\nE3407: Load failed:\r\n" },
		{ E3408, "\r\nE3408: Failed to claim memory for the "
			 "executable:\r\n" },
		{ E3409, "\r\nE3409: Unknown FORTH Word:\r\n" },
		{ W3411, "\r\nW3411: Client application returned.\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		fake_log_clear();
		message_print(lines[i].msg, NULL, "");
		assert_string_equal(fake_printed, lines[i].line);
	}
}

static void where_and_why_follow(void **state)
{
	(void)state;
	message_print(E3404, "/disk@1", "no PReP partition");
	assert_string_equal(fake_printed, "\r\nE3404: Not a bootable device! "
					  "/disk@1: no PReP partition\r\n");
	fake_log_clear();
	message_print(E3404, "/disk@1", NULL);
	assert_string_equal(fake_printed,
			    "\r\nE3404: Not a bootable device! /disk@1\r\n");
	fake_log_clear();
	message_print(E3404, "", "no disk");
	assert_string_equal(fake_printed,
			    "\r\nE3404: Not a bootable device! no disk\r\n");
}

static void a_failed_target_is_no_device(void **state)
{
	(void)state;
	assert_int_equal(message_fail(E3407, "/x", "why"), ERR_NODEV);
	assert_string_equal(fake_printed,
			    "\r\nE3407: Load failed: /x: why\r\n");
}

static void each_error_of_an_image_has_its_code(void **state)
{
	(void)state;
	assert_int_equal(message_for_image(ERR_FORMAT), E3403);
	assert_int_equal(message_for_image(ERR_PERM), E3403);
	assert_int_equal(message_for_image(ERR_EXIST), E3408);
	assert_int_equal(message_for_image(ERR_RANGE), E3408);
	assert_int_equal(message_for_image(ERR_NOMEM), E3407);
	assert_int_equal(message_for_image(ERR_IO), E3407);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(slof_codes_and_texts_are_kept, start),
		cmocka_unit_test_setup(where_and_why_follow, start),
		cmocka_unit_test_setup(each_error_of_an_image_has_its_code,
				       start),
		cmocka_unit_test_setup(a_failed_target_is_no_device, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

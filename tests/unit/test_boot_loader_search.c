// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/loader.c: a disk with several things to boot. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/loader.h"
#include "ci/claim.h"
#include "drivers/instance.h"
#include "tree/path.h"
#include "tree/prop.h"
#include "tests/fake/loader.h"
#include "tests/fake/machine.h"

#define DISK "/vdevice/disk@71000002"

static void the_next_prep_partition_is_tried(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.label.partition = 1;
	fake_load.labels = 3;
	fake_load.probe_error = ERR_FORMAT;
	fake_load.failures = 2;
	assert_int_equal(fake_load_run("disk", "quiet"), 0);
	assert_string_equal(fake_printed,
			    "  Trying to load: quiet from: " DISK " ... \r\n"
			    "E3403: Bad executable: " DISK
			    ":1: no ELF magic\r\n"
			    "  Trying to load: quiet from: " DISK ":2 ...   "
			    "Successfully loaded\r\n");
	assert_string_equal(fake_load.args, "2");
	fake_load_chosen(DISK, "quiet");
	assert_int_equal(fake_load.asked, 2);
}

static void a_disk_without_any_program_names_each(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.label.partition = 1;
	fake_load.labels = 2;
	fake_load.load_error = ERR_IO;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3407: Load failed: " DISK ":1: the load failed\r\n"
			  "  Trying to load:  from: " DISK ":2 ... \r\n"
			  "E3407: Load failed: " DISK
			  ":2: the load failed\r\n");
	assert_false(fake_log_has("E3404"));
	assert_int_equal(fake_load.asked, 3);
	assert_true(claim_is_free(0x20000, fake_load.size));
}

/* Behind the line that harnesses match. */
static void an_image_that_was_moved_is_told(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.linked = 0x100;
	assert_int_equal(fake_load_run("disk", ""), 0);
	fake_load_printed(" ...   Successfully loaded\r\n"
			  "  Moved from 100 to 20000\r\n");
}

static void what_ends_a_search_is_told(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.label_end = ERR_IO;
	fake_load.label_why = "block 7 is bad";
	fake_load.load_error = ERR_FORMAT;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3404: Not a bootable device! " DISK
			  ": block 7 is bad\r\n");
}

static void a_disk_that_fails_twice_is_told_once(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.label_end = ERR_IO;
	fake_load.label_why = "unplugged";
	fake_load.load_error = ERR_IO;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	assert_true(fake_log_has("E3407: Load failed: "));
	assert_false(fake_log_has("E3404"));
}

/* A driver may forget its reason: that is no way to end without a word. */
static void an_error_without_a_reason_is_told(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.labels = 0;
	fake_load.label_end = ERR_IO;
	fake_load.label_why = "";
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3404: Not a bootable device! " DISK "\r\n");
}

static void a_device_that_falls_silent_is_not_asked_again(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.label.partition = 1;
	fake_load.labels = 2;
	fake_load.load_error = ERR_TIMEOUT;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	assert_int_equal(fake_load.asked, 1);
}

/* What the first had at load-base must not be in the second's way. */
static void aix_image_that_fails_leaves_no_memory_to_the_next(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.label.partition = 1;
	fake_load.labels = 2;
	fake_load.info.osabi = ELF_OSABI_AIX;
	fake_load.load_error = ERR_FORMAT;
	fake_load.failures = 2;
	assert_int_equal(fake_load_run("disk", ""), 0);
	fake_load_printed("E3403: Bad executable: " DISK ":1: the load failed");
	assert_false(claim_is_free(0x4000, sizeof(fake_disk)));
	fake_load_reset();
	claim_release(0x4000, sizeof(fake_disk));
	claim_release(0x20000, fake_load.size);
	fake_load.info.osabi = ELF_OSABI_AIX;
	fake_load.load_error = ERR_FORMAT;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	assert_true(claim_is_free(0x4000, sizeof(fake_disk)));
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_next_prep_partition_is_tried),
		T(a_disk_without_any_program_names_each),
		T(an_image_that_was_moved_is_told),
		T(what_ends_a_search_is_told),
		T(a_disk_that_fails_twice_is_told_once),
		T(an_error_without_a_reason_is_told),
		T(a_device_that_falls_silent_is_not_asked_again),
		T(aix_image_that_fails_leaves_no_memory_to_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

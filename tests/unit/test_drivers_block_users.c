// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/block.c: who has a device open, and what closing does.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/device.h"
#include "lib/log.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/block.h"
#include "tests/fake/block_read.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"

static struct fake_block fake;
static struct block_device *bd = &fake.bd;
static uint8_t buf[512];

static int plug(void **state)
{
	(void)state;
	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_block_init(&fake, NULL, 64 * 512, 512);
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	fake_block_free(&fake);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void the_last_one_that_closes_stops_the_device(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_open(bd), 0);
	block_close(bd);
	assert_int_equal(fake.stops, 0);
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
	block_close(bd);
	assert_int_equal(fake.stops, 1);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
	block_close(bd);
	assert_int_equal(fake.stops, 2);
}

static void what_does_not_start_is_stopped_and_not_open(void **state)
{
	(void)state;
	fake.start_error = ERR_IO;
	assert_int_equal(block_open(bd), ERR_IO);
	assert_int_equal(fake.dev->users, 0);
	assert_false(fake.running);
	assert_int_equal(fake.dev->state, DEVICE_OFF);
	fake.start_error = 0;
	fake.block_size = 600;
	assert_int_equal(block_open(bd), ERR_FORMAT);
	assert_int_equal(fake.dev->users, 0);
	assert_false(fake.running);
	assert_int_equal(fake.dev->state, DEVICE_OFF);
}

/* GRUB's save_env: a host that crashes would lose it from QEMU's cache. */
static void what_was_written_is_flushed_when_it_is_closed(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_read(bd, 40, 1, buf), 0);
	block_close(bd);
	assert_int_equal(fake.flushes, 0);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_write(bd, 40, 1, buf), 0);
	block_close(bd);
	assert_int_equal(fake.flushes, 1);
	/* Once is enough. */
	block_close(bd);
	assert_int_equal(fake.flushes, 1);
}

static void a_refused_write_needs_no_flush(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_write(bd, 0, 1, buf), ERR_PERM);
	assert_int_equal(block_write(bd, 64, 1, buf), ERR_RANGE);
	assert_int_equal(block_write(bd, 40, 0, buf), 0);
	block_close(bd);
	assert_int_equal(fake.flushes, 0);
}

static void a_flush_that_fails_is_told(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_write(bd, 40, 1, buf), 0);
	fake.bad_first = 0;
	fake.bad_last = UINT64_MAX - 1;
	block_close(bd);
	assert_string_equal(fake_printed,
			    "fake-disk /fake/disk@0: flush failed: the fake "
			    "disk has a bad block\r\n");
	assert_int_equal(fake.stops, 1);
}

static void before_a_reset_written_data_is_flushed_once(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	block_sync(bd);
	assert_int_equal(fake.flushes, 0);
	assert_int_equal(block_write(bd, 40, 1, buf), 0);
	block_sync(bd);
	block_sync(bd);
	assert_int_equal(fake.flushes, 1);
	block_close(bd);
}

static void quiesce_flushes_and_stops_for_good(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_write(bd, 40, 1, buf), 0);
	device_quiesce_all(NULL);
	assert_int_equal(fake.flushes, 1);
	assert_int_equal(fake.stops, 1);
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_NODEV);
	assert_int_equal(block_open(bd), ERR_NODEV);
	block_close(bd);
	assert_string_equal(fake_printed, "");
}

static void who_went_without_closing_leaves_a_stopped_device(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_write(bd, 40, 1, buf), 0);
	device_abandon_all();
	assert_int_equal(fake.flushes, 0);
	assert_int_equal(fake.stops, 1);
	assert_int_equal(fake.dev->users, 0);
	/* A late close does no harm. */
	block_close(bd);
	assert_int_equal(fake.stops, 1);
	/* What was written can be flushed, and leaves it stopped. */
	block_sync(bd);
	assert_int_equal(fake.flushes, 1);
	assert_int_equal(fake.stops, 2);
	assert_int_equal(block_open(bd), 0);
	block_close(bd);
}

static void closing_keeps_the_reason_of_what_failed_before(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_write(bd, 40, 1, buf), 0);
	fake.bad_first = 0;
	fake.bad_last = UINT64_MAX - 1;
	reason_fail(ERR_IO, "what went wrong first");
	block_close(bd);
	assert_string_equal(reason(), "what went wrong first");
	assert_string_equal(fake_printed,
			    "fake-disk /fake/disk@0: flush failed: the "
			    "fake disk has a bad block\r\n");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_last_one_that_closes_stops_the_device),
		TEST(what_does_not_start_is_stopped_and_not_open),
		TEST(what_was_written_is_flushed_when_it_is_closed),
		TEST(a_refused_write_needs_no_flush),
		TEST(a_flush_that_fails_is_told),
		TEST(before_a_reset_written_data_is_flushed_once),
		TEST(quiesce_flushes_and_stops_for_good),
		TEST(who_went_without_closing_leaves_a_stopped_device),
		TEST(closing_keeps_the_reason_of_what_failed_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

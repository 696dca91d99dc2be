// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/bootlog.c: the log with its times, and slow devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boot/bootlog.h"
#include "drivers/waits.h"
#include "tests/fake/blocks.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/worker.h"
#include "tree/path.h"

#define MS (TIMEBASE_DEFAULT_HZ / 1000)

static struct worker one;

static int setup(void **state)
{
	worker_setup(state);
	assert_non_null(tree_add_node(tree_root(), "openprom", TREE_QUOIN));
	one = (struct worker){ 0 };
	worker_plug(&one, 1, NULL);
	fake_log_start();
	fake_clock_step(0);
	fake_clock_set(0);
	deadline_init(0);
	waits_forget();
	return 0;
}

static int teardown(void **state)
{
	fake_log_stop();
	fake_clock_step(1);
	return worker_teardown(state);
}

static const char *published(void)
{
	assert_int_equal(bootlog_publish(), 0);
	return tree_get_str(tree_find("/openprom"), "quoin,boot-log");
}

static void each_line_is_shown_with_its_time(void **state)
{
	(void)state;
	print("first\n");
	fake_clock_advance(12345ull * MS);
	print("\nthird ");
	fake_clock_advance(7ull * MS);
	print("goes on\n");
	fake_log_clear();
	bootlog_print();
	assert_string_equal(fake_printed, "    0.000 first\r\n"
					  "   12.345 \r\n"
					  "   12.345 third goes on\r\n");
}

static void showing_the_log_does_not_make_it_longer(void **state)
{
	(void)state;
	print("first\n");
	bootlog_print();
	print("second\n");
	fake_log_clear();
	bootlog_print();
	assert_string_equal(fake_printed, "    0.000 first\r\n"
					  "    0.000 second\r\n");
}

static void what_was_lost_is_told(void **state)
{
	(void)state;
	print("first\n");
	while (!log_lost())
		print("more\n");
	print("last\n");
	fake_log_clear();
	bootlog_print();
	assert_true(fake_log_has("    0.000 first\r\n"));
	assert_true(fake_log_has("\r\n(12 bytes more: no room)\r\n"));
}

static void clients_get_it_as_one_string(void **state)
{
	(void)state;
	print("a\n");
	fake_clock_advance(1ull * MS);
	print("b\nc");
	assert_string_equal(published(), "    0.000 a\n"
					 "    0.001 b\n"
					 "    0.001 c\n");
	print("d\n");
	assert_non_null(strstr(published(), " cd\n"));
}

static void clients_get_whole_lines_if_it_is_long(void **state)
{
	static uint64_t memory[LOG_KEPT / 8];
	size_t len;

	(void)state;
	log_keep(memory);
	for (unsigned i = 0; i < 1000; i++)
		print("0123456789\n");
	len = strlen(published());
	assert_in_range(len, 8192 - 22, 8191);
	assert_int_equal(len % 21, 0);
}

static void without_memory_clients_get_no_log(void **state)
{
	(void)state;
	fake_blocks_fail_after(0);
	assert_int_equal(bootlog_publish(), ERR_NOMEM);
	fake_blocks_fail_after(1);
	assert_int_equal(bootlog_publish(), ERR_NOMEM);
	fake_blocks_fail_after(-1);
}

static void a_device_that_was_slow_is_named_once(void **state)
{
	(void)state;
	one.dev->waited = 2345ull * MS;
	bootlog_slow();
	bootlog_slow();
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("Waited 2.3 s for "));
	assert_true(fake_log_has(device_path(one.dev)));
}

static void a_quick_device_is_not_named(void **state)
{
	(void)state;
	bootlog_slow();
	one.dev->waited = 999ull * MS;
	bootlog_slow();
	assert_string_equal(fake_printed, "");
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_line_is_shown_with_its_time),
		T(showing_the_log_does_not_make_it_longer),
		T(what_was_lost_is_told),
		T(clients_get_it_as_one_string),
		T(clients_get_whole_lines_if_it_is_long),
		T(without_memory_clients_get_no_log),
		T(a_device_that_was_slow_is_named_once),
		T(a_quick_device_is_not_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

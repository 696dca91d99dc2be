// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/console.c: reading ahead, several consoles. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/console.h"
#include "lib/log.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"

struct fake {
	struct console_device con;
	const char *input; /* what is still to come */
	size_t most;	   /* per read; 0: ERR_IO */
	unsigned reads;
	char out[64]; /* what was written */
};

static long fake_read(struct console_device *con, char *buf, size_t len)
{
	struct fake *fake = container_of(con, struct fake, con);
	size_t n = MIN(MIN(strlen(fake->input), fake->most), len);

	fake->reads++;
	assert_true(len >= 16);
	if (!fake->most)
		return ERR_IO;
	memcpy(buf, fake->input, n);
	fake->input += n;
	return (long)n;
}

static long fake_write(struct console_device *con, const char *buf, size_t len)
{
	struct fake *fake = container_of(con, struct fake, con);

	assert_true(len < sizeof(fake->out) - strlen(fake->out));
	strncat(fake->out, buf, len);
	return (long)len;
}

static const struct console_ops ops = { .read = fake_read,
					.write = fake_write };

static struct fake a, b;

static int start(void **state)
{
	(void)state;
	console_reset();
	log_reset();
	a = (struct fake){ .con.ops = &ops, .input = "", .most = 16 };
	b = a;
	return 0;
}

static void the_first_console_is_the_first_added(void **state)
{
	(void)state;
	assert_null(console_first());
	console_add(&a.con);
	console_add(&b.con);
	assert_ptr_equal(console_first(), &a.con);
	console_remove(&a.con);
	assert_ptr_equal(console_first(), &b.con);
	console_remove(&b.con);
	assert_null(console_first());
}

static void input_is_read_ahead_and_kept(void **state)
{
	char buf[16];

	(void)state;
	console_add(&a.con);
	a.input = "0123456789abcdefgh";
	assert_int_equal(console_read(&a.con, buf, 3), 3);
	assert_memory_equal(buf, "012", 3);
	assert_int_equal(console_read(&a.con, buf, 12), 12);
	assert_memory_equal(buf, "3456789abcde", 12);
	/* One hypercall was enough so far. */
	assert_int_equal(a.reads, 1);
	assert_int_equal(console_read(&a.con, buf, 16), 1);
	assert_int_equal(buf[0], 'f');
	assert_int_equal(console_read(&a.con, buf, 16), 2);
	assert_int_equal(console_read(&a.con, buf, 16), 0);
	assert_int_equal(a.reads, 3);
}

static void a_read_of_nothing_loses_nothing(void **state)
{
	char buf[1];

	(void)state;
	console_add(&a.con);
	a.input = "xy";
	assert_int_equal(console_read(&a.con, buf, 0), 0);
	assert_int_equal(console_read(&a.con, buf, 1), 1);
	assert_int_equal(buf[0], 'x');
}

static void a_broken_console_says_so(void **state)
{
	char buf[16];

	(void)state;
	console_add(&a.con);
	a.most = 0;
	assert_int_equal(console_read(&a.con, buf, 16), ERR_IO);
}

static void keys_come_from_every_console(void **state)
{
	(void)state;
	console_add(&a.con);
	console_add(&b.con);
	assert_int_equal(console_getchar(), -1);
	b.input = "b";
	assert_int_equal(console_getchar(), 'b');
	a.input = "A";
	b.input = "B";
	assert_int_equal(console_getchar(), 'A');
	assert_int_equal(console_getchar(), 'B');
	assert_int_equal(console_getchar(), -1);
}

static void keys_are_unsigned_bytes(void **state)
{
	(void)state;
	console_add(&a.con);
	a.input = "\xff\xc3";
	assert_int_equal(console_getchar(), 0xff);
	assert_int_equal(console_getchar(), 0xc3);
}

static void a_broken_console_does_not_hide_the_next(void **state)
{
	(void)state;
	console_add(&a.con);
	console_add(&b.con);
	a.most = 0;
	b.input = "b";
	assert_int_equal(console_getchar(), 'b');
}

/* Its struct may have been another console's. */
static void a_new_console_has_no_old_input(void **state)
{
	(void)state;
	a.con.ahead_len = 5;
	memcpy(a.con.ahead, "stale", 5);
	console_add(&a.con);
	assert_int_equal(console_getchar(), -1);
}

static void a_followed_console_gets_all_text_from_the_first_on(void **state)
{
	(void)state;
	console_add(&a.con);
	console_add(&b.con);
	print("one ");
	console_follow(&b.con);
	print("two ");
	console_follow(&b.con);
	console_follow(&a.con);
	print("three");
	console_follow(NULL);
	print("four");
	assert_string_equal(b.out, "one two ");
	assert_string_equal(a.out, "one two three");
}

static void a_key_that_was_looked_at_can_still_be_read(void **state)
{
	(void)state;
	console_add(&a.con);
	console_add(&b.con);
	assert_int_equal(console_peekchar(), -1);
	b.input = "\303xy";
	assert_int_equal(console_peekchar(), 0xc3);
	assert_int_equal(console_peekchar(), 0xc3);
	assert_int_equal(console_getchar(), 0xc3);
	assert_int_equal(console_getchar(), 'x');
	assert_int_equal(console_peekchar(), 'y');
}

static void a_removed_console_is_not_written_to(void **state)
{
	(void)state;
	console_add(&a.con);
	console_follow(&a.con);
	console_remove(&a.con);
	print("text");
	assert_string_equal(a.out, "");
}

#define T(name) cmocka_unit_test_setup(name, start)

/* Asleep: a key comes in the third time. */
static unsigned slept;

static void sleep_for(uint64_t ticks)
{
	fake_clock_advance(ticks);
	if (++slept == 3)
		b.input = "k";
}

static void sleepy(void)
{
	fake_clock_set(0);
	fake_clock_step(1);
	deadline_init(1000000);
	deadline_set_idle(sleep_for);
	slept = 0;
	console_add(&a.con);
	console_add(&b.con);
}

static void waiting_for_a_key_sleeps(void **state)
{
	(void)state;
	sleepy();
	assert_int_equal(console_wait_char(NULL), 'k');
	assert_int_equal(slept, 3);
	/* A millisecond awake, then three slices. */
	assert_in_range(deadline_waited(), 31000, 31200);
	a.input = "x";
	assert_int_equal(console_wait_char(NULL), 'x');
	assert_int_equal(slept, 3);
}

static void waiting_for_a_key_ends_in_time(void **state)
{
	struct deadline d;

	(void)state;
	sleepy();
	deadline_start(&d, 3);
	assert_int_equal(console_wait_char(&d), -1);
	assert_in_range(slept, 1, 2);
	deadline_stop(&d);
	/* The caller's own wait is not counted twice. */
	assert_in_range(deadline_waited(), 3000, 3100);
}

static void a_key_of_the_last_moment_counts(void **state)
{
	struct deadline d;

	(void)state;
	sleepy();
	slept = 2;
	deadline_start(&d, 2);
	fake_clock_advance(1500);
	assert_int_equal(console_wait_char(&d), 'k');
	assert_true(deadline_passed(&d));
	/* And one that is there already costs no time. */
	b.input = "l";
	assert_int_equal(console_wait_char(&d), 'l');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_console_is_the_first_added),
		T(input_is_read_ahead_and_kept),
		T(a_read_of_nothing_loses_nothing),
		T(a_broken_console_says_so),
		T(keys_come_from_every_console),
		T(keys_are_unsigned_bytes),
		T(a_broken_console_does_not_hide_the_next),
		T(a_new_console_has_no_old_input),
		T(a_followed_console_gets_all_text_from_the_first_on),
		T(a_removed_console_is_not_written_to),
		T(a_key_that_was_looked_at_can_still_be_read),
		T(waiting_for_a_key_sleeps),
		T(waiting_for_a_key_ends_in_time),
		T(a_key_of_the_last_moment_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

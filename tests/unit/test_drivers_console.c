// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/console.c: reading ahead, several consoles. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "lib/log.h"
#include "tests/fake/consoles.h"
#include "tests/fake/timebase.h"
#include "tree/path.h"

static struct device_role *first_input(void)
{
	return device_next_role(NULL, &console_input_role);
}

static void the_first_console_is_the_first_added(void **state)
{
	(void)state;
	assert_null(first_input());
	fake_console_add("a");
	fake_console_add("b");
	assert_ptr_equal(first_input(), &fake_a.in.as);
	assert_ptr_equal(device_next_role(&fake_a.in.as, &console_input_role),
			 &fake_b.in.as);
	assert_ptr_equal(console_input_of(fake_a.in.as.dev), &fake_a.in);
	assert_ptr_equal(console_output_of(fake_a.in.as.dev), &fake_a.out);
	tree_remove_node(tree_find("/a"));
	assert_ptr_equal(first_input(), &fake_b.in.as);
	tree_remove_node(tree_find("/b"));
	assert_null(first_input());
}

/* A keyboard and a screen. */
static void input_and_output_are_roles_of_their_own(void **state)
{
	(void)state;
	fake_console_add("in-a");
	fake_console_add("out-b");
	assert_null(console_output_of(fake_a.in.as.dev));
	assert_null(console_input_of(fake_b.out.as.dev));
	assert_ptr_equal(first_input(), &fake_a.in.as);
	assert_null(device_next_role(&fake_a.in.as, &console_input_role));
	assert_ptr_equal(device_next_role(NULL, &console_output_role),
			 &fake_b.out.as);
	fake_a.input = "a";
	assert_int_equal(console_getchar(), 'a');
}

static void an_instance_can_do_what_its_device_plays(void **state)
{
	struct instance *both, *in, *out;
	char buf[8];

	(void)state;
	fake_console_add("a");
	fake_console_add("in-b");
	fake_console_add("out-b");
	both = instance_open("/a");
	in = instance_open("/in-b");
	out = instance_open("/out-b");
	assert_true(both && in && out);
	/* "Nothing yet" is no end. */
	assert_int_equal(instance_read(in, buf, 8), ERR_AGAIN);
	fake_b.input = "key";
	assert_int_equal(instance_read(in, buf, 2), 2);
	assert_int_equal(instance_read(in, buf, 8), 1);
	assert_int_equal(instance_write(in, "x", 1), ERR_NOTSUP);
	assert_int_equal(instance_read(out, buf, 8), ERR_NOTSUP);
	assert_int_equal(instance_write(out, "text", 4), 4);
	assert_int_equal(instance_write(both, "more", 4), 4);
	assert_string_equal(fake_b.text, "text");
	assert_string_equal(fake_a.text, "more");
	fake_a.most = 0;
	assert_int_equal(instance_read(both, buf, 8), ERR_IO);
}

static unsigned shows;

static void count_shows(struct console_output *out, bool waits)
{
	(void)out;
	shows += waits;
}

/* Of its own, not the terminal's: the user is to see what he answers. */
static void a_client_that_reads_an_input_lets_screens_show(void **state)
{
	struct instance *in;
	char buf[8];

	(void)state;
	shows = 0;
	fake_b.out.show = count_shows;
	fake_console_add("in-a");
	fake_console_add("out-b");
	in = instance_open("/in-a");
	assert_non_null(in);
	assert_int_equal(instance_read(in, buf, 8), ERR_AGAIN);
	assert_int_equal(shows, 1);
}

static void input_is_read_ahead_and_kept(void **state)
{
	char buf[16];

	(void)state;
	fake_console_add("a");
	fake_a.input = "0123456789abcdefgh";
	assert_int_equal(console_read(&fake_a.in, buf, 3), 3);
	assert_memory_equal(buf, "012", 3);
	assert_int_equal(console_read(&fake_a.in, buf, 12), 12);
	assert_memory_equal(buf, "3456789abcde", 12);
	/* One hypercall was enough so far. */
	assert_int_equal(fake_a.reads, 1);
	assert_int_equal(console_read(&fake_a.in, buf, 16), 1);
	assert_int_equal(buf[0], 'f');
	assert_int_equal(console_read(&fake_a.in, buf, 16), 2);
	assert_int_equal(console_read(&fake_a.in, buf, 16), 0);
	assert_int_equal(fake_a.reads, 3);
}

static void a_read_of_nothing_loses_nothing(void **state)
{
	char buf[1];

	(void)state;
	fake_console_add("a");
	fake_a.input = "xy";
	assert_int_equal(console_read(&fake_a.in, buf, 0), 0);
	assert_int_equal(console_read(&fake_a.in, buf, 1), 1);
	assert_int_equal(buf[0], 'x');
}

static void a_broken_console_says_so(void **state)
{
	char buf[16];

	(void)state;
	fake_console_add("a");
	fake_a.most = 0;
	assert_int_equal(console_read(&fake_a.in, buf, 16), ERR_IO);
}

static void keys_come_from_every_console(void **state)
{
	(void)state;
	fake_console_add("a");
	fake_console_add("b");
	assert_int_equal(console_getchar(), -1);
	fake_b.input = "b";
	assert_int_equal(console_getchar(), 'b');
	fake_a.input = "A";
	fake_b.input = "B";
	assert_int_equal(console_getchar(), 'A');
	assert_int_equal(console_getchar(), 'B');
	assert_int_equal(console_getchar(), -1);
}

static void keys_are_unsigned_bytes(void **state)
{
	(void)state;
	fake_console_add("a");
	fake_a.input = "\xff\xc3";
	assert_int_equal(console_getchar(), 0xff);
	assert_int_equal(console_getchar(), 0xc3);
}

static void a_broken_console_does_not_hide_the_next(void **state)
{
	(void)state;
	fake_console_add("a");
	fake_console_add("b");
	fake_a.most = 0;
	fake_b.input = "b";
	assert_int_equal(console_getchar(), 'b');
}

/* Its struct may have been another console's. */
static void bytes_that_came_together_are_told_from_a_typed_one(void **state)
{
	(void)state;
	fake_console_add("in-a");
	fake_console_add("in-b");
	fake_a.input = "x";
	fake_b.input = "yz";
	assert_int_equal(console_getchar(), 'x');
	assert_int_equal(console_burst(), CONSOLE_ALONE);
	assert_int_equal(console_getchar(), 'y');
	assert_int_equal(console_burst(), CONSOLE_MORE);
	assert_int_equal(console_getchar(), 'z');
	assert_int_equal(console_burst(), CONSOLE_LAST);
	/* Looking for more does not change it. */
	assert_int_equal(console_getchar(), -1);
	assert_int_equal(console_burst(), CONSOLE_LAST);
}

static void a_followed_console_gets_all_text_from_the_first_on(void **state)
{
	(void)state;
	fake_console_add("a");
	fake_console_add("b");
	print("one ");
	console_follow(&fake_b.out, true);
	print("two ");
	console_follow(&fake_b.out, true);
	console_follow(&fake_b.out, false);
	console_follow(&fake_a.out, true);
	print("three");
	console_follow(NULL, true);
	console_follow(&fake_a.out, false);
	console_follow(&fake_a.out, false);
	print("four");
	assert_string_equal(fake_b.text, "one two ");
	assert_string_equal(fake_a.text, "one two three");
}

static void several_outputs_follow_together(void **state)
{
	(void)state;
	fake_console_add("out-a");
	fake_console_add("out-b");
	console_follow(&fake_a.out, true);
	print("one ");
	console_follow(&fake_b.out, true);
	print("two ");
	console_follow(&fake_a.out, false);
	print("three");
	assert_string_equal(fake_a.text, "one two ");
	assert_string_equal(fake_b.text, "one two three");
}

/* Whatever another console has typed. */
static void a_key_is_taken_from_the_input_that_has_it_next(void **state)
{
	(void)state;
	fake_console_add("a");
	fake_console_add("b");
	assert_false(console_take_key("s"));
	fake_a.input = "xs";
	fake_b.input = "sy";
	assert_true(console_take_key("s"));
	assert_false(console_take_key("s"));
	assert_int_equal(console_getchar(), 'x');
	assert_int_equal(console_getchar(), 's');
	assert_int_equal(console_getchar(), 'y');
	assert_int_equal(console_getchar(), -1);
}

static void the_empty_key_is_any_and_stays(void **state)
{
	(void)state;
	fake_console_add("a");
	assert_false(console_take_key(""));
	fake_a.input = "x";
	assert_true(console_take_key(""));
	assert_true(console_take_key(""));
	assert_int_equal(console_getchar(), 'x');
	assert_false(console_take_key(""));
}

/* A slow line, or a read that ends inside the key. */
static void a_key_that_comes_in_pieces_is_taken(void **state)
{
	(void)state;
	fake_console_add("a");
	fake_a.most = 2;
	fake_a.input = "\x1b[24~\x1b[24z";
	/* Each look reads on. */
	assert_false(console_take_key("\x1b[24~"));
	assert_true(console_take_key("\x1b[24~"));
	assert_false(console_take_key("\x1b[24~"));
	assert_false(console_take_key("\x1b[24~"));
	for (const char *c = "\x1b[24z"; *c; c++)
		assert_int_equal(console_getchar(), *c);
	assert_int_equal(console_getchar(), -1);
	/* Nothing is lost if there is no more. */
	fake_a.input = "\x1b";
	assert_false(console_take_key("\x1b[24~"));
	fake_a.most = 0;
	assert_false(console_take_key("\x1b[24~"));
	assert_int_equal(console_getchar(), '\x1b');
}

static void a_removed_console_is_not_written_to(void **state)
{
	(void)state;
	fake_console_add("a");
	console_follow(&fake_a.out, true);
	tree_remove_node(tree_find("/a"));
	print("text");
	assert_string_equal(fake_a.text, "");
}

/* One that always has something, and one that has an escape sequence. */
static void no_input_drowns_or_tears_another(void **state)
{
	char text[8] = "";

	(void)state;
	fake_console_add("a");
	fake_console_add("b");
	fake_a.input =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(console_getchar(), 'a');
	fake_b.input = "\033[A";
	for (unsigned i = 0; i < 3; i++)
		text[i] = (char)console_getchar();
	assert_string_equal(text, "\033[A");
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(console_getchar(), 'a');
	fake_b.input = "b";
	for (unsigned i = 0; i < 13; i++)
		assert_int_equal(console_getchar(), 'a');
	assert_int_equal(console_getchar(), 'b');
}

static void sync_flushes_outputs_that_can(void **state)
{
	(void)state;
	fake_console_add("a");
	fake_b.out.flush = fake_console_flush;
	fake_console_add("b");
	device_sync_all();
	assert_int_equal(fake_b.flushes, 1);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_consoles_start,             \
					fake_consoles_stop)

/* Asleep: a key comes in the third time. */
static unsigned slept;

static void sleep_for(uint64_t ticks)
{
	fake_clock_advance(ticks);
	if (++slept == 3)
		fake_b.input = "k";
}

static void sleepy(void)
{
	fake_clock_set(0);
	fake_clock_step(1);
	deadline_init(1000000);
	deadline_set_idle(sleep_for);
	slept = 0;
	fake_console_add("a");
	fake_console_add("b");
}

static void waiting_for_a_key_sleeps(void **state)
{
	(void)state;
	sleepy();
	assert_int_equal(console_wait_char(NULL), 'k');
	assert_int_equal(slept, 3);
	/* A millisecond awake, then three slices. */
	assert_in_range(deadline_waited(), 31000, 31200);
	fake_a.input = "x";
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
	fake_b.input = "l";
	assert_int_equal(console_wait_char(&d), 'l');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_console_is_the_first_added),
		T(input_and_output_are_roles_of_their_own),
		T(an_instance_can_do_what_its_device_plays),
		T(a_client_that_reads_an_input_lets_screens_show),
		T(input_is_read_ahead_and_kept),
		T(a_read_of_nothing_loses_nothing),
		T(a_broken_console_says_so),
		T(keys_come_from_every_console),
		T(keys_are_unsigned_bytes),
		T(a_broken_console_does_not_hide_the_next),
		T(bytes_that_came_together_are_told_from_a_typed_one),
		T(a_followed_console_gets_all_text_from_the_first_on),
		T(several_outputs_follow_together),
		T(the_empty_key_is_any_and_stays),
		T(a_key_that_comes_in_pieces_is_taken),
		T(a_removed_console_is_not_written_to),
		T(no_input_drowns_or_tears_another),
		T(sync_flushes_outputs_that_can),
		T(a_key_is_taken_from_the_input_that_has_it_next),
		T(waiting_for_a_key_sleeps),
		T(waiting_for_a_key_ends_in_time),
		T(a_key_of_the_last_moment_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

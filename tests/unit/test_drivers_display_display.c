// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/display/display.c: when text is shown, and faults.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "lib/reason.h"
#include "tests/fake/display.h"

static struct device *dev;
static struct console_output *out;

static int start(void **state)
{
	(void)state;
	dev = fake_display_begin();
	out = &fake_display.display.out;
	return dev ? 0 : -1;
}

static void show(void)
{
	console_show(true);
	fake_display_check();
}

static void nothing_is_started_before_there_is_text(void **state)
{
	unsigned columns = 1, rows = 1;

	(void)state;
	console_show(true);
	out->flush(out);
	device_sync_all();
	out->size(out, &columns, &rows);
	assert_int_equal(columns + rows, 0);
	assert_int_equal(fake_display.starts, 0);
	fake_display_text("hello");
	assert_int_equal(fake_display.starts, 1);
	out->size(out, &columns, &rows);
	assert_int_equal(columns, 12);
	assert_int_equal(rows, 3);
	show();
	assert_string_equal(fake_display_row(0), "hello");
	assert_int_equal(fake_display.starts, 1);
}

static void text_is_drawn_when_someone_waits(void **state)
{
	unsigned draws;

	(void)state;
	fake_display_text("a");
	draws = fake_display.draws;
	console_show(false);
	assert_int_equal(fake_display.draws, draws);
	console_show(true);
	assert_true(fake_display.draws > draws);
	fake_display_check();
}

static void text_is_drawn_every_20_ms(void **state)
{
	unsigned draws;

	(void)state;
	fake_clock_set(100);
	fake_display_text("a");
	console_show(false);
	fake_display_check();
	fake_display_text("b");
	draws = fake_display.draws;
	fake_clock_set(119);
	console_show(false);
	assert_int_equal(fake_display.draws, draws);
	fake_clock_set(120);
	console_show(false);
	assert_true(fake_display.draws > draws);
	fake_display_check();
}

static void a_line_after_20_ms_is_drawn(void **state)
{
	unsigned draws;

	(void)state;
	fake_clock_set(100);
	fake_display_text("a");
	console_show(true);
	draws = fake_display.draws;
	fake_display_text("b\r\nc");
	fake_clock_set(120);
	fake_display_text("d");
	assert_int_equal(fake_display.draws, draws);
	fake_display_text("\r\n");
	assert_true(fake_display.draws > draws);
	fake_display_check();
}

/* Screens besides the fake one, which count what is drawn. */
static struct display others[8];
static unsigned others_used, others_draws;

static void other_draw(struct display *d, uint32_t x, uint32_t y,
		       uint32_t width, uint32_t height, const void *pixels)
{
	(void)d, (void)x, (void)y, (void)width, (void)height, (void)pixels;
	others_draws++;
}

static int other_attach(struct device *other)
{
	static const struct display_ops ops = { .draw = other_draw };
	struct display *d = &others[others_used++];

	*d = (struct display){
		.ops = &ops,
		.mode = { 96, 48, 32, 48, 48 },
	};
	return display_add(d, other);
}

DRIVER(other) = {
	.name = "other",
	.bus = &platform_bus,
	.match = "fake,other",
	.attach = other_attach,
};

static void plug_other(void)
{
	struct node *node = tree_add_node(tree_root(), "other", TREE_QUOIN);

	assert_int_equal(tree_set_str(node, "compatible", "fake,other"), 0);
	assert_non_null(device_add(NULL, &platform_bus, node, NULL));
}

static void unplug_others(void)
{
	while (others_used) {
		tree_remove_node(others[--others_used].as.dev->node);
		others_draws = 0;
	}
}

static void other_screens_are_drawn_for_users_only(void **state)
{
	(void)state;
	plug_other();
	assert_false(others[0].out.spare);
	console_follow_all();
	fake_clock_set(1000);
	print("line\n");
	console_show(false);
	fake_display_check();
	assert_int_equal(others_draws, 0);
	console_show(true);
	assert_true(others_draws > 0);
	unplug_others();
}

static void another_screen_is_drawn_if_the_first_one_has_failed(void **state)
{
	(void)state;
	plug_other();
	fake_display.start_error = ERR_IO;
	console_follow_all();
	fake_clock_set(1000);
	print("line\n");
	assert_true(others_draws > 0);
	unplug_others();
}

static void the_ninth_screen_is_silent(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8; i++)
		plug_other();
	assert_false(others[6].out.spare);
	assert_true(others[7].out.spare);
	unplug_others();
}

static void a_failure_is_one_line(void **state)
{
	(void)state;
	fake_display.start_error = ERR_IO;
	fake_display_text("a\r\n");
	fake_display_text("b\r\n");
	console_show(false);
	console_show(true);
	device_sync_all();
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("fake-display /display@1: no picture"));
	assert_int_equal(fake_display.starts, 1);
	assert_int_equal(fake_display.draws, 0);
	assert_null(instance_open("screen"));
	assert_string_equal(reason(), "the display has failed");
}

/* Its text comes from the log, which does not print what a sink prints. */
static void a_failure_under_the_log_is_printed(void **state)
{
	(void)state;
	fake_display.start_error = ERR_IO;
	console_follow_all();
	print("hello\n");
	fake_log_clear();
	console_show(true);
	assert_true(fake_log_has("fake-display /display@1: no picture"));
	assert_int_equal(fake_display.starts, 1);
}

static void a_nonsense_mode_is_a_failure(void **state)
{
	(void)state;
	fake_display.next = (struct display_mode){ 4, 4, 32, 4, 0 };
	fake_display_text("a");
	console_show(true);
	assert_true(fake_log_has("no memory for 4x4 pixels of 32 bits"));
	assert_int_equal(fake_display.draws, 0);
}

static void without_memory_the_screen_is_silent(void **state)
{
	(void)state;
	for (long n = 0; n < 6; n++) {
		fake_heap_fail_after(n);
		fake_display_text("a");
		if (!fake_heap_failed())
			break;
		fake_heap_fail_after(-1);
		console_show(true);
		assert_true(fake_log_has("no memory for 100x60 pixels"));
		assert_int_not_equal(n, 5);
		fake_display_end(NULL);
		start(NULL);
	}
	fake_heap_fail_after(-1);
}

static void print_line(void)
{
	print("more\n");
}

/* A driver that prints while it draws, or while it starts. */
static void text_of_the_driver_itself_does_no_harm(void **state)
{
	(void)state;
	console_follow_all();
	fake_display.during_draw = print_line;
	print("a\n");
	console_show(true);
	fake_display.during_draw = NULL;
	print("b\n");
	show();
}

/* What QEMU's option -g changes needs a restart: by a driver, or a liar. */
static void a_new_mode_gets_a_new_terminal(void **state)
{
	unsigned columns, rows;

	(void)state;
	fake_display_text("abcdefghijkl");
	show();
	fake_display.next = (struct display_mode){ 64, 32, 8, 32, 32 };
	device_stop(dev);
	fake_display_text("x");
	show();
	out->size(out, &columns, &rows);
	assert_int_equal(columns, 8);
	assert_int_equal(rows, 2);
	fake_display_text("y");
	show();
	assert_string_equal(fake_display_row(0), "y");
}

static void a_driver_may_print_while_the_terminal_is_replaced(void **state)
{
	(void)state;
	fake_display_text("a");
	show();
	fake_display.next.blank = 0;
	fake_display.next.width = 64;
	device_stop(dev);
	console_follow_all();
	fake_display.during_draw = print_line;
	fake_display_text("x");
	fake_display.display.dirty = true;
	console_show(true);
	fake_display.during_draw = NULL;
	fake_display_text("y");
	show();
}

static void it_is_drawn_again_after_an_exception(void **state)
{
	unsigned draws;

	(void)state;
	fake_display_text("a\r\nb\r\nc\r\nd");
	show();
	draws = fake_display.draws;
	device_abandon_all();
	assert_int_equal(fake_display.draws, draws);
	assert_false(fake_display.running);
	fake_display_text("e");
	show();
	assert_int_equal(fake_display.starts, 2);
	assert_int_equal(dev->users, 1);
	assert_string_equal(fake_display_row(2), "de");
}

/* An exception in a driver's operation does not silence the screen. */
static void it_is_drawn_again_even_without_more_text(void **state)
{
	(void)state;
	fake_display_text("a\r\nb\r\nc\r\nd");
	show();
	device_abandon_all();
	show();
	assert_int_equal(fake_display.starts, 2);
	device_quiesce_all(NULL);
	assert_int_equal(fake_display.line, 0);
	device_sync_all();
	assert_int_equal(fake_log_lines(), 0);
}

static void it_is_drawn_again_after_an_exception_in_a_draw(void **state)
{
	(void)state;
	fake_display_text("a");
	fake_display.display.busy = true;
	device_abandon_all();
	fake_display_text("b");
	show();
	assert_string_equal(fake_display_row(0), "ab");
}

static void a_device_that_does_not_come_back_is_lost(void **state)
{
	(void)state;
	fake_display_text("a");
	show();
	device_abandon_all();
	fake_display.start_error = ERR_TIMEOUT;
	fake_display_text("b");
	console_show(true);
	fake_display_text("c");
	console_show(true);
	assert_int_equal(fake_log_lines(), 1);
	assert_int_equal(fake_display.starts, 2);
}

/* offb and others draw from line 0 on. */
static void quiesce_shows_all_text_at_line_0(void **state)
{
	(void)state;
	fake_display_text("a\r\nb\r\nc\r\nd\r\ne");
	show();
	assert_true(fake_display.line > 0);
	fake_display_text("f");
	device_quiesce_all(NULL);
	assert_int_equal(fake_display.line, 0);
	assert_false(fake_display.running);
	fake_display_check();
	assert_string_equal(fake_display_row(2), "ef");
	fake_display_text("g");
	console_show(true);
	device_sync_all();
	device_quiesce_all(NULL);
	assert_int_equal(fake_log_lines(), 0);
	assert_int_equal(fake_display.starts, 1);
}

static void quiesce_of_a_screen_without_text_does_nothing(void **state)
{
	(void)state;
	device_quiesce_all(NULL);
	fake_display_text("a");
	console_show(true);
	assert_int_equal(fake_display.starts, 0);
}

/* The client's stdout: written to after quiesce, and nobody polls. */
static void a_kept_screen_shows_text_at_once(void **state)
{
	unsigned shows;

	(void)state;
	fake_display_text("a\r\nb\r\nc\r\nd");
	show();
	fake_display_text("e");
	console_keep(dev->node);
	device_quiesce_all(dev->node);
	assert_int_equal(fake_display.line, 0);
	fake_display_check();
	shows = fake_display.shows;
	fake_display_text("f\r\ng\r\n");
	fake_display_check();
	assert_string_equal(fake_display_row(0), "def");
	assert_int_equal(fake_display.shows, shows);
}

static void print_on_a_new_line(void)
{
	print("\nmore");
}

/* A driver that prints then does not make it draw in the middle of that. */
static void a_kept_screen_may_print_while_it_moves_to_line_0(void **state)
{
	(void)state;
	console_follow_all();
	fake_display_text("a\r\nb\r\nc\r\nd");
	show();
	fake_display.during_draw = print_on_a_new_line;
	console_keep(dev->node);
	fake_display.during_draw = NULL;
	fake_display_text("x");
	fake_display_check();
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, start, fake_display_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_started_before_there_is_text),
		TEST(text_is_drawn_when_someone_waits),
		TEST(text_is_drawn_every_20_ms),
		TEST(a_line_after_20_ms_is_drawn),
		TEST(other_screens_are_drawn_for_users_only),
		TEST(another_screen_is_drawn_if_the_first_one_has_failed),
		TEST(the_ninth_screen_is_silent),
		TEST(a_failure_is_one_line),
		TEST(a_failure_under_the_log_is_printed),
		TEST(a_nonsense_mode_is_a_failure),
		TEST(without_memory_the_screen_is_silent),
		TEST(text_of_the_driver_itself_does_no_harm),
		TEST(a_new_mode_gets_a_new_terminal),
		TEST(a_driver_may_print_while_the_terminal_is_replaced),
		TEST(it_is_drawn_again_after_an_exception),
		TEST(it_is_drawn_again_even_without_more_text),
		TEST(it_is_drawn_again_after_an_exception_in_a_draw),
		TEST(a_device_that_does_not_come_back_is_lost),
		TEST(quiesce_shows_all_text_at_line_0),
		TEST(quiesce_of_a_screen_without_text_does_nothing),
		TEST(a_kept_screen_shows_text_at_once),
		TEST(a_kept_screen_may_print_while_it_moves_to_line_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

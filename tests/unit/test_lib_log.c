// SPDX-License-Identifier: BSD-2-Clause
// Printed text, sinks and the kept log.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/log.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"

struct capture {
	struct log_sink sink;
	char text[LOG_KEPT];
	size_t len;
	unsigned calls;
};

static struct capture one, two;

static void capture_write(struct log_sink *sink, const char *text, size_t len)
{
	struct capture *c = container_of(sink, struct capture, sink);

	assert_true(len < sizeof(c->text) - c->len);
	memcpy(c->text + c->len, text, len);
	c->len += len;
	c->text[c->len] = '\0';
	c->calls++;
}

static void capture_clear(struct capture *c)
{
	memset(c, 0, sizeof(*c));
	c->sink.write = capture_write;
}

static int setup(void **state)
{
	(void)state;
	log_reset();
	capture_clear(&one);
	capture_clear(&two);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	log_reset();
	return 0;
}

static void print_sends_line_feeds_as_cr_lf(void **state)
{
	(void)state;
	log_add_sink(&one.sink);
	print("a%db\n\nc", 7);
	assert_string_equal(one.text, "a7b\r\n\r\nc");
}

static void log_write_sends_bytes_as_they_are(void **state)
{
	(void)state;
	log_add_sink(&one.sink);
	log_write("x\ny", 3);
	log_write("", 0);
	assert_string_equal(one.text, "x\ny");
	assert_int_equal(one.calls, 1);
}

static void all_sinks_get_the_text(void **state)
{
	(void)state;
	log_add_sink(&one.sink);
	log_add_sink(&two.sink);
	print("hello");
	assert_string_equal(one.text, "hello");
	assert_string_equal(two.text, "hello");
}

static void a_late_sink_gets_what_was_printed_before(void **state)
{
	(void)state;
	print("first ");
	log_add_sink(&one.sink);
	print("second ");
	log_add_sink(&two.sink);
	assert_string_equal(one.text, "first second ");
	assert_string_equal(two.text, "first second ");
}

/* Memory for the log; outlives the test as the firmware's does. */
static uint64_t kept[LOG_KEPT / 8];

/* The next line is `text`, which began at `time`. */
static void assert_line(struct log_line *line, const char *text, uint64_t time)
{
	assert_true(log_next_line(line));
	assert_int_equal(line->len, strlen(text));
	assert_memory_equal(line->text, text, line->len);
	assert_int_equal(line->time, time);
}

static void each_line_has_the_time_of_its_start(void **state)
{
	struct log_line line = { 0 };

	(void)state;
	fake_clock_step(0);
	fake_clock_set(100);
	print("one ");
	fake_clock_set(200);
	print("line\n\ntwo");
	fake_clock_set(300);
	log_keep(kept);
	print("\n");
	log_err("three");
	print("open");
	assert_line(&line, "one line\r", 100);
	assert_line(&line, "\r", 200);
	assert_line(&line, "two\r", 200);
	assert_line(&line, "three\r", 300);
	assert_line(&line, "open", 300);
	assert_false(log_next_line(&line));
	assert_int_equal(log_lost(), 0);
}

static void without_text_there_is_no_line(void **state)
{
	struct log_line line = { 0 };

	(void)state;
	assert_false(log_next_line(&line));
	log_keep(kept);
	assert_false(log_next_line(&line));
}

/* Prints `bytes` in lines of 10. */
static void print_much(size_t bytes)
{
	for (size_t n = 0; n < bytes; n += 10)
		print("01234567\n");
}

/* A line of 10 bytes takes 8 more. */
static void the_first_text_is_kept_when_there_is_too_much(void **state)
{
	struct log_line line = { 0 };
	size_t n = 0;

	(void)state;
	print_much(LOG_KEPT);
	assert_int_equal(log_lost() % 10, 0);
	while (log_next_line(&line))
		n++;
	assert_int_equal(n, LOG_EARLY / 18);
	assert_int_equal(10 * n + log_lost(), (LOG_KEPT + 9) / 10 * 10);
}

static void the_given_memory_is_filled_to_its_end(void **state)
{
	struct log_line line = { 0 };
	size_t n = 0;

	(void)state;
	print("a\n");
	log_keep(kept);
	log_keep(NULL);
	print_much(LOG_KEPT);
	while (log_next_line(&line))
		n++;
	/* One is shorter. */
	assert_int_equal(n, (LOG_KEPT - 11) / 18 + 1);
	log_add_sink(&one.sink);
	assert_int_equal(one.len, 3 + 10 * (n - 1));
	assert_memory_equal(one.text, "a\r\n01234567\r\n0", 14);
}

static void what_is_not_to_be_kept_is_only_sent(void **state)
{
	struct log_line line = { 0 };

	(void)state;
	log_add_sink(&one.sink);
	fake_clock_step(0);
	fake_clock_set(7);
	print("kept\n");
	log_keep_nothing(true);
	print("not\n");
	log_keep_nothing(false);
	print("again\n");
	assert_string_equal(one.text, "kept\r\nnot\r\nagain\r\n");
	assert_line(&line, "kept\r", 7);
	assert_line(&line, "again\r", 7);
	assert_false(log_next_line(&line));
	assert_int_equal(log_lost(), 0);
}

static void a_removed_sink_gets_nothing_more(void **state)
{
	(void)state;
	log_add_sink(&one.sink);
	log_add_sink(&two.sink);
	log_remove_sink(&one.sink);
	log_remove_sink(&one.sink);
	print("x");
	assert_string_equal(one.text, "");
	assert_string_equal(two.text, "x");
}

static void long_text_goes_out_in_few_pieces_and_whole(void **state)
{
	char text[1001];

	(void)state;
	memset(text, 'y', 1000);
	text[1000] = '\0';
	log_add_sink(&one.sink);
	print("<%s>", text);
	assert_int_equal(one.len, 1002);
	assert_true(one.calls <= 9);
	assert_int_equal(one.text[1001], '>');
}

static void messages_stand_on_lines_of_their_own(void **state)
{
	(void)state;
	log_add_sink(&one.sink);
	log_err("disk: %s", "bad");
	print("Trying ... ");
	log_err("second");
	log_warn("third");
	assert_string_equal(one.text, "disk: bad\r\nTrying ... \r\nsecond\r\n"
				      "Warning: third\r\n");
}

/* A disk's file name, a boot script's word, a variable out of NVRAM. */
static void text_of_others_is_spelt_out(void **state)
{
	(void)state;
	log_add_sink(&one.sink);
	print("\r%s\n", "\033[2Jx\n");
	log_err("disk: %s", "\233H");
	log_warn("%c", 8);
	assert_string_equal(one.text, "\r\\x1b[2Jx\\x0a\r\ndisk: \\x9bH\r\n"
				      "Warning: \\x08\r\n");
}

static void chatty_write(struct log_sink *sink, const char *text, size_t len)
{
	capture_write(sink, text, len);
	print("inner");
}

static void a_sink_that_prints_does_not_go_round_in_circles(void **state)
{
	(void)state;
	one.sink.write = chatty_write;
	log_add_sink(&one.sink);
	print("outer ");
	assert_string_equal(one.text, "outer ");
	log_add_sink(&two.sink); /* but what it said is kept */
	assert_string_equal(two.text, "outer inner");
}

static void greet_once(struct log_sink *sink, const char *text, size_t len)
{
	static bool greeted;

	if (!greeted) {
		greeted = true;
		print("second\n");
	}
	capture_write(sink, text, len);
}

/* A screen is started by its first text, and its driver has debug lines. */
static void a_late_sink_misses_nothing_that_it_prints(void **state)
{
	(void)state;
	one.sink.write = greet_once;
	log_add_sink(&two.sink);
	print("first\n");
	log_add_sink(&one.sink);
	print("third\n");
	assert_string_equal(two.text, "first\r\nsecond\r\nthird\r\n");
	assert_string_equal(one.text, "first\r\nsecond\r\nthird\r\n");
}

static unsigned evaluated;

static int count(void)
{
	return (int)++evaluated;
}

static size_t paged;

static void half_pager(const char *text, size_t len)
{
	paged += len;
	log_send(text, len / 2);
}

static void a_pager_decides_what_is_seen_of_what_is_kept(void **state)
{
	struct log_line line = { 0 };

	(void)state;
	log_add_sink(&one.sink);
	paged = 0;
	log_set_pager(half_pager);
	log_write("12345678", 8);
	assert_string_equal(one.text, "1234");
	log_set_pager(NULL);
	log_send("x", 1);
	log_write("y", 1);
	assert_string_equal(one.text, "1234xy");
	assert_int_equal(paged, 8);
	assert_true(log_next_line(&line));
	assert_int_equal(line.len, 9);
	assert_memory_equal(line.text, "12345678y", 9);
}

static void a_fault_ends_the_pager(void **state)
{
	(void)state;
	log_add_sink(&one.sink);
	log_set_pager(half_pager);
	log_resume();
	log_write("12345678", 8);
	assert_string_equal(one.text, "12345678");
}

/* An NMI in the middle of the printed log. */
static void a_fault_ends_the_printing_of_what_is_not_kept(void **state)
{
	struct log_line line = { 0 };

	(void)state;
	fake_clock_step(0);
	fake_clock_set(7);
	print("kept\n");
	log_keep_nothing(true);
	print("no");
	log_resume();
	fake_clock_set(8);
	print("\nreport\n");
	fake_clock_set(9);
	print("prompt\n");
	assert_line(&line, "kept\r", 7);
	assert_line(&line, "\r", 8);
	assert_line(&line, "report\r", 8);
	assert_line(&line, "prompt\r", 9);
	assert_false(log_next_line(&line));
}

static void a_topic_that_is_off_costs_no_argument(void **state)
{
	(void)state;
	evaluated = 0;
	log_add_sink(&one.sink);
	log_set_topics("ci");
	log_debug(LOG_BOOT, "%d", count());
	assert_string_equal(one.text, "");
	assert_int_equal(evaluated, 0);
	assert_false(log_on(LOG_BOOT));
	log_set_topics("boot");
	print("in ");
	log_debug(LOG_BOOT, "%d", count());
	log_debug(LOG_CI, "%d", count());
	assert_string_equal(one.text, "in \r\nboot: 1\r\n");
	assert_int_equal(evaluated, 1);
}

static void topics_are_named_in_a_list(void **state)
{
	(void)state;
	log_add_sink(&one.sink);
	log_set_topics(" drivers,,ci ");
	assert_true(log_on(LOG_DRIVERS) && log_on(LOG_CI));
	assert_false(log_on(LOG_BOOT));
	log_set_topics("all");
	log_debug(LOG_DRIVERS, "x");
	log_debug(LOG_BOOT, "y");
	log_debug(LOG_CI, "z");
	log_set_topics("");
	log_debug(LOG_CI, "no more");
	assert_string_equal(one.text, "drivers: x\r\nboot: y\r\nci: z\r\n");
}

static void unknown_topics_are_told_in_one_line(void **state)
{
	char text[300];

	(void)state;
	log_add_sink(&one.sink);
	log_set_topics("CI,boot,boots dri");
	assert_int_equal(log_topics, LOG_BOOT);
	assert_string_equal(one.text,
			    "Warning: trace: no such topic: CI, boots, dri; "
			    "topics are ci, boot, drivers, all\r\n");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (unsigned i = 2; i < sizeof(text) - 1; i += 3)
		text[i] = ',';
	log_set_topics(text);
	assert_int_equal(log_topics, 0);
	assert_non_null(strstr(one.text, "topic: xx, xx, xx"));
	/* More than there is room for is cut. */
	assert_true(one.len < 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(print_sends_line_feeds_as_cr_lf,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			log_write_sends_bytes_as_they_are, setup, teardown),
		cmocka_unit_test_setup_teardown(all_sinks_get_the_text, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_late_sink_gets_what_was_printed_before, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			each_line_has_the_time_of_its_start, setup, teardown),
		cmocka_unit_test_setup_teardown(without_text_there_is_no_line,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_first_text_is_kept_when_there_is_too_much, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			the_given_memory_is_filled_to_its_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_not_to_be_kept_is_only_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_removed_sink_gets_nothing_more, setup, teardown),
		cmocka_unit_test_setup_teardown(
			long_text_goes_out_in_few_pieces_and_whole, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			messages_stand_on_lines_of_their_own, setup, teardown),
		cmocka_unit_test_setup_teardown(text_of_others_is_spelt_out,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_sink_that_prints_does_not_go_round_in_circles, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_pager_decides_what_is_seen_of_what_is_kept, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_fault_ends_the_pager, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_fault_ends_the_printing_of_what_is_not_kept, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_late_sink_misses_nothing_that_it_prints, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_topic_that_is_off_costs_no_argument, setup, teardown),
		cmocka_unit_test_setup_teardown(topics_are_named_in_a_list,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			unknown_topics_are_told_in_one_line, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

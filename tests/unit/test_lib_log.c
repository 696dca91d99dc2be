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

struct capture {
	struct log_sink sink;
	char text[16384];
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

static void the_first_text_is_kept_when_there_is_too_much(void **state)
{
	(void)state;
	print("start");
	for (unsigned i = 0; i < LOG_KEPT; i++)
		print("0123456789");
	log_add_sink(&one.sink);
	assert_int_equal(one.len, LOG_KEPT);
	assert_memory_equal(one.text, "start0123", 9);
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

static unsigned evaluated;

static int count(void)
{
	return (int)++evaluated;
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
			the_first_text_is_kept_when_there_is_too_much, setup,
			teardown),
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
			a_topic_that_is_off_costs_no_argument, setup, teardown),
		cmocka_unit_test_setup_teardown(topics_are_named_in_a_list,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			unknown_topics_are_told_in_one_line, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

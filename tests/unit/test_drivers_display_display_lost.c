// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/display/display.c: screens that fail, or that are kept.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/waits.h"
#include "tests/fake/display.h"

static struct device *dev;

static int start(void **state)
{
	(void)state;
	dev = fake_display_begin();
	return dev ? 0 : -1;
}

static void fail_draw(void)
{
	fake_display.during_draw = NULL;
	fake_display.ops.flush = NULL;
	device_fail(dev, "no answer");
	device_stop(dev);
}

static void a_device_that_fails_in_a_draw_is_named_at_once(void **state)
{
	(void)state;
	fake_display_text("a");
	fake_display.during_draw = fail_draw;
	console_show(true);
	assert_string_equal(fake_printed,
			    "fake-display /display@1: no answer\r\n");
	fake_display_text("b");
	console_show(true);
	assert_int_equal(fake_log_lines(), 1);
}

static void fail_flush(struct display *d)
{
	(void)d;
	device_fail(dev, "no answer");
	device_stop(dev);
}

static void wait_in_write(struct log_sink *sink, const char *text, size_t len)
{
	(void)sink, (void)text, (void)len;
	console_show(false);
}

/* A virtconsole, which gets the same text next, waits for its host. */
static void a_failure_is_printed_when_the_log_can(void **state)
{
	struct log_sink slow = { .write = wait_in_write };

	(void)state;
	console_follow_all();
	print("a\n");
	console_show(true);
	log_add_sink(&slow);
	fake_clock_set(100);
	fake_display.ops.flush = fail_flush;
	print("b\n");
	console_show(false);
	log_remove_sink(&slow);
	assert_true(fake_log_has("fake-display /display@1: no answer\r\n"));
}

static void be_slow(void)
{
	fake_display.during_draw = NULL;
	fake_clock_step(1);
	deadline_delay(1500);
}

static void a_slow_draw_is_a_wait_for_the_screen(void **state)
{
	uint64_t begin = waits_begin(), ticks;

	(void)state;
	fake_display_text("a");
	fake_display.during_draw = be_slow;
	console_show(true);
	assert_ptr_equal(waits_longest(&ticks), dev);
	assert_in_range(ticks, 1500, 1600);
	/* And not for the device that was about to print. */
	assert_int_equal(waits_begin(), begin);
}

static jmp_buf exception;

static void raise_exception(void)
{
	fake_display.during_draw = NULL;
	longjmp(exception, 1);
}

static void an_exception_while_it_shows_text_does_not_silence_it(void **state)
{
	(void)state;
	fake_display_text("a");
	fake_display.during_draw = raise_exception;
	if (!setjmp(exception)) {
		console_show(true);
		fail_msg("nothing was raised");
	}
	device_abandon_all();
	fake_display_text("b");
	console_show(true);
	fake_display_check();
	assert_string_equal(fake_display_row(0), "ab");
}

/* virtio-gpu shows by DMA. */
static unsigned keeps;

static void keep(struct display *d)
{
	assert_ptr_equal(d, &fake_display.display);
	fake_display_check();
	keeps++;
	/* What a driver prints meanwhile is not drawn. */
	fake_display_text("z\n");
}

static void a_driver_is_told_after_the_last_text_that_it_is_kept(void **state)
{
	struct console_output *out = &fake_display.display.out;

	(void)state;
	keeps = 0;
	fake_display.ops.keep = keep;
	fake_display_text("a\r\nb\r\nc\r\nd");
	console_keep(dev->node);
	device_quiesce_all(dev->node);
	assert_int_equal(keeps, 1);
	assert_int_equal(out->write(out, "text", 4), 4);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, fake_display_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_that_fails_in_a_draw_is_named_at_once),
		T(a_failure_is_printed_when_the_log_can),
		T(a_slow_draw_is_a_wait_for_the_screen),
		T(an_exception_while_it_shows_text_does_not_silence_it),
		T(a_driver_is_told_after_the_last_text_that_it_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

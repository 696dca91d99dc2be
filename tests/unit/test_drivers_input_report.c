// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/input/report.c: what QEMU and real keyboards report.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/input/report.h"
#include "tests/fake/timebase.h"

static struct report_state reports;
static struct keyboard kb;
static char typed[256];

static int start(void **state)
{
	(void)state;
	reports = (struct report_state){ 0 };
	kb = (struct keyboard){ 0 };
	typed[0] = '\0';
	return 0;
}

/* In place of drivers/input/keyboard.c: keeps what keys type. */
void keyboard_press(struct keyboard *of, uint8_t usage, bool repeat)
{
	char buf[KEYMAP_KEY_MAX];
	unsigned n = keymap_press(&of->map, usage, repeat, buf);

	assert_ptr_equal(of, &kb);
	assert_true(strlen(typed) + n < sizeof(typed));
	strncat(typed, buf, n);
}

/* A report in memory of exactly its size. */
static void report_bytes(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = test_malloc(len ? len : 1);

	memcpy(copy, bytes, len);
	report_take(&reports, &kb, copy, len);
	test_free(copy);
}

/* Modifiers and up to three keys. */
static void report(uint8_t mods, uint8_t a, uint8_t b, uint8_t c)
{
	const uint8_t bytes[REPORT_LEN] = { mods, 0, a, b, c };

	report_bytes(bytes, sizeof(bytes));
}

static void rollover(uint8_t mods)
{
	const uint8_t bytes[REPORT_LEN] = { mods, 0, 1, 1, 1, 1, 1, 1 };

	report_bytes(bytes, sizeof(bytes));
}

/* No report for so long. */
static void none_for(unsigned ms)
{
	fake_clock_advance(ms * (TIMEBASE_DEFAULT_HZ / 1000));
	for (unsigned i = 0; report_none(&reports, &kb); i++)
		assert_true(i < 2);
}

static void none(void)
{
	none_for(100);
}

static void assert_typed(const char *text)
{
	assert_string_equal(typed, text);
	typed[0] = '\0';
}

#define A 0x04
#define B 0x05
#define C 0x06
#define SHIFT 0x02
#define RIGHT_ALT 0x40
#define UP 0x52
#define CAPS 0x39

static void a_key_types_once_when_it_is_pressed(void **state)
{
	(void)state;
	report(0, A, 0, 0);
	assert_typed("a");
	report(0, 0, 0, 0);
	none();
	assert_typed("");
}

/* Fast typists press the next key before they release the last one. */
static void overlapping_keys_type_once_each(void **state)
{
	(void)state;
	report(0, A, 0, 0);
	report(0, A, B, 0);
	report(0, B, 0, 0);
	report(0, B, C, 0);
	report(0, 0, C, 0);
	report(0, 0, 0, 0);
	none();
	assert_typed("abc");
}

static void keys_of_one_report_type_in_its_order(void **state)
{
	(void)state;
	report(SHIFT, C, A, B);
	assert_typed("CAB");
}

static void modifiers_count_when_the_key_is_pressed(void **state)
{
	(void)state;
	report(SHIFT, 0, 0, 0);
	report(SHIFT, A, 0, 0);
	report(0, A, 0, 0);
	report(0, 0, 0, 0);
	report(0, A, 0, 0);
	none();
	assert_typed("Aa");
}

static void equal_reports_repeat_the_last_key(void **state)
{
	(void)state;
	report(0, A, 0, 0);
	report(0, A, B, 0);
	assert_typed("ab");
	for (unsigned i = 0; i < 4; i++)
		report(0, A, B, 0);
	none();
	assert_typed("bbbb");
	report(0, A, B, 0);
	none();
	assert_typed("b");
	report(0, A, B, 0);
	report(0, A, 0, 0);
	report(0, 0, 0, 0);
	none();
	assert_typed("b");
}

static void empty_reports_repeat_nothing(void **state)
{
	(void)state;
	report(0, A, 0, 0);
	report(0, 0, 0, 0);
	for (unsigned i = 0; i < 5; i++)
		report(0, 0, 0, 0);
	none();
	assert_typed("a");
}

/* [QEMU hw/input/hid.c]: 0xe0 is a report of its own. */
static void an_extended_key_types_once(void **state)
{
	(void)state;
	report(0, 0, 0, 0);
	report(0, UP, 0, 0);
	assert_typed("\033[A");
	report(0, UP, 0, 0);
	none();
	report(0, 0, 0, 0);
	none();
	assert_typed("");
}

static void an_extended_key_repeats_with_two_reports(void **state)
{
	(void)state;
	report(0, 0, 0, 0);
	report(0, UP, 0, 0);
	for (unsigned i = 0; i < 3; i++) {
		report(0, UP, 0, 0);
		none();
		report(0, UP, 0, 0);
		none();
	}
	report(0, UP, 0, 0);
	report(0, 0, 0, 0);
	none();
	assert_typed("\033[A\033[A\033[A\033[A");
}

static void an_extended_key_does_not_repeat_the_key_before(void **state)
{
	(void)state;
	report(0, A, 0, 0);
	report(0, A, 0, 0);
	/* QEMU's interval is 8 ms. */
	none_for(10);
	report(0, A, UP, 0);
	report(0, UP, 0, 0);
	report(0, UP, B, 0);
	report(0, UP, B, 0);
	report(0, B, 0, 0);
	report(0, 0, 0, 0);
	none();
	assert_typed("a\033[Ab");
}

static void an_extended_modifier_does_not_repeat_the_key_before(void **state)
{
	(void)state;
	report(0, A, 0, 0);
	report(0, A, 0, 0);
	report(RIGHT_ALT, A, 0, 0);
	report(RIGHT_ALT, A, 0, 0);
	report(0, A, 0, 0);
	none();
	assert_typed("a");
}

static void a_held_modifier_repeats_no_key(void **state)
{
	(void)state;
	report(0, A, 0, 0);
	report(SHIFT, A, 0, 0);
	for (unsigned i = 0; i < 5; i++)
		report(SHIFT, A, 0, 0);
	none();
	assert_typed("a");
	report(0, A, 0, 0);
	report(0, A, 0, 0);
	none();
	assert_typed("a");
}

/* QEMU drops scan codes when its queue is full. */
static void a_key_whose_release_was_lost_blocks_nothing(void **state)
{
	(void)state;
	report(0, A, 0, 0);
	report(0, A, B, 0);
	report(0, A, 0, 0);
	report(0, A, UP, 0);
	report(0, A, UP, 0);
	report(0, A, 0, 0);
	none();
	assert_typed("ab\033[A");
	/* The next time it is pressed nothing changes. */
	report(0, A, 0, 0);
	report(0, 0, 0, 0);
	report(0, A, 0, 0);
	none();
	assert_typed("aa");
}

static void a_held_lock_is_pressed_once(void **state)
{
	(void)state;
	report(0, CAPS, 0, 0);
	report(0, CAPS, 0, 0);
	report(0, CAPS, 0, 0);
	report(0, 0, 0, 0);
	report(0, A, 0, 0);
	none();
	assert_typed("A");
}

static void a_key_after_six_others_repeats(void **state)
{
	static const uint8_t six[REPORT_LEN] = { 0, 0, A, B, C, 7, 8, 9 };

	(void)state;
	report_bytes(six, sizeof(six));
	report(0, 0x1b, 0, 0);
	report(0, 0x1b, 0, 0);
	none();
	assert_typed("abcdefxx");
}

/* More than six keys: which ones, the next report says. */
static void rollover_keeps_the_keys(void **state)
{
	(void)state;
	report(0, A, B, 0);
	assert_typed("ab");
	for (unsigned i = 0; i < 10000; i++)
		rollover(0);
	none();
	assert_typed("");
	report(0, A, B, C);
	assert_typed("c");
	rollover(SHIFT);
	report(SHIFT, A, B, 0x07);
	report(0, 0, 0, 0);
	none();
	assert_typed("D");
}

static void short_reports_are_ignored(void **state)
{
	static const uint8_t bytes[REPORT_LEN] = { SHIFT, 0, A, B };

	(void)state;
	for (size_t len = 0; len < REPORT_LEN; len++)
		report_bytes(bytes, len);
	assert_int_equal(kb.map.modifiers, 0);
	report(0, A, 0, 0);
	assert_typed("a");
}

static void bytes_past_a_boot_report_are_ignored(void **state)
{
	static const uint8_t first[64] = { 0, 0, A, 0, 0, 0, 0, 0, B, C };
	static const uint8_t second[9] = { 0, 0, A, C };

	(void)state;
	report_bytes(first, sizeof(first));
	report_bytes(second, sizeof(second));
	assert_typed("ac");
}

static void the_reserved_byte_means_nothing(void **state)
{
	uint8_t bytes[REPORT_LEN] = { 0, 0, A };

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		bytes[1] = (uint8_t)i;
		report_bytes(bytes, sizeof(bytes));
	}
	assert_typed("a");
}

static void bytes_that_are_no_keys_type_nothing(void **state)
{
	uint8_t bytes[REPORT_LEN];

	(void)state;
	for (unsigned i = 0x68; i < 256; i++) {
		memset(bytes, (int)i, sizeof(bytes));
		report_bytes(bytes, sizeof(bytes));
		report_bytes(bytes, sizeof(bytes));
	}
	none();
	assert_typed("");
	for (unsigned i = 0; i < 256; i++)
		report((uint8_t)i, 0, 0, 0);
	none();
	assert_typed("");
}

#define T(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_key_types_once_when_it_is_pressed),
		T(overlapping_keys_type_once_each),
		T(keys_of_one_report_type_in_its_order),
		T(modifiers_count_when_the_key_is_pressed),
		T(equal_reports_repeat_the_last_key),
		T(empty_reports_repeat_nothing),
		T(an_extended_key_types_once),
		T(an_extended_key_repeats_with_two_reports),
		T(an_extended_key_does_not_repeat_the_key_before),
		T(an_extended_modifier_does_not_repeat_the_key_before),
		T(a_held_modifier_repeats_no_key),
		T(a_key_whose_release_was_lost_blocks_nothing),
		T(a_held_lock_is_pressed_once),
		T(a_key_after_six_others_repeats),
		T(rollover_keeps_the_keys),
		T(short_reports_are_ignored),
		T(bytes_past_a_boot_report_are_ignored),
		T(the_reserved_byte_means_nothing),
		T(bytes_that_are_no_keys_type_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/key.c: what terminals and keyboards send, whole and torn. */
#include "boot/key.h"

#include <string.h>

#include "drivers/console.h"
#include "lib/deadline.h"
#include "tests/fake/timebase.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What is typed: PAUSE is a wait in vain. */
#define PAUSE '\xff'
static const char *typed;
static enum console_burst burst;
static uint32_t waited_ms;

int console_wait_char(const struct deadline *until)
{
	int c = (unsigned char)*typed;

	if (until)
		waited_ms = (uint32_t)((until->end - until->start) * 1000 /
				       TIMEBASE_DEFAULT_HZ);
	if (!*typed || *typed == PAUSE) {
		assert_non_null(until);
		typed += *typed != '\0';
		return -1;
	}
	typed++;
	return c;
}

enum console_burst console_burst(void)
{
	return burst;
}

static int setup(void **state)
{
	(void)state;
	deadline_init(0);
	burst = CONSOLE_ALONE;
	typed = "";
	return 0;
}

static int next(void)
{
	return key_wait(NULL);
}

/* Nothing is left of `text` after one key. */
static void assert_key(const char *text, int want)
{
	struct deadline until;

	typed = text;
	assert_int_equal(next(), want);
	deadline_start(&until, 0);
	assert_int_equal(key_wait(&until), KEY_TIMEOUT);
}

static void text_and_control_characters_are_their_bytes(void **state)
{
	char text[2] = "";

	(void)state;
	for (int c = 1; c < 255; c++) {
		text[0] = (char)c;
		if (c != KEY_ESC)
			assert_key(text, c);
	}
}

static void cr_lf_is_one_key(void **state)
{
	(void)state;
	typed = "\r\n\n\r\n\r\rx\n";
	assert_int_equal(next(), KEY_ENTER);
	assert_int_equal(next(), KEY_LINE_FEED);
	assert_int_equal(next(), KEY_ENTER);
	assert_int_equal(next(), KEY_ENTER);
	assert_int_equal(next(), KEY_ENTER);
	assert_int_equal(next(), 'x');
	assert_int_equal(next(), KEY_LINE_FEED);
}

static void a_wait_ends(void **state)
{
	struct deadline until;

	(void)state;
	deadline_start(&until, 7);
	assert_int_equal(key_wait(&until), KEY_TIMEOUT);
	assert_int_equal(waited_ms, 7);
	typed = "x";
	assert_int_equal(key_wait(&until), 'x');
}

/* clang-format off */
static const struct {
	const char *text;
	int key;
} sequences[] = {
	/* drivers/input/keymap.c, xterm, VT220 */
	{ "\033[A", KEY_UP }, { "\033[B", KEY_DOWN },
	{ "\033[C", KEY_RIGHT }, { "\033[D", KEY_LEFT },
	{ "\033[H", KEY_HOME }, { "\033[F", KEY_END },
	{ "\033[2~", KEY_INSERT }, { "\033[3~", KEY_DELETE },
	{ "\033[5~", KEY_PAGE_UP }, { "\033[6~", KEY_PAGE_DOWN },
	{ "\033OP", KEY_F1 }, { "\033OQ", KEY_F1 + 1 },
	{ "\033[[C", KEY_F1 + 2 }, { "\033[[D", KEY_F1 + 3 },
	{ "\033[15~", KEY_F1 + 4 }, { "\033[17~", KEY_F1 + 5 },
	{ "\033[18~", KEY_F1 + 6 }, { "\033[19~", KEY_F1 + 7 },
	{ "\033[20~", KEY_F1 + 8 }, { "\033[21~", KEY_F1 + 9 },
	{ "\033[23~", KEY_F1 + 10 }, { "\033[24~", KEY_F12 },
	/* application mode of the cursor keys and the keypad */
	{ "\033OA", KEY_UP }, { "\033OB", KEY_DOWN }, { "\033OC", KEY_RIGHT },
	{ "\033OD", KEY_LEFT }, { "\033OH", KEY_HOME }, { "\033OF", KEY_END },
	{ "\033OM", KEY_ENTER },
	/* other terminals: screen, rxvt, the Linux console, PuTTY */
	{ "\033[1~", KEY_HOME }, { "\033[4~", KEY_END },
	{ "\033[7~", KEY_HOME }, { "\033[8~", KEY_END },
	{ "\033[11~", KEY_F1 }, { "\033[12~", KEY_F1 + 1 },
	{ "\033[13~", KEY_F1 + 2 }, { "\033[14~", KEY_F1 + 3 },
	{ "\033[[A", KEY_F1 }, { "\033[[E", KEY_F1 + 4 },
	{ "\033OR", KEY_F1 + 2 }, { "\033OS", KEY_F1 + 3 },
	/* with modifiers */
	{ "\033[1;5C", KEY_RIGHT }, { "\033[3;2~", KEY_DELETE },
	{ "\033[1;2P", KEY_F1 }, { "\033[24;5~", KEY_F12 },
	/* unknown: pasted text's brackets, reports, other keys */
	{ "\033[200~", KEY_UNKNOWN }, { "\033[?1;2c", KEY_UNKNOWN },
	{ "\033[Z", KEY_UNKNOWN }, { "\033[M", KEY_UNKNOWN },
	{ "\033Oj", KEY_UNKNOWN }, { "\033[~", KEY_UNKNOWN },
	{ "\033[16~", KEY_UNKNOWN }, { "\033[[Z", KEY_UNKNOWN },
	{ "\033[3 q", KEY_UNKNOWN }, { "\033[99999999999~", KEY_UNKNOWN },
};
/* clang-format on */

static void sequences_are_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++)
		assert_key(sequences[i].text, sequences[i].key);
	assert_int_equal(waited_ms, 0);
}

static void sequences_follow_one_another(void **state)
{
	(void)state;
	typed = "\033[A\033OB\033[3~x\033[[A";
	assert_int_equal(next(), KEY_UP);
	assert_int_equal(next(), KEY_DOWN);
	assert_int_equal(next(), KEY_DELETE);
	assert_int_equal(next(), 'x');
	assert_int_equal(next(), KEY_F1);
}

static void esc_alone_is_a_key_after_50_ms(void **state)
{
	(void)state;
	typed = "\033\xff[A";
	assert_int_equal(next(), KEY_ESC);
	assert_int_equal(waited_ms, 50);
	assert_int_equal(next(), '[');
	assert_int_equal(next(), 'A');
}

static void esc_and_another_byte_are_two_keys(void **state)
{
	(void)state;
	typed = "\033b\033\r\033\033[A";
	assert_int_equal(next(), KEY_ESC);
	assert_int_equal(next(), 'b');
	assert_int_equal(next(), KEY_ESC);
	assert_int_equal(next(), KEY_ENTER);
	assert_int_equal(next(), KEY_ESC);
	assert_int_equal(next(), KEY_UP);
}

static void a_torn_sequence_is_given_up(void **state)
{
	static const char *const torn[] = { "\033[\xff", "\033[1\xff",
					    "\033[1;\xff", "\033O\xff",
					    "\033[[\xff" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(torn); i++) {
		waited_ms = 0;
		assert_key(torn[i], KEY_UNKNOWN);
		/* assert_key() asks without a wait. */
		typed = torn[i];
		assert_int_equal(next(), KEY_UNKNOWN);
		assert_int_equal(waited_ms, 50);
	}
}

static void a_lines_end_breaks_a_sequence_and_is_kept(void **state)
{
	static const char *const broken[] = { "\033[\r", "\033[1\r",
					      "\033[1;2\r", "\033O\r",
					      "\033[[\r" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		typed = broken[i];
		assert_int_equal(next(), KEY_UNKNOWN);
		assert_int_equal(next(), KEY_ENTER);
	}
	typed = "\033[1\033[A\033[\xc3";
	assert_int_equal(next(), KEY_UNKNOWN);
	assert_int_equal(next(), KEY_UP);
	assert_int_equal(next(), KEY_UNKNOWN);
	assert_int_equal(next(), 0xc3);
}

static void a_sequence_has_16_bytes_at_most(void **state)
{
	(void)state;
	typed = "\033[1;2;3;4;5;6;7A";
	assert_int_equal(next(), KEY_UP);
	typed = "\033[1;2;3;4;5;6;78A";
	assert_int_equal(next(), KEY_UNKNOWN);
	assert_int_equal(next(), 'A');
}

static void bytes_that_came_together_are_a_burst(void **state)
{
	(void)state;
	typed = "ab";
	assert_int_equal(next(), 'a');
	assert_false(key_in_burst());
	burst = CONSOLE_MORE;
	assert_true(key_in_burst());
	assert_int_equal(next(), 'b');
}

static void more_may_follow_the_last_byte_of_a_read(void **state)
{
	(void)state;
	burst = CONSOLE_LAST;
	typed = "ab\xff";
	assert_int_equal(next(), 'a');
	assert_true(key_in_burst());
	assert_int_equal(waited_ms, 10);
	assert_true(key_in_burst());
	assert_int_equal(next(), 'b');
	assert_false(key_in_burst());
	/* A sequence may follow, too. */
	typed = "a\033[A";
	assert_int_equal(next(), 'a');
	assert_true(key_in_burst());
	assert_int_equal(next(), KEY_UP);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_and_control_characters_are_their_bytes),
		TEST(cr_lf_is_one_key),
		TEST(a_wait_ends),
		TEST(sequences_are_keys),
		TEST(sequences_follow_one_another),
		TEST(esc_alone_is_a_key_after_50_ms),
		TEST(esc_and_another_byte_are_two_keys),
		TEST(a_torn_sequence_is_given_up),
		TEST(a_lines_end_breaks_a_sequence_and_is_kept),
		TEST(a_sequence_has_16_bytes_at_most),
		TEST(bytes_that_came_together_are_a_burst),
		TEST(more_may_follow_the_last_byte_of_a_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

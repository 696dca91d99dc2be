// SPDX-License-Identifier: BSD-2-Clause
/* Keys, decoded from the bytes that terminals and keyboards send. */
#include "boot/key.h"

#include "drivers/console.h"
#include "lib/deadline.h"

/* The rest of a sequence follows at once; a human is slower. */
#define KEY_REST_MS 50u
/* A machine sends the next byte sooner, even if it comes by a network. */
#define KEY_BURST_MS 10u
/* A longer sequence is none. */
#define KEY_SEQUENCE_MAX 16u

/* ECMA-48 5.4: the last byte of a control sequence. */
#define KEY_FINAL_FIRST 0x40
#define KEY_FINAL_LAST 0x7e

/* A byte that was read but belongs to the next key, or -1. */
static int key_next = -1;

/* The last key was CR: an LF that follows belongs to it. */
static bool key_after_cr;

static int key_byte(const struct deadline *until)
{
	int c = key_next;

	key_next = -1;
	return c >= 0 ? c : console_wait_char(until);
}

/* The next byte if it comes within `ms`, or -1. */
static int key_byte_within(uint32_t ms)
{
	struct deadline until;
	int c;

	deadline_start(&until, ms);
	c = key_byte(&until);
	deadline_stop(&until);
	return c;
}

/* ESC [ LETTER, of xterm and the Linux console; ESC O LETTER. */
static int key_letter(int c)
{
	switch (c) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'F':
		return KEY_END;
	case 'H':
		return KEY_HOME;
	case 'M':
		return KEY_ENTER; /* of the keypad */
	case 'P':
	case 'Q':
	case 'R':
	case 'S':
		return KEY_F1 + c - 'P';
	default:
		return KEY_UNKNOWN;
	}
}

/* ESC [ NUMBER ~, of the VT220; 1, 4, 7 and 8 differ between terminals. */
static int key_number(unsigned n)
{
	static const uint16_t keys[] = {
		[1] = KEY_HOME,	    [2] = KEY_INSERT,  [3] = KEY_DELETE,
		[4] = KEY_END,	    [5] = KEY_PAGE_UP, [6] = KEY_PAGE_DOWN,
		[7] = KEY_HOME,	    [8] = KEY_END,     [11] = KEY_F1,
		[12] = KEY_F1 + 1,  [13] = KEY_F1 + 2, [14] = KEY_F1 + 3,
		[15] = KEY_F1 + 4,  [17] = KEY_F1 + 5, [18] = KEY_F1 + 6,
		[19] = KEY_F1 + 7,  [20] = KEY_F1 + 8, [21] = KEY_F1 + 9,
		[23] = KEY_F1 + 10, [24] = KEY_F12,
	};

	return n < ARRAY_SIZE(keys) && keys[n] ? keys[n] : KEY_UNKNOWN;
}

/*
 * A byte that ends or breaks a sequence. A line's end inside a sequence is one,
 * and so is the start of another sequence.
 */
static bool key_is_foreign(int c)
{
	return c < ' ' || c > KEY_FINAL_LAST;
}

static int key_give_up(int c)
{
	key_next = c;
	return KEY_UNKNOWN;
}

/* ESC [ [ A to E: F1 to F5 of the Linux console, F3 and F4 of keyboards. */
static int key_linux_function(void)
{
	int c = key_byte_within(KEY_REST_MS);

	if (c < 0 || key_is_foreign(c))
		return key_give_up(c);
	return c >= 'A' && c <= 'E' ? KEY_F1 + c - 'A' : KEY_UNKNOWN;
}

/* After ESC [. Of the parameters, only the first says which key it is. */
static int key_control_sequence(void)
{
	unsigned number = 0, parameters = 1;

	for (unsigned len = 2; len < KEY_SEQUENCE_MAX; len++) {
		int c = key_byte_within(KEY_REST_MS);

		if (c < 0 || key_is_foreign(c))
			return key_give_up(c);
		if (c == '[' && len == 2)
			return key_linux_function();
		if (c == '~')
			return key_number(number);
		if (c >= KEY_FINAL_FIRST)
			return c == 'M' ? KEY_UNKNOWN : key_letter(c);
		if (c == ';')
			parameters++;
		else if (parameters == 1 && c >= '0' && c <= '9')
			number = MIN(number * 10 + (unsigned)(c - '0'), 99);
	}
	return KEY_UNKNOWN;
}

static int key_sequence(void)
{
	int c = key_byte_within(KEY_REST_MS);

	if (c == '[')
		return key_control_sequence();
	if (c != 'O') {
		key_next = c;
		return KEY_ESC;
	}
	c = key_byte_within(KEY_REST_MS);
	return c < 0 || key_is_foreign(c) ? key_give_up(c) : key_letter(c);
}

int key_wait(const struct deadline *until)
{
	int c = key_byte(until);

	if (c == KEY_LINE_FEED && key_after_cr)
		c = key_byte(until);
	key_after_cr = c == KEY_ENTER;
	return c == KEY_ESC ? key_sequence() : c;
}

bool key_in_burst(void)
{
	if (key_next < 0 && console_burst() == CONSOLE_LAST)
		key_next = key_byte_within(KEY_BURST_MS);
	return key_next >= 0 || console_burst() == CONSOLE_MORE;
}

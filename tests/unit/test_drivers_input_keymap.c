// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/input/keymap.c: every key, modifiers, locks, Linux's codes.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <linux/input-event-codes.h>

#include <cmocka.h>

#include "drivers/input/keymap.h"

/* A key: its usage, Linux's name for it, what it types alone and with Shift. */
static const struct key {
	uint8_t usage;
	unsigned code;
	const char *plain, *shift;
} keys[] = {
	{ 0x04, KEY_A, "a", "A" },
	{ 0x05, KEY_B, "b", "B" },
	{ 0x06, KEY_C, "c", "C" },
	{ 0x07, KEY_D, "d", "D" },
	{ 0x08, KEY_E, "e", "E" },
	{ 0x09, KEY_F, "f", "F" },
	{ 0x0a, KEY_G, "g", "G" },
	{ 0x0b, KEY_H, "h", "H" },
	{ 0x0c, KEY_I, "i", "I" },
	{ 0x0d, KEY_J, "j", "J" },
	{ 0x0e, KEY_K, "k", "K" },
	{ 0x0f, KEY_L, "l", "L" },
	{ 0x10, KEY_M, "m", "M" },
	{ 0x11, KEY_N, "n", "N" },
	{ 0x12, KEY_O, "o", "O" },
	{ 0x13, KEY_P, "p", "P" },
	{ 0x14, KEY_Q, "q", "Q" },
	{ 0x15, KEY_R, "r", "R" },
	{ 0x16, KEY_S, "s", "S" },
	{ 0x17, KEY_T, "t", "T" },
	{ 0x18, KEY_U, "u", "U" },
	{ 0x19, KEY_V, "v", "V" },
	{ 0x1a, KEY_W, "w", "W" },
	{ 0x1b, KEY_X, "x", "X" },
	{ 0x1c, KEY_Y, "y", "Y" },
	{ 0x1d, KEY_Z, "z", "Z" },
	{ 0x1e, KEY_1, "1", "!" },
	{ 0x1f, KEY_2, "2", "@" },
	{ 0x20, KEY_3, "3", "#" },
	{ 0x21, KEY_4, "4", "$" },
	{ 0x22, KEY_5, "5", "%" },
	{ 0x23, KEY_6, "6", "^" },
	{ 0x24, KEY_7, "7", "&" },
	{ 0x25, KEY_8, "8", "*" },
	{ 0x26, KEY_9, "9", "(" },
	{ 0x27, KEY_0, "0", ")" },
	{ 0x28, KEY_ENTER, "\r", "\r" },
	{ 0x29, KEY_ESC, "\033", "\033" },
	{ 0x2a, KEY_BACKSPACE, "\b", "\b" },
	{ 0x2b, KEY_TAB, "\t", "\t" },
	{ 0x2c, KEY_SPACE, " ", " " },
	{ 0x2d, KEY_MINUS, "-", "_" },
	{ 0x2e, KEY_EQUAL, "=", "+" },
	{ 0x2f, KEY_LEFTBRACE, "[", "{" },
	{ 0x30, KEY_RIGHTBRACE, "]", "}" },
	{ 0x31, KEY_BACKSLASH, "\\", "|" },
	{ 0x32, 0, "\\", "|" },
	{ 0x33, KEY_SEMICOLON, ";", ":" },
	{ 0x34, KEY_APOSTROPHE, "'", "\"" },
	{ 0x35, KEY_GRAVE, "`", "~" },
	{ 0x36, KEY_COMMA, ",", "<" },
	{ 0x37, KEY_DOT, ".", ">" },
	{ 0x38, KEY_SLASH, "/", "?" },
	{ 0x3a, KEY_F1, "\033OP", "\033OP" },
	{ 0x3b, KEY_F2, "\033OQ", "\033OQ" },
	{ 0x3c, KEY_F3, "\033[[C", "\033[[C" },
	{ 0x3d, KEY_F4, "\033[[D", "\033[[D" },
	{ 0x3e, KEY_F5, "\033[15~", "\033[15~" },
	{ 0x3f, KEY_F6, "\033[17~", "\033[17~" },
	{ 0x40, KEY_F7, "\033[18~", "\033[18~" },
	{ 0x41, KEY_F8, "\033[19~", "\033[19~" },
	{ 0x42, KEY_F9, "\033[20~", "\033[20~" },
	{ 0x43, KEY_F10, "\033[21~", "\033[21~" },
	{ 0x44, KEY_F11, "\033[23~", "\033[23~" },
	{ 0x45, KEY_F12, "\033[24~", "\033[24~" },
	{ 0x49, KEY_INSERT, "\033[2~", "\033[2~" },
	{ 0x4a, KEY_HOME, "\033[H", "\033[H" },
	{ 0x4b, KEY_PAGEUP, "\033[5~", "\033[5~" },
	{ 0x4c, KEY_DELETE, "\033[3~", "\033[3~" },
	{ 0x4d, KEY_END, "\033[F", "\033[F" },
	{ 0x4e, KEY_PAGEDOWN, "\033[6~", "\033[6~" },
	{ 0x4f, KEY_RIGHT, "\033[C", "\033[C" },
	{ 0x50, KEY_LEFT, "\033[D", "\033[D" },
	{ 0x51, KEY_DOWN, "\033[B", "\033[B" },
	{ 0x52, KEY_UP, "\033[A", "\033[A" },
	{ 0x54, KEY_KPSLASH, "/", "/" },
	{ 0x55, KEY_KPASTERISK, "*", "*" },
	{ 0x56, KEY_KPMINUS, "-", "-" },
	{ 0x57, KEY_KPPLUS, "+", "+" },
	{ 0x58, KEY_KPENTER, "\r", "\r" },
	{ 0x59, KEY_KP1, "\033[F", "1" },
	{ 0x5a, KEY_KP2, "\033[B", "2" },
	{ 0x5b, KEY_KP3, "\033[6~", "3" },
	{ 0x5c, KEY_KP4, "\033[D", "4" },
	{ 0x5d, KEY_KP5, "", "5" },
	{ 0x5e, KEY_KP6, "\033[C", "6" },
	{ 0x5f, KEY_KP7, "\033[H", "7" },
	{ 0x60, KEY_KP8, "\033[A", "8" },
	{ 0x61, KEY_KP9, "\033[5~", "9" },
	{ 0x62, KEY_KP0, "\033[2~", "0" },
	{ 0x63, KEY_KPDOT, "\033[3~", "." },
	{ 0x64, KEY_102ND, "\\", "|" },
	{ 0x67, KEY_KPEQUAL, "=", "=" },
};

/* Keys that type nothing. */
static const struct key quiet[] = {
	{ 0x39, KEY_CAPSLOCK, NULL, NULL },
	{ 0x46, KEY_SYSRQ, NULL, NULL },
	{ 0x47, KEY_SCROLLLOCK, NULL, NULL },
	{ 0x48, KEY_PAUSE, NULL, NULL },
	{ 0x53, KEY_NUMLOCK, NULL, NULL },
	{ 0xe0, KEY_LEFTCTRL, NULL, NULL },
	{ 0xe1, KEY_LEFTSHIFT, NULL, NULL },
	{ 0xe2, KEY_LEFTALT, NULL, NULL },
	{ 0xe3, KEY_LEFTMETA, NULL, NULL },
	{ 0xe4, KEY_RIGHTCTRL, NULL, NULL },
	{ 0xe5, KEY_RIGHTSHIFT, NULL, NULL },
	{ 0xe6, KEY_RIGHTALT, NULL, NULL },
	{ 0xe7, KEY_RIGHTMETA, NULL, NULL },
};

#define CAPS 0x39
#define NUM 0x53

static struct keymap map;

static int start(void **state)
{
	(void)state;
	map = (struct keymap){ 0 };
	return 0;
}

/* What a key types, in memory of exactly the promised size. */
static const char *typed(uint8_t usage, bool repeat)
{
	static char text[KEYMAP_KEY_MAX + 1];
	char *buf = test_malloc(KEYMAP_KEY_MAX);
	unsigned n = keymap_press(&map, usage, repeat, buf);

	assert_in_range(n, 0, KEYMAP_KEY_MAX);
	memcpy(text, buf, n);
	text[n] = '\0';
	/* Only Ctrl and Space, Ctrl and @ type a NUL. */
	assert_true(strlen(text) == n || map.modifiers & KEYMAP_CTRL);
	test_free(buf);
	return text;
}

static const struct key *key_of(uint8_t usage)
{
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].usage == usage)
			return &keys[i];
	}
	return NULL;
}

static void every_key_types_what_is_on_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
		assert_string_equal(typed(keys[i].usage, false), keys[i].plain);
		assert_string_equal(typed(keys[i].usage, true), keys[i].plain);
	}
}

static void with_either_shift_the_upper_character_is_typed(void **state)
{
	static const uint8_t shifts[] = { 0x02, 0x20, 0x22 };

	(void)state;
	for (unsigned i = 0; i < 3 * ARRAY_SIZE(keys); i++) {
		const struct key *key = &keys[i / 3];

		map.modifiers = shifts[i % 3];
		assert_string_equal(typed(key->usage, false), key->shift);
	}
}

static void other_usages_type_nothing(void **state)
{
	(void)state;
	for (unsigned mods = 0; mods < 256; mods++) {
		for (unsigned usage = 0; usage < 256; usage++) {
			map = (struct keymap){ .modifiers = (uint8_t)mods };
			if (!key_of((uint8_t)usage))
				assert_string_equal(
					typed((uint8_t)usage, false), "");
		}
	}
}

static bool is_letter(const struct key *key)
{
	return key->plain[0] >= 'a' && key->plain[0] <= 'z';
}

static void caps_lock_changes_letters_only(void **state)
{
	(void)state;
	assert_string_equal(typed(CAPS, false), "");
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct key *key = &keys[i];

		map.modifiers = 0;
		assert_string_equal(typed(key->usage, false),
				    is_letter(key) ? key->shift : key->plain);
		map.modifiers = 0x02;
		assert_string_equal(typed(key->usage, false),
				    is_letter(key) ? key->plain : key->shift);
	}
	typed(CAPS, false);
	map.modifiers = 0;
	assert_string_equal(typed(0x04, false), "a");
}

static void num_lock_changes_the_keypad_only(void **state)
{
	(void)state;
	assert_string_equal(typed(NUM, false), "");
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct key *key = &keys[i];
		bool pad = key->usage >= 0x59 && key->usage <= 0x63;

		map.modifiers = 0;
		assert_string_equal(typed(key->usage, false),
				    pad ? key->shift : key->plain);
		map.modifiers = 0x20;
		assert_string_equal(typed(key->usage, false),
				    pad ? key->plain : key->shift);
	}
}

/* QEMU's displays repeat locks like other keys. */
static void a_held_lock_changes_once(void **state)
{
	(void)state;
	typed(CAPS, false);
	typed(NUM, false);
	for (unsigned i = 0; i < 5; i++) {
		typed(CAPS, true);
		typed(NUM, true);
	}
	assert_string_equal(typed(0x04, false), "A");
	assert_string_equal(typed(0x59, false), "1");
}

/* What the character of a key becomes with Ctrl. */
static char control(char c)
{
	if (strchr("@`", c) || c == ' ')
		return 0;
	if ((c >= 'A' && c <= '_') || (c >= 'a' && c <= '~'))
		return c & 0x1f;
	return c;
}

static void ctrl_types_control_codes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct key *key = &keys[i];
		const char *text;

		map.modifiers = i % 2 ? 0x01 : 0x10;
		text = typed(key->usage, false);
		if (strlen(key->plain) == 1)
			assert_int_equal(*text, control(*key->plain));
		else
			assert_string_equal(text, key->plain);
		map.modifiers |= 0x02;
		text = typed(key->usage, false);
		if (strlen(key->shift) == 1)
			assert_int_equal(*text, control(*key->shift));
	}
}

/* 0x2d & 0x1f would be Enter. */
static void ctrl_and_minus_is_not_enter(void **state)
{
	(void)state;
	map.modifiers = 0x01;
	assert_string_equal(typed(0x2d, false), "-");
	assert_string_equal(typed(0x06, false), "\003");
	assert_string_equal(typed(0x2f, false), "\033");
}

static void alt_puts_an_escape_before_characters(void **state)
{
	char expected[3] = "\033";

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct key *key = &keys[i];

		map.modifiers = i % 2 ? 0x04 : 0x40;
		expected[1] = *key->plain;
		assert_string_equal(typed(key->usage, false),
				    strlen(key->plain) == 1 ? expected
							    : key->plain);
	}
	map.modifiers = 0x05;
	assert_string_equal(typed(0x18, false), "\033\025");
}

static void gui_keys_change_nothing(void **state)
{
	(void)state;
	map.modifiers = 0x88;
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++)
		assert_string_equal(typed(keys[i].usage, false), keys[i].plain);
}

/* An independent list: the names in Linux's header. */
static void linux_codes_are_those_of_the_same_keys(void **state)
{
	unsigned known = 0;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].code)
			assert_int_equal(keymap_usage(keys[i].code),
					 keys[i].usage);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(quiet); i++)
		assert_int_equal(keymap_usage(quiet[i].code), quiet[i].usage);
	for (unsigned code = 0; code <= UINT16_MAX; code++)
		known += keymap_usage(code) != 0;
	/* All but the one that no Linux code names. */
	assert_int_equal(known, ARRAY_SIZE(keys) - 1 + ARRAY_SIZE(quiet));
	assert_int_equal(keymap_usage(UINT32_MAX), 0);
}

#define T(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_key_types_what_is_on_it),
		T(with_either_shift_the_upper_character_is_typed),
		T(other_usages_type_nothing),
		T(caps_lock_changes_letters_only),
		T(num_lock_changes_the_keypad_only),
		T(a_held_lock_changes_once),
		T(ctrl_types_control_codes),
		T(ctrl_and_minus_is_not_enter),
		T(alt_puts_an_escape_before_characters),
		T(gui_keys_change_nothing),
		T(linux_codes_are_those_of_the_same_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

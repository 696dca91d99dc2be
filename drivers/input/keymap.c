// SPDX-License-Identifier: BSD-2-Clause
// Keys to bytes: the US layout (HID usage tables 1.12, 10).
#include "drivers/input/keymap.h"

#include <string.h>

#define ESC '\033'

/* Usages with a meaning of their own. */
enum keymap_key {
	KEY_A = 0x04,
	KEY_Z = 0x1d,
	KEY_SLASH = 0x38,
	KEY_CAPS_LOCK = 0x39,
	KEY_F1 = 0x3a,
	KEY_INSERT = 0x49,
	KEY_HOME = 0x4a,
	KEY_PAGE_UP = 0x4b,
	KEY_DELETE = 0x4c,
	KEY_END = 0x4d,
	KEY_PAGE_DOWN = 0x4e,
	KEY_RIGHT = 0x4f,
	KEY_LEFT = 0x50,
	KEY_DOWN = 0x51,
	KEY_UP = 0x52,
	KEY_NUM_LOCK = 0x53,
	KEYPAD_SLASH = 0x54,
	KEYPAD_1 = 0x59,
	KEYPAD_POINT = 0x63,
	KEY_EXTRA = 0x64, /* between left Shift and Z */
	KEYPAD_EQUAL = 0x67,
};

/* From KEY_A to KEY_SLASH: letters, digits, Enter to Space, punctuation. */
static const char main_keys[][2] = {
	{ 'a', 'A' },	{ 'b', 'B' },  { 'c', 'C' },   { 'd', 'D' },
	{ 'e', 'E' },	{ 'f', 'F' },  { 'g', 'G' },   { 'h', 'H' },
	{ 'i', 'I' },	{ 'j', 'J' },  { 'k', 'K' },   { 'l', 'L' },
	{ 'm', 'M' },	{ 'n', 'N' },  { 'o', 'O' },   { 'p', 'P' },
	{ 'q', 'Q' },	{ 'r', 'R' },  { 's', 'S' },   { 't', 'T' },
	{ 'u', 'U' },	{ 'v', 'V' },  { 'w', 'W' },   { 'x', 'X' },
	{ 'y', 'Y' },	{ 'z', 'Z' },  { '1', '!' },   { '2', '@' },
	{ '3', '#' },	{ '4', '$' },  { '5', '%' },   { '6', '^' },
	{ '7', '&' },	{ '8', '*' },  { '9', '(' },   { '0', ')' },
	{ '\r', '\r' }, { ESC, ESC },  { '\b', '\b' }, { '\t', '\t' },
	{ ' ', ' ' },	{ '-', '_' },  { '=', '+' },   { '[', '{' },
	{ ']', '}' },	{ '\\', '|' }, { '\\', '|' },  { ';', ':' },
	{ '\'', '"' },	{ '`', '~' },  { ',', '<' },   { '.', '>' },
	{ '/', '?' },
};
static_assert(ARRAY_SIZE(main_keys) == KEY_SLASH - KEY_A + 1, "all keys");

/* From KEYPAD_SLASH to KEY_EXTRA; digits with Num Lock. */
static const char pad_keys[][2] = {
	{ '/', '/' }, { '*', '*' },  { '-', '-' }, { '+', '+' }, { '\r', '\r' },
	{ '1', '1' }, { '2', '2' },  { '3', '3' }, { '4', '4' }, { '5', '5' },
	{ '6', '6' }, { '7', '7' },  { '8', '8' }, { '9', '9' }, { '0', '0' },
	{ '.', '.' }, { '\\', '|' },
};
static_assert(ARRAY_SIZE(pad_keys) == KEY_EXTRA - KEYPAD_SLASH + 1, "all keys");

/* From KEYPAD_1 to KEYPAD_POINT without Num Lock. The 5 types nothing. */
static const uint8_t pad_moves[] = {
	KEY_END,  KEY_DOWN, KEY_PAGE_DOWN, KEY_LEFT,   0,	   KEY_RIGHT,
	KEY_HOME, KEY_UP,   KEY_PAGE_UP,   KEY_INSERT, KEY_DELETE,
};
static_assert(ARRAY_SIZE(pad_moves) == KEYPAD_POINT - KEYPAD_1 + 1, "all keys");

/*
 * From KEY_F1 to KEY_UP: what GRUB understands [grub-core/term/terminfo.c,
 * grub_terminfo_readkey]. GRUB knows no F5; that one is SLOF's.
 */
static const char sequences[][KEYMAP_KEY_MAX + 1] = {
	"\033OP",   "\033OQ",	"\033[[C",  "\033[[D",	"\033[15~", "\033[17~",
	"\033[18~", "\033[19~", "\033[20~", "\033[21~", "\033[23~", "\033[24~",
	"",	    "",		"", /* Print Screen, Scroll Lock, Pause */
	"\033[2~",  "\033[H",	"\033[5~",  "\033[3~",	"\033[F",   "\033[6~",
	"\033[C",   "\033[D",	"\033[B",   "\033[A",
};
static_assert(ARRAY_SIZE(sequences) == KEY_UP - KEY_F1 + 1, "all keys");

/* Linux key codes; up to 88 those of the AT keyboard. [input-event-codes.h] */
/* clang-format off */
static const uint8_t linux_keys[] = {
	/*   0 */ 0x00, 0x29, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25,
	/*  10 */ 0x26, 0x27, 0x2d, 0x2e, 0x2a, 0x2b, 0x14, 0x1a, 0x08, 0x15,
	/*  20 */ 0x17, 0x1c, 0x18, 0x0c, 0x12, 0x13, 0x2f, 0x30, 0x28, 0xe0,
	/*  30 */ 0x04, 0x16, 0x07, 0x09, 0x0a, 0x0b, 0x0d, 0x0e, 0x0f, 0x33,
	/*  40 */ 0x34, 0x35, 0xe1, 0x31, 0x1d, 0x1b, 0x06, 0x19, 0x05, 0x11,
	/*  50 */ 0x10, 0x36, 0x37, 0x38, 0xe5, 0x55, 0xe2, 0x2c, 0x39, 0x3a,
	/*  60 */ 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x41, 0x42, 0x43, 0x53,
	/*  70 */ 0x47, 0x5f, 0x60, 0x61, 0x56, 0x5c, 0x5d, 0x5e, 0x57, 0x59,
	/*  80 */ 0x5a, 0x5b, 0x62, 0x63, 0x00, 0x00, 0x64, 0x44, 0x45, 0x00,
	/*  90 */ 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x58, 0xe4, 0x54, 0x46,
	/* 100 */ 0xe6, 0x00, 0x4a, 0x52, 0x4b, 0x50, 0x4f, 0x4d, 0x51, 0x4e,
	/* 110 */ 0x49, 0x4c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x67, 0x00, 0x48,
	/* 120 */ 0x00, 0x00, 0x00, 0x00, 0x00, 0xe3, 0xe7,
};
/* clang-format on */

uint8_t keymap_usage(unsigned key)
{
	return key < ARRAY_SIZE(linux_keys) ? linux_keys[key] : 0;
}

static bool keymap_has(const struct keymap *map, enum keymap_modifier which)
{
	return map->modifiers & which;
}

/* Keypad keys that type no digit are those of the other block. */
static uint8_t keymap_pad(const struct keymap *map, uint8_t usage)
{
	if (usage < KEYPAD_1 || usage > KEYPAD_POINT)
		return usage;
	if (map->num != keymap_has(map, KEYMAP_SHIFT))
		return usage;
	return pad_moves[usage - KEYPAD_1];
}

/* The character of a key, or 0: it has none. */
static char keymap_char(const struct keymap *map, uint8_t usage)
{
	bool shift = keymap_has(map, KEYMAP_SHIFT);

	if (usage >= KEY_A && usage <= KEY_Z)
		shift ^= map->caps;
	if (usage >= KEY_A && usage <= KEY_SLASH)
		return main_keys[usage - KEY_A][shift];
	if (usage >= KEYPAD_SLASH && usage <= KEY_EXTRA)
		return pad_keys[usage - KEYPAD_SLASH][shift];
	return usage == KEYPAD_EQUAL ? '=' : 0;
}

/*
 * With Ctrl, only the characters that have a control code change: a terminal
 * sends Ctrl and - as -, not as 0x2d & 0x1f, which is Enter.
 */
static char keymap_control(const struct keymap *map, char c)
{
	if (!keymap_has(map, KEYMAP_CTRL) || (c != ' ' && c < '@'))
		return c;
	return c & 0x1f;
}

static unsigned keymap_type(const struct keymap *map, uint8_t usage, char *buf)
{
	char c = keymap_char(map, usage);
	unsigned n = 0;

	if (c) {
		if (keymap_has(map, KEYMAP_ALT))
			buf[n++] = ESC;
		buf[n++] = keymap_control(map, c);
	} else if (usage >= KEY_F1 && usage <= KEY_UP) {
		n = (unsigned)strlen(sequences[usage - KEY_F1]);
		memcpy(buf, sequences[usage - KEY_F1], n);
	}
	return n;
}

unsigned keymap_press(struct keymap *map, uint8_t usage, bool repeat, char *buf)
{
	switch (usage) {
	case KEY_CAPS_LOCK:
		map->caps ^= !repeat;
		return 0;
	case KEY_NUM_LOCK:
		map->num ^= !repeat;
		return 0;
	default:
		return keymap_type(map, keymap_pad(map, usage), buf);
	}
}

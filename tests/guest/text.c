// SPDX-License-Identifier: BSD-2-Clause
// Writes to stdout what boots show, and prints the ticks until it was visible:
// firmware may collect text until someone reads input.

#include "tests/guest/lib/guest.h"

#define LINES 1000u
#define SCROLLED 100u
#define WIDTH 40u

static uint32_t out, in;

static void put(const char *text, uint32_t len)
{
	ci1("write", 3, out, cell(text), len, 0);
}

/* Byte by byte, as GRUB does. [grub-core/term/ieee1275/console.c] */
static void put_bytes(const char *text)
{
	for (; *text; text++)
		put(text, 1);
}

static void show(void)
{
	char key[16];

	ci1("read", 3, in, cell(key), sizeof(key), 0);
}

static void put_lines(uint32_t count)
{
	char line[WIDTH + 2];

	for (uint32_t n = 0; n < count; n++) {
		for (uint32_t i = 0; i < WIDTH; i++)
			line[i] = (char)('!' + (n + i) % 94);
		line[WIDTH] = '\r';
		line[WIDTH + 1] = '\n';
		put(line, sizeof(line));
	}
	show();
}

/* Each line is visible before the next one comes. */
static void scroll_slowly(uint32_t count)
{
	while (count-- > 0)
		put_lines(1);
}

static void go_to(uint32_t row, uint32_t column)
{
	char text[] = "\033[00;00H";

	text[2] = (char)('0' + row / 10);
	text[3] = (char)('0' + row % 10);
	text[5] = (char)('0' + column / 10);
	text[6] = (char)('0' + column % 10);
	put_bytes(text);
}

static void repeat(const char *text, uint32_t count)
{
	while (count-- > 0)
		put_bytes(text);
}

static void put_entry(uint32_t row, const char *text)
{
	go_to(row, 3);
	put_bytes(text);
	repeat(" ", 76 - (uint32_t)strlen(text));
}

/* The menu of GRUB 2.06 with a box of 76 by 26, as it writes it. */
static void draw_menu(uint32_t unused)
{
	(void)unused;
	put_bytes("\033[37m\033[40m\f\r\n\n");
	go_to(2, 23);
	put_bytes("GNU GRUB  version 2.06-13+deb12u2\n\n\r");
	go_to(4, 2);
	put_bytes("+");
	repeat("-", 76);
	put_bytes("+");
	for (uint32_t row = 5; row < 31; row++) {
		go_to(row, 2);
		put_bytes("|");
		go_to(row, 79);
		put_bytes("|");
	}
	go_to(31, 2);
	put_bytes("+");
	repeat("-", 76);
	put_bytes("+");
	go_to(33, 5);
	put_bytes("Use the ^ and v keys to select which entry is highlighted.");
	go_to(34, 5);
	put_bytes("Press enter to boot the selected OS, `e' to edit the "
		  "commands");
	go_to(35, 5);
	put_bytes("before booting or `c' for a command-line.");
	for (uint32_t row = 5; row < 31; row++)
		put_entry(row, row < 8 ? " Debian GNU/Linux" : "");
	put_bytes("\033[30m\033[47m");
	put_entry(5, "*Debian GNU/Linux");
	show();
}

static void measure(const char *name, void (*work)(uint32_t), uint32_t count)
{
	uint64_t start, end;

	guest_timebase(&start);
	work(count);
	guest_timebase(&end);
	guest_print("\r\nTEXT ");
	guest_print(name);
	guest_print(" ticks ");
	guest_print_hex(end - start, 16);
	guest_print("\r\n");
}

int guest_main(void)
{
	out = guest_number("/chosen", "stdout", 0);
	in = guest_number("/chosen", "stdin", 0);
	put_lines(50);
	measure("scroll", scroll_slowly, SCROLLED);
	measure("menu", draw_menu, 0);
	if (guest_argument_number("lines", 1))
		measure("lines", put_lines, LINES);
	return 0;
}

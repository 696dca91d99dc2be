// SPDX-License-Identifier: BSD-2-Clause
// yaboot's prompt: reads the console byte by byte, whatever read() returns.

#include "tests/guest/clients/yaboot/yaboot.h"

char typed[LINE_SIZE];

static uint32_t milliseconds(void)
{
	return ci1("milliseconds", 0, 0, 0, 0, 0);
}

// prom_getchar() without a key: the byte when read() does not return 1.
static void idle_console_gives_nul(void)
{
	uint32_t in = guest_number("/chosen", "stdin", 0), n, i;
	unsigned char c[2];

	for (i = 0; i < 10; i++) {
		c[0] = c[1] = 0x7f;
		n = read_bytes(in, c, 1);
		expect_not(n, MISSING, "read, with no key");
		expect(n == 0 || c[0] == 0, "the byte of no key is not 0");
		expect_is(c[1], 0x7f, "the byte after");
	}
}

// The next key; 0 if none came before the deadline, -1 at the console's end.
static int next_key(uint32_t in, uint32_t start)
{
	unsigned char c;
	uint32_t n;

	while (milliseconds() - start < 1000 * PROMPT_SECONDS) {
		c = 0;
		n = read_bytes(in, &c, 1);
		if (n == MISSING)
			return -1;
		if (n && c)
			return c;
	}
	return 0;
}

static void user_is_heard(void)
{
	uint32_t in = guest_number("/chosen", "stdin", 0);
	uint32_t out = guest_number("/chosen", "stdout", 0);
	uint32_t start = milliseconds(), n = 0;
	char c;
	int key;

	write_bytes(out, "\r\nboot: ", 8);
	while ((key = next_key(in, start)) > 0 && key != '\r' && key != '\n') {
		c = (char)key;
		expect_is(write_bytes(out, &c, 1), 1, "write of a key");
		if (n < LINE_SIZE - 1)
			typed[n++] = c;
	}
	write_bytes(out, "\r\n", 2);
	expect(key >= 0, "read says -1, which ends the console");
	expect(key > 0, "nobody typed a line");
	note(typed);
	expect(has_text(typed, "linux "), "the line is not what was typed");
}

static void arguments_are_set(void)
{
	uint32_t chosen = find("/chosen"), n = (uint32_t)strlen(typed) + 1;
	char text[LINE_SIZE];

	expect_is(ci1("setprop", 4, chosen, cell("bootargs"), cell(typed), n),
		  n, "setprop");
	memset(text, 0, sizeof(text));
	expect_is(get_property(chosen, "bootargs", text, sizeof(text)), n,
		  "getprop");
	expect_text(text, typed, "bootargs");
}

// prom_read() and prom_sleep() wait by words.
static void words_wait(void)
{
	uint64_t start = timebase(), ticks;
	uint32_t ms = timebase_hz() / 1000, before = milliseconds();

	expect_is(interpret(" 10 ms"), 0, "catch-result");
	ticks = timebase() - start;
	expect(ticks >= 10 * (uint64_t)ms, "it took less than 10 ms");
	expect(ticks < 2000 * (uint64_t)ms, "it took more than 2 s");
	expect(milliseconds() - before >= 9, "milliseconds went on by less");
}

static void unknown_words_are_refused(void)
{
	uint32_t root = find("/");

	expect_not(interpret("quoin-has-no-such-word"), 0, "catch-result");
	expect_is(find("/"), root, "finddevice afterwards");
}

#define PROM "yaboot second/prom.c"

static const struct test_case cases[] = {
	RUNS("yaboot: a console without a key gives 0 or a NUL, never -1", PROM,
	     EXPECTED, idle_console_gives_nul),
	RUNS("yaboot: keys arrive one by one in the order typed", PROM,
	     EXPECTED, user_is_heard),
	RUNS("yaboot: bootargs are what was typed", "yaboot second/yaboot.c",
	     EXPECTED, arguments_are_set),
	RUNS("yaboot: interpret of ' 10 ms' waits 10 ms", PROM, EXPECTED,
	     words_wait),
	RUNS("yaboot: unknown words give a catch-result", "IEEE 1275 6.3.2.6",
	     REQUIRED, unknown_words_are_refused),
};

GROUP("50", "prompt", NULL);

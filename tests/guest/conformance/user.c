// SPDX-License-Identifier: BSD-2-Clause
// The user interface: interpret, set-callback, set-symbol-lookup
// (IEEE 1275-1994 6.3.2.6).

#include "tests/guest/conformance/ranges.h"

#define TEXT_SIZE 65536u
#define RESULTS 6

// The text under construction.
static struct {
	char text[256];
	unsigned int length;
} made;

static void add(const char *text)
{
	while (*text && made.length < sizeof(made.text) - 1)
		made.text[made.length++] = *text++;
	made.text[made.length] = 0;
}

static void add_hex(uint32_t number)
{
	char digits[19];

	add(guest_hex(digits, number) + 2);
}

// "<value> <address> <word>"
static const char *store_text(uint32_t value, const void *at, const char *word)
{
	made.length = 0;
	add_hex(value);
	add(" ");
	add_hex(cell(at));
	add(" ");
	add(word);
	return made.text;
}

static uint32_t ms_passed(uint64_t since)
{
	uint64_t ticks = timebase() - since;

	// 32 bits: a 32-bit client has no 64-bit division.
	if (ticks > UINT32_MAX)
		ticks = UINT32_MAX;
	return (uint32_t)ticks / (timebase_hz() / 1000);
}

static void yaboot_delay(void)
{
	uint64_t start = timebase();
	uint32_t passed;

	expect_is(interpret(" 10 ms"), 0, "the catch-result");
	passed = ms_passed(start);
	expect(passed >= 10, "it took less than 10 ms");
	expect(passed < 5000, "it took over 5 s");
}

static void delay_is_hexadecimal(void)
{
	uint64_t start = timebase();

	expect_is(interpret("40 ms"), 0, "the catch-result");
	expect(ms_passed(start) >= 0x40, "it took less than 64 ms");
	start = timebase();
	expect_is(interpret("0 ms"), 0, "the catch-result of 0 ms");
	expect(ms_passed(start) < 5000, "0 ms took over 5 s");
}

static void store_long(void)
{
	static const unsigned char want[] = {
		CASES_FILL, CASES_FILL, CASES_FILL, CASES_FILL, 0xca,
		0xfe,	    0xc0,	0xde,	    CASES_FILL, CASES_FILL
	};

	expect_is(interpret(store_text(0xcafec0de, cases_buffer + 4, "l!")), 0,
		  "the catch-result");
	expect_bytes(cases_buffer, want, sizeof(want), "memory");
}

static void store_word(void)
{
	static const unsigned char want[] = {
		CASES_FILL, CASES_FILL, 0xc0, 0xde, CASES_FILL, CASES_FILL
	};

	expect_is(interpret(store_text(0xc0de, cases_buffer + 2, "w!")), 0,
		  "the catch-result");
	expect_bytes(cases_buffer, want, sizeof(want), "memory");
}

static void store_byte(void)
{
	static const unsigned char want[] = { CASES_FILL, 0xad, CASES_FILL,
					      CASES_FILL };

	expect_is(interpret(store_text(0xad, cases_buffer + 1, "c!")), 0,
		  "the catch-result");
	expect_bytes(cases_buffer, want, sizeof(want), "memory");
}

// An overlong number stores its low part (ANS Forth 3.1.2, C!).
static void store_low_part(void)
{
	static const unsigned char want[] = { CASES_FILL, 0xde, 0xc0, 0xde,
					      CASES_FILL };

	interpret(store_text(0xcafec0de, cases_buffer + 1, "c!"));
	interpret(store_text(0xcafec0de, cases_buffer + 2, "w!"));
	expect_bytes(cases_buffer, want, sizeof(want), "memory");
}

static void two_stores(void)
{
	store_text(0x11, cases_buffer, "c! ");
	add("22 ");
	add_hex(cell(cases_buffer) + 2);
	add(" c!");
	expect_is(interpret(made.text), 0, "the catch-result");
	expect_is(cases_buffer[0], 0x11, "the first byte");
	expect_is(cases_buffer[1], CASES_FILL, "the byte between");
	expect_is(cases_buffer[2], 0x22, "the second byte");
}

static void bad_store(void)
{
	uint32_t root = find("/");

	expect_not(interpret("cafec0de fffffffc l!"), UNTOUCHED,
		   "the catch-result");
	expect_is(find("/"), root, "finddevice afterwards");
}

static void own_store(void)
{
	uint32_t root = find("/");

	made.length = 0;
	add("0 ");
	add_hex((uint32_t)guest_entry.gpr[5]);
	add(" l!");
	expect_not(interpret(made.text), 0, "the catch-result");
	expect_is(find("/"), root, "finddevice afterwards");
}

static void aix_property(void)
{
	static const char text[] =
		"dev / 0 0 s\" ibm,conformance-diagnostics\" property";
	uint32_t root = find("/"), children = ci1("child", 1, root, 0, 0, 0);
	const char *name = "ibm,conformance-diagnostics";

	expect_is(interpret(text), 0, "the catch-result");
	expect_is(ci1("getproplen", 2, root, cell(name), 0, 0), 0,
		  "getproplen of the property");
	expect_is(ci1("getproplen", 2, find("/chosen"), cell(name), 0, 0),
		  MISSING, "getproplen of it at another node");
	expect_is(ci1("child", 1, root, 0, 0, 0), children, "the first child");
}

static void unknown(void)
{
	uint32_t catch = interpret("no-such-word-is-known");

	expect_not(catch, 0, "the catch-result");
	expect_not(catch, UNTOUCHED, "the catch-result");
}

// r3 is 0 and the catch-result comes first; the firmware decides what is below
// it on the stack.
static void check_results(const char *text, bool good)
{
	uint32_t cells[1 + RESULTS], i;

	cells[0] = cell(text);
	for (i = 1; i <= RESULTS; i++)
		cells[i] = UNTOUCHED;
	expect_is((uint32_t)ci("interpret", 1, RESULTS, cells), 0, "r3");
	if (good)
		expect_is(cells[1], 0, "the catch-result");
	else
		expect_not(cells[1], 0, "the catch-result");
}

static void results_of_good(void)
{
	check_results("", true);
}

static void results_of_bad(void)
{
	check_results("no-such-word-is-known", false);
}

static void arguments(void)
{
	uint32_t cells[8] = { cell(""), 1, 2, 3, 4, 5, 6, UNTOUCHED };
	uint32_t root = find("/");

	expect_is((uint32_t)ci("interpret", 7, 1, cells), 0, "r3");
	expect_is(cells[7], 0, "the catch-result");
	cells[0] = cell("no-such-word-is-known");
	cells[7] = UNTOUCHED;
	expect_is((uint32_t)ci("interpret", 7, 1, cells), 0, "r3");
	expect_not(cells[7], 0, "the catch-result of unknown text");
	expect_not(cells[7], UNTOUCHED, "the catch-result of unknown text");
	expect_is(find("/"), root, "finddevice afterwards");
}

static void without_results(void)
{
	uint32_t cells[1] = { cell("no-such-word-is-known") };

	expect_is((uint32_t)ci("interpret", 1, 0, cells), 0, "r3");
	cells[0] = cell("");
	expect_is((uint32_t)ci("interpret", 1, 0, cells), 0, "r3");
}

// Firmware without Forth may check a whole text before it runs any of it.
static bool looks_first(void)
{
	store_text(0x33, cases_buffer + 64, "c! no-such-word-is-known");
	interpret(made.text);
	if (cases_buffer[64] == CASES_FILL)
		return true;
	skip("the firmware runs a text word by word");
	return false;
}

static void half_known(void)
{
	if (!looks_first())
		return;
	store_text(0xcafec0de, cases_buffer, "l! 10 ms no-number ms");
	expect_not(interpret(made.text), 0, "the catch-result");
	expect_is(cases_buffer[0], CASES_FILL,
		  "a byte that the first half would store");
}

static void half_bad(void)
{
	if (!looks_first())
		return;
	store_text(0x11, cases_buffer, "c! 22 ");
	add_hex((uint32_t)guest_entry.gpr[5]);
	add(" c!");
	expect_not(interpret(made.text), 0, "the catch-result");
	expect_is(cases_buffer[0], CASES_FILL,
		  "a byte that the first half would store");
}

static void blanks(void)
{
	expect_is(interpret("  cursor-on"), 0, "blanks in front");
	expect_is(interpret("cursor-on  \r\n"), 0, "blanks behind");
	expect_is(interpret("cursor-on\tcursor-off"), 0, "a tabulator");
	expect_is(interpret(" "), 0, "nothing but a blank");
	expect_is(interpret(""), 0, "no text");
}

static void bad_delay(void)
{
	uint64_t start = timebase();

	expect_not(interpret("no-number ms"), 0, "the catch-result");
	expect(ms_passed(start) < 5000, "it took over 5 s");
}

// Client abuse: the call fails and the firmware survives.
static void survives(uint32_t text)
{
	uint32_t root = find("/"), got = ci1("interpret", 1, text, 0, 0, 0);

	expect_not(got, 0, "the catch-result");
	expect_is(find("/"), root, "finddevice afterwards");
}

// Memory at 0 may hold a valid text, even an empty one.
static void text_null(void)
{
	uint32_t root = find("/");

	expect_not(ci1("interpret", 1, 0, 0, 0, 0), UNTOUCHED,
		   "the catch-result");
	expect_is(find("/"), root, "finddevice afterwards");
}

static void text_wild(void)
{
	uint64_t end = memory_size();

	if (!end || end > 0xf0000000) {
		skip("memory goes to 4 GiB");
		return;
	}
	survives(MISSING);
	survives(0xfffffff0);
	survives((uint32_t)end);
}

static void text_one_word(void)
{
	static char text[TEXT_SIZE + 17];

	memset(text, 'x', sizeof(text) - 1);
	survives(cell(text));
}

static void text_long(void)
{
	static char text[TEXT_SIZE];
	uint32_t root = find("/");

	memset(text, ' ', sizeof(text) - 1);
	memcpy(text + sizeof(text) - 10, "cursor-on", 9);
	expect_not(interpret(text), UNTOUCHED, "of blanks and a word");
	expect_is(find("/"), root, "finddevice afterwards");
}

static void text_binary(void)
{
	static char text[256];
	uint32_t root = find("/"), i;

	for (i = 0; i < 255; i++)
		text[i] = (char)(255 - i);
	expect_not(interpret(text), 0, "the catch-result");
	expect_not(interpret("\xff\xfe"), 0, "of two bytes");
	expect_is(find("/"), root, "finddevice afterwards");
}

static uint32_t set_callback(uint32_t callback)
{
	return ci1("set-callback", 1, callback, 0, 0, 0);
}

// li r3, -1; blr: a callback that knows no service. Firmware may call it at
// once (LoPAR C.5.2.6).
static uint32_t make_callback(unsigned char *at)
{
	store_cell(at, 0x3860ffff);
	store_cell(at + 4, 0x4e800020);
	__asm__ volatile("dcbst 0, %0; sync; icbi 0, %0; sync; isync"
			 :
			 : "r"(at)
			 : "memory");
	return cell(at);
}

static void callback(void)
{
	uint32_t one = make_callback(cases_buffer);
	uint32_t two = make_callback(cases_buffer + 64);
	uint32_t first = set_callback(one);

	expect_not(first, UNTOUCHED, "set-callback");
	expect_is(set_callback(two), one, "the callback set before");
	expect_is(set_callback(first), two, "the callback set last");
	expect_is(set_callback(first), first, "the first callback");
}

static void callback_status(void)
{
	uint32_t cells[2] = { 0, UNTOUCHED };

	expect_is((uint32_t)ci("set-callback", 1, 1, cells), 0, "r3");
	expect_not(cells[1], UNTOUCHED, "the old callback");
	cells[0] = cells[1];
	expect_is((uint32_t)ci("set-callback", 1, 1, cells), 0, "r3");
	expect_is(cells[1], 0, "the callback that was set: none");
}

static void symbols(void)
{
	uint32_t cells[2] = { cell(cases_buffer), cell(cases_buffer) };

	expect_is((uint32_t)ci("set-symbol-lookup", 2, 0, cells), 0, "r3");
	cells[0] = cells[1] = 0;
	expect_is((uint32_t)ci("set-symbol-lookup", 2, 0, cells), 0,
		  "r3 for no routines");
}

// Firmware must not call them at once. The last ones set are valid.
static void wild_callbacks(void)
{
	static const uint32_t wild[] = { 0xfffffff0, MISSING, 1 };
	uint32_t first = set_callback(0), cells[2], i;

	for (i = 0; i < 3; i++) {
		set_callback(wild[i]);
		cells[0] = cells[1] = wild[i];
		ci("set-symbol-lookup", 2, 0, cells);
		expect_alive();
	}
	cells[0] = cells[1] = 0;
	ci("set-symbol-lookup", 2, 0, cells);
	set_callback(first);
	expect_alive();
}

static const struct test_case cases[] = {
	CALLS("GRUB: interpret of output-device output succeeds",
	      "GRUB term/ieee1275/console.c", EXPECTED, "interpret",
	      IN(TEXT("output-device output")), OUT(IS(0))),
	CALLS("GRUB: interpret of cursor-on succeeds",
	      "GRUB term/ieee1275/console.c", EXPECTED, "interpret",
	      IN(TEXT("cursor-on")), OUT(IS(0))),
	CALLS("GRUB: interpret of cursor-off succeeds",
	      "GRUB term/ieee1275/console.c", EXPECTED, "interpret",
	      IN(TEXT("cursor-off")), OUT(IS(0))),
	RUNS("yaboot: interpret of ' 10 ms' waits", "yaboot prom.c", EXPECTED,
	     yaboot_delay),
	RUNS("the numbers of interpret are hexadecimal", "IEEE 1275 7.3",
	     EXPECTED, delay_is_hexadecimal),
	CALLS("yaboot: interpret of its definitions is answered",
	      "yaboot prom.c", EXPECTED, "interpret",
	      IN(TEXT(": D2NIP ( a b -- b ) swap drop ;")),
	      OUT(NOT(UNTOUCHED))),
	RUNS("interpret of l! stores 4 bytes, big-endian", "IEEE 1275 7.3",
	     EXPECTED, store_long),
	RUNS("interpret of w! stores 2 bytes", "IEEE 1275 7.3", EXPECTED,
	     store_word),
	RUNS("interpret of c! stores a byte", "IEEE 1275 7.3", EXPECTED,
	     store_byte),
	RUNS("interpret of c! and w! stores the low part of a long number",
	     "IEEE 1275 7.3", EXPECTED, store_low_part),
	RUNS("interpret runs all phrases of a text", "IEEE 1275 6.3.2.6",
	     EXPECTED, two_stores),
	RUNS("interpret of a store outside memory is survived",
	     "IEEE 1275 6.3.2.6", EXPECTED, bad_store),
	RUNS("interpret of a store to the firmware's code fails",
	     "IEEE 1275 6.3.2.6", EXPECTED, own_store),
	RUNS("AIX: interpret of dev / 0 0 s\" ...\" property makes it",
	     "AIX boot-command recipe", EXPECTED, aix_property),
	CALLS("interpret of a comment does nothing", "IEEE 1275 7.3", EXPECTED,
	      "interpret", IN(TEXT("\\ no-such-word")), OUT(IS(0))),
	RUNS("interpret of an unknown word gives a catch-result",
	     "IEEE 1275 6.3.2.6", REQUIRED, unknown),
	RUNS("interpret gives the catch-result first", "IEEE 1275 6.3.2.6",
	     REQUIRED, results_of_good),
	RUNS("interpret of unknown text gives the catch-result first",
	     "IEEE 1275 6.3.2.6", REQUIRED, results_of_bad),
	RUNS("interpret takes arguments for the stack", "IEEE 1275 6.3.2.6",
	     REQUIRED, arguments),
	RUNS("interpret may be called without results", "IEEE 1275 6.3.1",
	     EXPECTED, without_results),
	RUNS("interpret of half-known text does nothing of it",
	     "IEEE 1275 6.3.2.6", EXTENSION, half_known),
	RUNS("interpret of text with a forbidden address does nothing of it",
	     "IEEE 1275 6.3.2.6", EXTENSION, half_bad),
	RUNS("interpret ignores blanks and line ends", "IEEE 1275 6.3.2.6",
	     EXPECTED, blanks),
	RUNS("interpret of ms after an unknown word fails", "IEEE 1275 6.3.2.6",
	     EXPECTED, bad_delay),
	RUNS("interpret of text at address 0 is survived", "IEEE 1275 6.3.2.6",
	     EXPECTED, text_null),
	RUNS("interpret of text outside memory fails", "IEEE 1275 6.3.2.6",
	     EXPECTED, text_wild),
	RUNS("interpret of one word of over 64 KiB fails", "IEEE 1275 6.3.2.6",
	     EXPECTED, text_one_word),
	RUNS("interpret of 64 KiB of blanks is survived", "IEEE 1275 6.3.2.6",
	     EXPECTED, text_long),
	RUNS("interpret of binary text fails", "IEEE 1275 6.3.2.6", EXPECTED,
	     text_binary),
	RUNS("set-callback returns the callback set before",
	     "IEEE 1275 6.3.2.6", REQUIRED, callback),
	RUNS("set-callback takes none for a callback", "IEEE 1275 6.3.2.6",
	     REQUIRED, callback_status),
	RUNS("set-symbol-lookup is accepted", "IEEE 1275 6.3.2.6", REQUIRED,
	     symbols),
	RUNS("wild pointers of set-callback and set-symbol-lookup do no harm",
	     "IEEE 1275 6.3.2.6", EXPECTED, wild_callbacks),
};

GROUP("75", "user interface", NULL);

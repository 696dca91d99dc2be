// SPDX-License-Identifier: BSD-2-Clause
// Runs test cases and prints their results in TAP 14.

#include "tests/guest/lib/cases.h"

#define MISSING UINT32_MAX

enum verdict {
	GOOD,
	BAD,
	SKIPPED
};

unsigned char cases_buffer[CASES_BUFFER];

static struct {
	const struct test_group *group;
	const struct test_case *test;
	unsigned int number; // of test, from 1 over all groups
	enum verdict verdict;
	bool printed;
	char why[192];
	unsigned int why_length;
} now;

static void why_text(const char *text)
{
	for (; *text && now.why_length < sizeof(now.why) - 1; text++)
		now.why[now.why_length++] = *text == '"' ? '\'' : *text;
	now.why[now.why_length] = 0;
}

static void why_number(uint64_t number)
{
	char text[19];

	why_text(guest_hex(text, number));
}

// Whether to report this failure: only the first one is.
static bool fails(bool good, const char *what)
{
	if (good || now.verdict != GOOD)
		return false;
	now.verdict = BAD;
	now.why_length = 0;
	why_text(what);
	return true;
}

bool expect(bool good, const char *what)
{
	fails(good, what);
	return good;
}

bool expect_is(uint64_t got, uint64_t want, const char *what)
{
	if (fails(got == want, what)) {
		why_text(": got ");
		why_number(got);
		why_text(", want ");
		why_number(want);
	}
	return got == want;
}

bool expect_not(uint64_t got, uint64_t bad, const char *what)
{
	if (fails(got != bad, what)) {
		why_text(": got ");
		why_number(got);
	}
	return got != bad;
}

bool expect_bytes(const void *got, const void *want, uint32_t length,
		  const char *what)
{
	const unsigned char *g = got, *w = want;
	uint32_t i;

	for (i = 0; i < length && g[i] == w[i]; i++)
		;
	if (i == length)
		return true;
	if (fails(false, what)) {
		why_text(": byte ");
		why_number(i);
		why_text(" is ");
		why_number(g[i]);
		why_text(", want ");
		why_number(w[i]);
	}
	return false;
}

bool expect_text(const char *got, const char *want, const char *what)
{
	size_t n = strlen(want);
	bool good = strlen(got) == n && !memcmp(got, want, n);

	if (fails(good, what)) {
		why_text(": got '");
		why_text(got);
		why_text("', want '");
		why_text(want);
		why_text("'");
	}
	return good;
}

void skip(const char *reason)
{
	if (now.verdict == BAD)
		return;
	now.verdict = SKIPPED;
	now.why_length = 0;
	why_text(reason);
}

void note(const char *text)
{
	guest_print("# ");
	guest_print(text);
	guest_print("\r\n");
}

void note_number(const char *text, uint64_t number)
{
	char digits[19];

	guest_print("# ");
	guest_print(text);
	guest_print(" ");
	guest_print(guest_hex(digits, number));
	guest_print("\r\n");
}

static const char *const level_names[] = { "required", "expected",
					   "extension" };

void cases_verdict(void)
{
	if (now.printed)
		return;
	now.printed = true;
	// The firmware may have left its cursor in a line.
	guest_print(now.verdict == BAD ? "\r\nnot ok " : "\r\nok ");
	guest_print_decimal(now.number);
	guest_print(" - ");
	guest_print(now.test->name);
	guest_print(" # ");
	guest_print(now.verdict == SKIPPED ? "SKIP " : now.test->source);
	if (now.verdict == SKIPPED)
		guest_print(now.why);
	guest_print("\r\n");
	if (now.verdict != BAD)
		return;
	guest_print("  ---\r\n  level: ");
	guest_print(level_names[now.test->level]);
	guest_print("\r\n  message: \"");
	guest_print(now.why);
	guest_print("\"\r\n  ...\r\n");
}

static uint32_t find(const char *path)
{
	return ci1("finddevice", 1, cell(path), 0, 0, 0);
}

static uint32_t make_argument(const struct argument *a)
{
	switch (a->kind) {
	case ARG_TEXT:
		return cell(a->text);
	case ARG_NODE:
		return find(a->text);
	case ARG_OPEN:
		return ci1("open", 1, cell(a->text), 0, 0, 0);
	case ARG_CHOSEN:
		return guest_number("/chosen", a->text, 0);
	case ARG_BUFFER:
		return cell(cases_buffer) + a->number;
	case ARG_FIRMWARE:
		return (uint32_t)guest_entry.gpr[5];
	default:
		return a->number;
	}
}

static void check_result(const struct result *want, uint32_t got,
			 const char *what)
{
	switch (want->kind) {
	case WANT_NUMBER:
		expect_is(got, want->number, what);
		break;
	case WANT_NOT:
		expect_not(got, want->number, what);
		break;
	case WANT_HANDLE:
		if (expect_not(got, 0, what))
			expect_not(got, MISSING, what);
		break;
	case WANT_NODE:
		expect_is(got, find(want->text), what);
		break;
	case WANT_MOST:
		if (got > want->number)
			expect_is(got, want->number, what);
		break;
	default:
		break;
	}
}

static void check_buffer(const struct test_case *t)
{
	uint32_t i;

	if (!t->bytes)
		return;
	expect_bytes(cases_buffer, t->bytes, t->length, "the buffer");
	for (i = t->length; i < sizeof(cases_buffer); i++)
		if (cases_buffer[i] != CASES_FILL)
			break;
	expect_is(i, sizeof(cases_buffer),
		  "bytes after the buffer's end "
		  "keep their value up to");
}

static void check_call(const struct test_case *t, int32_t status,
		       const uint32_t *cells)
{
	static const char *const names[CASE_RESULTS] = { "the first result",
							 "the second result",
							 "the third result",
							 "the fourth result" };
	unsigned int i;

	if (t->status == STATUS_FAILED)
		expect_is((uint32_t)status, MISSING, "r3 after the call");
	else if (t->status == STATUS_DONE)
		expect_is((uint32_t)status, 0, "r3 after the call");
	if (status || t->status == STATUS_FAILED)
		return;
	for (i = 0; i < t->nrets; i++)
		check_result(&t->out[i], cells[t->nargs + i], names[i]);
}

static void close_opened(const struct test_case *t, const uint32_t *cells)
{
	unsigned int i;

	for (i = 0; i < t->nargs; i++) {
		uint32_t ihandle = cells[i];

		if (t->in[i].kind == ARG_OPEN && ihandle && ihandle != MISSING)
			ci("close", 1, 0, &ihandle);
	}
}

static void run_call(const struct test_case *t)
{
	uint32_t cells[CASE_ARGUMENTS + CASE_RESULTS];
	const void *code = (const void *)(uintptr_t)guest_entry.gpr[5];
	unsigned char kept[64];
	unsigned int i;
	int32_t status;

	if (t->level == EXTENSION &&
	    ci1("test", 1, cell(t->service), 0, 0, 0)) {
		skip("the firmware has no such service");
		return;
	}
	for (i = 0; i < t->nargs; i++)
		cells[i] = make_argument(&t->in[i]);
	for (; i < t->nargs + t->nrets; i++)
		cells[i] = 0xdeadbeef;
	memcpy(kept, code, sizeof(kept));
	status = ci(t->service, t->nargs, t->nrets, cells);
	expect_bytes(code, kept, sizeof(kept), "the firmware's own code");
	check_call(t, status, cells);
	check_buffer(t);
	close_opened(t, cells);
}

static void set_now(const struct test_group *group,
		    const struct test_case *test, unsigned int number)
{
	now.group = group;
	now.test = test;
	now.number = number;
	now.verdict = GOOD;
	now.printed = false;
}

static void run_case(void)
{
	memset(cases_buffer, CASES_FILL, sizeof(cases_buffer));
	guest_ci_overrun = false;
	if (now.test->run)
		now.test->run();
	else
		run_call(now.test);
	expect(!guest_ci_overrun, "the call wrote beyond its result cells");
	cases_verdict();
}

static bool same(const char *a, const char *b)
{
	size_t n = strlen(a);

	return n == strlen(b) && !memcmp(a, b, n);
}

// The cases that the arguments select.
static struct {
	char run[16];
	uint32_t from, only, resumed;
} asked;

static void run_or_skip(void)
{
	const char *own = now.group->own_run;

	if (asked.only ? now.number != asked.only : now.number < asked.from)
		return;
	if (asked.run[0] ? own && same(own, asked.run) : !own) {
		run_case();
	} else if (!asked.run[0] && own) {
		skip("in a run of its own, run=");
		why_text(own);
		cases_verdict();
	}
}

// For programs: a case's data, without calling the firmware.
static void list_case(void)
{
	guest_print("# case ");
	guest_print_decimal(now.number);
	guest_print(" | ");
	guest_print(now.group->name);
	guest_print(" | ");
	guest_print(now.group->own_run ? now.group->own_run : "main");
	guest_print(" | ");
	guest_print(level_names[now.test->level]);
	guest_print(" | ");
	guest_print(now.test->source);
	guest_print(" | ");
	guest_print(now.test->name);
	guest_print("\r\n");
}

// guest.lds
extern const struct test_group guest_groups_start[], guest_groups_end[];

static unsigned int for_each(void (*each)(void))
{
	const struct test_group *g;
	unsigned int c, number = 0;

	for (g = guest_groups_start; g < guest_groups_end; g++)
		for (c = 0; c < g->count; c++) {
			set_now(g, &g->cases[c], ++number);
			each();
		}
	return number;
}

static void count_case(void)
{
}

// The argument of cases_enter_anew(); bss is zeroed at the client's start.
static uint32_t entered_anew __attribute__((section(".data")));

void cases_enter_anew(bool anew)
{
	entered_anew = anew ? now.number : 0;
}

static void resume(void)
{
	if (now.number != asked.resumed)
		return;
	memset(cases_buffer, CASES_FILL, sizeof(cases_buffer));
	if (now.test->resumed)
		now.test->resumed();
	cases_verdict();
}

static void print_plan(void)
{
	guest_print("\r\nTAP version 14\r\n1..");
	guest_print_decimal(for_each(count_case));
	guest_print("\r\n");
}

void cases_main(void)
{
	guest_choose_output();
	if (!entered_anew)
		print_plan();
	guest_argument("run", asked.run, sizeof(asked.run));
	if (same(asked.run, "list")) {
		for_each(list_case);
		cases_end();
	}
	asked.from = guest_argument_number("from", 0);
	asked.only = guest_argument_number("only", 0);
	asked.resumed = entered_anew ? entered_anew
				     : guest_argument_number("resumed", 0);
	for_each(asked.resumed ? resume : run_or_skip);
	cases_end();
}

void cases_leave(const char *how)
{
	guest_print("# leave ");
	guest_print_decimal(now.number);
	guest_print(" ");
	guest_print(how);
	guest_print("\r\n");
}

unsigned int cases_number(void)
{
	return now.number;
}

void cases_end(void)
{
	guest_print("# end\r\n");
	guest_power_off();
}

// SPDX-License-Identifier: BSD-2-Clause
// Every service with extra cells, and without a result cell
// (IEEE 1275-1994 6.3.1).

#include "tests/guest/conformance/io.h"

#define SPEC "IEEE 1275 6.3.1"
#define EXTRA 3u
#define FILLED 0xa5a5a5a5 // a cell of CASES_FILL

// A valid call that changes nothing.
struct call {
	const char *service;
	uint8_t nargs;
	uint32_t in[4];
};

#define CALLS_COUNT 14u

static void make_calls(struct call calls[CALLS_COUNT])
{
	uint32_t chosen = find("/chosen"), buffer = cell(cases_buffer);
	uint32_t out = guest_number("/chosen", "stdout", 0);
	const struct call made[CALLS_COUNT] = {
		{ "test", 1, { cell("getprop") } },
		{ "peer", 1, { 0 } },
		{ "child", 1, { find("/") } },
		{ "parent", 1, { chosen } },
		{ "instance-to-package", 1, { out } },
		{ "getproplen", 2, { chosen, cell("name") } },
		{ "getprop", 4, { chosen, cell("name"), buffer, 64 } },
		{ "nextprop", 3, { chosen, cell(""), buffer } },
		{ "canon", 3, { cell("/chosen"), buffer, 64 } },
		{ "finddevice", 1, { cell("/chosen") } },
		{ "instance-to-path", 3, { out, buffer, 64 } },
		{ "package-to-path", 3, { chosen, buffer, 64 } },
		{ "write", 3, { out, buffer, 0 } },
		{ "interpret", 1, { cell("") } },
	};

	memcpy(calls, made, sizeof(made));
}

// Whether a call with extra cells is accepted; its first result.
static bool is_taken(const struct call *call, uint32_t more_arguments,
		     uint32_t more_results, uint32_t *result)
{
	uint32_t cells[4 + EXTRA + 1 + EXTRA], n, i;

	n = call->nargs + more_arguments;
	for (i = 0; i < n; i++)
		cells[i] = i < call->nargs ? call->in[i] : 0;
	for (; i <= n + more_results; i++)
		cells[i] = UNTOUCHED;
	memset(cases_buffer, CASES_FILL, 128);
	if (ci(call->service, n, 1 + more_results, cells))
		return false;
	for (i = 64; i < 128 && cases_buffer[i] == CASES_FILL; i++)
		;
	expect_is(i, 128, "bytes after the buffer are kept up to");
	*result = cells[n];
	return *result != MISSING;
}

static void answers_the_same(uint32_t more_arguments, uint32_t more_results)
{
	struct call calls[CALLS_COUNT];
	unsigned char buffer[64];
	uint32_t want, got, i;

	make_calls(calls);
	for (i = 0; i < CALLS_COUNT; i++) {
		// Other cases report missing services.
		if (!is_taken(&calls[i], 0, 0, &want))
			continue;
		memcpy(buffer, cases_buffer, sizeof(buffer));
		if (!is_taken(&calls[i], more_arguments, more_results, &got))
			continue;
		expect_is(got, want, calls[i].service);
		expect_bytes(cases_buffer, buffer, sizeof(buffer),
			     calls[i].service);
	}
	expect_alive();
}

static void more_arguments(void)
{
	answers_the_same(1, 0);
	answers_the_same(EXTRA, 0);
}

static void more_results(void)
{
	answers_the_same(0, 1);
	answers_the_same(0, EXTRA);
	answers_the_same(EXTRA, EXTRA);
}

// No one owns the cell after the arguments; ci() checks it.
static void no_result(void)
{
	struct call calls[CALLS_COUNT];
	uint32_t i;

	make_calls(calls);
	for (i = 0; i < CALLS_COUNT; i++) {
		ci(calls[i].service, calls[i].nargs, 0, calls[i].in);
		expect(!guest_ci_overrun, calls[i].service);
	}
	expect_alive();
}

// Arguments that the method does not use stay below its results. The array
// is in cases_buffer because it is too long for ci().
static void method_with(uint32_t disk, uint32_t arguments, uint32_t results)
{
	unsigned char *array = cases_buffer, *cells = array + 12;
	uint32_t n = 2 + arguments, end = 12 + 4 * (n + results), i;

	memset(cases_buffer, CASES_FILL, end + 64);
	store_cell(array, cell("call-method"));
	store_cell(array + 4, n);
	store_cell(array + 8, results);
	store_cell(cells, cell("block-size"));
	store_cell(cells + 4, disk);
	for (i = 2; i < n; i++)
		store_cell(cells + 4 * i, 0);
	if (!guest_ci_enter((uint32_t)guest_entry.gpr[5], array)) {
		cells += 4 * n;
		expect_not(guest_be32(cells), FILLED, "the catch-result");
		if (!guest_be32(cells))
			expect_is(guest_be32(cells + 4), SECTOR, "block-size");
	}
	for (i = end; i < end + 64 && cases_buffer[i] == CASES_FILL; i++)
		;
	expect_is(i, end + 64, "bytes after the array are kept up to");
}

static void methods_with_many_cells(void)
{
	uint32_t disk = open_disk("0"), n;

	if (!disk)
		return;
	for (n = 2; n <= 40; n++) {
		method_with(disk, n, 2);
		method_with(disk, 0, n);
		method_with(disk, n, n);
	}
	method_with(disk, 1000, 2);
	method_with(disk, 0, 1000);
	method_with(disk, 0, 2);
	expect_words(disk, DISK_WORDS, big_buffer, SECTOR);
	close_instance(disk);
	expect_alive();
}

static const struct test_case cases[] = {
	RUNS("no service is misled by arguments that it does not have", SPEC,
	     EXPECTED, more_arguments),
	RUNS("no service is misled by results that it does not have", SPEC,
	     EXPECTED, more_results),
	RUNS("no service writes a result for which there is no cell", SPEC,
	     EXPECTED, no_result),
	RUNS("a method with dozens of cells is right or refused", SPEC,
	     EXPECTED, methods_with_many_cells),
};

GROUP("15", "numbers of cells", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// Run-time abstraction services: /rtas, instantiate-rtas and calls to the code
// it installs (LoPAR 7 and B.6).

#include "tests/guest/conformance/conformance.h"

#define CELLS 16u
#define GUARD 0x5a5a5a5a
#define ENTRY_SIZE 20u // QEMU include/hw/ppc/spapr.h, RTAS_MIN_SIZE
#define PLACE 0x1000u  // offset in cases_buffer

// start*.S: enters code at `entry` big-endian with r3 = args. The RTAS code of
// pseries firmware needs no private memory in r4.
int32_t guest_ci_enter(uint32_t entry, void *args);

static void store(unsigned char *p, uint32_t value)
{
	p[0] = (unsigned char)(value >> 24);
	p[1] = (unsigned char)(value >> 16);
	p[2] = (unsigned char)(value >> 8);
	p[3] = (unsigned char)value;
}

// cells: nargs arguments, then nrets results. (LoPAR 7.2.8)
static void rtas_call(uint32_t entry, uint32_t token, uint32_t nargs,
		      uint32_t nrets, uint32_t *cells)
{
	unsigned char args[4 * (3 + CELLS + 2)] __attribute__((aligned(8)));
	uint32_t i;

	store(args, token);
	store(args + 4, nargs);
	store(args + 8, nrets);
	for (i = 0; i < CELLS + 2; i++)
		store(args + 12 + 4 * i, i < nargs ? cells[i] : GUARD);
	guest_ci_enter(entry, args);
	for (i = 0; i < nargs + nrets; i++)
		cells[i] = guest_be32(args + 12 + 4 * i);
	for (; i < CELLS + 2; i++)
		expect_is(guest_be32(args + 12 + 4 * i), GUARD,
			  "a cell after the results");
}

static uint32_t rtas_size(void)
{
	return guest_number("/rtas", "rtas-size", 0);
}

// The ihandle of /rtas, for a machine with hypercalls, or 0.
static uint32_t open_rtas(void)
{
	uint32_t node = find("/rtas"), ihandle;

	if (node == MISSING ||
	    ci1("getproplen", 2, node, cell("ibm,hypertas-functions"), 0, 0) ==
		    MISSING) {
		skip("there is no RTAS of a hypervisor");
		return 0;
	}
	ihandle = open_path("/rtas");
	if (expect_not(ihandle, 0, "open of /rtas") &&
	    expect_not(ihandle, MISSING, "open of /rtas"))
		return ihandle;
	return 0;
}

// results[0]: the catch-result, [1]: the entry. Returns r3.
static int32_t instantiate(uint32_t ihandle, uint32_t base, uint32_t results[2])
{
	uint32_t cells[5] = { cell("instantiate-rtas"), ihandle, base,
			      UNTOUCHED, UNTOUCHED };
	int32_t status = ci("call-method", 3, 2, cells);

	results[0] = cells[3];
	results[1] = cells[4];
	return status;
}

// Installs RTAS at base. Returns its entry; 0 after a failed expectation.
static uint32_t instance_at(uint32_t base)
{
	uint32_t ihandle = open_rtas(), results[2], size = rtas_size();

	if (!ihandle)
		return 0;
	expect_is((uint32_t)instantiate(ihandle, base, results), 0, "r3");
	close_instance(ihandle);
	if (!expect_is(results[0], 0, "the catch-result"))
		return 0;
	if (expect(results[1] >= base && results[1] - base < size,
		   "the entry is not inside of RTAS"))
		return results[1];
	return 0;
}

static uint32_t token(const char *name)
{
	return guest_number("/rtas", name, 0);
}

static void check_time(uint32_t entry)
{
	uint32_t cells[8] = { 0 };

	rtas_call(entry, token("get-time-of-day"), 0, 8, cells);
	expect_is(cells[0], 0, "the status");
	expect(cells[1] >= 1970 && cells[1] < 2200, "the year is odd");
	expect(cells[2] >= 1 && cells[2] <= 12, "the month is odd");
	expect(cells[3] >= 1 && cells[3] <= 31, "the day is odd");
	expect(cells[4] < 24 && cells[5] < 60 && cells[6] < 61,
	       "the time is odd");
	// QEMU hw/ppc/spapr_rtc.c: may exceed one second's nanoseconds.
	expect_not(cells[7], GUARD, "the nanoseconds");
}

static void node(void)
{
	static const char *const calls[] = { "get-time-of-day", "nvram-fetch",
					     "nvram-store",	"power-off",
					     "system-reboot",	"start-cpu" };
	uint32_t ihandle = open_rtas(), i, k;

	if (!ihandle)
		return;
	close_instance(ihandle);
	expect(rtas_size() >= ENTRY_SIZE, "rtas-size is too small");
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		expect_not(token(calls[i]), 0, calls[i]);
		for (k = 0; k < i; k++)
			expect_not(token(calls[i]), token(calls[k]), calls[i]);
	}
}

static void entry_and_time(void)
{
	uint32_t base = cell(cases_buffer) + PLACE, entry = instance_at(base);

	if (entry)
		check_time(entry);
}

static void only_its_size(void)
{
	uint32_t size = rtas_size(), i;

	if (!instance_at(cell(cases_buffer) + PLACE))
		return;
	for (i = 0; i < PLACE && cases_buffer[i] == CASES_FILL; i++)
		;
	expect_is(i, PLACE, "bytes in front that are kept");
	for (i = PLACE + size;
	     i < CASES_BUFFER && cases_buffer[i] == CASES_FILL; i++)
		;
	expect_is(i, CASES_BUFFER, "bytes after that are kept up to");
}

static void linux_claimed(void)
{
	uint32_t base = claim(0, rtas_size(), 0x1000), entry;

	if (!expect_not(base, MISSING, "a claim for RTAS"))
		return;
	entry = instance_at(base);
	if (entry)
		check_time(entry);
	release(base, rtas_size());
}

static void several(void)
{
	uint32_t base = cell(cases_buffer), entries[3], i;

	for (i = 0; i < 3; i++) {
		entries[i] = instance_at(base + i * 0x4000 + 4 * i);
		if (!entries[i])
			return;
	}
	for (i = 0; i < 3; i++)
		check_time(entries[i]);
}

static void stays(void)
{
	uint32_t entry = instance_at(cell(cases_buffer) + PLACE), ihandle;

	if (!entry)
		return;
	ihandle = open_path("/");
	close_instance(ihandle);
	ci1("milliseconds", 0, 0, 0, 0, 0);
	check_time(entry);
	expect_not(find("/"), MISSING, "finddevice after a call of RTAS");
}

static void properties(void)
{
	uint32_t base = cell(cases_buffer) + PLACE, n = find("/rtas");
	unsigned char value[4];
	uint32_t size;

	if (!instance_at(base))
		return;
	expect_is(guest_number("/rtas", "slof,rtas-base", 0), base,
		  "slof,rtas-base");
	size = guest_number("/rtas", "slof,rtas-size", 0);
	expect(size >= ENTRY_SIZE && size <= rtas_size(),
	       "slof,rtas-size is not the size of RTAS or its entry");
	expect_is(get_property(n, "slof,rtas-base", value, 4), 4,
		  "the length of slof,rtas-base");
}

static void linux_properties(void)
{
	static const char *const names[] = { "linux,rtas-base",
					     "linux,rtas-entry" };
	unsigned char value[4] = { 0x12, 0x34, 0x56, 0x78 };
	uint32_t n = find("/rtas"), i;

	if (n == MISSING) {
		skip("there is no /rtas");
		return;
	}
	for (i = 0; i < 2; i++) {
		expect_is(ci1("setprop", 4, n, cell(names[i]), cell(value), 4),
			  4, "setprop");
		expect_is(guest_number("/rtas", names[i], 0), 0x12345678,
			  names[i]);
	}
}

static void unknown_token(void)
{
	uint32_t entry = instance_at(cell(cases_buffer) + PLACE);
	uint32_t cells[4] = { 0 };

	if (!entry)
		return;
	rtas_call(entry, 0x7fff, 0, 1, cells);
	expect((int32_t)cells[0] < 0 && cells[0] != GUARD,
	       "the status is not negative");
	check_time(entry);
}

static void fetch_nvram(void)
{
	uint32_t entry = instance_at(cell(cases_buffer) + PLACE);
	uint32_t cells[5] = { 0, cell(cases_buffer), 16 };
	unsigned char first[16];

	if (!entry)
		return;
	rtas_call(entry, token("nvram-fetch"), 3, 2, cells);
	expect_is(cells[3], 0, "the status");
	expect_is(cells[4], 16, "the length");
	expect_is(cases_buffer[16], CASES_FILL, "the byte after");
	memcpy(first, cases_buffer, 16);
	memset(cases_buffer, 0, 16);
	rtas_call(entry, token("nvram-fetch"), 3, 2, cells);
	expect_bytes(cases_buffer, first, 16, "the same bytes again");
}

static void bad_nvram(void)
{
	uint32_t entry = instance_at(cell(cases_buffer) + PLACE);
	uint32_t cells[5] = { 0x7fffffff, cell(cases_buffer), 16 };

	if (!entry)
		return;
	rtas_call(entry, token("nvram-fetch"), 3, 2, cells);
	expect((int32_t)cells[3] < 0, "the status is not negative");
	expect_is(cases_buffer[0], CASES_FILL, "the buffer");
	check_time(entry);
}

static void bad_handle(void)
{
	static const uint32_t bad[] = { 0, MISSING, BAD_HANDLE };
	uint32_t base = cell(cases_buffer) + PLACE, results[2], i;
	uint32_t ihandle = open_rtas();

	if (!ihandle)
		return;
	close_instance(ihandle);
	for (i = 0; i < 3; i++) {
		if (!instantiate(bad[i], base, results))
			expect_not(results[0], 0, "the catch-result");
		expect_is(cases_buffer[PLACE], CASES_FILL, "memory");
	}
	if (!instantiate(ihandle, base, results))
		expect_not(results[0], 0, "of the closed instance");
	expect_is(cases_buffer[PLACE], CASES_FILL, "memory");
	if (!instantiate(find("/rtas"), base, results))
		expect_not(results[0], 0, "of the phandle");
	expect_is(cases_buffer[PLACE], CASES_FILL, "memory");
}

static void few_arguments(void)
{
	uint32_t ihandle = open_rtas(), cells[4];

	if (!ihandle)
		return;
	cells[0] = cell("instantiate-rtas");
	cells[1] = ihandle;
	cells[2] = cells[3] = UNTOUCHED;
	if (!ci("call-method", 2, 2, cells))
		expect_not(cells[2], 0, "the catch-result");
	expect_not(find("/"), MISSING, "finddevice afterwards");
	close_instance(ihandle);
}

static const struct test_case cases[] = {
	RUNS("/rtas has rtas-size and a token of its own for each call",
	     "LoPAR B.6", REQUIRED, node),
	RUNS("instantiate-rtas gives code that tells the time", "LoPAR B.6",
	     REQUIRED, entry_and_time),
	RUNS("instantiate-rtas writes no more than rtas-size", "LoPAR B.6",
	     REQUIRED, only_its_size),
	RUNS("Linux: instantiate-rtas works in claimed memory",
	     "Linux prom_init.c", EXPECTED, linux_claimed),
	RUNS("instantiate-rtas works at several places", "LoPAR B.6", EXPECTED,
	     several),
	RUNS("calls of RTAS and of the client interface can alternate",
	     "LoPAR B.6", REQUIRED, stays),
	RUNS("Ultravisor: instantiate-rtas leaves its base in /rtas",
	     "SLOF rtas.fs", EXPECTED, properties),
	RUNS("Linux: /rtas takes linux,rtas-base and linux,rtas-entry",
	     "Linux prom_init.c", EXPECTED, linux_properties),
	RUNS("RTAS gives a negative status for an unknown token", "LoPAR 7.2",
	     EXPECTED, unknown_token),
	RUNS("RTAS nvram-fetch reads the NVRAM", "LoPAR 7.3", REQUIRED,
	     fetch_nvram),
	RUNS("RTAS nvram-fetch past the end fails", "LoPAR 7.3", REQUIRED,
	     bad_nvram),
	RUNS("instantiate-rtas of a bad ihandle is caught", "IEEE 1275 6.3.2.2",
	     REQUIRED, bad_handle),
	RUNS("instantiate-rtas without an address is caught",
	     "IEEE 1275 6.3.2.2", EXPECTED, few_arguments),
};

GROUP("80", "rtas", NULL);

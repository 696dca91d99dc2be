// SPDX-License-Identifier: BSD-2-Clause
// The call itself: argument arrays, cell counts, names (IEEE
// 1275-1994 6.3.1, PowerPC binding 7.1).

#include "tests/guest/conformance/conformance.h"

#define AT 1024u	  // an array's offset in cases_buffer
#define VALUE (AT + 1024) // a property value's offset
#define CELLS_END(n) (AT + 12 + 4 * (n))

static uint32_t call_at(uint32_t address)
{
	return (uint32_t)guest_ci_enter((uint32_t)guest_entry.gpr[5],
					(void *)(uintptr_t)address);
}

static void fill_array(unsigned char *at, uint32_t name, uint32_t nargs,
		       uint32_t nrets)
{
	store_cell(at, name);
	store_cell(at + 4, nargs);
	store_cell(at + 8, nrets);
}

// Makes a getprop of / #address-cells into VALUE.
static void fill_getprop(unsigned char *at, uint32_t nargs, uint32_t nrets)
{
	fill_array(at, cell("getprop"), nargs, nrets);
	store_cell(at + 12, find("/"));
	store_cell(at + 16, cell("#address-cells"));
	store_cell(at + 20, cell(cases_buffer) + VALUE);
	store_cell(at + 24, 4);
}

// Counts the changed bytes of cases_buffer outside [from, to).
static uint32_t spoilt(uint32_t from, uint32_t to)
{
	uint32_t i, n = 0;

	for (i = 0; i < CASES_BUFFER; i++)
		n += (i < from || i >= to) && cases_buffer[i] != CASES_FILL;
	return n;
}

static void expect_value(void)
{
	expect_is(guest_be32(cases_buffer + VALUE),
		  guest_number("/", "#address-cells", 0), "/ #address-cells");
}

static void no_result_cell(void)
{
	fill_getprop(cases_buffer + AT, 4, 0);
	if (!call_at(cell(cases_buffer) + AT))
		expect_value();
	memset(cases_buffer + VALUE, CASES_FILL, 4);
	expect_is(spoilt(AT, CELLS_END(4)), 0, "bytes changed elsewhere");
}

static void results_beyond_the_service(void)
{
	unsigned int i;

	fill_getprop(cases_buffer + AT, 4, 6);
	for (i = 0; i < 6; i++)
		store_cell(cases_buffer + CELLS_END(4 + i), UNTOUCHED);
	if (call_at(cell(cases_buffer) + AT) ||
	    guest_be32(cases_buffer + CELLS_END(4)) == MISSING)
		return; // refused
	expect_is(guest_be32(cases_buffer + CELLS_END(4)), 4,
		  "the first result");
	expect_value();
	for (i = 1; i < 6; i++)
		if (guest_be32(cases_buffer + CELLS_END(4 + i)) != UNTOUCHED)
			expect_is(guest_be32(cases_buffer + CELLS_END(4 + i)),
				  0, "a result that the service has not");
	memset(cases_buffer + VALUE, CASES_FILL, 4);
	expect_is(spoilt(AT, CELLS_END(10)), 0, "bytes changed elsewhere");
}

static void arguments_beyond_the_service(void)
{
	fill_getprop(cases_buffer + AT, 7, 1);
	memset(cases_buffer + CELLS_END(4), 0, 12);
	store_cell(cases_buffer + CELLS_END(7), UNTOUCHED);
	if (!call_at(cell(cases_buffer) + AT) &&
	    guest_be32(cases_buffer + CELLS_END(7)) != MISSING) {
		expect_is(guest_be32(cases_buffer + CELLS_END(7)), 4,
			  "the result after seven arguments");
		expect_value();
	}
	memset(cases_buffer + VALUE, CASES_FILL, 4);
	expect_is(spoilt(AT, CELLS_END(8)), 0, "bytes changed elsewhere");
	expect_alive();
}

// Services and their argument counts; all can be called with garbage.
static const struct {
	const char *name;
	uint8_t nargs;
} services[] = {
	{ "test", 1 },
	{ "peer", 1 },
	{ "child", 1 },
	{ "parent", 1 },
	{ "instance-to-package", 1 },
	{ "getproplen", 2 },
	{ "getprop", 4 },
	{ "nextprop", 3 },
	{ "setprop", 4 },
	{ "canon", 3 },
	{ "finddevice", 1 },
	{ "instance-to-path", 3 },
	{ "package-to-path", 3 },
	{ "call-method", 2 },
	{ "open", 1 },
	{ "read", 3 },
	{ "write", 3 },
	{ "seek", 3 },
	{ "claim", 3 },
	{ "interpret", 1 },
	{ "test-method", 2 },
	{ "instance-to-interposed-path", 3 },
	{ "close", 1 },
};

/*
 * Makes a correct call first: a service that reads missing arguments would
 * see those of this call.
 */
static void a_right_call(const char *name)
{
	uint32_t got;

	if (same_text(name, "claim")) {
		got = claim(0, 4096, 4096);
		if (got != MISSING)
			release(got, 4096);
	} else if (same_text(name, "open")) {
		close_instance(open_path("/"));
	} else {
		text_property("/", "compatible", (char *)cases_buffer + 32768,
			      64);
		memset(cases_buffer + 32768, CASES_FILL, 64);
	}
}

static void call_short(const char *name, uint32_t nargs)
{
	uint32_t got;

	a_right_call(name);
	fill_array(cases_buffer + AT, cell(name), nargs, 1);
	memset(cases_buffer + CELLS_END(0), 0, 4 * nargs);
	store_cell(cases_buffer + CELLS_END(nargs), UNTOUCHED);
	if (!call_at(cell(cases_buffer) + AT)) {
		got = guest_be32(cases_buffer + CELLS_END(nargs));
		// A catch-result.
		if (same_text(name, "interpret") ||
		    same_text(name, "call-method"))
			expect_not(got, 0, name);
		else if (got != UNTOUCHED && got != MISSING)
			expect_is(got, 0, name);
	}
	expect_is(spoilt(AT, CELLS_END(nargs + 1)), 0,
		  "bytes changed elsewhere");
	memset(cases_buffer + AT, CASES_FILL, 64);
}

static void too_few_arguments(void)
{
	unsigned int i, n;

	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		for (n = 0; n < services[i].nargs; n++)
			call_short(services[i].name, n);
	expect_alive();
}

static void too_few_are_refused(void)
{
	unsigned int i;
	uint32_t r3;

	fill_getprop(cases_buffer + AT, 0, 0);
	if (!call_at(cell(cases_buffer) + AT)) {
		skip("the firmware does not count arguments");
		return;
	}
	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		fill_array(cases_buffer + AT, cell(services[i].name),
			   services[i].nargs - 1u, 1);
		memset(cases_buffer + CELLS_END(0), 0, 20);
		r3 = call_at(cell(cases_buffer) + AT);
		expect_is(r3, MISSING, services[i].name);
	}
}

// An absurd cell count, in `nargs` or `nrets`.
static void absurd(uint32_t nargs, uint32_t nrets)
{
	fill_getprop(cases_buffer + AT, nargs, nrets);
	memset(cases_buffer + CELLS_END(4), CASES_FILL, 64);
	expect_not(call_at(cell(cases_buffer) + AT), 0, "r3");
	expect_is(spoilt(AT, CELLS_END(4)), 0, "bytes changed elsewhere");
}

static void absurd_counts(void)
{
	static const uint32_t counts[] = { 0x10000,    0x3fffffff, 0x40000000,
					   0x7fffffff, 0x80000000, 0xfffffffc,
					   0xfffffffd, 0xffffffff };
	unsigned int i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		absurd(counts[i], 1);
		absurd(4, counts[i]);
		absurd(counts[i], counts[i]);
		absurd(counts[i], 0u - counts[i]);
		absurd(counts[i], 5u - counts[i]);
	}
	expect_alive();
}

// More cells than any service has: refused, or handled right.
static void many_cells(void)
{
	uint32_t nargs;

	for (nargs = 20; nargs < 60; nargs++) {
		fill_getprop(cases_buffer + AT, nargs, 1);
		memset(cases_buffer + CELLS_END(4), 0, 4 * (nargs - 4));
		store_cell(cases_buffer + CELLS_END(nargs), UNTOUCHED);
		if (!call_at(cell(cases_buffer) + AT))
			expect_is(guest_be32(cases_buffer + CELLS_END(nargs)),
				  4, "the result");
		memset(cases_buffer + VALUE, CASES_FILL, 4);
		expect_is(spoilt(AT, CELLS_END(nargs + 1)), 0,
			  "bytes changed elsewhere");
	}
	expect_alive();
}

// tpm 2hash-ext-log, GRUB's largest call.
static void eight_arguments(void)
{
	uint32_t cells[10] = { cell("no-such-method"),
			       guest_number("/chosen", "stdout", 0) };

	cells[8] = cells[9] = UNTOUCHED;
	expect_is((uint32_t)ci("call-method", 8, 2, cells), 0, "r3");
	expect_not(cells[8], UNTOUCHED, "the catch-result");
	expect_not(cells[8], 0, "the catch-result");
}

static void odd_alignment(void)
{
	unsigned char *at;
	unsigned int i;

	for (i = 1; i < 8; i++) {
		at = cases_buffer + AT + i;
		fill_getprop(at, 4, 1);
		store_cell(at + 28, UNTOUCHED);
		if (!call_at(cell(at))) {
			expect_is(guest_be32(at + 28), 4, "the result");
			expect_value();
		}
		memset(cases_buffer + VALUE, CASES_FILL, 4);
		expect_is(spoilt(AT + i, AT + i + 32), 0,
			  "bytes changed elsewhere");
		memset(cases_buffer + AT, CASES_FILL, 64);
	}
	expect_alive();
}

// Linux copies its processor hold code below 0x100 and keeps calling.
static void array_at_zero(void)
{
	unsigned char *volatile zero = NULL;
	unsigned char saved[36], made[36];

	fill_getprop(made, 4, 1);
	store_cell(made + 28, UNTOUCHED);
	store_cell(made + 32, UNTOUCHED);
	memcpy(saved, zero, sizeof(saved));
	memcpy(zero, made, sizeof(made));
	if (!call_at(0)) {
		expect_is(guest_be32(zero + 28), 4, "the result");
		expect_value();
	}
	expect_is(guest_be32(zero + 32), UNTOUCHED, "the cell after");
	memcpy(zero, saved, sizeof(saved));
	expect_alive();
}

static void expect_refused(uint32_t address)
{
	if (!expect_not(call_at(address), 0, "r3"))
		note_number("with the array at", address);
}

static void array_beyond_memory(void)
{
	unsigned char reg[16];
	uint32_t end;

	if (get_property(find("/memory"), "reg", reg, 16) != 16 ||
	    guest_be32(reg) || guest_be32(reg + 8)) {
		skip("memory is not one piece of 64-bit cells below 4 GiB");
		return;
	}
	end = guest_be32(reg + 4) + guest_be32(reg + 12);
	expect_refused(end - 4);
	expect_refused(end);
	expect_refused(end + 0x1000);
	expect_alive();
}

static void array_at_the_end(void)
{
	static const uint32_t addresses[] = { 0xffffffff, 0xfffffffc,
					      0xfffffff8, 0xfffffff4,
					      0xfffffff0, 0xffffffe0,
					      0xffff0000, 0xf0000000 };
	unsigned int i;

	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		expect_refused(addresses[i]);
	expect_alive();
}

static void array_in_the_firmware(void)
{
	uint32_t code = (uint32_t)guest_entry.gpr[5], i;
	unsigned char *kept = cases_buffer + 32768;

	memcpy(kept, (void *)(uintptr_t)code, 4096);
	for (i = 0; i < 4096; i += 4)
		expect_refused(code + i);
	expect_bytes((void *)(uintptr_t)code, kept, 4096,
		     "the firmware's code");
	expect_alive();
}

/*
 * The array ends with the last free page below the firmware's code, so the
 * client does not own its result cell.
 */
static void result_in_the_firmware(void)
{
	uint32_t page = (uint32_t)guest_entry.gpr[5] & ~4095u, i, kept;
	unsigned char *word;

	for (i = 0; i < 8192 && claim(page, 4096, 0) != page; i++)
		page -= 4096;
	if (i == 8192) {
		skip("no free memory lies below the firmware");
		return;
	}
	word = (unsigned char *)(uintptr_t)page + 4096;
	kept = guest_be32(word);
	fill_getprop(word - 28, 4, 1);
	call_at(cell(word - 28));
	if (!expect_is(guest_be32(word), kept, "the first word that is taken"))
		store_cell(word, kept);
	release(page, 4096);
	expect_alive();
}

static void wild_name(uint32_t name)
{
	fill_array(cases_buffer + AT, name, 1, 1);
	store_cell(cases_buffer + CELLS_END(0), 0);
	store_cell(cases_buffer + CELLS_END(1), UNTOUCHED);
	if (!expect_not(call_at(cell(cases_buffer) + AT), 0, "r3"))
		note_number("with the name at", name);
}

static void wild_names(void)
{
	wild_name(0xffffffff);
	wild_name(0xfffffff0);
	wild_name(0xf0000000);
	wild_name((uint32_t)guest_entry.gpr[5]);
	expect_alive();
}

static void name_without_end(void)
{
	memset(cases_buffer + 4096, 'g', CASES_BUFFER - 4096);
	wild_name(cell(cases_buffer) + 4096);
	memcpy(cases_buffer + 4096, "getprop", 7);
	wild_name(cell(cases_buffer) + 4096);
	expect_alive();
}

// The value overwrites its own argument array.
static void value_over_the_array(void)
{
	fill_getprop(cases_buffer + AT, 4, 1);
	store_cell(cases_buffer + AT + 20, cell(cases_buffer) + AT);
	store_cell(cases_buffer + CELLS_END(4), UNTOUCHED);
	if (!call_at(cell(cases_buffer) + AT))
		expect_is(guest_be32(cases_buffer + CELLS_END(4)), 4,
			  "the result");
	expect_is(spoilt(AT, CELLS_END(5)), 0, "bytes changed elsewhere");
	expect_alive();
}

static void many_calls(void)
{
	uint32_t root = find("/"), i;

	for (i = 0; i < 1000; i++)
		if (!expect_is(find("/"), root, "the root node"))
			return;
}

static const struct test_case cases[] = {
	CALLS("FreeBSD: an unknown service returns -1 in r3",
	      "FreeBSD openfirm.c", EXPECTED, "no-such-service",
	      IN(NUM(0), NUM(0)), OUT(ANYTHING), FAILS),
	CALLS("a service without a name returns -1 in r3", "IEEE 1275 6.3.1",
	      EXPECTED, "", IN(NUM(0)), OUT(ANYTHING), FAILS),
	CALLS("the beginning of a service's name is unknown", "IEEE 1275 6.3.1",
	      EXPECTED, "getpro", IN(NUM(0), NUM(0), NUM(0), NUM(0)),
	      OUT(ANYTHING), FAILS),
	CALLS("a service's name with a trailing blank is unknown",
	      "IEEE 1275 6.3.1", EXPECTED, "peer ", IN(NUM(0)), OUT(ANYTHING),
	      FAILS),
	CALLS("FreeBSD: the service block-size is unknown",
	      "FreeBSD openfirm.c", EXPECTED, "block-size", IN(NUM(0)),
	      OUT(ANYTHING), FAILS),
	RUNS("a service's name without an end is unknown", "IEEE 1275 6.3.1",
	     EXPECTED, name_without_end),
	RUNS("a service's name outside memory is unknown", "IEEE 1275 6.3.1",
	     EXPECTED, wild_names),
	RUNS("a call without a cell for the result is right or refused",
	     "IEEE 1275 6.3.1", EXPECTED, no_result_cell),
	RUNS("results that a service does not have do not move its own",
	     "IEEE 1275 6.3.1", EXPECTED, results_beyond_the_service),
	RUNS("arguments that a service does not have are skipped",
	     "IEEE 1275 6.3.1", EXPECTED, arguments_beyond_the_service),
	RUNS("no call with too few arguments succeeds", "IEEE 1275 6.3.1",
	     EXPECTED, too_few_arguments),
	RUNS("a call with too few arguments returns -1 in r3",
	     "IEEE 1275 6.3.1", EXTENSION, too_few_are_refused),
	RUNS("GRUB: a call with 8 arguments and 2 results is taken",
	     "GRUB commands/ieee1275/ibmvtpm.c", EXPECTED, eight_arguments),
	RUNS("a call with dozens of cells is right or refused",
	     "IEEE 1275 6.3.1", EXPECTED, many_cells),
	RUNS("absurd numbers of cells are refused", "IEEE 1275 6.3.1", EXPECTED,
	     absurd_counts),
	RUNS("an array at an odd address is right or refused",
	     "IEEE 1275 6.3.1", EXPECTED, odd_alignment),
	RUNS("an array at address 0 is right or refused", "IEEE 1275 6.3.1",
	     EXPECTED, array_at_zero),
	RUNS("an array beyond the end of memory is refused", "IEEE 1275 6.3.1",
	     EXPECTED, array_beyond_memory),
	RUNS("an array at the end of the addresses is refused",
	     "IEEE 1275 6.3.1", EXPECTED, array_at_the_end),
	RUNS("arrays in the firmware's code are refused", "IEEE 1275 6.3.1",
	     EXPECTED, array_in_the_firmware),
	RUNS("no result goes to memory after the client's", "IEEE 1275 6.3.1",
	     EXPECTED, result_in_the_firmware),
	RUNS("a value over its own argument array does no harm",
	     "IEEE 1275 6.3.1", EXPECTED, value_over_the_array),
	RUNS("1,000 calls in a row find the same node", "IEEE 1275 6.3.1",
	     REQUIRED, many_calls),
};

GROUP("12", "calling", NULL);

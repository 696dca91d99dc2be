// SPDX-License-Identifier: BSD-2-Clause
// start-cpu: starts another processor (LoPAR C.12.3).

#include "tests/guest/conformance/walk.h"

static volatile uint32_t started;

static uint32_t number_of(uint32_t node)
{
	unsigned char reg[4];

	return get_property(node, "reg", reg, 4) == 4 ? guest_be32(reg)
						      : MISSING;
}

static uint32_t boot_cpu(void)
{
	return ci1("instance-to-package", 1, guest_number("/chosen", "cpu", 0),
		   0, 0, 0);
}

// A stopped processor; skips and returns 0 if there is none.
static uint32_t other_cpu(void)
{
	uint32_t node;
	char type[8];

	if (!is_node(boot_cpu())) {
		skip("which processor runs the firmware does not say");
		return 0;
	}
	for (node = child_of(find("/cpus")); node; node = peer_of(node)) {
		memset(type, 0, sizeof(type));
		get_property(node, "device_type", type, sizeof(type) - 1);
		if (same_text(type, "cpu") && node != boot_cpu() &&
		    number_of(node) != MISSING)
			return node;
	}
	skip("there is one processor");
	return 0;
}

static int32_t start(uint32_t node, uint32_t entry)
{
	uint32_t cells[3] = { node, entry,
			      cell((const void *)(uintptr_t)&started) };

	return ci("start-cpu", 3, 0, cells);
}

static void wait(uint32_t ms)
{
	uint64_t from = timebase();

	while (!started && timebase() - from < timebase_hz() / 1000 * ms)
		;
}

static uint32_t code(void)
{
	return cell(guest_second_cpu);
}

static void starts_with_its_argument(void)
{
	uint32_t node = other_cpu();

	if (!node)
		return;
	started = 0;
	expect_is((uint32_t)start(node, code()), 0, "r3");
	wait(2000);
	// The processor stores 1 in its own byte order, at its r3.
	expect_is(guest_be32((const void *)(uintptr_t)&started), 1,
		  "the word at r3");
	expect_alive();
}

// It already runs: the call affects neither it nor us.
static void second_start_does_no_harm(void)
{
	uint32_t node = other_cpu();

	if (!node)
		return;
	start(node, code());
	wait(2000);
	started = 0;
	start(node, code());
	expect_alive();
}

static void own_start_does_no_harm(void)
{
	started = 0;
	start(boot_cpu(), code());
	expect_alive();
	wait(100);
	expect_is(started, 0, "the word that the code would set");
}

static void bad_phandles_start_nothing(void)
{
	static const uint32_t bad[] = { 0, MISSING, BAD_HANDLE, 1 };
	unsigned int i;

	if (!other_cpu())
		return;
	started = 0;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		start(bad[i], code());
	start(find("/"), code());
	start(find("/chosen"), code());
	start(guest_number("/chosen", "cpu", 0), code()); // an ihandle
	wait(100);
	expect_is(started, 0, "the word that the code would set");
	expect_alive();
}

// That processor may start there and hang; this one continues.
static void wild_entry_does_no_harm(void)
{
	uint32_t node = other_cpu();

	if (!node)
		return;
	started = 0;
	start(node, 0xfffffff0);
	wait(500);
	expect_is(started, 0, "the word that the code would set");
	expect_alive();
}

static void few_arguments_start_nothing(void)
{
	uint32_t node = other_cpu(), nargs;

	if (!node)
		return;
	started = 0;
	for (nargs = 0; nargs < 3; nargs++) {
		// The array still holds the arguments nargs leaves out.
		store_cell(cases_buffer, cell("start-cpu"));
		store_cell(cases_buffer + 4, nargs);
		store_cell(cases_buffer + 8, 0);
		store_cell(cases_buffer + 12, node);
		store_cell(cases_buffer + 16, code());
		store_cell(cases_buffer + 20,
			   cell((const void *)(uintptr_t)&started));
		guest_ci_enter((uint32_t)guest_entry.gpr[5], cases_buffer);
	}
	wait(500);
	expect_is(started, 0, "the word that the code would set");
	expect_alive();
}

static const struct test_case cases[] = {
	RUNS("start-cpu of what is no processor starts nothing", "LoPAR C.12.3",
	     EXPECTED, bad_phandles_start_nothing),
	RUNS("start-cpu of the boot processor does no harm", "LoPAR C.12.3",
	     EXPECTED, own_start_does_no_harm),
	RUNS("start-cpu starts a processor with its r3", "LoPAR C.12.3",
	     EXPECTED, starts_with_its_argument),
	RUNS("start-cpu of a running processor does no harm", "LoPAR C.12.3",
	     EXPECTED, second_start_does_no_harm),
	RUNS("start-cpu with too few arguments starts nothing", "LoPAR C.12.3",
	     EXPECTED, few_arguments_start_nothing),
	RUNS("start-cpu at an address outside memory does no harm",
	     "LoPAR C.12.3", EXPECTED, wild_entry_does_no_harm),
};

GROUP("98", "start-cpu", "start-cpu");

// SPDX-License-Identifier: BSD-2-Clause
// instantiate-rtas outside the client's memory. Firmware that does not check
// corrupts itself, so this has its own run.

#include "tests/guest/conformance/ranges.h"

// The call fails and the firmware survives.
static void refused(uint32_t base)
{
	uint32_t ihandle = open_path("/rtas"), root = find("/");
	uint32_t cells[5] = { cell("instantiate-rtas"), ihandle, base,
			      UNTOUCHED, UNTOUCHED };

	if (!ihandle || ihandle == MISSING) {
		skip("there is no RTAS");
		return;
	}
	expect_is((uint32_t)ci("call-method", 3, 2, cells), 0, "r3");
	expect_not(cells[3], 0, "the catch-result");
	expect_not(cells[3], UNTOUCHED, "the catch-result");
	close_instance(ihandle);
	expect_is(find("/"), root, "finddevice afterwards");
}

static void outside_memory(void)
{
	uint64_t end = memory_size();

	if (end && end < FOUR_GIB - 0x1000)
		refused((uint32_t)end);
	refused(0xfffffff0);
	refused(MISSING);
}

static void in_firmware(void)
{
	refused((uint32_t)guest_entry.gpr[5]);
}

static void at_null(void)
{
	refused(0);
}

static const struct test_case cases[] = {
	RUNS("instantiate-rtas outside memory fails", "LoPAR B.6", EXPECTED,
	     outside_memory),
	RUNS("instantiate-rtas over the firmware's code fails", "LoPAR B.6",
	     EXPECTED, in_firmware),
	RUNS("instantiate-rtas at address 0 fails", "LoPAR B.6", EXPECTED,
	     at_null),
};

GROUP("86", "rtas abuse", "rtas-abuse");

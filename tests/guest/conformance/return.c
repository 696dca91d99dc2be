// SPDX-License-Identifier: BSD-2-Clause
// A client exits by returning to the address that LR held at entry (PowerPC
// binding 8.2).

#include "tests/guest/conformance/walk.h"
#include "tests/guest/lib/regs.h"

static void return_0(void)
{
	cases_leave("return");
	guest_return(0);
}

static void return_1(void)
{
	cases_leave("return");
	guest_return(1);
}

static void return_after_quiesce(void)
{
	ci("quiesce", 0, 0, NULL);
	return_0();
}

static const struct test_case cases[] = {
	RUNS("a client may return with 0", "PowerPC binding 8.2", EXPECTED,
	     return_0),
	RUNS("a client may return with 1", "PowerPC binding 8.2", EXPECTED,
	     return_1),
	RUNS("a client may return after quiesce", "PowerPC binding 8.2",
	     EXPECTED, return_after_quiesce),
};

GROUP("93", "return", "return");

// SPDX-License-Identifier: BSD-2-Clause
// enter: the user interface, from which the user may return (IEEE 1275-1994
// 6.3.2.5).

#include "tests/guest/conformance/walk.h"

static void enter(void)
{
	expect_is(ci1("test", 1, cell("enter"), 0, 0, 0), 0, "test of enter");
	cases_leave("enter");
	expect_is((uint32_t)ci("enter", 0, 0, NULL), 0, "r3 of enter");
}

static const struct test_case cases[] = {
	RUNS("enter goes to the user interface", "IEEE 1275 6.3.2.5", REQUIRED,
	     enter),
};

GROUP("94", "enter", "enter");

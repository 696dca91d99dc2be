// SPDX-License-Identifier: BSD-2-Clause
// User interface words reset the machine or turn it off (IEEE 1275-1994 7.3.8,
// 6.3.2.6).

#include "tests/guest/conformance/walk.h"

static void say(const char *text)
{
	cases_leave(text);
	interpret(text);
	expect(false, "interpret returned");
}

static void reset_all(void)
{
	say("reset-all");
}

static void power_off(void)
{
	say("power-off");
}

// GRUB tries them one after another.
static void halt(void)
{
	cases_leave("power-off");
	interpret("power-off");
	interpret("shut-down");
	interpret("poweroff");
	expect(false, "none of the words ended the machine");
}

static void reset_after_quiesce(void)
{
	ci("quiesce", 0, 0, NULL);
	reset_all();
}

static const struct test_case cases[] = {
	RUNS("GRUB: reset-all starts the machine anew", "IEEE 1275 7.3.8",
	     REQUIRED, reset_all),
	RUNS("GRUB: halt ends the machine", "GRUB kern/ieee1275/init.c",
	     EXPECTED, halt),
	RUNS("GRUB: power-off ends the machine", "GRUB kern/ieee1275/init.c",
	     EXPECTED, power_off),
	RUNS("GRUB: reset-all works after quiesce", "IEEE 1275 7.3.8", EXPECTED,
	     reset_after_quiesce),
};

GROUP("99", "reset", "reset");

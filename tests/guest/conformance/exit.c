// SPDX-License-Identifier: BSD-2-Clause
// exit: the firmware takes over and does not return (IEEE 1275-1994 6.3.2.5).

#include "tests/guest/conformance/walk.h"

static void leave(void)
{
	cases_leave("exit");
	ci("exit", 0, 0, NULL);
	expect(false, "exit returned");
}

static void exit_with_instances(void)
{
	char path[PATH_SIZE];

	text_property("/aliases", "disk", path, sizeof(path));
	if (path[0])
		open_path(path);
	open_path("/");
	claim(0, 0x10000, 0x1000);
	leave();
}

static void exit_after_quiesce(void)
{
	ci("quiesce", 0, 0, NULL);
	leave();
}

static void exit_after_spoiling(void)
{
	// A client may use the vectors from 0x100 on.
	memset((void *)(uintptr_t)0x100, 0x5a, 0x2f00);
	leave();
}

static const struct test_case cases[] = {
	RUNS("exit does not return", "IEEE 1275 6.3.2.5", REQUIRED, leave),
	RUNS("GRUB: exit works with instances open and memory claimed",
	     "GRUB kern/ieee1275/ieee1275.c", EXPECTED, exit_with_instances),
	RUNS("exit does not return after quiesce", "IEEE 1275 6.3.2.5",
	     EXPECTED, exit_after_quiesce),
	RUNS("Linux: exit works when low memory was written over",
	     "Linux prom_init.c", EXPECTED, exit_after_spoiling),
};

GROUP("92", "exit", "exit");

// SPDX-License-Identifier: BSD-2-Clause
// yaboot's end if the user selects no kernel: it returns to the firmware.

#include "tests/guest/clients/yaboot/yaboot.h"

static void exit_goes_back(void)
{
	cases_leave("exit");
	ci("exit", 0, 0, NULL);
	expect(false, "exit returned");
}

static const struct test_case cases[] = {
	RUNS("yaboot: exit goes back to the firmware", "IEEE 1275 6.3.2.5",
	     REQUIRED, exit_goes_back),
};

GROUP("90", "exit", NULL);

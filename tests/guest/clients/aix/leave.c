// SPDX-License-Identifier: BSD-2-Clause
// The AIX-style client returns to the firmware if its arguments say so: the
// next client may need the memory that the image had.

#include "tests/guest/clients/aix/aix.h"

static void exit_frees_the_image(void)
{
	char text[64];

	text_property("/chosen", "bootargs", text, sizeof(text));
	if (!has_text(text, "-exit")) {
		skip("not asked to exit");
		return;
	}
	cases_leave("exit");
	ci("exit", 0, 0, NULL);
	expect(false, "exit returned");
}

static const struct test_case cases[] = {
	RUNS("AIX: exit gives the image's memory back", "IEEE 1275 6.3.2.5",
	     REQUIRED, exit_frees_the_image),
};

GROUP("35", "exit", NULL);

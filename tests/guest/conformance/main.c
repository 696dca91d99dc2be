// SPDX-License-Identifier: BSD-2-Clause
// A client that tests how well a firmware follows Open Firmware's client
// interface (IEEE 1275-1994 6.3), and reports in TAP 14. Each other file here
// is a group of cases.

#include "tests/guest/conformance/conformance.h"

// The output on a machine without a terminal.
static char kept[256 * 1024];

int guest_main(void)
{
	guest_keep(kept, sizeof(kept));
	cases_main();
}

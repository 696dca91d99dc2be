// SPDX-License-Identifier: BSD-2-Clause
// boot of unbootable things: the firmware reports it and continues, or the
// machine restarts (IEEE 1275-1994 6.3.2.5).

#include "tests/guest/conformance/walk.h"

static void boot(uint32_t text)
{
	cases_leave("boot-bad");
	ci("boot", 1, 0, &text);
	expect_alive();
}

static void boot_nothing_known(void)
{
	boot(cell("/no/such/device with arguments"));
}

static void boot_of_a_node(void)
{
	boot(cell("/chosen"));
}

static void boot_of_a_partition(void)
{
	boot(cell("disk:99,\\no\\such\\file"));
}

static void boot_of_control_characters(void)
{
	boot(cell("\001\033[2J\177 \t\n\r"));
}

static void boot_outside_memory(void)
{
	boot(0xfffffff0);
}

static void boot_of_the_firmware(void)
{
	boot((uint32_t)guest_entry.gpr[5]);
}

static void boot_of_much(void)
{
	memset(cases_buffer, 'a', sizeof(cases_buffer) - 1);
	cases_buffer[sizeof(cases_buffer) - 1] = 0;
	boot(cell(cases_buffer));
}

static void boot_of_null(void)
{
	boot(0);
}

static void boot_without_text(void)
{
	cases_leave("boot-bad");
	ci("boot", 0, 0, NULL);
	expect_alive();
}

// 128 KiB of memory without a NUL.
static void boot_of_endless_text(void)
{
	uint32_t place = claim(0, 0x20000, 0x1000);

	if (!expect_not(place, MISSING, "memory for the text"))
		return;
	memset((void *)(uintptr_t)place, 'a', 0x20000);
	boot(place);
	release(place, 0x20000);
}

static const struct test_case cases[] = {
	RUNS("boot of an unknown device: the firmware goes on",
	     "IEEE 1275 6.3.2.5", EXPECTED, boot_nothing_known),
	RUNS("boot of a node that is no device: the firmware goes on",
	     "IEEE 1275 6.3.2.5", EXPECTED, boot_of_a_node),
	RUNS("boot of a missing partition: the firmware goes on",
	     "IEEE 1275 6.3.2.5", EXPECTED, boot_of_a_partition),
	RUNS("boot of control characters: the firmware goes on",
	     "IEEE 1275 6.3.2.5", EXPECTED, boot_of_control_characters),
	RUNS("boot of text outside memory: the firmware goes on",
	     "IEEE 1275 6.3.2.5", EXPECTED, boot_outside_memory),
	RUNS("boot of the firmware's code as text: the firmware goes on",
	     "IEEE 1275 6.3.2.5", EXPECTED, boot_of_the_firmware),
	RUNS("boot of 64 KiB of text: the firmware goes on",
	     "IEEE 1275 6.3.2.5", EXPECTED, boot_of_much),
	RUNS("boot of a NULL text: the firmware goes on", "IEEE 1275 6.3.2.5",
	     EXPECTED, boot_of_null),
	RUNS("boot without a text: the firmware goes on", "IEEE 1275 6.3.2.5",
	     EXPECTED, boot_without_text),
	RUNS("boot of a text without an end: the firmware goes on",
	     "IEEE 1275 6.3.2.5", EXPECTED, boot_of_endless_text),
};

GROUP("97", "boot of nonsense", "boot-bad");

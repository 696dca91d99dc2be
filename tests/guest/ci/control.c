// SPDX-License-Identifier: BSD-2-Clause
// How the client is entered, the calls themselves, time, interpret, processors
// and quiesce (IEEE 1275-1994 6.3.2.5 to 6.3.2.7, PowerPC binding 8).

#include "tests/guest/ci/ci.h"

#define MSR_SF ((uint64_t)1 << 63)
#define MSR_EE 0x8000u
#define MSR_PR 0x4000u
#define MSR_FP 0x2000u
#define MSR_ME 0x1000u
#define MSR_IR_DR 0x30u
#define TICKS_PER_MS 512000u // QEMU: timebase-frequency 512 MHz

static volatile uint32_t started;

void check_entry(void)
{
	const uint64_t *r = guest_entry.gpr;
	const uint32_t *stack = (const uint32_t *)(uintptr_t)r[1];
	unsigned int i;

	check(!(r[1] & 15), "the stack is 16-byte aligned");
	check(!stack[0], "the stack's first back chain is zero");
	check(r[5] && r[5] <= UINT32_MAX, "r5 is an address below 4 GiB");
	check(!r[3] && !r[4], "r3 and r4 are 0 without an initrd");
	for (i = 8; i < 29 && !r[i]; i++)
		;
	check_eq(i, 29, "the registers without a meaning are 0");
	check_eq(guest_entry.msr & (MSR_EE | MSR_PR | MSR_IR_DR), 0,
		 "the client starts in real mode, interrupts off");
	check_eq(guest_entry.msr & (MSR_FP | MSR_ME), MSR_FP | MSR_ME,
		 "the client starts with FP and ME set");
}

void check_services(void)
{
	static const char *const services[] = {
		"test",
		"test-method",
		"peer",
		"child",
		"parent",
		"instance-to-package",
		"instance-to-path",
		"instance-to-interposed-path",
		"package-to-path",
		"canon",
		"finddevice",
		"getprop",
		"getproplen",
		"nextprop",
		"setprop",
		"call-method",
		"open",
		"close",
		"read",
		"write",
		"seek",
		"claim",
		"release",
		"boot",
		"enter",
		"exit",
		"chain",
		"interpret",
		"set-callback",
		"set-symbol-lookup",
		"milliseconds",
		"start-cpu",
		"quiesce",
		"fdt-fetch",
	};
	uint32_t cells[1] = { 0xdeadbeef };
	unsigned int i;

	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		check_eq(ci1("test", 1, cell(services[i]), 0, 0, 0), 0,
			 services[i]);
	check_eq(ci1("test", 1, cell("no-such-service"), 0, 0, 0), MISSING,
		 "test of an unknown service is true: missing");
	check_eq((uint32_t)ci("no-such-service", 0, 1, cells), MISSING,
		 "FreeBSD: an unknown service returns -1 in r3");
	check_eq((uint32_t)ci("", 0, 0, NULL), MISSING,
		 "a service without a name returns -1 in r3");
}

static uint64_t timebase(void)
{
	uint64_t now;

	guest_timebase(&now);
	return now;
}

static void spin(unsigned int milliseconds)
{
	uint64_t start = timebase();

	while (timebase() - start < (uint64_t)milliseconds * TICKS_PER_MS)
		;
}

void check_time(void)
{
	uint32_t first = ci1("milliseconds", 0, 0, 0, 0, 0), passed;

	spin(20);
	passed = ci1("milliseconds", 0, 0, 0, 0, 0) - first;
	check(passed >= 19 && passed < 5000, "milliseconds count the time");
}

static uint32_t interpret(const char *text)
{
	return ci1("interpret", 1, cell(text), 0, 0, 0);
}

void check_interpret(void)
{
	uint32_t cells[3] = { cell("no such words"), 0xdeadbeef, 0xdeadbeef };
	uint64_t start;

	check_eq(interpret("output-device output"), 0,
		 "GRUB: output-device output");
	check_eq(interpret("cursor-on"), 0, "GRUB: cursor-on");
	check_eq(interpret("cursor-off"), 0, "GRUB: cursor-off");
	start = timebase();
	check_eq(interpret(" 10 ms"), 0, "yaboot: 10 ms");
	check(timebase() - start >= 9 * TICKS_PER_MS, "yaboot: 10 ms wait");
	check_eq((uint32_t)ci("interpret", 1, 2, cells), 0,
		 "interpret of unknown text is a known service");
	check(cells[1] != 0, "interpret of unknown text is caught");
	check_eq(cells[2], 0, "interpret of unknown text has no result");
}

void check_callbacks(void)
{
	uint32_t cells[4] = { 0, 0, 0xdeadbeef, 0xdeadbeef };

	cells[1] = 0xdeadbeef;
	check_eq((uint32_t)ci("set-callback", 1, 1, cells), 0,
		 "set-callback is accepted");
	check_eq(cells[1], 0, "set-callback returns no earlier one");
	cells[0] = cells[1] = 0;
	check_eq((uint32_t)ci("set-symbol-lookup", 2, 0, cells), 0,
		 "set-symbol-lookup is accepted");
}

static uint32_t second_cpu_node(void)
{
	uint32_t node = ci1("child", 1, find("/cpus"), 0, 0, 0);
	unsigned char reg[4];

	for (; node; node = ci1("peer", 1, node, 0, 0, 0)) {
		if (ci1("getprop", 4, node, cell("reg"), cell(reg), 4) == 4 &&
		    guest_be32(reg) == 1)
			break;
	}
	return node;
}

void check_start_cpu(void)
{
	uint32_t node = second_cpu_node();
	uint32_t cells[3] = { node, cell(guest_second_cpu),
			      cell((const void *)(uintptr_t)&started) };

	check(node != 0, "the second processor is in the tree");
	if (!node)
		return;
	check_eq((uint32_t)ci("start-cpu", 3, 0, cells), 0,
		 "start-cpu is accepted");
	spin(200);
	check(started != 0, "start-cpu starts a processor with its r3");
}

void check_fdt_fetch(void)
{
	static unsigned char blob[128 << 10];
	uint32_t result;

	result = ci1("fdt-fetch", 2, cell(blob), sizeof(blob), 0, 0);
	check_eq(result, 0, "fdt-fetch succeeds");
	check_eq(guest_be32(blob), 0xd00dfeed, "fdt-fetch gives a tree blob");
	check_eq(ci1("fdt-fetch", 2, cell(blob), 16, 0, 0), MISSING,
		 "fdt-fetch into a short buffer fails");
}

void check_quiesce(void)
{
	uint32_t disk = open_path("disk:0");
	uint32_t stdout = guest_number("/chosen", "stdout", 0);
	char data[512];

	check_eq((uint32_t)ci("quiesce", 0, 0, NULL), 0, "quiesce is accepted");
	check_eq((uint32_t)ci("quiesce", 0, 0, NULL), 0,
		 "quiesce may come twice");
	check_eq(write_bytes(stdout, "# quiet\r\n", 9), 9,
		 "Linux: the console works after quiesce");
	check_eq(open_path("disk:0"), 0, "open fails after quiesce");
	check_eq(read_bytes(disk, data, 512), MISSING,
		 "read of a disk fails after quiesce");
}

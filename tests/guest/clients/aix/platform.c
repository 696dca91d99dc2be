// SPDX-License-Identifier: BSD-2-Clause
// The AIX-style client's calls of RTAS and of methods.

#include "tests/guest/clients/aix/aix.h"

// LoPAR 7.3.16: ibm,get-system-parameter, processor characteristics
#define SPLPAR_CHARACTERISTICS 20

static void rtas_is_put_into_memory(void)
{
	if (!expect(rtas_instantiate(), "RTAS was not instantiated"))
		return;
	expect_is(rtas.base & 4095, 0, "the claim's alignment");
	expect(rtas.entry >= rtas.base && rtas.entry - rtas.base < rtas.size,
	       "the entry is outside of the claimed memory");
}

static void rtas_answers(void)
{
	static unsigned char answer[1024];
	uint32_t cells[4] = { SPLPAR_CHARACTERISTICS, cell(answer),
			      sizeof(answer), UNTOUCHED };
	uint32_t token = rtas_token("ibm,get-system-parameter");

	if (!rtas.entry || !expect_not(token, MISSING, "the token"))
		return;
	rtas_call(token, 3, 1, cells);
	expect_is(cells[3], 0, "the status");
	// a length of two bytes, then text
	expect(answer[0] << 8 | answer[1], "the answer's length is 0");
	expect(has_text((const char *)answer + 2, "MaxEntCap="),
	       "the answer has no MaxEntCap");
}

static void methods_can_be_asked_for(void)
{
	static const char cas[] = "ibm,client-architecture-support";

	expect_is(ci1("test-method", 2, find("/"), cell(cas), 0, 0), 0,
		  "the root's method");
	expect_not(ci1("test-method", 2, find("/"), cell("no-such"), 0, 0), 0,
		   "a method that is not there");
}

static void addresses_are_real(void)
{
	uint32_t mmu = guest_number("/chosen", "mmu", 0), virt = cell(&rtas);
	uint32_t rets[3]; // top of the stack first: true, mode, phys

	if (!expect_is(call_method("translate", mmu, 1, &virt, 3, rets), 0,
		       "catch-result"))
		return;
	expect_is(rets[0], MISSING, "true");
	expect_is(rets[2], virt, "the real address");
}

static void architecture_is_agreed(void)
{
	uint32_t root = find("/"), chosen = find("/chosen");
	uint32_t stdout = guest_number("/chosen", "stdout", 0);

	expect_is(architecture_support(), 0, "the result");
	expect_is(find("/"), root, "the root's phandle");
	expect_is(find("/chosen"), chosen, "the phandle of /chosen");
	expect_is(guest_number("/chosen", "stdout", 0), stdout, "stdout");
	expect_is(write_bytes(stdout, "\r\n", 2), 2, "what write says");
	expect_image();
}

static const struct test_case cases[] = {
	RUNS("AIX: instantiate-rtas gives an entry in the client's memory",
	     "LoPAR B.6", REQUIRED, rtas_is_put_into_memory),
	RUNS("AIX: RTAS tells the partition's characteristics", "LoPAR 7.3.16",
	     EXPECTED, rtas_answers),
	RUNS("AIX: test-method tells what the root can do", "LoPAR B.6.2",
	     EXPECTED, methods_can_be_asked_for),
	RUNS("AIX: translate of mmu gives a real address", "PowerPC binding",
	     EXPECTED, addresses_are_real),
	RUNS("AIX: client-architecture-support leaves handles and the image",
	     "LoPAR B.6.2.3", EXPECTED, architecture_is_agreed),
};

GROUP("30", "platform", NULL);

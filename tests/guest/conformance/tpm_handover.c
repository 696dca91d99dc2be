// SPDX-License-Identifier: BSD-2-Clause
// The log of a virtual TPM goes to the client, and measuring ends.

#include "tests/guest/conformance/tpm.h"

#define PROM_INIT "Linux arch/powerpc/kernel/prom_init.c"
#define SLOF_TPM "SLOF board-qemu/slof/vtpm-sml.fs"

// Sizes in a log are little-endian. [TCG PFP 10.2]
static uint32_t le32_at(const unsigned char *at)
{
	return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[1] << 8 | at[0];
}

static uint32_t hand_over(uint32_t tpm, uint32_t at, uint32_t size)
{
	struct method_call call = { "sml-handover", tpm,  2, 1,
				    { size, at },   { 0 } };

	expect_is(call_method(&call), 0, "the catch-result");
	return call.out[0];
}

static uint32_t handing_over;

static void hand_over_to_bad_place(const struct bad_place *place)
{
	expect_is(hand_over(handing_over, place->at, place->length), 0,
		  place->name);
}

static void refuses_bad_places(void)
{
	uint32_t size;

	handing_over = open_tpm();
	if (!handing_over)
		return;
	size = tpm_number(handing_over, "sml-get-handover-size");
	for_bad_places(hand_over_to_bad_place);
	memset(big_buffer, 0xa5, size);
	expect_is(hand_over(handing_over, cell(big_buffer), size / 2), 0,
		  "the result for half the size");
	expect_is(big_buffer[0], 0xa5, "the buffer's first byte");
	expect_is(hand_over(handing_over, cell(big_buffer), 0), 0,
		  "the result for size 0");
	expect(measure_tpm(handing_over, TPM_PCR, "x", 1, "x", 1),
	       "measuring afterwards");
	close_instance(handing_over);
}

static bool has_spec_id(const unsigned char *log)
{
	return le32_at(log + 4) == 3 &&
	       !memcmp(log + 32, "Spec ID Event03", 16);
}

// prom_instantiate_sml()
static void hands_over(void)
{
	uint32_t tpm = open_tpm(), used, size, i;

	if (!tpm)
		return;
	expect(measure_tpm(tpm, TPM_PCR, "the last text", 14, "x", 1),
	       "2hash-ext-log");
	used = tpm_number(tpm, "sml-get-handover-size");
	size = tpm_number(tpm, "sml-get-allocated-size");
	expect(size <= BIG_BUFFER / 2, "the size");
	memset(big_buffer, 0xa5, BIG_BUFFER);
	expect_is(hand_over(tpm, cell(big_buffer), size), MISSING,
		  "the result");
	expect(has_spec_id(big_buffer), "the log has no Spec ID Event03");
	for (i = used; i > 14 && memcmp(big_buffer + i, "the last text", 14);)
		i--;
	expect(i > 14, "the log lacks the last text");
	for (i = used; i < size; i++) {
		if (big_buffer[i])
			break;
	}
	expect_is(i, size, "the end of the zeros after the log");
	expect_is(big_buffer[size], 0xa5, "the byte after the size");
	close_instance(tpm);
}

static void logs_no_more(void)
{
	uint32_t tpm = open_tpm(), used;

	if (!tpm)
		return;
	used = tpm_number(tpm, "sml-get-handover-size");
	expect(!measure_tpm(tpm, TPM_PCR, "x", 1, "x", 1),
	       "something was measured");
	expect_is(tpm_number(tpm, "sml-get-handover-size"), used,
		  "the size afterwards");
	expect_not(tpm_number(tpm, "get-failure-reason"), MISSING,
		   "the failure reason");
	close_instance(tpm);
}

static const struct test_case cases[] = {
	RUNS("sml-handover refuses memory that is foreign or too small",
	     SLOF_TPM, EXPECTED, refuses_bad_places),
	RUNS("Linux: sml-handover gives the log, and zeros after it", PROM_INIT,
	     EXPECTED, hands_over),
	RUNS("after sml-handover nothing is measured", SLOF_TPM, EXPECTED,
	     logs_no_more),
};

GROUP("83", "the log of a TPM", "tpm-log");

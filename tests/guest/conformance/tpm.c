// SPDX-License-Identifier: BSD-2-Clause
// Methods of a virtual TPM, /vdevice/vtpm: measuring, commands, sizes of the
// log. Its hand-over, which ends measuring, is in tpm_handover.c.

#include "tests/guest/conformance/tpm.h"

#define GRUB_TPM "GRUB commands/ieee1275/ibmvtpm.c"
#define SLOF_TPM "SLOF board-qemu/slof/vtpm-sml.fs"

// PCR_Read of PCR 16 in the bank of SHA-256. [TPM 2.0 Library, part 3, 22.4]
static const unsigned char read_pcr[] = { 0x80, 1, 0, 0, 0, 0x14, 0, 0, 1, 0x7e,
					  0,	0, 0, 1, 0, 0x0b, 3, 0, 0, 1 };
#define RESPONSE_CODE 6u

uint32_t open_tpm(void)
{
	uint32_t tpm;

	if (find("/vdevice/vtpm") == MISSING) {
		skip("there is no virtual TPM");
		return 0;
	}
	tpm = open_path("/vdevice/vtpm");
	expect(tpm && tpm != MISSING, "/vdevice/vtpm does not open");
	return tpm == MISSING ? 0 : tpm;
}

uint32_t tpm_number(uint32_t tpm, const char *method)
{
	struct method_call call = { method, tpm, 0, 1, { 0 }, { 0 } };

	expect_is(call_method(&call), 0, "the catch-result");
	return call.out[0];
}

bool measure_tpm(uint32_t tpm, uint32_t pcr, const void *text,
		 uint32_t text_length, const void *data, uint32_t length)
{
	struct method_call call = {
		"2hash-ext-log",
		tpm,
		6,
		1,
		{ length, cell(data), text_length, cell(text), 13, pcr },
		{ 0 },
	};

	return call_method(&call) == 0 && call.out[0] == MISSING;
}

uint32_t pass_to_tpm(uint32_t tpm, void *command, uint32_t length)
{
	struct method_call call = {
		"pass-through-to-tpm",	   tpm,	  2, 1,
		{ length, cell(command) }, { 0 },
	};

	expect_is(call_method(&call), 0, "the catch-result");
	return call.out[0];
}

static uint32_t be32_at(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

// Both are open at once; GRUB never closes any.
static void opens_twice(void)
{
	uint32_t first = open_tpm(), second;

	if (!first)
		return;
	second = open_tpm();
	expect_not(second, first, "the second instance");
	expect(measure_tpm(first, TPM_PCR, big_buffer, 1, big_buffer, 1),
	       "measuring with the first");
	close_instance(first);
	expect(measure_tpm(second, TPM_PCR, big_buffer, 1, big_buffer, 1),
	       "measuring with the second");
	close_instance(second);
}

static void has_methods(void)
{
	static const char *const names[] = {
		"sml-get-allocated-size", "sml-get-handover-size",
		"sml-handover",		  "get-failure-reason",
		"2hash-ext-log",	  "get-maximum-cmd-size",
		"pass-through-to-tpm",	  "reformat-sml-to-efi-alignment",
	};
	uint32_t tpm = open_tpm(), i;

	if (!tpm)
		return;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		expect(has_method(node_of(tpm), names[i]), names[i]);
	close_instance(tpm);
}

static void knows_sizes(void)
{
	uint32_t tpm = open_tpm(), used, all, command;

	if (!tpm)
		return;
	used = tpm_number(tpm, "sml-get-handover-size");
	all = tpm_number(tpm, "sml-get-allocated-size");
	command = tpm_number(tpm, "get-maximum-cmd-size");
	expect(used >= 32, "no room for the log's header");
	expect(all >= used, "the log is larger than all of its memory");
	expect(command >= 1024 && command <= 4096, "the longest command");
	close_instance(tpm);
}

static void has_not_failed(void)
{
	uint32_t tpm = open_tpm();

	if (!tpm)
		return;
	expect_is(tpm_number(tpm, "get-failure-reason"), MISSING,
		  "the failure");
	close_instance(tpm);
}

static void measures(void)
{
	uint32_t tpm = open_tpm(), before, after;

	if (!tpm)
		return;
	before = tpm_number(tpm, "sml-get-handover-size");
	expect(measure_tpm(tpm, TPM_PCR, "text", 5, big_buffer, 100000),
	       "2hash-ext-log");
	after = tpm_number(tpm, "sml-get-handover-size");
	expect(after >= before + 4 + 4 + 20 + 4 + 5,
	       "the log has not grown by an entry");
	expect(measure_tpm(tpm, TPM_PCR, "", 0, big_buffer, 0),
	       "2hash-ext-log of nothing");
	close_instance(tpm);
}

static void reads_pcr(uint32_t tpm, unsigned char to[4096])
{
	uint32_t length;

	memcpy(to, read_pcr, sizeof(read_pcr));
	length = pass_to_tpm(tpm, to, sizeof(read_pcr));
	expect(length >= 10 && length <= 4096, "the length of the response");
	expect_is(be32_at(to + 2), length, "the length in the response");
	expect_is(be32_at(to + RESPONSE_CODE), 0, "the response code");
}

static void measuring_changes_pcr(void)
{
	uint32_t tpm = open_tpm();
	unsigned char *before = big_buffer, *after = big_buffer + 4096;

	if (!tpm)
		return;
	reads_pcr(tpm, before);
	expect(measure_tpm(tpm, TPM_PCR, "x", 1, "data", 4), "2hash-ext-log");
	reads_pcr(tpm, after);
	expect(memcmp(before, after, 100) != 0, "the PCR is as before");
	close_instance(tpm);
}

static void refuses_pcrs(void)
{
	static const uint32_t bad[] = { 24, 32, 255, 0x80000000, 0xffffffff };
	uint32_t tpm = open_tpm(), i;

	if (!tpm)
		return;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		expect(!measure_tpm(tpm, bad[i], "x", 1, "x", 1),
		       "a PCR that does not exist is measured into");
	expect(measure_tpm(tpm, TPM_PCR, "x", 1, "x", 1),
	       "measuring afterwards");
	close_instance(tpm);
}

static uint32_t bad_tpm;

static void measure_bad_place(const struct bad_place *place)
{
	const void *at = (const void *)(uintptr_t)place->at;

	expect(!measure_tpm(bad_tpm, TPM_PCR, at, place->length, "x", 1),
	       place->name);
	expect(!measure_tpm(bad_tpm, TPM_PCR, "x", 1, at, place->length),
	       place->name);
	expect_is(pass_to_tpm(bad_tpm, (void *)(uintptr_t)place->at,
			      sizeof(read_pcr)),
		  0, place->name);
}

static void refuses_foreign_memory(void)
{
	bad_tpm = open_tpm();
	if (!bad_tpm)
		return;
	for_bad_places(measure_bad_place);
	expect_is(tpm_number(bad_tpm, "get-failure-reason"), MISSING,
		  "the failure afterwards");
	expect(measure_tpm(bad_tpm, TPM_PCR, "x", 1, "x", 1),
	       "measuring afterwards");
	close_instance(bad_tpm);
}

// GRUB goes on with what is in the buffer, whatever the length.
static void answers_bad_commands(void)
{
	static const uint32_t lengths[] = { 0, 9, 19, 21, 4097, 0xffffffff };
	uint32_t tpm = open_tpm(), i;

	if (!tpm)
		return;
	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		memcpy(big_buffer, read_pcr, sizeof(read_pcr));
		pass_to_tpm(tpm, big_buffer, lengths[i]);
		expect_not(be32_at(big_buffer + RESPONSE_CODE), 0,
			   "the response code");
	}
	reads_pcr(tpm, big_buffer);
	close_instance(tpm);
}

static void few_arguments(void)
{
	static const char *const names[] = { "2hash-ext-log", "sml-handover",
					     "pass-through-to-tpm" };
	uint32_t tpm = open_tpm(), i;

	if (!tpm)
		return;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct method_call call = { names[i], tpm, 1, 1, { 1 }, { 0 } };

		expect_not(call_method(&call), 0, names[i]);
		expect_is(call.out[0], 0, "the result");
	}
	close_instance(tpm);
}

static const struct test_case cases[] = {
	RUNS("GRUB: /vdevice/vtpm opens without its address, also twice",
	     GRUB_TPM, EXPECTED, opens_twice),
	RUNS("test-method finds each method of a TPM", SLOF_TPM, EXPECTED,
	     has_methods),
	RUNS("a TPM says how large its log and its commands are", SLOF_TPM,
	     EXPECTED, knows_sizes),
	RUNS("a TPM that works has no failure reason", SLOF_TPM, EXPECTED,
	     has_not_failed),
	RUNS("GRUB: 2hash-ext-log measures data and logs a text", GRUB_TPM,
	     EXPECTED, measures),
	RUNS("GRUB: a PCR that is measured into changes", GRUB_TPM, EXPECTED,
	     measuring_changes_pcr),
	RUNS("a PCR that does not exist is refused, and measuring goes on",
	     SLOF_TPM, EXPECTED, refuses_pcrs),
	RUNS("methods of a TPM refuse foreign memory, and measuring goes on",
	     SLOF_TPM, EXPECTED, refuses_foreign_memory),
	RUNS("GRUB: a TPM command of a wrong length gets an error as response",
	     "GRUB lib/ieee1275/tcg2.c", EXPECTED, answers_bad_commands),
	RUNS("methods of a TPM with too few arguments are caught",
	     "IEEE 1275 6.3.2.2", EXPECTED, few_arguments),
};

GROUP("63", "methods of a TPM", NULL);

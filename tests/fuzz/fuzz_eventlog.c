// SPDX-License-Identifier: BSD-2-Clause
// A client measures with a TPM, and takes its log, with any arguments.
#include "ci/ci.h"
#include "ci/mem.h"
#include "ci/tpm_methods.h"
#include "drivers/instance.h"
#include "packages/tpm/eventlog.h"
#include "tests/fake/event_reader.h"
#include "tests/fake/heap.h"
#include "tests/fake/tpm2.h"
#include "tests/fuzz/input.h"

/* The client's memory, and the method's cells. */
static uint8_t memory[4096] __attribute__((aligned(16)));
/*
 * The log says all that the TPM has: it was never full, and has no entry of type
 * EV_NO_ACTION, which is no measurement for who replays.
 */
static bool whole;

const void *ci_mem(uint64_t addr, uint64_t len)
{
	if (addr > sizeof(memory) || len > sizeof(memory) - addr)
		return NULL;
	return memory + addr;
}

void *ci_buf(uint64_t addr, uint64_t len)
{
	return (void *)(uintptr_t)ci_mem(addr, len);
}

int tree_setprop(struct node *node, const char *name, const void *value,
		 uint32_t len, enum tree_owner owner)
{
	(void)node, (void)name, (void)value, (void)len, (void)owner;
	return 0;
}

static cell_t call(const char *name, const cell_t *args)
{
	const struct method *m = fake_tpm2_device.as.dev->methods;
	cell_t ret = 0;

	while (strcmp(m->name, name) != 0)
		m++;
	assert(!m->call(NULL, args, &ret));
	return ret;
}

/* A range that is mostly memory, and at times just not. */
static void range(struct fuzz_input *in, cell_t *addr, cell_t *len)
{
	*addr = fuzz_u16(in) % (sizeof(memory) + 2);
	*len = fuzz_u8(in) & 0x80 ? fuzz_u32(in)
				  : fuzz_u16(in) % (sizeof(memory) + 1);
}

static void measure(struct fuzz_input *in)
{
	cell_t args[6], ok;
	size_t before = tpm_log_size();
	int state = tpm_state();

	range(in, &args[1], &args[0]);
	range(in, &args[3], &args[2]);
	args[4] = fuzz_u32(in);
	args[5] = fuzz_u8(in) % 26;
	fake_tpm2_forget();
	ok = call("2hash-ext-log", args);
	whole = whole && args[4] != EV_NO_ACTION && tpm_state() != ERR_NOSPACE;
	assert(ok == 0 || ok == CELL_TRUE);
	assert(!ok || (args[5] < 24 && !state && ci_mem(args[1], args[0]) &&
		       ci_mem(args[3], args[2])));
	/* Not a wrong argument, but the TPM or a full log. */
	if (args[5] >= 24 || !ci_mem(args[1], args[0]) ||
	    !ci_mem(args[3], args[2]) || state == ERR_PERM)
		assert(!*fake_tpm2.commands && tpm_log_size() == before &&
		       tpm_state() == state);
	if (ok)
		assert(tpm_log_size() >= before + 16 + args[2]);
}

/* The log is well-formed, and says what is in the PCRs. */
static void check_log(const uint8_t *log, size_t size)
{
	for (uint32_t pcr = 0; pcr < TPM2_PCRS; pcr++) {
		struct digest_values values;

		event_reader_replay(log, size, pcr, &values);
		for (unsigned i = 0; whole && i < DIGEST_HASHES; i++)
			assert(!(values.set & DIGEST_BIT(i)) ||
			       !memcmp(values.value[i], fake_tpm2.pcr[i][pcr],
				       digest_infos[i].size));
	}
}

static void hand_over(cell_t addr, cell_t len)
{
	static uint8_t before[sizeof(memory)];
	size_t size = tpm_log_size();
	const cell_t args[] = { len, addr };
	cell_t ok;

	memcpy(before, memory, sizeof(memory));
	ok = call("sml-handover", args);
	if (!ok) {
		assert(!memcmp(before, memory, sizeof(memory)));
		return;
	}
	assert(args[0] >= size - EVENTLOG_TAIL);
	assert(!memcmp(before, memory, args[1]));
	assert(!memcmp(before + args[1] + args[0], memory + args[1] + args[0],
		       sizeof(memory) - args[1] - args[0]));
	if (args[0] >= size)
		check_log(memory + args[1], args[0]);
	assert(tpm_state() == ERR_PERM && !tpm_hashes());
}

static void numbers(void)
{
	static const char *const names[] = { "sml-get-allocated-size",
					     "get-failure-reason",
					     "get-maximum-cmd-size",
					     "reformat-sml-to-efi-alignment" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)call(names[i], NULL);
	assert(call("sml-get-handover-size", NULL) == tpm_log_size());
}

static void start(struct fuzz_input *in)
{
	uint8_t size = fuzz_u8(in), banks = fuzz_u8(in);

	whole = true;
	fake_tpm2_reset();
	fake_tpm2.banks.count = 0;
	for (unsigned i = 0; i < DIGEST_HASHES; i++)
		fake_tpm2_bank(digest_infos[i].tpm, banks >> i & 1);
	tpm_start();
	assert(!ci_tpm_methods());
	if (tpm_log_size())
		fake_tpm_state_log(EVENTLOG_MIN + size * 8u);
	fuzz_take(in, memory, fuzz_u8(in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };

	start(&in);
	for (unsigned n = 0; n < 64 && in.left; n++) {
		uint8_t what = fuzz_u8(&in) % 16;
		cell_t addr, len;

		range(&in, &addr, &len);
		if (what == 0)
			hand_over(addr, len);
		else if (what == 1)
			numbers();
		else if (what == 2 && fuzz_u8(&in) == 7)
			fake_tpm2.fails = "PCR_Extend";
		else
			measure(&in);
	}
	hand_over(0, (cell_t)tpm_log_size());
	fake_tpm_state_reset();
	fake_log_stop();
	assert(fake_heap_live() == 0);
	return 0;
}

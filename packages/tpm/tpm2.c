// SPDX-License-Identifier: BSD-2-Clause
// Commands of a TPM 2.0, and checks of what it responds (TCG TPM 2.0 Library,
// part 3).
#include "packages/tpm/tpm2.h"

#include <string.h>

#include "lib/endian.h"
#include "packages/tpm/tpm2_message.h"

/* Handles. [part 2, 7.4] */
enum handle {
	HANDLE_OWNER = 0x40000001,
	HANDLE_ENDORSEMENT = 0x4000000b,
	HANDLE_PLATFORM = 0x4000000c,
};

/* [part 2, 6.9, 6.12] */
static const uint8_t startup_clear[2];
#define CAPABILITY_PCRS 5u
#define PROPERTIES_ALL 0x40u

/* A selection of PCRs: a bit each. [part 2, 10.6.1] */
#define SELECT_LEN (TPM2_PCRS / 8)
#define SELECT_MAX 32u

/* Bytes that a TPM is asked for at once: the least that each can give. */
#define RANDOM_STEP 32u

#define RC_INITIALIZE 0x100u

static const struct tpm2_command
	startup = { "Startup", 0x144, TPM2_PLAIN },
	self_test = { "SelfTest", 0x143, TPM2_PLAIN },
	shutdown = { "Shutdown", 0x145, TPM2_PLAIN },
	get_capability = { "GetCapability", 0x17a, TPM2_PLAIN },
	get_random = { "GetRandom", 0x17b, TPM2_PLAIN },
	pcr_read = { "PCR_Read", 0x17e, TPM2_PLAIN },
	pcr_extend = { "PCR_Extend", 0x182, TPM2_SESSION },
	pcr_allocate = { "PCR_Allocate", 0x12b, TPM2_SESSION },
	change_auth = { "HierarchyChangeAuth", 0x129, TPM2_SESSION },
	control = { "HierarchyControl", 0x121, TPM2_SESSION },
	clear_control = { "ClearControl", 0x127, TPM2_SESSION },
	clear = { "Clear", 0x126, TPM2_SESSION };

/* A command with `len` bytes of parameters, which have no secret. */
static int tpm2_do(struct tpm_device *tpm, const struct tpm2_command *command,
		   const void *parameters, size_t len)
{
	tpm2_begin(command, HANDLE_PLATFORM);
	tpm2_put(parameters, len);
	return tpm2_run(tpm);
}

int tpm2_startup(struct tpm_device *tpm)
{
	int err = tpm2_do(tpm, &startup, startup_clear, sizeof(startup_clear));

	return err && tpm2_code() == RC_INITIALIZE ? ERR_EXIST : err;
}

int tpm2_self_test(struct tpm_device *tpm)
{
	static const uint8_t full = 1;

	return tpm2_do(tpm, &self_test, &full, sizeof(full));
}

int tpm2_shutdown(struct tpm_device *tpm)
{
	return tpm2_do(tpm, &shutdown, startup_clear, sizeof(startup_clear));
}

/* Takes the selection of a bank: a bit each; the last is for all further PCRs. */
static uint64_t tpm2_take_select(void)
{
	uint32_t len = tpm2_take_number(1);
	uint64_t select = 0;

	if (len > SELECT_MAX)
		tpm2_bad();
	for (uint32_t i = 0; i < len; i++)
		select |= (uint64_t)tpm2_take_number(1) << 8 * MIN(i, 7u);
	return select;
}

static bool tpm2_has_bank(const struct tpm2_banks *banks, uint16_t alg)
{
	for (size_t i = 0; i < banks->count; i++) {
		if (banks->bank[i].alg == alg)
			return true;
	}
	return false;
}

static void tpm2_take_banks(struct tpm2_banks *banks)
{
	uint32_t n = tpm2_take_number(4);

	if (n > TPM2_BANKS_MAX) {
		tpm2_bad();
		return;
	}
	while (banks->count < n) {
		uint16_t alg = tpm2_take_number(2);

		if (tpm2_has_bank(banks, alg))
			tpm2_bad();
		banks->bank[banks->count++] =
			(struct tpm2_bank){ .alg = alg,
					    .active = tpm2_take_select() != 0 };
	}
}

int tpm2_get_banks(struct tpm_device *tpm, struct tpm2_banks *banks)
{
	static const uint8_t pcrs[12] = {
		[3] = CAPABILITY_PCRS,
		[11] = PROPERTIES_ALL,
	};
	int err = tpm2_do(tpm, &get_capability, pcrs, sizeof(pcrs));

	banks->count = 0;
	if (err < 0)
		return err;
	/* No more data; of what we asked for. */
	if (tpm2_take_number(1) || tpm2_take_number(4) != CAPABILITY_PCRS)
		tpm2_bad();
	tpm2_take_banks(banks);
	return tpm2_end();
}

static int tpm2_check_pcr(uint32_t pcr)
{
	return pcr < TPM2_PCRS ? 0 : reason_fail(ERR_INVAL, "no PCR %u", pcr);
}

/* `count`: of the digests that follow. */
static int tpm2_begin_extend(uint32_t pcr, unsigned count)
{
	tpm2_begin(&pcr_extend, pcr);
	tpm2_put_number(count, 4);
	return tpm2_check_pcr(pcr);
}

int tpm2_extend(struct tpm_device *tpm, uint32_t pcr,
		const struct digest_values *values)
{
	unsigned set = values->set & DIGEST_ALL;
	int err = tpm2_begin_extend(pcr, digest_count(set));

	if (err < 0)
		return err;
	for (unsigned i = 0; i < DIGEST_HASHES; i++) {
		if (!(set & DIGEST_BIT(i)))
			continue;
		tpm2_put_number(digest_infos[i].tpm, 2);
		tpm2_put(values->value[i], digest_infos[i].size);
	}
	return tpm2_run(tpm);
}

const struct digest_info *tpm2_other_hash(uint16_t alg)
{
	/* TCG Algorithm Registry 1.34, table 3. */
	static const struct digest_info others[] = {
		{ "sm3_256", 0x0012, 32 },
		{ "sha3_256", 0x0027, 32 },
		{ "sha3_384", 0x0028, 48 },
		{ "sha3_512", 0x0029, 64 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (others[i].tpm == alg)
			return &others[i];
	}
	return NULL;
}

int tpm2_cap(struct tpm_device *tpm, uint32_t pcr, uint16_t alg)
{
	const struct digest_info *info = tpm2_other_hash(alg);
	int err = tpm2_begin_extend(pcr, 1);

	if (err < 0)
		return err;
	if (!info)
		return reason_fail(ERR_NOTSUP, "unknown hash %04x", alg);
	tpm2_put_number(alg, 2);
	for (unsigned i = 0; i < info->size; i++)
		tpm2_put_number(0xff, 1);
	return tpm2_run(tpm);
}

static void tpm2_put_select(uint16_t alg, uint32_t select)
{
	tpm2_put_number(alg, 2);
	tpm2_put_number(SELECT_LEN, 1);
	for (unsigned i = 0; i < SELECT_LEN; i++)
		tpm2_put_number((uint8_t)(select >> 8 * i), 1);
}

/* A single value, of the PCR that was asked for. */
static void tpm2_take_pcr(uint32_t pcr, const struct digest_info *info,
			  uint8_t *value)
{
	tpm2_take_number(4); /* how often PCRs have changed */
	if (tpm2_take_number(4) != 1 || tpm2_take_number(2) != info->tpm ||
	    tpm2_take_select() != 1u << pcr || tpm2_take_number(4) != 1 ||
	    tpm2_take_number(2) != info->size)
		tpm2_bad();
	tpm2_take(value, info->size);
}

int tpm2_pcr_read(struct tpm_device *tpm, uint32_t pcr, enum digest_hash hash,
		  uint8_t *value)
{
	const struct digest_info *info = &digest_infos[hash];
	int err = tpm2_check_pcr(pcr);

	if (err < 0)
		return err;
	tpm2_begin(&pcr_read, 0);
	tpm2_put_number(1, 4);
	tpm2_put_select(info->tpm, 1u << pcr);
	err = tpm2_run(tpm);
	if (err < 0)
		return err;
	tpm2_take_pcr(pcr, info, value);
	return tpm2_end();
}

/* Returns how many came: 1 to `len`. */
static long tpm2_random_some(struct tpm_device *tpm, void *buf, size_t len)
{
	size_t want = MIN(len, (size_t)RANDOM_STEP), got;
	int err;

	tpm2_begin(&get_random, 0);
	tpm2_put_number((uint16_t)want, 2);
	err = tpm2_run(tpm);
	if (err < 0)
		return err;
	got = tpm2_take_number(2);
	if (got == 0 || got > want)
		tpm2_bad();
	else
		tpm2_take(buf, got);
	err = tpm2_end();
	tpm2_wipe();
	return err < 0 ? err : (long)got;
}

/* Each round gives a byte at least: it ends. */
int tpm2_random(struct tpm_device *tpm, void *buf, size_t len)
{
	uint8_t *at = buf;

	while (len) {
		long n = tpm2_random_some(tpm, at, len);

		if (n < 0)
			return (int)n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int tpm2_lock_platform(struct tpm_device *tpm, const void *auth)
{
	int err;

	tpm2_begin(&change_auth, HANDLE_PLATFORM);
	tpm2_put_number(TPM2_AUTH, 2);
	tpm2_put(auth, TPM2_AUTH);
	err = tpm2_run(tpm);
	tpm2_wipe();
	return err;
}

static int tpm2_switch_off(struct tpm_device *tpm, enum handle hierarchy)
{
	tpm2_begin(&control, HANDLE_PLATFORM);
	tpm2_put_number(hierarchy, 4);
	tpm2_put_number(0, 1);
	return tpm2_run(tpm);
}

/* The second one also if the first stays. */
int tpm2_disable_identity(struct tpm_device *tpm)
{
	struct reason_kept kept;
	int first = tpm2_switch_off(tpm, HANDLE_ENDORSEMENT), second;

	reason_keep(&kept);
	second = tpm2_switch_off(tpm, HANDLE_OWNER);
	if (first < 0)
		reason_put_back(&kept);
	return first < 0 ? first : second;
}

/* The platform last: it is what the others obey. */
void tpm2_disable(struct tpm_device *tpm)
{
	(void)!tpm2_disable_identity(tpm);
	(void)!tpm2_switch_off(tpm, HANDLE_PLATFORM);
}

int tpm2_allocate(struct tpm_device *tpm, const struct tpm2_banks *banks)
{
	uint8_t success;
	int err;

	tpm2_begin(&pcr_allocate, HANDLE_PLATFORM);
	tpm2_put_number((uint32_t)banks->count, 4);
	for (size_t i = 0; i < banks->count; i++)
		tpm2_put_select(banks->bank[i].alg,
				banks->bank[i].active ? UINT32_MAX : 0);
	err = tpm2_run(tpm);
	if (err < 0)
		return err;
	success = tpm2_take_number(1);
	if (success > 1)
		tpm2_bad();
	err = tpm2_end();
	if (err == 0 && !success)
		return reason_fail(ERR_NOSPACE,
				   "TPM2_%s: no room for these banks",
				   pcr_allocate.name);
	return err;
}

int tpm2_clear(struct tpm_device *tpm)
{
	/* Not disabled. [part 3, 24.7] */
	static const uint8_t no = 0;
	int err = tpm2_do(tpm, &clear_control, &no, sizeof(no));

	return err < 0 ? err : tpm2_do(tpm, &clear, &no, 0);
}

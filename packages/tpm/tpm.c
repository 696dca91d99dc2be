// SPDX-License-Identifier: BSD-2-Clause
/* The machine's TPM: started, extended and logged, handed to clients. */
#include "packages/tpm/tpm.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/tpm/eventlog.h"

/* The PCR of what steers the boot. [PFP, PCR usage] */
#define TPM_PCR_CONFIG 5u

static struct {
	struct tpm_device *dev; /* NULL: none */
	unsigned set;		/* active banks that have a hash */
	int failure;		/* ERR_*: a command failed; or 0 */
	bool locked, handed_over;
	struct eventlog log; /* base is NULL: none */
	char why[REASON_SIZE];
} tpm;

/* The reason for a failure, without the command that it may start with. */
static const char *tpm_reason(const char *command, int err)
{
	static const char prefix[] = "TPM2_";
	const char *why = reason() + sizeof(prefix) - 1;
	size_t len = strlen(command);

	if (!*reason())
		return err_str(err);
	if (strncmp(reason(), prefix, sizeof(prefix) - 1) ||
	    strncmp(why, command, len) || why[len] != ':')
		return reason();
	return why + len + sizeof(": ") - 1;
}

/* Measurements have become incomplete: nobody is to trust this TPM. */
static int tpm_fail(const char *command, int err)
{
	fmt_str(tpm.why, sizeof(tpm.why), "%s failed: %s", command,
		tpm_reason(command, err));
	log_err("TPM: %s; measurements stop", tpm.why);
	tpm.failure = err;
	if (device_is_up(tpm.dev->as.dev))
		tpm2_disable(tpm.dev);
	return reason_fail(err, "TPM: %s", tpm.why);
}

/* An exception has stopped all devices: the TPM's is opened again. */
struct tpm_device *tpm_device(void)
{
	struct device *dev;
	int err;

	if (!tpm.dev || tpm.failure)
		return NULL;
	dev = tpm.dev->as.dev;
	if (dev->state == DEVICE_QUIESCED)
		return NULL;
	err = device_is_up(dev) ? 0 : device_open(dev);
	if (err)
		(void)tpm_fail("open", err);
	return err ? NULL : tpm.dev;
}

/* Banks. */

static unsigned tpm_hash_of(uint16_t alg)
{
	unsigned i = 0;

	while (i < DIGEST_HASHES && digest_infos[i].tpm != alg)
		i++;
	return i;
}

const char *tpm_bank_name(uint16_t alg)
{
	static char number[8];
	unsigned hash = tpm_hash_of(alg);
	const struct digest_info *info = hash < DIGEST_HASHES
						 ? &digest_infos[hash]
						 : tpm2_other_hash(alg);

	if (info)
		return info->name;
	fmt_str(number, sizeof(number), "0x%x", alg);
	return number;
}

/*
 * An active bank that stays as it was would let later software make up its whole
 * history. All ones are the hash of nothing: no log replays to them.
 */
static int tpm_cap_bank(uint16_t alg)
{
	const char *name = tpm_bank_name(alg);
	int err = 0;

	for (uint32_t pcr = 0; !err && pcr < TPM_FIRMWARE_PCRS; pcr++)
		err = tpm2_cap(tpm.dev, pcr, alg);
	if (err == ERR_NOTSUP) {
		log_warn("TPM: bank %s is unknown: owner and endorsement are "
			 "switched off; `tpm banks` removes it",
			 name);
		return tpm2_disable_identity(tpm.dev);
	}
	if (!err)
		log_warn("TPM: bank %s cannot be computed; `tpm banks` removes "
			 "it",
			 name);
	return err;
}

static int tpm_find_banks(struct tpm_device *dev)
{
	struct tpm2_banks banks;
	int err = tpm2_get_banks(dev, &banks);

	for (size_t i = 0; !err && i < banks.count; i++) {
		const struct tpm2_bank *bank = &banks.bank[i];
		unsigned hash = tpm_hash_of(bank->alg);

		if (!bank->active)
			continue;
		if (hash < DIGEST_HASHES)
			tpm.set |= DIGEST_BIT(hash);
		else
			err = tpm_cap_bank(bank->alg);
	}
	return err;
}

/* One line: a harness may look for it. */
static void tpm_print(void)
{
	const char *separator = "TPM 2.0: banks ";

	for (unsigned i = 0; i < DIGEST_HASHES; i++) {
		if (!(tpm.set & DIGEST_BIT(i)))
			continue;
		print("%s%s", separator, digest_infos[i].name);
		separator = ", ";
	}
	if (tpm.set)
		print("\n");
	else
		log_warn("TPM: no active bank can be computed; `tpm banks "
			 "sha256` makes one");
}

/* Starting. */

static int tpm_open(struct tpm_device *dev)
{
	return device_open(dev->as.dev);
}

/* QEMU has reset it; if not, its PCRs are not what the log says. */
static int tpm_startup(struct tpm_device *dev)
{
	int err = tpm2_startup(dev);

	if (err != ERR_EXIST)
		return err;
	log_warn("TPM: it was started already: its PCRs have other contents, "
		 "too");
	return 0;
}

static int tpm_begin_log(struct tpm_device *dev)
{
	void *buf = heap_alloc(TPM_LOG_SIZE);

	(void)dev;
	if (!buf)
		return reason_fail(ERR_NOMEM, "no memory for its log");
	eventlog_begin(&tpm.log, buf, TPM_LOG_SIZE, tpm.set);
	return 0;
}

void tpm_start(void)
{
	static const struct {
		const char *name;
		int (*run)(struct tpm_device *dev);
	} steps[] = {
		{ "open", tpm_open },
		{ "Startup", tpm_startup },
		{ "SelfTest", tpm2_self_test },
		{ "GetCapability", tpm_find_banks },
		{ "the log", tpm_begin_log },
	};
	struct device_role *as = device_next_role(NULL, &tpm_role);

	if (!as)
		return;
	tpm.dev = tpm_device_of(as);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int err;

		reason_clear();
		err = steps[i].run(tpm.dev);
		if (err) {
			(void)tpm_fail(steps[i].name, err);
			return;
		}
	}
	tpm_print();
}

/* Its state. */

bool tpm_is_ready(void)
{
	return !tpm.failure && tpm.set;
}

int tpm_state(void)
{
	if (!tpm.dev)
		return ERR_NODEV;
	if (tpm.failure)
		return tpm.failure;
	if (tpm.handed_over)
		return ERR_PERM;
	return tpm.log.closed ? ERR_NOSPACE : 0;
}

const char *tpm_failure(void)
{
	return tpm.failure ? tpm.why : NULL;
}

bool tpm_is_locked(void)
{
	return tpm.locked;
}

unsigned tpm_hashes(void)
{
	return tpm.handed_over || !tpm_device() ? 0 : tpm.set;
}

/* Events. */

/* Extends and logs; `last`: it is the log's last entry. */
static int tpm_extend(uint32_t pcr, uint32_t type, const void *event,
		      size_t len, const struct digest_values *values, bool last)
{
	struct digest_values own;
	int err;

	if (!values) {
		digest_of(tpm.set, event, len, &own);
		values = &own;
	}
	err = tpm2_extend(tpm.dev, pcr, values);
	if (err)
		return tpm_fail("PCR_Extend", err);
	if (!last)
		return eventlog_add(&tpm.log, pcr, type, values, event, len);
	eventlog_last(&tpm.log, pcr, type, values, event, len);
	return 0;
}

/* The log's last entry says that PCRs have more than the log. */
static int tpm_truncate(void)
{
	/* TCG_PCClientTaggedEvent of the PFP: number, size, data. */
	static const char event[] = "\1\0\0\0\15\0\0\0log truncated";
	const size_t len = sizeof(event) - 1;
	int err;

	static_assert(sizeof(event) - 1 <= EVENTLOG_LAST,
		      "the log has room for it");
	err = tpm_extend(TPM_PCR_CONFIG, EV_EVENT_TAG, event, len, NULL, true);
	if (!err)
		log_warn("TPM: its log is full: PCRs go on, the log does not");
	return err;
}

/* May this be measured? Asked before the TPM is touched. */
static int tpm_check(uint32_t pcr)
{
	if (tpm.handed_over)
		return ERR_PERM;
	if (!tpm_hashes())
		return ERR_NODEV;
	return pcr < TPM2_PCRS ? 0 : ERR_INVAL;
}

int tpm_event(uint32_t pcr, uint32_t type, const void *event, size_t len,
	      const struct digest_values *values)
{
	int err = tpm_check(pcr);

	if (!err && !tpm.log.closed && !eventlog_fits(&tpm.log, len))
		err = tpm_truncate();
	return err ? err : tpm_extend(pcr, type, event, len, values, false);
}

/* Clients, resets. */

void tpm_lock(void)
{
	uint8_t auth[TPM2_AUTH];
	int err;

	if (tpm.locked)
		return;
	tpm.locked = true;
	if (!tpm_device())
		return;
	err = tpm2_random(tpm.dev, auth, sizeof(auth));
	if (err) {
		(void)tpm_fail("GetRandom", err);
		return;
	}
	err = tpm2_lock_platform(tpm.dev, auth);
	/* A client reads the firmware's memory; the compiler keeps the store. */
	memset(auth, 0, sizeof(auth));
	__asm__ volatile("" : : "r"(auth) : "memory");
	if (err)
		(void)tpm_fail("HierarchyChangeAuth", err);
}

void tpm_shutdown(void)
{
	struct tpm_device *dev = tpm_device();
	int err = dev ? tpm2_shutdown(dev) : 0;

	if (err)
		log_warn("TPM: Shutdown failed: %s",
			 tpm_reason("Shutdown", err));
}

size_t tpm_log_size(void)
{
	return tpm.log.base && !tpm.failure ? eventlog_size(&tpm.log) : 0;
}

int tpm_hand_over(void *dst, size_t size)
{
	int err;

	if (!tpm_log_size())
		return ERR_NODEV;
	err = eventlog_copy(&tpm.log, dst, size);
	tpm.handed_over |= !err;
	return err;
}

void tpm_take_back(void)
{
	tpm.handed_over = false;
}

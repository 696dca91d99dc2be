// SPDX-License-Identifier: BSD-2-Clause
// A machine with a TPM, at the level of commands.
#include "tests/fake/tpm2.h"

#include <assert.h>
#include <string.h>

#include "lib/reason.h"

struct fake_tpm2 fake_tpm2;

static int tpm2_device_start(struct device *dev)
{
	(void)dev;
	strcat(fake_tpm2.commands, "open ");
	if (fake_tpm2.fails && !strcmp(fake_tpm2.fails, "open"))
		return reason_fail(ERR_IO, "no queue");
	return 0;
}

static const struct driver tpm2_driver = { .name = "vtpm",
					   .start = tpm2_device_start };
static struct device tpm2_parent;
static bool tpm2_exists;
struct tpm_device fake_tpm2_device;

struct device_role *device_next_role(const struct device_role *as,
				     const struct role *role)
{
	assert(role == &tpm_role && !as);
	return tpm2_exists ? &fake_tpm2_device.as : NULL;
}

void fake_tpm2_bank(uint16_t alg, bool active)
{
	struct tpm2_bank *bank = &fake_tpm2.banks.bank[fake_tpm2.banks.count++];

	bank->alg = alg;
	bank->active = active;
}

void fake_tpm2_reset(void)
{
	fake_tpm_state_reset();
	fake_log_start();
	reason_clear();
	memset(&fake_tpm2, 0, sizeof(fake_tpm2));
	memset(&tpm2_parent, 0, sizeof(tpm2_parent));
	tpm2_parent.driver = &tpm2_driver;
	list_init(&tpm2_parent.roles);
	fake_tpm2_device.as.dev = &tpm2_parent;
	fake_tpm2_device.as.role = &tpm_role;
	fake_tpm2_device.max = TPM_BUFFER_MAX;
	tpm2_exists = true;
	fake_tpm2_bank(0x0004, true);
	fake_tpm2_bank(0x000b, true);
	fake_tpm2_bank(0x000c, false);
}

void fake_tpm2_remove(void)
{
	tpm2_exists = false;
}

void fake_tpm2_forget(void)
{
	fake_tpm2.commands[0] = '\0';
	fake_log_clear();
}

void fake_tpm2_quiesce(void)
{
	tpm2_parent.state = DEVICE_QUIESCED;
}

void fake_tpm2_stop(void)
{
	tpm2_parent.state = DEVICE_OFF;
	tpm2_parent.users = 0;
}

/* Records a command. Returns what it returns. */
static int tpm2_run(const char *name)
{
	assert(device_is_up(&tpm2_parent));
	assert(strlen(fake_tpm2.commands) + strlen(name) + 2 <
	       sizeof(fake_tpm2.commands));
	strcat(strcat(fake_tpm2.commands, name), " ");
	if (!fake_tpm2.fails || strcmp(fake_tpm2.fails, name) != 0)
		return 0;
	return reason_fail(fake_tpm2.fails_with ? fake_tpm2.fails_with : ERR_IO,
			   "TPM2_%s: the fake says so", name);
}

int tpm2_startup(struct tpm_device *dev)
{
	int err = tpm2_run("Startup");

	(void)dev;
	return !err && fake_tpm2.started ? ERR_EXIST : err;
}

int tpm2_self_test(struct tpm_device *dev)
{
	(void)dev;
	return tpm2_run("SelfTest");
}

int tpm2_get_banks(struct tpm_device *dev, struct tpm2_banks *banks)
{
	(void)dev;
	*banks = fake_tpm2.banks;
	return tpm2_run("GetCapability");
}

static void tpm2_extend_bank(uint8_t *pcr, unsigned hash, const uint8_t *value)
{
	size_t n = digest_infos[hash].size;
	struct digest_values values;
	uint8_t both[2 * DIGEST_MAX];

	memcpy(both, pcr, n);
	memcpy(both + n, value, n);
	digest_of(DIGEST_BIT(hash), both, 2 * n, &values);
	memcpy(pcr, values.value[hash], n);
}

int tpm2_extend(struct tpm_device *dev, uint32_t pcr,
		const struct digest_values *values)
{
	int err = tpm2_run("PCR_Extend");

	(void)dev;
	assert(pcr < TPM2_PCRS);
	for (unsigned i = 0; !err && i < DIGEST_HASHES; i++)
		if (values->set & DIGEST_BIT(i))
			tpm2_extend_bank(fake_tpm2.pcr[i][pcr], i,
					 values->value[i]);
	return err;
}

int tpm2_cap(struct tpm_device *dev, uint32_t pcr, uint16_t alg)
{
	(void)dev;
	if (alg == fake_tpm2.cap_unknown)
		return reason_fail(ERR_NOTSUP, "a digest of unknown size");
	fake_tpm2.capped |= 1u << pcr;
	return tpm2_run("cap");
}

int tpm2_pcr_read(struct tpm_device *dev, uint32_t pcr, enum digest_hash hash,
		  uint8_t *value)
{
	(void)dev;
	memcpy(value, fake_tpm2.pcr[hash][pcr], digest_infos[hash].size);
	return tpm2_run("PCR_Read");
}

int tpm2_random(struct tpm_device *dev, void *buf, size_t len)
{
	(void)dev;
	memset(buf, 0x99, len);
	return tpm2_run("GetRandom");
}

int tpm2_lock_platform(struct tpm_device *dev, const void *auth)
{
	(void)dev;
	memcpy(fake_tpm2.auth, auth, TPM2_AUTH);
	return tpm2_run("HierarchyChangeAuth");
}

void tpm2_disable(struct tpm_device *dev)
{
	(void)dev;
	(void)!tpm2_run("disable");
}

int tpm2_disable_identity(struct tpm_device *dev)
{
	(void)dev;
	return tpm2_run("disable-identity");
}

int tpm2_allocate(struct tpm_device *dev, const struct tpm2_banks *banks)
{
	(void)dev;
	fake_tpm2.allocated = *banks;
	return tpm2_run("PCR_Allocate");
}

int tpm2_clear(struct tpm_device *dev)
{
	(void)dev;
	return tpm2_run("Clear");
}

int tpm2_shutdown(struct tpm_device *dev)
{
	(void)dev;
	return tpm2_run("Shutdown");
}

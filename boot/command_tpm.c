// SPDX-License-Identifier: BSD-2-Clause
/* The prompt's command for the TPM. */
#include <string.h>

#include "boot/command.h"
#include "ci/quiesce.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/tpm/tpm.h"

static void tpm_print_banks(const char *title, const struct tpm2_banks *banks,
			    bool active)
{
	const char *separator = "";

	print("%s: ", title);
	for (size_t i = 0; i < banks->count; i++) {
		if (banks->bank[i].active != active)
			continue;
		print("%s%s", separator, tpm_bank_name(banks->bank[i].alg));
		separator = ", ";
	}
	print("%s\n", *separator ? "" : "none");
}

/* The PCRs of the firmware, in the bank that attesters prefer. */
static int tpm_print_pcrs(struct tpm_device *tpm)
{
	static const uint8_t order[] = { DIGEST_SHA256, DIGEST_SHA384,
					 DIGEST_SHA512, DIGEST_SHA1 };
	const struct digest_info *info;
	unsigned banks = tpm_hashes();
	uint8_t value[DIGEST_MAX];
	size_t i = 0;
	int err;

	while (i < ARRAY_SIZE(order) && !(banks & DIGEST_BIT(order[i])))
		i++;
	if (i == ARRAY_SIZE(order))
		return 0;
	info = &digest_infos[order[i]];
	for (uint32_t pcr = 0; pcr < TPM_FIRMWARE_PCRS; pcr++) {
		err = tpm2_pcr_read(tpm, pcr, order[i], value);
		if (err)
			return err;
		print("%s PCR %u: ", info->name, pcr);
		for (size_t b = 0; b < info->size; b++)
			print("%02x", value[b]);
		print("\n");
	}
	return 0;
}

static int tpm_show(struct tpm_device *tpm, char *args)
{
	struct tpm2_banks banks;
	int err = tpm2_get_banks(tpm, &banks), state = tpm_state();

	(void)args;
	if (err)
		return err;
	tpm_print_banks("Active banks", &banks, true);
	tpm_print_banks("Inactive banks", &banks, false);
	print("Event log: %zu of %u bytes%s\n", tpm_log_size(),
	      (unsigned)TPM_LOG_SIZE,
	      state == ERR_NOSPACE ? ", full"
	      : state == ERR_PERM  ? ", handed over"
				   : "");
	print("Platform: %s\n",
	      tpm_is_locked() ? "locked, a client has run" : "not locked");
	err = tpm_print_pcrs(tpm);
	return err ? err : COMMAND_OK;
}

static int tpm_clear(struct tpm_device *tpm, char *args)
{
	(void)args;
	return tpm2_clear(tpm);
}

/* The bank of a name, of `len` characters, that the firmware can compute. */
static struct tpm2_bank *tpm_bank(struct tpm2_banks *banks, const char *name,
				  size_t len)
{
	for (unsigned i = 0; i < DIGEST_HASHES; i++) {
		const char *known = digest_infos[i].name;

		if (strlen(known) != len || memcmp(known, name, len) != 0)
			continue;
		for (size_t b = 0; b < banks->count; b++) {
			if (banks->bank[b].alg == digest_infos[i].tpm)
				return &banks->bank[b];
		}
	}
	return NULL;
}

/* Makes the banks of a list active, and all others not. */
static int tpm_choose(struct tpm2_banks *banks, const char *names)
{
	const char *end;

	for (size_t i = 0; i < banks->count; i++)
		banks->bank[i].active = false;
	do {
		struct tpm2_bank *bank;

		end = strchr(names, ',');
		end = end ? end : names + strlen(names);
		bank = tpm_bank(banks, names, (size_t)(end - names));
		if (!bank)
			return reason_fail(ERR_NOENT,
					   "\"%.*s\" is no bank of this TPM "
					   "that can be computed",
					   (int)(end - names), names);
		bank->active = true;
		names = end + 1;
	} while (*end);
	return 0;
}

static int tpm_banks(struct tpm_device *tpm, char *args)
{
	struct tpm2_banks banks;
	int err = tpm2_get_banks(tpm, &banks);

	if (!err)
		err = tpm_choose(&banks, args);
	if (!err)
		err = tpm2_allocate(tpm, &banks);
	if (err)
		return err;
	ci_reboot();
	return reason_fail(ERR_NOTSUP, "the machine did not reset");
}

struct tpm_word {
	const char *name;
	bool has_argument, changes;
	int (*run)(struct tpm_device *tpm, char *args);
};

static int tpm_run(const struct tpm_word *word, char *args)
{
	struct tpm_device *tpm = tpm_device();

	if (!tpm && tpm_failure())
		return reason_fail(ERR_IO, "%s", tpm_failure());
	if (!tpm)
		return reason_fail(ERR_NODEV, "there is no TPM 2.0");
	if (word->changes && tpm_is_locked())
		return reason_fail(ERR_PERM,
				   "a client has run; only after a reset");
	return word->run(tpm, args);
}

int command_tpm(const struct prompt_ops *ops, char *args)
{
	static const struct tpm_word words[] = {
		{ "", false, false, tpm_show },
		{ "clear", false, true, tpm_clear },
		{ "banks", true, true, tpm_banks },
	};
	const char *word = command_word(&args);
	int err;

	(void)ops;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].name, word) != 0 ||
		    words[i].has_argument != (*args != '\0'))
			continue;
		err = tpm_run(&words[i], args);
		return err ? reason_fail(err, "tpm%s%s: %s", *word ? " " : "",
					 word, reason())
			   : COMMAND_OK;
	}
	return reason_fail(ERR_INVAL, "tpm: usage: tpm, tpm clear, or tpm "
				      "banks NAMES");
}

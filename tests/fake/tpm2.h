/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine with a TPM, at the level of commands: PCRs are really extended. */
#ifndef TESTS_FAKE_TPM2_H
#define TESTS_FAKE_TPM2_H

#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/tpm_state.h"

struct fake_tpm2 {
	struct tpm2_banks banks; /* what the TPM has */
	const char *fails;	 /* the command that fails; NULL: none */
	int fails_with;		 /* ERR_*; 0: ERR_IO */
	bool started;		 /* before the firmware */
	unsigned cap_unknown;	 /* tpm2_cap() does not know this bank */

	/* What happened: the names of the commands, each with a blank. */
	char commands[4096];
	uint8_t pcr[DIGEST_HASHES][TPM2_PCRS][DIGEST_MAX];
	unsigned capped; /* of 1 << pcr, in any bank */
	uint8_t auth[TPM2_AUTH];
	struct tpm2_banks allocated;
};

extern struct fake_tpm2 fake_tpm2;
extern struct tpm_device fake_tpm2_device;

/* fake_tpm2_reset - the machine was reset; its banks are SHA-1 and SHA-256. */
void fake_tpm2_reset(void);

/* fake_tpm2_remove - it has no TPM. */
void fake_tpm2_remove(void);

/* fake_tpm2_bank - add a bank. */
void fake_tpm2_bank(uint16_t alg, bool active);

/* fake_tpm2_forget - forget what happened so far; PCRs stay. */
void fake_tpm2_forget(void);

/* fake_tpm2_quiesce - shut its device down for good. */
void fake_tpm2_quiesce(void);

/* fake_tpm2_stop - stop its device, as after an exception. */
void fake_tpm2_stop(void);

#endif

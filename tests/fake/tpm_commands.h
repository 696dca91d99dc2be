/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands of the fake TPM, and its PCRs; tests use tests/fake/tpm.h. */
#ifndef TESTS_FAKE_TPM_COMMANDS_H
#define TESTS_FAKE_TPM_COMMANDS_H

#include "lib/digest.h"

#define FAKE_TPM_PCRS 24u

extern uint8_t fake_tpm_pcrs[DIGEST_HASHES][FAKE_TPM_PCRS][DIGEST_MAX];

/* fake_tpm_clear_pcrs - as after a reset. */
void fake_tpm_clear_pcrs(void);

/*
 * fake_tpm_execute - a command of `len` bytes. `rsp`: receives the response, of
 * TPM_BUFFER_MAX bytes at most. Returns its length. The test fails unless the
 * command is well-formed.
 */
size_t fake_tpm_execute(const uint8_t *cmd, size_t len, uint8_t *rsp);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* packages/tpm/tpm.c with a reset, and with a log of any size. */
#ifndef TESTS_FAKE_TPM_STATE_H
#define TESTS_FAKE_TPM_STATE_H

#include "packages/tpm/tpm.h"

/* fake_tpm_state_reset - as at power-on: no TPM was looked for. Frees the log. */
void fake_tpm_state_reset(void);

/* fake_tpm_state_log - begin the log anew with only `size` bytes. */
void fake_tpm_state_log(size_t size);

#endif

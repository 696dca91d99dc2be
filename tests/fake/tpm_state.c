// SPDX-License-Identifier: BSD-2-Clause
// packages/tpm/tpm.c with a reset.
#include "tests/fake/tpm_state.h"

#include "packages/tpm/tpm.c"

void fake_tpm_state_reset(void)
{
	heap_free(tpm.log.base);
	memset(&tpm, 0, sizeof(tpm));
}

void fake_tpm_state_log(size_t size)
{
	eventlog_begin(&tpm.log, tpm.log.base, size, tpm.set);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Methods of the TPM's node. */
#ifndef CI_TPM_METHODS_H
#define CI_TPM_METHODS_H

#include "lib/err.h"
#include "lib/types.h"

/*
 * ci_tpm_methods - give the machine's TPM, also one that has failed, its methods
 * and the property that Linux looks for. Without a TPM: nothing to do. Returns 0
 * or ERR_NOMEM.
 */
must_check int ci_tpm_methods(void);

#endif

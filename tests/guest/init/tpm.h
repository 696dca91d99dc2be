/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_GUEST_INIT_TPM_H
#define TESTS_GUEST_INIT_TPM_H

/* show_tpm - prints "pcr BANK NUMBER HEX" for each, and "log HEX". */
void show_tpm(void);

#endif /* TESTS_GUEST_INIT_TPM_H */

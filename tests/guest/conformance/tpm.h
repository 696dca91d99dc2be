/* SPDX-License-Identifier: BSD-2-Clause */
/* Code shared by the cases on a virtual TPM. */
#ifndef TESTS_GUEST_CONFORMANCE_TPM_H
#define TESTS_GUEST_CONFORMANCE_TPM_H

#include "tests/guest/conformance/io.h"

/* For debugging: nobody's measurements. [PC Client Platform TPM Profile] */
#define TPM_PCR 16u

/* An instance of /vdevice/vtpm; 0 after skip(), or a failed expectation. */
uint32_t open_tpm(void);

/* A method without arguments, and its result. */
uint32_t tpm_number(uint32_t tpm, const char *method);

/* 2hash-ext-log, as EV_IPL. */
bool measure_tpm(uint32_t tpm, uint32_t pcr, const void *text,
		 uint32_t text_length, const void *data, uint32_t length);

/* pass-through-to-tpm: the response's length. */
uint32_t pass_to_tpm(uint32_t tpm, void *command, uint32_t length);

#endif /* TESTS_GUEST_CONFORMANCE_TPM_H */

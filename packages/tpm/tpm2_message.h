/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of TPM 2.0 commands and responses (TCG TPM 2.0 Library, part 1, 18). */
#ifndef PACKAGES_TPM_TPM2_MESSAGE_H
#define PACKAGES_TPM_TPM2_MESSAGE_H

#include "drivers/tpm.h"
#include "lib/reason.h"

/* Tags: without authorization, and with a password that is empty. */
enum tpm2_tag {
	TPM2_PLAIN = 0x8001,
	TPM2_SESSION = 0x8002,
};

struct tpm2_command {
	const char *name; /* without "TPM2_" */
	uint32_t code;
	enum tpm2_tag tag; /* TPM2_SESSION: of its only handle */
};

/* The longest that we send and get: both are lists of banks and digests. */
#define TPM2_MESSAGE_MAX 512u

/*
 * There is one message: a command, then its response. It is static, for no stack
 * need hold it, and the TPM runs one command at a time.
 */

/* tpm2_begin - a command. `handle`: what TPM2_SESSION authorizes for. */
void tpm2_begin(const struct tpm2_command *command, uint32_t handle);

/* tpm2_put - append a parameter of `len` bytes. Lists have limits: it fits. */
void tpm2_put(const void *bytes, size_t len);

/* tpm2_put_number - append one of `len` bytes, up to 4. */
void tpm2_put_number(uint32_t value, size_t len);

/*
 * tpm2_run - send it. The response replaces it. Returns 0: the parameters can be
 * taken; or, with reason(), ERR_IO: the code is not 0; ERR_FORMAT: tag or sizes
 * are wrong; or as tpm_transmit().
 */
must_check int tpm2_run(struct tpm_device *tpm);

/* tpm2_code - the response's code; 0 also: there was no response. */
uint32_t tpm2_code(void);

/* tpm2_take - the next `len` bytes; if there are less: zeros, as tpm2_bad(). */
void tpm2_take(void *bytes, size_t len);

/* tpm2_take_number - the next one, of `len` bytes, up to 4. */
uint32_t tpm2_take_number(size_t len);

/* tpm2_bad - the response is malformed: nothing more can be taken. */
void tpm2_bad(void);

/* tpm2_end - all is taken. Returns 0, or ERR_FORMAT with reason(). */
must_check int tpm2_end(void);

/* tpm2_wipe - there was a secret in it. */
void tpm2_wipe(void);

#endif

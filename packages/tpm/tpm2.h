/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands of a TPM 2.0 (TCG TPM 2.0 Library, part 3). */
#ifndef PACKAGES_TPM_TPM2_H
#define PACKAGES_TPM_TPM2_H

#include "drivers/tpm.h"
#include "lib/digest.h"
#include "lib/err.h"

/* PCRs of a bank. [TCG PC Client Platform TPM Profile 4.6] */
#define TPM2_PCRS 24u
/* Banks that a TPM may list. [part 2, HASH_COUNT of an implementation] */
#define TPM2_BANKS_MAX 16u
/* Bytes of an authorization value. */
#define TPM2_AUTH 32u

/* A bank, of a hash that we may not know. */
struct tpm2_bank {
	uint16_t alg;
	bool active;
};

struct tpm2_banks {
	size_t count;
	struct tpm2_bank bank[TPM2_BANKS_MAX];
};

/*
 * All return 0, or ERR_* with reason(): the device failed; ERR_IO: the TPM
 * refused the command (its code is in the reason); ERR_FORMAT: the response is
 * malformed.
 */

/* tpm2_startup - TPM2_Startup(CLEAR). ERR_EXIST: it was started already. */
must_check int tpm2_startup(struct tpm_device *tpm);

/* tpm2_self_test - a full one. */
must_check int tpm2_self_test(struct tpm_device *tpm);

/* tpm2_get_banks - which banks the TPM has. ERR_FORMAT also: one twice. */
must_check int tpm2_get_banks(struct tpm_device *tpm, struct tpm2_banks *banks);

/* tpm2_extend - extend a PCR in all banks of `values`. `pcr` < TPM2_PCRS. */
must_check int tpm2_extend(struct tpm_device *tpm, uint32_t pcr,
			   const struct digest_values *values);

/*
 * tpm2_cap - extend a PCR in a bank whose hash we cannot compute, with all ones:
 * no log replays to it then. ERR_NOTSUP: the size of its digests is not known.
 */
must_check int tpm2_cap(struct tpm_device *tpm, uint32_t pcr, uint16_t alg);

/* tpm2_other_hash - one that we cannot compute; NULL: not known. */
const struct digest_info *tpm2_other_hash(uint16_t alg);

/* tpm2_pcr_read - `value`: digest_infos[hash].size bytes. */
must_check int tpm2_pcr_read(struct tpm_device *tpm, uint32_t pcr,
			     enum digest_hash hash, uint8_t *value);

/* tpm2_random - `len` bytes from the TPM's generator, all of them. */
must_check int tpm2_random(struct tpm_device *tpm, void *buf, size_t len);

/* tpm2_lock_platform - set the platform's authorization, of TPM2_AUTH bytes. */
must_check int tpm2_lock_platform(struct tpm_device *tpm, const void *auth);

/*
 * tpm2_disable - switch off endorsement, owner and platform hierarchy, as far as
 * the TPM still obeys: measurements have become incomplete. Returns nothing:
 * it is the last resort.
 */
void tpm2_disable(struct tpm_device *tpm);

/*
 * tpm2_disable_identity - endorsement and owner hierarchy only: a bank is active
 * that can be neither extended nor capped.
 */
must_check int tpm2_disable_identity(struct tpm_device *tpm);

/*
 * tpm2_allocate - make exactly the banks with `active` so after the next reset.
 * ERR_NOSPACE: the TPM cannot have all of them.
 */
must_check int tpm2_allocate(struct tpm_device *tpm,
			     const struct tpm2_banks *banks);

/* tpm2_clear - remove the owner and all that belongs to it. */
must_check int tpm2_clear(struct tpm_device *tpm);

/* tpm2_shutdown - TPM2_Shutdown(CLEAR), before a reset. */
must_check int tpm2_shutdown(struct tpm_device *tpm);

#endif

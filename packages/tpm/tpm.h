/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's TPM: started, extended and logged, handed to clients. */
#ifndef PACKAGES_TPM_TPM_H
#define PACKAGES_TPM_TPM_H

#include "lib/digest.h"
#include "lib/err.h"
#include "packages/tpm/tpm2.h"

/* The firmware's: 0 to 7. [TCG PC Client Platform Firmware Profile 3.3.4] */
#define TPM_FIRMWARE_PCRS 8u

/* Types of events. [TCG PC Client Platform Firmware Profile, 10.4.1] */
enum tpm_event_type {
	EV_NO_ACTION = 3,
	EV_SEPARATOR = 4,
	EV_ACTION = 5,
	EV_EVENT_TAG = 6,
	EV_S_CRTM_CONTENTS = 7,
	EV_S_CRTM_VERSION = 8,
	EV_PLATFORM_CONFIG_FLAGS = 10,
	EV_TABLE_OF_DEVICES = 11,
	EV_COMPACT_HASH = 12,
	EV_IPL = 13,
	EV_IPL_PARTITION_DATA = 14,
	EV_EFI_VARIABLE_DRIVER_CONFIG = 0x80000001,
	EV_EFI_GPT_EVENT = 0x80000006,
	EV_EFI_VARIABLE_AUTHORITY = 0x800000e0,
};

/*
 * tpm_start - find the machine's TPM, start it, and begin its log. A TPM that
 * fails is named, and is as none. Without one: costs a look at the list of roles.
 */
void tpm_start(void);

/* tpm_is_ready - is there a TPM, and has none of its commands failed? */
bool tpm_is_ready(void);

/*
 * tpm_hashes - of DIGEST_BIT(): the hashes of the active banks; 0: no TPM, it
 * has failed, or its log was handed over: nothing need be hashed.
 */
unsigned tpm_hashes(void);

/*
 * tpm_event - extend a PCR and log that. `event`: the data of the log's entry.
 * `values`: what is extended, with tpm_hashes(); NULL: the hashes of `event`.
 * Returns 0; ERR_INVAL: no such PCR; ERR_NOSPACE: extended, but the log is full;
 * ERR_PERM: it was handed over; ERR_NODEV: no TPM; or ERR_* with reason(): the
 * TPM failed. That is printed; measuring ends then.
 */
must_check int tpm_event(uint32_t pcr, uint32_t type, const void *event,
			 size_t len, const struct digest_values *values);

/*
 * tpm_lock - once, before the first client: give the platform hierarchy an
 * authorization that nobody knows.
 */
void tpm_lock(void);

/* tpm_shutdown - before a reset by the firmware. */
void tpm_shutdown(void);

/*
 * tpm_device - the TPM, for the prompt's commands and those of clients; NULL:
 * none, or it failed, or the firmware is quiesced.
 */
struct tpm_device *tpm_device(void);

/* tpm_failure - why the TPM is not used, as text; NULL: it is, or none exists. */
const char *tpm_failure(void);

/* tpm_is_locked - has tpm_lock() been called: a client has run? */
bool tpm_is_locked(void);

/*
 * tpm_state - 0: it measures; ERR_NODEV: none; ERR_NOSPACE: the log is full;
 * ERR_PERM: it was handed over; or the ERR_* with which it failed.
 */
int tpm_state(void);

/* Bytes of the log; four banks have room for more than 1000 events. */
#define TPM_LOG_SIZE (256u * KiB)

/* tpm_log_size - bytes that a copy of the log needs; 0: there is none. */
size_t tpm_log_size(void);

/*
 * tpm_hand_over - copy the log to a client's memory, of `size` bytes; zeros follow
 * it. Nothing is logged or extended then, until tpm_take_back(). May be repeated.
 * Returns 0; ERR_NODEV: there is no log; ERR_NOSPACE: it does not fit; then
 * nothing is written, and logging goes on.
 */
must_check int tpm_hand_over(void *dst, size_t size);

/* tpm_take_back - the client that has the log has left: the log goes on. */
void tpm_take_back(void);

/*
 * tpm_bank_name - "sha256"; a number for a bank that nobody knows, in a static
 * buffer, valid until the next call.
 */
const char *tpm_bank_name(uint16_t alg);

#endif

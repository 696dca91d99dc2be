/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake TPM 2.0 with real PCRs; it can answer whatever a test wants. */
#ifndef TESTS_FAKE_TPM_H
#define TESTS_FAKE_TPM_H

#include "drivers/tpm.h"
#include "lib/digest.h"
#include "tests/fake/tpm_commands.h"

/* Commands that it remembers. */
#define FAKE_TPM_LOG 1024u
/* Banks that we have no hash for. */
#define FAKE_TPM_OTHERS 4u

/* Codes of commands. [TCG TPM 2.0 Library, part 2, 6.5.2] */
enum fake_tpm_code {
	FAKE_TPM_ANY = 0,
	FAKE_TPM_HIERARCHY_CONTROL = 0x121,
	FAKE_TPM_CLEAR = 0x126,
	FAKE_TPM_CLEAR_CONTROL = 0x127,
	FAKE_TPM_CHANGE_AUTH = 0x129,
	FAKE_TPM_PCR_ALLOCATE = 0x12b,
	FAKE_TPM_SELF_TEST = 0x143,
	FAKE_TPM_STARTUP = 0x144,
	FAKE_TPM_SHUTDOWN = 0x145,
	FAKE_TPM_GET_CAPABILITY = 0x17a,
	FAKE_TPM_GET_RANDOM = 0x17b,
	FAKE_TPM_PCR_READ = 0x17e,
	FAKE_TPM_PCR_EXTEND = 0x182,
};

/* Hierarchies, as bits of `disabled`. */
#define FAKE_TPM_OWNER 1u
#define FAKE_TPM_ENDORSEMENT 2u
#define FAKE_TPM_PLATFORM 4u

/* A bank that we have no hash for: what it was extended with last. */
struct fake_tpm_other {
	uint16_t alg;
	uint8_t size;
	bool active;
	unsigned extends[FAKE_TPM_PCRS];
	uint8_t last[FAKE_TPM_PCRS][DIGEST_MAX];
};

struct fake_tpm {
	struct tpm_device tpm;
	struct node *node; /* see fake_tpm_plug() */

	/* Read them freely. `banks`: of DIGEST_BIT(): the active ones. */
	unsigned banks, supported;
	bool started, tested, shut_down;
	bool locked;	     /* the platform has an authorization */
	uint8_t auth[32];    /* which */
	unsigned disabled;   /* hierarchies */
	unsigned clears;     /* TPM2_Clear() that succeeded */
	unsigned allocated;  /* `banks` after the next reset */
	bool no_allocation;  /* TPM2_PCR_Allocate() answers: no room */
	unsigned random_max; /* bytes that it gives at once; 0: 32 */
	unsigned n_others;
	struct fake_tpm_other others[FAKE_TPM_OTHERS];

	/* The codes of all commands since fake_tpm_init(), in order. */
	unsigned count;
	uint32_t codes[FAKE_TPM_LOG];
	/* The last command, whole. */
	uint8_t command[TPM_BUFFER_MAX];
	size_t command_len;
};
extern struct fake_tpm fake_tpm;

/*
 * fake_tpm_init - a TPM that has had power just now: it supports all hashes;
 * those of `banks`, of DIGEST_BIT(), are active.
 */
void fake_tpm_init(unsigned banks);

/*
 * fake_tpm_plug - make it a device with the TPM's role: /vdevice/vtpm@71000002,
 * with /vdevice if there is none. The tree and the devices are initialised.
 */
void fake_tpm_plug(void);

/* fake_tpm_reset - of the machine: PCRs are 0, an allocation is in force. */
void fake_tpm_reset(void);

/* fake_tpm_add_bank - it also has a bank of a hash that we do not have. */
struct fake_tpm_other *fake_tpm_add_bank(uint16_t alg, uint8_t size,
					 bool active);

/* fake_tpm_pcr - the value, digest_infos[hash].size bytes. */
const uint8_t *fake_tpm_pcr(enum digest_hash hash, unsigned pcr);

/* fake_tpm_count_of - how often a command was sent since fake_tpm_init(). */
unsigned fake_tpm_count_of(uint32_t code);

/*
 * fake_tpm_answer - a command, FAKE_TPM_ANY: all, gets these bytes as an answer
 * from now on, and is not executed. One code at a time: replaces what
 * fake_tpm_refuse() and fake_tpm_fail() have set.
 * fake_tpm_refuse - the same: a well-formed answer with this response code.
 * fake_tpm_fail - the same: the transport fails, with this error.
 * fake_tpm_skip - but the next `n` of them are executed.
 * fake_tpm_once - but only one of them is not.
 * fake_tpm_behave - it is honest again.
 */
void fake_tpm_answer(uint32_t code, const void *bytes, size_t len);
void fake_tpm_refuse(uint32_t code, uint32_t rc);
void fake_tpm_fail(uint32_t code, int err);
void fake_tpm_skip(unsigned n);
void fake_tpm_once(void);
void fake_tpm_behave(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake CRQ partner with a TPM, like QEMU's tpm-spapr; it can lie. */
#ifndef TESTS_FAKE_VTPM_H
#define TESTS_FAKE_VTPM_H

#include "drivers/tpm.h"
#include "tests/fake/hcall.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio_dma.h"

#define FAKE_VTPM_UNIT 0x71000002u

/* Ways to misbehave; each lasts until it is reset. */
enum fake_vtpm_lie {
	FAKE_VTPM_HONEST,
	FAKE_VTPM_SILENT,     /* accepts a command and never ends it */
	FAKE_VTPM_SLOW,	      /* ends it only in fake_vtpm_end() */
	FAKE_VTPM_ERROR_3,    /* cannot read it; runs the last one, as QEMU */
	FAKE_VTPM_ERROR_4,    /* cannot write the response */
	FAKE_VTPM_THEN_ERROR, /* the response, and an error after it */
	FAKE_VTPM_LEN,	      /* the element's length is `lie_len` */
	FAKE_VTPM_TWICE,      /* the same response again */
	FAKE_VTPM_ADDRESS,    /* a response at another address, then silence */
	FAKE_VTPM_OTHER,   /* the response to another message, then silence */
	FAKE_VTPM_UNKNOWN, /* an element of no known kind, then the response */
	FAKE_VTPM_CLOSES,  /* closes the connection */
	FAKE_VTPM_LATE,	   /* ends it when it is asked for its buffer */
	FAKE_VTPM_MUTE,	   /* answers no message at all, after the handshake */
};

struct fake_vtpm {
	enum fake_vtpm_lie lie;
	uint16_t lie_len;
	uint32_t version;     /* 2 */
	uint16_t buffer_size; /* 4096 */
	bool no_init;	      /* the handshake gets no answer */
	bool taken;	      /* H_REG_CRQ: a previous owner has one */
	int64_t send_error;   /* H_*: of commands */
	unsigned busy;	      /* so many tries get H_BUSY */

	/* What the TPM answers, `response_len` bytes; and what it was sent. */
	uint8_t response[8192];
	size_t response_len;
	uint8_t command[TPM_BUFFER_MAX];
	size_t command_len;

	uint64_t queue; /* bus address, 0: none registered */
	unsigned next;
	uint64_t running;   /* page of a command that has not ended; 0: none */
	uint64_t last_page; /* of the last command */
	unsigned commands, registers, frees;
};
extern struct fake_vtpm fake_vtpm;

/* fake_vtpm_plug - an honest partner, and a node for it: `compatible`. */
struct node *fake_vtpm_plug(const char *compatible);

/* fake_vtpm_unplug - remove it; the test fails if anything is left. */
void fake_vtpm_unplug(void);

/* fake_vtpm_post - put an element on the queue, as the partner does. */
void fake_vtpm_post(uint64_t high, uint64_t low);

/* fake_vtpm_end - end the command that is running: write, and respond. */
void fake_vtpm_end(void);

#endif

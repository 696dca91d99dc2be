/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake CRQ partner that speaks SRP like QEMU's spapr-vscsi; it can lie. */
#ifndef TESTS_FAKE_VSCSI_H
#define TESTS_FAKE_VSCSI_H

#include "tests/fake/hcall.h"
#include "tests/fake/scsi.h"
#include "tests/fake/virtio_dma.h"

#define FAKE_VSCSI_UNIT 0x71000002u

/* How the handshake goes. */
enum fake_greeting {
	FAKE_ANSWERS,	 /* as QEMU */
	FAKE_ASKS_FIRST, /* asks when the queue exists, and waits for us */
	FAKE_LATE,	 /* absent at first; asks when it appears */
	FAKE_MUTE,
};

/* Ways to misbehave; each lasts until it is reset. */
enum fake_srp_lie {
	FAKE_SRP_HONEST,
	FAKE_SRP_SILENT,
	FAKE_SRP_WRONG_TAG,    /* an answer to no request, none to ours */
	FAKE_SRP_TWICE,	       /* the answer and a second one */
	FAKE_SRP_OPCODE,       /* an answer with another opcode */
	FAKE_SRP_SHORT,	       /* of 10 bytes */
	FAKE_SRP_LONG,	       /* of 60000 */
	FAKE_SRP_SENSE_LEN,    /* 4 GiB of sense data */
	FAKE_SRP_RESPONSE_LEN, /* 4 GiB of response data before it */
	FAKE_SRP_RESPONSE,     /* 4 bytes of it, honestly */
	FAKE_SRP_CLOSES,       /* goes away instead of answering */
	FAKE_SRP_UNDER,	       /* reports residuals, unlike QEMU */
	FAKE_SRP_GARBAGE, /* an element of no known kind, then the answer */
};

struct fake_vscsi {
	enum fake_greeting greeting;
	enum fake_srp_lie lie;
	unsigned answers;	/* until it is FAKE_SRP_SILENT; 0: any number */
	bool no_bypass;		/* RTAS lacks ibm,set-tce-bypass */
	int64_t register_error; /* H_*: once */
	int64_t send_error;

	uint64_t queue; /* bus address, 0: none registered */
	unsigned next;
	uint64_t last_high; /* of the last element */
	bool bypass;
	bool greeted; /* we have answered the partner's question */
	unsigned commands, frees;
	unsigned kept, most_kept; /* commands in flight: not answered */
	/* The last unit that FAKE_SRP_SILENT has not answered, and its data. */
	uint64_t late_iu, late_data; /* bus addresses, 0: none */
};
extern struct fake_vscsi fake_vscsi;

/* fake_vscsi_reset - an honest partner that handles the hypercalls. */
void fake_vscsi_reset(void);

/* fake_vscsi_post - put an element on the queue, as the partner does. */
void fake_vscsi_post(uint64_t high, uint64_t low);

/* fake_vscsi_repeat - store the first half of the last element again. */
void fake_vscsi_repeat(void);

/* fake_vscsi_stray - an element at the partner's place that it did not post. */
void fake_vscsi_stray(uint64_t high, uint64_t low);

#endif

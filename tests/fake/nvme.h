/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fake NVMe controllers: registers, rings, commands, as QEMU's hw/nvme/ctrl.c.
 * They check what the driver writes, and can misbehave. Offsets and numbers are
 * those of the specification, written out, so that the driver's are checked.
 */
#ifndef TESTS_FAKE_NVME_H
#define TESTS_FAKE_NVME_H

#include "tests/fake/nvme_machine.h"

/* Ways to misbehave. */
enum fake_nvme_lie {
	NVME_HONEST,
	NVME_LIE_NEVER_READY,
	NVME_LIE_FATAL,	      /* CSTS.CFS as soon as it is enabled */
	NVME_LIE_STAYS_READY, /* also when it is disabled */
	NVME_LIE_NO_SHUTDOWN, /* SHST stays 1 */
	NVME_LIE_SILENT,      /* commands do not complete */
	NVME_LIE_OLD_PHASE,   /* completions have the phase of old ones */
	NVME_LIE_EARLY_PHASE, /* the entry after one is new, too, all zeros */
	NVME_LIE_UNKNOWN_ID,  /* completions are for command ffff */
	NVME_LIE_FREE_SLOT,   /* ... for one that is not in flight */
	NVME_LIE_OLD_GENERATION, /* ... for the slot's command before */
	NVME_LIE_TWICE,		 /* each completion comes twice */
	NVME_LIE_SQ_HEAD,	 /* SQHD is one too far */
	NVME_LIE_SQ_HEAD_RANGE,	 /* SQHD is outside the queue */
	NVME_LIE_SQ_ID,		 /* completions are of another queue */
	NVME_LIE_DIES,		 /* CFS at the first command for I/O */
	NVME_LIE_VANISHES,	 /* all ones from then on */
	NVME_LIE_STOPS,		 /* RDY is 0 from then on */
	NVME_LIE_FUZZ,		 /* what the caller makes it do */
};
#define FAKE_NVME_LIES (NVME_LIE_FUZZ + 1)

struct fake_nvme_namespace {
	uint32_t id;
	uint64_t blocks; /* NSZE, whatever `len` is */
	uint8_t shift;	 /* LBADS */
	uint16_t metadata;
	uint8_t nlbaf, flbas, dps, attr;
	uint8_t *data;
	size_t len;
};
#define FAKE_NVME_NAMESPACES 1024u

struct fake_nvme_queue {
	uint64_t sq, cq; /* bus addresses */
	unsigned sq_size, cq_size;
	unsigned sq_head, sq_tail, cq_head, cq_tail;
	unsigned phase;
};

/* What the driver did. */
struct fake_nvme_seen {
	unsigned enables, resets, shutdowns;
	unsigned commands[2][256]; /* by queue and opcode */
	unsigned tail_bells[2], head_bells[2];
	unsigned most;	     /* commands in flight at a time */
	uint32_t dw12, dw14; /* of the last read or write */
	uint64_t prp[2];
	unsigned lists; /* commands with a list */
};

struct fake_nvme {
	/* Its properties; set before the driver starts it. */
	uint64_t cap;
	enum fake_nvme_lie lie;
	uint64_t ready_ms; /* from CC.EN to RDY */
	uint64_t ready_at;
	uint8_t mdts, vwc;
	struct fake_nvme_namespace ns[FAKE_NVME_NAMESPACES];
	unsigned n_ns;
	/* The next `fails` commands `fail_opcode` of a queue get `status`. */
	unsigned fail_queue, fail_opcode, fails;
	uint16_t status;
	bool hold; /* commands for I/O wait for fake_nvme_release() */
	/* Called with what Identify returns, to change it, if set. */
	void (*identify)(unsigned cns, uint32_t nsid, uint8_t *page);
	/* The same for a completion, and for the value of a register. */
	void (*completion)(unsigned q, uint8_t *cqe);
	uint32_t (*read)(unsigned reg, uint32_t value);

	/* Registers. */
	uint32_t cc, csts, aqa;
	uint64_t asq, acq;
	struct fake_nvme_queue queue[2];
	bool gone; /* all registers read as ones */
	struct fake_nvme_seen seen;
};
extern struct fake_nvme fake_nvmes[FAKE_NVMES];

/* fake_nvme_reset - as QEMU's, with namespace 1 of 4096 blocks of 512 bytes. */
void fake_nvme_reset(struct fake_nvme *fn);

/* fake_nvme_add - another namespace, of 2 MiB that the first has, too. */
struct fake_nvme_namespace *fake_nvme_add(struct fake_nvme *fn, uint32_t id);

/* fake_nvme_release - serve the commands that `hold` has kept. */
void fake_nvme_release(struct fake_nvme *fn);

/* fake_nvme_post - a completion in the next entry of a queue, however wrong. */
void fake_nvme_post(struct fake_nvme *fn, unsigned q, uint16_t sq_head,
		    uint16_t cid, uint16_t status);

/* For nvme_machine.c: accesses to registers. */
uint32_t fake_nvme_read(struct fake_nvme *fn, unsigned reg);
void fake_nvme_write(struct fake_nvme *fn, unsigned reg, uint32_t value);

/* The 2 MiB of namespaces. fake_nvme_fill - what is in them at first. */
void fake_nvme_fill(void);
#define FAKE_NVME_DATA (2u << 20)
extern uint8_t fake_nvme_data[FAKE_NVME_DATA];

#endif

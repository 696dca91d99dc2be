/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers and rings of a fake e1000 or e1000e. It checks what the driver
 * writes, and can lie.
 */
#ifndef TESTS_FAKE_E1000_H
#define TESTS_FAKE_E1000_H

#include "tests/fake/net_card.h"

#define FAKE_E1000_SENT 64u

struct fake_e1000 {
	/* Ways to misbehave. */
	bool stuck;    /* nothing is sent */
	bool no_end;   /* no frame ends */
	uint8_t error; /* of each frame */
	uint32_t more; /* bytes that it claims more than there are */

	uint32_t reg[0x1800]; /* by their offset / 4 */
	bool link;
	unsigned rctls;	  /* writes to RCTL */
	unsigned tails;	  /* writes to RDT */
	unsigned kicks;	  /* writes to TDT that send something */
	uint32_t masked;  /* interrupts */
	unsigned cleared; /* reads of ICR */
	unsigned sent;
	struct {
		size_t len;
		uint8_t data[2048];
	} frame[FAKE_E1000_SENT]; /* the last ones */
};
extern struct fake_e1000 fake_e1000;

/* fake_e1000_reset - an honest card, MAC 52:54:00:12:34:56. */
void fake_e1000_reset(void);

/* fake_e1000_register - by its offset. */
uint32_t *fake_e1000_register(unsigned reg);

/*
 * fake_e1000_used - as a client has left it: on, its rings elsewhere, with
 * descriptors of another kind, two queues, frames to be sent.
 */
void fake_e1000_used(void);

/*
 * fake_e1000_receive - a frame of `len` bytes comes. Returns false: it does not
 * take it now.
 */
bool fake_e1000_receive(size_t len, unsigned seed);

#endif

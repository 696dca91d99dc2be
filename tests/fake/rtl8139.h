/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of a fake RTL8139, and its way to write to the ring, as QEMU's
 * has it. It checks what the driver writes, and can lie.
 */
#ifndef TESTS_FAKE_RTL8139_H
#define TESTS_FAKE_RTL8139_H

#include "tests/fake/net_card.h"

#define FAKE_RTL8139_SENT 16u

struct fake_rtl8139 {
	/* Ways to misbehave. */
	bool stuck;	 /* nothing is sent */
	bool no_reset;	 /* a reset does not end */
	uint32_t header; /* of each frame, if not 0 */
	uint32_t lead;	 /* bytes that CBR is ahead */

	uint8_t command;
	uint32_t ring, tx[4]; /* bus addresses */
	uint32_t at, read;    /* positions in the ring */
	uint32_t status[4];   /* TSD */
	uint32_t config, multicast[2];
	uint32_t missed;
	bool down;			 /* the link */
	unsigned resets, looks, returns; /* CR.RST, CBR read, CAPR written */
	unsigned sent;
	struct {
		size_t len;
		uint8_t data[2048];
	} frame[FAKE_RTL8139_SENT]; /* the last ones */
};
extern struct fake_rtl8139 fake_rtl8139;

/* fake_rtl8139_reset - an honest card, MAC 52:54:00:12:34:56. */
void fake_rtl8139_reset(void);

/* fake_rtl8139_used - as a client has left it: it receives all the time. */
void fake_rtl8139_used(void);

/*
 * fake_rtl8139_receive - a frame of `len` bytes comes. Returns false: it
 * waits, or is too long, which counts as missed.
 */
bool fake_rtl8139_receive(size_t len, unsigned seed);

#endif

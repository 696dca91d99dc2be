/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake network card: frames in by script, frames out recorded. */
#ifndef TESTS_FAKE_NETWORK_H
#define TESTS_FAKE_NETWORK_H

#include "drivers/network.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"

struct node;

/* Frames that it holds, in each direction, and bytes of each. */
#define FAKE_NETWORK_FRAMES 64u
#define FAKE_NETWORK_BYTES 4096u

/* The card's MAC, and one of a peer. */
#define FAKE_NETWORK_MAC "\x52\x54\x00\x12\x34\x56"
#define FAKE_NETWORK_PEER "\x02\x00\x00\x00\x00\x01"

struct fake_network_frame {
	size_t len;
	uint8_t bytes[FAKE_NETWORK_BYTES];
};

struct fake_network {
	struct device *dev;
	struct network_device nd;
	struct node *node; /* /ethernet@1 */

	/* Its behaviour. */
	bool down;	  /* the link */
	int start_result; /* of its start(); 0: it starts */
	int send_result;  /* of the next sends; 0: they succeed */
	uint64_t lost;	  /* what it reports as dropped */
	unsigned endless; /* so often the first frame comes again */
	/* Called with each frame that has left, if set: answer it here. */
	void (*sent)(const void *frame, size_t len);

	/* What it saw. */
	bool started;
	unsigned starts, stops, peeks, kicks;
	struct fake_network_frame out[FAKE_NETWORK_FRAMES]; /* the last ones */
	unsigned n_out; /* frames that were sent; each is at its number modulo */

	/* Internal. */
	struct fake_network_frame in[FAKE_NETWORK_FRAMES];
	unsigned n_in, taken; /* put in, released */
	unsigned kicked;      /* of n_out */
};
extern struct fake_network fake_network;

/*
 * fake_network_plug - attach an honest card to a new tree with /aliases; the
 * clock stands still unless the test moves it. fake_network_attach - to the tree
 * that there is, as /ethernet@1.
 */
void fake_network_plug(void);
void fake_network_attach(void);

/* fake_network_unplug - detach it and free the tree. */
void fake_network_unplug(void);

/*
 * fake_network_put - a frame arrives, of at most FAKE_NETWORK_BYTES. Returns
 * false: the card is full and loses it.
 */
bool fake_network_put(const void *frame, size_t len);

/*
 * fake_network_put_for - a frame of `len` bytes for `mac` arrives from the peer:
 * its type is IPv4, its content counts from 0. Fails the test if it is lost.
 */
void fake_network_put_for(const void *mac, size_t len);

/* fake_network_waiting - frames that nobody has taken. */
unsigned fake_network_waiting(void);

/* fake_network_out - the frame sent last. Fails the test if there is none. */
const struct fake_network_frame *fake_network_out(void);

#endif

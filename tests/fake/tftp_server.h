/* SPDX-License-Identifier: BSD-2-Clause */
/* A TFTP server and a network that loses, doubles and reorders packets. */
#ifndef TESTS_FAKE_TFTP_SERVER_H
#define TESTS_FAKE_TFTP_SERVER_H

#include "packages/net/tftp.h"

/* What the server does; zero: all that the RFCs say. */
struct tftp_server {
	uint64_t size;	  /* of the file */
	unsigned levels;  /* refuses requests with more options than this: */
	unsigned refusal; /* with this code, if `levels` is not 0 */
	bool no_options;  /* ignores them */
	bool no_window;	  /* ignores windowsize */
	bool no_tsize;
	bool slirp; /* every ACK gives the next block; port 69 */
	bool wrap_to_one;
	unsigned lose, twice, late; /* per 1000 packets, both ways */
	uint64_t lose_block;	    /* this block once, 0: none */
	uint64_t silent_after;	    /* block, 0: never */
	uint32_t seed;
	/* What happened. */
	unsigned requests, acks, blocks, strays, aborts;
};

/* fake_tftp_byte - what the file has at an offset. */
uint8_t fake_tftp_byte(uint64_t offset);

/* fake_tftp_take - a struct tftp_config's: checks the bytes; arg: uint64_t *. */
int fake_tftp_take(void *arg, const void *data, size_t len);

/*
 * fake_tftp_run - transfer a file from `server`; config's take and arg are set.
 * Returns tftp_result() at the end, and the milliseconds it took.
 */
int fake_tftp_run(struct tftp *tftp, struct tftp_server *server,
		  struct tftp_config *config, uint64_t *ms);

#endif

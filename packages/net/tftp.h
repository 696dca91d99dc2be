/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TFTP client (RFC 1350, 2347-2349, 7440): packets in and out, bytes to a
 * sink. It neither sends nor waits: the caller does, and says what time it is.
 */
#ifndef PACKAGES_NET_TFTP_H
#define PACKAGES_NET_TFTP_H

#include "packages/net/address.h"

#define TFTP_PORT 69u
#define TFTP_SEND_MAX 600u
#define TFTP_SIZE_UNKNOWN UINT64_MAX
#define TFTP_WINDOW 16u

struct tftp_config {
	const char *name;    /* of the file; kept */
	unsigned block_size; /* most bytes of a block: 8..65464 */
	unsigned window;     /* most blocks of a window */
	unsigned tries;	     /* of the request */
	/* take - the next bytes of the file. Returns 0, or ERR_*: stop. */
	int (*take)(void *arg, const void *data, size_t len);
	void *arg;
};

/* Why a transfer failed, for the message's code. */
enum tftp_failure {
	TFTP_NO_FAILURE,
	TFTP_ERROR,	/* the server's: `code` */
	TFTP_SILENT,	/* no answer, or no more */
	TFTP_MALFORMED, /* bad packets */
	TFTP_OPTIONS,	/* OACK offers more than was asked */
	TFTP_SHORT,	/* not as many bytes as the server said */
	TFTP_SINK,	/* take() said stop */
};

struct tftp {
	struct tftp_config config;
	uint64_t size; /* that the server said, or TFTP_SIZE_UNKNOWN */
	uint64_t received;
	unsigned block_size, window; /* as agreed */
	enum tftp_failure failure;
	unsigned code; /* of TFTP_ERROR */
	/* The rest is private to tftp.c, which may add what it needs. */
	int state;
	int err;
	bool pending, gap, begun;
	uint8_t level; /* which options to ask for */
	uint16_t port; /* the server's, 0: not known */
	uint16_t old_port;
	uint16_t stray_port, stray_code; /* an ERROR to send */
	uint16_t wire;			 /* number of `block` in packets */
	unsigned attempts, rewinds, restarts, in_window;
	uint64_t block;	   /* last one in order */
	uint64_t position; /* of its end; less than `received` in a restart */
	uint64_t due, progress, acked;
	char why[200];
};

/*
 * tftp_start - begin at `now`, in milliseconds. Also begins again from the
 * first byte. `config` is copied.
 */
void tftp_start(struct tftp *tftp, const struct tftp_config *config,
		uint64_t now);

/*
 * tftp_send - the next packet to send now, into `packet`, which has room for
 * TFTP_SEND_MAX bytes; call it until it returns 0. `port`: receives the
 * server's port. Returns its length; 0: none is due.
 */
must_check size_t tftp_send(struct tftp *tftp, uint64_t now, void *packet,
			    uint16_t *port);

/* tftp_receive - a packet came from the server's address and `port`. */
void tftp_receive(struct tftp *tftp, uint64_t now, uint16_t port,
		  const void *packet, size_t len);

/*
 * tftp_abort - stop: tftp_send() gives one last packet that tells the server.
 */
void tftp_abort(struct tftp *tftp);

/*
 * tftp_begun - has the server accepted the request, so that `size` and the
 * agreed values are final?
 */
bool tftp_begun(const struct tftp *tftp);

/*
 * tftp_result - ERR_AGAIN: goes on; 0: all of the file was taken; else the
 * error, see reason() and `failure`.
 */
must_check int tftp_result(const struct tftp *tftp);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* A file from a server, by TFTP or HTTP, as a stream of bytes. */
#ifndef PACKAGES_NET_TRANSFER_H
#define PACKAGES_NET_TRANSFER_H

#include "packages/net/http.h"
#include "packages/net/netstack.h"
#include "packages/net/tftp.h"
#include "packages/net/wait.h"

#define TRANSFER_SIZE_UNKNOWN UINT64_MAX
/* Without so many bytes in this time a transfer ends: it hangs or trickles. */
#define TRANSFER_STALL_MS 30000u
#define TRANSFER_STALL_BYTES 1024u

/* How a file is asked for. */
struct transfer_config {
	struct network_device *nd; /* its stack is open */
	struct url url;
	unsigned version; /* of IP that a host name is looked up for; 0: any */
	unsigned tries;	  /* of TFTP packets; 0: the default */
	unsigned block_size; /* of TFTP; 0: what fits the MTU */
	/* A server that lacks or hides the file: ERR_NOENT, not printed. */
	bool may_lack;
	bool quiet; /* print nothing of a success, either */
};

/* What TFTP and HTTP do for transfer.c. */
struct transfer;
struct transfer_protocol {
	const char *name;
	int (*open)(struct transfer *t);
	/*
	 * turn - send what is due and take what came.
	 * Returns 0: goes on; 1: the file is complete; ERR_*, printed.
	 */
	int (*turn)(struct transfer *t);
	void (*close)(struct transfer *t);
};

struct transfer {
	struct transfer_config config;
	uint64_t size; /* TRANSFER_SIZE_UNKNOWN until known */
	uint64_t read; /* by the user */
	/* The rest is private to transfer*.c. */
	const struct transfer_protocol *protocol;
	struct net_addr server;
	bool open, begun, complete;
	int err;
	uint8_t *dst; /* where bytes go: the reader's memory */
	size_t room;
	uint8_t *spill; /* what came beyond that */
	size_t spill_pos, spill_len;
	uint64_t started, came, marked, mark, shown, shown_came;
	union {
		struct tftp tftp;
		struct http http;
	};
	struct netstack_udp udp;
	struct netstack_tcp tcp;
	const char *request; /* the part that is not sent yet */
	size_t request_len;
	char *buffer; /* packets and requests */
};

/*
 * transfer_open - ask for a file and wait until the server has begun to answer:
 * `size` is final then. `t` is zero but for its config. Prints SLOF's lines.
 * Returns 0: call transfer_close(); or an error with reason(), whose message has
 * been printed: ERR_NOENT: not found; ERR_TIMEOUT; ERR_ABORT; ERR_NOMEM...
 */
must_check int transfer_open(struct transfer *t);

/*
 * transfer_read - the next `len` bytes; waits for them. Returns their number,
 * fewer only at the end; or an error as transfer_open(), printed.
 */
must_check long transfer_read(struct transfer *t, void *buf, size_t len);

/* transfer_close - also before the end, the server is told then. */
void transfer_close(struct transfer *t);

/* For the protocols: transfer_tftp.c, transfer_http.c. */
extern const struct transfer_protocol transfer_tftp, transfer_http;
#define TRANSFER_BUFFER (16u * KiB)

/* transfer_take - the next bytes of the file: their `take`; arg: transfer. */
must_check int transfer_take(void *arg, const void *data, size_t len);

/*
 * transfer_fail - the transfer failed: print a message, unless the file may be
 * lacking and is. `why` may be reason(). Returns `err`, or as may_lack says.
 */
must_check int transfer_fail(struct transfer *t, unsigned message, int err,
			     const char *why);

/* transfer_find - find the address of url.host, and who leads to it. */
must_check int transfer_find(struct transfer *t);

#endif

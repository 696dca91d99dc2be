/* SPDX-License-Identifier: BSD-2-Clause */
/* The network role: Ethernet frames in and out of a card. */
#ifndef DRIVERS_NETWORK_H
#define DRIVERS_NETWORK_H

#include "drivers/device.h"

struct network_device;

#define NETWORK_MAC 6u
#define NETWORK_HEADER 14u /* destination, source, type */
/* Bytes of IP in a frame, and of a frame without its check sum. [IEEE 802.3] */
#define NETWORK_MTU 1500u
#define NETWORK_FRAME_MAX (NETWORK_HEADER + NETWORK_MTU)
#define NETWORK_FRAME_MIN 60u

/* What a driver does for the role, while its device is started. */
struct network_ops {
	/*
	 * send - take a copy of a frame of NETWORK_FRAME_MIN to
	 * NETWORK_FRAME_MAX bytes. It may leave only at kick(). Returns 0;
	 * ERR_TIMEOUT: the card took none for 100 ms; ERR_IO: see reason().
	 */
	int (*send)(struct network_device *nd, const void *frame, size_t len);
	/* kick - send now what send() has taken; NULL: send() did. */
	void (*kick)(struct network_device *nd);
	/*
	 * peek - the oldest frame received, valid until release(), and its
	 * length without the check sum; any length that fits a buffer. NULL:
	 * none. Finding none costs no hypercall and no register access.
	 */
	const void *(*peek)(struct network_device *nd, size_t *len);
	/* release - the frame of peek() is used: its buffer is free again. */
	void (*release)(struct network_device *nd);
	/* link - is the cable in? NULL: nobody can tell, it counts as in. */
	bool (*link)(struct network_device *nd);
	/* dropped - frames that the card itself has lost since start; optional. */
	uint64_t (*dropped)(struct network_device *nd);
};

/* Frames of an open card, since its start. */
struct network_counts {
	uint32_t received; /* for us */
	uint32_t dropped;  /* not: wrong length, for others */
	uint32_t sent;
};

/*
 * A card. The driver's attach() sets `ops`, `mac` and `mtu`, then adds the role
 * by network_add(); start() and stop() are the driver's.
 */
struct network_device {
	struct device_role as;
	const struct network_ops *ops;
	uint8_t mac[NETWORK_MAC];
	uint16_t mtu; /* bytes of IP, 68..NETWORK_MTU */
	/* Private to network.c: */
	bool taken; /* network_take(): instances read nothing */
	struct network_counts counts;
};

/* network_role - Ethernet cards; an instance's priv is the network_device. */
extern const struct role network_role;

/*
 * network_add - last step of a driver's attach(): set local-mac-address (unless
 * the node has one of 8 bytes), add the alias net, net1... and the role.
 * Returns 0; ERR_FORMAT: `mac` is zero or multicast; or as tree_add_alias().
 */
must_check int network_add(struct network_device *nd, struct device *dev);

/* network_of - the card of a device, or NULL. */
struct network_device *network_of(const struct device *dev);

/*
 * network_open - start the card, unless it is; the first open forgets older
 * frames, zeroes the counts and says if the link is down. Returns as
 * device_start(). Close only after a 0; the last close stops the card.
 */
must_check int network_open(struct network_device *nd);
void network_close(struct network_device *nd);

/*
 * network_take - while the firmware itself loads, it gets all frames: instances
 * read nothing.
 */
void network_take(struct network_device *nd, bool take);

/*
 * network_send - send a copy of a frame; a short one is padded with zeros. It
 * leaves at network_kick().
 * Returns 0; ERR_INVAL: `len` is not from NETWORK_HEADER to NETWORK_FRAME_MAX;
 * ERR_TIMEOUT, ERR_IO: as struct network_ops; ERR_NODEV: not started.
 */
must_check int network_send(struct network_device *nd, const void *frame,
			    size_t len);
void network_kick(struct network_device *nd);

/*
 * network_peek - the oldest frame for us: for the card's MAC, broadcast or
 * multicast, NETWORK_HEADER to NETWORK_FRAME_MAX bytes, not sent by ourselves.
 * Others are dropped, but not for long: NULL may mean that the next call finds
 * one. `len`: receives its length. Valid until network_release().
 */
const void *network_peek(struct network_device *nd, size_t *len);
void network_release(struct network_device *nd);

/* network_link - is the cable in? The card is open. */
bool network_link(struct network_device *nd);

/*
 * network_counts - frames since the start; `lost`: receives how many the card
 * itself has lost. The card is open.
 */
struct network_counts network_counts(struct network_device *nd, uint64_t *lost);

#endif

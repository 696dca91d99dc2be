/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake virtio-net card: the driver's device behind the fake function. */
#ifndef TESTS_FAKE_VIRTIO_NET_H
#define TESTS_FAKE_VIRTIO_NET_H

#include "drivers/network.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"

struct node;

#define FAKE_NET_MAC "\x52\x54\x00\x12\x34\x56"
/* Bytes of the largest frame. */
#define FAKE_NET_FRAME 2048u

struct fake_net {
	struct device *dev;	   /* NULL: it was refused */
	struct network_device *nd; /* the same */
	struct node *node;	   /* /ethernet@1 */
	/* What it saw. */
	unsigned sent;
	size_t len; /* of the last frame */
	uint8_t frame[FAKE_NET_FRAME];
	/* Internal: what arrives. */
	uint8_t in[FAKE_NET_FRAME + 16];
	uint32_t in_len;
};
extern struct fake_net fake_net;

/*
 * fake_net_plug - attach an honest card with MAC, STATUS and MTU, its link up.
 * fake_net_plug_with - the same card with another MAC.
 */
void fake_net_plug(bool modern);
void fake_net_plug_with(const char *mac);

/* fake_net_unplug - detach it; assert that nothing is left. */
void fake_net_unplug(void);

/*
 * fake_net_put - a frame arrives. fake_net_put_raw: these bytes instead of
 * header and frame. Returns false: the driver has no buffer for it.
 */
bool fake_net_put(const void *frame, size_t len);
bool fake_net_put_raw(const void *bytes, size_t len);

#endif

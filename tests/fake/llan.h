/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake logical LAN: the hypervisor's side of QEMU's spapr-vlan; it can lie. */
#ifndef TESTS_FAKE_LLAN_H
#define TESTS_FAKE_LLAN_H

#include "drivers/network.h"
#include "tests/fake/hcall.h"
#include "tests/fake/virtio_dma.h"

#define FAKE_LLAN_UNIT 0x71000003u
#define FAKE_LLAN_MAC "\x52\x54\x00\x12\x34\x56"
/* The most that a back end delivers. [QEMU net/net.h, NET_BUFSIZE] */
#define FAKE_LLAN_MAX (4096u + 65536u)
#define FAKE_LLAN_BUFFERS 1024u

/* Bits of an entry's first byte; the toggle bit is added, or inverted. */
#define FAKE_LLAN_TOGGLE 0x80u
#define FAKE_LLAN_VALID 0x40u

struct fake_llan {
	/* Its behaviour. */
	bool no_bypass;		/* RTAS lacks ibm,set-tce-bypass */
	bool page;		/* use-rx-buffer-pools=off */
	bool forges;		/* entries name buffers that it still has */
	int64_t register_error; /* H_*: once */
	int64_t add_error;	/* after `adds_left` more */
	int64_t send_error, free_error;
	unsigned adds_left;
	unsigned busy; /* so many sends are H_BUSY */

	/* What it saw. */
	bool bypass, open;
	unsigned registers, frees, adds, sends;
	uint64_t mac;
	uint8_t sent[2048]; /* the last frame */
	size_t sent_len;

	/* Internal. */
	uint64_t list, queue;		 /* address; descriptor */
	unsigned place, use;		 /* in the queue; in the list's page */
	uint8_t toggle;			 /* of the next entry */
	uint64_t bds[FAKE_LLAN_BUFFERS]; /* in the order of their arrival */
	unsigned n_bds;
	uint32_t lens[5];      /* of the pools */
	uint8_t shadow[65536]; /* what it has written to the queue */
};
extern struct fake_llan fake_llan;

/* fake_llan_reset - an honest LAN with pools, for which nobody has registered. */
void fake_llan_reset(void);

/*
 * fake_llan_plug - a tree with a node for it, as QEMU makes it, and its device.
 * `mac_len`: bytes of local-mac-address, 0: none.
 */
struct node *fake_llan_plug(uint32_t mac_len);

/*
 * fake_llan_take - remove the buffer for a frame of `len` bytes, as QEMU does.
 * Returns its descriptor, 0: none is large enough.
 */
uint64_t fake_llan_take(size_t len);

/* fake_llan_ptr - the memory of a buffer. */
uint8_t *fake_llan_ptr(uint64_t bd);

/* fake_llan_entry - write the next entry of the queue, and count it. */
void fake_llan_entry(uint8_t control, uint16_t offset, uint32_t len,
		     uint64_t handle);

/*
 * fake_llan_put - a frame arrives. Returns false: no buffer is large enough: QEMU
 * keeps it, and all others wait.
 */
must_check bool fake_llan_put(const void *frame, size_t len);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The wire format of DHCPv4 and BOOTP: fields and options of any bytes. */
#ifndef PACKAGES_NET_DHCP4_OPTIONS_H
#define PACKAGES_NET_DHCP4_OPTIONS_H

#include "lib/types.h"

/* Offsets of the fields [RFC 2131 2, figure 1]. */
#define DHCP4_OP 0u
#define DHCP4_XID 4u
#define DHCP4_SECS 8u
#define DHCP4_FLAGS 10u
#define DHCP4_YIADDR 16u
#define DHCP4_SIADDR 20u
#define DHCP4_CHADDR 28u
#define DHCP4_SNAME 44u
#define DHCP4_SNAME_SIZE 64u
#define DHCP4_FILE 108u
#define DHCP4_FILE_SIZE 128u
#define DHCP4_COOKIE 236u
#define DHCP4_OPTIONS 240u

#define DHCP4_MAGIC 0x63825363u /* RFC 2131 3 */

/* Codes of options [RFC 2132, 4578, 5071]. */
#define DHCP4_OPT_MTU 26u
#define DHCP4_OPT_ASK 50u
#define DHCP4_OPT_OVERLOAD 52u
#define DHCP4_OPT_TYPE 53u
#define DHCP4_OPT_SERVER 54u
#define DHCP4_OPT_MESSAGE 56u
#define DHCP4_OPT_FILE 67u
#define DHCP4_OPT_UUID 97u
#define DHCP4_OPT_END 255u

/* Options that follow each other. */
struct dhcp4_area {
	const uint8_t *at;
	size_t len;
};

/* A packet with the areas in which it has options. */
struct dhcp4_message {
	const uint8_t *packet;
	uint8_t overload;	    /* bit 0: of file, bit 1: of sname */
	struct dhcp4_area areas[3]; /* options, file, sname [RFC 2131 4.1] */
};

/*
 * dhcp4_message_open - look at `len` bytes, which stay where they are. Without
 * the magic cookie there are no options [RFC 951].
 * Returns false: too short for a packet.
 */
must_check bool dhcp4_message_open(struct dhcp4_message *msg,
				   const uint8_t *packet, size_t len);

/*
 * dhcp4_option - the value of an option, up to `size` bytes into `buf`. If it
 * is there several times, its values are joined [RFC 3396 7]. An option that
 * does not fit into its area ends that area; the END may be missing.
 * Returns the length of the whole value, which may exceed `size`; -1: not there.
 */
long dhcp4_option(const struct dhcp4_message *msg, uint8_t code, void *buf,
		  size_t size);

/*
 * dhcp4_options_copy - the options of all areas, one after the other, and an
 * END, but without option 52: up to 193 bytes more than the packet has.
 */
void dhcp4_options_copy(const struct dhcp4_message *msg, uint8_t *buf);

#endif

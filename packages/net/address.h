/* SPDX-License-Identifier: BSD-2-Clause */
/* IP addresses of both versions, as numbers and as text. */
#ifndef PACKAGES_NET_ADDRESS_H
#define PACKAGES_NET_ADDRESS_H

#include "lib/err.h"
#include "lib/types.h"

/* An address in network byte order. */
struct net_addr {
	uint8_t version;   /* 4 or 6; 0: none */
	uint8_t bytes[16]; /* version 4: the first four */
};

/* Room for any address as text. */
#define NET_ADDR_TEXT 48u

/*
 * net_addr_parse - parse `len` bytes of text: "10.0.2.2", whose octets are
 * decimal even with leading zeros ("010.000.002.002"), or "fec0::2", also in
 * brackets. Returns 0; ERR_INVAL: neither, `addr` is unchanged.
 * Spec: RFC 4291 2.2.
 */
must_check int net_addr_parse(const char *text, size_t len,
			      struct net_addr *addr);

/*
 * net_addr_text - as text, in one of four static buffers: "10.0.2.2",
 * "fec0::2" (RFC 5952).
 */
const char *net_addr_text(const struct net_addr *addr);

/* net_addr_v4 - an address of version 4 from its number; 0 gives "none". */
struct net_addr net_addr_v4(uint32_t number);

/* net_addr_number - the number of an address of version 4. */
uint32_t net_addr_number(const struct net_addr *addr);

/*
 * net_addr_class_mask - the mask of the class A, B or C of an address of version
 * 4 that came without one. Spec: RFC 791 3.2.
 */
struct net_addr net_addr_class_mask(const struct net_addr *addr);

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of DHCPv6 of any bytes, and what they give. */
#ifndef PACKAGES_NET_DHCP6_OPTIONS_H
#define PACKAGES_NET_DHCP6_OPTIONS_H

#include "packages/net/dhcp6.h"

/* RFC 8415 21, RFC 3646, RFC 5970 3 */
enum dhcp6_option {
	DHCP6_OPT_CLIENTID = 1,
	DHCP6_OPT_SERVERID = 2,
	DHCP6_OPT_IA_NA = 3,
	DHCP6_OPT_IAADDR = 5,
	DHCP6_OPT_ORO = 6,
	DHCP6_OPT_ELAPSED = 8,
	DHCP6_OPT_STATUS = 13,
	DHCP6_OPT_DNS = 23,
	DHCP6_OPT_URL = 59,
	DHCP6_OPT_PARAMS = 60,
	DHCP6_OPT_ARCH = 61,
};

/* In an IAADDR: address, preferred and valid lifetime [RFC 8415 21.6]. */
#define DHCP6_IA_ADDR 24u

/* Options that follow each other, or the value of one. */
struct dhcp6_area {
	const uint8_t *at;
	size_t len;
};

/*
 * dhcp6_area_next - take the next option off an area.
 * Returns its code; -1: the area is empty, or the option does not fit into it.
 */
must_check int dhcp6_area_next(struct dhcp6_area *area,
			       struct dhcp6_area *value);

/*
 * dhcp6_area_find - the first option of this code. Returns false: there is
 * none, and `value` has the length 0.
 */
bool dhcp6_area_find(struct dhcp6_area area, int code,
		     struct dhcp6_area *value);

/*
 * dhcp6_address - the first usable address in the value of an IA_NA, after its
 * IAID, T1 and T2: with a valid lifetime, global or unique local.
 * Returns false: there is none.
 */
must_check bool dhcp6_address(struct dhcp6_area ia, struct net_addr *addr);

/* dhcp6_lease_read - add the options that there are, except addresses. */
void dhcp6_lease_read(struct dhcp6_lease *lease, struct dhcp6_area options);

#endif

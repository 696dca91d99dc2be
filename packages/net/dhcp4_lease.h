/* SPDX-License-Identifier: BSD-2-Clause */
/* What a DHCPv4 packet gives. */
#ifndef PACKAGES_NET_DHCP4_LEASE_H
#define PACKAGES_NET_DHCP4_LEASE_H

#include "packages/net/dhcp4.h"
#include "packages/net/dhcp4_options.h"

/*
 * dhcp4_lease_read - what a packet itself gives. What is not as it must be is
 * left out: texts without room, lists shorter than an address, addresses that
 * no host has, an MTU outside 68..1500. A router may be outside the net, as in
 * clouds that give a mask of 32 bits.
 * `server`: siaddr; else option 66 or sname, as an address or a name; else
 * option 150.
 * Returns false: the address is not one that this host may have.
 */
must_check bool dhcp4_lease_read(struct dhcp4_lease *lease,
				 const struct dhcp4_message *msg);

/*
 * dhcp4_lease_complete - add what an ACK leaves out: from the server's `offer`,
 * if any; then the mask by the address's class, and the DHCP server as the one
 * to load from.
 */
void dhcp4_lease_complete(struct dhcp4_lease *lease,
			  const struct dhcp4_lease *offer);

#endif

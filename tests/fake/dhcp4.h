/* SPDX-License-Identifier: BSD-2-Clause */
/* A DHCPv4 server's packets, option by option, for a client of fixed address. */
#ifndef TESTS_FAKE_DHCP4_H
#define TESTS_FAKE_DHCP4_H

#include "packages/net/dhcp4.h"
#include "packages/net/dhcp4_options.h"

#define FAKE_DHCP4_XID 0x39011234u
#define FAKE_DHCP4_YIADDR 0x0a00020fu /* 10.0.2.15 */
#define FAKE_DHCP4_SERVER 0x0a000202u /* 10.0.2.2 */
#define FAKE_DHCP4_FILE "boot/core.elf"

extern const uint8_t fake_dhcp4_mac[6];

struct fake_dhcp4 {
	size_t len;
	uint8_t bytes[DHCP4_PACKET_MAX];
};

/*
 * fake_dhcp4_reply - a reply to the client with its address and the cookie;
 * `type`: option 53, 0: without. DHCP replies also have option 54.
 */
void fake_dhcp4_reply(struct fake_dhcp4 *reply, uint8_t type);

/* fake_dhcp4_put - one more option. */
void fake_dhcp4_put(struct fake_dhcp4 *reply, uint8_t code, const void *value,
		    size_t len);
void fake_dhcp4_text(struct fake_dhcp4 *reply, uint8_t code, const char *text);
void fake_dhcp4_number(struct fake_dhcp4 *reply, uint8_t code, uint32_t number);

/* fake_dhcp4_hex - bytes after what there is; the END is among them or not. */
void fake_dhcp4_hex(struct fake_dhcp4 *reply, const char *hex);

/* fake_dhcp4_receive - the client gets an exact copy, so that ASan watches. */
void fake_dhcp4_receive(struct dhcp4 *dhcp, uint64_t now,
			const struct fake_dhcp4 *reply);

#endif

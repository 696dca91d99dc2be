// SPDX-License-Identifier: BSD-2-Clause
// A DHCPv4 server's packets, as a test wants them.
#include "tests/fake/dhcp4.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/endian.h"

const uint8_t fake_dhcp4_mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

void fake_dhcp4_reply(struct fake_dhcp4 *reply, uint8_t type)
{
	static const uint8_t header[] = { 2, 1, 6 };

	memset(reply, 0, sizeof(*reply));
	memcpy(reply->bytes, header, sizeof(header));
	be32_store(reply->bytes + DHCP4_XID, FAKE_DHCP4_XID);
	be32_store(reply->bytes + DHCP4_YIADDR, FAKE_DHCP4_YIADDR);
	memcpy(reply->bytes + DHCP4_CHADDR, fake_dhcp4_mac, 6);
	be32_store(reply->bytes + DHCP4_COOKIE, DHCP4_MAGIC);
	reply->len = DHCP4_OPTIONS;
	if (!type)
		return;
	fake_dhcp4_put(reply, DHCP4_OPT_TYPE, &type, 1);
	fake_dhcp4_number(reply, DHCP4_OPT_SERVER, FAKE_DHCP4_SERVER);
}

void fake_dhcp4_put(struct fake_dhcp4 *reply, uint8_t code, const void *value,
		    size_t len)
{
	assert(len <= 255 && reply->len + 2 + len <= sizeof(reply->bytes));
	reply->bytes[reply->len++] = code;
	reply->bytes[reply->len++] = (uint8_t)len;
	memcpy(reply->bytes + reply->len, value, len);
	reply->len += len;
}

void fake_dhcp4_text(struct fake_dhcp4 *reply, uint8_t code, const char *text)
{
	fake_dhcp4_put(reply, code, text, strlen(text));
}

void fake_dhcp4_number(struct fake_dhcp4 *reply, uint8_t code, uint32_t number)
{
	uint8_t value[4];

	be32_store(value, number);
	fake_dhcp4_put(reply, code, value, sizeof(value));
}

void fake_dhcp4_hex(struct fake_dhcp4 *reply, const char *hex)
{
	unsigned byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		reply->bytes[reply->len++] = (uint8_t)byte;
}

void fake_dhcp4_receive(struct dhcp4 *dhcp, uint64_t now,
			const struct fake_dhcp4 *reply)
{
	uint8_t *copy = malloc(reply->len);

	memcpy(copy, reply->bytes, reply->len);
	dhcp4_receive(dhcp, now, copy, reply->len);
	free(copy);
}

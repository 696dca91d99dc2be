// SPDX-License-Identifier: BSD-2-Clause
// DHCPv4 and BOOTP: what servers answer, and when. Transaction and card are ours,
// or else almost nothing would be looked at.
#include <stdlib.h>

#include "lib/endian.h"
#include "packages/net/dhcp4.h"
#include "packages/net/dhcp4_options.h"
#include "tests/fuzz/input.h"

#define PACKETS 64u
#define XID 0x39011234u

static const uint8_t mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

static void check_text(const char *text, size_t size)
{
	assert(strnlen(text, size) < size);
}

static void check_lease(const struct dhcp4_lease *lease)
{
	uint32_t number = net_addr_number(&lease->address);
	uint32_t host = ~net_addr_number(&lease->mask);

	assert(lease->address.version == 4 && lease->mask.version == 4);
	assert(number >> 24 && number >> 24 != 127 && number >> 24 < 224);
	assert(!(host & (host + 1)));
	assert(!lease->mtu || (lease->mtu >= 68 && lease->mtu <= 1500));
	assert(!lease->server.version || !lease->server_name[0]);
	check_text(lease->server_name, sizeof(lease->server_name));
	check_text(lease->file, sizeof(lease->file));
	check_text(lease->host, sizeof(lease->host));
	check_text(lease->domain, sizeof(lease->domain));
	check_text(lease->root_path, sizeof(lease->root_path));
	check_text(lease->config_file, sizeof(lease->config_file));
	check_text(lease->path_prefix, sizeof(lease->path_prefix));
}

/* Options end in an END with a zero after it. */
static void check_response(const struct dhcp4 *dhcp)
{
	static uint8_t response[DHCP4_RESPONSE];
	size_t at = DHCP4_OPTIONS;

	dhcp4_response(dhcp, response);
	assert(be32_load(response + DHCP4_COOKIE) == DHCP4_MAGIC);
	while (response[at] != DHCP4_OPT_END) {
		assert(at + 2 < DHCP4_RESPONSE);
		at += 2u + response[at + 1];
		assert(at + 1 < DHCP4_RESPONSE);
	}
	while (++at < DHCP4_RESPONSE)
		assert(!response[at]);
}

static void check_sent(const uint8_t *packet, size_t len)
{
	struct dhcp4_message msg;

	assert(len >= 300 && len <= DHCP4_SEND_MAX);
	assert(dhcp4_message_open(&msg, packet, len));
	assert(be32_load(packet + DHCP4_XID) == XID);
}

static void receive(struct fuzz_input *in, struct dhcp4 *dhcp, uint64_t now)
{
	size_t len = fuzz_u16(in) % (DHCP4_PACKET_MAX + 8), lie = fuzz_u8(in);
	uint8_t *packet = calloc(1, len + 1);

	/* From the options on: the fields before them come last. */
	if (len >= DHCP4_OPTIONS) {
		size_t n = fuzz_take(in, packet + DHCP4_OPTIONS - 4,
				     len - DHCP4_COOKIE);

		if (n < len - DHCP4_COOKIE)
			memset(packet + DHCP4_COOKIE + n, 0xff,
			       len - DHCP4_COOKIE - n);
		be32_store(packet + DHCP4_COOKIE, DHCP4_MAGIC);
		packet[DHCP4_OP] = 2;
		packet[DHCP4_OP + 1] = 1;
		packet[DHCP4_OP + 2] = sizeof(mac);
		be32_store(packet + DHCP4_XID, XID);
		memcpy(packet + DHCP4_CHADDR, mac, sizeof(mac));
		be32_store(packet + DHCP4_YIADDR, 0x0a00020f);
	}
	if (lie & 1)
		fuzz_patch(in, packet, len);
	dhcp4_receive(dhcp, now, packet, len);
	free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dhcp4 dhcp;
	struct fuzz_input in = { data, size };
	struct dhcp4_config config = { .xid = XID };
	uint8_t flags = fuzz_u8(&in), packet[DHCP4_SEND_MAX];
	uint64_t now = 0;
	int result;

	memcpy(config.mac, mac, sizeof(mac));
	config.bootp = flags & 1;
	config.uuid = flags & 2 ? (const uint8_t *)"0123456789abcdef" : NULL;
	dhcp4_start(&dhcp, &config, now);
	for (unsigned i = 0; i < PACKETS; i++) {
		size_t len = dhcp4_send(&dhcp, now, packet);

		if (len)
			check_sent(packet, len);
		result = dhcp4_result(&dhcp);
		if (result != ERR_AGAIN || !in.left)
			break;
		now += fuzz_u8(&in) * 16u;
		receive(&in, &dhcp, now);
	}
	/* It ends in silence, at the latest. */
	while (dhcp4_result(&dhcp) == ERR_AGAIN) {
		now += 1000;
		assert(now < 1000000);
		if (dhcp4_send(&dhcp, now, packet))
			continue;
	}
	if (dhcp4_result(&dhcp) == 0) {
		check_lease(&dhcp.lease);
		check_response(&dhcp);
	}
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// DHCPv6: what servers answer, and when. The transaction and our identifier are
// those of the last message sent.
#include <stdlib.h>

#include "lib/endian.h"
#include "packages/net/dhcp6.h"
#include "tests/fuzz/input.h"

#define PACKETS 64u
#define PACKET_MAX 1500u

static const uint8_t mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
/* Our identifier, and a server's. */
static const uint8_t duids[] = { 0,    1,    0, 10,   0,    3,	  0, 1,
				 0x52, 0x54, 0, 0x12, 0x34, 0x56, 0, 2,
				 0,    4,    0, 3,    0,    1 };
static uint8_t sent[DHCP6_SEND_MAX];

static void check_lease(const struct dhcp6_lease *lease, bool managed)
{
	const uint8_t *bytes = lease->address.bytes;

	assert(lease->address.version == (managed ? 6 : 0));
	assert(!managed || (bytes[0] != 0xff && bytes[0] | bytes[1]) ||
	       bytes[0] == 0);
	assert(strnlen(lease->url, sizeof(lease->url)) < sizeof(lease->url));
	assert(strnlen(lease->params, sizeof(lease->params)) <
	       sizeof(lease->params));
	for (unsigned i = 0; i < DHCP6_DNS; i++)
		assert(lease->dns[i].version == 0 ||
		       lease->dns[i].version == 6);
}

static void check_sent(size_t len)
{
	size_t at = 4;

	assert(len <= DHCP6_SEND_MAX);
	while (at < len) {
		assert(len - at >= 4);
		at += 4u + be16_load(sent + at + 2);
	}
	assert(at == len);
}

static void receive(struct fuzz_input *in, struct dhcp6 *dhcp, uint64_t now)
{
	size_t len = fuzz_u16(in) % PACKET_MAX;
	uint8_t flags = fuzz_u8(in);
	uint8_t *packet = calloc(1, len + 1), *end = packet + len;
	uint8_t *at = packet;

	if (len > 4 + sizeof(duids) && !(flags & 1)) {
		memcpy(packet, sent, 4);
		packet[0] = flags & 2 ? 2 : 7;
		memcpy(packet + 4, duids, sizeof(duids));
		at += 4 + sizeof(duids);
	}
	fuzz_take(in, at, (size_t)(end - at));
	dhcp6_receive(dhcp, now, packet, len);
	free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dhcp6 dhcp;
	struct fuzz_input in = { data, size };
	struct dhcp6_config config = { .xid = 0x563412 };
	uint64_t now = 0;

	memcpy(config.mac, mac, sizeof(mac));
	config.managed = fuzz_u8(&in) & 1;
	dhcp6_start(&dhcp, &config, now);
	for (unsigned i = 0; i < PACKETS; i++) {
		size_t len = dhcp6_send(&dhcp, now, sent);

		if (len)
			check_sent(len);
		if (dhcp6_result(&dhcp) != ERR_AGAIN || !in.left)
			break;
		now += fuzz_u8(&in) * 16u;
		receive(&in, &dhcp, now);
	}
	/* It ends in silence, at the latest. */
	while (dhcp6_result(&dhcp) == ERR_AGAIN) {
		now += 1000;
		assert(now < 1000000);
		if (dhcp6_send(&dhcp, now, sent))
			continue;
	}
	if (dhcp6_result(&dhcp) == 0)
		check_lease(&dhcp.lease, config.managed);
	return 0;
}

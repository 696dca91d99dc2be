// SPDX-License-Identifier: BSD-2-Clause
// SLOF's messages of network boot: code and text, then where and why.
#include "packages/net/message.h"

#include "lib/log.h"
#include "lib/reason.h"

static const struct {
	uint16_t code;
	const char *text;
} net_messages[] = {
	[NET_E3000] = { 0x3000, "Could not read MAC address" },
	[NET_E3001] = { 0x3001, "Could not get IP address" },
	[NET_E3002] = { 0x3002, "ARP request to TFTP server failed" },
	[NET_E3003] = { 0x3003, "unknown TFTP error" },
	[NET_E3004] = { 0x3004, "TFTP buffer too small" },
	[NET_E3005] = { 0x3005, "ICMP ERROR" },
	[NET_E3006] = { 0x3006, "Could not initialize network device" },
	[NET_E3008] = { 0x3008, "Can't obtain TFTP server IP address" },
	[NET_E3009] = { 0x3009, "file not found" },
	[NET_E3010] = { 0x3010, "TFTP access violation" },
	[NET_E3011] = { 0x3011, "illegal TFTP operation" },
	[NET_E3012] = { 0x3012, "unknown TFTP transfer ID" },
	[NET_E3013] = { 0x3013, "no such TFTP user" },
	[NET_E3014] = { 0x3014, "TFTP error: bad packets received" },
	[NET_E3015] = { 0x3015, "TFTP error: missing responses" },
	[NET_E3016] = { 0x3016, "TFTP error: missing block" },
	[NET_E3017] = { 0x3017, "TFTP blksize negotiation failed" },
	[NET_E3018] = { 0x3018, "file exceeds maximum TFTP transfer size" },
};

int net_fail(enum net_message message, int err, const char *why)
{
	const char *text = net_messages[message].text;

	print("\nE%04x: (net) %s: %s\n", net_messages[message].code, text, why);
	return reason_fail(err, "%s: %s", text, why);
}

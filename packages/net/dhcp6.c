// SPDX-License-Identifier: BSD-2-Clause
// The DHCPv6 client's states, and the messages that it sends.
#include "packages/net/dhcp6.h"

#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/reason.h"
#include "packages/net/dhcp6_options.h"

/* RFC 8415 7.3 */
enum dhcp6_type {
	TYPE_SOLICIT = 1,
	TYPE_ADVERTISE = 2,
	TYPE_REQUEST = 3,
	TYPE_REPLY = 7,
	TYPE_INFORMATION_REQUEST = 11,
};

#define DUID_LL 3u
#define DUID_UUID 4u
#define HTYPE_ETHERNET 1u
#define DUID_OURS_MAX 18u

#define HEADER 4u /* type, transaction id */
#define IA_NA 12u /* IAID, T1, T2 [21.4] */

/*
 * RFC 8415 7.6, 15: the first timeout, doubled up to the longest one. The
 * standard's longest are 30 s and 3600 s: too long for someone who waits. 8
 * messages take 63 s, which is longer than a bridge needs until it forwards.
 */
#define TIMEOUT_FIRST 1000u
#define TIMEOUT_MAX 12000u
#define TRIES_DEFAULT 8u
#define TRIES_REQUEST 5u
#define TRIES_REFUSED 4u /* if an answer was a refusal */

enum dhcp6_state {
	DHCP6_SOLICITING,
	DHCP6_REQUESTING,
	DHCP6_INFORMING,
	DHCP6_DONE,
	DHCP6_FAILED,
};

/* What each state sends and waits for. */
static const struct {
	uint8_t sends, takes;
} dhcp6_exchanges[] = {
	[DHCP6_SOLICITING] = { TYPE_SOLICIT, TYPE_ADVERTISE },
	[DHCP6_REQUESTING] = { TYPE_REQUEST, TYPE_REPLY },
	[DHCP6_INFORMING] = { TYPE_INFORMATION_REQUEST, TYPE_REPLY },
};

/*
 * Wanted: DNS servers and domains, URL, parameters. SOL_MAX_RT and INF_MAX_RT
 * must be asked for [21.7], but raise no timeout as short as ours.
 */
static const uint8_t dhcp6_wanted[] = {
	0, 23, 0, 24, 0, 59, 0, 60, 0, 82, 0, 83
};

/* Open Firmware on PowerPC [RFC 5970 3.3, RFC 4578 2.1]. */
static const uint8_t dhcp6_arch[] = { 0, 0x0c };

/* RFC 8415 21.13 */
static const char *const dhcp6_status_words[] = {
	"unknown status",      "unspecified failure", "no addresses available",
	"no binding",	       "address not on link", "use multicast",
	"no prefix available",
};

static void dhcp6_enter(struct dhcp6 *dhcp, enum dhcp6_state state,
			uint64_t now)
{
	dhcp->state = (int)state;
	dhcp->sent = 0;
	dhcp->due = now;
}

void dhcp6_start(struct dhcp6 *dhcp, const struct dhcp6_config *config,
		 uint64_t now)
{
	memset(dhcp, 0, sizeof(*dhcp));
	dhcp->config = *config;
	if (!dhcp->config.tries)
		dhcp->config.tries = TRIES_DEFAULT;
	dhcp->begun = now;
	dhcp6_enter(dhcp, config->managed ? DHCP6_SOLICITING : DHCP6_INFORMING,
		    now);
}

/* Goes back to the first state, but only once; `why` is set. */
static void dhcp6_start_over(struct dhcp6 *dhcp, int err, uint64_t now)
{
	dhcp->err = err;
	dhcp->server_len = 0;
	dhcp6_enter(dhcp, dhcp->restarts++ ? DHCP6_FAILED : DHCP6_SOLICITING,
		    now);
}

/* Each exchange has its own [RFC 8415 16.1]. */
static uint32_t dhcp6_transaction(const struct dhcp6 *dhcp)
{
	return (dhcp->config.xid + (unsigned)dhcp->state + 2 * dhcp->restarts) &
	       0xffffff;
}

static const uint8_t *dhcp6_iaid(const struct dhcp6 *dhcp)
{
	return dhcp->config.mac + 2;
}

/* RFC 6355 4, RFC 8415 11.4 */
static size_t dhcp6_put_duid(const struct dhcp6 *dhcp, uint8_t *duid)
{
	be16_store(duid, dhcp->config.uuid ? DUID_UUID : DUID_LL);
	if (dhcp->config.uuid) {
		memcpy(duid + 2, dhcp->config.uuid, 16);
		return 18;
	}
	be16_store(duid + 2, HTYPE_ETHERNET);
	memcpy(duid + 4, dhcp->config.mac, sizeof(dhcp->config.mac));
	return 4 + sizeof(dhcp->config.mac);
}

/* Sending */

static void dhcp6_give_up(struct dhcp6 *dhcp, uint64_t now)
{
	if (dhcp->state == DHCP6_REQUESTING) {
		fmt_str(dhcp->why, sizeof(dhcp->why),
			"the DHCPv6 server does not answer requests");
		dhcp6_start_over(dhcp, ERR_TIMEOUT, now);
		return;
	}
	if (!dhcp->err) {
		fmt_str(dhcp->why, sizeof(dhcp->why),
			"no answer to %u DHCPv6 requests in %u s", dhcp->tries,
			(unsigned)((now - dhcp->begun) / 1000));
		dhcp->err = ERR_TIMEOUT;
	}
	dhcp->state = DHCP6_FAILED;
}

static unsigned dhcp6_limit(const struct dhcp6 *dhcp)
{
	if (dhcp->state == DHCP6_REQUESTING)
		return TRIES_REQUEST;
	if (dhcp->err)
		return MIN(dhcp->config.tries, TRIES_REFUSED);
	return dhcp->config.tries;
}

static uint8_t *dhcp6_put(uint8_t *at, unsigned code, const void *value,
			  size_t len)
{
	be16_store(at, (uint16_t)code);
	be16_store(at + 2, (uint16_t)len);
	memcpy(at + 4, value, len);
	return at + 4 + len;
}

/* The server, and the address that it has offered, if there is one. */
static uint8_t *dhcp6_put_request(const struct dhcp6 *dhcp, uint8_t *at)
{
	uint8_t ia[IA_NA + 4 + DHCP6_IA_ADDR] = { 0 };
	bool request = dhcp->state == DHCP6_REQUESTING;

	if (dhcp->state == DHCP6_INFORMING)
		return at;
	if (request)
		at = dhcp6_put(at, DHCP6_OPT_SERVERID, dhcp->server,
			       dhcp->server_len);
	memcpy(ia, dhcp6_iaid(dhcp), 4);
	be16_store(ia + IA_NA, DHCP6_OPT_IAADDR);
	be16_store(ia + IA_NA + 2, DHCP6_IA_ADDR);
	memcpy(ia + IA_NA + 4, dhcp->lease.address.bytes, 16);
	return dhcp6_put(at, DHCP6_OPT_IA_NA, ia, request ? sizeof(ia) : IA_NA);
}

static size_t dhcp6_build(const struct dhcp6 *dhcp, uint64_t now,
			  uint8_t *packet)
{
	uint64_t elapsed = (now - dhcp->begun) / 10;
	uint8_t duid[DUID_OURS_MAX], hundredths[2];
	uint8_t *at = packet + HEADER;

	be32_store(packet, dhcp6_transaction(dhcp));
	packet[0] = dhcp6_exchanges[dhcp->state].sends;
	at = dhcp6_put(at, DHCP6_OPT_CLIENTID, duid,
		       dhcp6_put_duid(dhcp, duid));
	at = dhcp6_put_request(dhcp, at);
	at = dhcp6_put(at, DHCP6_OPT_ORO, dhcp6_wanted, sizeof(dhcp6_wanted));
	be16_store(hundredths, (uint16_t)MIN(elapsed, UINT16_MAX));
	at = dhcp6_put(at, DHCP6_OPT_ELAPSED, hundredths, sizeof(hundredths));
	at = dhcp6_put(at, DHCP6_OPT_ARCH, dhcp6_arch, sizeof(dhcp6_arch));
	return (size_t)(at - packet);
}

/* RFC 8415 15; what is random only adds, up to a tenth. */
static uint32_t dhcp6_next_timeout(const struct dhcp6 *dhcp)
{
	uint32_t last = dhcp->sent ? dhcp->timeout : TIMEOUT_FIRST / 2;
	uint32_t time = MIN(2 * last, TIMEOUT_MAX);

	return time +
	       (time >> 10) * (dhcp->config.xid >> dhcp->tries % 16 & 63);
}

size_t dhcp6_send(struct dhcp6 *dhcp, uint64_t now, void *packet)
{
	if (dhcp->state >= DHCP6_DONE || now < dhcp->due)
		return 0;
	if (dhcp->state == DHCP6_SOLICITING && dhcp->server_len)
		dhcp6_enter(dhcp, DHCP6_REQUESTING, now);
	if (dhcp->sent >= dhcp6_limit(dhcp))
		dhcp6_give_up(dhcp, now);
	if (dhcp->state >= DHCP6_DONE)
		return 0;
	dhcp->timeout = dhcp6_next_timeout(dhcp);
	dhcp->due = now + dhcp->timeout;
	dhcp->sent++;
	dhcp->tries++;
	return dhcp6_build(dhcp, now, packet);
}

/* Receiving */

/* Does a status option say no? Then `why` says it in words. */
static bool dhcp6_is_refused(struct dhcp6 *dhcp, struct dhcp6_area options)
{
	struct dhcp6_area status;
	unsigned code;

	if (!dhcp6_area_find(options, DHCP6_OPT_STATUS, &status) ||
	    status.len < 2)
		return false;
	code = be16_load(status.at);
	if (!code)
		return false;
	fmt_str(dhcp->why, sizeof(dhcp->why),
		"the DHCPv6 server refuses: %s (%u) %.*s",
		dhcp6_status_words[code < ARRAY_SIZE(dhcp6_status_words) ? code
									 : 0],
		code, (int)(status.len - 2), (const char *)status.at + 2);
	return true;
}

/*
 * Takes the address of our IA_NA. False: there is none, or a status says no, at
 * the top or in the IA; `why` is set.
 */
static bool dhcp6_take_address(struct dhcp6 *dhcp, struct dhcp6_area options)
{
	struct dhcp6_area ia;
	int code;

	dhcp->err = ERR_PERM;
	if (dhcp6_is_refused(dhcp, options))
		return false;
	if (dhcp->state == DHCP6_INFORMING)
		return true;
	fmt_str(dhcp->why, sizeof(dhcp->why),
		"the DHCPv6 server gives no usable address");
	while ((code = dhcp6_area_next(&options, &ia)) >= 0) {
		if (code != DHCP6_OPT_IA_NA || ia.len < IA_NA ||
		    memcmp(ia.at, dhcp6_iaid(dhcp), 4) != 0)
			continue;
		ia.at += IA_NA;
		ia.len -= IA_NA;
		return !dhcp6_is_refused(dhcp, ia) &&
		       dhcp6_address(ia, &dhcp->lease.address);
	}
	return false;
}

/*
 * Until the first timeout is over, a server with a URL may take the place of one
 * without [RFC 8415 18.2.1].
 */
static void dhcp6_receive_advertise(struct dhcp6 *dhcp, uint64_t now,
				    struct dhcp6_area options,
				    struct dhcp6_area server)
{
	struct dhcp6_area url;
	bool has_url = dhcp6_area_find(options, DHCP6_OPT_URL, &url);

	if ((dhcp->server_len && !has_url) ||
	    !dhcp6_take_address(dhcp, options))
		return;
	dhcp->err = 0;
	memcpy(dhcp->server, server.at, server.len);
	dhcp->server_len = server.len;
	dhcp6_lease_read(&dhcp->lease, options);
	if (has_url || dhcp->sent > 1)
		dhcp->due = now;
}

static void dhcp6_receive_reply(struct dhcp6 *dhcp, uint64_t now,
				struct dhcp6_area options,
				struct dhcp6_area server)
{
	bool informing = dhcp->state == DHCP6_INFORMING;

	if (!informing && (server.len != dhcp->server_len ||
			   memcmp(server.at, dhcp->server, server.len) != 0))
		return;
	if (dhcp6_take_address(dhcp, options)) {
		dhcp6_lease_read(&dhcp->lease, options);
		dhcp->state = DHCP6_DONE;
	} else if (!informing) {
		dhcp6_start_over(dhcp, ERR_PERM, now);
	}
}

/* Do the options fill the packet exactly? */
static bool dhcp6_is_whole(struct dhcp6_area options)
{
	struct dhcp6_area value;

	while (dhcp6_area_next(&options, &value) >= 0)
		;
	return options.len == 0;
}

/*
 * Is it for our identifier, and from a possible one [RFC 8415 11.1, 16]? QEMU
 * gives none when it informs: libslirp, src/dhcpv6.c.
 */
static bool dhcp6_is_for_us(const struct dhcp6 *dhcp, struct dhcp6_area options,
			    struct dhcp6_area *server)
{
	uint8_t duid[DUID_OURS_MAX];
	struct dhcp6_area client;

	dhcp6_area_find(options, DHCP6_OPT_CLIENTID, &client);
	return client.len == dhcp6_put_duid(dhcp, duid) &&
	       !memcmp(client.at, duid, client.len) &&
	       (dhcp6_area_find(options, DHCP6_OPT_SERVERID, server)
			? server->len > 2 && server->len <= sizeof(dhcp->server)
			: dhcp->state == DHCP6_INFORMING);
}

void dhcp6_receive(struct dhcp6 *dhcp, uint64_t now, const void *packet,
		   size_t len)
{
	struct dhcp6_area options, server;
	uint32_t header;

	if (dhcp->state >= DHCP6_DONE || !dhcp->sent || len < HEADER)
		return;
	header = (uint32_t)dhcp6_exchanges[dhcp->state].takes << 24 |
		 dhcp6_transaction(dhcp);
	options.at = (const uint8_t *)packet + HEADER;
	options.len = len - HEADER;
	if (be32_load(packet) != header || !dhcp6_is_whole(options) ||
	    !dhcp6_is_for_us(dhcp, options, &server))
		return;
	if (dhcp->state == DHCP6_SOLICITING)
		dhcp6_receive_advertise(dhcp, now, options, server);
	else
		dhcp6_receive_reply(dhcp, now, options, server);
}

int dhcp6_result(const struct dhcp6 *dhcp)
{
	if (dhcp->state == DHCP6_DONE)
		return 0;
	if (dhcp->state == DHCP6_FAILED)
		return reason_fail(dhcp->err, "%s", dhcp->why);
	return ERR_AGAIN;
}

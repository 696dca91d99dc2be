// SPDX-License-Identifier: BSD-2-Clause
// The DHCPv4 and BOOTP client's states, and the packets that it sends.
#include "packages/net/dhcp4.h"

#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/reason.h"
#include "packages/net/dhcp4_lease.h"
#include "packages/net/dhcp4_options.h"

#define BOOTREQUEST 1u
#define BOOTREPLY 2u
#define HTYPE_ETHERNET 1u
/* The packet, as if its fields had no options, and an END. */
static_assert(DHCP4_PACKET_MAX + DHCP4_SNAME_SIZE + DHCP4_FILE_SIZE <
		      DHCP4_RESPONSE,
	      "no room for the options");

#define FLAG_BROADCAST 0x8000u
/* RFC 951 3, RFC 1542 2.1: servers drop less. */
#define PACKET_MIN 300u

/* RFC 2132 9.6 */
enum dhcp4_type {
	TYPE_NONE, /* BOOTP */
	TYPE_DISCOVER,
	TYPE_OFFER,
	TYPE_REQUEST,
	TYPE_DECLINE,
	TYPE_ACK,
	TYPE_NAK,
};

enum dhcp4_state {
	DHCP4_SELECTING,
	DHCP4_REQUESTING,
	DHCP4_DONE,
	DHCP4_FAILED,
};

/* How good an offer is. */
enum dhcp4_rank {
	RANK_NONE,
	RANK_BOOTP,
	RANK_ADDRESS, /* without a file to boot */
	RANK_FILE,
};

/*
 * A card may need 1 s after its reset, and a bridge 30 s until it forwards (IEEE
 * 802.1D): the first retry comes after 2 s, and 8 tries take 64 s.
 */
#define WAIT_FIRST 2000u
#define WAIT_MAX 10000u
#define JITTER_MASK 0x1ffu
#define TRIES_DEFAULT 8u
#define TRIES_REQUEST 4u
/* How long a better offer than these may take. */
#define WAIT_FILE 250u
#define WAIT_DHCP 2000u
/* Unanswered packets until answers are asked for as broadcasts. */
#define FAILURES_BROADCAST 2u

/*
 * What DISCOVER and REQUEST have in common: a type, the list of wanted options,
 * the size of packets that we take, and the architecture of Open Firmware on
 * PowerPC [RFC 2132 9.6, 9.8, 9.10, RFC 4578 2.1, RFC 5071].
 */
/* clang-format off */
static const uint8_t dhcp4_common_options[] = {
	DHCP4_OPT_TYPE, 1, TYPE_DISCOVER,
	55, 11, 1, 3, 6, 12, 15, 17, 26, 66, 67, 209, 210,
	57, 2, DHCP4_PACKET_MAX >> 8, DHCP4_PACKET_MAX & 0xff,
	93, 2, 0, 0x0c,
};
/* clang-format on */

void dhcp4_start(struct dhcp4 *dhcp, const struct dhcp4_config *config,
		 uint64_t now)
{
	memset(dhcp, 0, sizeof(*dhcp));
	dhcp->config = *config;
	if (!dhcp->config.tries)
		dhcp->config.tries = TRIES_DEFAULT;
	dhcp->begun = dhcp->due = now;
}

static void dhcp4_enter(struct dhcp4 *dhcp, enum dhcp4_state state,
			uint64_t now)
{
	dhcp->state = (int)state;
	dhcp->sent = 0;
	dhcp->rank = RANK_NONE;
	dhcp->due = now;
}

/* Goes back to the first state, but only once; `why` is set. */
static void dhcp4_start_over(struct dhcp4 *dhcp, int err, uint64_t now)
{
	dhcp->err = err;
	dhcp4_enter(dhcp, dhcp->restarts++ ? DHCP4_FAILED : DHCP4_SELECTING,
		    now);
}

static void dhcp4_done(struct dhcp4 *dhcp, const struct dhcp4_lease *offer)
{
	dhcp4_lease_complete(&dhcp->lease, offer);
	dhcp->state = DHCP4_DONE;
}

static void dhcp4_keep_packet(struct dhcp4 *dhcp, const void *packet,
			      size_t len)
{
	memcpy(dhcp->packet, packet, len);
	dhcp->packet_len = len;
}

/* Sending */

static void dhcp4_take_offer(struct dhcp4 *dhcp, uint64_t now)
{
	if (dhcp->rank != RANK_BOOTP) {
		dhcp4_enter(dhcp, DHCP4_REQUESTING, now);
		return;
	}
	dhcp->lease = dhcp->offer;
	dhcp4_done(dhcp, NULL);
}

static void dhcp4_explain_silence(struct dhcp4 *dhcp, uint64_t now)
{
	if (dhcp->unusable)
		fmt_str(dhcp->why, sizeof(dhcp->why),
			"only offers of addresses that cannot be ours: %s",
			net_addr_text(&dhcp->lease.address));
	else
		fmt_str(dhcp->why, sizeof(dhcp->why),
			"no answer to %u %s requests in %u s", dhcp->tries,
			dhcp->config.bootp ? "BOOTP" : "DHCP",
			(unsigned)((now - dhcp->begun) / 1000));
}

static void dhcp4_give_up(struct dhcp4 *dhcp, uint64_t now)
{
	if (dhcp->state == DHCP4_REQUESTING) {
		fmt_str(dhcp->why, sizeof(dhcp->why),
			"server %s made an offer, but does not answer requests",
			net_addr_text(&dhcp->offer.dhcp_server));
		dhcp4_start_over(dhcp, ERR_TIMEOUT, now);
		return;
	}
	/* What the first round ended with says more. */
	if (!dhcp->restarts) {
		dhcp4_explain_silence(dhcp, now);
		dhcp->err = ERR_TIMEOUT;
	}
	dhcp->state = DHCP4_FAILED;
}

static uint8_t *dhcp4_put(uint8_t *at, uint8_t code, const void *value,
			  uint8_t len)
{
	*at++ = code;
	*at++ = len;
	memcpy(at, value, len);
	return at + len;
}

static uint8_t *dhcp4_put_address(uint8_t *at, uint8_t code,
				  const struct net_addr *addr)
{
	return addr->version == 4 ? dhcp4_put(at, code, addr->bytes, 4) : at;
}

static uint8_t *dhcp4_put_options(const struct dhcp4 *dhcp, uint8_t *at)
{
	bool request = dhcp->state == DHCP4_REQUESTING;
	uint8_t uuid[17] = { 0 }; /* RFC 4578 2.3: a type byte of 0 first */

	memcpy(at, dhcp4_common_options, sizeof(dhcp4_common_options));
	if (request)
		at[2] = TYPE_REQUEST;
	at += sizeof(dhcp4_common_options);
	at = dhcp4_put_address(at, DHCP4_OPT_ASK,
			       request ? &dhcp->offer.address
				       : &dhcp->config.wanted);
	if (request)
		at = dhcp4_put_address(at, DHCP4_OPT_SERVER,
				       &dhcp->offer.dhcp_server);
	if (!dhcp->config.uuid)
		return at;
	memcpy(uuid + 1, dhcp->config.uuid, 16);
	return dhcp4_put(at, DHCP4_OPT_UUID, uuid, sizeof(uuid));
}

static size_t dhcp4_build(const struct dhcp4 *dhcp, uint64_t now,
			  uint8_t *packet)
{
	uint64_t seconds = (now - dhcp->begun) / 1000;
	uint8_t *at = packet + DHCP4_OPTIONS;

	memset(packet, 0, DHCP4_SEND_MAX);
	packet[DHCP4_OP] = BOOTREQUEST;
	packet[DHCP4_OP + 1] = HTYPE_ETHERNET;
	packet[DHCP4_OP + 2] = sizeof(dhcp->config.mac);
	be32_store(packet + DHCP4_XID, dhcp->config.xid);
	be16_store(packet + DHCP4_SECS, (uint16_t)MIN(seconds, UINT16_MAX));
	if (dhcp->failures >= FAILURES_BROADCAST)
		be16_store(packet + DHCP4_FLAGS, FLAG_BROADCAST);
	memcpy(packet + DHCP4_CHADDR, dhcp->config.mac,
	       sizeof(dhcp->config.mac));
	be32_store(packet + DHCP4_COOKIE, DHCP4_MAGIC);
	if (!dhcp->config.bootp)
		at = dhcp4_put_options(dhcp, at);
	*at++ = DHCP4_OPT_END;
	return MAX((size_t)(at - packet), PACKET_MIN);
}

size_t dhcp4_send(struct dhcp4 *dhcp, uint64_t now, void *packet)
{
	unsigned limit;

	if (dhcp->state == DHCP4_SELECTING && dhcp->rank &&
	    now >= dhcp->take_at)
		dhcp4_take_offer(dhcp, now);
	if (dhcp->state >= DHCP4_DONE || now < dhcp->due)
		return 0;
	limit = dhcp->state == DHCP4_REQUESTING ? TRIES_REQUEST
						: dhcp->config.tries;
	if (dhcp->sent >= limit)
		dhcp4_give_up(dhcp, now);
	if (dhcp->state >= DHCP4_DONE)
		return 0;
	dhcp->failures += dhcp->sent != 0;
	dhcp->due = now + MIN(WAIT_FIRST << MIN(dhcp->sent, 3u), WAIT_MAX) +
		    (dhcp->config.xid >> dhcp->tries % 24 & JITTER_MASK);
	dhcp->sent++;
	dhcp->tries++;
	return dhcp4_build(dhcp, now, packet);
}

/* Receiving */

/* Option 53; TYPE_NONE: there is none; 0xff: it makes no sense. */
static unsigned dhcp4_message_type(const struct dhcp4_message *msg)
{
	uint8_t type = 0xff;
	long len = dhcp4_option(msg, DHCP4_OPT_TYPE, &type, 1);

	if (len < 0)
		return TYPE_NONE;
	return len == 1 && type != TYPE_NONE ? type : 0xff;
}

static bool dhcp4_is_for_us(const struct dhcp4 *dhcp, const uint8_t *packet)
{
	const uint8_t *mac = dhcp->config.mac;

	return packet[DHCP4_OP] == BOOTREPLY &&
	       packet[DHCP4_OP + 1] == HTYPE_ETHERNET &&
	       packet[DHCP4_OP + 2] == sizeof(dhcp->config.mac) &&
	       be32_load(packet + DHCP4_XID) == dhcp->config.xid &&
	       !memcmp(packet + DHCP4_CHADDR, mac, sizeof(dhcp->config.mac));
}

/* Keeps dhcp->lease as the offer if it is better than what we have. */
static bool dhcp4_is_better(struct dhcp4 *dhcp, enum dhcp4_rank rank,
			    uint64_t take_at)
{
	if (rank <= dhcp->rank)
		return false;
	dhcp->rank = rank;
	dhcp->take_at = take_at;
	dhcp->offer = dhcp->lease;
	return true;
}

/* RFC 1534 3: any BOOTP server's reply will do, if no DHCP server answers. */
static void dhcp4_receive_bootp(struct dhcp4 *dhcp, uint64_t now,
				const struct dhcp4_message *msg, size_t len)
{
	uint64_t take_at = dhcp->config.bootp ? now : dhcp->begun + WAIT_DHCP;

	if (!dhcp4_lease_read(&dhcp->lease, msg)) {
		dhcp->unusable++;
		return;
	}
	dhcp->lease.bootp = true;
	if (dhcp4_is_better(dhcp, RANK_BOOTP, take_at))
		dhcp4_keep_packet(dhcp, msg->packet, len);
}

static void dhcp4_receive_offer(struct dhcp4 *dhcp, uint64_t now,
				const struct dhcp4_message *msg, size_t len)
{
	bool usable = dhcp4_lease_read(&dhcp->lease, msg);

	/* Debian's bootpd does not say who it is, so cannot be asked again. */
	if (!dhcp->lease.dhcp_server.version)
		dhcp4_receive_bootp(dhcp, now, msg, len);
	else if (!usable)
		dhcp->unusable++;
	else if (dhcp->lease.file[0])
		dhcp4_is_better(dhcp, RANK_FILE, now);
	else
		dhcp4_is_better(dhcp, RANK_ADDRESS, now + WAIT_FILE);
}

static bool dhcp4_is_chosen(const struct dhcp4 *dhcp,
			    const struct dhcp4_message *msg)
{
	uint8_t server[4];
	long len = dhcp4_option(msg, DHCP4_OPT_SERVER, server, sizeof(server));

	return len < 4 || !memcmp(server, dhcp->offer.dhcp_server.bytes, 4);
}

static void dhcp4_receive_ack(struct dhcp4 *dhcp,
			      const struct dhcp4_message *msg, size_t len)
{
	if (!dhcp4_lease_read(&dhcp->lease, msg))
		return;
	dhcp4_keep_packet(dhcp, msg->packet, len);
	dhcp4_done(dhcp, &dhcp->offer);
}

static void dhcp4_receive_nak(struct dhcp4 *dhcp, uint64_t now,
			      const struct dhcp4_message *msg)
{
	char text[128];
	long len = dhcp4_option(msg, DHCP4_OPT_MESSAGE, text, sizeof(text) - 1);

	text[MIN(MAX(len, 0), (long)sizeof(text) - 1)] = '\0';
	fmt_str(dhcp->why, sizeof(dhcp->why), "server %s refused (NAK)%s%s",
		net_addr_text(&dhcp->offer.dhcp_server), *text ? ": " : "",
		text);
	dhcp4_start_over(dhcp, ERR_PERM, now);
}

static void dhcp4_receive_requested(struct dhcp4 *dhcp, uint64_t now,
				    const struct dhcp4_message *msg, size_t len)
{
	unsigned type = dhcp4_message_type(msg);

	if (!dhcp4_is_chosen(dhcp, msg))
		return;
	if (type == TYPE_ACK)
		dhcp4_receive_ack(dhcp, msg, len);
	else if (type == TYPE_NAK)
		dhcp4_receive_nak(dhcp, now, msg);
}

static void dhcp4_receive_selecting(struct dhcp4 *dhcp, uint64_t now,
				    const struct dhcp4_message *msg, size_t len)
{
	unsigned type = dhcp4_message_type(msg);

	/* QEMU answers BOOTP with an ACK: libslirp, src/bootp.c. */
	if (dhcp->config.bootp ? type != TYPE_NAK : type == TYPE_NONE)
		dhcp4_receive_bootp(dhcp, now, msg, len);
	else if (type == TYPE_OFFER)
		dhcp4_receive_offer(dhcp, now, msg, len);
}

void dhcp4_receive(struct dhcp4 *dhcp, uint64_t now, const void *packet,
		   size_t len)
{
	struct dhcp4_message msg;

	if (dhcp->state >= DHCP4_DONE || len > sizeof(dhcp->packet) ||
	    !dhcp4_message_open(&msg, packet, len) ||
	    !dhcp4_is_for_us(dhcp, packet))
		return;
	if (dhcp->state == DHCP4_REQUESTING)
		dhcp4_receive_requested(dhcp, now, &msg, len);
	else
		dhcp4_receive_selecting(dhcp, now, &msg, len);
}

int dhcp4_result(const struct dhcp4 *dhcp)
{
	if (dhcp->state == DHCP4_DONE)
		return 0;
	if (dhcp->state == DHCP4_FAILED)
		return reason_fail(dhcp->err, "%s", dhcp->why);
	return ERR_AGAIN;
}

void dhcp4_response(const struct dhcp4 *dhcp, uint8_t *buf)
{
	const struct dhcp4_lease *lease = &dhcp->lease;
	struct dhcp4_message msg;
	size_t len = strlen(lease->file);

	memset(buf, 0, DHCP4_RESPONSE);
	if (!dhcp4_message_open(&msg, dhcp->packet, dhcp->packet_len))
		return;
	memcpy(buf, dhcp->packet, DHCP4_OPTIONS);
	if (msg.overload & 2)
		memset(buf + DHCP4_SNAME, 0, DHCP4_SNAME_SIZE);
	if (msg.overload & 1)
		memset(buf + DHCP4_FILE, 0, DHCP4_FILE_SIZE);
	if (!buf[DHCP4_FILE] && len < DHCP4_FILE_SIZE)
		memcpy(buf + DHCP4_FILE, lease->file, len);
	if (lease->server.version)
		memcpy(buf + DHCP4_SIADDR, lease->server.bytes, 4);
	be32_store(buf + DHCP4_COOKIE, DHCP4_MAGIC);
	dhcp4_options_copy(&msg, buf + DHCP4_OPTIONS);
}

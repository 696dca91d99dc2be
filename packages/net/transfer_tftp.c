// SPDX-License-Identifier: BSD-2-Clause
// Transfers by TFTP: packets between the client and its socket.
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/net/message.h"
#include "packages/net/transfer.h"

/* IP and UDP headers, and TFTP's own. */
#define TFTP_HEADERS_V4 (20u + 8u + 4u)
#define TFTP_HEADERS_V6 (40u + 8u + 4u)
/* The largest block that QEMU's user network sends. */
#define TFTP_BLOCK 1428u
#define TFTP_TRIES 5u

static void transfer_tftp_receive(struct netstack_udp *udp,
				  const struct net_addr *from, uint16_t port,
				  const void *data, size_t len)
{
	struct transfer *t = container_of(udp, struct transfer, udp);

	if (net_addr_equal(from, &t->server))
		tftp_receive(&t->tftp, deadline_ms(), port, data, len);
}

/* Its reason is printed by the next turn. */
static void transfer_tftp_refused(struct netstack_udp *udp,
				  const struct net_addr *from, uint8_t type,
				  uint8_t code)
{
	struct transfer *t = container_of(udp, struct transfer, udp);

	if (t->err || t->came)
		return;
	reason_fail(ERR_NODEV, "%s says: unreachable (ICMP type %u, code %u)",
		    net_addr_text(from), type, code);
	t->err = transfer_fail(t, NET_E3005, ERR_NODEV, reason());
}

static unsigned transfer_tftp_block(const struct transfer *t)
{
	unsigned headers = t->server.version == 4 ? TFTP_HEADERS_V4
						  : TFTP_HEADERS_V6;
	unsigned most = netstack_mtu(t->server.version) - headers;

	return MIN(t->config.block_size ? t->config.block_size : TFTP_BLOCK,
		   most);
}

static int transfer_tftp_open(struct transfer *t)
{
	const struct tftp_config config = {
		.name = t->config.url.path,
		.block_size = transfer_tftp_block(t),
		.window = TFTP_WINDOW,
		.tries = t->config.tries ? t->config.tries : TFTP_TRIES,
		.take = transfer_take,
		.arg = t,
	};
	int rc;

	t->udp = (struct netstack_udp){ .receive = transfer_tftp_receive,
					.refused = transfer_tftp_refused };
	rc = netstack_udp_open(&t->udp, 0);
	if (rc)
		return transfer_fail(t, NET_E3003, rc, reason());
	tftp_start(&t->tftp, &config, deadline_ms());
	return 0;
}

/* What is lost is sent again by the client's timers. */
static void transfer_tftp_send(struct transfer *t)
{
	uint16_t port;
	size_t len;

	while ((len = tftp_send(&t->tftp, deadline_ms(), t->buffer, &port))) {
		if (netstack_udp_send(&t->udp, &t->server, port, t->buffer,
				      len))
			log_debug(LOG_BOOT, "TFTP: %s", reason());
	}
}

/* The message for a server's error. [RFC 1350 appendix I] */
static enum net_message transfer_tftp_code(unsigned code)
{
	static const uint8_t messages[] = {
		NET_E3003, NET_E3009, NET_E3010, NET_E3003,
		NET_E3011, NET_E3012, NET_E3003, NET_E3013,
	};

	return code < ARRAY_SIZE(messages) ? messages[code] : NET_E3003;
}

static int transfer_tftp_fail(struct transfer *t, int err)
{
	static const uint8_t messages[] = {
		[TFTP_NO_FAILURE] = NET_E3003, [TFTP_ERROR] = NET_E3003,
		[TFTP_SILENT] = NET_E3015,     [TFTP_MALFORMED] = NET_E3014,
		[TFTP_OPTIONS] = NET_E3017,    [TFTP_SHORT] = NET_E3016,
		[TFTP_SINK] = NET_E3004,
	};
	enum net_message message = messages[t->tftp.failure];

	if (t->tftp.failure == TFTP_ERROR)
		message = transfer_tftp_code(t->tftp.code);
	if (message == NET_E3009)
		err = ERR_NOENT;
	return transfer_fail(t, message, err, reason());
}

static int transfer_tftp_turn(struct transfer *t)
{
	int rc;

	if (t->err)
		return t->err;
	transfer_tftp_send(t);
	rc = tftp_result(&t->tftp);
	t->begun = tftp_begun(&t->tftp);
	t->size = t->tftp.size;
	if (rc == ERR_AGAIN)
		return 0;
	return rc ? transfer_tftp_fail(t, rc) : 1;
}

static void transfer_tftp_close(struct transfer *t)
{
	tftp_abort(&t->tftp);
	transfer_tftp_send(t);
	netstack_poll();
	netstack_udp_close(&t->udp);
}

const struct transfer_protocol transfer_tftp = {
	.name = "TFTP",
	.open = transfer_tftp_open,
	.turn = transfer_tftp_turn,
	.close = transfer_tftp_close,
};

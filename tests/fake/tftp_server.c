// SPDX-License-Identifier: BSD-2-Clause
// A TFTP server of its own making, in virtual time.
#include "tests/fake/tftp_server.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/endian.h"

#define SESSIONS 32
#define PACKETS 4096
#define STEP 5u /* ms */

struct session {
	bool open;
	size_t oack_len; /* until it is acknowledged */
	char oack[100];
	unsigned block_size, window;
	uint64_t base, sent, due;
};

struct packet {
	uint64_t due;
	bool to_client;
	uint16_t port;
	size_t len;
	uint8_t data[1500];
};

static struct session sessions[SESSIONS];
static struct packet packets[PACKETS];
static unsigned packet_count, session_count;
static uint64_t now;

uint8_t fake_tftp_byte(uint64_t offset)
{
	return (uint8_t)(offset * 7 + (offset >> 8) * 13 + (offset >> 17));
}

int fake_tftp_take(void *arg, const void *data, size_t len)
{
	uint64_t *at = arg;

	for (size_t i = 0; i < len; i++)
		assert(((const uint8_t *)data)[i] == fake_tftp_byte(*at + i));
	*at += len;
	return 0;
}

static bool chance(struct tftp_server *server, unsigned thousandths)
{
	server->seed = server->seed * 1664525 + 1013904223;
	return (server->seed >> 8) % 1000 < thousandths;
}

static void put(struct tftp_server *server, bool to_client, uint16_t port,
		const void *data, size_t len)
{
	if (chance(server, server->lose))
		return;
	for (unsigned n = 1 + chance(server, server->twice); n; n--) {
		struct packet *packet = &packets[packet_count++];

		assert(packet_count <= PACKETS && len <= sizeof(packet->data));
		packet->due = now + (chance(server, server->late) ? 15 : 5);
		packet->to_client = to_client;
		packet->port = port;
		packet->len = len;
		memcpy(packet->data, data, len);
	}
}

static uint16_t session_port(const struct tftp_server *server,
			     const struct session *session)
{
	return server->slirp ? TFTP_PORT
			     : (uint16_t)(2000 + (session - sessions));
}

static uint16_t wire(const struct tftp_server *server, uint64_t block)
{
	if (server->wrap_to_one && block > 65535)
		return (uint16_t)(1 + (block - 1) % 65535);
	return (uint16_t)block;
}

static void send_block(struct tftp_server *server, struct session *session,
		       uint64_t block)
{
	uint64_t at = (block - 1) * session->block_size;
	uint8_t data[1500];
	size_t len;

	if (server->silent_after && block > server->silent_after)
		return;
	server->blocks++;
	if (block == server->lose_block) {
		server->lose_block = 0;
		return;
	}
	len = (size_t)MIN(server->size - at, (uint64_t)session->block_size);
	be16_store(data, 3);
	be16_store(data + 2, wire(server, block));
	for (size_t i = 0; i < len; i++)
		data[4 + i] = fake_tftp_byte(at + i);
	put(server, true, session_port(server, session), data, 4 + len);
}

/* The OACK, or the window after `base`. */
static void send_window(struct tftp_server *server, struct session *session)
{
	uint64_t last = server->size / session->block_size + 1;

	session->due = now + 1000;
	if (session->oack_len) {
		put(server, true, session_port(server, session), session->oack,
		    session->oack_len);
		return;
	}
	session->sent = session->base;
	while (session->sent < last &&
	       session->sent - session->base < session->window)
		send_block(server, session, ++session->sent);
	if (session->base == last)
		session->open = false;
}

static size_t option(char *to, const char *name, unsigned val)
{
	size_t len = (size_t)sprintf(to, "%s", name) + 1;

	return len + (size_t)sprintf(to + len, "%u", val) + 1;
}

/* The OACK; returns its length, 2: no options. */
static size_t accept_options(struct tftp_server *server,
			     struct session *session, const char *text,
			     const char *end, char *answer)
{
	size_t len = 2;

	be16_store(answer, 6);
	while (text < end && !server->no_options) {
		const char *val = text + strlen(text) + 1;
		unsigned number = (unsigned)atoi(val);

		if (!strcmp(text, "blksize")) {
			session->block_size = MIN(number, 1428u);
			len += option(answer + len, "BLKSIZE",
				      session->block_size);
		} else if (!strcmp(text, "windowsize") && !server->no_window) {
			session->window = number;
			len += option(answer + len, text, number);
		} else if (!strcmp(text, "tsize") && !server->no_tsize) {
			len += option(answer + len, text,
				      (unsigned)server->size);
		}
		text = val + strlen(val) + 1;
	}
	return len;
}

static void serve_request(struct tftp_server *server, const char *data,
			  size_t len)
{
	struct session *session =
		&sessions[server->slirp ? 0 : session_count++];
	const char *text = data + 2;
	unsigned options = 0;
	char answer[600];

	assert(session_count < SESSIONS && !data[len - 1]);
	server->requests++;
	*session = (struct session){ .open = true,
				     .block_size = 512,
				     .window = 1 };
	for (const char *c = text; c < data + len; c++)
		options += !*c;
	text += strlen(text) + 1;
	assert(!strcmp(text, "octet"));
	text += strlen(text) + 1;
	options = options / 2 - 1;
	if (server->refusal != 0 && options > server->levels) {
		be16_store(answer, 5);
		be16_store(answer + 2, (uint16_t)(server->refusal & 0xff));
		strcpy(answer + 4, "no");
		put(server, true, session_port(server, session), answer, 7);
		session->open = false;
		return;
	}
	len = accept_options(server, session, text, data + len, session->oack);
	session->oack_len = len > 2 ? len : 0;
	send_window(server, session);
}

static void serve(struct tftp_server *server, uint16_t port,
		  const uint8_t *data, size_t len)
{
	unsigned opcode = be16_load(data);
	struct session *session =
		&sessions[port == TFTP_PORT ? 0 : (port - 2000) % SESSIONS];

	if (opcode == 1) {
		serve_request(server, (const char *)data, len);
		return;
	}
	if (opcode == 5) {
		*(be16_load(data + 2) == 5 ? &server->strays
					   : &server->aborts) += 1;
		session->open = false;
		return;
	}
	assert(opcode == 4 && len == 4);
	server->acks++;
	if (!session->open)
		return;
	session->oack_len = 0;
	if (server->slirp) {
		session->base = session->sent;
		send_window(server, session);
		return;
	}
	for (uint64_t k = session->base; k <= session->sent; k++)
		if (wire(server, k) == be16_load(data + 2) &&
		    (k > session->base || session->window > 1 ||
		     !session->sent)) {
			session->base = k;
			send_window(server, session);
			return;
		}
}

/* All packets that are due. */
static void deliver(struct tftp *tftp, struct tftp_server *server)
{
	static struct packet packet;

	for (unsigned i = 0; i < packet_count;) {
		if (packets[i].due > now) {
			i++;
			continue;
		}
		packet = packets[i];
		memmove(packets + i, packets + i + 1,
			(--packet_count - i) * sizeof(packet));
		if (packet.to_client)
			tftp_receive(tftp, now, packet.port, packet.data,
				     packet.len);
		else
			serve(server, packet.port, packet.data, packet.len);
	}
}

int fake_tftp_run(struct tftp *tftp, struct tftp_server *server,
		  struct tftp_config *config, uint64_t *ms)
{
	uint64_t start = now, taken = 0;
	uint8_t packet[TFTP_SEND_MAX];
	uint16_t port;
	size_t len;

	memset(sessions, 0, sizeof(sessions));
	packet_count = session_count = 0;
	config->take = config->take ? config->take : fake_tftp_take;
	config->arg = config->arg ? config->arg : &taken;
	tftp_start(tftp, config, now);
	do {
		while ((len = tftp_send(tftp, now, packet, &port)))
			put(server, false, port, packet, len);
		now += STEP;
		deliver(tftp, server);
		for (unsigned i = 0; i < session_count && !server->slirp; i++)
			if (sessions[i].open && now >= sessions[i].due)
				send_window(server, &sessions[i]);
		assert(now - start < 3600000);
	} while (tftp_result(tftp) == ERR_AGAIN);
	while ((len = tftp_send(tftp, now, packet, &port)))
		put(server, false, port, packet, len);
	now += 20;
	deliver(tftp, server);
	*ms = now - start;
	return tftp_result(tftp);
}

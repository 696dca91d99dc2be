// SPDX-License-Identifier: BSD-2-Clause
// Transfers by HTTP: bytes between the client and its connection.
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/net/message.h"
#include "packages/net/transfer.h"

static int transfer_http_connect(struct transfer *t)
{
	int rc;

	t->tcp = (struct netstack_tcp){ 0 };
	rc = netstack_tcp_connect(&t->tcp, &t->server, t->http.url.port);
	if (rc)
		return transfer_fail(t, NET_E3005, ERR_NODEV, reason());
	t->request = t->buffer;
	t->request_len = http_request(&t->http, t->buffer);
	return 0;
}

static int transfer_http_open(struct transfer *t)
{
	t->http.take = transfer_take;
	t->http.arg = t;
	http_start(&t->http, &t->config.url);
	return transfer_http_connect(t);
}

/* A redirect may lead to another host; a resumed transfer does not. */
static int transfer_http_again(struct transfer *t, bool elsewhere)
{
	char text[160];
	int rc = 0;

	netstack_tcp_close(&t->tcp);
	if (elsewhere) {
		t->config.url = t->http.url;
		url_text(&t->http.url, text, sizeof(text));
		if (!t->config.quiet)
			print("  Redirected to \"%s\"\n", text);
		rc = transfer_find(t);
	}
	return rc ? rc : transfer_http_connect(t);
}

/* The message for a server's answer. [RFC 9110 15] */
static enum net_message transfer_http_code(unsigned status)
{
	static const struct {
		uint16_t status;
		uint8_t message;
	} messages[] = {
		{ 404, NET_E3009 }, { 410, NET_E3009 }, { 403, NET_E3010 },
		{ 405, NET_E3011 }, { 401, NET_E3013 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		if (messages[i].status == status)
			return messages[i].message;
	}
	return NET_E3003;
}

static int transfer_http_fail(struct transfer *t)
{
	enum net_message message = transfer_http_code(t->http.status);
	int err = t->http.err;

	if (message == NET_E3009)
		err = ERR_NOENT;
	return transfer_fail(t, message, err, reason());
}

static int transfer_http_next(struct transfer *t, enum http_next next)
{
	t->begun = t->http.begun;
	t->size = t->http.size;
	switch (next) {
	case HTTP_MORE:
		return 0;
	case HTTP_DONE:
		return 1;
	case HTTP_REDIRECT:
	case HTTP_RESUME:
		return transfer_http_again(t, next == HTTP_REDIRECT);
	case HTTP_FAILED:
		break;
	}
	return transfer_http_fail(t);
}

/* The reader's room bounds what is taken: the window stays closed else. */
static int transfer_http_receive(struct transfer *t)
{
	long got;
	int rc = 0;

	do {
		got = netstack_tcp_receive(&t->tcp, t->buffer, TRANSFER_BUFFER);
		if (got > 0)
			rc = transfer_http_next(t, http_receive(&t->http,
								t->buffer,
								(size_t)got));
	} while (got > 0 && !rc && t->room);
	if (rc || got > 0 || got == ERR_AGAIN)
		return rc;
	/* Nothing at all came: the reason is the connection's. */
	if (got < 0 && !t->tcp.connected && !t->http.received)
		return transfer_fail(t, NET_E3005, ERR_NODEV, reason());
	return transfer_http_next(t, http_closed(&t->http, !got));
}

static int transfer_http_turn(struct transfer *t)
{
	long sent;

	if (!t->request_len)
		return transfer_http_receive(t);
	sent = netstack_tcp_send(&t->tcp, t->request, t->request_len);
	if (sent < 0)
		return transfer_fail(t, NET_E3005, ERR_NODEV, reason());
	t->request += sent;
	t->request_len -= (size_t)sent;
	return 0;
}

static void transfer_http_close(struct transfer *t)
{
	netstack_tcp_close(&t->tcp);
	netstack_poll();
}

const struct transfer_protocol transfer_http = {
	.name = "HTTP",
	.open = transfer_http_open,
	.turn = transfer_http_turn,
	.close = transfer_http_close,
};

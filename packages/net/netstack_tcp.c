// SPDX-License-Identifier: BSD-2-Clause
// TCP connections.
#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/net/drbg.h"
#include "packages/net/netstack_internal.h"

/* The dynamic ports, RFC 6335 6; tries to find a free one. */
#define PORT_FIRST 49152u
#define PORT_TRIES 8u

/*
 * Received and not read: more than a window of packets of 256 bytes. A peer
 * that sends smaller ones while nobody reads has to send them again.
 */
#define TCP_HELD 1024u

/* Returns what the connection says from now on. */
static void tcp_broken(struct netstack_tcp *tcp, const char *why)
{
	tcp->pcb = NULL;
	if (tcp->err)
		return;
	tcp->err = ERR_IO;
	tcp->why = why;
}

static int tcp_reason(const struct netstack_tcp *tcp)
{
	return reason_fail(ERR_IO, "%s port %u: %s", net_addr_text(&tcp->peer),
			   tcp->port, tcp->why);
}

/* lwIP has freed the connection. */
static void tcp_failed(void *arg, err_t err)
{
	struct netstack_tcp *tcp = arg;

	if (err != ERR_RST)
		tcp_broken(tcp, "no answer");
	else if (tcp->connected)
		tcp_broken(tcp, "connection reset");
	else
		tcp_broken(tcp, "connection refused");
}

static err_t tcp_is_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct netstack_tcp *tcp = arg;

	(void)pcb;
	(void)err;
	tcp->connected = true;
	return 0;
}

static err_t tcp_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p,
			  err_t err)
{
	struct netstack_tcp *tcp = arg;
	struct pbuf *last = p, *tail = tcp->last;
	unsigned count = 1;

	(void)pcb;
	(void)err;
	if (!p) {
		tcp->ended = true;
		return 0;
	}
	for (; last->next; last = last->next)
		count++;
	if (tcp->held && tcp->held + count > TCP_HELD)
		return ERR_MEM;
	/* Not by pbuf_cat(): its total is 16 bits. */
	if (tail)
		tail->next = p;
	else
		tcp->first = p;
	tcp->last = last;
	tcp->held += count;
	return 0;
}

static err_t tcp_bind_somewhere(struct tcp_pcb *pcb)
{
	err_t err = ERR_USE;

	for (unsigned i = 0; i < PORT_TRIES && err; i++)
		err = tcp_bind(pcb, IP_ANY_TYPE,
			       (uint16_t)(PORT_FIRST | drbg_u32()));
	return err;
}

int netstack_tcp_connect(struct netstack_tcp *tcp, const struct net_addr *to,
			 uint16_t port)
{
	ip_addr_t addr = netstack_to_lwip(to);
	struct tcp_pcb *pcb;
	err_t err;
	int rc = netstack_source(to);

	if (rc)
		return rc;
	pcb = tcp_new_ip_type(IP_GET_TYPE(&addr));
	if (!pcb)
		return reason_fail(ERR_NOMEM, "no memory for a connection");
	tcp->peer = *to;
	tcp->port = port;
	tcp_arg(pcb, tcp);
	tcp_err(pcb, tcp_failed);
	tcp_recv(pcb, tcp_received);
	err = tcp_bind_somewhere(pcb);
	if (!err)
		err = tcp_connect(pcb, &addr, port, tcp_is_connected);
	if (err) {
		tcp_arg(pcb, NULL);
		tcp_err(pcb, NULL);
		tcp_abort(pcb);
		return netstack_err(err, to);
	}
	tcp->pcb = pcb;
	return 0;
}

long netstack_tcp_send(struct netstack_tcp *tcp, const void *data, size_t len)
{
	struct tcp_pcb *pcb = tcp->pcb;
	err_t err;

	if (tcp->err)
		return tcp_reason(tcp);
	if (!tcp->connected)
		return 0;
	/* lwIP asserts that a peer's MSS never shrinks under what waits. */
	len = pcb->unsent ? 0 : MIN(len, tcp_sndbuf(pcb));
	err = len ? tcp_write(pcb, data, (uint16_t)len, TCP_WRITE_FLAG_COPY)
		  : ERR_MEM;
	tcp_output(pcb);
	return err ? 0 : (long)len;
}

/* Copy from the first pbuf, and free it when it is read. */
static size_t tcp_take(struct netstack_tcp *tcp, uint8_t *buf, size_t len)
{
	struct pbuf *p = tcp->first;
	size_t part = MIN(len, p->len - tcp->offset);

	memcpy(buf, (const uint8_t *)p->payload + tcp->offset, part);
	tcp->offset += part;
	if (tcp->offset < p->len)
		return part;
	tcp->offset = 0;
	tcp->first = p->next;
	if (!tcp->first)
		tcp->last = NULL;
	tcp->held--;
	p->next = NULL;
	pbuf_free(p);
	return part;
}

/* `len` bytes were read. */
static void tcp_opened(struct netstack_tcp *tcp, size_t len)
{
	while (len && tcp->pcb) {
		uint16_t part = (uint16_t)MIN(len, 0xffffu);

		tcp_recved(tcp->pcb, part);
		len -= part;
	}
	if (tcp->pcb && ((struct tcp_pcb *)tcp->pcb)->refused_data)
		tcp_process_refused_data(tcp->pcb);
}

long netstack_tcp_receive(struct netstack_tcp *tcp, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len && tcp->first)
		done += tcp_take(tcp, (uint8_t *)buf + done, len - done);
	if (done) {
		tcp_opened(tcp, done);
		return (long)done;
	}
	if (tcp->ended)
		return 0;
	return tcp->err ? tcp_reason(tcp) : ERR_AGAIN;
}

static void tcp_free_held(struct netstack_tcp *tcp)
{
	uint8_t none;

	while (tcp->first) {
		tcp->offset = ((struct pbuf *)tcp->first)->len;
		tcp_take(tcp, &none, 0);
	}
}

void netstack_tcp_close(struct netstack_tcp *tcp)
{
	struct tcp_pcb *pcb = tcp->pcb;

	tcp_free_held(tcp);
	if (!pcb)
		return;
	tcp->pcb = NULL;
	tcp_arg(pcb, NULL);
	tcp_err(pcb, NULL);
	tcp_recv(pcb, NULL);
	if (tcp_close(pcb))
		tcp_abort(pcb);
}

/* Only while we connect: later, errors may pass. [RFC 5927 4.2, 5.2] */
void netstack_tcp_refused(const struct netstack_refusal *refusal)
{
	uint16_t from = be16_load(refusal->ports);
	uint16_t to = be16_load(refusal->ports + 2);
	uint32_t sequence = be32_load(refusal->ports + 4);
	struct tcp_pcb *pcb = tcp_active_pcbs;

	while (pcb && (pcb->local_port != from || pcb->remote_port != to))
		pcb = pcb->next;
	if (!pcb || pcb->state != SYN_SENT || sequence + 1 != pcb->snd_nxt ||
	    !pcb->callback_arg)
		return;
	tcp_broken(pcb->callback_arg, "unreachable (ICMP)");
	tcp_abandon(pcb, 0);
}

void netstack_tcp_idle(void)
{
	for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
		if (pcb->flags & TF_ACK_DELAY) {
			tcp_ack_now(pcb);
			tcp_output(pcb);
		}
}

void netstack_tcp_abort(void)
{
	while (tcp_active_pcbs)
		tcp_abort(tcp_active_pcbs);
	while (tcp_tw_pcbs)
		tcp_abort(tcp_tw_pcbs);
}

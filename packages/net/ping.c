// SPDX-License-Identifier: BSD-2-Clause
// Pinging a host from a card, for the prompt and for clients.
#include <string.h>

#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/net/message.h"
#include "packages/net/netboot.h"
#include "packages/net/session.h"

/* Seconds, as in SLOF. */
#define PING_TIMEOUT 10u
#define PING_EVERY_MS 1000u

struct ping {
	struct session s;
	struct transfer transfer; /* only to find the host */
	unsigned timeout;
};

/* Cuts the first item off a list separated by commas. */
static char *ping_item(char **rest)
{
	char *item = *rest, *comma = strchr(item, ',');

	*rest = comma ? comma + 1 : item + strlen(item);
	if (comma)
		*comma = 0;
	return item;
}

/* SLOF's order: server, client, router, timeout; as arguments of a load. */
static int ping_parse(struct ping *ping, char *text)
{
	const char *item[5] = { "" };
	char load[256];
	uint64_t timeout = PING_TIMEOUT;

	if (!strncmp(text, "bootp,", 6) || !strncmp(text, "dhcp,", 5) ||
	    !strncmp(text, "ipv6,", 5))
		item[0] = ping_item(&text);
	for (size_t i = 1; i < ARRAY_SIZE(item); i++)
		item[i] = ping_item(&text);
	if (!*item[1])
		return reason_fail(ERR_INVAL, "ping: which host?");
	if (*item[4] && fmt_parse_dec(item[4], strlen(item[4]), &timeout))
		return reason_fail(ERR_INVAL, "ping: \"%s\" is no timeout",
				   item[4]);
	ping->timeout = (unsigned)MIN(MAX(timeout, 1), 3600);
	fmt_str(load, sizeof(load), "%s%s%s,,%s,%s", item[0],
		*item[0] ? "," : "", item[1], item[2], item[3]);
	return net_args_parse(load, &ping->s.args);
}

/* Sends a request each second until one is answered. */
static int ping_wait(struct ping *ping, uint64_t *ms)
{
	const struct net_addr *host = &ping->transfer.server;
	uint64_t begun = deadline_ms(), sent = 0;
	struct net_wait wait;
	uint16_t sequence = 0;
	int rc = 0;

	net_wait_begin(&wait, ping->s.nd, ping->timeout * 1000);
	while (!rc && (!sequence || !netstack_ping_answered(sequence))) {
		if (!sequence || deadline_ms() - sent >= PING_EVERY_MS) {
			sent = deadline_ms();
			rc = netstack_ping(host, ++sequence);
		}
		if (!rc)
			rc = net_wait_turn(&wait);
	}
	net_wait_end(&wait);
	*ms = deadline_ms() - (rc ? begun : sent);
	return rc;
}

/* Finds the host's address. */
static int ping_find(struct ping *ping)
{
	struct transfer *t = &ping->transfer;
	int rc = session_configure(&ping->s);

	if (rc)
		return rc;
	rc = session_url(&ping->s, "", &t->config.url);
	if (rc)
		return net_fail(NET_E3008, rc, reason());
	t->config.nd = ping->s.nd;
	t->config.version = ping->s.config.version;
	return transfer_find(t);
}

static int ping_host(struct ping *ping)
{
	struct transfer *t = &ping->transfer;
	uint64_t ms;
	int rc = ping_find(ping);

	if (rc == ERR_ABORT)
		print("  Ping: %s\n", reason());
	if (rc)
		return rc;
	print("  Ping %s: ", net_addr_text(&t->server));
	rc = ping_wait(ping, &ms);
	if (rc)
		print("failed: %s\n", reason());
	else
		print("success, %llu ms\n", (unsigned long long)ms);
	return rc;
}

static int ping_run(struct ping *ping, struct device *dev, char *text)
{
	int rc = ping_parse(ping, text);

	if (rc) {
		print("%s\n", reason());
		return rc;
	}
	rc = session_begin(&ping->s, dev);
	if (rc)
		return rc;
	ping->s.configure.no_file = true;
	rc = ping_host(ping);
	session_end(&ping->s);
	return rc;
}

int netboot_ping(struct device *dev, const char *args)
{
	struct ping *ping = heap_zalloc(sizeof(*ping));
	char *text = heap_strdup(args);
	int rc = ERR_NOMEM;

	if (ping && text)
		rc = ping_run(ping, dev, text);
	else
		reason_fail(rc, "out of memory");
	heap_free(text);
	heap_free(ping);
	return rc;
}

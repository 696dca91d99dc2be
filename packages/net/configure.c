// SPDX-License-Identifier: BSD-2-Clause
// Getting an address, and what to load, for a card.
#include "packages/net/configure.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/net/message.h"
#include "packages/net/netstack.h"
#include "packages/net/wait.h"
#include "tree/path.h"
#include "tree/prop.h"

/*
 * Without a router's answer, DHCPv6 is asked after this time. A router may take
 * 3.5 s. [RFC 4861 6.2.6, 10: MIN_DELAY_BETWEEN_RAS, MAX_RA_DELAY_TIME]
 */
#define CONFIGURE_RA_MS 4000u
/* How long a complete answer of version 6 waits for one of version 4. */
#define CONFIGURE_PREFER_MS 1000u
/* How long an answer without a boot file waits for the other version's. */
#define CONFIGURE_OTHER_MS 3000u
/* How long an answer of version 6 waits for a router's prefix. */
#define CONFIGURE_SLAAC_MS 10000u

static const struct net_addr configure_broadcast = { 4,
						     { 255, 255, 255, 255 } };
static const struct net_addr configure_dhcp6_servers = {
	6,
	{ 0xff, 0x02, [13] = 1, [15] = 2 }
};

/* One version's side of the work; the sockets' callbacks find it. */
struct configure_side {
	struct netstack_udp udp;
	struct net_configure *c;
};

/* The version of the addresses that the arguments give; 0: any will do. */
static unsigned configure_version(struct net_configure *c)
{
	const struct net_args *args = c->args;
	struct net_addr host = { .version = args->client.version };

	if (args->protocol == NET_DHCP || args->protocol == NET_BOOTP)
		return 0;
	if (host.version)
		return host.version;
	if (args->server.version)
		return args->server.version;
	if (!url_parse(args->file, &c->url))
		(void)!net_addr_parse(c->url.host, strlen(c->url.host), &host);
	return host.version;
}

static bool configure_wants4(const struct net_configure *c)
{
	return c->args->protocol != NET_IPV6 && c->version != 6;
}

static bool configure_wants6(const struct net_configure *c)
{
	return c->args->protocol == NET_IPV6 ||
	       (c->args->protocol == NET_ANY && c->version != 4);
}

static void configure_receive4(struct netstack_udp *udp,
			       const struct net_addr *from, uint16_t port,
			       const void *data, size_t len)
{
	struct configure_side *side =
		container_of(udp, struct configure_side, udp);

	(void)from;
	(void)port;
	dhcp4_receive(&side->c->v4, deadline_ms(), data, len);
}

static void configure_receive6(struct netstack_udp *udp,
			       const struct net_addr *from, uint16_t port,
			       const void *data, size_t len)
{
	struct configure_side *side =
		container_of(udp, struct configure_side, udp);

	(void)from;
	(void)port;
	if (side->c->started6)
		dhcp6_receive(&side->c->v6, deadline_ms(), data, len);
}

static unsigned configure_tries(const struct net_configure *c)
{
	return c->args->dhcp_tries ? c->args->dhcp_tries : c->tries;
}

static void configure_start4(struct net_configure *c)
{
	struct dhcp4_config config = {
		.uuid = c->uuid,
		.tries = configure_tries(c),
		.bootp = c->args->protocol == NET_BOOTP,
		.wanted = c->args->client,
	};

	memcpy(config.mac, c->nd->mac, sizeof(config.mac));
	netstack_random(&config.xid, sizeof(config.xid));
	dhcp4_start(&c->v4, &config, deadline_ms());
}

/* Does DHCPv6 ask for no address, and a router, which was late, tells it to? */
static bool configure_must_restart6(const struct net_configure *c)
{
	struct netstack_ipv6 state;

	netstack_ipv6(&state);
	return c->started6 && state.managed && !c->v6.config.managed;
}

/* Starts once a router has said how, or is too late. */
static void configure_start6(struct net_configure *c)
{
	struct dhcp6_config config = { .uuid = c->uuid,
				       .tries = configure_tries(c) };
	struct netstack_ipv6 state;

	netstack_ipv6(&state);
	if (!state.advertised && deadline_ms() - c->begun < CONFIGURE_RA_MS)
		return;
	c->done6 = 0;
	memcpy(config.mac, c->nd->mac, sizeof(config.mac));
	netstack_random(&config.xid, sizeof(config.xid));
	config.managed = state.managed;
	dhcp6_start(&c->v6, &config, deadline_ms());
	c->started6 = true;
}

/* Packets that cannot be sent are lost like others: there is a next try. */
static void configure_send4(struct net_configure *c, struct netstack_udp *udp)
{
	unsigned tries = c->v4.tries;
	size_t len = dhcp4_send(&c->v4, deadline_ms(), c->packet);

	if (c->v4.tries != tries)
		print("%u", tries % 10);
	if (len && netstack_udp_send(udp, &configure_broadcast,
				     DHCP4_SERVER_PORT, c->packet, len))
		log_debug(LOG_BOOT, "DHCP: %s", reason());
}

static void configure_send6(struct net_configure *c, struct netstack_udp *udp)
{
	size_t len;

	if (!c->started6 || configure_must_restart6(c))
		configure_start6(c);
	if (!c->started6)
		return;
	len = dhcp6_send(&c->v6, deadline_ms(), c->packet);
	if (!configure_wants4(c) && len)
		print("%u", (c->v6.tries - 1) % 10);
	if (len && netstack_udp_send(udp, &configure_dhcp6_servers,
				     DHCP6_SERVER_PORT, c->packet, len))
		log_debug(LOG_BOOT, "DHCPv6: %s", reason());
}

static int configure_result4(const struct net_configure *c)
{
	return configure_wants4(c) ? dhcp4_result(&c->v4) : ERR_NOTSUP;
}

/* An address from the server, or from a router, which may be late. */
static bool configure_lacks6(const struct net_configure *c)
{
	struct netstack_ipv6 state;

	netstack_ipv6(&state);
	return !c->v6.lease.address.version && !state.global.version &&
	       deadline_ms() - c->begun < CONFIGURE_SLAAC_MS;
}

/* Does an answer say what to load? */
static bool configure_complete(const struct net_configure *c, unsigned version)
{
	const struct dhcp4_lease *lease = &c->v4.lease;

	if (*c->args->file || c->no_file)
		return true;
	if (version == 6)
		return *c->v6.lease.url;
	return *lease->file || *lease->config_file || *lease->path_prefix;
}

static int configure_result6(const struct net_configure *c)
{
	struct netstack_ipv6 state;
	int rc;

	if (!configure_wants6(c))
		return ERR_NOTSUP;
	/* A router's prefix is enough for a file that is known. */
	netstack_ipv6(&state);
	if ((c->version == 6 || c->args->protocol == NET_IPV6) &&
	    state.global.version && !state.managed && configure_complete(c, 6))
		return 0;
	if (!c->started6 || configure_must_restart6(c))
		return ERR_AGAIN;
	rc = dhcp6_result(&c->v6);
	return !rc && configure_lacks6(c) ? ERR_AGAIN : rc;
}

/*
 * Whose answer is taken, from both results and how long ago they came: 4, 6,
 * or 0: go on; ERR_*: there is none.
 */
static int configure_choose(const struct net_configure *c, int v4, int v6)
{
	uint64_t now = deadline_ms();

	if (!v4 && (configure_complete(c, 4) || (v6 && v6 != ERR_AGAIN)))
		return 4;
	if (!v6 && configure_complete(c, 6) &&
	    (v4 != ERR_AGAIN || now - c->done6 >= CONFIGURE_PREFER_MS))
		return 6;
	if (!v4)
		return !v6 || now - c->done4 >= CONFIGURE_OTHER_MS ? 4 : 0;
	if (v4 == ERR_AGAIN || v6 == ERR_AGAIN)
		return 0;
	return v6 ? (v4 == ERR_NOTSUP ? v6 : v4) : 6;
}

/* Both sides in turn, until one has won. Returns as configure_choose(). */
static int configure_loop(struct net_configure *c,
			  struct configure_side sides[2], struct net_wait *wait)
{
	int v4, v6, version = 0, rc = 0;

	while (!rc && !version) {
		if (configure_wants4(c))
			configure_send4(c, &sides[0].udp);
		if (configure_wants6(c))
			configure_send6(c, &sides[1].udp);
		rc = net_wait_turn(wait);
		v4 = configure_result4(c);
		v6 = configure_result6(c);
		if (!v4 && !c->done4)
			c->done4 = deadline_ms();
		if (!v6 && !c->done6)
			c->done6 = deadline_ms();
		if (!rc)
			version = configure_choose(c, v4, v6);
	}
	/* Say why the side that counts has failed. */
	if (version < 0)
		(void)(configure_wants4(c) ? dhcp4_result(&c->v4)
					   : dhcp6_result(&c->v6));
	return rc ? rc : version;
}

static int configure_ask(struct net_configure *c)
{
	struct configure_side sides[2] = {
		{ .udp.receive = configure_receive4, .c = c },
		{ .udp.receive = configure_receive6, .c = c },
	};
	struct net_wait wait;
	int rc;

	c->begun = deadline_ms();
	if (configure_wants4(c))
		configure_start4(c);
	rc = netstack_udp_open(&sides[0].udp, DHCP4_CLIENT_PORT);
	if (rc)
		return rc;
	rc = netstack_udp_open(&sides[1].udp, DHCP6_CLIENT_PORT);
	if (!rc) {
		/* The numbers of tries bound it. */
		net_wait_begin(&wait, c->nd, UINT32_MAX);
		rc = configure_loop(c, sides, &wait);
		net_wait_end(&wait);
		netstack_udp_close(&sides[1].udp);
	}
	netstack_udp_close(&sides[0].udp);
	return rc;
}

static void configure_add_dns(const struct net_addr *dns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (dns[i].version)
			netstack_add_dns(&dns[i]);
	}
}

static void configure_use4(struct net_configure *c, struct net_config *out)
{
	const struct dhcp4_lease *lease = &c->v4.lease;

	out->address = lease->address;
	out->mask = lease->mask;
	out->router = lease->router;
	out->server = lease->server;
	memcpy(out->server_name, lease->server_name, sizeof(out->server_name));
	memcpy(out->file, lease->file, sizeof(lease->file));
	memcpy(out->config_file, lease->config_file, sizeof(out->config_file));
	memcpy(out->path_prefix, lease->path_prefix, sizeof(out->path_prefix));
	configure_add_dns(lease->dns, DHCP4_DNS);
	if (lease->mtu)
		netstack_set_mtu(lease->mtu);
}

static int configure_use6(struct net_configure *c, struct net_config *out)
{
	const struct dhcp6_lease *lease = &c->v6.lease;
	struct netstack_ipv6 state;
	int rc = 0;

	if (lease->address.version)
		rc = netstack_set_ipv6(&lease->address);
	netstack_ipv6(&state);
	out->address = lease->address.version ? lease->address
		       : state.global.version ? state.global
					      : state.link_local;
	out->router = state.router;
	memcpy(out->file, lease->url, sizeof(out->file));
	memcpy(out->args, lease->params, sizeof(out->args));
	configure_add_dns(lease->dns, DHCP6_DNS);
	return rc;
}

/* GRUB reads the server's packet. */
static int configure_publish(const struct net_configure *c)
{
	static uint8_t packet[DHCP4_RESPONSE];
	bool bootp = c->args->protocol == NET_BOOTP;

	dhcp4_response(&c->v4, packet);
	if (!tree_setprop(tree_find("/chosen"),
			  bootp ? "bootp-response" : "dhcp-response", packet,
			  sizeof(packet), TREE_QUOIN))
		return 0;
	return reason_fail(ERR_NOMEM, "no memory for dhcp-response");
}

/* What the user or the boot list gave has precedence. */
static void configure_override(const struct net_args *args,
			       struct net_config *out)
{
	if (args->client.version == out->version)
		out->address = args->client;
	if (args->mask.version == 4)
		out->mask = args->mask;
	if (args->router.version == 4)
		out->router = args->router;
	if (args->server.version || *args->server_name) {
		out->server = args->server;
		memcpy(out->server_name, args->server_name,
		       sizeof(out->server_name));
	}
	if (*args->file) {
		memcpy(out->file, args->file, sizeof(args->file));
		*out->config_file = *out->path_prefix = 0;
	}
	if (out->version == 4 && !out->mask.version)
		out->mask = net_addr_class_mask(&out->address);
}

/* Frames tell a card that hears nothing from a server that does not answer. */
static int configure_fail(const struct net_configure *c, int err)
{
	uint64_t lost;
	struct network_counts counts = network_counts(c->nd, &lost);
	struct netstack_ipv6 state;

	if (err == ERR_ABORT)
		return err;
	netstack_ipv6(&state);
	if (err == ERR_TIMEOUT)
		reason_fail(err, "%s%s, %u frames received, %llu lost",
			    reason(),
			    configure_wants4(c) || state.advertised
				    ? ""
				    : ", no router advertisement",
			    counts.received, (unsigned long long)lost);
	return net_fail(NET_E3001, err, reason());
}

/* Everything is given: no server is asked. */
static bool configure_is_static(const struct net_configure *c)
{
	const struct net_args *args = c->args;

	return args->client.version && (*args->file || c->no_file) &&
	       args->protocol != NET_BOOTP && args->protocol != NET_DHCP &&
	       (args->server.version || url_is(args->file));
}

static int configure_dhcp(struct net_configure *c, struct net_config *out)
{
	static const char *const names[] = {
		[NET_ANY] = "DHCP",
		[NET_DHCP] = "DHCPv4",
		[NET_BOOTP] = "BOOTP",
		[NET_IPV6] = "DHCPv6",
	};
	int rc;

	print("  Requesting information via %s: ", names[c->args->protocol]);
	rc = configure_ask(c);
	if (rc < 0) {
		print("\n");
		return rc;
	}
	print(" done\n");
	out->version = (unsigned)rc;
	if (rc == 6)
		return configure_use6(c, out);
	configure_use4(c, out);
	return configure_publish(c);
}

int net_configure(struct net_configure *c, struct net_config *out)
{
	const struct net_args *args = c->args;
	struct node *chosen = tree_find("/chosen");
	int rc = 0;

	memset(out, 0, sizeof(*out));
	out->version = args->client.version;
	tree_delprop(chosen, "dhcp-response");
	tree_delprop(chosen, "bootp-response");
	c->version = configure_version(c);
	if (!configure_is_static(c))
		rc = configure_dhcp(c, out);
	if (rc)
		return configure_fail(c, rc);
	configure_override(args, out);
	if (out->version == 4)
		netstack_set_ipv4(&out->address, &out->mask, &out->router);
	else if (args->client.version == 6)
		rc = netstack_set_ipv6(&out->address);
	if (rc)
		return net_fail(NET_E3001, rc, reason());
	print("  Using IPv%u address: %s\n", out->version,
	      net_addr_text(&out->address));
	return 0;
}

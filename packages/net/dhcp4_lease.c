// SPDX-License-Identifier: BSD-2-Clause
// What a DHCPv4 packet gives, and what is taken of it.
#include "packages/net/dhcp4_lease.h"

#include "lib/endian.h"

/* RFC 791 3.2, RFC 2132 5.1 */
#define MTU_MIN 68u
#define MTU_MAX 1500u

#define OPT_MASK 1u

#define AT(field) (uint16_t) offsetof(struct dhcp4_lease, field)
#define TEXT(field) AT(field), sizeof(((struct dhcp4_lease *)NULL)->field)

/* Texts: the option, else a field of the packet unless it has options. */
static const struct lease_text {
	uint16_t at, size;
	uint8_t code, field, field_size, overload;
} lease_texts[] = {
	{ TEXT(file), DHCP4_OPT_FILE, DHCP4_FILE, DHCP4_FILE_SIZE, 1 },
	{ TEXT(server_name), 66, DHCP4_SNAME, DHCP4_SNAME_SIZE, 2 },
	{ TEXT(host), 12, 0, 0, 0 },
	{ TEXT(domain), 15, 0, 0, 0 },
	{ TEXT(root_path), 17, 0, 0, 0 },
	{ TEXT(config_file), 209, 0, 0, 0 },
	{ TEXT(path_prefix), 210, 0, 0, 0 },
};

/* Lists of addresses: how many are taken of each. */
static const struct lease_list {
	uint16_t at;
	uint8_t code, count;
} lease_lists[] = {
	{ AT(mask), OPT_MASK, 1 }, { AT(router), 3, 1 },
	{ AT(dns), 6, DHCP4_DNS }, { AT(dhcp_server), DHCP4_OPT_SERVER, 1 },
	{ AT(server), 150, 1 },
};

/* Not 0/8, 127/8, nor class D and E with the broadcast address. */
static bool lease_is_host(uint32_t number)
{
	uint8_t net = number >> 24;

	return net != 0 && net != 127 && net < 224;
}

static bool lease_is_mask(uint32_t number)
{
	return number && !(~number & (~number + 1));
}

static void lease_read_text(struct dhcp4_lease *lease,
			    const struct dhcp4_message *msg,
			    const struct lease_text *text)
{
	char *dst = (char *)lease + text->at;
	long len = dhcp4_option(msg, text->code, dst, text->size);

	if (len >= text->size) /* a part of a name is another name */
		len = 0;
	dst[MAX(len, 0)] = '\0';
	if (!dst[0] && text->field_size && !(msg->overload & text->overload)) {
		memcpy(dst, msg->packet + text->field, text->field_size);
		dst[text->field_size] = '\0';
	}
}

static void lease_read_list(struct dhcp4_lease *lease,
			    const struct dhcp4_message *msg,
			    const struct lease_list *list)
{
	bool (*good)(uint32_t) = list->code == OPT_MASK ? lease_is_mask
							: lease_is_host;
	struct net_addr *dst =
		(struct net_addr *)(void *)((char *)lease + list->at);
	uint8_t value[4 * DHCP4_DNS];
	long len = dhcp4_option(msg, list->code, value, 4u * list->count);

	for (long i = 0; i < list->count && len - 4 * i >= 4; i++) {
		if (good(be32_load(value + 4 * i)))
			*dst++ = net_addr_v4(be32_load(value + 4 * i));
	}
}

/* `server` is that of option 150 by now. */
static void lease_read_server(struct dhcp4_lease *lease,
			      const struct dhcp4_message *msg)
{
	uint32_t number = be32_load(msg->packet + DHCP4_SIADDR);
	const char *name = lease->server_name;

	if (lease_is_host(number)) {
		lease->server = net_addr_v4(number);
	} else if (name[0] &&
		   net_addr_parse(name, strlen(name), &lease->server)) {
		lease->server = net_addr_v4(0);
		return;
	}
	lease->server_name[0] = '\0';
}

static unsigned lease_read_mtu(const struct dhcp4_message *msg)
{
	uint8_t value[2];
	unsigned mtu;

	if (dhcp4_option(msg, DHCP4_OPT_MTU, value, 2) != 2)
		return 0;
	mtu = be16_load(value);
	return mtu >= MTU_MIN && mtu <= MTU_MAX ? mtu : 0;
}

/* May we have this address? Not the server's, nor the broadcast of our net. */
static bool lease_is_ours(const struct dhcp4_lease *lease, uint32_t number)
{
	uint32_t host = ~net_addr_number(&lease->mask);

	if (!lease_is_host(number) ||
	    net_addr_equal(&lease->address, &lease->server) ||
	    net_addr_equal(&lease->address, &lease->dhcp_server))
		return false;
	return !lease->mask.version || host < 2 ||
	       ((number & host) != 0 && (number & host) != host);
}

bool dhcp4_lease_read(struct dhcp4_lease *lease,
		      const struct dhcp4_message *msg)
{
	uint32_t number = be32_load(msg->packet + DHCP4_YIADDR);

	memset(lease, 0, sizeof(*lease));
	for (unsigned i = 0; i < ARRAY_SIZE(lease_texts); i++)
		lease_read_text(lease, msg, &lease_texts[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(lease_lists); i++)
		lease_read_list(lease, msg, &lease_lists[i]);
	lease_read_server(lease, msg);
	lease->mtu = lease_read_mtu(msg);
	lease->address = net_addr_v4(number);
	return lease_is_ours(lease, number);
}

/* Texts and addresses that are not given begin with a zero. */
static void lease_merge_field(struct dhcp4_lease *lease,
			      const struct dhcp4_lease *offer, size_t at,
			      size_t size)
{
	char *dst = (char *)lease + at;

	if (!*dst)
		memcpy(dst, (const char *)offer + at, size);
}

static void lease_merge(struct dhcp4_lease *lease,
			const struct dhcp4_lease *offer)
{
	bool named = lease->server_name[0] != '\0';

	for (unsigned i = 0; i < ARRAY_SIZE(lease_texts); i++)
		lease_merge_field(lease, offer, lease_texts[i].at,
				  lease_texts[i].size);
	for (unsigned i = 0; i < ARRAY_SIZE(lease_lists); i++)
		lease_merge_field(lease, offer, lease_lists[i].at,
				  lease_lists[i].count *
					  sizeof(struct net_addr));
	/* One or the other, and the lease's own first. */
	if (named)
		lease->server = net_addr_v4(0);
	else if (lease->server.version)
		lease->server_name[0] = '\0';
	if (!lease->mtu)
		lease->mtu = offer->mtu;
}

void dhcp4_lease_complete(struct dhcp4_lease *lease,
			  const struct dhcp4_lease *offer)
{
	if (offer)
		lease_merge(lease, offer);
	if (!lease->mask.version)
		lease->mask = net_addr_class_mask(&lease->address);
	if (!lease->server.version && !lease->server_name[0])
		lease->server = lease->dhcp_server;
}

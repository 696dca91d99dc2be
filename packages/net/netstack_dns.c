// SPDX-License-Identifier: BSD-2-Clause
// Names to addresses.
#include <string.h>

#include "lib/reason.h"
#include "packages/net/netstack_internal.h"

void netstack_add_dns(const struct net_addr *server)
{
	ip_addr_t ip = netstack_to_lwip(server);

	for (u8_t i = 0; server->version && i < DNS_MAX_SERVERS; i++) {
		const ip_addr_t *known = dns_getserver(i);

		if (ip_addr_cmp(known, &ip))
			return;
		if (ip_addr_isany(known)) {
			dns_setserver(i, &ip);
			return;
		}
	}
}

/* No query may find a server later, and each answer has to be out of date. */
void netstack_dns_clear(void)
{
	for (u8_t i = 0; i < DNS_MAX_SERVERS; i++)
		dns_setserver(i, NULL);
	for (unsigned i = 0; i <= DNS_MAX_TTL; i++)
		dns_tmr();
}

/* `arg`: the query's number; an answer to an older one comes to nobody. */
static void dns_found(const char *name, const ip_addr_t *addr, void *arg)
{
	struct netstack_query *query = &netstack->query;

	(void)name;
	if ((uintptr_t)arg != query->number || query->result != ERR_AGAIN)
		return;
	query->result = addr ? 0 : ERR_NOENT;
	if (addr)
		query->addr = netstack_from_lwip(addr);
}

static uint8_t dns_type(unsigned version)
{
	switch (version) {
	case 4:
		return LWIP_DNS_ADDRTYPE_IPV4;
	case 6:
		return LWIP_DNS_ADDRTYPE_IPV6;
	default:
		return LWIP_DNS_ADDRTYPE_IPV4_IPV6;
	}
}

static int dns_fail(const char *name, const char *why)
{
	return reason_fail(ERR_NOENT, "cannot resolve \"%s\": %s", name, why);
}

/* Returns ERR_AGAIN, or ERR_NOENT with the reason. */
static int dns_start(struct netstack_query *query, const char *name,
		     unsigned version)
{
	ip_addr_t addr;
	err_t err;

	if (ip_addr_isany(dns_getserver(0)))
		return dns_fail(name, "no name server is known");
	if (strlen(name) >= sizeof(query->name))
		return dns_fail("...", "the name is too long");
	memcpy(query->name, name, strlen(name) + 1);
	query->number++;
	query->version = version;
	query->result = ERR_AGAIN;
	err = dns_gethostbyname_addrtype(name, &addr, dns_found,
					 (void *)query->number,
					 dns_type(version));
	if (!err)
		dns_found(name, &addr, (void *)query->number);
	else if (err != ERR_INPROGRESS)
		dns_found(name, NULL, (void *)query->number);
	return ERR_AGAIN;
}

int netstack_resolve(const char *name, unsigned version, struct net_addr *addr)
{
	struct netstack_query *query = &netstack->query;
	int rc;

	if (query->version != version || strcmp(query->name, name) ||
	    !query->name[0]) {
		rc = dns_start(query, name, version);
		if (rc != ERR_AGAIN)
			return rc;
	}
	rc = query->result;
	if (rc == ERR_AGAIN)
		return rc;
	query->name[0] = '\0';
	if (rc)
		return dns_fail(name, "no such name, or no answer");
	*addr = query->addr;
	return 0;
}

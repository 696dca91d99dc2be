// SPDX-License-Identifier: BSD-2-Clause
// What DHCPv6 options of any bytes give.
#include "packages/net/dhcp6_options.h"

#include "lib/endian.h"

int dhcp6_area_next(struct dhcp6_area *area, struct dhcp6_area *value)
{
	const uint8_t *at = area->at;

	value->len = 0;
	if (area->len < 4 || be16_load(at + 2) > area->len - 4)
		return -1;
	value->at = at + 4;
	value->len = be16_load(at + 2);
	area->at = value->at + value->len;
	area->len -= 4 + value->len;
	return be16_load(at);
}

bool dhcp6_area_find(struct dhcp6_area area, int code, struct dhcp6_area *value)
{
	int is;

	do
		is = dhcp6_area_next(&area, value);
	while (is >= 0 && is != code);
	return is == code;
}

/* Not :: to ::ff, which has :: and ::1, fe80::/10, ff00::/8. */
static bool dhcp6_is_host(const uint8_t *bytes)
{
	static const uint8_t zeros[15];

	return bytes[0] != 0xff &&
	       !(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) &&
	       memcmp(bytes, zeros, sizeof(zeros)) != 0;
}

static void dhcp6_set_address(struct net_addr *addr, const uint8_t *bytes)
{
	addr->version = 6;
	memcpy(addr->bytes, bytes, 16);
}

bool dhcp6_address(struct dhcp6_area ia, struct net_addr *addr)
{
	struct dhcp6_area value;
	int code;

	while ((code = dhcp6_area_next(&ia, &value)) >= 0) {
		uint32_t valid;

		if (code != DHCP6_OPT_IAADDR || value.len < DHCP6_IA_ADDR)
			continue;
		valid = be32_load(value.at + 20);
		if (!valid || be32_load(value.at + 16) > valid ||
		    !dhcp6_is_host(value.at))
			continue;
		dhcp6_set_address(addr, value.at);
		return true;
	}
	return false;
}

static void dhcp6_read_dns(struct dhcp6_lease *lease, struct dhcp6_area options)
{
	struct dhcp6_area value;
	unsigned taken = 0;

	if (!dhcp6_area_find(options, DHCP6_OPT_DNS, &value) || value.len % 16)
		return;
	memset(lease->dns, 0, sizeof(lease->dns));
	for (size_t i = 0; i < value.len && taken < DHCP6_DNS; i += 16) {
		/* A router may give its link-local address. */
		if (value.at[i] != 0xff && value.at[i] != 0)
			dhcp6_set_address(&lease->dns[taken++], value.at + i);
	}
}

/*
 * QEMU sends "tftp://[fec0::2]/(null)" when it has no file: libslirp,
 * src/dhcpv6.c. A part of a URL is another URL. Some servers count a NUL at the
 * end.
 */
static void dhcp6_read_url(struct dhcp6_lease *lease, struct dhcp6_area options)
{
	static const char null[] = "(null)";
	struct dhcp6_area value;
	size_t len;

	if (!dhcp6_area_find(options, DHCP6_OPT_URL, &value) ||
	    value.len >= sizeof(lease->url))
		return;
	lease->params[0] = '\0'; /* those that come with it count */
	memcpy(lease->url, value.at, value.len);
	lease->url[value.len] = '\0';
	len = strlen(lease->url);
	if (len >= sizeof(null) - 1 &&
	    !strcmp(lease->url + len - (sizeof(null) - 1), null))
		lease->url[0] = '\0';
}

/*
 * Parameters: lengths and texts [RFC 5970 3.2]; all of them or none. A blank is
 * written for each length.
 */
static void dhcp6_read_params(struct dhcp6_lease *lease,
			      struct dhcp6_area options)
{
	struct dhcp6_area value;
	char *at = lease->params;
	size_t len;

	if (!dhcp6_area_find(options, DHCP6_OPT_PARAMS, &value) ||
	    value.len >= sizeof(lease->params))
		return;
	for (; value.len >= 2; value.at += len, value.len -= len) {
		len = be16_load(value.at);
		value.at += 2;
		value.len -= 2;
		if (len > value.len || memchr(value.at, '\0', len))
			break;
		if (at != lease->params)
			*at++ = ' ';
		memcpy(at, value.at, len);
		at += len;
	}
	*(value.len ? lease->params : at) = '\0';
}

void dhcp6_lease_read(struct dhcp6_lease *lease, struct dhcp6_area options)
{
	dhcp6_read_url(lease, options);
	dhcp6_read_params(lease, options);
	dhcp6_read_dns(lease, options);
}

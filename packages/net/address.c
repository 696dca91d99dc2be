// SPDX-License-Identifier: BSD-2-Clause
// IP addresses of both versions, as numbers and as text.
#include "packages/net/address.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/fmt.h"

#define ADDRESS_GROUPS 8u
#define ADDRESS_TEXTS 4u

static int address_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/*
 * Take a number of 1 to `digits` digits from *text. Returns it, or -1.
 */
static long address_number(const char **text, const char *end, int base,
			   unsigned digits)
{
	long number = 0;
	unsigned n = 0;

	for (; *text < end; (*text)++, n++) {
		int digit = address_digit(**text);

		if (digit < 0 || digit >= base)
			break;
		if (n == digits)
			return -1;
		number = number * base + digit;
	}
	return n ? number : -1;
}

static bool address_parse_v4(const char *text, const char *end, uint8_t *bytes)
{
	for (unsigned i = 0; i < 4; i++) {
		long octet;

		if (i && (text == end || *text++ != '.'))
			return false;
		octet = address_number(&text, end, 10, 3);
		if (octet < 0 || octet > 255)
			return false;
		bytes[i] = (uint8_t)octet;
	}
	return text == end;
}

/* Groups as they come; `gap`: bytes before "::". */
struct address_groups {
	uint8_t bytes[16];
	size_t len, gap;
	bool has_gap;
};

/* Take one group, or an IPv4 address at the end. Returns false at a mistake. */
static bool address_group(struct address_groups *g, const char **text,
			  const char *end)
{
	const char *start = *text;
	long group = address_number(text, end, 16, 4);

	if (*text < end && **text == '.') {
		if (g->len > 12)
			return false;
		*text = end;
		g->len += 4;
		return address_parse_v4(start, end, g->bytes + g->len - 4);
	}
	if (group < 0 || g->len > 14)
		return false;
	be16_store(g->bytes + g->len, (uint16_t)group);
	g->len += 2;
	return true;
}

/* Take ":" or "::" before a group. Returns false if it is neither. */
static bool address_colon(struct address_groups *g, const char **text,
			  const char *end)
{
	bool twice = end - *text >= 2 && !memcmp(*text, "::", 2);

	if (!twice) {
		if (!g->len)
			return true;
		return *(*text)++ == ':' && *text < end;
	}
	if (g->has_gap)
		return false;
	g->has_gap = true;
	g->gap = g->len;
	*text += 2;
	return true;
}

static bool address_parse_v6(const char *text, const char *end, uint8_t *bytes)
{
	struct address_groups g = { .len = 0 };
	size_t tail;

	while (text < end) {
		if (g.len == 16 || !address_colon(&g, &text, end))
			return false;
		if (text < end && !address_group(&g, &text, end))
			return false;
	}
	if (g.has_gap ? g.len > 14 : g.len != 16)
		return false;
	if (!g.has_gap)
		g.gap = g.len;
	tail = g.len - g.gap;
	memset(bytes, 0, 16);
	memcpy(bytes, g.bytes, g.gap);
	memcpy(bytes + 16 - tail, g.bytes + g.gap, tail);
	return true;
}

int net_addr_parse(const char *text, size_t len, struct net_addr *addr)
{
	struct net_addr parsed = { .version = 4 };
	const char *end = text + len;

	if (len >= 2 && text[0] == '[' && end[-1] == ']') {
		text++;
		end--;
	} else if (address_parse_v4(text, end, parsed.bytes)) {
		*addr = parsed;
		return 0;
	}
	parsed.version = 6;
	if (!address_parse_v6(text, end, parsed.bytes))
		return ERR_INVAL;
	*addr = parsed;
	return 0;
}

/* The longest run of two or more groups of zeros. [RFC 5952 4.2] */
static unsigned address_zeros(const struct net_addr *addr, unsigned *at)
{
	unsigned best = 1, run = 0;

	*at = ADDRESS_GROUPS;
	for (unsigned i = 0; i < ADDRESS_GROUPS; i++) {
		run = be16_load(addr->bytes + 2 * i) ? 0 : run + 1;
		if (run > best) {
			best = run;
			*at = i + 1 - run;
		}
	}
	return best;
}

static void address_text_v6(const struct net_addr *addr, char *buf)
{
	unsigned gap, zeros = address_zeros(addr, &gap);
	size_t len = 0;

	for (unsigned i = 0; i < ADDRESS_GROUPS; i++) {
		if (i == gap) {
			len += fmt_str(buf + len, NET_ADDR_TEXT - len, "::");
			i += zeros - 1;
			continue;
		}
		len += fmt_str(buf + len, NET_ADDR_TEXT - len, "%s%x",
			       i && i != gap + zeros ? ":" : "",
			       be16_load(addr->bytes + 2 * i));
	}
}

const char *net_addr_text(const struct net_addr *addr)
{
	static char texts[ADDRESS_TEXTS][NET_ADDR_TEXT];
	static unsigned next;
	char *buf = texts[next++ % ADDRESS_TEXTS];

	if (addr->version == 4)
		fmt_str(buf, NET_ADDR_TEXT, "%u.%u.%u.%u", addr->bytes[0],
			addr->bytes[1], addr->bytes[2], addr->bytes[3]);
	else if (addr->version == 6)
		address_text_v6(addr, buf);
	else
		fmt_str(buf, NET_ADDR_TEXT, "none");
	return buf;
}

struct net_addr net_addr_v4(uint32_t number)
{
	struct net_addr addr = { .version = number ? 4 : 0 };

	be32_store(addr.bytes, number);
	return addr;
}

uint32_t net_addr_number(const struct net_addr *addr)
{
	return be32_load(addr->bytes);
}

struct net_addr net_addr_class_mask(const struct net_addr *addr)
{
	uint8_t first = addr->bytes[0];

	return net_addr_v4(first < 128	 ? 0xff000000u
			   : first < 192 ? 0xffff0000u
					 : 0xffffff00u);
}

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
	if (a->version != b->version)
		return false;
	return !memcmp(a->bytes, b->bytes, a->version == 4 ? 4 : 16);
}

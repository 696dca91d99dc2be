// SPDX-License-Identifier: BSD-2-Clause
// A card's arguments: split at commas, one rule for each item.
#include "packages/net/net_args.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/reason.h"

/* What is between two commas; not NUL-terminated. */
struct net_item {
	const char *text;
	size_t len;
};

/* No number may be larger: the largest block of TFTP. [RFC 2348] */
#define NET_NUMBER_MAX 65464u

static int net_bad_item(struct net_item item, int err, const char *why)
{
	return reason_fail(err, "\"%.*s\": %s", (int)MIN(item.len, 64),
			   item.text, why);
}

static bool net_item_is(struct net_item item, const char *word)
{
	return item.len == strlen(word) &&
	       !strncasecmp(item.text, word, item.len);
}

static bool net_item_has(struct net_item item, char c)
{
	return memchr(item.text, c, item.len) != NULL;
}

/* Paths and URLs have a slash; names and values have none. */
static bool net_is_path(struct net_item item)
{
	return net_item_has(item, '/') || net_item_has(item, '\\');
}

/* Copies to `to` with room for `size` bytes; '\' becomes '/'. */
static int net_copy(struct net_item item, char *to, size_t size)
{
	if (item.len >= size)
		return net_bad_item(item, ERR_INVAL, "too long");
	for (size_t i = 0; i < item.len; i++)
		to[i] = item.text[i] == '\\' ? '/' : item.text[i];
	to[item.len] = '\0';
	return 0;
}

static int net_take_file(struct net_item item, struct net_args *args,
			 void *field)
{
	if (args->file[0])
		return net_bad_item(item, ERR_INVAL, "a second file");
	return net_copy(item, field, sizeof(args->file));
}

static int net_take_address(struct net_item item, struct net_args *args,
			    void *field)
{
	static const uint8_t unset[16];
	struct net_addr addr;

	(void)args;
	if (net_addr_parse(item.text, item.len, &addr) < 0)
		return ERR_INVAL;
	if (memcmp(addr.bytes, unset, addr.version == 4 ? 4 : 16))
		*(struct net_addr *)field = addr;
	return 0;
}

static int net_take_server(struct net_item item, struct net_args *args,
			   void *field)
{
	if (net_is_path(item))
		return net_take_file(item, args, args->file);
	if (net_take_address(item, args, field) == 0)
		return 0;
	return net_copy(item, args->server_name, sizeof(args->server_name));
}

static int net_take_number(struct net_item item, struct net_args *args,
			   void *field)
{
	uint64_t number;

	(void)args;
	if (fmt_parse_dec(item.text, item.len, &number) < 0 ||
	    number > NET_NUMBER_MAX)
		return ERR_INVAL;
	*(unsigned *)field = (unsigned)number;
	return 0;
}

/*
 * The items in order [IEEE 1275 Recommended Practice "TFTP Booting Extension";
 * SLOF; LoPAR 2.9]. `why`: what to say if it is malformed; NULL: take() did.
 */
static const struct {
	const char *why;
	int (*take)(struct net_item item, struct net_args *args, void *field);
	size_t field;
} net_items[] = {
#define ITEM(why, take, field)                                                 \
	{                                                                      \
		why, take, offsetof(struct net_args, field)                    \
	}
	ITEM(NULL, net_take_server, server),
	ITEM(NULL, net_take_file, file),
	ITEM("not a client's address", net_take_address, client),
	ITEM("not a router's address", net_take_address, router),
	ITEM("not a number of DHCP requests", net_take_number, dhcp_tries),
	ITEM("not a number of TFTP requests", net_take_number, tftp_tries),
	ITEM("not a subnet mask", net_take_address, mask),
	ITEM("not a block size", net_take_number, block_size),
};

/* Returns 1: it is a keyword; 0: it is none; ERR_NOTSUP. */
static int net_take_keyword(struct net_item item, struct net_args *args)
{
	static const struct {
		const char *word;
		int protocol; /* or ERR_NOTSUP */
	} words[] = {
		{ "dhcp", NET_DHCP },	 { "bootp", NET_BOOTP },
		{ "ipv6", NET_IPV6 },	 { "rarp", ERR_NOTSUP },
		{ "iscsi", ERR_NOTSUP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!net_item_is(item, words[i].word))
			continue;
		if (words[i].protocol < 0)
			return net_bad_item(item, ERR_NOTSUP, "not supported");
		args->protocol = (enum net_protocol)words[i].protocol;
		return 1;
	}
	return 0;
}

/* `at`: the rule for the item. Returns 1: the next item has the next rule; 0:
 * the same; ERR_*. */
static int net_take_item(struct net_item item, size_t at, struct net_args *args)
{
	int err = 0;

	if ((net_item_has(item, '=') && !net_is_path(item)) ||
	    net_item_is(item, "promiscuous"))
		return 0;
	if (at == 0 && args->protocol == NET_ANY)
		err = net_take_keyword(item, args);
	if (err)
		return err < 0 ? err : 0;
	if (item.len == 0)
		return 1;
	if (at >= ARRAY_SIZE(net_items))
		return net_bad_item(item, ERR_INVAL, "one argument too many");
	err = net_items[at].take(item, args,
				 (char *)args + net_items[at].field);
	if (err < 0)
		return net_items[at].why
			       ? net_bad_item(item, err, net_items[at].why)
			       : err;
	return 1;
}

int net_args_parse(const char *text, struct net_args *args)
{
	struct net_item item = { text, 0 };
	size_t at = 0;
	int next;

	memset(args, 0, sizeof(*args));
	for (;; item.text += item.len + 1) {
		const char *comma = strchr(item.text, ',');

		item.len = comma ? (size_t)(comma - item.text)
				 : strlen(item.text);
		next = net_take_item(item, at, args);
		if (next < 0)
			return next;
		at += (size_t)next;
		if (!comma)
			return 0;
	}
}

// SPDX-License-Identifier: BSD-2-Clause
// One card in use: the stack on it, and how it is configured.
#include "packages/net/session.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/net/message.h"
#include "tree/path.h"
#include "tree/prop.h"

/* DISCOVERs of a card: a minute, for switches that learn; see dhcp4.h. */
#define SESSION_TRIES 8u
/* Other cards wait for their turn. */
#define SESSION_TRIES_MANY 4u

/* The 16 bytes of "01234567-89ab-cdef-0123-456789abcdef". */
static bool session_parse_uuid(const char *text, uint8_t *uuid)
{
	uint64_t byte;
	size_t n = 0;

	while (*text && n < 16) {
		text += *text == '-';
		if (strnlen(text, 2) < 2 || fmt_parse_hex(text, 2, &byte))
			return false;
		uuid[n++] = (uint8_t)byte;
		text += 2;
	}
	return n == 16 && !*text;
}

/* QEMU has system-id only if the user gave a UUID. */
static void session_find_uuid(struct session *s)
{
	const char *text = tree_get_str(tree_root(), "system-id");

	if (text && session_parse_uuid(text, s->id))
		s->uuid = s->id;
}

static int session_fail(enum net_message message, int err)
{
	return net_fail(message, err, *reason() ? reason() : err_str(err));
}

int session_begin(struct session *s, struct device *dev)
{
	const uint8_t *mac;
	int rc;

	s->nd = network_of(dev);
	mac = s->nd->mac;
	session_find_uuid(s);
	print("\n Initializing NIC\n");
	reason_clear();
	rc = netstack_open(s->nd);
	if (rc)
		return session_fail(NET_E3006, rc);
	print("  Reading MAC address from device: "
	      "%02x:%02x:%02x:%02x:%02x:%02x\n",
	      mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	if (network_link(s->nd))
		return 0;
	netstack_close();
	return net_fail(NET_E3006, ERR_IO, "link is down");
}

void session_end(struct session *s)
{
	struct reason_kept kept;

	(void)s;
	reason_keep(&kept);
	netstack_close();
	reason_put_back(&kept);
}

/* Is it the only card? */
static bool session_alone(const struct session *s)
{
	return device_next_role(NULL, &network_role) == &s->nd->as &&
	       !device_next_role(&s->nd->as, &network_role);
}

int session_configure(struct session *s)
{
	s->configure.args = &s->args;
	s->configure.nd = s->nd;
	s->configure.uuid = s->uuid;
	s->configure.tries = session_alone(s) ? SESSION_TRIES
					      : SESSION_TRIES_MANY;
	return net_configure(&s->configure, &s->config);
}

int session_url(const struct session *s, const char *file, struct url *url)
{
	const char *host = s->config.server.version
				   ? net_addr_text(&s->config.server)
				   : s->config.server_name;

	if (url_is(file))
		return url_parse(file, url);
	if (!*host)
		return reason_fail(ERR_NOENT, "no server is named");
	memset(url, 0, sizeof(*url));
	url->scheme = URL_TFTP;
	url->port = TFTP_PORT;
	fmt_str(url->host, sizeof(url->host), "%s", host);
	if (fmt_str(url->path, sizeof(url->path), "%s", file) >=
	    sizeof(url->path))
		return reason_fail(ERR_RANGE, "the file's name is too long");
	return 0;
}

int session_open(const struct session *s, const struct url *url, bool may_lack,
		 struct transfer *t)
{
	memset(t, 0, sizeof(*t));
	t->config.nd = s->nd;
	t->config.url = *url;
	t->config.version = s->config.version;
	t->config.tries = s->args.tftp_tries;
	t->config.block_size = s->args.block_size;
	t->config.may_lack = t->config.quiet = may_lack;
	return transfer_open(t);
}

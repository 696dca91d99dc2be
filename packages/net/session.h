/* SPDX-License-Identifier: BSD-2-Clause */
/* One card in use: the stack on it, and how it is configured. */
#ifndef PACKAGES_NET_SESSION_H
#define PACKAGES_NET_SESSION_H

#include "packages/net/configure.h"
#include "packages/net/transfer.h"

struct session {
	struct network_device *nd;
	struct net_args args;
	const uint8_t *uuid; /* id, or NULL */
	uint8_t id[16];
	struct net_configure configure;
	struct net_config config;
};

/*
 * session_begin - bring the stack up on a card. `s` is zero but for `args`.
 * Returns 0; or an error, whose message has been printed.
 */
must_check int session_begin(struct session *s, struct device *dev);
void session_end(struct session *s);

/* session_configure - get an address. Returns as net_configure(). */
must_check int session_configure(struct session *s);

/*
 * session_url - the URL of a file: a URL as text, or a name on the server that
 * the card was configured with.
 * Returns 0; ERR_INVAL, ERR_NOTSUP as url_parse(); ERR_NOENT: no server, ERR_RANGE:
 * the name is too long; see reason().
 */
must_check int session_url(const struct session *s, const char *file,
			   struct url *url);

/* session_open - transfer_open() of a URL. `may_lack`: see transfer.h. */
must_check int session_open(const struct session *s, const struct url *url,
			    bool may_lack, struct transfer *t);

#endif

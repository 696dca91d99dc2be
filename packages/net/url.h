/* SPDX-License-Identifier: BSD-2-Clause */
/* The URLs of files to load (RFC 3986): http://, tftp://. */
#ifndef PACKAGES_NET_URL_H
#define PACKAGES_NET_URL_H

#include "lib/err.h"
#include "lib/types.h"

#define URL_MAX 2048u

enum url_scheme {
	URL_TFTP,
	URL_HTTP,
};

struct url {
	enum url_scheme scheme;
	char host[256]; /* a name or an address, without brackets */
	uint16_t port;	/* the scheme's if none is given */
	/* http: from the '/' on, encoded; tftp: the name as the server gets it. */
	char path[URL_MAX];
};

/* url_is - does the text begin as a URL of any scheme: "name://"? */
bool url_is(const char *text);

/*
 * url_parse - parse `text`. tftp: "tftp://host/path;mode=octet": what is percent
 * encoded is decoded, the slash after the host is no part of the name.
 * Returns 0; ERR_INVAL: malformed; ERR_NOTSUP: a scheme that we lack ("https is
 * not supported"), see reason().
 */
must_check int url_parse(const char *text, struct url *url);

/*
 * url_join - the URL that `location` (absolute, "//host/path", "/path",
 * "path") means on a page of `base`. `url` may be `base`. Returns as
 * url_parse().
 */
must_check int url_join(const struct url *base, const char *location,
			struct url *url);

/* url_text - as text; writes and returns as fmt_str(). */
size_t url_text(const struct url *url, char *buf, size_t size);

#endif

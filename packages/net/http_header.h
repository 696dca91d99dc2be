/* SPDX-License-Identifier: BSD-2-Clause */
/* The header of an HTTP response; only for http.c. */
#ifndef PACKAGES_NET_HTTP_HEADER_H
#define PACKAGES_NET_HTTP_HEADER_H

#include "packages/net/http.h"

/* Bits of http->seen. */
#define HTTP_SEEN_LENGTH 1u
#define HTTP_SEEN_CHUNKED 2u
#define HTTP_SEEN_LOCATION 4u
#define HTTP_SEEN_RANGE 8u

/*
 * http_header_status - take the status line, in http->line.
 * Returns 0; ERR_FORMAT: malformed.
 */
must_check int http_header_status(struct http *http);

/*
 * http_header_field - take a header field, in http->line.
 * Returns 0; ERR_FORMAT: malformed; ERR_NOTSUP: a transfer coding that we lack;
 * of a redirect also as url_join().
 */
must_check int http_header_field(struct http *http);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An HTTP/1.1 client (RFC 9110, 9112): a request out, bytes of the response in,
 * the body to a sink. It neither connects nor waits.
 */
#ifndef PACKAGES_NET_HTTP_H
#define PACKAGES_NET_HTTP_H

#include "packages/net/url.h"

#define HTTP_REQUEST_MAX (URL_MAX + 1024u)
#define HTTP_SIZE_UNKNOWN UINT64_MAX
/* Redirects that are followed, and resumed connections. */
#define HTTP_HOPS 5u
#define HTTP_RESUMES 3u
/* Most bytes of the status line and all header fields. */
#define HTTP_HEADER_MAX 16384u

enum http_next {
	HTTP_MORE,     /* feed it more bytes */
	HTTP_DONE,     /* the body is complete */
	HTTP_REDIRECT, /* connect to `url`, request again */
	HTTP_RESUME,   /* the connection broke: connect to `url` again */
	HTTP_FAILED,   /* see `err` and reason() */
};

struct http {
	struct url url; /* where to connect to */
	/* take - the next bytes of the body. Returns 0, or ERR_*: stop. */
	int (*take)(void *arg, const void *data, size_t len);
	void *arg;
	uint64_t size;	   /* of the body, or HTTP_SIZE_UNKNOWN */
	uint64_t received; /* of it */
	unsigned status;   /* of the last response, 0: none yet */
	bool begun;	   /* `size` is final */
	bool keep;	   /* HTTP_DONE: the connection can be used again */
	int err;
	/* The rest is private to http.c, which may add what it needs. */
	int state;
	enum http_next result; /* of the response, when it has ended */
	unsigned hops, resumes;
	unsigned seen; /* header fields of this response */
	bool ranged;   /* the request has a Range */
	bool cr;       /* the last byte of a line */
	uint64_t left, skip, length;
	size_t line_len, header_len;
	char line[2048];
	char etag[128];
	char why[128]; /* what the status line says */
};

/*
 * http_start - begin with a URL; it is copied. `http` is zero but for take and
 * arg.
 */
void http_start(struct http *http, const struct url *url);

/*
 * http_request - the text of the request to send after connecting.
 * `buf`: HTTP_REQUEST_MAX bytes. Returns its length. Resumed: with a Range from
 * `received` on.
 */
must_check size_t http_request(struct http *http, char *buf);

/*
 * http_receive - the next bytes of the connection; all are used, except after
 * any result other than HTTP_MORE.
 */
must_check enum http_next http_receive(struct http *http, const void *data,
				       size_t len);

/*
 * http_closed - the peer ended the connection, or it broke: `clean` tells.
 * Returns HTTP_DONE, HTTP_RESUME or HTTP_FAILED.
 */
must_check enum http_next http_closed(struct http *http, bool clean);

#endif

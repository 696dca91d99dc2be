// SPDX-License-Identifier: BSD-2-Clause
// The HTTP client: requests, lines, bodies, broken connections.
#include "packages/net/http.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/reason.h"
#include "packages/net/http_header.h"

enum {
	HTTP_STATUS,
	HTTP_FIELD,
	HTTP_BODY,	 /* `left` bytes */
	HTTP_TO_CLOSE,	 /* a body until the connection ends */
	HTTP_CHUNK_SIZE, /* a line */
	HTTP_CHUNK,	 /* `left` bytes */
	HTTP_CHUNK_END,	 /* an empty line */
	HTTP_TRAILER,	 /* lines */
	HTTP_ENDED,
};

/* Ends a response: `result` is what the caller does. */
static enum http_next http_end(struct http *http, enum http_next result)
{
	http->state = HTTP_ENDED;
	http->result = result;
	return result;
}

static enum http_next http_fail(struct http *http, int err)
{
	http->keep = false;
	http->err = err;
	return http_end(http, HTTP_FAILED);
}

static enum http_next http_done(struct http *http)
{
	if (http->skip)
		return http_fail(http,
				 reason_fail(ERR_FORMAT, "file has changed its "
							 "size"));
	return http_end(http, HTTP_DONE);
}

void http_start(struct http *http, const struct url *url)
{
	http->url = *url;
	http->size = HTTP_SIZE_UNKNOWN;
}

size_t http_request(struct http *http, char *buf)
{
	const struct url *url = &http->url;
	bool bracket = strchr(url->host, ':');
	size_t len;

	http->state = HTTP_STATUS;
	http->line_len = http->header_len = 0;
	http->cr = false;
	http->ranged = http->received && http->etag[0] &&
		       http->size != HTTP_SIZE_UNKNOWN;
	len = fmt_str(buf, HTTP_REQUEST_MAX, "GET %s HTTP/1.1\r\nHost: %s%s%s",
		      url->path, bracket ? "[" : "", url->host,
		      bracket ? "]" : "");
	if (url->port != 80)
		len += fmt_str(buf + len, HTTP_REQUEST_MAX - len, ":%u",
			       url->port);
	len += fmt_str(buf + len, HTTP_REQUEST_MAX - len,
		       "\r\nUser-Agent: quoin/" QUOIN_VERSION
		       "\r\nAccept-Encoding: identity"
		       "\r\nConnection: keep-alive\r\n");
	if (http->ranged)
		len += fmt_str(buf + len, HTTP_REQUEST_MAX - len,
			       "Range: bytes=%llu-\r\nIf-Range: %s\r\n",
			       (unsigned long long)http->received, http->etag);
	return len + fmt_str(buf + len, HTTP_REQUEST_MAX - len, "\r\n");
}

static enum http_next http_redirect(struct http *http)
{
	if (!(http->seen & HTTP_SEEN_LOCATION))
		return http_fail(http, reason_fail(ERR_FORMAT,
						   "redirected to nowhere"));
	if (http->hops++ == HTTP_HOPS)
		return http_fail(http, reason_fail(ERR_FORMAT,
						   "redirected more than %u "
						   "times",
						   HTTP_HOPS));
	return http_end(http, HTTP_REDIRECT);
}

/* Where the body begins, after a Range or from the start; sets `length`. */
static int http_place(struct http *http)
{
	uint64_t size = HTTP_SIZE_UNKNOWN;

	if ((http->seen & (HTTP_SEEN_CHUNKED | HTTP_SEEN_LENGTH)) ==
	    HTTP_SEEN_LENGTH)
		size = http->length;
	http->skip = http->received;
	if (http->status == 206) {
		http->skip = 0;
		if (!(http->seen & HTTP_SEEN_RANGE) ||
		    (size != HTTP_SIZE_UNKNOWN &&
		     size != http->size - http->received))
			return reason_fail(ERR_FORMAT,
					   "server sends another range");
		size = http->size - http->received;
	} else if (http->begun && size != http->size) {
		return reason_fail(ERR_FORMAT, "file has changed its size");
	} else {
		http->size = size;
	}
	http->length = size;
	return 0;
}

/* Whether it is a status whose response names another place: RFC 9110 15.4. */
static bool http_moved(unsigned status)
{
	return (status >= 301 && status <= 303) || status == 307 ||
	       status == 308;
}

static enum http_next http_refused(struct http *http)
{
	int err = ERR_IO;

	if (http->status == 404 || http->status == 410)
		err = ERR_NOENT;
	else if (http->status == 401 || http->status == 403)
		err = ERR_PERM;
	return http_fail(http, reason_fail(err, "server says %s", http->why));
}

/* After the last header field: RFC 9112 6.3. */
static enum http_next http_begin(struct http *http)
{
	int err;

	if (http->status / 100 == 1 && http->status != 101) {
		http->state = HTTP_STATUS;
		return HTTP_MORE;
	}
	if (http_moved(http->status))
		return http_redirect(http);
	if (http->status != 200 && http->status != 206)
		return http_refused(http);
	err = http_place(http);
	if (err)
		return http_fail(http, err);
	http->begun = true;
	http->header_len = 0;
	http->left = http->length;
	/* A length besides chunks may be an attack: RFC 9112 6.3. */
	if (http->seen & HTTP_SEEN_CHUNKED && http->seen & HTTP_SEEN_LENGTH)
		http->keep = false;
	if (http->seen & HTTP_SEEN_CHUNKED)
		http->state = HTTP_CHUNK_SIZE;
	else if (http->length == HTTP_SIZE_UNKNOWN)
		http->state = HTTP_TO_CLOSE;
	else if (!http->length)
		return http_done(http);
	else
		http->state = HTTP_BODY;
	return HTTP_MORE;
}

/* RFC 9112 7.1: the size, extensions that do not matter. */
static int http_chunk_size(struct http *http)
{
	size_t len = 0;

	while (http->line[len] && !strchr("; \t", http->line[len]))
		len++;
	/* The parser of numbers takes "0x", too. */
	if (http->line[1] == 'x' || http->line[1] == 'X' ||
	    fmt_parse_hex(http->line, len, &http->left))
		return reason_fail(ERR_FORMAT,
				   "server sends a malformed chunk size");
	http->state = http->left ? HTTP_CHUNK : HTTP_TRAILER;
	return 0;
}

/* A line is complete. */
static enum http_next http_line(struct http *http)
{
	int err = 0;

	switch (http->state) {
	case HTTP_STATUS:
		err = http_header_status(http);
		http->state = HTTP_FIELD;
		break;
	case HTTP_FIELD:
		if (!http->line_len)
			return http_begin(http);
		err = http_header_field(http);
		break;
	case HTTP_CHUNK_SIZE:
		err = http_chunk_size(http);
		break;
	case HTTP_CHUNK_END:
		if (http->line_len)
			err = reason_fail(ERR_FORMAT,
					  "chunk is longer than its size");
		http->state = HTTP_CHUNK_SIZE;
		break;
	default:
		if (!http->line_len)
			return http_done(http);
	}
	return err ? http_fail(http, err) : HTTP_MORE;
}

/* Whether this byte of a line may be there; header sections are bounded. */
static int http_check_byte(struct http *http, char c)
{
	bool header = http->state == HTTP_STATUS || http->state == HTTP_FIELD ||
		      http->state == HTTP_TRAILER;

	if (header && http->header_len++ >= HTTP_HEADER_MAX)
		return reason_fail(ERR_FORMAT, "header is longer than %u bytes",
				   HTTP_HEADER_MAX);
	if (!header && http->line_len >= sizeof(http->line))
		return reason_fail(ERR_FORMAT, "chunk size is too long");
	/* A CR only ends a line. */
	if (c != '\n' && http->cr)
		return reason_fail(ERR_FORMAT, "line contains a CR");
	if ((unsigned char)c < ' ' && c != '\t' && c != '\r' && c != '\n')
		return reason_fail(ERR_FORMAT,
				   "line contains a control character");
	return 0;
}

/* The next byte of a line. What does not fit is counted, not kept. */
static enum http_next http_byte(struct http *http, char c)
{
	enum http_next next;
	int err = http_check_byte(http, c);

	if (err)
		return http_fail(http, err);
	http->cr = c == '\r';
	if (http->cr)
		return HTTP_MORE;
	if (c != '\n') {
		if (http->line_len < sizeof(http->line) - 1)
			http->line[http->line_len] = c;
		http->line_len++;
		return HTTP_MORE;
	}
	http->line[MIN(http->line_len, sizeof(http->line) - 1)] = '\0';
	next = http_line(http);
	http->line_len = 0;
	return next;
}

/* Passes on a part of the body, but for what was taken before. */
static int http_take(struct http *http, const char *data, size_t len)
{
	size_t skip = (size_t)MIN(http->skip, (uint64_t)len);

	http->skip -= skip;
	http->received += len - skip;
	return len > skip ? http->take(http->arg, data + skip, len - skip) : 0;
}

/* Bytes of the body; *used: how many. */
static enum http_next http_bytes(struct http *http, const char *data,
				 size_t len, size_t *used)
{
	bool bounded = http->state != HTTP_TO_CLOSE;
	int err;

	*used = bounded ? (size_t)MIN(http->left, (uint64_t)len) : len;
	err = http_take(http, data, *used);
	if (err)
		return http_fail(http, err);
	if (!bounded)
		return HTTP_MORE;
	http->left -= *used;
	if (http->left)
		return HTTP_MORE;
	if (http->state == HTTP_BODY)
		return http_done(http);
	http->state = HTTP_CHUNK_END;
	return HTTP_MORE;
}

enum http_next http_receive(struct http *http, const void *data, size_t len)
{
	enum http_next next = HTTP_MORE;
	const char *at = data;
	size_t used;

	if (http->state == HTTP_ENDED)
		return http->result;
	for (; len && next == HTTP_MORE; at += used, len -= used) {
		if (http->state == HTTP_BODY || http->state == HTTP_CHUNK ||
		    http->state == HTTP_TO_CLOSE) {
			next = http_bytes(http, at, len, &used);
		} else {
			used = 1;
			next = http_byte(http, *at);
		}
	}
	/* What is there besides the response is not the next one's. */
	if (len)
		http->keep = false;
	return next;
}

enum http_next http_closed(struct http *http, bool clean)
{
	bool same = http->size != HTTP_SIZE_UNKNOWN || http->etag[0];

	http->keep = false;
	if (http->state == HTTP_ENDED)
		return http->result;
	if (http->state == HTTP_TO_CLOSE && clean && !http->skip)
		return http_done(http);
	/* Only what is known to be the same file can be continued. */
	if (http->resumes < HTTP_RESUMES && (same || !http->received)) {
		http->resumes++;
		return HTTP_RESUME;
	}
	return http_fail(http,
			 reason_fail(ERR_IO, "connection ends after %llu bytes",
				     (unsigned long long)http->received));
}

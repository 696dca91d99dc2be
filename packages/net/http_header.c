// SPDX-License-Identifier: BSD-2-Clause
// Header fields of HTTP responses: the few that matter.
#include "packages/net/http_header.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/reason.h"

static int http_malformed(const char *what)
{
	return reason_fail(ERR_FORMAT, "server sends a malformed %s", what);
}

static bool http_same(const char *a, const char *b)
{
	return !strncasecmp(a, b, sizeof(((struct http *)NULL)->line));
}

static bool http_blank(char c)
{
	return c == ' ' || c == '\t';
}

int http_header_status(struct http *http)
{
	const char *line = http->line;
	uint64_t status;

	/* RFC 9112 4: "HTTP/1.1 200 OK"; some omit the last space. */
	if (http->line_len < 12 || memcmp(line, "HTTP/1.", 7) ||
	    fmt_parse_dec(line + 7, 1, &status) || line[8] != ' ' ||
	    fmt_parse_dec(line + 9, 3, &status) || status < 100 ||
	    (line[12] && line[12] != ' '))
		return http_malformed("status line");
	http->status = (unsigned)status;
	fmt_str(http->why, sizeof(http->why), "%s", line + 9);
	http->keep = line[7] != '0';
	http->seen = 0;
	return 0;
}

static int http_content_length(struct http *http, const char *value)
{
	uint64_t length;

	if (fmt_parse_dec(value, strlen(value), &length) ||
	    (http->seen & HTTP_SEEN_LENGTH && length != http->length))
		return http_malformed("Content-Length");
	http->seen |= HTTP_SEEN_LENGTH;
	http->length = length;
	return 0;
}

static int http_transfer_encoding(struct http *http, const char *value)
{
	if (http->seen & HTTP_SEEN_CHUNKED || !http_same(value, "chunked"))
		return reason_fail(ERR_NOTSUP,
				   "transfer coding %.64s is not supported",
				   value);
	http->seen |= HTTP_SEEN_CHUNKED;
	return 0;
}

static int http_connection(struct http *http, const char *value)
{
	if (http_same(value, "close"))
		http->keep = false;
	else if (http_same(value, "keep-alive"))
		http->keep = true;
	return 0;
}

static int http_location(struct http *http, const char *value)
{
	int err;

	if (http->status / 100 != 3 || http->seen & HTTP_SEEN_LOCATION)
		return 0;
	http->seen |= HTTP_SEEN_LOCATION;
	if (http->line_len >= sizeof(http->line))
		return reason_fail(ERR_FORMAT,
				   "redirected to a URL longer "
				   "than %u bytes",
				   URL_MAX - 1);
	err = url_join(&http->url, value, &http->url);
	if (!err && http->url.scheme != URL_HTTP)
		err = reason_fail(ERR_NOTSUP, "tftp is not supported");
	return err ? reason_fail(err, "redirected: %s", reason()) : 0;
}

/* Only the range that was asked for, to the end: RFC 9110 14.4. */
static int http_content_range(struct http *http, const char *value)
{
	char want[80];

	fmt_str(want, sizeof(want), "bytes %llu-%llu/%llu",
		(unsigned long long)http->received,
		(unsigned long long)http->size - 1,
		(unsigned long long)http->size);
	if (http->ranged && http_same(value, want))
		http->seen |= HTTP_SEEN_RANGE;
	return 0;
}

/* The first response's is kept; If-Range wants a strong one: RFC 9110 13.1.5 */
static int http_etag(struct http *http, const char *value)
{
	if (http->status != 200 || value[0] != '"')
		return 0;
	if (!http->begun && strlen(value) < sizeof(http->etag))
		fmt_str(http->etag, sizeof(http->etag), "%s", value);
	else if (http->begun && http->etag[0] && strcmp(http->etag, value))
		return reason_fail(ERR_FORMAT, "file has changed");
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct http *http, const char *value);
} http_fields[] = {
	{ "Content-Length", http_content_length },
	{ "Transfer-Encoding", http_transfer_encoding },
	{ "Connection", http_connection },
	{ "Location", http_location },
	{ "Content-Range", http_content_range },
	{ "ETag", http_etag },
};

int http_header_field(struct http *http)
{
	size_t len = MIN(http->line_len, sizeof(http->line) - 1);
	char *colon = strchr(http->line, ':'), *value;
	unsigned i;

	/* RFC 9112 5.1, 5.2: no blank before the colon; no folded lines. */
	if (!colon || colon == http->line ||
	    memchr(http->line, ' ', (size_t)(colon - http->line)) ||
	    memchr(http->line, '\t', (size_t)(colon - http->line)))
		return http_malformed("header field");
	*colon = '\0';
	value = colon + 1;
	while (http_blank(*value))
		value++;
	while (len && http_blank(http->line[len - 1]))
		http->line[--len] = '\0';
	for (i = 0; i < ARRAY_SIZE(http_fields); i++)
		if (http_same(http->line, http_fields[i].name))
			return http_fields[i].take(http, value);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// URLs: what is malformed or ambiguous is refused.
#include "packages/net/url.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/reason.h"

/* By enum url_scheme. */
static const struct {
	const char *name;
	uint16_t port;
} url_schemes[] = {
	[URL_TFTP] = { "tftp", 69 },
	[URL_HTTP] = { "http", 80 },
};

/* Text in a bounded buffer; `len` counts what does not fit, too. */
struct url_out {
	char *buf;
	size_t size, len;
};

static void url_put(struct url_out *out, char c)
{
	if (out->len < out->size - 1)
		out->buf[out->len] = c;
	out->len++;
	out->buf[MIN(out->len, out->size - 1)] = '\0';
}

static void url_put_encoded(struct url_out *out, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";

	url_put(out, '%');
	url_put(out, digits[c >> 4]);
	url_put(out, digits[c & 15]);
}

static bool url_alnum(char c)
{
	char lower = (char)(c | 0x20);

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

/* A character that a URL may contain as it is: RFC 3986 2.2, 2.3. */
static bool url_plain(char c)
{
	return url_alnum(c) || (c && strchr("-._~:/?#[]@!$&'()*+,;=", c));
}

static bool url_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* The length of "name" in "name:...", RFC 3986 3.1; 0: there is none. */
static size_t url_scheme_len(const char *text)
{
	size_t len = 0;

	while (url_alnum(text[len]) ||
	       (text[len] && len && strchr("+-.", text[len])))
		len++;
	return text[len] == ':' && (text[0] | 0x20) >= 'a' ? len : 0;
}

bool url_is(const char *text)
{
	size_t len = url_scheme_len(text);

	return len && !strncmp(text + len, "://", 3);
}

/* Length of "host" or "[host]" in `text`, an authority; 0: malformed. */
static size_t url_parse_host(const char *text, size_t len, char *host)
{
	bool bracket = len && text[0] == '[';
	const char *more = bracket ? ":." : "-._";
	size_t i = bracket, n = 0;

	for (; i < len &&
	       (url_alnum(text[i]) || (text[i] && strchr(more, text[i])));
	     i++) {
		if (n == sizeof(((struct url *)NULL)->host) - 1)
			return 0;
		host[n++] = text[i];
	}
	host[n] = '\0';
	if (!n)
		return 0;
	if (!bracket)
		return i;
	return i < len && text[i] == ']' && strchr(host, ':') ? i + 1 : 0;
}

static int url_parse_authority(const char *text, size_t len, struct url *url)
{
	uint64_t port;
	size_t used;

	if (memchr(text, '@', len))
		return reason_fail(ERR_INVAL, "URL contains a user name");
	used = url_parse_host(text, len, url->host);
	if (!used || (used < len && text[used] != ':'))
		return reason_fail(ERR_INVAL, "URL has a malformed host");
	url->port = url_schemes[url->scheme].port;
	if (len - used <= 1)
		return 0;
	used++;
	if (fmt_parse_dec(text + used, len - used, &port) || !port ||
	    port > UINT16_MAX)
		return reason_fail(ERR_INVAL, "URL has a malformed port");
	url->port = (uint16_t)port;
	return 0;
}

/* tftp: where the name ends, RFC 3617 3. */
static int url_tftp_end(const char *text, size_t *len)
{
	const char *mode = strrchr(text, ';');

	*len = strlen(text);
	if (!mode || strncasecmp(mode, ";mode=", 6))
		return 0;
	if (strncasecmp(mode, ";mode=octet", 12))
		return reason_fail(ERR_NOTSUP, "TFTP only has mode octet");
	*len = (size_t)(mode - text);
	return 0;
}

static int url_put_path(struct url_out *out, bool decode, const char *text,
			size_t len)
{
	uint64_t val;
	size_t i;

	for (i = 0; i < len && out->len < out->size; i++) {
		char c = text[i];

		if (c == '%') {
			if (len - i < 3 || fmt_parse_hex(text + i + 1, 2, &val))
				return reason_fail(ERR_INVAL,
						   "URL has a malformed %%");
			if (decode) {
				c = (char)val;
				i += 2;
			}
		}
		if (url_control(c))
			return reason_fail(ERR_INVAL,
					   "URL contains a control character");
		if (decode || c == '%' || url_plain(c))
			url_put(out, c);
		else
			url_put_encoded(out, (unsigned char)c);
	}
	return 0;
}

/* Appends text to the first `keep` bytes of the path. */
static int url_set_path(struct url *url, size_t keep, const char *text)
{
	struct url_out out = { url->path, sizeof(url->path), keep };
	size_t len;
	int err;

	url->path[keep] = '\0';
	if (url->scheme == URL_TFTP) {
		err = url_tftp_end(text, &len);
		if (err)
			return err;
	} else {
		for (len = 0; text[len] && text[len] != '#'; len++)
			;
		if (!keep && text[0] != '/')
			url_put(&out, '/');
	}
	err = url_put_path(&out, url->scheme == URL_TFTP, text, len);
	if (err)
		return err;
	if (out.len >= out.size)
		return reason_fail(ERR_INVAL, "URL is longer than %u bytes",
				   URL_MAX - 1);
	return 0;
}

/* From the host on. */
static int url_parse_rest(const char *text, struct url *url)
{
	size_t len = 0;
	int err;

	while (text[len] && !strchr("/?#", text[len]))
		len++;
	err = url_parse_authority(text, len, url);
	if (err)
		return err;
	if (url->scheme == URL_TFTP && text[len] == '/')
		len++;
	return url_set_path(url, 0, text + len);
}

int url_parse(const char *text, struct url *url)
{
	size_t len = url_scheme_len(text);
	unsigned i;

	if (!url_is(text))
		return reason_fail(ERR_INVAL, "not a URL");
	for (i = 0; i < ARRAY_SIZE(url_schemes); i++)
		if (len == 4 && !strncasecmp(text, url_schemes[i].name, 4))
			break;
	if (i == ARRAY_SIZE(url_schemes))
		return reason_fail(ERR_NOTSUP, "%.*s is not supported",
				   (int)MIN(len, (size_t)32), text);
	url->scheme = (enum url_scheme)i;
	return url_parse_rest(text + len + 3, url);
}

/* RFC 3986 5.2.4: "." and ".." in a path. */
static void url_remove_dots(struct url *url)
{
	char *start = url->path + (url->scheme == URL_HTTP), *in = start;
	char *out = start;

	while (*in && (url->scheme == URL_TFTP || *in != '?')) {
		size_t name = 0, len;

		while (in[name] && in[name] != '/' &&
		       (url->scheme == URL_TFTP || in[name] != '?'))
			name++;
		len = name + (in[name] == '/');
		if (name == 2 && in[0] == '.' && in[1] == '.') {
			if (out > start)
				out--;
			while (out > start && out[-1] != '/')
				out--;
		} else if (name != 1 || in[0] != '.') {
			memmove(out, in, len);
			out += len;
		}
		in += len;
	}
	memmove(out, in, strlen(in) + 1);
}

int url_join(const struct url *base, const char *location, struct url *url)
{
	bool http = base->scheme == URL_HTTP;
	size_t keep, end = 0;
	int err;

	if (url_scheme_len(location))
		return url_parse(location, url);
	if (url != base)
		*url = *base;
	if (!strncmp(location, "//", 2))
		return url_parse_rest(location + 2, url);
	/* RFC 3986 5.2.2: what is kept of the path. */
	while (url->path[end] && (!http || url->path[end] != '?'))
		end++;
	if (!*location || *location == '#')
		return 0;
	keep = end;
	if (*location == '/')
		keep = 0;
	else if (!http || *location != '?')
		while (keep && url->path[keep - 1] != '/')
			keep--;
	err = url_set_path(url, keep, location + (!http && *location == '/'));
	if (!err)
		url_remove_dots(url);
	return err;
}

size_t url_text(const struct url *url, char *buf, size_t size)
{
	struct url_out out = { buf, size, 0 };
	bool bracket = strchr(url->host, ':');
	const char *c;

	out.len = fmt_str(buf, size, "%s://%s%s%s",
			  url_schemes[url->scheme].name, bracket ? "[" : "",
			  url->host, bracket ? "]" : "");
	if (url->port != url_schemes[url->scheme].port)
		out.len += fmt_str(buf + MIN(out.len, size - 1),
				   size - MIN(out.len, size - 1), ":%u",
				   url->port);
	if (url->scheme == URL_TFTP)
		url_put(&out, '/');
	for (c = url->path; *c; c++)
		if (url->scheme == URL_TFTP && (!url_plain(*c) || *c == ';'))
			url_put_encoded(&out, (unsigned char)*c);
		else
			url_put(&out, *c);
	return out.len;
}

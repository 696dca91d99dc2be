// SPDX-License-Identifier: BSD-2-Clause
// HTTP responses on some connections: in one piece and byte by byte.
#include "packages/net/http.h"
#include "tests/fuzz/input.h"

struct body {
	uint64_t len;
	uint32_t sum;
};

static int take(void *arg, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	struct body *body = arg;

	assert(len);
	for (size_t i = 0; i < len; i++)
		body->sum = body->sum * 31 + bytes[i];
	body->len += len;
	return 0;
}

static void check_request(struct http *http)
{
	static char request[HTTP_REQUEST_MAX];
	size_t len = http_request(http, request);

	assert(len < sizeof(request) && len == strlen(request));
	assert(!memcmp(request, "GET /", 5));
	assert(!memcmp(request + len - 4, "\r\n\r\n", 4));
	assert(http->url.scheme == URL_HTTP);
}

/* Returns the result of the connection. */
static enum http_next connection(struct http *http, const uint8_t *data,
				 size_t len, size_t step, bool clean)
{
	enum http_next next = HTTP_MORE;

	check_request(http);
	for (size_t n; len && next == HTTP_MORE; data += n, len -= n) {
		n = MIN(step, len);
		next = http_receive(http, data, n);
	}
	if (next == HTTP_MORE)
		next = http_closed(http, clean);
	assert(next != HTTP_MORE);
	return next;
}

/* 0xff ends a connection. */
static void run(struct http *http, struct body *body, const uint8_t *data,
		size_t size, size_t step)
{
	static struct url url = { URL_HTTP, "h", 80, "/d/x" };
	enum http_next next = HTTP_RESUME;
	unsigned connections = 0;

	memset(http, 0, sizeof(*http));
	memset(body, 0, sizeof(*body));
	http->take = take;
	http->arg = body;
	http_start(http, &url);
	while (next == HTTP_RESUME || next == HTTP_REDIRECT) {
		const uint8_t *end = size ? memchr(data, 0xff, size) : NULL;
		size_t len = end ? (size_t)(end - data) : size;

		next = connection(http, data, len, step, size & 1);
		assert(body->len == http->received);
		assert(++connections <= 1 + HTTP_HOPS + HTTP_RESUMES);
		data += len + !!end;
		size -= len + !!end;
	}
	assert((next == HTTP_FAILED) == (http->err != 0));
	if (next == HTTP_DONE && http->size != HTTP_SIZE_UNKNOWN)
		assert(body->len == http->size);
	if (next == HTTP_DONE)
		assert(http->begun);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http whole, bytes;
	struct body one, other;

	run(&whole, &one, data, size, size + 1);
	run(&bytes, &other, data, size, 1);
	assert(one.len == other.len && one.sum == other.sum);
	assert(whole.err == bytes.err && whole.status == bytes.status);
	assert(whole.size == bytes.size && whole.begun == bytes.begun);
	return 0;
}

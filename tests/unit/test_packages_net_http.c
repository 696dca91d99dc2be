// SPDX-License-Identifier: BSD-2-Clause
// HTTP responses, sound and hostile, in one piece and byte by byte.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/http_client.h"

/* Feeds `step` bytes at a time, from the heap, so that ASan sees overruns. */
static enum http_next feed(const char *data, size_t len, size_t step)
{
	enum http_next next = HTTP_MORE;

	while (len && next == HTTP_MORE) {
		size_t n = MIN(step, len);
		char *piece = malloc(n);

		memcpy(piece, data, n);
		next = http_receive(&client, piece, n);
		free(piece);
		data += n;
		len -= n;
	}
	return next;
}

/* Feeds a response in pieces of several sizes, with the same result. */
static enum http_next answer_bytes(const char *data, size_t len)
{
	static const size_t steps[] = { 1, 2, 3, 7, 64 };
	enum http_next next;
	static char body[sizeof(got)];
	static struct http first;
	char why[REASON_SIZE];

	fake_http_begin("http://h/d/x");
	next = feed(data, len, len);
	first = client;
	strcpy(body, got);
	strcpy(why, reason());
	for (unsigned i = 0; i < ARRAY_SIZE(steps); i++) {
		fake_http_begin("http://h/d/x");
		assert_int_equal(feed(data, len, steps[i]), next);
		assert_string_equal(got, body);
		assert_string_equal(reason(), why);
		assert_int_equal(client.received, first.received);
		assert_int_equal(client.size, first.size);
		assert_int_equal(client.status, first.status);
		assert_int_equal(client.err, first.err);
		assert_int_equal(client.begun, first.begun);
		assert_string_equal(client.url.path, first.url.path);
	}
	return next;
}

static enum http_next answer(const char *text)
{
	return answer_bytes(text, strlen(text));
}

static void expect_failed(const char *text, int err, const char *why)
{
	assert_int_equal(answer(text), HTTP_FAILED);
	assert_int_equal(client.err, err);
	if (!strstr(reason(), why))
		assert_string_equal(reason(), why);
	assert_false(client.keep);
}

#define OK_200 "HTTP/1.1 200 OK\r\n"

static void requests_name_host_and_version(void **state)
{
	static const char start[] = "GET /a%20b?q HTTP/1.1\r\n"
				    "Host: h.lan\r\n"
				    "User-Agent: quoin/";
	const char *version = request + sizeof(start) - 1;

	(void)state;
	fake_http_begin("http://h.lan/a%20b?q");
	assert_memory_equal(request, start, sizeof(start) - 1);
	assert_in_range(*version, '0', '9');
	assert_string_equal(strchr(version, '\r'),
			    "\r\nAccept-Encoding: identity"
			    "\r\nConnection: keep-alive\r\n\r\n");
	fake_http_begin("http://[fec0::2]:8080/");
	assert_non_null(strstr(request, "Host: [fec0::2]:8080\r\n"));
	assert_null(strstr(request, "Range"));
}

static void a_body_has_the_length_that_was_said(void **state)
{
	(void)state;
	assert_int_equal(answer(OK_200 "content-LENGTH:  5 \r\n\r\nhello"),
			 HTTP_DONE);
	assert_string_equal(got, "hello");
	assert_int_equal(client.size, 5);
	assert_true(client.keep);
	assert_int_equal(answer(OK_200 "Content-Length: 0\r\n\r\n"), HTTP_DONE);
	assert_int_equal(taken, 0);
	assert_int_equal(answer("HTTP/1.0 200 OK\nContent-Length: 2\n"
				"X-Y:\n\nab"),
			 HTTP_DONE);
	assert_false(client.keep);
	assert_int_equal(answer("HTTP/1.1 200\r\nConnection: Close\r\n"
				"Content-Length: 2\r\n"
				"Content-Length: 2\r\n\r\nab"),
			 HTTP_DONE);
	assert_false(client.keep);
}

static void bytes_past_the_body_end_the_connection(void **state)
{
	static const char text[] = OK_200 "Content-Length: 2\r\n\r\nabc";

	(void)state;
	fake_http_begin("http://h/");
	assert_int_equal(feed(text, strlen(text), strlen(text)), HTTP_DONE);
	assert_string_equal(got, "ab");
	assert_false(client.keep);
}

static void chunks_are_joined(void **state)
{
	(void)state;
	assert_int_equal(answer(OK_200 "Transfer-Encoding: Chunked\r\n\r\n"
				       "5\r\nhello\r\n"
				       "00A;x=y\r\n0123456789\r\n"
				       "1 \r\n!\r\n"
				       "0\r\nTrailer: x\r\n\r\n"),
			 HTTP_DONE);
	assert_string_equal(got, "hello0123456789!");
	assert_true(client.size == HTTP_SIZE_UNKNOWN);
	assert_true(client.keep);
}

static void chunks_win_over_a_length_and_end_the_connection(void **state)
{
	(void)state;
	assert_int_equal(answer(OK_200 "Content-Length: 3\r\n"
				       "Transfer-Encoding: chunked\r\n\r\n"
				       "5\r\nhello\r\n0\r\n\r\n"),
			 HTTP_DONE);
	assert_string_equal(got, "hello");
	assert_false(client.keep);
}

static void a_body_without_length_ends_with_the_connection(void **state)
{
	(void)state;
	assert_int_equal(answer("HTTP/1.0 200 OK\r\n\r\nhello"), HTTP_MORE);
	assert_int_equal(http_closed(&client, true), HTTP_DONE);
	assert_string_equal(got, "hello");
	assert_int_equal(answer("HTTP/1.0 200 OK\r\n\r\nhello"), HTTP_MORE);
	assert_int_equal(http_closed(&client, false), HTTP_FAILED);
	assert_string_equal(reason(), "connection ends after 5 bytes");
}

static void malformed_status_lines_are_refused(void **state)
{
	static const char *const lines[] = {
		"HTTP/1.1",	    "HTTP/1.1 ",
		"HTTP/1.1 20 OK",   "HTTP/1.1 2000 OK",
		"HTTP/2.0 200 OK",  "http/1.1 200 OK",
		"HTTP/1.1  200 OK", "HTTP/1.x 200 OK",
		"HTTP/1.1 099 x",   "",
		"ICY 200 OK or so", "HTTP/1.1 -20 OK",
		"HTTP/1.1\t200 OK",
	};
	char text[100];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(lines); i++) {
		snprintf(text, sizeof(text), "%s\r\n\r\n", lines[i]);
		expect_failed(text, ERR_FORMAT, "malformed status line");
	}
}

static void other_statuses_are_the_reason(void **state)
{
	(void)state;
	expect_failed("HTTP/1.1 404 Not Found\r\n\r\n", ERR_NOENT,
		      "server says 404 Not Found");
	expect_failed("HTTP/1.1 403 No\r\n\r\n", ERR_PERM,
		      "server says 403 No");
	expect_failed("HTTP/1.1 999\r\n\r\n", ERR_IO, "server says 999");
	expect_failed("HTTP/1.1 204 x\r\n\r\n", ERR_IO, "server says 204 x");
	expect_failed("HTTP/1.1 101 x\r\n\r\n", ERR_IO, "server says 101 x");
	expect_failed("HTTP/1.1 304 x\r\nLocation: /y\r\n\r\n", ERR_IO,
		      "server says 304 x");
}

static void informational_responses_are_skipped_but_bounded(void **state)
{
	static const char one[] = "HTTP/1.1 100 Continue\r\n\r\n";
	enum http_next next = HTTP_MORE;
	unsigned i;

	(void)state;
	assert_int_equal(answer("HTTP/1.1 100 Continue\r\n\r\n"
				"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" OK_200
				"Content-Length: 1\r\n\r\nx"),
			 HTTP_DONE);
	fake_http_begin("http://h/");
	for (i = 0; i < 1000 && next == HTTP_MORE; i++)
		next = feed(one, strlen(one), 64);
	assert_int_equal(next, HTTP_FAILED);
	assert_string_equal(reason(), "header is longer than 16384 bytes");
}

static void headers_are_bounded(void **state)
{
	static char text[1 << 20];
	static char good[HTTP_HEADER_MAX + 10];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, OK_200 "X:", strlen(OK_200) + 2);
	expect_failed(text, ERR_FORMAT, "header is longer than 16384 bytes");
	/* A long line that does not matter is no harm. */
	memset(good, 'x', HTTP_HEADER_MAX);
	memcpy(good, OK_200 "X:", strlen(OK_200) + 2);
	strcpy(good + HTTP_HEADER_MAX - 25, "\r\nContent-Length: 1\r\n\r\nx");
	assert_int_equal(answer(good), HTTP_DONE);
}

static void malformed_fields_are_refused(void **state)
{
	static const char *const fields[] = {
		" folded: x", "\tfolded: x",	    "no colon",
		": no name",  "Content-Length : 5", "Content\tLength: 5",
	};
	static const char *const lengths[] = {
		"-1",
		"+1",
		"",
		"0x5",
		"5 5",
		"5, 6",
		"5;",
		"18446744073709551616",
		"99999999999999999999",
		"5\r\nContent-Length: 6",
	};
	char text[200];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(fields); i++) {
		snprintf(text, sizeof(text), OK_200 "A: b\r\n%s\r\n\r\n",
			 fields[i]);
		expect_failed(text, ERR_FORMAT, "malformed header field");
	}
	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		snprintf(text, sizeof(text),
			 OK_200 "Content-Length: %s\r\n\r\nxxxxx", lengths[i]);
		expect_failed(text, ERR_FORMAT, "malformed Content-Length");
	}
	expect_failed(OK_200 "X: a\rb\r\n\r\n", ERR_FORMAT, "CR");
	expect_failed(OK_200 "X: a\r\r\n\r\n", ERR_FORMAT, "CR");
	expect_failed(OK_200 "X: a\x01\r\n\r\n", ERR_FORMAT, "control");
	assert_int_equal(answer_bytes(OK_200 "X: \0\r\n", 21), HTTP_FAILED);
	expect_failed(OK_200 "Transfer-Encoding: gzip, chunked\r\n\r\n",
		      ERR_NOTSUP, "coding gzip, chunked is not supported");
	expect_failed(OK_200 "Transfer-Encoding: chunked\r\n"
			     "Transfer-Encoding: chunked\r\n\r\n",
		      ERR_NOTSUP, "not supported");
}

#define CHUNKED OK_200 "Transfer-Encoding: chunked\r\n\r\n"

static void malformed_chunks_are_refused(void **state)
{
	static const char *const sizes[] = {
		"-1",
		"",
		"0x5",
		"x",
		"5x",
		";ext",
		"10000000000000000",
		"11111111111111111",
		"+5",
		"5\r",
	};
	static char text[12000];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		snprintf(text, sizeof(text), CHUNKED "%s\r\nhello\r\n0\r\n\r\n",
			 sizes[i]);
		expect_failed(text, ERR_FORMAT, i < 9 ? "chunk size" : "CR");
	}
	expect_failed(CHUNKED "5\r\nhelloX\r\n0\r\n\r\n", ERR_FORMAT,
		      "chunk is longer");
	expect_failed(CHUNKED "4\r\nhello\r\n0\r\n\r\n", ERR_FORMAT,
		      "chunk is longer");
	/* An extension of 10 KiB. */
	memset(text, 'e', 11000);
	memcpy(text, CHUNKED "5;", strlen(CHUNKED) + 2);
	text[11000] = '\0';
	expect_failed(text, ERR_FORMAT, "chunk size is too long");
	/* A trailer without an end. */
	static char trailer[20000];
	memset(trailer, 't', sizeof(trailer) - 1);
	memcpy(trailer, CHUNKED "0\r\n", strlen(CHUNKED) + 3);
	expect_failed(trailer, ERR_FORMAT, "header is longer");
	/* As many bytes as there are; the sink says when it is enough. */
	assert_int_equal(answer(CHUNKED "ffffffffffffffff\r\nabc"), HTTP_MORE);
	assert_string_equal(got, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_name_host_and_version),
		cmocka_unit_test(a_body_has_the_length_that_was_said),
		cmocka_unit_test(bytes_past_the_body_end_the_connection),
		cmocka_unit_test(chunks_are_joined),
		cmocka_unit_test(
			chunks_win_over_a_length_and_end_the_connection),
		cmocka_unit_test(
			a_body_without_length_ends_with_the_connection),
		cmocka_unit_test(malformed_status_lines_are_refused),
		cmocka_unit_test(other_statuses_are_the_reason),
		cmocka_unit_test(
			informational_responses_are_skipped_but_bounded),
		cmocka_unit_test(headers_are_bounded),
		cmocka_unit_test(malformed_fields_are_refused),
		cmocka_unit_test(malformed_chunks_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

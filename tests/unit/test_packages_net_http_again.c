// SPDX-License-Identifier: BSD-2-Clause
// HTTP redirects and broken connections.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/http_client.h"

#define OK_200 "HTTP/1.1 200 OK\r\n"

static enum http_next answer(const char *text)
{
	return http_receive(&client, text, strlen(text));
}

static void connect_again(void)
{
	request[http_request(&client, request)] = '\0';
}

static void redirects_are_followed(void **state)
{
	static const unsigned statuses[] = { 301, 302, 303, 307, 308 };
	char text[200];

	(void)state;
	fake_http_begin("http://h/d/x");
	for (unsigned i = 0; i < ARRAY_SIZE(statuses); i++) {
		snprintf(text, sizeof(text),
			 "HTTP/1.1 %u Moved\r\nLocation: y%u?q\r\n"
			 "Location: http://evil/\r\n\r\n<html>",
			 statuses[i], i);
		assert_int_equal(answer(text), HTTP_REDIRECT);
		assert_int_equal(http_closed(&client, true), HTTP_REDIRECT);
		connect_again();
		snprintf(text, sizeof(text), "GET /d/y%u?q ", i);
		assert_memory_equal(request, text, strlen(text));
	}
	assert_int_equal(answer(OK_200 "Content-Length: 1\r\n\r\nx"),
			 HTTP_DONE);
	assert_string_equal(got, "x");
}

static void redirects_end_after_5_hops(void **state)
{
	static const char text[] = "HTTP/1.1 302 x\r\nLocation: /d/x\r\n\r\n";

	(void)state;
	fake_http_begin("http://h/d/x");
	for (unsigned i = 0; i < HTTP_HOPS; i++) {
		assert_int_equal(answer(text), HTTP_REDIRECT);
		connect_again();
	}
	assert_int_equal(answer(text), HTTP_FAILED);
	assert_string_equal(reason(), "redirected more than 5 times");
}

static void hostile_redirects_are_refused(void **state)
{
	static const char *const cases[][2] = {
		{ "Location: https://h/x\r\n",
		  "redirected: https is not supported" },
		{ "Location: tftp://h/x\r\n",
		  "redirected: tftp is not supported" },
		{ "Location: http://[::1\r\n",
		  "redirected: URL has a malformed host" },
		{ "Location: http://u@h/\r\n",
		  "redirected: URL contains a user name" },
		{ "Location: /%\r\n", "redirected: URL has a malformed %" },
		{ "X: y\r\n", "redirected to nowhere" },
	};
	static char text[66000];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		fake_http_begin("http://h/d/x");
		snprintf(text, sizeof(text), "HTTP/1.1 301 x\r\n%s\r\n",
			 cases[i][0]);
		assert_int_equal(answer(text), HTTP_FAILED);
		assert_string_equal(reason(), cases[i][1]);
	}
	memset(text, 'a', 65999);
	memcpy(text, "HTTP/1.1 301 x\r\nLocation: /", 27);
	fake_http_begin("http://h/d/x");
	assert_int_equal(answer(text), HTTP_FAILED);
	strcpy(text + 10000, "\r\n\r\n");
	fake_http_begin("http://h/d/x");
	assert_int_equal(answer(text), HTTP_FAILED);
	assert_string_equal(reason(),
			    "redirected to a URL longer than 2047 bytes");
}

#define FIRST OK_200 "Content-Length: 10\r\nETag: \"e\"\r\n\r\n0123"

static void break_off(const char *text)
{
	fake_http_begin("http://h/x");
	assert_int_equal(answer(text), HTTP_MORE);
	assert_int_equal(http_closed(&client, false), HTTP_RESUME);
	connect_again();
}

static void a_broken_connection_is_resumed_with_a_range(void **state)
{
	(void)state;
	break_off(FIRST);
	assert_non_null(strstr(request, "\r\nRange: bytes=4-\r\n"
					"If-Range: \"e\"\r\n"));
	assert_int_equal(answer("HTTP/1.1 206 Partial\r\n"
				"Content-Range: bytes 4-9/10\r\n"
				"Content-Length: 6\r\n\r\n456789"),
			 HTTP_DONE);
	assert_string_equal(got, "0123456789");
	assert_int_equal(client.size, 10);
	assert_int_equal(client.received, 10);
}

static void a_server_without_ranges_sends_all_again(void **state)
{
	(void)state;
	break_off(FIRST);
	assert_int_equal(answer(OK_200 "Content-Length: 10\r\n"
				       "ETag: \"e\"\r\n\r\n0123456789"),
			 HTTP_DONE);
	assert_string_equal(got, "0123456789");
	/* Without a strong tag, a range could be of another file. */
	break_off(OK_200 "Content-Length: 10\r\nETag: W/\"e\"\r\n\r\n0123");
	assert_null(strstr(request, "Range"));
	assert_int_equal(answer(OK_200 "Content-Length: 10\r\n\r\n0123456789"),
			 HTTP_DONE);
	assert_string_equal(got, "0123456789");
}

static void another_range_or_file_is_refused(void **state)
{
	static const char *const cases[] = {
		"HTTP/1.1 206 x\r\nContent-Range: bytes 0-9/10\r\n\r\n",
		"HTTP/1.1 206 x\r\nContent-Range: bytes 4-8/10\r\n\r\n",
		"HTTP/1.1 206 x\r\nContent-Range: bytes 4-9/11\r\n\r\n",
		"HTTP/1.1 206 x\r\nContent-Range: bytes 4-9/*\r\n\r\n",
		"HTTP/1.1 206 x\r\nContent-Length: 6\r\n\r\n",
		"HTTP/1.1 206 x\r\nContent-Range: bytes 4-9/10\r\n"
		"Content-Length: 7\r\n\r\n",
		OK_200 "Content-Length: 11\r\nETag: \"e\"\r\n\r\n",
		OK_200 "Content-Length: 10\r\nETag: \"f\"\r\n\r\n",
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		break_off(FIRST);
		assert_int_equal(answer(cases[i]), HTTP_FAILED);
		assert_string_equal(got, "0123");
	}
	/* Not asked for. */
	fake_http_begin("http://h/x");
	assert_int_equal(answer("HTTP/1.1 206 x\r\n"
				"Content-Range: bytes 0-9/10\r\n\r\n"),
			 HTTP_FAILED);
	assert_string_equal(reason(), "server sends another range");
}

static void a_connection_is_resumed_3_times(void **state)
{
	(void)state;
	fake_http_begin("http://h/x");
	for (unsigned i = 0; i < HTTP_RESUMES; i++) {
		assert_int_equal(http_closed(&client, i & 1), HTTP_RESUME);
		connect_again();
	}
	assert_int_equal(http_closed(&client, true), HTTP_FAILED);
	assert_int_equal(client.err, ERR_IO);
	assert_string_equal(reason(), "connection ends after 0 bytes");
}

static void chunks_of_an_unknown_file_are_not_resumed(void **state)
{
	static const char text[] = OK_200
		"Transfer-Encoding: chunked\r\n\r\n5\r\nhel";

	(void)state;
	fake_http_begin("http://h/x");
	assert_int_equal(answer(text), HTTP_MORE);
	assert_int_equal(http_closed(&client, true), HTTP_FAILED);
	break_off(OK_200 "Transfer-Encoding: chunked\r\nETag: \"e\"\r\n\r\n"
			 "5\r\nhel");
	assert_int_equal(answer(OK_200 "Transfer-Encoding: chunked\r\n"
				       "ETag: \"e\"\r\n\r\n"
				       "5\r\nhello\r\n0\r\n\r\n"),
			 HTTP_DONE);
	assert_string_equal(got, "hello");
	/* It has become shorter than what was taken. */
	break_off(OK_200 "Transfer-Encoding: chunked\r\nETag: \"e\"\r\n\r\n"
			 "5\r\nhel");
	assert_int_equal(answer(OK_200 "Transfer-Encoding: chunked\r\n"
				       "ETag: \"e\"\r\n\r\n"
				       "2\r\nhe\r\n0\r\n\r\n"),
			 HTTP_FAILED);
	assert_string_equal(reason(), "file has changed its size");
}

static int refuse(void *arg, const void *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	return reason_fail(ERR_NOSPACE, "file is larger than memory");
}

static void a_sink_that_is_full_ends_the_transfer(void **state)
{
	(void)state;
	fake_http_begin("http://h/x");
	client.take = refuse;
	assert_int_equal(answer(FIRST), HTTP_FAILED);
	assert_int_equal(client.err, ERR_NOSPACE);
	assert_string_equal(reason(), "file is larger than memory");
	assert_int_equal(answer("x"), HTTP_FAILED);
	assert_int_equal(http_closed(&client, true), HTTP_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(redirects_are_followed),
		cmocka_unit_test(redirects_end_after_5_hops),
		cmocka_unit_test(hostile_redirects_are_refused),
		cmocka_unit_test(a_broken_connection_is_resumed_with_a_range),
		cmocka_unit_test(a_server_without_ranges_sends_all_again),
		cmocka_unit_test(another_range_or_file_is_refused),
		cmocka_unit_test(a_connection_is_resumed_3_times),
		cmocka_unit_test(chunks_of_an_unknown_file_are_not_resumed),
		cmocka_unit_test(a_sink_that_is_full_ends_the_transfer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

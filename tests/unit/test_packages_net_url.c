// SPDX-License-Identifier: BSD-2-Clause
// URLs: RFC 3986's cases, and hostile ones.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/url.h"

static void expect(const char *text, enum url_scheme scheme, const char *host,
		   unsigned port, const char *path)
{
	static struct url url, again;
	char buf[4096];
	size_t len;

	assert_int_equal(url_parse(text, &url), 0);
	assert_int_equal(url.scheme, scheme);
	assert_string_equal(url.host, host);
	assert_int_equal(url.port, port);
	assert_string_equal(url.path, path);
	len = url_text(&url, buf, sizeof(buf));
	assert_int_equal(len, strlen(buf));
	assert_int_equal(url_parse(buf, &again), 0);
	assert_string_equal(again.host, host);
	assert_int_equal(again.port, port);
	assert_string_equal(again.path, path);
}

static void expect_bad(const char *text, int err, const char *why)
{
	static struct url url;

	reason_clear();
	assert_int_equal(url_parse(text, &url), err);
	if (!strstr(reason(), why))
		assert_string_equal(reason(), why);
}

static void urls_of_any_scheme_are_recognised(void **state)
{
	(void)state;
	assert_true(url_is("tftp://h/x"));
	assert_true(url_is("HTTPS://h"));
	assert_true(url_is("a+b-c.1://"));
	assert_false(url_is("core.elf"));
	assert_false(url_is("http:/x"));
	assert_false(url_is("1http://x"));
	assert_false(url_is("://x"));
	assert_false(url_is(""));
}

static void http_paths_stay_encoded(void **state)
{
	(void)state;
	expect("http://h/a/b", URL_HTTP, "h", 80, "/a/b");
	expect("HTTP://h.lan:8080/a%20b?q=1#part", URL_HTTP, "h.lan", 8080,
	       "/a%20b?q=1");
	expect("http://h", URL_HTTP, "h", 80, "/");
	expect("http://h?q", URL_HTTP, "h", 80, "/?q");
	expect("http://h:/x", URL_HTTP, "h", 80, "/x");
	expect("http://h/a b|\xe9", URL_HTTP, "h", 80, "/a%20b%7C%E9");
}

static void tftp_names_are_decoded(void **state)
{
	(void)state;
	expect("tftp://h/p;mode=octet", URL_TFTP, "h", 69, "p");
	expect("tftp://10.0.2.2//abs/x", URL_TFTP, "10.0.2.2", 69, "/abs/x");
	expect("tftp://h:6900/a%20b%25%3bc", URL_TFTP, "h", 6900, "a b%;c");
	expect("tftp://h/a;mode=octet;b", URL_TFTP, "h", 69, "a;mode=octet;b");
	expect("tftp://h/x?y#z", URL_TFTP, "h", 69, "x?y#z");
	expect("tftp://h/", URL_TFTP, "h", 69, "");
	expect_bad("tftp://h/p;mode=netascii", ERR_NOTSUP, "octet");
	expect_bad("tftp://h/p;mode=octets", ERR_NOTSUP, "octet");
}

static void ipv6_hosts_have_brackets(void **state)
{
	(void)state;
	expect("http://[fec0::2]/x", URL_HTTP, "fec0::2", 80, "/x");
	expect("tftp://[::ffff:1.2.3.4]:70/x", URL_TFTP, "::ffff:1.2.3.4", 70,
	       "x");
	expect_bad("http://[::1", ERR_INVAL, "host");
	expect_bad("http://[::1/x]", ERR_INVAL, "host");
	expect_bad("http://[]/x", ERR_INVAL, "host");
	expect_bad("http://[abc]/x", ERR_INVAL, "host");
	expect_bad("http://[::1]x/", ERR_INVAL, "host");
	expect_bad("http://fec0::2/x", ERR_INVAL, "port");
}

static void other_schemes_are_named(void **state)
{
	(void)state;
	expect_bad("https://h/x", ERR_NOTSUP, "https is not supported");
	expect_bad("nfs://h/x", ERR_NOTSUP, "nfs is not supported");
	expect_bad("javascript:alert", ERR_INVAL, "not a URL");
	expect_bad("/x", ERR_INVAL, "not a URL");
}

static void malformed_authorities_are_refused(void **state)
{
	(void)state;
	expect_bad("http://", ERR_INVAL, "host");
	expect_bad("http:///x", ERR_INVAL, "host");
	expect_bad("http://:80/x", ERR_INVAL, "host");
	expect_bad("http://h:0/", ERR_INVAL, "port");
	expect_bad("http://h:65536/", ERR_INVAL, "port");
	expect_bad("http://h:99999999999999999999999/", ERR_INVAL, "port");
	expect_bad("http://h:8x/", ERR_INVAL, "port");
	expect_bad("http://h:-1/", ERR_INVAL, "port");
	expect_bad("http://user@h/", ERR_INVAL, "user");
	expect_bad("http://u:p@h/", ERR_INVAL, "user");
	expect_bad("http://h%41/", ERR_INVAL, "host");
	expect_bad("http://h\n/", ERR_INVAL, "host");
	expect_bad("http://h h/", ERR_INVAL, "host");
	expect("http://h/@", URL_HTTP, "h", 80, "/@");
}

static void
cut_percent_encodings_and_control_characters_are_refused(void **state)
{
	static const char *const paths[] = { "%", "%4", "%g0", "%0g", "a%" };
	char buf[64];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
		snprintf(buf, sizeof(buf), "http://h/%s", paths[i]);
		expect_bad(buf, ERR_INVAL, "malformed %");
		snprintf(buf, sizeof(buf), "tftp://h/%s", paths[i]);
		expect_bad(buf, ERR_INVAL, "malformed %");
	}
	expect_bad("http://h/a\r\nX: y", ERR_INVAL, "control");
	expect_bad("http://h/a\x7f", ERR_INVAL, "control");
	expect_bad("tftp://h/a\x1b[2J", ERR_INVAL, "control");
	expect_bad("tftp://h/a%00b", ERR_INVAL, "control");
	expect_bad("tftp://h/a%0ab", ERR_INVAL, "control");
}

static char *filled(const char *start, char c, size_t len)
{
	size_t head = strlen(start);
	char *text = malloc(head + len + 1);

	memcpy(text, start, head);
	memset(text + head, c, len);
	text[head + len] = '\0';
	return text;
}

static void long_urls_are_refused_at_their_limits(void **state)
{
	static const struct {
		const char *start;
		char c;
		size_t most;
	} cases[] = {
		{ "http://h/", 'a', URL_MAX - 2 },
		{ "http://h/", ' ', (URL_MAX - 2) / 3 },
		{ "tftp://h/", 'a', URL_MAX - 1 },
		{ "http://", 'a', 255 },
	};
	static struct url url;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = filled(cases[i].start, cases[i].c, cases[i].most);

		assert_int_equal(url_parse(text, &url), 0);
		free(text);
		text = filled(cases[i].start, cases[i].c, cases[i].most + 1);
		assert_int_equal(url_parse(text, &url), ERR_INVAL);
		free(text);
		text = filled(cases[i].start, cases[i].c, 65536);
		assert_int_equal(url_parse(text, &url), ERR_INVAL);
		free(text);
	}
}

static void expect_join(const char *base, const char *location,
			const char *joined)
{
	static struct url from, url;
	char buf[4096];

	assert_int_equal(url_parse(base, &from), 0);
	assert_int_equal(url_join(&from, location, &url), 0);
	url_text(&url, buf, sizeof(buf));
	assert_string_equal(buf, joined);
	assert_int_equal(url_join(&from, location, &from), 0);
	url_text(&from, buf, sizeof(buf));
	assert_string_equal(buf, joined);
}

static void locations_are_joined_as_rfc_3986_5_4_has_them(void **state)
{
	static const char *const cases[][2] = {
		{ "g", "http://a/b/c/g" },
		{ "./g", "http://a/b/c/g" },
		{ "g/", "http://a/b/c/g/" },
		{ "/g", "http://a/g" },
		{ "//g", "http://g/" },
		{ "?y", "http://a/b/c/d;p?y" },
		{ "g?y", "http://a/b/c/g?y" },
		{ "#s", "http://a/b/c/d;p?q" },
		{ "g#s", "http://a/b/c/g" },
		{ ";x", "http://a/b/c/;x" },
		{ "", "http://a/b/c/d;p?q" },
		{ ".", "http://a/b/c/" },
		{ "./", "http://a/b/c/" },
		{ "..", "http://a/b/" },
		{ "../g", "http://a/b/g" },
		{ "../../g", "http://a/g" },
		{ "../../../g", "http://a/g" },
		{ "/./g", "http://a/g" },
		{ "/../g", "http://a/g" },
		{ "g.", "http://a/b/c/g." },
		{ "..g", "http://a/b/c/..g" },
		{ "./g/.", "http://a/b/c/g/" },
		{ "g/../h", "http://a/b/c/h" },
		{ "g?y/../x", "http://a/b/c/g?y/../x" },
		{ "http://h:81/x", "http://h:81/x" },
		{ "tftp://h/x", "tftp://h/x" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		expect_join("http://a/b/c/d;p?q", cases[i][0], cases[i][1]);
	expect_join("tftp://h/dir/x", "y%20z", "tftp://h/dir/y%20z");
	expect_join("tftp://h/dir/x", "../y", "tftp://h/y");
	expect_join("tftp://h/dir/x", "/y", "tftp://h/y");
}

static void hostile_locations_are_refused(void **state)
{
	char *text = filled("/", 'a', 65536);
	static struct url url;

	(void)state;
	assert_int_equal(url_parse("http://h/", &url), 0);
	assert_int_equal(url_join(&url, text, &url), ERR_INVAL);
	free(text);
	assert_int_equal(url_parse("http://h/", &url), 0);
	assert_int_equal(url_join(&url, "http://[::1", &url), ERR_INVAL);
	assert_int_equal(url_join(&url, "https://h/", &url), ERR_NOTSUP);
	assert_int_equal(url_join(&url, "javascript:x", &url), ERR_INVAL);
	assert_int_equal(url_join(&url, "/%", &url), ERR_INVAL);
}

static void text_is_cut_at_the_end_of_a_buffer(void **state)
{
	static struct url url;
	char buf[64];

	(void)state;
	assert_int_equal(url_parse("tftp://[::1]:70/abc", &url), 0);
	for (size_t size = 1; size < sizeof(buf); size++) {
		memset(buf, 'x', sizeof(buf));
		assert_int_equal(url_text(&url, buf, size), 19);
		assert_int_equal(strlen(buf), MIN(size - 1, (size_t)19));
		assert_int_equal(buf[size], 'x');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_of_any_scheme_are_recognised),
		cmocka_unit_test(http_paths_stay_encoded),
		cmocka_unit_test(tftp_names_are_decoded),
		cmocka_unit_test(ipv6_hosts_have_brackets),
		cmocka_unit_test(other_schemes_are_named),
		cmocka_unit_test(malformed_authorities_are_refused),
		cmocka_unit_test(
			cut_percent_encodings_and_control_characters_are_refused),
		cmocka_unit_test(long_urls_are_refused_at_their_limits),
		cmocka_unit_test(locations_are_joined_as_rfc_3986_5_4_has_them),
		cmocka_unit_test(hostile_locations_are_refused),
		cmocka_unit_test(text_is_cut_at_the_end_of_a_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

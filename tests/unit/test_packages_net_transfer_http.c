// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/net/transfer_http.c: HTTP over a connection, its errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/transfer.h"
#include "tests/fake/net_world.h"
static struct transfer t;
static char text[60000];
static const struct world_file files[] = { { "/a", text, 50000 }, { 0 } };

static int begin(void)
{
	world.files = files;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26 + i / 26 % 3);
	memset(&t, 0, sizeof(t));
	assert_int_equal(netstack_open(&fake_network.nd), 0);
	t.config.nd = &fake_network.nd;
	assert_int_equal(url_parse("http://10.0.2.2:8080/a", &t.config.url), 0);
	return transfer_open(&t);
}

static void end(void)
{
	transfer_close(&t);
	netstack_close();
}

static void a_file_comes_in_pieces_of_any_size(void **state)
{
	static const size_t pieces[] = { 0, 1, 7, 1460, 16384, 20000 };
	static char got[sizeof(text)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		world.piece = pieces[i];
		assert_int_equal(begin(), 0);
		assert_int_equal(t.size, 50000);
		assert_int_equal(transfer_read(&t, got, 333), 333);
		assert_int_equal(transfer_read(&t, got + 333, sizeof(got)),
				 50000 - 333);
		assert_memory_equal(got, text, 50000);
		end();
	}
	assert_true(fake_log_has("  Requesting file \"http://10.0.2.2:8080/a\""
				 " via HTTP\r\n"));
	assert_true(fake_log_has("  HTTP: Received /a (48 KBytes), "));
	assert_non_null(strstr(world.request, "\r\nHost: 10.0.2.2:8080\r\n"));
}

static void each_answer_of_a_server_has_its_code(void **state)
{
	static const struct {
		const char *status, *code;
	} answers[] = {
		{ "404 Not Found", "E3009" }, { "410 Gone", "E3009" },
		{ "403 Forbidden", "E3010" }, { "405 Method", "E3011" },
		{ "401 Who?", "E3013" },      { "500 Internal", "E3003" },
		{ "503 Later", "E3003" },
	};
	char line[100];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		fake_log_clear();
		strcpy(line, "HTTP/1.1 ");
		strcat(line, answers[i].status);
		strcat(line, "\r\nContent-Length: 0\r\n\r\n");
		world.http = line;
		assert_true(begin() < 0);
		assert_true(fake_log_has(answers[i].code));
		assert_true(fake_log_has(answers[i].status));
		netstack_close();
	}
}

static void a_server_that_refuses_is_e3005(void **state)
{
	(void)state;
	world.refused = true;
	assert_int_equal(begin(), ERR_NODEV);
	assert_true(fake_log_has("E3005: (net) ICMP ERROR: 10.0.2.2 refuses "
				 "the connection"));
	netstack_close();
}

static void a_redirect_to_nowhere_ends(void **state)
{
	(void)state;
	world.http = "HTTP/1.1 302 Found\r\nLocation: /b\r\n"
		     "Content-Length: 0\r\n\r\n";
	assert_true(begin() < 0);
	assert_true(fake_log_has("Redirected to \"http://10.0.2.2:8080/b\""));
	assert_true(fake_log_has("E3003"));
	netstack_close();
}

static void a_redirect_may_lead_to_another_host(void **state)
{
	(void)state;
	world.http = "HTTP/1.1 307 Moved\r\nLocation: http://other/b\r\n"
		     "Content-Length: 0\r\n\r\n";
	world.name = "other";
	assert_true(begin() < 0);
	assert_non_null(strstr(world.request, "\r\nHost: other\r\n"));
	netstack_close();
	world.name = "one";
	assert_int_equal(begin(), ERR_NODEV);
	assert_true(fake_log_has("E3008: "));
	assert_true(fake_log_has("no such name: other"));
	netstack_close();
}

static void a_redirect_to_https_is_told(void **state)
{
	(void)state;
	world.http = "HTTP/1.1 301 Moved\r\nLocation: https://10.0.2.2/b\r\n"
		     "Content-Length: 0\r\n\r\n";
	assert_true(begin() < 0);
	assert_true(fake_log_has("https is not supported"));
	netstack_close();
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_comes_in_pieces_of_any_size),
		T(each_answer_of_a_server_has_its_code),
		T(a_server_that_refuses_is_e3005),
		T(a_redirect_to_nowhere_ends),
		T(a_redirect_may_lead_to_another_host),
		T(a_redirect_to_https_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

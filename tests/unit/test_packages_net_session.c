// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/net/session.c: cards, servers, URLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/session.h"
#include "tests/fake/net_world.h"
#include "tree/path.h"
#include "tree/prop.h"
static struct session s;

static int begin(const char *args)
{
	memset(&s, 0, sizeof(s));
	assert_int_equal(net_args_parse(args, &s.args), 0);
	return session_begin(&s, fake_network.dev);
}

static void a_card_is_named_by_its_mac(void **state)
{
	(void)state;
	assert_int_equal(begin(""), 0);
	assert_string_equal(fake_printed,
			    "\r\n Initializing NIC\r\n  Reading MAC address "
			    "from device: 52:54:00:12:34:56\r\n");
	session_end(&s);
}

static void a_card_that_does_not_start_is_e3006(void **state)
{
	(void)state;
	world.open_result = ERR_IO;
	assert_int_equal(begin(""), ERR_IO);
	assert_true(fake_log_has("E3006: (net) Could not initialize network "
				 "device: it does not start\r\n"));
}

static void a_link_that_is_down_is_said_at_once(void **state)
{
	uint64_t now = deadline_ms();

	(void)state;
	fake_network.down = true;
	assert_int_equal(begin(""), ERR_IO);
	assert_true(fake_log_has("network device: link is down"));
	assert_int_equal(deadline_ms(), now);
}

static void the_machines_uuid_is_that_of_system_id(void **state)
{
	(void)state;
	assert_int_equal(begin(""), 0);
	assert_null(s.uuid);
	session_end(&s);
	assert_int_equal(tree_set_str(tree_root(), "system-id",
				      "00112233-4455-6677-8899-aabbccddeeff"),
			 0);
	assert_int_equal(begin(""), 0);
	assert_memory_equal(s.uuid,
			    "\x00\x11\x22\x33\x44\x55\x66\x77"
			    "\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
			    16);
	session_end(&s);
	assert_int_equal(tree_set_str(tree_root(), "system-id", "IBM,0123"), 0);
	assert_int_equal(begin(""), 0);
	assert_null(s.uuid);
	session_end(&s);
}

static void a_name_is_a_file_of_the_server_by_tftp(void **state)
{
	struct url url;

	(void)state;
	assert_int_equal(begin(""), 0);
	assert_int_equal(session_url(&s, "boot/core.elf", &url), ERR_NOENT);
	assert_string_equal(reason(), "no server is named");
	assert_int_equal(session_configure(&s), 0);
	assert_int_equal(session_url(&s, "boot/core.elf", &url), 0);
	assert_int_equal(url.scheme, URL_TFTP);
	assert_string_equal(url.host, "10.0.2.2");
	assert_string_equal(url.path, "boot/core.elf");
	assert_int_equal(url.port, 69);
	session_end(&s);
}

static void a_url_needs_no_server(void **state)
{
	struct url url;

	(void)state;
	assert_int_equal(begin(""), 0);
	assert_int_equal(session_url(&s, "http://a.b:81/c", &url), 0);
	assert_int_equal(url.scheme, URL_HTTP);
	assert_string_equal(url.host, "a.b");
	assert_int_equal(url.port, 81);
	session_end(&s);
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_card_is_named_by_its_mac),
		T(a_card_that_does_not_start_is_e3006),
		T(a_link_that_is_down_is_said_at_once),
		T(the_machines_uuid_is_that_of_system_id),
		T(a_name_is_a_file_of_the_server_by_tftp),
		T(a_url_needs_no_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/net/configure.c: addresses from servers and arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/configure.h"
#include "tests/fake/net_world.h"
#include "tree/path.h"
#include "tree/prop.h"
static struct net_args args;
static struct net_configure work;
static struct net_config config;
static uint64_t took; /* milliseconds */

static int configure(const char *text)
{
	uint64_t begun = deadline_ms();
	int rc;

	memset(&work, 0, sizeof(work));
	assert_int_equal(net_args_parse(text, &args), 0);
	assert_int_equal(netstack_open(&fake_network.nd), 0);
	work.args = &args;
	work.nd = &fake_network.nd;
	work.tries = 4;
	rc = net_configure(&work, &config);
	took = deadline_ms() - begun;
	netstack_close();
	return rc;
}

static void assert_addr(const struct net_addr *addr, const char *text)
{
	assert_string_equal(addr->version ? net_addr_text(addr) : "", text);
}

static void have_ipv6(void)
{
	assert_int_equal(net_addr_parse("fec0::5", 7, &world.ipv6.global), 0);
	assert_int_equal(net_addr_parse("fe80::5", 7, &world.ipv6.link_local),
			 0);
	assert_int_equal(net_addr_parse("fe80::2", 7, &world.ipv6.router), 0);
	world.ipv6.advertised = true;
}

static void dhcp_gives_all_that_a_load_needs(void **state)
{
	(void)state;
	world.file = "core.elf";
	assert_int_equal(configure(""), 0);
	assert_int_equal(config.version, 4);
	assert_addr(&config.address, "10.0.2.15");
	assert_addr(&world.own, "10.0.2.15");
	assert_addr(&world.mask, "255.255.255.0");
	assert_addr(&world.router, "10.0.2.2");
	assert_addr(&world.dns, "10.0.2.2");
	assert_addr(&config.server, "10.0.2.2");
	assert_string_equal(config.file, "core.elf");
	assert_true(fake_log_has("  Requesting information via DHCP: 0"));
	assert_true(fake_log_has(" done\r\n  Using IPv4 address: 10.0.2.15"));
	assert_true(took < 100);
}

static void grub_finds_the_servers_packet_in_chosen(void **state)
{
	const struct node *chosen = tree_find("/chosen");
	const uint8_t *packet;
	uint32_t len;

	(void)state;
	world.file = "core.elf";
	assert_int_equal(configure(""), 0);
	packet = tree_getprop(chosen, "dhcp-response", &len);
	assert_non_null(packet);
	assert_int_equal(len, 1720);
	assert_memory_equal(packet + 16, "\x0a\x00\x02\x0f", 4);
	assert_int_equal(configure("bootp"), 0);
	assert_null(tree_getprop(chosen, "dhcp-response", &len));
	assert_non_null(tree_getprop(chosen, "bootp-response", &len));
}

/* Switches that learn drop the first minute's packets; see dhcp4.h. */
static void without_a_server_the_reason_says_what_was_tried(void **state)
{
	(void)state;
	world.no_dhcp = true;
	fake_network.lost = 2;
	assert_int_equal(configure("dhcp"), ERR_TIMEOUT);
	assert_true(fake_log_has("E3001: (net) Could not get IP address: no "
				 "answer to 4 DHCP requests in "));
	assert_true(fake_log_has(" s, 0 frames received, 2 lost\r\n"));
	assert_true(fake_log_has("DHCPv4: 0123"));
}

static void ipv6_answers_when_ipv4_is_silent(void **state)
{
	(void)state;
	world.no_dhcp = true;
	world.url = "tftp://[fec0::2]/core.elf";
	have_ipv6();
	assert_int_equal(configure(""), 0);
	assert_int_equal(config.version, 6);
	assert_addr(&config.address, "fec0::5");
	assert_string_equal(config.file, "tftp://[fec0::2]/core.elf");
	assert_true(took > 900 && took < 1300);
}

static void ipv4_wins_if_both_answer(void **state)
{
	(void)state;
	world.file = "core.elf";
	world.url = "tftp://[fec0::2]/core.elf";
	have_ipv6();
	assert_int_equal(configure(""), 0);
	assert_int_equal(config.version, 4);
}

static void ipv6_wins_if_only_it_has_a_file(void **state)
{
	(void)state;
	world.url = "tftp://[fec0::2]/core.elf";
	have_ipv6();
	assert_int_equal(configure(""), 0);
	assert_int_equal(config.version, 6);
}

static void an_address_without_a_file_is_soon_enough(void **state)
{
	(void)state;
	assert_int_equal(configure(""), 0);
	assert_int_equal(config.version, 4);
	assert_string_equal(config.file, "");
	assert_true(took > 2900 && took < 3300);
}

static void keywords_choose_the_protocol(void **state)
{
	(void)state;
	world.file = "core.elf";
	world.url = "tftp://[fec0::2]/core.elf";
	have_ipv6();
	assert_int_equal(configure("ipv6"), 0);
	assert_int_equal(config.version, 6);
	assert_true(took < 100);
	world.url = NULL;
	assert_int_equal(configure("dhcp"), 0);
	assert_int_equal(config.version, 4);
	world.no_dhcp = true;
	assert_int_equal(configure("ipv6"), ERR_TIMEOUT);
	assert_true(fake_log_has("E3001"));
	assert_false(fake_log_has("router advertisement"));
	world.ipv6.advertised = false;
	assert_int_equal(configure("ipv6"), ERR_TIMEOUT);
	assert_true(fake_log_has(" s, no router advertisement, 0 frames "));
}

/* A router may take some seconds to answer. */
static void without_a_router_ipv6_has_only_a_link_local_address(void **state)
{
	(void)state;
	world.no_dhcp = true;
	world.url = "tftp://[fe80::2]/core.elf";
	assert_int_equal(net_addr_parse("fe80::5", 7, &world.ipv6.link_local),
			 0);
	assert_int_equal(configure("ipv6"), 0);
	assert_addr(&config.address, "fe80::5");
	assert_true(took >= 10000 && took < 10200);
}

/*
 * The second solicitation is sent when DHCPv6 stops to wait for a router: its
 * answer comes just before, with, or after that of the DHCPv6 server.
 */
static void a_late_router_decides_whose_address_is_taken(void **state)
{
	static const char *const addresses[] = { "fec0::5", "fec0::77" };

	(void)state;
	world.no_dhcp = true;
	world.url = "tftp://[fec0::2]/core.elf";
	assert_int_equal(net_addr_parse("fec0::77", 8, &world.lease6), 0);
	have_ipv6();
	for (unsigned i = 0; i < 2 * 700; i++) {
		world.ipv6_later = world.ipv6;
		world.ipv6_later.advertised = true;
		world.ipv6_later.managed = i % 2;
		memset(&world.ipv6, 0, sizeof(world.ipv6));
		world.turns_to_router = 1 + i / 2;
		assert_int_equal(configure("ipv6"), 0);
		assert_addr(&config.address, addresses[i % 2]);
		assert_string_equal(config.file, world.url);
		assert_true(took < 10u * (i / 2) + 100);
	}
}

/* An answer of the other version would not lead to them. */
static void addresses_in_arguments_choose_the_version(void **state)
{
	(void)state;
	world.url = "tftp://[fec0::2]/core.elf";
	have_ipv6();
	assert_int_equal(configure("[fec0::2],core.elf"), 0);
	assert_int_equal(config.version, 6);
	assert_int_equal(configure("http://[fec0::2]/core.elf"), 0);
	assert_int_equal(config.version, 6);
	world.url = NULL;
	assert_int_equal(configure("http://[fec0::2]/core.elf"), 0);
	assert_addr(&config.address, "fec0::5");
	assert_true(took < 100);
	world.url = "tftp://[fec0::2]/core.elf";
	world.no_dhcp = true;
	assert_int_equal(configure("http://name/core.elf"), 0);
	assert_int_equal(config.version, 6);
	assert_int_equal(configure("10.0.2.2,core.elf"), ERR_TIMEOUT);
	assert_int_equal(configure("http://10.0.2.2/core.elf"), ERR_TIMEOUT);
	assert_int_equal(configure(",,10.0.2.15"), ERR_TIMEOUT);
}

static void arguments_have_precedence_over_the_server(void **state)
{
	(void)state;
	world.file = "core.elf";
	assert_int_equal(configure("10.0.0.9,mine,,10.0.0.1,,,255.0.0.0"), 0);
	assert_addr(&config.server, "10.0.0.9");
	assert_addr(&world.router, "10.0.0.1");
	assert_addr(&world.mask, "255.0.0.0");
	assert_string_equal(config.file, "mine");
}

static void all_arguments_ask_no_server(void **state)
{
	(void)state;
	world.no_dhcp = true;
	assert_int_equal(configure("10.0.2.2,core.elf,10.0.2.15"), 0);
	assert_addr(&world.own, "10.0.2.15");
	assert_addr(&world.mask, "255.0.0.0");
	assert_false(fake_log_has("Requesting information"));
	assert_int_equal(configure("10.0.2.2,core.elf,192.168.0.1"), 0);
	assert_addr(&world.mask, "255.255.255.0");
	assert_int_equal(configure("10.0.2.2,core.elf,172.16.0.1"), 0);
	assert_addr(&world.mask, "255.255.0.0");
}

static void esc_ends_it_without_an_error_message(void **state)
{
	(void)state;
	world.no_dhcp = true;
	world.turns_to_key = 50;
	assert_int_equal(configure(""), ERR_ABORT);
	assert_false(fake_log_has("E3001"));
	assert_true(took < 700);
}

static void a_smaller_mtu_of_the_server_is_used(void **state)
{
	(void)state;
	world.file = "core.elf";
	world.options = "\x1a\x02\x05\x14";
	world.options_len = 4;
	assert_int_equal(configure(""), 0);
	assert_int_equal(world.mtu, 1300);
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(dhcp_gives_all_that_a_load_needs),
		T(grub_finds_the_servers_packet_in_chosen),
		T(without_a_server_the_reason_says_what_was_tried),
		T(ipv6_answers_when_ipv4_is_silent),
		T(ipv4_wins_if_both_answer),
		T(ipv6_wins_if_only_it_has_a_file),
		T(an_address_without_a_file_is_soon_enough),
		T(keywords_choose_the_protocol),
		T(without_a_router_ipv6_has_only_a_link_local_address),
		T(a_late_router_decides_whose_address_is_taken),
		T(addresses_in_arguments_choose_the_version),
		T(arguments_have_precedence_over_the_server),
		T(all_arguments_ask_no_server),
		T(esc_ends_it_without_an_error_message),
		T(a_smaller_mtu_of_the_server_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// Names to addresses: good, bad and hostile answers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/netstack.h"

#define DNS_PORT 53u
#define TYPE_A 1u
#define TYPE_CNAME 5u
#define TYPE_AAAA 28u

static struct net_addr addr;

static int set_up(void **state)
{
	struct net_addr server = net_addr_v4(FAKE_PEER);

	(void)state;
	fake_netstack_configure();
	netstack_add_dns(&server);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_netstack_close();
	return 0;
}

/* A response that is being built. */
static uint8_t response[600];
static size_t response_len;
static uint16_t client_port;

/* Begin with our query: its number, its question. */
static void respond(uint16_t flags, uint16_t answers)
{
	size_t len;
	const uint8_t *query = fake_netstack_sent(PACKET_UDP, &len);

	assert_non_null(query);
	assert_int_equal(be16_load(query + 2), DNS_PORT);
	client_port = be16_load(query);
	response_len = len - 8;
	memcpy(response, query + 8, response_len);
	be16_store(response + 2, flags);
	be16_store(response + 6, answers);
}

/* Add a record for the name of the question. */
static void record(uint16_t type, uint32_t ttl, const void *data, uint16_t len)
{
	uint8_t *at = response + response_len;

	be16_store(at, 0xc00c);
	be16_store(at + 2, type);
	be16_store(at + 4, 1);
	be32_store(at + 6, ttl);
	be16_store(at + 10, len);
	memcpy(at + 12, data, len);
	response_len += 12u + len;
}

static void arrives(void)
{
	fake_netstack_udp(DNS_PORT, client_port, response, response_len);
}

static int ask(unsigned version)
{
	return netstack_resolve("server.lan", version, &addr);
}

static void a_name_has_an_address(void **state)
{
	(void)state;
	assert_int_equal(ask(4), ERR_AGAIN);
	assert_int_equal(ask(4), ERR_AGAIN);
	assert_int_equal(fake_netstack_count(), 1);
	respond(0x8180, 1);
	record(TYPE_A, 300, "\x0a\0\2\x42", 4);
	arrives();
	assert_int_equal(ask(4), 0);
	assert_string_equal(net_addr_text(&addr), "10.0.2.66");
	/* From memory now. */
	assert_int_equal(ask(4), 0);
	assert_int_equal(fake_netstack_count(), 1);
}

static void version_4_comes_first_and_then_6(void **state)
{
	static const uint8_t aaaa[16] = { 0x20, 1, [15] = 9 };

	(void)state;
	assert_int_equal(ask(0), ERR_AGAIN);
	respond(0x8180, 0);
	arrives();
	assert_int_equal(ask(0), ERR_AGAIN);
	respond(0x8180, 1);
	record(TYPE_AAAA, 300, aaaa, 16);
	arrives();
	assert_int_equal(ask(0), 0);
	assert_string_equal(net_addr_text(&addr), "2001::9");
}

static void an_unknown_name_is_said_to_be_so(void **state)
{
	(void)state;
	assert_int_equal(ask(4), ERR_AGAIN);
	respond(0x8183, 0);
	arrives();
	assert_int_equal(ask(4), ERR_NOENT);
	assert_non_null(strstr(reason(), "\"server.lan\""));
	/* The next call asks again. */
	fake_netstack_forget();
	assert_int_equal(ask(4), ERR_AGAIN);
	assert_int_equal(fake_netstack_count(), 1);
}

static void a_silent_server_ends_the_query(void **state)
{
	int rc = ERR_AGAIN;

	(void)state;
	for (unsigned s = 0; s < 30 && rc == ERR_AGAIN; s++) {
		rc = ask(4);
		fake_netstack_pass(1000);
	}
	assert_int_equal(rc, ERR_NOENT);
	assert_in_range(fake_netstack_count(), 3, 10);
}

/* For this query it counts; it is not remembered. */
static void an_address_may_be_out_of_date_at_once(void **state)
{
	(void)state;
	assert_int_equal(ask(4), ERR_AGAIN);
	respond(0x8180, 1);
	record(TYPE_A, 0, "\x0a\0\2\x42", 4);
	arrives();
	assert_int_equal(ask(4), 0);
	assert_string_equal(net_addr_text(&addr), "10.0.2.66");
}

static void a_name_that_is_an_address_needs_no_server(void **state)
{
	(void)state;
	assert_int_equal(netstack_resolve("10.1.2.3", 4, &addr), 0);
	assert_string_equal(net_addr_text(&addr), "10.1.2.3");
	assert_int_equal(fake_netstack_count(), 0);
}

static void names_that_are_too_long_are_refused(void **state)
{
	char name[600];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(netstack_resolve(name, 4, &addr), ERR_NOENT);
	name[255] = '\0';
	(void)!netstack_resolve(name, 4, &addr);
	assert_int_equal(netstack_resolve("", 4, &addr), ERR_NOENT);
}

static void only_four_servers_are_kept_and_each_once(void **state)
{
	struct net_addr none = { 0 };

	(void)state;
	netstack_add_dns(&none);
	for (uint32_t i = 0; i < 10; i++) {
		struct net_addr server = net_addr_v4(FAKE_PEER + i / 2);

		netstack_add_dns(&server);
	}
	a_name_has_an_address(state);
}

/* What must not be taken for the answer; the query goes on. */
static void still_asking(void)
{
	arrives();
	assert_int_equal(ask(4), ERR_AGAIN);
}

static void answers_to_other_queries_are_ignored(void **state)
{
	struct net_addr other = net_addr_v4(FAKE_PEER + 1);
	struct net_addr own = net_addr_v4(FAKE_OWN);
	uint8_t datagram[8 + sizeof(response)] = { 0 };

	(void)state;
	assert_int_equal(ask(4), ERR_AGAIN);
	respond(0x8180, 1);
	record(TYPE_A, 300, "\x0a\0\2\x42", 4);
	response[0] ^= 1; /* the number */
	still_asking();
	response[0] ^= 1;
	response[13] ^= 1; /* the name */
	still_asking();
	response[13] ^= 1;
	client_port ^= 1;
	still_asking();
	client_port ^= 1;
	/* From another host. */
	be16_store(datagram, DNS_PORT);
	be16_store(datagram + 2, client_port);
	memcpy(datagram + 8, response, response_len);
	fake_netstack_send(&other, &own, PACKET_UDP, datagram,
			   8 + response_len);
	assert_int_equal(ask(4), ERR_AGAIN);
	arrives();
	assert_int_equal(ask(4), 0);
}

static void a_late_answer_is_not_that_of_the_next_query(void **state)
{
	(void)state;
	assert_int_equal(ask(4), ERR_AGAIN);
	respond(0x8180, 1);
	record(TYPE_A, 300, "\x0a\0\2\x42", 4);
	assert_int_equal(netstack_resolve("other.lan", 4, &addr), ERR_AGAIN);
	arrives();
	assert_int_equal(netstack_resolve("other.lan", 4, &addr), ERR_AGAIN);
}

static void hostile_answers_do_no_harm(void **state)
{
	(void)state;
	assert_int_equal(ask(4), ERR_AGAIN);
	/* Far more answers than there are. */
	respond(0x8180, 0xffff);
	record(TYPE_CNAME, 1, "\xc0\x0c", 2);
	arrives();
	/* A name that points to itself, and past the end. */
	for (unsigned at = 0; at < 0x400; at += 3) {
		(void)!ask(4);
		respond(0x8180, 1);
		be16_store(response + response_len, (uint16_t)(0xc000 | at));
		response_len += 2;
		arrives();
	}
	/* Cut anywhere. */
	for (size_t cut = 0; cut < 44; cut++) {
		(void)!ask(4);
		respond(0x8180, 1);
		record(TYPE_A, 0, "\x0a\0\2\x42", 4);
		response_len = MIN(response_len, cut);
		arrives();
		assert_true(ask(4) != 0);
	}
}

static void addresses_of_another_length_are_no_addresses(void **state)
{
	static const uint8_t aaaa[16];

	(void)state;
	assert_int_equal(ask(6), ERR_AGAIN);
	respond(0x8180, 1);
	record(TYPE_AAAA, 300, aaaa, 15);
	arrives();
	assert_int_not_equal(ask(6), 0);
	(void)!ask(4);
	respond(0x8180, 1);
	record(TYPE_A, 300, aaaa, 3);
	arrives();
	assert_int_not_equal(ask(4), 0);
}

static void an_alias_is_followed(void **state)
{
	(void)state;
	assert_int_equal(ask(4), ERR_AGAIN);
	respond(0x8180, 2);
	record(TYPE_CNAME, 300, "\1b\xc0\x13", 4);
	record(TYPE_A, 0, "\x0a\0\2\x43", 4);
	arrives();
	assert_int_equal(ask(4), 0);
	assert_string_equal(net_addr_text(&addr), "10.0.2.67");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_address_may_be_out_of_date_at_once, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_name_has_an_address, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			version_4_comes_first_and_then_6, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_unknown_name_is_said_to_be_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_silent_server_ends_the_query,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_name_that_is_an_address_needs_no_server, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			names_that_are_too_long_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			only_four_servers_are_kept_and_each_once, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			answers_to_other_queries_are_ignored, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_late_answer_is_not_that_of_the_next_query, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(hostile_answers_do_no_harm,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			addresses_of_another_length_are_no_addresses, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(an_alias_is_followed, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

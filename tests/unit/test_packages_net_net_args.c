// SPDX-License-Identifier: BSD-2-Clause
// A card's arguments, as users, tools and boot loaders write them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/net_args.h"

/* What is left out is not given. */
struct expected {
	enum net_protocol protocol;
	const char *server, *file, *client, *router;
	unsigned dhcp_tries, tftp_tries;
	const char *mask;
	unsigned block_size;
	const char *server_name;
};

/* A copy of the exact length, so that ASan sees each byte too many. */
static int parse(const char *text, struct net_args *args)
{
	char *copy = strdup(text);
	int err = net_args_parse(copy, args);

	free(copy);
	return err;
}

static void expect_address(const struct net_addr *addr, const char *text)
{
	if (text)
		assert_string_equal(net_addr_text(addr), text);
	else
		assert_int_equal(addr->version, 0);
}

static void expect(const char *text, struct expected want)
{
	struct net_args args;

	memset(&args, 0xa5, sizeof(args));
	assert_int_equal(parse(text, &args), 0);
	assert_int_equal(args.protocol, want.protocol);
	expect_address(&args.server, want.server);
	expect_address(&args.client, want.client);
	expect_address(&args.router, want.router);
	expect_address(&args.mask, want.mask);
	assert_string_equal(args.file, want.file ? want.file : "");
	assert_string_equal(args.server_name,
			    want.server_name ? want.server_name : "");
	assert_int_equal(args.dhcp_tries, want.dhcp_tries);
	assert_int_equal(args.tftp_tries, want.tftp_tries);
	assert_int_equal(args.block_size, want.block_size);
}

static void expect_nothing(const char *text)
{
	expect(text, (struct expected){ .protocol = NET_ANY });
}

static void expect_bad(const char *text, const char *why)
{
	struct net_args args;

	assert_int_equal(parse(text, &args), ERR_INVAL);
	if (!strstr(reason(), why))
		fail_msg("reason: %s", reason());
}

static void without_arguments_all_comes_from_dhcp(void **state)
{
	(void)state;
	expect_nothing("");
	expect_nothing(",");
	expect_nothing(",,,,,,,");
	expect_nothing(",,,,,,,,,,,,");
}

static void slof_names_the_protocol_first(void **state)
{
	(void)state;
	expect("dhcp", (struct expected){ .protocol = NET_DHCP });
	expect("bootp", (struct expected){ .protocol = NET_BOOTP });
	expect("ipv6", (struct expected){ .protocol = NET_IPV6 });
	expect("BootP,", (struct expected){ .protocol = NET_BOOTP });
	expect("ipv6,fec0::2,core.elf",
	       (struct expected){ .protocol = NET_IPV6,
				  .server = "fec0::2",
				  .file = "core.elf" });
}

static void slof_names_server_file_client_router_and_retries(void **state)
{
	(void)state;
	expect("dhcp,10.0.2.2,\\boot\\grub\\core.elf,10.0.2.15,10.0.2.1,5,20",
	       (struct expected){ .protocol = NET_DHCP,
				  .server = "10.0.2.2",
				  .file = "/boot/grub/core.elf",
				  .client = "10.0.2.15",
				  .router = "10.0.2.1",
				  .dhcp_tries = 5,
				  .tftp_tries = 20 });
}

static void slof_may_leave_out_any_item(void **state)
{
	(void)state;
	expect("10.0.2.2", (struct expected){ .server = "10.0.2.2" });
	expect(",vmlinux", (struct expected){ .file = "vmlinux" });
	expect("bootp,,vmlinux",
	       (struct expected){ .protocol = NET_BOOTP, .file = "vmlinux" });
	expect(",,10.0.2.15", (struct expected){ .client = "10.0.2.15" });
	expect(",,,10.0.2.1", (struct expected){ .router = "10.0.2.1" });
	expect(",,,,,9", (struct expected){ .tftp_tries = 9 });
	expect(",,,,,,,65464", (struct expected){ .block_size = 65464 });
}

static void lopar_adds_mask_and_block_size(void **state)
{
	(void)state;
	expect("10.0.0.1,vmlinux,10.0.3.5,10.0.0.254,3,4,255.255.252.0,1024",
	       (struct expected){ .server = "10.0.0.1",
				  .file = "vmlinux",
				  .client = "10.0.3.5",
				  .router = "10.0.0.254",
				  .dhcp_tries = 3,
				  .tftp_tries = 4,
				  .mask = "255.255.252.0",
				  .block_size = 1024 });
}

static void the_power_vm_boot_list_leaves_all_addresses_zero(void **state)
{
	(void)state;
	expect("speed=auto,duplex=auto,000.000.000.000,,000.000.000.000,"
	       "000.000.000.000,5,5,000.000.000.000,512",
	       (struct expected){
		       .dhcp_tries = 5, .tftp_tries = 5, .block_size = 512 });
}

static void the_power_vm_boot_list_has_octets_with_leading_zeros(void **state)
{
	(void)state;
	expect("speed=auto,duplex=auto,010.000.002.002,,010.000.002.015,"
	       "010.000.002.001,5,5,255.255.255.000,512",
	       (struct expected){ .server = "10.0.2.2",
				  .client = "10.0.2.15",
				  .router = "10.0.2.1",
				  .dhcp_tries = 5,
				  .tftp_tries = 5,
				  .mask = "255.255.255.0",
				  .block_size = 512 });
}

static void powerpc_utils_bootlist_writes_short_zeros(void **state)
{
	(void)state;
	expect_nothing("speed=auto,duplex=auto,0.0.0.0,,0.0.0.0,0.0.0.0");
}

static void powerpc_utils_bootlist_writes_what_it_was_told(void **state)
{
	(void)state;
	expect("speed=100,duplex=full,192.168.1.1,,192.168.1.9,192.168.1.254",
	       (struct expected){ .server = "192.168.1.1",
				  .client = "192.168.1.9",
				  .router = "192.168.1.254" });
}

static void nim_boots_by_bootp_from_a_given_server(void **state)
{
	(void)state;
	expect("speed=auto,duplex=auto,bootp,9.3.4.5,,9.3.4.6,9.3.4.1",
	       (struct expected){ .protocol = NET_BOOTP,
				  .server = "9.3.4.5",
				  .client = "9.3.4.6",
				  .router = "9.3.4.1" });
	expect("bootp,9.3.4.5,,9.3.4.6,9.3.4.1",
	       (struct expected){ .protocol = NET_BOOTP,
				  .server = "9.3.4.5",
				  .client = "9.3.4.6",
				  .router = "9.3.4.1" });
}

static void grub_opens_a_card_with_dummy_arguments(void **state)
{
	(void)state;
	expect("speed=auto,duplex=auto,1.1.1.1,dummy,1.1.1.1,1.1.1.1,5,5,"
	       "1.1.1.1,512",
	       (struct expected){ .server = "1.1.1.1",
				  .file = "dummy",
				  .client = "1.1.1.1",
				  .router = "1.1.1.1",
				  .dhcp_tries = 5,
				  .tftp_tries = 5,
				  .mask = "1.1.1.1",
				  .block_size = 512 });
}

static void yaboot_asks_the_boot_server_for_its_file(void **state)
{
	(void)state;
	expect("10.0.2.2,yaboot.conf,10.0.2.15,10.0.2.1",
	       (struct expected){ .server = "10.0.2.2",
				  .file = "yaboot.conf",
				  .client = "10.0.2.15",
				  .router = "10.0.2.1" });
}

static void kola_boots_the_file_that_grub_mknetdir_makes(void **state)
{
	(void)state;
	expect("192.168.76.2,/boot/grub2/powerpc-ieee1275/core.elf",
	       (struct expected){
		       .server = "192.168.76.2",
		       .file = "/boot/grub2/powerpc-ieee1275/core.elf" });
}

static void options_are_skipped_wherever_they_are(void **state)
{
	(void)state;
	expect("promiscuous,dhcp,speed=auto,10.0.2.2,vtag=100,x,duplex=half",
	       (struct expected){ .protocol = NET_DHCP,
				  .server = "10.0.2.2",
				  .file = "x" });
	expect("Promiscuous", (struct expected){ .protocol = NET_ANY });
}

static void a_url_alone_is_the_file(void **state)
{
	(void)state;
	expect("http://10.0.2.2:8000/core.elf",
	       (struct expected){ .file = "http://10.0.2.2:8000/core.elf" });
	expect("http:\\\\10.0.2.2\\core.elf",
	       (struct expected){ .file = "http://10.0.2.2/core.elf" });
	expect("http://[fec0::2]/a?b=c",
	       (struct expected){ .file = "http://[fec0::2]/a?b=c" });
	expect("ipv6,tftp://[fec0::2]/a;mode=octet",
	       (struct expected){ .protocol = NET_IPV6,
				  .file = "tftp://[fec0::2]/a;mode=octet" });
}

static void the_items_after_a_url_keep_their_places(void **state)
{
	(void)state;
	expect("http://h/f,,10.0.2.15,10.0.2.1,,,255.0.0.0",
	       (struct expected){ .file = "http://h/f",
				  .client = "10.0.2.15",
				  .router = "10.0.2.1",
				  .mask = "255.0.0.0" });
	expect(",http://h/f", (struct expected){ .file = "http://h/f" });
}

static void a_path_alone_is_the_file(void **state)
{
	(void)state;
	expect("\\vmlinux", (struct expected){ .file = "/vmlinux" });
	expect("dhcp,boot/vmlinux",
	       (struct expected){ .protocol = NET_DHCP,
				  .file = "boot/vmlinux" });
}

static void the_server_may_be_a_name(void **state)
{
	(void)state;
	expect("boot-server_1.example.org,f",
	       (struct expected){ .server_name = "boot-server_1.example.org",
				  .file = "f" });
	expect("dhcp,dhcp", (struct expected){ .protocol = NET_DHCP,
					       .server_name = "dhcp" });
}

static void unspecified_ipv6_addresses_are_not_given(void **state)
{
	(void)state;
	expect("ipv6,::,f,::",
	       (struct expected){ .protocol = NET_IPV6, .file = "f" });
	expect("ipv6,fec0::2,f,fec0::5",
	       (struct expected){ .protocol = NET_IPV6,
				  .server = "fec0::2",
				  .file = "f",
				  .client = "fec0::5" });
}

static void rarp_and_iscsi_are_not_supported(void **state)
{
	struct net_args args;

	(void)state;
	assert_int_equal(parse("rarp,,f", &args), ERR_NOTSUP);
	assert_string_equal(reason(), "\"rarp\": not supported");
	assert_int_equal(parse("promiscuous,iscsi,x", &args), ERR_NOTSUP);
	assert_string_equal(reason(), "\"iscsi\": not supported");
}

static void malformed_items_are_named(void **state)
{
	(void)state;
	expect_bad(",,here", "\"here\": not a client's address");
	expect_bad(",,,1.2.3", "\"1.2.3\": not a router's address");
	expect_bad(",,,,many", "\"many\": not a number of DHCP requests");
	expect_bad(",,,,,-1", "\"-1\": not a number of TFTP requests");
	expect_bad(",,,,,,24", "\"24\": not a subnet mask");
	expect_bad(",,,,,,,65465", "\"65465\": not a block size");
	expect_bad(",,,,99999999999999999999999", "not a number");
	expect_bad(",,,,,,,512,x", "\"x\": one argument too many");
	expect_bad("http://h/f,g", "\"g\": a second file");
}

static char *repeat(char c, size_t count)
{
	char *text = malloc(count + 1);

	memset(text, c, count);
	text[count] = '\0';
	return text;
}

static void long_items_are_refused_not_cut(void **state)
{
	static const struct {
		char first;
		size_t most;
	} items[] = { { 'a', 255 }, { '/', 1023 } };
	struct net_args args;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		char *text = repeat('a', items[i].most + 1);

		text[0] = items[i].first;
		expect_bad(text, "too long");
		text[items[i].most] = '\0';
		assert_int_equal(parse(text, &args), 0);
		assert_string_equal(i ? args.file : args.server_name, text);
		free(text);
	}
}

static void every_prefix_of_a_boot_list_entry_ends_well(void **state)
{
	static const char entry[] =
		"speed=auto,duplex=auto,bootp,010.000.002.002,\\boot\\x,"
		"010.000.002.015,010.000.002.001,5,5,255.255.255.000,512";
	struct net_args args;

	(void)state;
	for (size_t len = 0; len < sizeof(entry); len++) {
		char *text = strndup(entry, len);
		int err = parse(text, &args);

		assert_true(err == 0 || err == ERR_INVAL);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_arguments_all_comes_from_dhcp),
		cmocka_unit_test(slof_names_the_protocol_first),
		cmocka_unit_test(
			slof_names_server_file_client_router_and_retries),
		cmocka_unit_test(slof_may_leave_out_any_item),
		cmocka_unit_test(lopar_adds_mask_and_block_size),
		cmocka_unit_test(
			the_power_vm_boot_list_leaves_all_addresses_zero),
		cmocka_unit_test(
			the_power_vm_boot_list_has_octets_with_leading_zeros),
		cmocka_unit_test(powerpc_utils_bootlist_writes_short_zeros),
		cmocka_unit_test(
			powerpc_utils_bootlist_writes_what_it_was_told),
		cmocka_unit_test(nim_boots_by_bootp_from_a_given_server),
		cmocka_unit_test(grub_opens_a_card_with_dummy_arguments),
		cmocka_unit_test(yaboot_asks_the_boot_server_for_its_file),
		cmocka_unit_test(kola_boots_the_file_that_grub_mknetdir_makes),
		cmocka_unit_test(options_are_skipped_wherever_they_are),
		cmocka_unit_test(a_url_alone_is_the_file),
		cmocka_unit_test(the_items_after_a_url_keep_their_places),
		cmocka_unit_test(a_path_alone_is_the_file),
		cmocka_unit_test(the_server_may_be_a_name),
		cmocka_unit_test(unspecified_ipv6_addresses_are_not_given),
		cmocka_unit_test(rarp_and_iscsi_are_not_supported),
		cmocka_unit_test(malformed_items_are_named),
		cmocka_unit_test(long_items_are_refused_not_cut),
		cmocka_unit_test(every_prefix_of_a_boot_list_entry_ends_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// The names of pxelinux's files, paths in them, and what IPAPPEND adds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packages/net/pxelinux.h"

static const uint8_t uuid[16] = { 0xb8, 0x94, 0x5f, 0x08, 0x12, 0x34,
				  0x4c, 0x56, 0x9a, 0xbc, 0xde, 0xf0,
				  0x01, 0x02, 0x03, 0x04 };

static struct net_addr address(const char *text)
{
	struct net_addr addr = { 0 };

	assert_int_equal(net_addr_parse(text, strlen(text), &addr), 0);
	return addr;
}

static void expect_prefix(const char *path_prefix, const char *file,
			  const char *prefix)
{
	char buf[PXELINUX_PATH];

	pxelinux_prefix(path_prefix, file, buf);
	assert_string_equal(buf, prefix);
}

static void option_210_is_the_prefix_as_it_is(void **state)
{
	(void)state;
	expect_prefix("ppc64el/", "x/y", "ppc64el/");
	expect_prefix("/tftpboot/p", "", "/tftpboot/p");
	expect_prefix("http://h/p/", "x/y", "http://h/p/");
}

static void without_option_210_it_is_the_folder_of_the_boot_file(void **state)
{
	(void)state;
	expect_prefix("", "a/b/pxelinux.0", "a/b/");
	expect_prefix("", "/pxelinux.0", "/");
	expect_prefix("", "pxelinux.0", "");
	expect_prefix("", "a/", "a/");
	expect_prefix("", "", "");
	expect_prefix("", "http://h/a/b", "http://h/a/");
}

static void slof_wants_the_folder_pxelinux_cfg_in_option_210(void **state)
{
	(void)state;
	expect_prefix("a/pxelinux.cfg/", "", "a/");
	expect_prefix("pxelinux.cfg/", "", "");
	expect_prefix("", "a/pxelinux.cfg/", "a/");
	expect_prefix("xelinux.cfg/", "", "xelinux.cfg/");
}

static void a_long_prefix_fits(void **state)
{
	char file[PXELINUX_PATH];

	(void)state;
	memset(file, '/', sizeof(file));
	file[sizeof(file) - 1] = '\0';
	expect_prefix("", file, file);
	expect_prefix(file, "", file);
}

static void expect_names(const struct pxelinux_names *names,
			 const char *const *expected, size_t count)
{
	char buf[PXELINUX_PATH];

	for (unsigned i = 0; i < count; i++) {
		assert_true(pxelinux_name(names, i, buf));
		assert_string_equal(buf, expected[i]);
	}
	assert_false(pxelinux_name(names, (unsigned)count, buf));
	assert_false(pxelinux_name(names, UINT32_MAX, buf));
}

static void names_are_tried_in_the_order_of_pxelinux(void **state)
{
	static const char *const expected[] = {
		"p/extra",
		"p/pxelinux.cfg/b8945f08-1234-4c56-9abc-def001020304",
		"p/pxelinux.cfg/01-52-54-00-0a-bc-ff",
		"p/pxelinux.cfg/0A00020F",
		"p/pxelinux.cfg/0A00020",
		"p/pxelinux.cfg/0A0002",
		"p/pxelinux.cfg/0A000",
		"p/pxelinux.cfg/0A00",
		"p/pxelinux.cfg/0A0",
		"p/pxelinux.cfg/0A",
		"p/pxelinux.cfg/0",
		"p/pxelinux.cfg/default",
	};
	const struct pxelinux_names names = {
		.config_file = "extra",
		.prefix = "p/",
		.uuid = uuid,
		.mac = { 0x52, 0x54, 0x00, 0x0a, 0xbc, 0xff },
		.address = address("10.0.2.15"),
	};

	(void)state;
	expect_names(&names, expected, ARRAY_SIZE(expected));
}

static void what_is_not_known_has_no_name(void **state)
{
	static const char *const expected[] = {
		"pxelinux.cfg/01-00-00-00-00-00-00",
		"pxelinux.cfg/default",
	};
	struct pxelinux_names names = { .config_file = "", .prefix = "" };

	(void)state;
	expect_names(&names, expected, ARRAY_SIZE(expected));
	names.address = address("fec0::2");
	expect_names(&names, expected, ARRAY_SIZE(expected));
}

static void option_209_may_be_a_url_as_xcat_gives(void **state)
{
	const struct pxelinux_names names = {
		.config_file = "http://10.3.5.21/tftpboot/petitboot/node1",
		.prefix = "p/",
	};
	char buf[PXELINUX_PATH];

	(void)state;
	assert_true(pxelinux_name(&names, 0, buf));
	assert_string_equal(buf, names.config_file);
}

static void names_that_do_not_fit_are_left_out(void **state)
{
	char prefix[PXELINUX_PATH], buf[PXELINUX_PATH];
	const struct pxelinux_names names = { .config_file = "x",
					      .prefix = prefix,
					      .uuid = uuid };

	(void)state;
	memset(prefix, 'p', sizeof(prefix));
	/* Room for "pxelinux.cfg/default" and a NUL. */
	prefix[sizeof(prefix) - 21] = '\0';
	assert_true(pxelinux_name(&names, 0, buf));
	assert_string_equal(buf + sizeof(prefix) - 21, "x");
	assert_true(pxelinux_name(&names, 1, buf));
	assert_string_equal(buf + sizeof(prefix) - 21, "pxelinux.cfg/default");
	assert_false(pxelinux_name(&names, 2, buf));
	prefix[sizeof(prefix) - 21] = 'p';
	prefix[sizeof(prefix) - 1] = '\0';
	assert_false(pxelinux_name(&names, 0, buf));
}

static void expect_path(const char *prefix, const char *path, const char *full)
{
	char *buf = malloc(strlen(full) + 1);

	assert_int_equal(pxelinux_path(prefix, path, buf, strlen(full)),
			 ERR_NOSPACE);
	assert_int_equal(pxelinux_path(prefix, path, buf, strlen(full) + 1), 0);
	assert_string_equal(buf, full);
	free(buf);
}

static void a_path_is_relative_to_the_prefix(void **state)
{
	(void)state;
	expect_path("p/", "a/b", "p/a/b");
	expect_path("", "a", "a");
	expect_path("http://h:8000/p/", "a", "http://h:8000/p/a");
}

static void an_absolute_path_is_on_the_server_of_the_prefix(void **state)
{
	(void)state;
	expect_path("p/", "/a", "/a");
	expect_path("http://h:8000/p/", "/a", "http://h:8000/a");
	expect_path("http://h", "/a", "http://h/a");
	expect_path("tftp://[fec0::2]/p/", "/a", "tftp://[fec0::2]/a");
}

static void two_colons_leave_the_prefix_out(void **state)
{
	(void)state;
	expect_path("p/", "::a/b", "a/b");
	expect_path("p/", "::/a", "/a");
}

static void a_host_before_two_colons_is_asked_by_tftp(void **state)
{
	(void)state;
	expect_path("p/", "10.0.2.2::a/b", "tftp://10.0.2.2/a/b");
	expect_path("p/", "server::/a", "tftp://server//a");
	expect_path("p/", "[fec0::2]::a", "tftp://[fec0::2]/a");
}

static void colons_in_a_name_are_no_host(void **state)
{
	(void)state;
	expect_path("p/", "a/b::c", "p/a/b::c");
	expect_path("p/", "a:b", "p/a:b");
	expect_path("p/", "[a", "p/[a");
	expect_path("p/", "[a]", "p/[a]");
}

static void a_url_is_itself(void **state)
{
	(void)state;
	expect_path("p/", "http://h/a", "http://h/a");
	expect_path("http://h/p/", "tftp://h2/a", "tftp://h2/a");
}

/* The longest facts. */
static struct pxelinux_facts facts(void)
{
	return (struct pxelinux_facts){
		.client = address("192.168.100.101"),
		.server = address("192.168.100.102"),
		.router = address("192.168.100.103"),
		.mask = address("255.255.255.128"),
		.mac = { 0x52, 0x54, 0x00, 0x0a, 0xbc, 0xff },
		.uuid = uuid,
	};
}

static void expect_args(const char *append, unsigned ipappend,
			const struct pxelinux_facts *known, const char *args)
{
	struct pxelinux *px = calloc(1, sizeof(*px));
	char *buf = malloc(strlen(args) + 1);

	strcpy(px->append, append);
	px->ipappend = ipappend;
	for (size_t size = 1; size <= strlen(args); size++)
		assert_int_equal(pxelinux_args(px, known, buf, size),
				 ERR_NOSPACE);
	assert_int_equal(pxelinux_args(px, known, buf, strlen(args) + 1), 0);
	assert_string_equal(buf, args);
	free(buf);
	free(px);
}

static void each_bit_of_ipappend_adds_an_argument(void **state)
{
	const struct pxelinux_facts all = facts();

	(void)state;
	expect_args("ro", 0, &all, "ro");
	expect_args("ro", 1, &all,
		    "ro ip=192.168.100.101:192.168.100.102:192.168.100.103:"
		    "255.255.255.128");
	expect_args("ro", 2, &all, "ro BOOTIF=01-52-54-00-0a-bc-ff");
	expect_args("ro", 4, &all,
		    "ro SYSUUID=b8945f08-1234-4c56-9abc-def001020304");
	expect_args("", 0x1fff8, &all, "");
	expect_args("", 7, &all,
		    "ip=192.168.100.101:192.168.100.102:192.168.100.103:"
		    "255.255.255.128 BOOTIF=01-52-54-00-0a-bc-ff "
		    "SYSUUID=b8945f08-1234-4c56-9abc-def001020304");
}

static void what_is_not_known_is_left_out(void **state)
{
	struct pxelinux_facts some = facts();

	(void)state;
	some.router = (struct net_addr){ 0 };
	some.uuid = NULL;
	expect_args("ro", 5, &some,
		    "ro ip=192.168.100.101:192.168.100.102::255.255.255.128");
	some.client = address("fec0::2");
	expect_args("ro", 5, &some, "ro");
	some.client = address("10.0.2.15");
	some.server = address("fec0::2");
	expect_args("ro", 1, &some, "ro ip=10.0.2.15:::255.255.255.128");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(option_210_is_the_prefix_as_it_is),
		cmocka_unit_test(
			without_option_210_it_is_the_folder_of_the_boot_file),
		cmocka_unit_test(
			slof_wants_the_folder_pxelinux_cfg_in_option_210),
		cmocka_unit_test(a_long_prefix_fits),
		cmocka_unit_test(names_are_tried_in_the_order_of_pxelinux),
		cmocka_unit_test(what_is_not_known_has_no_name),
		cmocka_unit_test(option_209_may_be_a_url_as_xcat_gives),
		cmocka_unit_test(names_that_do_not_fit_are_left_out),
		cmocka_unit_test(a_path_is_relative_to_the_prefix),
		cmocka_unit_test(
			an_absolute_path_is_on_the_server_of_the_prefix),
		cmocka_unit_test(two_colons_leave_the_prefix_out),
		cmocka_unit_test(a_host_before_two_colons_is_asked_by_tftp),
		cmocka_unit_test(colons_in_a_name_are_no_host),
		cmocka_unit_test(a_url_is_itself),
		cmocka_unit_test(each_bit_of_ipappend_adds_an_argument),
		cmocka_unit_test(what_is_not_known_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/net/pxe.c: finding and reading configurations. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/pxe.h"
#include "tests/fake/net_world.h"
static struct session s;
static struct pxe pxe;

static int find(const struct world_file *files)
{
	int rc;

	world.files = files;
	memset(&s, 0, sizeof(s));
	memset(&pxe, 0, sizeof(pxe));
	assert_int_equal(session_begin(&s, fake_network.dev), 0);
	assert_int_equal(session_configure(&s), 0);
	world.asked[0] = 0;
	rc = pxe_find(&s, &pxe);
	session_end(&s);
	return rc;
}

static void names_are_tried_from_the_mac_to_default(void **state)
{
	static const struct world_file none[] = { { .name = NULL } };

	(void)state;
	assert_int_equal(find(none), ERR_NOENT);
	assert_string_equal(
		world.asked,
		"pxelinux.cfg/01-52-54-00-12-34-56 pxelinux.cfg/0A00020F "
		"pxelinux.cfg/0A00020 pxelinux.cfg/0A0002 pxelinux.cfg/0A000 "
		"pxelinux.cfg/0A00 pxelinux.cfg/0A0 pxelinux.cfg/0A "
		"pxelinux.cfg/0 pxelinux.cfg/default");
}

/* "access violation" of servers that hide, HTTP 403 of object stores. */
static void a_file_that_may_not_be_read_is_as_good_as_none(void **state)
{
	(void)state;
	world.tftp_error = 2;
	world.tftp_text = "Access violation";
	assert_int_equal(find(NULL), ERR_NOENT);
	assert_non_null(strstr(world.asked, "/default"));
	assert_false(fake_log_has("E3010"));
	world.options = "\xd1\x11http://10.0.2.2/x";
	world.options_len = 19;
	world.http = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
	assert_int_equal(find(NULL), ERR_NOENT);
	assert_non_null(strstr(world.asked, "/default"));
	assert_false(fake_log_has("E3010"));
}

/* Not ten times a time-out. */
static void a_server_that_is_silent_is_asked_once(void **state)
{
	uint64_t begun = deadline_ms();

	(void)state;
	world.refused = true;
	assert_int_equal(find(NULL), ERR_NODEV);
	assert_true(deadline_ms() - begun < 60000);
	assert_string_equal(world.asked, "");
}

static void included_files_are_fetched(void **state)
{
	static const struct world_file files[] = {
		{ "pxelinux.cfg/default", "include more\ninclude none\n", 0 },
		{ "more", "label a\n linux vm\n initrd i\n", 0 },
		{ .name = NULL },
	};

	(void)state;
	assert_int_equal(find(files), 0);
	assert_string_equal(pxe.px.kernel, "vm");
	assert_string_equal(pxe.px.initrd, "i");
}

static void a_huge_file_is_no_configuration(void **state)
{
	static char huge[70000];
	const struct world_file files[] = {
		{ "pxelinux.cfg/default", huge, sizeof(huge) },
		{ .name = NULL },
	};

	(void)state;
	memset(huge, 'x', sizeof(huge));
	assert_int_equal(find(files), ERR_FORMAT);
	assert_non_null(strstr(reason(), "are no configuration"));
}

static void paths_are_relative_to_the_servers_file(void **state)
{
	struct url url;

	(void)state;
	strcpy(pxe.prefix, "boot/");
	assert_int_equal(pxe_url(&s, &pxe, "vmlinux", &url), 0);
	assert_string_equal(url.path, "boot/vmlinux");
	assert_int_equal(pxe_url(&s, &pxe, "::vmlinux", &url), 0);
	assert_string_equal(url.path, "vmlinux");
	assert_int_equal(pxe_url(&s, &pxe, "http://h/vmlinux", &url), 0);
	assert_string_equal(url.host, "h");
	assert_int_equal(pxe_url(&s, &pxe, "10.1.1.1::vmlinux", &url), 0);
	assert_string_equal(url.host, "10.1.1.1");
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(names_are_tried_from_the_mac_to_default),
		T(a_file_that_may_not_be_read_is_as_good_as_none),
		T(a_server_that_is_silent_is_asked_once),
		T(included_files_are_fetched),
		T(a_huge_file_is_no_configuration),
		T(paths_are_relative_to_the_servers_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/net/netboot.c: what a card boots. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/net/netboot.h"
#include "tests/fake/heap.h"
#include "tests/fake/net_world.h"
static const struct world_file files[] = {
	{ "core.elf", "a program", 0 },
	{ "/core.elf", "by HTTP", 0 },
	{ "pxelinux.cfg/default",
	  "default linux\nlabel linux\n kernel vmlinux\n initrd ,one,,two\n"
	  " append quiet root=/dev/vda2\n",
	  0 },
	{ "lpar/pxelinux.cfg/0A00020F",
	  "label x\n kernel vmlinux\n append x\n ipappend 3\n", 0 },
	{ "lpar/vmlinux", "a kernel of the directory", 0 },
	{ "local/pxelinux.cfg/default", "label x\n localboot 0\n", 0 },
	{ "vmlinux", "a kernel", 0 },
	{ "one", "12345", 0 },
	{ "two", "abc", 0 },
	{ .name = NULL },
};

static struct boot_choice choice;
static void *search;
static struct image image;
static char got[100];

static int begin(const char *args)
{
	int rc;

	world.files = files;
	search = heap_zalloc(netboot_bootable.size);
	memset(&choice, 0, sizeof(choice));
	rc = netboot_bootable.begin(search, fake_network.dev, args);
	if (rc) {
		heap_free(search);
		return rc;
	}
	return netboot_bootable.next(search, &choice);
}

static void end(void)
{
	netboot_bootable.end(search);
	heap_free(search);
}

/* All of the open image. */
static const char *content(void)
{
	long n = image_read_some(&image, 0, got, sizeof(got) - 1);

	assert_true(n >= 0);
	got[n] = 0;
	netboot_bootable.close(search);
	return got;
}

static const char *chosen_file(void)
{
	assert_int_equal(netboot_bootable.open(search, &image), 0);
	assert_true(image.stream);
	return content();
}

static void the_servers_file_is_booted(void **state)
{
	(void)state;
	world.file = "core.elf";
	assert_int_equal(begin(""), 0);
	assert_string_equal(choice.args, "tftp://10.0.2.2/core.elf");
	assert_true(choice.bare);
	assert_string_equal(chosen_file(), "a program");
	assert_int_equal(image.size, 9);
	assert_int_equal(netboot_bootable.initrd(search, &image), BOOTABLE_END);
	assert_int_equal(netboot_bootable.next(search, &choice), BOOTABLE_END);
	end();
}

static void the_arguments_file_is_booted(void **state)
{
	(void)state;
	world.file = "other.elf";
	assert_int_equal(begin("10.0.2.2,core.elf"), 0);
	assert_string_equal(chosen_file(), "a program");
	assert_string_equal(world.asked, "core.elf");
	end();
}

static void a_url_is_booted_wherever_it_comes_from(void **state)
{
	(void)state;
	world.file = "http://10.0.2.2/core.elf";
	assert_int_equal(begin(""), 0);
	assert_string_equal(chosen_file(), "by HTTP");
	end();
	world.file = NULL;
	assert_int_equal(begin("http://10.0.2.2/core.elf"), 0);
	assert_string_equal(chosen_file(), "by HTTP");
	end();
}

static void without_a_file_pxelinux_cfg_is_read(void **state)
{
	(void)state;
	assert_int_equal(begin(""), 0);
	assert_string_equal(choice.client_args, "quiet root=/dev/vda2");
	assert_string_equal(chosen_file(), "a kernel");
	assert_true(fake_log_has("  Configuration: pxelinux.cfg/default\r\n"));
	/* Names that are not there are no messages. */
	assert_false(fake_log_has("E3009"));
	end();
}

/* Linux looks for the second archive at a multiple of four. */
static void initrds_follow_each_other(void **state)
{
	(void)state;
	assert_int_equal(begin(""), 0);
	assert_string_equal(chosen_file(), "a kernel");
	assert_int_equal(netboot_bootable.initrd(search, &image), 0);
	assert_int_equal(image.size, IMAGE_SIZE_UNKNOWN);
	memset(got, 'x', sizeof(got));
	assert_int_equal(image_read_some(&image, 0, got, sizeof(got)), 11);
	assert_memory_equal(got, "12345\0\0\0abc", 11);
	netboot_bootable.close(search);
	end();
}

static void a_directory_as_file_has_its_own_configuration(void **state)
{
	(void)state;
	world.file = "lpar/";
	assert_int_equal(begin(""), 0);
	assert_string_equal(choice.client_args,
			    "x ip=10.0.2.15:10.0.2.2:10.0.2.2:255.255.255.0 "
			    "BOOTIF=01-52-54-00-12-34-56");
	assert_string_equal(chosen_file(), "a kernel of the directory");
	assert_int_equal(netboot_bootable.initrd(search, &image), BOOTABLE_END);
	end();
}

/* A URL of a directory and a name that ends in a backslash are ones, too. */
static void a_directory_may_be_an_argument(void **state)
{
	static const char other[] = "\xd2\x06other/";

	(void)state;
	world.file = "core.elf";
	world.options = other;
	world.options_len = sizeof(other) - 1;
	assert_int_equal(begin(",lpar\\"), 0);
	assert_string_equal(chosen_file(), "a kernel of the directory");
	assert_null(strstr(world.asked, "other"));
	end();
	assert_int_equal(begin("tftp://10.0.2.2/lpar/"), 0);
	end();
}

static void a_directory_without_a_configuration_is_told(void **state)
{
	(void)state;
	assert_int_equal(begin("http://10.0.2.2/"), ERR_NOENT);
	assert_true(fake_log_has("E3008: "));
	end();
}

static void localboot_leaves_it_to_the_next_device(void **state)
{
	(void)state;
	world.file = "local/";
	assert_int_equal(begin(""), ERR_NODEV);
	assert_non_null(strstr(reason(), "LOCALBOOT"));
	assert_false(fake_log_has("E30"));
	end();
}

static void a_server_that_names_nothing_is_e3008(void **state)
{
	(void)state;
	world.file = "empty/";
	assert_int_equal(begin(""), ERR_NOENT);
	assert_true(fake_log_has("E3008: "));
	assert_non_null(strstr(reason(), "the server names no boot file and "
					 "has no empty/pxelinux.cfg/default"));
	end();
}

/* One code, that of the transfer. */
static void a_configuration_that_stops_half_way_is_e3015(void **state)
{
	static char big[20000];
	static const struct world_file some[] = {
		{ "pxelinux.cfg/default", big, sizeof(big) },
		{ .name = NULL },
	};

	(void)state;
	assert_int_equal(begin(""), 0);
	end();
	fake_log_clear();
	search = heap_zalloc(netboot_bootable.size);
	assert_int_equal(netboot_bootable.begin(search, fake_network.dev, ""),
			 0);
	world.files = some;
	world.silent_after = 3;
	assert_int_equal(netboot_bootable.next(search, &choice), ERR_TIMEOUT);
	assert_true(fake_log_has("E3015: "));
	assert_false(fake_log_has("E3008: "));
	end();
}

static void an_error_is_told_once(void **state)
{
	(void)state;
	world.no_arp = true;
	assert_int_equal(begin(""), ERR_TIMEOUT);
	assert_true(fake_log_has("E3002: "));
	assert_false(fake_log_has("E3008: "));
	end();
}

static void a_file_that_is_given_up_is_e3018(void **state)
{
	static char big[5000];
	static const struct world_file some[] = {
		{ "/big", big, sizeof(big) },
		{ .name = NULL },
	};

	(void)state;
	memset(big, 'x', sizeof(big));
	world.file = "http://10.0.2.2/big";
	world.piece = 400;
	assert_int_equal(begin(""), 0);
	world.files = some;
	assert_int_equal(netboot_bootable.open(search, &image), 0);
	reason_fail(ERR_NOMEM, "no room");
	netboot_bootable.close(search);
	assert_true(fake_log_has(" KBytes\r\n\r\nE3018: (net) file exceeds "
				 "maximum TFTP transfer size: no room\r\n"));
	assert_false(fake_log_has("no room\r\n\r\n"));
	end();
}

static void an_initrd_that_is_missing_is_told(void **state)
{
	static const struct world_file some[] = {
		{ "pxelinux.cfg/default",
		  "label x\n kernel vmlinux\n initrd none\n", 0 },
		{ "vmlinux", "a kernel", 0 },
		{ .name = NULL },
	};

	(void)state;
	assert_int_equal(begin(""), 0);
	end();
	assert_int_equal(begin(""), 0);
	world.files = some;
	end();
	search = heap_zalloc(netboot_bootable.size);
	assert_int_equal(netboot_bootable.begin(search, fake_network.dev, ""),
			 0);
	assert_int_equal(netboot_bootable.next(search, &choice), 0);
	assert_string_equal(chosen_file(), "a kernel");
	assert_int_equal(netboot_bootable.initrd(search, &image), ERR_NOENT);
	assert_true(fake_log_has("E3009: "));
	netboot_bootable.close(search);
	end();
}

static void wrong_arguments_start_nothing(void **state)
{
	(void)state;
	assert_int_equal(begin("rarp,1.2.3.4"), ERR_NOTSUP);
	assert_int_equal(begin("https://server/file"), ERR_NOTSUP);
	assert_non_null(strstr(reason(), "https is not supported"));
	assert_int_equal(begin("http://server:x/file"), ERR_INVAL);
	assert_int_equal(world.opens, 0);
}

static void a_client_loads_to_its_memory(void **state)
{
	char buf[64];

	(void)state;
	world.files = files;
	world.file = "core.elf";
	assert_int_equal(netboot_load(fake_network.dev, "", buf, sizeof(buf)),
			 9);
	assert_memory_equal(buf, "a program", 9);
	assert_int_equal(netboot_load(fake_network.dev, "", buf, 8),
			 ERR_NOSPACE);
	assert_true(fake_log_has("E3004: (net) TFTP buffer too small: 8 bytes "
				 "are free"));
	assert_false(fake_log_has("E3018"));
	assert_int_equal(netboot_load(fake_network.dev, "10.0.2.2,none", buf,
				      sizeof(buf)),
			 ERR_NOENT);
}

/* The loader stops reading when there is no memory below 4 GiB. */
static void a_file_that_never_ends_is_e3018(void **state)
{
	static char big[20000];
	const struct world_file endless[] = { { "core.elf", big, sizeof(big) },
					      { .name = NULL } };

	(void)state;
	world.file = "core.elf";
	assert_int_equal(begin(""), 0);
	world.files = endless;
	assert_int_equal(netboot_bootable.open(search, &image), 0);
	assert_int_equal(image_read_some(&image, 0, got, sizeof(got)),
			 sizeof(got));
	reason_fail(ERR_NOMEM, "out of memory after 100 bytes");
	netboot_bootable.close(search);
	assert_true(fake_log_has("E3018: (net) file exceeds maximum TFTP "
				 "transfer size: out of memory after 100 "
				 "bytes\r\n"));
	end();
}

static void without_memory_nothing_is_left(void **state)
{
	(void)state;
	world.files = files;
	for (int n = 0; n < 60; n++) {
		char buf[16];
		long rc;

		fake_heap_fail_after(n);
		rc = netboot_load(fake_network.dev, "", buf, sizeof(buf));
		fake_heap_fail_after(-1);
		if (rc == 8)
			return;
		assert_true(rc < 0);
	}
	fail_msg("it needs more memory than expected");
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_servers_file_is_booted),
		T(the_arguments_file_is_booted),
		T(a_url_is_booted_wherever_it_comes_from),
		T(without_a_file_pxelinux_cfg_is_read),
		T(initrds_follow_each_other),
		T(a_directory_as_file_has_its_own_configuration),
		T(a_directory_may_be_an_argument),
		T(a_directory_without_a_configuration_is_told),
		T(localboot_leaves_it_to_the_next_device),
		T(a_server_that_names_nothing_is_e3008),
		T(a_configuration_that_stops_half_way_is_e3015),
		T(an_error_is_told_once),
		T(a_file_that_is_given_up_is_e3018),
		T(an_initrd_that_is_missing_is_told),
		T(wrong_arguments_start_nothing),
		T(a_client_loads_to_its_memory),
		T(a_file_that_never_ends_is_e3018),
		T(without_memory_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

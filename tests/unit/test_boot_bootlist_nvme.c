// SPDX-License-Identifier: BSD-2-Clause
// Tests of boot/bootlist.c: the words that QEMU has for NVMe namespaces.
#include "boot/bootlist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "boot/config.h"
#include "tests/fake/nvme.h"
#include "tests/fake/nvram.h"
#include "tree/prop.h"

static struct list targets = LIST_INIT(targets);
static struct node *chosen;

static int setup(void **state)
{
	fake_nvme_plug(state);
	fake_nvram_reset(64 * 1024);
	chosen = tree_add_node(tree_root(), "chosen", TREE_QEMU);
	assert_non_null(chosen);
	config_init();
	return 0;
}

static int teardown(void **state)
{
	bootlist_free(&targets);
	fake_nvram_reset(0);
	config_init();
	return fake_nvme_unplug(state);
}

/* Two controllers: namespaces 1 and 3 on the first, 2 on the second. */
static void plug_three(void)
{
	fake_nvme_add(&fake_nvmes[0], 3);
	fake_nvmes[1].ns[0].id = 2;
	fake_nvme_device(2);
}

static void assert_list(const char *list, const char *want)
{
	const struct boot_target *target;
	char got[1024] = "";
	size_t len = 0;

	bootlist_free(&targets);
	assert_int_equal(tree_set_str(chosen, "qemu,boot-list", list), 0);
	assert_int_equal(tree_set_str(chosen, "qemu,boot-device", ""), 0);
	assert_int_equal(bootlist_build(&targets, NULL, NULL), 0);
	list_for_each(target, &targets, link)
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s",
					len ? " " : "", target->path);
	assert_string_equal(got, want);
}

static void qemu_11s_word_means_every_namespace(void **state)
{
	(void)state;
	plug_three();
	assert_list("/nvme-ns HALT", "/mass-storage@0 "
				     "/mass-storage@0/namespace@3 "
				     "/mass-storage@1");
	assert_list("/nvme-ns /nvme-ns HALT", "/mass-storage@0 "
					      "/mass-storage@0/namespace@3 "
					      "/mass-storage@1");
}

static void qemu_7s_word_means_every_namespace_of_the_controller(void **state)
{
	(void)state;
	plug_three();
	assert_list("/mass-storage@0/nvme-ns HALT",
		    "/mass-storage@0 /mass-storage@0/namespace@3");
	assert_list("/mass-storage@1/nvme-ns /mass-storage@0/nvme-ns HALT",
		    "/mass-storage@1 /mass-storage@0 "
		    "/mass-storage@0/namespace@3");
}

static void a_controller_with_a_place_of_its_own_keeps_it(void **state)
{
	(void)state;
	plug_three();
	assert_list("/nvme-ns /mass-storage@0 HALT",
		    "/mass-storage@0/namespace@3 /mass-storage@1 "
		    "/mass-storage@0");
}

static void words_that_other_tools_write_find_namespaces(void **state)
{
	(void)state;
	plug_three();
	assert_list("/mass-storage@0/disk@1:2 /mass-storage@0/nvme-ns@3 "
		    "/mass-storage@1/namespace@2",
		    "/mass-storage@0:2 /mass-storage@0/namespace@3 "
		    "/mass-storage@1");
}

static void without_a_namespace_the_word_is_listed_as_it_is(void **state)
{
	(void)state;
	assert_list("/nvme-ns HALT", "/nvme-ns");
	assert_list("/mass-storage@0/nvme-ns HALT", "/mass-storage@0/nvme-ns");
	assert_list("nvme-ns /x/nvme-ns", "nvme-ns /x/nvme-ns");
}

static void words_that_are_there_need_no_other_scan(void **state)
{
	(void)state;
	assert_int_equal(tree_set_str(chosen, "qemu,boot-list", "/nvme-ns"), 0);
	assert_true(bootlist_wants_rest(NULL));
	plug_three();
	assert_false(bootlist_wants_rest(NULL));
	assert_int_equal(tree_set_str(chosen, "qemu,boot-list",
				      "/mass-storage@1/nvme-ns HALT"),
			 0);
	assert_false(bootlist_wants_rest(NULL));
}

static void running_out_of_memory_fails_cleanly(void **state)
{
	int rc = ERR_NOMEM;

	(void)state;
	plug_three();
	assert_int_equal(tree_set_str(chosen, "qemu,boot-list",
				      "/nvme-ns /mass-storage@1 HALT"),
			 0);
	for (long n = 0; rc || fake_heap_failed(); n++) {
		bootlist_free(&targets);
		fake_heap_fail_after(n);
		rc = bootlist_build(&targets, NULL, "");
	}
	fake_heap_fail_after(-1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(qemu_11s_word_means_every_namespace),
		TEST(qemu_7s_word_means_every_namespace_of_the_controller),
		TEST(a_controller_with_a_place_of_its_own_keeps_it),
		TEST(words_that_other_tools_write_find_namespaces),
		TEST(without_a_namespace_the_word_is_listed_as_it_is),
		TEST(words_that_are_there_need_no_other_scan),
		TEST(running_out_of_memory_fails_cleanly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/nodes.c: the nodes that Open Firmware owes, and /chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/nodes.h"
#include "drivers/device.h"
#include "hcall/rtas.h"
#include "lib/log.h"
#include "tree/path.h"
#include "tests/fake/instances.h"
#include "tests/fake/machine.h"
#include "tests/fake/tree.h"

static uint32_t chosen(const char *name)
{
	uint32_t handle = 0;

	(void)!tree_get_u32(tree_find("/chosen"), name, 0, &handle);
	return handle;
}

static const char *chosen_path(const char *name)
{
	static char path[64];
	const struct instance *inst = instance_get(chosen(name));

	assert_non_null(inst);
	instance_path(inst, false, path, sizeof(path));
	return path;
}

static void standard_nodes_exist(void **state)
{
	static const char *const paths[] = {
		"/chosen", "/aliases", "/options",  "/openprom",
		"/mmu",	   "/rtc",     "/packages", "/packages/disk-label",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_non_null(tree_find(paths[i]));
	assert_int_equal(tree_find("/chosen")->owner, TREE_QUOIN);
}

/* Linux reads it as a string, and prints it behind "of:". */
static void the_model_does_not_begin_with_a_digit(void **state)
{
	const char *model = tree_get_str(tree_find("/openprom"), "model");

	(void)state;
	assert_non_null(model);
	assert_int_equal(strncmp(model, "SLOF,quoin-", 11), 0);
	assert_int_equal(strlen(model) > 11, 1);
	assert_non_null(tree_getprop(tree_find("/openprom"),
				     "relative-addressing", NULL));
}

static void qemus_nodes_are_not_made_twice(void **state)
{
	unsigned nodes = 0, again = 0;
	struct node *node;

	(void)state;
	for (node = tree_root(); node; node = tree_next(node))
		nodes++;
	assert_int_equal(ci_nodes_create(), 0);
	for (node = tree_root(); node; node = tree_next(node))
		again++;
	assert_int_equal(nodes, again);
}

static void nodes_without_memory_are_an_error(void **state)
{
	long n = 0;
	int rc;

	(void)state;
	do {
		/* A tree without them. */
		fake_blocks_fail_after(-1);
		tree_free();
		assert_int_equal(tree_init(), 0);
		fake_blocks_fail_after(n++);
		rc = ci_nodes_create();
		assert_true(rc == 0 || rc == ERR_NOMEM);
	} while (rc);
	fake_blocks_fail_after(-1);
	assert_true(n > 20);
	assert_non_null(tree_find("/packages/disk-label"));
}

static void chosen_holds_live_instances(void **state)
{
	(void)state;
	assert_string_equal(chosen_path("stdin"), "/vdevice/vty@71000000");
	assert_string_equal(chosen_path("stdout"), "/vdevice/vty@71000000");
	assert_string_equal(chosen_path("memory"), "/memory@0");
	assert_string_equal(chosen_path("mmu"), "/mmu");
	assert_string_equal(chosen_path("cpu"), "/cpus/PowerPC,POWER9@8");
	assert_int_not_equal(chosen("stdin"), chosen("stdout"));
	assert_int_equal(ci_stdout(), chosen("stdout"));
}

static void grub_finds_bootpath_and_bootargs(void **state)
{
	(void)state;
	assert_string_equal(tree_get_str(tree_find("/chosen"), "bootpath"), "");
	assert_string_equal(tree_get_str(tree_find("/chosen"), "bootargs"), "");
}

static void qemus_bootargs_are_kept(void **state)
{
	(void)state;
	assert_int_equal(
		tree_set_str(tree_find("/chosen"), "bootargs", "quiet"), 0);
	instance_close_all();
	assert_int_equal(ci_chosen_open(), 0);
	assert_string_equal(tree_get_str(tree_find("/chosen"), "bootargs"),
			    "quiet");
}

/* The loader's next client gets new ones; old ones are dead. */
static void a_new_client_gets_new_handles(void **state)
{
	uint32_t old = chosen("stdout");
	size_t open = fake_instance_count();

	(void)state;
	instance_close_all();
	assert_int_equal(ci_chosen_open(), 0);
	assert_int_not_equal(chosen("stdout"), old);
	assert_null(instance_get(old));
	assert_int_equal(fake_instance_count(), open);
}

static void chosen_without_memory_is_an_error(void **state)
{
	long n = 0;
	int rc;

	(void)state;
	do {
		fake_blocks_fail_after(-1);
		instance_close_all();
		tree_remove_node(tree_find("/chosen"));
		assert_non_null(
			tree_add_node(tree_root(), "chosen", TREE_QEMU));
		fake_events_clear();
		fake_blocks_fail_after(n++);
		rc = ci_chosen_open();
		/* An instance that lacks memory is left out, with a line. */
		assert_true(rc == ERR_NOMEM || (!rc && (*fake_printed || n)));
	} while (rc || *fake_printed);
	assert_int_not_equal(chosen("cpu"), 0);
}

static void an_instance_that_cannot_be_opened_is_left_out(void **state)
{
	(void)state;
	tree_delprop(tree_find("/chosen"), "mmu");
	tree_remove_node(tree_find("/mmu"));
	assert_non_null(tree_add_node(tree_root(), "mmu", TREE_QUOIN));
	assert_int_equal(ci_chosen_open(), 0);
	assert_true(fake_log_has("/chosen mmu: no driver for mmu"));
	assert_null(tree_getprop(tree_find("/chosen"), "mmu", NULL));
}

static void tokens_come_from_rtas_properties(void **state)
{
	(void)state;
	assert_int_equal(tree_setprop(tree_find("/rtas"), "start-cpu", "ab", 2,
				      TREE_QEMU),
			 0);
	ci_rtas_tokens();
	assert_int_equal(rtas_start_cpu(8, 0, 0), ERR_NOTSUP);
	assert_int_equal(rtas_quiesce(), 0);
	tree_remove_node(tree_find("/rtas"));
	ci_rtas_tokens();
	assert_int_equal(rtas_quiesce(), ERR_NOTSUP);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(standard_nodes_exist),
		T(the_model_does_not_begin_with_a_digit),
		T(qemus_nodes_are_not_made_twice),
		T(nodes_without_memory_are_an_error),
		T(chosen_holds_live_instances),
		T(grub_finds_bootpath_and_bootargs),
		T(qemus_bootargs_are_kept),
		T(a_new_client_gets_new_handles),
		T(chosen_without_memory_is_an_error),
		T(an_instance_that_cannot_be_opened_is_left_out),
		T(tokens_come_from_rtas_properties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

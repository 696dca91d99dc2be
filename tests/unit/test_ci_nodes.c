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

static void stdout_path_chooses_the_console(void **state)
{
	(void)state;
	assert_int_equal(tree_set_str(tree_find("/chosen"), "stdout-path",
				      "/vdevice/vty@71000001"),
			 0);
	assert_int_equal(ci_chosen_open(), 0);
	assert_string_equal(chosen_path("stdout"), "/vdevice/vty@71000001");
}

static void a_wrong_stdout_path_gives_the_lowest_vty(void **state)
{
	static const char *const wrong[] = { "/none", "/vdevice/disk", "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(tree_set_str(tree_find("/chosen"),
					      "stdout-path", wrong[i]),
				 0);
		assert_int_equal(ci_chosen_open(), 0);
		assert_string_equal(chosen_path("stdout"),
				    "/vdevice/vty@71000000");
	}
}

static void variables_choose_input_and_output(void **state)
{
	struct node *options = tree_find("/options");

	(void)state;
	assert_int_equal(tree_set_str(options, "output-device", "hvterm"), 0);
	assert_int_equal(tree_set_str(options, "input-device", ""), 0);
	assert_int_equal(ci_chosen_open(), 0);
	assert_string_equal(chosen_path("stdout"), "/vdevice/vty@71000001");
	assert_string_equal(chosen_path("stdin"), "/vdevice/vty@71000000");
	assert_string_equal(fake_printed, "");
	print("to both");
	assert_string_equal(fake_printed, "to both");
	assert_string_equal(fake_console_out, "1:to both");
}

/* Public recipes have it misspelt. */
static void aix_recipes_with_a_wrong_console_cost_one_line(void **state)
{
	struct node *options = tree_find("/options");

	(void)state;
	assert_int_equal(tree_set_str(options, "output-device", "/ham"), 0);
	assert_int_equal(tree_set_str(options, "input-device", "disk"), 0);
	assert_int_equal(ci_chosen_open(), 0);
	assert_string_equal(chosen_path("stdout"), "/vdevice/vty@71000000");
	assert_string_equal(chosen_path("stdin"), "/vdevice/vty@71000000");
	assert_true(fake_log_has("output-device /ham: no such"));
	assert_true(fake_log_has("input-device disk: not a"));
}

/* A machine without a vty. */
static void remove_terminals(void)
{
	instance_close_all();
	tree_delprop(tree_find("/chosen"), "stdin");
	tree_delprop(tree_find("/chosen"), "stdout");
	tree_remove_node(tree_find("/vdevice"));
	assert_int_equal(ci_chosen_open(), 0);
}

/* Linux's prom_init ends where stdout is missing. */
static void without_terminals_clients_get_one_that_takes_all(void **state)
{
	cell_t buf = fake_buf(8), path = fake_buf(64);

	(void)state;
	remove_terminals();
	assert_true(fake_log_has("no terminal: clients get"));
	assert_int_not_equal(chosen("stdin"), chosen("stdout"));
	assert_int_equal(CI("write", chosen("stdout"), buf, 8), 8);
	assert_int_equal(CI("write", chosen("stdout"), buf, 0), 0);
	assert_int_equal(CI("read", chosen("stdin"), buf, 8), (cell_t)-2);
	/* yaboot looks at the byte. */
	assert_int_equal(*fake_text(buf), 0);
	assert_int_equal(CI("seek", chosen("stdout"), 0, 0), CELL_FAIL);
	assert_int_equal(CI("instance-to-path", chosen("stdout"), path, 64),
			 strlen("/openprom/devnull-console"));
	assert_string_equal(fake_text(path), "/openprom/devnull-console");
	assert_int_equal(CI("finddevice", path),
			 CI("instance-to-package", chosen("stdout")));
	assert_string_equal(tree_get_str(tree_find(fake_text(path)),
					 "device_type"),
			    "serial");
	assert_string_equal(fake_console_out, "");
}

static void what_is_no_terminal_can_be_opened_and_asked(void **state)
{
	const char *path = "/openprom/devnull-console";
	cell_t node, handle;

	(void)state;
	remove_terminals();
	node = fake_phandle(path);
	assert_int_equal(CI("test-method", node, fake_str("open")), 0);
	assert_int_equal(CI("test-method", node, fake_str("read")), 0);
	assert_int_equal(CI("test-method", node, fake_str("write")), 0);
	assert_int_equal(CI("test-method", node, fake_str("seek")), CELL_FAIL);
	handle = CI("open", fake_str(path));
	assert_int_not_equal(handle, 0);
	assert_int_equal(CI_N("call-method", 2, fake_str("write"), handle, 4,
			      fake_buf(4)),
			 0);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 4);
	CI("close", handle);
	/* Linux closes stdin, and writes before and after quiesce. */
	CI("close", chosen("stdin"));
	assert_int_equal(CI("write", chosen("stdout"), fake_buf(3), 3), 3);
	CI_N("quiesce", 0);
	assert_int_equal(CI("write", chosen("stdout"), fake_buf(3), 3), 3);
}

static void no_terminal_is_made_once(void **state)
{
	const struct node *node;

	(void)state;
	assert_null(tree_find("/openprom/devnull-console"));
	remove_terminals();
	node = tree_find("/openprom/devnull-console");
	fake_events_clear();
	instance_close_all();
	assert_int_equal(ci_chosen_open(), 0);
	assert_ptr_equal(tree_find("/openprom/devnull-console"), node);
	assert_string_equal(chosen_path("stdin"), "/openprom/devnull-console");
	assert_string_equal(fake_printed, "");
}

static void without_terminals_variables_change_nothing(void **state)
{
	struct node *options = tree_find("/options");

	(void)state;
	assert_int_equal(tree_set_str(options, "output-device", "hvterm"), 0);
	assert_int_equal(tree_set_str(options, "input-device", "/mmu"), 0);
	remove_terminals();
	assert_string_equal(chosen_path("stdin"), "/openprom/devnull-console");
	assert_string_equal(chosen_path("stdout"), "/openprom/devnull-console");
	print("to nobody");
	assert_string_equal(fake_console_out, "");
}

static void terminals_that_lack_memory_are_an_error(void **state)
{
	long n = 0;
	int rc;

	(void)state;
	remove_terminals();
	do {
		fake_blocks_fail_after(-1);
		instance_close_all();
		if (tree_find("/openprom"))
			tree_remove_node(tree_find("/openprom"));
		fake_events_clear();
		fake_blocks_fail_after(n++);
		rc = ci_chosen_open();
		assert_true(rc == ERR_NOMEM || !rc);
	} while (rc || fake_log_has("/chosen "));
	assert_true(n > 5);
	fake_blocks_fail_after(-1);
	assert_int_equal(CI("write", chosen("stdout"), fake_buf(3), 3), 3);
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
		T(stdout_path_chooses_the_console),
		T(a_wrong_stdout_path_gives_the_lowest_vty),
		T(variables_choose_input_and_output),
		T(aix_recipes_with_a_wrong_console_cost_one_line),
		T(without_terminals_clients_get_one_that_takes_all),
		T(what_is_no_terminal_can_be_opened_and_asked),
		T(no_terminal_is_made_once),
		T(without_terminals_variables_change_nothing),
		T(terminals_that_lack_memory_are_an_error),
		T(chosen_without_memory_is_an_error),
		T(an_instance_that_cannot_be_opened_is_left_out),
		T(tokens_come_from_rtas_properties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/console.c: a machine without a console. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/console.h"
#include "ci/nodes.h"
#include "drivers/device.h"
#include "lib/log.h"
#include "tree/path.h"
#include "tests/fake/machine.h"
#include "tests/fake/tree.h"

#define NULL_CONSOLE "/openprom/devnull-console"

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

static void remove_terminals(void)
{
	instance_close_all();
	tree_remove_node(tree_find("/vdevice"));
	tree_drop_aliases();
	tree_delprop(tree_find("/chosen"), "stdout-path");
	ci_console_reset();
	fake_events_clear();
	assert_int_equal(ci_chosen_open(), 0);
}

/* Linux's prom_init ends where stdout is missing. */
static void without_terminals_clients_get_one_that_takes_all(void **state)
{
	cell_t buf = fake_buf(8), path = fake_buf(64);

	(void)state;
	remove_terminals();
	assert_string_equal(fake_printed,
			    "No console specified and no default found, "
			    "creating dev-null\r\n");
	assert_int_not_equal(chosen("stdin"), chosen("stdout"));
	assert_int_equal(CI("write", chosen("stdout"), buf, 8), 8);
	assert_int_equal(CI("write", chosen("stdout"), buf, 0), 0);
	assert_int_equal(CI("read", chosen("stdin"), buf, 8), (cell_t)-2);
	/* yaboot looks at the byte. */
	assert_int_equal(*fake_text(buf), 0);
	assert_int_equal(CI("seek", chosen("stdout"), 0, 0), CELL_FAIL);
	assert_int_equal(CI("instance-to-path", chosen("stdout"), path, 64),
			 strlen(NULL_CONSOLE));
	assert_string_equal(fake_text(path), NULL_CONSOLE);
	assert_int_equal(CI("finddevice", path),
			 CI("instance-to-package", chosen("stdout")));
	assert_string_equal(tree_get_str(tree_find(fake_text(path)),
					 "device_type"),
			    "serial");
	assert_string_equal(fake_console_out, "");
}

static void what_is_no_terminal_can_be_opened_and_asked(void **state)
{
	cell_t node, handle;

	(void)state;
	remove_terminals();
	node = fake_phandle(NULL_CONSOLE);
	assert_int_equal(CI("test-method", node, fake_str("open")), 0);
	assert_int_equal(CI("test-method", node, fake_str("read")), 0);
	assert_int_equal(CI("test-method", node, fake_str("write")), 0);
	assert_int_equal(CI("test-method", node, fake_str("seek")), CELL_FAIL);
	handle = CI("open", fake_str(NULL_CONSOLE));
	assert_int_not_equal(handle, 0);
	assert_int_equal(CI_N("call-method", 2, fake_str("write"), handle, 4,
			      fake_buf(4)),
			 0);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 4);
	assert_int_equal(CI("read", handle, fake_buf(4), 4), (cell_t)-2);
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
	assert_null(tree_find(NULL_CONSOLE));
	remove_terminals();
	node = tree_find(NULL_CONSOLE);
	assert_non_null(node);
	instance_close_all();
	fake_events_clear();
	assert_int_equal(ci_chosen_open(), 0);
	assert_ptr_equal(tree_find(NULL_CONSOLE), node);
	assert_string_equal(chosen_path("stdin"), NULL_CONSOLE);
	assert_string_equal(chosen_path("stdout"), NULL_CONSOLE);
	assert_string_equal(fake_printed, "");
}

static void without_terminals_variables_change_nothing(void **state)
{
	struct node *options = tree_find("/options");

	(void)state;
	assert_int_equal(tree_set_str(options, "output-device", "hvterm"), 0);
	assert_int_equal(tree_set_str(options, "input-device", "/mmu"), 0);
	remove_terminals();
	assert_string_equal(chosen_path("stdin"), NULL_CONSOLE);
	assert_string_equal(chosen_path("stdout"), NULL_CONSOLE);
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
		ci_console_reset();
		fake_events_clear();
		fake_blocks_fail_after(n++);
		rc = ci_chosen_open();
		assert_true(rc == ERR_NOMEM || !rc);
	} while (rc || fake_log_has("/chosen "));
	assert_true(n > 5);
	fake_blocks_fail_after(-1);
	assert_int_equal(CI("write", chosen("stdout"), fake_buf(3), 3), 3);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_terminals_clients_get_one_that_takes_all),
		T(what_is_no_terminal_can_be_opened_and_asked),
		T(no_terminal_is_made_once),
		T(without_terminals_variables_change_nothing),
		T(terminals_that_lack_memory_are_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

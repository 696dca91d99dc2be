// SPDX-License-Identifier: BSD-2-Clause
// Handles: dense, foreign, stale.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "tests/fake/heap.h"
#include "tests/fake/tree.h"
#include "tree/internal.h"

#include <cmocka.h>

static int setup(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	return tree_init();
}

static int teardown(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static struct node *add(const char *name)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QUOIN);

	assert_non_null(node);
	return node;
}

static void our_handles_are_dense_and_away_from_others(void **state)
{
	phandle_t last = tree_root()->phandle;

	(void)state;
	assert_int_equal(last, TREE_PHANDLE_FIRST);
	for (int i = 0; i < 1000; i++) {
		struct node *node = add("n");

		assert_int_equal(node->phandle, last + 1);
		assert_ptr_equal(tree_by_phandle(node->phandle), node);
		last = node->phandle;
	}
}

static void handles_that_nobody_has_are_refused(void **state)
{
	static const phandle_t bad[] = { 0,	     UINT32_MAX,
					 1,	     TREE_PHANDLE_FIRST + 1,
					 0x1111,     TREE_PHANDLE_FIRST - 1,
					 0x80000000, TREE_PHANDLE_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_null(tree_by_phandle(bad[i]));
	assert_int_equal(tree_set_phandle(add("a"), 0x1111), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (bad[i] != 0x1111)
			assert_null(tree_by_phandle(bad[i]));
	}
}

static void a_node_takes_the_handle_that_qemu_gave(void **state)
{
	struct node *node = add("interrupt-controller");
	phandle_t old = node->phandle;

	(void)state;
	assert_int_equal(tree_set_phandle(node, 0x1111), 0);
	assert_int_equal(node->phandle, 0x1111);
	assert_ptr_equal(tree_by_phandle(0x1111), node);
	assert_null(tree_by_phandle(old));
	assert_int_equal(tree_set_phandle(node, 0x1111), 0);
}

static void a_handle_belongs_to_one_node(void **state)
{
	struct node *a = add("a"), *b = add("b");

	(void)state;
	assert_int_equal(tree_set_phandle(a, 0x1111), 0);
	assert_int_equal(tree_set_phandle(b, 0x1111), ERR_EXIST);
	assert_int_equal(tree_set_phandle(b, tree_root()->phandle), ERR_EXIST);
	assert_int_equal(tree_set_phandle(b, 0), ERR_INVAL);
	assert_int_equal(tree_set_phandle(b, UINT32_MAX), ERR_INVAL);
	assert_ptr_equal(tree_by_phandle(b->phandle), b);
}

static void a_removed_handle_of_ours_stays_dead(void **state)
{
	struct node *a = add("a");
	phandle_t dead = a->phandle;

	(void)state;
	tree_remove_node(a);
	for (int i = 0; i < 300; i++)
		assert_true(add("n")->phandle != dead);
	assert_null(tree_by_phandle(dead));
	assert_int_equal(tree_set_phandle(add("b"), dead), ERR_EXIST);
}

/* CAS brings the new interrupt controller with the old one's phandle. */
static void qemus_handle_may_go_to_a_new_node(void **state)
{
	struct node *a = add("a");
	struct node *b = add("b");

	(void)state;
	assert_int_equal(tree_set_phandle(a, 0x1111), 0);
	tree_remove_node(a);
	assert_null(tree_by_phandle(0x1111));
	assert_int_equal(tree_set_phandle(b, 0x1111), 0);
	assert_ptr_equal(tree_by_phandle(0x1111), b);
}

static void ours_step_aside_for_a_foreign_handle_in_their_range(void **state)
{
	struct node *a = add("a");
	phandle_t wanted = a->phandle + 2;

	(void)state;
	assert_int_equal(tree_set_phandle(a, wanted), 0);
	for (int i = 0; i < 5; i++)
		assert_true(add("n")->phandle != wanted);
	assert_ptr_equal(tree_by_phandle(wanted), a);
}

static void many_foreign_handles_are_all_found(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 500; i++)
		assert_int_equal(tree_set_phandle(add("n"), i * 0x100000u), 0);
	for (uint32_t i = 1; i <= 500; i++)
		assert_int_equal(tree_by_phandle(i * 0x100000u)->phandle,
				 i * 0x100000u);
	assert_null(tree_by_phandle(0x123));
}

static void without_memory_a_node_keeps_its_handle(void **state)
{
	struct node *a = add("a");
	phandle_t old = a->phandle;

	(void)state;
	fake_heap_fail_after(0);
	assert_int_equal(tree_set_phandle(a, 0x1111), ERR_NOMEM);
	assert_int_equal(a->phandle, old);
	assert_ptr_equal(tree_by_phandle(old), a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			our_handles_are_dense_and_away_from_others, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			handles_that_nobody_has_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_node_takes_the_handle_that_qemu_gave, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_handle_belongs_to_one_node,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_removed_handle_of_ours_stays_dead, setup, teardown),
		cmocka_unit_test_setup_teardown(
			qemus_handle_may_go_to_a_new_node, setup, teardown),
		cmocka_unit_test_setup_teardown(
			ours_step_aside_for_a_foreign_handle_in_their_range,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			many_foreign_handles_are_all_found, setup, teardown),
		cmocka_unit_test_setup_teardown(
			without_memory_a_node_keeps_its_handle, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

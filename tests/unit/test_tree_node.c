// SPDX-License-Identifier: BSD-2-Clause
// Nodes: added, walked, removed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/err.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/tree.h"
#include "tree/node.h"
#include "tree/prop.h"

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

static struct node *add(struct node *parent, const char *name)
{
	struct node *node = tree_add_node(parent, name, TREE_QUOIN);

	assert_non_null(node);
	return node;
}

static void the_root_is_there_from_the_start(void **state)
{
	(void)state;
	assert_non_null(tree_root());
	assert_null(tree_root()->parent);
	assert_string_equal(tree_root()->name, "");
	assert_null(tree_root()->unit);
	assert_ptr_equal(tree_by_phandle(tree_root()->phandle), tree_root());
}

static void a_node_has_name_unit_and_property_name(void **state)
{
	struct node *a = add(tree_root(), "disk@8000,1");
	struct node *b = add(tree_root(), "chosen");

	(void)state;
	assert_string_equal(a->name, "disk");
	assert_string_equal(a->unit, "8000,1");
	assert_string_equal(tree_get_str(a, "name"), "disk");
	assert_int_equal(a->owner, TREE_QUOIN);
	assert_string_equal(b->name, "chosen");
	assert_null(b->unit);
	assert_true(a->phandle != b->phandle);
	assert_ptr_equal(tree_by_phandle(b->phandle), b);
}

static void bad_names_make_no_node(void **state)
{
	char name[65];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[64] = '\0';
	assert_null(tree_add_node(tree_root(), name, TREE_QUOIN));
	assert_null(tree_add_node(tree_root(), "", TREE_QUOIN));
	assert_null(tree_add_node(tree_root(), "@1", TREE_QUOIN));
	assert_null(tree_add_node(tree_root(), "a/b", TREE_QUOIN));
	assert_non_null(strstr(reason(), "a/b"));
	name[63] = '\0';
	assert_non_null(tree_add_node(tree_root(), name, TREE_QUOIN));
	assert_ptr_equal(tree_root()->child, tree_root()->last_child);
}

static void children_keep_their_order(void **state)
{
	struct node *a = add(tree_root(), "a");
	struct node *b = add(tree_root(), "b");
	struct node *c = add(tree_root(), "c");

	(void)state;
	assert_ptr_equal(tree_root()->child, a);
	assert_ptr_equal(a->next, b);
	assert_ptr_equal(b->next, c);
	assert_null(c->next);
	tree_remove_node(b);
	assert_ptr_equal(a->next, c);
	assert_ptr_equal(c->prev, a);
	tree_remove_node(a);
	assert_ptr_equal(tree_root()->child, c);
	tree_remove_node(c);
	assert_null(tree_root()->child);
	assert_null(tree_root()->last_child);
}

static void a_walk_visits_all_nodes_depth_first(void **state)
{
	static const char want[] = "abcdef";
	struct node *a = add(tree_root(), "a");
	struct node *b = add(a, "b");
	struct node *node = tree_root();

	(void)state;
	add(b, "c");
	add(a, "d");
	add(tree_root(), "e");
	add(tree_root()->last_child, "f");
	for (int i = 0; want[i]; i++) {
		node = tree_next(node);
		assert_non_null(node);
		assert_int_equal(node->name[0], want[i]);
	}
	assert_null(tree_next(node));
	assert_string_equal(tree_next_skip(b)->name, "d");
	assert_string_equal(tree_next_skip(a)->name, "e");
	assert_null(tree_next_skip(tree_root()));
}

static void a_child_is_found_by_its_exact_name(void **state)
{
	struct node *one = add(tree_root(), "scsi@1");
	struct node *ten = add(tree_root(), "scsi@10");
	struct node *bare = add(tree_root(), "scsi");

	(void)state;
	assert_ptr_equal(tree_child_named(tree_root(), "scsi@1"), one);
	assert_ptr_equal(tree_child_named(tree_root(), "scsi@10"), ten);
	assert_ptr_equal(tree_child_named(tree_root(), "scsi"), bare);
	assert_null(tree_child_named(tree_root(), "scsi@"));
	assert_null(tree_child_named(tree_root(), "scs"));
	assert_null(tree_child_named(tree_root(), "SCSI"));
	assert_null(tree_child_named(one, "scsi"));
}

static char removed[16];

static void note_removed(struct node *node)
{
	strcat(removed, node->name);
	assert_ptr_equal(tree_by_phandle(node->phandle), node);
}

static void all_below_a_removed_node_goes_children_first(void **state)
{
	struct node *a = add(tree_root(), "a");
	struct node *b = add(a, "b");
	struct node *c = add(b, "c");
	struct node *d = add(a, "d");
	struct node *e = add(tree_root(), "e");
	phandle_t handles[] = { a->phandle, b->phandle, c->phandle,
				d->phandle };

	(void)state;
	removed[0] = '\0';
	tree_set_remove_hook(note_removed);
	tree_remove_node(a);
	tree_set_remove_hook(NULL);
	assert_string_equal(removed, "cbda");
	for (size_t i = 0; i < ARRAY_SIZE(handles); i++)
		assert_null(tree_by_phandle(handles[i]));
	assert_ptr_equal(tree_by_phandle(e->phandle), e);
	assert_ptr_equal(tree_next(tree_root()), e);
}

static void a_deep_tree_needs_no_deep_stack(void **state)
{
	struct node *node = tree_root();
	int depth = 0;

	(void)state;
	for (int i = 0; i < 20000; i++)
		node = add(node, "n");
	for (node = tree_root(); tree_next(node); node = tree_next(node))
		depth++;
	assert_int_equal(depth, 20000);
	tree_remove_node(tree_root()->child);
	assert_null(tree_root()->child);
}

static void without_memory_there_is_no_half_node(void **state)
{
	(void)state;
	for (long n = 0;; n++) {
		struct node *node;

		fake_heap_fail_after(n);
		node = tree_add_node(tree_root(), "a", TREE_QUOIN);
		fake_heap_fail_after(-1);
		if (node)
			break;
		assert_non_null(strstr(reason(), "no memory"));
		assert_null(tree_root()->child);
	}
	assert_ptr_equal(tree_root()->child, tree_root()->last_child);
}

static void a_tree_needs_memory_for_its_root(void **state)
{
	int err;

	(void)state;
	tree_free();
	for (long n = 0; n < 4; n++) {
		fake_heap_fail_after(n);
		err = tree_init();
		tree_free();
		if (!err)
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	assert_int_equal(err, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_root_is_there_from_the_start, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_node_has_name_unit_and_property_name, setup,
			teardown),
		cmocka_unit_test_setup_teardown(bad_names_make_no_node, setup,
						teardown),
		cmocka_unit_test_setup_teardown(children_keep_their_order,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_walk_visits_all_nodes_depth_first, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_child_is_found_by_its_exact_name, setup, teardown),
		cmocka_unit_test_setup_teardown(
			all_below_a_removed_node_goes_children_first, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_deep_tree_needs_no_deep_stack,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			without_memory_there_is_no_half_node, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_tree_needs_memory_for_its_root, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

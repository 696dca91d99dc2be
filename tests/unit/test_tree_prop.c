// SPDX-License-Identifier: BSD-2-Clause
// Properties: set, found, walked, deleted, and memory that runs out.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/err.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/tree.h"
#include "tree/internal.h"
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

static void assert_prop(const struct node *node, const char *name,
			const char *want)
{
	uint32_t len;
	const void *value = tree_getprop(node, name, &len);

	assert_non_null(value);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(value, want, len);
}

static int set(const char *name, const char *value)
{
	return tree_setprop(tree_root(), name, value, (uint32_t)strlen(value),
			    TREE_CLIENT);
}

static void a_property_is_set_and_read_back(void **state)
{
	(void)state;
	assert_int_equal(set("a", "value"), 0);
	assert_int_equal(set("longer-name", "other"), 0);
	assert_prop(tree_root(), "a", "value");
	assert_prop(tree_root(), "longer-name", "other");
	assert_null(tree_getprop(tree_root(), "b", NULL));
	assert_null(tree_getprop(tree_root(), "A", NULL));
	assert_null(tree_getprop(tree_root(), "", NULL));
}

static void an_empty_property_is_there(void **state)
{
	uint32_t len = 7;

	(void)state;
	assert_int_equal(tree_setprop(tree_root(), "used-by-rtas", NULL, 0,
				      TREE_QEMU),
			 0);
	assert_non_null(tree_getprop(tree_root(), "used-by-rtas", &len));
	assert_int_equal(len, 0);
}

static void names_that_look_alike_are_told_apart(void **state)
{
	/* Same length, same ends: the hash alone may not decide. */
	(void)state;
	assert_int_equal(set("ibm,aaaa-x-cells-end", "1"), 0);
	assert_int_equal(set("ibm,aaaa-y-cells-end", "2"), 0);
	assert_prop(tree_root(), "ibm,aaaa-x-cells-end", "1");
	assert_prop(tree_root(), "ibm,aaaa-y-cells-end", "2");
	assert_null(tree_getprop(tree_root(), "ibm,aaaa-z-cells-end", NULL));
}

static void a_name_longer_than_any_property_is_not_found(void **state)
{
	char name[600];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_null(tree_getprop(tree_root(), name, NULL));
}

static void bad_names_are_refused(void **state)
{
	char name[66];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[65] = '\0';
	assert_int_equal(set(name, "x"), ERR_INVAL);
	name[64] = '\0';
	assert_int_equal(set(name, "x"), ERR_INVAL);
	name[63] = '\0';
	assert_int_equal(set(name, "x"), 0);
	assert_prop(tree_root(), name, "x");
	assert_int_equal(set("", "x"), ERR_INVAL);
	assert_int_equal(set("a/b", "x"), ERR_INVAL);
}

static void values_shrink_and_grow(void **state)
{
	const void *place;

	(void)state;
	assert_int_equal(set("p", "12345678"), 0);
	place = tree_getprop(tree_root(), "p", NULL);
	assert_int_equal(set("p", "1"), 0);
	assert_prop(tree_root(), "p", "1");
	assert_int_equal(set("p", "abcdefgh"), 0);
	assert_prop(tree_root(), "p", "abcdefgh");
	assert_ptr_equal(tree_getprop(tree_root(), "p", NULL), place);
	assert_int_equal(set("p", "a much longer value than before"), 0);
	assert_prop(tree_root(), "p", "a much longer value than before");
	assert_int_equal(
		set("p", "and a value that is longer still, once more"), 0);
	assert_prop(tree_root(), "p",
		    "and a value that is longer still, once more");
}

static void a_value_may_come_from_the_old_value(void **state)
{
	char *old;

	(void)state;
	assert_int_equal(set("p", "0123456789abcdef"), 0);
	old = (char *)(uintptr_t)tree_getprop(tree_root(), "p", NULL);
	assert_int_equal(
		tree_setprop(tree_root(), "p", old + 4, 8, TREE_CLIENT), 0);
	assert_prop(tree_root(), "p", "456789ab");
}

static void the_owner_is_who_made_the_property(void **state)
{
	bool found;

	(void)state;
	assert_int_equal(tree_set_u32(tree_root(), "p", 1), 0);
	assert_int_equal(set("p", "x"), 0);
	assert_int_equal(tree_next_prop(tree_root(), "name", &found)->owner,
			 TREE_QUOIN);
}

static void properties_are_walked_in_the_order_they_came(void **state)
{
	static const char *const want[] = { "name", "a", "b", "c", "d" };
	const char *prev = NULL;
	bool found;

	(void)state;
	for (int i = 1; i < 5; i++)
		assert_int_equal(set(want[i], "x"), 0);
	assert_int_equal(set("b", "changed, longer than the old value"), 0);
	for (int i = 0; i < 5; i++) {
		const struct prop *p =
			tree_next_prop(tree_root(), prev, &found);

		assert_true(found);
		assert_non_null(p);
		assert_string_equal(p->name, want[i]);
		prev = p->name;
	}
	assert_null(tree_next_prop(tree_root(), prev, &found));
	assert_true(found);
	assert_string_equal(tree_next_prop(tree_root(), "", &found)->name,
			    "name");
	assert_string_equal(tree_next_prop(tree_root(), "b", &found)->name,
			    "c");
	assert_null(tree_next_prop(tree_root(), "nope", &found));
	assert_false(found);
}

static void a_walk_survives_changes_on_its_way(void **state)
{
	bool found;

	(void)state;
	assert_int_equal(set("a", "1"), 0);
	assert_int_equal(set("b", "2"), 0);
	assert_string_equal(tree_next_prop(tree_root(), "name", &found)->name,
			    "a");
	tree_delprop(tree_root(), "a");
	assert_null(tree_next_prop(tree_root(), "a", &found));
	assert_false(found);
	assert_string_equal(tree_next_prop(tree_root(), "name", &found)->name,
			    "b");
	assert_int_equal(set("c", "3"), 0);
	assert_string_equal(tree_next_prop(tree_root(), "b", &found)->name,
			    "c");
}

static void a_deleted_property_is_gone_and_comes_back_last(void **state)
{
	bool found;

	(void)state;
	assert_int_equal(set("a", "1"), 0);
	assert_int_equal(set("b", "a value that has grown"), 0);
	assert_int_equal(set("b", "a value that has grown in another block"),
			 0);
	tree_delprop(tree_root(), "a");
	tree_delprop(tree_root(), "a");
	assert_null(tree_getprop(tree_root(), "a", NULL));
	assert_int_equal(set("a", "2"), 0);
	assert_string_equal(tree_next_prop(tree_root(), "b", &found)->name,
			    "a");
	tree_delprop(tree_root(), "b");
}

static void reserved_room_needs_no_memory_later(void **state)
{
	(void)state;
	assert_int_equal(tree_reserve_prop(tree_root(), "p", 100), ERR_NOENT);
	assert_int_equal(set("p", "x"), 0);
	assert_int_equal(tree_reserve_prop(tree_root(), "p", 64), 0);
	assert_int_equal(tree_reserve_prop(tree_root(), "p", 32), 0);
	assert_prop(tree_root(), "p", "x");
	fake_heap_fail_after(0);
	assert_int_equal(tree_setprop(tree_root(), "p",
				      "0123456789012345678901234567890123456789"
				      "012345678901234567890123",
				      64, TREE_QUOIN),
			 0);
	assert_int_equal(tree_reserve_prop(tree_root(), "p", 65), ERR_NOMEM);
}

static void without_memory_nothing_changes(void **state)
{
	(void)state;
	assert_int_equal(set("p", "old"), 0);
	fake_heap_fail_after(0);
	assert_int_equal(set("q", "new"), ERR_NOMEM);
	assert_int_equal(set("p", "new and longer than it was"), ERR_NOMEM);
	assert_non_null(strstr(reason(), "property p"));
	assert_int_equal(tree_set_cells(tree_root(), "c", (uint32_t[]){ 1 }, 1),
			 ERR_NOMEM);
	assert_prop(tree_root(), "p", "old");
	assert_null(tree_getprop(tree_root(), "q", NULL));
}

static void numbers_are_big_endian(void **state)
{
	static const uint32_t cells[] = { 1, 0xfffffffe };
	struct node *root = tree_root();

	(void)state;
	assert_int_equal(tree_set_u32(root, "a", 0x12345678), 0);
	assert_int_equal(tree_set_u64(root, "b", 0x123456789abcdef0), 0);
	assert_int_equal(tree_set_cells(root, "c", cells, 2), 0);
	assert_int_equal(tree_set_cells(root, "d", NULL, 0), 0);
	assert_prop(root, "a", "\x12\x34\x56\x78");
	assert_prop(root, "b", "\x12\x34\x56\x78\x9a\xbc\xde\xf0");
	assert_memory_equal(tree_getprop(root, "c", NULL),
			    "\0\0\0\1\xff\xff\xff\xfe", 8);
	assert_non_null(tree_getprop(root, "d", NULL));
}

static void cells_are_read_only_where_there_are_any(void **state)
{
	static const uint32_t cells[] = { 1, 2, 3 };
	uint32_t u32;
	uint64_t u64;

	(void)state;
	assert_int_equal(tree_set_cells(tree_root(), "c", cells, 3), 0);
	assert_int_equal(tree_get_u32(tree_root(), "c", 2, &u32), 0);
	assert_int_equal(u32, 3);
	assert_int_equal(tree_get_u32(tree_root(), "c", 3, &u32), ERR_NOENT);
	assert_int_equal(tree_get_u32(tree_root(), "c", UINT32_MAX, &u32),
			 ERR_NOENT);
	assert_int_equal(tree_get_u32(tree_root(), "x", 0, &u32), ERR_NOENT);
	assert_int_equal(tree_get_u64(tree_root(), "c", 1, &u64), 0);
	assert_true(u64 == 0x0000000200000003);
	assert_int_equal(tree_get_u64(tree_root(), "c", 2, &u64), ERR_NOENT);
	assert_int_equal(set("odd", "1234567"), 0);
	assert_int_equal(tree_get_u32(tree_root(), "odd", 1, &u32), ERR_NOENT);
}

static void a_string_is_one_only_with_its_nul(void **state)
{
	(void)state;
	assert_int_equal(tree_set_str(tree_root(), "s", "text"), 0);
	assert_string_equal(tree_get_str(tree_root(), "s"), "text");
	assert_int_equal(set("raw", "text"), 0);
	assert_null(tree_get_str(tree_root(), "raw"));
	assert_null(tree_get_str(tree_root(), "none"));
	assert_int_equal(set("empty", ""), 0);
	assert_null(tree_get_str(tree_root(), "empty"));
}

static void a_string_list_is_searched_for_whole_strings(void **state)
{
	struct node *root = tree_root();

	(void)state;
	assert_int_equal(tree_setprop(root, "l", "ab\0cd\0ef", 8, TREE_QEMU),
			 0);
	assert_true(tree_has_string(root, "l", "ab"));
	assert_true(tree_has_string(root, "l", "cd"));
	assert_false(tree_has_string(root, "l", "ef")); /* not terminated */
	assert_false(tree_has_string(root, "l", "a"));
	assert_false(tree_has_string(root, "l", "abc"));
	assert_false(tree_has_string(root, "l", ""));
	assert_false(tree_has_string(root, "none", "ab"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_property_is_set_and_read_back,
						setup, teardown),
		cmocka_unit_test_setup_teardown(an_empty_property_is_there,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			names_that_look_alike_are_told_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_name_longer_than_any_property_is_not_found, setup,
			teardown),
		cmocka_unit_test_setup_teardown(bad_names_are_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(values_shrink_and_grow, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_value_may_come_from_the_old_value, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_owner_is_who_made_the_property, setup, teardown),
		cmocka_unit_test_setup_teardown(
			properties_are_walked_in_the_order_they_came, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_walk_survives_changes_on_its_way, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_deleted_property_is_gone_and_comes_back_last, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			reserved_room_needs_no_memory_later, setup, teardown),
		cmocka_unit_test_setup_teardown(without_memory_nothing_changes,
						setup, teardown),
		cmocka_unit_test_setup_teardown(numbers_are_big_endian, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			cells_are_read_only_where_there_are_any, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_string_is_one_only_with_its_nul, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_string_list_is_searched_for_whole_strings, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
